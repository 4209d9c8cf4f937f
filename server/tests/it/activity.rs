//! Events, as the console and the API show them.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use idp::activity;
use idp::testing::Kind;
use oauth::activity::{EventFilter, EventKind};
use oauth::id::ClientId;
use oauth::refusal::Reason;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::server::{CALLBACK, SECRET, Server, text};

impl Server {
    /// The events that a query finds, the newest first.
    pub(crate) async fn events(&self, query: &str) -> Vec<Value> {
        self.idp.flush_activity().await;
        let answer = self.admin("GET", &format!("/admin/events?{query}"), &json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json().as_array().unwrap().clone()
    }

    /// The only one of them.
    async fn event(&self, query: &str) -> Value {
        let events = self.events(query).await;
        assert_eq!(events.len(), 1, "{query}: {events:?}");
        events.into_iter().next().unwrap()
    }
}

pub(crate) fn request_id(answer: &Answer) -> &str {
    answer.headers[&header::HeaderName::from_static("x-request-id")].to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_and_what_follows_is_told() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
        let mut browser = server.browser();
        let wrong = browser.post("/login", &[("username", "alice"), ("password", "wrong-password")]).await;
        let event = server.event(&format!("request_id={}", request_id(&wrong))).await;
        assert_eq!((text(&event, "kind"), text(&event, "outcome")), ("sign_in", "refused"), "{kind:?}");
        assert_eq!((text(&event, "error"), &event["user"]), ("password_wrong", &json!(alice)));
        browser.post("/login", &[("username", "alice"), ("password", crate::server::PASSWORD)]).await;
        let code = browser.authorize(&[("scope", "openid email")]).await;
        server.redeem(&code).await;
        let late = server.redeem(&code).await;
        assert_eq!(late.error().1, "invalid_grant");
        browser.get("/logout?client_id=web").await;
        let mut about = server.events(&format!("user={alice}")).await;
        about.retain(|event| text(event, "kind") != "change");
        let told: Vec<_> = about.iter().rev().map(|event| (text(event, "kind"), text(event, "outcome"))).collect();
        let rest = [("sign_in", "ok"), ("consent", "ok"), ("token", "refused"), ("sign_out", "ok")];
        assert_eq!(told, [&[("sign_in", "refused")][..], &rest].concat(), "{kind:?}");
        // Good tokens are counted.
        let tokens = server.events("kind=token&outcome=ok&client=web").await;
        assert_eq!(tokens.iter().map(|event| event["count"].as_i64().unwrap()).sum::<i64>(), 1, "{kind:?}");
        assert_eq!(tokens[0]["facts"], json!({ "grant_type": "authorization_code" }));
        // Two nodes see the same.
        let other = server.another_node().await;
        let mut there = other.events(&format!("user={alice}")).await;
        there.retain(|event| text(event, "kind") != "change");
        assert_eq!(there, about, "{kind:?}");
    }
}

#[tokio::test]
async fn every_refusal_is_found_by_its_request() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let authorize = |pairs: &[(&str, &str)]| Browser::request(pairs);
    for (address, error, fact) in [
        (authorize(&[("client_id", "nobody")]), "unknown_client", ("client_id", "nobody")),
        (
            authorize(&[("redirect_uri", "https://app.example/cb/")]),
            "redirect_uri_unregistered",
            ("redirect_uri", "https://app.example/cb/"),
        ),
        (authorize(&[("response_type", "token")]), "unsupported_response_type", ("redirect_uri", CALLBACK)),
        (authorize(&[("scope", "admin")]), "invalid_scope", ("redirect_uri", CALLBACK)),
    ] {
        let answer = browser.get(&address).await;
        let event = server.event(&format!("request_id={}", request_id(&answer))).await;
        assert_eq!((text(&event, "kind"), text(&event, "outcome")), ("authorization", "refused"), "{address}");
        assert_eq!((text(&event, "error"), text(&event["facts"], fact.0)), (error, fact.1), "{address}");
    }
    let refused = server.post("/token", Some("web:wrong-secret"), &[("grant_type", "client_credentials")]).await;
    let event = server.event(&format!("request_id={}", request_id(&refused))).await;
    assert_eq!((text(&event, "error"), text(&event, "client_id")), ("invalid_client", "web"));
    let asked = server.post("/introspect", Some("web:wrong-secret"), &[("token", "x")]).await;
    assert_eq!(text(&server.event(&format!("request_id={}", request_id(&asked))).await, "kind"), "introspection");
    let revoked = server.post("/revoke", Some(&format!("web:{SECRET}")), &[("token", "x")]).await;
    assert_eq!(text(&server.event(&format!("request_id={}", request_id(&revoked))).await, "outcome"), "ok");
    // Nothing of what was sent to be kept secret is in the file.
    let secret =
        server.post("/token", Some("web:a-secret-that-is-wrong-and-long"), &[("grant_type", "password")]).await;
    assert_eq!(secret.status, StatusCode::UNAUTHORIZED);
    server.idp.flush_activity().await;
    let bytes = server.database_bytes();
    for hidden in ["a-secret-that-is-wrong-and-long", "wrong-secret", crate::server::PASSWORD] {
        assert!(!bytes.windows(hidden.len()).any(|part| part == hidden.as_bytes()), "{hidden}");
    }
}

