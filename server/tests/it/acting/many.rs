//! More than one transaction holds.

use axum::http::Method;
use idp::testing::{Kind, execute, texts};
use serde_json::json;

use super::{actions, call, subject};
use crate::concurrency::on_every_database;
use crate::server::{START, Server};

on_every_database!(all_are_ended_in_batches_and_counted);

/// More than two transactions hold.
const MANY: usize = 1_203;

/// An ID of 32 hexadecimal digits that ends in a number.
fn id(number: usize) -> String {
    format!("018f00000000700080{number:014}")
}

/// Accounts, each with a session, a consent and a grant of `web`.
async fn fill(server: &Server) {
    let is_postgres = server.database.kind() == Kind::Postgres;
    let (binary, end) = if is_postgres { ("decode('", "', 'hex')") } else { ("X'", "'") };
    let key = |number| {
        let id = id(number);
        if is_postgres { format!("'{id}'::uuid") } else { format!("X'{id}'") }
    };
    let insert = async |into: &str, row: &dyn Fn(usize) -> String| {
        for part in (0..MANY).collect::<Vec<_>>().chunks(401) {
            let rows: Vec<_> = part.iter().map(|number| row(*number)).collect();
            execute(server.database.url(), &format!("INSERT INTO {into} VALUES {}", rows.join(", "))).await;
        }
    };
    let account = "account (id, username, username_key, claims, enabled, version, created_at, updated_at)";
    insert(account, &|n| format!("({}, 'user{n}', 'user{n}', '{{}}', TRUE, 1, {START}, {START})", key(n))).await;
    let session = "session (digest, sid, account_id, created_at, expires_at, seen_at)";
    insert(session, &|n| {
        format!("({binary}{0}{0}{end}, 'sid{n}', {1}, {START}, {2}, {START})", id(n), key(n), START + 9_000)
    })
    .await;
    insert("consent (account_id, client_id, scope, granted_at)", &|n| {
        format!("({}, 'web', 'openid', {START})", key(n))
    })
    .await;
    let grants = "grants (id, client_id, account_id, scope, offline, generation, created_at, expires_at)";
    insert(grants, &|n| format!("({0}, 'web', {0}, 'openid', TRUE, 0, {START}, {1})", key(n), START + 9_000)).await;
}

async fn all_are_ended_in_batches_and_counted(server: Server) {
    fill(&server).await;
    // One more of each, that is made as they are.
    let tokens = server.tokens("openid offline_access").await;
    let count = async |what: &str| texts(server.database.url(), &format!("SELECT {what}")).await.len();
    let ended = call(&server, Method::DELETE, "/admin/sessions?all=true").await;
    assert_eq!(ended.json(), json!({ "ended": MANY + 1 }));
    assert_eq!(count("sid FROM session").await, 0);
    assert_eq!(actions(&server).await, ["server.end_sessions"; 3]);
    let live = "client_id FROM grants WHERE revoked_at IS NULL";
    assert_eq!(count(live).await, MANY + 1, "they were granted for when people are away");

    // Of half of them the grants go with the consents, of the rest by themselves.
    let half = "DELETE FROM consent WHERE account_id IN (SELECT id FROM account WHERE username LIKE '%1' OR username = 'alice')";
    execute(server.database.url(), half).await;
    let remembered = count("client_id FROM consent").await;
    let withdrawn = call(&server, Method::DELETE, "/admin/clients/web/consents").await;
    assert_eq!(withdrawn.json(), json!({ "withdrawn": remembered }));
    assert_eq!(count(live).await, MANY + 1 - remembered);
    let revoked = call(&server, Method::DELETE, "/admin/grants?client=web").await;
    assert_eq!(revoked.json(), json!({ "revoked": MANY + 1 - remembered }));
    assert_eq!(count(live).await, 0);
    assert_eq!(server.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()));
    assert!(!subject(&server, "user7").await.is_empty(), "the accounts are still there");
}
