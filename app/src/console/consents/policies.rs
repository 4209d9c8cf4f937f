//! The consent policies of all clients in one table, edited in place.

use leptos::prelude::*;
use oauth::client::{Client, ClientPolicy, ConsentPolicy};
use oauth::count::Count;
use oauth::listing::{PolicyColumn, Sorting};

use crate::console::frame::Entry;
use crate::console::{Again, Console, TheirChange, path, tips};
use crate::islands::SaveBar;
use crate::pages::client::kind_icon;
use crate::ui::{
    Tone, empty, filter, left_out, message, note, page_head, pager, sorted_head, tally, with_heads, with_query,
};

/// A client, what its people are asked, and what they allowed.
#[derive(Debug, Clone)]
pub struct PolicyRow {
    pub client: Client,
    pub version: i64,
    /// Consents that are remembered.
    pub consents: Count,
}

/// One page of the clients. Search, order and page are the parameters `q`, `sort` and `page`. The form sends of each row `client_id`,
/// `version`, `was` and `consent_policy`: the policy that the row showed, and the one that was chosen. Empty is the default.
#[derive(Debug, Clone)]
pub struct ConsentPoliciesPage {
    pub rows: Vec<PolicyRow>,
    pub q: String,
    pub sorting: Sorting<PolicyColumn>,
    /// From 1.
    pub page: u64,
    pub per_page: u64,
    /// Clients on all pages.
    pub total: Count,
    /// Parameters that could not be read.
    pub unread: Vec<String>,
    /// The rows that were sent and not saved.
    pub unsaved: Vec<UnsavedPolicy>,
    /// True: others were.
    pub are_others_saved: bool,
}

/// A row that was not saved.
#[derive(Debug, Clone)]
pub struct UnsavedPolicy {
    pub client_id: String,
    /// The choice that was sent.
    pub consent_policy: String,
    pub again: Again,
    /// After a conflict: the change that came in between, if the record knows it.
    pub their_change: Option<TheirChange>,
    pub errors: oauth::field::FieldErrors,
}

