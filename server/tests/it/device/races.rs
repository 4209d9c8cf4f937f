//! Many at once: one answer counts, and one poll gets tokens.

use axum::http::StatusCode;
use futures::future::join_all;
use idp::testing::{Held, Kind};

use super::{answer, begin, poll, question, with_devices};
use crate::concurrency::on_every_database;
use crate::server::{Server, text};

on_every_database!(
    of_many_polls_at_once_one_gets_tokens,
    of_many_polls_that_wait_at_once_one_is_in_time,
    of_many_answers_at_once_one_counts,
    an_account_that_is_disabled_while_it_answers_allows_nothing,
);

async fn of_many_polls_at_once_one_gets_tokens(server: Server) {
    with_devices(&server).await;
    let mut browser = server.signed_in().await;
    for _ in 0..3 {
        let device = begin(&server, "openid").await;
        answer(&mut browser, &device, "yes").await;
        let answers = join_all((0..16).map(|_| poll(&server, &device))).await;
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
    with_devices(&server).await;
    let device = begin(&server, "openid").await;
    let answers = join_all((0..16).map(|_| poll(&server, &device))).await;
    let errors: Vec<String> = answers.iter().map(|answer| answer.error().1).collect();
    assert_eq!(errors.iter().filter(|error| *error == "authorization_pending").count(), 1, "{errors:?}");
    assert_eq!(errors.iter().filter(|error| *error == "slow_down").count(), 15, "{errors:?}");
}

async fn of_many_answers_at_once_one_counts(server: Server) {
    with_devices(&server).await;
    let mut browsers = Vec::new();
    for _ in 0..8 {
        browsers.push(server.signed_in().await);
    }
    for _ in 0..3 {
        let device = begin(&server, "openid").await;
        let pages = join_all(browsers.iter_mut().map(|browser| question(browser, &device))).await;
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
        let told = poll(&server, &device).await;
        match kept {
            "/device?done=allowed" => assert_eq!(told.status, StatusCode::OK, "{}", told.body),
            _ => assert_eq!(told.error(), (400, "access_denied".to_owned())),
        }
    }
}

/// Somebody is disabling the account, and has not committed yet: whoever allows the device waits for it, and is seen.
async fn an_account_that_is_disabled_while_it_answers_allows_nothing(server: Server) {
    let kind = server.database.kind();
    if kind == Kind::Sqlite {
        return;
    }
    with_devices(&server).await;
    let device = begin(&server, "openid").await;
    let mut browser = server.signed_in().await;
    let page = question(&mut browser, &device).await;
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
    assert_eq!(poll(&server, &device).await.error(), (400, "authorization_pending".to_owned()));
}
