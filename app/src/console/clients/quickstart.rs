//! The quick start of a client: its addresses, the variables of its environment and code that uses it. Right after the client was
//! made, its secret, too.

use leptos::prelude::*;
use oauth::client::{Client, ClientAuthMethod, GrantType};
use oauth::client_auth::JWT_BEARER;
use oauth::grant::TokenType;
use oauth::metadata::path as endpoint;
use oauth::redirect_uri::RedirectUri;
use oauth::time::Timestamp;

use super::client_head;
use super::credentials::{NewSecret, once};
use super::wizard::Starter;
use super::wizard::snippet::Snippet;
use crate::console::dashboard::endpoints;
use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::islands::CopyButton;
use crate::ui::{Icon, code_line, facts, moment, with_query};

/// Stands in the environment for a secret that the page does not know.
const PLACEHOLDER: &str = "<client secret>";

/// Everything that an application needs to begin.
#[derive(Debug, Clone)]
pub struct ClientQuickStartPage {
    pub issuer: String,
    pub client: Client,
    pub secret: NewSecret,
    /// The sample that is opened, by its word; the first if there is none such.
    pub code: String,
    pub now: Timestamp,
}

impl ClientQuickStartPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        let nonce = console.nonce.clone();
        console.page(Some(Entry::Clients), format!("{} quick start", self.client.client_name), move || self.view(nonce))
    }

    fn view(self, nonce: String) -> impl IntoView {
        let id = self.client.client_id.as_str();
        let mut rows = vec![("Client ID", code_line("client ID", id))];
        rows.extend(self.secret_line().map(|line| ("Client secret", line)));
        view! {
            {client_head(&self.client, "Quick start")}
            {once(&self.secret)}
            <section class="card block">
                <div class="block-head"><h2>"Credentials"</h2></div>
                {facts(rows)}
            </section>
            {self.environment()}
            {self.code()}
            {self.development()}
            {try_it(&self.issuer, &self.client)}
            {endpoints(&self.issuer, self.client.acts_only_for_itself())}
            <script type="module" nonce=nonce inner_html=include_str!("copy.js")></script>
        }
    }

    fn needs_secret(&self) -> bool {
        self.client.token_endpoint_auth_method.needs_secret()
    }

    fn secret_line(&self) -> Option<AnyView> {
        let credentials = path::client_part(self.client.client_id.as_str(), "credentials");
        match &self.secret {
            NewSecret::Shown(secret) => Some(code_line("client secret", secret)),
            _ if self.needs_secret() => {
                let text = view! {
                    <span class="muted">
                        "Shown once, when it is made. " <a href=credentials>"Add another"</a> " if nobody has it any more."
                    </span>
                };
                Some(text.into_any())
            }
            _ => None,
        }
    }

    /// The variables that an application gets from outside. The code below reads the secret from there.
    fn environment(&self) -> AnyView {
        let redirect_uri = self.client.redirect_uris.first().map(RedirectUri::as_str);
        let secret = match &self.secret {
            NewSecret::Shown(secret) => Some(secret.as_str()),
            _ => self.needs_secret().then_some(PLACEHOLDER),
        };
        let lines = [
            ("OIDC_ISSUER", Some(self.issuer.as_str())),
            ("OIDC_CLIENT_ID", Some(self.client.client_id.as_str())),
            ("OIDC_CLIENT_SECRET", secret),
            ("OIDC_REDIRECT_URI", redirect_uri),
        ];
        let lines =
            lines.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name}={}\n", quoted(value))));
        let text: String = lines.collect();
        view! {
            <section class="card block">
                <div class="block-head">
                    <h2>"Environment variables"</h2>
                    <CopyButton text=text.clone() what="the environment variables".to_owned()/>
                </div>
                <p class="muted small">"In a file that is not checked in, for example .env."</p>
                <pre class="sample" tabindex="0"><code>{text}</code></pre>
            </section>
        }
        .into_any()
    }

    /// The mode in which refusals are explained to everybody.
    fn development(&self) -> AnyView {
        let until = self.client.development_until.filter(|until| self.now < *until);
        let (said, word, label) = match until {
            Some(until) => {
                let at = moment(until, self.now);
                (view! { "It is on, and ends by itself: " {at} "." }.into_any(), "off", "End development mode")
            }
            None => ("It is off.".into_any(), "on", "Development mode for a day"),
        };
        view! {
            <section class="card block" id="development">
                <div class="block-head"><h2>"Development mode"</h2></div>
                <p class="muted small">
                    "While it is on, whoever is refused through this client sees why: the check, what was sent and what is registered. \
                     Otherwise only administrators do."
                </p>
                <form class="actions" method="post" action=path::client_part(self.client.client_id.as_str(), "development")>
                    <span>{said}</span>
                    <button class="btn" name="development" value=word>{label}</button>
                </form>
            </section>
        }
        .into_any()
    }

    /// Ready code, one library opened.
    fn code(&self) -> AnyView {
        let snippets = fitting(&self.client);
        let chosen = snippets.iter().position(|snippet| snippet.id == self.code).unwrap_or_default();
        let parts =
            snippets.iter().enumerate().map(|(index, snippet)| self.snippet(snippet, index == chosen)).collect_view();
        let settings = path::client_part(self.client.client_id.as_str(), "settings");
        let hint = if !snippets.is_empty() {
            let secret = self.needs_secret().then_some(" The secret is read from the environment.");
            let known = if self.client.acts_only_for_itself() || self.client.redirect_uris.is_empty() {
                "With this issuer and client ID already in it."
            } else {
                "With this issuer, client ID and redirect URI already in it."
            };
            view! { {known} {secret} }.into_any()
        } else if self.client.may_use(GrantType::AuthorizationCode) && self.client.redirect_uris.is_empty() {
            view! { "The code needs an address to come back to: add a redirect URI in the " <a href=settings>"settings"</a> "." }
                .into_any()
        } else {
            view! {
                "There is no sample for a client that proves itself or asks in this way. The "
                <a href=format!("{}/integrating", crate::path::DOCS)>"documentation"</a> " shows each request."
            }
            .into_any()
        };
        view! {
            <section class="card block">
                <div class="block-head"><h2>"Code"</h2></div>
                <p class="muted small">{hint}</p>
                {parts}
            </section>
        }
        .into_any()
    }

    fn snippet(&self, snippet: &Snippet, open: bool) -> AnyView {
        let code = snippet.render(&self.issuer, &self.client);
        let install = (!snippet.install.is_empty()).then(|| {
            view! { <pre class="sample" tabindex="0"><code>{snippet.install}</code></pre> }
        });
        let run = (!snippet.run.is_empty()).then(|| {
            view! {
                <div class="block-head">
                    <span class="small">"Run it. It says what to open."</span>
                    {copy_below("the command")}
                </div>
                <pre class="sample" tabindex="0"><code>{snippet.run}</code></pre>
            }
        });
        view! {
            <details class="snippet" name="snippet" open=open>
                <summary>{snippet.title}</summary>
                {install}
                <div class="block-head">
                    <code>{snippet.file}</code>
                    {copy_below(snippet.file)}
                </div>
                <pre class="sample" tabindex="0" data-file=snippet.file><code>{code}</code></pre>
                {run}
            </details>
        }
        .into_any()
    }
}

