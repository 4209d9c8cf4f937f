//! Nothing here.

use leptos::prelude::*;

use super::history::Gone;
use super::{Console, path};
use crate::ui::page_head;

/// The page for an address of the console where there is nothing.
#[derive(Debug, Clone)]
pub struct NotFoundPage {
    /// The ID under which the log has the request.
    pub request_id: String,
    /// The thing that was here and is deleted.
    pub gone: Option<Gone>,
}

impl NotFoundPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        let (entry, title) = match &self.gone {
            Some(gone) => (Some(gone.entry()), "Deleted"),
            None => (None, "Not found"),
        };
        console.page(entry, title, move || {
            let head = match &self.gone {
                Some(gone) => gone.notice(),
                None => page_head(
                    Vec::new(),
                    "Not found",
                    "There is nothing at this address. It may have been deleted meanwhile.",
                    view! { <a class="btn" href=path::DASHBOARD>"To the dashboard"</a> },
                ),
            };
            view! {
                {head}
                <p class="tiny muted">"Request ID "<code>{self.request_id}</code></p>
            }
        })
    }
}
