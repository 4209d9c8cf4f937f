//! Access to the console.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::is_in_frame;
use crate::server::{ADMIN_COOKIE, ADMIN_TOKEN, Server};

#[tokio::test]
async fn it_is_closed_to_everybody_without_the_token() {
    let server = Server::start().await;
    let mut user = server.signed_in().await;
    for (path, next) in [
        ("/admin/ui", "%2Fadmin%2Fui"),
        ("/admin/ui/clients?q=a&page=2", "%2Fadmin%2Fui%2Fclients%3Fq%3Da%26page%3D2"),
        ("/admin/ui/users", "%2Fadmin%2Fui%2Fusers"),
        ("/admin/ui/scopes", "%2Fadmin%2Fui%2Fscopes"),
        ("/admin/ui/keys", "%2Fadmin%2Fui%2Fkeys"),
        ("/admin/ui/nowhere", "%2Fadmin%2Fui%2Fnowhere"),
    ] {
        let answer = user.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(answer.location(), format!("/admin/login?next={next}"));
    }
    for path in ["/admin/ui/clients/new", "/admin/ui/clients/web/delete", "/admin/ui/keys", "/admin/ui/scopes/delete"] {
        let answer = user.post(path, &[("confirm", "web"), ("alg", "RS256")]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.body.contains("action=\"/admin/login?"), "{path} {}", answer.body);
    }
    assert!(server.idp.get_client(&oauth::id::ClientId::new("web")).await.is_ok());
    assert_ne!(user.search("web").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_token_opens_it_where_one_wanted_to_go() {
    let server = Server::start().await;
    let mut browser = server.browser();
    let wrong = browser.post("/admin/login?next=%2Fadmin%2Fui%2Fkeys", &[("token", "wrong")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.body.contains("This is not the admin token.") && wrong.header("set-cookie").is_empty());
    let empty = browser.post("/admin/login", &[]).await;
    assert_eq!(empty.status, StatusCode::UNAUTHORIZED);
    let answer = browser.post("/admin/login?next=%2Fadmin%2Fui%2Fkeys", &[("token", ADMIN_TOKEN)]).await;
    assert_eq!(answer.location(), "/admin/ui/keys");
    let (pair, flags) = answer.header("set-cookie").split_once("; ").unwrap();
    assert!(pair.starts_with(&format!("{ADMIN_COOKIE}=")));
    assert_eq!(flags, "Path=/; HttpOnly; SameSite=Lax; Max-Age=43200");
    for next in ["https://evil.example", "//evil.example", "/authorize", ""] {
        let query = oauth::form::Form::default().with("next", next).encode();
        let answer = server.browser().post(&format!("/admin/login?{query}"), &[("token", ADMIN_TOKEN)]).await;
        assert_eq!(answer.location(), "/admin/ui", "{next}");
    }
}

#[tokio::test]
async fn it_closes_by_itself_and_on_demand() {
    let server = Server::start().await;
    let mut console = server.console().await;
    server.clock.advance(12 * 3_600 - 1);
    assert_eq!(console.get("/admin/ui").await.status, StatusCode::OK);
    server.clock.advance(1);
    assert_eq!(console.get("/admin/ui").await.status, StatusCode::SEE_OTHER);
    let mut console = server.console().await;
    let cookie = console.cookie(ADMIN_COOKIE).unwrap().to_owned();
    let answer = console.post("/admin/logout", &[]).await;
    assert_eq!(answer.location(), "/admin/login");
    let mut copy = server.browser().with_cookie(ADMIN_COOKIE, &cookie);
    assert_eq!(copy.get("/admin/ui").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_reset_of_the_token_closes_every_console() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let token = server.idp.reset_admin_token().await.unwrap();
    assert_eq!(console.get("/admin/ui").await.status, StatusCode::SEE_OTHER);
    let fields = [("token", token.expose())];
    assert_eq!(console.post("/admin/login", &fields).await.location(), "/admin/ui");
    let answer = server.browser().post("/admin/login", &[("token", ADMIN_TOKEN)]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_address_where_there_is_nothing_is_said_so_in_the_frame() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for path in [
        "/admin/ui/nowhere",
        "/admin/ui/clients/nobody",
        "/admin/ui/clients/nobody/settings",
        "/admin/ui/users/018f0000-0000-7000-8000-000000000000",
        "/admin/ui/users/no-uuid",
        "/admin/ui/scopes/edit?name=nothing",
    ] {
        let answer = console.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(is_in_frame(&answer), "{path}");
    }
}

#[tokio::test]
async fn the_dashboard_counts() {
    let server = Server::start().await;
    server.tokens("openid").await;
    let page = server.console().await.get("/admin/ui").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(is_in_frame(&page) && page.body.contains(crate::server::ISSUER));
}

#[tokio::test]
async fn search_finds_clients_and_users() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let hits = console.search("ali").await;
    assert_eq!(hits.status, StatusCode::OK, "{}", hits.body);
    let hits = hits.json();
    assert_eq!((&hits[0]["kind"], &hits[0]["title"]), (&"User".into(), &"alice".into()));
    assert!(hits[0]["href"].as_str().unwrap().starts_with("/admin/ui/users/"));
    let hits = console.search("SPA").await.json();
    assert_eq!((&hits[0]["kind"], &hits[0]["href"]), (&"Client".into(), &"/admin/ui/clients/spa".into()));
    assert_eq!(console.search("%").await.json(), serde_json::json!([]));
}

#[tokio::test]
async fn search_finds_users_by_the_name_that_is_shown_and_by_subject() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let alice = console.search("alice").await.json()[0].clone();
    assert_eq!(alice["detail"], "Alice Adams");
    let subject = alice["href"].as_str().unwrap().rsplit('/').next().unwrap();
    for text in ["adams", "Alice A", subject, &subject.to_uppercase(), &format!(" {subject} ")] {
        assert_eq!(console.search(text).await.json()[0], alice, "{text}");
        let list = console.get(&format!("/admin/ui/users?q={}", text.replace(' ', "+"))).await;
        assert!(list.body.contains("1–1 of 1") && list.body.contains("Alice Adams"), "{text}");
    }
    let nobody = subject.replace(|c: char| c.is_ascii_digit(), "0");
    assert!(console.get(&format!("/admin/ui/users?q={nobody}")).await.body.contains("No user fits"));
}

#[tokio::test]
async fn search_finds_whatever_else_has_a_name() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for (path, body) in [
        ("/admin/scopes", serde_json::json!({ "name": "zebra:ride", "description": "Ride on zebras" })),
        (
            "/admin/resources",
            serde_json::json!({ "name": "Giraffe desk", "identifier": "https://desk.example/giraffe" }),
        ),
        (
            "/admin/trusts",
            serde_json::json!({ "name": "Okapi house", "kind": "identity_provider", "issuer": "https://okapi.example",
                "jwks_uri": "https://okapi.example/jwks" }),
        ),
    ] {
        let request =
            Request::post(path).header("x-admin-token", ADMIN_TOKEN).header("content-type", "application/json");
        let answer = server.send(request.body(Body::from(body.to_string())).unwrap()).await;
        assert!(answer.status.is_success(), "{path} {}", answer.body);
    }
    for (text, kind, title, begins) in [
        ("ZEBRA", "Scope", "zebra:ride", "/admin/ui/scopes"),
        ("ride on", "Scope", "zebra:ride", "/admin/ui/scopes"),
        ("giraffe d", "Resource", "Giraffe desk", "/admin/ui/resources/"),
        ("desk.example", "Resource", "Giraffe desk", "/admin/ui/resources/"),
        ("okapi", "Trust", "Okapi house", "/admin/ui/trusts/"),
        ("listen_addr", "Docs", "LISTEN_ADDR", "/docs/configuration#listen_addr"),
        ("Troubleshooting", "Docs", "Troubleshooting", "/docs/troubleshooting"),
    ] {
        let hits = console.search(text).await.json();
        let hit =
            hits.as_array().unwrap().iter().find(|hit| hit["kind"] == kind).unwrap_or_else(|| panic!("{text} {hits}"));
        assert_eq!(hit["title"], title, "{text}");
        let href = hit["href"].as_str().unwrap();
        assert!(href.starts_with(begins), "{text} {href}");
        assert_eq!(console.get(href.split('#').next().unwrap()).await.status, StatusCode::OK, "{href}");
    }
    let many = console.search("e").await.json();
    for kind in ["Scope", "Resource", "Trust", "Docs", "Client", "User"] {
        assert!(many.as_array().unwrap().iter().filter(|hit| hit["kind"] == kind).count() <= 5, "{kind}");
    }
    assert_eq!(
        console.search("  ").await.json().as_array().unwrap().iter().filter(|hit| hit["kind"] == "Docs").count(),
        0
    );
}
