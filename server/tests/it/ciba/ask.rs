//! `/bc-authorize`: what a client asks, and what it is told.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures::future::join_all;
use idp::{Actor, UserChange};
use oauth::id::Subject;
use oauth::user::UserDraft;
use serde_json::{Map, Value, json};

use super::{CIBA, answer, ask, ask_as, create_asking, poll, refused, with_bank};
use crate::assertion::{JWT_BEARER, Key};
use crate::concurrency::on_every_database;
use crate::server::{ISSUER, SECRET, Server, claims, text};

on_every_database!(
    a_client_asks_and_everything_secret_is_kept_as_a_digest,
    nobody_is_asked_too_often,
    a_request_that_is_soon_over_counts_as_long_as_another,
    without_limits_somebody_is_asked_as_often_as_a_client_likes,
    of_many_requests_at_once_no_more_wait_than_may,
    whoever_looks_for_people_waits,
);

async fn a_client_asks_and_everything_secret_is_kept_as_a_digest(server: Server) {
    with_bank(&server).await;
    let answer = ask_as(&server, "bank", &[("scope", "openid email"), ("login_hint", "alice")]).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    let asked = answer.json();
    assert_eq!((&asked["expires_in"], &asked["interval"]), (&json!(900), &json!(5)));
    let id = text(&asked, "auth_req_id");
    assert!(id.len() == 43 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)), "{id}");
    assert_eq!(asked.as_object().unwrap().len(), 3);
    assert_ne!(text(&ask(&server, "openid").await, "auth_req_id"), id);
    if server.database.kind() == idp::testing::Kind::Sqlite {
        let bytes = server.database_bytes();
        assert!(!bytes.windows(id.len()).any(|window| window == id.as_bytes()));
    }
}

#[tokio::test]
async fn each_mistake_of_a_request_has_its_error() {
    let server = Server::start().await;
    with_bank(&server).await;
    create_asking(&server, "told", |draft| {
        draft.backchannel_token_delivery_mode = "ping".to_owned();
        draft.backchannel_client_notification_endpoint = "https://told.example/n".to_owned();
    })
    .await;
    let (bank, wrong) = (format!("bank:{SECRET}"), "bank:a-wrong-secret-of-at-least-32-characters");
    let (scope, hint) = (("scope", "openid"), ("login_hint", "alice"));
    let told = format!("told:{SECRET}");
    let web = format!("web:{SECRET}");
    for (auth, fields, error) in [
        (None, &[scope, hint][..], (401, "invalid_client")),
        (None, &[("client_id", "unknown"), scope, hint], (401, "invalid_client")),
        (None, &[("client_id", "bank"), scope, hint], (401, "invalid_client")),
        (Some(wrong), &[scope, hint], (401, "invalid_client")),
        (Some(bank.as_str()), &[("client_id", "web"), scope, hint], (400, "invalid_request")),
        (None, &[("client_id", "spa"), scope, hint], (400, "unauthorized_client")),
        (Some(&web), &[scope, hint], (400, "unauthorized_client")),
        (Some(&bank), &[hint], (400, "invalid_request")),
        (Some(&bank), &[scope], (400, "invalid_request")),
        (Some(&bank), &[("scope", "\""), hint], (400, "invalid_scope")),
        (Some(&bank), &[("scope", "email"), hint], (400, "invalid_scope")),
        (Some(&bank), &[scope, hint, hint], (400, "invalid_request")),
        (Some(&bank), &[scope, hint, ("id_token_hint", "x")], (400, "invalid_request")),
        (Some(&bank), &[scope, ("login_hint_token", "a.b.c")], (400, "invalid_request")),
        (Some(&bank), &[scope, ("id_token_hint", "a.b.c")], (400, "invalid_request")),
        (Some(&bank), &[scope, ("login_hint", "nobody")], (400, "unknown_user_id")),
        (Some(&bank), &[scope, ("login_hint", "al\u{7}ice")], (400, "unknown_user_id")),
        (Some(&bank), &[scope, ("login_hint", "' OR 1=1 --")], (400, "unknown_user_id")),
        (Some(&bank), &[scope, hint, ("binding_message", "a\nb")], (400, "invalid_binding_message")),
        (Some(&bank), &[scope, hint, ("requested_expiry", "0")], (400, "invalid_request")),
        (Some(&bank), &[scope, hint, ("resource", "urn:example:nowhere")], (400, "invalid_target")),
        (Some(&told), &[scope, hint], (400, "invalid_request")),
        (Some(&told), &[scope, hint, ("client_notification_token", "a b")], (400, "invalid_request")),
    ] {
        let answer = server.post("/bc-authorize", auth, fields).await;
        assert_eq!(answer.error(), refused(error.0, error.1), "{fields:?}: {}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    for (media_type, body) in [("application/json", "{}"), ("application/x-www-form-urlencoded", "client_id=%zz")] {
        let request = Request::post("/bc-authorize").header("content-type", media_type);
        let answer = server.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.error(), refused(400, "invalid_request"), "{media_type}");
    }
    let get = server.send(Request::get("/bc-authorize").body(Body::empty()).unwrap()).await;
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
    let mut browser = server.signed_in().await;
    assert!(!browser.get("/approve").await.body.contains("class=\"answers\""), "nobody was asked");
    // What is not known is passed over.
    let more = [scope, hint, ("x", "y"), ("user_code", "1"), ("acr_values", "9"), ("client_notification_token", "\"")];
    assert_eq!(ask_as(&server, "bank", &more).await.status, StatusCode::OK);
}

