//! Registration: whether clients may register themselves, and the tokens by which they may.

use leptos::prelude::*;
use oauth::field::FieldErrors;
use oauth::registration::{MAX_INITIAL_TOKEN_NAME, RegistrationMode, RegistrationPolicyDraft};
use oauth::time::Timestamp;

use super::clients::credentials::NewSecret;
use super::frame::Entry;
use super::question::Question;
use super::{Console, Editing, path, tips};
use crate::islands::Check;
use crate::ui::{
    Choice, Crumb, Field, Tone, code_line, empty, facts, message, moment, note, page_head, section, select, table,
    with_query,
};

/// The page. Its first form sends `policy`; the others `name`, of a token to be made or deleted.
#[derive(Debug, Clone)]
pub struct RegistrationPage {
    pub policy: Editing<RegistrationPolicyDraft>,
    /// The address of the endpoint, while it answers.
    pub endpoint: Option<String>,
    pub tokens: Vec<InitialToken>,
    pub new_token: NewSecret,
    /// The name of a token that could not be made, and why.
    pub name: (String, FieldErrors),
    pub now: Timestamp,
}

/// An initial access token: never its value.
#[derive(Debug, Clone)]
pub struct InitialToken {
    pub name: String,
    pub created_at: Timestamp,
}

impl RegistrationPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Agents), "Registration", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let shown = new_token(&self.new_token);
        let state = match &self.endpoint {
            Some(endpoint) => note(Tone::Plain, format!("Clients can register now, at {endpoint}.")),
            None => note(Tone::Plain, "Clients cannot register now."),
        };
        let lead = "Agents that have no document to describe them register a client for themselves before they ask for \
                    anything (RFC 7591). People are asked about each of them.";
        view! {
            {page_head(
                vec![Crumb::new("Agents", path::AGENTS)],
                "Registration",
                lead,
                view! { <a class="btn" href=path::REGISTRATION_HISTORY>"History"</a> },
            )}
            {shown}
            {state}
            {self.policy.form(path::REGISTRATION.to_owned(), "Save", policy(&self.policy))}
            {self.list()}
            {self.add()}
        }
    }

    fn list(&self) -> AnyView {
        let rows: Vec<_> = self.tokens.iter().map(|token| row(token, self.now)).collect();
        let list = if rows.is_empty() {
            empty("No initial access tokens", "They count while clients with a token may register.", ())
        } else {
            table("Initial access tokens", &["Name", "Created", ""], rows)
        };
        view! { <section class="card">{list}</section> }.into_any()
    }

    fn add(&self) -> AnyView {
        let (name, errors) = &self.name;
        let name = Field::new("name", "Token name")
            .value(name)
            .help("Who has it, for example build server.")
            .tip(tips::INITIAL_TOKEN)
            .error(message(errors, "name"))
            .autocomplete("off");
        let form = view! {
            <form class="stack" method="post" action=path::REGISTRATION_TOKEN>
                {name.check(Check::display_name(MAX_INITIAL_TOKEN_NAME)).view()}
                <div class="actions"><button class="btn primary">"Create token"</button></div>
            </form>
        };
        section("Create an initial access token", "Whoever has it may register clients.", form)
    }
}

fn policy(editing: &Editing<RegistrationPolicyDraft>) -> AnyView {
    let choices = RegistrationMode::ALL.iter().map(|mode| {
        let label = match mode {
            RegistrationMode::Automatic => "Automatic: whoever asks, while a resource is registered",
            RegistrationMode::Off => "Nobody",
            RegistrationMode::Open => "Whoever asks",
            RegistrationMode::Token => "Whoever has an initial access token",
        };
        Choice::new(mode, label, "")
    });
    let field = select(
        "policy",
        "Clients that may register",
        "Those that are registered stay, whatever is chosen.",
        tips::REGISTRATION_POLICY,
        choices.collect(),
        &editing.draft.policy,
        message(&editing.errors, "policy"),
    );
    section("Policy", "Who may register a client here.", field)
}

fn row(token: &InitialToken, now: Timestamp) -> AnyView {
    view! {
        <tr>
            <td><span class="name">{token.name.clone()}</span></td>
            <td class="num">{moment(token.created_at, now)}</td>
            <td class="end">
                <a href=with_query(path::REGISTRATION_TOKEN_DELETE, &[("name", &token.name)])>
                    "Delete"<span class="visually-hidden">{format!(" {}", token.name)}</span>
                </a>
            </td>
        </tr>
    }
    .into_any()
}

/// The question whether to delete an initial access token. Sends its `name`.
#[derive(Debug, Clone)]
pub struct TokenDeletionPage {
    pub name: String,
}

impl TokenDeletionPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Agents), "Delete initial access token", move || self.view())
    }

    fn view(self) -> AnyView {
        let text = view! {
            <p>"Whoever holds " <b class="name">{self.name.clone()}</b> " registers no client by it any more. Nobody gets it back: make another one where it is needed."</p>
            <p>"Clients that were registered by it stay."</p>
        };
        Question {
            crumbs: vec![Crumb::new("Registration", path::REGISTRATION)],
            title: "Delete initial access token",
            about: ().into_any(),
            text: text.into_any(),
            action: path::REGISTRATION_TOKEN_DELETE.to_owned(),
            hidden: vec![("name".to_owned(), self.name)],
            button: "Delete",
            back: path::REGISTRATION.to_owned(),
        }
        .view()
    }
}

/// A token that was just made: it is shown this once.
fn new_token(token: &NewSecret) -> Option<AnyView> {
    match token {
        NewSecret::None => None,
        NewSecret::Shown(token) => {
            let line = facts(vec![("Initial access token", code_line("initial access token", token))]);
            let text = "Copy the token now. The server keeps only its digest, so it is not shown again.";
            Some(view! { {note(Tone::Warn, text)} <section class="card block">{line}</section> }.into_any())
        }
        NewSecret::Over => {
            let text = "The new token was shown once and is not shown again: the server keeps only its digest. If nobody \
                        copied it, delete it and make another.";
            Some(note(Tone::Plain, text))
        }
    }
}
