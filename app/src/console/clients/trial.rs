//! The end of a trial: what a client would have got.

use leptos::prelude::*;
use oauth::client::Client;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::client_head;
use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::ui::{Tone, facts, note, with_query, word_of};

/// The outcome of a sign-in to a client that an administrator tried.
#[derive(Debug, Clone)]
pub struct ClientTrialPage {
    pub client: Client,
    pub outcome: Trial,
}

/// An outcome.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Trial {
    SignedIn {
        /// The scopes that were granted.
        scopes: Vec<String>,
        /// Seconds.
        expires_in: i64,
        has_refresh_token: bool,
        /// The claims of the ID token, if there was one.
        id_token: Option<Map<String, Value>>,
    },
    /// The request or the code was refused.
    Refused { error: String, description: String },
    /// The result is of another session, or its time is over.
    Over,
}

impl ClientTrialPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), format!("{} trial", self.client.client_name), move || self.view())
    }

    fn view(self) -> AnyView {
        let id = self.client.client_id.as_str();
        let again = with_query(path::TRIAL, &[("client_id", id)]);
        let activity = path::client_part(id, "activity");
        let outcome = match self.outcome {
            Trial::SignedIn { scopes, expires_in, has_refresh_token, id_token } => {
                signed_in(scopes, expires_in, has_refresh_token, id_token)
            }
            Trial::Refused { error, description } => {
                let text = view! {
                    <b>"It was refused: "</b> <code>{error}</code> ". " {description} " The "
                    <a href=activity>"activity"</a> " of the client says which check it was."
                };
                note(Tone::Bad, text)
            }
            Trial::Over => note(
                Tone::Plain,
                "The result of a trial is shown for an hour, in the session of the console that made it. Try again to see another.",
            ),
        };
        view! {
            {client_head(&self.client, "Quick start")}
            {outcome}
            <div class="actions">
                <a class="btn primary" href=again>"Try again"</a>
                <a class="btn" href=path::client_part(id, "quickstart")>"Back to the quick start"</a>
            </div>
        }
        .into_any()
    }
}

fn signed_in(
    scopes: Vec<String>,
    expires_in: i64,
    has_refresh_token: bool,
    id_token: Option<Map<String, Value>>,
) -> AnyView {
    let scopes = scopes.into_iter().map(|scope| view! { <code>{scope}</code> }).collect_view();
    let seconds = word_of(expires_in.unsigned_abs(), "second", "seconds");
    let rows = vec![
        ("Scopes", view! { <div class="claims">{scopes}</div> }.into_any()),
        ("Access token", format!("good for {seconds}").into_any()),
        ("Refresh token", if has_refresh_token { "yes" } else { "none" }.into_any()),
    ];
    let claims = match id_token {
        Some(claims) => {
            view! { <pre class="sample" tabindex="0"><code>{format!("{:#}", Value::Object(claims))}</code></pre> }
                .into_any()
        }
        None => view! { <p class="muted">"None: the scope openid was not granted."</p> }.into_any(),
    };
    view! {
        {note(Tone::Good, "It works. This is what the application would have got; it is revoked already.")}
        <section class="card block">
            <div class="block-head"><h2>"Granted"</h2></div>
            {facts(rows)}
        </section>
        <section class="card block">
            <div class="block-head"><h2>"Claims of the ID token"</h2></div>
            {claims}
        </section>
    }
    .into_any()
}
