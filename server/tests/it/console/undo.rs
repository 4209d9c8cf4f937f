//! A change that is taken back from its page, and the history of what is not here any more.

use axum::http::StatusCode;
use idp::{Actor, ClientChange, Recordable, Target, UserChange};
use oauth::client::{ClientDraft, PolicyDraft};
use oauth::id::{ClientId, TrustId};
use oauth::scope::ScopeDraft;
use oauth::user::UserDraft;

use super::done;
use crate::admin_trusts::identity_provider;
use crate::server::{Server, text};

/// The changes of a thing, the newest first: their IDs.
async fn changes(server: &Server, target: &Target) -> Vec<String> {
    let found = server.idp.history(target, None, 100).await.unwrap();
    found.rows.into_iter().map(|change| change.id).collect()
}

async fn rename(server: &Server, name: &str) {
    let id = ClientId::new("web");
    let draft = ClientDraft::from(&server.idp.get_client(&id).await.unwrap().client);
    let change =
        ClientChange { client: Some(ClientDraft { client_name: name.to_owned(), ..draft }), ..ClientChange::default() };
    server.idp.update_client(&Actor::admin(), &id, None, &change).await.unwrap();
}

async fn name(server: &Server) -> String {
    server.idp.get_client(&ClientId::new("web")).await.unwrap().client.client_name
}

