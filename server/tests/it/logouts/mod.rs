//! Clients that hear that somebody signed out (OpenID Connect Back-Channel Logout 1.0, Front-Channel Logout 1.0, Session Management
//! 1.0), and logins that begin here (OpenID Connect Core §4). Tests that cover a module of the conformance suite bear its name.

mod backchannel;
mod console;
mod deliveries;
mod frontchannel;
mod hostile;
mod metadata;
mod pairwise;
mod rp_initiated;
mod session_management;

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::http::StatusCode;
use idp::testing::site::{Authority, Reply, TestSite};
use oauth::client::ClientKind;
use oauth::form::Form;
use oauth::id::{ClientId, Subject};
use serde_json::Value;

use crate::browser::Browser;
use crate::server::{CALLBACK, PASSWORD, SECRET, Server, claims, text};

/// The address where people go after they signed out.
const AFTER: &str = "https://app.example/after?from=logout";

/// A server with the client `bye`, and the site at which it takes logout tokens.
struct World {
    server: Server,
    site: TestSite,
    authority: Authority,
    /// The status of the site's answers; 0: it says nothing.
    status: Arc<AtomicU16>,
}

impl World {
    async fn of(server: Server) -> Self {
        let status = Arc::new(AtomicU16::new(200));
        let answered = status.clone();
        let authority = Authority::default();
        let reply = move |_: &str| match answered.load(Ordering::SeqCst) {
            0 => Reply::Silence(Vec::new()),
            status => Reply::with(&format!("HTTP/1.1 {status} X"), ""),
        };
        let site = TestSite::start(&authority, reply).await;
        let server = server.asking(site.options(&authority)).await;
        create_told(&server, "bye", &site.url("/backchannel_logout")).await;
        Self { server, site, authority, status }
    }

    /// Another process that may ask the site, on the same database.
    async fn node(&self) -> Server {
        self.server.another_node().await.asking(self.site.options(&self.authority)).await
    }

    /// The claims of the logout tokens that the site got, in their order.
    fn told(&self) -> Vec<Value> {
        self.tokens().iter().map(|token| claims(token)).collect()
    }

    fn tokens(&self) -> Vec<String> {
        let token = |body: String| {
            let form = Form::parse(body.as_bytes()).unwrap();
            assert_eq!(form.pairs().map(|(name, _)| name).collect::<Vec<_>>(), ["logout_token"]);
            form.text("logout_token")
        };
        self.site.posted().into_iter().map(token).collect()
    }

    async fn signed_in(&self) -> (Browser<'_>, Value) {
        sign_in(&self.server, "alice", "bye").await
    }
}

/// A client that takes logout tokens at `uri`.
async fn create_told(server: &Server, id: &str, uri: &str) {
    server
        .create_client(ClientKind::Web, id, |draft, policy| {
            draft.backchannel_logout_uri = uri.to_owned();
            draft.backchannel_logout_session_required = true;
            policy.post_logout_redirect_uris = AFTER.to_owned();
        })
        .await;
}

/// A browser in which somebody signed in to a client, and the tokens of that.
async fn sign_in<'a>(server: &'a Server, name: &str, client_id: &str) -> (Browser<'a>, Value) {
    let mut browser = server.browser();
    let answer = browser.post("/login", &[("username", name), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let tokens = sign_in_to(server, &mut browser, client_id).await;
    (browser, tokens)
}

/// The tokens of a further client, in the same browser.
async fn sign_in_to(server: &Server, browser: &mut Browser<'_>, client_id: &str) -> Value {
    let code = browser.authorize(&[("client_id", client_id)]).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    server.post("/token", Some(&format!("{client_id}:{SECRET}")), &fields).await.json()
}

/// The `sid` of an ID token.
fn sid(tokens: &Value) -> String {
    text(&claims(text(tokens, "id_token")), "sid").to_owned()
}

fn subject(tokens: &Value) -> Subject {
    Subject::new(text(&claims(text(tokens, "id_token")), "sub"))
}

/// The address at which a client signs somebody out.
fn end_session(tokens: &Value) -> String {
    let form = Form::default()
        .with("id_token_hint", text(tokens, "id_token"))
        .with("post_logout_redirect_uri", AFTER)
        .with("state", "s 1");
    format!("/end_session?{}", form.encode())
}

/// The messages to a client, as administrators see them.
async fn messages(server: &Server, client_id: &str) -> Vec<idp::LogoutRow> {
    server.idp.list_logouts(&ClientId::new(client_id), None, 1_000).await.unwrap().rows
}
