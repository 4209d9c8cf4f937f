//! The sector of a client (OpenID Connect Core §8.1, Registration §5): a host, or a list at an address.

use std::sync::{Arc, Mutex};

use axum::http::{Method, StatusCode};
use idp::testing::site::{Authority, Reply, TestSite};
use serde_json::{Value, json};

use crate::admin_api::{call, get};
use crate::browser::Answer;
use crate::registration;
use crate::server::{CALLBACK, Server, claims, text};

const SECOND: &str = "https://second.example/cb";

/// A server, and a site with the list of a sector.
struct World {
    server: Server,
    site: TestSite,
    list: Arc<Mutex<Reply>>,
}

impl World {
    async fn start() -> Self {
        let list = Arc::new(Mutex::new(Reply::json(&json!([CALLBACK, SECOND]))));
        let (authority, shown) = (Authority::default(), list.clone());
        let site = TestSite::start(&authority, move |_| shown.lock().unwrap().clone()).await;
        let server = Server::start().await.asking(site.options(&authority)).await;
        registration::set_policy(&server, "open").await;
        Self { server, site, list }
    }

    fn show(&self, reply: Reply) {
        *self.list.lock().unwrap() = reply;
    }

    fn address(&self) -> String {
        self.site.url("/sector.json")
    }

    async fn patch(&self, body: Value) -> Answer {
        call(&self.server, Method::PATCH, "/admin/clients/web", body).await
    }
}

fn metadata(members: Value) -> Value {
    let mut body = json!({ "client_name": "App", "redirect_uris": [CALLBACK] });
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

async fn refused(server: &Server, members: Value) -> String {
    let answer = registration::call(server, Method::POST, "/register", None, &metadata(members).to_string()).await;
    assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()), "{}", answer.body);
    text(&answer.json(), "error_description").to_owned()
}

#[tokio::test]
async fn oidcc_registration_sector_uri() {
    let world = World::start().await;
    let document = world.server.browser().get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["subject_types_supported"], json!(["public", "pairwise"]));
    let members = json!({
        "subject_type": "pairwise", "sector_identifier_uri": world.address(), "redirect_uris": [CALLBACK, SECOND],
    });
    let one = registration::register(&world.server, &metadata(members)).await;
    assert_eq!((&one["subject_type"], &one["sector_identifier_uri"]), (&json!("pairwise"), &json!(world.address())));
    assert_eq!(world.site.hits(), 1);
    let members = json!({
        "subject_type": "pairwise", "sector_identifier_uri": world.address(), "redirect_uris": [SECOND],
    });
    let two = registration::register(&world.server, &metadata(members)).await;
    let mut browser = world.server.signed_in().await;
    let mut subjects = Vec::new();
    for (client, uri) in [(&one, CALLBACK), (&two, SECOND)] {
        let tokens = registration::tokens(&world.server, &mut browser, client, uri, "openid").await;
        subjects.push(claims(text(&tokens, "id_token"))["sub"].clone());
    }
    assert_eq!(subjects[0], subjects[1], "two hosts, and one sector");
    // Without the list nothing is fetched, and a client of one host is its own sector.
    let alone = registration::register(&world.server, &metadata(json!({ "subject_type": "pairwise" }))).await;
    assert_eq!((alone.get("sector_identifier_uri"), world.site.hits()), (None, 2));
}

