//! The database is away: the server says so, and nothing worse.

use axum::http::StatusCode;
use serde_json::json;

use crate::browser::Browser;
use crate::server::{SECRET, Server, text};

crate::concurrency::on_every_database!(every_endpoint_says_that_the_database_is_away);

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
