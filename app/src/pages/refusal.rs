//! Why somebody was not let in.

use leptos::prelude::*;

use super::text;
use crate::text::Around;
use crate::ui::{Tone, note};

/// An outcome of the last try, for a login page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
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
        let text = match self {
            Self::Wrong => wrong.to_owned(),
            Self::TooMany { wait } => too_many.text(&text().wait(wait)),
        };
        note(Tone::Bad, text)
    }
}
