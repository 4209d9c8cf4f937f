//! Proofs: every wrong one in turn, nonces, and replays.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use super::{Holder, MACHINE, access, changed, refused, unseen};
use crate::server::{ISSUER, SECRET, START, Server, text};

crate::concurrency::on_every_database!(
    dpop_negative_tests,
    a_proof_is_good_once_on_all_nodes,
    a_proof_of_another_time_is_asked_for_a_nonce,
    no_proof_is_too_odd,
);

/// A change of one member of the header or of the claims.
enum Wrong {
    Header(&'static str, Value),
    Claim(&'static str, Value),
}

fn wrong_ones(holder: &Holder) -> Vec<Wrong> {
    use Wrong::{Claim, Header};
    let stranger = Holder::new();
    let private = serde_json::to_value(holder.jwk.as_ref()).unwrap();
    vec![
        Header("typ", Value::Null),
        Header("typ", json!("jwt")),
        Header("alg", Value::Null),
        Header("alg", json!("none")),
        Header("alg", json!("HS256")),
        Header("alg", json!("RS256")),
        Header("jwk", Value::Null),
        Header("jwk", private),
        Header("jwk", stranger.public()),
        Header("jwk", json!({ "kty": "EC", "crv": "P-256", "x": "A".repeat(43), "y": "A".repeat(43) })),
        Header("crit", json!(["exp"])),
        Claim("jti", Value::Null),
        Claim("jti", json!("")),
        Claim("htm", Value::Null),
        Claim("htm", json!("PUT")),
        Claim("htu", Value::Null),
        Claim("htu", json!(format!("{ISSUER}/authorize"))),
        Claim("htu", json!("https://evil.example/token")),
        Claim("iat", Value::Null),
        Claim("iat", json!("now")),
    ]
}

impl Wrong {
    fn apply(&self, holder: &Holder, claims: Value) -> String {
        match self {
            Self::Header(name, value) => holder.sign(&changed(holder.header(), name, value.clone()), &claims),
            Self::Claim(name, value) => holder.sign(&holder.header(), &changed(claims, name, value.clone())),
        }
    }
}

async fn dpop_negative_tests(server: Server) {
    server.with_app("").await;
    let holder = Holder::new();
    let tokens = server.bound_tokens(&holder).await;
    let token = access(&tokens);
    for wrong in wrong_ones(&holder) {
        let proof = wrong.apply(&holder, Holder::claims(&server, "POST", "/token"));
        refused(&server.job(Some(&proof)).await, "invalid_dpop_proof");
        let proof = wrong.apply(&holder, Holder::claims_with(&server, token));
        unseen(&server.userinfo_by("DPoP", token, Some(&proof)).await, "DPoP", "invalid_dpop_proof");
    }
    for ath in [Value::Null, json!("x"), json!(token)] {
        let proof = holder.sign(&holder.header(), &changed(Holder::claims_with(&server, token), "ath", ath));
        unseen(&server.userinfo_by("DPoP", token, Some(&proof)).await, "DPoP", "invalid_dpop_proof");
    }
    unseen(&server.userinfo_by("DPoP", token, None).await, "DPoP", "invalid_dpop_proof");
    // A key that is not the token's, the token as a bearer's, and a token that is nobody's.
    unseen(&server.userinfo_of(&Holder::new(), token).await, "DPoP", "invalid_token");
    let proof = holder.proof_with(&server, token);
    unseen(&server.userinfo_by("Bearer", token, Some(&proof)).await, "DPoP", "invalid_token");
    unseen(&server.userinfo_by("Bearer", token, None).await, "DPoP", "invalid_token");
    unseen(&server.userinfo_of(&holder, "unknown").await, "DPoP", "invalid_token");
    let in_body = server.prove("/userinfo", None, Some(&proof), &[("access_token", token)]).await;
    unseen(&in_body, "DPoP", "invalid_token");
    let in_query = Request::get(format!("/userinfo?access_token={token}")).header("dpop", &proof);
    let in_query = server.send(in_query.body(Body::empty()).unwrap()).await;
    assert_eq!(in_query.status, StatusCode::UNAUTHORIZED);
    let plain = server.tokens("openid").await;
    unseen(&server.userinfo_of(&holder, access(&plain)).await, "DPoP", "invalid_token");
    // Nothing of all that spent anything.
    for scheme in ["DPoP", "dpop", "DPOP"] {
        let proof = holder.proof_with(&server, token);
        let answer = server.userinfo_by(scheme, token, Some(&proof)).await;
        assert_eq!(answer.status, StatusCode::OK, "{scheme} {}", answer.body);
    }
    // Two headers, each of which is good.
    let (one, two) = (holder.proof(&server), holder.proof(&server));
    let twice = Request::post("/token").header("dpop", one).header("dpop", two);
    let twice = twice.header("content-type", "application/x-www-form-urlencoded");
    let body = crate::server::encode(&[&MACHINE[..], &[("client_id", "job"), ("client_secret", SECRET)]].concat());
    refused(&server.send(twice.body(Body::from(body)).unwrap()).await, "invalid_dpop_proof");
}

#[tokio::test]
async fn an_address_may_be_written_in_many_ways_and_a_key_be_of_any_kind() {
    let server = Server::start_https().await;
    let holder = Holder::new();
    for htu in ["https://ID.Example/token?a=b#c", "HTTPS://id.example:443/token", "https://id.example/x/../%74oken"] {
        let claims = changed(Holder::claims(&server, "POST", "/token"), "htu", json!(htu));
        let answer = server.job(Some(&holder.sign(&holder.header(), &claims))).await;
        assert_eq!(answer.status, StatusCode::OK, "{htu} {}", answer.body);
    }
    for alg in ["RS256", "PS256", "ES256", "EdDSA"] {
        let holder = Holder::by(alg);
        let answer = server.job(Some(&holder.proof(&server))).await;
        assert_eq!(answer.json()["token_type"], "DPoP", "{alg} {}", answer.body);
    }
    let metadata = server.browser().get("/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["dpop_signing_alg_values_supported"], json!(["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]));
}

