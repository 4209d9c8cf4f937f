//! One scope: the form that makes or changes it.

use leptos::prelude::*;
use oauth::client::Client;
use oauth::count::Count;
use oauth::field::FieldErrors;
use oauth::scope::{MAX_SCOPE_DESCRIPTION, ScopeDefinition, ScopeDraft};

use crate::console::bin::fate;
use crate::console::frame::Entry;
use crate::console::{Console, Editing, path, tips};
use crate::islands::Check;
use crate::ui::{Crumb, Danger, Field, Tone, danger_zone, facts, message, note, page_head, section, tally, with_query};

/// The form of a scope. Sends `name`, `description` and `claims`.
#[derive(Debug, Clone)]
pub struct ScopePage {
    /// The scope as it is; `None` for a new one.
    pub saved: Option<ScopeDefinition>,
    pub editing: Editing<ScopeDraft>,
    pub usage: ScopeUse,
    /// Claims that are probably misspelled, each with the one that is probably meant.
    pub misspelled: Vec<(String, &'static str)>,
    /// The problems of the form that deletes it.
    pub danger: FieldErrors,
    /// Days that what is deleted stays in the bin; 0: it is erased at once.
    pub bin_days: i64,
}

/// Everything that a scope is part of.
#[derive(Debug, Clone, Default)]
pub struct ScopeUse {
    /// Clients that may ask for it.
    pub clients: Count,
    /// The first of them.
    pub first: Vec<Client>,
    /// Agreements of people that hold it.
    pub consents: Count,
    /// Grants that hold it and live.
    pub grants: Count,
}

impl ScopePage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        let title = self.saved.as_ref().map_or_else(|| "New scope".to_owned(), |scope| scope.name.to_string());
        console.page(Some(Entry::Scopes), title, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let saved = self.saved.as_ref().map(|scope| scope.name.to_string());
        let is_new = saved.is_none();
        let history =
            saved.as_deref().map(|name| view! { <a class="btn" href=path::scope_history(name)>"History"</a> });
        let title = match &saved {
            Some(name) => view! { <span class="mono">{name.clone()}</span> }.into_any(),
            None => "New scope".into_any(),
        };
        let deletable = saved.clone().filter(|name| name != "openid");
        let danger = deletable.map(|name| delete(name, &self.usage, self.bin_days, &self.danger));
        let used = saved.is_some().then(|| used_by(&self.usage));
        let misspelled = self.misspelled.iter().map(|(claim, meant)| misspelled(claim, meant)).collect_view();
        let action = saved.as_deref().map_or_else(|| path::SCOPE_NEW.to_owned(), path::scope);
        let sections = view! {
                {section("Scope", "How clients name it, and what people read when they are asked to allow it.", self.naming(saved))}
                {section("Claims", "What the client learns about the user under this scope.", self.claims())}
        };
        view! {
            {page_head(vec![Crumb::new("Scopes", path::SCOPES)], title, "A permission that a client asks for by name.", history)}
            {misspelled}
            {self.editing.form(action, if is_new { "Create scope" } else { "Save" }, sections)}
            {used}
            {danger}
        }
    }

    fn naming(&self, saved: Option<String>) -> AnyView {
        let name = match saved {
            Some(name) => view! { <input type="hidden" name="name" value=name/> }.into_any(),
            None => Field::new("name", "Scope name")
                .value(&self.editing.draft.name)
                .help("One word, for example invoices:read. It cannot be changed later.")
                .tip(tips::SCOPE_NAME)
                .error(message(&self.editing.errors, "name"))
                .code()
                .view(),
        };
        let description = Field::new("description", "Description")
            .value(&self.editing.draft.description)
            .help("Shown on the consent page, as something the application gets: Your email address.")
            .tip(tips::SCOPE_DESCRIPTION)
            .error(message(&self.editing.errors, "description"));
        view! { {name} {description.check(Check::display_name(MAX_SCOPE_DESCRIPTION)).view()} }.into_any()
    }

