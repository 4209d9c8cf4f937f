//! Consents, listed and withdrawn by administrators.

use axum::http::{Method, StatusCode};
use idp::testing::texts;
use idp::{Actor, Error};
use oauth::client::ClientKind;
use oauth::id::{ClientId, Subject};
use serde_json::{Value, json};

use crate::browser::Answer;
use crate::concurrency::on_every_database;
use crate::server::{ADMIN_TOKEN, START, Server, claims, text};

on_every_database!(
    a_consent_that_is_withdrawn_ends_the_tokens_and_is_asked_for_again,
    who_withdraws_from_one_client_keeps_the_others,
    one_scope_is_taken_back_and_the_rest_goes_on,
    who_takes_back_the_last_scope_withdraws_all,
    staying_signed_in_is_taken_back_too,
);

const SCOPE: &str = "openid email offline_access";

async fn call(server: &Server, method: Method, path: &str) -> Answer {
    let request = axum::http::Request::builder().method(method).uri(path).header("x-admin-token", ADMIN_TOKEN);
    server.send(request.body(axum::body::Body::empty()).unwrap()).await
}

fn subject(tokens: &Value) -> String {
    text(&claims(text(tokens, "id_token")), "sub").to_owned()
}

async fn a_consent_that_is_withdrawn_ends_the_tokens_and_is_asked_for_again(server: Server) {
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[("scope", SCOPE)]).await;
    let code = browser.authorize(&[("scope", SCOPE)]).await;
    let path = format!("/admin/users/{}/consents", subject(&tokens));
    let listed = call(&server, Method::GET, &path).await.json();
    let scopes = json!([{ "scope": "openid" }, { "scope": "email" }, { "scope": "offline_access" }]);
    let expected = json!({
        "client_id": "web", "client_name": "The web app", "scope": SCOPE, "scopes": scopes, "granted_at": START,
        "used_at": START, "grants": 2,
    });
    assert_eq!(listed, json!([expected]));
    assert_eq!(browser.silently(&[("scope", SCOPE)]).await, "");

    let withdrawn = call(&server, Method::DELETE, &format!("{path}/web")).await;
    assert_eq!((withdrawn.status, withdrawn.json()), (StatusCode::OK, json!({ "ok": true })));
    assert_eq!(call(&server, Method::GET, &path).await.json(), json!([]));
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()));
    let refused = server.redeem(&code).await;
    assert_eq!(refused.error(), (400, "invalid_grant".to_owned()));
    assert!(refused.body.contains("revoked"), "{}", refused.body);
    assert_eq!(browser.silently(&[("scope", "openid")]).await, "consent_required");
    // The person is still signed in, and may agree anew.
    server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    let event = "SELECT action FROM audit_event WHERE action = 'user.withdraw_consent'";
    assert_eq!(texts(server.database.url(), event).await.len(), 1);
}

async fn who_withdraws_from_one_client_keeps_the_others(server: Server) {
    server.create_client(ClientKind::Web, "other", |_, _| {}).await;
    server.create_user("bob").await;
    let mut browser = server.signed_in().await;
    browser.authorize(&[("client_id", "other"), ("scope", "openid")]).await;
    let tokens = server.tokens_in(&mut browser, &[("scope", SCOPE)]).await;
    let subject = Subject::new(subject(&tokens));
    let (actor, other) = (Actor::user(), ClientId::new("other"));
    server.idp.withdraw_consent(&actor, &subject, &other).await.unwrap();
    let left = server.idp.list_consents(&subject).await.unwrap();
    assert_eq!(left.iter().map(|record| record.client_id.as_str()).collect::<Vec<_>>(), ["web"]);
    assert_eq!(server.refresh(&tokens).await.status, StatusCode::OK);
    assert!(matches!(server.idp.withdraw_consent(&actor, &subject, &other).await, Err(Error::NotFound)));
}

