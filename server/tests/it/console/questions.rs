//! The pages that ask before something is taken away: they say what will happen, and to whom, and have one button.

use axum::http::StatusCode;

use super::clients::{secret_id, shown_secret};
use super::{done, is_in_frame, made};
use crate::browser::{Answer, Browser};
use crate::server::{Server, text};

/// Follows the only link of the page that leads to the question at `address`.
pub(super) async fn ask(console: &mut Browser<'_>, page: &Answer, address: &str) -> Answer {
    assert!(page.body.contains(&format!("href=\"{address}\"")), "{address}: {}", page.body);
    let question = console.get(address).await;
    assert_eq!(question.status, StatusCode::OK);
    assert!(is_in_frame(&question));
    question
}

/// Presses the one button of the question.
pub(super) async fn press(console: &mut Browser<'_>, question: &Answer) -> Answer {
    let main = question.body.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap();
    assert_eq!((main.matches("<form").count(), main.matches("class=\"btn danger\"").count()), (1, 1), "{main}");
    let form = main.split("<form").nth(1).and_then(|rest| rest.split("</form>").next()).unwrap();
    let value = |tag: &str, name: &str| {
        let value = tag.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
        value.map(|(value, _)| value.replace("&amp;", "&")).unwrap_or_default()
    };
    let hidden: Vec<_> = form.split("<input").skip(1).map(|tag| (value(tag, "name"), value(tag, "value"))).collect();
    let fields: Vec<_> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    console.post(&value(form, "action"), &fields).await
}

#[tokio::test]
async fn revoking_a_secret_says_when_it_is_the_last_one() {
    const LAST: &str = "It is the last one that is valid: the client gets no tokens";
    let server = Server::start().await;
    let mut console = server.console().await;
    let path = "/admin/ui/clients/job/credentials";
    let address = |id: &str| format!("{path}/revoke?id={id}");
    let page = console.get(path).await;
    let id = secret_id(&page);
    let question = ask(&mut console, &page, &address(&id)).await;
    assert!(question.body.contains(LAST) && question.body.contains("It was never used."), "{}", question.body);

    let added = made(&mut console, path, &[("name", "staging"), ("lifetime_days", "1")]).await;
    let new = format!("job:{}", shown_secret(&added));
    let question = ask(&mut console, &added, &address(&id)).await;
    assert!(!question.body.contains(LAST) && question.body.contains("Its other secrets go on working"));
    assert_eq!(server.machine_token("email").await.status, StatusCode::OK, "nothing is done by asking");
    let answer = press(&mut console, &question).await;
    done(&mut console, &answer, "The secret is revoked.").await;
    assert_eq!(server.machine_token("email").await.status, StatusCode::UNAUTHORIZED);
    let grant = [("grant_type", "client_credentials")];
    assert_eq!(server.post("/token", Some(&new), &grant).await.status, StatusCode::OK);

    server.clock.advance(86_400);
    let mut console = server.console().await;
    let page = console.get(path).await;
    let question = console.get(&address(&secret_id(&page))).await;
    assert!(question.body.contains("It has expired: nobody can use it anyway."));
    assert_eq!(console.get(&address(&id)).await.status, StatusCode::NOT_FOUND);
    let other = secret_id(&console.get("/admin/ui/clients/web/credentials").await);
    assert_eq!(console.get(&address(&other)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn revoking_a_secret_of_a_resource_asks_too() {
    let server = Server::start().await;
    let draft = oauth::resource::ResourceDraft {
        identifier: "https://api.example".into(),
        name: "API".into(),
        ..oauth::resource::ResourceDraft::preset()
    };
    let id = server.idp.create_resource(&idp::Actor::admin(), &draft).await.unwrap().id;
    let mut console = server.console().await;
    let path = format!("/admin/ui/resources/{id}/credentials");
    let page = made(&mut console, &path, &[("name", "introspects")]).await;
    let question = ask(&mut console, &page, &format!("{path}/revoke?id={}", secret_id(&page))).await;
    assert!(question.body.contains("the API cannot ask about its tokens"));
    let answer = press(&mut console, &question).await;
    assert!(done(&mut console, &answer, "The secret is revoked.").await.body.contains("No secrets"));
}

#[tokio::test]
async fn revoking_all_tokens_of_a_user_says_of_which_applications() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[]).await;
    let mut console = server.console().await;
    let subject = server.userinfo(text(&tokens, "access_token")).await.json()["sub"].as_str().unwrap().to_owned();
    let path = format!("/admin/ui/users/{subject}");
    let page = console.get(&format!("{path}/security")).await;
    let question = ask(&mut console, &page, &format!("{path}/revoke")).await;
    assert!(question.body.contains("1 session ends, and 1 live grant is revoked."), "{}", question.body);
    assert!(question.body.contains("href=\"/admin/ui/clients/web\"") && question.body.contains("alice"));
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::OK);
    let answer = press(&mut console, &question).await;
    done(&mut console, &answer, "All sessions are ended and all tokens revoked.").await;
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    let question = console.get(&format!("{path}/revoke")).await;
    assert!(question.body.contains("0 sessions end, and 0 live grants are revoked."));
}

