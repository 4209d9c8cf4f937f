//! `/approve`: the page on which a person answers.

use axum::http::StatusCode;
use oauth::id::ClientId;

use super::{answer, ask, ask_as, create_asking, poll, poll_as, refused, with_bank};
use crate::races::change_client;
use crate::server::{PASSWORD, Server, encode, text};

#[tokio::test]
async fn the_page_says_who_asks_for_what_and_holds_no_script() {
    let server = Server::start().await;
    with_bank(&server).await;
    let mut browser = server.browser();
    let login = browser.get("/approve").await;
    assert_eq!(login.location(), format!("/login?{}", encode(&[("next", "/approve")])));
    let empty = browser.sign_in_at(&login).await;
    assert!(empty.body.contains("No application waits for your answer."), "{}", empty.body);
    assert!(!browser.get("/").await.body.contains("/approve"));

    let message = "Pay <b>1,250 EUR</b> & more";
    let fields = [("scope", "openid email made-up"), ("login_hint", "alice"), ("binding_message", message)];
    let asked = ask_as(&server, "bank", &fields).await.json();
    let home = browser.get("/").await;
    assert!(home.body.contains("1 request waits for your answer"), "{}", home.body);
    let page = browser.get("/approve").await;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(page.header("content-security-policy").contains("script-src 'none'"));
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    for said in ["The bank app", "Your email address", "Allow only what you started yourself", "Pay &lt;b&gt;1,250 EUR"]
    {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    assert!(!page.body.contains("<script") && !page.body.contains("made-up"));
    assert!(!page.body.contains(text(&asked, "auth_req_id")), "that is for the client alone");
    let done = browser.press(&page, "yes").await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/approve?done=allowed"));
    let done = browser.follow(&done).await;
    assert!(done.body.contains("goes on by itself") && !done.body.contains("waits for your answer"), "{}", done.body);
    assert_eq!(poll(&server, &asked).await.status, StatusCode::OK);
    assert!(browser.get("/account").await.body.contains("The bank app"), "it can be taken back");
}

#[tokio::test]
async fn the_latest_comes_first_and_what_is_over_is_gone() {
    let server = Server::start().await;
    with_bank(&server).await;
    create_asking(&server, "shop", |_| {}).await;
    let first = ask(&server, "openid").await;
    server.clock.advance(10);
    let fields = [("scope", "openid"), ("login_hint", "alice"), ("requested_expiry", "30")];
    let second = ask_as(&server, "shop", &fields).await.json();
    assert_eq!(second["expires_in"], 30);
    let mut browser = server.signed_in().await;
    let page = browser.get("/approve").await;
    let place = |name: &str| page.body.find(name).unwrap();
    assert!(place("The shop app") < place("The bank app"));
    let left = browser.press(&page, "no").await;
    assert_eq!(left.location(), "/approve?done=declined");
    assert!(browser.follow(&left).await.body.contains("1 request waits for your answer"));
    assert_eq!(poll_as(&server, "shop", &second, &[]).await.error(), refused(400, "access_denied"));
    // An answer counts once, and in time.
    let again = browser.press(&page, "yes").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("does not wait any longer") && again.body.contains("The bank app"));
    let page = browser.get("/approve").await;
    server.clock.advance(890);
    let late = browser.press(&page, "yes").await;
    assert!(late.body.contains("does not wait any longer") && !late.body.contains("The bank app"), "{}", late.body);
    assert_eq!(poll(&server, &first).await.error(), refused(400, "expired_token"));
}

