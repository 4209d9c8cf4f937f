//! An agent that nobody knows connects.

use axum::http::StatusCode;
use futures::future::join_all;
use idp::testing::Kind;
use oauth::client::ClientOrigin;
use serde_json::{Value, json};

use super::{PROGRAM, SITE, World};
use crate::browser::Browser;
use crate::server::{ISSUER, text};

#[tokio::test]
async fn an_agent_connects_with_nothing_configured() {
    let world = World::start().await;
    let mut browser = world.server.browser();
    let asked = browser.get(&world.request(PROGRAM, &[("scope", "openid email")])).await;
    let login = browser.follow(&asked).await;
    assert!(login.body.contains(&format!("localhost:{}", world.site.port())) && !login.body.contains("Agent Smith"));
    let page = browser.sign_in_at(&asked).await;
    for shown in [
        format!("<bdi>localhost:{}</bdi>", world.site.port()),
        "Agent Smith".to_owned(),
        "57470".to_owned(),
        "Your email address".to_owned(),
        "Nobody has used this application on this server before.".to_owned(),
    ] {
        assert!(page.body.contains(&shown), "{shown}: {}", page.body);
    }
    assert!(!world.is_kept().await, "a question leaves nothing behind");
    let answer = browser.press(&page, "yes").await;
    assert!(answer.location().starts_with(PROGRAM), "{}", answer.location());
    assert_eq!((answer.query().text("iss"), answer.query().text("state")), (ISSUER.to_owned(), "s-1".to_owned()));
    let record = world.server.idp.get_client(&world.client_id()).await.unwrap();
    assert_eq!((record.client.origin, record.client.is_public()), (ClientOrigin::MetadataDocument, true));
    let answer = world.redeem(&answer, PROGRAM).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let tokens = answer.json();
    assert_eq!(tokens["scope"], "openid email");
    assert_eq!(world.server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::OK);
    assert_eq!(world.site.hits(), 1);
    // From here on the row is enough.
    world.break_down();
    world.server.clock.advance(86_400);
    let refreshed = world.refresh(&tokens).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
    assert_eq!(world.site.hits(), 1);
}

#[tokio::test]
async fn who_says_no_is_not_asked_again_and_leaves_nothing_behind() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    let page = browser.get(&world.request(SITE, &[])).await;
    let answer = browser.press(&page, "no").await;
    assert!(answer.location().starts_with(SITE), "{}", answer.location());
    let query = answer.query();
    assert_eq!((query.text("error"), query.text("iss")), ("access_denied".to_owned(), ISSUER.to_owned()));
    assert!(!world.is_kept().await);
}

#[tokio::test]
async fn a_program_asks_each_time_and_a_site_once() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    world.allow(&mut browser, SITE).await;
    let again = browser.get(&world.request(SITE, &[])).await;
    assert!(!again.query().text("code").is_empty(), "{}", again.body);
    let page = browser.get(&world.request(PROGRAM, &[])).await;
    assert!(page.body.contains("name=\"confirm\""));
    assert!(!page.body.contains("Nobody has used this application"));
    assert!(!page.body.contains("can pose as this application"), "its site cannot be posed as");
    let silent = browser.get(&world.request(PROGRAM, &[("prompt", "none")])).await;
    assert_eq!(silent.query().text("error"), "consent_required");
    // With `prompt=consent`, which both SDKs send beside `offline_access`, the page comes and no error.
    let page = browser.get(&world.request(SITE, &[("prompt", "consent"), ("scope", "openid offline_access")])).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn the_page_warns_of_what_only_answers_on_the_computer() {
    let world = World::start().await;
    world.publish(|document| {
        document["redirect_uris"] = json!(["http://127.0.0.1/cb", "http://[::1]/cb", "agent.app:/cb"]);
        document["logo_uri"] = json!("https://agent.example/logo.svg");
        document["policy_uri"] = json!("https://agent.example/privacy");
        document["tos_uri"] = json!("javascript:alert(1)");
    });
    let mut browser = world.server.signed_in().await;
    for (uri, told) in [
        ("http://127.0.0.1:9/cb", "port <bdi>9</bdi>"),
        ("http://[::1]:10/cb", "port <bdi>10</bdi>"),
        ("http://127.0.0.1/cb", "a program on this computer."),
        ("agent.app:/cb", "<bdi>agent.app</bdi>"),
    ] {
        let page = browser.get(&world.request(uri, &[])).await;
        assert!(page.body.contains(told), "{uri}: {}", page.body);
        assert!(page.body.contains("Any program on this computer can pose as this application."), "{uri}");
        assert!(!page.body.contains("<img") && !page.body.contains("logo.svg") && !page.body.contains("javascript:"));
        assert!(page.body.contains("href=\"https://agent.example/privacy\" rel=\"noreferrer\""));
    }
}

