//! Secrets that were just made, on their way through one redirect to the page that shows them once.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::clients::shown_secret;
use crate::browser::{Answer, Browser};
use crate::server::Server;

const COOKIE: &str = "signet_handover_8000";
const WIZARD: &str = "/admin/ui/clients/wizard?app=web";
const SHOP: [(&str, &str); 3] =
    [("client_name", "Shop"), ("redirect_uris", "https://shop.example/cb"), ("scope", "openid")];
const OVER: &str = "was shown once and is not shown again";

/// The line `Set-Cookie` of the answer that is about a handover.
fn handed(answer: &Answer) -> Option<String> {
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned());
    lines.into_iter().find(|line| line.starts_with(COOKIE))
}

/// Sees that a form leads to a page that shows a secret once, and returns the secret.
async fn shown_once(console: &mut Browser<'_>, form: &str, fields: &[(&str, &str)], kept: &[&str]) -> String {
    let answer = console.post(form, fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = answer.location().split('?').next().unwrap().to_owned();
    let cookie = handed(&answer).unwrap();
    let attributes = format!("; Path={page}; HttpOnly; SameSite=Strict; Max-Age=60");
    assert!(cookie.ends_with(&attributes), "{cookie}");

    let first = console.follow(&answer).await;
    let secret = shown_secret(&first);
    assert_eq!(secret.len(), 43, "{}", first.body);
    assert!(!answer.location().contains(&secret) && !cookie.contains(&secret));
    assert_eq!(first.header("cache-control"), "no-store");
    assert!(first.body.contains("Copy the ") && !first.body.contains(OVER));
    let gone = format!("{COOKIE}=; Path={page}; HttpOnly; SameSite=Strict; Max-Age=0");
    assert_eq!(handed(&first).as_deref(), Some(gone.as_str()));
    for word in kept {
        assert!(first.body.contains(word), "{word}");
    }

    // Opened again, by a reload or by going back, it shows the rest.
    let again = console.follow(&answer).await;
    assert!(again.body.contains(OVER) && !again.body.contains(&secret));
    assert_eq!(handed(&again), None);
    for word in kept {
        assert!(again.body.contains(word), "{word}");
    }
    let plain = console.get(&page).await;
    assert!(!plain.body.contains(OVER) && !plain.body.contains(&secret));
    secret
}

#[tokio::test]
async fn the_secret_of_a_new_client_is_shown_once_and_the_sample_stays() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let kept = ["OIDC_CLIENT_ID=shop\n", "data-file=\"app.mjs\"", "aria-current=\"page\">Quick start"];
    let secret = shown_once(&mut console, WIZARD, &SHOP, &kept).await;
    let auth = format!("shop:{secret}");
    let wrong = server.post("/token", Some(&auth), &[("grant_type", "authorization_code")]).await;
    assert_eq!(wrong.error().1, "invalid_request", "the secret is right, the code is missing");
    let page = console.get("/admin/ui/clients/shop/quickstart").await;
    assert!(page.body.contains("&lt;client secret&gt;"), "{}", page.body);
    assert_eq!(server.idp.count_clients().await.unwrap(), 4);
}

#[tokio::test]
async fn added_secrets_and_tokens_are_shown_once() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let rows = async |console: &mut Browser<'_>, path: &str| console.get(path).await.body.matches("<tr>").count();
    let path = "/admin/ui/clients/job/credentials";
    let before = rows(&mut console, path).await;
    shown_once(&mut console, path, &[("name", "staging")], &["staging"]).await;
    assert_eq!(rows(&mut console, path).await, before + 1, "opening the page again adds nothing");

    let draft = oauth::resource::ResourceDraft {
        identifier: "https://api.example".into(),
        name: "API".into(),
        ..oauth::resource::ResourceDraft::preset()
    };
    let id = server.idp.create_resource(&idp::Actor::admin(), &draft).await.unwrap().id;
    let path = format!("/admin/ui/resources/{id}/credentials");
    shown_once(&mut console, &path, &[("name", "introspects")], &["introspects"]).await;

    shown_once(&mut console, "/admin/ui/agents/registration/token", &[("name", "builds")], &["builds"]).await;
}

#[tokio::test]
async fn a_public_client_hands_nothing_over() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let answer = console.post("/admin/ui/clients/wizard?app=spa", &SHOP).await;
    assert_eq!(answer.location(), "/admin/ui/clients/shop/quickstart?code=spa_oidc_client_ts.js&done=created");
    assert_eq!(handed(&answer), None);
    let page = console.follow(&answer).await;
    assert!(page.body.contains("Created.") && !page.body.contains("OIDC_CLIENT_SECRET"));
}

#[tokio::test]
async fn a_secret_goes_to_its_page_in_its_session_within_a_minute_and_on_any_node() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let path = "/admin/ui/clients/job/credentials";
    let mut add = async |name: &str| {
        let answer = console.post(path, &[("name", name)]).await;
        let session = console.cookie("signet_admin_8000").unwrap().to_owned();
        (session, handed(&answer).unwrap().split(['=', ';']).nth(1).unwrap().to_owned())
    };
    let open = async |session: &str, sealed: &str, method: &str, page: &str| {
        let mut browser = Browser::new(&server).with_cookie("signet_admin_8000", session).with_cookie(COOKIE, sealed);
        browser.send(Request::builder().method(method).uri(page).body(Body::empty()).unwrap()).await
    };

    let (session, sealed) = add("one").await;
    let page = open(&session, &sealed, "GET", "/admin/ui/clients/web/credentials").await;
    assert_eq!(shown_secret(&page), "", "another page");
    let other = server.console().await.cookie("signet_admin_8000").unwrap().to_owned();
    assert_eq!(shown_secret(&open(&other, &sealed, "GET", path).await), "", "another session");
    let head = open(&session, &sealed, "HEAD", path).await;
    assert_eq!((head.status, handed(&head)), (StatusCode::OK, None), "nobody has seen it");
    assert_eq!(shown_secret(&open(&session, &sealed, "GET", path).await).len(), 43);
    server.clock.advance(60);
    assert_eq!(shown_secret(&open(&session, &sealed, "GET", path).await), "", "too late");

    let (session, sealed) = add("two").await;
    let node = server.another_node().await;
    let mut browser = Browser::new(&node).with_cookie("signet_admin_8000", &session).with_cookie(COOKIE, &sealed);
    assert_eq!(shown_secret(&browser.get(path).await).len(), 43);
}

#[tokio::test]
async fn an_initial_access_token_is_deleted_after_a_question() {
    let server = Server::start().await;
    let mut console = server.console().await;
    console.post("/admin/ui/agents/registration/token", &[("name", "builds")]).await;
    let delete = "/admin/ui/agents/registration/token/delete";
    let question = console.get(&format!("{delete}?name=builds")).await;
    assert!(question.body.contains("Clients that were registered by it stay."), "{}", question.body);
    let unknown = console.get(&format!("{delete}?name=x")).await;
    assert_eq!(unknown.status, StatusCode::SEE_OTHER);
    let deleted = console.post(delete, &[("name", "builds")]).await;
    assert_eq!(deleted.location(), "/admin/ui/agents/registration?done=deleted");
}
