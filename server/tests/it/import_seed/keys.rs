//! Tokens that the old server signed are believed for a while.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use idp::Kind as Imported;
use idp::testing::Kind;
use josekit::jwk::alg::rsa::RsaKeyPair;
use josekit::jws::{JwsHeader, RS256};
use josekit::jwt::{self, JwtPayload};
use oauth::client::ClientKind;
use oauth::jose::SigningAlg;
use serde_json::{Value, json};

use super::{File, SCHEMA, rows};
use crate::server::{CALLBACK, ISSUER, SECRET, START, Server, claims, jwt_header, text};

/// The statement that puts a key into a seed server's file, as that writes it.
fn key_row(kid: &str, pair: &RsaKeyPair) -> String {
    let (public, private) = (pair.to_jwk_public_key(), pair.to_jwk_key_pair());
    format!(
        "INSERT INTO oidc_key (kid, alg, use, public_jwk, private_jwk, active, created_at)
        VALUES ('{kid}', 'RS256', 'sig', '{public}', '{private}', 1, '2025-01-02 03:04:05');"
    )
}

/// An ID token that the seed server signed for alice and the shop.
#[expect(clippy::disallowed_methods, reason = "the other server signs, not this one")]
fn sign(kid: &str, typ: Option<&str>, pair: &RsaKeyPair, claims: &Value) -> String {
    let mut header = JwsHeader::new();
    header.set_key_id(kid);
    typ.iter().for_each(|typ| header.set_token_type(*typ));
    let payload = JwtPayload::from_map(claims.as_object().unwrap().clone()).unwrap();
    let signer = RS256.signer_from_pem(pair.to_pem_private_key()).unwrap();
    jwt::encode_with_signer(&payload, &header, &signer).unwrap()
}

async fn published(server: &Server) -> Vec<Value> {
    let request = Request::get("/.well-known/jwks.json").body(Body::empty()).unwrap();
    server.send(request).await.json()["keys"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_the_old_key_signed_is_a_hint_and_is_verified_but_it_signs_nothing_more() {
    let pair = RsaKeyPair::generate(2_048).unwrap();
    let file = File::with(&format!("{SCHEMA}{}{}", rows(), key_row("dev-1", &pair))).await;
    let old = json!({ "iss": ISSUER, "sub": "7", "aud": "shop", "iat": START - 9_000, "exp": START - 5_400 });
    let hint = sign("dev-1", None, &pair, &old);
    for kind in Kind::ALL {
        let Some(server) = Server::fresh_on(kind).await else { continue };
        let report = server.idp.import_seed(&file.read().await, false).await.unwrap();
        let outcome = report.get(Imported::Key);
        assert_eq!((outcome.imported, outcome.refused.len()), (1, 0), "{report}");
        let again = server.idp.import_seed(&file.read().await, false).await.unwrap().get(Imported::Key);
        assert_eq!((again.imported, again.skipped, again.refused.len()), (0, 1, 0));

        let keys = published(&server).await;
        let key = keys.iter().find(|key| key["kid"] == "dev-1").unwrap();
        let public = pair.to_jwk_public_key();
        let members: Vec<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members.len(), 6, "{members:?}");
        assert_eq!((Some(&key["n"]), Some(&key["e"])), (public.parameter("n"), public.parameter("e")));
        assert_eq!((&key["alg"], &key["use"]), (&json!("RS256"), &json!("sig")));

        let mut browser = server.browser();
        browser.post("/login", &[("username", "alice"), ("password", "alice")]).await;
        let end =
            format!("/end_session?id_token_hint={hint}&state=s&post_logout_redirect_uri=https%3A%2F%2Fshop.example%2F");
        let answer = browser.get(&end).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "https://shop.example/?state=s"));
        // The payload of another token under the same signature.
        let forged = format!("{}.{}", &sign("dev-1", None, &RsaKeyPair::generate(2_048).unwrap(), &old), "");
        let answer = browser.get(&end.replace(&hint, forged.trim_end_matches('.'))).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);

        let jwt = server.idp.keyring().sign(SigningAlg::RS256, None, b"{}").unwrap();
        assert_ne!(jwt_header(&jwt)["kid"], "dev-1");
        let server = server.restart().await;
        assert!(published(&server).await.iter().any(|key| key["kid"] == "dev-1"));
        server.clock.advance(idp::KEY_RETIRING);
        server.idp.advance_keys().await.unwrap();
        assert!(!published(&server).await.iter().any(|key| key["kid"] == "dev-1"));
        let again = server.idp.import_seed(&file.read().await, false).await.unwrap().get(Imported::Key);
        assert_eq!((again.imported, again.skipped), (0, 1));
    }
}

