//! Agents that nobody registered bring identity assertions: by a document, or by registering themselves.

use axum::http::StatusCode;
use futures::future::join_all;
use idp::Actor;
use idp::testing::Kind;
use idp::testing::site::Reply;
use oauth::client::GrantType;
use oauth::resource::{ResourceDraft, ResourceScopeDraft};
use oauth::trust::TrustKind;
use serde_json::{Value, json};

use super::{ID_JAG, IDP, JWT_BEARER, NOTES, add, change_trust, changed, refused};
use crate::assertion::{JWT_BEARER as JWT_BEARER_CLIENT, Key};
use crate::browser::Answer;
use crate::client_documents::World;
use crate::registration::{register, set_policy};
use crate::server::{ISSUER, START, Server, claims, text};

/// Trusts `IDP`, whose keys are `key`, and has the resource `NOTES`.
async fn with_trust(server: &Server, key: &Key) -> oauth::id::TrustId {
    let draft = ResourceDraft {
        identifier: NOTES.into(),
        name: "Notes".into(),
        scopes: vec![ResourceScopeDraft { name: "read".into(), description: String::new(), default: true }],
        ..ResourceDraft::preset()
    };
    server.idp.create_resource(&Actor::admin(), &draft).await.unwrap();
    add(server, TrustKind::IdentityProvider, |draft| {
        draft.issuer = IDP.into();
        draft.jwks = key.set().to_string();
        draft.accounts = "verified_email".into();
        draft.admits_public_clients = true;
    })
    .await
}

fn identity(key: &Key, client_id: &str, jti: &str) -> String {
    let claims = json!({
        "iss": IDP, "sub": "00u1", "aud": ISSUER, "client_id": client_id, "jti": jti, "iat": START, "exp": START + 300,
        "resource": NOTES, "scope": "read", "email": "alice@example.com", "email_verified": true,
    });
    key.sign_as(Some(ID_JAG), changed(claims, "", Value::Null))
}

async fn bring(server: &Server, client_id: &str, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let fields = [&[JWT_BEARER, ("assertion", assertion), ("client_id", client_id)], more].concat();
    server.post("/token", None, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_with_a_document_is_known_from_its_first_assertion_on() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        let key = Key::new("k");
        with_trust(&world.server, &key).await;
        // It brings nothing else, and has no place for answers.
        world.publish(|document| {
            document["grant_types"] = json!([GrantType::JwtBearer]);
            document["redirect_uris"] = json!([]);
        });
        let id = world.id();
        let many: Vec<String> = (0..3).map(|number| identity(&key, &id, &number.to_string())).collect();
        let answers = join_all(many.iter().map(|assertion| bring(&world.server, &id, assertion, &[]))).await;
        for answer in &answers {
            assert_eq!(answer.status, StatusCode::OK, "{kind:?}: {}", answer.body);
            assert_eq!(claims(text(&answer.json(), "access_token"))["client_id"], json!(id));
        }
        assert!(world.is_kept().await);
        refused(&bring(&world.server, &id, &many[0], &[]).await, "used before");
        // Its host is blocked: it is not known any more.
        let mut browser = world.server.signed_in().await;
        assert!(browser.get("/account").await.body.contains("localhost"), "{kind:?}");
        block(&world).await;
        let late = bring(&world.server, &id, &identity(&key, &id, "late"), &[]).await;
        assert_eq!(late.error(), (401, "invalid_client".to_owned()), "{kind:?}: {}", late.body);
    }
}

async fn block(world: &World) {
    let answer = world.server.admin("PUT", "/admin/client_hosts", &json!({ "blocked": "localhost" })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn an_agent_that_signs_must_sign_here_too() {
    let world = World::start().await;
    let (key, own) = (Key::new("k"), Key::new("own"));
    let trust = with_trust(&world.server, &key).await;
    change_trust(&world.server, &trust, |draft| draft.admits_public_clients = false).await;
    let id = world.id();
    let listed = json!(["authorization_code", GrantType::JwtBearer]);
    world.publish(|document| document["grant_types"] = listed.clone());
    refused(&bring(&world.server, &id, &identity(&key, &id, "1"), &[]).await, "does not take it");
    *world.keys() = Reply::json(&own.set());
    world.publish(|document| {
        document["grant_types"] = listed.clone();
        document["token_endpoint_auth_method"] = json!("private_key_jwt");
        document["jwks_uri"] = json!(world.site.url("/jwks"));
    });
    world.server.clock.advance(2 * 3_600);
    let now = world.server.clock.now().0;
    let said = claims(&identity(&key, &id, "1"));
    let fresh = changed(said, "iat", json!(now));
    let fresh = key.sign_as(Some(ID_JAG), changed(Value::Object(fresh), "exp", json!(now + 300)));
    let bare = bring(&world.server, &id, &fresh, &[]).await;
    assert_eq!(bare.error(), (401, "invalid_client".to_owned()), "{}", bare.body);
    let proof = json!({ "iss": id, "sub": id, "aud": ISSUER, "exp": now + 300, "jti": "p" });
    let proof = own.sign(proof.as_object().unwrap().clone());
    let signed = [("client_assertion_type", JWT_BEARER_CLIENT), ("client_assertion", proof.as_str())];
    let answer = bring(&world.server, &id, &fresh, &signed).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn a_client_that_registered_itself_brings_one_too_and_gets_a_row() {
    let server = Server::start().await;
    set_policy(&server, "open").await;
    let key = Key::new("k");
    with_trust(&server, &key).await;
    let body = json!({
        "client_name": "Agent", "redirect_uris": ["http://localhost:4000/cb"], "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", GrantType::JwtBearer, GrantType::TokenExchange],
    });
    let client = register(&server, &body).await;
    assert_eq!(client["grant_types"], json!(["authorization_code", GrantType::JwtBearer]));
    let id = text(&client, "client_id");
    let answer = bring(&server, id, &identity(&key, id, "1"), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(server.idp.get_client(&oauth::id::ClientId::new(id)).await.is_ok());
}
