//! Grants: what may act for a user, or by a client, and with what; and the question whether to revoke some.

use leptos::prelude::*;
use oauth::client::Client;
use oauth::count::Count;
use oauth::listing::{GrantColumn, Sorting};
use oauth::time::Timestamp;
use oauth::user::User;

use super::choosing::{Choosing, lost_place, pick};
use super::clients::client_head;
use super::frame::Entry;
use super::listed::Walked;
use super::question::Question;
use super::users::user_head;
use super::{Console, path};
use crate::ui::{Crumb, empty, filter, heads, left_out, moment, sorted_head, tally, with_heads, with_query, word_of};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct GrantRow {
    pub id: String,
    pub client_id: String,
    pub client_name: String,
    /// The subject and the name of the user; none: the client acts for itself.
    pub user: Option<(String, String)>,
    /// Words, separated by spaces.
    pub scope: String,
    /// The names of the resources that its tokens may be for; none: this server.
    pub resources: Vec<String>,
    pub created_at: Timestamp,
    /// When the client last got a token of it.
    pub used_at: Timestamp,
    pub ends_at: Timestamp,
    /// True: it ends with its session, if that ends sooner.
    pub in_session: bool,
    /// Live refresh tokens, and live opaque access tokens.
    pub refresh_tokens: u64,
    pub access_tokens: u64,
}

/// The list. Filter and order are the parameters `by` and `sort`; the place is `after` or `before`, and the number of the part, `page`.
#[derive(Debug, Clone)]
pub struct GrantListPage {
    pub of: GrantsOf,
    /// Of a client, the user name or subject; of a user, the client ID. Empty: all.
    pub by: String,
    pub rows: Vec<GrantRow>,
    pub walked: Walked,
    pub order: Sorting<GrantColumn>,
    /// Parameters that could not be read.
    pub unread: Vec<String>,
    pub now: Timestamp,
}

/// Whose grants.
#[derive(Debug, Clone)]
pub enum GrantsOf {
    Client(Box<Client>),
    User(Box<User>),
}

impl GrantsOf {
    fn part(&self, part: &str) -> String {
        match self {
            Self::Client(client) => path::client_part(client.client_id.as_str(), part),
            Self::User(user) => path::user_part(user.subject.as_str(), part),
        }
    }

    fn entry(&self) -> Entry {
        match self {
            Self::Client(_) => Entry::Clients,
            Self::User(_) => Entry::Users,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Client(client) => &client.client_name,
            Self::User(user) => &user.username,
        }
    }
}

impl GrantListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(self.of.entry()), format!("{} grants", self.of.name()), move || self.view())
    }

    fn view(self) -> AnyView {
        let (head, placeholder) = match &self.of {
            GrantsOf::Client(client) => (client_head(client, "Grants"), "Username or subject"),
            GrantsOf::User(user) => (user_head(user, "Grants"), "Client ID"),
        };
        let sort = self.sort();
        view! {
            {head}
            {left_out(&self.unread)}
            {lost_place(self.walked.place.is_lost)}
            <section class="card">
                <div class="bar">{filter(self.of.part("grants"), "by", placeholder, &self.by, &[("sort", &sort)])}</div>
                {self.list()}
            </section>
        }
        .into_any()
    }

    /// The order, where it is not the usual one.
    fn sort(&self) -> String {
        if self.order == GrantColumn::USUAL { String::new() } else { self.order.to_text() }
    }

    fn list(&self) -> AnyView {
        if self.rows.is_empty() {
            let text = match &self.of {
                GrantsOf::Client(_) if !self.by.is_empty() => "The client holds nothing of such a user now.",
                GrantsOf::User(_) if !self.by.is_empty() => "No such client holds anything of this user now.",
                GrantsOf::Client(_) => "The client holds no tokens now, neither for anybody nor for itself.",
                GrantsOf::User(_) => "Nothing acts for this user now.",
            };
            let all = (!self.by.is_empty())
                .then(|| view! { <a class="btn" href=self.of.part("grants")>"Show all grants"</a> });
            return empty("No grants", text, all);
        }
        let question = self.of.part("grants/revoke");
        let all = with_query(&question, &[("all", "yes"), ("by", &self.by)]);
        let all =
            Some((all, if self.by.is_empty() { "Revoke all" } else { "Revoke all that the filter finds" }.to_owned()));
        let whose = if matches!(self.of, GrantsOf::Client(_)) { "User" } else { "Application" };
        let since = sorted_head(GrantColumn::Since, Some(self.order), Some("wide"));
        let others = heads(&["Last use", "-Ends", "-Live tokens", ""]);
        let heads = heads(&["", whose, "-Scopes"]).chain([since]).chain(others).collect();
        let rows = self.rows.iter().map(|row| self.line(row)).collect();
        Choosing {
            action: question,
            table: with_heads("Grants", heads, rows, None),
            some: "Revoke those ticked",
            all,
            foot: self.walked.foot(
                &self.of.part("grants"),
                &[("by", &self.by), ("sort", &self.sort())],
                self.rows.len(),
            ),
        }
        .view()
    }

    fn line(&self, row: &GrantRow) -> AnyView {
        let (name, href) = match (&self.of, &row.user) {
            (GrantsOf::User(_), _) => (row.client_name.clone(), Some(path::client(&row.client_id))),
            (GrantsOf::Client(_), Some((subject, username))) => (username.clone(), Some(path::user(subject))),
            (GrantsOf::Client(_), None) => ("the client itself".to_owned(), None),
        };
        let revoke = with_query(&self.of.part("grants/revoke"), &[("id", &row.id)]);
        let label = format!("Grant of {name}");
        let name = match href {
            Some(href) => view! { <a class="name" href=href>{name}</a> }.into_any(),
            None => view! { <span class="muted">{name}</span> }.into_any(),
        };
        view! {
            <tr>
                {pick(&row.id, label.clone())}
                <td>{name}<div class="slim tiny">{scopes(row)}</div></td>
                <td class="wide said">{scopes(row)}</td>
                <td class="num wide">{moment(row.created_at, self.now)}</td>
                <td class="num">{moment(row.used_at, self.now)}</td>
                <td class="num wide">{moment(row.ends_at, self.now)}{row.in_session.then(|| view! { <div class="tiny">"or with the session"</div> })}</td>
                <td class="num wide">{tokens(row)}</td>
                <td class="end"><a class="danger" href=revoke aria-label=format!("Revoke {label}")>"Revoke"</a></td>
            </tr>
        }
        .into_any()
    }
}

