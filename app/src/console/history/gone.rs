//! A thing that is not here any more, and whose changes are.

use leptos::prelude::*;

use crate::console::frame::Entry;
use crate::console::path;
use crate::ui::{Crumb, Tone, note, page_head, with_query};

/// A kind of thing that can be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoneKind {
    Client,
    Scope,
    Resource,
    Trust,
    User,
}

/// A thing that was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    pub kind: GoneKind,
    pub id: String,
    /// The ID under which it lies in the recycle bin.
    pub in_bin: Option<String>,
}

impl Gone {
    pub(super) fn entry(&self) -> Entry {
        match self.kind {
            GoneKind::Client => Entry::Clients,
            GoneKind::Scope => Entry::Scopes,
            GoneKind::Resource => Entry::Resources,
            GoneKind::Trust => Entry::Trusts,
            GoneKind::User => Entry::Users,
        }
    }

    pub(super) fn address(&self) -> String {
        match self.kind {
            GoneKind::Client => path::client_part(&self.id, "history"),
            GoneKind::Scope => path::scope_history(&self.id),
            GoneKind::Resource => path::resource_part(&self.id, "history"),
            GoneKind::Trust => path::trust_part(&self.id, "history"),
            GoneKind::User => path::user_part(&self.id, "history"),
        }
    }

    pub(super) fn head(&self) -> AnyView {
        let all = match self.kind {
            GoneKind::Client => Crumb::new("Clients", path::CLIENTS),
            GoneKind::Scope => Crumb::new("Scopes", path::SCOPES),
            GoneKind::Resource => Crumb::new("Resources", path::RESOURCES),
            GoneKind::Trust => Crumb::new("Trusts", path::TRUSTS),
            GoneKind::User => Crumb::new("Users", path::USERS),
        };
        let restore = self.in_bin.as_deref().map(|id| {
            view! { " " <a href=with_query(path::BIN, &[("id", id)])>"Restore it from the recycle bin"</a> "." }
        });
        let title = view! { <span class="name long">{self.id.clone()}</span> };
        view! {
            {page_head(vec![all], title, "Its changes stay for as long as the server is told to keep them.", ())}
            {note(Tone::Plain, view! { "It was deleted." {restore} })}
        }
        .into_any()
    }
}
