//! The guard against guessing and flooding.

mod delays;
mod limits;
mod secrets;

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};

use crate::browser::Answer;
use crate::server::{Server, encode};

/// Two callers that have nothing to do with each other, and a proxy.
const MALLORY: &str = "203.0.113.66";
const ALICE: &str = "198.51.100.1";
const PROXY: &str = "10.0.0.5";

/// A server with limits and delays; `settings` as in the environment.
async fn guarded(settings: &[(&str, &str)]) -> Server {
    Server::start().await.with_guard(settings)
}

/// Sends a request from an address, with what proxies say of it.
async fn send(server: &Server, from: &str, forwarded: &[&str], mut request: Request<Body>) -> Answer {
    let peer = SocketAddr::new(from.parse::<IpAddr>().unwrap(), 4711);
    request.extensions_mut().insert(ConnectInfo(peer));
    for line in forwarded {
        request.headers_mut().append("x-forwarded-for", line.parse().unwrap());
    }
    server.send(request).await
}

fn form(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(encode(fields)))
        .unwrap()
}

async fn login(server: &Server, from: &str, username: &str, password: &str) -> Answer {
    send(server, from, &[], form("/login", &[("username", username), ("password", password)])).await
}

async fn token(server: &Server, from: &str, forwarded: &[&str]) -> StatusCode {
    send(server, from, forwarded, form("/token", &[])).await.status
}

/// A call of the admin API.
async fn call(server: &Server, from: &str, admin_token: &str) -> Answer {
    let request = Request::get("/admin/scopes").header("x-admin-token", admin_token);
    send(server, from, &[], request.body(Body::empty()).unwrap()).await
}

fn retry_after(answer: &Answer) -> i64 {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.body);
    answer.header("retry-after").parse().unwrap()
}
