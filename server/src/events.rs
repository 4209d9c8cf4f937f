//! `signet events`: what happened, on the command line.

use std::collections::HashSet;

use clap::Args;
use idp::Idp;
use oauth::activity::{Event, EventFilter};
use oauth::form::Form;
use oauth::time::Timestamp;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::admin_api::EventAnswer;

/// Which events, and how they are printed.
#[derive(Debug, Clone, Args)]
pub(crate) struct EventsCommand {
    /// Go on with those that happen from now on
    #[arg(long)]
    follow: bool,
    /// A line of JSON for each
    #[arg(long)]
    json: bool,
    /// The number of events at most, the newest
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1000))]
    limit: u64,
    /// 1h, 24h, 7d or 30d
    #[arg(long)]
    within: Option<String>,
    /// Not before this: 2026-11-28T12:00 (UTC), or seconds since 1970
    #[arg(long)]
    since: Option<String>,
    /// Before this
    #[arg(long)]
    until: Option<String>,
    /// For example sign_in, authorization, token, change
    #[arg(long)]
    kind: Option<String>,
    /// ok or refused
    #[arg(long)]
    outcome: Option<String>,
    /// The code of a refusal, for example invalid_client
    #[arg(long)]
    error: Option<String>,
    /// The subject, user name or email address of a user
    #[arg(long)]
    user: Option<String>,
    /// The ID of a client
    #[arg(long)]
    client: Option<String>,
    /// An IP address
    #[arg(long)]
    address: Option<String>,
    #[arg(long)]
    request_id: Option<String>,
}

/// An instant as the command line prints it (RFC 3339).
pub(crate) fn utc(at: Timestamp) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let at = OffsetDateTime::from_unix_timestamp(at.0).ok().and_then(|at| at.format(format).ok());
    at.unwrap_or_else(|| "?".to_owned())
}

impl EventsCommand {
    /// The filter, or what cannot be read of it.
    pub(crate) fn filter(&self, now: Timestamp) -> Result<EventFilter, String> {
        let parts = [
            ("within", &self.within),
            ("since", &self.since),
            ("until", &self.until),
            ("kind", &self.kind),
            ("outcome", &self.outcome),
            ("error", &self.error),
            ("user", &self.user),
            ("client", &self.client),
            ("address", &self.address),
            ("request_id", &self.request_id),
        ];
        let pairs = parts.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value).clone()?)));
        let filter = EventFilter::read_strictly(&Form::from_pairs(pairs.collect()), &[], now);
        // As the options are spelt here.
        filter.map_err(|problem| format!("--{}", problem.replace('_', "-")))
    }

    /// Prints the events, the oldest first.
    pub(crate) async fn run(&self, idp: &Idp, filter: EventFilter, print: impl Fn(&str)) -> Result<(), idp::Error> {
        let filter = idp.by_subject(&filter).await?;
        // Before the list is read, so that nothing falls between them.
        let mut following = if self.follow { Some(idp.follow_events(&filter).await?) } else { None };
        let mut found = idp.events(&filter, None, self.limit).await?.rows;
        found.reverse();
        let shown: HashSet<String> = found.iter().map(|event| event.id.clone()).collect();
        found.into_iter().for_each(|event| print(&self.line(event)));
        while let Some(new) = &mut following {
            let news = new.next().await;
            let unshown = news.events.into_iter().filter(|event| !shown.contains(&event.id));
            unshown.for_each(|event| print(&self.line(event)));
            if news.are_missed {
                tracing::warn!("events came faster than they are read here: some are missing");
            }
        }
        Ok(())
    }

    fn line(&self, event: Event) -> String {
        if self.json {
            return serde_json::to_string(&EventAnswer::from(event)).unwrap_or_default();
        }
        let mut line = format!("{}  {:14}  {:7}", utc(event.at), event.kind.as_str(), event.outcome.as_str());
        let words = [
            ("error", event.error.clone()),
            ("client", event.client.as_ref().map(ToString::to_string)),
            ("user", event.user.as_ref().map(ToString::to_string)),
            ("address", event.address.clone()),
            ("request", event.request_id.clone()),
            ("count", Some(event.count).filter(|count| *count > 1).map(|count| count.to_string())),
        ];
        for (name, word) in words {
            if let Some(word) = word {
                // Strangers choose some of them.
                let is_plain = word.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
                let word = if is_plain { word } else { format!("{word:?}") };
                line.push_str(&format!("  {name}={word}"));
            }
        }
        for (name, text) in event.facts() {
            line.push_str(&format!("  {name}={text:?}"));
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use oauth::activity::{EventKind, Outcome};
    use oauth::id::ClientId;

    use super::*;

    #[test]
    fn a_line_of_words_holds_no_line_that_a_stranger_wrote() {
        let command = |json| EventsCommand {
            json,
            follow: false,
            limit: 100,
            within: None,
            since: None,
            until: None,
            kind: None,
            outcome: None,
            error: None,
            user: None,
            client: None,
            address: None,
            request_id: None,
        };
        let event = Event {
            id: "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11".to_owned(),
            at: Timestamp(1_800_000_000),
            kind: EventKind::Authorization,
            outcome: Outcome::Refused,
            error: Some("invalid_client".to_owned()),
            request_id: Some("r-1".to_owned()),
            user: None,
            client: Some(ClientId::new("a\" error=none\n2027-01-15T08:00:00Z  \u{1b}[2K")),
            scope: None,
            address: Some("192.0.2.7".to_owned()),
            agent: None,
            count: 3,
            facts: serde_json::from_str(r#"{"sent":"x\ny\u202e"}"#).unwrap(),
        };
        assert_eq!(
            command(false).line(event.clone()),
            "2027-01-15T08:00:00Z  authorization   refused  error=invalid_client  \
             client=\"a\\\" error=none\\n2027-01-15T08:00:00Z  \\u{1b}[2K\"  address=192.0.2.7  request=r-1  count=3  \
             sent=\"x\\ny\\u{202e}\""
        );
        let empty = EventsCommand { request_id: Some(String::new()), ..command(true) };
        assert_eq!(empty.filter(Timestamp(0)).unwrap_err(), "--request-id: it is empty");
        let stretch = EventsCommand {
            since: Some("2027-01-15T08:00".to_owned()),
            until: Some("1800000060".to_owned()),
            ..command(true)
        };
        let filter = stretch.filter(Timestamp(0)).unwrap();
        assert_eq!((filter.since, filter.until), (Some(Timestamp(1_800_000_000)), Some(Timestamp(1_800_000_060))));
        let json = command(true).line(event);
        assert!(json.lines().count() == 1 && json.starts_with('{') && json.ends_with('}'), "{json}");
    }
}