#[tokio::test]
async fn disabling_a_client_says_how_many_grants_stop() {
    let server = Server::start().await;
    let tokens = server.tokens("openid").await;
    let mut console = server.console().await;
    let page = console.get("/admin/ui/clients/web/danger").await;
    let question = ask(&mut console, &page, "/admin/ui/clients/web/enabled").await;
    assert!(question.body.contains("1 live grant stops working."), "{}", question.body);
    let answer = press(&mut console, &question).await;
    let page = done(&mut console, &answer, "Disabled.").await;
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    // Nothing is taken away by enabling it.
    assert!(page.body.contains("name=\"enabled\" value=\"yes\"") && !page.body.contains("Disable client"));
}

#[tokio::test]
async fn rotating_a_key_names_the_key_that_signs() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let list = console.get("/admin/ui/keys").await;
    assert!(list.body.contains("action=\"/admin/ui/keys/rotate\""));
    let question = console.get("/admin/ui/keys/rotate?alg=ES256").await;
    let kid = question.field("active_ES256");
    assert!(!kid.is_empty() && list.body.contains(&kid) && question.body.contains("nobody is signed out"));
    let answer = press(&mut console, &question).await;
    done(&mut console, &answer, "The key is rotated.").await;
    let again = console.get("/admin/ui/keys/rotate?alg=ES256").await;
    assert_ne!(again.field("active_ES256"), kid);
    // The page of before is about a key that signs no more.
    press(&mut console, &question).await;
    assert_eq!(again.field("active_ES256"), console.get("/admin/ui/keys/rotate?alg=ES256").await.field("active_ES256"));
    for wrong in ["", "?alg=none"] {
        assert_eq!(console.get(&format!("/admin/ui/keys/rotate{wrong}")).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_field_that_ends_something_says_so_beside_it() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    for (page, said) in [
        (format!("/admin/ui/users/{alice}/security"), "Setting it ends every session of this user"),
        (format!("/admin/ui/users/{alice}"), "Unticking it signs them out everywhere when you save"),
        ("/admin/ui/clients/web/settings".to_owned(), "it gets nothing more, and the tokens that it has are refused"),
        ("/admin/ui/agents".to_owned(), "Saving ends all grants of applications whose hosts may not come any more"),
    ] {
        let answer = console.get(&page).await;
        assert!(answer.body.contains(said), "{page}: {}", answer.body);
    }
    // A new password ends nothing of somebody who is signed in nowhere.
    let fields = [("password", "another password")];
    let answer = console.post(&format!("/admin/ui/users/{alice}/password"), &fields).await;
    done(&mut console, &answer, "The new password is set. No session was open.").await;
}
