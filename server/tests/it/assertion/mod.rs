//! Clients that sign assertions (`private_key_jwt`, RFC 7523 §2.2), with keys made for each test.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use idp::testing::Kind;
use idp::testing::site::{Authority, Reply, TestSite};
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jws::{ES256, JwsHeader, RS256};
use josekit::jwt::{self, JwtPayload};
use oauth::client::ClientKind;
use serde_json::{Map, Value, json};

use crate::browser::Answer;
use crate::server::{ISSUER, START, Server, text};

pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const GRANT: (&str, &str) = ("grant_type", "client_credentials");

/// A key of a client, by its name.
pub(crate) struct Key(Jwk);

impl Key {
    pub(crate) fn new(kid: &str) -> Self {
        let mut key = Jwk::generate_ec_key(EcCurve::P256).unwrap();
        key.set_key_id(kid);
        Self(key)
    }

    /// An RSA key, which signs by RS256.
    pub(crate) fn rsa(kid: &str) -> Self {
        let mut key = Jwk::generate_rsa_key(2_048).unwrap();
        key.set_key_id(kid);
        Self(key)
    }

    pub(crate) fn set(&self) -> Value {
        json!({ "keys": [self.0.to_public_key().unwrap()] })
    }

    fn set_named(&self, named: bool) -> Value {
        let mut set = self.set();
        let kid = self.0.key_id().unwrap();
        match set["keys"][0].as_object_mut().unwrap() {
            key if named => key.insert("kid".to_owned(), json!(kid)),
            key => key.remove("kid"),
        };
        set
    }

    pub(crate) fn sign(&self, claims: Map<String, Value>) -> String {
        self.sign_as(None, claims)
    }

    /// The same with a `typ`.
    #[expect(clippy::disallowed_methods, reason = "the key of somebody else, not one of the ring")]
    pub(crate) fn sign_as(&self, typ: Option<&str>, claims: Map<String, Value>) -> String {
        let mut header = JwsHeader::new();
        header.set_key_id(self.0.key_id().unwrap());
        if let Some(typ) = typ {
            header.set_token_type(typ);
        }
        let payload = JwtPayload::from_map(claims).unwrap();
        if self.0.key_type() == "RSA" {
            return jwt::encode_with_signer(&payload, &header, &RS256.signer_from_jwk(&self.0).unwrap()).unwrap();
        }
        jwt::encode_with_signer(&payload, &header, &ES256.signer_from_jwk(&self.0).unwrap()).unwrap()
    }
}

/// Good claims of the client `signer`, with one changed; null takes it away.
fn claims(jti: &str, name: &str, value: Value) -> Map<String, Value> {
    let mut claims = json!({ "iss": "signer", "sub": "signer", "aud": ISSUER, "exp": START + 300, "jti": jti });
    claims[name] = value;
    claims
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

fn assertion(key: &Key, jti: &str) -> String {
    key.sign(claims(jti, "aud", json!(ISSUER)))
}

async fn add_signer(server: &Server, jwks: &str, jwks_uri: &str) {
    server
        .create_client(ClientKind::Machine, "signer", |draft, _| {
            draft.token_endpoint_auth_method = "private_key_jwt".to_owned();
            draft.scope = "email".to_owned();
            draft.grant_types.push("urn:ietf:params:oauth:grant-type:device_code".to_owned());
            draft.jwks = jwks.to_owned();
            draft.jwks_uri = jwks_uri.to_owned();
        })
        .await;
}

async fn post(server: &Server, path: &str, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let fields = [&[("client_assertion_type", JWT_BEARER), ("client_assertion", assertion)], more].concat();
    server.post(path, None, &fields).await
}

fn refused(answer: &Answer) {
    assert_eq!(answer.error(), (401, "invalid_client".to_owned()), "{}", answer.body);
}

#[tokio::test]
async fn an_assertion_proves_the_client_at_every_endpoint_once() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let key = Key::new("a");
        add_signer(&server, &key.set().to_string(), "").await;
        let tokens = post(&server, "/token", &assertion(&key, "1"), &[GRANT]).await;
        assert_eq!(tokens.status, StatusCode::OK, "{kind:?} {}", tokens.body);
        let tokens = tokens.json();
        let token = ("token", text(&tokens, "access_token"));
        let answers =
            [("/introspect", "2", token), ("/device_authorization", "3", ("scope", "email")), ("/revoke", "4", token)];
        for (path, jti, field) in answers {
            let sent = assertion(&key, jti);
            let answer = post(&server, path, &sent, &[field]).await;
            assert_eq!(answer.status, StatusCode::OK, "{kind:?} {path} {}", answer.body);
            refused(&post(&server, path, &sent, &[field]).await);
            refused(&post(&server, "/token", &sent, &[GRANT]).await);
        }
        let other = server.another_node().await;
        refused(&post(&other, "/token", &assertion(&key, "1"), &[GRANT]).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_no_client_can_have_is_a_wrong_one() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let key = Key::new("a");
        for id in ["signer\0", "\0", "dcr-\0"] {
            let mut claims = claims("1", "iss", json!(id));
            claims.insert("sub".to_owned(), json!(id));
            for path in ["/token", "/introspect", "/revoke"] {
                let answer = post(&server, path, &key.sign(claims.clone()), &[GRANT, ("token", "x")]).await;
                assert_eq!(answer.error(), (401, "invalid_client".to_owned()), "{kind:?} {path} {id:?}");
            }
        }
    }
}

