//! The list of users.

use leptos::prelude::*;
use oauth::count::Count;
use oauth::listing::{Column as _, Filter as _, Last, Limits, UserColumn, UserListing};
use oauth::time::Timestamp;
use oauth::user::User;

use super::status;
use crate::console::choosing::{lost_place, pick, with_deeds};
use crate::console::frame::Entry;
use crate::console::listed::{Place, last_words, narrow_search, status_choice};
use crate::console::{Console, path};
use crate::ui::{
    Icon, Selection, created_since, empty, filters, initials, left_out, moment, page_head, sorted_head, with_heads,
    with_query,
};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct UserRow {
    pub user: User,
    pub created_at: Timestamp,
    pub last_sign_in_at: Option<Timestamp>,
}

/// A part of the users, as the address says.
#[derive(Debug, Clone)]
pub struct UserListPage {
    pub rows: Vec<UserRow>,
    pub listing: UserListing,
    pub place: Place,
    /// Users of the whole list.
    pub total: Count,
    /// Parameters that could not be read.
    pub unread: Vec<String>,
    pub now: Timestamp,
}

impl UserListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Users), "Users", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let new = || view! { <a class="btn primary" href=path::USER_NEW>"New user"</a> };
        let filter = &self.listing.filter;
        let list = if self.rows.is_empty() && !filter.pairs().is_empty() {
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
            let pager = self.place.view(path::USERS, &self.listing, self.rows.len(), self.total);
            let deeds = with_deeds(path::USERS_CHOSEN, &self.listing.whole(Limits::PAGES), self.table());
            view! { {deeds} {pager} }.into_any()
        };
        view! {
            {page_head(Vec::new(), "Users", "The people who can sign in.", new())}
            {left_out(&self.unread)}
            {lost_place(self.place.is_lost)}
            <section class="card">
                {self.filters()}
                {filter.since.map(|since| created_since(since, path::USERS, "All users"))}
                {narrow_search(&filter.text, self.total)}
                {list}
            </section>
        }
    }

    fn filters(&self) -> AnyView {
        let filter = &self.listing.filter;
        let selections = vec![
            status_choice(filter.enabled),
            Selection {
                name: "signed_in",
                label: "Last sign-in",
                options: last_words("Signed in any time", "Signed in within", "Never signed in"),
                chosen: filter.signed_in.map(Last::as_str).unwrap_or_default().to_owned(),
            },
        ];
        let keep: Vec<_> =
            self.listing.pairs().into_iter().filter(|(name, _)| matches!(*name, "since" | "sort")).collect();
        filters(path::USERS, "Name, email or subject", &filter.text, selections, self.listing.limit, &keep)
    }

    fn table(&self) -> AnyView {
        let mut pairs = self.listing.sized(Limits::PAGES);
        pairs.retain(|(name, _)| *name != "sort");
        let heads = UserColumn::ALL.iter().map(|column| {
            let class = (!matches!(column, UserColumn::Name | UserColumn::Status)).then_some("wide");
            sorted_head(*column, self.listing.shown_order(), class, |sort| {
                let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str())).chain([("sort", sort)]);
                with_query(path::USERS, &pairs.collect::<Vec<_>>())
            })
        });
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
