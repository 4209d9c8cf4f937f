//! Delays after wrong client secrets.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::{StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::join_all;
use idp::testing::Kind;
use oauth::secret::Secret;
use tower::ServiceExt as _;

use super::{ALICE, MALLORY, form, guarded, retry_after, send};
use crate::browser::Answer;
use crate::server::{SECRET, Server};

/// A call of a client at an endpoint, with HTTP Basic.
async fn client_call(server: &Server, from: &str, path: &str, client: &str, secret: &str) -> Answer {
    let fields = [("grant_type", "client_credentials"), ("token", "x")];
    let mut request = form(path, &fields);
    let basic = format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")));
    request.headers_mut().insert(header::AUTHORIZATION, basic.parse().unwrap());
    send(server, from, &[], request).await
}

/// Gives the client `job` a secret of four digits, as an import may.
async fn shorten_secret(server: &Server) {
    let digest: String = Secret::new("4711").digest().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let sql = format!("UPDATE client_secret SET digest = x'{digest}' WHERE client_id = 'job'");
    idp::testing::execute(server.database.url(), &sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_four_digits_is_not_found_at_any_door() {
    for path in ["/token", "/introspect", "/revoke"] {
        let server = guarded(&[("RATE_LIMIT_TOKEN", "off"), ("RATE_LIMIT_INTROSPECT", "off")]).await;
        shorten_secret(&server).await;
        assert_eq!(client_call(&server, ALICE, path, "job", "4711").await.status, StatusCode::OK, "{path}");
        // All at once, with the right one among them, far behind.
        let guesses: Vec<String> = (4_511..4_811).map(|number: u32| number.to_string()).collect();
        let answers = join_all(guesses.iter().map(|secret| client_call(&server, MALLORY, path, "job", secret))).await;
        let by_status = |status| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!(by_status(StatusCode::OK), 0, "{path}");
        assert_eq!(by_status(StatusCode::UNAUTHORIZED), 11, "{path}");
        let refused = client_call(&server, MALLORY, path, "job", "4711").await;
        assert_eq!(retry_after(&refused), 1, "{path}");
        assert_eq!(refused.error().1, "temporarily_unavailable", "{path}");
        assert_eq!(refused.header("cache-control"), "no-store", "{path}");
        // Whoever has it is not held up elsewhere, nor is another client at the same address.
        assert_eq!(client_call(&server, ALICE, path, "job", "4711").await.status, StatusCode::OK, "{path}");
        assert_ne!(client_call(&server, MALLORY, path, "web", SECRET).await.status, StatusCode::TOO_MANY_REQUESTS);
        server.clock.advance(1);
        assert_eq!(client_call(&server, MALLORY, path, "job", "4711").await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn guesses_from_many_addresses_are_bounded_and_lock_nobody_out_who_was_right_lately() {
    let server = guarded(&[]).await;
    shorten_secret(&server).await;
    assert_eq!(client_call(&server, ALICE, "/introspect", "job", "4711").await.status, StatusCode::OK);
    let mut refused = 0;
    for number in 0..300 {
        let from = format!("203.0.{}.{}", number / 200, number % 200 + 1);
        let answer = client_call(&server, &from, "/introspect", "job", "0000").await;
        refused += usize::from(answer.status == StatusCode::UNAUTHORIZED);
    }
    assert_eq!(refused, 101);
    assert_eq!(retry_after(&client_call(&server, MALLORY, "/introspect", "job", "4711").await), 1);
    assert_eq!(client_call(&server, ALICE, "/introspect", "job", "4711").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_secret_that_nobody_can_guess_never_waits() {
    let server = guarded(&[]).await;
    for number in 0..30 {
        let answer =
            client_call(&server, MALLORY, "/introspect", "web", "an outdated secret of this very client").await;
        let expected = if number < 11 { StatusCode::UNAUTHORIZED } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(answer.status, expected, "{number}");
    }
    assert_eq!(client_call(&server, MALLORY, "/introspect", "web", SECRET).await.status, StatusCode::OK);
}

#[tokio::test]
async fn names_that_no_client_has_are_delayed_like_clients() {
    let server = guarded(&[]).await;
    let mut answers = Vec::new();
    for client in ["web", "nobody"] {
        let mut of_client = Vec::new();
        for second in 0..20 {
            let answer = client_call(&server, MALLORY, "/token", client, "wrong").await;
            of_client.push((answer.status, answer.header("retry-after").to_owned(), answer.body));
            server.clock.advance(second % 3);
        }
        answers.push(of_client);
        server.clock.advance(1_000_000);
    }
    assert_eq!(answers[0], answers[1]);
    // A client without a secret has none to guess, and no library that sends one anyway is held up.
    for _ in 0..30 {
        assert_eq!(client_call(&server, ALICE, "/token", "spa", "x").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn what_one_node_delays_all_delay() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let server = server.with_guard(&[]);
        for _ in 0..11 {
            client_call(&server, MALLORY, "/introspect", "web", "wrong").await;
        }
        let find = |_: &str| None;
        let guard = signet::config::Config::read(find).unwrap().guard;
        let other = server.open_node().await;
        let router = signet::router(signet::Signet::new(other.clone()).with_guard(&guard));
        let ask = async || {
            let basic = format!("Basic {}", STANDARD.encode("web:wrong"));
            let mut request = form("/introspect", &[("token", "x")]);
            request.headers_mut().insert(header::AUTHORIZATION, basic.parse().unwrap());
            request.extensions_mut().insert(ConnectInfo(SocketAddr::new(MALLORY.parse().unwrap(), 4711)));
            Answer::read(router.clone().oneshot(request).await.unwrap()).await
        };
        // Before it has looked, the other node learns it by the first wrong one.
        assert_eq!(retry_after(&ask().await), 1, "{kind:?}");
        server.clock.advance(1);
        client_call(&server, MALLORY, "/introspect", "web", "wrong").await;
        other.learn_delays().await.unwrap();
        assert_eq!(retry_after(&ask().await), 2, "{kind:?}");
    }
}

#[tokio::test]
async fn a_right_secret_writes_nothing() {
    let server = guarded(&[]).await;
    shorten_secret(&server).await;
    let rows = async || {
        let row = idp::testing::execute(server.database.url(), "UPDATE failed_attempt SET failures = failures").await;
        row.rows_affected()
    };
    for (client, secret) in [("web", SECRET), ("job", "4711")] {
        for _ in 0..50 {
            assert_eq!(client_call(&server, ALICE, "/introspect", client, secret).await.status, StatusCode::OK);
        }
    }
    assert_eq!(rows().await, 0);
}
