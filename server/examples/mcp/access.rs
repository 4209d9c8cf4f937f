//! Access tokens, verified (RFC 9068 §4).

#![expect(
    clippy::disallowed_methods,
    reason = "the rules for the server's own clock and keys: this is another program"
)]

use std::time::{Duration, Instant, SystemTime};

use josekit::jwk::{Jwk, JwkSet};
use josekit::jws::{ES256, EdDSA, JwsVerifier, PS256, RS256};
use josekit::jwt::{self, JwtPayloadValidator};
use reqwest::Url;
use serde_json::Value;
use tokio::sync::Mutex;

/// Keys are not asked for again before this has passed, whatever tokens say.
const BETWEEN_FETCHES: Duration = Duration::from_secs(5);

/// An authorization server whose tokens are believed.
pub(crate) struct Issuer {
    identifier: String,
    http: reqwest::Client,
    keys: Mutex<Keys>,
}

#[derive(Default)]
struct Keys {
    set: Option<JwkSet>,
    fetched: Option<Instant>,
}

/// A person, through an agent, and how far it reaches.
pub(crate) struct Access {
    pub(crate) subject: String,
    pub(crate) client_id: String,
    scope: Vec<String>,
}

/// A token that cannot be accepted.
pub(crate) enum Fault {
    /// It is not for this server, not of this issuer, or no longer good.
    Token(String),
    /// The keys of the issuer cannot be had.
    Keys(reqwest::Error),
}

impl Issuer {
    pub(crate) fn new(identifier: String) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).no_proxy().build()?;
        Ok(Self { identifier, http, keys: Mutex::default() })
    }

    pub(crate) fn identifier(&self) -> &str {
        &self.identifier
    }

    /// Verifies a token that must be for `resource`.
    pub(crate) async fn verify(&self, token: &str, resource: &str) -> Result<Access, Fault> {
        let bad = |why: &str| Fault::Token(why.to_owned());
        let header = jwt::decode_header(token).map_err(|_| bad("it is no JWT"))?;
        let text = |name: &str| header.claim(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        // An ID token is no access token.
        if !["at+jwt", "application/at+jwt"].contains(&text("typ").to_ascii_lowercase().as_str()) {
            return Err(bad("its type is not at+jwt"));
        }
        let key = self.key(&text("kid")).await?.ok_or_else(|| bad("its key is not known"))?;
        let verifier = verifier(&text("alg"), &key).ok_or_else(|| bad("its algorithm is not that of the key"))?;
        let (payload, _) = jwt::decode_with_verifier(token, verifier.as_ref()).map_err(|_| bad("wrong signature"))?;

        let mut validator = JwtPayloadValidator::new();
        validator.set_base_time(SystemTime::now());
        validator.set_issuer(self.identifier.as_str());
        validator.set_audience(resource);
        validator.validate(&payload).map_err(|error| Fault::Token(error.to_string()))?;
        if payload.expires_at().is_none() {
            return Err(bad("it never expires"));
        }
        // One that is bound to a key is nothing in other hands, and this server looks at no proofs (RFC 9449 §7.2).
        if payload.claim("cnf").is_some() {
            return Err(bad("it is bound to a key, and comes without a proof"));
        }
        let claim = |name: &str| payload.claim(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Access {
            subject: claim("sub"),
            client_id: claim("client_id"),
            scope: claim("scope").split(' ').map(str::to_owned).collect(),
        })
    }

    /// The key with this ID. The issuer changes its keys: one that is not known is looked for again.
    async fn key(&self, kid: &str) -> Result<Option<Jwk>, Fault> {
        let mut keys = self.keys.lock().await;
        let find = |keys: &Keys| keys.set.as_ref().and_then(|set| set.get(kid).first().copied().cloned());
        let recent = keys.fetched.is_some_and(|fetched| fetched.elapsed() < BETWEEN_FETCHES);
        if let Some(key) = find(&keys) {
            return Ok(Some(key));
        }
        if !recent {
            keys.set = Some(self.fetch().await.map_err(Fault::Keys)?);
            keys.fetched = Some(Instant::now());
        }
        Ok(find(&keys))
    }

    /// Finds `jwks_uri` in the metadata of the issuer (RFC 8414 §3.1), and the keys there.
    async fn fetch(&self) -> reqwest::Result<JwkSet> {
        let mut url = self.identifier.clone();
        if let Ok(issuer) = Url::parse(&self.identifier) {
            let path = issuer.path().trim_end_matches('/');
            url = format!("{}/.well-known/oauth-authorization-server{path}", issuer.origin().ascii_serialization());
        }
        let get = async |url: &str| self.http.get(url).send().await?.error_for_status()?.bytes().await;
        let metadata: Value = serde_json::from_slice(&get(&url).await?).unwrap_or_default();
        let jwks = get(metadata.get("jwks_uri").and_then(Value::as_str).unwrap_or_default()).await?;
        Ok(JwkSet::from_bytes(&jwks).unwrap_or_else(|_| JwkSet::new()))
    }
}

impl Access {
    pub(crate) fn has(&self, scope: &str) -> bool {
        scope.is_empty() || self.scope.iter().any(|word| word == scope)
    }

    /// The scope of the token, and `more`.
    pub(crate) fn scope_with(&self, more: &str) -> String {
        let mut words: Vec<&str> =
            self.scope.iter().map(String::as_str).filter(|word| word.starts_with("notes:")).collect();
        words.push(more);
        words.join(" ")
    }
}

/// A verifier, if the algorithm is one that this server accepts and the key is for it. `none` and the HMACs are not.
fn verifier(alg: &str, key: &Jwk) -> Option<Box<dyn JwsVerifier>> {
    if key.algorithm().is_some_and(|of_key| of_key != alg) {
        return None;
    }
    match alg {
        "RS256" => RS256.verifier_from_jwk(key).ok().map(|verifier| Box::new(verifier) as _),
        "PS256" => PS256.verifier_from_jwk(key).ok().map(|verifier| Box::new(verifier) as _),
        "ES256" => ES256.verifier_from_jwk(key).ok().map(|verifier| Box::new(verifier) as _),
        "EdDSA" => EdDSA.verifier_from_jwk(key).ok().map(|verifier| Box::new(verifier) as _),
        _ => None,
    }
}
