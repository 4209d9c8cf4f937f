//! Metadata of clients that ask for people (CIBA §4): every door, and what is advertised.

use axum::http::{Method, StatusCode};
use idp::Actor;
use idp::outbound::OutboundOptions;
use serde_json::{Value, json};

use super::{CIBA, ask_as, refused};
use crate::admin_api::{call, get, post};
use crate::assertion::Key;
use crate::mtls::SETTINGS;
use crate::registration::{call as register, set_policy};
use crate::server::{ISSUER, SECRET, Server, text};

#[tokio::test]
async fn discovery_endpoint_verification() {
    let document = Server::start().await.browser().get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["backchannel_authentication_endpoint"], format!("{ISSUER}/bc-authorize"));
    assert_eq!(document["backchannel_token_delivery_modes_supported"], json!(["poll", "ping"]));
    assert_eq!(document["backchannel_user_code_parameter_supported"], false);
    let algs = document["backchannel_authentication_request_signing_alg_values_supported"].as_array().unwrap();
    assert!(algs.contains(&json!("PS256")) && algs.contains(&json!("ES256")) && !algs.contains(&json!("none")));
    assert!(document["grant_types_supported"].as_array().unwrap().contains(&json!(CIBA)));
}

fn with(member: &str, value: &Value) -> Value {
    let mut body = json!({ "client_id": "bank", "grant_types": [CIBA], "backchannel_token_delivery_mode": "ping",
        "backchannel_client_notification_endpoint": "https://bank.example/n" });
    body[member] = value.clone();
    body
}

const REFUSED: [(&str, &str, &str, &str); 7] = [
    ("backchannel_token_delivery_mode", "push", "backchannel_token_delivery_mode", "does not push"),
    ("backchannel_token_delivery_mode", "pull", "backchannel_token_delivery_mode", "values offered"),
    ("backchannel_client_notification_endpoint", "", "backchannel_client_notification_endpoint", "ping"),
    (
        "backchannel_client_notification_endpoint",
        "http://a.example",
        "backchannel_client_notification_endpoint",
        "https",
    ),
    (
        "backchannel_authentication_request_signing_alg",
        "HS256",
        "backchannel_authentication_request_signing_alg",
        "values",
    ),
    ("backchannel_authentication_request_signing_alg", "ES256", "jwks", "keys"),
    ("token_endpoint_auth_method", "none", "grant_types", "proves nothing"),
];

#[tokio::test]
async fn both_doors_keep_them_and_refuse_the_same() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for (member, value, field, reason) in REFUSED {
        let answer = post(&server, "/admin/clients", with(member, &json!(value))).await;
        assert_eq!(answer.error(), refused(400, "invalid_request"), "{member} {value}: {}", answer.body);
        let said = text(&answer.json()["fields"], field).to_owned();
        assert!(said.contains(reason), "{member} {value}: {said}");
    }
    let created = post(&server, "/admin/clients", with("client_secret", &json!(SECRET))).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let client = get(&server, "/admin/clients/bank").await.json();
    assert_eq!((&client["kind"], &client["backchannel_token_delivery_mode"]), (&json!("web"), &json!("ping")));
    assert_eq!(client["backchannel_client_notification_endpoint"], "https://bank.example/n");
    assert_eq!(client["backchannel_authentication_request_signing_alg"], Value::Null);
    let key = Key::new("a");
    let change = json!({ "jwks": key.set(), "backchannel_authentication_request_signing_alg": "ES256" });
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/bank", change).await.status, StatusCode::OK);
    // The form shows what is there, and says what is wrong.
    let page = console.get("/admin/ui/clients/bank/settings").await;
    assert!(page.body.contains("Backchannel authentication"), "{}", page.body);
    assert_eq!(page.field("backchannel_client_notification_endpoint"), "https://bank.example/n");
    let (version, jwks) = (page.field("version"), key.set().to_string());
    let form = |endpoint: &'static str| {
        [
            ("version", version.as_str()),
            ("client_name", "Bank"),
            ("kind", "web"),
            ("enabled", "on"),
            ("grant_types", CIBA),
            ("scope", "openid"),
            ("jwks", &jwks),
            ("token_endpoint_auth_method", "client_secret_basic"),
            ("id_token_signed_response_alg", "RS256"),
            ("backchannel_token_delivery_mode", "ping"),
            ("backchannel_authentication_request_signing_alg", "ES256"),
            ("backchannel_client_notification_endpoint", endpoint),
        ]
    };
    let refusal = console.post("/admin/ui/clients/bank/settings", &form("")).await;
    assert_eq!(refusal.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refusal.body.contains("With ping the client is told"), "{}", refusal.body);
    let saved = console.post("/admin/ui/clients/bank/settings", &form("https://bank.example/other")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let client = get(&server, "/admin/clients/bank").await.json();
    assert_eq!(client["backchannel_client_notification_endpoint"], "https://bank.example/other");
    assert_eq!(client["backchannel_authentication_request_signing_alg"], "ES256");
    // A client that does not ask has nothing of it, whatever its form sends.
    let web = get(&server, "/admin/clients/web").await.json();
    assert_eq!(web["backchannel_token_delivery_mode"], Value::Null);
}

