//! The first start.

use axum::http::StatusCode;

use crate::browser::Browser;
use crate::server::Server;

#[tokio::test]
async fn before_it_everything_leads_to_setup_but_what_must_work_without() {
    let server = Server::fresh().await;
    let request = Browser::request(&[]);
    let closed =
        [request.as_str(), "/login", "/logout", "/userinfo", "/admin", "/admin/login", "/admin/ui", "/nowhere"];
    for path in closed {
        let answer = server.browser().get(path).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/setup"), "{path}");
    }
    for path in ["/token", "/introspect", "/login"] {
        let answer = server.browser().post(path, &[]).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/setup"), "{path}");
    }
    for path in ["/", "/setup", "/health", "/.well-known/openid-configuration", "/.well-known/jwks.json"] {
        assert_eq!(server.browser().get(path).await.status, StatusCode::OK, "{path}");
    }
    // The site may not be built yet when this runs; what matters is that an address of a file does not lead to setup.
    assert_eq!(server.browser().get("/pkg/another-build/signet.css").await.status, StatusCode::NOT_FOUND);
    assert!(server.browser().get("/").await.body.contains("href=\"/setup\""));
}

#[tokio::test]
async fn blank_makes_a_token_that_is_shown_once_and_opens_the_console() {
    let server = Server::fresh().await;
    let page = server.browser().get("/setup").await;
    assert!(page.body.contains("name=\"admin_token\""));
    let mut newcomer = server.browser();
    let done = newcomer.post("/setup", &[("admin_token", "  ")]).await;
    assert!(done.location().starts_with("/admin/ui?"), "{}", done.location());
    let shown = newcomer.follow(&done).await;
    assert_eq!((shown.status, shown.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(shown.body.contains("This is your admin token") && shown.body.contains("The server is set up"));
    let token = shown.body.split("<dt>Admin token</dt>").nth(1).unwrap();
    let token = token.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(token.len(), 43);
    assert!(!done.location().contains(&token));
    let again = newcomer.get(done.location()).await;
    assert_eq!(again.status, StatusCode::OK, "the console is open");
    assert!(again.body.contains("The admin token was shown once") && !again.body.contains(&token));
    let answer = server.browser().post("/admin/login", &[("token", &token)]).await;
    assert_eq!(answer.location(), "/admin/ui");
    let document = server.browser().get("/.well-known/openid-configuration").await.json();
    for scope in ["openid", "profile", "email", "address", "phone", "offline_access"] {
        assert!(document["scopes_supported"].as_array().unwrap().contains(&scope.into()), "{scope}");
    }
}

#[tokio::test]
async fn a_token_may_be_chosen_but_not_a_short_one() {
    let server = Server::fresh().await;
    let short = server.browser().post("/setup", &[("admin_token", "short")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.body.contains("aria-invalid=\"true\"") && short.body.contains("shorter than 8"));
    assert_eq!(server.browser().post("/admin/login", &[("token", "short")]).await.location(), "/setup");
    let chosen = "chosen-by-the-administrator";
    let mut newcomer = server.browser();
    let done = newcomer.post("/setup", &[("admin_token", chosen)]).await;
    let dashboard = newcomer.follow(&done).await;
    assert_eq!(dashboard.status, StatusCode::OK, "the console is open");
    assert!(!dashboard.body.contains(chosen) && !dashboard.body.contains("was shown once"), "{}", dashboard.body);
    assert_eq!(server.browser().post("/admin/login", &[("token", chosen)]).await.location(), "/admin/ui");
}

#[tokio::test]
async fn it_happens_once() {
    let server = Server::start().await;
    for answer in [
        server.browser().get("/setup").await,
        server.browser().post("/setup", &[("admin_token", "somebody-elses-admin-token")]).await,
    ] {
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/admin/login"));
    }
    let answer = server.browser().post("/admin/login", &[("token", "somebody-elses-admin-token")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_script_is_shown_the_token_at_once() {
    for (sent, shown) in [("", None), ("chosen-by-the-administrator", Some("chosen-by-the-administrator"))] {
        let server = Server::fresh().await;
        let answer = server.post("/setup", None, &[("admin_token", sent)]).await;
        assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"), "{}", answer.body);
        let token = answer.body.split("id=\"admin-token\">").nth(1).unwrap().split('<').next().unwrap();
        assert!(shown.is_none_or(|shown| shown == token) && token.len() > 20, "{token}");
        assert_eq!(server.browser().post("/admin/login", &[("token", token)]).await.location(), "/admin/ui");
    }
}
