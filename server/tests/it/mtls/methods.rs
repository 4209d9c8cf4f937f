//! `tls_client_auth` and `self_signed_tls_client_auth` (RFC 8705 §2).

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use idp::testing::certificate::TestCertificate;
use idp::testing::site::{Authority, Reply, TestSite};
use oauth::client::{ClientDraft, ClientKind};
use serde_json::{Value, json};

use super::{Peer, SETTINGS, STRANGER, refused};
use crate::server::{ADMIN_TOKEN, SECRET, Server};

async fn add(server: &Server, id: &str, method: &str, change: impl FnOnce(&mut ClientDraft)) {
    server
        .create_client(ClientKind::Machine, id, |draft, _| {
            draft.scope = "email".to_owned();
            draft.token_endpoint_auth_method = method.to_owned();
            change(draft);
        })
        .await;
}

#[tokio::test]
async fn a_subject_of_whatever_kind_proves_the_client_at_every_endpoint() {
    let server = Server::start().await.behind_mtls_proxy(&SETTINGS).await;
    let authority = TestCertificate::new(&[("CN", "Authority")], &[]);
    let names = ["DNS:shop.example", "URI:https://shop.example/", "IP:10.1.2.3", "email:ops@shop.example"];
    let shop = authority.issue(&[("C", "DE"), ("O", "Example"), ("CN", "shop")], &names);
    let other = authority.issue(&[("CN", "shop")], &["DNS:evil.example"]);
    let subjects = ["DN:CN=shop,O=Example,C=DE", "DN:cn=shop, O=Example, C=DE"];
    for (number, subject) in subjects.iter().chain(&names).enumerate() {
        let id = format!("shop{number}");
        add(&server, &id, "tls_client_auth", |draft| draft.tls_client_auth_subject = (*subject).to_owned()).await;
        let answer = Peer::with(&server, &shop).machine(&id).await;
        assert_eq!(answer.status, StatusCode::OK, "{subject} {}", answer.body);
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(answer.json()["token_type"], "Bearer");
        let about = Peer::with(&server, &shop).introspect(&id, &token).await;
        assert_eq!((&about["active"], about.get("cnf")), (&json!(true), None), "nobody asked for a bound token");
        for peer in [Peer::with(&server, &other), Peer::without(&server)] {
            refused(&peer.machine(&id).await, 401, "invalid_client");
            for path in ["/introspect", "/revoke", "/par"] {
                refused(&peer.post(path, &[("client_id", &id), ("token", &token)]).await, 401, "invalid_client");
            }
        }
        let revoked = Peer::with(&server, &shop).post("/revoke", &[("client_id", &id), ("token", &token)]).await;
        assert_eq!(revoked.status, StatusCode::OK, "{}", revoked.body);
    }
}

#[tokio::test]
async fn a_certificate_counts_if_the_proxy_vouches_for_it_and_nothing_beside_it_does() {
    let server = Server::start().await.behind_mtls_proxy(&SETTINGS).await;
    let shop = TestCertificate::new(&[("CN", "shop")], &[]);
    add(&server, "shop", "tls_client_auth", |draft| draft.tls_client_auth_subject = "DN:CN=shop".to_owned()).await;
    let good = Peer::with(&server, &shop);
    for verify in ["FAILED:self-signed certificate", "NONE", "", "success", "1"] {
        refused(&Peer { verify, ..good }.machine("shop").await, 401, "invalid_client");
    }
    // As HAProxy says it.
    assert_eq!(Peer { verify: "0", ..good }.machine("shop").await.status, StatusCode::OK);
    refused(&Peer { from: STRANGER, ..good }.machine("shop").await, 401, "invalid_client");
    let grant = ("grant_type", "client_credentials");
    let secret = good.post("/token", &[grant, ("client_id", "shop"), ("client_secret", SECRET)]).await;
    refused(&secret, 401, "invalid_client");
    // Whoever has a certificate is nobody else.
    for id in ["job", "web"] {
        refused(&good.machine(id).await, 401, "invalid_client");
    }
    let job = good.post("/token", &[grant, ("client_id", "job"), ("client_secret", SECRET)]).await;
    assert_eq!(job.status, StatusCode::OK, "a certificate disturbs nobody: {}", job.body);
    // Without a word of the proxy about authorities there is no such method.
    let silent = server.behind_mtls_proxy(&SETTINGS[..3]).await;
    refused(&Peer::with(&silent, &shop).machine("shop").await, 401, "invalid_client");
}