fn scopes(row: &GrantRow) -> AnyView {
    let at = (!row.resources.is_empty()).then(|| view! { <div class="tiny">"at " {row.resources.join(", ")}</div> });
    view! { <code>{row.scope.clone()}</code>{at} }.into_any()
}

/// "1 refresh, 2 access".
fn tokens(row: &GrantRow) -> String {
    let kinds = [(row.refresh_tokens, "refresh"), (row.access_tokens, "access")];
    let kinds = kinds.into_iter().filter(|(number, _)| *number > 0);
    let kinds: Vec<_> = kinds.map(|(number, kind)| format!("{number} {kind}")).collect();
    if kinds.is_empty() { "none kept here".to_owned() } else { kinds.join(", ") }
}

/// The question whether to revoke grants. Sends the `id` of each; or `all`, and the filter as `by`.
#[derive(Debug, Clone)]
pub struct GrantRevocationPage {
    pub of: GrantsOf,
    pub by: String,
    pub revoking: Revoking,
    pub now: Timestamp,
}

/// The grants that are meant.
#[derive(Debug, Clone)]
pub enum Revoking {
    These(Vec<GrantRow>),
    /// So many.
    All(Count),
}

impl GrantRevocationPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(self.of.entry()), "Revoke grants", move || self.view())
    }

    fn view(self) -> AnyView {
        let (count, list, hidden) = match &self.revoking {
            Revoking::All(count) => {
                (*count, None, vec![("all".to_owned(), "yes".to_owned()), ("by".to_owned(), self.by.clone())])
            }
            Revoking::These(rows) => {
                let named = rows.iter().map(|row| {
                    let of = row.user.as_ref().map_or("itself", |(_, username)| username.as_str()).to_owned();
                    view! {
                        <li>
                            <b class="name">{row.client_name.clone()}</b> " for " <b class="name">{of}</b> ": "
                            <code>{row.scope.clone()}</code> ", last used " {moment(row.used_at, self.now)}
                        </li>
                    }
                });
                let hidden = rows.iter().map(|row| ("id".to_owned(), row.id.clone())).collect();
                (Count::new(rows.len() as u64), Some(view! { <ul>{named.collect_view()}</ul> }), hidden)
            }
        };
        let ends = match count.number() {
            _ if count.is_more() => format!("{} grants are revoked.", tally(count)),
            number => format!("{}.", word_of(number, "grant is revoked", "grants are revoked")),
        };
        let (list_page, page, what) = match &self.of {
            GrantsOf::Client(client) => {
                (Crumb::new("Clients", path::CLIENTS), path::client(client.client_id.as_str()), "Of the client ")
            }
            GrantsOf::User(user) => {
                (Crumb::new("Users", path::USERS), path::user(user.subject.as_str()), "Of the user ")
            }
        };
        let (name, back) = (self.of.name().to_owned(), self.of.part("grants"));
        let by = (!self.by.is_empty()).then(|| view! { ", those of " <code>{self.by.clone()}</code> });
        let stays = match &self.of {
            GrantsOf::Client(client) if client.acts_only_for_itself() => {
                " Its tokens end. It may ask for new ones at once."
            }
            _ => {
                " Their codes and tokens end. People stay signed in here, and what they allowed stays allowed: an application that is \
                 opened again gets new tokens."
            }
        };
        let text = view! {
            <p>
                <b>{ends}</b>
                {stays}
            </p>
            {list}
            <p>"An API that checks JWTs by itself accepts those that it was given until they end."</p>
        };
        Question {
            crumbs: vec![list_page, Crumb::new(name.clone(), page), Crumb::new("Grants", back.clone())],
            title: "Revoke grants",
            about: view! { {what} <b class="name">{name}</b> {by} "." }.into_any(),
            text: text.into_any(),
            action: self.of.part("grants/revoke"),
            hidden,
            button: "Revoke grants",
            back: with_query(&back, &[("by", &self.by)]),
        }
        .view()
    }
}
