//! The form that makes or changes a resource.

use leptos::prelude::*;
use oauth::resource::{Resource, ResourceDraft, ResourceStatus};

use super::form::sections;
use super::resource_head;
use crate::console::frame::Entry;
use crate::console::{Console, Editing, path};
use crate::ui::{Crumb, Tone, note, page_head};

/// The form of a new resource.
#[derive(Debug, Clone)]
pub struct NewResourcePage {
    pub editing: Editing<ResourceDraft>,
}

impl NewResourcePage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Resources), "New resource", move || {
            let fields = sections(&self.editing.draft, &self.editing.errors, true);
            let lead = "Everything can be changed later, but the identifier.";
            view! {
                {page_head(vec![Crumb::new("Resources", path::RESOURCES)], "New resource", lead, ())}
                {self.editing.form(path::RESOURCE_NEW.to_owned(), "Create resource", fields)}
            }
        })
    }
}

/// The form of a resource that there is.
#[derive(Debug, Clone)]
pub struct ResourceSettingsPage {
    pub resource: Resource,
    pub is_default: bool,
    pub editing: Editing<ResourceDraft>,
}

impl ResourceSettingsPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Resources), self.resource.name.clone(), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let fields = sections(&self.editing.draft, &self.editing.errors, false);
        let id = self.resource.id.as_str();
        let pending = (self.resource.status == ResourceStatus::Pending).then(|| {
            let accept = path::resource_part(id, "accept");
            note(
                Tone::Warn,
                view! {
                    "A client asked for this resource, and its own metadata names this server. There are no tokens for it until you accept it."
                    <form method="post" action=accept><button class="btn">"Accept"</button></form>
                },
            )
        });
        view! {
            {resource_head(&self.resource, self.is_default, "Settings")}
            {pending}
            {self.editing.form(path::resource(id), "Save", fields)}
        }
    }
}
