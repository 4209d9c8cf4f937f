//! Sessions.

use axum::http::{Method, StatusCode};
use idp::testing::texts;
use serde_json::json;

use super::{actions, call, listed, sign_in, subject};
use crate::concurrency::on_every_database;
use crate::server::{START, Server, text};

on_every_database!(
    a_session_says_where_somebody_is_signed_in_and_to_what,
    the_time_when_a_session_was_used_is_written_later_and_seldom,
    a_session_that_is_ended_takes_its_tokens_and_leaves_those_for_later,
    a_list_is_walked_whatever_is_used_or_ended_meanwhile,
    what_names_no_session_is_refused,
);

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async fn a_session_says_where_somebody_is_signed_in_and_to_what(server: Server) {
    server.create_user("bob").await;
    let mut browser = sign_in(&server, "alice", "203.0.113.7", FIREFOX).await;
    server.tokens_in(&mut browser, &[("scope", "openid email")]).await;
    server.clock.advance(10);
    sign_in(&server, "bob", "2001:db8::1", "curl/8.5.0").await;
    let [bob, alice] = listed(&server, "/admin/sessions").await.try_into().unwrap();
    let expected = json!({
        "sid": alice["sid"], "user": subject(&server, "alice").await, "username": "alice", "user_agent": FIREFOX,
        "address": "203.0.113.7", "amr": "pwd", "started_at": START, "seen_at": START,
        "expires_at": START + idp::SESSION_LIFETIME, "clients": ["web"],
    });
    assert_eq!(alice, expected);
    assert_eq!((text(&bob, "username"), text(&bob, "address"), &bob["clients"]), ("bob", "2001:db8::1", &json!([])));
    let of_alice = listed(&server, &format!("/admin/sessions?user={}", text(&alice, "user"))).await;
    assert_eq!(of_alice, std::slice::from_ref(&alice));
    // A revoked grant signs in to nothing.
    call(&server, Method::DELETE, "/admin/grants?client=web").await;
    assert_eq!(listed(&server, "/admin/sessions").await[1]["clients"], json!([]));
    // Signing in again from elsewhere is the same session.
    let before = alice["sid"].clone();
    server.clock.advance(10);
    browser.post("/login", &[("username", "alice"), ("password", crate::server::PASSWORD)]).await;
    let again = listed(&server, "/admin/sessions").await.swap_remove(0);
    assert_eq!((&again["sid"], &again["started_at"], &again["seen_at"]), (&before, &json!(START), &json!(START + 20)));
    assert_eq!(again.get("address"), None, "where they signed in last is not known");
}

async fn the_time_when_a_session_was_used_is_written_later_and_seldom(server: Server) {
    let mut browser = server.signed_in().await;
    let seen = async || texts(server.database.url(), "SELECT CAST(seen_at AS CHAR(20)) FROM session").await;
    let seen = async || seen().await.into_iter().next().unwrap().trim().parse::<i64>().unwrap();
    server.clock.advance(299);
    browser.get("/").await;
    server.idp.sweep().await.unwrap();
    assert_eq!(seen().await, START, "it was seen a moment ago");
    server.clock.advance(1);
    browser.get("/").await;
    assert_eq!(seen().await, START, "a request writes nothing");
    server.idp.sweep().await.unwrap();
    assert_eq!(seen().await, START + 300);
    server.clock.advance(1_000);
    server.idp.sweep().await.unwrap();
    assert_eq!(seen().await, START + 300, "nobody used it");
    browser.get("/").await;
    let sid = text(&listed(&server, "/admin/sessions").await[0], "sid").to_owned();
    call(&server, Method::DELETE, &format!("/admin/sessions/{sid}")).await;
    server.idp.sweep().await.unwrap();
    assert!(listed(&server, "/admin/sessions").await.is_empty(), "what is over does not come back");
}