    fn claims(&self) -> AnyView {
        Field::new("claims", "Claims")
            .value(&self.editing.draft.claims)
            .help("One a line: standard claims such as email or birthdate, or claims of your own that users carry. None of the protocol, such as iss or exp.")
            .tip(tips::SCOPE_CLAIMS)
            .error(message(&self.editing.errors, "claims"))
            .rows(6)
            .code()
            .view()
    }
}

/// A warning about a claim that nobody has.
fn misspelled(claim: &str, meant: &'static str) -> AnyView {
    let text = view! {
        "No user has the claim " <code>{claim.to_owned()}</code> ". If you mean the standard claim " <code>{meant}</code>
        ", correct it: as it is, the scope opens nothing by it."
    };
    note(Tone::Warn, text)
}

/// The clients that may ask for the scope, and what people allowed.
fn used_by(usage: &ScopeUse) -> AnyView {
    let links = usage.first.iter().map(|client| {
        let name = client.client_name.clone();
        view! { <li><a class="name" href=path::client(client.client_id.as_str())>{name}</a></li> }
    });
    let unnamed = usage.clients.number().saturating_sub(usage.first.len() as u64);
    let rest = (unnamed > 0).then(|| {
        let unnamed = tally(Count::at_least(unnamed, usage.clients.is_more()));
        view! { <li class="muted">{format!("and {unnamed} more")}</li> }
    });
    let clients = if usage.first.is_empty() {
        "None may ask for it.".into_any()
    } else {
        view! { <ul>{links.collect_view()} {rest}</ul> }.into_any()
    };
    let rows = vec![
        ("Clients", clients),
        ("Consents", tally(usage.consents).into_any()),
        ("Live grants", tally(usage.grants).into_any()),
    ];
    let hint = "The clients that may ask for it, the agreements of people that hold it, and the sign-ins that do and have not ended.";
    section("Used by", hint, facts(rows))
}

/// The consequences of deleting it, in numbers.
fn consequences(usage: &ScopeUse) -> String {
    let number = |count: Count, one: &str, many: &str| {
        let word = if count == 1 { one } else { many };
        format!("{} {word}", tally(count))
    };
    let clients = match usage.clients.number() {
        0 => "No client asks for it.".to_owned(),
        _ => {
            let them = if usage.clients == 1 { "it" } else { "they" };
            let clients = number(usage.clients, "client asks", "clients ask");
            format!("{clients} for it: {them} will get tokens without it.")
        }
    };
    let held = (usage.consents.number() > 0 || usage.grants.number() > 0).then(|| {
        let consents = number(usage.consents, "consent", "consents");
        format!(" {consents} and {} hold it, and lose it.", number(usage.grants, "live grant", "live grants"))
    });
    clients + &held.unwrap_or_default()
}

fn delete(name: String, usage: &ScopeUse, bin_days: i64, errors: &FieldErrors) -> AnyView {
    let text = view! {
        "Clients can no longer ask for a deleted scope. Tokens that carry it keep the word, but it opens nothing. It " {fate(bin_days, false)} "; another scope made under its name is another one. "
        <b>{consequences(usage)}</b>
    };
    danger_zone(Danger {
        title: "Danger zone",
        text: text.into_any(),
        action: with_query(path::SCOPE_DELETE, &[("name", &name)]),
        hidden: Some(("name", name.clone())),
        confirm: name,
        tip: tips::CONFIRM,
        button: "Delete scope",
        error: message(errors, "confirm"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_consequences_of_deleting_are_counted() {
        let usage = |clients, consents, grants| ScopeUse {
            clients: Count::new(clients),
            consents: Count::new(consents),
            grants: Count::new(grants),
            first: Vec::new(),
        };
        for (usage, sentence) in [
            (usage(0, 0, 0), "No client asks for it."),
            (usage(1, 0, 0), "1 client asks for it: it will get tokens without it."),
            (
                usage(3, 1, 2),
                "3 clients ask for it: they will get tokens without it. 1 consent and 2 live grants hold it, and lose it.",
            ),
            (usage(20_000, 0, 0), "10,000+ clients ask for it: they will get tokens without it."),
        ] {
            assert_eq!(consequences(&usage), sentence);
        }
    }
}
