//! The database is away: the server says so, and nothing worse.

use axum::http::StatusCode;
use idp::testing::Kind;
use serde_json::json;

use crate::browser::Browser;
use crate::server::{SECRET, Server, text};

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

/// PostgreSQL ends all connections of a database in one statement, as it does when it is stopped.
#[tokio::test]
async fn a_refresh_outlives_the_connections_to_the_database() {
    let Some(server) = Server::start_on(Kind::Postgres).await else { return };
    let url = server.database.url();
    let cut = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let (mut tokens, mut ended) = (server.tokens("openid offline_access").await, 0);
    for _ in 0..8 {
        let refreshes = futures::future::join_all((0..8).map(|_| server.refresh(&tokens)));
        let (cut, answers) = tokio::join!(idp::testing::texts(url, cut), refreshes);
        for answer in &answers {
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        }
        tokens = answers[0].json();
        ended += cut.len();
    }
    assert!(ended > 0, "no connection was there to end");
}
