//! The answers of people, and the session they are given in: an answer belongs to its question, a grant to its session.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use idp::Actor;
use idp::testing::Kind;
use oauth::client::ClientKind;
use oauth::id::{ClientId, Subject};
use serde_json::Value;

use crate::browser::{Answer, Browser};
use crate::concurrency::on_every_database;
use crate::server::{ADMIN_TOKEN, CALLBACK, PASSWORD, SESSION_COOKIE, Server, claims, encode, text};

on_every_database!(
    a_grant_without_offline_access_ends_with_its_session_however_that_ends,
    whoever_signs_in_again_goes_on_with_what_was_granted,
    an_account_has_a_bounded_number_of_sessions,
);

fn is_question(answer: &Answer) -> bool {
    answer.status == StatusCode::OK && answer.body.contains("name=\"confirm\" value=\"yes\"")
}

async fn sign_in(browser: &mut Browser<'_>, name: &str) {
    let answer = browser.post("/login", &[("username", name), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn a_page_shown_to_one_person_is_not_answered_for_another() {
    let server = Server::start().await;
    server.create_user("bob").await;
    let mut browser = server.signed_in().await;
    let page = browser.get(&Browser::request(&[("scope", "openid email")])).await;
    sign_in(&mut browser, "bob").await;
    for button in ["yes", "no"] {
        let again = browser.press(&page, button).await;
        assert!(is_question(&again) && again.body.contains("bob"), "{} {}", again.status, again.location());
    }
    assert_eq!(browser.silently(&[("scope", "openid email")]).await, "consent_required");
    let again = browser.get(&Browser::request(&[("scope", "openid email")])).await;
    assert!(!browser.press(&again, "yes").await.query().text("code").is_empty());
}

#[tokio::test]
async fn an_answer_to_another_request_another_meaning_or_another_client_asks_again() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let address = Browser::request(&[("scope", "openid email")]);
    let page = browser.get(&address).await;
    let shown = page.field("shown");
    assert!(!shown.is_empty());
    let more = Browser::request(&[("scope", "openid email phone")]);
    for (address, shown) in [(&more, shown.as_str()), (&address, ""), (&address, "x"), (&address, &shown[1..])] {
        let answer = browser.post(address, &[("confirm", "yes"), ("shown", shown)]).await;
        assert!(is_question(&answer), "{address} {shown}: {}", answer.location());
    }
    server.idp.change_scope(&Actor::admin(), "email", None, Some("email\nphone_number".to_owned())).await.unwrap();
    let wider = browser.press(&page, "yes").await;
    assert!(is_question(&wider), "{}", wider.location());
    let web = ClientId::new("web");
    let current = server.idp.get_client(&web).await.unwrap();
    let mut draft = oauth::client::ClientDraft::from(&current.client);
    draft.client_name = "Another name".to_owned();
    let change = idp::ClientChange { client: Some(draft), ..idp::ClientChange::default() };
    server.idp.update_client(&Actor::admin(), &web, None, &change).await.unwrap();
    let renamed = browser.press(&wider, "yes").await;
    assert!(is_question(&renamed) && renamed.body.contains("Another name"), "{}", renamed.location());
    assert!(!browser.press(&renamed, "yes").await.query().text("code").is_empty());
}

#[tokio::test]
async fn a_program_that_was_shown_nothing_answers_as_it_is() {
    let server = Server::start().await;
    let mut script = server.signed_in().await;
    let request =
        Request::post(Browser::request(&[])).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = script.send(request.body(Body::from(encode(&[("confirm", "yes")]))).unwrap()).await;
    assert!(!answer.query().text("code").is_empty(), "{} {}", answer.status, answer.body);
}

#[tokio::test]
async fn the_question_whether_to_sign_out_is_about_one_session() {
    let server = Server::start().await;
    server.create_user("bob").await;
    let mut browser = server.signed_in().await;
    let (page, home) = (browser.get("/end_session").await, browser.get("/").await);
    assert!(is_question(&page), "{}", page.body);
    sign_in(&mut browser, "bob").await;
    for old in [&page, &home] {
        let again = browser.press(old, "yes").await;
        assert!(is_question(&again) && again.body.contains("bob"), "{} {}", again.status, again.body);
    }
    assert!(browser.get("/").await.body.contains("bob"));
    let again = browser.get("/end_session").await;
    assert!(browser.press(&again, "yes").await.body.contains("You are signed out"));
    assert!(!browser.get("/").await.body.contains("bob"));
}

#[tokio::test]
async fn notes_that_the_client_wrote_open_no_door() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    for note in ["signet.reauthenticated", "signet.selected", "signet.notes"] {
        for value in ["none", "x", "0...", "1800000000...aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            let answer = browser.get(&Browser::request(&[("prompt", "login"), (note, value)])).await;
            assert!(answer.location().starts_with("/login?"), "{note} {value}: {}", answer.location());
        }
    }
    // The note of one request is none of another.
    let asked = browser.get(&Browser::request(&[("prompt", "login")])).await;
    let answer = browser.sign_in_at(&asked).await;
    assert!(!answer.query().text("code").is_empty());
    let next = asked.query().text("next");
    let note = next.split('&').find(|pair| pair.starts_with("signet.notes=")).unwrap();
    let other = format!("{}&{note}", Browser::request(&[("prompt", "login"), ("state", "s-2")]));
    assert!(browser.get(&other).await.location().starts_with("/login?"));
}

#[tokio::test]
async fn max_age_zero_asks_within_the_second_of_the_login_too() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    assert_eq!(browser.silently(&[("max_age", "0")]).await, "login_required");
    let asked = browser.get(&Browser::request(&[("max_age", "0")])).await;
    let answer = browser.sign_in_at(&asked).await;
    assert!(!answer.query().text("code").is_empty(), "{}", answer.location());
    for wrong in ["+5", " 5", "5.0", "5s", "0x5"] {
        let answer = browser.get(&Browser::request(&[("max_age", wrong)])).await;
        assert_eq!(answer.query().text("error"), "invalid_request", "{wrong}");
    }
}

