//! The consents of a user: applications, agents and devices that may act for them, and the question whether to withdraw one.

use leptos::prelude::*;
use oauth::user::User;

use super::user_head;
use crate::account::consents::Consent;
use crate::console::frame::Entry;
use crate::console::question::Question;
use crate::console::{Console, path};
use crate::ui::{Crumb, empty, left_out, with_query};

/// The list, in the order of the clients' names. Its links lead to the questions whether to take back one scope, or all that a client
/// may do.
#[derive(Debug, Clone)]
pub struct UserConsentsPage {
    pub user: User,
    pub consents: Vec<Consent>,
    /// Parameters that could not be read.
    pub unread: Vec<String>,
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
            let question = path::user_part(self.user.subject.as_str(), "consents/withdraw");
            let rows = self.consents.iter().map(|consent| {
                let name =
                    view! { <a class="name" href=path::client(&consent.client_id)>{consent.client_name.clone()}</a> };
                let ask = with_query(&question, &[("client_id", &consent.client_id)]);
                consent.item(name.into_any(), &action, Some(ask), self.now)
            });
            view! { <ul class="consents" aria-label="Consents">{rows.collect_view()}</ul> }.into_any()
        };
        view! {
            {user_head(&self.user, "Consents")}
            {left_out(&self.unread)}
            <section class="card">{list}</section>
        }
    }
}

/// A scope of a consent that is to be taken back.
#[derive(Debug, Clone)]
pub struct ScopeToTake {
    pub name: String,
    pub in_words: String,
    /// The ID of the resource that has it; none for this server.
    pub resource: Option<String>,
}

/// The question whether to withdraw all that a client may do for a user, or one scope of it. Sends its `client_id`, and `scope` and
/// `resource`.
#[derive(Debug, Clone)]
pub struct UserConsentWithdrawalPage {
    pub user: User,
    pub client_id: String,
    pub client_name: String,
    /// None: all of it.
    pub scope: Option<ScopeToTake>,
}

impl UserConsentWithdrawalPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Users), self.title(), move || self.view())
    }

    fn title(&self) -> &'static str {
        if self.scope.is_some() { "Take back a scope" } else { "Withdraw a consent" }
    }

    fn view(self) -> AnyView {
        let (title, subject) = (self.title(), self.user.subject.as_str());
        let (name, back) = (self.user.username.clone(), path::user_part(subject, "consents"));
        let about = view! {
            "What " <b class="name">{name.clone()}</b> " allowed " <b class="name">{self.client_name}</b> "."
        };
        let mut hidden = vec![("client_id".to_owned(), self.client_id)];
        let (what, action, button) = match self.scope {
            None => (
                view! { <p>"The codes and tokens that the client has of this user end, and they are asked again next time."</p> }
                    .into_any(),
                path::user_part(subject, "consents/withdraw"),
                "Withdraw",
            ),
            Some(scope) => {
                let what = view! {
                    <p><b>{scope.in_words}</b> " (" <code>{scope.name.clone()}</code> ") is taken back."</p>
                    <p>"Tokens that the client has of this user open no more of that here, and it asks them again before it gets it."</p>
                };
                hidden.push(("scope".to_owned(), scope.name));
                hidden.extend(scope.resource.map(|id| ("resource".to_owned(), id)));
                (what.into_any(), back.clone(), "Take back")
            }
        };
        let text = view! {
            {what}
            <p>"An API that checks JWTs by itself accepts those that it was given until they end."</p>
        };
        Question {
            crumbs: vec![
                Crumb::new("Users", path::USERS),
                Crumb::new(name, path::user(subject)),
                Crumb::new("Consents", back.clone()),
            ],
            title,
            about: about.into_any(),
            text: text.into_any(),
            action,
            hidden,
            button,
            back,
        }
        .view()
    }
}
