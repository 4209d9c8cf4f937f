//! An import is run again, after it was cut off or after things were deleted here, and the file of another server after it.

use axum::http::StatusCode;
use idp::testing::{Kind, execute};
use idp::{Actor, ImportReport, Kind as Imported};
use oauth::id::{ClientId, Subject};

use super::tokens::{TOKEN, refresh, token_row};
use super::{ALICE, BOB, File, SCHEMA, moved_on, rows};
use crate::server::{START, Server, text};

/// A file with two consents, of alice and bob, and a server at which the import broke off before the `nth` of them.
async fn cut_off(nth: usize) -> (Server, File) {
    let more = "INSERT INTO remembered_consent VALUES (2, 8, 'shop', 'openid', NULL);";
    let file = File::with(&format!("{SCHEMA}{}{more}", rows())).await;
    let server = Server::fresh().await;
    let full = format!(
        "CREATE TRIGGER cut BEFORE INSERT ON consent WHEN (SELECT COUNT(*) FROM consent) >= {nth}
        BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    );
    execute(server.database.url(), &full).await;
    server.idp.import_seed(&file.read().await, false).await.unwrap_err();
    execute(server.database.url(), "DROP TRIGGER cut").await;
    (server, file)
}

async fn consent(server: &Server, user: &str) -> Option<String> {
    let remembered = server.idp.find_consent(&Subject::new(user), &ClientId::new("shop")).await.unwrap();
    remembered.map(|remembered| remembered.scope().to_string())
}

#[tokio::test]
async fn consents_that_an_import_did_not_come_to_are_taken_by_the_next_one() {
    for nth in 0..2 {
        let (server, file) = cut_off(nth).await;
        assert_eq!(server.idp.count_users().await.unwrap(), 2);
        let dry = server.idp.import_seed(&file.read().await, true).await.unwrap();
        let report = server.idp.import_seed(&file.read().await, false).await.unwrap();
        assert_eq!(dry.get(Imported::Consent), report.get(Imported::Consent));
        let consents = report.get(Imported::Consent);
        assert_eq!((consents.imported, consents.skipped), (2 - nth as u64, nth as u64), "{report}");
        assert_eq!(consent(&server, "7").await.as_deref(), Some("openid profile"));
        assert_eq!(consent(&server, "8").await.as_deref(), Some("openid"));
    }
}

async fn import(server: &Server, file: &File) -> ImportReport {
    let dry = server.idp.import_seed(&file.read().await, true).await.unwrap();
    let report = server.idp.import_seed(&file.read().await, false).await.unwrap();
    assert_eq!(dry, report);
    report
}

/// The usual file with a refresh token of alice's.
async fn with_token() -> File {
    File::with(&format!("{SCHEMA}{}{}", rows(), token_row("shop", "7", TOKEN, 0, START - 86_400))).await
}

/// Forgets what imports brought, as a server of an earlier version never knew it.
async fn forget_imports(server: &Server) {
    execute(server.database.url(), "DELETE FROM imported").await;
}

#[tokio::test]
async fn what_was_deleted_here_does_not_come_back() {
    for kind in Kind::ALL {
        for remembered in [true, false] {
            let Some(server) = Server::fresh_on(kind).await else { continue };
            let file = with_token().await;
            import(&server, &file).await;
            let admin = Actor::admin();
            server.idp.delete_user(&admin, &Subject::new("7")).await.unwrap();
            server.idp.delete_client(&admin, &ClientId::new("spa")).await.unwrap();
            server.idp.delete_scope(&admin, "photos").await.unwrap();
            server.idp.delete_scope(&admin, "files.read").await.unwrap();
            if !remembered {
                forget_imports(&server).await;
            }
            let report = import(&server, &file).await;
            for kind in [Imported::User, Imported::Client, Imported::Scope, Imported::Consent, Imported::RefreshToken] {
                assert_eq!(report.get(kind).imported, 0, "{kind:?} {report}");
            }
            assert!(report.to_string().contains("note on alice: they were deleted here and stay so"), "{report}");
            assert_eq!(server.idp.count_users().await.unwrap(), 1);
            assert!(server.idp.get_client(&ClientId::new("spa")).await.is_err());
            let scopes = server.idp.scopes().await.unwrap();
            assert!(!scopes.iter().any(|scope| ["photos", "files.read"].contains(&scope.name.as_str())));
            assert_eq!(refresh(&server, TOKEN).await.error(), (400, "invalid_grant".to_owned()));
        }
    }
}