#[tokio::test]
async fn ports_of_loopback_are_free_and_nothing_else_is() {
    let world = World::start().await;
    world.publish(|document| {
        document["redirect_uris"] =
            json!(["http://localhost/callback", "http://127.0.0.1:33418/", "https://agent.example/cb"]);
    });
    let mut browser = world.server.signed_in().await;
    for (uri, fits) in [
        ("http://localhost:57470/callback", true),
        ("http://localhost/callback", true),
        ("http://127.0.0.1:50000/", true),
        ("http://127.0.0.1:50000", false),
        ("http://127.0.0.1:57470/callback", false),
        ("http://[::1]:57470/callback", false),
        ("http://localhost:57470/callback?x=1", false),
        ("http://localhost:57470/other", false),
        ("https://localhost:57470/callback", false),
        ("https://agent.example:8443/cb", false),
    ] {
        let page = browser.get(&world.request(uri, &[])).await;
        assert_eq!(page.status, if fits { StatusCode::OK } else { StatusCode::BAD_REQUEST }, "{uri}");
    }
}

#[tokio::test]
async fn scopes_are_narrowed_and_only_nothing_is_an_error() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    for (sent, granted) in [
        ("", "openid"),
        ("openid profile email address phone offline_access", "openid profile email address phone offline_access"),
        ("openid claudeai mcp:read email", "openid email"),
        ("offline_access", "offline_access"),
    ] {
        let page = browser.get(&world.request(SITE, &[("scope", sent), ("prompt", "consent")])).await;
        assert_eq!(page.status, StatusCode::OK, "{sent}: {}", page.location());
        let answer = browser.press(&page, "yes").await;
        let tokens = world.redeem(&answer, SITE).await.json();
        assert_eq!(tokens["scope"], granted, "{sent}");
    }
    let refused = browser.get(&world.request(SITE, &[("scope", "claudeai")])).await;
    assert_eq!(refused.query().text("error"), "invalid_scope");
}

#[tokio::test]
async fn a_document_that_does_not_ask_for_refresh_tokens_gets_none() {
    let world = World::start().await;
    world.publish(|document| document["grant_types"] = json!(["authorization_code", "urn:x"]));
    let mut browser = world.server.signed_in().await;
    let answer = world.allow(&mut browser, SITE).await;
    let tokens = world.redeem(&answer, SITE).await.json();
    assert!(tokens.get("access_token").is_some() && tokens.get("refresh_token").is_none());
}

#[tokio::test]
async fn a_code_challenge_is_needed() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    let refused = browser.get(&world.request(SITE, &[("code_challenge", ""), ("code_challenge_method", "")])).await;
    assert_eq!(refused.query().text("error"), "invalid_request");
}

#[tokio::test]
async fn the_token_endpoint_tells_unknown_tokens_from_documents_that_are_away() {
    let world = World::start().await;
    let unknown: Value = json!({ "refresh_token": "unknown" });
    assert_eq!(world.refresh(&unknown).await.error(), (400, "invalid_grant".to_owned()));
    world.break_down();
    world.server.clock.advance(8 * 86_400);
    assert_eq!(world.refresh(&unknown).await.error(), (503, "temporarily_unavailable".to_owned()));
    for id in ["https://a.example/", "https://u@a.example/x", "https://a.example/../x"] {
        let fields = [("grant_type", "refresh_token"), ("client_id", id), ("refresh_token", "x")];
        assert_eq!(
            world.server.post("/token", None, &fields).await.error(),
            (401, "invalid_client".to_owned()),
            "{id}"
        );
    }
}

#[tokio::test]
async fn a_registered_client_goes_before_a_document() {
    let world = World::start().await;
    let id = world.id();
    world.server.create_client(oauth::client::ClientKind::Spa, &id, |_, _| {}).await;
    let mut browser = world.server.signed_in().await;
    let page = browser.get(&world.request(crate::server::CALLBACK, &[])).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert_eq!(browser.get(&world.request(SITE, &[])).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.site.hits(), 0);
}

#[tokio::test]
async fn both_documents_of_the_server_say_that_urls_are_client_ids() {
    let world = World::start().await;
    let mut browser = world.server.browser();
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let metadata = browser.get(path).await.json();
        assert_eq!(metadata["client_id_metadata_document_supported"], true, "{path}");
        let methods = metadata["token_endpoint_auth_methods_supported"].as_array().unwrap();
        assert!(methods.contains(&json!("none")), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_people_who_come_first_at_once_all_get_their_tokens() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        let mut pages = Vec::new();
        for _ in 0..8 {
            let mut browser: Browser<'_> = world.server.signed_in().await;
            let page = browser.get(&world.request(SITE, &[])).await;
            assert_eq!(page.status, StatusCode::OK);
            pages.push((browser, page));
        }
        assert_eq!(world.site.hits(), 1, "{kind:?}");
        let world = &world;
        let answers = join_all(pages.iter_mut().map(async |(browser, page)| browser.press(page, "yes").await)).await;
        for answer in &answers {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{kind:?}: {}", answer.body);
            let tokens = world.redeem(answer, SITE).await;
            assert_eq!(tokens.status, StatusCode::OK, "{kind:?}: {}", tokens.body);
        }
        let kept = world.server.idp.list_documents().await.unwrap();
        assert_eq!((kept.len(), kept[0].grants), (1, 8), "{kind:?}");
    }
}
