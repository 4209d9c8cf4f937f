//! An issuer with a path: everything is below it, whether the proxy keeps the path or takes it off.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use oauth::form::Form;
use oauth::metadata::path;

use crate::browser::{Answer, Browser};
use crate::server::{ADMIN_TOKEN, CALLBACK, PASSWORD, SECRET, Server};

const ISSUER: &str = "https://example.com/auth";

async fn start() -> Server {
    Server::start_at(ISSUER).await
}

/// The addresses that a page of ours leads to.
fn links(page: &str) -> BTreeSet<String> {
    let attributes = [" href=\"", " src=\"", " action=\"", " formaction=\""];
    let values = attributes.iter().flat_map(|attribute| page.split(attribute).skip(1));
    let values = values.map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&"));
    values.filter(|address| address.starts_with('/')).collect()
}

#[tokio::test]
async fn every_address_on_every_page_is_below_the_path() {
    let server = start().await;
    let mut console = server.browser();
    console.post("/auth/admin/login", &[("token", ADMIN_TOKEN)]).await;
    sign_in(&mut console).await;
    let mut waiting: Vec<String> = vec!["/auth".into(), "/auth/admin/ui".into(), "/auth/docs".into()];
    waiting.push(format!("/auth{}", Browser::request(&[])));
    waiting.push("/auth/end_session".into());
    waiting.push("/auth/nothing/here".into());
    let mut seen = BTreeSet::new();
    while let Some(address) = waiting.pop() {
        let place = address.split('#').next().unwrap().to_owned();
        // Signing out ends the walk, the live tail has no end, and files are no pages; there are none in a debug build.
        let is_page = !["logout", "/activity/live"].iter().any(|no_page| place.contains(no_page));
        if !is_page || place.contains("/pkg/") || place.ends_with(".svg") || !seen.insert(place.clone()) {
            continue;
        }
        let answer = console.get(&place).await;
        assert!(answer.status != StatusCode::INTERNAL_SERVER_ERROR, "{place}: {}", answer.status);
        if !answer.location().is_empty() {
            assert!(answer.location().starts_with("/auth/") || answer.location().starts_with(CALLBACK), "{place}");
            waiting.push(answer.location().to_owned());
        }
        for link in links(&answer.body) {
            assert!(link == "/auth" || link.starts_with("/auth/"), "{place} leads to {link}");
            waiting.push(link);
        }
    }
    for page in ["/auth/", "/auth/docs/api", "/auth/admin/ui/clients/web/settings", "/auth/admin/openapi.json"] {
        assert!(seen.contains(page), "{page} was not reached: {seen:?}");
    }
    assert!(seen.len() > 60, "{}", seen.len());
}

async fn sign_in(browser: &mut Browser<'_>) -> Answer {
    browser.post("/auth/login", &[("username", "alice"), ("password", PASSWORD)]).await
}

#[tokio::test]
async fn a_person_signs_in_and_an_application_gets_tokens() {
    let server = start().await;
    let mut browser = server.browser();
    let request = format!("/auth{}", Browser::request(&[]));
    let answer = browser.get(&request).await;
    assert!(answer.location().starts_with("/auth/login?next=%2Fauth%2Fauthorize%3F"), "{}", answer.location());
    let login = answer.location().to_owned();
    let page = browser.get(&login).await;
    assert!(page.body.contains("action=\"/auth/login?next=%2Fauth%2Fauthorize%3F"), "{}", page.body);
    let answer = browser.post(&login, &[("username", "alice"), ("password", PASSWORD)]).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Secure-signet_session_auth="), "{cookie}");
    assert!(cookie.contains("; Path=/auth; ") && cookie.contains("; Secure"), "{cookie}");
    let consent = browser.follow(&answer).await;
    assert!(consent.body.contains("action=\"/auth/authorize?"), "{}", consent.body);
    let code = agree(&mut browser, answer.location(), &consent).await.query().text("code");
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
    let tokens = server.post("/auth/token", Some(&format!("web:{SECRET}")), &fields).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    assert!(tokens.json()["id_token"].is_string());
}

async fn agree(browser: &mut Browser<'_>, address: &str, page: &Answer) -> Answer {
    let mut fields = hidden(&page.body);
    fields.push(("confirm".to_owned(), "yes".to_owned()));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = browser.post(address, &fields).await;
    assert!(answer.location().starts_with(CALLBACK), "{} {}", answer.status, answer.body);
    answer
}

