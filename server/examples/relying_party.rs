//! A web application that signs people in with Signet: code flow, PKCE, the checks of the ID token, userinfo.

use std::collections::HashMap;
use std::env::var;
use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

type AnyError = Box<dyn Error + Send + Sync>;

/// The client after discovery: an authorization endpoint for certain, the token and userinfo endpoints perhaps.
type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The facts that the callback needs again.
struct Login {
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

struct App {
    client: Client,
    http: reqwest::Client,
    /// By the cookie of the browser that began. Let them expire in earnest.
    logins: Mutex<HashMap<String, Login>>,
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    // Following redirects would let a server send these requests elsewhere.
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let signet = CoreProviderMetadata::discover_async(IssuerUrl::new(var("BASE")?)?, &http).await?;
    let secret = ClientSecret::new(var("CLIENT_SECRET")?);
    let client = CoreClient::from_provider_metadata(signet, ClientId::new("web".to_owned()), Some(secret))
        .set_redirect_uri(RedirectUrl::new(format!("{}/callback", var("APP")?))?);
    let app = Arc::new(App { client, http, logins: Mutex::default() });
    let router = Router::new()
        .route("/", get(async || "Open /login\n"))
        .route("/login", get(login))
        .route("/callback", get(callback))
        .with_state(app);
    let listener = TcpListener::bind(format!("127.0.0.1:{}", var("APP_PORT")?)).await?;
    Ok(axum::serve(listener, router).await?)
}

async fn login(State(app): State<Arc<App>>) -> Response {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (address, state, nonce) = app
        .client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scope(Scope::new("email".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let browser = CsrfToken::new_random().into_secret();
    // With https add "; Secure".
    let cookie = format!("login={browser}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax");
    app.logins.lock().await.insert(browser, Login { state, nonce, verifier });
    ([(header::SET_COOKIE, cookie)], Redirect::to(address.as_str())).into_response()
}

async fn callback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let cookies = headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let browser = cookies.split("; ").find_map(|pair| pair.strip_prefix("login=")).unwrap_or_default();
    let login = app.logins.lock().await.remove(browser);
    let Some(login) = login.filter(|login| query.get("state") == Some(login.state.secret())) else {
        return (StatusCode::BAD_REQUEST, "This login did not begin here. Open /login\n").into_response();
    };
    let Some(code) = query.get("code") else {
        let error = query.get("error_description").map_or("no code", String::as_str);
        return (StatusCode::FORBIDDEN, format!("Not signed in: {error}\n")).into_response();
    };
    match app.sign_in(AuthorizationCode::new(code.clone()), login).await {
        // Here begins a session of your own.
        Ok(email) => format!("Signed in as {email}\n").into_response(),
        Err(error) => {
            eprintln!("{error}");
            (StatusCode::BAD_GATEWAY, "Signing in failed\n").into_response()
        }
    }
}

impl App {
    /// Exchanges the code, verifies the ID token and asks for the email address.
    async fn sign_in(&self, code: AuthorizationCode, login: Login) -> Result<String, AnyError> {
        let exchange = self.client.exchange_code(code)?.set_pkce_verifier(login.verifier);
        let tokens = exchange.request_async(&self.http).await?;
        let id_token = tokens.id_token().ok_or("there is no ID token")?;
        // Signature, issuer, audience, expiry and nonce.
        let claims = id_token.claims(&self.client.id_token_verifier(), &login.nonce)?;
        let access_token = openidconnect::OAuth2TokenResponse::access_token(&tokens).clone();
        // The library refuses an answer about another subject.
        let request = self.client.user_info(access_token, Some(claims.subject().clone()))?;
        let user: CoreUserInfoClaims = request.request_async(&self.http).await?;
        Ok(user.email().ok_or("no email address")?.to_string())
    }
}
