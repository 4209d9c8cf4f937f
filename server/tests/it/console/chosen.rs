//! Deeds to many clients or users at once, from their lists.

use axum::http::StatusCode;
use idp::outbound::OutboundOptions;
use idp::testing::texts;
use oauth::id::{ClientId, Subject};

use super::lists::names;
use super::questions::press;
use super::{done, is_in_frame};
use crate::browser::Browser;
use crate::concurrency::on_every_database;
use crate::server::{Server, text};

on_every_database!(clients_are_disabled_enabled_and_deleted_together, users_are_disabled_revoked_and_deleted_together);

async fn changes(server: &Server, action: &str) -> Vec<String> {
    let sql = format!("SELECT target_id FROM audit_event WHERE action = '{action}' ORDER BY target_id");
    texts(server.database.url(), &sql).await
}

async fn is_enabled(server: &Server, id: &str) -> bool {
    server.idp.get_client(&ClientId::new(id)).await.unwrap().client.enabled
}

async fn clients_are_disabled_enabled_and_deleted_together(server: Server) {
    let tokens = server.tokens("openid offline_access").await;
    let mut console = server.console().await;
    // The buttons and boxes of the list lead to the question, and the question back to the same part of the list.
    let list = console.get("/admin/ui/clients?sort=-name&status=active").await;
    assert!(
        list.body.contains("action=\"/admin/ui/chosen/clients\"") && list.body.contains("name=\"id\" value=\"web\"")
    );
    assert!(
        list.body.contains("name=\"do\" value=\"disable\"") && list.body.contains("aria-label=\"Choose The web app\"")
    );
    let question = console
        .get("/admin/ui/chosen/clients?sort=-name&status=active&id=web&id=spa&id=web&id=nobody&do=disable")
        .await;
    assert!(is_in_frame(&question) && question.body.contains("2 clients. "), "{}", question.body);
    assert!(
        question.body.contains("The web app")
            && question.body.contains("The spa app")
            && !question.body.contains("The job")
    );
    assert!(question.body.contains("href=\"/admin/ui/clients?status=active&amp;sort=-name\""), "{}", question.body);
    assert!(is_enabled(&server, "web").await, "nothing is done by asking");
    let answer = press(&mut console, &question).await;
    assert!(
        answer.location().starts_with("/admin/ui/clients?status=active&sort=-name&done=many_disabled.2"),
        "{}",
        answer.location()
    );
    let list = done(&mut console, &answer, "2 disabled.").await;
    assert_eq!(names(&list), ["The job app"]);
    assert_eq!(changes(&server, "client.update").await, ["spa", "web"], "a change for each");
    assert_eq!(server.refresh(&tokens).await.error().1, "invalid_client");

    let question = console.get("/admin/ui/chosen/clients?id=web&id=spa&id=job&do=enable").await;
    assert!(
        question.body.contains("2 clients. ") && question.body.contains("1 other is so already."),
        "{}",
        question.body
    );
    let answer = press(&mut console, &question).await;
    done(&mut console, &answer, "2 enabled.").await;
    assert_eq!(server.refresh(&tokens).await.status, StatusCode::OK);

    let question = console.get("/admin/ui/chosen/clients?id=web&do=revoke").await;
    let answer = press(&mut console, &question).await;
    done(&mut console, &answer, "Tokens of 1 revoked.").await;
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);

    // One was changed since the question: it is asked about again, and the others are gone.
    let question = console.get("/admin/ui/chosen/clients?id=web&id=spa&id=job&do=delete").await;
    server.set_policy("spa", &serde_json::json!({ "consent_policy": "always" })).await;
    let again = press(&mut console, &question).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.body.contains("It was done to 2.") && again.body.contains("The spa app"), "{}", again.body);
    assert!(!again.body.contains("The job app"));
    assert!(server.idp.get_client(&ClientId::new("spa")).await.is_ok());
    let answer = press(&mut console, &again).await;
    done(&mut console, &answer, "1 deleted.").await;
    assert_eq!(server.idp.count_clients().await.unwrap(), 0);
    assert_eq!(server.idp.bin(None, 10).await.unwrap().rows.len(), 3, "they can be restored");
    assert_eq!(server.idp.verify_audit(None).await.unwrap().fault, None);
}

