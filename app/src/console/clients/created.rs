//! A client that was just made: its secret, this one time, and how to use it.

use leptos::prelude::*;
use oauth::client::{Client, ClientAuthMethod, GrantType};
use oauth::client_auth::JWT_BEARER;
use oauth::grant::TokenType;
use oauth::metadata::path as endpoint;
use oauth::redirect_uri::RedirectUri;

use super::wizard::Starter;
use super::wizard::snippet::Snippet;
use crate::console::dashboard::endpoints;
use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::islands::CopyButton;
use crate::ui::{Crumb, Tone, code_line, facts, note, page_head, query};

/// The answer to a new client.
#[derive(Debug, Clone)]
pub struct ClientCreatedPage {
    pub issuer: String,
    pub client: Client,
    /// In clear; `None` for a public client.
    pub secret: Option<String>,
    /// Whose code is shown.
    pub starter: Starter,
    /// Which of it first, by the word that the wizard's form sends; the first if there is none such.
    pub code: String,
}

impl ClientCreatedPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), "Client created", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let id = self.client.client_id.as_str().to_owned();
        let once = self.secret.is_some().then(|| {
            note(Tone::Warn, "Copy the secret now. The server keeps only its digest, so it is not shown again.")
        });
        let mut rows = vec![("Client ID", code_line("client ID", &id))];
        rows.extend(self.secret.clone().map(|secret| ("Client secret", code_line("client secret", secret))));
        let more = view! { <a class="btn primary" href=path::client(&id)>"Open the client"</a> };
        let lead = view! { <b class="name">{self.client.client_name.clone()}</b> " is ready to use." };
        view! {
            {page_head(vec![Crumb::new("Clients", path::CLIENTS)], "Client created", lead, more)}
            {once}
            <section class="card block">
                <div class="block-head"><h2>"Credentials"</h2></div>
                {facts(rows)}
            </section>
            {endpoints(&self.issuer)}
            {self.environment()}
            {self.code()}
            {try_it(&self.issuer, &self.client)}
        }
    }

    /// The variables that an application gets from outside. The code below reads the secret from there.
    fn environment(&self) -> AnyView {
        let redirect_uri = self.client.redirect_uris.first().map(RedirectUri::as_str);
        let lines = [
            ("OIDC_ISSUER", Some(self.issuer.as_str())),
            ("OIDC_CLIENT_ID", Some(self.client.client_id.as_str())),
            ("OIDC_CLIENT_SECRET", self.secret.as_deref()),
            ("OIDC_REDIRECT_URI", redirect_uri),
        ];
        let lines = lines.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name}={value}\n")));
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

    /// Ready code, one library opened. The page cannot be loaded again, so all of it is there.
    fn code(&self) -> AnyView {
        let snippets: Vec<_> = self.starter.snippets().iter().filter(|snippet| snippet.fits(&self.client)).collect();
        let chosen = snippets.iter().position(|snippet| snippet.id == self.code).unwrap_or_default();
        let parts =
            snippets.iter().enumerate().map(|(index, snippet)| self.snippet(snippet, index == chosen)).collect_view();
        let secret = self.secret.as_ref().map(|_| " The secret is read from the environment.");
        let hint = if snippets.is_empty() {
            "The code listens at the redirect URI, which has to begin with http://127.0.0.1 for that."
        } else {
            "With this issuer, client ID and redirect URI already in it."
        };
        view! {
            <section class="card block">
                <div class="block-head"><h2>"Code"</h2></div>
                <p class="muted small">{hint}{secret}</p>
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
        view! {
            <details class="snippet" name="snippet" open=open>
                <summary>{snippet.title}</summary>
                {install}
                <div class="block-head">
                    <code>{snippet.file}</code>
                    <CopyButton text=code.clone() what=snippet.file.to_owned()/>
                </div>
                <pre class="sample" tabindex="0" data-file=snippet.file><code>{code}</code></pre>
            </details>
        }
        .into_any()
    }
}

/// A first request, ready to be sent.
pub(super) fn try_it(issuer: &str, client: &Client) -> AnyView {
    let (hint, text) = if let Some(without_browser) = command(issuer, client) {
        without_browser
    } else if let Some(redirect_uri) = client.redirect_uris.first() {
        let hint = "Open this in a browser: people sign in here and are sent back with a code.";
        (hint, authorize_url(issuer, client, redirect_uri))
    } else {
        return view! {
            <section class="card block">
                <div class="block-head"><h2>"Try it"</h2></div>
                <p class="muted small">"Before people can sign in, a redirect URI has to be registered."</p>
            </section>
        }
        .into_any();
    };
    let pkce = client
        .rules()
        .requires_pkce
        .then_some(" The challenge belongs to the verifier of RFC 7636, appendix B; a real client makes its own.");
    view! {
        <section class="card block">
            <div class="block-head"><h2>"Try it"</h2><CopyButton text=text.clone() what="the example".to_owned()/></div>
            <p class="muted small">{hint}{pkce}</p>
            <pre class="sample" tabindex="0"><code>{text}</code></pre>
        </section>
    }
    .into_any()
}

/// The command for a client at which nobody signs in by a browser.
fn command(issuer: &str, client: &Client) -> Option<(&'static str, String)> {
    let proven = "Run this with the client's secret or assertion: it prints an access token.";
    if client.may_use(GrantType::AuthorizationCode) {
        None
    } else if client.may_use(GrantType::DeviceCode) {
        let hint = "Run this: it prints a code, and the address where somebody types it.";
        Some((hint, device_command(issuer, client)))
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

fn authorize_url(issuer: &str, client: &Client, redirect_uri: &RedirectUri) -> String {
    let scope = client.rules().default_scope.to_string();
    let mut pairs = vec![
        ("client_id", client.client_id.as_str()),
        ("redirect_uri", redirect_uri.as_str()),
        ("response_type", "code"),
        ("scope", scope.as_str()),
        ("state", "example"),
    ];
    if client.rules().requires_pkce {
        pairs.push(("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        pairs.push(("code_challenge_method", "S256"));
    }
    format!("{issuer}{}?{}", endpoint::AUTHORIZE, query(&pairs))
}

fn token_command(issuer: &str, client: &Client, grant_type: GrantType, more: &str) -> String {
    format!("curl {} -d grant_type={grant_type}{more} {issuer}{}", proof(client), endpoint::TOKEN)
}

fn device_command(issuer: &str, client: &Client) -> String {
    let scope = &client.rules().default_scope;
    format!("curl {} --data-urlencode 'scope={scope}' {issuer}{}", proof(client), endpoint::DEVICE_AUTHORIZATION)
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
        ClientAuthMethod::PrivateKeyJwt => {
            format!("-d client_assertion_type={JWT_BEARER} -d 'client_assertion=<signed JWT>'")
        }
    }
}