#[tokio::test]
async fn whoever_was_erased_does_not_come_back_either() {
    for kind in Kind::ALL {
        for remembered in [true, false] {
            let Some(server) = Server::fresh_on(kind).await else { continue };
            let file = with_token().await;
            import(&server, &file).await;
            let admin = Actor::admin();
            server.idp.delete_user(&admin, &Subject::new("7")).await.unwrap();
            let entry = server.idp.bin(None, 10).await.unwrap().rows.remove(0);
            server.idp.erase(&admin, &entry.id).await.unwrap();
            if !remembered {
                forget_imports(&server).await;
            }
            let report = import(&server, &file).await;
            assert_eq!(report.get(Imported::User).imported, 0, "{report}");
            assert!(report.to_string().contains("note on alice: they were deleted here and stay so"), "{report}");
            // Somebody else of that number neither.
            let other = rows().replace("'alice'", "'carol'").replace("alice@", "carol@");
            let report = import(&server, &File::with(&format!("{SCHEMA}{other}")).await).await;
            assert_eq!(report.get(Imported::User).imported, 0, "{report}");
            assert_eq!(server.idp.count_users().await.unwrap(), 1);
        }
    }
}

#[tokio::test]
async fn a_consent_that_was_withdrawn_and_a_token_that_is_gone_stay_so() {
    for kind in Kind::ALL {
        let Some(server) = Server::fresh_on(kind).await else { continue };
        let file = with_token().await;
        import(&server, &file).await;
        for table in ["consent", "refresh_token", "grants"] {
            execute(server.database.url(), &format!("DELETE FROM {table}")).await;
        }
        let report = import(&server, &file).await;
        for kind in [Imported::Consent, Imported::RefreshToken] {
            assert_eq!((report.get(kind).imported, report.get(kind).skipped), (0, 1), "{report}");
        }
        assert_eq!(consent(&server, "7").await, None);
        assert_eq!(refresh(&server, TOKEN).await.error(), (400, "invalid_grant".to_owned()));
        // What she agreed to on the old server since is another matter.
        let wider = rows().replace("7, 'shop', 'openid profile'", "7, 'shop', 'openid profile files.read'");
        let report = import(&server, &File::with(&format!("{SCHEMA}{wider}")).await).await;
        assert_eq!(report.get(Imported::Consent).imported, 1, "{report}");
    }
}

/// The file of another server: its user 7 is carol, its user 9 nobody's namesake, and its shop is elsewhere.
async fn of_another_server() -> File {
    File::with(&format!(
        "{SCHEMA}
        INSERT INTO user VALUES (7, 'carol', '{BOB}', 'carol@example.com'), (9, 'dave', '{}', 'ALICE@example.com');
        INSERT INTO oauth2_client VALUES (1, 'shop', 'another secret', 'Another shop', NULL, NULL,
            'authorization_code refresh_token', 'https://other.example/cb', 'code', 'openid profile', 'client_secret_post', 1,
            '2025-03-02 03:04:05.678901');
        INSERT INTO remembered_consent VALUES (1, 7, 'shop', 'openid', NULL), (2, 9, 'shop', 'openid', NULL);
        {}{}",
        ALICE.replace("Zk3nQ0xT", "another0"),
        token_row("shop", "7", "the-refresh-token-of-carol-and-her-shop-0000", 0, START - 86_400),
        token_row("shop", "9", "the-refresh-token-of-dave-and-his-shop-00000", 0, START - 86_400),
    ))
    .await
}

