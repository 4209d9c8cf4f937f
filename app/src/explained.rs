//! The explanation of a refusal, as it is shown: in the console, and on the page of the refusal itself to whoever may see it.

use leptos::prelude::*;
use oauth::client::Client;
use oauth::id::{Issuer, Subject};

use oauth::refusal::{Comparison, Explanation, Known, Piece, Place, Reason, clause_url};

use crate::console::clients::policy_tab;
use crate::console::labels::label;
use crate::console::path;
use crate::ui::with_query;

/// A refusal, explained, and the way to the field that mends it.
#[derive(Debug, Clone)]
pub struct Explained {
    explanation: Explanation,
    remedy: Option<Remedy>,
}

/// A link to where a refusal is mended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Remedy {
    href: String,
    label: String,
}

impl Explained {
    /// `known` and `user` are what and whom the refusal was about, as far as they are here.
    #[must_use]
    pub fn new(explanation: Explanation, known: &Known, user: Option<&Subject>) -> Self {
        let remedy = (!explanation.since.is_mended()).then(|| remedy(&explanation, known, user)).flatten();
        Self { explanation, remedy }
    }

    /// The same as lines of plain text, for a server of this issuer. `facts` are names and values that are known of the request besides.
    #[must_use]
    pub fn lines(&self, issuer: &Issuer, facts: &[(&str, String)]) -> Vec<String> {
        let Explanation { reason, description, since, .. } = &self.explanation;
        let mut lines = vec![sentence(description), String::new()];
        lines.push(line("check", &format!("{reason} ({})", reason.clause())));
        lines.extend(facts.iter().map(|(name, value)| line(name, value)));
        lines.extend(self.plain_values());
        lines.push(String::new());
        lines.extend(since.sentence().map(str::to_owned));
        lines.extend(self.explanation.advice().map(str::to_owned));
        if let Some(Remedy { href, label }) = &self.remedy {
            lines.extend([format!("{label}:"), issuer.url(href)]);
        }
        lines
    }

    /// The values as lines. Signs below the value that was sent and below the nearest one stand where the two differ.
    fn plain_values(&self) -> Vec<String> {
        let Explanation { reason, sent, expected, nearest, .. } = &self.explanation;
        let mut lines = Vec::new();
        if let Some((name, value)) = sent {
            let (kind, prefix) = match fact_name(name) {
                Some(fact) => ("found", format!("{fact}: ")),
                None if value.is_empty() => ("sent", format!("no {name}")),
                None => ("sent", format!("{name}=")),
            };
            lines.push(line(kind, &format!("{prefix}{value}")));
            lines.extend(nearest.as_ref().map(|nearest| below(prefix.chars().count(), &nearest.sent)));
        }
        let near = nearest.as_ref().map(|nearest| text(&nearest.expected));
        if let (Some(nearest), Some(value), Some((name, _))) = (nearest, &near, sent) {
            lines.push(line("nearest", value));
            lines.push(below(0, &nearest.expected));
            lines.push(line("", &format!("{}.", nearest_name(*reason, name))));
            lines.extend(nearest.difference.map(|words| line("", words)));
        }
        let others = expected.iter().filter(|value| Some(*value) != near.as_ref());
        lines.extend(others.map(|value| line("right", value)));
        lines
    }

    /// The block.
    pub(crate) fn view(&self) -> AnyView {
        let Explanation { reason, description, since, .. } = &self.explanation;
        let since = since.sentence().map(|sentence| view! { <p class="strong">{sentence}</p> });
        let advice = self.explanation.advice().map(|advice| view! { <p>{advice}</p> });
        let clause = reason.clause();
        let clause = match clause_url(clause) {
            Some(url) => view! { <a href=url rel="noreferrer">{clause}</a> }.into_any(),
            None => clause.into_any(),
        };
        let remedy = self.remedy.clone().map(|Remedy { href, label }| {
            view! { <div class="actions"><a class="btn primary" href=href>{label}</a></div> }
        });
        view! {
            <section class="explained" aria-label="Explanation">
                <p class="strong">{sentence(description)}</p>
                <dl class="facts">
                    {self.values()}
                    <div><dt>"Check"</dt><dd><code>{reason.as_str()}</code>" ("{clause}")"</dd></div>
                </dl>
                {since}
                {advice}
                {remedy}
            </section>
        }
        .into_any()
    }

