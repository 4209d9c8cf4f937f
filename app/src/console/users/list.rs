//! The list of users.

use leptos::prelude::*;
use oauth::listing::{Limits, UserColumn, UserFilter};
use oauth::time::Timestamp;
use oauth::user::User;

use super::status;
use crate::console::choosing::{pick, with_deeds};
use crate::console::frame::Entry;
use crate::console::listed::{ListPage, STATUS, last_choice, narrow_search, status_choice};
use crate::console::{Console, path};
use crate::ui::{Icon, created_since, empty, initials, moment, page_head, with_heads};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct UserRow {
    pub user: User,
    pub created_at: Timestamp,
    pub last_sign_in_at: Option<Timestamp>,
}

/// A part of the users, as the address says.
pub type UserListPage = ListPage<UserFilter, UserRow>;

impl UserListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Users), "Users", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let new = || view! { <a class="btn primary" href=path::USER_NEW>"New user"</a> };
        let filter = &self.listing.filter;
        let list = if self.is_narrowed_to_nothing() {
            let all = view! { <a class="btn" href=path::USERS>"Show all users"</a> };
            let text = if filter.text.is_empty() {
                "There is none of that kind."
            } else {
                "No word of a name, username or email address begins with what you typed, and no subject is it; or none of these fits the rest \
                 of the filter."
            };
            empty("No user fits", text, all)
        } else if self.rows.is_empty() {
            empty("No users yet", "A user is a person who can sign in.", new())
        } else {
            let deeds = with_deeds(path::USERS_CHOSEN, &self.listing.whole(Limits::PAGES), self.table());
            view! { {deeds} {self.foot(path::USERS)} }.into_any()
        };
        view! {
            {page_head(Vec::new(), "Users", "The people who can sign in.", new())}
            {self.notes()}
            <section class="card">
                {self.bar()}
                {filter.since.map(|since| created_since(since, path::USERS, "All users"))}
                {narrow_search(&filter.text, self.total)}
                {list}
            </section>
        }
    }

    fn bar(&self) -> AnyView {
        let filter = &self.listing.filter;
        let words = ["Signed in any time", "Signed in within", "Never signed in"];
        let selections = vec![
            status_choice(STATUS, filter.enabled),
            last_choice("signed_in", "Last sign-in", words, filter.signed_in),
        ];
        self.filters(path::USERS, "Name, email or subject", &filter.text, selections)
    }

    fn table(&self) -> AnyView {
        let heads = self.heads(|column| matches!(column, UserColumn::Name | UserColumn::Status));
        let heads = [view! { <td class="pick"></td> }.into_any()].into_iter().chain(heads).collect();
        with_heads("Users", heads, self.rows.iter().map(|row| line(row, self.now)).collect(), None)
    }
}

fn line(row: &UserRow, now: Timestamp) -> AnyView {
    let user = &row.user;
    let full_name = user.claims.name.clone().unwrap_or_default();
    let known_as = if full_name.is_empty() { &user.username } else { &full_name };
    let verified = (user.email.is_some() && user.claims.email_verified).then(|| {
        view! { <span class="verified" title="Verified">{Icon::Check.view()}<span class="visually-hidden">"verified"</span></span> }
    });
    let last = row.last_sign_in_at.map_or_else(|| "never".into_any(), |at| moment(at, now));
    view! {
        <tr>
            {pick(user.subject.as_str(), format!("Choose {}", user.username))}
            <td>
                <div class="who">
                    <span class="avatar" aria-hidden="true">{initials(known_as)}</span>
                    <div class="who-text">
                        <a class="name" href=path::user(user.subject.as_str())>{user.username.clone()}</a>
                        <div class="tiny ellipsis"><bdi>{full_name.clone()}</bdi></div>
                    </div>
                </div>
            </td>
            <td class="wide"><span class="long">{user.email.clone()}</span>{verified}</td>
            <td>{status(user)}</td>
            <td class="num wide">{last}</td>
            <td class="num wide">{moment(row.created_at, now)}</td>
        </tr>
    }
    .into_any()
}
