//! Pairwise subjects (OpenID Connect Core §8.1): the name of a person in each place, and what comes back by it.

use axum::http::{Method, StatusCode};
use oauth::client::ClientKind;
use serde_json::{Value, json};

use crate::admin_api::call;
use crate::browser::Browser;
use crate::concurrency::on_every_database;
use crate::server::{CALLBACK, SECRET, Server, claims, encode, jwt_header, text};

on_every_database!(a_person_has_one_name_in_a_sector_and_another_in_the_next);

const OTHER: &str = "https://other.example/cb";

async fn patch(server: &Server, client: &str, body: Value) {
    let answer = call(server, Method::PATCH, &format!("/admin/clients/{client}"), body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

/// The clients `web` and `sister` at one host, and `other` at another one, all pairwise.
async fn with_sectors(server: &Server) {
    for (id, redirect_uri) in [("sister", "https://app.example/sister"), ("other", OTHER)] {
        server
            .create_client(ClientKind::Web, id, |draft, _| {
                draft.redirect_uris = redirect_uri.to_owned();
                draft.subject_type = "pairwise".to_owned();
            })
            .await;
    }
    patch(server, "web", json!({ "subject_type": "pairwise" })).await;
}

async fn local(server: &Server) -> String {
    server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject.to_string()
}

/// The tokens of a client for whoever is signed in.
async fn tokens(server: &Server, browser: &mut Browser<'_>, client: &str, redirect_uri: &str) -> Value {
    let parameters = [("client_id", client), ("redirect_uri", redirect_uri), ("scope", "openid offline_access")];
    let code = browser.authorize(&parameters).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", redirect_uri)];
    let answer = server.post("/token", Some(&format!("{client}:{SECRET}")), &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

/// A claim of an ID token.
fn said(tokens: &Value, claim: &str) -> String {
    text(&claims(text(tokens, "id_token")), claim).to_owned()
}

async fn a_person_has_one_name_in_a_sector_and_another_in_the_next(server: Server) {
    with_sectors(&server).await;
    let (mut browser, local) = (server.signed_in().await, local(&server).await);
    let web = tokens(&server, &mut browser, "web", CALLBACK).await;
    let sub = said(&web, "sub");
    assert!(sub.len() == 43 && sub != local, "{sub}");
    let sister = tokens(&server, &mut browser, "sister", "https://app.example/sister").await;
    let other = tokens(&server, &mut browser, "other", OTHER).await;
    assert_eq!(said(&sister, "sub"), sub);
    // Neither names nor what else a token holds tell two sectors that it is one person.
    assert_ne!(said(&other, "sub"), sub);
    assert_ne!(said(&other, "jti"), said(&web, "jti"));

    for token in ["access_token", "refresh_token"] {
        let seen = server.introspect(text(&web, token)).await;
        assert_eq!((&seen["active"], &seen["sub"], seen.get("username")), (&json!(true), &json!(sub), None), "{token}");
    }
    patch(&server, "job", json!({ "may_introspect": true })).await;
    let api = server.introspect_as("job", text(&web, "access_token")).await;
    assert_eq!((&api["sub"], api.get("username")), (&json!(sub), None), "an API knows them as its client does");
    assert_eq!(server.userinfo(text(&web, "access_token")).await.json()["sub"], sub);
    patch(&server, "web", json!({ "userinfo_signed_response_alg": "ES256" })).await;
    assert_eq!(claims(&server.userinfo(text(&web, "access_token")).await.body)["sub"], sub);

    server.set_policy("web", &json!({ "token_format": "jwt" })).await;
    let refreshed = server.refresh(&web).await.json();
    assert_eq!(said(&refreshed, "sub"), sub);
    let access_token = text(&refreshed, "access_token");
    assert_eq!((&jwt_header(access_token)["typ"], &claims(access_token)["sub"]), (&json!("at+jwt"), &json!(sub)));
    assert!(!claims(access_token).to_string().contains(&local));
    // It stays what it is: on other nodes, after a restart, and after it was something else for a while.
    let node = server.another_node().await;
    let again = tokens(&node, &mut node.signed_in().await, "web", CALLBACK).await;
    assert_eq!(said(&again, "sub"), sub);
    patch(&server, "web", json!({ "subject_type": "public" })).await;
    let public = tokens(&server, &mut server.signed_in().await, "web", CALLBACK).await;
    assert_eq!(said(&public, "sub"), local);
    patch(&server, "web", json!({ "subject_type": "pairwise" })).await;
    let server = server.restart().await;
    let back = tokens(&server, &mut server.signed_in().await, "web", CALLBACK).await;
    assert_eq!(said(&back, "sub"), sub);
}

#[tokio::test]
async fn a_device_knows_people_by_it_too() {
    const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
    let server = Server::start().await;
    let grants = json!({ "grant_types": ["authorization_code", DEVICE_CODE], "subject_type": "pairwise" });
    patch(&server, "web", grants).await;
    let mut browser = server.signed_in().await;
    let web = tokens(&server, &mut browser, "web", CALLBACK).await;
    let asked = [("scope", "openid")];
    let device = server.post("/device_authorization", Some(&format!("web:{SECRET}")), &asked).await.json();
    let question = browser.post("/device", &[("user_code", text(&device, "user_code"))]).await;
    browser.press(&question, "yes").await;
    let poll = [("grant_type", DEVICE_CODE), ("device_code", text(&device, "device_code"))];
    let given = server.token(&poll).await.json();
    assert_eq!(said(&given, "sub"), said(&web, "sub"));
}

#[tokio::test]
async fn whoever_gives_it_back_is_understood_and_nobody_learns_another_one() {
    let server = Server::start().await;
    with_sectors(&server).await;
    server.create_user("bob").await;
    let (mut browser, local) = (server.signed_in().await, local(&server).await);
    let web = tokens(&server, &mut browser, "web", CALLBACK).await;
    let other = tokens(&server, &mut browser, "other", OTHER).await;
    let (sub, foreign) = (said(&web, "sub"), said(&other, "sub"));
    let asks = |sub: &str| json!({ "id_token": { "sub": { "value": sub } } }).to_string();
    let refreshed = server.refresh(&web).await.json();
    for (name, value, error) in [
        ("id_token_hint", text(&web, "id_token").to_owned(), ""),
        ("id_token_hint", text(&refreshed, "id_token").to_owned(), ""),
        ("claims", asks(&sub), ""),
        // Two that compare notes learn nothing by asking here.
        ("id_token_hint", text(&other, "id_token").to_owned(), "login_required"),
        ("claims", asks(&foreign), "login_required"),
        ("claims", asks(&local), "login_required"),
    ] {
        assert_eq!(browser.silently(&[(name, &value)]).await, error, "{name} {value}");
    }
    let pushed = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("prompt", "none"),
        ("id_token_hint", text(&web, "id_token")),
    ];
    let pushed = server.post("/par", Some(&format!("web:{SECRET}")), &pushed).await.json();
    let query = encode(&[("client_id", "web"), ("request_uri", text(&pushed, "request_uri"))]);
    let answer = browser.get(&format!("/authorize?{query}")).await;
    assert!(!answer.query().text("code").is_empty(), "{}", answer.location());
    let mut bobs = server.browser();
    bobs.post("/login", &[("username", "bob"), ("password", crate::server::PASSWORD)]).await;
    assert_eq!(bobs.silently(&[("id_token_hint", text(&web, "id_token"))]).await, "login_required");
    // The link that signs out asks nobody whom the hint is about.
    let out = |hint: &str, to: &str| {
        format!("/end_session?{}", encode(&[("id_token_hint", hint), ("post_logout_redirect_uri", to)]))
    };
    let asked = bobs.get(&out(text(&web, "id_token"), CALLBACK)).await;
    assert_eq!(asked.status, StatusCode::OK, "bob is asked");
    let answer = browser.get(&out(text(&web, "id_token"), CALLBACK)).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, CALLBACK));
    assert_eq!(browser.silently(&[]).await, "login_required");
}

#[tokio::test]
async fn the_key_of_the_names_is_sealed() {
    let server = Server::start().await;
    with_sectors(&server).await;
    let rows = idp::testing::texts(server.database.url(), "SELECT value FROM setting WHERE name = 'pairwise_key'");
    let [sealed] = <[String; 1]>::try_from(rows.await).unwrap();
    assert_eq!((sealed.split('.').count(), jwt_header(&sealed)["enc"].clone()), (5, json!("A256GCM")));
}
