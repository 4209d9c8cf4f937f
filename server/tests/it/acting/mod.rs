//! Sessions, grants and consents: who may act for whom, listed and ended by administrators.

mod consents;
mod grants;
mod many;
mod policies;
mod secrets;
mod sessions;

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use idp::testing::texts;
use serde_json::Value;

use crate::browser::{Answer, Browser};
use crate::server::{PASSWORD, SESSION_COOKIE, Server, encode};

/// A call of the admin API.
async fn call(server: &Server, method: Method, path: &str) -> Answer {
    crate::admin_api::call(server, method, path, Value::Null).await
}

async fn listed(server: &Server, path: &str) -> Vec<Value> {
    let answer = call(server, Method::GET, path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path} {}", answer.body);
    answer.json().as_array().unwrap().clone()
}

async fn subject(server: &Server, name: &str) -> String {
    server.idp.find_user_by_name(name).await.unwrap().unwrap().subject.into_string()
}

/// Signs somebody in from an address, by a program that calls itself so.
async fn sign_in<'a>(server: &'a Server, name: &str, from: &str, agent: &str) -> Browser<'a> {
    let mut request = Request::post("/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::USER_AGENT, agent)
        .body(Body::from(encode(&[("username", name), ("password", PASSWORD)])))
        .unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(from.parse().unwrap(), 4711)));
    let answer = server.send(request).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().split_once('=').unwrap().1.to_owned();
    server.browser().with_cookie(SESSION_COOKIE, &cookie)
}

/// The changes that were recorded, by name.
async fn actions(server: &Server) -> Vec<String> {
    let sql = "SELECT action FROM audit_event WHERE action LIKE '%end_session%' OR action LIKE '%revoke_grant%' \
        OR action LIKE 'grant.%' OR action LIKE '%withdraw%' ORDER BY action";
    texts(server.database.url(), sql).await
}