#[tokio::test]
async fn the_newest_change_is_undone_from_its_page() {
    let server = Server::start().await;
    let mut console = server.console().await;
    rename(&server, "First").await;
    rename(&server, "Second").await;
    let ids = changes(&server, &Target::new(Recordable::Client, "web")).await;
    let list = console.get("/admin/ui/clients/web/history").await.body;
    assert!(list.contains("Client name: First → Second"), "{list}");
    let address = |id: &str| format!("/admin/ui/clients/web/history/{id}");
    let page = console.get(&address(&ids[0])).await;
    assert!(page.body.contains("Undo this change") && !page.body.contains("Revert to this"), "{}", page.body);
    assert!(!page.body.contains("goes back, too"), "nothing was changed after it");
    assert!(page.body.contains(&format!("href=\"{}\"", address(&ids[1]))), "the change before: {}", page.body);
    assert_eq!(page.field("to"), "before");
    let version = page.field("version");
    let undone = console.post(&address(&ids[0]), &[("version", &version), ("to", "before")]).await;
    done(&mut console, &undone, "It is as it was before that change.").await;
    assert_eq!(name(&server).await, "First");
    // Then there is nothing to undo, and the way to it again is open.
    let page = console.get(&address(&ids[0])).await;
    assert!(!page.body.contains("Undo this change") && page.body.contains("Revert to this"), "{}", page.body);
    // An older one has both ways, and what was changed after it goes back with it.
    rename(&server, "Third").await;
    let page = console.get(&address(&ids[1])).await;
    for said in [
        "Undo this change",
        "Revert to this",
        "What was changed after it goes back, too.",
        &address(&ids[0]),
        &address(&ids[2]),
    ] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    // Somebody was here.
    let late = console.post(&address(&ids[1]), &[("version", &version), ("to", "before")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("Below is what undoing would do now") && late.body.contains("Third"), "{}", late.body);
    assert_eq!(name(&server).await, "Third");
    // What found nothing cannot be undone.
    let created = address(&ids[2]);
    assert!(!console.get(&created).await.body.contains("Undo this change"));
    let refused = console.post(&created, &[("version", &version), ("to", "before")]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_first_change_of_what_was_always_here_is_undone() {
    let server = Server::start().await;
    let (mut console, admin) = (server.console().await, Actor::admin());
    let defaults = server.idp.client_defaults().await.unwrap();
    let before = PolicyDraft::from(&*defaults.policy);
    let draft = PolicyDraft { access_token_lifetime: "61".to_owned(), ..before.clone() };
    server.idp.save_client_defaults(&admin, &draft, None).await.unwrap();
    let first = changes(&server, &Target::all(Recordable::Settings)).await.pop().unwrap();
    let address = format!("/admin/ui/settings/history/{first}");
    let page = console.get(&address).await;
    assert!(page.body.contains("Undo this change"), "{}", page.body);
    assert!(page.body.contains("<dt>Change</dt><dd>Changed</dd>"), "{}", page.body);
    let undone = console.post(&address, &[("version", &page.field("version")), ("to", "before")]).await;
    done(&mut console, &undone, "It is as it was before that change.").await;
    let defaults = server.idp.client_defaults().await.unwrap();
    assert_eq!(PolicyDraft::from(&*defaults.policy), before);

    let scope = server.idp.get_scope("email").await.unwrap().scope;
    let draft = ScopeDraft { description: "Other words".to_owned(), ..ScopeDraft::from(&scope) };
    server.idp.save_scope(&admin, &draft, None).await.unwrap();
    let first = changes(&server, &Target::new(Recordable::Scope, "email")).await.pop().unwrap();
    let address = format!("/admin/ui/scopes/history/change?name=email&id={first}");
    let page = console.get(&address).await;
    assert!(page.body.contains("Undo this change"), "{}", page.body);
    let undone = console.post(&address, &[("version", &page.field("version")), ("to", "before")]).await;
    done(&mut console, &undone, "It is as it was before that change.").await;
    assert_eq!(server.idp.get_scope("email").await.unwrap().scope.description, scope.description);
    assert_eq!(server.idp.verify_audit(None).await.unwrap().fault, None);
}

#[tokio::test]
async fn the_history_of_what_was_deleted_is_read() {
    let server = Server::start().await;
    let (mut console, admin) = (server.console().await, Actor::admin());
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let draft = ScopeDraft { name: "a/b..c".to_owned(), description: "Photos".to_owned(), claims: String::new() };
    server.idp.save_scope(&admin, &draft, None).await.unwrap();
    let trust = server.create_trust(identity_provider()).await;
    let trust = TrustId::new(text(&trust, "id"));
    server.idp.delete_client(&admin, &ClientId::new("web")).await.unwrap();
    server.idp.delete_user(&admin, &alice).await.unwrap();
    server.idp.delete_scope(&admin, "a/b..c").await.unwrap();
    server.idp.delete_trust(&admin, &trust).await.unwrap();
    for (kind, id, list, is_kept) in [
        (Recordable::Client, "web", "/admin/ui/clients/web/history".to_owned(), true),
        (Recordable::User, alice.as_str(), format!("/admin/ui/users/{alice}/history"), true),
        (Recordable::Scope, "a/b..c", "/admin/ui/scopes/history?name=a%2Fb..c".to_owned(), true),
        (Recordable::Trust, trust.as_str(), format!("/admin/ui/trusts/{trust}/history"), false),
    ] {
        let page = console.get(&list).await;
        assert_eq!(page.status, StatusCode::OK, "{list}");
        assert!(page.body.contains("was deleted.") && page.body.contains("Deleted</a>"), "{list} {}", page.body);
        assert_eq!(page.body.contains("Restore it from the recycle bin"), is_kept, "{list}");
        let change = changes(&server, &Target::new(kind, id)).await.pop().unwrap();
        let address = if kind == Recordable::Scope {
            format!("/admin/ui/scopes/history/change?name=a%2Fb..c&id={change}")
        } else {
            format!("{list}/{change}")
        };
        let page = console.get(&address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        assert!(page.body.contains("was deleted.") && !page.body.contains("Revert to this"), "{address}");
        for side in ["before", "after"] {
            let answer = console.post(&address, &[("version", "1"), ("to", side)]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
        }
    }
    // The link leads to the one thing, and to whoever deleted it.
    let page = console.get("/admin/ui/clients/web/history").await.body;
    let link = page.split("href=\"/admin/ui/bin?id=").nth(1).unwrap().split('"').next().unwrap();
    let bin = console.get(&format!("/admin/ui/bin?id={link}")).await.body;
    assert!(bin.contains("The web app") && !bin.contains("alice") && bin.contains("An administrator"), "{bin}");
    let all = console.get("/admin/ui/bin?id=gone").await.body;
    assert!(all.contains("The web app") && all.contains("alice"), "{all}");
    // Restored, it has its own page and the ways back.
    console.post("/admin/ui/bin/restore", &[("id", link)]).await;
    let page = console.get("/admin/ui/clients/web/history").await;
    assert!(!page.body.contains("was deleted.") && page.body.contains("Restored"), "{}", page.body);
}

#[tokio::test]
async fn the_page_says_what_the_way_back_does() {
    let server = Server::start().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let update = async |change: &dyn Fn(&mut UserDraft)| {
        let mut draft = UserDraft::from(&server.idp.get_user(&alice).await.unwrap().user);
        change(&mut draft);
        let change = UserChange { profile: Some(draft), ..UserChange::default() };
        server.idp.update_user(&Actor::admin(), &alice, None, &change).await.unwrap();
        let target = Target::new(Recordable::User, alice.as_str());
        format!("/admin/ui/users/{alice}/history/{}", changes(&server, &target).await[0])
    };
    let mut console = server.console().await;
    let disabled = update(&|draft| draft.enabled = false).await;
    let on_again = console.get(&disabled).await;
    assert!(on_again.body.contains("Undo this change") && !on_again.body.contains("It is disabled then"));
    let enabled = update(&|draft| draft.enabled = true).await;
    assert!(console.get(&enabled).await.body.contains("It is disabled then"));
    // An address that comes back was verified once, and may be somebody else's by now.
    let moved = update(&|draft| {
        draft.email = "new@example.com".to_owned();
        draft.email_verified = true;
    });
    let moved = moved.await;
    let page = console.get(&moved).await;
    let undone = console.post(&moved, &[("version", &page.field("version")), ("to", "before")]).await;
    done(&mut console, &undone, "It is as it was before that change.").await;
    let user = server.idp.get_user(&alice).await.unwrap().user;
    assert_eq!((user.email.as_deref(), user.claims.email_verified), (Some("alice@example.com"), false));
}

#[tokio::test]
async fn a_token_of_registration_is_no_state_of_its_policy() {
    let server = Server::start().await;
    let created = server.admin("POST", "/admin/registration/tokens", &serde_json::json!({ "name": "partners" })).await;
    assert!(created.status.is_success(), "{}", created.body);
    let id = changes(&server, &Target::all(Recordable::Registration)).await.remove(0);
    let page = server.console().await.get(&format!("/admin/ui/agents/registration/history/{id}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("This is how it is now") && !page.body.contains("Undo this"), "{}", page.body);
}
