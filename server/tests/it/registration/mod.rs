//! Clients that register themselves: RFC 7591, RFC 7592, and what becomes of them.

mod bounds;
mod manage;
mod policy;
mod programs;
mod signed;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::server::{ADMIN_TOKEN, CHALLENGE, Server, VERIFIER};

/// A server on which whoever asks may register.
async fn open() -> Server {
    let server = Server::start().await;
    set_policy(&server, "open").await;
    server
}

pub(crate) async fn set_policy(server: &Server, policy: &str) {
    let answer = admin(server, Method::PUT, "/admin/registration", json!({ "policy": policy })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

async fn admin(server: &Server, method: Method, path: &str, body: Value) -> Answer {
    let request = Request::builder().method(method).uri(path).header("x-admin-token", ADMIN_TOKEN);
    server.send(request.body(Body::from(body.to_string())).unwrap()).await
}

/// A call of the registration endpoint or of a registration.
pub(crate) async fn call(server: &Server, method: Method, path: &str, token: Option<&str>, body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    server.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

pub(crate) async fn register(server: &Server, body: &Value) -> Value {
    let answer = call(server, Method::POST, "/register", None, &body.to_string()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.json()
}

/// A program on a computer, without a secret.
pub(crate) fn native(name: &str) -> Value {
    json!({
        "client_name": name, "redirect_uris": ["http://localhost:4000/callback"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    })
}

/// The parameters of a request of a client that registered.
fn request<'a>(client: &'a Value, redirect_uri: &'a str, scope: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("client_id", client["client_id"].as_str().unwrap()),
        ("redirect_uri", redirect_uri),
        ("scope", scope),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// The tokens of a client without a secret, after somebody agreed.
pub(crate) async fn tokens(
    server: &Server,
    browser: &mut Browser<'_>,
    client: &Value,
    redirect_uri: &str,
    scope: &str,
) -> Value {
    let code = browser.authorize(&request(client, redirect_uri, scope)).await;
    let answer = redeem(server, client, redirect_uri, &code).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

async fn redeem(server: &Server, client: &Value, redirect_uri: &str, code: &str) -> Answer {
    let id = client["client_id"].as_str().unwrap();
    let secret = client["client_secret"].as_str();
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", VERIFIER),
        ("client_id", id),
    ];
    fields.extend(secret.map(|secret| ("client_secret", secret)));
    server.post("/token", None, &fields).await
}

async fn refresh(server: &Server, client: &Value, tokens: &Value) -> Answer {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("client_id", client["client_id"].as_str().unwrap()),
    ];
    server.post("/token", None, &fields).await
}