#[tokio::test]
async fn ensure_dpopproof_with_iat_10seconds_before_and_after_succeeds() {
    let server = Server::start().await;
    let holder = Holder::new();
    for iat in [START - 10, START + 10] {
        let claims = changed(Holder::claims(&server, "POST", "/token"), "iat", json!(iat));
        // `check-dpop-proof-nbf-exp`
        let claims = changed(changed(claims, "nbf", json!(iat)), "exp", json!(iat + 60));
        let answer = server.job(Some(&holder.sign(&holder.header(), &claims))).await;
        assert_eq!(answer.status, StatusCode::OK, "{iat} {}", answer.body);
    }
}

async fn a_proof_is_good_once_on_all_nodes(server: Server) {
    let other = server.another_node().await;
    server.with_app("").await;
    let holder = Holder::new();
    let tokens = server.bound_tokens(&holder).await;
    let proof = holder.proof(&server);
    assert_eq!(server.job(Some(&proof)).await.status, StatusCode::OK);
    let seen = holder.proof_with(&server, access(&tokens));
    assert_eq!(server.userinfo_by("DPoP", access(&tokens), Some(&seen)).await.status, StatusCode::OK);
    for node in [&server, &other] {
        let again = node.job(Some(&proof)).await;
        refused(&again, "invalid_dpop_proof");
        assert!(again.body.contains("used before"), "{}", again.body);
        unseen(&node.userinfo_by("DPoP", access(&tokens), Some(&seen)).await, "DPoP", "invalid_dpop_proof");
    }
    // It is remembered as long as it would be good, and then it is not good.
    server.clock.advance(59);
    server.idp.sweep().await.unwrap();
    refused(&other.job(Some(&proof)).await, "invalid_dpop_proof");
    server.clock.advance(1);
    server.idp.sweep().await.unwrap();
    refused(&other.job(Some(&proof)).await, "use_dpop_nonce");
    // One that was refused for another reason was not spent.
    let kept = holder.proof(&server);
    let wrong = server.prove("/token", Some("job:wrong"), Some(&kept), &MACHINE).await;
    assert_eq!(wrong.error(), (401, "invalid_client".to_owned()));
    let scope = [("grant_type", "client_credentials"), ("scope", "admin")];
    refused(&server.prove("/token", Some(&format!("job:{SECRET}")), Some(&kept), &scope).await, "invalid_scope");
    assert_eq!(server.job(Some(&kept)).await.status, StatusCode::OK);
}

