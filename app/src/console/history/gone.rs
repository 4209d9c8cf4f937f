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
    pub(in crate::console) fn entry(&self) -> Entry {
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

    /// The head of its history.
    pub(super) fn head(&self) -> AnyView {
        self.say("Its changes stay for as long as the server is told to keep them.", None)
    }

    /// The head of a page that was about it.
    pub(in crate::console) fn notice(&self) -> AnyView {
        let history = view! { <a class="btn" href=self.address()>"Its history"</a> };
        self.say("What stood at this address is not here any more.", Some(history.into_any()))
    }

    fn say(&self, lead: &'static str, action: Option<AnyView>) -> AnyView {
        let (all, word) = match self.kind {
            GoneKind::Client => (Crumb::new("Clients", path::CLIENTS), "client"),
            GoneKind::Scope => (Crumb::new("Scopes", path::SCOPES), "scope"),
            GoneKind::Resource => (Crumb::new("Resources", path::RESOURCES), "resource"),
            GoneKind::Trust => (Crumb::new("Trusts", path::TRUSTS), "trust"),
            GoneKind::User => (Crumb::new("Users", path::USERS), "user"),
        };
        let restore = self.in_bin.as_deref().map(|id| {
            view! { " " <a href=with_query(path::BIN, &[("id", id)])>"Restore it from the recycle bin"</a> "." }
        });
        let title = view! { <span class="name long">{self.id.clone()}</span> };
        view! {
            {page_head(vec![all], title, lead, action)}
            {note(Tone::Plain, view! { {format!("This {word} was deleted.")} {restore} })}
        }
        .into_any()
    }
}
