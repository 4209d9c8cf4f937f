//! Why a request was refused, by its ID.

use leptos::prelude::*;

use super::activity::{EventRow, event_facts};
use super::frame::Entry;
use super::{Console, path};
use crate::explained::Explained;
use crate::ui::{Crumb, Tone, exact, facts, note, page_head, section, with_query};
use oauth::activity::Outcome;
use oauth::time::Timestamp;

/// The page. Its form is a GET to another one.
#[derive(Debug, Clone)]
pub struct ExplainPage {
    pub request_id: String,
    pub found: Result<Found, NothingKept>,
    pub now: Timestamp,
}

/// Nothing is kept of a request.
#[derive(Debug, Clone, Copy)]
pub struct NothingKept {
    /// The time that the ID begins with; none: it was not made here.
    pub made_at: Option<Timestamp>,
    /// Days for which activity is kept; none: for ever.
    pub retention_days: Option<i64>,
    pub now: Timestamp,
}

impl std::fmt::Display for NothingKept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const SEE_LOG: &str = "The log has a line for each request.";
        const LESS: &str = "Perhaps no such request came here, or nothing happened in it that activity tells of. Of many \
                            refusals that are alike within a minute, and of tokens that were given, only the number is kept; \
                            and ACTIVITY may say that less is.";
        let made = self.made_at.map(exact);
        let is_over = |at: Timestamp, days: i64| self.now.since(at) > days.saturating_mul(86_400);
        match (self.made_at.zip(self.retention_days), made) {
            (Some((at, days)), Some(made)) if is_over(at, days) => write!(
                f,
                "The ID is of {made}, and events are kept for {days} days (ACTIVITY_RETENTION_DAYS): what was kept of the request is \
                 deleted by now. {SEE_LOG}"
            ),
            (_, Some(made)) => {
                write!(
                    f,
                    "The ID is of {made}, of which events are still kept, and there is none of this request. {LESS} {SEE_LOG}"
                )
            }
            (_, None) => {
                write!(
                    f,
                    "There is no event of a request with this ID, and it does not look like an ID that this server makes. {LESS}"
                )?;
                if let Some(days) = self.retention_days {
                    write!(f, " Events are kept for {days} days (ACTIVITY_RETENTION_DAYS).")?;
                }
                write!(f, " {SEE_LOG}")
            }
        }
    }
}

/// The event that is kept of the request.
#[derive(Debug, Clone)]
pub struct Found {
    pub row: EventRow,
    /// None: it was not refused, or by nothing that has an explanation.
    pub explained: Option<Explained>,
}

impl ExplainPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Activity), "Why was it refused?", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let all = with_query(path::ACTIVITY, &[("request_id", &self.request_id)]);
        let body = match &self.found {
            Ok(Found { row, explained: Some(explained) }) => view! {
                {section("Explanation", "What the check found, and what to do.", explained.view())}
                {section("Request", view! { <a href=path::event(&row.event.id)>"The whole event"</a> }, facts(event_facts(row, self.now)))}
            }
            .into_any(),
            Ok(Found { row, explained: None }) => view! {
                {match row.event.outcome {
                    Outcome::Ok => note(Tone::Good, "This request was answered well, as far as is kept of it."),
                    Outcome::Refused => note(Tone::Warn, "What refused this request is none of the checks that have an explanation."),
                }}
                {section("Request", view! { <a href=path::event(&row.event.id)>"The whole event"</a> }, facts(event_facts(row, self.now)))}
            }
            .into_any(),
            Err(nothing) => note(Tone::Warn, nothing.to_string()),
        };
        view! {
            {page_head(
                vec![Crumb::new("Activity", path::ACTIVITY)],
                "Why was it refused?",
                view! { "Request " <code class="long">{self.request_id.clone()}</code> },
                view! { <a class="btn" href=all>"All its events"</a> },
            )}
            {body}
        }
    }
}
