//! The setting `LEGACY_RESPONSE_TYPES`, the profile `legacy` and the response types of a client, by each door.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use idp::testing::Kind;
use oauth::client::{ClientKind, SecurityProfile};
use oauth::id::ClientId;
use serde_json::{Value, json};

use super::{TYPES, ask, landed, make_old, request, start};
use crate::browser::Answer;
use crate::registration;
use crate::server::{ADMIN_TOKEN, CALLBACK, SECRET, Server, text};

async fn call(server: &Server, method: Method, path: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-admin-token", ADMIN_TOKEN);
    server.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn legacy() -> Value {
    json!({ "security_profile": "legacy", "grant_types": ["authorization_code", "implicit"], "response_types": ["code", "code id_token"] })
}

/// The name of the field that was refused, and why.
fn field(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    let fields = answer.json()["fields"].clone();
    let (name, why) = fields.as_object().unwrap().iter().next().unwrap();
    (name.clone(), why.as_str().unwrap().to_owned())
}

#[tokio::test]
async fn without_the_setting_no_door_gives_the_profile() {
    let server = Server::start().await;
    for (method, path, more) in [
        (Method::PATCH, "/admin/clients/web", json!({})),
        (Method::POST, "/admin/clients", json!({ "client_id": "newer", "redirect_uris": CALLBACK })),
    ] {
        let mut body = legacy();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (name, why) = field(&call(&server, method, path, &body).await);
        assert_eq!(name, "security_profile");
        assert!(why.contains("LEGACY_RESPONSE_TYPES"), "{why}");
    }
    let mut console = server.console().await;
    let page = console.get("/admin/ui/clients/web/settings").await;
    assert!(!page.body.contains("value=\"legacy\"") && !page.body.contains("response_types"), "it is not offered");
    let form = [
        ("client_name", "Web"),
        ("kind", "web"),
        ("enabled", "on"),
        ("redirect_uris", CALLBACK),
        ("grant_types", "authorization_code"),
        ("scope", "openid"),
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("id_token_signed_response_alg", "RS256"),
        ("security_profile", "legacy"),
    ];
    let answer = console.post("/admin/ui/clients/web/settings", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("LEGACY_RESPONSE_TYPES"), "{}", answer.body);
    registration::set_policy(&server, "open").await;
    for types in [json!(["id_token"]), json!(["code", "code token"])] {
        let metadata = json!({
            "redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "implicit"], "response_types": types,
        });
        let answer = registration::call(&server, Method::POST, "/register", None, &metadata.to_string()).await;
        assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()), "{}", answer.body);
        assert!(answer.body.contains("LEGACY_RESPONSE_TYPES"), "{}", answer.body);
    }
    // Programs that name the grant out of habit, and do not use it, are let in as before.
    let metadata = json!({ "redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "implicit"], "response_types": ["code"] });
    let client = registration::register(&server, &metadata).await;
    assert_eq!((&client["grant_types"], &client["response_types"]), (&json!(["authorization_code"]), &json!(["code"])));
}

#[tokio::test]
async fn a_client_that_cannot_work_is_refused_by_name() {
    let server = start().await;
    for (change, name) in [
        (json!({ "response_types": ["token"] }), "response_types"),
        (json!({ "response_types": "code,none" }), "response_types"),
        (json!({ "security_profile": "oidc" }), "response_types"),
        (json!({ "security_profile": "", "response_types": "" }), "grant_types"),
        (json!({ "grant_types": ["authorization_code"] }), "grant_types"),
        (json!({ "grant_types": ["implicit"] }), "grant_types"),
        (json!({ "response_types": "code" }), "grant_types"),
        (json!({ "grant_types": ["implicit", "refresh_token"] }), "grant_types"),
        (json!({ "dpop_bound_access_tokens": true }), "dpop_bound_access_tokens"),
        (json!({ "redirect_uris": "http://127.0.0.1/cb" }), "redirect_uris"),
    ] {
        let (found, why) = field(&call(&server, Method::PATCH, "/admin/clients/old", &change).await);
        assert_eq!(found, name, "{change}: {why}");
    }
    for (types, grants, why) in [
        (json!(["id_token"]), json!(["authorization_code"]), "grant type implicit"),
        (json!(["code id_token"]), json!(["implicit"]), "grant type authorization_code"),
        (json!(["token", "none"]), json!(["authorization_code", "implicit"]), "response_types"),
    ] {
        registration::set_policy(&server, "open").await;
        let metadata = json!({ "redirect_uris": [CALLBACK], "grant_types": grants, "response_types": types });
        let answer = registration::call(&server, Method::POST, "/register", None, &metadata.to_string()).await;
        assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()), "{}", answer.body);
        assert!(answer.body.contains(why), "{}", answer.body);
    }
    let answer = registration::call(
        &server,
        Method::POST,
        "/register",
        None,
        &json!({ "grant_types": ["implicit"], "response_types": ["id_token"] }).to_string(),
    )
    .await;
    assert_eq!(answer.error(), (400, "invalid_redirect_uri".to_owned()), "{}", answer.body);
}

