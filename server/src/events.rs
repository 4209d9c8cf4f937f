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
    /// For example sign_in, authorization, token, change
    #[arg(long)]
    kind: Option<String>,
    /// ok or refused
    #[arg(long)]
    outcome: Option<String>,
    /// The code of a refusal, for example invalid_client
    #[arg(long)]
    error: Option<String>,
    /// The subject of a user
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

impl EventsCommand {
    /// The filter, or what cannot be read of it.
    pub(crate) fn filter(&self, now: Timestamp) -> Result<EventFilter, String> {
        let parts = [
            ("within", &self.within),
            ("kind", &self.kind),
            ("outcome", &self.outcome),
            ("error", &self.error),
            ("user", &self.user),
            ("client", &self.client),
            ("address", &self.address),
            ("request_id", &self.request_id),
        ];
        let pairs = parts.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value).clone()?)));
        match EventFilter::read(&Form::from_pairs(pairs.collect()), &[], now) {
            (filter, unread) if unread.is_empty() => Ok(filter),
            (_, unread) => Err(format!("--{} cannot be that", unread.join(", --").replace('_', "-"))),
        }
    }

    /// Prints the events, the oldest first.
    pub(crate) async fn run(&self, idp: &Idp, filter: EventFilter, print: impl Fn(&str)) -> Result<(), idp::Error> {
        // Before the list is read, so that nothing falls between them.
        let mut following = if self.follow { Some(idp.follow_events(&filter).await?) } else { None };
        let mut found = idp.events(&filter, None, self.limit).await?.rows;
        found.reverse();
        let shown: HashSet<String> = found.iter().map(|event| event.id.clone()).collect();
        found.into_iter().for_each(|event| print(&self.line(event)));
        while let Some(new) = &mut following {
            match new.next().await {
                Some(events) => {
                    let unshown = events.into_iter().filter(|event| !shown.contains(&event.id));
                    unshown.for_each(|event| print(&self.line(event)));
                }
                None => *new = idp.follow_events(&filter).await?,
            }
        }
        Ok(())
    }

    fn line(&self, event: Event) -> String {
        if self.json {
            return serde_json::to_string(&EventAnswer::from(event)).unwrap_or_default();
        }
        let at = OffsetDateTime::from_unix_timestamp(event.at.0).ok();
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        let at = at.and_then(|at| at.format(format).ok()).unwrap_or_else(|| "?".to_owned());
        let mut line = format!("{at}  {:14}  {:7}", event.kind.as_str(), event.outcome.as_str());
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
