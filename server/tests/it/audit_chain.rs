//! The chain of changes: whatever is done to the record behind the server's back is found.

use futures::future::join_all;
use idp::testing::{Kind, execute, texts};
use idp::{Actor, AuditFault, AuditHead, AuditReport};
use oauth::client::ClientKind;
use oauth::scope::ScopeDraft;

use crate::server::Server;

crate::concurrency::on_every_database!(
    changes_at_once_make_one_chain,
    whatever_is_done_to_the_record_is_found,
    an_event_of_a_change_that_there_is_not_is_found,
    what_was_erased_with_a_person_is_no_fault,
    changes_from_before_the_chain_are_no_part_of_it,
);

async fn verify(server: &Server) -> AuditReport {
    server.idp.verify_audit(None).await.unwrap()
}

/// Runs a statement that quotes by `"`, and names texts in JSON by `|`.
async fn run(server: &Server, sql: &str) {
    let sql = if server.database.kind() == Kind::MySql { sql.replace('"', "`") } else { sql.to_owned() };
    execute(server.database.url(), &sql.replace('|', "\"")).await;
}

async fn change(server: &Server, word: &str) {
    let draft = ScopeDraft { name: "email".to_owned(), description: word.to_owned(), claims: "email".to_owned() };
    server.idp.save_scope(&Actor::admin(), &draft, None).await.unwrap();
}

async fn changes_at_once_make_one_chain(server: Server) {
    let before = verify(&server).await;
    assert_eq!((&before.fault, before.unchained, before.erased), (&None, 0, 0));
    let node = server.open_node().await;
    let create = |number: usize| {
        let idp = if number.is_multiple_of(2) { server.idp.clone() } else { node.clone() };
        async move {
            let draft = ScopeDraft { name: format!("s{number}"), description: "S".to_owned(), claims: String::new() };
            idp.create_scope(&Actor::admin(), &draft).await.unwrap();
        }
    };
    join_all((0..24).map(create)).await;
    let after = verify(&server).await;
    assert_eq!((&after.fault, after.changes), (&None, before.changes + 24));
    assert_eq!(after.head.number, before.head.number + 24);
    // A head that somebody wrote down is one that the record goes through.
    assert_eq!(server.idp.verify_audit(Some(&before.head)).await.unwrap().fault, None);
    assert_eq!(AuditHead::parse(&after.head.to_string()), Some(after.head.clone()));
    let other = AuditHead { digest: "f".repeat(64), ..before.head.clone() };
    let report = server.idp.verify_audit(Some(&other)).await.unwrap();
    assert_eq!(report.fault, Some(AuditFault::Rewritten(other.number)));
    let later = AuditHead { number: after.head.number + 1, ..after.head };
    assert_eq!(server.idp.verify_audit(Some(&later)).await.unwrap().fault, Some(AuditFault::Rewritten(later.number)));
}

