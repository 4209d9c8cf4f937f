//! Attacks, each of which was possible once.

use axum::http::StatusCode;
use idp::testing::Kind;
use idp::{Actor, SaveError};
use oauth::client::{ClientKind, GrantType};
use oauth::id::ClientId;
use oauth::resource::{ResourceDraft, ResourceScopeDraft};
use oauth::trust::{TrustDraft, TrustKind};
use serde_json::{Value, json};

use super::exchange::{change_resource, exchange, let_notes_call_maps, token};
use super::given::{ask, login, with_audience};
use super::{MAPS, NOTES, World, add, refused};
use crate::assertion::Key;
use crate::browser::Browser;
use crate::server::{SECRET, claims, text};

#[tokio::test]
async fn a_narrowed_token_opens_what_was_agreed_to_and_no_more() {
    let world = World::start().await;
    let scope = json!({ "name": "crm", "claims": ["email"] });
    assert_eq!(world.server.admin("POST", "/admin/scopes", &scope).await.status, StatusCode::OK);
    world.server.admin("PATCH", "/admin/clients/app", &json!({ "scope": "openid crm" })).await;
    let tokens = login(&world, "openid crm").await;
    let widened = json!({ "name": "crm", "claims": ["email", "phone_number"] });
    world.server.admin("POST", "/admin/scopes", &widened).await;
    let given = exchange(&world.server, "app", text(&tokens, "access_token"), &[]).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.body);
    let told = world.server.userinfo(text(&given.json(), "access_token")).await.json();
    assert_eq!((told.get("phone_number"), told["email"].is_string()), (None, true), "{told}");
}

#[tokio::test]
async fn what_was_exchanged_keeps_no_login_alive() {
    let world = World::start().await;
    with_audience(&world, "").await;
    let tokens = login(&world, "openid offline_access").await;
    let (access, id_token) = (text(&tokens, "access_token"), text(&tokens, "id_token"));
    assert_eq!(exchange(&world.server, "app", access, &[]).await.status, StatusCode::OK);
    assert_eq!(ask(&world, id_token, &[]).await.status, StatusCode::OK);
    world.server.post("/revoke", Some(&format!("app:{SECRET}")), &[("token", text(&tokens, "refresh_token"))]).await;
    assert_eq!(ask(&world, id_token, &[]).await.error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_token_about_nobody_makes_nobody_else() {
    let world = World::start().await;
    change_resource(&world.server, NOTES, &json!({ "exchanged_by": ["app"] })).await;
    change_resource(&world.server, MAPS, &json!({ "allowed_clients": ["app"] })).await;
    let machine = world.say(&world.workload("1", "", Value::Null), &[("resource", NOTES)]).await.json();
    let taken =
        exchange(&world.server, "app", text(&machine, "access_token"), &[("resource", MAPS), ("scope", "see")]).await;
    assert_eq!(taken.error(), (400, "invalid_grant".to_owned()), "{}", taken.body);
}

#[tokio::test]
async fn a_chain_of_narrowings_does_not_grow_and_stays_at_its_resource() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    let request = Browser::request(&[("client_id", "app"), ("scope", "read see"), ("resource", NOTES)]);
    let page = browser.get(&format!("{request}&resource={MAPS}")).await;
    let code = browser.press(&page, "yes").await.query().text("code");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", crate::server::CALLBACK),
        ("resource", NOTES),
    ];
    let first = world.server.post("/token", Some(&format!("app:{SECRET}")), &fields).await.json();
    let mut shown = text(&first, "access_token").to_owned();
    assert_eq!(claims(&shown)["aud"], NOTES);
    let elsewhere = exchange(&world.server, "app", &shown, &[("resource", MAPS)]).await;
    assert_eq!(elsewhere.error(), (400, "invalid_target".to_owned()), "the token is for one of the two");
    for _ in 0..40 {
        let next = exchange(&world.server, "app", &shown, &[]).await;
        assert_eq!(next.status, StatusCode::OK, "{}", next.body);
        shown = text(&next.json(), "access_token").to_owned();
    }
    assert_eq!(world.server.introspect_as("app", &shown).await["active"], true);
    world.server.post("/revoke", Some(&format!("app:{SECRET}")), &[("token", text(&first, "refresh_token"))]).await;
    assert_eq!(world.server.introspect_as("app", &shown).await["active"], false);
}

