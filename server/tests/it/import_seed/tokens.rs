//! Applications stay signed in: the refresh tokens of the old server are taken once more.

use axum::http::StatusCode;
use idp::Kind as Imported;
use idp::testing::Kind;
use serde_json::Value;

use super::{File, SCHEMA, rows};
use crate::browser::Answer;
use crate::server::{START, Server, claims, text};

pub(super) const TOKEN: &str = "the-refresh-token-of-alice-and-the-shop-000";

/// The statement that puts a token into a seed server's file, as that writes it.
pub(super) fn token_row(client: &str, user: &str, refresh_token: &str, revoked: u8, issued_at: i64) -> String {
    format!(
        "INSERT INTO oauth2_token (client_id, user_id, token_type, access_token, refresh_token, scope, revoked, issued_at,
            expires_in)
        VALUES ('{client}', {user}, 'Bearer', 'access to {refresh_token} {issued_at}', {}, 'openid profile', {revoked},
            {issued_at}, 3600);",
        match refresh_token {
            "" => "NULL".to_owned(),
            token => format!("'{token}'"),
        }
    )
}

pub(super) async fn refresh(server: &Server, token: &str) -> Answer {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", "shop"),
        ("client_secret", "short secret"),
    ];
    server.post("/token", None, &fields).await
}

#[tokio::test]
async fn an_application_refreshes_with_the_token_it_has_once() {
    let file = File::with(&format!("{SCHEMA}{}{}", rows(), token_row("shop", "7", TOKEN, 0, START - 86_400))).await;
    for kind in Kind::ALL {
        let Some(server) = Server::fresh_on(kind).await else { continue };
        let report = server.idp.import_seed(&file.read().await, false).await.unwrap();
        assert_eq!((report.get(Imported::RefreshToken).imported, report.get(Imported::RefreshToken).skipped), (1, 0));
        let again = server.idp.import_seed(&file.read().await, false).await.unwrap().get(Imported::RefreshToken);
        assert_eq!((again.imported, again.skipped, again.refused.len()), (0, 1, 0));

        let answer = refresh(&server, TOKEN).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let tokens = answer.json();
        let id_token = claims(text(&tokens, "id_token"));
        assert_eq!((&id_token["sub"], &id_token["auth_time"]), (&"7".into(), &Value::Null));
        assert_eq!(server.userinfo(text(&tokens, "access_token")).await.json()["sub"], "7");

        // It has been used: it gives the same next one for a while, whatever is imported, and then ends all that came of it.
        server.idp.import_seed(&file.read().await, false).await.unwrap();
        let next = text(&tokens, "refresh_token");
        assert_eq!(refresh(&server, TOKEN).await.json()["refresh_token"], next);
        let after_next = refresh(&server, next).await.json();
        server.clock.advance(121);
        assert_eq!(refresh(&server, TOKEN).await.error(), (400, "invalid_grant".to_owned()));
        let last = text(&after_next, "refresh_token");
        assert_eq!(refresh(&server, last).await.error(), (400, "invalid_grant".to_owned()));
    }
}

#[tokio::test]
async fn a_token_ends_when_it_would_have_ended_there() {
    let six_days = 6 * 86_400;
    let file = File::with(&format!("{SCHEMA}{}{}", rows(), token_row("shop", "7", TOKEN, 0, START - six_days))).await;
    let server = Server::fresh().await;
    server.idp.import_seed(&file.read().await, false).await.unwrap();
    // The policy of the shop says seven days.
    server.clock.advance(86_400);
    assert_eq!(refresh(&server, TOKEN).await.error(), (400, "invalid_grant".to_owned()));
    let server = Server::fresh().await;
    server.idp.import_seed(&file.read().await, false).await.unwrap();
    server.clock.advance(86_400 - 1);
    assert_eq!(refresh(&server, TOKEN).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_of_another_client_is_not_taken_from_this_one() {
    let rows = rows().replace("'authorization_code client_credentials'", "'authorization_code refresh_token'");
    let file = File::with(&format!("{SCHEMA}{rows}{}", token_row("spa", "7", TOKEN, 0, START))).await;
    let server = Server::fresh().await;
    server.idp.import_seed(&file.read().await, false).await.unwrap();
    assert_eq!(refresh(&server, TOKEN).await.error(), (400, "invalid_grant".to_owned()));
    let fields = [("grant_type", "refresh_token"), ("refresh_token", TOKEN), ("client_id", "spa")];
    assert_eq!(server.post("/token", None, &fields).await.status, StatusCode::OK);
}

#[tokio::test]
async fn dead_tokens_stay_behind_and_odd_ones_are_refused_with_a_reason() {
    let token = |at: u8| format!("{TOKEN}-{at}");
    let sql: String = [
        token_row("shop", "7", &token(0), 1, START),
        token_row("shop", "7", &token(1), 0, START - 7 * 86_400),
        token_row("shop", "7", "", 0, START),
        token_row("shop", "7", "too short", 0, START),
        token_row("shop", "7", &"x".repeat(256), 0, START),
        token_row("shop", "7", "a token that has blanks in it, which none has", 0, START),
        token_row("shop", "99", &token(2), 0, START),
        token_row("shop", "NULL", &token(3), 0, START),
        token_row("gone", "7", &token(4), 0, START),
        token_row("spa", "7", &token(5), 0, START),
        token_row("shop", "7", &token(6), 0, -1),
    ]
    .concat();
    let file = File::with(&format!("{SCHEMA}{}{sql}", rows())).await;
    let server = Server::fresh().await;
    let dry = server.idp.import_seed(&file.read().await, true).await.unwrap();
    let report = server.idp.import_seed(&file.read().await, false).await.unwrap();
    assert_eq!(dry, report);
    let outcome = report.get(Imported::RefreshToken);
    assert_eq!((outcome.imported, outcome.skipped, outcome.refused.len()), (0, 0, 8), "{report}");
    for reason in [
        "user 99, client shop: its user or its client is not here",
        "user 7, client gone: its user or its client is not here",
        "user 7, client spa: its client is not registered for refresh_token",
        "user 7, client shop: it is not 32 to 255 visible ASCII characters long",
        "user 7, client shop: it does not say when it was issued",
    ] {
        assert!(report.to_string().contains(reason), "{reason}\n{report}");
    }
    assert!(!report.to_string().contains(TOKEN) && !report.to_string().contains("xxxx"), "{report}");
    for at in 0..7 {
        assert_eq!(refresh(&server, &token(at)).await.error(), (400, "invalid_grant".to_owned()));
    }
}

#[tokio::test]
async fn no_token_is_kept_as_it_is() {
    let file = File::with(&format!("{SCHEMA}{}{}", rows(), token_row("shop", "7", TOKEN, 0, START))).await;
    let server = Server::fresh().await;
    server.idp.import_seed(&file.read().await, false).await.unwrap();
    assert!(!String::from_utf8_lossy(&server.database_bytes()).contains(TOKEN));
    assert_eq!(refresh(&server, TOKEN).await.status, StatusCode::OK);
}
