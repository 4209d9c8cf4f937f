//! Requests that are refused (RFC 9396 §5), at each endpoint, and what is told of it.

use axum::http::StatusCode;
use oauth::client::ClientKind;
use serde_json::{Value, json};

use super::{BANK, INVALID, accounts, payment};
use crate::assertion::Key;
use crate::browser::Browser;
use crate::server::{CALLBACK, ISSUER, SECRET, Server, text};

/// Details that are wrong, and a word of the description.
fn wrong() -> Vec<(String, &'static str)> {
    let changed = |pointer: &str, value: Value| {
        let mut object = payment("1");
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        object.pointer_mut(parent).unwrap()[name] = value;
        json!([object]).to_string()
    };
    let mut missing = payment("1");
    missing.as_object_mut().unwrap().remove("creditorName");
    let many: Vec<Value> = (0..17).map(|number| payment(&number.to_string())).collect();
    let long = json!([{ "type": "note_share", "actions": [format!("x{}", "y".repeat(4_096))] }]);
    vec![
        (json!([{ "type": "unknown" }]).to_string(), "no resource"),
        (json!([payment("1"), { "type": "unknown" }]).to_string(), "no resource"),
        (json!([{ "type": "secret" }]).to_string(), "may not ask"),
        (changed("/foo", json!("bar")), "foo is no field"),
        (changed("/instructedAmount/foo", json!("bar")), "instructedAmount.foo is no field"),
        (changed("/actions", json!("initiate")), "actions must be a list"),
        (changed("/actions", json!(["initiate", 1])), "actions must be a list"),
        (changed("/actions", json!([])), "actions must be a list"),
        (changed("/urgent", json!("yes")), "urgent must be true or false"),
        (changed("/priority", json!("1")), "priority must be a number"),
        (changed("/instructedAmount", json!("EUR 1")), "instructedAmount must be an object"),
        (changed("/creditorName", json!({ "name": "x" })), "creditorName must be a string"),
        (changed("/creditorName", json!("A\u{202e}B")), "not seen"),
        (changed("/actions", json!(["refund"])), "not one of"),
        (changed("/instructedAmount/currency", json!("XXX")), "not one of"),
        (json!([missing]).to_string(), "creditorName is missing"),
        ("[".to_owned(), "not a JSON array"),
        ("{}".to_owned(), "not a JSON array"),
        ("[]".to_owned(), "not a JSON array"),
        ("[[]]".to_owned(), "not a JSON array"),
        (json!([{ "actions": ["x"] }]).to_string(), "not a JSON array"),
        (json!([payment("1"), payment("1")]).to_string(), "twice"),
        (
            format!("[{{\"type\":\"note_share\",\"actions\":{}{}}}]", "[".repeat(500), "]".repeat(500)),
            "not a JSON array",
        ),
        (json!(many).to_string(), "more than 16"),
        (long.to_string(), "longer than 4096"),
    ]
}

