//! The wizard for new clients.

use axum::http::StatusCode;

use super::{is_in_frame, made, refused};
use crate::browser::{Answer, Browser};
use crate::server::{ISSUER, Server};

const SCOPES: [(&str, &str); 2] = [("scope", "openid"), ("scope", "email")];

fn address(starter: &str) -> String {
    format!("/admin/ui/clients/wizard?app={starter}")
}

/// Answers the questions about `starter`; the quick start of the client, or the questions again.
async fn create(console: &mut Browser<'_>, starter: &str, fields: &[(&str, &str)]) -> Answer {
    let answers: Vec<_> = fields.iter().chain(&SCOPES).copied().collect();
    made(console, &address(starter), &answers).await
}

/// The code on the page, by the name of its file, as it would be copied.
fn code(answer: &Answer, file: &str) -> String {
    let block = answer.body.split(&format!("data-file=\"{file}\"")).nth(1).unwrap_or_default();
    let text = block.split("<code>").nth(1).and_then(|rest| rest.split("</code>").next()).unwrap_or_default();
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// The value of a variable that the page gives the application.
fn environment(answer: &Answer, name: &str) -> Option<String> {
    let value = answer.body.split(&format!("{name}=")).nth(1)?;
    value.split(['\n', '<', '\\']).next().map(str::to_owned)
}

#[tokio::test]
async fn each_choice_asks_its_questions_and_each_form_leads_to_the_other() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let choice = console.get("/admin/ui/clients/wizard").await;
    assert!(choice.body.contains("href=\"/admin/ui/clients/new\""));
    for (starter, redirect) in [
        ("spa", "http://localhost:3000/callback\nhttp://127.0.0.1:3000/callback"),
        ("python", "http://127.0.0.1:5000/oauth2/callback\nhttp://localhost:5000/oauth2/callback"),
        ("cli", "http://127.0.0.1:5000/oauth2/callback\nhttp://localhost:5000/oauth2/callback"),
        ("web", "http://127.0.0.1:3000/callback\nhttp://localhost:3000/callback"),
        ("native", "name=\"redirect_uris\""),
        ("device", "name=\"client_name\""),
        ("machine", "name=\"client_name\""),
    ] {
        assert!(choice.body.contains(&address(starter)), "{starter}");
        let page = console.get(&address(starter)).await;
        assert!(is_in_frame(&page));
        assert!(page.body.contains(redirect), "{starter}");
        assert_eq!(page.body.contains("name=\"refresh\""), starter != "machine");
        let redirects = !matches!(starter, "device" | "machine");
        assert_eq!(page.body.contains("name=\"redirect_uris\""), redirects, "{starter}");
        assert!(
            !page.body.contains("value=\"offline_access\""),
            "{starter}: refresh tokens are a question of their own"
        );
        assert!(page.body.contains("href=\"/admin/ui/clients/new?kind="));
    }
    assert!(console.get("/admin/ui/clients/new").await.body.contains("href=\"/admin/ui/clients/wizard\""));
    assert!(console.get(&address("toaster")).await.body.contains(&address("spa")), "an unknown choice is asked again");
    assert_eq!(console.post(&address("toaster"), &[]).await.location(), "/admin/ui/clients/wizard");
}

#[tokio::test]
async fn the_code_of_each_choice_holds_issuer_client_and_redirect_uri() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let callback = "http://127.0.0.1:4711/back";
    for (starter, files) in [
        ("spa", &["auth.js"][..]),
        ("python", &["app.py", "app.mjs"]),
        ("cli", &["sign_in.py"]),
        ("web", &["app.mjs", "main.go", "App.java", "app.py"]),
        ("native", &["SignIn.swift", "SignIn.kt", "sign_in.py"]),
        ("device", &["sign_in.py", "sign_in.mjs"]),
        ("machine", &["get_token.sh", "get_token.py", "get_token.mjs", "main.rs"]),
    ] {
        let id = format!("my-{starter}");
        let redirects = !matches!(starter, "device" | "machine");
        let uris = if redirects { callback } else { "" };
        let page =
            create(&mut console, starter, &[("client_name", "Mine"), ("client_id", &id), ("redirect_uris", uris)])
                .await;
        assert_eq!(page.status, StatusCode::OK, "{starter}: {}", page.body);
        for file in files {
            let code = code(&page, file);
            assert!(code.contains(ISSUER) && code.contains(&id), "{starter} {file}: {code}");
            assert!(!code.contains("{{"), "{starter} {file}: {code}");
            assert_eq!(code.contains(callback), redirects, "{starter} {file}: {code}");
            if starter != "machine" {
                assert!(code.contains("openid") && code.contains("email"), "{starter} {file}: {code}");
            }
        }
        let is_public = matches!(starter, "spa" | "cli" | "native" | "device");
        assert_eq!(environment(&page, "OIDC_CLIENT_SECRET").is_none(), is_public, "{starter}");
        assert_eq!(environment(&page, "OIDC_CLIENT_ID"), Some(id));
        for endpoint in ["/token", "/.well-known/jwks.json"] {
            assert!(page.body.contains(&format!("<code>{ISSUER}{endpoint}</code>")), "{endpoint}");
        }
        // Nobody signs in to a machine.
        for endpoint in ["/authorize", "/userinfo", "/end_session"] {
            let is_there = page.body.contains(&format!("<code>{ISSUER}{endpoint}</code>"));
            assert_eq!(is_there, starter != "machine", "{starter} {endpoint}");
        }
    }
}

