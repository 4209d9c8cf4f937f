//! The secrets of a client.

use leptos::prelude::*;
use oauth::client::{Client, ClientAuthMethod, MAX_SECRET_NAME, SECRET_DAYS, SecretDraft};
use oauth::time::Timestamp;

use super::client_head;
use crate::console::frame::Entry;
use crate::console::{Console, Editing, path, tips};
use crate::islands::Check;
use crate::ui::{Field, Tone, code_line, count, empty, facts, message, moment, note, section, table, tag, with_query};

/// A secret: never its value.
#[derive(Debug, Clone)]
pub struct SecretRow {
    pub id: String,
    pub name: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    /// The way it came then.
    pub last_used_by: Option<ClientAuthMethod>,
}

/// The secret that was just made, and to whose page its maker was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum NewSecret {
    /// None was made.
    #[default]
    None,
    /// It is shown now, in clear.
    Shown(String),
    /// It was shown before: the page was opened again.
    Over,
}

/// The secrets, and the form for another. Sends `name` and `lifetime_days`; revoking one is a page of its own.
#[derive(Debug, Clone)]
pub struct ClientCredentialsPage {
    pub client: Client,
    pub secrets: Vec<SecretRow>,
    pub new_secret: NewSecret,
    /// The form for another.
    pub editing: Editing<SecretDraft>,
    pub now: Timestamp,
}

impl ClientCredentialsPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), format!("{} credentials", self.client.client_name), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let shown = new_secret(&self.new_secret);
        let body = if self.client.token_endpoint_auth_method.needs_keys() {
            self.keys()
        } else if self.client.token_endpoint_auth_method == ClientAuthMethod::Tls {
            self.subject()
        } else if !self.client.token_endpoint_auth_method.needs_secret() {
            let settings = path::client_part(self.client.client_id.as_str(), "settings");
            let text = view! { "It proves nothing about itself and uses PKCE instead. The " <a href=settings>"settings"</a> " say so." };
            view! { <section class="card">{empty("A public client has no secret", text, ())}</section> }.into_any()
        } else {
            view! { {self.list()} {self.add()} }.into_any()
        };
        view! { {client_head(&self.client, "Credentials")} {shown} {body} }
    }

    /// The subject of the certificates of a client.
    fn subject(&self) -> AnyView {
        let subject = self.client.tls_client_auth_subject.as_ref().map(ToString::to_string).unwrap_or_default();
        let fact = facts(vec![("Subject", code_line("subject of the certificates", subject))]);
        view! { {section("Certificate", "An authority that the proxy trusts vouches for it. Nothing secret is kept here.", fact)} }
            .into_any()
    }

    /// The public keys of a client that is known by them, or where they are.
    fn keys(&self) -> AnyView {
        let keys = match (&self.client.jwks, &self.client.jwks_uri) {
            (Some(jwks), _) => {
                view! { <pre class="sample" tabindex="0"><code>{jwks.to_text()}</code></pre> }.into_any()
            }
            (None, uri) => facts(vec![("Address", code_line("address of the keys", uri.clone().unwrap_or_default()))]),
        };
        let settings = path::client_part(self.client.client_id.as_str(), "settings");
        view! {
            <section class="card block">
                <div class="block-head"><h2>"Public keys"</h2></div>
                <p class="muted small">
                    "The client signs a JWT with its private key, which nobody else has. The " <a href=settings>"settings"</a>
                    " hold the public one."
                </p>
                {keys}
            </section>
        }
        .into_any()
    }

    fn list(&self) -> AnyView {
        let revoke = path::client_part(self.client.client_id.as_str(), "credentials/revoke");
        secret_table(&self.secrets, &revoke, "Without one the client cannot ask for tokens.", self.now)
    }

    fn add(&self) -> AnyView {
        secret_form(&self.editing, path::client_part(self.client.client_id.as_str(), "credentials"))
    }
}

