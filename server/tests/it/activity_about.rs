//! Events, and whom they are about.

use axum::http::StatusCode;
use serde_json::json;

use crate::activity::request_id;
use crate::server::{PASSWORD, Server, text};

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
