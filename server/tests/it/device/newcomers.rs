//! Devices of clients that nobody here knows: those that are URLs, and those that registered themselves.

use axum::http::{Method, StatusCode};
use idp::testing::Kind;
use idp::testing::site::Reply;
use oauth::client::{ClientAuthMethod, ClientOrigin};
use oauth::id::ClientId;
use serde_json::{Value, json};

use super::{DEVICE_CODE, question};
use crate::assertion::{JWT_BEARER, Key};
use crate::browser::Answer;
use crate::client_documents::{SITE, World};
use crate::pairs::stopped;
use crate::registration::{call, register, set_policy};
use crate::server::{ISSUER, Server, text};

impl World {
    /// A document of a device without a browser, which has no redirect URI.
    fn publish_device(&self, change: impl FnOnce(&mut Value)) {
        self.publish(|document| {
            document["grant_types"] = json!([DEVICE_CODE, "refresh_token"]);
            document["redirect_uris"] = json!([]);
            change(document);
        });
    }
}

async fn begin(server: &Server, id: &str, more: &[(&str, &str)]) -> Answer {
    server.post("/device_authorization", None, &[&[("client_id", id), ("scope", "openid email")], more].concat()).await
}

async fn poll(server: &Server, id: &str, device: &Value, more: &[(&str, &str)]) -> Answer {
    let code = text(device, "device_code");
    let own = [("grant_type", DEVICE_CODE), ("client_id", id), ("device_code", code)];
    server.post("/token", None, &[&own[..], more].concat()).await
}

