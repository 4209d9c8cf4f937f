//! Delays after wrong passwords and wrong admin tokens.

use axum::http::StatusCode;
use futures::future::join_all;

use super::{ALICE, MALLORY, call, form, guarded, login, retry_after, send};
use crate::server::{ADMIN_TOKEN, PASSWORD, claims, text};

#[tokio::test]
async fn wrong_passwords_delay_the_next_ones_longer_and_longer() {
    let server = guarded(&[]).await;
    for _ in 0..6 {
        assert_eq!(login(&server, MALLORY, "alice", "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    for delay in [1, 2, 4, 8] {
        // Not even the right one is looked at, and not for the same person at another address.
        let refused = login(&server, ALICE, "Alice@Example.com", PASSWORD).await;
        assert_eq!(retry_after(&refused), delay);
        let wait = if delay == 1 { "1 second".to_owned() } else { format!("{delay} seconds") };
        let sentence = format!("Too many wrong passwords for this account or from this address. Try again in {wait}.");
        assert!(refused.body.contains(&sentence), "{}", refused.body);
        assert_eq!(refused.field("username"), "Alice@Example.com");
        assert!(!refused.body.contains(PASSWORD));
        assert!(refused.header("set-cookie").is_empty());
        server.clock.advance(delay);
        assert_eq!(login(&server, MALLORY, "alice", "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    server.clock.advance(16);
    assert_eq!(login(&server, ALICE, "alice", PASSWORD).await.status, StatusCode::SEE_OTHER);
    // The count begins again.
    for _ in 0..6 {
        assert_eq!(login(&server, MALLORY, "alice", "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn unknown_names_are_delayed_like_known_ones() {
    let server = guarded(&[]).await;
    let mut answers = Vec::new();
    for name in ["alice", "zelda"] {
        let mut of_name = Vec::new();
        for second in 0..20 {
            let answer = login(&server, MALLORY, name, "wrong").await;
            let body = answer.body_of_any().replace(name, "");
            of_name.push((answer.status, answer.header("retry-after").to_owned(), body));
            server.clock.advance(second % 3);
        }
        answers.push(of_name);
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].iter().any(|(status, ..)| *status == StatusCode::TOO_MANY_REQUESTS));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_passwords_at_once_no_more_are_looked_at_than_one_after_the_other() {
    let server = guarded(&[]).await;
    // The right one is among them, far behind.
    let passwords = (0..32).map(|number| if number == 31 { PASSWORD.to_owned() } else { format!("wrong {number}") });
    let passwords: Vec<String> = passwords.collect();
    let answers = join_all(passwords.iter().map(|password| login(&server, MALLORY, "alice", password))).await;
    let looked_at = answers.iter().filter(|answer| answer.status != StatusCode::TOO_MANY_REQUESTS).count();
    assert_eq!(looked_at, 6);
}

#[tokio::test]
async fn delays_outlast_the_process() {
    let server = guarded(&[]).await;
    for _ in 0..6 {
        login(&server, MALLORY, "alice", "wrong").await;
    }
    let server = server.restart().await.with_guard(&[]);
    assert_eq!(retry_after(&login(&server, MALLORY, "alice", PASSWORD).await), 1);
}

#[tokio::test]
async fn a_password_that_an_administrator_sets_can_be_used_at_once() {
    let server = guarded(&[]).await;
    let tokens = server.tokens("openid").await;
    let subject = claims(text(&tokens, "id_token"))["sub"].as_str().unwrap().to_owned();
    for _ in 0..7 {
        login(&server, MALLORY, "alice", "wrong").await;
    }
    assert_eq!(retry_after(&login(&server, ALICE, "alice", PASSWORD).await), 1);
    let mut console = server.console().await;
    let page = format!("/admin/ui/users/{subject}/password");
    let set = console.post(&page, &[("password", "another horse battery")]).await;
    assert!(set.location().contains("done="), "{} {}", set.status, set.body);
    assert_eq!(login(&server, ALICE, "alice", "another horse battery").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn wrong_admin_tokens_delay_further_ones_from_that_address() {
    let server = guarded(&[]).await;
    for _ in 0..11 {
        assert_eq!(call(&server, MALLORY, "wrong").await.error(), (401, "unauthorized".to_owned()));
    }
    let refused = call(&server, MALLORY, ADMIN_TOKEN).await;
    assert_eq!(retry_after(&refused), 1);
    assert_eq!(refused.error().1, "too_many_requests");
    assert_eq!(refused.header("cache-control"), "no-store");
    assert_eq!(call(&server, ALICE, ADMIN_TOKEN).await.status, StatusCode::OK);
    let console =
        async |from: &str, token: &str| send(&server, from, &[], form("/admin/login", &[("token", token)])).await;
    for _ in 0..11 {
        assert_eq!(console(MALLORY, "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    let refused = console(MALLORY, ADMIN_TOKEN).await;
    assert_eq!(retry_after(&refused), 1);
    assert!(refused.body.contains("Too many wrong admin tokens from this address. Try again in 1 second."));
    assert!(!refused.body.contains(ADMIN_TOKEN));
    assert_eq!(console(ALICE, ADMIN_TOKEN).await.status, StatusCode::SEE_OTHER);
    server.clock.advance(1);
    assert_eq!(call(&server, MALLORY, ADMIN_TOKEN).await.status, StatusCode::OK);
    assert_eq!(console(MALLORY, ADMIN_TOKEN).await.status, StatusCode::SEE_OTHER);
}
