//! The first page of the console.

use leptos::prelude::*;
use oauth::count::Count;
use oauth::jose::KeyState;
use oauth::metadata::path as endpoint;
use oauth::time::Timestamp;

use super::frame::Entry;
use super::keys::KeyRow;
use super::{Console, path};
use crate::ui::{Icon, code_line, facts, moment, page_head, tally};

/// The state of the server, the tasks that are left, and the server's addresses.
#[derive(Debug, Clone)]
pub struct DashboardPage {
    pub issuer: String,
    pub clients: Count,
    pub users: Count,
    /// Browsers in which somebody is signed in.
    pub sessions: Count,
    /// Opaque access tokens that have not expired.
    pub tokens: Count,
    pub keys: Vec<KeyRow>,
    pub now: Timestamp,
}

impl DashboardPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Dashboard), "Dashboard", move || self.view())
    }

    fn view(self) -> impl IntoView {
        view! {
            {page_head(
                Vec::new(),
                "Dashboard",
                view! { "This server is " <code>{self.issuer.clone()}</code> "." },
                view! { <a class="btn primary" href=path::CLIENT_WIZARD>"New client"</a> },
            )}
            <div class="stats">
                {stat("Clients", self.clients, path::CLIENTS, "registered")}
                {stat("Users", self.users, path::USERS, "with an account")}
                {stat("Sessions", self.sessions, path::SESSIONS, "signed in now")}
                {stat("Access tokens", self.tokens, path::CLIENTS, "opaque, not expired")}
            </div>
            <div class="pair">
                {self.checklist()}
                {self.signing()}
            </div>
            {endpoints(&self.issuer)}
        }
    }

    /// The tasks that are left; nothing once all are done.
    fn checklist(&self) -> Option<AnyView> {
        let steps = [
            (true, "Set the server up", "The admin token is set.", path::DASHBOARD),
            (
                self.clients.number() > 0,
                "Create the first client",
                "An application that signs people in.",
                path::CLIENT_WIZARD,
            ),
            (self.users.number() > 0, "Create the first user", "Somebody who can sign in.", path::USER_NEW),
            (self.sessions.number() > 0, "Try to sign in", "On the page that your users see.", endpoint::LOGIN),
        ];
        let done = steps.iter().filter(|(done, ..)| *done).count();
        let rows = steps
            .iter()
            .map(|(done, title, text, href)| {
                let (class, state) = if *done { ("done", "Done: ") } else { ("", "To do: ") };
                let title = if *done {
                    view! { <b>{*title}</b> }.into_any()
                } else {
                    view! { <a class="name" href=*href>{*title}</a> }.into_any()
                };
                view! {
                    <li class=class>
                        <span class="tick">{Icon::Check.view()}</span>
                        <div><span class="visually-hidden">{state}</span>{title}<p class="tiny">{*text}</p></div>
                    </li>
                }
            })
            .collect_view();
        let list = view! {
            <section class="card block">
                <div class="block-head"><h2>"First steps"</h2><span class="tiny">{format!("{done} of {}", steps.len())}</span></div>
                <ol class="checklist">{rows}</ol>
            </section>
        };
        (done < steps.len()).then(|| list.into_any())
    }

    fn signing(&self) -> AnyView {
        let now = self.now;
        let rows = self
            .keys
            .iter()
            .filter(|key| key.state == KeyState::Active)
            .map(|key| {
                view! {
                    <li>
                        <b class="mono">{key.alg.as_str()}</b>
                        <code class="grow ellipsis">{key.kid.clone()}</code>
                        <span class="tiny">{moment(key.created_at, now)}</span>
                    </li>
                }
            })
            .collect_view();
        let retiring = self.keys.iter().filter(|key| key.state == KeyState::Retiring).count();
        let retiring = (retiring > 0)
            .then(|| view! { <p class="tiny">{format!("{retiring} more published until its tokens end.")}</p> });
        view! {
            <section class="card block">
                <div class="block-head"><h2>"Signing keys"</h2><a class="small" href=path::KEYS>"All keys"</a></div>
                <ul class="key-list">{rows}</ul>
                {retiring}
            </section>
        }
        .into_any()
    }
}

fn stat(title: &'static str, number: Count, href: &'static str, text: &'static str) -> AnyView {
    view! {
        <a class="card stat" href=href>
            <span class="small muted">{title}</span>
            <b>{tally(number)}</b>
            <span class="tiny">{text}</span>
        </a>
    }
    .into_any()
}

/// The addresses that the documentation of every client library asks for.
pub(super) fn endpoints(issuer: &str) -> AnyView {
    let rows = [
        ("Issuer", ""),
        ("Discovery", endpoint::OPENID_CONFIGURATION),
        ("Authorization", endpoint::AUTHORIZE),
        ("Token", endpoint::TOKEN),
        ("Userinfo", endpoint::USERINFO),
        ("Public keys", endpoint::JWKS),
        ("End session", endpoint::END_SESSION),
    ];
    let rows = rows.map(|(term, path)| (term, code_line(&term.to_lowercase(), format!("{issuer}{path}"))));
    view! {
        <section class="card block">
            <div class="block-head"><h2>"Endpoints"</h2></div>
            {facts(rows.into_iter().collect())}
        </section>
    }
    .into_any()
}
