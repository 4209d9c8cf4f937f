//! Replays of refresh tokens in the console.

use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::server::{SECRET, Server, claims, text};

const HEADING: &str = "Refresh tokens replayed";

#[tokio::test]
async fn a_replay_is_shown_on_the_pages_of_its_client_and_its_user() {
    let server = Server::start().await;
    let first = server.tokens("openid offline_access").await;
    let subject = text(&claims(text(&first, "id_token")), "sub").to_owned();
    let user = format!("/admin/ui/users/{subject}");
    let security = format!("{user}/security");
    let mut console = server.console().await;
    for page in ["/admin/ui/clients/web", &security] {
        assert!(!console.get(page).await.body.contains(HEADING), "{page}: nothing came back yet");
    }
    let second = server.refresh(&first).await.json();
    server.refresh(&second).await;
    server.clock.advance(500);
    assert_eq!(server.refresh(&first).await.error(), (400, "invalid_grant".to_owned()));
    for (page, link) in [("/admin/ui/clients/web", user.as_str()), (&security, "/admin/ui/clients/web")] {
        let body = console.get(page).await.body;
        let section =
            body.split_once(HEADING).and_then(|(_, rest)| rest.split("</section>").next()).unwrap_or_default();
        assert!(section.contains(&format!("href=\"{link}\"")), "{page}: {section}");
        assert!(section.contains("just now") && section.contains("8 min ago"), "{page}: {section}");
        assert!(section.contains("0.0.0.0") && section.contains("browser unknown"), "{page}: {section}");
    }
}

#[tokio::test]
async fn a_browser_that_replays_says_nothing_that_the_page_takes_for_its_own() {
    let server = Server::start().await;
    let first = server.tokens("openid offline_access").await;
    let second = server.refresh(&first).await.json();
    server.refresh(&second).await;
    server.clock.advance(500);
    let request = Request::post("/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("web:{SECRET}"))))
        .header(header::USER_AGENT, "<script>alert(1)</script>")
        .body(format!("grant_type=refresh_token&refresh_token={}", text(&first, "refresh_token")).into());
    assert_eq!(server.send(request.unwrap()).await.error(), (400, "invalid_grant".to_owned()));
    let body = server.console().await.get("/admin/ui/clients/web").await.body;
    assert!(body.contains("&lt;script&gt;alert(1)") && !body.contains("<script>alert(1)"), "{body}");
}
