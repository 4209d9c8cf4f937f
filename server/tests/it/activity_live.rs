//! Events as they come, on the page that shows them.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use idp::testing::Kind;
use tower::ServiceExt as _;

use crate::browser::Browser;
use crate::server::{ADMIN_COOKIE, PASSWORD, Server};

const LIVE: &str = "/admin/ui/activity/live";

/// A stream that somebody follows.
struct Stream(Body);

impl Stream {
    /// Opens one in the console of a browser.
    async fn open(
        server: &Server,
        console: &Browser<'_>,
        query: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, StatusCode> {
        let cookie = format!("{ADMIN_COOKIE}={}", console.cookie(ADMIN_COOKIE).unwrap_or_default());
        let request = headers
            .iter()
            .fold(Request::get(format!("{LIVE}?{query}")), |request, (name, value)| request.header(*name, *value));
        let request = request.header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        let answer = server.router.clone().oneshot(request).await.unwrap();
        if answer.status() != StatusCode::OK {
            return Err(answer.status());
        }
        let said = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(said("content-type"), "text/event-stream");
        assert_eq!((said("cache-control"), said("x-accel-buffering")), ("no-store".into(), "no".into()));
        assert!(!answer.headers().contains_key("content-encoding"));
        let mut stream = Self(answer.into_body());
        // Something comes at once, so that the browser knows that it is connected.
        assert!(stream.part().await.unwrap().contains("retry:"));
        Ok(stream)
    }

    async fn part(&mut self) -> Option<String> {
        let frame = self.0.frame().await?;
        Some(String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
    }

    /// The next message that is more than a heartbeat; `None` at the end.
    async fn message(&mut self) -> Option<String> {
        loop {
            let part = self.part().await?;
            if part.contains("data:") {
                return Some(part);
            }
        }
    }
}

/// Somebody fails to sign in. The browser says which it is.
async fn fail(server: &Server, agent: &str) {
    let request = Request::post("/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::USER_AGENT, agent);
    server.send(request.body(Body::from("username=alice&password=wrong-password")).unwrap()).await;
    server.idp.flush_activity().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_at_any_node_comes_as_a_line_of_the_list() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let mut console = server.console().await;
        server.idp.flush_activity().await;
        let mut all = Stream::open(&server, &console, "", &[]).await.unwrap();
        let mut narrow = Stream::open(&server, &console, "kind=sign_in&outcome=ok", &[]).await.unwrap();
        let other = server.another_node().await;
        fail(&other, "x").await;
        let message = all.message().await.unwrap();
        assert!(message.contains("password_wrong") && message.contains("<tr id="), "{kind:?} {message}");
        // The same line as in the list.
        let list = console.get("/admin/ui/activity?kind=sign_in").await;
        let line = list.body.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap();
        assert!(message.contains(line), "{kind:?} {message} {line}");
        other.browser().post("/login", &[("username", "alice"), ("password", PASSWORD)]).await;
        other.idp.flush_activity().await;
        let message = narrow.message().await.unwrap();
        assert!(!message.contains("password_wrong") && message.contains("Sign-in"), "{kind:?} {message}");
        assert_eq!(message.matches("<tr").count(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn events_that_came_meanwhile_are_not_missed() {
    let server = Server::start().await;
    let mut console = server.console().await;
    fail(&server, "x").await;
    let list = console.get("/admin/ui/activity").await;
    assert!(list.body.contains(&format!("{LIVE}?last=")), "{}", list.body);
    let last = list.body.split("<tr id=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    fail(&server, "x").await;
    let mut stream = Stream::open(&server, &console, &format!("last={last}"), &[]).await.unwrap();
    let missed = stream.message().await.unwrap();
    assert!(missed.contains("<tr") && !missed.contains(&last));
    let newest = missed.lines().find_map(|line| line.strip_prefix("id: ").or(line.strip_prefix("id:"))).unwrap();
    drop(stream);
    // A browser that comes again says by itself what it had.
    fail(&server, "x").await;
    let headers = [("last-event-id", newest)];
    let mut stream = Stream::open(&server, &console, &format!("last={last}"), &headers).await.unwrap();
    assert_eq!(stream.message().await.unwrap().matches("<tr").count(), 1);
    // An older page, and a stretch of time that is over, do not grow.
    for address in [format!("/admin/ui/activity?after={last}"), "/admin/ui/activity?until=5".to_owned()] {
        assert!(!console.get(&address).await.body.contains(LIVE), "{address}");
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_session_of_the_console() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let mut stream = Stream::open(&server, &console, "", &[]).await.unwrap();
    let cookie = console.cookie(ADMIN_COOKIE).unwrap().to_owned();
    console.post("/admin/logout", &[]).await;
    fail(&server, "x").await;
    assert_eq!(stream.message().await, None);
    let closed = server.browser().with_cookie(ADMIN_COOKIE, &cookie);
    assert_eq!(Stream::open(&server, &closed, "", &[]).await.err(), Some(StatusCode::SEE_OTHER));
}

#[tokio::test]
async fn streams_are_few() {
    let server = Server::start().await;
    let console = server.console().await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(Stream::open(&server, &console, "", &[]).await.unwrap());
    }
    let one_more = async || Stream::open(&server, &console, "", &[]).await.err();
    assert_eq!(one_more().await, Some(StatusCode::SERVICE_UNAVAILABLE));
    // Others have theirs, up to a bound of all.
    for _ in 0..10 {
        let other = server.console().await;
        while held.len() < 32 {
            match Stream::open(&server, &other, "", &[]).await {
                Ok(stream) => held.push(stream),
                Err(status) => {
                    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
                    break;
                }
            }
        }
    }
    assert_eq!(held.len(), 32);
    let newcomer = server.console().await;
    assert_eq!(Stream::open(&server, &newcomer, "", &[]).await.err(), Some(StatusCode::SERVICE_UNAVAILABLE));
    held.clear();
    assert_eq!(one_more().await, None);
}

#[tokio::test]
async fn lines_lead_below_the_path_of_the_issuer() {
    let server = Server::start_at("http://127.0.0.1:8000/auth").await;
    let mut browser = server.browser();
    browser.post("/auth/admin/login", &[("token", crate::server::ADMIN_TOKEN)]).await;
    let list = browser.get("/auth/admin/ui/activity").await;
    let address = list.body.split("formaction=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(address.starts_with("/auth/admin/ui/activity/live"), "{address}");
    let mut request = Request::get("/auth/admin/ui/activity/live?last=0");
    for (name, value) in browser.cookies() {
        request = request.header(header::COOKIE, format!("{name}={value}"));
    }
    let answer = server.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let mut stream = Stream(answer.into_body());
    server.admin("PATCH", "/auth/admin/clients/web", &serde_json::json!({ "client_name": "N" })).await;
    let message = stream.message().await.unwrap();
    assert!(message.contains("href=\"/auth/admin/ui/activity/") && !message.contains("href=\"/admin"), "{message}");
}
