//! `default_max_age`, `require_auth_time` and `default_acr_values`.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::admin_api::{call, get};
use crate::browser::Browser;
use crate::registration;
use crate::server::{CALLBACK, SECRET, Server, claims, text};

fn described() -> Value {
    json!({ "default_max_age": 60, "require_auth_time": true, "default_acr_values": ["1"] })
}

async fn patch(server: &Server, client: &str, body: Value) {
    let answer = call(server, Method::PATCH, &format!("/admin/clients/{client}"), body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

/// A browser in which alice signed in `ago` seconds ago and has allowed `web` what it asks for.
async fn signed_in(server: &Server, ago: i64) -> Browser<'_> {
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    server.clock.advance(ago);
    browser
}

#[tokio::test]
async fn a_login_is_as_new_as_the_client_wants_and_its_request_decides() {
    let server = Server::start().await;
    let mut browser = signed_in(&server, 100).await;
    assert_eq!(browser.silently(&[]).await, "");
    patch(&server, "web", described()).await;
    assert_eq!(browser.silently(&[]).await, "login_required");
    assert_eq!(browser.silently(&[("max_age", "101")]).await, "", "what a request says counts");
    assert_eq!(browser.silently(&[("max_age", "100")]).await, "login_required");
    let asked = browser.get(&Browser::request(&[])).await;
    assert!(asked.location().contains("reason=too_long_ago"), "{}", asked.location());
    let answer = browser.sign_in_at(&asked).await;
    let tokens = server.redeem(&answer.query().text("code")).await.json();
    let id_token = claims(text(&tokens, "id_token"));
    assert_eq!((&id_token["auth_time"], &id_token["acr"]), (&json!(server.clock.now().0), &json!("1")));
    // No login would ever be new enough, but for the one that was asked for.
    patch(&server, "web", json!({ "default_max_age": 0 })).await;
    let asked = browser.get(&Browser::request(&[])).await;
    assert!(!browser.sign_in_at(&asked).await.query().text("code").is_empty());
}

#[tokio::test]
async fn so_it_is_for_a_request_that_was_pushed() {
    let server = Server::start().await;
    let mut browser = signed_in(&server, 100).await;
    patch(&server, "web", described()).await;
    for (max_age, error) in [("", "login_required"), ("3600", "")] {
        let request = [
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("prompt", "none"),
            ("max_age", max_age),
        ];
        let request: Vec<_> = request.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let pushed = server.post("/par", Some(&format!("web:{SECRET}")), &request).await;
        let pushed = pushed.json();
        let uri = text(&pushed, "request_uri");
        let query = crate::server::encode(&[("client_id", "web"), ("request_uri", uri)]);
        let answer = browser.get(&format!("/authorize?{query}")).await;
        assert_eq!(answer.query().text("error"), error, "{max_age}");
    }
}

#[tokio::test]
async fn so_it_is_for_a_device() {
    const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
    let server = Server::start().await;
    let grants = json!({ "grant_types": ["authorization_code", DEVICE_CODE], "default_max_age": 1200 });
    patch(&server, "web", grants).await;
    let mut browser = server.signed_in().await;
    server.clock.advance(1_199);
    let fields = [("scope", "openid")];
    let device = server.post("/device_authorization", Some(&format!("web:{SECRET}")), &fields).await.json();
    let typed = [("user_code", text(&device, "user_code"))];
    let question = browser.post("/device", &typed).await;
    assert_eq!(question.status, StatusCode::OK, "{}", question.body);
    server.clock.advance(1);
    // Neither the question nor its answer passes by a login that is too old.
    let late = browser.press(&question, "yes").await;
    assert!(late.location().starts_with("/login?") && late.location().contains("reason=too_long_ago"));
    let asked = browser.post("/device", &typed).await;
    let form = browser.sign_in_at(&asked).await;
    assert_eq!(form.field("user_code"), text(&device, "user_code"));
    let question = browser.post("/device", &typed).await;
    assert_eq!(browser.press(&question, "yes").await.location(), "/device?done=allowed");
    let poll = [("grant_type", DEVICE_CODE), ("device_code", text(&device, "device_code"))];
    let tokens = server.token(&poll).await.json();
    assert_eq!(claims(text(&tokens, "id_token"))["auth_time"], server.clock.now().0);
}

#[tokio::test]
async fn both_doors_keep_them_and_refuse_the_same() {
    let server = Server::start().await;
    registration::set_policy(&server, "open").await;
    patch(&server, "web", described()).await;
    let kept = get(&server, "/admin/clients/web").await.json();
    assert_eq!((&kept["default_max_age"], &kept["require_auth_time"]), (&json!(60), &json!(true)));
    assert_eq!(kept["default_acr_values"], "1");
    let mut console = server.console().await;
    let page = console.get("/admin/ui/clients/web/settings").await;
    assert!(page.body.contains("Oldest login") && page.body.contains("<details open class=\"more\""));
    patch(&server, "web", json!({ "default_max_age": "", "require_auth_time": false, "default_acr_values": "" })).await;
    assert_eq!(get(&server, "/admin/clients/web").await.json()["default_max_age"], Value::Null);
    let with = |members: Value| {
        let mut body = registration::native("App");
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        body
    };
    let told = registration::register(&server, &with(described())).await;
    for (member, value) in described().as_object().unwrap() {
        assert_eq!(told[member], *value);
    }
    let plain = registration::register(&server, &with(json!({}))).await;
    assert!(plain.get("default_max_age").is_none() && plain["client_id"] != told["client_id"]);
    for (member, value) in [
        ("default_max_age", json!(-1)),
        ("default_max_age", json!(4_294_967_296_i64)),
        ("default_acr_values", json!(["urn:mace:incommon:iap:silver"])),
    ] {
        let answer = call(&server, Method::PATCH, "/admin/clients/web", json!({ member: value })).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{member} {value}");
        assert!(!text(&answer.json()["fields"], member).is_empty());
        let body = with(json!({ member: value })).to_string();
        let answer = registration::call(&server, Method::POST, "/register", None, &body).await;
        assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()), "{member} {value}");
        assert!(text(&answer.json(), "error_description").contains(member), "{}", answer.body);
        let page = console.get("/admin/ui/clients/web/settings").await;
        let (version, value) = (page.field("version"), value.to_string());
        let form = [
            ("version", version.as_str()),
            ("client_name", "Web"),
            ("kind", "web"),
            ("redirect_uris", CALLBACK),
            ("grant_types", "authorization_code"),
            ("token_endpoint_auth_method", "client_secret_basic"),
            ("id_token_signed_response_alg", "RS256"),
            (member, value.as_str()),
        ];
        let answer = console.post("/admin/ui/clients/web/settings", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{member} {value}");
    }
}