#[tokio::test]
async fn the_users_of_a_second_server_are_not_taken_for_those_of_the_first() {
    for kind in Kind::ALL {
        for remembered in [true, false] {
            let Some(server) = moved_on(kind).await else { continue };
            if !remembered {
                forget_imports(&server).await;
            }
            let report = import(&server, &of_another_server().await).await;
            let users = report.get(Imported::User);
            assert_eq!((users.imported, users.skipped, users.refused.len()), (1, 0, 1), "{report}");
            assert!(
                report.to_string().contains("refused carol: the number 7 is, or was, another person's here"),
                "{report}"
            );
            assert!(report.to_string().contains("note on dave: the email address is another user's here"), "{report}");
            assert!(report.to_string().contains("refused shop: another client has this ID here"), "{report}");
            assert_eq!((report.get(Imported::Consent).imported, report.get(Imported::RefreshToken).imported), (0, 0));
            for token in
                ["the-refresh-token-of-carol-and-her-shop-0000", "the-refresh-token-of-dave-and-his-shop-00000"]
            {
                assert_eq!(refresh(&server, token).await.error(), (400, "invalid_grant".to_owned()), "{report}");
            }
            assert_eq!(consent(&server, "7").await.as_deref(), Some("openid profile"));
            assert_eq!(consent(&server, "9").await, None);
            let answer = server.browser().post("/login", &[("username", "carol"), ("password", "bob")]).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            // Once more: the same.
            assert_eq!(import(&server, &of_another_server().await).await.get(Imported::User).imported, 0);
        }
    }
}

#[tokio::test]
async fn a_namesake_under_the_same_number_of_another_server_is_another_person() {
    let server = moved_on(Kind::Sqlite).await.unwrap();
    let hash = ALICE.replace("Zk3nQ0xT", "another0");
    let namesake = format!("{SCHEMA}INSERT INTO user VALUES (7, 'alice', '{hash}', NULL);");
    let report = import(&server, &File::with(&namesake).await).await;
    assert_eq!((report.get(Imported::User).skipped, report.get(Imported::User).refused.len()), (0, 1), "{report}");
}

#[tokio::test]
async fn a_number_that_the_old_server_gave_to_somebody_else_is_refused() {
    let server = moved_on(Kind::Sqlite).await.unwrap();
    // It gives the number of the last user to the next one once the last is deleted.
    let reused = rows().replace("(8, 'bob'", "(8, 'mallory'");
    let report = import(&server, &File::with(&format!("{SCHEMA}{reused}")).await).await;
    assert_eq!((report.get(Imported::User).skipped, report.get(Imported::User).refused.len()), (1, 1), "{report}");
    // Nor does mallory become bob once bob is gone.
    server.idp.delete_user(&Actor::admin(), &Subject::new("8")).await.unwrap();
    let report = import(&server, &File::with(&format!("{SCHEMA}{reused}")).await).await;
    assert_eq!((report.get(Imported::User).imported, report.get(Imported::User).refused.len()), (0, 1), "{report}");
}

#[tokio::test]
async fn whoever_was_renamed_here_is_still_the_same_person() {
    for remembered in [true, false] {
        let server = moved_on(Kind::Sqlite).await.unwrap();
        let mut console = server.console_with("the old admin token").await;
        let form = [("username", "alice.adams"), ("enabled", "on"), ("email", "alice@example.com")];
        assert_eq!(console.post("/admin/ui/users/7", &form).await.status, StatusCode::SEE_OTHER);
        if !remembered {
            forget_imports(&server).await;
        }
        let report = import(&server, &with_token().await).await;
        assert_eq!(
            (report.get(Imported::User).skipped, report.get(Imported::RefreshToken).imported),
            (2, 1),
            "{report}"
        );
        let tokens = refresh(&server, TOKEN).await.json();
        assert_eq!(server.userinfo(text(&tokens, "access_token")).await.json()["preferred_username"], "alice.adams");
    }
}
