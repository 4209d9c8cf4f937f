//! Events: what happened at this server, to whom, through which client, and why it was refused. The server writes them, the console,
//! the API and the command line read them; nothing of them is a secret or a token.

mod filter;
mod span;

pub use filter::{EventFilter, WITHIN};
pub use span::Span;

use serde_json::{Map, Value};

use crate::id::{ClientId, Subject};
use crate::time::Timestamp;
use crate::words::words;

/// The longest text of an event, in characters: addresses and names come from strangers.
pub const MAX_FACT: usize = 300;

/// Facts of one event.
pub const MAX_FACTS: usize = 12;

words! {
    /// A kind of event.
    EventKind {
        #[default]
        SignIn = "sign_in",
        SignOut = "sign_out",
        /// A person was asked, and allowed or declined.
        Consent = "consent",
        /// A request at the authorization endpoint, issued or refused.
        Authorization = "authorization",
        /// A request at the token endpoint.
        Token = "token",
        /// A refresh token came back that somebody else went on from.
        RefreshReplay = "refresh_replay",
        Revocation = "revocation",
        Introspection = "introspection",
        /// A token at the userinfo endpoint that opens nothing there.
        Userinfo = "userinfo",
        Registration = "registration",
        /// A limit or a delay hit.
        Limit = "limit",
        /// The console was opened or closed, or somebody came with a wrong admin token.
        Admin = "admin",
        /// An administrator, or the command line, changed something.
        Change = "change",
        /// Of the activity itself: events that could not be kept.
        Lost = "lost",
    }
}

words! {
    /// An outcome.
    Outcome {
        #[default]
        Ok = "ok",
        Refused = "refused",
    }
}

words! {
    /// The amount that is kept.
    Volume {
        /// Everything; what machines get well is counted by the minute.
        #[default]
        All = "all",
        /// Refusals and changes.
        Problems = "problems",
        /// Changes.
        Changes = "changes",
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Later ones have greater IDs.
    pub id: String,
    pub at: Timestamp,
    pub kind: EventKind,
    pub outcome: Outcome,
    /// The code of the refusal, as the specification names it.
    pub error: Option<String>,
    /// The request that it happened in.
    pub request_id: Option<String>,
    pub user: Option<Subject>,
    pub client: Option<ClientId>,
    pub scope: Option<String>,
    /// An IP address.
    pub address: Option<String>,
    /// The beginning of `User-Agent`.
    pub agent: Option<String>,
    /// Like events that this one stands for, within its minute. 1: it stands for itself.
    pub count: i64,
    pub facts: Map<String, Value>,
}

impl Event {
    /// The facts as texts, by name.
    pub fn facts(&self) -> impl Iterator<Item = (&str, String)> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.facts.iter().map(move |(name, value)| (name.as_str(), text(value)))
    }

    /// One of them.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<String> {
        self.facts().find(|(other, _)| *other == name).map(|(_, text)| text)
    }
}

/// The beginning of a text, fit to be kept: without control characters.
#[must_use]
pub fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_FACT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_a_stranger_is_short_and_plain() {
        assert_eq!(clip("a\u{0}b\nc"), "abc");
        assert_eq!(clip(&"ä".repeat(1_000)).chars().count(), MAX_FACT);
    }
}