    /// The value that was sent, and those that would have been right.
    fn values(&self) -> AnyView {
        let Explanation { reason, sent, expected, nearest, .. } = &self.explanation;
        let term = nearest_name(*reason, sent.as_ref().map(|(name, _)| name.as_str()).unwrap_or_default());
        let sent = sent.as_ref().map(|(name, value)| {
            let value = match (nearest, value.as_str()) {
                (Some(nearest), _) => marked(&nearest.sent),
                (None, "") => view! { <span class="muted">"nothing"</span> }.into_any(),
                (None, value) => view! { <code class="long">{value.to_owned()}</code> }.into_any(),
            };
            let term = match fact_name(name) {
                Some(fact) => fact.into_any(),
                None => view! { "Sent as "<code>{name.clone()}</code> }.into_any(),
            };
            view! { <div><dt>{term}</dt><dd>{value}</dd></div> }
        });
        let near = nearest.as_ref().map(|Comparison { expected, difference, .. }| {
            let difference = difference.map(|words| view! { <p class="tiny">{words}</p> });
            view! { <div><dt>{term}</dt><dd>{marked(expected)}{difference}</dd></div> }
        });
        let others: Vec<_> =
            expected.iter().map(|value| view! { <li><code class="long">{value.clone()}</code></li> }).collect();
        // One that is shown as the nearest is not shown twice.
        let right = (others.len() > usize::from(nearest.is_some()))
            .then(|| view! { <div><dt>"Would be right"</dt><dd><ul>{others}</ul></dd></div> });
        view! { {sent}{near}{right} }.into_any()
    }
}

/// The words for the nearest of the values that would have been right.
fn nearest_name(reason: Reason, parameter: &str) -> &'static str {
    match (reason, parameter) {
        (Reason::GrantTypeUnregistered, _) => "Nearest registered grant type",
        (Reason::ScopeUnknown, _) => "Nearest scope of this server",
        (_, "client_id") => "Nearest client ID",
        (_, "redirect_uri") => "Nearest registered redirect URI",
        (_, "post_logout_redirect_uri") => "Nearest registered post-logout redirect URI",
        (_, "request_uri") => "Nearest registered request URI",
        (_, "scope") => "Nearest allowed scope",
        (_, "resource" | "audience") => "Nearest registered resource",
        _ => "Nearest value that is right",
    }
}

/// The words for what was found, and is no parameter that somebody sent.
fn fact_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "expired" => "Expired",
        "parameter" => "Parameter",
        "security_profile" => "Profile of the client",
        "tls_client_auth_subject" => "Named by the certificate",
        "token_endpoint_auth_method" => "Proved itself by",
        _ => return None,
    })
}

/// A value with what differs marked.
fn marked(pieces: &[Piece; 3]) -> AnyView {
    let pieces = pieces.iter().map(|piece| match (piece.differs, piece.text.is_empty()) {
        (false, _) => piece.text.clone().into_any(),
        (true, true) => view! { <mark class="nothing" title="something is missing here">"\u{200b}"</mark> }.into_any(),
        (true, false) => view! { <mark>{piece.text.clone()}</mark> }.into_any(),
    });
    view! { <code class="long">{pieces.collect_view()}</code> }.into_any()
}

