//! Addresses of pages with parts that mean nothing: each list says so, and shows itself.

use axum::http::StatusCode;
use idp::Actor;
use oauth::id::TrustId;
use oauth::scope::ScopeDraft;

use crate::admin_trusts::identity_provider;
use crate::server::{Server, text};

#[tokio::test]
async fn a_list_says_what_it_leaves_out() {
    let server = Server::start().await;
    server.tokens("openid").await;
    let mut console = server.console().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let trust = server.create_trust(identity_provider()).await;
    let trust = TrustId::new(text(&trust, "id"));
    let has_place = [
        "/admin/ui/bin".to_owned(),
        "/admin/ui/sessions".to_owned(),
        format!("/admin/ui/users/{alice}/sessions"),
        format!("/admin/ui/users/{alice}/grants"),
        format!("/admin/ui/users/{alice}/history"),
        "/admin/ui/clients/web/grants".to_owned(),
        "/admin/ui/clients/web/consents".to_owned(),
        "/admin/ui/clients/web/logout".to_owned(),
        "/admin/ui/clients/web/history".to_owned(),
        "/admin/ui/scopes/history?name=email".to_owned(),
        "/admin/ui/keys/history".to_owned(),
        "/admin/ui/settings/history".to_owned(),
        "/admin/ui/agents/history".to_owned(),
        "/admin/ui/agents/registration/history".to_owned(),
        format!("/admin/ui/trusts/{trust}/accounts"),
        format!("/admin/ui/trusts/{trust}/history"),
        "/admin/ui/activity".to_owned(),
        "/admin/ui/clients".to_owned(),
        "/admin/ui/users".to_owned(),
        "/admin/ui/scopes".to_owned(),
        "/admin/ui/resources".to_owned(),
        "/admin/ui/trusts".to_owned(),
    ];
    let without = ["/admin/ui/consents".to_owned(), format!("/admin/ui/users/{alice}/consents")];
    for list in has_place.iter().chain(&without) {
        let before = if list.contains('?') { '&' } else { '?' };
        for (query, named) in [
            ("foo=bar", "foo"),
            ("sort=rubbish", "sort"),
            ("colour=%ff", "colour"),
            ("q%ff=1", "a part that is not well encoded"),
            ("x=%00", "x"),
        ] {
            let page = console.get(&format!("{list}{before}{query}")).await;
            assert_eq!(page.status, StatusCode::OK, "{list} {query}");
            assert!(page.body.contains(&format!("left out: {named}.")), "{list} {query}: {}", page.body);
        }
        let page = console.get(&format!("{list}{before}done=saved")).await;
        assert!(!page.body.contains("left out"), "{list}");
    }
    for list in without {
        let page = console.get(&format!("{list}?after=zzz")).await;
        assert!(page.body.contains("left out: after."), "{list}: {}", page.body);
    }
    let gone = console.get("/admin/ui/bin?id=nothing").await;
    assert!(gone.body.contains("left out: id."), "{}", gone.body);
}

#[tokio::test]
async fn the_rest_of_an_address_counts() {
    let server = Server::start().await;
    server.signed_in().await;
    let draft = ScopeDraft { name: "hr".to_owned(), description: "HR".to_owned(), claims: String::new() };
    server.idp.create_scope(&Actor::admin(), &draft).await.unwrap();
    let mut console = server.console().await;
    let page = console.get("/admin/ui/scopes/edit?name=hr&q=%00").await;
    assert_eq!((page.status, page.field("description").as_str()), (StatusCode::OK, "HR"), "{}", page.body);
    let page = console.get("/admin/ui/scopes/history?name=hr&q=%00").await;
    assert!(page.body.contains("left out: q."), "{}", page.body);
    let page = console.get("/admin/ui/sessions?q=%ff").await;
    assert!(page.body.contains("left out: q.") && page.body.contains("alice"), "{}", page.body);
    let page = console.get("/admin/ui/sessions?q=nobody&sort=%ff").await;
    assert!(page.body.contains("left out: sort.") && !page.body.contains(">alice<"), "{}", page.body);
}