#[tokio::test]
async fn what_an_exchange_stands_on_is_asked_at_every_look() {
    for change in [
        json!({ "resource": NOTES, "exchanged_by": [] }),
        json!({ "resource": NOTES, "status": "disabled" }),
        json!({ "resource": MAPS, "allowed_clients": ["app"] }),
        json!({ "resource": MAPS, "status": "disabled" }),
    ] {
        let world = World::start().await;
        let_notes_call_maps(&world.server).await;
        let tokens = token(&world).await;
        let to_maps = [("resource", MAPS), ("scope", "see")];
        let given = exchange(&world.server, "deploy", text(&tokens, "access_token"), &to_maps).await.json();
        let active =
            async || world.server.introspect_as("deploy", text(&given, "access_token")).await["active"] == json!(true);
        assert!(active().await);
        change_resource(&world.server, text(&change, "resource"), &change).await;
        assert!(!active().await, "{change}");
    }
}

#[tokio::test]
async fn a_trust_ends_whatever_became_of_what_it_names() {
    let world = World::start().await;
    world
        .server
        .create_client(ClientKind::Machine, "two", |draft, _| draft.grant_types.push(GrantType::JwtBearer.to_string()))
        .await;
    world.change(&world.ci, |draft| draft.rules.push_str("\ntwo repository=acme/two")).await;
    let plain = json!({ "grant_types": ["client_credentials"] });
    assert_eq!(world.server.admin("PATCH", "/admin/clients/two", &plain).await.status, StatusCode::OK);
    world.change(&world.ci, |draft| draft.enabled = false).await;
    // It is switched on with what can make use of it.
    let mut draft = TrustDraft::from(&world.server.idp.get_trust(&world.ci).await.unwrap().trust);
    draft.enabled = true;
    let refused = world.server.idp.update_trust(&Actor::admin(), &world.ci, None, &draft).await.unwrap_err();
    assert!(
        matches!(&refused, SaveError::Invalid(errors) if errors.iter().any(|(field, _)| field == "rules")),
        "{refused:?}"
    );
    let fit = json!({ "grant_types": ["client_credentials", GrantType::JwtBearer] });
    assert_eq!(world.server.admin("PATCH", "/admin/clients/two", &fit).await.status, StatusCode::OK);
    world.change(&world.ci, |draft| draft.enabled = true).await;
    // The client goes, and the next one of its name has nothing of it.
    let admin = Actor::admin();
    world.server.idp.delete_client(&admin, &ClientId::new("deploy")).await.unwrap();
    let rules = TrustDraft::from(&world.server.idp.get_trust(&world.ci).await.unwrap().trust).rules;
    assert_eq!(rules, "two repository=acme/two");
    world.server.idp.delete_client(&admin, &ClientId::new("two")).await.unwrap();
    assert!(!world.server.idp.get_trust(&world.ci).await.unwrap().trust.enabled, "it is about nobody");
}

#[tokio::test]
async fn the_next_client_of_a_name_inherits_no_resource() {
    let world = World::start().await;
    let_notes_call_maps(&world.server).await;
    let tokens = token(&world).await;
    let again = async || {
        world.server.idp.delete_client(&Actor::admin(), &ClientId::new("deploy")).await.unwrap();
        world
            .server
            .create_client(ClientKind::Machine, "deploy", |draft, _| {
                draft.grant_types.push(GrantType::TokenExchange.to_string())
            })
            .await;
    };
    again().await;
    let shown = text(&tokens, "access_token");
    let taken = exchange(&world.server, "deploy", shown, &[("resource", MAPS), ("scope", "see")]).await;
    assert_eq!(taken.error(), (400, "invalid_grant".to_owned()), "{}", taken.body);
    // One that was for nobody else is not for everybody then.
    change_resource(&world.server, MAPS, &json!({ "allowed_clients": ["deploy"] })).await;
    again().await;
    let all = world.server.admin("GET", "/admin/resources", &json!({})).await.json();
    let maps = all.as_array().unwrap().iter().find(|it| it["identifier"] == MAPS).unwrap();
    assert_eq!(text(maps, "status"), "disabled");
}

