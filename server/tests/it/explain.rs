//! Refusals, explained: each names its check, and whoever may see it is told what to do.

use axum::http::{StatusCode, header};
use oauth::refusal::Reason;
use serde_json::json;

use crate::activity::request_id;
use crate::browser::{Answer, Browser};
use crate::dpop::Holder;
use crate::server::{ADMIN_TOKEN, CALLBACK, PASSWORD, SECRET, Server, text};

/// Part of each explanation, and of nothing else.
const BLOCK: &str = "aria-label=\"Explanation\"";

impl Server {
    /// The check that refused a request, as it is kept; and the page about it, which holds what to do.
    pub(crate) async fn check(&self, answer: &Answer) -> String {
        let id = request_id(answer);
        let events = self.events(&format!("request_id={id}&outcome=refused")).await;
        assert_eq!(events.len(), 1, "{events:?}");
        let check = text(&events[0]["facts"], "check").to_owned();
        let reason = Reason::find(&check).unwrap_or_else(|| panic!("no check {check}"));
        let page = self.console().await.get(&format!("/admin/ui/explain/{id}")).await;
        assert_eq!(page.status, StatusCode::OK, "{check}");
        let advice = reason.advice().split(['\'', '"', '&', '<']).next().unwrap();
        assert!(page.body.contains(BLOCK) && page.body.contains(advice), "{check}: {}", page.body);
        check
    }

    async fn check_at_authorize(&self, parameters: &[(&str, &str)]) -> String {
        let mut browser = self.signed_in().await;
        let answer = browser.get(&Browser::request(parameters)).await;
        self.check(&answer).await
    }

    async fn check_at_token(&self, auth: Option<&str>, fields: &[(&str, &str)]) -> String {
        let answer = self.post("/token", auth, fields).await;
        self.check(&answer).await
    }
}