/// The hidden fields of a form.
fn hidden(page: &str) -> Vec<(String, String)> {
    let inputs = page.split("<input").skip(1).filter(|input| input.contains("type=\"hidden\""));
    let value = |input: &str, name: &str| {
        input.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    };
    inputs.map(|input| (value(input, "name"), value(input, "value").replace("&amp;", "&"))).collect()
}

#[tokio::test]
async fn metadata_is_at_all_three_well_known_places() {
    let server = start().await;
    for place in [
        "/auth/.well-known/openid-configuration",
        "/.well-known/openid-configuration/auth",
        "/.well-known/oauth-authorization-server/auth",
        "/auth/.well-known/oauth-authorization-server",
    ] {
        let metadata = server.browser().get(place).await.json();
        assert_eq!(metadata["issuer"], ISSUER, "{place}");
        assert_eq!(metadata["token_endpoint"], format!("{ISSUER}/token"), "{place}");
        assert_eq!(metadata["jwks_uri"], format!("{ISSUER}{}", path::JWKS), "{place}");
    }
    assert!(server.browser().get("/auth/.well-known/jwks.json").await.json()["keys"].is_array());
    let document = server.browser().get("/auth/admin/openapi.json").await.json();
    assert_eq!(document["servers"][0]["url"], ISSUER);
}

#[tokio::test]
async fn outside_of_the_path_there_is_nothing() {
    let server = start().await;
    for place in [
        "/",
        "/login",
        "/token",
        "/health",
        "/authx",
        "/authorize",
        "/AUTH/",
        "/auth%2Flogin",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/jwks.json",
        "/.well-known/oauth-authorization-server/other",
        "/admin/ui",
    ] {
        let answer = server.browser().get(place).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{place}");
        assert!(!answer.header("x-request-id").is_empty(), "{place}");
    }
}

#[tokio::test]
async fn next_leads_nowhere_else_on_the_host() {
    let server = start().await;
    for (next, location) in [
        ("/auth/docs", "/auth/docs"),
        ("https://example.com/auth/docs", "/auth/docs"),
        ("/mail", "/auth/"),
        ("/auth/../mail", "/auth/"),
        ("/auth/%2e%2e/mail", "/auth/"),
        ("/auth//evil.example", "/auth/"),
        ("/authority", "/auth/"),
        ("https://example.com/mail", "/auth/"),
        ("//evil.example/auth/", "/auth/"),
    ] {
        let login = format!("/auth/login?{}", Form::default().with("next", next).encode());
        let fields = [("username", "alice"), ("password", PASSWORD)];
        assert_eq!(server.browser().post(&login, &fields).await.location(), location, "{next}");
    }
}

#[tokio::test]
async fn a_proxy_may_take_the_path_off() {
    let server = start().await.behind_a_proxy_that_strips_the_path();
    let mut browser = server.browser();
    // Requests come without the path, pages lead to addresses with it.
    let login = browser.get("/login").await;
    assert!(links(&login.body).iter().all(|link| link.starts_with("/auth/")), "{}", login.body);
    let answer = browser.post("/login?next=%2Fauth%2Fdocs", &[("username", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/auth/docs");
    assert!(answer.header("set-cookie").contains("; Path=/auth; "), "{}", answer.header("set-cookie"));
    for place in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/auth"] {
        assert_eq!(server.browser().get(place).await.json()["issuer"], ISSUER, "{place}");
    }
    assert_eq!(server.browser().get("/auth/login").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn forms_of_other_sites_are_refused_there_too() {
    let server = start().await;
    let post =
        |origin: &'static str| Request::post("/auth/login").header("origin", origin).body(Body::empty()).unwrap();
    assert_eq!(server.send(post("https://evil.example")).await.status, StatusCode::FORBIDDEN);
    assert_ne!(server.send(post("https://example.com")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_first_start_is_below_the_path() {
    let server = Server::fresh_at(ISSUER).await;
    let answer = server.browser().get("/auth/login").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/auth/setup"));
    assert!(server.browser().get("/auth/setup").await.body.contains("action=\"/auth/setup\""));
}
