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
        /// A request that came to no endpoint: it could not be read, or came from a page of another site.
        Request = "request",
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

/// The mark of a text that was cut.
const CUT: char = '…';

/// The beginning of a text, fit to be kept and shown: what cannot be seen stands as an escape, and what was cut ends with `…`.
#[must_use]
pub fn clip(text: &str) -> String {
    let mut letters = text.chars();
    let (mut kept, mut length) = (String::new(), 0);
    // Room for the mark, until it is clear that none is needed.
    let (mut whole, mut is_cut) = (0, false);
    for letter in letters.by_ref() {
        let piece = if is_unseen(letter) { letter.escape_default().to_string() } else { letter.to_string() };
        let more = piece.chars().count();
        if length + more > MAX_FACT {
            is_cut = true;
            break;
        }
        length += more;
        kept.push_str(&piece);
        if length < MAX_FACT {
            whole = kept.len();
        }
    }
    if is_cut {
        kept.truncate(whole);
        kept.push(CUT);
    }
    kept
}

/// True for what no eye tells from nothing, or from its neighbours.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// True for a text of an event that is certainly what was sent: nothing of it was cut, or stands as an escape.
#[must_use]
pub fn is_verbatim(text: &str) -> bool {
    !is_cut(text) && !text.contains('\\')
}

/// True for a text of an event of which the end may be missing.
#[must_use]
pub fn is_cut(text: &str) -> bool {
    text.ends_with(CUT) || text.chars().count() >= MAX_FACT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_a_stranger_is_short_and_plain() {
        assert_eq!(clip("a\u{0}b\nc\u{202e}"), "a\\u{0}b\\nc\\u{202e}");
        let whole = "ä".repeat(MAX_FACT);
        assert_eq!(clip(&whole), whole);
        let cut = clip(&"ä".repeat(1_000));
        assert_eq!((cut.chars().count(), cut.ends_with('…')), (MAX_FACT, true));
        // No escape is cut in two, and what was clipped stays as it is.
        let cut = clip(&"\n".repeat(1_000));
        assert!(cut.ends_with("\\n…") && cut.chars().count() <= MAX_FACT, "{cut}");
        assert_eq!(clip(&cut), cut);
    }

    #[test]
    fn what_was_cut_or_escaped_is_not_what_was_sent() {
        for text in ["https://a.example/cb\n", &"a".repeat(301), "\u{feff}a"] {
            assert!(!is_verbatim(&clip(text)), "{text:?}");
        }
        assert!(is_verbatim(&clip("https://a.example/cb?x=ä")));
    }
}
