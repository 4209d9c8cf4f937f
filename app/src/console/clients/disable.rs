//! The question whether to disable a client.

use leptos::prelude::*;
use oauth::client::Client;
use oauth::count::Count;

use crate::console::frame::Entry;
use crate::console::question::Question;
use crate::console::{Console, path};
use crate::ui::{Crumb, tally};

/// The question. Sends `enabled`, which is `no`.
#[derive(Debug, Clone)]
pub struct ClientDisablingPage {
    pub client: Client,
    /// Grants that live.
    pub grants: Count,
}

impl ClientDisablingPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), "Disable a client", move || self.view())
    }

    fn view(self) -> AnyView {
        let id = self.client.client_id.as_str();
        let name = self.client.client_name.clone();
        let held = match self.grants.number() {
            0 => "It has no tokens now.".to_owned(),
            _ if self.grants == 1 => "1 live grant stops working.".to_owned(),
            _ => format!("{} live grants stop working.", tally(self.grants)),
        };
        let refused = if self.client.acts_only_for_itself() {
            "It gets no tokens,"
        } else {
            "Nobody can sign in to it, it gets no tokens,"
        };
        let text = view! {
            <p>
                {refused} " and those that it has are refused here. " <b>{held}</b>
                " An API that checks JWTs by itself accepts those that it was given until they end."
            </p>
            <p>"Nothing is deleted. Enable it again, in the same place, and what has not ended by then works as before."</p>
        };
        let back = path::client_part(id, "danger");
        Question {
            crumbs: vec![Crumb::new("Clients", path::CLIENTS), Crumb::new(name.clone(), path::client(id))],
            title: "Disable a client",
            about: view! { "The client " <b class="name">{name}</b> "." }.into_any(),
            text: text.into_any(),
            action: path::client_part(id, "enabled"),
            hidden: vec![("enabled".to_owned(), "no".to_owned())],
            button: "Disable client",
            back,
        }
        .view()
    }
}