#[tokio::test]
async fn the_login_page_says_why_it_asks() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    let asked = browser.get(&Browser::request(&[("prompt", "login")])).await;
    assert!(browser.follow(&asked).await.body.contains("wants you to sign in again"));
    let asked = browser.get(&Browser::request(&[("max_age", "0")])).await;
    assert!(browser.follow(&asked).await.body.contains("too long ago"));
    let page = browser.get("/login?next=%2F&reason=%3Cb%3E").await;
    assert!(page.status == StatusCode::OK && !page.body.contains("<b>"));
}

#[tokio::test]
async fn the_consent_page_says_where_the_answer_really_goes() {
    let server = Server::start().await;
    let uris = "com.evil.app://accounts.bank.example/cb\nhttp://127.0.0.1/cb";
    server.create_client(ClientKind::Native, "native", |draft, _| draft.redirect_uris = uris.to_owned()).await;
    let mut browser = server.signed_in().await;
    let pkce =
        [("client_id", "native"), ("code_challenge", crate::server::CHALLENGE), ("code_challenge_method", "S256")];
    let ask = |uri: &'static str| Browser::request(&[&pkce[..], &[("redirect_uri", uri)]].concat());
    let page = browser.get(&ask("com.evil.app://accounts.bank.example/cb")).await;
    assert!(page.body.contains("com.evil.app"), "{}", page.body);
    let seen = page.body.split("action=\"").next().unwrap();
    assert!(!seen.contains("accounts.bank.example"), "{seen}");
    let page = browser.get(&ask("http://127.0.0.1:5000/cb")).await;
    assert!(
        page.body.contains("The answer goes to a program on this computer, port ") && page.body.contains("5000"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_native_app_that_proves_nothing_is_asked_about_each_time() {
    let server = Server::start().await;
    server
        .create_client(ClientKind::Native, "native", |draft, _| draft.redirect_uris = "http://127.0.0.1/cb".to_owned())
        .await;
    server
        .create_client(ClientKind::Native, "trusted", |draft, policy| {
            draft.redirect_uris = "http://127.0.0.1/cb".to_owned();
            policy.consent_policy = "skip".to_owned();
        })
        .await;
    let mut browser = server.signed_in().await;
    let ask = |client, more: &[(&str, &str)]| {
        let usual = [
            ("client_id", client),
            ("redirect_uri", "http://127.0.0.1:5000/cb"),
            ("code_challenge", crate::server::CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        Browser::request(&[&usual[..], more].concat())
    };
    for _ in 0..2 {
        let page = browser.get(&ask("native", &[])).await;
        assert!(is_question(&page), "{}", page.location());
        assert!(!browser.press(&page, "yes").await.query().text("code").is_empty());
    }
    let silent = browser.get(&ask("native", &[("prompt", "none"), ("redirect_uri", "http://127.0.0.1:6000/cb")])).await;
    assert_eq!(silent.query().text("error"), "consent_required");
    assert!(!browser.get(&ask("trusted", &[("prompt", "none")])).await.query().text("code").is_empty());
}

#[tokio::test]
async fn a_scope_that_cannot_be_had_is_left_out_while_something_is_left() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let code = browser.authorize(&[("scope", "openid groups email")]).await;
    let tokens = server.redeem(&code).await;
    assert_eq!(text(&tokens.json(), "scope"), "openid email");
    let nothing = browser.get(&Browser::request(&[("scope", "groups admin")])).await;
    assert_eq!(nothing.query().text("error"), "invalid_scope");
}

/// True when a refresh is good; then the tokens are the next ones.
async fn goes_on(server: &Server, tokens: &mut Value) -> bool {
    let answer = server.refresh(tokens).await;
    match answer.status {
        StatusCode::OK => *tokens = answer.json(),
        _ => assert_eq!(answer.error(), (400, "invalid_grant".to_owned()), "{}", answer.body),
    }
    answer.status == StatusCode::OK
}

/// Calls the admin API about a user.
async fn administer(server: &Server, method: &str, subject: &str, body: &str) {
    let request = Request::builder()
        .method(method)
        .uri(format!("/admin/users/{subject}"))
        .header("x-admin-token", ADMIN_TOKEN)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_owned()));
    let answer = server.send(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

fn subject_of(tokens: &Value) -> String {
    claims(text(tokens, "id_token"))["sub"].as_str().unwrap().to_owned()
}

async fn a_grant_without_offline_access_ends_with_its_session_however_that_ends(server: Server) {
    server.create_user("bob").await;
    for end in ["sign out", "somebody else", "expiry", "expiry that was swept", "disabled"] {
        let mut browser = server.browser();
        sign_in(&mut browser, "alice").await;
        let mut offline = server.tokens_in(&mut browser, &[("scope", "openid offline_access")]).await;
        let mut bound = server.tokens_in(&mut browser, &[("scope", "openid")]).await;
        let alice = subject_of(&bound);
        assert!(goes_on(&server, &mut bound).await, "{end}");
        match end {
            "sign out" => drop(browser.get("/logout").await),
            "somebody else" => sign_in(&mut browser, "bob").await,
            "disabled" => {
                administer(&server, "PATCH", &alice, r#"{"enabled": false}"#).await;
                administer(&server, "PATCH", &alice, r#"{"enabled": true}"#).await;
            }
            _ => {
                // Both are refreshed on the way, so that neither expires by itself.
                server.clock.advance(idp::SESSION_LIFETIME - 1);
                assert!(goes_on(&server, &mut bound).await && goes_on(&server, &mut offline).await, "{end}");
                server.clock.advance(2);
                if end.ends_with("swept") {
                    while server.idp.sweep().await.unwrap() > 0 {}
                }
            }
        }
        assert!(!goes_on(&server, &mut bound).await, "{end}");
        assert_eq!(goes_on(&server, &mut offline).await, end != "disabled", "{end}");
    }
}

async fn whoever_signs_in_again_goes_on_with_what_was_granted(server: Server) {
    let mut browser = server.browser();
    sign_in(&mut browser, "alice").await;
    let mut bound = server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    let old = browser.cookie(SESSION_COOKIE).map(str::to_owned);
    let asked = browser.get(&Browser::request(&[("prompt", "login")])).await;
    browser.sign_in_at(&asked).await;
    assert_ne!(browser.cookie(SESSION_COOKIE).map(str::to_owned), old, "the cookie is another one");
    assert!(goes_on(&server, &mut bound).await);
    let mut stale = server.browser().with_cookie(SESSION_COOKIE, &old.unwrap());
    assert_eq!(stale.silently(&[]).await, "login_required");
    browser.get("/logout").await;
    assert!(!goes_on(&server, &mut bound).await, "the session that went on has ended");
}

async fn an_account_has_a_bounded_number_of_sessions(server: Server) {
    let mut first = server.browser();
    sign_in(&mut first, "alice").await;
    let mut bound = server.tokens_in(&mut first, &[("scope", "openid")]).await;
    for number in 0..idp::MAX_SESSIONS {
        server.clock.advance(1);
        assert_eq!(first.silently(&[]).await, "", "after {number}");
        sign_in(&mut server.browser(), "alice").await;
    }
    assert_eq!(server.idp.count_sessions().await.unwrap(), idp::MAX_SESSIONS);
    assert_eq!(first.silently(&[]).await, "login_required");
    assert!(!goes_on(&server, &mut bound).await);
}

/// Somebody repeats a remembered request on many connections while an act forbids it: no code from before is good afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn no_code_survives_the_act_that_forbids_it() {
    for kind in Kind::ALL {
        for act in ["password", "disable", "delete", "sign out", "revoke", "withdraw"] {
            let Some(server) = Server::start_on(kind).await else { continue };
            let mut alice = server.signed_in().await;
            let subject = subject_of(&server.tokens_in(&mut alice, &[("scope", "openid email")]).await);
            let cookie = alice.cookie(SESSION_COOKIE).unwrap().to_owned();
            let visits = (0..24).map(|_| async {
                let mut codes = Vec::new();
                let mut browser = server.browser().with_cookie(SESSION_COOKIE, &cookie);
                for _ in 0..6 {
                    let answer = browser.get(&Browser::request(&[("scope", "openid email")])).await;
                    // With the account goes its consent, which is read after the session.
                    let asked = matches!(act, "withdraw" | "delete") && is_question(&answer);
                    assert!(asked || answer.status == StatusCode::SEE_OTHER, "{act} {kind:?}: {}", answer.body);
                    if answer.location().starts_with(CALLBACK) {
                        codes.push(answer.query().text("code"));
                    }
                }
                codes
            });
            let forbid = async {
                match act {
                    "password" => administer(&server, "PATCH", &subject, r#"{"password": "another horse"}"#).await,
                    "disable" => administer(&server, "PATCH", &subject, r#"{"enabled": false}"#).await,
                    "delete" => administer(&server, "DELETE", &subject, "").await,
                    "withdraw" => {
                        let (subject, client_id) = (Subject::new(subject.as_str()), ClientId::new("web"));
                        server.idp.withdraw_consent(&Actor::user(), &subject, &client_id).await.unwrap();
                    }
                    "revoke" => {
                        let subject = Subject::new(subject.as_str());
                        server.idp.revoke_user_tokens(&Actor::admin(), &subject).await.unwrap();
                    }
                    _ => {
                        let answer = server.browser().with_cookie(SESSION_COOKIE, &cookie).get("/logout").await;
                        assert_eq!(answer.status, StatusCode::OK, "{kind:?}: {}", answer.body);
                    }
                }
            };
            let (codes, ()) = futures::join!(futures::future::join_all(visits), forbid);
            for code in codes.into_iter().flatten().filter(|code| !code.is_empty()) {
                let answer = server.redeem(&code).await;
                assert_eq!(answer.error().1, "invalid_grant", "{act} {kind:?}: {}", answer.body);
            }
        }
    }
}

/// The fields of a form on the page of an account whose button is called so.
fn withdrawal(page: &Answer, button: &str) -> Vec<(String, String)> {
    let forms = page.body.split("<form ").skip(1);
    let form = forms.into_iter().find(|form| form.split("</form>").next().unwrap().contains(button)).unwrap();
    let fields = form.split("</form>").next().unwrap().split("<input ").skip(1).map(|input| {
        let value = |name: &str| {
            let rest = input.split(&format!("{name}=\"")).nth(1).unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        (value("name"), value("value"))
    });
    fields.collect()
}

async fn send(browser: &mut Browser<'_>, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post("/account", &fields).await
}

#[tokio::test]
async fn a_person_sees_what_they_allowed_and_withdraws_it() {
    let server = Server::start().await;
    let mut browser = server.browser();
    let answer = browser.get("/account").await;
    assert_eq!(answer.location(), "/login?next=%2Faccount");
    sign_in(&mut browser, "alice").await;
    let mut tokens = server.tokens_in(&mut browser, &[("scope", "openid email offline_access")]).await;
    let page = browser.get("/account").await;
    assert!(page.body.contains("email address") && !page.body.contains("<script"), "{}", page.body);
    let all = withdrawal(&page, "Withdraw what The web app may do");
    // A form without the tag of the page, or with that of another application.
    for wrong in ["", "x"] {
        let forged = [("client_id".to_owned(), "web".to_owned()), ("shown".to_owned(), wrong.to_owned())];
        assert_eq!(send(&mut browser, &forged).await.location(), "/account");
    }
    assert!(goes_on(&server, &mut tokens).await);
    let answer = send(&mut browser, &all).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(!browser.follow(&answer).await.body.contains("email address"));
    assert!(!goes_on(&server, &mut tokens).await);
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.silently(&[]).await, "consent_required");
    // Again, and for a client that is not there.
    assert_eq!(send(&mut browser, &all).await.location(), "/account?withdrawn");
    for client_id in ["nobody", "\u{e9}"] {
        let answer = browser.post("/account", &[("client_id", client_id)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{client_id}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_person_takes_back_one_scope_and_the_application_keeps_the_rest() {
    let server = Server::start().await;
    let mut browser = server.browser();
    sign_in(&mut browser, "alice").await;
    let mut tokens = server.tokens_in(&mut browser, &[("scope", "openid email offline_access")]).await;
    let page = browser.get("/account").await;
    assert!(!page.body.contains("Take back: Know who you are"), "without that the rest means nothing");
    // Half of a form takes nothing back, least of all everything.
    let mut half = withdrawal(&page, "Withdraw what The web app may do");
    half.push(("resource".to_owned(), "x".to_owned()));
    send(&mut browser, &half).await;
    assert!(goes_on(&server, &mut tokens).await);
    let one = withdrawal(&page, "Take back: Your email address");
    assert_eq!(send(&mut browser, &one).await.location(), "/account?withdrawn");
    assert!(!server.userinfo(text(&tokens, "access_token")).await.body.contains("alice@"));
    assert!(goes_on(&server, &mut tokens).await);
    let page = browser.get("/account").await;
    assert!(page.body.contains("The web app") && !page.body.contains("email address"), "{}", page.body);
}

#[tokio::test]
async fn a_page_that_was_shown_to_somebody_else_withdraws_nothing() {
    let server = Server::start().await;
    server.create_user("bob").await;
    let mut browser = server.browser();
    sign_in(&mut browser, "alice").await;
    server.tokens_in(&mut browser, &[("scope", "openid email")]).await;
    let page = browser.get("/account").await;
    sign_in(&mut browser, "bob").await;
    let mut of_bob = server.tokens_in(&mut browser, &[("scope", "openid email")]).await;
    for button in ["Withdraw what The web app may do", "Take back: Your email address"] {
        let fields = withdrawal(&page, button);
        assert_eq!(send(&mut browser, &fields).await.location(), "/account");
    }
    assert!(goes_on(&server, &mut of_bob).await);
    assert!(browser.get("/account").await.body.contains("email address"));
}