#[tokio::test]
async fn oidcc_registration_sector_bad() {
    let world = World::start().await;
    let address = world.address();
    let third = json!({ "sector_identifier_uri": address, "redirect_uris": [CALLBACK, "https://third.example/cb"] });
    for subject_type in ["pairwise", "public"] {
        let mut members = third.clone();
        members["subject_type"] = json!(subject_type);
        let said = refused(&world.server, members).await;
        assert!(said.starts_with("sector_identifier_uri: ") && said.contains("https://third.example/cb"), "{said}");
    }
    for reply in [
        Reply::with("HTTP/1.1 404 Not Found", ""),
        Reply::with("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/", ""),
        Reply::ok("text/html", "<p>"),
        Reply::json(&json!({ "redirect_uris": [CALLBACK] })),
        Reply::json(&json!([CALLBACK, 7])),
        Reply::ok("application/json", "[".repeat(60_000)),
        Reply::Endless(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[\"".to_vec(), b"x".repeat(4_096)),
    ] {
        world.show(reply);
        let said = refused(&world.server, json!({ "sector_identifier_uri": address })).await;
        assert!(said.starts_with("sector_identifier_uri: "), "{said}");
    }
    for (members, member) in [
        (json!({ "subject_type": "pairwise", "redirect_uris": [CALLBACK, SECOND] }), "sector_identifier_uri"),
        (json!({ "subject_type": "pairwise", "redirect_uris": ["http://localhost/cb"] }), "sector_identifier_uri"),
        (json!({ "subject_type": "none" }), "subject_type"),
        (json!({ "sector_identifier_uri": "http://app.example/s" }), "sector_identifier_uri"),
        (json!({ "sector_identifier_uri": "https://192.168.0.1/s" }), "sector_identifier_uri"),
        (json!({ "sector_identifier_uri": "https://[::1]/s" }), "sector_identifier_uri"),
        (json!({ "sector_identifier_uri": "https://a.example/\u{0}" }), "sector_identifier_uri"),
    ] {
        let said = refused(&world.server, members.clone()).await;
        assert!(said.contains(member), "{members}: {said}");
    }
}

#[tokio::test]
async fn an_administrator_hears_the_same() {
    let world = World::start().await;
    let mut console = world.server.console().await;
    let address = world.address();
    let save = async |console: &mut crate::browser::Browser<'_>, redirect_uris: &str, sector: &str| {
        let page = console.get("/admin/ui/clients/web/settings").await;
        assert!(page.body.contains("everybody is somebody new to the application"));
        let version = page.field("version");
        let form = [
            ("version", version.as_str()),
            ("client_name", "Web"),
            ("kind", "web"),
            ("enabled", "on"),
            ("redirect_uris", redirect_uris),
            ("grant_types", "authorization_code"),
            ("scope", "openid"),
            ("token_endpoint_auth_method", "client_secret_basic"),
            ("id_token_signed_response_alg", "RS256"),
            ("subject_type", "pairwise"),
            ("sector_identifier_uri", sector),
        ];
        console.post("/admin/ui/clients/web/settings", &form).await
    };
    let (both, third) = (format!("{CALLBACK}\n{SECOND}"), format!("{CALLBACK}\nhttps://third.example/cb"));
    for (uris, sector, reason) in
        [(&both, "", "no one host that is a sector"), (&third, address.as_str(), "lacks https://third.example/cb")]
    {
        let answer = save(&mut console, uris, sector).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(reason) && answer.body.contains("<details open class=\"more\""), "{reason}");
        let body = json!({ "subject_type": "pairwise", "redirect_uris": uris, "sector_identifier_uri": sector });
        let answer = world.patch(body).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{}", answer.body);
        assert!(text(&answer.json()["fields"], "sector_identifier_uri").contains(reason), "{}", answer.body);
    }
    let before = world.site.hits();
    assert_eq!(save(&mut console, &both, &address).await.status, StatusCode::SEE_OTHER);
    let client = get(&world.server, "/admin/clients/web").await.json();
    assert_eq!((&client["subject_type"], &client["sector_identifier_uri"]), (&json!("pairwise"), &json!(address)));
    // What was seen is not fetched again for a change of something else, and is for one of the redirect URIs.
    world.show(Reply::json(&json!([CALLBACK])));
    assert_eq!(world.patch(json!({ "client_name": "Renamed" })).await.status, StatusCode::OK);
    assert_eq!(world.site.hits(), before + 1);
    let more = json!({ "redirect_uris": [CALLBACK, SECOND, "https://app.example/more"] });
    assert_eq!(world.patch(more).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.patch(json!({ "redirect_uris": CALLBACK })).await.status, StatusCode::OK);
    assert_eq!(
        world.patch(json!({ "subject_type": "public", "sector_identifier_uri": "" })).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_client_that_changes_its_registration_is_judged_again() {
    let world = World::start().await;
    let members = json!({ "subject_type": "pairwise", "redirect_uris": [CALLBACK] });
    let registered = registration::register(&world.server, &metadata(members)).await;
    let path = format!("/register/{}", text(&registered, "client_id"));
    let put = async |members: Value| {
        let mut body = metadata(members);
        body["client_id"] = registered["client_id"].clone();
        let token = text(&registered, "registration_access_token");
        registration::call(&world.server, Method::PUT, &path, Some(token), &body.to_string()).await
    };
    let two = json!({ "subject_type": "pairwise", "redirect_uris": [CALLBACK, SECOND] });
    assert_eq!(put(two.clone()).await.error(), (400, "invalid_client_metadata".to_owned()));
    let mut listed = two;
    listed["sector_identifier_uri"] = json!(world.address());
    world.show(Reply::json(&json!([SECOND])));
    assert_eq!(put(listed.clone()).await.error(), (400, "invalid_client_metadata".to_owned()));
    world.show(Reply::json(&json!([SECOND, CALLBACK])));
    let answer = put(listed).await;
    assert_eq!((answer.status, &answer.json()["sector_identifier_uri"]), (StatusCode::OK, &json!(world.address())));
    // Names that an administrator decided on are not the client's to give up.
    let plain = registration::register(&world.server, &metadata(json!({ "client_name": "Plain" }))).await;
    let mut browser = world.server.signed_in().await;
    registration::tokens(&world.server, &mut browser, &plain, CALLBACK, "openid").await;
    let id = text(&plain, "client_id");
    let body = json!({ "subject_type": "pairwise" });
    let answer = call(&world.server, Method::PATCH, &format!("/admin/clients/{id}"), body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let body =
        json!({ "client_id": id, "client_name": "Plain", "redirect_uris": [CALLBACK], "subject_type": "public" });
    let token = text(&plain, "registration_access_token");
    let (path, body) = (format!("/register/{id}"), body.to_string());
    let answer = registration::call(&world.server, Method::PUT, &path, Some(token), &body).await;
    assert_eq!(answer.json()["subject_type"], "pairwise");
}

#[tokio::test]
async fn whoever_goes_to_another_sector_begins_anew() {
    let world = World::start().await;
    let members = json!({
        "subject_type": "pairwise", "redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "refresh_token"],
    });
    let registered = registration::register(&world.server, &metadata(members.clone())).await;
    let (id, token) = (text(&registered, "client_id"), text(&registered, "registration_access_token"));
    let credentials = format!("{id}:{}", text(&registered, "client_secret"));
    for (uri, subject_type) in [(SECOND, "pairwise"), (CALLBACK, "public")] {
        let mut browser = world.server.signed_in().await;
        let mut body = metadata(members.clone());
        body["client_id"] = json!(id);
        let put = async |body: &Value| {
            let path = format!("/register/{id}");
            let answer = registration::call(&world.server, Method::PUT, &path, Some(token), &body.to_string()).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        };
        put(&body).await;
        let tokens = registration::tokens(&world.server, &mut browser, &registered, CALLBACK, "openid").await;
        assert_eq!(world.server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::OK);
        // A change of something else ends nothing.
        body["client_name"] = json!("Renamed");
        put(&body).await;
        assert_eq!(world.server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::OK);
        (body["redirect_uris"], body["subject_type"]) = (json!([uri]), json!(subject_type));
        put(&body).await;
        let seen = world.server.userinfo(text(&tokens, "access_token")).await;
        assert_eq!(seen.status, StatusCode::UNAUTHORIZED, "{uri} {subject_type} {}", seen.body);
        let fields = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
        let refreshed = world.server.post("/token", Some(&credentials), &fields).await;
        assert_eq!(refreshed.error(), (400, "invalid_grant".to_owned()), "{}", refreshed.body);
    }
}

#[tokio::test]
async fn nobody_is_told_a_name_of_a_sector_that_they_are_not_in() {
    const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
    let world = World::start().await;
    let around = [
        json!({ "grant_types": ["authorization_code", DEVICE_CODE] }),
        json!({ "grant_types": ["authorization_code", DEVICE_CODE], "sector_identifier_uri": world.address() }),
        json!({ "grant_types": ["authorization_code", DEVICE_CODE], "token_endpoint_auth_method": "none" }),
        json!({ "backchannel_logout_uri": "https://elsewhere.example/out" }),
    ];
    for mut members in around.clone() {
        members["subject_type"] = json!("pairwise");
        let said = refused(&world.server, members.clone()).await;
        assert!(said.starts_with("subject_type: Nobody vouched"), "{members} {said}");
    }
    // Public subjects are the same everywhere.
    for members in around.into_iter().filter(|members| members.get("sector_identifier_uri").is_none()) {
        registration::register(&world.server, &metadata(members)).await;
    }
    let told = json!({ "subject_type": "pairwise", "backchannel_logout_uri": "https://app.example/out" });
    let registered = registration::register(&world.server, &metadata(told)).await;
    let mut body = metadata(json!({ "subject_type": "pairwise", "grant_types": ["authorization_code", DEVICE_CODE] }));
    body["client_id"] = registered["client_id"].clone();
    let path = format!("/register/{}", text(&registered, "client_id"));
    let token = text(&registered, "registration_access_token");
    let answer = registration::call(&world.server, Method::PUT, &path, Some(token), &body.to_string()).await;
    assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()), "{}", answer.body);
}