async fn subject(server: &Server, name: &str) -> Subject {
    server.idp.find_user_by_name(name).await.unwrap().unwrap().subject
}

async fn ask(console: &mut Browser<'_>, subjects: &[&Subject], deed: &str) -> crate::browser::Answer {
    let ids: String = subjects.iter().map(|subject| format!("id={subject}&")).collect();
    console.get(&format!("/admin/ui/chosen/users?{ids}do={deed}")).await
}

async fn users_are_disabled_revoked_and_deleted_together(server: Server) {
    server.create_user("bob").await;
    let (alice, bob) = (subject(&server, "alice").await, subject(&server, "bob").await);
    let mut browser = server.signed_in().await;
    let mut console = server.console().await;
    let question = ask(&mut console, &[&alice, &bob], "revoke").await;
    assert!(question.body.contains("2 users. ") && question.body.contains("Their sessions end"), "{}", question.body);
    let answer = press(&mut console, &question).await;
    done(&mut console, &answer, "Tokens of 2 revoked.").await;
    assert_eq!(browser.silently(&[]).await, "login_required");
    assert_eq!(changes(&server, "user.revoke_tokens").await.len(), 2);

    let question = ask(&mut console, &[&alice, &bob], "disable").await;
    // Somebody else renames one, and deletes the other.
    let draft = oauth::user::UserDraft::from(&server.idp.get_user(&alice).await.unwrap().user);
    let draft = oauth::user::UserDraft { username: "alicia".to_owned(), ..draft };
    let change = idp::UserChange { profile: Some(draft), ..idp::UserChange::default() };
    server.idp.update_user(&idp::Actor::admin(), &alice, None, &change).await.unwrap();
    server.idp.delete_user(&idp::Actor::admin(), &bob).await.unwrap();
    let again = press(&mut console, &question).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.body.contains("It was done to 0.") && again.body.contains("alicia"), "{}", again.body);
    assert!(server.idp.get_user(&alice).await.unwrap().user.enabled);
    let answer = press(&mut console, &again).await;
    done(&mut console, &answer, "1 disabled.").await;
    assert!(!server.idp.get_user(&alice).await.unwrap().user.enabled);
    let question = ask(&mut console, &[&alice], "delete").await;
    let answer = press(&mut console, &question).await;
    done(&mut console, &answer, "1 deleted.").await;
    assert_eq!(server.idp.count_users().await.unwrap(), 0);
}

#[tokio::test]
async fn the_buttons_for_ticked_rows_stay_in_sight_and_speak_of_this_page() {
    let server = Server::start().await;
    server.signed_in().await;
    let mut console = server.console().await;
    for list in ["clients", "users", "sessions"] {
        let page = console.get(&format!("/admin/ui/{list}")).await;
        let bar = page.body.split("class=\"foot ticked\"").nth(1).unwrap_or_else(|| panic!("{list}: {}", page.body));
        assert!(bar.contains("Those ticked on this page:"), "{list}");
        assert!(page.body.contains("data-ticked"), "{list}: a script puts the number there");
    }
}

