//! Limits per caller, and the caller's address.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{ALICE, MALLORY, PROXY, call, form, guarded, login, retry_after, send, token};
use crate::browser::Browser;
use crate::server::{ADMIN_TOKEN, CALLBACK, PASSWORD, SECRET};

#[tokio::test]
async fn each_endpoint_has_its_limit_and_says_when_to_come_back() {
    let page = "Too many requests come from your address. Try again in 20 seconds.";
    let json = "too many requests from this address; try again in 20 seconds";
    for (variable, method, path, sentence) in [
        ("RATE_LIMIT_TOKEN", Method::POST, "/token", json),
        ("RATE_LIMIT_TOKEN", Method::POST, "/revoke", json),
        ("RATE_LIMIT_INTROSPECT", Method::POST, "/introspect", json),
        ("RATE_LIMIT_REGISTER", Method::POST, "/register", json),
        ("RATE_LIMIT_REGISTER", Method::PUT, "/register/x", json),
        ("RATE_LIMIT_AUTHORIZE", Method::GET, "/authorize", page),
        ("RATE_LIMIT_AUTHORIZE", Method::POST, "/authorize", page),
        ("RATE_LIMIT_LOGIN", Method::POST, "/login", page),
        ("RATE_LIMIT_SETUP", Method::POST, "/setup", page),
        ("RATE_LIMIT_ADMIN_LOGIN", Method::POST, "/admin/login", page),
    ] {
        let server = guarded(&[(variable, "3/min")]).await;
        let request = || Request::builder().method(&method).uri(path).body(Body::empty()).unwrap();
        for _ in 0..3 {
            let answer = send(&server, MALLORY, &[], request()).await;
            assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
        }
        let refused = send(&server, MALLORY, &[], request()).await;
        assert_eq!(retry_after(&refused), 20, "{path}");
        assert!(refused.body.contains(sentence), "{path}: {}", refused.body);
        assert_eq!(refused.header("cache-control"), "no-store", "{path}");
        assert_eq!(refused.header("x-content-type-options"), "nosniff", "{path}");
        if sentence == json {
            assert_eq!(refused.error(), (429, "temporarily_unavailable".to_owned()), "{path}");
        } else {
            assert!(refused.header("content-security-policy").contains("script-src 'none'"), "{path}");
        }
        let other = send(&server, ALICE, &[], request()).await;
        assert_ne!(other.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
        server.clock.advance(19);
        assert_eq!(retry_after(&send(&server, MALLORY, &[], request()).await), 1, "{path}");
        server.clock.advance(1);
        let later = send(&server, MALLORY, &[], request()).await;
        assert_ne!(later.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
    }
}

#[tokio::test]
async fn pages_are_read_without_a_limit() {
    let settings = ["LOGIN", "SETUP", "ADMIN_LOGIN", "TOKEN", "AUTHORIZE", "INTROSPECT"];
    let settings = settings.map(|name| (format!("RATE_LIMIT_{name}"), "1/h".to_owned()));
    let settings: Vec<_> = settings.iter().map(|(name, rate)| (name.as_str(), rate.as_str())).collect();
    let server = guarded(&settings).await;
    for path in ["/login", "/setup", "/admin/login", "/", "/health", "/.well-known/openid-configuration"] {
        for _ in 0..3 {
            let answer = send(&server, MALLORY, &[], Request::get(path).body(Body::empty()).unwrap()).await;
            assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
        }
    }
}

#[tokio::test]
async fn a_page_of_a_client_can_read_when_to_come_back() {
    let server = guarded(&[("RATE_LIMIT_TOKEN", "1/h")]).await;
    let request = || {
        let mut request = form("/token", &[]);
        request.headers_mut().insert(header::ORIGIN, "https://app.example".parse().unwrap());
        request
    };
    send(&server, ALICE, &[], request()).await;
    let refused = send(&server, ALICE, &[], request()).await;
    assert_eq!(retry_after(&refused), 3_600);
    assert_eq!(refused.header("access-control-allow-origin"), "https://app.example");
    assert!(refused.header("access-control-expose-headers").contains("Retry-After"));
    // The question whether it may ask is not counted.
    let mut preflight = Request::options("/token").header(header::ORIGIN, "https://app.example");
    preflight = preflight.header("access-control-request-method", "POST");
    let answer = send(&server, ALICE, &[], preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn no_limit_stands_between_a_client_and_a_refresh() {
    let server = guarded(&[("RATE_LIMIT_TOKEN", "1/h")]).await;
    let tokens = server.tokens("openid offline_access").await;
    let by_client = |mut request: Request<Body>| {
        let basic = format!("Basic {}", STANDARD.encode(format!("web:{SECRET}")));
        request.headers_mut().insert(header::AUTHORIZATION, basic.parse().unwrap());
        request
    };
    let refresh = |token: &str| by_client(form("/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]));
    let mut token = crate::server::text(&tokens, "refresh_token").to_owned();
    let first = token.clone();
    for _ in 0..4 {
        let answer = send(&server, ALICE, &[], refresh(&token)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        token = crate::server::text(&answer.json(), "refresh_token").to_owned();
    }
    assert_eq!(send(&server, ALICE, &[], refresh(&first)).await.status, StatusCode::OK, "a repeat");
    // Anything else is told to wait, a refresh by a token that is none, too.
    assert_eq!(send(&server, ALICE, &[], refresh("made-up")).await.error().0, 429);
    assert_eq!(send(&server, ALICE, &[], form("/token", &[("refresh_token", &token)])).await.error().0, 429);
    let revoked = send(&server, MALLORY, &[], by_client(form("/revoke", &[("token", &token)]))).await;
    assert_eq!(revoked.status, StatusCode::OK);
    assert_eq!(send(&server, ALICE, &[], refresh(&token)).await.error().0, 429, "its family is over");
}

#[tokio::test]
async fn a_family_has_a_bound_of_its_own() {
    let server = guarded(&[("RATE_LIMIT_TOKEN", "1/h")]).await;
    let refreshed = async |token: &str| {
        let mut request = form("/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]);
        let basic = format!("Basic {}", STANDARD.encode(format!("web:{SECRET}")));
        request.headers_mut().insert(header::AUTHORIZATION, basic.parse().unwrap());
        send(&server, ALICE, &[], request).await
    };
    let tokens = server.tokens("openid offline_access").await;
    let mut token = crate::server::text(&tokens, "refresh_token").to_owned();
    // The first one is within the limit of the address.
    for number in 0..40 {
        let answer = refreshed(&token).await;
        if number >= 30 {
            assert_eq!(answer.error().0, 429, "{number}");
            continue;
        }
        assert_eq!(answer.status, StatusCode::OK, "{number}: {}", answer.body);
        token = crate::server::text(&answer.json(), "refresh_token").to_owned();
    }
    server.clock.advance(60);
    assert_eq!(refreshed(&token).await.status, StatusCode::OK, "nothing was lost by waiting");
    for number in 0..40 {
        let expected = if number < 30 { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(refreshed(&token).await.status, expected, "repeat {number}");
    }
}

#[tokio::test]
async fn what_other_sites_make_a_browser_send_is_not_counted() {
    let server = guarded(&[("RATE_LIMIT_LOGIN", "1/h")]).await;
    for _ in 0..3 {
        let mut request = form("/login", &[("username", "alice"), ("password", "wrong")]);
        request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        assert_eq!(send(&server, ALICE, &[], request).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(login(&server, ALICE, "alice", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_a_stranger_says_of_its_address_is_ignored() {
    let server = guarded(&[("RATE_LIMIT_TOKEN", "3/min"), ("TRUSTED_PROXIES", PROXY)]).await;
    for number in 0..3 {
        assert_eq!(token(&server, MALLORY, &[&format!("192.0.2.{number}")]).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(token(&server, MALLORY, &["192.0.2.9"]).await, StatusCode::TOO_MANY_REQUESTS);
    // Nor does it help to say so before a proxy, which appends the truth.
    for number in 0..3 {
        let chain = format!("192.0.2.{number}, {ALICE}");
        assert_eq!(token(&server, PROXY, &[&chain]).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(token(&server, PROXY, &["192.0.2.9", ALICE]).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(token(&server, PROXY, &[MALLORY]).await, StatusCode::TOO_MANY_REQUESTS, "the same caller as before");
    assert_eq!(token(&server, PROXY, &["192.0.2.9"]).await, StatusCode::UNAUTHORIZED, "somebody else");
}

#[tokio::test]
async fn callers_behind_several_trusted_proxies_are_told_apart() {
    let server = guarded(&[("RATE_LIMIT_TOKEN", "1/min"), ("TRUSTED_PROXIES", "10.0.0.0/8 2001:db8:ffff::/48")]).await;
    for caller in ["192.0.2.1", "192.0.2.2:4711", "[2001:db8::1]:4711"] {
        let chain = format!("{caller}, 10.1.1.1");
        let lines = [chain.as_str(), "2001:db8:ffff::1"];
        assert_eq!(token(&server, PROXY, &lines).await, StatusCode::UNAUTHORIZED, "{caller}");
        assert_eq!(token(&server, PROXY, &lines).await, StatusCode::TOO_MANY_REQUESTS, "{caller}");
    }
}

#[tokio::test]
async fn all_addresses_of_an_ipv6_network_are_one_caller() {
    let server = guarded(&[("RATE_LIMIT_TOKEN", "2/min")]).await;
    assert_eq!(token(&server, "2001:db8:1:2::1", &[]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(token(&server, "2001:db8:1:2:aaaa::2", &[]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(token(&server, "2001:db8:1:2::3", &[]).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(token(&server, "2001:db8:1:3::1", &[]).await, StatusCode::UNAUTHORIZED);
    // The same IPv4 address, however it is written.
    assert_eq!(token(&server, ALICE, &[]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(token(&server, &format!("::ffff:{ALICE}"), &[]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(token(&server, ALICE, &[]).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn one_switch_turns_limits_and_delays_off() {
    let server = guarded(&[("RATE_LIMITS", "off"), ("RATE_LIMIT_LOGIN", "1/h"), ("RATE_LIMIT_TOKEN", "1/h")]).await;
    for _ in 0..8 {
        assert_eq!(login(&server, MALLORY, "alice", "wrong").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(token(&server, MALLORY, &[]).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(login(&server, MALLORY, "alice", PASSWORD).await.status, StatusCode::SEE_OTHER);
    for _ in 0..12 {
        assert_eq!(call(&server, MALLORY, "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(call(&server, MALLORY, ADMIN_TOKEN).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_usual_limits_do_not_disturb_who_works() {
    let server = guarded(&[]).await;
    // A hundred people of one office, in one second.
    for _ in 0..100 {
        let signed_in = login(&server, ALICE, "alice", PASSWORD).await;
        assert_eq!(signed_in.status, StatusCode::SEE_OTHER, "{}", signed_in.body);
        let asked = Request::get(Browser::request(&[])).body(Body::empty()).unwrap();
        assert_eq!(send(&server, ALICE, &[], asked).await.status, StatusCode::SEE_OTHER);
        let fields = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", CALLBACK)];
        let mut exchange = form("/token", &fields);
        let basic = format!("Basic {}", STANDARD.encode(format!("web:{SECRET}")));
        exchange.headers_mut().insert(header::AUTHORIZATION, basic.parse().unwrap());
        let answer = send(&server, ALICE, &[], exchange).await;
        assert_eq!(answer.error().1, "invalid_grant", "{}", answer.body);
    }
}
