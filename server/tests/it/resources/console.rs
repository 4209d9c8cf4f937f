//! Resources in the console.

use axum::http::StatusCode;
use serde_json::json;

use super::{NOTES, NOTES_TOO};
use crate::browser::Answer;
use crate::server::{ISSUER, Server, text};

const FORM: [(&str, &str); 10] = [
    ("identifier", NOTES),
    ("name", "Notes"),
    ("status", "enabled"),
    ("scopes_name", "read"),
    ("scopes_description", "Read your notes"),
    ("scopes_name", "write"),
    ("scopes_description", ""),
    ("scopes_default", "0"),
    ("token_format", "jwt"),
    ("allowed_clients", ""),
];

/// The form with one value in place of another.
fn with<'a>(field: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let rest = FORM.into_iter().filter(|(name, _)| *name != field);
    rest.chain([(field, value)]).collect()
}

fn problem_of(answer: &Answer, field: &str) -> String {
    let ids = [format!("id=\"field-{field}-error\""), format!("id=\"group-{field}-error\"")];
    let error = ids.iter().find_map(|id| answer.body.split(id).nth(1)).unwrap_or_default();
    error.split('>').nth(1).and_then(|text| text.split('<').next()).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_resource_is_created_changed_and_deleted() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let empty = console.get("/admin/ui/resources").await;
    assert!(empty.body.contains("No resources yet"));
    let wizard = console.get("/admin/ui/clients/wizard").await;
    assert!(wizard.body.contains("AI agent or MCP server") && wizard.body.contains("href=\"/admin/ui/resources/new\""));
    let created = console.post("/admin/ui/resources/new", &FORM).await;
    let page = console.follow(&created).await;
    let path = created.location().split("/server").next().unwrap().to_owned();
    assert!(page.body.contains("Created.") && page.body.contains(ISSUER), "{}", page.body);
    for copied in [
        "https://Notes.example/.well-known/oauth-protected-resource/mcp",
        "&quot;authorization_servers&quot;: [",
        "insufficient_scope",
        "ISSUER=http://127.0.0.1:8000\nRESOURCE=https://Notes.example/mcp\nSCOPES=&quot;read&quot;",
    ] {
        assert!(page.body.contains(copied) || page.body.contains(&copied.replace("&quot;", "\"")), "{copied}");
    }
    let form = console.get(&path).await;
    assert_eq!((form.field("identifier").as_str(), form.field("version").as_str()), (NOTES, "1"));
    assert!(form.body.contains("value=\"Read your notes\"") && form.body.contains("value=\"write\""));
    let mut changed = with("identifier", NOTES_TOO);
    changed.extend([("version", "1"), ("may_read_userinfo", "on"), ("default", "on")]);
    let saved = console.post(&path, &changed).await;
    assert!(console.follow(&saved).await.body.contains("Saved."));
    let list = console.get("/admin/ui/resources").await;
    assert!(list.body.contains(NOTES_TOO) && list.body.contains("Default"));
    let shown = server.admin("GET", "/admin/resources", &json!({})).await.json();
    assert_eq!((&shown[0]["may_read_userinfo"], &shown[0]["default"]), (&json!(true), &json!(true)));
    assert_eq!(shown[0]["scopes"][1], json!({ "name": "write", "description": "write", "default": false }));
    // A form that was opened before.
    let stale = console.post(&path, &changed).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert_eq!(stale.field("version"), "2", "saving again is a decision");
    let delete = format!("{path}/delete");
    let wrong = console.post(&delete, &[("confirm", "Notes")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = console.post(&delete, &[("confirm", NOTES_TOO)]).await;
    assert!(console.follow(&right).await.body.contains("Deleted."));
    for gone in ["", "/server", "/credentials", "/danger"] {
        assert_eq!(console.get(&format!("{path}{gone}")).await.status, StatusCode::NOT_FOUND, "{gone}");
    }
}

#[tokio::test]
async fn a_form_that_was_opened_before_does_not_bring_the_default_back() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let created = console.post("/admin/ui/resources/new", &FORM).await;
    let path = created.location().split("/server").next().unwrap().to_owned();
    let mut form = FORM.to_vec();
    form.push(("default", "on"));
    let first = [&form[..], &[("version", "1")]].concat();
    assert_eq!(console.post(&path, &first).await.status, StatusCode::SEE_OTHER);
    let opened = console.get(&path).await.field("version");
    server.create_resource(&json!({ "identifier": "https://maps.example", "default": true })).await;
    let stale = console.post(&path, &[&form[..], &[("version", opened.as_str())]].concat()).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.location());
    let list = server.admin("GET", "/admin/resources", &json!({})).await.json();
    let defaults = list.as_array().unwrap().iter().filter(|row| row["default"] == true);
    assert_eq!(defaults.map(|row| text(row, "identifier")).collect::<Vec<_>>(), ["https://maps.example"]);
    // After the look, saving it again is a decision; and one that is shut is not the default.
    let shut: Vec<_> =
        form.iter().map(|(name, value)| (*name, if *name == "status" { "disabled" } else { value })).collect();
    let refused = console.post(&path, &shut).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem_of(&refused, "default"), "Only a resource that is enabled can be the default one.");
    let again = stale.field("version");
    let saved = console.post(&path, &[&form[..], &[("version", again.as_str())]].concat()).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
}