#[tokio::test]
async fn changes_are_told_in_their_own_transaction_and_stay() {
    let server = Server::start().await;
    let answer = server.admin("PATCH", "/admin/clients/web", &json!({ "client_name": "Renamed" })).await;
    let event = server.event(&format!("request_id={}", request_id(&answer))).await;
    assert_eq!((text(&event, "kind"), text(&event["facts"], "action")), ("change", "client.update"));
    assert_eq!(text(&event["facts"], "target"), "web");
    let mut browser = server.browser();
    browser.post("/login", &[("username", "alice"), ("password", "wrong-password")]).await;
    assert_eq!(server.events("kind=sign_in").await.len(), 1);
    server.clock.advance(91 * 86_400);
    while server.idp.sweep().await.unwrap() > 0 {}
    assert_eq!(server.events("kind=sign_in").await.len(), 0);
    assert_eq!(server.event(&format!("request_id={}", request_id(&answer))).await, event);
}

#[tokio::test]
async fn a_flood_of_refusals_is_counted_and_not_kept_one_by_one() {
    let server = Server::start().await;
    for _ in 0..100 {
        server.post("/token", None, &[("grant_type", "x"), ("client_id", "nobody")]).await;
    }
    let events = server.events("kind=token").await;
    assert_eq!(events.len(), 31, "thirty of them, and one that stands for the rest");
    assert_eq!(events.iter().map(|event| event["count"].as_i64().unwrap()).sum::<i64>(), 100);
    assert_eq!(events.iter().filter(|event| event.get("client_id").is_some()).count(), 30);
    server.clock.advance(60);
    for number in 0..200 {
        server.post("/token", None, &[("grant_type", "x"), ("client_id", &format!("stranger{number}"))]).await;
        server.post("/token", Some("web:wrong"), &[("grant_type", "x")]).await;
    }
    // A registered client has a count of its own, and those that are invented have one together.
    assert_eq!(server.events("kind=token&client=web&limit=1000").await.len(), 31);
    assert_eq!(server.events("kind=token&limit=1000").await.len(), 3 * 31);
    // What comes well to a stranger, too.
    crate::registration::set_policy(&server, "open").await;
    for number in 0..60 {
        let body = json!({ "client_name": format!("A{number}"), "redirect_uris": ["http://localhost:1/cb"] });
        crate::registration::register(&server, &body).await;
    }
    let events = server.events("kind=registration&limit=1000").await;
    assert!(events.len() <= 31, "{}", events.len());
    assert_eq!(events.iter().map(|event| event["count"].as_i64().unwrap()).sum::<i64>(), 60);
}

#[tokio::test]
async fn names_and_addresses_that_strangers_invent_are_counted_together() {
    let server = Server::start().await;
    for number in 0..3_000_u32 {
        let address = std::net::Ipv6Addr::from(0x2001_0db8_u128 << 96 | u128::from(number) << 64);
        let story = idp::activity::Story::new(Some(address.into()), None);
        let told = async {
            activity::about_client(&ClientId::new(format!("stranger{number}")));
            activity::refused(EventKind::Authorization, Reason::UnknownClient);
        };
        story.clone().scope(told).await;
        server.idp.keep(&story);
    }
    server.idp.flush_activity().await;
    let filter = EventFilter { kind: Some(EventKind::Authorization), ..EventFilter::default() };
    let count = server.idp.count_events(&filter).await.unwrap();
    assert_eq!(count.told, 3_000);
    let events = server.idp.events(&filter, None, 1_000).await.unwrap().rows;
    assert!(events.len() <= 301, "{}", events.len());
    let whole = events.iter().filter(|event| event.client.is_some()).count();
    assert_eq!(whole, 300, "the first of them are kept as they came");
    // A client that is registered is still told whole.
    let refused = server.post("/token", Some("web:wrong"), &[("grant_type", "x")]).await;
    assert_eq!(text(&server.event(&format!("request_id={}", request_id(&refused))).await, "client_id"), "web");
}

