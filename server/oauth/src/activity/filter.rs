//! Which events somebody wants to see, as the query of an address says it.

use super::{Event, EventKind, Outcome, clip};
use crate::form::Form;
use crate::id::{ClientId, Subject};
use crate::time::Timestamp;

/// Which events. An empty one finds all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventFilter {
    /// Not before this.
    pub since: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
    pub kind: Option<EventKind>,
    pub outcome: Option<Outcome>,
    /// The code of a refusal.
    pub error: Option<String>,
    pub user: Option<Subject>,
    pub client: Option<ClientId>,
    pub address: Option<String>,
    pub request_id: Option<String>,
}

/// The ranges of time that the console offers, as words and seconds.
pub const WITHIN: [(&str, i64); 4] = [("1h", 3_600), ("24h", 86_400), ("7d", 7 * 86_400), ("30d", 30 * 86_400)];

/// The parameters of a filter.
const NAMES: [&str; 10] =
    ["within", "since", "until", "kind", "outcome", "error", "user", "client", "address", "request_id"];

impl EventFilter {
    /// Reads the filter of a query: `within` (a range that ends now), `since` and `until` (see [`Timestamp::read`]), `kind`, `outcome`, `error`,
    /// `user`, `client`, `address`, `request_id`. `besides` are parameters that mean something else. The second part names what could not
    /// be read, or is no parameter at all, and is not filtered by.
    #[must_use]
    pub fn read(form: &Form, besides: &[&str], now: Timestamp) -> (Self, Vec<String>) {
        let mut unread = Vec::new();
        let text = |name: &'static str| Some(form.text(name).trim().to_owned()).filter(|text| !text.is_empty());
        let mut part = |name: &'static str, read: &dyn Fn(&str) -> Option<i64>| {
            let sent = text(name)?;
            let value = read(&sent);
            if value.is_none() {
                unread.push(name.to_owned());
            }
            value
        };
        let within = |word: &str| WITHIN.iter().find(|(name, _)| *name == word).map(|(_, seconds)| now.0 - seconds);
        let instant = |text: &str| Timestamp::read(text).map(|at| at.0);
        let since = part("since", &instant).or(part("within", &within)).map(Timestamp);
        let until = part("until", &instant).map(Timestamp);
        let kind = text("kind").map(|word| EventKind::find(&word));
        let outcome = text("outcome").map(|word| Outcome::find(&word));
        if kind == Some(None) {
            unread.push("kind".to_owned());
        }
        if outcome == Some(None) {
            unread.push("outcome".to_owned());
        }
        for (name, _) in form.pairs().filter(|(name, _)| !NAMES.contains(name) && !besides.contains(name)) {
            unread.push(clip(name));
        }
        let filter = Self {
            since,
            until,
            kind: kind.flatten(),
            outcome: outcome.flatten(),
            error: text("error"),
            user: text("user").map(Subject::new),
            client: text("client").map(ClientId::new),
            address: text("address"),
            request_id: text("request_id"),
        };
        (filter, unread)
    }

    /// The same for a script, which misses a wrong filter as a person does not: every parameter must be one, and say something.
    ///
    /// # Errors
    /// The parameter that is wrong, and why, in words.
    pub fn read_strictly(form: &Form, besides: &[&str], now: Timestamp) -> Result<Self, String> {
        let is_empty = |(name, value): &(&str, &str)| NAMES.contains(name) && value.trim().is_empty();
        if let Some((name, _)) = form.pairs().find(is_empty) {
            return Err(format!("{name}: it is empty"));
        }
        if form.is_set("since") && form.is_set("within") {
            return Err("within: since says the same in another way; send one of them".to_owned());
        }
        match Self::read(form, besides, now) {
            (filter, unread) if unread.is_empty() => Ok(filter),
            (_, unread) => Err(format!("{}: not a parameter, or not a value of it", unread.join(", "))),
        }
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
            ("error", self.error.clone()),
            ("user", self.user.as_ref().map(ToString::to_string)),
            ("client", self.client.as_ref().map(ToString::to_string)),
            ("address", self.address.clone()),
            ("request_id", self.request_id.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// True for an event that it finds, as the database would.
    #[must_use]
    pub fn finds(&self, event: &Event) -> bool {
        fn is<T: PartialEq>(wanted: Option<&T>, found: Option<&T>) -> bool {
            wanted.is_none() || wanted == found
        }
        self.since.is_none_or(|since| event.at >= since)
            && self.until.is_none_or(|until| event.at < until)
            && is(self.kind.as_ref(), Some(&event.kind))
            && is(self.outcome.as_ref(), Some(&event.outcome))
            && is(self.error.as_ref(), event.error.as_ref())
            && is(self.user.as_ref(), event.user.as_ref())
            && is(self.client.as_ref(), event.client.as_ref())
            && is(self.address.as_ref(), event.address.as_ref())
            && is(self.request_id.as_ref(), event.request_id.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> (EventFilter, Vec<String>) {
        EventFilter::read(&Form::parse(query.as_bytes()).unwrap(), &["after"], Timestamp(100_000))
    }

    #[test]
    fn a_filter_is_a_query_and_back() {
        let query =
            "kind=token&outcome=refused&error=e&user=7&client=app&address=%3A%3A1&request_id=r&since=5&until=9&after=x";
        let (filter, unread) = read(query);
        assert!(unread.is_empty());
        let pairs: Vec<String> = filter.pairs().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert!(pairs.iter().all(|pair| NAMES.contains(&pair.split('=').next().unwrap())));
        let again = pairs.join("&").replace("::1", "%3A%3A1");
        assert_eq!(read(&again).0, filter);
        assert_eq!(read("within=1h").0.since, Some(Timestamp(96_400)));
        let by_the_clock = read("since=1970-01-02T00:00&until=1970-01-02T01:00:00%2B01:00").0;
        assert_eq!((by_the_clock.since, by_the_clock.until), (Some(Timestamp(86_400)), Some(Timestamp(86_400))));
        assert_eq!(read(" ").0, EventFilter::default());
    }

    #[test]
    fn parameters_that_cannot_be_read_are_named_and_not_filtered_by() {
        let (filter, mut unread) = read("kind=party&outcome=maybe&since=soon&until=-1&within=1y&client=a&clint=b");
        unread.sort_unstable();
        assert_eq!(unread, ["clint", "kind", "outcome", "since", "until", "within"]);
        assert_eq!(filter, EventFilter { client: Some(ClientId::new("a")), ..EventFilter::default() });
    }

    #[test]
    fn a_script_is_told_of_a_filter_that_filters_nothing() {
        let strictly = |query: &str| {
            EventFilter::read_strictly(&Form::parse(query.as_bytes()).unwrap(), &["after"], Timestamp(100_000))
        };
        for (query, wrong) in [
            ("user=", "user: "),
            ("client=a&kind=%20", "kind: "),
            ("since=5&within=1h", "within: "),
            ("clint=b", "clint: "),
        ] {
            assert!(strictly(query).unwrap_err().starts_with(wrong), "{query}");
        }
        assert_eq!(strictly("client=a&after=").unwrap().client, Some(ClientId::new("a")));
        assert_eq!(strictly("").unwrap(), EventFilter::default());
    }

    #[test]
    fn each_part_of_a_filter_narrows() {
        let event = Event {
            id: "1".to_owned(),
            at: Timestamp(7),
            kind: EventKind::Token,
            outcome: Outcome::Refused,
            error: Some("e".to_owned()),
            request_id: Some("r".to_owned()),
            user: Some(Subject::new("7")),
            client: Some(ClientId::new("app")),
            scope: None,
            address: Some("::1".to_owned()),
            agent: None,
            count: 1,
            facts: serde_json::Map::new(),
        };
        let query = "kind=token&outcome=refused&error=e&user=7&client=app&address=%3A%3A1&request_id=r&since=7&until=8";
        assert!(read(query).0.finds(&event) && read("").0.finds(&event));
        for other in [
            "kind=change",
            "outcome=ok",
            "error=f",
            "user=8",
            "client=b",
            "address=x",
            "request_id=s",
            "since=8",
            "until=7",
        ] {
            assert!(!read(other).0.finds(&event), "{other}");
        }
    }
}
