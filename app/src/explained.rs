//! The explanation of a refusal, as it is shown: in the console, and on the page of the refusal itself to whoever may see it.

use leptos::prelude::*;
use oauth::client::Client;
use oauth::id::Subject;
use oauth::refusal::{Comparison, Explanation, Piece, Place, Reason, clause_url};

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
    /// `client` and `user` are whom the refusal was about, as far as they are here.
    #[must_use]
    pub fn new(explanation: Explanation, client: Option<&Client>, user: Option<&Subject>) -> Self {
        let remedy = (!explanation.is_mended).then(|| remedy(&explanation, client, user)).flatten();
        Self { explanation, remedy }
    }

    /// The block.
    pub(crate) fn view(&self) -> AnyView {
        let Explanation { reason, description, is_mended, .. } = &self.explanation;
        let mended = is_mended.then(|| {
            view! { <p class="strong">"This is mended by now: what was sent would be right today."</p> }
        });
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
                {mended}
                <p>{reason.advice()}</p>
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

fn remedy(explanation: &Explanation, client: Option<&Client>, user: Option<&Subject>) -> Option<Remedy> {
    let page = |href: &str, label: &str| Some(Remedy { href: href.to_owned(), label: label.to_owned() });
    let of_client = |part: &str, field: &str, label: &str| {
        let client = client?;
        let page = path::client_part(client.client_id.as_str(), part);
        let (href, verb) = match explanation.addition() {
            Some(value) => (with_query(&page, &[(field, value)]), "Add it to"),
            None => (page, "Open"),
        };
        let anchor = if field.is_empty() { String::new() } else { format!("#field-{field}") };
        let name = &client.client_name;
        Some(Remedy { href: format!("{href}{anchor}"), label: format!("{verb} the {label} of {name}") })
    };
    match explanation.reason.place() {
        Place::Settings(field) => of_client("settings", field, field_label(field)),
        Place::Policy(field) => of_client("policy", field, field_label(field)),
        Place::Credentials => of_client("credentials", "", "secrets"),
        Place::Danger => of_client("danger", "", "danger zone"),
        Place::Clients => page(path::CLIENTS, "Open the clients"),
        Place::Agents => page(path::AGENTS, "Open agents"),
        Place::Registration => page(path::REGISTRATION, "Open the policy of registration"),
        Place::Scopes => page(path::SCOPES, "Open the scopes"),
        Place::Resources => page(path::RESOURCES, "Open the resources"),
        Place::Trusts => page(path::TRUSTS, "Open the trusts"),
        Place::User => page(&format!("{}#field-enabled", path::user(user?.as_str())), "Open the account"),
        Place::Password => page(&path::user_part(user?.as_str(), "security"), "Open the account"),
        Place::Users => page(path::USERS, "Open the users"),
        Place::Application | Place::Server => None,
    }
}

/// A field of a client, as a link to it calls it.
fn field_label(field: &str) -> &'static str {
    match field {
        "redirect_uris" => "redirect URIs",
        "grant_types" => "grant types",
        "scope" => "scopes",
        "token_endpoint_auth_method" => "client authentication",
        "jwks" => "public keys",
        "post_logout_redirect_uris" => "post-logout redirect URIs",
        _ => "policy",
    }
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
