//! Which pages of other origins may read what.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use oauth::client::ClientKind;

use crate::browser::Answer;
use crate::server::Server;

/// The origin of `spa`, by its redirect URI.
const SPA: &str = "https://app.example";

async fn ask(server: &Server, method: Method, path: &str, origin: &str) -> Answer {
    let mut request = Request::builder().method(&method).uri(path).header("origin", origin);
    if method == Method::OPTIONS {
        request = request
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization");
    }
    server.send(request.body(Body::empty()).unwrap()).await
}

fn allowed(answer: &Answer) -> &str {
    assert!(answer.header("access-control-allow-credentials").is_empty());
    answer.header("access-control-allow-origin")
}

#[tokio::test]
async fn everybody_may_read_what_is_public() {
    let server = Server::start().await;
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/jwks.json",
        "/device/qr",
    ] {
        assert_eq!(allowed(&ask(&server, Method::GET, path, "https://anybody.example").await), "*", "{path}");
        let preflight = ask(&server, Method::OPTIONS, path, "https://anybody.example").await;
        assert_eq!((preflight.status, allowed(&preflight)), (StatusCode::NO_CONTENT, "*"), "{path}");
    }
}

#[tokio::test]
async fn a_registered_origin_may_read_tokens_and_claims() {
    let server = Server::start().await;
    for path in ["/token", "/userinfo", "/revoke", "/device_authorization"] {
        let preflight = ask(&server, Method::OPTIONS, path, SPA).await;
        assert_eq!((preflight.status, allowed(&preflight)), (StatusCode::NO_CONTENT, SPA), "{path}");
        assert!(preflight.header("access-control-allow-headers").to_lowercase().contains("authorization"));
        assert!(preflight.header("access-control-allow-methods").contains("POST"));
        let answer = ask(&server, Method::POST, path, SPA).await;
        assert_eq!((answer.status, allowed(&answer)), (StatusCode::UNAUTHORIZED, SPA), "{path}");
        assert_eq!(answer.header("vary"), "Origin");
        assert_eq!(
            answer.header("access-control-expose-headers"),
            "WWW-Authenticate, Retry-After, DPoP-Nonce, X-Request-Id"
        );
    }
}

#[tokio::test]
async fn other_origins_may_read_nothing() {
    let server = Server::start().await;
    for origin in ["https://evil.example", "null", "https://app.example.evil.example", "http://app.example", ""] {
        for path in ["/token", "/userinfo", "/revoke", "/device_authorization"] {
            for method in [Method::OPTIONS, Method::POST] {
                let answer = ask(&server, method, path, origin).await;
                assert_eq!(allowed(&answer), "", "{origin} {path}");
                assert!(answer.header("access-control-allow-headers").is_empty());
                assert_eq!(answer.header("vary"), "Origin");
            }
        }
    }
}

#[tokio::test]
async fn nobody_may_read_pages_or_introspection() {
    let server = Server::start().await;
    for path in ["/authorize", "/login", "/introspect", "/end_session", "/", "/health", "/admin/login", "/setup"] {
        for method in [Method::GET, Method::OPTIONS] {
            let answer = ask(&server, method, path, SPA).await;
            assert_eq!(allowed(&answer), "", "{path}");
        }
    }
}

#[tokio::test]
async fn an_origin_may_be_registered_by_itself_and_goes_with_its_client() {
    let server = Server::start().await;
    let origin = "http://localhost:5173";
    assert_eq!(allowed(&ask(&server, Method::POST, "/token", origin).await), "");
    server.create_client(ClientKind::Web, "dev", |draft, _| draft.allowed_origins = origin.to_owned()).await;
    assert_eq!(allowed(&ask(&server, Method::POST, "/token", origin).await), origin);
    server.idp.delete_client(&idp::Actor::admin(), &oauth::id::ClientId::new("dev")).await.unwrap();
    assert_eq!(allowed(&ask(&server, Method::POST, "/token", origin).await), "");
}

/// The answer to a preflight that asks for these request headers.
async fn preflight(server: &Server, path: &str, headers: &str) -> String {
    let request = Request::options(path)
        .header("origin", SPA)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", headers);
    let answer = server.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{path}");
    answer.header("access-control-allow-headers").to_lowercase()
}

#[tokio::test]
async fn what_is_public_is_read_with_any_header() {
    let server = Server::start().await;
    for path in
        ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/.well-known/jwks.json"]
    {
        for headers in ["x-requested-with", "authorization,cache-control,x-of-my-own"] {
            assert_eq!(preflight(&server, path, headers).await, headers, "{path}");
        }
    }
}

#[tokio::test]
async fn the_token_endpoint_and_its_neighbours_take_the_headers_that_clients_send() {
    let server = Server::start().await;
    for path in ["/token", "/userinfo", "/revoke"] {
        let allowed = preflight(&server, path, "dpop").await;
        let allowed: Vec<_> = allowed.split(", ").collect();
        for header in
            ["authorization", "content-type", "dpop", "mcp-protocol-version", "traceparent", "tracestate", "baggage"]
        {
            assert!(allowed.contains(&header), "{path} {header}");
        }
        assert!(!allowed.contains(&"*") && !allowed.contains(&"x-admin-token"), "{path}");
    }
}