#[tokio::test]
async fn somebody_is_named_as_they_sign_in_or_by_an_id_token_that_the_client_got() {
    let server = Server::start().await;
    with_bank(&server).await;
    create_asking(&server, "shop", |_| {}).await;
    let by = async |id: &str, hint: (&str, &str)| ask_as(&server, id, &[("scope", "openid"), hint]).await;
    for name in ["alice", "ALICE", "alice@example.com"] {
        assert_eq!(by("bank", ("login_hint", name)).await.status, StatusCode::OK, "{name}");
    }
    server.clock.advance(1);
    let mut browser = server.signed_in().await;
    let asked = by("bank", ("login_hint", "alice")).await.json();
    answer(&mut browser, "yes").await;
    let tokens = poll(&server, &asked).await.json();
    let id_token = text(&tokens, "id_token");
    server.clock.advance(86_400);
    assert_eq!(by("bank", ("id_token_hint", id_token)).await.status, StatusCode::OK, "it may have expired");
    for (id, hint) in [("shop", id_token), ("bank", text(&tokens, "access_token")), ("bank", &id_token[1..])] {
        assert_eq!(by(id, ("id_token_hint", hint)).await.error(), refused(400, "invalid_request"));
    }
    // Somebody who may not sign in is nobody.
    let subject = Subject::new(text(&claims(id_token), "sub"));
    let user = server.idp.get_user(&subject).await.unwrap().user;
    let profile = Some(UserDraft { enabled: false, ..UserDraft::from(&user) });
    let change = UserChange { profile, ..UserChange::default() };
    server.idp.update_user(&Actor::admin(), &subject, None, &change).await.unwrap();
    for hint in [("login_hint", "alice"), ("id_token_hint", id_token)] {
        assert_eq!(by("bank", hint).await.error(), refused(400, "unknown_user_id"));
    }
    server.idp.delete_user(&Actor::admin(), &subject).await.unwrap();
    for hint in [("login_hint", "alice"), ("id_token_hint", id_token)] {
        assert_eq!(by("bank", hint).await.error(), refused(400, "unknown_user_id"));
    }
}

/// Nobody finds the person behind a pairwise subject, the server neither.
#[tokio::test]
async fn a_client_with_names_of_its_own_names_people_as_they_sign_in() {
    let server = Server::start().await;
    create_asking(&server, "bank", |draft| {
        draft.redirect_uris = "https://bank.example/cb".to_owned();
        draft.subject_type = "pairwise".to_owned();
    })
    .await;
    let asked = ask(&server, "openid").await;
    answer(&mut server.signed_in().await, "yes").await;
    let tokens = poll(&server, &asked).await.json();
    let subject = claims(text(&tokens, "id_token"))["sub"].clone();
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.json()["sub"], subject);
    let fields = [("scope", "openid"), ("id_token_hint", text(&tokens, "id_token"))];
    let refusal = ask_as(&server, "bank", &fields).await;
    assert_eq!(refusal.error(), refused(400, "invalid_request"));
    assert!(refusal.body.contains("login_hint"), "{}", refusal.body);
}

