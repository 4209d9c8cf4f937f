//! `/introspect` and `/revoke`.

use axum::http::StatusCode;
use oauth::client::ClientKind;
use serde_json::json;

use crate::server::{CALLBACK, CHALLENGE, ISSUER, SECRET, START, Server, VERIFIER, claims, text};

async fn revoke(server: &Server, auth: &str, token: &str) {
    let answer = server.post("/revoke", Some(auth), &[("token", token)]).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
}

fn web() -> String {
    format!("web:{SECRET}")
}

#[tokio::test]
async fn a_live_access_token_is_described() {
    let server = Server::start().await;
    let tokens = server.tokens("openid email").await;
    server.clock.advance(10);
    let answer = server.post("/introspect", Some(&web()), &[("token", text(&tokens, "access_token"))]).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let expected = json!({
        "active": true,
        "client_id": "web",
        "sub": claims(text(&tokens, "id_token"))["sub"],
        "iss": ISSUER,
        "aud": ISSUER,
        "scope": "openid email",
        "token_type": "Bearer",
        "username": "alice",
        "iat": START,
        "exp": START + 3_600,
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn a_live_refresh_token_is_described() {
    let server = Server::start().await;
    let tokens = server.tokens("openid email").await;
    let seen = server.introspect(text(&tokens, "refresh_token")).await;
    assert_eq!((&seen["active"], &seen["token_type"]), (&json!(true), &json!("refresh_token")));
    assert_eq!(seen["exp"], START + 30 * 86_400);
}

#[tokio::test]
async fn of_a_token_that_is_not_good_nothing_is_said() {
    let server = Server::start().await;
    let tokens = server.tokens("openid").await;
    let access_token = text(&tokens, "access_token");
    for unknown in ["x", "a.b.c", &access_token[1..]] {
        assert_eq!(server.introspect(unknown).await, json!({ "active": false }));
    }
    server.clock.advance(3_600);
    assert_eq!(server.introspect(access_token).await, json!({ "active": false }));
}

#[tokio::test]
async fn a_public_client_may_ask_about_its_own_tokens_only() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let pkce = [("client_id", "spa"), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let code = browser.authorize(&pkce).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "spa"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let own = server.post("/token", None, &fields).await.json();
    let foreign = server.tokens_in(&mut browser, &[]).await;
    let ask =
        async |token: &str| server.post("/introspect", None, &[("client_id", "spa"), ("token", token)]).await.json();
    assert_eq!(ask(text(&own, "access_token")).await["active"], true);
    assert_eq!(ask(text(&foreign, "access_token")).await, json!({ "active": false }));
}

#[tokio::test]
async fn a_client_learns_of_the_tokens_of_others_only_if_an_administrator_let_it() {
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "nosy", |_, _| {}).await;
    server.create_client(ClientKind::Web, "api", |draft, _| draft.may_introspect = true).await;
    let tokens = server.tokens("openid email offline_access").await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let machine = server.machine_token("email").await.json();
    for token in [access, refresh, text(&machine, "access_token")] {
        for client in ["nosy", "job"].into_iter().filter(|client| *client == "nosy" || token == access) {
            assert_eq!(server.introspect_as(client, token).await, json!({ "active": false }), "{client}");
        }
    }
    // An access token is shown to an API. A refresh token is for its own client and for the server, whoever asks.
    assert_eq!(server.introspect_as("api", access).await["username"], "alice");
    assert_eq!(server.introspect_as("api", text(&machine, "access_token")).await["client_id"], "job");
    assert_eq!(server.introspect_as("api", refresh).await, json!({ "active": false }));
    assert_eq!(server.introspect_as("web", refresh).await["active"], true);
}

/// Anybody can give the name of a client that has no secret.
#[tokio::test]
async fn a_public_client_is_never_shown_the_tokens_of_others() {
    let server = Server::start().await;
    server.create_client(ClientKind::Spa, "open", |draft, _| draft.may_introspect = true).await;
    let tokens = server.tokens("openid").await;
    let fields = [("client_id", "open"), ("token", text(&tokens, "access_token"))];
    assert_eq!(server.post("/introspect", None, &fields).await.json(), json!({ "active": false }));
}

/// `token_endpoint_auth_method` speaks of the token endpoint.
#[tokio::test]
async fn a_secret_may_come_in_the_header_or_in_the_body() {
    let server = Server::start().await;
    let tokens = server.tokens("openid").await;
    let access_token = text(&tokens, "access_token");
    let in_body = |secret: &'static str| [("client_id", "web"), ("client_secret", secret), ("token", access_token)];
    assert_eq!(server.post("/introspect", None, &in_body(SECRET)).await.json()["active"], true);
    for path in ["/introspect", "/revoke"] {
        let answer = server.post(path, None, &in_body("wrong")).await;
        assert_eq!(answer.error(), (401, "invalid_client".to_owned()), "{path}");
    }
    assert_eq!(server.post("/revoke", None, &in_body(SECRET)).await.status, StatusCode::OK);
    assert_eq!(server.introspect(access_token).await, json!({ "active": false }));
}

#[tokio::test]
async fn a_revoked_access_token_ends_alone() {
    let server = Server::start().await;
    let tokens = server.tokens("openid").await;
    revoke(&server, &web(), text(&tokens, "access_token")).await;
    assert_eq!(server.introspect(text(&tokens, "access_token")).await, json!({ "active": false }));
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.refresh(&tokens).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_everything_with_it() {
    let server = Server::start().await;
    let tokens = server.tokens("openid").await;
    revoke(&server, &web(), text(&tokens, "refresh_token")).await;
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn revoking_what_is_unknown_or_anothers_changes_nothing_and_tells_nothing() {
    let server = Server::start().await;
    let tokens = server.tokens("openid").await;
    let job = format!("job:{SECRET}");
    revoke(&server, &job, "x").await;
    revoke(&server, &job, text(&tokens, "access_token")).await;
    revoke(&server, &job, text(&tokens, "refresh_token")).await;
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::OK);
    assert_eq!(server.refresh(&tokens).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_hint_of_the_type_does_no_harm() {
    let server = Server::start().await;
    let tokens = server.tokens("openid").await;
    let fields = [("token", text(&tokens, "refresh_token")), ("token_type_hint", "access_token")];
    assert_eq!(server.post("/introspect", Some(&web()), &fields).await.json()["active"], true);
    assert_eq!(server.post("/revoke", Some(&web()), &fields).await.status, StatusCode::OK);
    assert_eq!(server.refresh(&tokens).await.status, StatusCode::BAD_REQUEST);
}
