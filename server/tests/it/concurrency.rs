//! Many requests at once, on each database: what may be used once is used once.

use axum::http::StatusCode;
use futures::future::join_all;
use idp::Actor;
use idp::testing::Kind;
use oauth::client::ClientKind;
use oauth::id::ClientId;
use serde_json::json;

use crate::browser::{Answer, Browser};
use crate::server::{SECRET, Server, claims, text};

/// Runs a test on each database that there is.
macro_rules! on_every_database {
    ($($test:ident),+ $(,)?) => {
        mod sqlite { $crate::concurrency::on_every_database!(@ Sqlite $($test)+); }
        mod postgres { $crate::concurrency::on_every_database!(@ Postgres $($test)+); }
        mod mysql { $crate::concurrency::on_every_database!(@ MySql $($test)+); }
    };
    (@ $kind:ident $($test:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                if let Some(server) = $crate::server::Server::start_on(idp::testing::Kind::$kind).await {
                    super::$test(server).await;
                }
            }
        )+
    };
}
pub(crate) use on_every_database;

on_every_database!(
    the_whole_flow_works,
    of_many_redemptions_of_one_code_one_succeeds,
    many_uses_of_one_refresh_token_run_together,
    of_many_uses_of_one_refresh_token_one_succeeds_without_a_window,
    many_people_sign_in_at_once,
    many_machines_share_what_they_write_and_look_up,
    a_machine_that_is_gone_spoils_nothing_for_the_others,
);

/// The number of requests at once.
const MANY: usize = 32;

/// Runs the same request many times at once; sees that one succeeded and all others got `invalid_grant`.
async fn race<F: Future<Output = Answer>>(request: impl Fn() -> F) -> Answer {
    let (won, lost): (Vec<_>, Vec<_>) =
        join_all((0..MANY).map(|_| request())).await.into_iter().partition(|answer| answer.status == StatusCode::OK);
    for answer in &lost {
        assert_eq!(answer.error(), (400, "invalid_grant".to_owned()), "{}", answer.body);
    }
    assert_eq!(won.len(), 1);
    won.into_iter().next().unwrap()
}

