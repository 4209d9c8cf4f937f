//! Access tokens that are bound to a key, by every grant and of either format.

use axum::http::{Method, StatusCode};
use oauth::client::ClientKind;
use serde_json::json;

use super::{Holder, MACHINE, access, code_for_app, refused, unseen};
use crate::registration::{call, register, set_policy};
use crate::server::{CALLBACK, SECRET, Server, VERIFIER, claims, text};

crate::concurrency::on_every_database!(
    a_token_says_which_key_it_is_bound_to,
    what_a_client_must_prove_it_must_always_prove
);

async fn a_token_says_which_key_it_is_bound_to(server: Server) {
    let holder = Holder::new();
    let mut given = Vec::new();
    server.with_app("opaque").await;
    given.push(server.bound_tokens(&holder).await);
    server.set_policy("app", &json!({ "token_format": "jwt" })).await;
    given.push(server.bound_tokens(&holder).await);
    let cnf = json!({ "jkt": holder.jkt() });
    assert_eq!(claims(access(&given[1]))["cnf"], cnf);
    let job = server.job(Some(&holder.proof(&server))).await.json();
    let plain = server.job(None).await.json();
    assert_eq!((&job["token_type"], &plain["token_type"]), (&json!("DPoP"), &json!("Bearer")));
    server.create_client(ClientKind::Web, "api", |draft, _| draft.may_introspect = true).await;
    let server = server.restart().await;
    for tokens in given.iter().chain([&job]) {
        let seen = server.introspect_as("api", access(tokens)).await;
        assert_eq!((&seen["token_type"], &seen["cnf"]), (&json!("DPoP"), &cnf), "{seen}");
    }
    let seen = server.introspect_as("api", access(&plain)).await;
    assert_eq!((&seen["token_type"], seen.get("cnf")), (&json!("Bearer"), None), "{seen}");
    for tokens in &given {
        assert_eq!(server.userinfo_of(&holder, access(tokens)).await.status, StatusCode::OK);
        unseen(&server.userinfo(access(tokens)).await, "DPoP", "invalid_token");
        // Nobody needs a key to give a token up.
        let fields = [("client_id", "app"), ("token", access(tokens))];
        assert_eq!(server.post("/revoke", None, &fields).await.status, StatusCode::OK);
        unseen(&server.userinfo_of(&holder, access(tokens)).await, "DPoP", "invalid_token");
    }
}

