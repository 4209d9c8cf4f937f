//! Why somebody was not let in.

use leptos::prelude::*;

use super::text;
use crate::text::Around;
use crate::ui::{Tone, note};

/// An outcome of the last try, for a login page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub because: Because,
    /// The ID of the request, for whoever is asked for help.
    pub request_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// It was wrong.
    Wrong,
    /// It was not looked at, for there were too many wrong ones before it.
    TooMany {
        /// Seconds until the next one is looked at.
        wait: i64,
    },
}

impl Refusal {
    /// The note above the form: `wrong`, or `too_many` around the time to wait.
    pub(super) fn note(self, wrong: &'static str, too_many: Around) -> impl IntoView + use<> {
        let said = match self.because {
            Because::Wrong => wrong.to_owned(),
            Because::TooMany { wait } => too_many.text(&text().wait(wait)),
        };
        let id = self.request_id.map(|id| {
            view! { <div class="tiny">{text().error.request_id} ": " <code class="long">{id}</code></div> }
        });
        note(Tone::Bad, view! { {said} {id} })
    }
}
