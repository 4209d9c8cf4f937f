//! Trials: an administrator signs in to a client, and sees what it would have got.

use axum::http::StatusCode;
use oauth::client::{ClientKind, GrantType};
use oauth::form::Form;

use super::is_in_frame;
use crate::browser::{Answer, Browser};
use crate::server::{ISSUER, PASSWORD, Server};

/// A browser in which the console is open, and alice is signed in.
async fn both(server: &Server) -> Browser<'_> {
    let mut browser = server.console().await;
    let answer = browser.post("/login", &[("username", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    browser
}

/// Begins a trial of a client and answers its question with `word`; the answer that leads back to the console.
async fn try_client(browser: &mut Browser<'_>, client: &str, word: &str) -> Answer {
    let begun = browser.get(&format!("/admin/ui/trial?client_id={client}")).await;
    assert!(begun.location().starts_with("/authorize?"), "{} {}", begun.location(), begun.body);
    let page = browser.follow(&begun).await;
    if page.status == StatusCode::SEE_OTHER { page } else { browser.press(&page, word).await }
}

/// The address within this server that an answer leads to.
fn place(answer: &Answer) -> String {
    let place = answer.location().strip_prefix(ISSUER).unwrap_or_else(|| panic!("leads to {}", answer.location()));
    assert!(place.starts_with("/admin/ui/trial?"), "{place}");
    place.to_owned()
}

/// The page that the address with the code leads to.
async fn result_of(browser: &mut Browser<'_>, place: &str) -> Answer {
    let answer = browser.get(place).await;
    let page = browser.follow(&answer).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    page
}

#[tokio::test]
async fn a_client_is_tried_from_its_quick_start() {
    let server = Server::start().await;
    let mut browser = both(&server).await;
    for client in ["web", "spa"] {
        let page = browser.get(&format!("/admin/ui/clients/{client}/quickstart")).await;
        assert!(page.body.contains(&format!("href=\"/admin/ui/trial?client_id={client}\"")), "{}", page.body);
        let back = try_client(&mut browser, client, "yes").await;
        let place = place(&back);
        assert!(!place.contains("token"), "{place}");
        let result = browser.get(&place).await.location().to_owned();
        assert!(result.starts_with(&format!("/admin/ui/trial?client_id={client}&result=")), "{result}");
        assert!(result.len() < 4_096 && !result.contains("alice"), "{result}");
        let page = browser.get(&result).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(is_in_frame(&page));
        for said in
            ["It works.", "<code>email</code>", "alice@example.com", &format!("&quot;aud&quot;: &quot;{client}&quot;")]
        {
            assert!(
                page.body.contains(said) || page.body.contains(&said.replace("&quot;", "\"")),
                "{said}: {}",
                page.body
            );
        }
        // No token is shown, and none is left behind.
        assert!(!page.body.contains("eyJ"), "{}", page.body);
        let grants = browser.get(&format!("/admin/ui/clients/{client}/grants")).await;
        assert!(grants.body.contains("No grants") || !grants.body.contains("alice"), "{}", grants.body);
        // Opened again it shows the same, for a while and in this session.
        server.clock.advance(3_599);
        let again = browser.get(&result).await;
        assert!(again.body.contains("It works.") && again.body.contains("alice@example.com"), "{}", again.body);
        let other = server.console().await.get(&result).await;
        assert!(other.body.contains("is shown for an hour") && !other.body.contains("alice@"), "{}", other.body);
        let swapped = result.replace(&format!("client_id={client}"), "client_id=job");
        assert!(browser.get(&swapped).await.body.contains("is shown for an hour"));
        server.clock.advance(1);
        assert!(browser.get(&result).await.body.contains("is shown for an hour"));
        // The address with the code is of one that was used.
        let again = result_of(&mut browser, &place).await;
        assert!(again.body.contains("It was refused") && again.body.contains("invalid_grant"), "{}", again.body);
    }
}

#[tokio::test]
async fn a_refusal_comes_back_too() {
    let server = Server::start().await;
    let mut browser = both(&server).await;
    let back = try_client(&mut browser, "web", "no").await;
    let page = browser.get(&place(&back)).await;
    assert!(page.body.contains("access_denied") && page.body.contains("Try again"), "{}", page.body);
}

#[tokio::test]
async fn only_the_session_that_began_a_trial_ends_it() {
    let server = Server::start().await;
    let (mut browser, mut other) = (both(&server).await, server.console().await);
    let place = place(&try_client(&mut browser, "web", "yes").await);
    assert_eq!(other.get(&place).await.status, StatusCode::NOT_FOUND, "another administrator");
    let stranger = server.browser().get(&place).await;
    assert!(stranger.location().starts_with("/admin/login?"), "{}", stranger.location());
    let query = Form::parse(place.split_once('?').unwrap().1.as_bytes()).unwrap();
    let swapped = query.text("state").replace(".web", ".spa");
    for state in ["", "x", ".", ".web", "x.web", &swapped] {
        let forged = query.without("state").with("state", state).encode();
        let answer = browser.get(&format!("/admin/ui/trial?{forged}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{state}");
    }
    let error = Form::default().with("error", "<b>call 555-0100</b>").with("state", "x.web").encode();
    assert_eq!(browser.get(&format!("/admin/ui/trial?{error}")).await.status, StatusCode::NOT_FOUND);
    // Nothing of that spent the code, and no client can redeem it: it is bound to a verifier that nobody has.
    let code = query.text("code");
    let redirect_uri = format!("{ISSUER}/admin/ui/trial");
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", &redirect_uri)];
    assert_eq!(server.token(&fields).await.error().1, "invalid_grant");
    assert!(result_of(&mut browser, &place).await.body.contains("It works."));
}

#[tokio::test]
async fn what_cannot_be_tried_has_no_trial() {
    let server = Server::start().await;
    let device = |draft: &mut oauth::client::ClientDraft, _: &mut oauth::client::PolicyDraft| {
        draft.grant_types = vec![GrantType::DeviceCode.to_string()];
        draft.redirect_uris = String::new();
    };
    server.create_client(ClientKind::Native, "tv", device).await;
    let mut browser = both(&server).await;
    for client in ["job", "tv", "nobody", "", "%00", "a%20b"] {
        let answer = browser.get(&format!("/admin/ui/trial?client_id={client}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{client}");
    }
    // A look ahead of the browser changes nothing, and what is no page neither.
    let place = place(&try_client(&mut browser, "web", "yes").await);
    let ahead = axum::http::Request::get(&place).header("sec-purpose", "prefetch").body(axum::body::Body::empty());
    assert_ne!(browser.send(ahead.unwrap()).await.status, StatusCode::OK);
    assert!(result_of(&mut browser, &place).await.body.contains("It works."));
}

/// The page that asks for consent names the place where the answer goes: no client may put this server there.
#[tokio::test]
async fn nobody_else_is_asked_in_the_name_of_this_server() {
    let server = Server::start().await;
    let here = format!("{ISSUER}/admin/ui/trial");
    let mut person = server.signed_in().await;
    let answer = person.get(&Browser::request(&[("redirect_uri", &here)])).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.location());
    // Nor an administrator, with a state that the console did not make, or made for another client.
    let mut administrator = both(&server).await;
    let answer = administrator.get(&Browser::request(&[("redirect_uri", &here)])).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.location());
    let begun = administrator.get("/admin/ui/trial?client_id=spa").await;
    let asked = begun.location().replace("client_id=spa", "client_id=web");
    assert_eq!(administrator.get(&asked).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(administrator.get(begun.location()).await.status, StatusCode::OK);
    let pushed = [("response_type", "code"), ("redirect_uri", here.as_str()), ("scope", "openid")];
    let auth = format!("web:{}", crate::server::SECRET);
    assert_eq!(server.post("/par", Some(&auth), &pushed).await.error(), (400, "invalid_request".to_owned()));
}