/// A description as a sentence.
fn sentence(description: &str) -> String {
    let mut letters = description.chars();
    let is_name = description.split([' ', ':', ';', '=']).next().is_some_and(|word| word.contains('_'));
    let first = letters.next().map(|first| if is_name { first.to_string() } else { first.to_uppercase().to_string() });
    format!("{}{}.", first.unwrap_or_default(), letters.as_str().trim_end_matches('.'))
}

fn remedy(explanation: &Explanation, known: &Known, user: Option<&Subject>) -> Option<Remedy> {
    let page = |href: &str, label: &str| Some(Remedy { href: href.to_owned(), label: label.to_owned() });
    let client = known.client.as_ref();
    let part = |part: &str, name: &str| {
        let Client { client_id, client_name, .. } = client?;
        page(&path::client_part(client_id.as_str(), part), &format!("Open the {name} of {client_name}"))
    };
    match explanation.place {
        Place::Settings(field) => Some(field_of("settings", field, client?, explanation.addition.as_deref())),
        Place::Policy(field) => Some(field_of("policy", field, client?, None)),
        Place::Credentials => part("credentials", "secrets"),
        Place::Danger => part("danger", "danger zone"),
        Place::Clients => match &explanation.nearest {
            Some(nearest) => {
                let client_id = text(&nearest.expected);
                page(&path::client(&client_id), &format!("Open the client {client_id}"))
            }
            None => page(path::CLIENTS, "Open the clients"),
        },
        Place::Deleted => {
            let deleted = known.deleted.as_ref()?;
            match &deleted.in_bin {
                Some(id) => page(&with_query(path::BIN, &[("id", id)]), "Open it in the recycle bin"),
                None => page(&path::client_part(deleted.client_id.as_str(), "history"), "Open its history"),
            }
        }
        Place::Agents => page(path::AGENTS, "Open agents"),
        Place::Registration => page(path::REGISTRATION, "Open the policy of registration"),
        Place::Scopes => page(path::SCOPES, "Open the scopes"),
        Place::NewScope => page(path::SCOPE_NEW, "New scope"),
        Place::Resources => page(path::RESOURCES, "Open the resources"),
        Place::Trusts => page(path::TRUSTS, "Open the trusts"),
        Place::User => page(&format!("{}#field-enabled", path::user(user?.as_str())), "Open the account"),
        Place::Password => page(&path::user_part(user?.as_str(), "security"), "Open the account"),
        Place::Users => page(path::USERS, "Open the users"),
        Place::Application | Place::Server => None,
    }
}

/// The link to a field of a client, with the words to add there, if there are some. It says the label of the field and the tab of its page.
fn field_of(part: &str, field: &'static str, client: &Client, addition: Option<&str>) -> Remedy {
    let page = path::client_part(client.client_id.as_str(), part);
    let (href, verb) = match addition {
        Some(words) => (with_query(&page, &[(field, words)]), "Add it to"),
        None => (page, "Open"),
    };
    let tab = if part == "policy" { policy_tab(client) } else { "Settings" };
    let (field_label, name) = (label(field), &client.client_name);
    Remedy { href: format!("{href}#field-{field}"), label: format!("{verb} {field_label} under {tab} of {name}") }
}

/// A name and a value, one below the other in a terminal.
fn line(name: &str, value: &str) -> String {
    format!("{name:10} {value}")
}

/// Signs below what differs of a value that stands in a line behind so many letters.
fn below(letters: usize, pieces: &[Piece; 3]) -> String {
    let [same, differs, _] = pieces;
    let width = letters + same.text.chars().count();
    // Where something is missing, one sign shows the place.
    let signs = "^".repeat(differs.text.chars().count().max(1));
    line("", &format!("{:width$}{signs}", ""))
}

/// A value that is in pieces.
fn text(pieces: &[Piece; 3]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_a_sentence_unless_it_begins_with_a_name() {
        assert_eq!(sentence("the code has expired"), "The code has expired.");
        assert_eq!(sentence("code_verifier is missing"), "code_verifier is missing.");
        assert_eq!(sentence(""), ".");
    }
}