async fn one_scope_is_taken_back_and_the_rest_goes_on(server: Server) {
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[("scope", SCOPE)]).await;
    let code = browser.authorize(&[("scope", SCOPE)]).await;
    let access = text(&tokens, "access_token");
    assert!(server.userinfo(access).await.body.contains("alice@"));
    let path = format!("/admin/users/{}/consents/web", subject(&tokens));

    assert_eq!(call(&server, Method::DELETE, &format!("{path}?scope=email")).await.status, StatusCode::OK);
    let told = server.userinfo(access).await;
    assert_eq!((told.status, told.body.contains("alice@")), (StatusCode::OK, false), "{}", told.body);
    assert_eq!(server.introspect(access).await["scope"], "openid offline_access");
    server.clock.advance(5);
    let refreshed = server.refresh(&tokens).await.json();
    assert_eq!(refreshed["scope"], "openid offline_access");
    assert!(claims(text(&refreshed, "id_token")).get("email").is_none());
    assert_eq!(server.redeem(&code).await.json()["scope"], "openid offline_access");
    assert_eq!(browser.silently(&[("scope", "openid offline_access")]).await, "");
    assert_eq!(browser.silently(&[("scope", SCOPE)]).await, "consent_required");
    let listed = call(&server, Method::GET, path.trim_end_matches("/web")).await.json();
    assert_eq!((&listed[0]["scope"], &listed[0]["used_at"]), (&json!("openid offline_access"), &json!(START + 5)));
    for (query, status) in [
        ("scope=email", StatusCode::NOT_FOUND),
        ("scope=openid&resource=nothing", StatusCode::NOT_FOUND),
        ("scope=", StatusCode::BAD_REQUEST),
        ("scope=a%20b", StatusCode::BAD_REQUEST),
        ("scope=openid&scope=email", StatusCode::BAD_REQUEST),
        ("resource=x", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(call(&server, Method::DELETE, &format!("{path}?{query}")).await.status, status, "{query}");
    }
    assert_eq!(server.refresh(&refreshed).await.status, StatusCode::OK, "what was refused took nothing away");
    let event = "SELECT action FROM audit_event WHERE action = 'user.withdraw_scope'";
    assert_eq!(texts(server.database.url(), event).await.len(), 1);
}

async fn who_takes_back_the_last_scope_withdraws_all(server: Server) {
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[("scope", "openid email")]).await;
    let path = format!("/admin/users/{}/consents", subject(&tokens));
    for scope in ["openid", "email"] {
        let answer = call(&server, Method::DELETE, &format!("{path}/web?scope={scope}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{scope}");
    }
    assert_eq!(call(&server, Method::GET, &path).await.json(), json!([]));
    assert_eq!(server.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(server.introspect(text(&tokens, "access_token")).await, json!({ "active": false }));
}

async fn staying_signed_in_is_taken_back_too(server: Server) {
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[("scope", SCOPE)]).await;
    let path = format!("/admin/users/{}/consents/web?scope=offline_access", subject(&tokens));
    assert_eq!(call(&server, Method::DELETE, &path).await.status, StatusCode::OK);
    let tokens = server.refresh(&tokens).await.json();
    browser.get("/logout").await;
    assert_eq!(server.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn of_users_and_clients_that_are_not_there_no_consents_are_told() {
    let server = Server::start().await;
    for (method, path) in [
        (Method::GET, "/admin/users/nobody/consents"),
        (Method::DELETE, "/admin/users/nobody/consents/web"),
        (Method::DELETE, "/admin/users/0190a5b4-0000-7000-8000-000000000000/consents/web"),
        (Method::DELETE, "/admin/users/%00/consents/%FF"),
    ] {
        assert_eq!(call(&server, method, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let request = axum::http::Request::get("/admin/users/1/consents").body(axum::body::Body::empty()).unwrap();
    assert_eq!(server.send(request).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn grants_without_a_remembered_consent_can_be_withdrawn_too() {
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "own", |_, policy| policy.consent_policy = "skip".to_owned()).await;
    let mut browser = server.signed_in().await;
    let alice = subject(&server.tokens_in(&mut browser, &[]).await);
    let code = browser.authorize(&[("client_id", "own"), ("scope", "openid")]).await;
    let path = format!("/admin/users/{alice}/consents/own");
    let listed = call(&server, Method::GET, &format!("/admin/users/{alice}/consents")).await.json();
    let own = listed.as_array().unwrap().iter().find(|consent| consent["client_id"] == "own").unwrap().clone();
    assert_eq!((&own["scope"], &own["grants"], &own["granted_at"]), (&json!("openid"), &json!(1), &json!(START)));
    assert_eq!(call(&server, Method::DELETE, &path).await.status, StatusCode::OK);
    let auth = format!("own:{}", crate::server::SECRET);
    let fields =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", crate::server::CALLBACK)];
    let refused = server.post("/token", Some(&auth), &fields).await;
    assert_eq!(refused.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(call(&server, Method::DELETE, &path).await.status, StatusCode::NOT_FOUND);
}