fn pending(answer: &Answer) {
    assert_eq!(answer.error(), (400, "authorization_pending".to_owned()), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_client_is_a_url_is_connected_with_nothing_configured() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        world.publish_device(|_| {});
        let (server, id) = (&world.server, world.id());
        let device = begin(server, &id, &[]).await;
        assert_eq!(device.status, StatusCode::OK, "{kind:?}: {}", device.body);
        let device = device.json();
        pending(&poll(server, &id, &device, &[]).await);
        assert!(!world.is_kept().await, "{kind:?}: a question leaves no client behind");
        // Another device of it, which nobody wants.
        let declined = begin(server, &id, &[]).await.json();
        let mut browser = server.signed_in().await;
        let page = question(&mut browser, &declined).await;
        browser.press(&page, "no").await;
        assert_eq!(poll(server, &id, &declined, &[]).await.error().1, "access_denied", "{kind:?}");
        assert!(!world.is_kept().await, "{kind:?}");
        let page = question(&mut browser, &device).await;
        for shown in [
            format!("<bdi>localhost:{}</bdi>", world.site.port()),
            "Agent Smith".to_owned(),
            "Your email address".to_owned(),
            "Nobody has used this application on this server before.".to_owned(),
            "Any program can pose as this application".to_owned(),
        ] {
            assert!(page.body.contains(&shown), "{kind:?} {shown}: {}", page.body);
        }
        let answer = browser.press(&page, "yes").await;
        assert_eq!(answer.location(), "/device?done=allowed", "{kind:?}: {}", answer.body);
        let record = server.idp.get_client(&world.client_id()).await.unwrap();
        assert_eq!(record.client.origin, ClientOrigin::MetadataDocument, "{kind:?}");
        let tokens = poll(server, &id, &device, &[]).await;
        assert_eq!(tokens.status, StatusCode::OK, "{kind:?}: {}", tokens.body);
        let tokens = tokens.json();
        assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::OK, "{kind:?}");
        // From here on the row is enough, at another node, too.
        world.break_down();
        let refreshed = world.refresh(&tokens).await;
        assert_eq!(refreshed.status, StatusCode::OK, "{kind:?}: {}", refreshed.body);
        let again = begin(server, &id, &[]).await.json();
        let page = question(&mut browser, &again).await;
        assert!(!page.body.contains("Nobody has used this application"), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_registers_itself_is_connected_and_named_by_nothing_that_it_says() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        set_policy(&server, "open").await;
        let body = json!({
            "client_name": "Hermes", "grant_types": [DEVICE_CODE, "refresh_token"], "token_endpoint_auth_method": "none",
        });
        let client = register(&server, &body).await;
        assert_eq!((&client["redirect_uris"], &client["response_types"]), (&json!([]), &json!([])), "{kind:?}");
        assert_eq!(client["grant_types"], body["grant_types"], "{kind:?}");
        let id = client["client_id"].as_str().unwrap();
        let device = begin(&server, id, &[]).await;
        assert_eq!(device.status, StatusCode::OK, "{kind:?}: {}", device.body);
        let device = device.json();
        pending(&poll(&server, id, &device, &[]).await);
        assert!(server.idp.get_client(&ClientId::new(id)).await.is_err(), "{kind:?}");
        let mut browser = server.signed_in().await;
        let page = question(&mut browser, &device).await;
        for shown in ["An application that registered itself", "Hermes", "Any program can pose as this application"] {
            assert!(page.body.contains(shown), "{kind:?} {shown}: {}", page.body);
        }
        browser.press(&page, "yes").await;
        let tokens = poll(&server, id, &device, &[]).await;
        assert_eq!(tokens.status, StatusCode::OK, "{kind:?}: {}", tokens.body);
        assert!(server.idp.get_client(&ClientId::new(id)).await.is_ok(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_device_without_the_grant_and_a_client_without_a_document_begin_nothing() {
    let world = World::start().await;
    let (server, id) = (&world.server, world.id());
    assert_eq!(begin(server, &id, &[]).await.error(), (400, "unauthorized_client".to_owned()));
    world.publish_device(|_| {});
    server.clock.advance(7_200);
    assert_eq!(begin(server, &id, &[]).await.status, StatusCode::OK);
    world.break_down();
    server.clock.advance(8 * 86_400);
    assert_eq!(begin(server, &id, &[]).await.error(), (503, "temporarily_unavailable".to_owned()));
    for unknown in ["dcr-unknown", "https://a.example/../x", "nobody"] {
        assert_eq!(begin(server, unknown, &[]).await.error(), (401, "invalid_client".to_owned()), "{unknown}");
    }
    // A registration without redirect URIs must be for a device.
    set_policy(server, "open").await;
    for body in [json!({}), json!({ "grant_types": [DEVICE_CODE, "authorization_code"] })] {
        let refused = call(server, Method::POST, "/register", None, &body.to_string()).await;
        assert_eq!(refused.error(), (400, "invalid_redirect_uri".to_owned()), "{body}");
    }
}

#[tokio::test]
async fn a_client_that_is_kept_begins_by_what_its_document_says_now() {
    let world = World::start().await;
    let (server, id) = (&world.server, world.id());
    let mut browser = server.signed_in().await;
    world.allow(&mut browser, SITE).await;
    let key = Key::new("a");
    *world.keys() = Reply::json(&key.set());
    world.publish_device(|document| {
        document["token_endpoint_auth_method"] = json!("private_key_jwt");
        document["jwks_uri"] = json!(world.site.url("/jwks"));
    });
    server.clock.advance(7_200);
    assert_eq!(begin(server, &id, &[]).await.error(), (401, "invalid_client".to_owned()));
    server.clock.advance(60);
    let signed = |jti: &str| {
        let claims = json!({ "iss": id, "sub": id, "aud": ISSUER, "exp": server.idp.now().0 + 300, "jti": jti });
        key.sign(claims.as_object().unwrap().clone())
    };
    let proof = signed("1");
    let proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", proof.as_str())];
    let device = begin(server, &id, &proof).await;
    assert_eq!(device.status, StatusCode::OK, "{}", device.body);
    let mut browser = server.signed_in().await;
    let page = question(&mut browser, &device.json()).await;
    assert!(!page.body.contains("Any program can pose as this application"), "it proves who it is: {}", page.body);
    browser.press(&page, "yes").await;
    let record = server.idp.get_client(&world.client_id()).await.unwrap();
    assert_eq!(record.client.token_endpoint_auth_method, ClientAuthMethod::PrivateKeyJwt);
    let proof = signed("2");
    let proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", proof.as_str())];
    let tokens = poll(server, &id, &device.json(), &proof).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let unsigned = poll(server, &id, &device.json(), &[]).await;
    assert_eq!(unsigned.error(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_host_that_may_not_come_has_no_devices() {
    let world = World::start().await;
    world.publish_device(|_| {});
    let (server, id) = (&world.server, world.id());
    let device = begin(server, &id, &[]).await.json();
    server.idp.list_host(&idp::Actor::admin(), "localhost", false).await.unwrap();
    assert_eq!(begin(server, &id, &[]).await.error(), (401, "invalid_client".to_owned()));
    assert_eq!(poll(server, &id, &device, &[]).await.error(), (401, "invalid_client".to_owned()));
    let mut browser = server.signed_in().await;
    let page = browser.post("/device", &[("user_code", text(&device, "user_code"))]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.body);
}

/// Something that happens to the client of a device while somebody allows it.
#[derive(Debug, Clone, Copy)]
enum Meanwhile {
    HostBlocked,
    DocumentPut,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_the_client_of_a_device_meanwhile_is_minded() {
    for kind in Kind::ALL {
        for meanwhile in [Meanwhile::HostBlocked, Meanwhile::DocumentPut] {
            let Some(world) = World::start_on(kind).await else { continue };
            world.publish_device(|_| {});
            let (server, id) = (&world.server, world.id());
            let device = begin(server, &id, &[]).await.json();
            let mut browser = server.signed_in().await;
            let page = question(&mut browser, &device).await;
            let (node, actor) = (server.open_node().await, idp::Actor::admin());
            let other = world.document(|document| document["client_name"] = json!("Somebody else"));
            let answer = stopped(&server.idp, browser.press(&page, "yes"), async {
                match meanwhile {
                    Meanwhile::HostBlocked => drop(node.list_host(&actor, "localhost", false).await.unwrap()),
                    Meanwhile::DocumentPut => node.put_document(&actor, &id, &other.to_string()).await.unwrap(),
                }
            });
            let answer = answer.await;
            assert!(!answer.location().contains("done=allowed"), "{kind:?} {meanwhile:?}: {}", answer.location());
            assert_ne!(poll(server, &id, &device, &[]).await.status, StatusCode::OK, "{kind:?} {meanwhile:?}");
            let kept = server.idp.list_documents().await.unwrap();
            assert_eq!(kept.iter().map(|row| row.grants).sum::<u64>(), 0, "{kind:?} {meanwhile:?}");
        }
    }
}
