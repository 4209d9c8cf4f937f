//! Encryption (RFC 7516): answers that only their client can read, and requests that only this server can. What is encrypted here is
//! opened by the library's own way through a JWE, which the server does not take.

mod answers;
mod clients;
mod keys;
mod requests;
mod unreadable;

use axum::http::{Method, StatusCode};
use josekit::jwe::{self, JweDecrypter};
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use serde_json::{Value, json};

use crate::admin_api::call;
use crate::browser::Answer;
use crate::server::{Server, jwt_header, text};

/// The messages that are encrypted for a client, as the names of their members begin.
const ANSWERS: [&str; 4] = ["id_token", "userinfo", "authorization", "introspection"];

/// A private key of a client.
struct Reader(Jwk);

impl Reader {
    fn ec(kid: &str) -> Self {
        Self::named(Jwk::generate_ec_key(EcCurve::P256).unwrap(), kid)
    }

    fn rsa(kid: &str) -> Self {
        Self::named(Jwk::generate_rsa_key(2_048).unwrap(), kid)
    }

    fn named(mut key: Jwk, kid: &str) -> Self {
        key.set_key_id(kid);
        Self(key)
    }

    fn public(&self) -> Value {
        let mut key = serde_json::to_value(self.0.to_public_key().unwrap()).unwrap();
        key["kid"] = json!(self.0.key_id().unwrap());
        key
    }

    /// Its public half, for one purpose.
    fn public_for(&self, purpose: &str) -> Value {
        let mut key = self.public();
        key["use"] = json!(purpose);
        key
    }

    /// The header and the content of a JWE to it.
    fn open(&self, compact: &str) -> (Value, String) {
        assert_eq!(compact.split('.').count(), 5, "{compact}");
        let header = jwt_header(compact);
        let decrypter: Box<dyn JweDecrypter> = match text(&header, "alg") {
            "RSA-OAEP-256" => Box::new(jwe::RSA_OAEP_256.decrypter_from_jwk(&self.0).unwrap()),
            "ECDH-ES" => Box::new(jwe::ECDH_ES.decrypter_from_jwk(&self.0).unwrap()),
            "ECDH-ES+A128KW" => Box::new(jwe::ECDH_ES_A128KW.decrypter_from_jwk(&self.0).unwrap()),
            "ECDH-ES+A256KW" => Box::new(jwe::ECDH_ES_A256KW.decrypter_from_jwk(&self.0).unwrap()),
            other => panic!("{other}"),
        };
        let (content, _) = jwe::deserialize_compact(compact, &*decrypter).unwrap();
        (header, String::from_utf8(content).unwrap())
    }
}

/// A client's keys, one of each kind.
struct Readers {
    ec: Reader,
    rsa: Reader,
}

impl Readers {
    fn new() -> Self {
        Self { ec: Reader::ec("ec"), rsa: Reader::rsa("rsa") }
    }

    fn set(&self) -> Value {
        json!({ "keys": [self.ec.public_for("enc"), self.rsa.public_for("enc")] })
    }

    fn of(&self, alg: &str) -> &Reader {
        if alg == "RSA-OAEP-256" { &self.rsa } else { &self.ec }
    }

    /// The JWT in a nested one (RFC 7519 §5.2), which is encrypted by these.
    fn nested(&self, compact: &str, alg: &str, enc: &str) -> String {
        let (header, content) = self.of(alg).open(compact);
        let kid = self.of(alg).0.key_id().unwrap();
        assert_eq!(header["alg"], alg);
        assert_eq!((&header["enc"], &header["cty"], &header["kid"]), (&json!(enc), &json!("JWT"), &json!(kid)));
        assert_eq!(content.split('.').count(), 3, "{content}");
        content
    }
}

async fn discovery(server: &Server) -> Value {
    server.browser().get("/.well-known/openid-configuration").await.json()
}

fn words(document: &Value, name: &str) -> Vec<String> {
    document[name].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

/// The two algorithms of each pair that discovery lists for a message.
async fn pairs(server: &Server, message: &str) -> Vec<(String, String)> {
    let document = discovery(server).await;
    let encs = words(&document, &format!("{message}_encryption_enc_values_supported"));
    let algs = words(&document, &format!("{message}_encryption_alg_values_supported"));
    assert!(!algs.is_empty() && encs.len() == 4);
    algs.iter().flat_map(|alg| encs.iter().map(|enc| (alg.clone(), enc.clone()))).collect()
}

async fn patch(server: &Server, client_id: &str, change: Value) -> Answer {
    call(server, Method::PATCH, &format!("/admin/clients/{client_id}"), change).await
}

async fn change(server: &Server, client_id: &str, change: Value) {
    let answer = patch(server, client_id, change).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

/// Registers the client `web` for the encryption of a message.
async fn encrypt(server: &Server, message: &str, alg: &str, enc: &str) {
    let (alg_name, enc_name) = members(message);
    change(server, "web", json!({ alg_name: alg, enc_name: enc })).await;
}

fn members(message: &str) -> (String, String) {
    let middle = if message == "request_object" { "encryption" } else { "encrypted_response" };
    (format!("{message}_{middle}_alg"), format!("{message}_{middle}_enc"))
}