async fn a_session_that_is_ended_takes_its_tokens_and_leaves_those_for_later(server: Server) {
    let mut browser = server.signed_in().await;
    let bound = server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    let offline = server.tokens_in(&mut browser, &[("scope", "openid offline_access")]).await;
    let mut elsewhere = server.signed_in().await;
    let sessions = listed(&server, "/admin/sessions").await;
    let mine = sessions.iter().find(|session| session["clients"] == json!(["web"])).unwrap();
    let path = format!("/admin/sessions/{}", text(mine, "sid"));
    let ended = call(&server, Method::DELETE, &path).await;
    assert_eq!((ended.status, ended.json()["ok"].clone()), (StatusCode::OK, json!(true)));
    assert_eq!(browser.silently(&[]).await, "login_required");
    assert_eq!(elsewhere.silently(&[]).await, "", "the other browser stays signed in");
    assert_eq!(server.refresh(&bound).await.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(server.userinfo(text(&bound, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.refresh(&offline).await.status, StatusCode::OK);
    assert_eq!(call(&server, Method::DELETE, &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(actions(&server).await, ["user.end_session"]);
    // All of the user.
    let alice = subject(&server, "alice").await;
    let all = call(&server, Method::DELETE, &format!("/admin/sessions?user={alice}")).await;
    assert_eq!(all.json(), json!({ "ended": 1 }));
    assert_eq!(elsewhere.silently(&[]).await, "login_required");
    assert_eq!(actions(&server).await, ["user.end_session", "user.end_sessions"]);
    assert_eq!(server.refresh(&offline).await.status, StatusCode::OK, "it was granted for when they are away");
}

async fn a_list_is_walked_whatever_is_used_or_ended_meanwhile(server: Server) {
    // Several in the same second.
    for second in [0, 0, 0, 5, 5, 9] {
        server.clock.set(oauth::time::Timestamp(START + second));
        server.signed_in().await;
    }
    let whole = listed(&server, "/admin/sessions").await;
    let mut walked = Vec::new();
    let mut path = Some("/admin/sessions?limit=2".to_owned());
    while let Some(address) = path {
        let answer = call(&server, Method::GET, &address).await;
        let link = answer.header("link").split(['<', '>']).nth(1).map(str::to_owned);
        path = link.map(|link| link.strip_prefix(crate::server::ISSUER).unwrap().to_owned());
        walked.extend(answer.json().as_array().unwrap().clone());
        // The last one shown ends: the next part is found all the same.
        let sid = text(walked.last().unwrap(), "sid");
        assert_eq!(call(&server, Method::DELETE, &format!("/admin/sessions/{sid}")).await.status, StatusCode::OK);
    }
    let sids = |rows: &[serde_json::Value]| rows.iter().map(|row| text(row, "sid").to_owned()).collect::<Vec<_>>();
    assert_eq!(sids(&walked), sids(&whole));
    assert!(whole.is_sorted_by(|one, next| one["seen_at"].as_i64() >= next["seen_at"].as_i64()));
}

async fn what_names_no_session_is_refused(server: Server) {
    server.signed_in().await;
    let long = "a".repeat(300);
    for sid in ["nothing", "%00", "%FF", "a%20b", "%C3%A9", long.as_str()] {
        let answer = call(&server, Method::DELETE, &format!("/admin/sessions/{sid}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{sid}");
    }
    // A script with an empty variable ends nothing.
    for query in ["", "?user=", "?all=", "?all=false", "?all=1", "?all=true&user=1", "?user=1&user=2", "?user=%00"] {
        let answer = call(&server, Method::DELETE, &format!("/admin/sessions{query}")).await;
        assert!(matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND), "{query} {}", answer.body);
    }
    for query in ["after=x", "after=1.", "after=.a", "after=1.%C3%A9", "after=99999999999999999999.a", "limit=0"] {
        assert_eq!(
            call(&server, Method::GET, &format!("/admin/sessions?{query}")).await.status,
            StatusCode::BAD_REQUEST,
            "{query}"
        );
    }
    for user in ["nobody", "018f0000-0000-7000-8000-000000000000"] {
        for method in [Method::GET, Method::DELETE] {
            let answer = call(&server, method, &format!("/admin/sessions?user={user}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{user}");
        }
    }
    assert_eq!(listed(&server, "/admin/sessions").await.len(), 1);
    assert!(actions(&server).await.is_empty());
}