async fn the_whole_flow_works(server: Server) {
    let mut browser = server.browser();
    let consent = {
        let asked = browser.get(&Browser::request(&[("scope", "openid email"), ("nonce", "n")])).await;
        browser.sign_in_at(&asked).await
    };
    assert_eq!(consent.status, StatusCode::OK);
    let tokens = server.tokens_in(&mut browser, &[("scope", "openid email"), ("nonce", "n")]).await;
    assert_eq!(claims(text(&tokens, "id_token"))["nonce"], "n");
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.json()["email"], "alice@example.com");
    let refreshed = server.refresh(&tokens).await.json();
    assert_eq!(server.introspect(text(&refreshed, "access_token")).await["active"], true);
    assert_eq!(server.introspect(text(&tokens, "access_token")).await["active"], true);
    assert_eq!(browser.silently(&[("scope", "openid")]).await, "");
    assert_eq!(server.machine_token("email").await.status, StatusCode::OK);
    let fields = [("token", text(&refreshed, "access_token"))];
    let revoked = server.post("/revoke", Some(&format!("web:{SECRET}")), &fields).await;
    assert_eq!(revoked.status, StatusCode::OK);
    assert_eq!(server.userinfo(text(&refreshed, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/logout").await.status, StatusCode::OK);
    assert_eq!(browser.silently(&[]).await, "login_required");
    server.clock.advance(40 * 86_400);
    assert!(server.idp.sweep().await.unwrap() > 0);
}

async fn of_many_redemptions_of_one_code_one_succeeds(server: Server) {
    let mut browser = server.signed_in().await;
    for _ in 0..3 {
        let code = browser.authorize(&[]).await;
        let won = race(|| server.redeem(&code)).await.json();
        // The others were replays: the code may be in the wrong hands, so what it gave is worth nothing.
        assert_eq!(server.userinfo(text(&won, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    }
}

async fn many_uses_of_one_refresh_token_run_together(server: Server) {
    let mut tokens = server.tokens("openid offline_access").await;
    let first = tokens.clone();
    for round in 0..5 {
        let answers = join_all((0..MANY).map(|_| server.refresh(&tokens))).await;
        let mut given = std::collections::BTreeSet::new();
        for answer in &answers {
            assert_eq!(answer.status, StatusCode::OK, "{round}: {}", answer.body);
            given.insert(text(&answer.json(), "refresh_token").to_owned());
        }
        assert_eq!(given.len(), 1, "{round}");
        // The access tokens of all workers are good.
        for answer in answers.iter().step_by(8) {
            let userinfo = server.userinfo(text(&answer.json(), "access_token")).await;
            assert_eq!(userinfo.status, StatusCode::OK);
        }
        tokens = answers[0].json();
    }
    // Another node answers the same, and a replay after the window is one there, too.
    let again = server.refresh(&first).await.json();
    assert_eq!(again["refresh_token"], tokens["refresh_token"]);
    server.clock.advance(121);
    assert_eq!(server.refresh(&first).await.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(server.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
}

async fn of_many_uses_of_one_refresh_token_one_succeeds_without_a_window(server: Server) {
    server.set_policy("web", &json!({ "refresh_reuse_window": 0 })).await;
    let mut browser = server.signed_in().await;
    for _ in 0..3 {
        let tokens = server.tokens_in(&mut browser, &[("scope", "openid offline_access")]).await;
        let won = race(|| server.refresh(&tokens)).await.json();
        assert_eq!(server.userinfo(text(&won, "access_token")).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(server.refresh(&won).await.error(), (400, "invalid_grant".to_owned()));
    }
}

async fn many_people_sign_in_at_once(server: Server) {
    let flows = join_all((0..8).map(async |_| {
        let tokens = server.tokens("openid").await;
        server.refresh(&tokens).await.status
    }));
    assert!(flows.await.into_iter().all(|status| status == StatusCode::OK));
    assert_eq!(server.idp.count_sessions().await.unwrap(), 8);
}

async fn many_machines_share_what_they_write_and_look_up(server: Server) {
    let tokens = join_all((0..MANY * 3).map(|_| server.machine_token("email"))).await;
    let tokens: Vec<_> = tokens.iter().map(|answer| text(&answer.json(), "access_token").to_owned()).collect();
    let introspect = async |token: String| {
        let fields = [("token", token.as_str())];
        server.post("/introspect", Some(&format!("job:{SECRET}")), &fields).await.json()
    };
    let made_up = (0..MANY).map(|number| format!("made-up-{number}"));
    let answers = join_all(tokens.iter().cloned().chain(made_up).chain(tokens.clone()).map(introspect)).await;
    for (number, answer) in answers.iter().enumerate() {
        let is_real = !(tokens.len()..tokens.len() + MANY).contains(&number);
        assert_eq!(answer["active"], is_real, "{number}: {answer}");
    }
}

async fn a_machine_that_is_gone_spoils_nothing_for_the_others(server: Server) {
    server.create_client(ClientKind::Machine, "gone", |draft, _| draft.scope = "email".to_owned()).await;
    let ask = async |client: &str| {
        let fields = [("grant_type", "client_credentials")];
        server.post("/token", Some(&format!("{client}:{SECRET}")), &fields).await
    };
    assert_eq!(ask("gone").await.status, StatusCode::OK);
    // Deleted elsewhere: this node has not heard of it yet.
    server.open_node().await.delete_client(&Actor::admin(), &ClientId::new("gone")).await.unwrap();
    let answers = join_all((0..MANY).map(|number| ask(if number == MANY / 2 { "gone" } else { "job" }))).await;
    for (number, answer) in answers.iter().enumerate() {
        let expected = if number == MANY / 2 { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
        assert_eq!(answer.status, expected, "{number}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_setups_one_wins() {
    for kind in Kind::ALL {
        let Some(server) = Server::fresh_on(kind).await else { continue };
        let setup = async || {
            let browser = axum::http::Request::post("/setup").header("sec-fetch-site", "same-origin");
            server.send(browser.body(axum::body::Body::empty()).unwrap()).await
        };
        let answers = join_all((0..4).map(|_| setup())).await;
        let to = |place: &str| answers.iter().filter(|answer| answer.location().starts_with(place)).count();
        assert_eq!((to("/admin/ui?"), to("/admin/login")), (1, 3), "{kind:?}");
    }
}
