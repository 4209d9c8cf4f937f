//! Clients in the console.

use axum::http::StatusCode;
use oauth::client::ClientKind;

use super::{done, made, refused};
use crate::browser::{Answer, Browser};
use crate::server::{CALLBACK, SECRET, Server};

/// The form of a new machine.
const MACHINE: [(&str, &str); 8] = [
    ("client_name", "Nightly report"),
    ("client_id", "nightly"),
    ("kind", "machine"),
    ("enabled", "on"),
    ("grant_types", "client_credentials"),
    ("scope", "email"),
    ("token_endpoint_auth_method", "client_secret_basic"),
    ("id_token_signed_response_alg", "RS256"),
];

/// A form with some fields changed.
fn with<'a>(form: &[(&'a str, &'a str)], changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = form.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes).copied().collect()
}

/// The client's secret as a page shows it.
pub(super) fn shown_secret(answer: &Answer) -> String {
    let codes = answer.body.split("<code>").skip(1).filter_map(|rest| rest.split('<').next());
    codes.filter(|code| code.len() == 43 && !code.contains('/')).map(str::to_owned).next().unwrap_or_default()
}

/// The ID of the first secret on the page.
pub(super) fn secret_id(page: &Answer) -> String {
    let id = page.body.split("/credentials/revoke?id=").nth(1).and_then(|rest| rest.split('"').next());
    id.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_client_that_acts_for_itself_is_not_shown_as_one_at_which_people_sign_in() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for (part, said, unsaid) in [
        (
            "",
            "nobody signs in to it",
            &["asked once", "<dt>Redirect URIs", "<dt>PKCE", "/end_session", "/authorize<"][..],
        ),
        ("/quickstart", "With this issuer and client ID already in it", &["redirect URI already", "/authorize<"]),
        (
            "/settings",
            "Nobody signs in to it",
            &["People see it when they sign in", "What people read", "and the person allows"],
        ),
        ("/policy", "Nobody signs in to this client, and nobody is asked", &["Login &amp; consent", "bridge the gap"]),
        ("/logout", "Nobody signs in to this client, so it hears", &["Once a session ends"]),
        ("/consents", "Nobody signs in to this client, so nobody is asked", &["Nobody was asked yet"]),
        ("/danger", "With its secrets it lies", &["what people allowed"]),
        ("/enabled", "It gets no tokens", &["Nobody can sign in"]),
    ] {
        let page = console.get(&format!("/admin/ui/clients/job{part}")).await.body.replace("<!>", "");
        assert!(page.contains(said), "{part}: {page}");
        for words in unsaid {
            assert!(!page.contains(words), "{part}: {words}");
        }
        let web = console.get(&format!("/admin/ui/clients/web{part}")).await.body.replace("<!>", "");
        assert!(!web.contains(said), "{part}: people sign in there");
    }
    // What counts for people only is there yet, and saved with the form.
    let address = "/admin/ui/clients/job/policy";
    let version = version(&mut console, address).await;
    let saved = console.post(address, &[("version", &version), ("consent_policy", "always")]).await;
    done(&mut console, &saved, "Saved.").await;
    let page = console.get(address).await.body;
    let always = page.split('<').find(|tag| tag.contains("value=\"always\"")).unwrap();
    assert!(always.contains("checked"), "{always}");
}

async fn version(console: &mut Browser<'_>, path: &str) -> String {
    console.get(path).await.field("version")
}

#[tokio::test]
async fn a_new_client_gets_a_secret_that_is_shown_once_and_works() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let page = console.get("/admin/ui/clients/new?kind=machine").await;
    assert_eq!(
        (page.field("kind"), page.field("grant_types")),
        ("machine".to_owned(), "client_credentials".to_owned())
    );
    let created = made(&mut console, "/admin/ui/clients/new?kind=machine", &MACHINE).await;
    assert_eq!(created.status, StatusCode::OK, "{}", created.body);
    let secret = shown_secret(&created);
    let auth = format!("nightly:{secret}");
    let answer = server.post("/token", Some(&auth), &[("grant_type", "client_credentials")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{secret:?} {}", answer.body);
    for path in ["", "/quickstart", "/settings", "/policy", "/credentials", "/danger"] {
        let page = console.get(&format!("/admin/ui/clients/nightly{path}")).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.body.contains(&secret), "{path}");
    }
}