/// The secrets, each with the way to the question whether to revoke it.
pub(in crate::console) fn secret_table(
    secrets: &[SecretRow],
    revoke: &str,
    without: &'static str,
    now: Timestamp,
) -> AnyView {
    let rows: Vec<_> = secrets.iter().map(|secret| row(secret, revoke, now)).collect();
    let list = if rows.is_empty() {
        empty("No secrets", without, ())
    } else {
        table("Secrets", &["Name", "-Created", "Last used", "-Expires", ""], rows)
    };
    view! { <section class="card">{list}</section> }.into_any()
}

/// The note about a secret that was just made.
pub(in crate::console) fn once(secret: &NewSecret) -> Option<AnyView> {
    match secret {
        NewSecret::None => None,
        NewSecret::Shown(_) => {
            Some(note(Tone::Warn, "Copy the secret now. The server keeps only its digest, so it is not shown again."))
        }
        NewSecret::Over => {
            let text = "The new secret was shown once and is not shown again: the server keeps only its digest. If nobody \
                        copied it, add another secret and revoke this one.";
            Some(note(Tone::Plain, text))
        }
    }
}

/// A secret that was just made: it is shown this once.
pub(in crate::console) fn new_secret(secret: &NewSecret) -> AnyView {
    let shown = match secret {
        NewSecret::Shown(secret) => {
            let line = facts(vec![("New secret", code_line("client secret", secret))]);
            Some(view! { <section class="card block">{line}</section> })
        }
        NewSecret::None | NewSecret::Over => None,
    };
    view! { {once(secret)} {shown} }.into_any()
}

/// The form for a further secret. It posts to `here`.
pub(in crate::console) fn secret_form(editing: &Editing<SecretDraft>, here: String) -> AnyView {
    let name = Field::new("name", "Secret name")
        .value(&editing.draft.name)
        .help("Where it is used, for example production.")
        .tip(tips::SECRET_NAME)
        .error(message(&editing.errors, "name"))
        .autocomplete("off");
    let days = Field::new("lifetime_days", "Expires after")
        .value(&editing.draft.lifetime_days)
        .help(format!("Days, up to {}. Empty: never.", count(SECRET_DAYS.end().unsigned_abs())))
        .tip(tips::SECRET_LIFETIME)
        .error(message(&editing.errors, "lifetime_days"))
        .kind("number");
    let form = view! {
        {editing.note(&here)}
        <form class="stack" method="post" action=here>
            <div class="halves">
                {name.check(Check::display_name(MAX_SECRET_NAME)).view()}
                {days.check(Check::optional_range(&SECRET_DAYS)).view()}
            </div>
            <div class="actions"><button class="btn primary">"Add secret"</button></div>
        </form>
    };
    let hint = "Several secrets are valid side by side: add the new one, roll it out, then revoke the old one. Nothing stops in between.";
    section("Add a secret", hint, form)
}

fn row(secret: &SecretRow, revoke: &str, now: Timestamp) -> AnyView {
    let expires = match secret.expires_at {
        None => "never".into_any(),
        Some(at) if at <= now => tag(Tone::Bad, "Expired"),
        Some(at) => moment(at, now),
    };
    let last_used = secret.last_used_at.map_or_else(|| "never".into_any(), |at| moment(at, now));
    let way = secret.last_used_by.map(|method| view! { <div class="tiny">{way_of(method)}</div> });
    view! {
        <tr>
            <td><span class="name">{secret.name.clone()}</span></td>
            <td class="num wide">{moment(secret.created_at, now)}</td>
            <td class="num">{last_used}{way}</td>
            <td class="num wide">{expires}</td>
            <td class="end">
                <a class="btn danger" href=with_query(revoke, &[("id", &secret.id)])>
                    "Revoke"<span class="visually-hidden">{format!(" {}", secret.name)}</span>
                </a>
            </td>
        </tr>
    }
    .into_any()
}

/// The way a secret travelled, in words.
fn way_of(method: ClientAuthMethod) -> &'static str {
    match method {
        ClientAuthMethod::ClientSecretBasic => "in the header",
        ClientAuthMethod::ClientSecretPost => "in the body",
        ClientAuthMethod::ClientSecretJwt => "in a MAC",
        ClientAuthMethod::PrivateKeyJwt
        | ClientAuthMethod::Tls
        | ClientAuthMethod::SelfSignedTls
        | ClientAuthMethod::None => "",
    }
}
