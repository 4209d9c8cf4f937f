//! Polls of `/token`.

use axum::http::StatusCode;
use idp::{Actor, ClientChange, UserChange};
use oauth::client::ClientDraft;
use oauth::id::{ClientId, Subject};
use oauth::user::UserDraft;
use serde_json::Value;

use super::{DEVICE_CODE, answer, begin, poll, poll_as_printer, tokens, with_devices};
use crate::concurrency::on_every_database;
use crate::server::{SECRET, START, Server, claims, text};

on_every_database!(
    a_device_gets_tokens_once_it_is_allowed,
    a_device_that_asks_too_often_is_slowed_down_and_stays_so,
    what_happens_between_the_answer_and_the_poll_counts,
);

fn refused(status: u16, error: &str) -> (u16, String) {
    (status, error.to_owned())
}

async fn a_device_gets_tokens_once_it_is_allowed(server: Server) {
    with_devices(&server).await;
    let device = begin(&server, "openid email").await;
    assert_eq!(poll(&server, &device).await.error(), refused(400, "authorization_pending"));
    let mut browser = server.signed_in().await;
    server.clock.advance(60);
    let done = answer(&mut browser, &device, "yes").await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/device?done=allowed"));
    assert!(browser.follow(&done).await.body.contains("Your device is connected"));

    // At once: what was allowed is given however soon the device asks.
    let answer = poll(&server, &device).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    let tokens = answer.json();
    assert_eq!((text(&tokens, "scope"), text(&tokens, "token_type")), ("openid email", "Bearer"));
    let id_token = claims(text(&tokens, "id_token"));
    assert_eq!((&id_token["aud"], &id_token["auth_time"]), (&Value::from("tv"), &Value::from(START)));
    assert!(id_token.get("sid").is_none(), "a device is in no session");
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.json()["email"], "alice@example.com");

    // Once. The answer may have been lost, so nothing is taken back.
    assert_eq!(poll(&server, &device).await.error(), refused(400, "invalid_grant"));
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::OK);
    let refresh =
        [("grant_type", "refresh_token"), ("client_id", "tv"), ("refresh_token", text(&tokens, "refresh_token"))];
    // It is elsewhere: signing out here does not sign it out.
    assert_eq!(browser.get("/logout").await.status, StatusCode::OK);
    let refreshed = server.post("/token", None, &refresh).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
}

