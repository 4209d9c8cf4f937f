//! `/device`: the page where a person types the code and answers.

use axum::http::StatusCode;
use oauth::client::ConsentPolicy;

use super::{answer, begin, poll, question, with_devices};
use crate::browser::{Answer, Browser};
use crate::concurrency::on_every_database;
use crate::server::{PASSWORD, Server, encode, text};

on_every_database!(whoever_guesses_codes_waits);

fn is_not_found(answer: &Answer) -> bool {
    answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.body.contains("No device waits with this code.")
}

#[tokio::test]
async fn a_link_with_the_code_leads_through_the_login_to_the_code_and_answers_nothing() {
    let server = Server::start().await;
    with_devices(&server).await;
    let device = begin(&server, "openid email offline_access").await;
    let code = text(&device, "user_code");
    let link = text(&device, "verification_uri_complete").strip_prefix("http://127.0.0.1:8000").unwrap();
    let mut browser = server.browser();
    let login = browser.get(link).await;
    assert_eq!(login.location(), format!("/login?{}", encode(&[("next", link)])));
    let form = browser.sign_in_at(&login).await;
    assert_eq!((form.status, form.field("user_code").as_str()), (StatusCode::OK, code));
    assert_eq!(form.header("cache-control"), "no-store");
    assert!(form.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert!(!form.body.contains("The tv app") && !form.body.contains("<script"), "{}", form.body);
    assert_eq!(poll(&server, &device).await.error().1, "authorization_pending");

    let page = question(&mut browser, &device).await;
    for said in ["The tv app", code, "Your email address", "offline_access", "Go on only if you started this yourself"]
    {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    assert!(!page.body.contains("<script"));
    assert_eq!(poll(&server, &device).await.error().1, "slow_down", "it still waits");
    assert_eq!(browser.press(&page, "yes").await.location(), "/device?done=allowed");
    assert_eq!(poll(&server, &device).await.status, StatusCode::OK);
}

#[tokio::test]
async fn codes_are_read_as_people_type_them() {
    let server = Server::start().await;
    with_devices(&server).await;
    let mut browser = server.signed_in().await;
    for spell in [str::to_lowercase as fn(&str) -> String, |code| code.replace('-', " "), |code| format!(" {code}\t")] {
        let device = begin(&server, "openid").await;
        let page = browser.post("/device", &[("user_code", &spell(text(&device, "user_code")))]).await;
        assert_eq!(page.field("user_code"), text(&device, "user_code"));
        assert_eq!(browser.press(&page, "yes").await.location(), "/device?done=allowed");
        assert!(is_not_found(&browser.press(&page, "no").await), "one answer is enough");
        assert_eq!(poll(&server, &device).await.status, StatusCode::OK);
    }
    for typed in ["", "BBBB-BBBB", "nonsense", "<b>", &"B".repeat(60_000)] {
        let page = browser.post("/device", &[("user_code", typed)]).await;
        assert!(is_not_found(&page) && !page.body.contains("<b>\""), "{}", page.body);
    }
}

/// Also where nobody is asked for a browser: the person is the one who knows whether the device is theirs.
#[tokio::test]
async fn a_device_is_asked_about_whatever_the_policy() {
    let server = Server::start().await;
    server
        .create_client(oauth::client::ClientKind::Native, "tv", |draft, policy| {
            draft.grant_types = vec![super::DEVICE_CODE.to_owned()];
            policy.consent_policy = ConsentPolicy::Skip.to_string();
        })
        .await;
    let mut browser = server.signed_in().await;
    for _ in 0..2 {
        let device = begin(&server, "openid").await;
        question(&mut browser, &device).await;
        assert_eq!(poll(&server, &device).await.error().1, "authorization_pending");
        answer(&mut browser, &device, "yes").await;
        let tokens = poll(&server, &device).await.json();
        assert!(tokens["access_token"].is_string() && tokens.get("refresh_token").is_none());
    }
}

#[tokio::test]
async fn an_answer_counts_for_the_question_and_the_person_that_it_was_shown_to() {
    let server = Server::start().await;
    with_devices(&server).await;
    server.create_user("bob").await;
    let (device, other) = (begin(&server, "openid").await, begin(&server, "email").await);
    let mut browser = server.signed_in().await;
    let shown = question(&mut browser, &device).await.field("shown");
    let press = async |browser: &mut Browser<'_>, code: &str, shown: &str| {
        browser.post("/device", &[("user_code", code), ("shown", shown), ("confirm", "yes")]).await
    };
    for (code, shown) in [
        (text(&other, "user_code"), shown.as_str()),
        (text(&device, "user_code"), "made-up"),
        (text(&device, "user_code"), ""),
    ] {
        let asked = press(&mut browser, code, shown).await;
        assert!(asked.status == StatusCode::OK && asked.body.contains("name=\"shown\""), "it is asked again");
    }
    browser.post("/login", &[("username", "bob"), ("password", PASSWORD)]).await;
    let asked = press(&mut browser, text(&device, "user_code"), &shown).await;
    assert!(asked.body.contains("<b class=\"name\">bob</b>"), "{}", asked.body);
    for device in [&device, &other] {
        assert_eq!(poll(&server, device).await.error().1, "authorization_pending");
    }
    let unclear = browser.post("/device", &[("user_code", text(&device, "user_code")), ("confirm", "maybe")]).await;
    assert_eq!(unclear.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn other_sites_answer_nothing_and_nobody_answers_without_signing_in() {
    let server = Server::start().await;
    with_devices(&server).await;
    let device = begin(&server, "openid").await;
    let code = text(&device, "user_code");
    let mut browser = server.signed_in().await;
    let page = question(&mut browser, &device).await;
    let fields = [("user_code", code), ("shown", &page.field("shown")), ("confirm", "yes")];
    assert_eq!(browser.post_cross_site("/device", &fields).await.status, StatusCode::FORBIDDEN);
    let stranger = server.browser().post("/device", &fields).await;
    assert!(stranger.location().starts_with("/login?next=%2Fdevice%3Fuser_code"), "{}", stranger.location());
    assert_eq!(poll(&server, &device).await.error().1, "authorization_pending");
    // Somebody who was signed out meanwhile.
    browser.get("/logout").await;
    assert!(browser.post("/device", &fields).await.location().starts_with("/login?"));
    assert_eq!(poll(&server, &device).await.error().1, "slow_down");
}

#[tokio::test]
async fn codes_are_typed_under_the_limit_of_passwords_and_devices_do_not_use_it_up() {
    let server = Server::start().await.with_guard(&[("RATE_LIMIT_LOGIN", "2/min"), ("RATE_LIMIT_DEVICE", "1/min")]);
    with_devices(&server).await;
    let mut browser = server.signed_in().await;
    let device = begin(&server, "openid").await;
    let refused = server.post("/device_authorization", None, &[("client_id", "tv")]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    question(&mut browser, &device).await;
    let refused = browser.post("/device", &[("user_code", text(&device, "user_code"))]).await;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "30"));
}

/// Those that are right do not make up for those that are wrong: whoever guesses may have a device, too.
async fn whoever_guesses_codes_waits(server: Server) {
    let server = server.with_guard(&[]);
    with_devices(&server).await;
    let device = begin(&server, "openid").await;
    let mut browser = server.signed_in().await;
    for _ in 0..10 {
        assert!(is_not_found(&browser.post("/device", &[("user_code", "BBBB-BBBB")]).await));
        question(&mut browser, &device).await;
    }
    // What is no code at all is no guess.
    assert!(is_not_found(&browser.post("/device", &[("user_code", "BBBB")]).await));
    assert!(is_not_found(&browser.post("/device", &[("user_code", "BBBB-BBBB")]).await), "the eleventh is looked at");
    let delayed = browser.post("/device", &[("user_code", text(&device, "user_code"))]).await;
    assert_eq!((delayed.status, delayed.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "1"));
    assert!(delayed.body.contains("Too many wrong codes") && !delayed.body.contains("The tv app"));
    // Another session of the account is delayed, another account is not.
    let mut again = server.signed_in().await;
    assert_eq!(again.post("/device", &[("user_code", "BBBB-BBBB")]).await.status, StatusCode::TOO_MANY_REQUESTS);
    server.create_user("bob").await;
    let mut bob = server.browser();
    bob.post("/login", &[("username", "bob"), ("password", PASSWORD)]).await;
    question(&mut bob, &device).await;
    server.clock.advance(1);
    question(&mut browser, &device).await;
}