#[tokio::test]
async fn a_public_client_gets_no_secret_and_one_without_an_id_gets_one() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let form = [
        ("client_name", "Shop"),
        ("kind", "spa"),
        ("enabled", "on"),
        ("redirect_uris", "https://shop.example/cb\r\nhttp://localhost:3000/cb"),
        ("grant_types", "authorization_code"),
        ("grant_types", "refresh_token"),
        ("scope", "openid"),
        ("scope", "email"),
        ("token_endpoint_auth_method", "none"),
        ("require_consent", "on"),
        ("id_token_signed_response_alg", "ES256"),
    ];
    let created = made(&mut console, "/admin/ui/clients/new", &form).await;
    assert_eq!(created.status, StatusCode::OK, "{}", created.body);
    assert_eq!(shown_secret(&created), "");
    let list = console.get("/admin/ui/clients?q=shop&kind=spa").await;
    let link = list.body.split("<tbody>").nth(1).and_then(|rows| rows.split("/admin/ui/clients/").nth(1)).unwrap();
    let id = link.split('"').next().unwrap();
    assert!(id.len() >= 16, "{id}");
    let page = console.get(&format!("/admin/ui/clients/{id}/settings")).await;
    assert_eq!(page.field("client_name"), "Shop");
    assert!(page.body.contains("https://shop.example/cb\nhttp://localhost:3000/cb"));
}

#[tokio::test]
async fn a_form_that_is_not_right_comes_back_as_it_was_typed() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for (field, value, sentence) in [
        ("client_name", " ", "This is needed."),
        ("client_id", "two words", "Use letters, digits and - _ . ~ only."),
        ("client_id", "web", "already taken"),
        ("client_id", "new", "This is the address of a page of the console"),
        ("client_id", "7", "could be taken for a user’s"),
        ("scope", "admin", "There is no scope “admin” on this server."),
        ("redirect_uris", "https://a.example/cb\nhttps://b.example/#x", "Line 2: A redirect URI has no #fragment"),
        ("redirect_uris", "https://*.example/cb", "Wildcards do not work"),
        ("redirect_uris", "javascript:alert(1)", "not safe to redirect to"),
    ] {
        let web =
            with(&MACHINE, &[("kind", "web"), ("grant_types", "authorization_code"), ("redirect_uris", CALLBACK)]);
        let answer = console.post("/admin/ui/clients/new", &with(&web, &[(field, value)])).await;
        refused(&answer, field, sentence);
        if field != "scope" {
            assert!(answer.body.contains(&value.replace('&', "&amp;")), "{value} is not on the page");
        }
        assert!(field == "client_name" || answer.body.contains("Nightly report"));
        assert!(answer.body.contains("Nothing was created yet"));
    }
    let web = with(&MACHINE, &[("kind", "web"), ("grant_types", "authorization_code")]);
    refused(&console.post("/admin/ui/clients/new", &web).await, "redirect_uris", "List at least one redirect URI");
    assert_eq!(server.idp.count_clients().await.unwrap(), 3);
}

#[tokio::test]
async fn settings_are_saved_and_said_to_be() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let path = "/admin/ui/clients/job/settings";
    let version = version(&mut console, path).await;
    let form = with(&MACHINE, &[("client_name", "Daily report"), ("client_id", "another"), ("version", &version)]);
    let answer = console.post(path, &form).await;
    assert_eq!(answer.location(), "/admin/ui/clients/job/settings?done=saved");
    let page = done(&mut console, &answer, "Saved.").await;
    assert_eq!(page.field("client_name"), "Daily report");
    assert_eq!(console.get("/admin/ui/clients/another").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn of_two_who_edit_the_same_client_the_second_is_told() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let path = "/admin/ui/clients/job/settings";
    let version = version(&mut console, path).await;
    let first = with(&MACHINE, &[("client_name", "First"), ("version", &version)]);
    assert_eq!(console.post(path, &first).await.status, StatusCode::SEE_OTHER);
    let second = with(&MACHINE, &[("client_name", "Second"), ("version", &version)]);
    let answer = console.post(path, &second).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.field("client_name"), "Second");
    // To send the form again is to decide for it.
    let again = with(&second, &[("version", &answer.field("version"))])
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect::<Vec<_>>();
    let again: Vec<(&str, &str)> = again.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(console.post(path, &again).await.status, StatusCode::SEE_OTHER);
    assert_eq!(console.get(path).await.field("client_name"), "Second");
}

