//! The consents that people gave a client, and the question whether to withdraw some.

use leptos::prelude::*;
use oauth::client::Client;
use oauth::count::Count;
use oauth::details::DetailInWords;
use oauth::time::Timestamp;

use super::client_head;
use crate::console::choosing::lost_place;
use crate::console::frame::Entry;
use crate::console::listed::Walked;
use crate::console::question::Question;
use crate::console::{Console, path};
use crate::pages::detail::fields;
use crate::ui::{Crumb, empty, left_out, moment, table, tally, with_query, word_of};

/// A consent of somebody.
#[derive(Debug, Clone)]
pub struct ClientConsent {
    /// The subject and the name of the user.
    pub user: String,
    pub username: String,
    /// The scopes by name, each in words.
    pub scopes: Vec<(String, String)>,
    pub details: Vec<DetailInWords>,
    pub granted_at: Timestamp,
}

/// The list, the newest first. The place is the parameter `after`.
#[derive(Debug, Clone)]
pub struct ClientConsentsPage {
    pub client: Client,
    pub rows: Vec<ClientConsent>,
    pub walked: Walked,
    /// Parameters that could not be read.
    pub unread: Vec<String>,
    pub now: Timestamp,
}

impl ClientConsentsPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), format!("{} consents", self.client.client_name), move || self.view())
    }

    fn view(self) -> AnyView {
        let id = self.client.client_id.as_str();
        let here = path::client_part(id, "consents");
        let question = path::client_part(id, "consents/withdraw");
        let foot = (!self.rows.is_empty()).then(|| self.walked.foot(&here, &[], self.rows.len()));
        let list = if self.rows.is_empty() {
            let text = if self.client.acts_only_for_itself() {
                "Nobody signs in to this client, so nobody is asked: it gets tokens for itself."
            } else {
                "Nobody was asked yet, or the policy asks nobody."
            };
            empty("No consents", text, ())
        } else {
            let rows = self.rows.iter().map(|row| line(row, &question, self.now)).collect();
            let table = table("Consents", &["User", "Allowed", "-When", ""], rows);
            let all = view! { <div class="foot"><span></span><a class="btn danger" href=question.clone()>"Withdraw all"</a></div> };
            view! { {table}{all} }.into_any()
        };
        view! {
            {client_head(&self.client, "Consents")}
            {left_out(&self.unread)}
            {lost_place(self.walked.place.is_lost)}
            <p class="muted small">
                "What people were asked and allowed. When they are asked is said by the " <a href=path::client_part(id, "policy")>"consent policy"</a>
                " of the client; what it holds now are its " <a href=path::client_part(id, "grants")>"grants"</a> "."
            </p>
            <section class="card">{list}{foot}</section>
        }
        .into_any()
    }
}

fn line(row: &ClientConsent, question: &str, now: Timestamp) -> AnyView {
    let withdraw = with_query(question, &[("user", &row.user)]);
    let scopes = row.scopes.iter().map(|(name, words)| view! { <div title=name.clone()>{words.clone()}</div> });
    let details = row.details.iter().cloned().map(|detail| {
        view! { <div><bdi>{detail.sentence}</bdi> {fields(detail.fields)}</div> }
    });
    view! {
        <tr>
            <td><a class="name" href=path::user_part(&row.user, "consents")>{row.username.clone()}</a></td>
            <td class="said">{scopes.collect_view()}{details.collect_view()}<div class="tiny slim">{moment(row.granted_at, now)}</div></td>
            <td class="num wide">{moment(row.granted_at, now)}</td>
            <td class="end"><a class="danger" href=withdraw aria-label=format!("Withdraw the consent of {}", row.username)>"Withdraw"</a></td>
        </tr>
    }
    .into_any()
}

/// The question whether to withdraw what a client was allowed. Sends the subject of a `user`, or `all`.
#[derive(Debug, Clone)]
pub struct ConsentWithdrawalPage {
    pub client: Client,
    pub whose: Whose,
}

/// The people who are meant.
#[derive(Debug, Clone)]
pub enum Whose {
    /// The subject and the name of a user.
    User(String, String),
    /// So many.
    All(Count),
}

impl ConsentWithdrawalPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), "Withdraw consents", move || self.view())
    }

    fn view(self) -> AnyView {
        let id = self.client.client_id.as_str();
        let (who, hidden) = match self.whose {
            Whose::User(subject, username) => (
                view! { "The consent of " <b class="name">{username}</b> " is withdrawn." }.into_any(),
                ("user".to_owned(), subject),
            ),
            Whose::All(count) => {
                let sentence = match count.number() {
                    _ if count.is_more() => format!("{} consents are withdrawn.", tally(count)),
                    number => format!("{}.", word_of(number, "consent is withdrawn", "consents are withdrawn")),
                };
                (view! { <b>{sentence}</b> }.into_any(), ("all".to_owned(), "yes".to_owned()))
            }
        };
        let text = view! {
            <p>{who} " The codes and tokens that the client has of whom it concerns end, and they are asked again next time."</p>
            <p>"An API that checks JWTs by itself accepts those that it was given until they end."</p>
        };
        let (name, back) = (self.client.client_name.clone(), path::client_part(id, "consents"));
        Question {
            crumbs: vec![
                Crumb::new("Clients", path::CLIENTS),
                Crumb::new(name.clone(), path::client(id)),
                Crumb::new("Consents", back.clone()),
            ],
            title: "Withdraw consents",
            about: view! { "Of the client " <b class="name">{name}</b> "." }.into_any(),
            text: text.into_any(),
            action: path::client_part(id, "consents/withdraw"),
            hidden: vec![hidden],
            button: "Withdraw",
            back,
        }
        .view()
    }
}
