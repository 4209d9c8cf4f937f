//! Nobody is signed in any more.

use leptos::prelude::*;
use oauth::metadata::path;

use super::{badge, panel};

/// The page after a logout that leads nowhere else.
#[derive(Debug, Clone)]
pub struct SignedOutPage {}

impl SignedOutPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel("Signed out", pkg, || {
            view! {
                {badge()}
                <header>
                    <h1>"You are signed out"</h1>
                    <p class="muted">"Applications you used may keep their own session until you sign out there too."</p>
                </header>
                <a class="btn wide" href=path::LOGIN>"Sign in again"</a>
            }
        })
    }
}
