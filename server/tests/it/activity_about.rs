//! Events, and whom they are about.

use axum::http::StatusCode;
use idp::testing::Kind;
use serde_json::{Value, json};

use crate::activity::request_id;
use crate::browser::{Answer, Browser};
use crate::console::lists::way;
use crate::server::{CALLBACK, PASSWORD, SECRET, Server, text};

#[tokio::test]
async fn a_change_is_among_the_activity_of_what_it_changed() {
    let server = Server::start().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let of_client = server.admin("PATCH", "/admin/clients/web", &json!({ "client_name": "Renamed" })).await;
    let secret = server.admin("POST", "/admin/clients/web/secrets", &json!({ "name": "spring" })).await;
    let of_user =
        server.admin("PATCH", &format!("/admin/users/{alice}"), &json!({ "email": "alice.a@example.com" })).await;
    let mut console = server.console().await;
    for (answer, list, about, history) in [
        (&of_client, "clients/web".to_owned(), "/admin/ui/clients/web".to_owned(), "clients/web/history/"),
        (&secret, "clients/web".to_owned(), "/admin/ui/clients/web".to_owned(), "clients/web/history/"),
        (&of_user, format!("users/{alice}"), format!("/admin/ui/users/{alice}"), "/history/"),
    ] {
        assert!(answer.status.is_success(), "{}", answer.body);
        let event = server.events(&format!("kind=change&request_id={}", request_id(answer))).await.remove(0);
        let id = text(&event, "id");
        let page = console.get(&format!("/admin/ui/{list}/activity?kind=change")).await;
        assert!(page.body.contains(&format!("/admin/ui/activity/{id}")), "{list}: {}", page.body);
        let page = console.get(&format!("/admin/ui/activity/{id}")).await;
        assert!(page.body.contains(&format!("href=\"{about}\"")), "{about}: {}", page.body);
        let mut links = page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let link = links.find(|link| link.contains(history)).unwrap_or_else(|| panic!("{history}: {}", page.body));
        assert_eq!(console.get(link).await.status, StatusCode::OK, "{link}");
    }
}

#[tokio::test]
async fn the_end_of_grants_is_about_their_client_and_their_user() {
    let server = Server::start().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let mut browser = server.signed_in().await;
    browser.authorize(&[("scope", "openid email")]).await;
    let mut console = server.console().await;
    let list = console.get("/admin/ui/clients/web/grants").await;
    let id = list.body.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    console.post("/admin/ui/clients/web/grants/revoke", &[("id", &id)]).await;
    for query in ["client=web".to_owned(), format!("user={alice}")] {
        let events = server.events(&format!("kind=change&{query}")).await;
        assert!(events.iter().any(|event| text(&event["facts"], "action") == "grant.revoke"), "{query}: {events:?}");
    }
}

#[tokio::test]
async fn users_are_named_and_looked_for_by_name_when_they_are_disabled_too() {
    let server = Server::start().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    server.admin("PATCH", &format!("/admin/users/{alice}"), &json!({ "enabled": false })).await;
    let refused = server.browser().post("/login", &[("username", "alice"), ("password", PASSWORD)]).await;
    let event = server.events(&format!("request_id={}", request_id(&refused))).await.remove(0);
    let line = format!("<tr id=\"{}\">", text(&event, "id"));
    let mut console = server.console().await;
    for user in ["alice", "ALICE", alice.as_str()] {
        let list = console.get(&format!("/admin/ui/activity?kind=sign_in&user={user}")).await;
        let row = list.body.split(&line).nth(1).unwrap_or_else(|| panic!("{user}: {}", list.body));
        assert!(row.split("</tr>").next().unwrap().contains(">alice</a>"), "{row}");
        let file = console.get(&format!("/admin/ui/activity/export?format=jsonl&kind=sign_in&user={user}")).await;
        assert!(file.body.contains(text(&event, "id")), "{user}: {}", file.body);
    }
    let nobody = console.get("/admin/ui/activity?user=nobody").await;
    assert!(nobody.status == StatusCode::OK && !nobody.body.contains(&line));
}