#[tokio::test]
async fn the_old_key_vouches_for_no_access_token() {
    let pair = RsaKeyPair::generate(2_048).unwrap();
    let file = File::with(&format!("{SCHEMA}{}{}", rows(), key_row("dev-1", &pair))).await;
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "jwt", |_, policy| policy.token_format = "jwt".to_owned()).await;
    let mut browser = server.signed_in().await;
    let code = browser.authorize(&[("client_id", "jwt")]).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let tokens = server.post("/token", Some(&format!("jwt:{}", SECRET)), &fields).await.json();
    let genuine = text(&tokens, "access_token");
    assert_eq!(server.userinfo(genuine).await.status, StatusCode::OK);
    server.idp.import_seed(&file.read().await, false).await.unwrap();
    let forged = sign("dev-1", Some("at+jwt"), &pair, &claims(genuine));
    assert!(server.idp.keyring().verify(&forged).unwrap().imported);
    assert_eq!(server.userinfo(&forged).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.userinfo(genuine).await.status, StatusCode::OK);
}

#[tokio::test]
async fn keys_that_cannot_be_used_are_refused_with_a_reason() {
    let weak = RsaKeyPair::generate(1_024).unwrap();
    let good = RsaKeyPair::generate(2_048).unwrap();
    let server = Server::fresh().await;
    let own = server.idp.keyring().keys()[0].kid.clone();
    let n = good.to_jwk_public_key().parameter("n").unwrap().as_str().unwrap().to_owned();
    let mut sql =
        format!("{SCHEMA}{}{}{}", key_row("weak", &weak), key_row("with a space", &good), key_row(&own, &good));
    let other = [
        ("text", "not json".to_owned()),
        ("list", "[]".to_owned()),
        ("empty", "{}".to_owned()),
        ("octets", json!({ "kty": "oct", "k": "c2VjcmV0" }).to_string()),
        ("no-n", json!({ "kty": "RSA", "e": "AQAB" }).to_string()),
        ("no-e", json!({ "kty": "RSA", "n": n }).to_string()),
        ("even-e", json!({ "kty": "RSA", "n": n, "e": "AQAC" }).to_string()),
        ("one-e", json!({ "kty": "RSA", "n": n, "e": "AQ" }).to_string()),
        ("not-base64", json!({ "kty": "RSA", "n": "!!!", "e": "AQAB" }).to_string()),
        ("number", json!({ "kty": "RSA", "n": 7, "e": "AQAB" }).to_string()),
        ("huge", json!({ "kty": "RSA", "n": n.repeat(20), "e": "AQAB" }).to_string()),
    ];
    for (kid, jwk) in &other {
        sql += &format!(
            "INSERT INTO oidc_key (kid, alg, use, public_jwk, private_jwk) VALUES ('{kid}', 'RS256', 'sig', '{jwk}', '');"
        );
    }
    let public = good.to_jwk_public_key();
    sql += &format!(
        "INSERT INTO oidc_key (kid, alg, use, public_jwk, private_jwk) VALUES ('none', 'none', 'sig', '{public}', ''),
        ('encrypts', 'RS256', 'enc', '{public}', ''), ('', 'RS256', 'sig', '{public}', ''),
        ('{}', 'RS256', 'sig', '{public}', '');",
        "k".repeat(65)
    );
    let before = published(&server).await;
    let report = server.idp.import_seed(&File::with(&sql).await.read().await, false).await.unwrap();
    let outcome = report.get(Imported::Key);
    assert_eq!((outcome.imported, outcome.refused.len()), (0, other.len() + 7), "{report}");
    assert!(report.to_string().contains("refused weak: its modulus has fewer than 2048 bits"), "{report}");
    assert!(!report.to_string().contains(&n[..40]), "{report}");
    assert_eq!(published(&server).await, before);
}

#[tokio::test]
async fn of_many_keys_the_newest_are_published_and_no_private_half_is_kept() {
    let pair = RsaKeyPair::generate(2_048).unwrap();
    let keys: String = (0..18).map(|at| key_row(&format!("kid-{at}"), &pair)).collect();
    let server = Server::fresh().await;
    let seed = File::with(&format!("{SCHEMA}{keys}")).await;
    let outcome = server.idp.import_seed(&seed.read().await, false).await.unwrap().get(Imported::Key);
    let refused: Vec<&str> = outcome.refused.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((outcome.imported, refused), (16, vec!["kid-1", "kid-0"]));
    let private = pair.to_jwk_key_pair();
    let holds = |name: &str| {
        let value = private.parameter(name).unwrap().as_str().unwrap().to_owned();
        String::from_utf8_lossy(&server.database_bytes()).contains(&value)
    };
    assert!(holds("n") && !holds("d") && !holds("p") && !holds("dp"));
}
