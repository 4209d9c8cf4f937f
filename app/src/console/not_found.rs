//! Nothing here.

use leptos::prelude::*;

use super::{Console, path};
use crate::ui::page_head;

/// The page for an address of the console where there is nothing.
#[derive(Debug, Clone)]
pub struct NotFoundPage {}

impl NotFoundPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(None, "Not found", || {
            page_head(
                Vec::new(),
                "Not found",
                "There is nothing at this address. It may have been deleted meanwhile.",
                view! { <a class="btn" href=path::DASHBOARD>"To the dashboard"</a> },
            )
        })
    }
}
