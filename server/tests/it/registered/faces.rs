//! The face of a client on the pages where people sign in: logo, policy and terms (OpenID Connect Registration §2).

use std::sync::{Arc, Mutex};

use axum::http::{Method, StatusCode};
use idp::testing::site::{Authority, Reply, TestSite};
use serde_json::{Value, json};

use crate::admin_api::call;
use crate::browser::{Answer, Browser};
use crate::registration;
use crate::server::{CALLBACK, Server, encode, text};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nthe rest of a picture";

/// A server where clients may register, and a site with a picture.
struct World {
    server: Server,
    site: TestSite,
    picture: Arc<Mutex<Reply>>,
}

impl World {
    async fn start() -> Self {
        let picture = Arc::new(Mutex::new(Reply::ok("image/png", PNG)));
        let (authority, shown) = (Authority::default(), picture.clone());
        let site = TestSite::start(&authority, move |_| shown.lock().unwrap().clone()).await;
        let server = Server::start().await.asking(site.options(&authority)).await;
        registration::set_policy(&server, "open").await;
        Self { server, site, picture }
    }

    fn logo(&self) -> String {
        self.site.url("/logo.png")
    }

    async fn register(&self, members: Value) -> Value {
        let mut body = json!({ "client_name": "Notes", "redirect_uris": [CALLBACK] });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        registration::register(&self.server, &body).await
    }

    /// The login page of somebody whom a client sends.
    async fn login_page(&self, client: &Value) -> Answer {
        let mut browser = self.server.browser();
        let asked = browser.get(&Browser::request(&[("client_id", text(client, "client_id"))])).await;
        let page = browser.follow(&asked).await;
        assert!(page.body.contains("type=\"password\""), "{}", page.body);
        page
    }

    async fn fetch_logo(&self, client_id: &str) -> Answer {
        self.server.browser().get(&format!("/client-logo?{}", encode(&[("client_id", client_id)]))).await
    }
}

#[tokio::test]
async fn oidcc_registration_logo_uri() {
    let world = World::start().await;
    let client = world.register(json!({ "logo_uri": world.logo() })).await;
    assert_eq!(client["logo_uri"], world.logo());
    let page = world.login_page(&client).await;
    let source = format!("/client-logo?client_id={}", text(&client, "client_id"));
    assert!(page.body.contains(&format!("<img src=\"{source}\"")), "{}", page.body);
    // Nobody else hears of who signs in: the page neither names the place nor may load anything from it.
    assert!(!page.body.contains(&world.logo()));
    assert!(page.header("content-security-policy").contains("img-src 'self' data:;"));
    assert_eq!(world.site.hits(), 0);
    for _ in 0..3 {
        let logo = world.fetch_logo(text(&client, "client_id")).await;
        assert_eq!((logo.status, logo.header("content-type")), (StatusCode::OK, "image/png"));
        assert_eq!(logo.header("x-content-type-options"), "nosniff");
        assert!(logo.header("content-security-policy").contains("sandbox"));
        assert_eq!(logo.header("cache-control"), "public, max-age=3600");
    }
    assert_eq!(world.site.hits(), 1, "it is kept");
    world.server.clock.advance(86_400);
    let other = world.register(json!({ "logo_uri": world.logo() })).await;
    world.fetch_logo(text(&other, "client_id")).await;
    assert_eq!(world.site.hits(), 2, "for a day");
    let head = world.site.last_request().to_ascii_lowercase();
    assert!(!head.contains("cookie") && !head.contains("referer"), "{head}");
}

#[tokio::test]
async fn oidcc_registration_policy_uri_and_tos_uri() {
    let world = World::start().await;
    let links = json!({ "policy_uri": "https://app.example/policy", "tos_uri": "https://app.example/tos" });
    let client = world.register(links).await;
    let page = world.login_page(&client).await;
    for link in ["https://app.example/policy", "https://app.example/tos"] {
        assert!(page.body.contains(&format!("href=\"{link}\"")), "{link}: {}", page.body);
    }
    assert!(page.body.contains("Notes"));
}

#[tokio::test]
async fn what_is_no_picture_is_not_shown_and_not_asked_for_again_at_once() {
    let world = World::start().await;
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let large = [PNG, &[0; 200_000]].concat();
    let replies = [
        Reply::ok("image/svg+xml", svg),
        Reply::ok("image/png", svg),
        Reply::ok("text/html", PNG),
        Reply::with("HTTP/1.1 404 Not Found\r\nContent-Type: image/png", PNG),
        Reply::with("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/logo.png", ""),
        Reply::ok("image/png", large),
        Reply::Endless(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n".to_vec(), PNG.to_vec()),
    ];
    for (number, reply) in replies.into_iter().enumerate() {
        *world.picture.lock().unwrap() = reply;
        let client = world.register(json!({ "logo_uri": world.site.url(&format!("/{number}")) })).await;
        let before = world.site.hits();
        for _ in 0..3 {
            let answer = world.fetch_logo(text(&client, "client_id")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{number}");
        }
        assert_eq!(world.site.hits(), before + 1, "{number}");
        *world.picture.lock().unwrap() = Reply::ok("image/png", PNG);
        world.server.clock.advance(300);
        assert_eq!(world.fetch_logo(text(&client, "client_id")).await.status, StatusCode::OK, "{number}");
    }
    for odd in ["", "nobody", "\u{0}", "https://a.example/x", &"x".repeat(5_000)] {
        assert_eq!(world.fetch_logo(odd).await.status, StatusCode::NOT_FOUND, "{odd:?}");
    }
    let private = world.register(json!({ "logo_uri": "https://192.168.0.1/logo.png" })).await;
    assert_eq!(world.fetch_logo(text(&private, "client_id")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_program_that_proves_nothing_shows_no_sign_and_an_administrator_gives_any_client_one() {
    let world = World::start().await;
    let mut body = registration::native("Bank");
    body["logo_uri"] = json!(world.logo());
    let public = registration::register(&world.server, &body).await;
    assert_eq!(public.get("logo_uri"), None);
    body["logo_uri"] = Value::Null;
    assert_eq!(registration::register(&world.server, &body).await["client_id"], public["client_id"]);
    assert_eq!(world.fetch_logo(text(&public, "client_id")).await.status, StatusCode::NOT_FOUND);
    let change = json!({ "logo_uri": world.logo() });
    assert_eq!(call(&world.server, Method::PATCH, "/admin/clients/web", change).await.status, StatusCode::OK);
    let page = world.login_page(&json!({ "client_id": "web" })).await;
    assert!(page.body.contains("<img src=\"/client-logo?client_id=web\""), "{}", page.body);
    let mut browser = world.server.signed_in().await;
    let consent = browser.get(&Browser::request(&[])).await;
    assert!(consent.body.contains("<img src=\"/client-logo?client_id=web\"") && !consent.body.contains(&world.logo()));
    assert_eq!(world.fetch_logo("web").await.status, StatusCode::OK);
    let off = json!({ "enabled": false });
    call(&world.server, Method::PATCH, "/admin/clients/web", off).await;
    assert_eq!(world.fetch_logo("web").await.status, StatusCode::NOT_FOUND);
}
