//! Copies something.

use leptos::prelude::*;
use std::time::Duration;

use crate::ui::Icon;

/// Copies `text`. Not shown where scripts do not run, or where the browser keeps the clipboard to itself.
#[island]
pub fn CopyButton(
    text: String,
    /// The name of the text, for those who hear the button: "client ID".
    what: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        // Without a secure context there is no clipboard to ask.
        if window().is_secure_context() {
            drop(window().navigator().clipboard().write_text(&text));
            copied.set(true);
            set_timeout(move || copied.set(false), Duration::from_millis(1_600));
        }
    };
    view! {
        <button type="button" class="btn quiet copy" class:copied=move || copied.get() on:click=copy>
            {move || if copied.get() { Icon::Check.view() } else { Icon::Copy.view() }}
            <span class="visually-hidden">{format!("Copy {what}")}</span>
            <span class="visually-hidden" role="status">{move || if copied.get() { "Copied" } else { "" }}</span>
        </button>
    }
}
