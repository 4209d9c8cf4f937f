//! The ways in which a client hears that somebody signed out, and the messages to it.

use leptos::prelude::*;
use oauth::client::Client;
use oauth::time::Timestamp;

use super::client_head;
use crate::console::choosing::lost_place;
use crate::console::frame::Entry;
use crate::console::listed::Walked;
use crate::console::{Console, path};
use crate::ui::{Tone, code_line, empty, facts, left_out, moment, table, tag};

/// A message about the end of a session.
#[derive(Debug, Clone)]
pub struct LogoutMessage {
    /// That of the session.
    pub sid: String,
    pub about: About,
    pub ended_at: Timestamp,
    pub attempts: i64,
    pub tried_at: Option<Timestamp>,
    /// The outcome of the last try, in words.
    pub answer: Option<String>,
    pub state: MessageState,
}

/// Whom a message is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Nobody: it is a test.
    Test,
    /// The subject of a user and their name, if they are there yet.
    User(String, Option<String>),
}

/// The state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageState {
    Done,
    /// It is tried at this time, or sent at this moment.
    Waiting(Timestamp),
    GivenUp,
}

/// The tab. Its forms post to `logout/test`, and the `sid` of a message that is sent again to `logout/send`. The place is the parameter
/// `after` or `before`, and `page` the number of the part.
#[derive(Debug, Clone)]
pub struct ClientLogoutPage {
    pub client: Client,
    pub rows: Vec<LogoutMessage>,
    pub walked: Walked,
    /// Parameters that could not be read.
    pub unread: Vec<String>,
    pub now: Timestamp,
}

impl ClientLogoutPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), format!("{} logout", self.client.client_name), move || self.view())
    }

    fn view(self) -> AnyView {
        let here = path::client_part(self.client.client_id.as_str(), "logout");
        let foot = (!self.rows.is_empty()).then(|| self.walked.foot(&here, &[], self.rows.len()));
        let list = if self.rows.is_empty() {
            let text = if self.client.acts_only_for_itself() {
                "Nobody signs in to this client, so it hears of the end of no session."
            } else {
                "Once a session ends in which somebody is signed in to the application, it stands here, and for a week."
            };
            empty("No messages", text, ())
        } else {
            let heads = ["User", "-Session ended", "State", "-Answer"];
            let rows = self.rows.iter().map(|row| self.line(row, &here)).collect();
            table("Messages", &heads, rows)
        };
        view! {
            {client_head(&self.client, "Logout")}
            {left_out(&self.unread)}
            {lost_place(self.walked.place.is_lost)}
            {self.addresses(&here)}
            <section class="card">
                <div class="bar"><h2>"Messages"</h2></div>
                {list}
                {foot}
            </section>
        }
        .into_any()
    }

    fn addresses(&self, here: &str) -> AnyView {
        let (client, logout) = (&self.client, &self.client.logout);
        let settings = path::client_part(client.client_id.as_str(), "settings");
        let address = |uri: &Option<String>| match uri {
            Some(uri) => code_line("address", uri.clone()),
            None => view! { <span class="muted">"none"</span> }.into_any(),
        };
        let test = logout.backchannel_logout_uri.as_ref().map(|_| {
            view! {
                <form method="post" action=format!("{here}/test")>
                    <button class="btn">"Test"</button>
                </form>
                <p class="muted small">"A test sends a real logout token about nobody and no session, once. Its answer stands below."</p>
            }
        });
        view! {
            <section class="card block">
                <div class="block-head"><h2>"How it is told"</h2></div>
                <p class="muted small">
                    "When somebody’s session here ends, the application ends its own. The addresses are under "
                    <a href=settings>"Settings"</a> "."
                </p>
                {facts(vec![
                    ("Back-channel", address(&logout.backchannel_logout_uri)),
                    ("Front-channel", address(&logout.frontchannel_logout_uri)),
                ])}
                {test}
            </section>
        }
        .into_any()
    }

    fn line(&self, row: &LogoutMessage, here: &str) -> AnyView {
        let now = self.now;
        let (who, name) = match &row.about {
            About::Test => ("Test".into_any(), "the test".to_owned()),
            About::User(subject, Some(name)) => (
                view! { <a class="name" href=path::user(subject)>{name.clone()}</a> }.into_any(),
                format!("the message about {name}"),
            ),
            About::User(subject, None) => {
                (view! { <code>{subject.clone()}</code> }.into_any(), format!("the message about {subject}"))
            }
        };
        let tries = (row.attempts > 1).then(|| format!("{} tries", row.attempts));
        let (state, next) = match row.state {
            MessageState::Done => (tag(Tone::Good, "Taken"), None),
            MessageState::Waiting(next) => {
                let next = (now < next).then(|| view! { <div>"next try " {moment(next, now)}</div> });
                (tag(Tone::Warn, "Waiting"), next)
            }
            MessageState::GivenUp => (tag(Tone::Bad, "Given up"), None),
        };
        let answer = row.answer.clone().unwrap_or_else(|| "none yet".to_owned());
        let tried = row.tried_at.map(|at| view! { <div class="tiny">"tried " {moment(at, now)}</div> });
        let again = (row.about != About::Test).then(|| {
            view! {
                <form method="post" action=format!("{here}/send")>
                    <input type="hidden" name="sid" value=row.sid.clone()/>
                    <button class="btn small" aria-label=format!("Send {name} again")>"Send again"</button>
                </form>
            }
        });
        view! {
            <tr>
                <td>{who}<div class="tiny slim">{moment(row.ended_at, now)}</div></td>
                <td class="num wide">{moment(row.ended_at, now)}</td>
                <td>
                    <div class="beside">{state}{again}</div>
                    <div class="tiny">{next}{tries}</div>
                    <div class="tiny slim">{answer.clone()}</div>
                </td>
                <td class="wide">{answer}{tried}</td>
            </tr>
        }
        .into_any()
    }
}
