//! Forms that are posted when the console is not open any more: kept through the login, shown again, not saved unseen.

use std::collections::BTreeSet;

use axum::http::{Request, StatusCode, header};
use oauth::form::Form;

use super::{done, is_in_frame};
use crate::browser::{Answer, Browser};
use crate::server::{ADMIN_TOKEN, Server};

const TYPED: &str = "Typed for <an hour> & \"more\"";

/// The hidden fields of a page, as a browser would send them.
fn hidden(page: &Answer) -> Vec<(String, String)> {
    let text = |value: &str| {
        value
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#x27;", "'")
            .replace("&amp;", "&")
    };
    let attribute = |tag: &str, name: &str| {
        let value = tag.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
        value.map(|(value, _)| text(value)).unwrap_or_default()
    };
    let inputs = page.body.split("<input ").skip(1).filter(|tag| tag.contains("type=\"hidden\""));
    inputs.map(|tag| (attribute(tag, "name"), attribute(tag, "value"))).collect()
}

fn action(page: &Answer) -> String {
    let form = page.body.split("<form method=\"post\" action=\"").nth(1).unwrap();
    form.split('"').next().unwrap().replace("&amp;", "&")
}

/// Signs in at a login page, with everything that it carries.
async fn sign_in(browser: &mut Browser<'_>, page: &Answer, token: &str) -> Answer {
    let mut fields = hidden(page);
    fields.push(("token".to_owned(), token.to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(&action(page), &fields).await
}

#[tokio::test]
async fn what_was_typed_is_shown_again_after_the_login_and_not_saved() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let address = "/admin/ui/scopes/edit?name=email";
    let version = console.get(address).await.field("version");
    let form =
        [("name", "email"), ("description", TYPED), ("claims", "email\nnickname"), ("version", version.as_str())];
    server.clock.advance(12 * 3_600);
    let login = console.post(address, &form).await;
    assert_eq!(login.status, StatusCode::UNAUTHORIZED, "{}", login.body);
    assert!(login.body.contains("your form was not saved") && !login.body.contains("<an hour>"));
    // A wrong token loses nothing.
    let login = sign_in(&mut console, &login, "wrong").await;
    assert_eq!(login.status, StatusCode::UNAUTHORIZED);
    assert!(login.header("set-cookie").is_empty());
    let page = sign_in(&mut console, &login, ADMIN_TOKEN).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(is_in_frame(&page) && page.body.contains("nothing was saved yet"), "{}", page.body);
    assert!(page.body.contains("Typed for &lt;an hour&gt; &amp; &quot;more&quot;"), "{}", page.body);
    assert!(page.body.contains("nickname") && page.field("version") == version);
    assert_ne!(server.idp.get_scope("email").await.unwrap().scope.description, TYPED);
    // The form is the one it always was.
    let answer = console.post(address, &form).await;
    done(&mut console, &answer, "Saved.").await;
    assert_eq!(server.idp.get_scope("email").await.unwrap().scope.description, TYPED);
}

#[tokio::test]
async fn a_form_that_is_new_or_wrong_or_late_comes_back_too() {
    let server = Server::start().await;
    for (address, fields) in [
        ("/admin/ui/users/new", vec![("username", "zoe"), ("email", "zoe@example.com"), ("enabled", "on")]),
        ("/admin/ui/clients/new?kind=spa", vec![("client_name", "zoe"), ("redirect_uris", "not a URI")]),
        ("/admin/ui/clients/wizard?app=python", vec![("client_name", "zoe"), ("spare_id", "4f1d")]),
        ("/admin/ui/clients/web/credentials", vec![("name", "zoe"), ("lifetime_days", "9")]),
        ("/admin/ui/clients/web/settings", vec![("client_name", "zoe"), ("version", "1")]),
        ("/admin/ui/clients/web/policy", vec![("access_token_lifetime", "zoe"), ("version", "1")]),
    ] {
        let mut console = server.console().await;
        server.clock.advance(12 * 3_600);
        let login = console.post(address, &fields).await;
        assert_eq!(login.status, StatusCode::UNAUTHORIZED, "{address}");
        let page = sign_in(&mut console, &login, ADMIN_TOKEN).await;
        assert_eq!(page.status, StatusCode::OK, "{address} {}", page.body);
        assert!(page.body.contains("value=\"zoe\"") && page.body.contains("nothing was saved yet"), "{address}");
    }
}

#[tokio::test]
async fn another_admin_token_loses_nothing_either() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let token = server.idp.reset_admin_token().await.unwrap();
    let form = [("name", "news"), ("description", "The news"), ("claims", "")];
    let login = console.post("/admin/ui/scopes/new", &form).await;
    let page = sign_in(&mut console, &login, token.expose()).await;
    assert_eq!((page.status, page.field("description").as_str()), (StatusCode::OK, "The news"));
    assert!(server.idp.get_scope("news").await.is_err());
}

