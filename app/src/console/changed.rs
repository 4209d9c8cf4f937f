//! Changes in the activity: the thing that was changed, what was done to it, and by whom.

use leptos::prelude::*;
use oauth::activity::EventKind;

use super::activity::EventRow;
use super::history::{author, deed};
use super::path;

/// A change, as its event tells of it.
pub(super) struct Changed {
    kind: String,
    /// None: it has none that says anything.
    name: Option<String>,
    deed: String,
    actor: String,
    /// Its place in the history of the thing.
    href: Option<String>,
}

impl Changed {
    /// None: the event tells of something else.
    pub(super) fn of(row: &EventRow) -> Option<Self> {
        let event = &row.event;
        if event.kind != EventKind::Change {
            return None;
        }
        let (action, target, actor) = (event.fact("action")?, event.fact("target")?, event.fact("actor")?);
        let kind = action.split_once('.')?.0.to_owned();
        let name = match kind.as_str() {
            "user" => row.username.clone().or(Some(target.clone())),
            "client" | "resource" | "trust" | "scope" | "key" => row.target.clone().or(Some(target.clone())),
            _ => None,
        };
        let href = event.fact("change").and_then(|change| in_history(&kind, &target, &change));
        Some(Self { deed: deed(&action), kind, name, actor, href })
    }

    /// True for a change of the client or of the user that the event names besides.
    pub(super) fn is_of_client_or_user(&self) -> bool {
        matches!(self.kind.as_str(), "client" | "user")
    }

    pub(super) fn href(&self) -> Option<&str> {
        self.href.as_deref()
    }

    /// "Client · The shop", which leads to the change.
    pub(super) fn thing(&self) -> AnyView {
        let kind = kind_name(&self.kind);
        let text = self.name.as_ref().map_or_else(|| kind.to_owned(), |name| format!("{kind} · {name}"));
        match self.href.clone() {
            Some(href) => view! { <a href=href>{text}</a> }.into_any(),
            None => view! { <span>{text}</span> }.into_any(),
        }
    }

    /// "Secret added by an administrator".
    pub(super) fn sentence(&self) -> String {
        let author = author(&self.actor);
        let (first, rest) = author.split_at_checked(1).unwrap_or((author, ""));
        format!("{} by {}{rest}", self.deed, first.to_lowercase())
    }
}

/// The words for a kind of thing.
fn kind_name(kind: &str) -> &'static str {
    match kind {
        "client" => "Client",
        "user" => "User",
        "scope" => "Scope",
        "resource" => "Resource",
        "trust" => "Trust",
        "key" => "Key",
        "grant" => "Grant",
        "registration" => "Registration",
        "client_hosts" => "Hosts",
        "settings" => "Settings",
        "audit" => "Record of changes",
        _ => "Server",
    }
}

/// The address of a change in the history of what it changed.
fn in_history(kind: &str, target: &str, change: &str) -> Option<String> {
    let part = format!("history/{change}");
    match kind {
        "client" => Some(path::client_part(target, &part)),
        "user" => Some(path::user_part(target, &part)),
        "resource" => Some(path::resource_part(target, &part)),
        "trust" => Some(path::trust_part(target, &part)),
        "scope" => Some(path::scope_change(target, change)),
        "key" => Some(format!("{}/{change}", path::KEY_HISTORY)),
        "registration" => Some(format!("{}/{change}", path::REGISTRATION_HISTORY)),
        "client_hosts" => Some(format!("{}/{change}", path::HOST_HISTORY)),
        "settings" => Some(format!("{}/{change}", path::SETTINGS_HISTORY)),
        _ => None,
    }
}
