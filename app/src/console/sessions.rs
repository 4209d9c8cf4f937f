//! Sessions: the browsers in which people are signed in, of everybody or of a user; and the question whether to end some.

use leptos::prelude::*;
use oauth::count::Count;
use oauth::listing::{Column as _, SessionColumn, Sorting};
use oauth::time::Timestamp;
use oauth::user::User;

use super::choosing::{Choosing, lost_place, pick};
use super::frame::Entry;
use super::listed::Walked;
use super::question::Question;
use super::users::user_head;
use super::{Console, path};
use crate::ui::{
    Crumb, device, empty, filter, heads, left_out, moment, page_head, sorted_head, sorter, tally, with_heads,
    with_query, word_of,
};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct SessionRow {
    pub sid: String,
    /// The subject and the name of the user.
    pub user: String,
    pub username: String,
    /// `User-Agent`.
    pub user_agent: Option<String>,
    /// An IP address.
    pub address: Option<String>,
    pub started_at: Timestamp,
    pub seen_at: Timestamp,
    /// `amr` of the latest login (RFC 8176).
    pub amr: Vec<String>,
    /// The applications that are signed in to: ID and name.
    pub clients: Vec<(String, String)>,
}

/// The list. Filter and order are the parameters `q` and `sort`; the place is `after` or `before`, and the number of the part, `page`.
#[derive(Debug, Clone)]
pub struct SessionListPage {
    pub of: SessionsOf,
    pub rows: Vec<SessionRow>,
    pub walked: Walked,
    pub order: Sorting<SessionColumn>,
    /// Parameters that could not be read.
    pub unread: Vec<String>,
    pub now: Timestamp,
}

/// Whose sessions.
#[derive(Debug, Clone)]
pub enum SessionsOf {
    /// Those of everybody whom a search for the text finds; empty: of everybody.
    Everybody(String),
    User(Box<User>),
}

/// Applications that are named; of more, the number is said.
const NAMED: usize = 4;

impl SessionsOf {
    fn address(&self) -> String {
        match self {
            Self::Everybody(_) => path::SESSIONS.to_owned(),
            Self::User(user) => path::user_part(user.subject.as_str(), "sessions"),
        }
    }

    fn question(&self) -> String {
        match self {
            Self::Everybody(_) => path::SESSIONS_END.to_owned(),
            Self::User(user) => path::user_part(user.subject.as_str(), "sessions/end"),
        }
    }

    fn entry(&self) -> Entry {
        match self {
            Self::Everybody(_) => Entry::Sessions,
            Self::User(_) => Entry::Users,
        }
    }
}