#[tokio::test]
async fn a_form_that_is_not_right_comes_back_as_it_was_typed() {
    let server = Server::start().await;
    server.create_resource(&json!({ "identifier": "https://taken.example" })).await;
    let mut console = server.console().await;
    for (field, value, sentence) in [
        ("identifier", "", "This is needed."),
        ("identifier", "notes", "absolute URI"),
        ("identifier", "https://notes.example#x", "fragment"),
        ("identifier", "HTTPS://TAKEN.example/", "already taken"),
        ("identifier", "http://127.0.0.1:8000/", "issuer itself"),
        ("name", "", "This is needed."),
        ("allowed_clients", "web a/b", "Line 1: Use letters"),
        ("access_token_lifetime", "1", "60 to 86,400"),
    ] {
        let answer = console.post("/admin/ui/resources/new", &with(field, value)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        let problem = problem_of(&answer, field).replace("86400", "86,400");
        assert!(problem.contains(sentence), "{field} {value}: {problem}");
        assert!(answer.body.contains("value=\"Read your notes\""), "what was typed is kept");
    }
    let mut twice = FORM.to_vec();
    twice.push(("scopes_name", "openid"));
    let answer = console.post("/admin/ui/resources/new", &twice).await;
    assert!(problem_of(&answer, "scopes").contains("Line 3: “openid” is a scope of the server"), "{}", answer.body);
}

#[tokio::test]
async fn secrets_are_shown_once_and_revoked() {
    let server = Server::start().await;
    let notes = server.with_notes().await;
    let mut console = server.console().await;
    let path = format!("/admin/ui/resources/{}/credentials", text(&notes, "id"));
    let page = console.get(&path).await;
    assert!(page.body.contains("No secrets") && page.body.contains(text(&notes, "id")));
    let added = console.post(&path, &[("name", "production"), ("lifetime_days", "")]).await;
    let made = console.follow(&added).await;
    let secret =
        made.body.split("<code>").find(|rest| rest.find("</code>") == Some(43)).map(|rest| rest[..43].to_owned());
    let secret = secret.unwrap_or_else(|| panic!("{}", made.body));
    let status = async || {
        let credentials = format!("{}:{secret}", text(&notes, "id"));
        server.post("/introspect", Some(&credentials), &[("token", "x")]).await.status.as_u16()
    };
    assert_eq!(status().await, 200);
    let page = console.get(&path).await;
    assert!(page.body.contains("production") && !page.body.contains(&secret));
    let id =
        page.body.split("/credentials/revoke?id=").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let revoked = console.post(&format!("{path}/revoke"), &[("id", &id)]).await;
    assert!(console.follow(&revoked).await.body.contains("The secret is revoked."));
    assert_eq!(status().await, 401);
    let wrong = console.post(&path, &[("name", ""), ("lifetime_days", "0")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_resource_that_waits_is_accepted_with_one_click() {
    let server = Server::start().await;
    let notes = server.create_resource(&json!({ "identifier": NOTES, "status": "pending" })).await;
    let mut console = server.console().await;
    let list = console.get("/admin/ui/resources").await;
    assert!(list.body.contains("Waits for you"));
    let path = format!("/admin/ui/resources/{}", text(&notes, "id"));
    assert!(list.body.contains(&format!("action=\"{path}/accept\"")));
    let accepted = console.post(&format!("{path}/accept"), &[]).await;
    assert!(console.follow(&accepted).await.body.contains("Accepted."));
    let mut browser = server.signed_in().await;
    assert_eq!(browser.ask_at(&[("scope", "openid")], &[NOTES]).await.status, StatusCode::OK);
}
