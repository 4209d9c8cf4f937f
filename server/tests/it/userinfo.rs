//! `/userinfo`: who the token speaks of.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::browser::Answer;
use crate::server::{START, Server, claims, encode, text};

async fn claims_of(server: &Server, scope: &str) -> Value {
    let tokens = server.tokens(scope).await;
    let answer = server.userinfo(text(&tokens, "access_token")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.json()["sub"], claims(text(&tokens, "id_token"))["sub"]);
    let mut claims = answer.json();
    claims.as_object_mut().unwrap().remove("sub");
    claims
}

fn profile() -> Value {
    json!({
        "name": "Alice Adams",
        "given_name": "Alice",
        "family_name": "Adams",
        "middle_name": "Ann",
        "nickname": "Al",
        "preferred_username": "alice",
        "profile": "https://example.com/alice",
        "picture": "https://example.com/alice.png",
        "website": "https://alice.example.com",
        "gender": "female",
        "birthdate": "1990-02-28",
        "zoneinfo": "Europe/Paris",
        "locale": "fr-FR",
        "updated_at": START,
    })
}

fn address() -> Value {
    json!({ "address": {
        "formatted": "1 Rue de Rivoli\nParis\nÎle-de-France\n75001\nFrance",
        "street_address": "1 Rue de Rivoli",
        "locality": "Paris",
        "region": "Île-de-France",
        "postal_code": "75001",
        "country": "France",
    } })
}

#[tokio::test]
async fn each_scope_opens_its_claims_and_no_others() {
    let server = Server::start().await;
    let email = json!({ "email": "alice@example.com", "email_verified": true });
    let phone = json!({ "phone_number": "+33 1 23 45 67 89", "phone_number_verified": true });
    assert_eq!(claims_of(&server, "openid").await, json!({}));
    assert_eq!(claims_of(&server, "openid profile").await, profile());
    assert_eq!(claims_of(&server, "openid email").await, email);
    assert_eq!(claims_of(&server, "openid address").await, address());
    assert_eq!(claims_of(&server, "openid phone").await, phone);
    let mut all = profile();
    for part in [email, address(), phone] {
        all.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    }
    assert_eq!(claims_of(&server, "phone address email profile openid").await, all);
}

#[tokio::test]
async fn the_token_may_come_in_the_header_or_in_a_form() {
    let server = Server::start().await;
    let tokens = server.tokens("openid email").await;
    let token = text(&tokens, "access_token");
    let by_get = server.userinfo(token).await;
    assert_eq!(by_get.header("content-type"), "application/json");
    assert_eq!(by_get.header("cache-control"), "no-store");
    let header = |scheme: &str| {
        Request::post("/userinfo").header("authorization", format!("{scheme} {token}")).body(Body::empty()).unwrap()
    };
    assert_eq!(server.send(header("Bearer")).await.body, by_get.body);
    assert_eq!(server.send(header("bearer")).await.body, by_get.body);
    let by_form = server.post("/userinfo", None, &[("access_token", token)]).await;
    assert_eq!(by_form.status, StatusCode::OK);
    assert_eq!(by_form.body, by_get.body);
}

fn challenge(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.header("www-authenticate"))
}

#[tokio::test]
async fn without_a_token_the_answer_names_the_scheme_and_no_error() {
    let server = Server::start().await;
    let tokens = server.tokens("openid").await;
    let in_query = format!("/userinfo?access_token={}", text(&tokens, "access_token"));
    for path in ["/userinfo", in_query.as_str()] {
        assert_eq!(challenge(&server.browser().get(path).await), (401, "Bearer realm=\"signet\""));
    }
    let basic = Request::get("/userinfo").header("authorization", "Basic d2ViOng=").body(Body::empty()).unwrap();
    assert_eq!(challenge(&server.send(basic).await), (401, "Bearer realm=\"signet\""));
}

