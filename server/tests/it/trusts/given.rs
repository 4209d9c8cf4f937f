//! Identity assertions that this server gives to servers elsewhere (ID-JAG).

use axum::http::StatusCode;
use idp::testing::Kind;
use oauth::id::TrustId;
use oauth::trust::TrustKind;
use serde_json::{Value, json};

use super::{NOTES, World, add};
use crate::browser::Answer;
use crate::server::{CALLBACK, ISSUER, SECRET, claims, jwt_header, text};

const AUDIENCE: &str = "https://as.example";
const REPORTS: &str = "https://reports.example/mcp";
const FILES: &str = "https://files.example/mcp";
const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

pub(crate) async fn with_audience(world: &World, more: &str) -> TrustId {
    add(&world.server, TrustKind::AuthorizationServer, |draft| {
        draft.issuer = AUDIENCE.into();
        draft.clients = "app app-there".into();
        draft.resources = format!("{REPORTS} read write\n{more}");
    })
    .await
}

/// The ID token of alice, given to `app`.
pub(super) async fn login(world: &World, scope: &str) -> Value {
    let mut browser = world.server.signed_in().await;
    let code = browser.authorize(&[("client_id", "app"), ("scope", scope)]).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    world.server.post("/token", Some(&format!("app:{SECRET}")), &fields).await.json()
}

