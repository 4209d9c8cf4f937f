//! Client authentication at the token endpoint and its neighbours.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oauth::client::{ClientDraft, ClientKind};

use crate::browser::Answer;
use crate::server::{SECRET, Server, encode};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

/// A server with a machine for each method of authentication.
async fn server() -> Server {
    let server = Server::start().await;
    server
        .create_client(ClientKind::Machine, "poster", |draft, _| {
            draft.token_endpoint_auth_method = "client_secret_post".to_owned();
            draft.scope = "email".to_owned();
        })
        .await;
    server
}

fn refused(answer: &Answer) {
    assert_eq!(answer.error(), (401, "invalid_client".to_owned()), "{}", answer.body);
    assert_eq!(answer.header("www-authenticate"), "Basic realm=\"signet\", charset=\"UTF-8\"");
    assert_eq!(answer.header("cache-control"), "no-store");
}

/// JupyterHub, django-allauth and others send the secret in the body as installed, whatever the client is registered for.
#[tokio::test]
async fn a_secret_proves_the_client_whichever_way_it_travels_at_every_endpoint() {
    let server = server().await;
    let token = crate::server::text(&server.machine_token("email").await.json(), "access_token").to_owned();
    for client in ["job", "poster"] {
        for (path, field) in [("/token", GRANT), ("/introspect", ("token", &token)), ("/revoke", ("token", "x"))] {
            let answer = server.post(path, Some(&format!("{client}:{SECRET}")), &[field]).await;
            assert_eq!(answer.status, StatusCode::OK, "{client} {path}: {}", answer.body);
            let body = [field, ("client_id", client), ("client_secret", SECRET)];
            let answer = server.post(path, None, &body).await;
            assert_eq!(answer.status, StatusCode::OK, "{client} {path}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn the_console_shows_in_which_way_a_secret_came_last() {
    for kind in idp::testing::Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let mut console = server.console().await;
        let page = console.get("/admin/ui/clients/job/credentials").await;
        assert!(!page.body.contains("in the header") && !page.body.contains("in the body"), "{kind:?}");
        let body = [GRANT, ("client_id", "job"), ("client_secret", SECRET)];
        assert_eq!(server.post("/token", None, &body).await.status, StatusCode::OK);
        assert!(console.get("/admin/ui/clients/job/credentials").await.body.contains("in the body"), "{kind:?}");
        let header = server.post("/token", Some(&format!("job:{SECRET}")), &[GRANT]).await;
        assert_eq!(header.status, StatusCode::OK);
        assert!(console.get("/admin/ui/clients/job/credentials").await.body.contains("in the header"), "{kind:?}");
    }
}

#[tokio::test]
async fn a_client_that_cannot_be_believed_gets_401_and_is_told_the_scheme() {
    let server = server().await;
    let header = |auth: &'static str| (Some(auth.to_owned()), vec![GRANT]);
    let body = |fields: &[(&'static str, &'static str)]| (None, [&[GRANT], fields].concat());
    for (auth, fields) in [
        header("nobody:x"),
        header("job:wrong"),
        header("job:"),
        header(":"),
        header("no colon"),
        body(&[]),
        body(&[("client_id", "job")]),
        body(&[("client_id", "poster")]),
        body(&[("client_id", "poster"), ("client_secret", "wrong")]),
        body(&[("client_id", "nobody"), ("client_secret", SECRET)]),
        // A public client sends no secret, by neither method.
        (Some(format!("spa:{SECRET}")), vec![GRANT]),
        body(&[("client_id", "spa"), ("client_secret", SECRET)]),
        body(&[("client_id", "job"), ("client_assertion", "e30.e30.e30"), ("client_assertion_type", "x")]),
    ] {
        refused(&server.post("/token", auth.as_deref(), &fields).await);
    }
}

#[tokio::test]
async fn a_header_that_is_no_basic_is_refused() {
    let server = server().await;
    for header in ["Bearer abc", "Basic", "Basic !!!", "Basic /w==", "Digest x", ""] {
        let request = axum::http::Request::post("/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", header)
            .body(axum::body::Body::from(encode(&[GRANT])))
            .unwrap();
        refused(&server.send(request).await);
    }
}

#[tokio::test]
async fn an_unknown_client_and_a_wrong_secret_look_the_same() {
    let server = server().await;
    let unknown = server.post("/token", Some("nobody:x"), &[GRANT]).await;
    let wrong = server.post("/token", Some("job:x"), &[GRANT]).await;
    assert_eq!(unknown.body, wrong.body);
}

#[tokio::test]
async fn two_proofs_at_once_are_one_too_many() {
    let server = server().await;
    let auth = format!("job:{SECRET}");
    for fields in [
        &[GRANT, ("client_secret", SECRET)][..],
        &[GRANT, ("client_id", "job"), ("client_secret", SECRET)],
        &[GRANT, ("client_id", "poster")],
    ] {
        let answer = server.post("/token", Some(&auth), fields).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{fields:?}");
    }
    let twice = [GRANT, ("client_id", "poster"), ("client_id", "poster"), ("client_secret", SECRET)];
    assert_eq!(server.post("/token", None, &twice).await.error(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn basic_credentials_are_form_decoded_after_the_base64() {
    let server = server().await;
    let secret = "with space+plus%percent:colon&=\"quotes\"";
    let draft = ClientDraft {
        client_id: "special~id".to_owned(),
        client_name: "Special".to_owned(),
        scope: "email".to_owned(),
        ..ClientDraft::preset(ClientKind::Machine)
    };
    server
        .idp
        .create_client(&idp::Actor::admin(), &draft, None, Some(secret), idp::UnknownScopes::Refuse)
        .await
        .unwrap();
    let encoded = oauth::form::Form::from_pairs(vec![(String::new(), secret.to_owned())]).encode();
    let auth = format!("special%7Eid:{}", encoded.trim_start_matches('='));
    let answer = server.post("/token", Some(&auth), &[GRANT]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    // As it is, without the encoding, it holds a percent sign that encodes nothing.
    refused(&server.post("/token", Some(&format!("special~id:{secret}")), &[GRANT]).await);
}

#[tokio::test]
async fn the_neighbours_of_the_token_endpoint_ask_for_the_same_proof() {
    let server = server().await;
    for path in ["/revoke", "/introspect"] {
        refused(&server.post(path, Some("job:wrong"), &[("token", "x")]).await);
        refused(&server.post(path, None, &[("token", "x")]).await);
        let answer = server.post(path, Some(&format!("job:{SECRET}")), &[("token", "x")]).await;
        assert_eq!(answer.status, StatusCode::OK);
        let answer = server.post(path, Some(&format!("job:{SECRET}")), &[]).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()));
    }
}

#[tokio::test]
async fn a_disabled_client_is_as_good_as_unknown() {
    let server = server().await;
    let auth = format!("job:{SECRET}");
    let tokens = server.post("/token", Some(&auth), &[GRANT]).await.json();
    let access_token = crate::server::text(&tokens, "access_token");
    let watcher = |draft: &mut oauth::client::ClientDraft| draft.may_introspect = true;
    server.create_client(oauth::client::ClientKind::Machine, "api", |draft, _| watcher(draft)).await;
    assert_eq!(server.introspect_as("api", access_token).await["active"], true);
    let disabled = server.console().await.post("/admin/ui/clients/job/enabled", &[("enabled", "no")]).await;
    assert_eq!(disabled.status, StatusCode::SEE_OTHER);
    refused(&server.post("/token", Some(&auth), &[GRANT]).await);
    let unknown = server.post("/token", Some("nobody:x"), &[GRANT]).await;
    assert_eq!(server.post("/token", Some(&auth), &[GRANT]).await.body, unknown.body);
    assert_eq!(server.introspect_as("api", access_token).await["active"], false, "and its tokens are dead");
}

#[tokio::test]
async fn a_token_request_is_a_form_and_a_post() {
    let server = server().await;
    let json = axum::http::Request::post("/token")
        .header("content-type", "application/json")
        .header("authorization", format!("Basic {}", STANDARD.encode(format!("job:{SECRET}"))))
        .body(axum::body::Body::from("{\"grant_type\":\"client_credentials\"}"))
        .unwrap();
    assert_eq!(server.send(json).await.error(), (400, "invalid_request".to_owned()));
    assert_eq!(server.browser().get("/token").await.status, StatusCode::METHOD_NOT_ALLOWED);
}