#[tokio::test]
async fn a_trust_keeps_its_issuer_and_what_was_spent_stays_spent() {
    let world = World::start().await;
    let mut draft = TrustDraft::from(&world.server.idp.get_trust(&world.idp).await.unwrap().trust);
    draft.issuer = "https://other.example".to_owned();
    assert!(world.server.idp.update_trust(&Actor::admin(), &world.idp, None, &draft).await.is_err());
    let assertion = world.identity("1", "", Value::Null);
    assert_eq!(world.bring(&assertion, &[]).await.status, StatusCode::OK);
    // The same person of another tenant is somebody else.
    world.change(&world.idp, |draft| (draft.tenant, draft.accounts) = ("t2".to_owned(), "linked".to_owned())).await;
    refused(&world.bring(&world.identity("2", "tenant", json!("t2")), &[]).await, "nobody");
    world.server.idp.delete_trust(&Actor::admin(), &world.idp).await.unwrap();
    add(&world.server, TrustKind::IdentityProvider, |draft| {
        draft.issuer = super::IDP.into();
        draft.jwks = world.key.set().to_string();
        draft.accounts = "verified_email".into();
    })
    .await;
    refused(&world.bring(&assertion, &[]).await, "used before");
}

#[tokio::test]
async fn the_keys_of_before_vouch_for_nobody_any_more() {
    let world = World::start().await;
    let tokens = world.bring(&world.identity("1", "", Value::Null), &[]).await.json();
    let active =
        async || world.server.introspect_as("app", text(&tokens, "access_token")).await["active"] == json!(true);
    assert!(active().await);
    world.change(&world.idp, |draft| draft.name = "Another name".to_owned()).await;
    assert!(active().await, "a name vouches for nothing");
    world.change(&world.idp, |draft| draft.jwks = Key::new("new").set().to_string()).await;
    assert!(!active().await);
}

#[tokio::test]
async fn of_several_rules_that_of_the_client_counts() {
    let world = World::start().await;
    world
        .server
        .create_client(ClientKind::Machine, "two", |draft, _| {
            draft.scope.clear();
            draft.grant_types.push(GrantType::JwtBearer.to_string());
        })
        .await;
    world.change(&world.ci, |draft| draft.rules.push_str("\ntwo repository=acme/shop")).await;
    let assertion = world.workload("1", "", Value::Null);
    let fields = [super::JWT_BEARER, ("assertion", assertion.as_str()), ("resource", NOTES)];
    let answer = world.server.post("/token", Some(&format!("two:{SECRET}")), &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(claims(text(&answer.json(), "access_token"))["sub"], "two");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_are_no_failure_on_any_database() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        let scope = |number| ResourceScopeDraft {
            name: format!("scope-{number}-{}", "x".repeat(60)),
            default: true,
            ..Default::default()
        };
        let mut asked = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
        for number in 0..16 {
            let draft = ResourceDraft {
                identifier: format!("https://r{number}.example"),
                name: "R".into(),
                scopes: (0..100).map(scope).collect(),
                ..ResourceDraft::preset()
            };
            world.server.idp.create_resource(&Actor::admin(), &draft).await.unwrap();
            asked.push(("resource".to_owned(), draft.identifier));
        }
        let asked: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = world.server.post("/token", Some(&format!("deploy:{SECRET}")), &asked).await;
        assert_eq!(answer.status, StatusCode::OK, "{kind:?}: {}", answer.body);
        let rules: Vec<String> = (0..1_500).map(|number| format!("deploy a={number}")).collect();
        let body = json!({ "kind": "workload_issuer", "issuer": "https://many.example", "rules": rules });
        let made = world.server.admin("POST", "/admin/trusts", &body).await;
        assert!(matches!(made.status, StatusCode::CREATED | StatusCode::BAD_REQUEST), "{kind:?}: {}", made.body);
    }
}