#[tokio::test]
async fn what_is_not_as_its_type_says_is_refused_at_every_endpoint() {
    let server = Server::start().await;
    server.with_details().await;
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    server
        .create_client(ClientKind::Native, "tv", |draft, _| {
            draft.grant_types = vec![device.to_owned()];
            draft.redirect_uris = String::new();
            draft.authorization_details_types = "payment_initiation note_share".to_owned();
        })
        .await;
    let mut browser = server.signed_in().await;
    for (details, why) in wrong() {
        let answer = browser.get(&Browser::request(&[("authorization_details", &details)])).await;
        assert!(answer.location().starts_with(CALLBACK), "{details} {}", answer.body);
        let query = answer.query();
        let sent = ["error", "iss", "state"].map(|name| query.text(name));
        assert_eq!(sent, [INVALID, ISSUER, "s-1"], "{details}");
        assert!(query.text("error_description").contains(why), "{details}: {}", query.text("error_description"));
        let pushed = [
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("authorization_details", details.as_str()),
        ];
        let machine = [("grant_type", "client_credentials"), ("authorization_details", details.as_str())];
        let tv = [("client_id", "tv"), ("authorization_details", details.as_str())];
        for (path, client, fields) in [
            ("/par", Some("web"), &pushed[..]),
            ("/token", Some("job"), &machine),
            ("/device_authorization", None, &tv),
        ] {
            let auth = client.map(|client| format!("{client}:{SECRET}"));
            let answer = server.post(path, auth.as_deref(), fields).await;
            assert_eq!(answer.error(), (400, INVALID.to_owned()), "{path} {details} {}", answer.body);
            let said = answer.json()["error_description"].as_str().unwrap().to_owned();
            assert!(said.contains(why), "{path} {details}: {said}");
        }
    }
    // A parameter that is sent twice is no list.
    let twice = format!("{}&authorization_details=%5B%5D", Browser::request(&[("authorization_details", "[]")]));
    assert_eq!(browser.get(&twice).await.query().text("error"), "invalid_request");
}

#[tokio::test]
async fn who_may_ask_is_said_by_the_client_and_by_the_resource() {
    let server = Server::start().await;
    let (bank, _) = server.with_details().await;
    let details = json!([payment("1")]);
    let mut browser = server.signed_in().await;
    let ask = async |browser: &mut Browser<'_>| browser.ask_details(&[], &details).await.query().text("error");
    assert_eq!(ask(&mut browser).await, "");
    // No client may by itself.
    let spa = [("client_id", "spa"), ("code_challenge", crate::server::CHALLENGE), ("code_challenge_method", "S256")];
    assert_eq!(browser.ask_details(&spa, &details).await.query().text("error"), INVALID);
    for change in [json!({ "allowed_clients": ["job"] }), json!({ "allowed_clients": [], "status": "disabled" })] {
        server.change_resource(&bank, &change).await;
        assert_eq!(ask(&mut browser).await, INVALID, "{change}");
    }
    server.change_resource(&bank, &json!({ "status": "enabled" })).await;
    assert_eq!(ask(&mut browser).await, "");
    let nothing = server.admin("PATCH", "/admin/clients/web", &json!({ "authorization_details_types": [] })).await;
    assert_eq!(nothing.status, StatusCode::OK, "{}", nothing.body);
    assert_eq!(ask(&mut browser).await, INVALID);
}

#[tokio::test]
async fn a_refusal_is_explained_without_what_was_in_the_object() {
    let server = Server::start().await;
    server.with_details().await;
    let mut browser = server.signed_in().await;
    let mut object = payment("98765.43");
    object["iban"] = json!("DE02100100109307118603");
    let answer = browser.ask_details(&[], &json!([object])).await;
    assert_eq!(answer.query().text("error"), INVALID);
    let uri = answer.query().text("error_uri");
    let mut console = server.console().await;
    server.idp.flush_activity().await;
    let page = console.get(uri.strip_prefix(ISSUER).unwrap()).await;
    assert!(page.body.contains("iban is no field of the type"), "{}", page.body);
    assert!(page.body.contains("RFC 9396") && page.body.contains("creditorName string required"), "{}", page.body);
    assert!(!page.body.contains("DE0210010") && !page.body.contains("98765.43"), "{}", page.body);
}

