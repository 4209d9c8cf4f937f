//! Disabling and deleting a client.

use leptos::prelude::*;
use oauth::client::Client;
use oauth::field::FieldErrors;

use super::client_head;
use crate::console::bin::fate;
use crate::console::frame::Entry;
use crate::console::{Console, path, tips};
use crate::ui::{Danger, Tone, danger_zone, message, note, section};

/// Disabling and deleting a client. Deleting sends what was typed as `confirm`.
#[derive(Debug, Clone)]
pub struct ClientDangerPage {
    pub client: Client,
    pub errors: FieldErrors,
    /// Days that what is deleted stays in the bin; 0: it is erased at once.
    pub bin_days: i64,
}

impl ClientDangerPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), format!("{} danger zone", self.client.client_name), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let id = self.client.client_id.as_str();
        let delete = danger_zone(Danger {
            title: "Delete",
            text: what_follows(&self.client, self.bin_days),
            action: path::client_part(id, "delete"),
            hidden: None,
            confirm: id.to_owned(),
            tip: tips::CONFIRM,
            button: "Delete client",
            error: message(&self.errors, "confirm"),
        });
        let others = self.errors.iter().filter(|(field, _)| *field != "confirm");
        let problems = others.map(|(field, problem)| note(Tone::Bad, format!("{field}: {problem}"))).collect_view();
        view! { {client_head(&self.client, "Danger zone")} {problems} {enabled(&self.client)} {delete} }
    }
}

fn what_follows(client: &Client, bin_days: i64) -> AnyView {
    if client.origin.is_dynamic() {
        return "The client, its secrets, and all consents and tokens it was given are gone at once and for good. It came by itself, and may come again."
            .into_any();
    }
    let allowed = (!client.acts_only_for_itself()).then_some(" and what people allowed it,");
    view! {
        "It is refused everywhere, and its tokens are gone at once. With its secrets" {allowed} " it " {fate(bin_days, false)} "."
    }
    .into_any()
}

/// The way to the question whether to disable it; enabling takes nothing away, so it is a button.
fn enabled(client: &Client) -> AnyView {
    let address = path::client_part(client.client_id.as_str(), "enabled");
    if client.enabled {
        let hint = "A disabled client is refused everywhere, as if it were unknown. It can be enabled again.";
        let link = view! { <div class="actions"><a class="btn" href=address>"Disable client"</a></div> };
        return section("Disable", hint, link);
    }
    let form = view! {
        <form method="post" action=address>
            <div class="actions"><button class="btn" name="enabled" value="yes">"Enable client"</button></div>
        </form>
    };
    section("Enable", "The client is disabled: it is refused everywhere, as if it were unknown.", form)
}
