//! Events: what happened at this server, to whom, through which client, and why it was refused. The server writes them, the console,
//! the API and the command line read them; nothing of them is a secret or a token.

use serde_json::{Map, Value};

use crate::form::Form;
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

/// Which events. An empty one finds all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventFilter {
    /// Not before this.
    pub since: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
    pub kind: Option<EventKind>,
    pub outcome: Option<Outcome>,
    pub user: Option<Subject>,
    pub client: Option<ClientId>,
    pub address: Option<String>,
    pub request_id: Option<String>,
}

/// The ranges of time that the console offers, as words and seconds.
pub const WITHIN: [(&str, i64); 4] = [("1h", 3_600), ("24h", 86_400), ("7d", 7 * 86_400), ("30d", 30 * 86_400)];

impl EventFilter {
    /// Reads the filter of a query: `within` (a range that ends now), `since` and `until` (seconds since 1970), `kind`, `outcome`, `user`,
    /// `client`, `address`, `request_id`. The second part names what could not be read, and is not filtered by.
    #[must_use]
    pub fn read(form: &Form, now: Timestamp) -> (Self, Vec<&'static str>) {
        let mut unread = Vec::new();
        let text = |name: &'static str| Some(form.text(name).trim().to_owned()).filter(|text| !text.is_empty());
        let mut part = |name: &'static str, read: &dyn Fn(&str) -> Option<i64>| {
            let sent = text(name)?;
            let value = read(&sent);
            if value.is_none() {
                unread.push(name);
            }
            value
        };
        let within = |word: &str| WITHIN.iter().find(|(name, _)| *name == word).map(|(_, seconds)| now.0 - seconds);
        let instant = |text: &str| text.parse().ok().filter(|at: &i64| *at >= 0);
        let since = part("since", &instant).or(part("within", &within)).map(Timestamp);
        let until = part("until", &instant).map(Timestamp);
        let kind = text("kind").map(|word| EventKind::find(&word));
        let outcome = text("outcome").map(|word| Outcome::find(&word));
        if kind == Some(None) {
            unread.push("kind");
        }
        if outcome == Some(None) {
            unread.push("outcome");
        }
        let filter = Self {
            since,
            until,
            kind: kind.flatten(),
            outcome: outcome.flatten(),
            user: text("user").map(Subject::new),
            client: text("client").map(ClientId::new),
            address: text("address"),
            request_id: text("request_id"),
        };
        (filter, unread)
    }

    /// The filter as a query, without what is not set.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let number = |at: Option<Timestamp>| at.map(|at| at.0.to_string());
        [
            ("since", number(self.since)),
            ("until", number(self.until)),
            ("kind", self.kind.map(|kind| kind.to_string())),
            ("outcome", self.outcome.map(|outcome| outcome.to_string())),
            ("user", self.user.as_ref().map(ToString::to_string)),
            ("client", self.client.as_ref().map(ToString::to_string)),
            ("address", self.address.clone()),
            ("request_id", self.request_id.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
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

    fn read(query: &str) -> (EventFilter, Vec<&'static str>) {
        EventFilter::read(&Form::parse(query.as_bytes()).unwrap(), Timestamp(100_000))
    }

    #[test]
    fn a_filter_is_a_query_and_back() {
        let query = "kind=token&outcome=refused&user=7&client=app&address=%3A%3A1&request_id=r&since=5&until=9";
        let (filter, unread) = read(query);
        assert!(unread.is_empty());
        let pairs: Vec<String> = filter.pairs().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let again = pairs.join("&").replace("::1", "%3A%3A1");
        assert_eq!(read(&again).0, filter);
        assert_eq!(read("within=1h").0.since, Some(Timestamp(96_400)));
        assert_eq!(read(" ").0, EventFilter::default());
    }

    #[test]
    fn what_cannot_be_read_is_named_and_not_filtered_by() {
        let (filter, mut unread) = read("kind=party&outcome=maybe&since=soon&until=-1&within=1y&client=a");
        unread.sort_unstable();
        assert_eq!(unread, ["kind", "outcome", "since", "until", "within"]);
        assert_eq!(filter, EventFilter { client: Some(ClientId::new("a")), ..EventFilter::default() });
    }

    #[test]
    fn a_text_of_a_stranger_is_short_and_plain() {
        assert_eq!(clip("a\u{0}b\nc"), "abc");
        assert_eq!(clip(&"ä".repeat(1_000)).chars().count(), MAX_FACT);
    }
}
