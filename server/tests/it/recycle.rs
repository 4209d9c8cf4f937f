//! The recycle bin: what lies there is dead, what is restored is as it was, and what leaves it is erased.

use axum::http::StatusCode;
use idp::store::Store;
use idp::testing::{Kind, execute, texts};
use idp::{Actor, AppSecret, BinEntry, BinKind, Idp, Options, SaveError, Tunables};
use oauth::field::FieldProblem;
use oauth::id::{ClientId, Issuer, Subject};
use oauth::scope::ScopeDraft;
use serde_json::{Value, json};

use crate::console::lists::way;
use crate::names::call;
use crate::server::{ISSUER, PASSWORD, SECRET, Server, text};

crate::concurrency::on_every_database!(
    a_client_is_restored_with_its_secrets_and_consents,
    a_user_is_restored_with_password_and_consents,
    what_somebody_allowed_is_for_the_client_that_they_allowed_it,
    a_scope_is_restored_as_the_one_that_was_agreed_about,
    what_has_a_name_that_was_taken_meanwhile_stays_in_the_bin,
    who_leaves_the_bin_is_erased_but_for_a_tombstone,
    their_own_deeds_leave_no_address_behind,
    what_has_lain_its_days_is_swept,
    without_a_bin_deleting_erases_at_once,
);