#[tokio::test]
async fn nothing_that_was_typed_into_a_password_field_is_kept() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let users = console.search("alice").await.json();
    let alice = users[0]["href"].as_str().unwrap().to_owned();
    // The names of all password fields of the console.
    let mut names = BTreeSet::new();
    for page in ["/admin/ui/users/new", &alice, &format!("{alice}/security"), "/admin/ui/clients/new", "/admin/login"] {
        let page = console.get(page).await;
        let inputs = page.body.split("<input ").filter(|tag| tag.contains("type=\"password\""));
        names.extend(inputs.filter_map(|tag| Some(tag.split_once("name=\"")?.1.split('"').next()?.to_owned())));
    }
    assert!(names.contains("password") && names.contains("token"), "{names:?}");
    server.clock.advance(12 * 3_600);
    for name in names.iter().map(String::as_str).chain(["client_secret", "admin_token"]) {
        let form = [("username", "zoe"), (name, "my-secret-my-secret"), ("access_token_lifetime", "61")];
        let login = console.post("/admin/ui/users/new", &form).await;
        assert!(login.body.contains("zoe") && login.body.contains("access_token_lifetime"));
        assert!(!login.body.contains("my-secret"), "{name}");
    }
}

#[tokio::test]
async fn a_button_is_not_pressed_by_itself_after_the_login() {
    let server = Server::start().await;
    let users = server.console().await.search("alice").await.json();
    let alice = users[0]["href"].as_str().unwrap().to_owned();
    let mut browser = server.signed_in().await;
    let keys = server.idp.keyring().keys().len();
    for (address, fields) in [
        (format!("{alice}/revoke"), vec![]),
        (format!("{alice}/delete"), vec![("confirm", "alice")]),
        (format!("{alice}/password"), vec![("password", "another password")]),
        ("/admin/ui/keys".to_owned(), vec![("alg", "RS256")]),
        ("/admin/ui/scopes/delete".to_owned(), vec![("name", "email"), ("confirm", "email")]),
        ("/admin/ui/clients/web/enabled".to_owned(), vec![("enabled", "no")]),
        ("/admin/ui/clients/web/delete".to_owned(), vec![("confirm", "web")]),
        ("/admin/ui/clients/web/credentials/revoke".to_owned(), vec![("id", "1")]),
    ] {
        let mut console = server.console().await;
        server.clock.advance(12 * 3_600);
        let body = Form::from_pairs(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()).encode();
        let request = Request::post(&address)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::REFERER, "http://127.0.0.1:8000/admin/ui/users?q=a&done=deleted");
        let login = console.send(request.body(body.into()).unwrap()).await;
        assert_eq!(login.status, StatusCode::UNAUTHORIZED, "{address} {}", login.body);
        let answer = sign_in(&mut console, &login, ADMIN_TOKEN).await;
        assert_eq!(answer.location(), "/admin/ui/users?q=a&done=not_done", "{address}");
        done(&mut console, &answer, "nothing was done yet").await;
    }
    assert_eq!(browser.silently(&[]).await, "consent_required", "alice is still signed in");
    assert_eq!(server.idp.keyring().keys().len(), keys);
    assert!(server.idp.get_scope("email").await.is_ok());
    assert!(server.idp.get_client(&oauth::id::ClientId::new("web")).await.unwrap().client.enabled);
}

#[tokio::test]
async fn a_login_leads_nowhere_but_into_the_console() {
    let server = Server::start().await;
    for address in ["https://evil.example/", "//evil.example", "/authorize", "/admin/scopes", "/admin/login", ""] {
        let fields = [("token", ADMIN_TOKEN), ("kept-address", address), ("kept.name", "x")];
        let answer = server.browser().post("/admin/login?next=%2Fadmin%2Fui%2Fkeys", &fields).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/admin/ui/keys"), "{address}");
    }
    let nowhere = [("token", ADMIN_TOKEN), ("kept-address", "/admin/ui/nowhere")];
    let answer = server.browser().post("/admin/login", &nowhere).await;
    assert!(!answer.header("set-cookie").is_empty() && answer.status.as_u16() >= 400, "{}", answer.status);
    // Another site cannot fill in a form here.
    let fields = [("token", ADMIN_TOKEN), ("kept-address", "/admin/ui/scopes/new"), ("kept.name", "x")];
    let answer = server.browser().post_cross_site("/admin/login", &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_form_of_any_size_finds_its_way_to_the_login() {
    let server = Server::start().await;
    let mut console = server.console().await;
    server.clock.advance(12 * 3_600);
    for (length, status) in [
        (58_000, StatusCode::UNAUTHORIZED),
        // Too large to be carried along with a token.
        (64_000, StatusCode::SEE_OTHER),
        (70_000, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let form = [("name", "news"), ("description", "x"), ("claims", &"x".repeat(length))];
        let answer = console.post("/admin/ui/scopes/new", &form).await;
        assert_eq!(answer.status, status, "{length}");
        if status == StatusCode::UNAUTHORIZED {
            let page = sign_in(&mut server.browser(), &answer, ADMIN_TOKEN).await;
            assert_eq!(page.status, StatusCode::OK);
        }
    }
}
