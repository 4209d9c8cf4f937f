//! Access tokens that are exchanged for others (RFC 8693).

use axum::http::StatusCode;
use idp::testing::Kind;
use oauth::client::{ClientKind, GrantType};
use serde_json::{Value, json};

use super::{MAPS, NOTES, World};
use crate::browser::Answer;
use crate::server::{SECRET, Server, claims, text};

pub(super) const EXCHANGE: (&str, &str) = ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
pub(super) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The answer to `client` about a token.
pub(super) async fn exchange(server: &Server, client: &str, token: &str, more: &[(&str, &str)]) -> Answer {
    let fields = [&[EXCHANGE, ("subject_token", token), ("subject_token_type", ACCESS_TOKEN)], more].concat();
    server.post("/token", Some(&format!("{client}:{SECRET}")), &fields).await
}

pub(super) async fn change_resource(server: &Server, identifier: &str, change: &Value) {
    let all = server.admin("GET", "/admin/resources", &json!({})).await.json();
    let found = all.as_array().unwrap().iter().find(|it| it["identifier"] == identifier).unwrap();
    let path = format!("/admin/resources/{}", text(found, "id"));
    let answer = server.admin("PATCH", &path, change).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

/// The server behind `NOTES` is the client `deploy`, and may call `MAPS` for people.
pub(crate) async fn let_notes_call_maps(server: &Server) {
    change_resource(server, NOTES, &json!({ "exchanged_by": ["deploy"] })).await;
    change_resource(server, MAPS, &json!({ "allowed_clients": ["deploy", "app"] })).await;
}

/// A token of alice for `NOTES`, given to `app`.
pub(super) async fn token(world: &World) -> Value {
    let mut browser = world.server.signed_in().await;
    let code = browser.authorize(&[("client_id", "app"), ("scope", "read write"), ("resource", NOTES)]).await;
    let fields =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", crate::server::CALLBACK)];
    let answer = world.server.post("/token", Some(&format!("app:{SECRET}")), &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_acts_for_the_same_person_at_another_one() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        let_notes_call_maps(&world.server).await;
        let tokens = token(&world).await;
        let shown = text(&tokens, "access_token");
        world.server.clock.advance(600);
        let answer = exchange(&world.server, "deploy", shown, &[("resource", MAPS), ("scope", "see openid")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{kind:?}: {}", answer.body);
        let given = answer.json();
        assert_eq!(text(&given, "issued_token_type"), ACCESS_TOKEN);
        assert_eq!((text(&given, "token_type"), text(&given, "scope")), ("Bearer", "see"));
        assert_eq!(given["expires_in"], 3_000, "no longer than the token that was exchanged");
        assert!(given.get("refresh_token").is_none() && given.get("id_token").is_none());
        let (before, after) = (claims(shown), claims(text(&given, "access_token")));
        assert_eq!(
            (&after["sub"], &after["aud"], &after["client_id"]),
            (&before["sub"], &json!(MAPS), &json!("deploy"))
        );
        assert_eq!(after["act"], json!({ "sub": "deploy" }));
        assert_eq!((&after["auth_time"], &after["exp"]), (&before["auth_time"], &before["exp"]));
        let seen = world.server.introspect_as("deploy", text(&given, "access_token")).await;
        assert_eq!((&seen["active"], &seen["act"]), (&json!(true), &json!({ "sub": "deploy" })), "{kind:?}");

        // What it came from takes it with it.
        let fields = [("token", text(&tokens, "refresh_token"))];
        world.server.post("/revoke", Some(&format!("app:{SECRET}")), &fields).await;
        let seen = world.server.introspect_as("deploy", text(&given, "access_token")).await;
        assert_eq!(seen, json!({ "active": false }), "{kind:?}");
        let late = exchange(&world.server, "deploy", shown, &[("resource", MAPS)]).await;
        assert_eq!(late.error(), (400, "invalid_grant".to_owned()));
    }
}

#[tokio::test]
async fn nobody_exchanges_what_the_administrator_did_not_let_them() {
    let world = World::start().await;
    let tokens = token(&world).await;
    let shown = text(&tokens, "access_token");
    let to_maps = [("resource", MAPS), ("scope", "see")];
    let refusal =
        async |client: &str, more: &[(&str, &str)]| exchange(&world.server, client, shown, more).await.error();
    let grant = (400, "invalid_grant".to_owned());
    let target = (400, "invalid_target".to_owned());
    assert_eq!(refusal("deploy", &to_maps).await, grant, "the resource lists nobody");
    change_resource(&world.server, NOTES, &json!({ "exchanged_by": ["deploy"] })).await;
    assert_eq!(refusal("deploy", &to_maps).await, target, "every client may ask for MAPS, which is not enough here");
    change_resource(&world.server, MAPS, &json!({ "allowed_clients": ["app"] })).await;
    assert_eq!(refusal("deploy", &to_maps).await, target);
    change_resource(&world.server, MAPS, &json!({ "allowed_clients": ["deploy", "app"] })).await;
    assert_eq!(refusal("deploy", &[]).await, target, "it must say for whom");
    assert_eq!(refusal("deploy", &[("audience", "maps")]).await, target);
    assert_eq!(refusal("deploy", &[("resource", MAPS), ("scope", "write")]).await.1, "invalid_scope");
    assert_eq!(refusal("deploy", &[("resource", MAPS), ("actor_token", "x")]).await.1, "invalid_request");
    for kind in ["urn:ietf:params:oauth:token-type:refresh_token", "urn:ietf:params:oauth:token-type:id_token", "x"] {
        let fields = [EXCHANGE, ("subject_token", shown), ("subject_token_type", kind), ("resource", MAPS)];
        let answer = world.server.post("/token", Some(&format!("deploy:{SECRET}")), &fields).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{kind}");
    }
    for wanted in ["urn:ietf:params:oauth:token-type:refresh_token", "urn:ietf:params:oauth:token-type:id_token", "x"] {
        assert_eq!(
            refusal("deploy", &[("resource", MAPS), ("requested_token_type", wanted)]).await.1,
            "invalid_request"
        );
    }
    assert_eq!(exchange(&world.server, "deploy", "nothing", &to_maps).await.error(), grant);
    assert_eq!(exchange(&world.server, "deploy", text(&tokens, "refresh_token"), &to_maps).await.error(), grant);
    assert_eq!(refusal("web", &to_maps).await.1, "unauthorized_client");
    // By the other name of a resource, with what it gives to everybody: nothing.
    let good = exchange(&world.server, "deploy", shown, &[("audience", MAPS), ("scope", "see")]).await;
    assert_eq!(good.status, StatusCode::OK, "{}", good.body);
}

#[tokio::test]
async fn a_client_narrows_its_own_token() {
    let world = World::start().await;
    let tokens = token(&world).await;
    let shown = text(&tokens, "access_token");
    let narrow = exchange(&world.server, "app", shown, &[("scope", "read more")]).await;
    assert_eq!(narrow.status, StatusCode::OK, "{}", narrow.body);
    let given = narrow.json();
    assert_eq!(text(&given, "scope"), "read");
    let after = claims(text(&given, "access_token"));
    assert_eq!((&after["aud"], after.get("act")), (&json!(NOTES), None), "nobody else acts");
    for more in [[("scope", "more")], [("scope", "see")]] {
        let refused = exchange(&world.server, "app", text(&given, "access_token"), &more).await;
        assert_eq!(refused.error(), (400, "invalid_scope".to_owned()));
    }
    let wider = exchange(&world.server, "app", text(&given, "access_token"), &[("scope", "read write")]).await;
    assert_eq!(text(&wider.json(), "scope"), "read", "what is gone does not come back");
    let elsewhere = exchange(&world.server, "app", shown, &[("resource", MAPS)]).await;
    assert_eq!(elsewhere.error(), (400, "invalid_target".to_owned()));
}

#[tokio::test]
async fn each_who_acts_for_another_is_named_and_there_are_not_too_many() {
    let world = World::start().await;
    let both = json!({ "exchanged_by": ["deploy", "next"], "allowed_clients": ["app", "deploy", "next"] });
    world
        .server
        .create_client(ClientKind::Machine, "next", |draft, _| {
            draft.grant_types.push(GrantType::TokenExchange.to_string())
        })
        .await;
    change_resource(&world.server, NOTES, &both).await;
    change_resource(&world.server, MAPS, &both).await;
    let mut shown = text(&token(&world).await, "access_token").to_owned();
    for (client, resource, scope) in
        [("deploy", MAPS, "see"), ("next", NOTES, "read"), ("deploy", MAPS, "see"), ("next", NOTES, "read")]
    {
        let answer = exchange(&world.server, client, &shown, &[("resource", resource), ("scope", scope)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        shown = text(&answer.json(), "access_token").to_owned();
    }
    let chain = json!({"sub": "next", "act": {"sub": "deploy", "act": {"sub": "next", "act": {"sub": "deploy"}}}});
    assert_eq!(claims(&shown)["act"], chain);
    let last = exchange(&world.server, "deploy", &shown, &[("resource", MAPS), ("scope", "see")]).await;
    assert_eq!(last.error(), (400, "invalid_request".to_owned()), "{}", last.body);
    // The first of them is disabled: nobody acts any more.
    let body = json!({ "enabled": false });
    world.server.admin("PATCH", "/admin/clients/app", &body).await;
    assert_eq!(world.server.introspect_as("next", &shown).await, json!({ "active": false }));
}

/// A token that no resource takes any more is exchanged for nothing.
#[tokio::test]
async fn a_token_that_must_be_bound_by_now_and_is_not_is_no_good() {
    let world = World::start().await;
    let_notes_call_maps(&world.server).await;
    let tokens = token(&world).await;
    let shown = text(&tokens, "access_token");
    let bound = json!({ "dpop_bound_access_tokens": true });
    assert_eq!(world.server.admin("PATCH", "/admin/clients/app", &bound).await.status, StatusCode::OK);
    assert_eq!(world.server.introspect_as("deploy", shown).await, json!({ "active": false }));
    let refused = exchange(&world.server, "deploy", shown, &[("resource", MAPS)]).await;
    assert_eq!(refused.error(), (400, "invalid_grant".to_owned()));
}