#[tokio::test]
async fn nothing_chosen_and_nonsense_lead_back_to_the_list() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for list in ["clients", "users"] {
        for query in [
            "",
            "do=delete",
            "id=web",
            "do=explode&id=web",
            "do=delete&id=nobody",
            "do=delete&id=%00",
            "do=enable&id=nobody",
        ] {
            let answer = console.get(&format!("/admin/ui/chosen/{list}?{query}")).await;
            assert!(answer.location().starts_with(&format!("/admin/ui/{list}?done=nothing_chosen")), "{list} {query}");
        }
        let long = "x".repeat(300);
        for fields in [
            &[("id", "web"), ("version", "1")][..],
            &[("do", "explode"), ("id", "web"), ("version", "1")],
            &[("do", "delete"), ("id", "nobody"), ("version", "1")],
            &[("do", "delete"), ("id", &long), ("version", "1")],
            &[("do", "delete")],
        ] {
            let answer = console.post(&format!("/admin/ui/chosen/{list}"), fields).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{list} {fields:?}");
        }
    }
    // Without the version in which it was shown, nothing that needs one is done.
    let answer = console.post("/admin/ui/chosen/clients", &[("do", "delete"), ("id", "web")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(server.idp.count_clients().await.unwrap(), 3);
    let stranger = server.browser().post("/admin/ui/chosen/clients", &[("do", "delete"), ("id", "web")]).await;
    assert_ne!(stranger.status, StatusCode::CONFLICT);
    assert_eq!(server.idp.count_clients().await.unwrap(), 3);
}

#[tokio::test]
async fn a_page_of_two_hundred_is_done_at_once_and_no_more() {
    let server = Server::start().await;
    for number in 0..205 {
        server.create_client(oauth::client::ClientKind::Spa, &format!("fleet-{number:03}"), |_, _| {}).await;
    }
    let mut console = server.console().await;
    let ids: String = (0..205).map(|number| format!("id=fleet-{number:03}&")).collect();
    let question = console.get(&format!("/admin/ui/chosen/clients?{ids}do=delete")).await;
    assert!(question.body.contains("200 clients. "), "{}", question.body);
    let answer = press(&mut console, &question).await;
    done(&mut console, &answer, "200 deleted.").await;
    assert_eq!(server.idp.count_clients().await.unwrap(), 8);
}

#[tokio::test]
async fn what_is_so_already_is_said_so() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    for (list, ids, said) in [
        ("clients", "id=spa".to_owned(), "Nothing was done: what you ticked is enabled already."),
        ("clients", "id=spa&id=web".to_owned(), "Nothing was done: the 2 that you ticked are enabled already."),
        ("users", format!("id={alice}"), "Nothing was done: what you ticked is enabled already."),
    ] {
        let answer = console.get(&format!("/admin/ui/chosen/{list}?{ids}&do=enable")).await;
        assert!(answer.location().starts_with(&format!("/admin/ui/{list}?done=already_enabled.")), "{list} {ids}");
        done(&mut console, &answer, said).await;
    }
    let question = console.get("/admin/ui/chosen/clients?id=spa&do=disable").await;
    press(&mut console, &question).await;
    let answer = console.get("/admin/ui/chosen/clients?id=spa&do=disable&sort=-name").await;
    assert_eq!(answer.location(), "/admin/ui/clients?sort=-name&done=already_disabled.1");
    done(&mut console, &answer, "is disabled already.").await;
}

#[tokio::test]
async fn pages_say_for_how_long_the_bin_keeps_what_they_delete() {
    for (days, said) in [("30", "for 30 days, and"), ("1", "for 1 day, and"), ("0", "erased at once and for ever")] {
        let server = Server::start()
            .await
            .with_settings(&[("BIN_DAYS", days), ("RATE_LIMITS", "off")], OutboundOptions::default())
            .await;
        let mut console = server.console().await;
        let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
        for page in [
            "/admin/ui/clients/web/danger".to_owned(),
            format!("/admin/ui/users/{alice}/danger"),
            "/admin/ui/scopes/edit?name=email".to_owned(),
            "/admin/ui/chosen/clients?id=web&do=delete".to_owned(),
            format!("/admin/ui/chosen/users?id={alice}&do=delete"),
        ] {
            let answer = console.get(&page).await;
            assert_eq!(answer.status, StatusCode::OK, "{page}");
            let main = answer.body.split("<main").nth(1).unwrap();
            assert!(main.contains(said), "{days} {page}: {main}");
            assert_eq!(main.contains("recycle bin"), days != "0", "{days} {page}");
        }
        let bin = console.get("/admin/ui/bin").await;
        assert_eq!(bin.body.contains("that you delete are erased at once and for ever."), days == "0", "{}", bin.body);
        assert_eq!(bin.body.contains("that you delete lie here for 30 days."), days == "30", "{}", bin.body);
    }
}
