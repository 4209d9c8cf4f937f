//! Tokens that clients get for themselves, and what access tokens look like.

use axum::http::StatusCode;
use oauth::client::ClientKind;
use serde_json::{Value, json};

use crate::server::{CALLBACK, ISSUER, SECRET, START, Server, claims, jwt_header, text};

/// A server with `api`, whose access tokens are JWTs, and `robot`, which gets them for itself.
async fn server() -> Server {
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "api", |_, policy| policy.token_format = "jwt".to_owned()).await;
    server
        .create_client(ClientKind::Machine, "robot", |draft, policy| {
            draft.scope = "email".to_owned();
            policy.token_format = "jwt".to_owned();
        })
        .await;
    server
}

async fn user_token(server: &Server) -> Value {
    let code = server.signed_in().await.authorize(&[("client_id", "api"), ("scope", "openid email")]).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    server.post("/token", Some(&format!("api:{SECRET}")), &fields).await.json()
}

#[tokio::test]
async fn a_machine_gets_an_opaque_token_and_nothing_else() {
    let server = Server::start().await;
    let answer = server.machine_token("email").await;
    assert_eq!(answer.status, StatusCode::OK);
    let tokens = answer.json();
    assert_eq!(tokens["scope"], "email");
    assert_eq!(tokens["expires_in"], 3_600);
    assert!(!text(&tokens, "access_token").contains('.'));
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
    let seen = server.introspect_as("job", text(&tokens, "access_token")).await;
    assert_eq!(seen["active"], true);
    assert_eq!((&seen["client_id"], &seen["sub"]), (&json!("job"), &json!("job")));
    assert!(seen.get("username").is_none());
}

#[tokio::test]
async fn a_machine_gets_no_more_than_it_may_ask_for() {
    let server = Server::start().await;
    assert_eq!(server.machine_token("profile").await.error(), (400, "invalid_scope".to_owned()));
    assert_eq!(server.machine_token("email profile").await.json()["scope"], "email");
    assert_eq!(server.machine_token("\u{e9}").await.error(), (400, "invalid_scope".to_owned()));
    assert_eq!(server.machine_token("").await.json()["scope"], "email");
}

#[tokio::test]
async fn a_token_without_a_user_opens_no_userinfo() {
    let server = Server::start().await;
    let tokens = server.machine_token("email").await.json();
    let answer = server.userinfo(text(&tokens, "access_token")).await;
    assert_eq!(answer.error(), (403, "insufficient_scope".to_owned()));
    let events = server.events("kind=userinfo").await;
    assert_eq!(text(&events[0]["facts"], "check"), "token_of_nobody", "{events:?}");
}

#[tokio::test]
async fn a_jwt_of_a_machine_speaks_of_the_client() {
    let server = server().await;
    let answer = server.post("/token", Some(&format!("robot:{SECRET}")), &[("grant_type", "client_credentials")]).await;
    let tokens = answer.json();
    let jwt = text(&tokens, "access_token");
    assert_eq!((jwt_header(jwt)["typ"].clone(), jwt_header(jwt)["alg"].clone()), (json!("at+jwt"), json!("RS256")));
    assert!(jwt_header(jwt)["kid"].is_string());
    let mut claims = claims(jwt);
    let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert!(jti.as_str().unwrap().len() >= 36);
    let expected = json!({
        "iss": ISSUER, "aud": ISSUER, "sub": "robot", "client_id": "robot", "scope": "email",
        "iat": START, "exp": START + 3_600,
    });
    assert_eq!(claims, expected);
}

#[tokio::test]
async fn a_jwt_of_a_user_tells_of_the_login_and_opens_userinfo() {
    let server = server().await;
    let tokens = user_token(&server).await;
    let jwt = claims(text(&tokens, "access_token"));
    let id_token = claims(text(&tokens, "id_token"));
    assert_eq!(jwt["sub"], id_token["sub"]);
    assert_eq!((&jwt["client_id"], &jwt["scope"]), (&json!("api"), &json!("openid email")));
    assert_eq!((&jwt["auth_time"], &jwt["acr"]), (&json!(START), &json!("1")));
    let answer = server.userinfo(text(&tokens, "access_token")).await;
    assert_eq!(answer.json()["email"], "alice@example.com");
}

