//! Trusts in the console.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use idp::testing::site::{Authority, Reply, TestSite};
use serde_json::{Value, json};

use super::lists::way;
use super::{done, refused};
use crate::admin_api::get;
use crate::admin_trusts::{KEYS, identity_provider};
use crate::server::{Server, text};

type Fields<'a> = Vec<(&'a str, &'a str)>;

const NEW: &str = "/admin/ui/trusts/new";

fn provider() -> Fields<'static> {
    vec![
        ("kind", "identity_provider"),
        ("issuer", "https://idp.example"),
        ("name", "Acme"),
        ("enabled", "on"),
        ("jwks_uri", "https://idp.example/keys"),
        ("jwks", ""),
        ("algs", "ES256"),
        ("algs", "EdDSA"),
        ("accounts", "verified_email"),
        ("tenant", "t1"),
    ]
}

fn workload() -> Fields<'static> {
    vec![
        ("kind", "workload_issuer"),
        ("issuer", "https://ci.example"),
        ("name", ""),
        ("enabled", "on"),
        ("jwks_uri", ""),
        ("jwks", KEYS),
        ("rules", "deploy repository=acme/shop\r\ndeploy sub=x\r\n"),
        ("reusable", "on"),
    ]
}

fn server_there() -> Fields<'static> {
    vec![
        ("kind", "authorization_server"),
        ("issuer", "https://as.example"),
        ("name", "Vendor"),
        ("clients", "agent acme-agent"),
        ("resources", "https://notes.example/mcp read"),
        ("groups", "Human Resources\r\nstaff"),
        ("shares_email", "on"),
    ]
}

/// The form with one value in place of another.
fn with<'a>(form: Fields<'a>, field: &'a str, value: &'a str) -> Fields<'a> {
    form.into_iter().filter(|(name, _)| *name != field).chain([(field, value)]).collect()
}

/// Creates a trust by its form, and gives the address of its page.
async fn create(server: &Server, form: &Fields<'_>) -> String {
    let mut console = server.console().await;
    let created = console.post(NEW, form).await;
    assert_eq!(created.status, StatusCode::SEE_OTHER, "{}", created.body);
    done(&mut console, &created, "Created.").await;
    created.location().split('?').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_trust_of_each_kind_is_made_by_its_form_and_shown_as_it_is() {
    let server = Server::start().await.with_partners().await;
    let mut console = server.console().await;
    let empty = console.get("/admin/ui/trusts").await;
    assert!(empty.body.contains("No trusts yet"));
    for (form, there, missing) in [
        (provider(), &["accounts", "tenant", "algs", "jwks"][..], &["rules", "clients"][..]),
        (workload(), &["rules", "reusable", "algs", "jwks"][..], &["accounts", "resources"][..]),
        (server_there(), &["clients", "resources", "groups"][..], &["jwks", "algs", "rules"][..]),
    ] {
        let address = format!("{NEW}?kind={}", form[0].1);
        for page in [&empty, &console.get(NEW).await] {
            assert!(page.body.contains(&format!("href=\"{address}\"")), "{address}");
        }
        let page = console.get(&address).await;
        assert_eq!(page.field("kind"), form[0].1);
        let has = |name: &&str| page.body.contains(&format!(" name=\"{name}\""));
        assert!(there.iter().all(has) && !missing.iter().any(has), "{address}");
        let path = create(&server, &form).await;
        let page = console.get(&path).await;
        assert_eq!((page.field("issuer").as_str(), page.field("version").as_str()), (form[1].1, "1"));
        assert_eq!(page.body.contains("Look for its keys"), form[0].1 != "authorization_server");
        assert_eq!(page.body.contains(&format!("{path}/accounts")), form[0].1 == "identity_provider");
        assert!(!page.body.contains("name=\"kind\""), "the kind stays");
    }
    let list = console.get("/admin/ui/trusts").await;
    for shown in ["Acme", "Vendor", "Identity provider", "Workload issuer", "Authorization server", ">On<", ">Off<"] {
        assert!(list.body.contains(shown), "{shown}");
    }
    let trusts = get(&server, "/admin/trusts").await.json();
    let of = |kind: &str| trusts.as_array().unwrap().iter().find(|trust| trust["kind"] == kind).unwrap().clone();
    let acme = of("identity_provider");
    assert_eq!((&acme["algs"], &acme["tenant"]), (&json!(["ES256", "EdDSA"]), &json!("t1")));
    assert_eq!((&acme["accounts"], &acme["admits_public_clients"]), (&json!("verified_email"), &json!(false)));
    let ci = of("workload_issuer");
    assert_eq!(
        (&ci["rules"], &ci["reusable"]),
        (&json!(["deploy repository=acme/shop", "deploy sub=x"]), &json!(true))
    );
    let vendor = of("authorization_server");
    assert_eq!((&vendor["groups"], &vendor["enabled"]), (&json!(["Human Resources", "staff"]), &json!(false)));
    assert_eq!(vendor["shares_email"], true);
}

#[tokio::test]
async fn a_form_that_is_not_right_comes_back_as_it_was_typed() {
    let server = Server::start().await.with_partners().await;
    create(&server, &provider()).await;
    let mut console = server.console().await;
    for (form, field, value, sentence) in [
        (provider(), "issuer", "idp.example", "This is no issuer"),
        (provider(), "issuer", "http://127.0.0.1:8000", "this server itself"),
        (provider(), "name", "Acme again", "already taken"),
        (provider(), "jwks", KEYS, ""),
        (provider(), "accounts", "guess", "Choose one of the values offered."),
        (provider(), "algs", "none", "Choose one of the values offered."),
        (workload(), "rules", "deploy", "Line 1: Write a client, then claim=value"),
        (workload(), "rules", "job sub=x", "There is no client “job”"),
        (server_there(), "clients", "a b c", "Line 1: Write a client of this server"),
        (server_there(), "resources", "", "This is needed"),
    ] {
        let answer = console.post(NEW, &with(form.clone(), field, value)).await;
        refused(&answer, if field == "name" { "issuer" } else { field }, sentence);
        assert_eq!(answer.field("kind"), form[0].1);
        let typed = [format!("value=\"{}\"", form[1].1), format!("value=\"{value}\"")];
        assert!(typed.iter().any(|typed| answer.body.contains(typed)), "what was typed is kept");
    }
    let unknown = console.post(NEW, &with(provider(), "kind", "friend")).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown.body.contains("kind=identity_provider"), "a kind is to be chosen");
}

