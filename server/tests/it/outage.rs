//! The database is away: the server says so, and nothing worse.

use axum::http::StatusCode;
use idp::testing::Kind;
use serde_json::json;

use crate::assertion::JWT_BEARER;
use crate::browser::Browser;
use crate::registered::secret_jwt::plain;
use crate::server::{CALLBACK, SECRET, Server, text};

crate::concurrency::on_every_database!(
    every_endpoint_says_that_the_database_is_away,
    health_is_that_of_a_server_that_can_write,
    whoever_asks_for_health_costs_a_write_in_a_second,
);

async fn every_endpoint_says_that_the_database_is_away(server: Server) {
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[]).await;
    let code = browser.authorize(&[]).await;
    let mut console = server.console().await;
    server.idp.close().await;

    let health = server.browser().get("/health").await;
    assert_eq!((health.status, health.json()), (StatusCode::SERVICE_UNAVAILABLE, json!({ "status": "unavailable" })));
    let away = (503, "temporarily_unavailable".to_owned());
    assert_eq!(server.redeem(&code).await.error(), away);
    assert_eq!(server.refresh(&tokens).await.error(), away);
    assert_eq!(server.machine_token("email").await.error(), away);
    for path in ["/introspect", "/revoke"] {
        let fields = [("token", text(&tokens, "access_token"))];
        assert_eq!(server.post(path, Some(&format!("web:{SECRET}")), &fields).await.error(), away, "{path}");
    }
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::SERVICE_UNAVAILABLE);
    for answer in [
        browser.get(&Browser::request(&[])).await,
        browser.get(&Browser::request(&[("client_id", "nobody")])).await,
        browser.post("/login", &[("username", "alice"), ("password", "x")]).await,
        browser.get("/logout").await,
        browser.get("/").await,
        console.get("/admin/ui").await,
        console.post("/admin/ui/clients/web/delete", &[("confirm", "web")]).await,
        server.browser().post("/admin/login", &[("token", "x")]).await,
    ] {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
        assert!(answer.body.contains("Not available right now"));
    }
    // What is in memory is still published.
    assert_eq!(server.browser().get("/.well-known/jwks.json").await.status, StatusCode::OK);
}

async fn health_is_that_of_a_server_that_can_write(server: Server) {
    let health = async || server.browser().get("/health").await.status;
    assert_eq!(health().await, StatusCode::OK);
    // It answers every question, and takes no write.
    idp::testing::execute(server.database.url(), "ALTER TABLE setting RENAME TO setting_aside").await;
    server.clock.advance(1);
    assert_eq!(health().await, StatusCode::SERVICE_UNAVAILABLE);
    idp::testing::execute(server.database.url(), "ALTER TABLE setting_aside RENAME TO setting").await;
    assert_eq!(health().await, StatusCode::SERVICE_UNAVAILABLE, "the answer of this second");
    server.clock.advance(1);
    assert_eq!(health().await, StatusCode::OK);
}

async fn whoever_asks_for_health_costs_a_write_in_a_second(server: Server) {
    let ask = async || {
        let answers = futures::future::join_all((0..20).map(async |_| server.browser().get("/health").await.status));
        assert!(answers.await.iter().all(|status| *status == StatusCode::OK));
    };
    // A write that comes between them would bring the row back.
    ask().await;
    let forget = async || {
        let sql = "DELETE FROM setting WHERE name = 'health'";
        idp::testing::execute(server.database.url(), sql).await.rows_affected()
    };
    assert_eq!(forget().await, 1);
    ask().await;
    assert_eq!(forget().await, 0);
    server.clock.advance(1);
    ask().await;
    assert_eq!(forget().await, 1);
}

const CUT: &str = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// PostgreSQL ends all connections of a database in one statement, as it does when it is stopped.
#[tokio::test]
async fn a_refresh_outlives_the_connections_to_the_database() {
    let Some(server) = Server::start_on(Kind::Postgres).await else { return };
    let url = server.database.url();
    let (mut tokens, mut ended) = (server.tokens("openid offline_access").await, 0);
    for _ in 0..8 {
        let refreshes = futures::future::join_all((0..8).map(|_| server.refresh(&tokens)));
        let (cut, answers) = tokio::join!(idp::testing::texts(url, CUT), refreshes);
        for answer in &answers {
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        }
        tokens = answers[0].json();
        ended += cut.len();
    }
    assert!(ended > 0, "no connection was there to end");
}

/// A MAC is spent once for all tries of a refresh. Where nobody knows whether it was, the client is told to come with another one: it must
/// never be taken for a thief of its own assertion, and its refresh token stays good.
#[tokio::test]
async fn a_refresh_by_a_mac_outlives_them_too_or_is_asked_for_again() {
    let Some(server) = Server::start_on(Kind::Postgres).await else { return };
    let body = json!({
        "client_id": "mac", "token_endpoint_auth_method": "client_secret_jwt", "redirect_uris": CALLBACK,
        "grant_types": "authorization_code refresh_token", "scope": "openid offline_access",
    });
    let created = server.admin("POST", "/admin/clients", &body).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let created = created.json();
    let secret = text(&created, "client_secret");
    let post = async |fields: &[(&str, &str)]| {
        let assertion = plain(&server, "HS256", "mac", secret, &idp::random::token());
        let proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", assertion.as_str())];
        server.post("/token", None, &[&proof[..], fields].concat()).await
    };
    let code = server.signed_in().await.authorize(&[("client_id", "mac"), ("scope", "openid offline_access")]).await;
    let redeem = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let (mut tokens, mut ended) = (post(&redeem).await.json(), 0);
    for _ in 0..8 {
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
        let until_it_is_known = async || {
            loop {
                let answer = post(&refresh).await;
                if answer.status == StatusCode::OK {
                    return answer.json();
                }
                assert_eq!(answer.error(), (503, "temporarily_unavailable".to_owned()), "{}", answer.body);
            }
        };
        let refreshes = futures::future::join_all((0..8).map(|_| until_it_is_known()));
        let (cut, answers) = tokio::join!(idp::testing::texts(server.database.url(), CUT), refreshes);
        tokens = answers[0].clone();
        ended += cut.len();
    }
    assert!(ended > 0, "no connection was there to end");
}