#[tokio::test]
async fn a_policy_saved_as_it_was_shown_freezes_nothing() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let path = "/admin/ui/clients/web/policy";
    let page = console.get(path).await;
    assert_eq!(page.field("access_token_lifetime") + &page.field("refresh_token_ttl_days"), "");
    assert!(page.body.contains("placeholder=\"3600\"") && page.body.contains("from 60 to 86,400; empty: 3,600"));
    let version = page.field("version");
    let mut form = vec![("version", version.as_str()), ("access_token_lifetime", ""), ("refresh_token_ttl_days", "")];
    for name in ["consent_policy", "require_pkce", "token_format", "id_token_claims"] {
        assert!(page.body.contains(&format!("name=\"{name}\" value=\"\" checked")), "{name}: {}", page.body);
        form.push((name, ""));
    }
    assert_eq!(console.post(path, &form).await.status, StatusCode::SEE_OTHER);
    let web = oauth::id::ClientId::new("web");
    let policy = async || server.idp.get_client(&web).await.unwrap().client.policy;
    assert!(policy().await.is_empty());
    // One decision is one member.
    let version = console.get(path).await.field("version");
    let one = [("version", version.as_str()), ("access_token_lifetime", "90")];
    assert_eq!(console.post(path, &one).await.status, StatusCode::SEE_OTHER);
    let decided = oauth::client::ClientPolicy { access_token_lifetime: Some(90), ..Default::default() };
    assert_eq!(policy().await, decided);
}

#[tokio::test]
async fn skip_on_a_native_client_comes_with_a_warning() {
    let server = Server::start().await;
    let skip = |draft: &mut oauth::client::PolicyDraft| draft.consent_policy = "skip".to_owned();
    server.create_client(oauth::client::ClientKind::Native, "phone", |_, policy| skip(policy)).await;
    server.create_client(oauth::client::ClientKind::Web, "shop", |_, policy| skip(policy)).await;
    let mut console = server.console().await;
    let warning = "Any program on a device can pass for this client";
    assert!(console.get("/admin/ui/clients/phone/policy").await.body.contains(warning));
    assert!(!console.get("/admin/ui/clients/shop/policy").await.body.contains(warning));
}