#[tokio::test]
async fn the_code_that_was_asked_for_is_the_one_opened() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for (chosen, title) in
        [("web_go.go", "Go: go-oidc"), ("", "Node: openid-client"), ("nonsense", "Node: openid-client")]
    {
        let name = format!("Shop {chosen}");
        let fields = [("client_name", name.as_str()), ("redirect_uris", "https://shop.example/cb"), ("code", chosen)];
        let page = create(&mut console, "web", &fields).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let open: Vec<_> = page
            .body
            .split("<details ")
            .skip(1)
            .filter(|part| part.split('>').next().is_some_and(|tag| tag.contains(" open")))
            .collect();
        assert!(matches!(open.as_slice(), [one] if one.contains(&format!("<summary>{title}</summary>"))), "{open:?}");
    }
}

#[tokio::test]
async fn an_id_is_made_of_the_name_and_a_form_sent_again_shows_no_secret() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let fields = [("client_name", "My Shop"), ("redirect_uris", "https://shop.example/cb")];
    let page = create(&mut console, "web", &fields).await;
    let secret = environment(&page, "OIDC_CLIENT_SECRET").unwrap();
    assert_eq!(page.header("cache-control"), "no-store");
    let wrong =
        server.post("/token", Some(&format!("my-shop:{secret}")), &[("grant_type", "authorization_code")]).await;
    assert_eq!(wrong.error().1, "invalid_request", "the secret is right, the code is missing");

    let again = create(&mut console, "web", &fields).await;
    refused(&again, "client_id", "already taken");
    assert!(!again.body.contains("OIDC_CLIENT_SECRET"));
    assert_eq!(again.field("client_name"), "My Shop");

    // A name without a letter that an ID may have: the form brings one.
    let questions = console.get(&address("web")).await;
    let spare = questions.field("spare_id");
    let fields = [("client_name", "متجر"), ("redirect_uris", "https://shop.example/cb"), ("spare_id", &spare)];
    assert_eq!(environment(&create(&mut console, "web", &fields).await, "OIDC_CLIENT_ID"), Some(spare.clone()));
    refused(&create(&mut console, "web", &fields).await, "client_id", "already taken");
}

#[tokio::test]
async fn wrong_answers_come_back_as_they_were_typed() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let typed = [("client_name", "Shop"), ("client_id", "shop"), ("redirect_uris", "https://shop.example/#x")];
    let answer = create(&mut console, "spa", &typed).await;
    refused(&answer, "redirect_uris", "no #fragment");
    assert!(answer.body.contains("https://shop.example/#x") && answer.body.contains("Nothing was created yet"));
    assert_eq!((answer.field("client_name"), answer.field("client_id")), ("Shop".to_owned(), "shop".to_owned()));
    refused(&create(&mut console, "web", &[("client_name", "")]).await, "client_name", "needed");
    refused(&create(&mut console, "native", &[("client_name", "App")]).await, "redirect_uris", "at least one");
    assert_eq!(server.idp.count_clients().await.unwrap(), 3);
}

#[tokio::test]
async fn refresh_tokens_are_given_only_if_the_answer_was_yes() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for (id, refresh) in [("stays", true), ("goes", false)] {
        let mut fields = vec![("client_name", "App"), ("client_id", id), ("redirect_uris", "https://a.example/cb")];
        fields.extend(refresh.then_some(("refresh", "on")));
        assert_eq!(create(&mut console, "spa", &fields).await.status, StatusCode::OK);
        let overview = console.get(&format!("/admin/ui/clients/{id}")).await;
        assert_eq!(overview.body.contains("refresh_token"), refresh);
        assert_eq!(overview.body.contains("<code>offline_access</code>"), refresh);
    }
}

#[tokio::test]
async fn nothing_that_an_administrator_names_escapes_from_the_code() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let evil = "$(touch</code><script>{{issuer}}')";
    let scope = [("name", evil), ("description", "Evil"), ("claims", "")];
    assert_eq!(console.post("/admin/ui/scopes/new", &scope).await.status, StatusCode::SEE_OTHER);
    for (starter, file) in [("native", "SignIn.kt"), ("web", "App.java"), ("spa", "auth.js")] {
        let id = format!("evil-{starter}");
        let uri = "https://a.example/cb?a=$b'c";
        let fields = [("client_name", "Evil"), ("client_id", &id), ("redirect_uris", uri), ("scope", evil)];
        let page = create(&mut console, starter, &fields).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(!page.body.contains("<script>{{"), "{starter}");
        let code = code(&page, file);
        let expected = if starter == "native" { evil.replace('$', r"\$") } else { evil.to_owned() };
        assert!(code.contains(&expected), "{starter}: {code}");
    }
}

#[tokio::test]
async fn the_wizard_is_closed_to_strangers_and_other_sites() {
    let server = Server::start().await;
    let mut nobody = Browser::new(&server);
    let answer = nobody.get(&address("spa")).await;
    assert!(answer.location().starts_with("/admin/login?next="), "{}", answer.location());
    let answer = nobody.post(&address("spa"), &[("client_name", "X")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let mut console = server.console().await;
    let answer = console.post_cross_site(&address("spa"), &[("client_name", "X")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}