/// `ensure-holder-of-key-required`.
async fn what_a_client_must_prove_it_must_always_prove(server: Server) {
    server.with_app("").await;
    let web = format!("web:{SECRET}");
    let holder = Holder::new();
    let code = code_for_app(&mut server.signed_in().await, &[]).await;
    let tokens = server.tokens("openid offline_access").await;
    for client in ["web", "app", "job"] {
        let (path, change) = (format!("/admin/clients/{client}"), json!({ "dpop_bound_access_tokens": true }));
        server.admin("PATCH", &path, &change).await;
        let answer = server.admin("GET", &path, &json!({})).await;
        assert_eq!(answer.json()["dpop_bound_access_tokens"], true, "{}", answer.body);
    }
    let fresh = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    let unproven = [
        server.redeem_app(None, &code).await,
        server.prove("/token", Some(&web), None, &fresh).await,
        server.job(None).await,
    ];
    for answer in unproven {
        refused(&answer, "invalid_dpop_proof");
        assert!(answer.body.contains("no DPoP header"), "{}", answer.body);
    }
    // Nothing was spent.
    let proven = [
        server.redeem_app(Some(&holder.proof(&server)), &code).await,
        server.prove("/token", Some(&web), Some(&holder.proof(&server)), &fresh).await,
        server.job(Some(&holder.proof(&server))).await,
    ];
    for answer in proven {
        assert_eq!(answer.json()["token_type"], "DPoP", "{}", answer.body);
    }
    // A person signs in as before: the proof is for tokens.
    let code = server.signed_in().await.authorize(&[]).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let answer = server.prove("/token", Some(&web), Some(&holder.proof(&server)), &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn a_device_proves_its_key_when_it_gets_tokens() {
    let server = Server::start().await;
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    server
        .create_client(ClientKind::Native, "app", |draft, _| {
            draft.grant_types = vec![grant.to_owned(), "refresh_token".to_owned()];
            draft.redirect_uris = String::new();
        })
        .await;
    let holder = Holder::new();
    let fields = [("client_id", "app"), ("scope", "openid offline_access")];
    let device = server.post("/device_authorization", None, &fields).await.json();
    let poll = [("grant_type", grant), ("device_code", text(&device, "device_code"))];
    let proof = holder.proof(&server);
    refused(&server.app(Some(&proof), &poll).await, "authorization_pending");
    let mut browser = server.signed_in().await;
    let page = browser.post("/device", &[("user_code", text(&device, "user_code"))]).await;
    assert_eq!(browser.press(&page, "yes").await.location(), "/device?done=allowed");
    server.clock.advance(5);
    // A poll that got nothing spent nothing.
    let tokens = server.app(Some(&proof), &poll).await;
    assert_eq!(tokens.json()["token_type"], "DPoP", "{}", tokens.body);
    assert_eq!(server.userinfo_of(&holder, access(&tokens.json())).await.status, StatusCode::OK);
    let refresh = text(&tokens.json(), "refresh_token").to_owned();
    refused(&server.refresh_app(None, &refresh).await, "invalid_grant");
    assert_eq!(server.refresh_app(Some(&holder.proof(&server)), &refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_for_a_resource_is_bound_too() {
    let server = Server::start().await;
    server
        .admin("POST", "/admin/resources", &json!({ "identifier": "https://notes.example/mcp", "name": "Notes" }))
        .await;
    let holder = Holder::new();
    let fields = [("grant_type", "client_credentials"), ("resource", "https://notes.example/mcp")];
    for format in ["jwt", "opaque"] {
        server.set_policy("job", &json!({ "token_format": format })).await;
        let proof = holder.proof(&server);
        let answer = server.prove("/token", Some(&format!("job:{SECRET}")), Some(&proof), &fields).await;
        let seen = server.introspect_as("job", access(&answer.json())).await;
        assert_eq!(
            (&seen["aud"], &seen["cnf"]["jkt"]),
            (&json!("https://notes.example/mcp"), &json!(holder.jkt())),
            "{seen}"
        );
    }
}

#[tokio::test]
async fn a_client_says_itself_that_its_tokens_are_bound() {
    let server = Server::start().await;
    set_policy(&server, "open").await;
    let metadata = json!({
        "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none", "dpop_bound_access_tokens": true,
    });
    let registered = register(&server, &metadata).await;
    assert_eq!(registered["dpop_bound_access_tokens"], true, "{registered}");
    let client_id = text(&registered, "client_id");
    let code = code_for_app(&mut server.signed_in().await, &[("client_id", client_id), ("scope", "openid")]).await;
    let fields = [
        ("client_id", client_id),
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    refused(&server.post("/token", None, &fields).await, "invalid_dpop_proof");
    let proof = Holder::new().proof(&server);
    let answer = server.prove("/token", None, Some(&proof), &fields).await;
    assert_eq!(answer.json()["token_type"], "DPoP", "{}", answer.body);
    let odd = json!({ "redirect_uris": [CALLBACK], "dpop_bound_access_tokens": "yes" }).to_string();
    refused(&call(&server, Method::POST, "/register", None, &odd).await, "invalid_client_metadata");
    // The form of an administrator has it, too.
    let mut console = server.console().await;
    let address = "/admin/ui/clients/web/settings";
    let form = console.get(address).await;
    assert!(form.body.contains("Requires a proof of its key"), "{}", form.body);
    let version = form.field("version");
    let fields = [
        ("client_name", "Web"),
        ("kind", "web"),
        ("enabled", "on"),
        ("redirect_uris", CALLBACK),
        ("grant_types", "authorization_code"),
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("scope", "openid"),
        ("id_token_signed_response_alg", "RS256"),
        ("dpop_bound_access_tokens", "on"),
        ("version", &version),
    ];
    let saved = console.post(address, &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    refused(&server.token(&[("grant_type", "authorization_code"), ("code", "x")]).await, "invalid_dpop_proof");
    assert_eq!(server.prove("/token", Some(&format!("job:{SECRET}")), None, &MACHINE).await.status, StatusCode::OK);
}
