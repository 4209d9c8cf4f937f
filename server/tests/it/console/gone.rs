//! Things that were deleted: their pages say so, and lead to what is left of them.

use axum::http::StatusCode;
use idp::Actor;
use oauth::id::{ClientId, TrustId};
use oauth::resource::ResourceDraft;
use oauth::scope::ScopeDraft;

use super::is_in_frame;
use crate::admin_trusts::identity_provider;
use crate::browser::{Answer, Browser};
use crate::server::{Server, text};

/// Sees that a page says that its thing was deleted, and leads to its history, and to the bin if it lies there.
async fn is_gone(console: &mut Browser<'_>, page: &Answer, kind: &str, history: &str, is_in_bin: bool) {
    assert_eq!(page.status, StatusCode::NOT_FOUND, "{}", page.body);
    assert!(is_in_frame(page));
    assert!(page.body.contains(&format!("This {kind} was deleted.")), "{}", page.body);
    assert!(page.body.replace("&amp;", "&").contains(&format!("href=\"{history}\"")), "{history}: {}", page.body);
    assert_eq!(console.get(history).await.status, StatusCode::OK);
    let bin = page.body.split("href=\"/admin/ui/bin?id=").nth(1).and_then(|rest| rest.split('"').next());
    assert_eq!(bin.is_some(), is_in_bin, "{}", page.body);
    if let Some(id) = bin {
        let bin = console.get(&format!("/admin/ui/bin?id={id}")).await;
        assert!(bin.body.contains(&format!("value=\"{id}\"")), "{}", bin.body);
    }
}

#[tokio::test]
async fn what_was_deleted_says_so_wherever_it_is_looked_for() {
    let server = Server::start().await;
    let (mut console, admin) = (server.console().await, Actor::admin());
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let draft = ScopeDraft { name: "a/b".to_owned(), description: "B".to_owned(), claims: String::new() };
    server.idp.create_scope(&admin, &draft).await.unwrap();
    let draft =
        ResourceDraft { identifier: "https://api.example".into(), name: "API".into(), ..ResourceDraft::preset() };
    let resource = server.idp.create_resource(&admin, &draft).await.unwrap().id;
    let trust = server.create_trust(identity_provider()).await;
    let trust = TrustId::new(text(&trust, "id"));
    server.idp.delete_client(&admin, &ClientId::new("web")).await.unwrap();
    server.idp.delete_user(&admin, &alice).await.unwrap();
    server.idp.delete_scope(&admin, "a/b").await.unwrap();
    server.idp.delete_resource(&admin, &resource).await.unwrap();
    server.idp.delete_trust(&admin, &trust).await.unwrap();
    for (kind, page, tabs, is_in_bin) in [
        ("client", "/admin/ui/clients/web".to_owned(), &["", "/settings", "/danger", "/grants", "/activity"][..], true),
        ("user", format!("/admin/ui/users/{alice}"), &["", "/security", "/consents", "/sessions"], true),
        ("resource", format!("/admin/ui/resources/{resource}"), &["", "/credentials"], false),
        ("trust", format!("/admin/ui/trusts/{trust}"), &["", "/accounts"], false),
    ] {
        for tab in tabs {
            let answer = console.get(&format!("{page}{tab}")).await;
            is_gone(&mut console, &answer, kind, &format!("{page}/history"), is_in_bin).await;
        }
    }
    let (name, history) = ("a%2Fb", "/admin/ui/scopes/history?name=a%2Fb");
    let answer = console.get(&format!("/admin/ui/scopes/edit?name={name}")).await;
    is_gone(&mut console, &answer, "scope", history, true).await;
    // What lies there no more is not looked for in the bin.
    let entry = server.idp.bin(None, 10).await.unwrap().rows.into_iter().find(|entry| entry.target == "web").unwrap();
    server.idp.erase(&admin, &entry.id).await.unwrap();
    let answer = console.get("/admin/ui/clients/web").await;
    is_gone(&mut console, &answer, "client", "/admin/ui/clients/web/history", false).await;
}

#[tokio::test]
async fn a_form_whose_thing_was_deleted_meanwhile_says_so() {
    let server = Server::start().await;
    let (mut console, admin) = (server.console().await, Actor::admin());
    let draft = ScopeDraft { name: "news".to_owned(), description: "News".to_owned(), claims: String::new() };
    server.idp.create_scope(&admin, &draft).await.unwrap();
    let version = console.get("/admin/ui/scopes/edit?name=news").await.field("version");
    server.idp.delete_client(&admin, &ClientId::new("web")).await.unwrap();
    server.idp.delete_scope(&admin, "news").await.unwrap();
    let policy = console.post("/admin/ui/clients/web/policy", &[("access_token_lifetime", "61")]).await;
    is_gone(&mut console, &policy, "client", "/admin/ui/clients/web/history", true).await;
    let fields = [("name", "news"), ("description", "Other"), ("version", version.as_str())];
    let scope = console.post("/admin/ui/scopes/edit?name=news", &fields).await;
    is_gone(&mut console, &scope, "scope", "/admin/ui/scopes/history?name=news", true).await;
}

#[tokio::test]
async fn what_was_never_here_was_not_deleted() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for path in [
        "/admin/ui/clients/nobody",
        "/admin/ui/clients/%00",
        "/admin/ui/clients/web/history/nothing",
        "/admin/ui/users/nobody/security",
        "/admin/ui/scopes/edit",
        "/admin/ui/scopes/edit?name=nothing",
        "/admin/ui/nothing",
    ] {
        let page = console.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(is_in_frame(&page) && page.body.contains("There is nothing at this address"), "{path}: {}", page.body);
        assert!(!page.body.contains("was deleted."), "{path}");
    }
}