/// The audiences of CIBA §7.1, and that an assertion is good once.
#[tokio::test]
async fn a_client_proves_itself_in_every_way_that_it_may() {
    let server = Server::start().await;
    let key = Key::new("a");
    create_asking(&server, "signer", |draft| {
        draft.token_endpoint_auth_method = "private_key_jwt".to_owned();
        draft.jwks = key.set().to_string();
    })
    .await;
    let assertion = |aud: &str, jti: &str| {
        let claims = json!({ "iss": "signer", "sub": "signer", "aud": aud, "jti": jti,
            "exp": server.clock.now().0 + 60 });
        key.sign(claims.as_object().unwrap().clone())
    };
    let ask = async |assertion: &str| {
        let fields = [
            ("scope", "openid"),
            ("login_hint", "alice"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", assertion),
        ];
        server.post("/bc-authorize", None, &fields).await
    };
    let endpoint = format!("{ISSUER}/bc-authorize");
    for (jti, aud) in [ISSUER, &format!("{ISSUER}/token"), &endpoint].into_iter().enumerate() {
        assert_eq!(ask(&assertion(aud, &jti.to_string())).await.status, StatusCode::OK, "{aud}");
    }
    assert_eq!(ask(&assertion(&endpoint, "2")).await.error(), refused(401, "invalid_client"), "it was used before");
    assert_eq!(ask(&assertion("https://evil.example", "9")).await.error(), refused(401, "invalid_client"));
    // In the body.
    create_asking(&server, "poster", |draft| draft.token_endpoint_auth_method = "client_secret_post".to_owned()).await;
    let fields = [("client_id", "poster"), ("client_secret", SECRET), ("scope", "openid"), ("login_hint", "alice")];
    assert_eq!(server.post("/bc-authorize", None, &fields).await.status, StatusCode::OK);
}

async fn nobody_is_asked_too_often(server: Server) {
    let server = server.with_guard(&[]);
    with_bank(&server).await;
    create_asking(&server, "shop", |_| {}).await;
    let again = async |id: &str| ask_as(&server, id, &[("scope", "openid"), ("login_hint", "alice")]).await;
    let mut browser = server.signed_in().await;
    // What was allowed is no nuisance; what was declined is.
    for button in ["yes", "yes", "no", "no"] {
        ask(&server, "openid").await;
        assert_eq!(answer(&mut browser, button).await.status, StatusCode::SEE_OTHER);
    }
    for _ in 0..3 {
        ask(&server, "openid").await;
    }
    let full = again("bank").await;
    assert_eq!(full.error(), refused(429, "temporarily_unavailable"));
    assert!(!full.header("retry-after").is_empty());
    assert_eq!(again("shop").await.status, StatusCode::OK, "others may ask");
    server.create_user("bob").await;
    let fields = [("scope", "openid"), ("login_hint", "bob")];
    assert_eq!(ask_as(&server, "bank", &fields).await.status, StatusCode::OK, "for others, too");
    server.clock.advance(900);
    assert_eq!(again("bank").await.status, StatusCode::OK);
    // All clients together ask twenty times.
    for number in 0..5 {
        let id = format!("many{number}");
        create_asking(&server, &id, |_| {}).await;
        for _ in 0..4 {
            let answer = again(&id).await;
            let expected = if number == 4 && answer.status != StatusCode::OK { 429 } else { 200 };
            assert_eq!(answer.status.as_u16(), expected, "{id}");
        }
    }
    assert_eq!(again("shop").await.error(), refused(429, "temporarily_unavailable"));
    let page = server.signed_in().await.get("/approve").await;
    assert_eq!(page.body.matches("class=\"answers\"").count(), 20);
}

async fn a_request_that_is_soon_over_counts_as_long_as_another(server: Server) {
    let server = server.with_guard(&[]);
    with_bank(&server).await;
    let fields = [("scope", "openid"), ("login_hint", "alice"), ("requested_expiry", "1")];
    for _ in 0..5 {
        assert_eq!(ask_as(&server, "bank", &fields).await.status, StatusCode::OK);
        server.clock.advance(2);
    }
    assert_eq!(ask_as(&server, "bank", &fields).await.error(), refused(429, "temporarily_unavailable"));
    server.clock.advance(890);
    assert_eq!(ask_as(&server, "bank", &fields).await.status, StatusCode::OK);
}

async fn without_limits_somebody_is_asked_as_often_as_a_client_likes(server: Server) {
    with_bank(&server).await;
    for _ in 0..6 {
        ask(&server, "openid").await;
    }
    let limited = server.with_guard(&[]);
    let fields = [("scope", "openid"), ("login_hint", "alice")];
    assert_eq!(ask_as(&limited, "bank", &fields).await.error(), refused(429, "temporarily_unavailable"));
}

async fn of_many_requests_at_once_no_more_wait_than_may(server: Server) {
    let node = server.another_node().await.with_guard(&[]);
    let server = server.with_guard(&[]);
    with_bank(&server).await;
    let fields = [("scope", "openid"), ("login_hint", "alice")];
    let asked = join_all((0..16).map(|number| ask_as(if number % 2 == 0 { &server } else { &node }, "bank", &fields)));
    let asked = asked.await;
    assert_eq!(asked.iter().filter(|answer| answer.status == StatusCode::OK).count(), 5);
    assert!(asked.iter().all(|answer| [200, 429].contains(&answer.status.as_u16())));
}

/// Whoever asks for people learns who there is (CIBA §14), so names that nobody has slow a client down.
async fn whoever_looks_for_people_waits(server: Server) {
    let server = server.with_guard(&[]);
    with_bank(&server).await;
    create_asking(&server, "shop", |_| {}).await;
    let hint = async |id: &str, name: &str| ask_as(&server, id, &[("scope", "openid"), ("login_hint", name)]).await;
    for number in 0..51 {
        assert_eq!(hint("bank", &format!("n{number}")).await.error(), refused(400, "unknown_user_id"), "{number}");
    }
    let delayed = hint("bank", "alice").await;
    assert_eq!((delayed.error(), delayed.header("retry-after")), (refused(429, "temporarily_unavailable"), "1"));
    assert_eq!(hint("shop", "alice").await.status, StatusCode::OK, "another client is not slowed down");
    server.clock.advance(1);
    assert_eq!(hint("bank", "alice").await.status, StatusCode::OK, "what is right does not count");
    server.clock.advance(3_600);
    assert_eq!(hint("bank", "n").await.error(), refused(400, "unknown_user_id"), "it is forgotten");
}

#[tokio::test]
async fn a_request_is_for_resources_too() {
    let server = Server::start().await;
    with_bank(&server).await;
    let scopes = json!([{ "name": "read", "description": "Read your notes" }]);
    let notes = json!({ "identifier": "https://notes.example/mcp", "name": "Notes", "scopes": scopes });
    assert_eq!(server.admin("POST", "/admin/resources", &notes).await.status, StatusCode::CREATED);
    let fields = [("scope", "openid read"), ("login_hint", "alice"), ("resource", "https://notes.example/mcp")];
    let asked = ask_as(&server, "bank", &fields).await.json();
    let mut browser = server.signed_in().await;
    let page = browser.get("/approve").await;
    assert!(page.body.contains("notes.example") && page.body.contains("Read your notes"), "{}", page.body);
    browser.press(&page, "yes").await;
    let poll = async |resource: &str| {
        let fields = [("grant_type", CIBA), ("auth_req_id", text(&asked, "auth_req_id")), ("resource", resource)];
        server.post("/token", Some(&format!("bank:{SECRET}")), &fields).await
    };
    assert_eq!(poll("https://maps.example").await.error(), refused(400, "invalid_target"));
    let tokens = poll("https://notes.example/mcp").await.json();
    assert_eq!(claims(text(&tokens, "access_token"))["aud"], "https://notes.example/mcp");
}

/// Signed requests of a client that need not sign, and of one that must.
#[tokio::test]
async fn a_signed_request_is_the_whole_request_and_good_once() {
    let server = Server::start().await;
    let key = Key::new("a");
    create_asking(&server, "bank", |draft| draft.jwks = key.set().to_string()).await;
    create_asking(&server, "strict", |draft| {
        draft.jwks = key.set().to_string();
        draft.backchannel_authentication_request_signing_alg = "ES256".to_owned();
    })
    .await;
    let object = |id: &str, jti: &str| {
        let now = server.clock.now().0;
        let claims = json!({ "iss": id, "aud": ISSUER, "iat": now, "nbf": now, "exp": now + 60, "jti": jti,
            "scope": "openid", "login_hint": "alice", "binding_message": "W4SCT", "requested_expiry": 60 });
        claims.as_object().unwrap().clone()
    };
    let send = async |id: &str, claims: Map<String, Value>, beside: &[(&str, &str)]| {
        let signed = key.sign(claims);
        ask_as(&server, id, &[&[("request", signed.as_str())], beside].concat()).await
    };
    let asked = send("bank", object("bank", "1"), &[("client_id", "bank")]).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    assert_eq!(asked.json()["expires_in"], 60);
    assert!(server.signed_in().await.get("/approve").await.body.contains("W4SCT"));
    let again = send("bank", object("bank", "1"), &[]).await;
    assert_eq!(again.error(), refused(400, "invalid_request"));
    assert!(again.body.contains("used before"), "{}", again.body);
    let beside = send("bank", object("bank", "2"), &[("binding_message", "other")]).await;
    assert_eq!(beside.error(), refused(400, "invalid_request"));
    assert_eq!(send("bank", object("strict", "3"), &[]).await.error(), refused(400, "invalid_request"));
    assert_eq!(send("strict", object("strict", "4"), &[]).await.status, StatusCode::OK);
    let plain = ask_as(&server, "strict", &[("scope", "openid"), ("login_hint", "alice")]).await;
    assert_eq!(plain.error(), refused(400, "invalid_request"));
    // What is refused for another reason is not spent.
    let mut wrong = object("bank", "5");
    wrong.insert("login_hint".to_owned(), json!("nobody"));
    assert_eq!(send("bank", wrong, &[]).await.error(), refused(400, "unknown_user_id"));
    assert_eq!(send("bank", object("bank", "5"), &[]).await.status, StatusCode::OK);
}
