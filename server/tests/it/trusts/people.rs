//! Identity assertions of an identity provider that is trusted (ID-JAG).

use axum::http::StatusCode;
use futures::future::join_all;
use idp::Actor;
use idp::testing::Kind;
use oauth::client::{ClientKind, GrantType};
use oauth::id::Subject;
use oauth::trust::LinkDraft;
use serde_json::{Value, json};

use super::{ID_JAG, IDP, JWT_BEARER, MAPS, NOTES, World, refused};
use crate::assertion::Key;
use crate::server::{ISSUER, SECRET, claims, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_acts_for_the_person_whom_the_provider_vouches_for() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        let answer = world.bring(&world.identity("1", "", Value::Null), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{kind:?}: {}", answer.body);
        let tokens = answer.json();
        assert_eq!((text(&tokens, "token_type"), text(&tokens, "scope")), ("Bearer", "read write"));
        assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none(), "{tokens}");
        let token = claims(text(&tokens, "access_token"));
        let alice = world.server.idp.find_user_by_name("alice").await.unwrap().unwrap();
        assert_eq!((&token["aud"], &token["client_id"]), (&json!(NOTES), &json!("app")));
        assert_eq!(token["sub"], json!(alice.subject));
        // It is live, and on the page of what can act for her.
        assert_eq!(world.server.introspect_as("app", text(&tokens, "access_token")).await["active"], true);
        let mut browser = world.server.signed_in().await;
        let page = browser.get("/account").await.body;
        assert!(
            page.contains("The app app") && page.contains("lets it in: it can come back without asking you"),
            "{kind:?}"
        );
        // Later assertions go by the link: whatever address they name.
        let other = world.identity("2", "email", json!("bob@example.com"));
        let again = world.bring(&other, &[]).await;
        assert_eq!(again.status, StatusCode::OK, "{kind:?}: {}", again.body);
        assert_eq!(claims(text(&again.json(), "access_token"))["sub"], json!(alice.subject));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_is_good_once_on_all_nodes() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        let other = world.server.another_node().await;
        let assertion = world.identity("1", "", Value::Null);
        let fields = [JWT_BEARER, ("assertion", assertion.as_str())];
        let auth = format!("app:{SECRET}");
        let servers = [&world.server, &other, &world.server, &other, &world.server, &other];
        let answers = join_all(servers.map(|server| server.post("/token", Some(&auth), &fields))).await;
        let good = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
        assert_eq!(good, 1, "{kind:?}: {:?}", answers.iter().map(|answer| &answer.body).collect::<Vec<_>>());
        for answer in answers.iter().filter(|answer| answer.status != StatusCode::OK) {
            refused(answer, "used before");
        }
        // The first assertions about one person at once make one link.
        let many = (0..4).map(|number| world.identity(&format!("m{number}"), "sub", json!("00u2")));
        let many: Vec<String> = many.collect();
        let answers = join_all(many.iter().map(|assertion| world.bring(assertion, &[]))).await;
        assert!(answers.iter().all(|answer| answer.status == StatusCode::OK), "{kind:?}");
        let links = world.server.idp.list_links(&world.idp, None, 10).await.unwrap();
        assert_eq!(links.rows.len(), 2, "{kind:?}");
    }
}