#[tokio::test]
async fn what_is_said_of_a_person_goes_with_them() {
    let server = Server::start().await;
    server.create_user("bob").await;
    let bob = server.idp.find_user_by_name("bob").await.unwrap().unwrap().subject;
    let request = Request::post("/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::USER_AGENT, "Bob's browser");
    server.send(request.body(Body::from("username=bob&password=wrong-password")).unwrap()).await;
    let query = format!("user={bob}&kind=sign_in");
    assert_eq!(text(&server.event(&query).await, "user_agent"), "Bob's browser");
    server.admin("DELETE", &format!("/admin/users/{bob}"), &json!({})).await;
    let entry = server.idp.bin(None, 10).await.unwrap().rows.remove(0);
    server.idp.erase(&idp::Actor::admin(), &entry.id).await.unwrap();
    let left = server.event(&query).await;
    assert_eq!((left.get("user_agent"), left.get("address"), &left["facts"]), (None, None, &json!({})));
}

#[tokio::test]
async fn a_user_is_called_by_name_by_email_or_by_subject() {
    let server = Server::start().await;
    server.signed_in().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let of = async |called: &str| server.events(&format!("kind=sign_in&user={called}")).await;
    let found = of(alice.as_str()).await;
    assert_eq!(found.len(), 1);
    for called in ["alice", "alice%40example.com"] {
        assert_eq!(of(called).await, found, "{called}");
    }
    assert!(of("nobody").await.is_empty());
}

#[tokio::test]
async fn the_list_goes_on_behind_an_event_and_refuses_what_it_cannot_read() {
    let server = Server::start().await;
    for number in 0..5 {
        server.admin("PATCH", "/admin/clients/web", &json!({ "client_name": format!("N{number}") })).await;
    }
    let all = server.events("kind=change&limit=1000").await;
    let first = server.admin("GET", "/admin/events?kind=change&limit=2", &json!({})).await;
    let link = first.headers[&header::LINK].to_str().unwrap().to_owned();
    assert!(link.contains("kind=change") && link.contains("limit=2"), "{link}");
    let address = link.split(['<', '>']).nth(1).unwrap().split_once("8000").unwrap().1;
    let next = server.admin("GET", address, &json!({})).await.json();
    assert_eq!((&first.json()[1], &next[0], &next[1]), (&all[1], &all[2], &all[3]));
    for bad in [
        "kind=party",
        "outcome=maybe",
        "since=soon",
        "within=1y",
        "after=x",
        "limit=0",
        "kind=token&kind=token",
        "user=%00",
    ] {
        let answer = server.admin("GET", &format!("/admin/events?{bad}"), &json!({})).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}: {}", answer.body);
    }
    for nobody in ["user=x", "client=nobody", "address=nowhere"] {
        assert!(server.events(nobody).await.is_empty(), "{nobody}");
    }
}

#[tokio::test]
async fn the_console_lists_filters_and_shows_one() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let mut browser = server.signed_in().await;
    let refused = browser.get(&Browser::request(&[("redirect_uri", "https://app.example/cb/")])).await;
    server.idp.flush_activity().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let all = console.get("/admin/ui/activity").await;
    assert!(all.body.contains("redirect_uri_unregistered") && all.body.contains("Sign-in"), "{}", all.body);
    let narrow = console.get(&format!("/admin/ui/activity?request_id={}", request_id(&refused))).await;
    assert!(narrow.body.contains("redirect_uri_unregistered") && !narrow.body.contains(">Sign-in</a>"));
    let id = narrow.body.split("<tr id=\"").nth(1).unwrap().split('"').next().unwrap();
    let one = console.get(&format!("/admin/ui/activity/{id}")).await;
    assert!(one.body.contains("https://app.example/cb/") && one.body.contains(request_id(&refused)), "{}", one.body);
    // Its title says what happened and when, to whom has no pointer to hover with, too.
    for said in [
        "<title>Authorization refused, 15 Jan 2027, 08:00 UTC",
        "<h1>Authorization refused</h1>",
        "2027-01-15 08:00:00 UTC, ",
        "Nearest registered redirect URI",
        "All events of this request",
    ] {
        assert!(one.body.replace("<!>", "").contains(said), "{said}: {}", one.body);
    }
    let of_client = console.get("/admin/ui/clients/web/activity").await;
    assert!(of_client.body.contains("redirect_uri_unregistered"));
    let of_user = console.get(&format!("/admin/ui/users/{alice}/activity?within=1h&outcome=ok")).await;
    assert!(of_user.body.contains("Sign-in") && !of_user.body.contains("redirect_uri_unregistered"));
    // What cannot be read is said, and the list is there.
    let odd = console.get("/admin/ui/activity?kind=party&after=nowhere").await;
    assert_eq!(odd.status, StatusCode::OK);
    assert!(
        odd.body.contains("left out: kind.")
            && odd.body.contains("names is none")
            && odd.body.contains("redirect_uri_unregistered"),
        "{}",
        odd.body
    );
    assert_eq!(console.get("/admin/ui/activity/nothing").await.status, StatusCode::NOT_FOUND);
}
