//! Why somebody was not let in.

use leptos::prelude::*;

use crate::ui::{Tone, note};

/// What a login page says about the last try.
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
    /// The note above the form: `wrong`, or that there were too many of `what`.
    pub(super) fn note(self, wrong: &'static str, what: &str) -> impl IntoView + use<> {
        let text = match self {
            Self::Wrong => wrong.to_owned(),
            Self::TooMany { wait } => format!("Too many {what}. Try again in {}.", in_words(wait)),
        };
        note(Tone::Bad, text)
    }
}

/// A time to wait, in words: `1 second`, `45 seconds`, `15 minutes`. Minutes are rounded up.
#[must_use]
pub fn in_words(seconds: i64) -> String {
    match seconds {
        ..=1 => "1 second".to_owned(),
        2..120 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds - 1) / 60 + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_wait_is_never_too_short() {
        for (seconds, words) in [
            (0, "1 second"),
            (1, "1 second"),
            (2, "2 seconds"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (121, "3 minutes"),
        ] {
            assert_eq!(in_words(seconds), words);
        }
    }
}