#[tokio::test]
async fn every_claim_wrong_in_turn_is_refused_for_its_reason_and_spends_nothing() {
    let world = World::start().await;
    let now = world.server.clock.now().0;
    for (name, value, why) in [
        ("iss", json!("https://evil.example"), "not trusted"),
        ("iss", json!("https://idp.example/"), "not trusted"),
        ("iss", json!("https://ci.example"), "not trusted"),
        ("iss", json!(ISSUER), "not trusted"),
        ("iss", Value::Null, "no iss"),
        ("aud", Value::Null, "aud"),
        ("aud", json!(format!("{ISSUER}/token")), "aud"),
        ("aud", json!([ISSUER, "https://evil.example"]), "aud"),
        ("client_id", Value::Null, "client_id"),
        ("client_id", json!("web"), "client_id"),
        ("exp", Value::Null, "exp"),
        ("exp", json!(now - 60), "expired"),
        ("exp", json!(now + 700), "too long"),
        ("nbf", json!(now + 100), "nbf"),
        ("iat", Value::Null, "iat"),
        ("iat", json!(now + 100), "iat"),
        ("jti", Value::Null, "jti"),
        ("jti", json!("j".repeat(1_025)), "jti"),
        ("sub", Value::Null, "sub"),
        ("sub", json!(""), "sub"),
        ("sub", json!("a\u{0}b"), "sub"),
        ("resource", json!("https://unknown.example"), "resource"),
        ("resource", json!([NOTES, "https://unknown.example"]), "resource"),
        ("resource", json!("no uri"), "resource"),
        ("scope", json!("a\"b"), "scope"),
        ("tenant", json!("t1"), "tenant"),
        ("cnf", json!({ "jkt": "x" }), "cnf"),
        ("email_verified", json!(false), "nobody"),
        ("email_verified", json!("true"), "claims"),
        ("email", json!("carol@example.com"), "nobody"),
        ("email", Value::Null, "nobody"),
        ("email", json!("alice"), "nobody"),
    ] {
        let answer = world.bring(&world.identity("kept", name, value.clone()), &[]).await;
        assert_eq!(answer.error(), (400, "invalid_grant".to_owned()), "{name} {value}: {}", answer.body);
        assert!(answer.body.contains(why), "{name} {value}: {}", answer.body);
    }
    let none = world.bring("a.b.c", &[]).await;
    refused(&none, "not a signed JWT");
    let good = world.identity("kept", "", Value::Null);
    let stranger = Key::new("k");
    let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, "AAAA");
    refused(&world.bring(&forged, &[]).await, "no key");
    let fields = claims(&good).as_object().unwrap().clone();
    refused(&world.bring(&stranger.sign_as(Some(ID_JAG), fields.clone()), &[]).await, "no key");
    // Without its type it is the assertion of a program, and this issuer vouches for none.
    refused(&world.bring(&world.key.sign(fields), &[]).await, "does not take it");
    let answer = world.bring(&good, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn the_token_is_for_what_is_asked_of_what_the_assertion_names() {
    let world = World::start().await;
    let both = json!([NOTES, MAPS]);
    for (number, (claim, fields, audience, scope)) in [
        (json!(NOTES), vec![], json!(NOTES), "read write"),
        (json!(NOTES), vec![("scope", "write other")], json!(NOTES), "write"),
        (json!("https://NOTES.example:443/mcp"), vec![("resource", NOTES)], json!(NOTES), "read write"),
        (both.clone(), vec![("resource", NOTES)], json!(NOTES), "read write"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = world.bring(&world.identity(&number.to_string(), "resource", claim), &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{number}: {}", answer.body);
        let tokens = answer.json();
        assert_eq!(claims(text(&tokens, "access_token"))["aud"], audience, "{number}");
        assert_eq!(text(&tokens, "scope"), scope, "{number}");
    }
    for (number, (claim, fields, code)) in [
        (json!(NOTES), vec![("resource", MAPS)], "invalid_target"),
        (json!(NOTES), vec![("scope", "other")], "invalid_scope"),
        (json!(NOTES), vec![("scope", "openid email")], "invalid_scope"),
        (json!(MAPS), vec![], "invalid_scope"),
        (Value::Null, vec![], "invalid_target"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = world.bring(&world.identity(&format!("bad{number}"), "resource", claim), &fields).await;
        assert_eq!(answer.error(), (400, code.to_owned()), "{number}: {}", answer.body);
    }
    // Where the assertion says nothing of scopes, it allows what the resource gives to everybody.
    let answer = world.bring(&world.identity("plain", "scope", Value::Null), &[]).await;
    assert_eq!(text(&answer.json(), "scope"), "read");
    let more = world.bring(&world.identity("more", "scope", Value::Null), &[("scope", "write")]).await;
    assert_eq!(more.error(), (400, "invalid_scope".to_owned()));
}

#[tokio::test]
async fn a_client_that_proves_nothing_brings_an_assertion_only_where_the_trust_says_so() {
    let world = World::start().await;
    world
        .server
        .create_client(ClientKind::Native, "cli", |draft, _| {
            draft.redirect_uris = "http://127.0.0.1/cb".to_owned();
            draft.grant_types.push(GrantType::JwtBearer.to_string());
        })
        .await;
    let bring = async |jti: &str| {
        let assertion = world.identity(jti, "client_id", json!("cli"));
        let fields = [JWT_BEARER, ("assertion", &assertion), ("client_id", "cli")];
        world.server.post("/token", None, &fields).await
    };
    let stranger = bring("1").await;
    refused(&stranger, "does not take it");
    assert!(world.reason(&stranger).await.contains("proves nothing"));
    world.change(&world.idp, |draft| draft.admits_public_clients = true).await;
    assert_eq!(bring("1").await.status, StatusCode::OK);
    // No client at all is another thing.
    let assertion = world.identity("2", "", Value::Null);
    let nobody = world.server.post("/token", None, &[JWT_BEARER, ("assertion", &assertion)]).await;
    assert_eq!(nobody.error(), (401, "invalid_client".to_owned()), "{}", nobody.body);
    let wrong = world.server.post("/token", Some("app:wrong"), &[JWT_BEARER, ("assertion", &assertion)]).await;
    assert_eq!(wrong.error(), (401, "invalid_client".to_owned()));
    let unfit = world.server.token(&[JWT_BEARER, ("assertion", &assertion)]).await;
    assert_eq!(unfit.error(), (400, "unauthorized_client".to_owned()), "`web` is not registered for it");
}

#[tokio::test]
async fn whoever_is_linked_is_known_by_the_link_alone() {
    let world = World::start().await;
    world.change(&world.idp, |draft| draft.accounts = "linked".to_owned()).await;
    refused(&world.bring(&world.identity("1", "", Value::Null), &[]).await, "nobody");
    let (admin, idp) = (Actor::admin(), &world.server.idp);
    let link = LinkDraft { subject: "00u1".into(), user: "alice".into() };
    let made = idp.link_account(&admin, &world.idp, &link).await.unwrap();
    assert_eq!(made.username, "alice");
    assert!(idp.link_account(&admin, &world.idp, &link).await.is_err(), "one account each");
    assert_eq!(world.bring(&world.identity("1", "", Value::Null), &[]).await.status, StatusCode::OK);
    idp.unlink_account(&admin, &world.idp, &made.id).await.unwrap();
    refused(&world.bring(&world.identity("2", "", Value::Null), &[]).await, "nobody");
    // By what this server calls them.
    world.change(&world.idp, |draft| draft.accounts = "aud_sub".to_owned()).await;
    let alice = idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    refused(&world.bring(&world.identity("2", "", Value::Null), &[]).await, "nobody");
    for nobody in ["", "alice", "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11", "7"] {
        refused(&world.bring(&world.identity("2", "aud_sub", json!(nobody)), &[]).await, "nobody");
    }
    let known = world.bring(&world.identity("2", "aud_sub", json!(alice)), &[]).await;
    assert_eq!(known.status, StatusCode::OK, "{}", known.body);
}

#[tokio::test]
async fn one_tenant_of_an_issuer_is_trusted() {
    let world = World::start().await;
    world.change(&world.idp, |draft| draft.tenant = "t1".to_owned()).await;
    for tenant in [Value::Null, json!("t2"), json!("T1")] {
        refused(&world.bring(&world.identity("1", "tenant", tenant), &[]).await, "tenant");
    }
    assert_eq!(world.bring(&world.identity("1", "tenant", json!("t1")), &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_trust_that_is_off_and_a_person_who_is_disabled_end_it() {
    let world = World::start().await;
    let tokens = world.bring(&world.identity("1", "", Value::Null), &[]).await.json();
    let token = text(&tokens, "access_token");
    let active = async || world.server.introspect_as("app", token).await["active"] == json!(true);
    assert!(active().await);
    world.change(&world.idp, |draft| draft.enabled = false).await;
    refused(&world.bring(&world.identity("2", "", Value::Null), &[]).await, "not trusted");
    assert!(!active().await, "nobody vouches for it any more");
    world.change(&world.idp, |draft| draft.enabled = true).await;
    assert!(!active().await, "what was given before stays dead");
    let tokens = world.bring(&world.identity("2", "", Value::Null), &[]).await.json();
    let token = text(&tokens, "access_token");
    let active = async || world.server.introspect_as("app", token).await["active"] == json!(true);
    assert!(active().await);
    let alice = world.server.idp.find_user_by_name("alice").await.unwrap().unwrap();
    disable(&world, &alice.subject).await;
    refused(&world.bring(&world.identity("3", "", Value::Null), &[]).await, "nobody");
    assert!(!active().await);
}

async fn disable(world: &World, subject: &Subject) {
    let body = json!({ "enabled": false });
    let answer = world.server.admin("PATCH", &format!("/admin/users/{subject}"), &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn only_the_algorithms_of_the_trust_count() {
    let world = World::start().await;
    world.change(&world.idp, |draft| draft.algs = "RS256\nPS256".to_owned()).await;
    refused(&world.bring(&world.identity("1", "", Value::Null), &[]).await, "algorithm");
    world.change(&world.idp, |draft| draft.algs = "ES256".to_owned()).await;
    assert_eq!(world.bring(&world.identity("1", "", Value::Null), &[]).await.status, StatusCode::OK);
    assert_eq!(world.server.idp.get_trust(&world.idp).await.unwrap().trust.issuer, IDP);
}
