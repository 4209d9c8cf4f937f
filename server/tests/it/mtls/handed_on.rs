//! The header in which a certificate comes, and what metadata say of it.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use idp::testing::certificate::TestCertificate;
use oauth::client::ClientKind;
use serde_json::{Value, json};

use super::{CERTIFICATE, Peer, SETTINGS, escaped, refused};
use crate::browser::Answer;
use crate::server::{ISSUER, SECRET, Server, encode};

async fn metadata(server: &Server) -> Value {
    server.browser().get("/.well-known/openid-configuration").await.json()
}

#[tokio::test]
async fn metadata_offer_what_the_proxy_makes_possible() {
    let plain = metadata(&Server::start().await).await;
    for name in ["tls_client_certificate_bound_access_tokens", "mtls_endpoint_aliases"] {
        assert_eq!(plain.get(name), None, "{name}");
    }
    let methods = |metadata: &Value| metadata["token_endpoint_auth_methods_supported"].to_string();
    assert!(!methods(&plain).contains("tls_client_auth"), "{plain}");
    let silent = metadata(&Server::start().await.behind_mtls_proxy(&SETTINGS[..3]).await).await;
    assert_eq!(silent["tls_client_certificate_bound_access_tokens"], true);
    assert!(methods(&silent).contains("\"self_signed_tls_client_auth\""), "{silent}");
    assert!(!methods(&silent).contains("\"tls_client_auth\""), "{silent}");
    let full = metadata(&Server::start().await.behind_mtls_proxy(&SETTINGS).await).await;
    assert!(methods(&full).contains("\"tls_client_auth\""), "{full}");
    for (name, path) in [
        ("token_endpoint", "/token"),
        ("pushed_authorization_request_endpoint", "/par"),
        ("device_authorization_endpoint", "/device_authorization"),
        ("backchannel_authentication_endpoint", "/bc-authorize"),
        ("userinfo_endpoint", "/userinfo"),
        ("revocation_endpoint", "/revoke"),
        ("introspection_endpoint", "/introspect"),
    ] {
        assert_eq!(full["mtls_endpoint_aliases"][name], format!("https://mtls.id.example{path}"));
        assert_eq!(full[name], format!("{ISSUER}{path}"));
    }
}

/// A proof for an address at the other host is one for this server, once.
#[tokio::test]
async fn a_proof_may_name_the_alias() {
    let server = Server::start().await.behind_mtls_proxy(&SETTINGS).await;
    let shop = TestCertificate::new(&[("CN", "shop")], &[]);
    server
        .create_client(ClientKind::Machine, "shop", |draft, _| {
            draft.scope = "email".to_owned();
            draft.token_endpoint_auth_method = "self_signed_tls_client_auth".to_owned();
            draft.jwks = shop.jwks();
            draft.dpop_bound_access_tokens = true;
        })
        .await;
    let (peer, holder) = (Peer::with(&server, &shop), crate::dpop::Holder::new());
    let fields = [("grant_type", "client_credentials"), ("client_id", "shop"), ("scope", "email")];
    refused(&peer.post("/token", &fields).await, 400, "invalid_dpop_proof");
    for (htu, status) in [
        ("https://mtls.id.example/token", 200),
        (&format!("{ISSUER}/token"), 200),
        ("https://mtls.id.example/par", 400),
        ("https://evil.example/token", 400),
    ] {
        let proof = holder.proof_at(&server, htu);
        let answer = peer.prove("/token", Some(&proof), &fields).await;
        assert_eq!(answer.status.as_u16(), status, "{htu} {}", answer.body);
        refused(&peer.prove("/token", Some(&proof), &fields).await, 400, "invalid_dpop_proof");
    }
}

#[tokio::test]
async fn one_certificate_comes_in_one_of_three_forms() {
    let server = Server::start().await.behind_mtls_proxy(&SETTINGS[..3]).await;
    let shop = TestCertificate::new(&[("CN", "shop")], &[]);
    server
        .create_client(ClientKind::Machine, "shop", |draft, _| {
            draft.scope = "email".to_owned();
            draft.token_endpoint_auth_method = "self_signed_tls_client_auth".to_owned();
            draft.jwks = shop.jwks();
        })
        .await;
    let send = async |lines: &[String]| -> Answer {
        let fields = [("grant_type", "client_credentials"), ("client_id", "shop"), ("scope", "email")];
        let mut request = Request::post("/token").header("content-type", "application/x-www-form-urlencoded");
        for line in lines {
            request = request.header(CERTIFICATE, line);
        }
        Peer::without(&server).send(request.body(Body::from(encode(&fields))).unwrap()).await
    };
    let (pem, der) = (escaped(&shop.pem()), format!(":{}:", STANDARD.encode(shop.der())));
    for header in [pem.clone(), der.clone(), format!("Hash=ab;Cert=\"{pem}\";Subject=\"CN=a,b\"")] {
        assert_eq!(send(&[header]).await.status, StatusCode::OK);
    }
    let twice = format!("Cert=\"{pem}\",Cert=\"{pem}\"");
    for lines in [vec![twice], vec![pem.clone(), der.clone()], vec!["nonsense".to_owned()], vec![":AAAA:".to_owned()]] {
        let answer = send(&lines).await;
        refused(&answer, 401, "invalid_client");
        assert!(answer.body.contains("showed none"), "{}", answer.body);
    }
    assert!(send(&[String::new()]).await.body.contains("showed none"));
    // From whoever stands before no client, it is not even read.
    let stranger = Peer { from: "203.0.113.66", ..Peer::with(&server, &shop) };
    assert!(stranger.machine("shop").await.body.contains("showed none"));
    // Nobody else is disturbed by what cannot be read.
    let job = [("grant_type", "client_credentials"), ("client_id", "job"), ("client_secret", SECRET)];
    let request = Request::post("/token").header("content-type", "application/x-www-form-urlencoded");
    let request = request.header(CERTIFICATE, "By=spiffe://a;Hash=ab").body(Body::from(encode(&job))).unwrap();
    assert_eq!(Peer::without(&server).send(request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_registers_may_want_its_certificate_asked_for() {
    let server = Server::start().await.behind_mtls_proxy(&SETTINGS).await;
    crate::registration::set_policy(&server, "open").await;
    let bound = json!({
        "redirect_uris": ["http://127.0.0.1/cb"], "token_endpoint_auth_method": "none",
        "tls_client_certificate_bound_access_tokens": true,
    });
    let register = |body: &Value| {
        let request = Request::post("/register").header("content-type", "application/json");
        server.send(request.body(body.to_string().into()).unwrap())
    };
    let answer = register(&bound).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert_eq!(answer.json()["tls_client_certificate_bound_access_tokens"], true);
    let plain =
        register(&json!({ "redirect_uris": ["http://127.0.0.1/cb"], "token_endpoint_auth_method": "none" })).await;
    assert_ne!(plain.json()["client_id"], answer.json()["client_id"]);
    let wrong =
        register(&json!({ "redirect_uris": ["http://127.0.0.1/cb"], "tls_client_certificate_bound_access_tokens": 1 }));
    refused(&wrong.await, 400, "invalid_client_metadata");
}
