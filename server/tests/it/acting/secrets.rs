//! Secrets and keys, replaced by scripts.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{call, listed};
use crate::server::{SECRET, START, Server, jwt_header, text};

#[tokio::test]
async fn a_secret_is_replaced_without_a_gap() {
    let server = Server::start().await;
    let path = "/admin/clients/job/secrets";
    let old = listed(&server, path).await;
    assert_eq!(old, [json!({ "secret_id": old[0]["secret_id"], "name": "initial", "created_at": START })]);
    let body = json!({ "name": "spring", "lifetime_days": 90 });
    server.clock.advance(1);
    let made = crate::admin_api::post(&server, path, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let made = made.json();
    let auth = format!("job:{}", text(&made, "secret"));
    let grant = [("grant_type", "client_credentials")];
    assert_eq!(server.post("/token", Some(&auth), &grant).await.status, StatusCode::OK);
    assert_eq!(server.machine_token("email").await.status, StatusCode::OK, "the old one is good, too");
    let both = listed(&server, path).await;
    let expected = json!({
        "secret_id": made["secret_id"], "name": "spring", "created_at": START + 1,
        "expires_at": START + 1 + 90 * 86_400, "last_used_at": START + 1, "last_used_by": "client_secret_basic",
    });
    assert_eq!(both[1], expected);
    assert!(!both.iter().any(|secret| secret.to_string().contains(text(&made, "secret"))));
    let revoked = call(&server, Method::DELETE, &format!("{path}/{}", text(&old[0], "secret_id"))).await;
    assert_eq!(revoked.status, StatusCode::OK);
    assert_eq!(server.machine_token("email").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.post("/token", Some(&auth), &grant).await.status, StatusCode::OK);
    assert_eq!(
        call(&server, Method::DELETE, &format!("{path}/{}", text(&old[0], "secret_id"))).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_secret_that_cannot_be_is_refused() {
    let server = Server::start().await;
    let post = async |client: &str, body: Value| {
        crate::admin_api::post(&server, &format!("/admin/clients/{client}/secrets"), body).await.status
    };
    assert_eq!(post("web", json!({})).await, StatusCode::BAD_REQUEST, "it has a name");
    assert_eq!(post("web", json!({ "name": "x", "lifetime_days": 0 })).await, StatusCode::BAD_REQUEST);
    assert_eq!(post("spa", json!({ "name": "x" })).await, StatusCode::CONFLICT, "it needs none");
    assert_eq!(post("nobody", json!({ "name": "x" })).await, StatusCode::NOT_FOUND);
    for id in ["nothing", "%00", "018f0000-0000-7000-8000-000000000000"] {
        let answer = call(&server, Method::DELETE, &format!("/admin/clients/web/secrets/{id}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}");
    }
    // One of another client.
    let job = text(&listed(&server, "/admin/clients/job/secrets").await[0], "secret_id").to_owned();
    let answer = call(&server, Method::DELETE, &format!("/admin/clients/web/secrets/{job}")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(
        server.post("/token", Some(&format!("job:{SECRET}")), &[("grant_type", "client_credentials")]).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_key_of_any_algorithm_is_replaced_once() {
    let server = Server::start().await;
    let active = async |alg: &str| {
        let keys = listed(&server, "/admin/keys").await;
        let found = keys.iter().find(|key| key["alg"] == alg && key["state"] == "active").unwrap();
        text(found, "kid").to_owned()
    };
    let old = active("ES256").await;
    for rotated in [true, true] {
        // The second call is about a key that signs no more.
        let answer = call(&server, Method::POST, &format!("/admin/keys/{old}/rotate")).await;
        assert_eq!(answer.json(), json!({ "rotated": rotated, "kid": active("ES256").await }));
    }
    let keys = listed(&server, "/admin/keys").await;
    let before = keys.iter().find(|key| key["kid"] == old.as_str()).unwrap();
    assert_eq!((text(before, "state"), before["next_step_at"].is_i64()), ("retiring", true));
    assert_eq!(keys.iter().filter(|key| key["alg"] == "ES256").count(), 2);
    assert!(!keys.iter().any(|key| key.to_string().contains("private")));
    assert_eq!(call(&server, Method::POST, "/admin/keys/none/rotate").await.status, StatusCode::NOT_FOUND);
    let rs256 = active("RS256").await;
    let tokens = server.tokens("openid").await;
    assert_eq!(jwt_header(text(&tokens, "id_token"))["kid"], rs256.as_str());
}