async fn whatever_is_done_to_the_record_is_found(server: Server) {
    type Found = fn(&AuditFault) -> bool;
    let cases: [(&str, Found); 19] = [
        ("DELETE FROM audit_event WHERE number = 3", |fault| *fault == AuditFault::Missing(3)),
        ("DELETE FROM audit_event WHERE number = 1", |fault| *fault == AuditFault::Missing(1)),
        ("DELETE FROM audit_event WHERE number > 4", |fault| matches!(fault, AuditFault::Cut { last: 4, .. })),
        ("UPDATE audit_event SET actor = 'user' WHERE number = 3", |fault| {
            matches!(fault, AuditFault::Altered { number: 3, .. })
        }),
        ("UPDATE audit_event SET \"after\" = '{}' WHERE action = 'user.create'", |fault| {
            matches!(fault, AuditFault::Altered { .. })
        }),
        ("UPDATE audit_event SET \"after\" = '{\"erased\":\"7\"}' WHERE number = 5", |fault| {
            matches!(fault, AuditFault::Altered { number: 5, .. } | AuditFault::Emptied { number: 5, .. })
        }),
        ("UPDATE audit_event SET number = NULL WHERE number = 6", |fault| *fault == AuditFault::Missing(6)),
        ("UPDATE setting SET value = CONCAT('6', SUBSTR(value, 3)) WHERE name = 'audit_head'", |fault| {
            matches!(fault, AuditFault::Head(_) | AuditFault::PutIn(_))
        }),
        ("DELETE FROM setting WHERE name = 'audit_head'", |fault| matches!(fault, AuditFault::PutIn(_))),
        ("UPDATE audit_event SET version = 9 WHERE number = 2", |fault| {
            matches!(fault, AuditFault::Altered { number: 2, .. })
        }),
        ("UPDATE audit_event SET origin = '{}' WHERE number = 2", |fault| {
            matches!(fault, AuditFault::Altered { number: 2, .. })
        }),
        ("UPDATE audit_event SET origin = NULL, origin_digest = NULL WHERE number = 3", |fault| {
            matches!(fault, AuditFault::Altered { number: 3, .. })
        }),
        (
            "UPDATE event SET address = '192.0.2.9' WHERE id = (SELECT event_id FROM audit_event WHERE number = 3)",
            |fault| matches!(fault, AuditFault::Untold { number: 3, .. }),
        ),
        (
            "UPDATE event SET client_id = 'other' WHERE id IN (SELECT event_id FROM audit_event WHERE action = 'client.create')",
            |fault| matches!(fault, AuditFault::Untold { .. }),
        ),
        ("UPDATE event SET outcome = 'refused' WHERE kind = 'change'", |fault| {
            matches!(fault, AuditFault::Untold { number: 1, .. })
        }),
        ("UPDATE audit_event SET origin = '{\"erased\":true}', salt = NULL WHERE number = 3", |fault| {
            matches!(fault, AuditFault::Altered { .. } | AuditFault::Untold { .. } | AuditFault::Emptied { .. })
        }),
        (
            "INSERT INTO audit_event (id, at, actor, action, target_kind, target_id, number) \
             SELECT account.id, 1800000030, 'admin', 'client.update', 'client', 'web', -1 FROM account WHERE username = 'alice'",
            |fault| matches!(fault, AuditFault::PutIn(_)),
        ),
        (
            "INSERT INTO audit_event (id, at, actor, action, target_kind, target_id) \
             SELECT account.id, 65, 'admin', 'client.update', 'client', 'web' FROM account WHERE username = 'alice'",
            |fault| matches!(fault, AuditFault::PutIn(_)),
        ),
        ("DELETE FROM event WHERE id = (SELECT event_id FROM audit_event WHERE number = 4)", |fault| {
            matches!(fault, AuditFault::Untold { number: 4, .. })
        }),
    ];
    for (deed, is_found) in cases {
        let server = server.another().await;
        change(&server, "Your mail").await;
        assert_eq!(verify(&server).await.fault, None);
        // MySQL escapes by backslashes and quotes by backticks.
        let deed = match server.database.kind() {
            Kind::MySql => deed.replace("\"after\"", "`after`"),
            Kind::Sqlite => deed.replace("CONCAT('6', SUBSTR(value, 3))", "'6' || SUBSTR(value, 3)"),
            Kind::Postgres => deed.to_owned(),
        };
        execute(server.database.url(), &deed).await;
        let fault = verify(&server).await.fault;
        assert!(fault.as_ref().is_some_and(is_found), "{deed}: {fault:?}");
    }
    // A change that is put in without a number.
    server.clock.advance(60);
    run(
        &server,
        "INSERT INTO audit_event (id, at, actor, action, target_kind, target_id) \
         SELECT account.id, 1800000030, 'admin', 'user.update', 'user', 'x' FROM account",
    )
    .await;
    assert!(matches!(verify(&server).await.fault, Some(AuditFault::PutIn(_))));
}

async fn an_event_of_a_change_that_there_is_not_is_found(server: Server) {
    server.clock.advance(60);
    server.create_user("late").await;
    assert_eq!(verify(&server).await.fault, None);
    run(
        &server,
        "INSERT INTO event (id, at, kind, outcome, count, facts) \
         SELECT account.id, 1800000060, 'change', 'ok', 1, '{}' FROM account WHERE username = 'late'",
    )
    .await;
    assert!(matches!(verify(&server).await.fault, Some(AuditFault::Invented(_))));
    // The newest changes, cut off together with the head, leave their events.
    let server = server.another().await;
    let before = verify(&server).await.head;
    server.clock.advance(60);
    change(&server, "Your mail").await;
    run(&server, &format!("DELETE FROM audit_event WHERE number > {}", before.number)).await;
    run(&server, &format!("UPDATE setting SET value = '{before}' WHERE name = 'audit_head'")).await;
    assert!(matches!(verify(&server).await.fault, Some(AuditFault::Invented(_))));
}