/// The same objects in each place where a request can stand.
#[tokio::test]
async fn details_are_read_wherever_the_request_stands() {
    let server = Server::start().await;
    server.with_details().await;
    let details = json!([payment("123.50"), accounts()]);
    let pushed_text = details.to_string();
    let fields = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "s-1"),
        ("authorization_details", pushed_text.as_str()),
    ];
    let pushed = server.post("/par", Some(&format!("web:{SECRET}")), &fields).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    let mut browser = server.signed_in().await;
    let address = format!(
        "/authorize?{}",
        crate::server::encode(&[("client_id", "web"), ("request_uri", text(&pushed.json(), "request_uri"))])
    );
    let page = browser.get(&address).await;
    assert!(page.body.contains("123.50"), "{}", page.body);
    let code = browser.press(&page, "yes").await.query().text("code");
    let tokens = server.redeem_details(&code, &json!(null)).await.json();
    assert_eq!(tokens["authorization_details"], details);
    // In a body, which comes back as a query.
    let posted = server.post("/authorize", None, &[&fields[..], &[("client_id", "web")]].concat()).await;
    let page = browser.get(posted.location()).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "it was allowed before: {}", page.body);
    // In a request object it is a list itself (RFC 9396 §3).
    let key = Key::new("a");
    let keys = server.admin("PATCH", "/admin/clients/web", &json!({ "jwks": key.set() })).await;
    assert_eq!(keys.status, StatusCode::OK, "{}", keys.body);
    let claims = json!({ "iss": "web", "aud": ISSUER, "client_id": "web", "response_type": "code", "redirect_uri": CALLBACK,
        "scope": "openid", "authorization_details": details });
    let object = key.sign_as(Some("oauth-authz-req+jwt"), claims.as_object().unwrap().clone());
    let answer = browser
        .get(&format!("/authorize?{}", crate::server::encode(&[("client_id", "web"), ("request", &object)])))
        .await;
    let code = answer.query().text("code");
    assert_eq!(server.redeem_details(&code, &json!(null)).await.json()["authorization_details"], details);
}

#[tokio::test]
async fn details_bring_their_resource_and_no_scope_of_their_own() {
    let server = Server::start().await;
    server.with_details().await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_for(&mut browser, &[("scope", "")], &json!([payment("1")])).await;
    assert_eq!((&tokens["scope"], tokens.get("id_token")), (&json!(""), None), "nothing that was not asked for");
    let claims = crate::server::claims(text(&tokens, "access_token"));
    assert_eq!((&claims["aud"], &claims["authorization_details"]), (&json!(BANK), &json!([payment("1")])));
    // With a scope, and with another resource beside.
    let more = [("scope", "openid read accounts"), ("resource", super::NOTES)];
    let tokens = server.tokens_for(&mut browser, &more, &json!([payment("2")])).await;
    assert_eq!(crate::server::claims(text(&tokens, "access_token"))["aud"], json!([super::NOTES, BANK]));
    assert_eq!(tokens["scope"], "openid read accounts");
}

#[tokio::test]
async fn where_no_details_are_given_they_are_refused_and_not_passed_over() {
    let server = Server::start().await;
    server.with_details().await;
    let details = json!([payment("1")]).to_string();
    server
        .create_client(ClientKind::Web, "exchanger", |draft, _| {
            draft.grant_types.push("urn:ietf:params:oauth:grant-type:token-exchange".to_owned());
        })
        .await;
    let tokens = server.tokens("openid").await;
    let exchange = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", text(&tokens, "access_token")),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("authorization_details", details.as_str()),
    ];
    let answer = server.post("/token", Some(&format!("exchanger:{SECRET}")), &exchange).await;
    assert_eq!(answer.error(), (400, INVALID.to_owned()), "{}", answer.body);
    // A token in an address has no room for them.
    let server = server.with_legacy_response_types(true).await;
    let old = json!({ "security_profile": "legacy", "grant_types": ["authorization_code", "implicit"], "response_types": ["code", "code token", "code id_token"] });
    assert_eq!(server.admin("PATCH", "/admin/clients/web", &old).await.status, StatusCode::OK);
    let mut browser = server.signed_in().await;
    let answer = browser.ask_details(&[("response_type", "code token")], &json!([payment("1")])).await;
    assert!(answer.location().contains(&format!("#error={INVALID}")), "{}", answer.location());
    let page = browser.ask_details(&[("response_type", "code id_token"), ("nonce", "n")], &json!([payment("1")])).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.location());
}