#[tokio::test]
async fn what_is_refused_before_anybody_signs_in_is_told_of_whoever_is_signed_in() {
    let server = Server::start().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let mut browser = server.signed_in().await;
    for (parameters, error) in [
        (vec![("client_id", "nobody")], "unknown_client"),
        (vec![("redirect_uri", "https://app.example/cb/")], "redirect_uri_unregistered"),
        // Without PKCE.
        (vec![("client_id", "spa")], "invalid_request"),
        (vec![("scope", "admin")], "invalid_scope"),
    ] {
        let refused = browser.get(&Browser::request(&parameters)).await;
        let event = server.events(&format!("user={alice}&request_id={}", request_id(&refused))).await;
        assert_eq!(event.len(), 1, "{parameters:?}: {}", refused.body);
        assert_eq!(text(&event[0], "error"), error, "{parameters:?}");
    }
    // Nobody is signed in here.
    let stranger = server.browser().get(&Browser::request(&[("client_id", "nobody")])).await;
    let event = server.events(&format!("request_id={}", request_id(&stranger))).await.remove(0);
    assert!(event.get("user").is_none_or(Value::is_null), "{event}");
}

#[tokio::test]
async fn a_token_request_that_is_refused_is_told_of_the_giver_of_its_code_or_token() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
        let tokens = server.tokens("openid offline_access").await;
        let code = server.signed_in().await.authorize(&[]).await;
        let with_code = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
        let with_token = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
        let (wrong, right) = (Some("web:wrong-secret"), format!("web:{SECRET}"));
        for (auth, fields, check) in [
            (wrong, &with_code[..], "secret_wrong"),
            (wrong, &with_token[..], "secret_wrong"),
            // A request that cannot be read is refused before its code is looked for.
            (Some(right.as_str()), &[&with_code[..], &[("resource", "not a URI")]].concat()[..], "resource_malformed"),
        ] {
            let refused = server.post("/token", auth, fields).await;
            assert!(refused.status.is_client_error(), "{kind:?} {}", refused.body);
            let events = server.events(&format!("user={alice}&request_id={}", request_id(&refused))).await;
            assert_eq!(events.len(), 1, "{kind:?} {check}");
            assert_eq!(text(&events[0]["facts"], "check"), check, "{kind:?} {events:?}");
        }
        // Nobody's code.
        let fields = [("grant_type", "authorization_code"), ("code", "invented"), ("redirect_uri", CALLBACK)];
        let refused = server.post("/token", wrong, &fields).await;
        let event = server.events(&format!("request_id={}", request_id(&refused))).await.remove(0);
        assert!(event.get("user").is_none_or(Value::is_null), "{kind:?} {event}");
    }
}

#[tokio::test]
async fn a_revocation_is_told_once_of_whose_token_it_ends() {
    let server = Server::start().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let tokens = server.tokens("openid offline_access").await;
    let auth = format!("web:{SECRET}");
    for (name, of_alice) in [("access_token", 1), ("access_token", 1), ("refresh_token", 2), ("refresh_token", 2)] {
        server.post("/revoke", Some(&auth), &[("token", text(&tokens, name))]).await;
        let events = server.events(&format!("kind=revocation&user={alice}")).await;
        assert_eq!(events.len(), of_alice, "{name}: {events:?}");
    }
}

#[tokio::test]
async fn scopes_that_are_left_out_are_told() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    browser.authorize(&[("scope", "openid email nowhere another")]).await;
    let events = server.events("kind=consent&client=web").await;
    assert_eq!(text(&events[0]["facts"], "left_out"), "nowhere another", "{events:?}");
    assert_eq!(text(&events[0], "scope"), "openid email");
    browser.authorize(&[("scope", "openid email")]).await;
    let events = server.events("kind=authorization&client=web").await;
    assert!(events[0]["facts"].get("left_out").is_none(), "{events:?}");
}

/// The line of an event in the list.
async fn row(server: &Server, console: &mut Browser<'_>, query: &str) -> String {
    let event = server.events(&format!("kind=change&limit=1&{query}")).await.remove(0);
    let list = console.get("/admin/ui/activity?kind=change").await;
    let line =
        list.body.split(&format!("<tr id=\"{}\">", text(&event, "id"))).nth(1).unwrap_or_else(|| panic!("{query}"));
    line.split("</tr>").next().unwrap().to_owned()
}

