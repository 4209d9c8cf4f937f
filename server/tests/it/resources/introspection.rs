//! A resource asks about its tokens, by credentials of its own.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{MAPS, NOTES, NOTES_TOO, address};
use crate::concurrency::on_every_database;
use crate::server::{Server, text};

on_every_database!(a_resource_sees_its_own_tokens_and_no_others, secrets_are_made_and_revoked);

impl Server {
    pub(crate) async fn make_secret(&self, resource: &Value, body: &Value) -> Value {
        let answer = self.admin("POST", &format!("{}/secrets", address(resource)), body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.json()
    }

    pub(crate) async fn introspect_at(&self, resource: &Value, secret: &str, token: &str) -> crate::browser::Answer {
        let credentials = format!("{}:{secret}", resource["id"].as_str().unwrap());
        self.post("/introspect", Some(&credentials), &[("token", token)]).await
    }
}

async fn a_resource_sees_its_own_tokens_and_no_others(server: Server) {
    let (notes, maps) = (server.with_notes().await, server.with_maps().await);
    let secret = server.make_secret(&notes, &json!({ "name": "production" })).await;
    let secret = text(&secret, "secret");
    let mut browser = server.signed_in().await;
    let inactive = json!({ "active": false });
    for format in ["jwt", "opaque"] {
        server.change_resource(&notes, &json!({ "token_format": format })).await;
        server.change_resource(&maps, &json!({ "token_format": format })).await;
        let ask = async |token: &str| server.introspect_at(&notes, secret, token).await.json();
        let own = server.tokens_at(&mut browser, "read write", &[NOTES_TOO]).await;
        let seen = ask(text(&own, "access_token")).await;
        let said = ["active", "aud", "scope", "client_id", "username"].map(|name| &seen[name]);
        assert_eq!(said, [&json!(true), &json!(NOTES), &json!("read write"), &json!("web"), &json!("alice")]);
        assert_eq!(ask(text(&own, "refresh_token")).await, inactive, "that is between client and server");
        let both = server.tokens_at(&mut browser, "read", &[NOTES, MAPS]).await;
        assert_eq!(ask(text(&both, "access_token")).await["aud"], json!([NOTES, MAPS]));
        let other = server.tokens_at(&mut browser, "read", &[MAPS]).await;
        let here = server.tokens_in(&mut browser, &[("scope", "openid")]).await;
        for token in [text(&other, "access_token"), text(&here, "access_token"), "x"] {
            assert_eq!(ask(token).await, inactive, "{format}");
        }
    }
}

async fn secrets_are_made_and_revoked(server: Server) {
    let (notes, maps) = (server.with_notes().await, server.with_maps().await);
    let first = server.make_secret(&notes, &json!({ "name": "first" })).await;
    let second = server.make_secret(&notes, &json!({ "name": "second", "lifetime_days": 1 })).await;
    let status = async |resource: &Value, secret: &Value| {
        server.introspect_at(resource, text(secret, "secret"), "x").await.status.as_u16()
    };
    assert_eq!((status(&notes, &first).await, status(&notes, &second).await), (200, 200));
    assert_eq!(status(&maps, &first).await, 401, "each has its own");
    let revoke = async |resource: &Value, secret: &Value| {
        let path = format!("{}/secrets/{}", address(resource), text(secret, "secret_id"));
        server.admin("DELETE", &path, &json!({})).await.status.as_u16()
    };
    assert_eq!(revoke(&maps, &first).await, 404);
    assert_eq!((revoke(&notes, &first).await, revoke(&notes, &first).await), (200, 404));
    assert_eq!((status(&notes, &first).await, status(&notes, &second).await), (401, 200));
    server.clock.advance(86_400);
    assert_eq!(status(&notes, &second).await, 401, "it has expired");
    let third = server.make_secret(&notes, &json!({ "name": "third" })).await;
    server.change_resource(&notes, &json!({ "status": "disabled" })).await;
    assert_eq!(status(&notes, &third).await, 401);
}

#[tokio::test]
async fn a_resource_is_no_client() {
    let server = Server::start().await;
    let notes = server.with_notes().await;
    let secret = server.make_secret(&notes, &json!({ "name": "production" })).await;
    let credentials = format!("{}:{}", text(&notes, "id"), text(&secret, "secret"));
    for (path, fields) in [("/token", vec![("grant_type", "client_credentials")]), ("/revoke", vec![("token", "x")])] {
        let answer = server.post(path, Some(&credentials), &fields).await;
        assert_eq!(answer.error(), (401, "invalid_client".to_owned()), "{path}");
    }
    let nothing = server.post("/introspect", None, &[("client_id", text(&notes, "id")), ("token", "x")]).await;
    assert_eq!(nothing.error(), (401, "invalid_client".to_owned()));
    for wrong in [json!({ "name": "" }), json!({ "name": "x", "lifetime_days": 0 })] {
        let answer = server.admin("POST", &format!("{}/secrets", address(&notes)), &wrong).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    assert!(!server.database_bytes().windows(43).any(|bytes| bytes == text(&secret, "secret").as_bytes()));
}
