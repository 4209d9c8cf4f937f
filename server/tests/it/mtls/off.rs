//! A server to which no proxy hands on certificates: no door saves what could not work.

use axum::http::{Method, StatusCode};
use oauth::client::ClientKind;
use serde_json::{Value, json};

use super::SETTINGS;
use crate::browser::Answer;
use crate::client_documents::World;
use crate::registration;
use crate::server::{CALLBACK, Server};

const BOUND: &str = "tls_client_certificate_bound_access_tokens";
const METHOD: &str = "token_endpoint_auth_method";

fn by_authority() -> Value {
    json!({ "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject": "DNS:shop.example" })
}

fn self_signed() -> Value {
    let jwks = json!({ "keys": [{ "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" }] });
    json!({ "token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": jwks })
}

/// The one field that is refused names the setting.
#[track_caller]
fn refused(answer: &Answer, field: &str, setting: &str) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    let why = answer.json()["fields"][field].as_str().unwrap_or_default().to_owned();
    assert!(why.contains(&format!("the setting {setting},")), "{}", answer.body);
}

#[tokio::test]
async fn the_admin_api_saves_nothing_that_needs_a_certificate() {
    let server = Server::start().await;
    for (change, field) in [(by_authority(), METHOD), (self_signed(), METHOD), (json!({ BOUND: true }), BOUND)] {
        refused(&server.admin("PATCH", "/admin/clients/job", &change).await, field, "CLIENT_CERT_HEADER");
        let mut new = json!({ "client_id": "newer", "redirect_uris": CALLBACK });
        new.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        refused(&server.admin("POST", "/admin/clients", &new).await, field, "CLIENT_CERT_HEADER");
    }
    let id = "https://agent.example/client.json";
    let document = json!({ "client_id": id, "client_name": "Agent", "redirect_uris": ["https://agent.example/callback"],
        "token_endpoint_auth_method": "none", BOUND: true });
    let put = server.admin("POST", "/admin/client_documents", &json!({ "client_id": id, "document": document })).await;
    refused(&put, "document", "CLIENT_CERT_HEADER");
    // The proxy hands certificates on, and says nothing of authorities.
    let server = server.behind_mtls_proxy(&SETTINGS[..3]).await;
    refused(&server.admin("PATCH", "/admin/clients/job", &by_authority()).await, METHOD, "CLIENT_CERT_VERIFY_HEADER");
    for change in [self_signed(), json!({ BOUND: true })] {
        let saved = server.admin("PATCH", "/admin/clients/job", &change).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    }
}

#[tokio::test]
async fn the_console_names_the_setting_beside_the_field() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let form = |more: &[(&'static str, &'static str)]| {
        let usual = [
            ("client_name", "Job"),
            ("kind", "machine"),
            ("enabled", "on"),
            ("grant_types", "client_credentials"),
            ("scope", "email"),
            ("id_token_signed_response_alg", "RS256"),
        ];
        [&usual[..], more].concat()
    };
    for more in [
        &[(METHOD, "tls_client_auth"), ("tls_client_auth_subject", "DNS:shop.example")][..],
        &[(METHOD, "client_secret_basic"), (BOUND, "on")],
    ] {
        let answer = console.post("/admin/ui/clients/job/settings", &form(more)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{more:?}");
        assert!(answer.body.contains("need the setting CLIENT_CERT_HEADER"), "{more:?} {}", answer.body);
    }
}

#[tokio::test]
async fn a_client_that_describes_itself_gets_no_bound_tokens() {
    let server = Server::start().await;
    registration::set_policy(&server, "open").await;
    let mut metadata = registration::native("Shop");
    let plain = registration::register(&server, &json!({ "redirect_uris": [CALLBACK] })).await;
    metadata[BOUND] = json!(true);
    let post = |body: String| {
        let server = &server;
        async move { registration::call(server, Method::POST, "/register", None, &body).await }
    };
    let answer = post(metadata.to_string()).await;
    assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()), "{}", answer.body);
    assert!(answer.body.contains(BOUND) && answer.body.contains("CLIENT_CERT_HEADER"), "{}", answer.body);
    let path = format!("/register/{}", plain["client_id"].as_str().unwrap());
    let update = json!({ "client_id": plain["client_id"], "redirect_uris": [CALLBACK], BOUND: true }).to_string();
    let token = plain["registration_access_token"].as_str();
    let answer = registration::call(&server, Method::PUT, &path, token, &update).await;
    assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()), "{}", answer.body);
    // One that is known by a document is told on the page.
    let world = World::start().await;
    world.publish(|document| document[BOUND] = json!(true));
    let page = world.server.signed_in().await.get(&world.request(crate::client_documents::SITE, &[])).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.body);
    assert!(page.body.contains("CLIENT_CERT_HEADER"), "{}", page.body);
}

#[tokio::test]
async fn a_client_from_before_is_changed_in_all_else() {
    let server = Server::start().await.behind_mtls_proxy(&SETTINGS).await;
    server
        .create_client(ClientKind::Machine, "shop", |draft, _| {
            draft.scope = "email".to_owned();
            draft.token_endpoint_auth_method = "tls_client_auth".to_owned();
            draft.tls_client_auth_subject = "DN:CN=shop".to_owned();
            draft.tls_client_certificate_bound_access_tokens = true;
        })
        .await;
    let server = server.behind_mtls_proxy(&[]).await;
    let shop = |change: Value| {
        let server = &server;
        async move { server.admin("PATCH", "/admin/clients/shop", &change).await }
    };
    let renamed = shop(json!({ "client_name": "Shop" })).await;
    assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.body);
    refused(&shop(self_signed()).await, METHOD, "CLIENT_CERT_HEADER");
    // What was given up is not taken back.
    let given_up = shop(json!({ BOUND: false, METHOD: "client_secret_basic" })).await;
    assert_eq!(given_up.status, StatusCode::OK, "{}", given_up.body);
    for change in [json!({ BOUND: true }), json!({ METHOD: "tls_client_auth" })] {
        let field = change.as_object().unwrap().keys().next().unwrap().clone();
        refused(&shop(change).await, &field, "CLIENT_CERT_HEADER");
    }
}

#[tokio::test]
async fn the_console_offers_what_can_work() {
    let server = Server::start().await;
    let ways = ["value=\"tls_client_auth\"", "value=\"self_signed_tls_client_auth\""];
    let mut offered = Vec::new();
    for settings in [&SETTINGS[..2], &SETTINGS[..3], &SETTINGS] {
        let server = server.another_node().await.behind_mtls_proxy(settings).await;
        let page = server.console().await.get("/admin/ui/clients/job/settings").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        offered.push(ways.map(|way| page.body.contains(way)));
    }
    assert_eq!(offered, [[false, false], [false, true], [true, true]]);
}
