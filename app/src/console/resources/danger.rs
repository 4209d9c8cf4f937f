//! Deleting a resource.

use leptos::prelude::*;
use oauth::field::FieldErrors;
use oauth::resource::Resource;

use super::resource_head;
use crate::console::frame::Entry;
use crate::console::{Console, path, tips};
use crate::ui::{Danger, danger_zone, message};

/// Deleting a resource. Sends what was typed as `confirm`.
#[derive(Debug, Clone)]
pub struct ResourceDangerPage {
    pub resource: Resource,
    pub is_default: bool,
    pub errors: FieldErrors,
}

impl ResourceDangerPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Resources), format!("{} danger zone", self.resource.name), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let delete = danger_zone(Danger {
            title: "Delete",
            text: "The resource and its secrets are gone at once and for good. Nothing that was granted for it gives tokens any more; \
                   JWTs that it has verify until they expire."
                .into_any(),
            action: path::resource_part(self.resource.id.as_str(), "delete"),
            hidden: None,
            confirm: self.resource.identifier.to_string(),
            tip: tips::CONFIRM,
            button: "Delete resource",
            error: message(&self.errors, "confirm"),
        });
        view! { {resource_head(&self.resource, self.is_default, "Danger zone")} {delete} }
    }
}
