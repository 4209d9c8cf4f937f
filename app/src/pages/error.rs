//! The error page: a sentence for the person, and the facts for whoever helps them.

use leptos::prelude::*;
use oauth::error::Problem;

use super::{panel, text};
use crate::explained::Explained;
use crate::ui::Icon;

/// The error page.
#[derive(Debug, Clone)]
pub struct ErrorPage {
    pub reason: Reason,
    /// The ID under which the log has the request.
    pub request_id: Option<String>,
    /// For administrators, and for developers of a client that is in development.
    pub explained: Option<Explained>,
}

/// A reason why a request has no page of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It cannot be answered by redirection.
    Problem(Problem),
    /// No page has this address.
    NothingHere,
    /// The caller asked too often.
    TooMany {
        /// Seconds until the next request is let in.
        wait: i64,
    },
    /// Too many people are signing in.
    Busy,
    /// The database cannot be reached.
    Unavailable,
    /// The server failed.
    Failed,
}

impl Reason {
    /// The parameters that were sent, as far as they tell what is wrong.
    fn sent(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Problem(problem) => problem.sent(),
            _ => Vec::new(),
        }
    }
}

impl ErrorPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        let (title, sentence) = (text().error.reason)(&self.reason);
        panel(title, pkg, move || self.view(title, sentence))
    }

    fn view(self, title: &'static str, sentence: String) -> impl IntoView {
        let text = &text().error;
        let mut details = self.reason.sent();
        details.extend(self.request_id.as_deref().map(|id| (text.request_id, id)));
        let details = (!details.is_empty()).then(|| {
            let rows = details
                .into_iter()
                .map(|(name, value)| view! { <div><dt>{name}</dt><dd><code>{value.to_owned()}</code></dd></div> })
                .collect_view();
            view! {
                <dl class="facts boxed">{rows}</dl>
                <p class="tiny">{text.pass_on}</p>
            }
        });
        view! {
            <div class="badge bad">{Icon::Alert.view()}</div>
            <header>
                <h1>{title}</h1>
                <p class="muted">{sentence}</p>
            </header>
            {details}
            {self.explained.map(|explained| explained.view())}
        }
    }
}
