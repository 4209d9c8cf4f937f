//! The page of the API.

use axum::http::StatusCode;

use super::is_in_frame;
use crate::browser::Browser;
use crate::server::{ISSUER, Server};

/// As it stands in the HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The part of the page about an operation, opened.
async fn part(console: &mut Browser<'_>, id: &str) -> String {
    let page = console.get(&format!("/admin/ui/api?call={id}")).await;
    assert_eq!((page.status, page.body.matches("class=\"api-text\"").count()), (StatusCode::OK, 1), "{id}");
    let begin = page.body.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("{id} is not on the page"));
    page.body[begin..].split("class=\"api-call").nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn every_operation_of_the_document_is_on_the_page_with_what_it_takes_and_answers() {
    let server = Server::start().await;
    let document = server.browser().get("/admin/openapi.json").await.json();
    let mut console = server.console().await;
    let page = console.get("/admin/ui/api").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(is_in_frame(&page) && !page.body.contains("class=\"api-text\""));
    let shared = page.body.split("id=\"every-call\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned();
    for status in ["401", "429", "500", "503"] {
        assert!(shared.contains(&format!(">{status}<")), "{status}: {shared}");
    }
    let mut count = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            count += 1;
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.body.contains(&format!("href=\"/admin/ui/api?call={id}#{id}\"")), "{id}");
            let part = part(&mut console, id).await;
            for expected in [&method.to_uppercase(), path, operation["summary"].as_str().unwrap()] {
                assert!(part.contains(&format!(">{expected}<")), "{id}: {expected}: {part}");
            }
            for status in operation["responses"].as_object().unwrap().keys() {
                let said = format!(">{status}<");
                let once = path != "/health" && shared.contains(&said);
                assert_eq!((part.contains(&said), once), (!once, once), "{id}: {status}");
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(part.contains(&format!("<code>{}</code>", parameter["name"].as_str().unwrap())), "{id}");
            }
            let example = &operation["requestBody"]["content"]["application/json"]["example"];
            for member in example.as_object().into_iter().flat_map(serde_json::Map::keys) {
                assert!(part.contains(&format!("<code>{member}</code>")), "{id}: {member}");
            }
            if !example.is_null() {
                assert!(part.contains(&escaped(&example.to_string())), "{id}: {example}");
            }
            let address = path.replace('{', "${").split('$').map(upper).collect::<Vec<_>>().join("$");
            assert!(part.contains(&format!("{ISSUER}{address}")), "{id}: {address}");
            assert_eq!(part.contains("$ADMIN_TOKEN"), path != "/health", "{id}");
        }
    }
    assert_eq!(page.body.matches("class=\"api-call").count(), count);
    let lost = console.get("/admin/ui/api?call=%3Cb%3E").await;
    assert!(lost.body.contains("There is no call of this name.") && !lost.body.contains("<b>"), "{}", lost.body);
}

/// `{name}/rest` as a variable of a shell.
fn upper(part: &str) -> String {
    match part.split_once('}') {
        Some((name, rest)) => format!("{}}}{rest}", name.to_uppercase()),
        None => part.to_owned(),
    }
}

#[tokio::test]
async fn members_say_their_type_their_limits_and_whether_they_are_needed() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let (user, client) = (part(&mut console, "createUser").await, part(&mut console, "createClient").await);
    let policy = part(&mut console, "changePolicy").await;
    let row = |part: &str, member: &str| {
        let row = part.split("<tr>").find(|row| row.contains(&format!("<code>{member}</code>")));
        row.unwrap_or_else(|| panic!("{member}: {part}")).to_owned()
    };
    let username = row(&user, "username");
    assert!(username.contains("string") && username.contains("required") && username.contains("1 to 120 characters"));
    assert!(!row(&user, "email").contains("required"));
    assert!(row(&client, "redirect_uris").contains("array of string or string"));
    let lifetime = row(&client, "policy.access_token_lifetime");
    assert!(
        lifetime.contains("integer") && lifetime.contains("60 to 86400") && lifetime.contains("3600"),
        "{lifetime}"
    );
    assert!(row(&policy, "consent_policy").contains("<code>always</code>, <code>once</code>, <code>skip</code>"));
}

#[tokio::test]
async fn the_page_is_for_administrators() {
    let server = Server::start().await;
    let answer = server.browser().get("/admin/ui/api").await;
    assert!(answer.location().starts_with("/admin/login?"), "{}", answer.location());
}
