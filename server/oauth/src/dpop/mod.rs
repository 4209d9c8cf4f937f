//! Proofs of possession (DPoP, RFC 9449): a client signs its request by a key, and what it is given is bound to that key.
//!
//! Judged here is what a proof says. Its signature, and that it is new, are for whoever holds keys and rows; it is spent last.

mod nonce;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fluent_uri::Uri;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::client_auth::SingleUse;
use crate::error::OAuthError;
use crate::id::Hosts;
use crate::jose::VerifyingAlg;
use crate::jwk::{JwkSetProblem, PublicJwk, Thumbprint};
use crate::jwt::{ForeignJwt, NumericDate, SKEW};
use crate::refusal::Reason;
use crate::seal::Seal;
use crate::secret::Secret;
use crate::time::Timestamp;

pub use nonce::nonce;

/// The header in which a proof comes (RFC 9449 §4.1).
pub const HEADER: &str = "dpop";

/// `typ` of a proof (RFC 9449 §4.2), in lower case.
const TYPE: &str = "dpop+jwt";

/// The longest `jti`, in bytes.
const MAX_JTI: usize = 1_024;

#[derive(Debug, Clone, Deserialize)]
struct Claims {
    jti: Option<String>,
    htm: Option<String>,
    htu: Option<String>,
    iat: Option<NumericDate>,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    ath: Option<String>,
    nonce: Option<String>,
}

/// A proof as it came.
#[derive(Debug, Clone)]
pub struct DpopProof {
    pub jwt: ForeignJwt,
    /// The key that it says it is signed by.
    pub key: PublicJwk,
    claims: Claims,
}

/// A request that a proof comes with.
#[derive(Debug, Clone, Copy)]
pub struct Proven<'a> {
    /// The method of HTTP.
    pub method: &'a str,
    /// The address of the endpoint at this server, which begins with `/`.
    pub path: &'static str,
    /// The access token that comes with it, at a resource.
    pub access_token: Option<&'a Secret>,
}

/// A key that whoever asks has, by a proof that is good if the key signed it and it is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Possession {
    pub jkt: Thumbprint,
    /// The algorithm of the proof.
    pub alg: VerifyingAlg,
    pub once: SingleUse,
}

impl DpopProof {
    /// Reads the header. One that was sent twice is empty.
    ///
    /// # Errors
    /// `invalid_dpop_proof`.
    pub fn parse(header: &str) -> Result<Self, OAuthError> {
        let jwt = ForeignJwt::parse(header.trim()).map_err(|problem| refused(&problem.to_string()))?;
        if jwt.typ.as_deref() != Some(TYPE) {
            return Err(refused("its typ is not dpop+jwt"));
        }
        let jwk = jwt.jwk.as_ref().and_then(Value::as_object).ok_or_else(|| refused("its header has no jwk"))?;
        let key = PublicJwk::parse(jwk).map_err(|problem| match problem {
            JwkSetProblem::Private(..) => refused("its jwk holds a part of a private key"),
            _ => refused("its jwk is no public key that this server can verify signatures by"),
        })?;
        if !key.fits(jwt.alg) {
            return Err(refused("its jwk is not for its alg"));
        }
        let claims = jwt.claims().map_err(|_| refused("its claims cannot be read"))?;
        // There is one key, whatever it is called.
        Ok(Self { key: PublicJwk { kid: None, ..key }, jwt, claims })
    }

    /// Judges the proof as one of `request` to this server at `hosts`, whose nonces `seal` tells, at `now`.
    ///
    /// # Errors
    /// `invalid_dpop_proof`; `use_dpop_nonce` when nothing is wrong with it but its time.
    pub fn verify(
        &self,
        request: &Proven<'_>,
        hosts: Hosts<'_>,
        seal: &Seal,
        now: Timestamp,
    ) -> Result<Possession, OAuthError> {
        let claims = &self.claims;
        let jti = claims.jti.as_deref().filter(|jti| !jti.is_empty()).ok_or_else(|| refused("it has no jti"))?;
        if jti.len() > MAX_JTI {
            return Err(refused("its jti is too long"));
        }
        let htm = claims.htm.as_deref().ok_or_else(|| refused("it has no htm"))?;
        if htm != request.method {
            let error = refused("its htm is not the method of the request");
            return Err(error.sent("htm", htm).expected([request.method]));
        }
        let htu = claims.htu.as_deref().ok_or_else(|| refused("it has no htu"))?;
        let place_of_proof = place(htu);
        if place_of_proof.is_none() || !hosts.urls(request.path).any(|url| place(&url) == place_of_proof) {
            let error = refused("its htu is not the address of the request");
            return Err(error.sent("htu", htu).expected([hosts.issuer.url(request.path)]));
        }
        if let Some(token) = request.access_token {
            let ath = claims.ath.as_deref().ok_or_else(|| refused("it has no ath"))?;
            if ath != URL_SAFE_NO_PAD.encode(Sha256::digest(token.expose())) {
                return Err(refused("its ath is not the hash of the access token"));
            }
        }
        let iat = claims.iat.ok_or_else(|| refused("it has no iat"))?;
        let until = match &claims.nonce {
            Some(nonce) => nonce::end_of(nonce, seal, now),
            None => self.end_by_its_clock(iat, now),
        };
        let until = until.ok_or_else(|| OAuthError::new(Reason::DpopNonce))?;
        let jkt = self.key.key.thumbprint();
        let named = serde_json::json!(["dpop", jkt, jti, hosts.issuer.url(request.path)]).to_string();
        Ok(Possession { once: SingleUse { digest: Sha256::digest(named).into(), until }, alg: self.jwt.alg, jkt })
    }

    /// The end of a proof without a nonce, if its maker's clock goes like ours.
    fn end_by_its_clock(&self, iat: NumericDate, now: Timestamp) -> Option<Timestamp> {
        let after = |date: Option<NumericDate>| date.is_some_and(|date| date.0 > now.0.saturating_add(SKEW));
        let over = |date: Option<NumericDate>| date.is_some_and(|date| date.0.saturating_add(SKEW) <= now.0);
        let off = after(Some(iat)) || over(Some(iat)) || after(self.claims.nbf) || over(self.claims.exp);
        (!off).then(|| Timestamp(iat.0.saturating_add(SKEW)))
    }
}

/// An address without query and fragment, in the form in which addresses are compared (RFC 9449 §4.3, RFC 3986 §6.2.2 and §6.2.3).
fn place(url: &str) -> Option<String> {
    let url = Uri::parse(url.split(['?', '#']).next()?).ok()?.normalize();
    Some(url.into_string())
}

fn refused(why: &str) -> OAuthError {
    OAuthError::because(Reason::DpopRefused, format!("the DPoP proof is refused: {why}"))
}

#[cfg(test)]
mod tests;
