//! Administrators whose right ends while they act, and servers that start at once, on each database.

use axum::http::StatusCode;
use futures::future::{join, join_all};
use idp::{Actor, Admission, Error, SaveError};
use oauth::secret::Secret;
use oauth::user::UserDraft;

use crate::server::{ADMIN_TOKEN, PASSWORD, Server};

crate::concurrency::on_every_database!(
    a_console_that_is_opened_with_the_old_token_does_not_outlive_the_reset,
    whoever_lost_the_right_changes_nothing_more,
    of_resets_at_once_one_token_opens,
    of_setups_by_several_nodes_one_counts,
);

fn draft(name: &str) -> UserDraft {
    UserDraft { username: name.to_owned(), email: format!("{name}@example.net"), enabled: true, ..UserDraft::default() }
}

async fn by_token(server: &Server, token: &Secret) -> Actor {
    match server.idp.check_admin_token(token, None).await.unwrap() {
        Admission::Admitted(actor) => actor,
        refused => panic!("{refused:?}"),
    }
}

async fn by_session(server: &Server, token: &Secret) -> (Secret, Actor) {
    let Admission::Admitted(cookie) = server.idp.open_console(token, None).await.unwrap() else {
        panic!("the console does not open")
    };
    let actor = server.idp.find_admin(&cookie).await.unwrap().unwrap();
    (cookie, actor)
}

async fn a_console_that_is_opened_with_the_old_token_does_not_outlive_the_reset(server: Server) {
    let other = server.open_node().await;
    let mut token = Secret::new(ADMIN_TOKEN);
    for _ in 0..12 {
        let opens = join_all((0..12).map(|number| {
            let node = if number % 2 == 0 { &server.idp } else { &other };
            node.open_console(&token, None)
        }));
        let (opened, reset) = join(opens, other.reset_admin_token()).await;
        for admission in opened {
            if let Admission::Admitted(cookie) = admission.unwrap() {
                assert_eq!(server.idp.find_admin(&cookie).await.unwrap(), None, "it was opened by the old token");
            }
        }
        token = reset.unwrap();
        assert!(matches!(server.idp.open_console(&token, None).await.unwrap(), Admission::Admitted(_)));
    }
}

async fn whoever_lost_the_right_changes_nothing_more(server: Server) {
    let token = Secret::new(ADMIN_TOKEN);
    // Each of them passed the door a moment ago.
    let (closed_cookie, closed) = by_session(&server, &token).await;
    server.idp.close_console(&closed_cookie).await.unwrap();
    let (_, expired) = by_session(&server, &token).await;
    server.clock.advance(idp::ADMIN_SESSION_LIFETIME);
    let (_, of_old_token) = by_session(&server, &token).await;
    let by_old_token = by_token(&server, &token).await;
    let reset = server.open_node().await.reset_admin_token().await.unwrap();
    for (name, actor) in
        [("closed", closed), ("expired", expired), ("of-old-token", of_old_token), ("by-old-token", by_old_token)]
    {
        let created = server.idp.create_user(&actor, &draft(name), PASSWORD).await;
        assert!(matches!(created, Err(SaveError::Failed(Error::Unauthorized))), "{name}: {created:?}");
        let alg = oauth::jose::SigningAlg::ES256;
        let signing = server.idp.signing_kid(alg).unwrap();
        let rotated = server.idp.rotate_key(&actor, alg, &signing).await;
        assert!(matches!(rotated, Err(Error::Unauthorized)), "{name}: {rotated:?}");
        let withdrawn = server.idp.withdraw_key(&actor, &signing).await;
        assert!(matches!(withdrawn, Err(Error::Unauthorized)), "{name}: {withdrawn:?}");
        assert_eq!(server.idp.signing_kid(alg).unwrap(), signing, "{name}");
    }
    assert_eq!(server.idp.count_users().await.unwrap(), 1, "only alice is there");
    let (_, actor) = by_session(&server, &reset).await;
    server.idp.create_user(&actor, &draft("bob"), PASSWORD).await.unwrap();
    let actor = by_token(&server, &reset).await;
    server.idp.create_user(&actor, &draft("carol"), PASSWORD).await.unwrap();
}

async fn of_resets_at_once_one_token_opens(server: Server) {
    let other = server.open_node().await;
    let nodes = [&server.idp, &other];
    let resets = join_all((0..8).map(|number| nodes[number % 2].reset_admin_token())).await;
    let mut opening = 0;
    for reset in resets {
        match reset {
            Ok(token) => {
                let admission = server.idp.check_admin_token(&token, None).await.unwrap();
                opening += usize::from(matches!(admission, Admission::Admitted(_)));
            }
            // Told that somebody else was faster, rather than given a token that opens nothing.
            Err(error) => assert!(matches!(error, Error::Stale), "{error:?}"),
        }
    }
    assert_eq!(opening, 1);
}

async fn of_setups_by_several_nodes_one_counts(server: Server) {
    // What a fresh database looks like to those who start.
    for sql in ["DELETE FROM setting", "DELETE FROM scope", "DELETE FROM signing_key"] {
        idp::testing::execute(server.database.url(), sql).await;
    }
    let start = async |number: usize| {
        let node = server.open_node().await;
        let token = Secret::new(format!("the-token-of-node-{number}"));
        let won = node.set_up(Some(&token)).await.unwrap().is_some();
        (node, token, won)
    };
    let started = join_all((0..5).map(start)).await;
    assert_eq!(started.iter().filter(|(.., won)| *won).count(), 1);
    for (node, token, won) in &started {
        let admission = node.check_admin_token(token, None).await.unwrap();
        assert_eq!(matches!(admission, Admission::Admitted(_)), *won);
        node.reload_keyring().await.unwrap();
        assert_eq!(node.keyring().keys().len(), 3);
    }
    assert_eq!(started[0].0.scopes().await.unwrap().len(), 6);
}

#[tokio::test]
async fn a_call_and_a_page_of_somebody_who_lost_the_right_lead_to_the_door() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let other = server.open_node().await;
    other.reset_admin_token().await.unwrap();
    let answer = console.post("/admin/ui/keys", &[("alg", "RS256")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("action=\"/admin/login?"), "{}", answer.body);
    let call = axum::http::Request::post("/admin/rotate_jwk").header("x-admin-token", ADMIN_TOKEN);
    assert_eq!(server.send(call.body(axum::body::Body::empty()).unwrap()).await.error().0, 401);
}