impl SessionListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        let title = match &self.of {
            SessionsOf::Everybody(_) => "Sessions".to_owned(),
            SessionsOf::User(user) => format!("{} sessions", user.username),
        };
        console.page(Some(self.of.entry()), title, move || self.view())
    }

    fn view(self) -> AnyView {
        let (head, bar) = match &self.of {
            SessionsOf::Everybody(q) => (
                page_head(Vec::new(), "Sessions", "Browsers in which somebody is signed in.", ()),
                view! {
                    <div class="bar">
                        {filter(self.of.address(), "q", "Name, email or subject", q, &[("sort", &self.sort())])}
                    </div>
                }
                .into_any(),
            ),
            SessionsOf::User(user) => (user_head(user, "Sessions"), sorter(self.of.address())),
        };
        view! {
            {head}
            {left_out(&self.unread)}
            {lost_place(self.walked.place.is_lost)}
            <section class="card">{bar}{self.list()}</section>
        }
        .into_any()
    }

    /// The order, where it is not the usual one.
    fn sort(&self) -> String {
        if self.order == SessionColumn::USUAL { String::new() } else { self.order.to_text() }
    }

    fn list(&self) -> AnyView {
        let q = if let SessionsOf::Everybody(q) = &self.of { q.as_str() } else { "" };
        if self.rows.is_empty() {
            let text = match &self.of {
                SessionsOf::Everybody(q) if !q.is_empty() => "Nobody whom this finds is signed in.",
                SessionsOf::Everybody(_) => "Nobody is signed in.",
                SessionsOf::User(_) => "They are signed in nowhere.",
            };
            return empty("No sessions", text, ());
        }
        let all = |text: &str| Some((with_query(&self.of.question(), &[("all", "yes")]), text.to_owned()));
        let (named, all): (&[&'static str], _) = match &self.of {
            SessionsOf::Everybody(q) => {
                (&["", "User", "-Device", "-Signed in to"], if q.is_empty() { all("End all sessions") } else { None })
            }
            SessionsOf::User(user) => {
                (&["", "Device", "-Signed in to"], all(&format!("End all sessions of {}", user.username)))
            }
        };
        let sorted = SessionColumn::ALL.iter().map(|column| sorted_head(*column, Some(self.order), Some("wide")));
        let heads = heads(named).chain(sorted).chain(heads(&[""])).collect();
        let rows = self.rows.iter().map(|row| self.line(row)).collect();
        Choosing {
            action: self.of.question(),
            table: with_heads("Sessions", heads, rows, None),
            some: "End those ticked",
            all,
            foot: self.walked.foot(&self.of.address(), &[("q", q), ("sort", &self.sort())], self.rows.len()),
        }
        .view()
    }

    fn line(&self, row: &SessionRow) -> AnyView {
        let named = format!("{} of {}", device(row.user_agent.as_deref()), row.username);
        let how = [row.address.clone(), methods(&row.amr)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let browser = device(row.user_agent.as_deref());
        let seen = || view! { <div class="tiny slim">"seen " {moment(row.seen_at, self.now)}</div> };
        let about =
            view! { <span title=row.user_agent.clone()>{browser.clone()}</span> <div class="tiny">{how.clone()}</div> };
        let who = match self.of {
            SessionsOf::Everybody(_) => view! {
                <td>
                    <a class="name" href=path::user(&row.user)>{row.username.clone()}</a>
                    <div class="tiny slim">{browser} " · " {how}</div>
                    {seen()}
                </td>
                <td class="wide">{about}</td>
            }
            .into_any(),
            SessionsOf::User(_) => view! { <td>{about}{seen()}</td> }.into_any(),
        };
        let end = with_query(&self.of.question(), &[("id", &row.sid)]);
        view! {
            <tr>
                {pick(&row.sid, named.clone())}
                {who}
                <td class="wide">{clients(&row.clients)}</td>
                <td class="num wide">{moment(row.started_at, self.now)}</td>
                <td class="num wide">{moment(row.seen_at, self.now)}</td>
                <td class="end"><a class="danger" href=end aria-label=format!("End {named}")>"End"</a></td>
            </tr>
        }
        .into_any()
    }
}

/// "password".
fn methods(amr: &[String]) -> Option<String> {
    let words = amr.iter().map(|method| if method == "pwd" { "password" } else { method.as_str() });
    let words: Vec<_> = words.collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// The first few applications, and the number of the others.
fn clients(clients: &[(String, String)]) -> AnyView {
    if clients.is_empty() {
        return view! { <span class="tiny">"none"</span> }.into_any();
    }
    let links = clients.iter().take(NAMED).map(|(id, name)| {
        view! { <div><a class="long" href=path::client_part(id, "grants")>{name.clone()}</a></div> }
    });
    let more = clients.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| view! { <div class="tiny">{format!("and {more} more")}</div> });
    view! { {links.collect_view()}{more} }.into_any()
}

/// The question whether to end sessions. Sends the `id` of each, or `all`.
#[derive(Debug, Clone)]
pub struct SessionEndingPage {
    pub of: SessionsOf,
    pub ending: Ending,
    pub now: Timestamp,
}

/// The sessions that are meant.
#[derive(Debug, Clone)]
pub enum Ending {
    These(Vec<SessionRow>),
    /// So many.
    All(Count),
}

impl SessionEndingPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(self.of.entry()), "End sessions", move || self.view())
    }

    fn view(self) -> AnyView {
        let (count, list, hidden) = match &self.ending {
            Ending::All(count) => (*count, None, vec![("all".to_owned(), "yes".to_owned())]),
            Ending::These(rows) => {
                let named = rows.iter().map(|row| {
                    let device = device(row.user_agent.as_deref());
                    let address = row.address.clone().map(|address| format!(", {address}"));
                    view! {
                        <li><b class="name">{row.username.clone()}</b> ": " {device}{address} ", seen " {moment(row.seen_at, self.now)}</li>
                    }
                });
                let hidden = rows.iter().map(|row| ("id".to_owned(), row.sid.clone())).collect();
                (Count::new(rows.len() as u64), Some(view! { <ul>{named.collect_view()}</ul> }), hidden)
            }
        };
        let ends = match count.number() {
            _ if count.is_more() => format!("{} sessions end.", tally(count)),
            number => format!("{}.", word_of(number, "session ends", "sessions end")),
        };
        let (mut crumbs, about) = match &self.of {
            SessionsOf::User(user) => (
                vec![
                    Crumb::new("Users", path::USERS),
                    Crumb::new(user.username.clone(), path::user(user.subject.as_str())),
                ],
                view! { "Of the user " <b class="name">{user.username.clone()}</b> "." }.into_any(),
            ),
            SessionsOf::Everybody(_) => {
                let whose = if list.is_some() { "Those named below." } else { "Of everybody who is signed in." };
                (Vec::new(), whose.into_any())
            }
        };
        crumbs.push(Crumb::new("Sessions", self.of.address()));
        let text = view! {
            <p>
                <b>{ends}</b>
                " Whoever is signed in there has to sign in again. The tokens that applications got there end, too, but for those with \
                 offline access: they were allowed for when nobody is there."
            </p>
            {list}
            <p>"An API that checks JWTs by itself accepts those that it was given until they end."</p>
        };
        Question {
            crumbs,
            title: "End sessions",
            about,
            text: text.into_any(),
            action: self.of.question(),
            hidden,
            button: "End sessions",
            back: self.of.address(),
        }
        .view()
    }
}
