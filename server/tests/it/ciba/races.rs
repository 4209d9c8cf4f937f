//! Many at once: one answer counts, and one poll gets tokens.

use axum::http::StatusCode;
use futures::future::join_all;
use idp::testing::{Held, Kind};
use oauth::id::Subject;
use oauth::secret::Secret;

use super::{answer, ask, ask_as, poll, with_bank};
use crate::concurrency::on_every_database;
use crate::races::Forbids;
use crate::server::{SESSION_COOKIE, Server, claims, text};

on_every_database!(
    of_many_polls_at_once_one_gets_tokens,
    of_many_polls_that_wait_at_once_one_is_in_time,
    of_many_answers_at_once_one_counts,
    what_was_judged_before_is_not_written_after,
    an_account_that_is_disabled_while_it_answers_allows_nothing,
);

async fn of_many_polls_at_once_one_gets_tokens(server: Server) {
    with_bank(&server).await;
    let mut browser = server.signed_in().await;
    for _ in 0..3 {
        let asked = ask(&server, "openid").await;
        answer(&mut browser, "yes").await;
        let answers = join_all((0..16).map(|_| poll(&server, &asked))).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == StatusCode::OK);
        assert_eq!(won.len(), 1);
        for answer in lost {
            assert_eq!(answer.error(), (400, "invalid_grant".to_owned()));
        }
        let access_token = text(&won[0].json(), "access_token").to_owned();
        assert_eq!(server.userinfo(&access_token).await.status, StatusCode::OK, "the others take nothing from it");
    }
}

async fn of_many_polls_that_wait_at_once_one_is_in_time(server: Server) {
    with_bank(&server).await;
    let asked = ask(&server, "openid").await;
    let answers = join_all((0..16).map(|_| poll(&server, &asked))).await;
    let errors: Vec<String> = answers.iter().map(|answer| answer.error().1).collect();
    assert_eq!(errors.iter().filter(|error| *error == "authorization_pending").count(), 1, "{errors:?}");
    assert_eq!(errors.iter().filter(|error| *error == "slow_down").count(), 15, "{errors:?}");
}

async fn of_many_answers_at_once_one_counts(server: Server) {
    with_bank(&server).await;
    let mut browsers = Vec::new();
    for _ in 0..8 {
        browsers.push(server.signed_in().await);
    }
    for _ in 0..3 {
        let asked = ask(&server, "openid").await;
        let pages = join_all(browsers.iter_mut().map(|browser| browser.get("/approve"))).await;
        let answers = browsers
            .iter_mut()
            .zip(&pages)
            .enumerate()
            .map(|(number, (browser, page))| browser.press(page, if number % 2 == 0 { "yes" } else { "no" }));
        let answers = join_all(answers).await;
        let kept: Vec<&str> = answers.iter().map(|answer| answer.location()).filter(|at| !at.is_empty()).collect();
        let [kept] = kept[..] else { panic!("{kept:?}") };
        for late in answers.iter().filter(|answer| answer.location().is_empty()) {
            assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let told = poll(&server, &asked).await;
        match kept {
            "/approve?done=allowed" => assert_eq!(told.status, StatusCode::OK, "{}", told.body),
            _ => assert_eq!(told.error(), (400, "access_denied".to_owned())),
        }
    }
}

/// An answer, a poll and a new request stop before their transactions ([`crate::pairs`]), and another node does what forbids them.
async fn what_was_judged_before_is_not_written_after(server: Server) {
    for forbids in Forbids::ALL {
        let server = server.another().await;
        let node = server.open_node().await;
        with_bank(&server).await;
        let fields = [("scope", "openid email"), ("login_hint", "alice")];
        let subject = Subject::new(text(&claims(text(&server.tokens("openid").await, "id_token")), "sub"));
        let (mut browser, mut out) = (server.signed_in().await, server.signed_in().await);
        let allowed = ask(&server, "openid email").await;
        assert_eq!(answer(&mut browser, "yes").await.location(), "/approve?done=allowed");
        ask(&server, "openid email").await;
        let page = browser.get("/approve").await;
        let cookie = Secret::new(browser.cookie(SESSION_COOKIE).unwrap());

        let gate = server.idp.close_gate().await;
        let forbid = async {
            gate.arrived(3).await;
            if forbids == Forbids::SignedOut {
                let session = node.find_session(&cookie).await.unwrap().unwrap().session;
                node.end_session(&session, None, false).await.unwrap();
            } else {
                forbids.happen(&node, &subject, "bank", &mut out).await;
            }
            drop(gate);
        };
        let (answered, polled, begun, ()) = tokio::join!(
            browser.press(&page, "yes"),
            poll(&server, &allowed),
            ask_as(&server, "bank", &fields),
            forbid
        );

        // To press "Allow" is to agree anew, whatever was withdrawn; the secret is the client's affair.
        let stands = matches!(forbids, Forbids::ConsentWithdrawn | Forbids::SecretRevoked);
        assert_eq!(answered.location() == "/approve?done=allowed", stands, "{forbids:?}: {}", answered.location());
        // A client goes on when somebody signs out of a browser.
        let error = (forbids != Forbids::SignedOut).then(|| forbids.error().to_owned());
        assert_eq!((polled.status != StatusCode::OK).then(|| polled.error().1), error, "{forbids:?}");
        // Nobody who may not sign in is asked.
        let error = match forbids {
            Forbids::UserDisabled | Forbids::UserDeleted => Some("unknown_user_id".to_owned()),
            other => other.is_about_the_client().then(|| other.error().to_owned()),
        };
        assert_eq!((begun.status != StatusCode::OK).then(|| begun.error().1), error, "{forbids:?}");
    }
}

/// Somebody is disabling the account, and has not committed yet: whoever allows waits for it, and is seen.
async fn an_account_that_is_disabled_while_it_answers_allows_nothing(server: Server) {
    let kind = server.database.kind();
    if kind == Kind::Sqlite {
        return;
    }
    with_bank(&server).await;
    let asked = ask(&server, "openid").await;
    let mut browser = server.signed_in().await;
    let page = browser.get("/approve").await;
    let disable = match kind {
        Kind::MySql => "UPDATE account SET enabled = 0",
        _ => "UPDATE account SET enabled = FALSE",
    };
    let held = Held::hold(kind, server.database.url(), disable).await;
    let (answered, ()) = tokio::join!(browser.press(&page, "yes"), async {
        held.somebody_waits().await;
        held.commit().await;
    });
    assert_eq!(answered.status, StatusCode::SEE_OTHER);
    assert!(!answered.location().contains("done"), "{}", answered.location());
    assert_eq!(poll(&server, &asked).await.error(), (400, "authorization_pending".to_owned()));
}