pub(super) async fn ask(world: &World, id_token: &str, more: &[(&str, &str)]) -> Answer {
    let own = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("requested_token_type", ID_JAG),
        ("subject_token", id_token),
        ("subject_token_type", ID_TOKEN),
    ];
    let audience =
        if more.iter().any(|(name, _)| *name == "audience") { &[][..] } else { &[("audience", AUDIENCE)][..] };
    let fields = [&own[..], audience, more].concat();
    world.server.post("/token", Some(&format!("app:{SECRET}")), &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_is_exchanged_for_an_assertion() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        let trust = with_audience(&world, "").await;
        let tokens = login(&world, "openid email").await;
        let id_token = text(&tokens, "id_token");
        let answer = ask(&world, id_token, &[("scope", "read admin")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{kind:?}: {}", answer.body);
        let given = answer.json();
        assert_eq!((text(&given, "issued_token_type"), text(&given, "token_type")), (ID_JAG, "N_A"));
        assert_eq!((&given["expires_in"], text(&given, "scope")), (&json!(300), "read"));
        assert!(given.get("refresh_token").is_none() && given.get("id_token").is_none());
        let assertion = text(&given, "access_token");
        assert_eq!(jwt_header(assertion)["typ"], "oauth-id-jag+jwt");
        let (said, login) = (claims(assertion), claims(id_token));
        for (name, value) in [
            ("iss", json!(ISSUER)),
            ("aud", json!(AUDIENCE)),
            ("client_id", json!("app-there")),
            ("sub", login["sub"].clone()),
            ("resource", json!(REPORTS)),
            ("scope", json!("read")),
            ("auth_time", login["auth_time"].clone()),
            ("acr", login["acr"].clone()),
        ] {
            assert_eq!(said[name], value, "{kind:?} {name}");
        }
        assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 300);
        assert!(said["jti"].is_string() && said.get("email").is_none());
        // It is no token of this server, and nothing here takes it for one.
        assert_eq!(world.server.userinfo(assertion).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(world.server.introspect_as("app", assertion).await, json!({ "active": false }));
        assert_eq!(ask(&world, assertion, &[]).await.error(), (400, "invalid_grant".to_owned()));
        assert!(world.server.idp.find_id_token(assertion).is_none());

        world.change(&trust, |draft| draft.shares_email = true).await;
        let said = claims(text(&ask(&world, id_token, &[]).await.json(), "access_token"));
        assert_eq!((&said["email"], &said["email_verified"]), (&json!("alice@example.com"), &json!(true)));
        assert_eq!(said["scope"], "read write", "who asks for nothing gets what the administrator wrote down");
    }
}

#[tokio::test]
async fn whom_what_and_where_is_written_down_and_nothing_else_is_asserted() {
    let world = World::start().await;
    let tokens = login(&world, "openid").await;
    let id_token = text(&tokens, "id_token");
    let error = async |more: &[(&str, &str)]| ask(&world, id_token, more).await.error().1;
    assert_eq!(error(&[]).await, "invalid_target", "nobody takes assertions of this server yet");
    let trust = with_audience(&world, &format!("{FILES} see")).await;
    assert_eq!(error(&[]).await, "invalid_target", "there are two resources");
    assert_eq!(error(&[("resource", NOTES)]).await, "invalid_target");
    assert_eq!(error(&[("resource", REPORTS), ("scope", "see")]).await, "invalid_scope");
    assert_eq!(error(&[("audience", "https://as.example/"), ("resource", REPORTS)]).await, "invalid_target");
    assert_eq!(error(&[("audience", ISSUER), ("resource", NOTES)]).await, "invalid_target");
    assert_eq!(error(&[("audience", ""), ("resource", REPORTS)]).await, "invalid_request");
    let both = ask(&world, id_token, &[("resource", REPORTS), ("resource", "https://FILES.example/mcp")]).await.json();
    assert_eq!(claims(text(&both, "access_token"))["resource"], json!([REPORTS, FILES]));
    let resource = [("resource", REPORTS)];
    world.change(&trust, |draft| draft.groups = "staff".to_owned()).await;
    assert_eq!(error(&resource).await, "access_denied");
    let alice = world.server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let groups = json!({ "claims": { "groups": ["dev", "staff"] } });
    let answer = world.server.admin("PATCH", &format!("/admin/users/{alice}"), &groups).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(ask(&world, id_token, &resource).await.status, StatusCode::OK);
    world.change(&trust, |draft| draft.clients = "deploy".to_owned()).await;
    assert_eq!(error(&resource).await, "access_denied", "another client");
    world.change(&trust, |draft| draft.clients = "app\ndeploy".to_owned()).await;
    world.change(&trust, |draft| draft.enabled = false).await;
    assert_eq!(error(&resource).await, "invalid_target");
}

#[tokio::test]
async fn only_a_login_that_is_good_now_is_asserted() {
    let world = World::start().await;
    with_audience(&world, "").await;
    let refused = (400, "invalid_grant".to_owned());
    let tokens = login(&world, "openid").await;
    let id_token = text(&tokens, "id_token");
    let other = world.server.tokens("openid").await;
    assert_eq!(ask(&world, text(&other, "id_token"), &[]).await.error(), refused, "it was given to another client");
    assert_eq!(ask(&world, text(&tokens, "access_token"), &[]).await.error(), refused);
    assert_eq!(ask(&world, "a.b.c", &[]).await.error(), refused);
    assert_eq!(ask(&world, id_token, &[]).await.status, StatusCode::OK);
    let nobody = [("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"), ("client_id", "app")];
    assert_eq!(world.server.post("/token", None, &nobody).await.error(), (401, "invalid_client".to_owned()));
    // Revoked with its refresh token.
    world.server.post("/revoke", Some(&format!("app:{SECRET}")), &[("token", text(&tokens, "refresh_token"))]).await;
    assert_eq!(ask(&world, id_token, &[]).await.error(), refused);
    // The session is over; one that goes on without it, stays.
    for (scope, good) in [("openid", false), ("openid offline_access", true)] {
        let mut browser = world.server.signed_in().await;
        let code = browser.authorize(&[("client_id", "app"), ("scope", scope), ("prompt", "consent")]).await;
        let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
        let tokens = world.server.post("/token", Some(&format!("app:{SECRET}")), &fields).await.json();
        let id_token = text(&tokens, "id_token");
        assert_eq!(ask(&world, id_token, &[]).await.status, StatusCode::OK, "{scope}");
        browser.get("/logout").await;
        assert_eq!(ask(&world, id_token, &[]).await.status == StatusCode::OK, good, "{scope}");
    }
    let late = login(&world, "openid").await;
    world.server.clock.advance(3_601);
    assert_eq!(ask(&world, text(&late, "id_token"), &[]).await.error(), refused, "it has expired");
}

/// One server takes the assertions of another one.
#[tokio::test]
async fn two_servers_understand_each_other() {
    let world = World::start().await;
    add(&world.server, TrustKind::AuthorizationServer, |draft| {
        draft.issuer = "https://there.example".into();
        draft.clients = "app".into();
        draft.resources = format!("{NOTES} read write");
        draft.shares_email = true;
    })
    .await;
    let there = World::of(crate::server::Server::start_at("https://there.example").await).await;
    let request = axum::http::Request::get("/.well-known/jwks.json").body(axum::body::Body::empty());
    let keys = world.server.send(request.unwrap()).await.json();
    add(&there.server, TrustKind::IdentityProvider, |draft| {
        draft.issuer = ISSUER.into();
        draft.jwks = keys.to_string();
        draft.accounts = "verified_email".into();
    })
    .await;
    let tokens = login(&world, "openid").await;
    let more = [("audience", "https://there.example"), ("scope", "write")];
    let given = ask(&world, text(&tokens, "id_token"), &more).await.json();
    let taken = there.bring(text(&given, "access_token"), &[]).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    let taken = taken.json();
    assert_eq!(text(&taken, "scope"), "write");
    let alice = there.server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let token = claims(text(&taken, "access_token"));
    assert_eq!(
        (&token["sub"], &token["aud"], &token["iss"]),
        (&json!(alice), &json!(NOTES), &json!("https://there.example"))
    );
}
