//! A consent and a grant cover what the scopes opened when they were shown, whatever the names mean later.

use axum::http::StatusCode;
use idp::Actor;
use idp::testing::execute;
use oauth::client::{ClientKind, PolicyDraft};
use oauth::scope::ScopeDraft;
use serde_json::Value;

use crate::browser::Browser;
use crate::concurrency::on_every_database;
use crate::server::{CALLBACK, SECRET, Server, text};

on_every_database!(
    an_old_token_reads_nothing_that_its_scope_opens_since,
    a_scope_that_opens_more_is_asked_for_again,
    a_scope_that_opens_less_gives_less_at_once,
    a_scope_created_again_inherits_nothing,
    what_was_agreed_to_before_meanings_were_recorded_is_frozen_at_the_migration,
);

const SCOPE: &str = "openid news offline_access";

impl Server {
    /// Says what the scope `news` opens; creates it if need be.
    async fn news_opens(&self, claims: &str) {
        let draft = ScopeDraft { name: "news".into(), description: "Read the news".into(), claims: claims.into() };
        self.idp.change_scope(&Actor::admin(), &draft.name, Some(draft.description), Some(draft.claims)).await.unwrap();
    }

    /// With a client `reader` that may ask for `news`, which opens nothing.
    async fn with_news(self) -> Self {
        self.news_opens("").await;
        let scope = format!("{SCOPE} email phone");
        self.create_client(ClientKind::Web, "reader", |draft, _: &mut PolicyDraft| draft.scope = scope).await;
        self
    }

    async fn ask_reader(&self, fields: &[(&str, &str)]) -> Value {
        let answer = self.post("/token", Some(&format!("reader:{SECRET}")), fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }

    async fn read_news(&self, browser: &mut Browser<'_>) -> Value {
        let code = browser.authorize(&[("client_id", "reader"), ("scope", SCOPE)]).await;
        let code = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
        self.ask_reader(&code).await
    }

    async fn read_on(&self, tokens: &Value) -> Value {
        let token = text(tokens, "refresh_token");
        self.ask_reader(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// The claims that the reader's token opens, by name.
    async fn opened(&self, tokens: &Value) -> Vec<String> {
        let answer = self.userinfo(text(tokens, "access_token")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let mut names: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    }

    async fn described(&self, tokens: &Value) -> Value {
        let token = [("token", text(tokens, "access_token"))];
        self.post("/introspect", Some(&format!("reader:{SECRET}")), &token).await.json()
    }
}

/// The answer to a request that must not disturb anybody.
async fn silently(browser: &mut Browser<'_>, scope: &str) -> String {
    browser.silently(&[("client_id", "reader"), ("scope", scope)]).await
}

async fn an_old_token_reads_nothing_that_its_scope_opens_since(server: Server) {
    let server = server.with_news().await;
    let mut browser = server.signed_in().await;
    let tokens = server.read_news(&mut browser).await;
    assert_eq!(server.opened(&tokens).await, ["sub"]);
    server.news_opens("address phone_number").await;
    assert_eq!(server.opened(&tokens).await, ["sub"]);
    // Nor do those that come of it.
    let tokens = server.read_on(&tokens).await;
    assert_eq!(tokens["scope"], SCOPE);
    assert_eq!(server.opened(&tokens).await, ["sub"]);
    // Who agrees now agrees to more, and the old tokens gain nothing by it.
    let more = server.read_news(&mut browser).await;
    assert_eq!(server.opened(&more).await, ["address", "phone_number", "sub"]);
    assert_eq!(server.opened(&tokens).await, ["sub"]);
}

async fn a_scope_that_opens_more_is_asked_for_again(server: Server) {
    let server = server.with_news().await;
    let mut browser = server.signed_in().await;
    server.read_news(&mut browser).await;
    assert_eq!(silently(&mut browser, SCOPE).await, "");
    server.news_opens("address").await;
    assert_eq!(silently(&mut browser, SCOPE).await, "consent_required");
    assert_eq!(silently(&mut browser, "openid").await, "", "of that nothing changed");
    server.read_news(&mut browser).await;
    assert_eq!(silently(&mut browser, SCOPE).await, "");
    server.news_opens("phone_number").await;
    assert_eq!(silently(&mut browser, SCOPE).await, "consent_required", "another claim in place of the one");
}

async fn a_scope_that_opens_less_gives_less_at_once(server: Server) {
    let server = server.with_news().await;
    server.news_opens("address phone_number").await;
    let mut browser = server.signed_in().await;
    let tokens = server.read_news(&mut browser).await;
    server.news_opens("address").await;
    assert_eq!(server.opened(&tokens).await, ["address", "sub"]);
    assert_eq!(silently(&mut browser, SCOPE).await, "");
}

async fn a_scope_created_again_inherits_nothing(server: Server) {
    let server = server.with_news().await;
    server.news_opens("address").await;
    let mut browser = server.signed_in().await;
    let tokens = server.read_news(&mut browser).await;
    server.idp.delete_scope(&Actor::admin(), "news").await.unwrap();
    assert_eq!(server.described(&tokens).await["scope"], "openid offline_access");
    server.news_opens("address").await;
    assert_eq!(server.opened(&tokens).await, ["sub"]);
    assert_eq!(server.described(&tokens).await["scope"], "openid offline_access");
    assert_eq!(silently(&mut browser, SCOPE).await, "consent_required");
    let tokens = server.read_on(&tokens).await;
    assert_eq!(tokens["scope"], "openid offline_access");
    assert_eq!(server.opened(&tokens).await, ["sub"]);
    let again = server.read_news(&mut browser).await;
    assert_eq!(server.opened(&again).await, ["address", "sub"]);
}

async fn what_was_agreed_to_before_meanings_were_recorded_is_frozen_at_the_migration(server: Server) {
    let server = server.with_news().await;
    server.news_opens("address").await;
    let mut browser = server.signed_in().await;
    let tokens = server.read_news(&mut browser).await;
    // As the version before left it.
    for table in ["consent", "grants"] {
        execute(server.database.url(), &format!("ALTER TABLE {table} DROP COLUMN agreement")).await;
    }
    for column in ["identity", "claims_before"] {
        execute(server.database.url(), &format!("ALTER TABLE scope DROP COLUMN {column}")).await;
    }
    let applied = "DELETE FROM seaql_migrations WHERE version = 'm20261126_000020_scope_meanings'";
    execute(server.database.url(), applied).await;
    let server = server.restart().await;
    let mut browser = server.signed_in().await;
    assert_eq!(server.opened(&tokens).await, ["address", "sub"]);
    assert_eq!(silently(&mut browser, SCOPE).await, "");
    server.news_opens("address phone_number").await;
    assert_eq!(server.opened(&tokens).await, ["address", "sub"]);
    assert_eq!(silently(&mut browser, SCOPE).await, "consent_required");
    let tokens = server.read_on(&tokens).await;
    assert_eq!(server.opened(&tokens).await, ["address", "sub"]);
    server.idp.delete_scope(&Actor::admin(), "news").await.unwrap();
    server.news_opens("address").await;
    assert_eq!(server.opened(&tokens).await, ["sub"]);
    assert_eq!(silently(&mut browser, SCOPE).await, "consent_required");
}
