//! The consents of a user: the applications that they allowed something.

use leptos::prelude::*;
use oauth::user::User;

use super::user_head;
use crate::account::consents::Consent;
use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::ui::{empty, moment, table};

/// The list, in the order of the clients' names. A form each sends `client_id`, to withdraw one.
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
            let rows = self.consents.iter().map(|consent| self.line(consent)).collect();
            table("Consents", &["Client", "Allowed", "-Since", ""], rows)
        };
        view! {
            {user_head(&self.user, "Consents")}
            <section class="card">{list}</section>
        }
    }

    fn line(&self, consent: &Consent) -> AnyView {
        let action = path::user_part(self.user.subject.as_str(), "consents");
        let label = format!("Withdraw what {} was allowed", consent.client_name);
        let scopes = consent.scopes.iter().map(|scope| view! { <li>{scope.clone()}</li> }).collect_view();
        view! {
            <tr>
                <td><a class="name" href=path::client(&consent.client_id)>{consent.client_name.clone()}</a></td>
                <td><ul class="tiny">{scopes}</ul></td>
                <td class="num wide">{moment(consent.granted_at, self.now)}</td>
                <td>
                    <form method="post" action=action>
                        <input type="hidden" name="client_id" value=consent.client_id.clone()/>
                        <button class="btn danger" aria-label=label>"Withdraw"</button>
                    </form>
                </td>
            </tr>
        }
        .into_any()
    }
}