#[tokio::test]
async fn a_token_that_is_not_good_gets_invalid_token() {
    let server = Server::start().await;
    for token in ["x", "a.b.c", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let answer = server.userinfo(token).await;
        assert_eq!(answer.error(), (401, "invalid_token".to_owned()));
        assert!(answer.header("www-authenticate").starts_with("Bearer realm=\"signet\", error=\"invalid_token\""));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_request_that_is_not_well_formed_gets_invalid_request() {
    let server = Server::start().await;
    assert_eq!(server.userinfo("").await.error(), (400, "invalid_request".to_owned()));
    assert_eq!(server.userinfo("a b").await.error(), (400, "invalid_request".to_owned()));
    let twice = Request::post("/userinfo")
        .header("authorization", "Bearer x")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(encode(&[("access_token", "x")])))
        .unwrap();
    assert_eq!(server.send(twice).await.error(), (400, "invalid_request".to_owned()));
    let repeated = server.post("/userinfo", None, &[("access_token", "x"), ("access_token", "y")]).await;
    assert_eq!(repeated.error(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn a_token_without_openid_has_not_scope_enough() {
    let server = Server::start().await;
    let tokens = server.tokens("email").await;
    let answer = server.userinfo(text(&tokens, "access_token")).await;
    assert_eq!(answer.error(), (403, "insufficient_scope".to_owned()));
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains("error=\"insufficient_scope\"") && challenge.contains("scope=\"openid\""),
        "{challenge}"
    );
}

#[tokio::test]
async fn a_refresh_token_is_no_access_token() {
    let server = Server::start().await;
    let tokens = server.tokens("openid").await;
    let answer = server.userinfo(text(&tokens, "refresh_token")).await;
    assert_eq!(answer.error(), (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn single_claims_can_be_asked_for_where_they_are_wanted() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let request = "{\"userinfo\":{\"name\":{\"essential\":true}}}";
    let tokens = server.tokens_in(&mut browser, &[("claims", request)]).await;
    let userinfo = server.userinfo(text(&tokens, "access_token")).await.json();
    assert_eq!(userinfo["name"], "Alice Adams");
    assert!(claims(text(&tokens, "id_token")).get("name").is_none());

    let request = "{\"id_token\":{\"email\":null,\"nothing\":{\"essential\":true},\"auth_time\":{\"essential\":true}}}";
    let tokens = server.tokens_in(&mut browser, &[("claims", request)]).await;
    let id_token = claims(text(&tokens, "id_token"));
    assert_eq!((&id_token["email"], &id_token["auth_time"]), (&json!("alice@example.com"), &json!(START)));
    assert!(id_token.get("nothing").is_none());
    assert!(server.userinfo(text(&tokens, "access_token")).await.json().get("email").is_none());
    // What was asked for once is in the ID token of a refresh, too, until nothing opens it any more.
    let refreshed = server.refresh(&tokens).await.json();
    assert_eq!(claims(text(&refreshed, "id_token"))["email"], "alice@example.com");
    server.idp.delete_scope(&idp::Actor::admin(), "email").await.unwrap();
    let refreshed = server.refresh(&refreshed).await.json();
    assert!(claims(text(&refreshed, "id_token")).get("email").is_none());
}

#[tokio::test]
async fn single_claims_open_nothing_that_the_client_may_not_ask_for() {
    let server = Server::start().await;
    server.create_client(oauth::client::ClientKind::Web, "modest", |draft, _| draft.scope = "openid".into()).await;
    let mut browser = server.signed_in().await;
    let request = "{\"userinfo\":{\"email\":null,\"name\":null},\"id_token\":{\"email\":null}}";
    let code = browser.authorize(&[("client_id", "modest"), ("scope", "openid"), ("claims", request)]).await;
    let fields =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", crate::server::CALLBACK)];
    let auth = format!("modest:{}", crate::server::SECRET);
    let tokens = server.post("/token", Some(&auth), &fields).await.json();
    let userinfo = server.userinfo(text(&tokens, "access_token")).await.json();
    assert_eq!(userinfo.as_object().unwrap().len(), 1, "{userinfo}");
    assert!(claims(text(&tokens, "id_token")).get("email").is_none());
}

#[tokio::test]
async fn single_claims_are_not_had_without_a_word() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    let request = [("scope", "openid"), ("claims", "{\"userinfo\":{\"email\":null}}")];
    assert_eq!(browser.silently(&request).await, "consent_required");
    server.tokens_in(&mut browser, &[("scope", "openid email")]).await;
    assert_eq!(browser.silently(&request).await, "", "a code");
}

#[tokio::test]
async fn a_claim_can_demand_one_person_or_a_login_that_there_is_not() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let somebody_else = "{\"id_token\":{\"sub\":{\"value\":\"somebody-else\"}}}";
    assert_eq!(browser.silently(&[("claims", somebody_else)]).await, "login_required");
    let stronger = "{\"id_token\":{\"acr\":{\"essential\":true,\"values\":[\"urn:example:hardware\"]}}}";
    assert_eq!(browser.silently(&[("claims", stronger)]).await, "unmet_authentication_requirements");
}

#[tokio::test]
async fn what_is_not_known_of_a_person_is_left_out() {
    let server = Server::start().await;
    let draft = oauth::user::UserDraft { username: "bob".into(), enabled: true, ..oauth::user::UserDraft::default() };
    server.idp.create_user(&idp::Actor::admin(), &draft, crate::server::PASSWORD).await.unwrap();
    let mut browser = server.browser();
    browser.post("/login", &[("username", "bob"), ("password", crate::server::PASSWORD)]).await;
    let tokens = server.tokens_in(&mut browser, &[("scope", "openid profile email address phone")]).await;
    let mut userinfo = server.userinfo(text(&tokens, "access_token")).await.json();
    userinfo.as_object_mut().unwrap().remove("sub");
    assert_eq!(userinfo, json!({ "preferred_username": "bob", "updated_at": START }));
}

#[tokio::test]
async fn a_scope_of_ones_own_opens_claims_of_ones_own() {
    let server = Server::start().await;
    let scope =
        oauth::scope::ScopeDraft { name: "work".into(), description: "Your job".into(), claims: "department".into() };
    server.idp.create_scope(&idp::Actor::admin(), &scope).await.unwrap();
    server
        .create_client(oauth::client::ClientKind::Web, "intranet", |draft, _| draft.scope = "openid work".into())
        .await;
    let draft = oauth::user::UserDraft {
        username: "carol".into(),
        enabled: true,
        extra_claims: "{\"department\":{\"name\":\"Sales\",\"floor\":3}}".into(),
        ..oauth::user::UserDraft::default()
    };
    server.idp.create_user(&idp::Actor::admin(), &draft, crate::server::PASSWORD).await.unwrap();
    let mut browser = server.browser();
    browser.post("/login", &[("username", "carol"), ("password", crate::server::PASSWORD)]).await;
    let code = browser.authorize(&[("client_id", "intranet"), ("scope", "openid work")]).await;
    let fields =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", crate::server::CALLBACK)];
    let tokens = server.post("/token", Some(&format!("intranet:{}", crate::server::SECRET)), &fields).await.json();
    let userinfo = server.userinfo(text(&tokens, "access_token")).await.json();
    assert_eq!(userinfo["department"], json!({ "name": "Sales", "floor": 3 }));
}

#[tokio::test]
async fn a_claim_that_another_provider_signed_goes_on_with_its_token() {
    let server = Server::start().await;
    let scope = json!({ "name": "credit", "description": "See your score", "claims": ["score"] });
    assert_eq!(server.admin("POST", "/admin/scopes", &scope).await.status, StatusCode::OK);
    let web = json!({ "scope": "openid email credit" });
    assert_eq!(server.admin("PATCH", "/admin/clients/web", &web).await.status, StatusCode::OK);
    let sources = json!({ "bureau": { "JWT": "e30.e30.c2ln" }, "state": { "JWT": "e30.e30.b3Ro" } });
    let extra = json!({ "_claim_names": { "score": "bureau", "born": "state" }, "_claim_sources": sources });
    let half = json!({ "_claim_names": { "score": "bureau" } });
    let new = |claims: &Value| json!({ "username": "carol", "password": crate::server::PASSWORD, "claims": claims });
    let refused = server.admin("POST", "/admin/users", &new(&half)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.body);
    let created = server.admin("POST", "/admin/users", &new(&extra)).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let mut browser = server.browser();
    browser.post("/login", &[("username", "carol"), ("password", crate::server::PASSWORD)]).await;
    let expected = json!({ "_claim_names": { "score": "bureau" }, "_claim_sources": { "bureau": sources["bureau"] } });
    let tokens = server.tokens_in(&mut browser, &[("scope", "openid credit")]).await;
    let mut userinfo = server.userinfo(text(&tokens, "access_token")).await.json();
    userinfo.as_object_mut().unwrap().remove("sub");
    assert_eq!(userinfo, expected);
    let id_token = claims(text(&tokens, "id_token"));
    assert_eq!(id_token["_claim_sources"], expected["_claim_sources"]);
    let tokens = server.tokens_in(&mut browser, &[("scope", "openid email")]).await;
    let userinfo = server.userinfo(text(&tokens, "access_token")).await.json();
    assert!(userinfo.get("_claim_names").is_none() && userinfo.get("_claim_sources").is_none(), "{userinfo}");
}