#[tokio::test]
async fn a_policy_takes_effect_at_once() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let mut browser = server.signed_in().await;
    assert_eq!(browser.get(&Browser::request(&[])).await.status, StatusCode::OK);
    let path = "/admin/ui/clients/web/policy";
    let version = version(&mut console, path).await;
    let form = [
        ("version", version.as_str()),
        ("consent_policy", "skip"),
        ("token_format", "jwt"),
        ("access_token_lifetime", "120"),
        ("refresh_token_ttl_days", "7"),
        ("post_logout_redirect_uris", "https://app.example/bye"),
    ];
    let answer = console.post(path, &form).await;
    done(&mut console, &answer, "Saved.").await;
    let answer = browser.get(&Browser::request(&[])).await;
    let tokens = server.redeem(&answer.query().text("code")).await.json();
    assert_eq!(tokens["expires_in"], 120);
    assert!(crate::server::text(&tokens, "access_token").contains('.'));
    for (field, value, sentence) in [
        ("access_token_lifetime", "59", "whole number from 60 to 86400"),
        ("refresh_token_ttl_days", "many", "whole number"),
        ("post_logout_redirect_uris", "here", "Line 1: This is not an absolute URI"),
    ] {
        refused(&console.post(path, &with(&form, &[(field, value)])).await, field, sentence);
    }
    assert_eq!(console.post(path, &form).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn secrets_are_added_and_revoked_side_by_side() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let path = "/admin/ui/clients/job/credentials";
    refused(&console.post(path, &[("name", "")]).await, "name", "This is needed.");
    server.clock.advance(60);
    let added = made(&mut console, path, &[("name", "staging")]).await;
    let secret = shown_secret(&added);
    server.clock.advance(120);
    let grant = [("grant_type", "client_credentials")];
    let (new, old) = (format!("job:{secret}"), format!("job:{SECRET}"));
    assert_eq!(server.post("/token", Some(&new), &grant).await.status, StatusCode::OK, "{secret:?}");
    assert_eq!(server.post("/token", Some(&old), &grant).await.status, StatusCode::OK);
    let page = console.get(path).await;
    assert!(page.body.contains("staging") && !page.body.contains(&secret));
    server.clock.advance(180);
    assert_eq!(console.get(path).await.body.matches(">3 min ago<").count(), 2, "both were just used");
    // The first on the page is the one the client was made with.
    let answer = console.post("/admin/ui/clients/job/credentials/revoke", &[("id", &secret_id(&page))]).await;
    done(&mut console, &answer, "The secret is revoked.").await;
    assert_eq!(server.post("/token", Some(&old), &grant).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.post("/token", Some(&new), &grant).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_secret_with_a_lifetime_is_refused_when_it_is_over() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let path = "/admin/ui/clients/job/credentials";
    let mistyped = console.post(path, &[("name", "for a month"), ("lifetime_days", "0")]).await;
    refused(&mistyped, "lifetime_days", "whole number from 1 to 3650");
    assert_eq!(mistyped.field("name"), "for a month", "what was typed is not lost");
    let added = made(&mut console, path, &[("name", "for a month"), ("lifetime_days", "30")]).await;
    let auth = format!("job:{}", shown_secret(&added));
    let ask = async || server.post("/token", Some(&auth), &[("grant_type", "client_credentials")]).await;
    server.clock.advance(30 * 86_400 - 1);
    assert_eq!(ask().await.status, StatusCode::OK);
    server.clock.advance(1);
    assert_eq!(ask().await.error(), (401, "invalid_client".to_owned()));
    // The console's session has ended, too.
    assert!(server.console().await.get(path).await.body.contains(">Expired<"));
}

#[tokio::test]
async fn a_secret_of_another_client_cannot_be_revoked_here() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let id = secret_id(&console.get("/admin/ui/clients/web/credentials").await);
    assert!(!id.is_empty());
    let answer = console.post("/admin/ui/clients/job/credentials/revoke", &[("id", &id)]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(server.token(&[]).await.error().1, "invalid_request");
}

#[tokio::test]
async fn disabling_can_be_taken_back() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let answer = console.post("/admin/ui/clients/job/enabled", &[("enabled", "no")]).await;
    done(&mut console, &answer, "Disabled.").await;
    assert_eq!(server.machine_token("email").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(console.get("/admin/ui/clients/job").await.status, StatusCode::OK);
    let answer = console.post("/admin/ui/clients/job/enabled", &[("enabled", "yes")]).await;
    done(&mut console, &answer, "Enabled.").await;
    assert_eq!(server.machine_token("email").await.status, StatusCode::OK);
}

#[tokio::test]
async fn deleting_takes_the_right_word_and_takes_everything_along() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[("scope", "openid offline_access")]).await;
    server.create_client(ClientKind::Web, "other", |_, _| {}).await;
    let mut console = server.console().await;
    let path = "/admin/ui/clients/web/delete";
    for wrong in ["", "WEB", "The web app"] {
        refused(&console.post(path, &[("confirm", wrong)]).await, "confirm", "What you typed is not the same.");
    }
    let answer = console.post(path, &[("confirm", "web")]).await;
    done(&mut console, &answer, "Deleted.").await;
    let access_token = crate::server::text(&tokens, "access_token");
    assert_eq!(server.userinfo(access_token).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.refresh(&tokens).await.error(), (401, "invalid_client".to_owned()));
    assert_eq!(browser.get(&Browser::request(&[])).await.status, StatusCode::BAD_REQUEST);
    let other = [("client_id", "other"), ("redirect_uri", CALLBACK)];
    assert_eq!(browser.get(&Browser::request(&other)).await.status, StatusCode::OK);
    assert_eq!(console.post(path, &[("confirm", "web")]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_list_is_searched_and_paged_by_its_address() {
    let server = Server::start().await;
    for number in 0..30 {
        server.create_client(ClientKind::Spa, &format!("fleet-{number:02}"), |_, _| {}).await;
    }
    let mut console = server.console().await;
    let mut rows = async |query: &str| {
        let page = console.get(&format!("/admin/ui/clients{query}")).await;
        let rows = page.body.matches("<tr>").count().saturating_sub(1);
        (rows, page.body)
    };
    let (count, body) = rows("").await;
    assert_eq!(count, 25);
    assert!(body.contains("1–25 of 33") && body.contains("href=\"/admin/ui/clients?after="));
    let (count, body) = rows("?page=2").await;
    assert_eq!(count, 8);
    assert!(body.contains("26–33 of 33"));
    assert_eq!(rows("?q=FLEET-0").await.0, 10);
    assert_eq!(rows("?q=fleet&kind=spa&page=2").await.0, 5);
    assert_eq!(rows("?kind=machine").await.0, 1);
    // Wildcards of the database are letters here.
    for nothing in ["?q=fleet%25", "?q=fleet_0", "?q=nothing", "?kind=machine&q=fleet"] {
        assert!(rows(nothing).await.1.contains("No client fits"), "{nothing}");
    }
    assert_eq!(rows("?page=0").await.0, 25);
    assert_eq!(rows("?page=99999999999999999999").await.0, 25);
    // Past the end, as after the last row of a page was deleted.
    let answer = console.get("/admin/ui/clients?q=fleet&page=3").await;
    assert_eq!(answer.location(), "/admin/ui/clients?q=fleet&page=2");
}