#[tokio::test]
async fn settings_are_saved_once_and_the_second_is_told() {
    let server = Server::start().await;
    let path = create(&server, &provider()).await;
    let mut console = server.console().await;
    let open = with(with(provider(), "name", "Acme Inc."), "admits_public_clients", "on");
    let form = with(open, "version", "1");
    let saved = console.post(&path, &form).await;
    let page = done(&mut console, &saved, "Saved.").await;
    assert!(page.body.contains("whoever gets hold of an assertion"), "the warning");
    let stale = console.post(&path, &with(form.clone(), "name", "Other")).await;
    assert_eq!((stale.status, stale.field("version").as_str()), (StatusCode::CONFLICT, "2"));
    assert_eq!(stale.field("name"), "Other");
    let wrong = console.post(&path, &with(with(form, "version", "2"), "issuer", "nowhere")).await;
    refused(&wrong, "issuer", "This is no issuer");
    assert_eq!(get(&server, "/admin/trusts").await.json()[0]["name"], "Acme Inc.");
}

#[tokio::test]
async fn accounts_are_linked_and_unlinked() {
    let server = Server::start().await;
    let path = format!("{}/accounts", create(&server, &with(provider(), "accounts", "linked")).await);
    let mut console = server.console().await;
    let empty = console.get(&path).await;
    assert!(empty.body.contains("No linked accounts") && empty.body.contains("before their account is linked"));
    for (subject, user, field, sentence) in [
        ("", "alice", "subject", "This is needed."),
        ("00u1", "", "user", "This is needed."),
        ("00u1", "nobody", "user", "There is no such user."),
    ] {
        let answer = console.post(&path, &[("subject", subject), ("user", user)]).await;
        refused(&answer, field, sentence);
        assert_eq!((answer.field("subject").as_str(), answer.field("user").as_str()), (subject, user));
    }
    let linked = console.post(&path, &[("subject", "00u1"), ("user", "alice@example.com")]).await;
    let page = done(&mut console, &linked, "Linked.").await;
    assert!(page.body.contains("<code>00u1</code>") && page.body.contains(">alice</a>"));
    refused(&console.post(&path, &[("subject", "00u1"), ("user", "alice")]).await, "subject", "already taken");
    let id = page.field("id");
    // What was typed for another link comes back, whatever is answered.
    let question = console.get(&format!("{path}/end?subject=00u2&user=bob&id={id}")).await;
    let typed = format!("{path}?subject=00u2&user=bob");
    assert!(question.body.contains(&format!("href=\"{}\"", typed.replace('&', "&amp;"))), "{}", question.body);
    let back = console.get(&typed).await;
    assert_eq!((back.field("subject"), back.field("user")), ("00u2".to_owned(), "bob".to_owned()));
    assert_eq!((question.field("subject"), question.field("user")), ("00u2".to_owned(), "bob".to_owned()));
    assert!(question.body.contains("refused until their account is linked again"), "{}", question.body);
    assert_eq!(question.field("id"), id);
    let elsewhere = console.get(&format!("{path}/end?id=7")).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    let ended = console.post(&format!("{path}/end"), &[("id", &id), ("subject", "00u2"), ("user", "bob")]).await;
    assert!(ended.location().starts_with(&typed), "{}", ended.location());
    assert!(done(&mut console, &ended, "The link is ended.").await.body.contains("No linked accounts"));
    let again = console.post(&format!("{path}/end"), &[("id", &id)]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_user_shows_who_vouches_for_them_and_ends_it() {
    let server = Server::start().await;
    let trust = create(&server, &with(provider(), "accounts", "linked")).await;
    let mut console = server.console().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let security = format!("/admin/ui/users/{alice}/security");
    assert!(!console.get(&security).await.body.contains("Identity providers"));
    console.post(&format!("{trust}/accounts"), &[("subject", "00u1"), ("user", "alice")]).await;
    let page = console.get(&security).await;
    for shown in ["Identity providers", "<code>00u1</code>", "https://idp.example", &format!("href=\"{trust}\"")] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    let mut links = page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let end = links.find(|link| link.contains("/accounts/end?")).unwrap().replace("&amp;", "&");
    let question = console.get(&end).await;
    assert!(question.body.contains(&format!("href=\"{security}\"")), "{}", question.body);
    let fields = [("id", question.field("id")), ("from", question.field("from"))];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let ended = console.post(end.split('?').next().unwrap(), &fields).await;
    assert!(ended.location().starts_with(&security), "{}", ended.location());
    assert!(!done(&mut console, &ended, "The link is ended.").await.body.contains("Identity providers"));
}

#[tokio::test]
async fn many_links_are_shown_a_part_at_a_time() {
    let server = Server::start().await;
    let trust = server.create_trust(identity_provider()).await;
    let path = format!("/admin/ui/trusts/{}/accounts", text(&trust, "id"));
    let mut console = server.console().await;
    for number in 0..26 {
        console.post(&path, &[("subject", &format!("subject-{number:02}")), ("user", "alice")]).await;
        server.clock.advance(1);
    }
    let first = console.get(&path).await;
    assert!(first.body.contains("subject-24") && !first.body.contains("subject-25"));
    assert!(first.body.contains("1–25 of 26") && way(&first, "Previous").is_none());
    let rest = console.get(&way(&first, "Next").unwrap()).await;
    assert!(rest.body.contains("subject-25") && !rest.body.contains("subject-24"));
    assert!(rest.body.contains("26–26 of 26") && way(&rest, "Next").is_none());
    let back = console.get(&way(&rest, "Previous").unwrap()).await;
    assert!(back.body.contains("subject-00") && back.body.contains("subject-24") && !back.body.contains("subject-25"));
    let lost = console.get(&format!("{path}?after=x")).await;
    assert!(lost.body.contains("this is its beginning") && lost.body.contains("subject-00"), "{}", lost.body);
}

#[tokio::test]
async fn the_keys_are_looked_for_at_the_press_of_a_button() {
    let keys: Value = serde_json::from_str(KEYS).unwrap();
    let (authority, issuer) = (Authority::default(), Arc::new(Mutex::new(String::new())));
    let said = issuer.clone();
    let reply = move |path: &str| {
        let issuer = said.lock().unwrap().clone();
        match path {
            "/jwks" => Reply::json(&keys),
            _ => Reply::json(&json!({ "issuer": issuer, "jwks_uri": issuer.clone() + "/jwks" })),
        }
    };
    let site = TestSite::start(&authority, reply).await;
    let server = Server::start().await.with_partners().await.asking(site.options(&authority)).await;
    let url = site.url("");
    let form = with(with(provider(), "issuer", &url), "jwks_uri", "");
    let path = create(&server, &form).await;
    assert_eq!(site.hits(), 0, "nothing is asked before somebody wants to know");
    let mut console = server.console().await;
    let wrong = console.post(&format!("{path}/check"), &[]).await;
    assert_eq!(wrong.status, StatusCode::OK);
    assert!(wrong.body.contains("it says that the issuer is"), "{}", wrong.body);
    *issuer.lock().unwrap() = site.url("");
    let found = console.post(&format!("{path}/check"), &[]).await;
    assert!(found.body.contains("1 key can be had."), "{}", found.body);
    assert_eq!(found.field("version"), "1", "nothing was changed");
    let given = create(&server, &workload()).await;
    assert!(console.post(&format!("{given}/check"), &[]).await.body.contains("1 key can be had."));
}

#[tokio::test]
async fn deleting_one_needs_its_issuer() {
    let server = Server::start().await.with_partners().await;
    let mut console = server.console().await;
    for form in [provider(), workload(), server_there()] {
        let path = create(&server, &form).await;
        assert!(console.get(&format!("{path}/danger")).await.body.contains(&format!("Type {} to confirm", form[1].1)));
        for wrong in ["", "Acme", "https://idp.example/"] {
            refused(&console.post(&format!("{path}/delete"), &[("confirm", wrong)]).await, "confirm", "");
        }
        let deleted = console.post(&format!("{path}/delete"), &[("confirm", form[1].1)]).await;
        done(&mut console, &deleted, "Deleted.").await;
        for gone in ["", "/accounts", "/danger"] {
            assert_eq!(console.get(&format!("{path}{gone}")).await.status, StatusCode::NOT_FOUND, "{gone}");
        }
        for gone in ["", "/check", "/accounts", "/accounts/end", "/delete"] {
            assert_eq!(console.post(&format!("{path}{gone}"), &[]).await.status, StatusCode::NOT_FOUND, "{gone}");
        }
    }
    let other = create(&server, &workload()).await;
    assert_eq!(console.get(&format!("{other}/accounts")).await.status, StatusCode::NOT_FOUND, "it has none");
}
