//! Protected resources.

pub mod credentials;
pub mod danger;
mod form;
pub mod list;
pub mod server;
pub mod settings;

use leptos::prelude::*;
use oauth::resource::{Resource, ResourceStatus};

use super::path;
use crate::ui::{Crumb, Tone, code_line, page_head, tabs, tag};

fn status(resource: &Resource, is_default: bool) -> AnyView {
    let tone = match resource.status {
        ResourceStatus::Enabled => Tone::Good,
        ResourceStatus::Disabled => Tone::Plain,
        ResourceStatus::Pending => Tone::Warn,
    };
    let state = tag(tone, status_word(resource.status));
    view! { {state} {is_default.then(|| tag(Tone::Plain, "Default"))} }.into_any()
}

fn status_word(status: ResourceStatus) -> &'static str {
    match status {
        ResourceStatus::Enabled => "Active",
        ResourceStatus::Disabled => "Disabled",
        ResourceStatus::Pending => "Waits for you",
    }
}

/// The head of every page about one resource: which one it is, and its parts.
pub(super) fn resource_head(resource: &Resource, is_default: bool, current: &str) -> AnyView {
    let id = resource.id.as_str();
    let links = [
        ("Settings", path::resource(id)),
        ("For your server", path::resource_part(id, "server")),
        ("Credentials", path::resource_part(id, "credentials")),
        ("History", path::resource_part(id, "history")),
        ("Danger zone", path::resource_part(id, "danger")),
    ];
    let title = view! { <span class="name" title=resource.name.clone()>{resource.name.clone()}</span> };
    let lead = view! {
        <span class="lead-line">{code_line("identifier", resource.identifier.as_str())}{status(resource, is_default)}</span>
    };
    view! {
        {page_head(vec![Crumb::new("Resources", path::RESOURCES)], title, lead, ())}
        {tabs("Parts of this resource", &links, current)}
    }
    .into_any()
}
