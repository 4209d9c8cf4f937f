//! Receivers that mean no good.

use idp::Delivery;
use idp::testing::site::{Authority, Reply, TestSite};
use serde_json::{Value, json};

use super::{create_told, messages, sign_in};
use crate::server::Server;

/// The message to a site that replies so, after one try.
async fn sent(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> (idp::LogoutRow, usize) {
    let authority = Authority::default();
    let site = TestSite::start(&authority, reply).await;
    let server = Server::start().await.asking(site.options(&authority)).await;
    create_told(&server, "bye", &site.url("/bye")).await;
    (deliver(&server).await, site.hits())
}

async fn deliver(server: &Server) -> idp::LogoutRow {
    let (mut browser, _) = sign_in(server, "alice", "bye").await;
    browser.get("/logout").await;
    assert_eq!(server.idp.deliver_logouts().await.unwrap(), 1);
    let [row] = messages(server, "bye").await.try_into().unwrap();
    row
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_had_in_time_or_not_at_all() {
    let (row, _) = sent(|_| Reply::Silence(Vec::new())).await;
    assert_eq!(row.answer.as_deref(), Some("there was no whole answer within 5 s"));
    assert!(matches!(row.delivery, Delivery::Waiting(_)));
    let (row, _) = sent(|_| Reply::Whole(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())).await;
    assert!(row.answer.unwrap().starts_with("the answer is not to be read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_body_of_an_answer_is_not_read() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n".to_vec();
    let (row, _) = sent(move |_| Reply::Endless(head.clone(), vec![b' '; 4_096])).await;
    assert_eq!(row.delivery, Delivery::Done);
    let long = b"HTTP/1.1 200 OK\r\nX: ".to_vec();
    let (row, _) = sent(move |_| Reply::Endless(long.clone(), vec![b'x'; 4_096])).await;
    assert!(row.answer.unwrap().starts_with("the answer is not to be read"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let (row, hits) =
            sent(move |_| Reply::with(&format!("HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:8000/admin"), ""))
                .await;
        assert_eq!(hits, 1);
        assert_eq!(row.answer, Some(format!("the answer was {}, not 200", &status[..3])));
    }
}

#[tokio::test]
async fn addresses_inside_are_not_called_and_an_administrator_learns_why() {
    let server = Server::start_https().await;
    create_told(&server, "bye", "https://10.0.0.5/bye").await;
    let row = deliver(&server).await;
    let why = "the address 10.0.0.5 of 10.0.0.5 is not public; ALLOWED_FETCH_HOSTS may name 10.0.0.5";
    assert_eq!(row.answer.as_deref(), Some(why));
    for uri in ["https://169.254.169.254/latest", "https://127.0.0.1/bye", "https://[::1]/bye", "http://localhost/bye"]
    {
        let server = Server::start_https().await;
        create_told(&server, "bye", uri).await;
        let answer = deliver(&server).await.answer.unwrap();
        assert!(answer.contains("is not public") || answer.contains("must be asked by https"), "{uri}: {answer}");
    }
    server.idp.flush_activity().await;
    let events: Vec<Value> = {
        let path = "/admin/events?kind=sign_out&outcome=refused";
        crate::admin_api::get(&server, path).await.json().as_array().unwrap().clone()
    };
    let [event] = events.try_into().unwrap();
    assert_eq!(event["client_id"], "bye");
    assert_eq!(event["facts"]["check"], "logout_undelivered");
    assert_eq!(event["facts"]["answer"], why);
    assert_eq!((&event["facts"]["attempts"], event["user"].is_string()), (&json!(1), true));
    assert!(!event.to_string().contains("eyJ"), "a token is no fact");
}
