//! Scopes in the console.

use axum::http::StatusCode;

use super::{done, refused};
use crate::browser::Answer;
use crate::server::{Server, text};

const INVOICES: [(&str, &str); 3] =
    [("name", "invoices:read"), ("description", "Your invoices"), ("claims", "department\ncost_centre")];

#[tokio::test]
async fn a_scope_is_created_changed_and_deleted() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let answer = console.post("/admin/ui/scopes/new", &INVOICES).await;
    let list = done(&mut console, &answer, "Created.").await;
    assert!(list.body.contains("invoices:read") && list.body.contains("cost_centre"));
    let address = "/admin/ui/scopes/edit?name=invoices%3Aread";
    assert_eq!(console.get(address).await.field("description"), "Your invoices");
    let changed = [("name", "invoices:read"), ("description", "All your invoices"), ("claims", "department")];
    let answer = console.post(address, &changed).await;
    done(&mut console, &answer, "All your invoices").await;
    let wrong = console.post("/admin/ui/scopes/delete", &[("name", "invoices:read"), ("confirm", "invoices")]).await;
    refused(&wrong, "confirm", "What you typed is not the same.");
    let right = [("name", "invoices:read"), ("confirm", "invoices:read")];
    let answer = console.post("/admin/ui/scopes/delete", &right).await;
    let list = done(&mut console, &answer, "Deleted.").await;
    assert!(!list.body.contains("invoices:read"));
    assert_eq!(console.post("/admin/ui/scopes/delete", &right).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_that_is_not_right_comes_back_as_it_was_typed() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for (field, value, sentence) in [
        ("name", "two words", "A scope is visible ASCII characters"),
        ("name", "", "A scope is visible ASCII characters"),
        ("name", "email", "already taken"),
        ("description", "", "This is needed."),
        ("claims", "fine\nnot=fine", "Line 2: Use letters, digits and"),
        ("claims", "fine\niss", "Line 2: “iss” belongs to the protocol"),
        ("claims", "cnf", "Line 1: “cnf” belongs to the protocol"),
        ("claims", "sub", "Line 1: “sub” belongs to the protocol"),
    ] {
        let form: Vec<(&str, &str)> =
            INVOICES.iter().filter(|(name, _)| *name != field).chain(&[(field, value)]).copied().collect();
        let answer = console.post("/admin/ui/scopes/new", &form).await;
        refused(&answer, field, sentence);
        assert!(field == "claims" || answer.body.contains("cost_centre"));
    }
}

