//! JWTs whose maker proved that it knows a secret (RFC 7515 §A.1, RFC 7518 §3.2). Only clients that registered for that bring them.

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use serde::de::DeserializeOwned;
use sha2::{Sha256, Sha384, Sha512};

use crate::jose::AssertionAlg;
use crate::jwt::{JwtProblem, Parts};
use crate::secret::Secret;

/// The fewest characters of a secret that makes such JWTs: as many octets as the longest of the hashes has (RFC 7518 §3.2).
pub const MIN_MAC_SECRET: usize = 64;

/// A JWT with a MAC, taken apart. Nothing in it is believed before the MAC was verified.
#[derive(Debug, Clone)]
pub struct MacJwt {
    compact: Secret,
    pub alg: AssertionAlg,
    /// In lower case, without `application/`.
    pub typ: Option<String>,
    claims: Vec<u8>,
    mac: Vec<u8>,
}

impl MacJwt {
    /// # Errors
    /// As of [`crate::jwt::ForeignJwt::parse`], for what has no MAC.
    pub fn parse(compact: &str) -> Result<Self, JwtProblem> {
        let Parts { header, claims, signature } = Parts::of(compact)?;
        let alg = AssertionAlg::find(&header.alg).filter(|alg| alg.is_mac()).ok_or(JwtProblem::Algorithm)?;
        Ok(Self { compact: Secret::new(compact), alg, typ: header.media_type(), claims, mac: signature })
    }

    /// The whole of it.
    #[must_use]
    pub fn compact(&self) -> &Secret {
        &self.compact
    }

    /// The claims that `T` names. None of them may come twice.
    ///
    /// # Errors
    /// When one is missing that `T` needs, or is of another type.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, JwtProblem> {
        serde_json::from_slice(&self.claims).map_err(|_| JwtProblem::Malformed)
    }

    /// True when `secret` made the MAC. Compared in constant time.
    #[must_use]
    pub fn is_made_with(&self, secret: &Secret) -> bool {
        let Some((signed, _)) = self.compact.expose().rsplit_once('.') else { return false };
        let (key, signed) = (secret.expose().as_bytes(), signed.as_bytes());
        match self.alg {
            AssertionAlg::HS256 => verify::<Hmac<Sha256>>(key, signed, &self.mac),
            AssertionAlg::HS384 => verify::<Hmac<Sha384>>(key, signed, &self.mac),
            AssertionAlg::HS512 => verify::<Hmac<Sha512>>(key, signed, &self.mac),
            _ => false,
        }
    }
}

fn verify<M: Mac + KeyInit>(key: &[u8], signed: &[u8], mac: &[u8]) -> bool {
    // A whole one: the beginning of a MAC is no MAC.
    <M as Mac>::new_from_slice(key).is_ok_and(|state| state.chain_update(signed).verify_slice(mac).is_ok())
}
