//! Why a request was refused, by its ID.

use leptos::prelude::*;

use super::activity::{EventRow, event_facts};
use super::frame::Entry;
use super::{Console, path};
use crate::explained::Explained;
use crate::ui::{Crumb, Tone, facts, note, page_head, section, with_query};
use oauth::activity::Outcome;
use oauth::time::Timestamp;

/// The page. Its form is a GET to another one.
#[derive(Debug, Clone)]
pub struct ExplainPage {
    pub request_id: String,
    pub found: Option<Found>,
    /// Days for which activity is kept; none: for ever.
    pub retention_days: Option<i64>,
    pub now: Timestamp,
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
            Some(Found { row, explained: Some(explained) }) => view! {
                {section("Explanation", "What the check found, and what to do.", explained.view())}
                {section("Request", view! { <a href=path::event(&row.event.id)>"The whole event"</a> }, facts(event_facts(row, self.now)))}
            }
            .into_any(),
            Some(Found { row, explained: None }) => view! {
                {match row.event.outcome {
                    Outcome::Ok => note(Tone::Good, "This request was answered well, as far as is kept of it."),
                    Outcome::Refused => note(Tone::Warn, "What refused this request is none of the checks that have an explanation."),
                }}
                {section("Request", view! { <a href=path::event(&row.event.id)>"The whole event"</a> }, facts(event_facts(row, self.now)))}
            }
            .into_any(),
            None => {
                let kept = self.retention_days.map(|days| format!(" Events are kept for {days} days."));
                let said = format!(
                    "There is no event of a request with this ID. Perhaps no such request came here, or nothing happened in it \
                     that activity tells of. Of many refusals that are alike within a minute, and of tokens that were given, only \
                     the number is kept; and ACTIVITY may say that less is.{} The log has a line for each request.",
                    kept.unwrap_or_default()
                );
                note(Tone::Warn, said)
            }
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