#[tokio::test]
async fn the_line_of_a_change_says_what_was_changed_and_by_whom() {
    let server = Server::start().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let mut console = server.console().await;
    let list = console.get("/admin/ui/activity").await;
    assert!(list.body.contains("href=\"/admin/ui/activity?kind=change\"") && list.body.contains(">All changes<"));
    let secret = server.admin("POST", "/admin/clients/web/secrets", &json!({ "name": "spring" })).await;
    let user = format!("/admin/users/{alice}");
    let user = server.admin("PATCH", &user, &json!({ "email": "alice.a@example.com" })).await;
    let scope = json!({ "name": "report:read", "description": "Read", "claims": [] });
    let scope = server.admin("POST", "/admin/scopes", &scope).await;
    let notes =
        json!({ "identifier": "https://notes.example/mcp", "name": "My notes", "scopes": [{ "name": "read" }] });
    let resource = server.admin("POST", "/admin/resources", &notes).await;
    let id = text(&resource.json(), "id").to_owned();
    for (answer, thing, link, sentence) in [
        (&secret, "Client · ", "/admin/ui/clients/web/history/".to_owned(), "Secret added by the admin API"),
        (&user, "User · ", format!("/admin/ui/users/{alice}/history/"), "Changed by the admin API"),
        (&scope, "Scope · ", "/admin/ui/scopes/history/change?name=report".to_owned(), "Created by the admin API"),
        (&resource, "Resource · ", format!("/admin/ui/resources/{id}/history/"), "Created by the admin API"),
    ] {
        assert!(answer.status.is_success(), "{}", answer.body);
        let row = row(&server, &mut console, &format!("request_id={}", request_id(answer))).await;
        assert!(row.contains(thing) && row.contains(&format!("href=\"{link}")) && row.contains(sentence), "{row}");
    }
    let row = row(&server, &mut console, &format!("request_id={}", request_id(&resource))).await;
    assert!(row.contains(">Resource · My notes</a>"), "{row}");
    let client = server.events("kind=change&client=web&limit=1").await.remove(0);
    let page = console.get(&format!("/admin/ui/activity/{}", text(&client, "id"))).await;
    for said in ["The web app</a>", "Secret added by the admin API.", "In its history"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
}

#[tokio::test]
async fn a_line_says_its_client_and_user_where_their_columns_have_no_room() {
    let server = Server::start().await;
    server.tokens("openid").await;
    server.idp.flush_activity().await;
    let list = server.console().await.get("/admin/ui/activity?kind=consent").await;
    let row = list.body.split("<tr id=").nth(1).unwrap();
    let cell = row.split("</td>").next().unwrap();
    let about = cell.split("class=\"tiny slim\"").nth(1).unwrap_or_default();
    assert!(about.contains("<code>web</code>") && about.contains(">alice</a>"), "{row}");
}

#[tokio::test]
async fn the_activity_is_walked_both_ways() {
    let server = Server::start().await;
    for _ in 0..51 {
        server.browser().post("/login", &[("username", "alice"), ("password", "wrong-password")]).await;
        server.clock.advance(61);
    }
    server.idp.flush_activity().await;
    let mut console = server.console().await;
    let first = console.get("/admin/ui/activity").await;
    assert!(first.body.contains(">Reload</a>") && first.body.contains("data-since"), "{}", first.body);
    assert_eq!(way(&first, "Previous"), None);
    let second = console.get(&way(&first, "Next").unwrap()).await;
    assert!(second.body.contains(">Newest</a>") && !second.body.contains(">Reload</a>"), "{}", second.body);
    assert_eq!(way(&second, "Next"), None);
    let back = console.get(&way(&second, "Previous").unwrap()).await;
    assert!(back.body.contains(">Reload</a>") && way(&back, "Previous").is_none(), "{}", back.body);
    let events = |page: &Answer| page.body.matches("class=\"name\"").count();
    assert_eq!((events(&first), events(&back)), (50, 50));
    assert!((1..50).contains(&events(&second)), "{}", second.body);
}