#[tokio::test]
async fn an_id_token_is_no_access_token() {
    let server = server().await;
    let tokens = user_token(&server).await;
    let answer = server.userinfo(text(&tokens, "id_token")).await;
    assert_eq!(answer.error(), (401, "invalid_token".to_owned()));
    assert_eq!(server.introspect_as("api", text(&tokens, "id_token")).await, json!({ "active": false }));
}

#[tokio::test]
async fn a_changed_jwt_is_worth_nothing() {
    let server = server().await;
    let tokens = user_token(&server).await;
    let parts: Vec<&str> = text(&tokens, "access_token").split('.').collect();
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let mut other = claims(text(&tokens, "access_token"));
    other["scope"] = json!("openid email phone");
    for forged in [
        format!("{}.{}.{}", parts[0], encode(&other.to_string()), parts[2]),
        format!("{}.{}.", encode("{\"alg\":\"none\",\"typ\":\"at+jwt\"}"), parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.{}.x", parts[0], parts[1], parts[2]),
        "..".to_owned(),
    ] {
        assert_eq!(server.introspect_as("api", &forged).await, json!({ "active": false }), "{forged}");
        assert_eq!(server.userinfo(&forged).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_jwt_can_be_looked_up_and_revoked() {
    let server = server().await;
    let tokens = user_token(&server).await;
    let jwt = text(&tokens, "access_token");
    let seen = server.introspect_as("api", jwt).await;
    assert_eq!(
        (&seen["active"], &seen["scope"], &seen["username"]),
        (&json!(true), &json!("openid email"), &json!("alice"))
    );
    let auth = format!("api:{SECRET}");
    assert_eq!(server.post("/revoke", Some(&auth), &[("token", jwt)]).await.status, StatusCode::OK);
    assert_eq!(server.introspect_as("api", jwt).await, json!({ "active": false }));
    assert_eq!(server.userinfo(jwt).await.status, StatusCode::UNAUTHORIZED);
    // The refresh token was not asked about and goes on.
    let fields = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    let refreshed = server.post("/token", Some(&auth), &fields).await.json();
    assert_eq!(server.userinfo(text(&refreshed, "access_token")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_jwt_lives_on_when_another_replaces_it() {
    let server = server().await;
    let tokens = user_token(&server).await;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    let refreshed = server.post("/token", Some(&format!("api:{SECRET}")), &fields).await.json();
    for tokens in [&tokens, &refreshed] {
        assert_eq!(server.introspect_as("api", text(tokens, "access_token")).await["active"], true);
    }
    // The old one ends alone; the new one would take it with it.
    server.post("/revoke", Some(&format!("api:{SECRET}")), &[("token", text(&tokens, "access_token"))]).await;
    assert_eq!(server.introspect_as("api", text(&tokens, "access_token")).await, json!({ "active": false }));
    assert_eq!(server.introspect_as("api", text(&refreshed, "access_token")).await["active"], true);
    let fields = [("token", text(&refreshed, "access_token"))];
    server.post("/revoke", Some(&format!("api:{SECRET}")), &fields).await;
    for tokens in [&tokens, &refreshed] {
        assert_eq!(server.introspect_as("api", text(tokens, "access_token")).await, json!({ "active": false }));
    }
}

#[tokio::test]
async fn what_a_rotated_key_signed_stays_good() {
    let server = server().await;
    let tokens = user_token(&server).await;
    let (alg, actor) = (oauth::jose::SigningAlg::RS256, idp::Actor::admin());
    server.idp.rotate_key(&actor, alg, &server.idp.signing_kid(alg).unwrap()).await.unwrap();
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::OK);
    let jwks = server.browser().get("/.well-known/jwks.json").await.json();
    let old_kid = jwt_header(text(&tokens, "access_token"))["kid"].clone();
    let keys = jwks["keys"].as_array().unwrap();
    assert!(keys.iter().any(|key| key["kid"] == old_kid));
    assert_ne!(keys[0]["kid"], old_kid);
    let newer = user_token(&server).await;
    assert_eq!(jwt_header(text(&newer, "id_token"))["kid"], keys[0]["kid"]);
}