#[tokio::test]
async fn every_check_of_the_authorization_endpoint_is_explained() {
    let server = Server::start().await;
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    for (parameters, check) in [
        (&[("client_id", "nobody")][..], "unknown_client"),
        (&[("redirect_uri", "https://app.example/cb/")], "redirect_uri_unregistered"),
        (&[("redirect_uri", "")], "redirect_uri_missing"),
        (&[("request", "x")], "request_object_refused"),
        (&[("request", "eyJhbGciOiJub25lIn0.e30.")], "request_object_unsigned"),
        (&[("request", "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ3ZWIifQ.AAAA")], "request_object_keyless"),
        (&[("request_uri", "https://a.example/")], "request_uri_unregistered"),
        (&[("request_uri", "urn:ietf:params:oauth:request_uri:x")], "pushed_request_gone"),
        (&[("registration", "{}")], "registration_parameter"),
        (&[("response_type", "")], "response_type_missing"),
        (&[("response_type", "token")], "response_type_unsupported"),
        (&[("response_mode", "web_message")], "response_mode_unsupported"),
        (&[("nonce", &"x".repeat(5_000))], "parameter_too_long"),
        (&[("scope", "\"")], "scope_malformed"),
        (&[("scope", "admin")], "scope_unknown"),
        (&[("code_challenge_method", "S256")], "pkce_method_alone"),
        (&[("code_challenge", challenge), ("code_challenge_method", "plain")], "pkce_method_unsupported"),
        (&[("code_challenge", "abc"), ("code_challenge_method", "S256")], "pkce_malformed"),
        (&[("prompt", "dance")], "prompt_unsupported"),
        (&[("prompt", "none login")], "prompt_none_not_alone"),
        (&[("prompt", "none")], "consent_required"),
        (&[("max_age", "-1")], "max_age_malformed"),
        (&[("claims", "[]")], "claims_malformed"),
        (&[("claims", r#"{"id_token":{"acr":{"essential":true,"value":"gold"}}}"#)], "acr_unmet"),
        (&[("id_token_hint", "x")], "id_token_hint_unknown"),
        (&[("resource", "notes")], "resource_malformed"),
        (&[("resource", "https://unknown.invalid/")], "resource_unregistered"),
    ] {
        assert_eq!(server.check_at_authorize(parameters).await, check, "{parameters:?}");
    }
    let mut browser = server.browser();
    let silent = browser.get(&Browser::request(&[("prompt", "none")])).await;
    assert_eq!(server.check(&silent).await, "login_required");
    let spa = browser.get(&Browser::request(&[("client_id", "spa")])).await;
    assert_eq!(server.check(&spa).await, "pkce_missing");
    let nobody = browser.get("/authorize?response_type=code").await;
    assert_eq!(server.check(&nobody).await, "client_id_missing");
    let mut browser = server.signed_in().await;
    let question = browser.get(&Browser::request(&[])).await;
    let declined = browser.press(&question, "no").await;
    assert_eq!(server.check(&declined).await, "declined");
}

#[tokio::test]
async fn every_check_of_pushed_requests_is_explained() {
    let server = Server::start().await;
    let web = format!("web:{SECRET}");
    let request = [("response_type", "code"), ("redirect_uri", CALLBACK), ("scope", "openid")];
    for (more, check) in [
        (("request_uri", "x"), "request_uri_pushed"),
        (("request", "x"), "request_object_refused"),
        (("prompt", "dance"), "prompt_unsupported"),
        (("scope", "twice"), "parameter_repeated"),
    ] {
        let answer = server.post("/par", Some(&web), &[&request[..], &[more]].concat()).await;
        assert_eq!(server.check(&answer).await, check, "{more:?}");
    }
    let elsewhere = [("response_type", "code"), ("redirect_uri", "https://app.example/other"), ("scope", "openid")];
    let answer = server.post("/par", Some(&web), &elsewhere).await;
    assert_eq!(server.check(&answer).await, "redirect_uri_unregistered");
    server
        .create_client(oauth::client::ClientKind::Web, "strict", |draft, _| {
            draft.require_pushed_authorization_requests = true;
            draft.jwks = crate::assertion::Key::new("a").set().to_string();
            draft.require_signed_request_object = true;
        })
        .await;
    assert_eq!(server.check_at_authorize(&[("client_id", "strict")]).await, "push_required");
    let answer = server.post("/par", Some(&format!("strict:{SECRET}")), &request).await;
    assert_eq!(server.check(&answer).await, "signature_required");
}

#[tokio::test]
async fn every_check_of_the_token_endpoint_is_explained() {
    let server = Server::start().await;
    let web = format!("web:{SECRET}");
    let web = Some(web.as_str());
    let refresh = "refresh_token";
    for (auth, fields, check) in [
        (None, &[("grant_type", "x")][..], "client_unnamed"),
        (Some("nobody:x"), &[("grant_type", "x")], "unknown_client"),
        (Some("web:wrong"), &[("grant_type", "x")], "secret_wrong"),
        (None, &[("client_id", "web"), ("grant_type", "x")], "secret_missing"),
        (Some("spa:x"), &[("grant_type", "x")], "secret_unwanted"),
        (web, &[("grant_type", "x"), ("client_secret", "y")], "two_proofs"),
        (web, &[("grant_type", "x"), ("client_id", "spa")], "client_id_differs"),
        (None, &[("grant_type", "x"), ("client_id", "web"), ("client_assertion", "y")], "assertion_half"),
        (web, &[], "parameter_missing"),
        (web, &[("grant_type", "password")], "grant_type_unsupported"),
        (web, &[("grant_type", "client_credentials")], "grant_type_unregistered"),
        (web, &[("grant_type", "authorization_code"), ("code", "x"), ("code", "y")], "parameter_repeated"),
        (web, &[("grant_type", "authorization_code"), ("code", "x")], "code_unknown"),
        (web, &[("grant_type", refresh), (refresh, "x")], "refresh_unknown"),
        (web, &[("grant_type", refresh), (refresh, "x"), ("scope", "\"")], "scope_malformed"),
    ] {
        assert_eq!(server.check_at_token(auth, fields).await, check, "{fields:?}");
    }
    let code = async |parameters: &[(&str, &str)]| server.signed_in().await.authorize(parameters).await;
    let redeem = async |code: &str, more: &[(&str, &str)]| {
        let fields = [&[("grant_type", "authorization_code"), ("code", code)], more].concat();
        server.check_at_token(web, &fields).await
    };
    let back = ("redirect_uri", CALLBACK);
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let bound = [("code_challenge", challenge), ("code_challenge_method", "S256")];
    assert_eq!(redeem(&code(&[]).await, &[("redirect_uri", "https://app.example/")]).await, "redirect_uri_differs");
    assert_eq!(redeem(&code(&[]).await, &[]).await, "redirect_uri_omitted");
    assert_eq!(redeem(&code(&[]).await, &[back, ("code_verifier", "x")]).await, "verifier_unasked");
    assert_eq!(redeem(&code(&bound).await, &[back]).await, "verifier_missing");
    assert_eq!(redeem(&code(&bound).await, &[back, ("code_verifier", "x")]).await, "verifier_wrong");
    let used = code(&[]).await;
    server.redeem(&used).await;
    assert_eq!(redeem(&used, &[back]).await, "code_used");
    let late = code(&[]).await;
    server.clock.advance(61);
    assert_eq!(redeem(&late, &[back]).await, "code_expired");
    let events = server.events("outcome=refused&error=invalid_grant").await;
    let id = text(&events[0], "request_id");
    let page = server.console().await.get(&format!("/admin/ui/explain/{id}")).await.body;
    assert!(page.contains("<dt>Expired</dt>") && page.contains("seconds before it came"), "{page}");
    let tokens = server.tokens("openid offline_access").await;
    let token = text(&tokens, refresh);
    let fields = [("grant_type", refresh), (refresh, token)];
    assert_eq!(server.check_at_token(web, &[&fields[..], &[("scope", "email")]].concat()).await, "scope_not_granted");
    let others = [&fields[..], &[("client_id", "spa")]].concat();
    assert_eq!(server.check_at_token(None, &others).await, "refresh_of_another");
    server.signed_in().await.get("/logout?client_id=web").await;
}

#[tokio::test]
async fn every_check_of_proofs_of_possession_is_explained() {
    let server = Server::start().await;
    let (web, holder) = (format!("web:{SECRET}"), Holder::new());
    let web = Some(web.as_str());
    let code = async |more: &[(&str, &str)]| server.signed_in().await.authorize(more).await;
    let redeem = async |proof: Option<&str>, code: &str| {
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
        server.prove("/token", web, proof, &fields).await
    };
    assert_eq!(server.check(&redeem(Some("x"), "x").await).await, "dpop_refused");
    let proof = holder.proof(&server);
    let bound = redeem(Some(&proof), &code(&[]).await).await.json();
    assert_eq!(server.check(&redeem(Some(&proof), &code(&[]).await).await).await, "dpop_used");
    let by_bearer = server.userinfo(text(&bound, "access_token")).await;
    assert_eq!(server.check(&by_bearer).await, "token_bound");
    let plain = server.tokens("openid").await;
    let unbound = server.userinfo_of(&holder, text(&plain, "access_token")).await;
    assert_eq!(server.check(&unbound).await, "token_unbound");
    let without = server.userinfo_by("DPoP", text(&bound, "access_token"), None).await;
    assert_eq!(server.check(&without).await, "dpop_missing");
    assert_eq!(server.check_at_authorize(&[("dpop_jkt", "short")]).await, "dpop_jkt_malformed");
    let named = code(&[("dpop_jkt", &holder.jkt())]).await;
    assert_eq!(server.check(&redeem(None, &named).await).await, "code_key_other");
    let request = [("response_type", "code"), ("redirect_uri", CALLBACK), ("dpop_jkt", &holder.jkt())];
    let pushed = server.prove("/par", web, Some(&Holder::new().proof_for_par(&server)), &request).await;
    assert_eq!(server.check(&pushed).await, "dpop_jkt_differs");
    server.with_app("").await;
    let tokens = server.bound_tokens(&holder).await;
    let refreshed = server.refresh_app(None, text(&tokens, "refresh_token")).await;
    assert_eq!(server.check(&refreshed).await, "refresh_key_other");
    let late = holder.proof(&server);
    server.clock.advance(60);
    assert_eq!(server.check(&redeem(Some(&late), "x").await).await, "dpop_nonce");
    server.admin("PATCH", "/admin/clients/web", &json!({ "dpop_bound_access_tokens": true })).await;
    assert_eq!(server.check(&redeem(None, "x").await).await, "dpop_missing");
}

#[tokio::test]
async fn a_sign_in_and_a_bearer_token_are_explained() {
    let server = Server::start().await;
    let mut browser = server.browser();
    let sign_in = [("username", "alice"), ("password", "wrong-password")];
    let wrong = browser.post("/login", &sign_in).await;
    assert_eq!(server.check(&wrong).await, "password_wrong");
    let unknown = browser.post("/login", &[("username", "nobody"), ("password", PASSWORD)]).await;
    assert_eq!(server.check(&unknown).await, "name_unknown");
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    server.admin("PATCH", &format!("/admin/users/{alice}"), &json!({ "enabled": false })).await;
    let disabled = browser.post("/login", &[("username", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(server.check(&disabled).await, "account_disabled");
    // The person is told the same whatever it was.
    assert_eq!(disabled.body_of_any(), wrong.body_of_any());
    let bearer = server.userinfo("x").await;
    assert_eq!(server.check(&bearer).await, "token_refused");
    let bare = server.send(axum::http::Request::get("/userinfo").body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(server.check(&bare).await, "token_missing");
    server.create_user("bob").await;
    let mut browser = server.browser();
    browser.post("/login", &[("username", "bob"), ("password", PASSWORD)]).await;
    let device = browser.post("/device", &[("user_code", "BCDF-GHJK")]).await;
    assert_eq!(server.check(&device).await, "user_code_unknown");
}

#[tokio::test]
async fn a_device_that_is_refused_is_explained() {
    let server = Server::start().await;
    for (auth, check) in [
        (Some("web:wrong-secret".to_owned()), "secret_wrong"),
        (Some("nobody:x".to_owned()), "unknown_client"),
        (None, "client_unnamed"),
        (Some(format!("web:{SECRET}")), "grant_type_unregistered"),
    ] {
        let answer = server.post("/device_authorization", auth.as_deref(), &[("scope", "openid")]).await;
        assert_eq!(server.check(&answer).await, check);
        let event = server.events(&format!("request_id={}", request_id(&answer))).await.remove(0);
        assert_eq!(text(&event, "kind"), "authorization");
    }
}

#[tokio::test]
async fn whoever_comes_with_an_admin_token_is_told() {
    let server = Server::start().await;
    let mut browser = server.browser();
    let wrong = browser.post("/admin/login", &[("token", "a-wrong-token")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.check(&wrong).await, "admin_token_wrong");
    let call = axum::http::Request::get("/admin/clients").header("x-admin-token", "a-wrong-token");
    let wrong = server.send(call.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(server.check(&wrong).await, "admin_token_wrong");
    let opened = browser.post("/admin/login", &[("token", ADMIN_TOKEN)]).await;
    let closed = browser.post("/admin/logout", &[]).await;
    for (answer, action) in [(&opened, "console.open"), (&closed, "console.close")] {
        let event = server.events(&format!("request_id={}&kind=admin", request_id(answer))).await.remove(0);
        assert_eq!((text(&event, "outcome"), text(&event["facts"], "action")), ("ok", action));
    }
    server.idp.flush_activity().await;
    assert!(!String::from_utf8_lossy(&server.database_bytes()).contains("a-wrong-token"));
}

#[tokio::test]
async fn every_check_of_a_logout_is_explained() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let code = browser.authorize(&[("scope", "openid")]).await;
    let hint = text(&server.redeem(&code).await.json(), "id_token").to_owned();
    let sealed = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhHQ00ifQ.a.b.c.d";
    let near = format!("{CALLBACK}/");
    for (parameters, check, client) in [
        (vec![("id_token_hint", "x"), ("client_id", "web")], "logout_hint_foreign", Some("web")),
        (vec![("id_token_hint", sealed)], "logout_hint_sealed", None),
        (vec![("id_token_hint", hint.as_str()), ("client_id", "wep")], "logout_client_other", Some("web")),
        (
            vec![("client_id", "web"), ("post_logout_redirect_uri", near.as_str())],
            "logout_uri_unregistered",
            Some("web"),
        ),
        (vec![("client_id", "web"), ("redirect_uri", near.as_str())], "logout_uri_unregistered", Some("web")),
    ] {
        let form = parameters.iter().fold(oauth::form::Form::default(), |form, (name, value)| form.with(name, value));
        let answer = browser.get(&format!("/end_session?{}", form.encode())).await;
        assert_eq!((answer.status, server.check(&answer).await.as_str()), (StatusCode::BAD_REQUEST, check));
        let event = server.events(&format!("request_id={}", request_id(&answer))).await.remove(0);
        assert_eq!(text(&event, "kind"), "sign_out", "{check}");
        assert_eq!(event.get("client_id").and_then(serde_json::Value::as_str), client, "{check}");
        if check == "logout_uri_unregistered" {
            let place = format!("/admin/ui/explain/{}", request_id(&answer));
            let page = server.console().await.get(&place).await;
            let link = "/admin/ui/clients/web/policy#field-post_logout_redirect_uris";
            for part in [CALLBACK, "ends with a slash", "<mark>/</mark>", link] {
                assert!(page.body.contains(part), "{part}: {}", page.body);
            }
        }
    }
    let twice = browser.get("/end_session?client_id=web&client_id=web").await;
    assert_eq!(server.check(&twice).await, "parameter_repeated");
    // Somebody mends it, and the explanation says so.
    let parameters = format!("/end_session?client_id=web&post_logout_redirect_uri={near}");
    let refused = browser.get(&parameters).await;
    let plain = refused.body.contains(BLOCK);
    assert!(!plain && server.console().await.get(&parameters).await.body.contains(BLOCK));
    server.set_policy("web", &json!({ "post_logout_redirect_uris": [near] })).await;
    let page = server.console().await.get(&format!("/admin/ui/explain/{}", request_id(&refused))).await;
    assert!(page.body.contains("mended by now"), "{}", page.body);
}

#[tokio::test]
async fn the_error_page_explains_to_administrators_and_while_the_client_is_in_development() {
    let server = Server::start().await;
    let request = Browser::request(&[("redirect_uri", "https://app.example/cb/")]);
    let plain = server.browser().get(&request).await;
    assert_eq!(plain.status, StatusCode::BAD_REQUEST);
    assert!(!plain.body.contains(BLOCK), "{}", plain.body);
    let mut console = server.console().await;
    let explained = console.get(&request).await;
    assert_eq!(explained.status, StatusCode::BAD_REQUEST);
    for part in
        [BLOCK, CALLBACK, "ends with a slash", "<mark>/</mark>", "/admin/ui/clients/web/settings?redirect_uris="]
    {
        assert!(explained.body.contains(part), "{part}: {}", explained.body);
    }
    // The link leads to the form with the URI filled in, and the form saves it.
    let link = "/admin/ui/clients/web/settings?redirect_uris=https%3A%2F%2Fapp.example%2Fcb%2F";
    let form = console.get(link).await;
    assert!(form.body.contains("not saved yet") && form.body.contains("https://app.example/cb/"), "{}", form.body);

    console.post("/admin/ui/clients/web/development", &[("development", "on")]).await;
    assert!(server.browser().get(&request).await.body.contains(BLOCK));
    server.clock.advance(86_399);
    assert!(server.browser().get(&request).await.body.contains(BLOCK));
    server.clock.advance(1);
    assert!(!server.browser().get(&request).await.body.contains(BLOCK), "it ends by itself");
    let mut console = server.console().await;
    console.post("/admin/ui/clients/web/development", &[("development", "on")]).await;
    console.post("/admin/ui/clients/web/development", &[("development", "off")]).await;
    assert!(!server.browser().get(&request).await.body.contains(BLOCK));
    // Which of name and password was wrong is for administrators in any mode.
    server.admin("PATCH", "/admin/clients/web", &json!({ "development_until": server.idp.now().0 + 60 })).await;
    let mut browser = server.browser();
    let next = browser.get(&Browser::request(&[])).await.location().to_owned();
    let wrong = browser.post(&next, &[("username", "nobody"), ("password", "wrong-password")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let event = server.events(&format!("request_id={}", request_id(&wrong))).await.remove(0);
    assert_eq!((text(&event, "client_id"), text(&event["facts"], "check")), ("web", "name_unknown"));
    let place = format!("/explain/{}", request_id(&wrong));
    assert!(!browser.get(&place).await.body.contains(BLOCK));
    assert!(server.console().await.get(&place).await.body.contains(BLOCK));
    let far = json!({ "development_until": server.idp.now().0 + 86_401 });
    let refused = server.admin("PATCH", "/admin/clients/web", &far).await;
    assert_eq!(refused.error(), (400, "invalid_request".to_owned()));
    assert!(refused.json()["fields"]["development_until"].is_string(), "{}", refused.body);
}

#[tokio::test]
async fn an_error_that_goes_to_the_client_leads_to_its_explanation() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    server.admin("POST", "/admin/scopes", &json!({ "name": "admin", "description": "Everything" })).await;
    let answer = browser.get(&Browser::request(&[("scope", "admin")])).await;
    let error_uri = answer.query().text("error_uri");
    let id = request_id(&answer).to_owned();
    assert_eq!(error_uri, format!("http://127.0.0.1:8000/explain/{id}"));
    let place = format!("/explain/{id}");
    let stranger = browser.get(&place).await;
    assert!(stranger.status == StatusCode::OK && !stranger.body.contains(BLOCK), "{}", stranger.body);
    assert!(stranger.body.contains(&id));
    // It is no oracle: the page of an ID that never was is the same.
    let other = browser.get("/explain/0123456789abcdef").await;
    assert_eq!(other.body.replace("0123456789abcdef", &id), stranger.body);
    let mut console = server.console().await;
    let page = console.get(&place).await.body;
    assert!(page.contains("This client may not ask for the scope admin"));
    assert!(!page.contains("differs") && !page.contains("Nearest"), "{page}");
    // A slip is another matter.
    let slip = browser.get(&Browser::request(&[("scope", "emial")])).await;
    let slip = console.get(&format!("/explain/{}", request_id(&slip))).await.body;
    assert!(slip.contains("Nearest scope of this server") && !slip.contains("scheme differs"), "{slip}");
    // Somebody mends it, and the explanation says so.
    let page = console.get(&format!("/admin/ui/explain/{id}")).await;
    assert!(page.body.contains("Add it to Scopes under Settings of"), "{}", page.body);
    server.admin("PATCH", "/admin/clients/web", &json!({ "scope": "openid email admin" })).await;
    let page = console.get(&format!("/admin/ui/explain/{id}")).await;
    assert!(page.body.contains("mended by now") && !page.body.contains("Add it to"), "{}", page.body);
    // What is gone says what may have become of it.
    let gone = console.get("/admin/ui/explain/0123456789abcdef").await;
    assert!(gone.status == StatusCode::OK && gone.body.contains("kept for 90 days"), "{}", gone.body);
    for odd in ["%00", "a%20b", "%F0%9F%92%A9", &"x".repeat(3_000), "..%2f.."] {
        let answer = console.get(&format!("/admin/ui/explain/{odd}")).await;
        assert!(answer.status.is_success() || answer.status.is_client_error(), "{odd}: {}", answer.status);
        let answer = browser.get(&format!("/explain/{odd}")).await;
        assert!(answer.status.is_success() || answer.status.is_client_error(), "{odd}: {}", answer.status);
    }
}

#[tokio::test]
async fn what_was_escaped_or_cut_is_not_taken_for_what_is_registered() {
    let server = Server::start().await;
    let mut browser = server.browser();
    let long = format!("https://app.example/{}", "x".repeat(280));
    let uris = json!({ "redirect_uris": [CALLBACK, long.clone()] });
    assert_eq!(server.admin("PATCH", "/admin/clients/web", &uris).await.status, StatusCode::OK);
    for (sent, shown) in
        [(format!("{CALLBACK}\n"), format!("{CALLBACK}<mark>\\n</mark>")), (format!("{long}xyz"), "xx…".into())]
    {
        let answer = browser.get(&Browser::request(&[("redirect_uri", &sent)])).await;
        assert_eq!(server.check(&answer).await, "redirect_uri_unregistered");
        let mut console = server.console().await;
        let id = request_id(&answer);
        for page in [format!("/admin/ui/explain/{id}"), Browser::request(&[("redirect_uri", &sent)])] {
            let page = console.get(&page).await;
            assert!(page.body.contains(&shown), "{shown}: {}", page.body);
            assert!(!page.body.contains("mended by now") && !page.body.contains("Add it to"), "{}", page.body);
        }
    }
}

#[tokio::test]
async fn a_disabled_client_is_not_an_unknown_one_to_whoever_looks() {
    let server = Server::start().await;
    server.admin("PATCH", "/admin/clients/web", &json!({ "enabled": false })).await;
    let answer = server.browser().get(&Browser::request(&[])).await;
    let page = server.console().await.get(&format!("/admin/ui/explain/{}", request_id(&answer))).await;
    assert!(
        page.body.contains("client_disabled") && page.body.contains("/admin/ui/clients/web/danger"),
        "{}",
        page.body
    );
    let hit = server.console().await.search(request_id(&answer)).await;
    assert!(hit.body.contains(&format!("/admin/ui/explain/{}", request_id(&answer))), "{}", hit.body);
    assert_eq!(answer.headers.get(header::LOCATION), None);
}

#[tokio::test]
async fn the_palette_finds_a_request_and_looks_for_none_by_a_name() {
    let server = Server::start().await;
    let wrong = server.browser().post("/login", &[("username", "alice"), ("password", "wrong")]).await;
    let id = request_id(&wrong).to_owned();
    let mut console = server.console().await;
    let found = console.search(&format!(" {id} ")).await.json();
    assert!(found.as_array().unwrap().iter().any(|hit| hit["href"] == format!("/admin/ui/explain/{id}")), "{found}");
    // A name is no ID, whatever proxy in front gives such: nothing is written and looked up at each key.
    let named = axum::http::Request::get("/userinfo").header("x-request-id", "christopher");
    server.send(named.header("authorization", "Bearer x").body(axum::body::Body::empty()).unwrap()).await;
    let found = console.search("christopher").await.json();
    assert!(!found.to_string().contains("explain"), "{found}");
    assert_eq!(console.search("al\0ice").await.json(), serde_json::json!([]));
}