async fn what_was_erased_with_a_person_is_no_fault(server: Server) {
    server.create_user("bob").await;
    let erased = server.idp.find_user_by_name("bob").await.unwrap().unwrap().subject;
    let bob = erased.clone();
    server.idp.set_password(&Actor::admin(), &bob, "another password").await.unwrap();
    server.idp.delete_user(&Actor::admin(), &bob).await.unwrap();
    let before = verify(&server).await;
    assert_eq!((before.fault, before.erased), (None, 0));
    let entry = server.idp.bin(None, 10).await.unwrap().rows.remove(0);
    server.idp.erase(&Actor::admin(), &entry.id).await.unwrap();
    let after = verify(&server).await;
    assert_eq!((after.fault, after.erased, after.changes), (None, 2, before.changes + 2));
    // The marker hides no other change.
    let other = server.another().await;
    other.create_user("bob").await;
    let bob = other.idp.find_user_by_name("bob").await.unwrap().unwrap().subject;
    let quote = if other.database.kind() == Kind::MySql { '`' } else { '"' };
    let hide = format!(
        "UPDATE audit_event SET {quote}after{quote} = '{{\"erased\":\"{bob}\"}}' WHERE action = 'client.create' AND target_id = 'web'"
    );
    execute(other.database.url(), &hide).await;
    other.idp.delete_user(&Actor::admin(), &bob).await.unwrap();
    let entry = other.idp.bin(None, 10).await.unwrap().rows.remove(0);
    other.idp.erase(&Actor::admin(), &entry.id).await.unwrap();
    assert!(matches!(verify(&other).await.fault, Some(AuditFault::Altered { .. })));
    // No other change is emptied unseen, of whomever it is: neither its words nor the request that it came from.
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    run(&server, "CREATE TABLE kept AS SELECT id, \"after\" AS words, origin AS came FROM audit_event").await;
    for (column, change) in [
        ("after", format!("target_id = '{alice}' AND action = 'user.create'")),
        ("origin", format!("target_id = '{erased}' AND action = 'user.create'")),
        ("after", "action = 'client.create' AND target_id = 'web'".to_owned()),
    ] {
        let empty = format!("UPDATE audit_event SET \"{column}\" = '{{|erased|:true}}' WHERE {change}");
        run(&server, &empty).await;
        let fault = verify(&server).await.fault;
        assert!(matches!(fault, Some(AuditFault::Emptied { .. } | AuditFault::Untold { .. })), "{change}: {fault:?}");
        let back = "\"after\" = (SELECT words FROM kept WHERE kept.id = audit_event.id), \
                    origin = (SELECT came FROM kept WHERE kept.id = audit_event.id)";
        run(&server, &format!("UPDATE audit_event SET {back} WHERE {change}")).await;
        assert_eq!(verify(&server).await.fault, None, "{change}");
    }
}

async fn changes_from_before_the_chain_are_no_part_of_it(server: Server) {
    // As a server of an earlier version left them.
    run(
        &server,
        "UPDATE audit_event SET number = NULL, content = NULL, digest = NULL, version = NULL, event_id = NULL",
    )
    .await;
    run(&server, "DELETE FROM setting WHERE name = 'audit_head'").await;
    server.clock.advance(60);
    change(&server, "Your mail").await;
    let report = verify(&server).await;
    assert_eq!((report.fault, report.changes, report.head.number), (None, 1, 1));
    assert!(report.unchained > 5, "{}", report.unchained);
}

#[tokio::test]
async fn the_head_is_in_the_metrics() {
    let server = Server::start().await;
    let before = server.idp.audit_head().await.unwrap();
    change(&server, "Your mail").await;
    let head = server.idp.audit_head().await.unwrap();
    assert_eq!(head.number, before.number + 1);
    for _ in 0..2 {
        let request = axum::http::Request::get("/metrics").header("x-admin-token", crate::server::ADMIN_TOKEN);
        let metrics = server.send(request.body(axum::body::Body::empty()).unwrap()).await.body;
        let lines: Vec<_> = metrics.lines().filter(|line| line.starts_with("signet_audit_head{")).collect();
        assert_eq!(lines, [format!("signet_audit_head{{digest=\"{}\"}} {}", head.digest, head.number)]);
    }
}

#[tokio::test]
async fn no_secret_is_in_the_record() {
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "more", |_, _| {}).await;
    for column in ["before", "after"] {
        let sql = format!("SELECT COALESCE(\"{column}\", '') FROM audit_event");
        for document in texts(server.database.url(), &sql).await {
            assert!(!document.contains(crate::server::SECRET) && !document.contains("argon2"), "{document}");
        }
    }
}