/// Whoever may ask for people learns who there is, so nobody gets that by registering by themselves.
#[tokio::test]
async fn a_client_registers_for_it_with_an_initial_access_token_only() {
    let server = Server::start().await;
    set_policy(&server, "open").await;
    let body = json!({ "client_name": "Bank", "grant_types": [CIBA, "refresh_token"], "redirect_uris": [],
        "token_endpoint_auth_method": "client_secret_basic", "backchannel_token_delivery_mode": "ping",
        "backchannel_client_notification_endpoint": "https://bank.example/n" });
    let mut plain = body.clone();
    plain.as_object_mut().unwrap().remove("redirect_uris");
    let send = async |token: Option<&str>, body: &Value| {
        register(&server, Method::POST, "/register", token, &body.to_string()).await
    };
    let refusal = send(None, &plain).await;
    assert_eq!(refusal.error(), refused(400, "invalid_client_metadata"), "{}", refusal.body);
    assert!(refusal.body.contains("initial access token"), "{}", refusal.body);

    set_policy(&server, "token").await;
    let token = server.idp.create_initial_token(&Actor::admin(), "partners").await.unwrap();
    let token = Some(token.expose());
    let registered = send(token, &plain).await;
    assert_eq!(registered.status, StatusCode::CREATED, "{}", registered.body);
    let client = registered.json();
    assert_eq!(client["grant_types"], json!([CIBA, "refresh_token"]));
    assert_eq!(client["backchannel_token_delivery_mode"], "ping");
    assert_eq!(client["backchannel_client_notification_endpoint"], "https://bank.example/n");
    for (member, value) in [
        ("backchannel_token_delivery_mode", json!("push")),
        ("backchannel_client_notification_endpoint", json!(null)),
        ("backchannel_client_notification_endpoint", json!("http://bank.example/n")),
        ("backchannel_authentication_request_signing_alg", json!("none")),
        ("backchannel_user_code_parameter", json!(true)),
        ("token_endpoint_auth_method", json!("none")),
    ] {
        let mut wrong = plain.clone();
        wrong[member] = value.clone();
        assert_eq!(send(token, &wrong).await.error(), refused(400, "invalid_client_metadata"), "{member} {value}");
    }
    // It waits for somebody who allows it something, and asks all the same.
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let ask = [("scope", "openid"), ("login_hint", "alice"), ("client_notification_token", "t")];
    let asked = server.post("/bc-authorize", Some(&format!("{id}:{secret}")), &ask).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    let mut browser = server.signed_in().await;
    let page = browser.get("/approve").await;
    assert!(page.body.contains("An application that registered itself"), "{}", page.body);
    assert_eq!(browser.press(&page, "yes").await.location(), "/approve?done=allowed");
    let fields =
        [("grant_type", CIBA), ("auth_req_id", text(&asked.json(), "auth_req_id"))].map(|(n, v)| (n, v.to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let tokens = server.post("/token", Some(&format!("{id}:{secret}")), &fields).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);

    // It may change what it has, and nobody else gets it by a change.
    let uri = text(&client, "registration_client_uri").strip_prefix(ISSUER).unwrap();
    let mut update = plain.clone();
    update["client_id"] = client["client_id"].clone();
    update["backchannel_token_delivery_mode"] = json!("poll");
    let own = Some(text(&client, "registration_access_token"));
    let updated = register(&server, Method::PUT, uri, own, &update.to_string()).await;
    assert_eq!(updated.status, StatusCode::OK, "{}", updated.body);
    assert_eq!(updated.json()["backchannel_token_delivery_mode"], "poll");
    let mut other = plain.clone();
    other["grant_types"] = json!(["urn:ietf:params:oauth:grant-type:device_code"]);
    let other = send(token, &other).await.json();
    let uri = text(&other, "registration_client_uri").strip_prefix(ISSUER).unwrap();
    update["client_id"] = other["client_id"].clone();
    let own = Some(text(&other, "registration_access_token"));
    let refusal = register(&server, Method::PUT, uri, own, &update.to_string()).await;
    assert_eq!(refusal.error(), refused(400, "invalid_client_metadata"), "{}", refusal.body);
}

/// A client of the profile of FAPI 2.0 signs its requests, whatever is registered.
#[tokio::test]
async fn the_profile_decides_who_signs() {
    let server = Server::start().await.with_settings(&SETTINGS, OutboundOptions::default()).await;
    super::create_asking(&server, "bank", |_| {}).await;
    let ask = [("scope", "openid"), ("login_hint", "alice")];
    assert_eq!(ask_as(&server, "bank", &ask).await.status, StatusCode::OK);
    let tls = json!({ "security_profile": "fapi2", "token_endpoint_auth_method": "tls_client_auth",
        "tls_client_auth_subject": "DNS:bank.example", "id_token_signed_response_alg": "ES256" });
    let refusal = call(&server, Method::PATCH, "/admin/clients/bank", tls.clone()).await;
    assert_eq!(refusal.error(), refused(400, "invalid_request"), "a certificate signs nothing: {}", refusal.body);
    let mut keyed = tls;
    keyed["jwks"] = Key::new("a").set();
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/bank", keyed).await.status, StatusCode::OK);
    let weak = json!({ "backchannel_authentication_request_signing_alg": "RS256" });
    let refusal = call(&server, Method::PATCH, "/admin/clients/bank", weak).await;
    assert!(refusal.body.contains("fapi2"), "{}", refusal.body);
}