#[tokio::test]
async fn an_answer_is_that_of_the_person_who_was_asked_to_what_they_were_shown() {
    let server = Server::start().await;
    with_bank(&server).await;
    server.create_user("bob").await;
    let asked = ask(&server, "openid").await;
    let mut browser = server.signed_in().await;
    let page = browser.get("/approve").await;
    let (request, shown) = (page.field("request"), page.field("shown"));
    let press = [("request", request.as_str()), ("shown", shown.as_str()), ("confirm", "yes")];
    assert_eq!(browser.post_cross_site("/approve", &press).await.status, StatusCode::FORBIDDEN);
    assert!(server.browser().post("/approve", &press).await.location().starts_with("/login?next=%2Fapprove"));
    // Somebody else sees nothing, and whatever they send is about nobody's request.
    let mut bob = server.browser();
    bob.post("/login", &[("username", "bob"), ("password", PASSWORD)]).await;
    assert!(!bob.get("/approve").await.body.contains("The bank app"));
    assert_eq!(bob.post("/approve", &press).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for odd in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &"A".repeat(5_000)] {
        let answer = browser.post("/approve", &[("request", odd), ("shown", &shown), ("confirm", "yes")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{odd:?}");
    }
    for shown in ["made-up", ""] {
        let asked = browser.post("/approve", &[("request", &request), ("shown", shown), ("confirm", "yes")]).await;
        assert!(asked.status == StatusCode::OK && asked.body.contains("The bank app"), "it is asked again");
    }
    let unclear = browser.post("/approve", &[("request", &request), ("shown", &shown), ("confirm", "maybe")]).await;
    assert_eq!(unclear.status, StatusCode::BAD_REQUEST);
    // Another name, another question.
    change_client(&server.idp, &ClientId::new("bank"), |draft| draft.client_name = "Another bank".to_owned()).await;
    let again = browser.press(&page, "yes").await;
    assert!(again.status == StatusCode::OK && again.body.contains("Another bank"), "{}", again.body);
    assert_eq!(poll(&server, &asked).await.error(), refused(400, "authorization_pending"));
    assert_eq!(browser.press(&again, "yes").await.location(), "/approve?done=allowed");
    assert_eq!(poll(&server, &asked).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_login_may_be_too_old_for_what_the_client_wants() {
    let server = Server::start().await;
    create_asking(&server, "bank", |draft| draft.default_max_age = "1200".to_owned()).await;
    let mut browser = server.signed_in().await;
    server.clock.advance(1_199);
    let asked = ask(&server, "openid").await;
    let page = browser.get("/approve").await;
    server.clock.advance(1);
    let late = browser.press(&page, "yes").await;
    assert!(late.location().starts_with("/login?") && late.location().contains("reason=too_long_ago"));
    let page = browser.sign_in_at(&late).await;
    assert_eq!(browser.press(&page, "yes").await.location(), "/approve?done=allowed");
    let tokens = poll(&server, &asked).await.json();
    let id_token = crate::server::claims(text(&tokens, "id_token"));
    assert_eq!(id_token["auth_time"], server.clock.now().0);
}

/// A client that may not ask any more is not answered.
#[tokio::test]
async fn a_request_goes_with_what_the_client_may_do() {
    let server = Server::start().await;
    with_bank(&server).await;
    let mut browser = server.signed_in().await;
    for change in ["grant", "scope", "disabled"] {
        let asked = ask(&server, "openid").await;
        let page = browser.get("/approve").await;
        change_client(&server.idp, &ClientId::new("bank"), |draft| match change {
            "grant" => draft.grant_types = vec!["client_credentials".to_owned()],
            "scope" => draft.scope = "email".to_owned(),
            _ => draft.enabled = false,
        })
        .await;
        assert!(!browser.get("/approve").await.body.contains("The bank app"), "{change}");
        let late = browser.press(&page, "yes").await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "{change}");
        change_client(&server.idp, &ClientId::new("bank"), |draft| {
            draft.grant_types = vec![super::CIBA.to_owned()];
            draft.scope = "openid email".to_owned();
            draft.enabled = true;
        })
        .await;
        assert_eq!(answer(&mut browser, "yes").await.location(), "/approve?done=allowed", "{change}");
        assert_eq!(poll(&server, &asked).await.status, StatusCode::OK, "{change}");
    }
}
