//! Nobody is signed in any more.

use leptos::prelude::*;
use oauth::metadata::path;

use super::{badge, panel, text};

/// The page after a logout that leads nowhere else, or has applications to tell before.
#[derive(Debug, Clone, Default)]
pub struct SignedOutPage {
    /// Addresses at which applications sign the person out (OpenID Connect Front-Channel Logout 1.0 §3).
    pub frames: Vec<String>,
    /// The address where the application wants the person to go. The answer leads there by itself, too.
    pub next: Option<String>,
}

impl SignedOutPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel(text().signed_out.title, pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let text = &text().signed_out;
        let (href, label) = match self.next {
            Some(next) => (next, text.go_on),
            None => (path::LOGIN.to_owned(), text.button),
        };
        let told = (!self.frames.is_empty()).then(|| view! { <p class="muted">{text.telling}</p> });
        let frames = self.frames.into_iter().map(|src| {
            view! {
                <iframe
                    class="visually-hidden"
                    src=src
                    title=text.frame
                    sandbox="allow-scripts allow-same-origin allow-forms"
                    tabindex="-1"
                    aria-hidden="true"
                ></iframe>
            }
        });
        view! {
            {badge()}
            <header>
                <h1>{text.heading}</h1>
                <p class="muted">{text.lead}</p>
                {told}
            </header>
            <a class="btn wide" href=href>{label}</a>
            {frames.collect_view()}
        }
    }
}