/// A button that copies the sample below it. The island would carry each sample once more.
fn copy_below(what: &str) -> AnyView {
    view! {
        <button type="button" class="btn quiet copy" data-copies="">
            {Icon::Copy.view()}
            <span class="visually-hidden">{format!("Copy {what}")}</span>
            <span class="visually-hidden" role="status"></span>
        </button>
    }
    .into_any()
}

/// The samples that this client can use as they are.
fn fitting(client: &Client) -> Vec<&'static Snippet> {
    let snippets = Starter::for_client(client).map(Starter::snippets).unwrap_or_default();
    snippets.iter().filter(|snippet| snippet.fits(client)).collect()
}

/// A value as a shell and a file of variables read it: whoever registered the client chose it.
fn quoted(value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~:/+@%,=".contains(&byte);
    if value.bytes().all(is_plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', "'\\''")) }
}

/// A first sign-in or a first request, ready to be sent.
pub(super) fn try_it(issuer: &str, client: &Client) -> AnyView {
    let Some((hint, text)) = command(issuer, client) else { return try_sign_in(client) };
    view! {
        <section class="card block">
            <div class="block-head"><h2>"Try it"</h2><CopyButton text=text.clone() what="the example".to_owned()/></div>
            <p class="muted small">{hint}</p>
            <pre class="sample" tabindex="0"><code>{text}</code></pre>
        </section>
    }
    .into_any()
}

/// The way to a sign-in that comes back to the console.
fn try_sign_in(client: &Client) -> AnyView {
    let begin = with_query(path::TRIAL, &[("client_id", client.client_id.as_str())]);
    let rules = client.rules();
    let by_keys = rules.requires_push || rules.requires_possession || client.require_signed_request_object;
    let (text, link) = if by_keys {
        ("Its requests are pushed, signed or proven by a key, so only the application itself can make one.", None)
    } else if !client.may_ask_for_codes() {
        ("It gets tokens through the browser, so only the application itself can make a request.", None)
    } else {
        let text = "Sign in as the people who use this client do. You come back here, and see the scopes and claims that the \
                    application would get. It asks for the scopes that the client has by default.";
        (text, Some(view! { <div class="actions"><a class="btn" href=begin>"Try to sign in"</a></div> }))
    };
    view! {
        <section class="card block">
            <div class="block-head"><h2>"Try it"</h2></div>
            <p class="muted small">{text}</p>
            {link}
        </section>
    }
    .into_any()
}

/// The command for a client at which nobody signs in by a browser.
fn command(issuer: &str, client: &Client) -> Option<(&'static str, String)> {
    let proven = "Run this with the client's secret or assertion: it prints an access token.";
    if client.grant_types.iter().any(|grant| grant.redirects()) {
        None
    } else if client.may_use(GrantType::DeviceCode) {
        let hint = "Run this: it prints a code, and the address where somebody types it.";
        Some((hint, device_command(issuer, client)))
    } else if client.may_use(GrantType::Ciba) {
        let hint = "Run this with the client's secret or assertion: somebody finds the question at /approve.";
        Some((hint, ciba_command(issuer, client)))
    } else if client.may_use(GrantType::ClientCredentials) {
        Some((proven, token_command(issuer, client, GrantType::ClientCredentials, "")))
    } else if client.may_use(GrantType::JwtBearer) {
        let hint = "Run this with an assertion of an issuer that is trusted here: it prints an access token.";
        Some((hint, token_command(issuer, client, GrantType::JwtBearer, " -d 'assertion=<signed JWT>'")))
    } else {
        let token = format!(" -d 'subject_token=<access token>' -d subject_token_type={}", TokenType::AccessToken);
        Some((proven, token_command(issuer, client, GrantType::TokenExchange, &token)))
    }
}

fn token_command(issuer: &str, client: &Client, grant_type: GrantType, more: &str) -> String {
    format!("curl {} -d grant_type={grant_type}{more} {issuer}{}", proof(client), endpoint::TOKEN)
}

fn device_command(issuer: &str, client: &Client) -> String {
    let scope = &client.rules().default_scope;
    format!("curl {} --data-urlencode 'scope={scope}' {issuer}{}", proof(client), endpoint::DEVICE_AUTHORIZATION)
}

fn ciba_command(issuer: &str, client: &Client) -> String {
    let told = client.ciba.ping_endpoint().map(|_| " -d 'client_notification_token=<a secret of yours>'");
    let (told, address) = (told.unwrap_or_default(), endpoint::BACKCHANNEL_AUTHENTICATION);
    format!("curl {} -d scope=openid -d 'login_hint=<user name>'{told} {issuer}{address}", proof(client))
}

/// The arguments by which curl says which client calls.
fn proof(client: &Client) -> String {
    let id = &client.client_id;
    match client.token_endpoint_auth_method {
        ClientAuthMethod::None => format!("-d client_id={id}"),
        ClientAuthMethod::ClientSecretBasic => format!("-u '{id}:<client secret>'"),
        ClientAuthMethod::ClientSecretPost => {
            format!("-d client_id={id} --data-urlencode 'client_secret=<client secret>'")
        }
        ClientAuthMethod::Tls | ClientAuthMethod::SelfSignedTls => {
            format!("--cert client.crt --key client.key -d client_id={id}")
        }
        ClientAuthMethod::PrivateKeyJwt | ClientAuthMethod::ClientSecretJwt => {
            format!("-d client_assertion_type={JWT_BEARER} -d 'client_assertion=<signed JWT>'")
        }
    }
}

#[cfg(test)]
mod tests {
    use oauth::client::{ClientDraft, ClientKind};

    use super::*;

    fn client(kind: ClientKind, change: impl FnOnce(&mut ClientDraft)) -> Client {
        let mut draft = ClientDraft {
            client_id: "app".to_owned(),
            client_name: "App".to_owned(),
            redirect_uris: "https://app.example/cb".to_owned(),
            ..ClientDraft::preset(kind)
        };
        if kind == ClientKind::Machine {
            draft.redirect_uris = String::new();
        }
        change(&mut draft);
        draft.check(None).unwrap()
    }

    #[test]
    fn a_shell_reads_every_value_as_it_is() {
        assert_eq!(quoted("https://app.example/cb?a=1"), "'https://app.example/cb?a=1'");
        assert_eq!(quoted("https://app.example/cb"), "https://app.example/cb");
        assert_eq!(quoted("$(id)"), "'$(id)'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }

    fn titles(client: &Client) -> Vec<&'static str> {
        fitting(client).iter().map(|snippet| snippet.id).collect()
    }

    #[test]
    fn each_kind_of_client_has_samples_that_it_can_run() {
        assert_eq!(titles(&client(ClientKind::Web, |_| {})).len(), 4);
        assert_eq!(titles(&client(ClientKind::Spa, |_| {})).len(), 2);
        assert_eq!(titles(&client(ClientKind::Machine, |_| {})).len(), 4);
        let native = client(ClientKind::Native, |_| {});
        assert_eq!(titles(&native), ["native_ios.swift", "native_android.kt"]);
        let loopback = client(ClientKind::Native, |draft| draft.redirect_uris = "http://127.0.0.1:5000/cb".to_owned());
        assert_eq!(titles(&loopback).last(), Some(&"cli.py"));
        let device = client(ClientKind::Native, |draft| {
            draft.grant_types = vec![GrantType::DeviceCode.to_string()];
            draft.redirect_uris = String::new();
        });
        assert_eq!(titles(&device), ["device.py", "device.mjs"]);
    }

    #[test]
    fn a_sample_that_would_not_run_is_not_shown() {
        let nowhere = Client { redirect_uris: Vec::new(), ..client(ClientKind::Web, |_| {}) };
        assert!(titles(&nowhere).is_empty());
        for method in [ClientAuthMethod::PrivateKeyJwt, ClientAuthMethod::None] {
            let client = Client { token_endpoint_auth_method: method, ..client(ClientKind::Web, |_| {}) };
            assert!(titles(&client).is_empty(), "{method}");
        }
    }
}
