//! The explanation of a refusal.

use super::{Comparison, Place, Reason};
use crate::activity::{Event, clip, is_cut, is_verbatim};
use crate::client::Client;
use crate::error::{OAuthError, Problem};
use crate::redirect_uri::RedirectUri;

/// Values that are shown of those that would have been right.
const MOST_SHOWN: usize = 12;

/// A refusal as it is explained to whoever mends it. It holds nothing that the caller did not send, but for what is registered of the
/// client: so it is for administrators, and for the developers of a client that is in development.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub reason: Reason,
    /// The refusal, as it was answered or as the check says it.
    pub description: String,
    /// The parameter that was judged, and what was sent.
    pub sent: Option<(String, String)>,
    /// Values that would have been right.
    pub expected: Vec<String>,
    /// The nearest of them.
    pub nearest: Option<Comparison>,
    /// True when what was sent would be right by now.
    pub is_mended: bool,
}

impl Explanation {
    /// Explains a refusal of the protocol. `client` is whom it was about, as it is registered now.
    #[must_use]
    pub fn of_error(error: &OAuthError, client: Option<&Client>) -> Self {
        let evidence = error.evidence.as_deref();
        let sent = evidence.map(|it| (it.parameter.to_owned(), it.sent.clone()));
        let expected = evidence.map(|it| it.expected.clone()).unwrap_or_default();
        Self::new(error.reason, error.description.to_string(), sent, expected, client)
    }

    /// Explains what a person was shown in place of an answer to the client.
    #[must_use]
    pub fn of_problem(problem: &Problem, client: Option<&Client>) -> Self {
        let reason = problem.reason();
        let sent = problem.sent().last().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self::new(reason, problem.detail(), sent, problem.expected().to_vec(), client)
    }

    /// Explains a refusal that was kept; `None` for what was no refusal, or was kept before refusals had reasons.
    #[must_use]
    pub fn of_event(event: &Event, client: Option<&Client>) -> Option<Self> {
        let reason = Reason::find(&event.fact("check")?)?;
        let description = event.fact("description").unwrap_or_else(|| reason.description().to_owned());
        let sent = event.fact("parameter").map(|name| {
            let value = event.fact("sent").unwrap_or_default();
            (name, value)
        });
        let expected = event.facts.get("expected").and_then(|values| values.as_array());
        let expected = expected.into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned));
        Some(Self::new(reason, description, sent, expected.collect(), client))
    }

    fn new(
        reason: Reason,
        description: String,
        sent: Option<(String, String)>,
        expected: Vec<String>,
        client: Option<&Client>,
    ) -> Self {
        let is_disabled = reason == Reason::UnknownClient && client.is_some_and(|client| !client.enabled);
        let (reason, description) = if is_disabled {
            (Reason::ClientDisabled, Reason::ClientDisabled.description().to_owned())
        } else {
            (reason, description)
        };
        let sent = sent.map(|(name, value)| (name, clip(&value)));
        let is_sure = sent.as_ref().is_some_and(|(_, value)| is_verbatim(value));
        // What is registered is read when it is explained: somebody may have mended it.
        let (expected, is_mended) = match (reason, client, &sent) {
            (Reason::RedirectUriUnregistered | Reason::RedirectUriMissing, Some(client), sent) => {
                let registered = client.redirect_uris.iter().map(|uri| RedirectUri::as_str(uri).to_owned());
                let is_mended = sent
                    .as_ref()
                    .is_some_and(|(name, value)| name == "redirect_uri" && client.find_redirect_uri(value).is_some());
                (registered.collect(), is_mended)
            }
            (Reason::LogoutUriUnregistered, Some(client), Some((_, value))) => {
                let rules = client.rules();
                let registered = rules.post_logout_redirect_uris.iter().map(|uri| RedirectUri::as_str(uri).to_owned());
                (registered.collect(), rules.allows_post_logout_redirect(value))
            }
            (Reason::ScopeNotAllowed, Some(client), Some((_, value))) => {
                let is_mended = value.split(' ').any(|word| client.scope.iter().any(|token| token.as_str() == word));
                (client.scope.iter().map(ToString::to_string).collect(), is_mended)
            }
            (Reason::GrantTypeUnregistered, Some(client), Some((_, value))) => {
                let is_mended = client.grant_types.iter().any(|grant| grant.as_str() == value);
                (client.grant_types.iter().map(ToString::to_string).collect(), is_mended)
            }
            _ => (expected, false),
        };
        let is_mended = is_mended && is_sure;
        let nearest = sent
            .as_ref()
            .filter(|(_, value)| !is_mended && !is_cut(value))
            .and_then(|(name, value)| Comparison::nearest(name, value, &expected));
        let expected = expected.into_iter().take(MOST_SHOWN).collect();
        Self { reason, description, sent, expected, nearest, is_mended }
    }

    /// The value to add where it is mended, if it is of a list.
    #[must_use]
    pub fn addition(&self) -> Option<&str> {
        let (_, value) = self.sent.as_ref().filter(|(_, value)| !value.is_empty() && !self.is_mended)?;
        if !is_verbatim(value) {
            return None;
        }
        let fits = match self.reason.place() {
            Place::Settings("redirect_uris") => RedirectUri::parse(value, true).is_ok(),
            Place::Settings("grant_types" | "scope") => true,
            _ => false,
        };
        fits.then_some(value.as_str())
    }
}

/// The address of a clause such as `RFC 6749 §4.1.2.1`.
#[must_use]
pub fn clause_url(clause: &str) -> Option<String> {
    let (document, section) = clause.split_once(" §").unwrap_or((clause, ""));
    if let Some(number) = document.strip_prefix("RFC ") {
        let number = number.split(' ').next().unwrap_or_default();
        let section = if section.is_empty() { String::new() } else { format!("#section-{section}") };
        return Some(format!("https://www.rfc-editor.org/rfc/rfc{number}{section}"));
    }
    let base = match document {
        "OpenID Connect Core" => "https://openid.net/specs/openid-connect-core-1_0.html",
        "OpenID Connect RP-Initiated Logout" => "https://openid.net/specs/openid-connect-rpinitiated-1_0.html",
        "OpenID Connect Back-Channel Logout" => "https://openid.net/specs/openid-connect-backchannel-1_0.html",
        "OAuth 2.0 Multiple Response Types" => "https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html",
        "OAuth Client ID Metadata Document" => {
            "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document"
        }
        "Identity Assertion Authorization Grant" => {
            "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant"
        }
        "NIST SP 800-63B" => "https://pages.nist.gov/800-63-3/sp800-63b.html",
        _ => return None,
    };
    Some(base.to_owned())
}