impl ConsentPoliciesPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Consents), "Consent", move || self.view())
    }

    fn view(self) -> AnyView {
        let sort = self.sorting.to_text();
        let keep = [("q", self.q.as_str()), ("sort", sort.as_str())];
        let check = view! { <a class="btn" href=path::CONSENT_CHECK>"What would a user be asked?"</a> };
        let list = if self.rows.is_empty() && !self.q.is_empty() {
            let all = view! { <a class="btn" href=path::CONSENTS>"Show all clients"</a> };
            empty("No client fits", "No word of a name, ID or redirect URI begins with what you typed.", all)
        } else if self.rows.is_empty() {
            empty("No clients yet", "There is nobody to ask about.", ())
        } else {
            view! { {self.form()} {pager(path::CONSENTS, &keep, self.page, self.per_page, self.total)} }.into_any()
        };
        let lead = "When people are asked whether a client may have what it asks for. “Login & consent” of each client has the same policy.";
        let tip = tips::CONSENT_POLICY.view("field-consent_policy", "Consent policy");
        view! {
            {page_head(Vec::new(), "Consent", lead, check)}
            {left_out(&self.unread)}
            {self.note()}
            <section class="card">
                <div class="bar">
                    {filter(path::CONSENTS.to_owned(), "q", "Name, client ID or redirect URI", &self.q, &[("sort", &sort)])}
                    <span class="label">"Consent policy" {tip}</span>
                </div>
                {list}
            </section>
            <p class="muted small">
                "Which scopes there are stands under " <a href=path::SCOPES>"Scopes"</a> "; which of them a client may ask for, in its settings; who allowed \
                 what, under “Consents” of the client or user."
            </p>
        }
        .into_any()
    }

    /// Why rows were not saved.
    fn note(&self) -> Option<AnyView> {
        let is = |again| self.unsaved.iter().any(|row| row.again == again);
        let (tone, words) = if is(Again::Refused) {
            (Tone::Bad, "Not everything was saved yet: see the rows marked below.")
        } else if is(Again::Conflict) {
            let words = "Clients were changed since you opened the page: see the rows marked below. Your choice still stands there: save \
                         again to replace theirs.";
            (Tone::Warn, words)
        } else {
            let words = "The console had closed, so nothing was saved yet. What you chose still stands in its rows: save again.";
            (Tone::Warn, words)
        };
        let others = self.are_others_saved.then_some(" The others were saved.");
        let elsewhere = self.elsewhere();
        (!self.unsaved.is_empty()).then(|| note(tone, view! { {words}{others}{elsewhere} }))
    }

    /// The clients that were not saved and have left this part of the table meanwhile.
    fn elsewhere(&self) -> Option<AnyView> {
        let is_shown = |id: &str| self.rows.iter().any(|row| row.client.client_id.as_str() == id);
        let left = self.unsaved.iter().map(|row| row.client_id.as_str()).filter(|id| !is_shown(id));
        let links: Vec<_> = left
            .map(|id| view! { " " <a href=path::client_part(id, "policy")><code>{id.to_owned()}</code></a> })
            .collect();
        (!links.is_empty()).then(|| view! { " Not on this page any more:" {links} "." }.into_any())
    }

    /// The table, and the button that saves all of it.
    fn form(&self) -> AnyView {
        let page = if self.page > 1 { self.page.to_string() } else { String::new() };
        let sort = self.sorting.to_text();
        let action = with_query(path::CONSENTS, &[("q", &self.q), ("sort", &sort), ("page", &page)]);
        view! {
            // The rows may be others after a reload.
            <form method="post" action=action autocomplete="off">
                {self.table()}
                <SaveBar label="Save".to_owned() refused={!self.unsaved.is_empty()}/>
            </form>
        }
        .into_any()
    }

    fn head(&self, column: PolicyColumn) -> AnyView {
        sorted_head(column, Some(self.sorting), (column == PolicyColumn::Consents).then_some("wide"))
    }

    fn table(&self) -> AnyView {
        let heads = vec![
            self.head(PolicyColumn::Name),
            view! { <th scope="col" class="wide">"May ask for"</th> }.into_any(),
            self.head(PolicyColumn::Consents),
            self.head(PolicyColumn::Policy),
        ];
        with_heads("Consent policies", heads, self.rows.iter().map(|row| self.line(row)).collect(), None)
    }

    fn line(&self, row: &PolicyRow) -> AnyView {
        let (client, id) = (&row.client, row.client.client_id.as_str());
        let scope = client.rules().allowed_scope.to_string();
        view! {
            <tr>
                <td>
                    <div class="who">
                        <span class="kind">{kind_icon(client.kind).view()}</span>
                        <div class="who-text">
                            <a class="name" href=path::client_part(id, "policy")>{client.client_name.clone()}</a>
                            <div class="tiny ellipsis">{id.to_owned()}</div>
                        </div>
                    </div>
                </td>
                <td class="wide said"><code>{scope}</code></td>
                <td class="num wide"><a href=path::client_part(id, "consents")>{tally(row.consents)}</a></td>
                <td>{self.choice(row)}</td>
            </tr>
        }
        .into_any()
    }

    fn choice(&self, row: &PolicyRow) -> AnyView {
        let id = row.client.client_id.as_str();
        let unsaved = self.unsaved.iter().find(|unsaved| unsaved.client_id == id);
        let own = row.client.policy.consent_policy.map(ConsentPolicy::as_str).unwrap_or_default();
        let chosen = unsaved.map_or(own, |unsaved| unsaved.consent_policy.as_str()).to_owned();
        let error = unsaved.and_then(UnsavedPolicy::problem);
        let undecided = Client { policy: ClientPolicy::default(), ..row.client.clone() };
        let inherited = undecided.rules().consent;
        let default = (String::new(), format!("Default: {}", word(inherited).to_lowercase()));
        let each = ConsentPolicy::ALL.iter().map(|policy| (policy.to_string(), word(*policy).to_owned()));
        let options = std::iter::once(default).chain(each).map(|(value, label)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{label}</option> }
        });
        let in_effect = row.client.rules().consent;
        // Nobody looked at a client that came by itself, so its people are asked all the same.
        let other = (row.client.policy.consent_policy.is_some_and(|own| own != in_effect))
            .then(|| view! { <div class="tiny">{format!("in effect: {}", word(in_effect).to_lowercase())}</div> });
        view! {
            <input type="hidden" name="client_id" value=id.to_owned()/>
            <input type="hidden" name="version" value=row.version/>
            <input type="hidden" name="was" value=own/>
            <select
                class="input"
                name="consent_policy"
                aria-label=format!("Consent policy of {}", row.client.client_name)
                aria-invalid=error.is_some().then_some("true")
            >
                {options.collect_view()}
            </select>
            {error.map(|error| view! { <div class="tiny error">{error}</div> })}
            {other}
        }
        .into_any()
    }
}

impl UnsavedPolicy {
    fn problem(&self) -> Option<AnyView> {
        match self.again {
            Again::Conflict => Some(TheirChange::told(self.their_change.as_ref(), "so it was not saved.")),
            _ => message(&self.errors, "consent_policy").map(IntoAny::into_any),
        }
    }
}

/// The word for a policy in the table.
fn word(policy: ConsentPolicy) -> &'static str {
    match policy {
        ConsentPolicy::Always => "Always",
        ConsentPolicy::Once => "Once",
        ConsentPolicy::Skip => "Skip",
    }
}