#[tokio::test]
async fn the_response_types_are_kept_on_every_database_and_come_back() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let server = server.with_legacy_response_types(true).await;
        assert_eq!(
            call(&server, Method::PATCH, "/admin/clients/web", &legacy()).await.status,
            StatusCode::OK,
            "{kind:?}"
        );
        let shown = call(&server, Method::GET, "/admin/clients/web", &Value::Null).await.json();
        assert_eq!(
            (&shown["response_types"], &shown["security_profile"]),
            (&json!("code,code id_token"), &json!("legacy"))
        );
        // Whoever sends back what was shown changes nothing.
        let back = json!({ "response_types": shown["response_types"], "client_name": "Web" });
        assert_eq!(call(&server, Method::PATCH, "/admin/clients/web", &back).await.status, StatusCode::OK);
        let again = call(&server, Method::GET, "/admin/clients/web", &Value::Null).await.json();
        assert_eq!(again["response_types"], shown["response_types"], "{kind:?}");
        let mut browser = server.signed_in().await;
        let fields = ask(&mut browser, "code id_token", &[("client_id", "web")]).await;
        assert!(!fields.text("id_token").is_empty(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_setting_that_is_off_again_leaves_the_client_its_codes() {
    let server = start().await;
    let server = server.with_legacy_response_types(false).await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES {
        let fields = landed(&browser.get(&request(response_type, &[])).await);
        assert_eq!(fields.text("error"), "unsupported_response_type", "{response_type}");
        let pushed =
            [("response_type", response_type), ("redirect_uri", CALLBACK), ("scope", "openid"), ("nonce", "n")];
        let answer = server.post("/par", Some(&format!("old:{SECRET}")), &pushed).await;
        assert_eq!(answer.error(), (400, "unsupported_response_type".to_owned()), "{response_type}");
    }
    let code = browser.authorize(&[("client_id", "old")]).await;
    assert!(!code.is_empty());
    let mut console = server.console().await;
    for path in ["/admin/ui/clients/old", "/admin/ui/clients/old/settings"] {
        let page = console.get(path).await;
        assert!(page.body.contains("The setting LEGACY_RESPONSE_TYPES is off"), "{path}");
    }
    // It may be changed otherwise, and gets nothing more.
    let renamed = json!({ "client_name": "Old" });
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/old", &renamed).await.status, StatusCode::OK);
    let less = json!({ "response_types": ["code", "id_token"] });
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/old", &less).await.status, StatusCode::OK);
    let more = json!({ "response_types": ["code", "id_token", "code token"] });
    assert_eq!(field(&call(&server, Method::PATCH, "/admin/clients/old", &more).await).0, "response_types");
}

#[tokio::test]
async fn the_console_shows_response_types_to_old_clients_only() {
    let server = start().await;
    let mut console = server.console().await;
    let page = console.get("/admin/ui/clients/web/settings").await;
    assert!(page.body.contains("value=\"legacy\""));
    assert!(!page.body.contains("name=\"response_types\"") && !page.body.contains("value=\"implicit\""));
    let page = console.get("/admin/ui/clients/old/settings").await;
    assert!(page.body.contains("name=\"response_types\"") && page.body.contains("value=\"code id_token\""));
    assert!(page.body.contains("That is for old clients"), "the warning");
    let form = [
        ("version", "1"),
        ("client_name", "Old"),
        ("kind", "web"),
        ("enabled", "on"),
        ("redirect_uris", CALLBACK),
        ("grant_types", "authorization_code"),
        ("grant_types", "implicit"),
        ("response_types", "code"),
        ("response_types", "code id_token token"),
        ("scope", "openid"),
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("id_token_signed_response_alg", "RS256"),
        ("security_profile", "legacy"),
    ];
    let answer = console.post("/admin/ui/clients/old/settings", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let shown = call(&server, Method::GET, "/admin/clients/old", &Value::Null).await.json();
    assert_eq!(shown["response_types"], "code,code id_token token");
    let history = console.get("/admin/ui/clients/old/history").await;
    assert!(history.body.contains("Response types"), "{}", history.body);
}

#[tokio::test]
async fn a_client_that_registers_for_tokens_is_legacy_as_long_as_it_says_so() {
    let server = start().await;
    registration::set_policy(&server, "open").await;
    let with = |types: Value, grants: Value| {
        json!({
            "client_name": "Old", "redirect_uris": [CALLBACK], "grant_types": grants, "response_types": types,
            "token_endpoint_auth_method": "client_secret_basic",
        })
    };
    let client =
        registration::register(&server, &with(json!(["id_token", "token id_token"]), json!(["implicit"]))).await;
    assert_eq!(client["response_types"], json!(["id_token", "id_token token"]));
    let (id, token) = (text(&client, "client_id"), text(&client, "registration_access_token"));
    let mut browser = server.signed_in().await;
    let fields = ask(&mut browser, "id_token token", &[("client_id", id)]).await;
    assert!(!fields.text("access_token").is_empty());
    let profile = async || server.idp.get_client(&ClientId::new(id)).await.unwrap().client.security_profile;
    assert_eq!(profile().await, Some(SecurityProfile::Legacy));
    let path = format!("/register/{id}");
    let change = async |mut metadata: Value| {
        metadata["client_id"] = json!(id);
        registration::call(&server, Method::PUT, &path, Some(token), &metadata.to_string()).await
    };
    let answer = change(with(json!(["code"]), json!(["authorization_code"]))).await;
    assert_eq!((answer.status, &answer.json()["response_types"]), (StatusCode::OK, &json!(["code"])));
    assert_eq!(profile().await, None);
    // An administrator decided that it must prove more: it cannot take that back.
    let strict = json!({ "security_profile": "oauth2.1" });
    assert_eq!(call(&server, Method::PATCH, &format!("/admin/clients/{id}"), &strict).await.status, StatusCode::OK);
    let answer = change(with(json!(["id_token"]), json!(["implicit"]))).await;
    assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()), "{}", answer.body);
    assert_eq!(profile().await, Some(SecurityProfile::OAuth21));
    // Off again, nobody gets more by a change.
    let server = server.with_legacy_response_types(false).await;
    let metadata = with(json!(["code", "code token"]), json!(["authorization_code", "implicit"]));
    let mut metadata = metadata;
    metadata["client_id"] = json!(id);
    let answer = registration::call(&server, Method::PUT, &path, Some(token), &metadata.to_string()).await;
    assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()), "{}", answer.body);
}

