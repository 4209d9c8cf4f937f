//! The list of users.

use leptos::prelude::*;
use oauth::count::Count;
use oauth::time::Timestamp;
use oauth::user::User;

use super::status;
use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::ui::{Icon, created_since, empty, filter, initials, moment, page_head, pager, table};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct UserRow {
    pub user: User,
    pub created_at: Timestamp,
    pub last_sign_in_at: Option<Timestamp>,
}

/// One page of the users. Filter and page are the parameters `q` and `page`; or `since` instead of the first.
#[derive(Debug, Clone)]
pub struct UserListPage {
    pub rows: Vec<UserRow>,
    pub q: String,
    /// Only those who were created since then, the newest first.
    pub since: Option<Timestamp>,
    /// From 1.
    pub page: u64,
    pub per_page: u64,
    /// Users on all pages.
    pub total: Count,
    pub now: Timestamp,
}

impl UserListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Users), "Users", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let new = || view! { <a class="btn primary" href=path::USER_NEW>"New user"</a> };
        let since = self.since.map(|since| since.0.to_string()).unwrap_or_default();
        let keep = [("q", self.q.as_str()), ("since", since.as_str())];
        let list = if self.rows.is_empty() && !(self.q.is_empty() && self.since.is_none()) {
            let all = view! { <a class="btn" href=path::USERS>"Show all users"</a> };
            let text = if self.since.is_some() {
                "None was created since then."
            } else {
                "No word of a name, username or email address begins with what you typed, and no subject is it."
            };
            empty("No user fits", text, all)
        } else if self.rows.is_empty() {
            empty("No users yet", "A user is a person who can sign in.", new())
        } else {
            let rows = self.rows.iter().map(|row| line(row, self.now)).collect();
            let table = table("Users", &["User", "-Email", "Status", "-Last sign-in", "-Created"], rows);
            view! { {table} {pager(path::USERS, &keep, self.page, self.per_page, self.total)} }.into_any()
        };
        view! {
            {page_head(Vec::new(), "Users", "The people who can sign in.", new())}
            <section class="card">
                <div class="bar">{filter(path::USERS, "Name, email or subject", &self.q, &[])}</div>
                {self.since.map(|since| created_since(since, path::USERS, "All users"))}
                {list}
            </section>
        }
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
