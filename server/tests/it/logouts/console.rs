//! The tab *Logout* of a client.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use idp::Delivery;
use serde_json::json;

use super::{World, messages, sid};
use crate::admin_api::get;
use crate::server::{START, Server};

const TAB: &str = "/admin/ui/clients/bye/logout";

#[tokio::test]
async fn a_test_sends_a_token_about_nobody_and_shows_the_answer() {
    let world = World::of(Server::start().await).await;
    let mut console = world.server.console().await;
    let empty = console.get(TAB).await;
    assert!(empty.body.contains("No messages") && empty.body.contains("backchannel_logout"));
    world.status.store(400, Ordering::SeqCst);
    let answer = console.post(&format!("{TAB}/test"), &[]).await;
    assert_eq!(answer.location(), format!("{TAB}?done=message_not_taken"));
    let page = console.follow(&answer).await;
    assert!(page.body.contains("the answer was 400, not 200") && page.body.contains("Given up"), "{}", page.body);
    world.status.store(200, Ordering::SeqCst);
    assert_eq!(console.post(&format!("{TAB}/test"), &[]).await.location(), format!("{TAB}?done=message_taken"));
    assert!(world.told().iter().all(|claims| claims.get("sub").is_none() && claims["aud"] == "bye"));
    assert_ne!(world.told()[0]["sid"], world.told()[1]["sid"]);
    // One without an address has nothing to test.
    assert!(!console.get("/admin/ui/clients/web/logout").await.body.contains("logout/test"));
    let answer = console.post("/admin/ui/clients/web/logout/test", &[]).await;
    assert_eq!(answer.location(), "/admin/ui/clients/web/logout?done=message_gone");
    assert_eq!(console.get("/admin/ui/clients/nobody/logout").await.status, StatusCode::NOT_FOUND);
    world.server.clock.advance(90_000);
    assert_eq!(world.server.idp.deliver_logouts().await.unwrap(), 0, "a test is sent once");
    assert_eq!(messages(&world.server, "bye").await.len(), 2);
}

#[tokio::test]
async fn a_message_is_sent_again_at_once_and_counts_from_the_beginning() {
    let world = World::of(Server::start().await).await;
    let (mut browser, tokens) = world.signed_in().await;
    let sid = sid(&tokens);
    let mut console = world.server.console().await;
    let mut send = async |sid: &str| {
        let answer = console.post(&format!("{TAB}/send"), &[("sid", sid)]).await;
        assert!(!answer.status.is_server_error(), "{sid}");
        answer.location().trim_start_matches(TAB).to_owned()
    };
    assert_eq!(send(&sid).await, "?done=message_gone", "the session is open");
    browser.get("/logout").await;
    world.status.store(500, Ordering::SeqCst);
    world.server.idp.deliver_logouts().await.unwrap();
    assert_eq!(send(&sid).await, "?done=message_not_taken");
    let [row] = messages(&world.server, "bye").await.try_into().unwrap();
    assert!(matches!(row.delivery, Delivery::Waiting(_)), "it goes on");
    world.status.store(200, Ordering::SeqCst);
    assert_eq!(send(&sid).await, "?done=message_taken");
    assert_eq!(send(&sid).await, "?done=message_taken", "as often as somebody wants");
    assert_eq!(world.site.hits(), 4);
    for wrong in ["", "nothing", "é", &"x".repeat(5_000)] {
        assert_eq!(send(wrong).await, "?done=message_gone", "{wrong:?}");
    }
    send("a\0b").await;
    let told = world.told();
    assert!(told.iter().all(|claims| claims["sid"] == json!(sid) && claims["sub"].is_string()));
}

#[tokio::test]
async fn a_script_lists_tests_and_sends_again() {
    let world = World::of(Server::start().await).await;
    let path = "/admin/clients/bye/logouts";
    let (mut browser, tokens) = world.signed_in().await;
    let (sid, subject) = (sid(&tokens), super::subject(&tokens));
    browser.get("/logout").await;
    world.status.store(503, Ordering::SeqCst);
    world.server.idp.deliver_logouts().await.unwrap();
    let listed = get(&world.server, path).await.json();
    assert_eq!(
        listed,
        json!([{ "sid": sid, "user": subject, "state": "waiting", "ended_at": START, "attempts": 1, "tried_at": START,
            "next_at": START + 60, "answer": "the answer was 503, not 200" }])
    );
    world.status.store(200, Ordering::SeqCst);
    let send = async |path: &str| crate::admin_api::post(&world.server, path, json!({})).await;
    assert_eq!(send(&format!("{path}/{sid}")).await.json(), json!({ "state": "delivered" }));
    world.server.clock.advance(1);
    assert_eq!(send(path).await.json(), json!({ "state": "delivered" }));
    let first = get(&world.server, &format!("{path}?limit=1")).await;
    assert!(first.json()[0].get("user").is_none(), "{}", first.body);
    let next = first.header("link").split(['<', '>']).nth(1).unwrap().split_once("/admin").unwrap().1;
    let second = get(&world.server, &format!("/admin{next}")).await.json();
    assert_eq!((&second[0]["sid"], &second[0]["state"]), (&json!(sid), &json!("delivered")));
    for missing in ["/admin/clients/nobody/logouts", "/admin/clients/web/logouts", "/admin/clients/bye/logouts/a%00b"] {
        assert_eq!(send(missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
    assert_eq!(get(&world.server, &format!("{path}?after=x")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_list_is_walked_and_a_wrong_place_is_said() {
    let world = World::of(Server::start().await).await;
    for _ in 0..30 {
        let (mut browser, _) = world.signed_in().await;
        browser.get("/logout").await;
    }
    while world.server.idp.deliver_logouts().await.unwrap() > 0 {}
    let mut console = world.server.console().await;
    let first = console.get(TAB).await.body;
    let next = first.split("after=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let second = console.get(&format!("{TAB}?after={next}")).await.body;
    let count = |body: &str| body.matches("Send again").count();
    assert_eq!((count(&first), count(&second)), (25, 5));
    let rows = messages(&world.server, "bye").await;
    assert!(rows.iter().all(|row| row.delivery == Delivery::Done && row.username.as_deref() == Some("alice")));
    for wrong in ["x", "9.é", "99999999999999999999.a"] {
        let page = console.get(&format!("{TAB}?after={wrong}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("is none"), "{wrong}");
    }
}

#[tokio::test]
async fn the_settings_keep_what_the_fold_holds() {
    let world = World::of(Server::start().await).await;
    let mut console = world.server.console().await;
    let page = console.get("/admin/ui/clients/bye/settings").await;
    assert!(page.body.contains("<details open class=\"more\""), "it is not empty");
    assert!(!console.get("/admin/ui/clients/web/settings").await.body.contains("<details open class=\"more\""));
    let (version, uri) = (page.field("version"), world.site.url("/other"));
    let form = [
        ("version", version.as_str()),
        ("client_name", "Bye"),
        ("kind", "web"),
        ("enabled", "on"),
        ("redirect_uris", crate::server::CALLBACK),
        ("grant_types", "authorization_code"),
        ("scope", "openid"),
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("id_token_signed_response_alg", "RS256"),
        ("backchannel_logout_uri", &uri),
        ("initiate_login_uri", "https://app.example/login"),
    ];
    let answer = console.post("/admin/ui/clients/bye/settings", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let client = crate::admin_api::get(&world.server, "/admin/clients/bye").await.json();
    assert_eq!(client["backchannel_logout_uri"], uri);
    assert_eq!(client["backchannel_logout_session_required"], false);
    assert_eq!(client["initiate_login_uri"], "https://app.example/login");
}
