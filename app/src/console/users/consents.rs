//! The consents of a user: applications, agents and devices that may act for them.

use leptos::prelude::*;
use oauth::user::User;

use super::user_head;
use crate::account::consents::Consent;
use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::ui::empty;

/// The list, in the order of the clients' names. Its forms are those of [`ConsentsPage`](crate::account::consents::ConsentsPage).
#[derive(Debug, Clone)]
pub struct UserConsentsPage {
    pub user: User,
    pub consents: Vec<Consent>,
    pub now: oauth::time::Timestamp,
}

impl UserConsentsPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Users), format!("{} consents", self.user.username), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let list = if self.consents.is_empty() {
            empty("No consents", "This user has not allowed any application anything.", ())
        } else {
            let action = path::user_part(self.user.subject.as_str(), "consents");
            let rows = self.consents.iter().map(|consent| {
                let name =
                    view! { <a class="name" href=path::client(&consent.client_id)>{consent.client_name.clone()}</a> };
                consent.item(name.into_any(), &action, "btn danger", self.now)
            });
            view! { <ul class="consents" aria-label="Consents">{rows.collect_view()}</ul> }.into_any()
        };
        view! {
            {user_head(&self.user, "Consents")}
            <section class="card">{list}</section>
        }
    }
}
