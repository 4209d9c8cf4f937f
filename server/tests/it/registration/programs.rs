//! Programs as they register, sign in, refresh, and come back when they were forgotten.

use axum::http::StatusCode;
use idp::testing::Kind;
use serde_json::json;

use super::{native, open, redeem, refresh, register, request, set_policy, tokens};
use crate::server::Server;

#[tokio::test]
async fn a_program_registers_signs_in_and_refreshes() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        set_policy(&server, "open").await;
        let client = register(&server, &native("Claude Code")).await;
        let mut browser = server.signed_in().await;
        // On any port, and offline_access though it did not register it.
        let uri = "http://localhost:57470/callback";
        let granted = tokens(&server, &mut browser, &client, uri, "openid offline_access unheard-of").await;
        assert_eq!(granted["scope"], "openid offline_access", "{kind:?}");
        let next = refresh(&server, &client, &granted).await;
        assert_eq!(next.status, StatusCode::OK, "{kind:?}: {}", next.body);
        assert!(next.json()["refresh_token"].is_string(), "{kind:?}");
        // Host words are not interchangeable, path and query are exact.
        for wrong in
            ["http://127.0.0.1:57470/callback", "http://localhost:57470/other", "http://localhost:1/callback?x"]
        {
            let page = browser.get(&crate::browser::Browser::request(&request(&client, wrong, "openid"))).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{kind:?} {wrong}");
        }
    }
}

#[tokio::test]
async fn a_program_with_a_secret_proves_itself_by_it() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        set_policy(&server, "open").await;
        let uri = "https://antigravity.google/oauth-callback";
        let body = json!({ "client_name": "Antigravity", "redirect_uris": [uri],
            "grant_types": ["authorization_code", "refresh_token"] });
        let (client, other) = (register(&server, &body).await, register(&server, &body).await);
        assert_ne!(client["client_id"], other["client_id"], "{kind:?}: a secret is for one");
        assert_eq!(client["client_secret_expires_at"], 0, "{kind:?}");
        let code = server.signed_in().await.authorize(&request(&client, uri, "openid")).await;
        let mut wrong = client.clone();
        wrong["client_secret"] = other["client_secret"].clone();
        assert_eq!(redeem(&server, &wrong, uri, &code).await.error(), (401, "invalid_client".to_owned()), "{kind:?}");
        let granted = redeem(&server, &client, uri, &code).await;
        assert_eq!(granted.status, StatusCode::OK, "{kind:?}: {}", granted.body);
    }
}

#[tokio::test]
async fn people_are_asked_each_time_where_any_program_could_pose_as_it() {
    let server = open().await;
    let uri = "http://localhost:4000/callback";
    let client = register(&server, &native("A")).await;
    let mut browser = server.signed_in().await;
    for _ in 0..2 {
        let address = crate::browser::Browser::request(&request(&client, uri, "openid"));
        let page = browser.get(&address).await;
        assert_eq!(page.status, StatusCode::OK, "the page asks: {}", page.location());
        assert_eq!(browser.press(&page, "yes").await.status, StatusCode::SEE_OTHER);
    }
    let site = "https://claude.ai/api/mcp/auth_callback";
    let body = json!({ "client_name": "Claude", "redirect_uris": [site], "token_endpoint_auth_method": "none" });
    let client = register(&server, &body).await;
    let address = crate::browser::Browser::request(&request(&client, site, "openid"));
    let page = browser.get(&address).await;
    assert_eq!(page.status, StatusCode::OK, "the first time the page asks");
    assert!(
        page.body.contains(r#"<h1 class="name"><bdi>claude.ai</bdi></h1>"#),
        "the name is its own word: {}",
        page.body
    );
    browser.press(&page, "yes").await;
    assert_eq!(browser.get(&address).await.status, StatusCode::SEE_OTHER, "what it asks is remembered");
    let again =
        crate::browser::Browser::request(&[&request(&client, site, "openid")[..], &[("prompt", "consent")]].concat());
    let page = browser.get(&again).await;
    assert_eq!(page.status, StatusCode::OK, "and asked again where the program wants that");
    assert!(!browser.press(&page, "yes").await.query().text("code").is_empty());
}

#[tokio::test]
async fn who_asks_under_an_id_that_is_gone_is_told_what_to_do() {
    let server = open().await;
    let mut browser = server.browser();
    for (client_id, uri, words) in [
        ("dcr-gone", "http://localhost:57470/callback", "clear its authentication"),
        ("dcr-gone", "https://claude.ai/api/mcp/auth_callback", "Settings, Connectors"),
        ("3f1e", "http://127.0.0.1:33418/", "Remove Dynamic Authentication Providers"),
        ("3f1e", "cursor://anysphere.cursor-mcp/oauth/callback", "in Cursor"),
        ("3f1e", "http://localhost:7777/oauth/callback", "gemini mcp remove"),
        ("dcr-gone", "https://agent.example/cb", "remove the connection to this server and add it again"),
        ("3f1e", "https://agent.example/cb", "No application is registered here under this client ID."),
    ] {
        let address = crate::browser::Browser::request(&[("client_id", client_id), ("redirect_uri", uri)]);
        let page = browser.get(&address).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{client_id} {uri}");
        assert!(page.body.contains(words) && page.body.contains(client_id), "{uri}: {}", page.body);
    }
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", "dcr-gone")];
    assert_eq!(server.post("/token", None, &fields).await.error(), (401, "invalid_client".to_owned()));
    // Where nobody registers, no program can do so again.
    set_policy(&server, "off").await;
    for (client_id, uri) in [("dcr-gone", "https://agent.example/cb"), ("3f1e", "http://127.0.0.1:33418/")] {
        let address = crate::browser::Browser::request(&[("client_id", client_id), ("redirect_uri", uri)]);
        let page = browser.get(&address).await;
        assert!(page.body.contains("No application is registered here under this client ID."), "{uri}: {}", page.body);
    }
}
