//! Clients whose ID is the URL of their document, against a site with a certificate of a test authority.

mod changes;
mod flow;
mod hostile;
mod hosts;
mod signed;

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use idp::testing::Kind;
use idp::testing::site::{Authority, Reply, TestSite};
use oauth::id::ClientId;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::server::{CHALLENGE, Server, VERIFIER};

/// A place of an agent that is a web site, and one on the person's computer.
pub(crate) const SITE: &str = "https://agent.example/cb";
pub(crate) const PROGRAM: &str = "http://localhost:57470/callback";

/// A server, and the site that has the document of an agent.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) site: TestSite,
    pub(crate) authority: Authority,
    reply: Arc<Mutex<Reply>>,
    /// The answer at `/jwks`.
    keys: Arc<Mutex<Reply>>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_on(Kind::Sqlite).await.unwrap()
    }

    pub(crate) async fn start_on(kind: Kind) -> Option<Self> {
        let server = Server::start_on(kind).await?;
        let (authority, reply) = (Authority::default(), Arc::new(Mutex::new(Reply::Whole(Vec::new()))));
        let keys = Arc::new(Mutex::new(Reply::with("HTTP/1.1 404 Not Found", "")));
        let shown = (reply.clone(), keys.clone());
        let at = move |path: &str| if path == "/jwks" { shown.1.clone() } else { shown.0.clone() };
        let site = TestSite::start(&authority, move |path| at(path).lock().unwrap().clone()).await;
        let world = Self { server: server.asking(site.options(&authority)).await, site, authority, reply, keys };
        world.publish(|_| {});
        Some(world)
    }

    pub(crate) fn id(&self) -> String {
        self.site.url("/client.json")
    }

    pub(crate) fn client_id(&self) -> ClientId {
        ClientId::new(self.id())
    }

    /// The document of the agent, changed as the test needs it.
    pub(crate) fn document(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut document = json!({
            "client_id": self.id(),
            "client_name": "Agent Smith",
            "redirect_uris": [SITE, "http://localhost/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none",
        });
        change(&mut document);
        document
    }

    pub(crate) fn publish(&self, change: impl FnOnce(&mut Value)) {
        self.answer(Reply::json(&self.document(change)));
    }

    pub(crate) fn answer(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    /// The answer at `/jwks`.
    pub(crate) fn keys(&self) -> std::sync::MutexGuard<'_, Reply> {
        self.keys.lock().unwrap()
    }

    pub(crate) fn break_down(&self) {
        self.answer(Reply::with("HTTP/1.1 503 Service Unavailable", ""));
    }

    /// The address of a request of the agent.
    pub(crate) fn request(&self, redirect_uri: &str, more: &[(&str, &str)]) -> String {
        let id = self.id();
        let own = [
            ("client_id", id.as_str()),
            ("redirect_uri", redirect_uri),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        Browser::request(&[&own[..], more].concat())
    }

    /// Asks in a browser of alice and says yes; the answer to the client.
    pub(crate) async fn allow(&self, browser: &mut Browser<'_>, redirect_uri: &str) -> Answer {
        let page = browser.get(&self.request(redirect_uri, &[])).await;
        assert_eq!(page.status, StatusCode::OK, "{} {}", page.location(), page.body);
        let answer = browser.press(&page, "yes").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer
    }

    pub(crate) async fn redeem(&self, answer: &Answer, redirect_uri: &str) -> Answer {
        let (code, id) = (answer.query().text("code"), self.id());
        assert!(!code.is_empty(), "{}", answer.location());
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", id.as_str()),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.server.post("/token", None, &fields).await
    }

    pub(crate) async fn refresh(&self, tokens: &Value) -> Answer {
        let (token, id) = (tokens["refresh_token"].as_str().unwrap(), self.id());
        let fields = [("grant_type", "refresh_token"), ("client_id", id.as_str()), ("refresh_token", token)];
        self.server.post("/token", None, &fields).await
    }

    /// True when a row of the agent is kept.
    pub(crate) async fn is_kept(&self) -> bool {
        self.server.idp.get_client(&self.client_id()).await.is_ok()
    }
}
