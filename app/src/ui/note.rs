//! Notes, tags, and the message of a field.

use leptos::prelude::*;
use oauth::field::FieldErrors;

use super::Icon;
use crate::text::Locale;

/// The tone of a note or tag. Only status has status colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Warn,
    Bad,
}

impl Tone {
    fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A sentence that stands out. A refusal or conflict (`Bad`, `Warn`) is announced at once, the rest when there is time.
pub(crate) fn note(tone: Tone, content: impl IntoView + 'static) -> AnyView {
    let (icon, role) = match tone {
        Tone::Bad | Tone::Warn => (Icon::Alert, "alert"),
        Tone::Good => (Icon::Check, "status"),
        Tone::Plain => (Icon::Info, "note"),
    };
    view! {
        <div class=format!("note {}", tone.as_str()) role=role>
            {icon.view()}
            <div>{content.into_any()}</div>
        </div>
    }
    .into_any()
}

/// A word or two about a state. A state (`Good`, `Warn`, `Bad`) has a dot, so that colour is not all that tells.
pub(crate) fn tag(tone: Tone, text: impl Into<String>) -> AnyView {
    let dot = if tone == Tone::Plain { "" } else { " dot" };
    view! { <span class=format!("tag {}{dot}", tone.as_str())>{text.into()}</span> }.into_any()
}

/// The problem of the field called `name`, in words.
pub(crate) fn message(errors: &FieldErrors, name: &str) -> Option<String> {
    errors.find(name).map(|problem| Locale::current().field_problem(problem))
}