async fn only(server: &Server) -> BinEntry {
    let mut rows = server.idp.bin(None, 10).await.unwrap().rows;
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

async fn restore(server: &Server) -> BinEntry {
    let entry = only(server).await;
    server.idp.restore(&Actor::admin(), &entry.id).await.unwrap();
    assert!(server.idp.bin(None, 10).await.unwrap().rows.is_empty());
    assert_eq!(server.idp.verify_audit(None).await.unwrap().fault, None);
    entry
}

async fn alice(server: &Server) -> Subject {
    server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject
}

/// True when alice is asked nothing for these scopes.
async fn is_remembered(server: &Server, scope: &str) -> bool {
    let mut browser = server.signed_in().await;
    browser.silently(&[("scope", scope)]).await.is_empty()
}

async fn a_client_is_restored_with_its_secrets_and_consents(server: Server) {
    let tokens = server.tokens("openid email offline_access").await;
    let web = ClientId::new("web");
    let version = server.idp.get_client(&web).await.unwrap().version;
    server.idp.delete_client(&Actor::admin(), &web).await.unwrap();
    // It is dead.
    assert_eq!(server.refresh(&tokens).await.error().1, "invalid_client");
    assert!(server.idp.find_client(&web).await.unwrap().is_none());
    let page = server.signed_in().await.get(&crate::browser::Browser::request(&[])).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    let stored = texts(server.database.url(), "SELECT document FROM bin").await;
    assert!(!stored[0].contains(SECRET), "digests only");
    let entry = restore(&server).await;
    assert_eq!((entry.kind, entry.target.as_str(), entry.name.as_str()), (BinKind::Client, "web", "The web app"));
    // Its secret is good and what people allowed it is remembered; its tokens are gone.
    assert!(is_remembered(&server, "openid email").await);
    assert_eq!(server.refresh(&tokens).await.error().1, "invalid_grant");
    let code = server.signed_in().await.authorize(&[("scope", "openid email")]).await;
    assert_eq!(server.redeem(&code).await.status, StatusCode::OK);
    // A form that was opened before is stale, and it is found in the list.
    assert!(server.idp.get_client(&web).await.unwrap().version > version);
    assert!(server.console().await.search("The web").await.body.contains("The web app"));
}

async fn a_user_is_restored_with_password_and_consents(server: Server) {
    let tokens = server.tokens("openid email offline_access").await;
    let subject = alice(&server).await;
    server.idp.delete_user(&Actor::admin(), &subject).await.unwrap();
    let answer = server.browser().post("/login", &[("username", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert_eq!(server.refresh(&tokens).await.error().1, "invalid_grant");
    assert!(server.idp.get_user(&subject).await.is_err());
    assert!(!server.console().await.search("alice").await.body.contains("alice"), "nothing finds them");
    let entry = restore(&server).await;
    assert_eq!((entry.kind, entry.target.as_str(), entry.name.as_str()), (BinKind::User, subject.as_str(), "alice"));
    assert!(is_remembered(&server, "openid email").await, "signs in with the password as it was");
    assert_eq!(server.refresh(&tokens).await.error().1, "invalid_grant");
    let by_address =
        server.browser().post("/login", &[("username", "alice@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(by_address.status, StatusCode::SEE_OTHER);
    assert!(server.console().await.search("alice").await.body.contains("alice"));
}

/// Another client of the same ID gets nothing of it, and what was withdrawn meanwhile does not come back.
async fn what_somebody_allowed_is_for_the_client_that_they_allowed_it(server: Server) {
    let web = ClientId::new("web");
    server.tokens("openid email").await;
    let subject = alice(&server).await;
    server.idp.delete_user(&Actor::admin(), &subject).await.unwrap();
    server.idp.delete_client(&Actor::admin(), &web).await.unwrap();
    server.clock.advance(10);
    server.create_client(oauth::client::ClientKind::Web, "web", |_, _| {}).await;
    let back = async || {
        let entries = server.idp.bin(None, 10).await.unwrap().rows;
        let user = entries.iter().find(|entry| entry.kind == BinKind::User).unwrap();
        server.idp.restore(&Actor::admin(), &user.id).await.unwrap();
    };
    back().await;
    assert!(!is_remembered(&server, "openid email").await, "it is another client");
    server.tokens("openid email").await;
    assert!(is_remembered(&server, "openid email").await);
    server.idp.delete_user(&Actor::admin(), &subject).await.unwrap();
    assert_eq!(server.idp.withdraw_consents_of_client(&Actor::admin(), &web).await.unwrap(), 1);
    back().await;
    assert!(!is_remembered(&server, "openid email").await, "it was withdrawn");
}

async fn a_scope_is_restored_as_the_one_that_was_agreed_about(server: Server) {
    server.tokens("openid email").await;
    server.idp.delete_scope(&Actor::admin(), "email").await.unwrap();
    let entry = restore(&server).await;
    assert_eq!((entry.kind, entry.target.as_str()), (BinKind::Scope, "email"));
    assert!(is_remembered(&server, "openid email").await, "it is the same scope");
    // One that is made under its name is another.
    server.idp.delete_scope(&Actor::admin(), "email").await.unwrap();
    let again = ScopeDraft { name: "email".into(), description: "E".into(), claims: "email".into() };
    server.idp.create_scope(&Actor::admin(), &again).await.unwrap();
    assert!(!is_remembered(&server, "openid email").await);
}

async fn what_has_a_name_that_was_taken_meanwhile_stays_in_the_bin(server: Server) {
    let admin = Actor::admin();
    let taken = |refused: Result<BinEntry, SaveError>, field: &str| match refused {
        Err(SaveError::Invalid(errors)) => assert_eq!(errors.find(field), Some(&FieldProblem::Taken)),
        other => panic!("{other:?}"),
    };
    // A user name, and an address.
    let subject = alice(&server).await;
    server.idp.delete_user(&admin, &subject).await.unwrap();
    let alice_entry = only(&server).await;
    server.create_user("alice").await;
    let other = alice(&server).await;
    assert_ne!(other, subject, "nobody gets the subject");
    taken(server.idp.restore(&admin, &alice_entry.id).await, "username");
    assert_eq!(alice(&server).await, other);
    let body = json!({ "username": "carol" });
    assert_eq!(call(&server, "PATCH", &format!("/admin/users/{other}"), body).await.status, StatusCode::OK);
    taken(server.idp.restore(&admin, &alice_entry.id).await, "email");
    server.idp.delete_user(&admin, &other).await.unwrap();
    server.idp.restore(&admin, &alice_entry.id).await.unwrap();
    assert_eq!(alice(&server).await, subject);
    // A client.
    server.idp.delete_client(&admin, &ClientId::new("spa")).await.unwrap();
    let spa = server.idp.bin(None, 1).await.unwrap().rows.remove(0);
    server.create_client(oauth::client::ClientKind::Spa, "spa", |_, _| {}).await;
    taken(server.idp.restore(&admin, &spa.id).await, "client_id");
    // In the console it is said in a sentence.
    let mut console = server.console().await;
    let page = console.post("/admin/ui/bin/restore", &[("id", &spa.id)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("another client has that ID by now"), "{}", page.body);
    // A scope.
    server.idp.delete_scope(&admin, "phone").await.unwrap();
    let phone = server.idp.bin(None, 1).await.unwrap().rows.remove(0);
    let again = ScopeDraft { name: "phone".into(), description: "P".into(), claims: String::new() };
    server.idp.create_scope(&admin, &again).await.unwrap();
    taken(server.idp.restore(&admin, &phone.id).await, "name");
    assert!(server.idp.get_bin_entry(&phone.id).await.is_ok(), "it stays in the bin");
}

/// All that is stored of somebody, as texts.
async fn said(server: &Server) -> String {
    let mut all = Vec::new();
    for (table, columns) in [
        ("audit_event", &["before", "after", "origin"][..]),
        ("event", &["facts", "address", "agent", "scope"]),
        ("bin", &["document", "name"]),
        ("bin_consent", &["scope"]),
        ("account", &["username"]),
    ] {
        for column in columns {
            let quote = if server.database.kind() == Kind::MySql { '`' } else { '"' };
            let sql = format!("SELECT COALESCE({quote}{column}{quote}, '') FROM {table}");
            all.extend(texts(server.database.url(), &sql).await);
        }
    }
    all.join("\n")
}

async fn bob(server: &Server) -> Subject {
    let body = json!({
        "username": "bobby", "password": PASSWORD, "email": "bob@secret.example", "claims": { "nickname": "Bob the 1st" },
    });
    let bob = call(server, "POST", "/admin/users", body).await.json();
    let subject = text(&bob, "id").to_owned();
    call(server, "PATCH", &format!("/admin/users/{subject}"), json!({ "claims": { "birthdate": "1977-07-07" } })).await;
    Subject::new(subject)
}

const PERSONAL: [&str; 4] = ["bobby", "secret.example", "Bob the 1st", "1977-07-07"];

async fn who_leaves_the_bin_is_erased_but_for_a_tombstone(server: Server) {
    let subject = bob(&server).await;
    let path = format!("/admin/users/{subject}");
    let mut browser = server.browser();
    assert_eq!(browser.post("/login", &[("username", "bobby"), ("password", PASSWORD)]).await.location(), "/");
    browser.authorize(&[("scope", "openid phone offline_access")]).await;
    let held = call(&server, "GET", &format!("/admin/grants?user={subject}"), Value::Null).await.json();
    let revoke = format!("/admin/grants/{}", text(&held[0], "id"));
    assert_eq!(call(&server, "DELETE", &revoke, Value::Null).await.status, StatusCode::OK);
    browser.authorize(&[("scope", "openid phone offline_access")]).await;
    let all = call(&server, "DELETE", &format!("/admin/grants?client=web&user={subject}"), Value::Null).await.json();
    assert_eq!(all["revoked"], 1);
    let imported = |kind: &str, id: &str| {
        format!("INSERT INTO imported (kind, id, source, mark, imported_at) VALUES ('{kind}', '{id}', 's', 'm', 1)")
    };
    for row in [imported("user", subject.as_str()), imported("consent", &format!("{subject} web"))] {
        execute(server.database.url(), &row).await;
    }
    assert_eq!(call(&server, "DELETE", &path, Value::Null).await.status, StatusCode::OK);
    assert!(said(&server).await.contains("secret.example"), "it can be restored");
    let quote = if server.database.kind() == Kind::MySql { "`" } else { "\"" };
    let revoked = "SELECT CONCAT(COALESCE(\"before\", ''), COALESCE(\"after\", '')) FROM audit_event WHERE action = 'client.revoke_grants'";
    let revoked = if server.database.kind() == Kind::Sqlite {
        "SELECT COALESCE(\"before\", '') || COALESCE(\"after\", '') FROM audit_event WHERE action = 'client.revoke_grants'"
    } else {
        revoked
    };
    let tied = "SELECT client_id FROM event WHERE kind = 'change' AND account_id IS NOT NULL AND client_id IS NOT NULL";
    assert_eq!(texts(server.database.url(), tied).await, ["web", "web"], "the grants that were revoked");
    let mut console = server.console().await;
    let entry = only(&server).await;
    let question = console.get(&format!("/admin/ui/bin/erase?id={}", entry.id)).await;
    assert!(question.body.contains("never given to anybody else"), "{}", question.body);
    let erased = console.post("/admin/ui/bin/erase", &[("id", &entry.id)]).await;
    assert_eq!(erased.location(), "/admin/ui/bin?done=erased");
    // An event may have been on its way.
    server.idp.flush_activity().await;
    server.idp.sweep().await.unwrap();
    let said = said(&server).await;
    assert!(!said.contains("openid phone offline_access"), "{said}");
    assert!(texts(server.database.url(), tied).await.is_empty(), "nothing says which client was theirs");
    let of_client = texts(server.database.url(), &revoked.replace('"', quote)).await;
    assert!(of_client.len() == 1 && !of_client[0].contains(subject.as_str()), "{of_client:?}");
    assert!(texts(server.database.url(), "SELECT id FROM imported WHERE source = 's'").await.is_empty());
    for personal in PERSONAL {
        assert!(!said.contains(personal), "{personal}: {said}");
    }
    assert!(said.contains("Alice"), "alice is there");
    assert_eq!(texts(server.database.url(), "SELECT 'there' FROM tombstone").await, ["there"]);
    assert_eq!(server.idp.verify_audit(None).await.unwrap().fault, None);
    // Not again.
    assert_eq!(console.post("/admin/ui/bin/erase", &[("id", &entry.id)]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(console.post("/admin/ui/bin/restore", &[("id", &entry.id)]).await.status, StatusCode::NOT_FOUND);
}

async fn their_own_deeds_leave_no_address_behind(server: Server) {
    server.tokens("openid").await;
    let (subject, web) = (alice(&server).await, ClientId::new("web"));
    let story = idp::activity::Story::new(Some([192, 0, 2, 7].into()), Some("a browser of her own"));
    let withdraw = async { server.idp.withdraw_consent(&Actor::user(), &subject, &web).await.unwrap() };
    story.scope(withdraw).await;
    assert!(said(&server).await.contains("192.0.2.7"));
    server.idp.delete_user(&Actor::admin(), &subject).await.unwrap();
    server.idp.erase(&Actor::admin(), &only(&server).await.id).await.unwrap();
    let said = said(&server).await;
    assert!(!said.contains("192.0.2.7") && !said.contains("a browser of her own"), "{said}");
    assert_eq!(server.idp.verify_audit(None).await.unwrap().fault, None);
}

async fn what_has_lain_its_days_is_swept(server: Server) {
    let admin = Actor::admin();
    bob(&server).await;
    let bob = server.idp.find_user_by_name("bobby").await.unwrap().unwrap().subject;
    server.idp.delete_user(&admin, &bob).await.unwrap();
    server.idp.delete_client(&admin, &ClientId::new("web")).await.unwrap();
    server.idp.delete_scope(&admin, "phone").await.unwrap();
    server.clock.advance(30 * 86_400 - 1);
    server.idp.sweep().await.unwrap();
    let rows = server.idp.bin(None, 10).await.unwrap().rows;
    assert_eq!(rows.len(), 3);
    server.clock.advance(1);
    // They cannot be restored from now on, swept or not.
    assert!(server.idp.bin(None, 10).await.unwrap().rows.is_empty());
    assert!(matches!(server.idp.restore(&admin, &rows[0].id).await, Err(SaveError::NotFound)));
    server.idp.sweep().await.unwrap();
    assert!(texts(server.database.url(), "SELECT name FROM bin").await.is_empty());
    let said = said(&server).await;
    assert!(PERSONAL.iter().all(|personal| !said.contains(personal)), "{said}");
    assert_eq!(server.idp.verify_audit(None).await.unwrap().fault, None);
}

async fn without_a_bin_deleting_erases_at_once(server: Server) {
    let store = Store::connect(server.database.url(), 4).await.unwrap();
    let options = Options {
        issuer: Issuer::parse(ISSUER).unwrap(),
        app_secret: AppSecret::parse("0123456789abcdef0123456789abcdef").unwrap(),
        tunables: Tunables { bin_retention: 0, ..Tunables::default() },
        outbound: idp::outbound::OutboundOptions::default(),
    };
    let node = Idp::open(store, server.clock.clone(), options).await.unwrap();
    let server = server.on(&node);
    let subject = bob(&server).await;
    node.delete_user(&Actor::admin(), &subject).await.unwrap();
    node.delete_client(&Actor::admin(), &ClientId::new("web")).await.unwrap();
    assert!(texts(server.database.url(), "SELECT name FROM bin").await.is_empty());
    let said = said(&server).await;
    assert!(PERSONAL.iter().all(|personal| !said.contains(personal)), "{said}");
    assert_eq!(node.verify_audit(None).await.unwrap().fault, None);
    let page = server.console().await.get("/admin/ui/bin").await;
    assert!(page.body.contains("Nothing is kept"), "{}", page.body);
}

#[tokio::test]
async fn the_bin_is_shown_a_stretch_at_a_time() {
    let server = Server::start().await;
    for number in 0..51 {
        let draft = ScopeDraft { name: format!("s{number}"), description: "S".into(), claims: String::new() };
        server.idp.create_scope(&Actor::admin(), &draft).await.unwrap();
        server.idp.delete_scope(&Actor::admin(), &draft.name).await.unwrap();
    }
    let mut console = server.console().await;
    let first = console.get("/admin/ui/bin").await;
    assert!(first.body.contains(">s50<") && !first.body.contains(">s0<"));
    let second = console.get(&way(&first, "Next").unwrap()).await;
    let third = console.get(&way(&second, "Next").unwrap()).await;
    assert!(third.body.contains(">s0<") && !third.body.contains(">s1<"), "{}", third.body);
    let back = console.get(&way(&third, "Previous").unwrap()).await;
    assert!(back.body.contains("26–50 of 51") && back.body.contains(">s1<"), "{}", back.body);
    // A place that is none.
    for odd in ["x", "%00", "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11x"] {
        assert_eq!(console.get(&format!("/admin/ui/bin?after={odd}")).await.status, StatusCode::OK, "{odd}");
        assert_eq!(console.get(&format!("/admin/ui/bin/erase?id={odd}")).await.status, StatusCode::NOT_FOUND, "{odd}");
    }
    let restored = console.post("/admin/ui/bin/restore", &[("id", &only_one(&server, "s7").await)]).await;
    assert_eq!(restored.location(), "/admin/ui/bin?done=restored");
    assert!(server.idp.get_scope("s7").await.is_ok());
}

async fn only_one(server: &Server, name: &str) -> String {
    let rows = server.idp.bin(None, 100).await.unwrap().rows;
    rows.into_iter().find(|row| row.name == name).unwrap().id
}

#[tokio::test]
async fn a_client_that_came_by_itself_is_not_kept() {
    let server = Server::start().await;
    execute(
        server.database.url(),
        "UPDATE client SET document = REPLACE(document, '\"origin\":\"administrator\"', '\"origin\":\"registration\"') \
         WHERE client_id = 'spa'",
    )
    .await;
    let spa = ClientId::new("spa");
    assert!(server.idp.get_client(&spa).await.unwrap().client.origin.is_dynamic());
    let page = server.console().await.get("/admin/ui/clients/spa/danger").await;
    assert!(page.body.contains("It came by itself"), "{}", page.body);
    server.idp.delete_client(&Actor::admin(), &spa).await.unwrap();
    assert!(server.idp.bin(None, 10).await.unwrap().rows.is_empty());
}

/// A form that was opened before is not about another thing of the same name.
#[tokio::test]
async fn what_is_made_again_goes_on_counting_its_versions() {
    let server = Server::start().await;
    let (admin, job) = (Actor::admin(), ClientId::new("job"));
    let version = server.idp.get_client(&job).await.unwrap().version;
    server.idp.delete_client(&admin, &job).await.unwrap();
    server.create_client(oauth::client::ClientKind::Machine, "job", |draft, _| draft.scope = String::new()).await;
    assert_eq!(server.idp.get_client(&job).await.unwrap().version, version + 1);
    let stale = server.idp.update_client(&admin, &job, Some(version), &idp::ClientChange::default()).await;
    assert!(matches!(stale, Err(SaveError::Stale)), "{stale:?}");
    // What comes back from the bin counts on from whatever had its name meanwhile.
    server.idp.delete_client(&admin, &job).await.unwrap();
    let first = server.idp.bin(None, 10).await.unwrap().rows.pop().unwrap();
    server.idp.restore(&admin, &first.id).await.unwrap();
    assert_eq!(server.idp.get_client(&job).await.unwrap().version, version + 2);
    let scope =
        |description: &str| ScopeDraft { name: "news".into(), description: description.into(), claims: String::new() };
    server.idp.create_scope(&admin, &scope("News")).await.unwrap();
    server.idp.delete_scope(&admin, "news").await.unwrap();
    server.idp.create_scope(&admin, &scope("Other news")).await.unwrap();
    let stale = server.idp.save_scope(&admin, &scope("News"), Some(1)).await;
    assert!(matches!(stale, Err(SaveError::Stale)), "{stale:?}");
}