async fn a_device_that_asks_too_often_is_slowed_down_and_stays_so(server: Server) {
    with_devices(&server).await;
    let device = begin(&server, "openid").await;
    let mut at = 0;
    for (seconds, error) in [
        (0, "authorization_pending"),
        (5, "authorization_pending"),
        (9, "slow_down"),
        (18, "slow_down"),
        (32, "slow_down"),
        (52, "authorization_pending"),
        (71, "slow_down"),
        (96, "authorization_pending"),
    ] {
        server.clock.advance(seconds - at);
        at = seconds;
        assert_eq!(poll(&server, &device).await.error(), refused(400, error), "after {seconds} s");
    }
    let other = begin(&server, "openid").await;
    assert_eq!(poll(&server, &other).await.error(), refused(400, "authorization_pending"), "each on its own");
    server.clock.advance(900);
    assert_eq!(poll(&server, &device).await.error(), refused(400, "expired_token"));
    let mut browser = server.signed_in().await;
    let late = browser.post("/device", &[("user_code", text(&device, "user_code"))]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    server.clock.advance(901);
    server.idp.sweep().await.unwrap();
    assert_eq!(poll(&server, &device).await.error(), refused(400, "invalid_grant"));
}

#[tokio::test]
async fn each_mistake_of_a_poll_has_its_error() {
    let server = Server::start().await;
    with_devices(&server).await;
    let device = begin(&server, "openid").await;
    let code = text(&device, "device_code");
    for (fields, error) in [
        (&[("client_id", "tv")][..], (400, "invalid_request")),
        (&[("client_id", "tv"), ("device_code", "made-up")], (400, "invalid_grant")),
        (&[("client_id", "tv"), ("device_code", code), ("device_code", code)], (400, "invalid_request")),
        (&[("client_id", "tv"), ("device_code", text(&device, "user_code"))], (400, "invalid_grant")),
        (&[("client_id", "spa"), ("device_code", code)], (400, "unauthorized_client")),
        (&[("device_code", code)], (401, "invalid_client")),
    ] {
        let fields = [&[("grant_type", DEVICE_CODE)], fields].concat();
        let answer = server.post("/token", None, &fields).await;
        assert_eq!(answer.error(), refused(error.0, error.1), "{fields:?}");
    }
    // The code of another client, whatever became of it.
    assert_eq!(poll_as_printer(&server, &device).await.error(), refused(400, "invalid_grant"));
    let mut browser = server.signed_in().await;
    answer(&mut browser, &device, "yes").await;
    assert_eq!(poll_as_printer(&server, &device).await.error(), refused(400, "invalid_grant"));
    assert_eq!(poll(&server, &device).await.status, StatusCode::OK, "which it does not spend");

    let declined = begin(&server, "openid").await;
    let done = answer(&mut browser, &declined, "no").await;
    assert_eq!(done.location(), "/device?done=declined");
    for _ in 0..2 {
        assert_eq!(poll(&server, &declined).await.error(), refused(400, "access_denied"));
    }
}

#[tokio::test]
async fn a_device_gets_what_its_client_asks_for_by_default_and_no_more_than_it_may_have() {
    let server = Server::start().await;
    with_devices(&server).await;
    let mut browser = server.signed_in().await;
    let printer = format!("printer:{SECRET}");
    let device = server.post("/device_authorization", Some(&printer), &[]).await.json();
    answer(&mut browser, &device, "yes").await;
    let tokens = poll_as_printer(&server, &device).await.json();
    assert_eq!(text(&tokens, "scope"), "openid profile email address phone offline_access");

    let device = begin(&server, "openid email made-up").await;
    let page = super::question(&mut browser, &device).await;
    let client = ClientId::new("tv");
    let mut draft = ClientDraft::from(&server.idp.get_client(&client).await.unwrap().client);
    draft.scope = "openid".to_owned();
    let change = ClientChange { client: Some(draft), ..ClientChange::default() };
    server.idp.update_client(&Actor::admin(), &client, None, &change).await.unwrap();
    let again = browser.press(&page, "yes").await;
    assert_eq!(again.status, StatusCode::OK, "the client asks for something else now, so it is asked again");
    assert!(page.body.contains("email") && !again.body.contains("Your email address"), "{}", again.body);
    assert_eq!(browser.press(&again, "yes").await.location(), "/device?done=allowed");
    assert_eq!(text(&poll(&server, &device).await.json(), "scope"), "openid");
}

#[tokio::test]
async fn what_was_allowed_is_listed_and_can_be_withdrawn() {
    let server = Server::start().await;
    with_devices(&server).await;
    let tokens = tokens(&server, "openid offline_access").await;
    let mut browser = server.signed_in().await;
    let page = browser.get("/account").await;
    assert!(page.body.contains("The tv app"));
    let shown = page.field("shown");
    browser.post("/account", &[("client_id", "tv"), ("shown", &shown)]).await;
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    // Next time it is asked, as always.
    let device = begin(&server, "openid").await;
    assert!(super::question(&mut browser, &device).await.body.contains("The tv app"));
}

/// Something that happens after somebody allowed the device.
#[derive(Debug, Clone, Copy)]
enum Between {
    UserDisabled,
    PasswordSet,
    UserDeleted,
    ConsentWithdrawn,
    ClientDisabled,
    ClientDeleted,
    GrantTypeTaken,
    TimePassed,
}

async fn what_happens_between_the_answer_and_the_poll_counts(server: Server) {
    use Between as B;
    for (act, status, error) in [
        (B::UserDisabled, 400, "invalid_grant"),
        (B::PasswordSet, 400, "invalid_grant"),
        (B::UserDeleted, 400, "invalid_grant"),
        (B::ConsentWithdrawn, 400, "invalid_grant"),
        (B::ClientDisabled, 401, "invalid_client"),
        // With a client go its codes.
        (B::ClientDeleted, 400, "invalid_grant"),
        (B::GrantTypeTaken, 400, "unauthorized_client"),
        (B::TimePassed, 400, "expired_token"),
    ] {
        let server = server.another().await;
        with_devices(&server).await;
        let mut browser = server.signed_in().await;
        let subject = Subject::new(text(&claims(text(&server.tokens("openid").await, "id_token")), "sub"));
        let device = begin(&server, "openid offline_access").await;
        // This node has the client in mind.
        assert_eq!(poll(&server, &device).await.error(), refused(400, "authorization_pending"));
        assert_eq!(answer(&mut browser, &device, "yes").await.location(), "/device?done=allowed");
        act.happen(&server, &subject).await;
        assert_eq!(poll(&server, &device).await.error(), refused(status, error), "{act:?}");
    }
}

impl Between {
    /// Does it at another node.
    async fn happen(self, server: &Server, subject: &Subject) {
        let (node, actor, client) = (server.open_node().await, Actor::admin(), ClientId::new("tv"));
        let change_client = async |change: fn(&mut ClientDraft)| {
            let mut draft = ClientDraft::from(&node.get_client(&client).await.unwrap().client);
            change(&mut draft);
            let change = ClientChange { client: Some(draft), ..ClientChange::default() };
            node.update_client(&actor, &client, None, &change).await.unwrap();
        };
        match self {
            Self::UserDisabled => {
                let user = node.get_user(subject).await.unwrap().user;
                let profile = Some(UserDraft { enabled: false, ..UserDraft::from(&user) });
                node.update_user(&actor, subject, None, &UserChange { profile, ..UserChange::default() })
                    .await
                    .unwrap();
            }
            Self::PasswordSet => node.set_password(&actor, subject, "another password").await.unwrap(),
            Self::UserDeleted => node.delete_user(&actor, subject).await.unwrap(),
            Self::ConsentWithdrawn => node.withdraw_consent(&actor, subject, &client).await.unwrap(),
            Self::ClientDisabled => change_client(|draft| draft.enabled = false).await,
            Self::ClientDeleted => node.delete_client(&actor, &client).await.unwrap(),
            Self::GrantTypeTaken => {
                change_client(|draft| {
                    draft.grant_types = vec!["authorization_code".to_owned()];
                })
                .await;
            }
            Self::TimePassed => server.clock.advance(900),
        }
    }
}