async fn a_proof_of_another_time_is_asked_for_a_nonce(server: Server) {
    let other = server.another_node().await;
    server.with_app("").await;
    let holder = Holder::new();
    let tokens = server.bound_tokens(&holder).await;
    let claims = |iat: i64, nonce: Value| {
        changed(changed(Holder::claims(&server, "POST", "/token"), "iat", json!(iat)), "nonce", nonce)
    };
    let sign = |claims: &Value| holder.sign(&holder.header(), claims);
    let mut nonce = String::new();
    for iat in [START - 3_600, START - 60, START + 61, START + 3_600] {
        let asked = server.job(Some(&sign(&claims(iat, Value::Null)))).await;
        refused(&asked, "use_dpop_nonce");
        asked.header("dpop-nonce").clone_into(&mut nonce);
        // A library sends the nonce, whatever its clock says, and to whatever node.
        let again = sign(&claims(iat, json!(nonce)));
        let answer = other.job(Some(&again)).await;
        assert_eq!(answer.status, StatusCode::OK, "{iat} {}", answer.body);
        assert_eq!(answer.header("dpop-nonce"), "", "who has one needs no other");
        refused(&server.job(Some(&again)).await, "invalid_dpop_proof");
    }
    // Whoever sends one that is not good is given one, right clock or not.
    for bad in ["", "made-up", &"x".repeat(43)] {
        let asked = server.job(Some(&sign(&claims(START, json!(bad))))).await;
        refused(&asked, "use_dpop_nonce");
        assert_eq!(asked.header("dpop-nonce"), nonce);
    }
    let late = changed(Holder::claims_with(&server, access(&tokens)), "iat", json!(7));
    let asked = server.userinfo_by("DPoP", access(&tokens), Some(&sign(&late))).await;
    unseen(&asked, "DPoP", "use_dpop_nonce");
    assert_eq!(asked.header("dpop-nonce"), nonce);
    let seen = sign(&changed(late, "nonce", json!(nonce)));
    assert_eq!(server.userinfo_by("DPoP", access(&tokens), Some(&seen)).await.status, StatusCode::OK);
    // It ages. What was sent with it is remembered as long as it is good.
    let used = sign(&claims(7, json!(nonce)));
    assert_eq!(server.job(Some(&used)).await.status, StatusCode::OK);
    server.clock.advance(180);
    server.idp.sweep().await.unwrap();
    refused(&other.job(Some(&used)).await, "invalid_dpop_proof");
    assert_eq!(other.job(Some(&sign(&claims(7, json!(nonce))))).await.status, StatusCode::OK);
    server.clock.advance(180);
    let asked = other.job(Some(&sign(&claims(7, json!(nonce))))).await;
    refused(&asked, "use_dpop_nonce");
    assert_ne!(asked.header("dpop-nonce"), nonce);
}

#[tokio::test]
async fn pages_of_registered_origins_read_the_nonce() {
    let server = Server::start().await;
    let request = Request::post("/token").header("origin", "https://app.example").header("dpop", "x");
    let answer = server.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example");
    assert!(answer.header("access-control-expose-headers").contains("DPoP-Nonce"));
}

async fn no_proof_is_too_odd(server: Server) {
    let holder = Holder::new();
    for (name, value) in [
        ("jti", json!("a\0b")),
        ("jti", json!("😀".repeat(200))),
        ("htu", json!("a\0b")),
        ("htm", json!("\u{202e}")),
        ("htu", json!("x".repeat(3_000))),
        ("iat", json!(i64::MAX)),
        ("iat", json!(1e300)),
        ("nonce", json!("a\0b")),
    ] {
        let claims = changed(Holder::claims(&server, "POST", "/token"), name, value.clone());
        let answer = server.job(Some(&holder.sign(&holder.header(), &claims))).await;
        let fine = name == "jti";
        assert_eq!(answer.status.as_u16(), if fine { 200 } else { 400 }, "{name} {value} {}", answer.body);
    }
    for proof in ["", " ", "x", "a.b.c", "....", &"a".repeat(9_000), &"e30.".repeat(3)] {
        refused(&server.job(Some(proof)).await, "invalid_dpop_proof");
    }
    let octets = Request::post("/token").header("dpop", &b"\xff\xfe"[..]);
    let octets = octets.header("content-type", "application/x-www-form-urlencoded");
    refused(&server.send(octets.body(Body::from("client_id=spa")).unwrap()).await, "invalid_dpop_proof");
    server.idp.flush_activity().await;
    let events = server.events("outcome=refused").await;
    assert!(events.iter().any(|event| text(&event["facts"], "check") == "dpop_refused"), "{events:?}");
}