#[tokio::test]
async fn of_many_requests_with_one_assertion_one_is_answered() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let key = Key::new("a");
        add_signer(&server, &key.set().to_string(), "").await;
        let sent = assertion(&key, "one");
        let (a, b, c, d) = tokio::join!(
            post(&server, "/token", &sent, &[GRANT]),
            post(&server, "/token", &sent, &[GRANT]),
            post(&server, "/token", &sent, &[GRANT]),
            post(&server, "/token", &sent, &[GRANT]),
        );
        let good = [a, b, c, d].iter().filter(|answer| answer.status == StatusCode::OK).count();
        assert_eq!(good, 1, "{kind:?}");
    }
}

/// A wrong proof delays the next one, so each meets a server of its own.
async fn is_refused_and_spends_nothing(name: &str, value: Value) {
    let server = Server::start().await;
    let key = Key::new("a");
    add_signer(&server, &key.set().to_string(), "").await;
    refused(&post(&server, "/token", &key.sign(claims("kept", name, value)), &[GRANT]).await);
    let good = post(&server, "/token", &assertion(&key, "kept"), &[GRANT]).await;
    assert_eq!(good.status, StatusCode::OK, "{name}: {}", good.body);
}

#[tokio::test]
async fn every_claim_wrong_in_turn_is_refused_and_spends_nothing() {
    for (name, value) in [
        ("iss", json!("job")),
        ("sub", json!("job")),
        ("aud", json!("https://evil.example")),
        ("aud", json!([ISSUER, "https://evil.example"])),
        ("exp", json!(START - 60)),
        ("exp", json!(START + 700)),
        ("exp", Value::Null),
        ("nbf", json!(START + 100)),
        ("jti", Value::Null),
    ] {
        is_refused_and_spends_nothing(name, value).await;
    }
}

/// RFC 8705 §5: the other address is this server, too.
#[tokio::test]
async fn an_assertion_for_the_address_of_certificates_is_for_this_server() {
    let server = Server::start().await.behind_mtls_proxy(&crate::mtls::SETTINGS).await;
    let key = Key::new("a");
    add_signer(&server, &key.set().to_string(), "").await;
    for (jti, aud) in ["https://mtls.id.example/token", "https://mtls.id.example/par"].iter().enumerate() {
        let assertion = key.sign(claims(&jti.to_string(), "aud", json!(aud)));
        let answer = post(&server, "/token", &assertion, &[GRANT]).await;
        assert_eq!(answer.status, StatusCode::OK, "{aud}: {}", answer.body);
    }
}

#[tokio::test]
async fn another_key_of_the_same_name_and_a_secret_beside_it_spend_nothing() {
    let server = Server::start().await;
    let key = Key::new("a");
    add_signer(&server, &key.set().to_string(), "").await;
    let sent = assertion(&key, "kept");
    let twice = post(&server, "/token", &sent, &[GRANT, ("client_secret", "s")]).await;
    assert_eq!(twice.error(), (400, "invalid_request".to_owned()));
    refused(&post(&server, "/token", &assertion(&Key::new("a"), "kept"), &[GRANT]).await);
    let good = post(&server, "/token", &sent, &[GRANT]).await;
    assert_eq!(good.status, StatusCode::OK, "{}", good.body);
}

#[tokio::test]
async fn a_client_rolls_its_key_at_its_address() {
    for named in [true, false] {
        roll(named).await;
    }
}

/// Keys of a set have names, or not.
async fn roll(named: bool) {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let authority = Authority::default();
    let shown = Arc::new(Mutex::new(Reply::json(&old.set_named(named))));
    let reply = shown.clone();
    let site = TestSite::start(&authority, move |_| reply.lock().unwrap().clone()).await;
    let server = Server::start().await.asking(site.options(&authority)).await;
    add_signer(&server, "", &site.url("/jwks")).await;
    for jti in ["1", "2"] {
        assert_eq!(post(&server, "/token", &assertion(&old, jti), &[GRANT]).await.status, StatusCode::OK);
    }
    assert_eq!(site.hits(), 1, "the set is kept");
    *shown.lock().unwrap() = Reply::json(&new.set_named(named));
    refused(&post(&server, "/token", &assertion(&new, "3"), &[GRANT]).await);
    assert_eq!(site.hits(), 1, "the place is asked every five seconds at most");
    server.clock.advance(5);
    let rolled = post(&server, "/token", &assertion(&new, "3"), &[GRANT]).await;
    assert_eq!((rolled.status, site.hits()), (StatusCode::OK, 2), "{}", rolled.body);
    *shown.lock().unwrap() = Reply::with("HTTP/1.1 503 Service Unavailable", "");
    server.clock.advance(5);
    for seconds in [1, 58] {
        refused(&post(&server, "/token", &assertion(&old, "4"), &[GRANT]).await);
        assert_eq!(site.hits(), 3, "one that does not answer is asked once a minute");
        server.clock.advance(seconds);
    }
    let kept = post(&server, "/token", &assertion(&new, "5"), &[GRANT]).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.body);
}