#[tokio::test]
async fn a_certificate_that_a_client_made_is_known_by_its_key() {
    let authority = Authority::default();
    let (shop, other) = (TestCertificate::new(&[("CN", "shop")], &[]), TestCertificate::new(&[("CN", "shop")], &[]));
    let published = Arc::new(Mutex::new(shop.jwks()));
    let shown = published.clone();
    let site = TestSite::start(&authority, move |_| {
        Reply::json(&serde_json::from_str::<Value>(&shown.lock().unwrap()).unwrap())
    })
    .await;
    let server = Server::start().await.with_settings(&SETTINGS[..3], site.options(&authority)).await;
    let method = "self_signed_tls_client_auth";
    add(&server, "given", method, |draft| draft.jwks = shop.jwks()).await;
    add(&server, "fetched", method, |draft| draft.jwks_uri = site.url("/jwks")).await;
    for id in ["given", "fetched"] {
        let good = Peer { verify: "FAILED:self-signed certificate", ..Peer::with(&server, &shop) };
        assert_eq!(good.machine(id).await.status, StatusCode::OK, "{id}");
        for peer in
            [Peer { certificate: Some(&other), ..good }, Peer { from: STRANGER, ..good }, Peer::without(&server)]
        {
            refused(&peer.machine(id).await, 401, "invalid_client");
        }
    }
    // It rolls its key at its address.
    *published.lock().unwrap() = other.jwks();
    server.clock.advance(61);
    assert_eq!(Peer::with(&server, &other).machine("fetched").await.status, StatusCode::OK);
    refused(&Peer::with(&server, &shop).machine("fetched").await, 401, "invalid_client");
}

#[tokio::test]
async fn a_subject_is_one_that_a_certificate_can_have_or_is_not_saved() {
    let server = Server::start().await.behind_mtls_proxy(&SETTINGS).await;
    let save = async |change: Value| {
        let request = axum::http::Request::patch("/admin/clients/job")
            .header("content-type", "application/json")
            .header("x-admin-token", ADMIN_TOKEN);
        server.send(request.body(change.to_string().into()).unwrap()).await
    };
    for (change, field) in [
        (json!({ "token_endpoint_auth_method": "tls_client_auth" }), "tls_client_auth_subject"),
        (json!({ "tls_client_auth_subject": "shop" }), "tls_client_auth_subject"),
        (json!({ "tls_client_auth_subject": "IP:shop" }), "tls_client_auth_subject"),
        (json!({ "tls_client_auth_subject": format!("DNS:{}", "x".repeat(2_000)) }), "tls_client_auth_subject"),
        (json!({ "token_endpoint_auth_method": "self_signed_tls_client_auth" }), "jwks"),
    ] {
        let answer = save(change.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{change} {}", answer.body);
        assert!(answer.body.contains(field), "{change} {}", answer.body);
    }
    let good =
        save(json!({ "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject": "DNS:Shop.example" }));
    assert_eq!(good.await.status, StatusCode::OK);
    let request = axum::http::Request::get("/admin/clients/job").header("x-admin-token", ADMIN_TOKEN);
    let shown = server.send(request.body(axum::body::Body::empty()).unwrap()).await.json();
    assert_eq!(shown["tls_client_auth_subject"], "DNS:shop.example", "{shown}");
    let page = server.console().await.get("/admin/ui/clients/job/credentials").await;
    assert!(page.body.contains("DNS:shop.example"), "{}", page.body);
}
