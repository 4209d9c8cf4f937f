//! The explanation of a refusal.

use super::today::{Finding, is_about_presence};
use super::{Comparison, Known, Place, Reason, Since};
use crate::activity::{Event, clip, is_cut};
use crate::error::{OAuthError, Problem};

/// Values that are shown of those that would have been right.
const MOST_SHOWN: usize = 12;
const NOBODY: &str = "no client here has this ID";

/// A refusal as it is explained to whoever mends it. It holds nothing that the caller did not send, but for what is known here of the
/// client and of scopes: so it is for administrators, and for the developers of a client that is in development.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The check that refused, or the one that says more exactly today what is wrong.
    pub reason: Reason,
    /// The refusal, as it was answered or as the check says it.
    pub description: String,
    /// The parameter that was judged, and what was sent.
    pub sent: Option<(String, String)>,
    /// Values that would have been right.
    pub expected: Vec<String>,
    /// The nearest value that is right, or is here.
    pub nearest: Option<Comparison>,
    /// The place where it is mended.
    pub place: Place,
    /// The words to add to the list at that place.
    pub addition: Option<String>,
    pub since: Since,
}

impl Explanation {
    /// Explains a refusal of the protocol.
    #[must_use]
    pub fn of_error(error: &OAuthError, known: &Known) -> Self {
        let evidence = error.evidence.as_deref();
        let sent = evidence.map(|it| (it.parameter.to_owned(), it.sent.clone()));
        let expected = evidence.map(|it| it.expected.clone()).unwrap_or_default();
        Self::new(error.reason, error.description.to_string(), sent, expected, known)
    }

    /// Explains what a person was shown in place of an answer to the client.
    #[must_use]
    pub fn of_problem(problem: &Problem, known: &Known) -> Self {
        let reason = suspected(problem.reason(), matches!(problem, Problem::ForgottenClient { .. }));
        let sent = problem.sent().last().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self::new(reason, problem.detail(), sent, problem.expected().to_vec(), known)
    }

    /// Explains a refusal that was kept; `None` for what was no refusal, or was kept before refusals had reasons.
    #[must_use]
    pub fn of_event(event: &Event, known: &Known) -> Option<Self> {
        let reason = suspected(Reason::find(&event.fact("check")?)?, event.fact("program").is_some());
        let description = event.fact("description").unwrap_or_else(|| reason.description().to_owned());
        let sent = event.fact("parameter").map(|name| {
            let value = event.fact("sent").unwrap_or_default();
            (name, value)
        });
        // Where a client proves itself, nothing but its ID is kept.
        let named = || event.client.as_ref().map(|client| ("client_id".to_owned(), client.to_string()));
        let sent = if is_about_presence(reason) { sent.or_else(named) } else { sent };
        let expected = event.facts.get("expected").and_then(|values| values.as_array());
        let expected = expected.into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned));
        Some(Self::new(reason, description, sent, expected.collect(), known))
    }

    fn new(
        reason: Reason,
        description: String,
        sent: Option<(String, String)>,
        expected: Vec<String>,
        known: &Known,
    ) -> Self {
        let sent = sent.map(|(name, value)| (name, clip(&value)));
        let found = Finding::new(reason, sent.as_ref(), expected, known);
        let nearest = sent
            .as_ref()
            .filter(|(_, value)| !found.since.is_mended() && !is_cut(value))
            .and_then(|(name, value)| Comparison::nearest(name, value, &found.candidates));
        // Whoever names nearly a registered client means that one.
        let (reason_today, place) = match found.reason {
            Reason::ForgottenClient if nearest.is_some() => (Reason::UnknownClient, Reason::UnknownClient.place()),
            reason => (reason, found.place),
        };
        let description = match reason_today {
            // The answer does not say which of several things it was.
            Reason::UnknownClient if known.client.is_none() => NOBODY.to_owned(),
            // The application was told no more than that it may not ask for it.
            Reason::ScopeUnknown => reason_today.description().to_owned(),
            _ if reason_today == reason && !is_about_presence(reason) => description,
            _ => reason_today.description().to_owned(),
        };
        Self {
            reason: reason_today,
            description,
            sent,
            expected: found.expected.into_iter().take(MOST_SHOWN).collect(),
            nearest,
            place,
            addition: found.addition,
            since: found.since,
        }
    }

    /// The advice; `None` when there is nothing to mend any more.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        let is_over = self.since.is_mended() || (self.since == Since::Deleted && self.reason.place().is_of_client());
        (!is_over).then(|| self.reason.advice())
    }
}

/// The check that says more of a client that is not known, and seems to be a program that registers itself.
fn suspected(reason: Reason, is_program: bool) -> Reason {
    if reason == Reason::UnknownClient && is_program { Reason::ForgottenClient } else { reason }
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