#[tokio::test]
async fn openid_stays() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let answer = console.post("/admin/ui/scopes/delete", &[("name", "openid"), ("confirm", "openid")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let list = console.get("/admin/ui/scopes").await;
    assert!(list.body.contains("Know who you are"));
}

#[tokio::test]
async fn what_a_scope_opens_no_longer_is_closed_at_once_and_what_it_opens_now_is_asked_for() {
    let server = Server::start().await;
    let tokens = server.tokens("openid email").await;
    let mut console = server.console().await;
    let form = [("name", "email"), ("description", "Your email address"), ("claims", "email\nnickname")];
    let answer = console.post("/admin/ui/scopes/edit?name=email", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let userinfo = server.userinfo(text(&tokens, "access_token")).await.json();
    assert!(userinfo.get("email_verified").is_none() && userinfo.get("nickname").is_none(), "{userinfo}");
    let tokens = server.tokens("openid email").await;
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.json()["nickname"], "Al");
}

/// A fact of the page, without its tags.
fn fact(page: &Answer, term: &str) -> String {
    let value = page.body.split(&format!("<dt>{term}</dt><dd>")).nth(1).and_then(|rest| rest.split("</dd>").next());
    let text = value.unwrap_or_else(|| panic!("{term}: {}", page.body)).split('<');
    text.filter_map(|part| part.rsplit('>').next()).collect()
}

#[tokio::test]
async fn a_scope_says_who_uses_it_and_so_does_deleting_it() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let address = "/admin/ui/scopes/edit?name=invoices%3Aread";
    console.post("/admin/ui/scopes/new", &INVOICES).await;
    let page = console.get(address).await;
    assert_eq!(fact(&page, "Clients"), "None may ask for it.");
    assert_eq!((fact(&page, "Consents"), fact(&page, "Live grants")), ("0".to_owned(), "0".to_owned()));
    assert!(page.body.contains("No client asks for it."));

    // A word that is part of another is no use of it.
    console
        .post("/admin/ui/scopes/new", &[("name", "invoices:read-all"), ("description", "All"), ("claims", "")])
        .await;
    let kind = oauth::client::ClientKind::Web;
    for number in 0..12 {
        let word = if number == 0 { "invoices:read-all" } else { "invoices:read" };
        let id = format!("books-{number:02}");
        server.create_client(kind, &id, |draft, _| draft.scope = format!("openid {word}")).await;
    }
    let page = console.get(address).await;
    let clients = fact(&page, "Clients");
    assert!(clients.contains("books-01") && clients.contains("books-10"), "{clients}");
    assert!(
        !clients.contains("books-00") && !clients.contains("books-11") && clients.contains("and 1 more"),
        "{clients}"
    );
    assert!(page.body.contains("href=\"/admin/ui/clients/books-01\""));
    assert!(page.body.contains("11 clients ask for it: they will get tokens without it."));

    let mut browser = server.signed_in().await;
    let request = [("client_id", "books-01"), ("scope", "openid invoices:read")];
    let code = browser.authorize(&request).await;
    assert!(!code.is_empty());
    let page = console.get(address).await;
    assert_eq!((fact(&page, "Consents"), fact(&page, "Live grants")), ("1".to_owned(), "1".to_owned()));
    assert!(page.body.contains("1 consent and 1 live grant hold it, and lose it."));
    let all = console.get("/admin/ui/scopes/edit?name=invoices%3Aread-all").await;
    assert_eq!(fact(&all, "Consents"), "0");
    let wrong = console.post("/admin/ui/scopes/delete", &[("name", "invoices:read"), ("confirm", "no")]).await;
    refused(&wrong, "confirm", "What you typed is not the same.");
    assert!(wrong.body.contains("11 clients ask for it"));

    // Another scope of that name has no part in what was agreed to.
    let right = [("name", "invoices:read"), ("confirm", "invoices:read")];
    assert_eq!(console.post("/admin/ui/scopes/delete", &right).await.status, StatusCode::SEE_OTHER);
    console.post("/admin/ui/scopes/new", &INVOICES).await;
    let page = console.get(address).await;
    assert_eq!((fact(&page, "Consents"), fact(&page, "Live grants")), ("0".to_owned(), "0".to_owned()));
}

#[tokio::test]
async fn a_claim_that_is_probably_misspelled_is_saved_with_a_warning() {
    let server = Server::start().await;
    let mut console = server.console().await;
    const WARNING: &str = "If you mean the standard claim";
    let form = [("name", "calls"), ("description", "Call you"), ("claims", "phone_nubmer\ndepartment")];
    let answer = console.post("/admin/ui/scopes/new", &form).await;
    assert_eq!(answer.location(), "/admin/ui/scopes/edit?name=calls&done=created");
    let page = console.follow(&answer).await;
    assert!(page.body.contains("<code>phone_nubmer</code>") && page.body.contains("<code>phone_number</code>"));
    assert_eq!(page.body.matches(WARNING).count(), 1);
    // Somebody has it: then it is what is meant.
    let user = [("username", "carol"), ("enabled", "on"), ("extra_claims", "{\"phone_nubmer\": \"12\"}")];
    let made = console.post("/admin/ui/users/new", &[&user[..], &[("password", "a long password")]].concat()).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    assert!(!console.get("/admin/ui/scopes/edit?name=calls").await.body.contains(WARNING));
    let changed = [("name", "calls"), ("description", "Call you"), ("claims", "phone_nubmer")];
    let answer = console.post("/admin/ui/scopes/edit?name=calls", &changed).await;
    assert_eq!(answer.location(), "/admin/ui/scopes?done=saved");
}

#[tokio::test]
async fn a_script_is_warned_of_such_a_claim_and_refused_one_of_the_protocol() {
    let server = Server::start().await;
    let save = async |claims: &str| {
        let body = serde_json::json!({ "name": "calls", "claims": claims });
        crate::admin_api::post(&server, "/admin/scopes", body).await
    };
    let warned = save("phone_nubmer\nnickname email").await.json();
    let warnings = warned["warnings"].as_array().unwrap();
    assert_eq!(warnings, &["no user has the claim phone_nubmer; is phone_number meant?"]);
    assert_eq!(save("phone_number email").await.json(), serde_json::json!({ "ok": true }));
    for claims in ["iss", "email exp"] {
        assert_eq!(save(claims).await.error().0, 400, "{claims}");
    }
    let saved = server.idp.get_scope("calls").await.unwrap().scope.claims;
    assert_eq!(saved, ["phone_number", "email"], "two of one line are two claims");
}