#[tokio::test]
async fn two_programs_without_a_secret_that_ask_for_other_types_are_two_clients() {
    let server = start().await;
    registration::set_policy(&server, "open").await;
    let public = |types: Value, grants: Value| {
        json!({
            "client_name": "Page", "redirect_uris": [CALLBACK], "grant_types": grants, "response_types": types,
            "token_endpoint_auth_method": "none",
        })
    };
    let grants = json!(["authorization_code", "implicit"]);
    let plain = registration::register(&server, &public(json!(["code"]), grants.clone())).await;
    let old = registration::register(&server, &public(json!(["code", "code id_token"]), grants.clone())).await;
    let same = registration::register(&server, &public(json!(["id_token code", "code"]), grants)).await;
    assert_ne!(plain["client_id"], old["client_id"]);
    assert_eq!(old["client_id"], same["client_id"]);
}

#[tokio::test]
async fn going_back_to_a_state_of_before_is_a_change_like_another() {
    let server = start().await;
    server.create_client(ClientKind::Web, "back", |draft, _| make_old(draft)).await;
    let modern = json!({ "security_profile": "", "response_types": "", "grant_types": "authorization_code" });
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/back", &modern).await.status, StatusCode::OK);
    let server = server.with_legacy_response_types(false).await;
    let (target, actor) = (idp::Target::new(idp::Recordable::Client, "back"), idp::Actor::admin());
    let (state, version) = server.idp.state(&target).await.unwrap();
    let idp::State::Client(draft, policy) = state else { panic!("it is a client") };
    let mut draft = *draft;
    make_old(&mut draft);
    let back = idp::State::Client(Box::new(draft), policy);
    let refused = server.idp.revert(&actor, &target, version, &back).await.unwrap_err();
    assert!(format!("{refused:?}").contains("LegacyOff"), "{refused:?}");
}
