//! Nothing here.

use leptos::prelude::*;

use super::{Console, path};
use crate::ui::page_head;

/// The page for an address of the console where there is nothing.
#[derive(Debug, Clone)]
pub struct NotFoundPage {
    /// The ID under which the log has the request.
    pub request_id: String,
}

impl NotFoundPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(None, "Not found", || {
            let head = page_head(
                Vec::new(),
                "Not found",
                "There is nothing at this address. It may have been deleted meanwhile.",
                view! { <a class="btn" href=path::DASHBOARD>"To the dashboard"</a> },
            );
            view! {
                {head}
                <p class="tiny muted">"Request ID "<code>{self.request_id}</code></p>
            }
        })
    }
}
