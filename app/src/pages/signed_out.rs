//! Nobody is signed in any more.

use leptos::prelude::*;
use oauth::metadata::path;

use super::{badge, panel, text};

/// The page after a logout that leads nowhere else.
#[derive(Debug, Clone)]
pub struct SignedOutPage {}

impl SignedOutPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        let text = &text().signed_out;
        panel(text.title, pkg, || {
            view! {
                {badge()}
                <header>
                    <h1>{text.heading}</h1>
                    <p class="muted">{text.lead}</p>
                </header>
                <a class="btn wide" href=path::LOGIN>{text.button}</a>
            }
        })
    }
}
