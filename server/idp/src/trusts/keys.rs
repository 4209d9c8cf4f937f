//! The keys of issuers elsewhere: given by an administrator, at an address, or found by the metadata of the issuer (OpenID Connect
//! Discovery 1.0 §4, RFC 8414 §3). Nothing is asked of an issuer that nobody trusts.

use moka::sync::Cache;
use oauth::error::TokenError;
use oauth::field::check_https_url;
use oauth::id::TrustId;
use oauth::jwt::ForeignJwt;
use oauth::refusal::Reason;
use oauth::time::Timestamp;
use oauth::trust::{MOST_TRUSTS, Trust, refused};
use serde::Deserialize;

use super::KnownTrust;
use crate::Idp;
use crate::error::Error;
use crate::outbound::Limits;

/// Seconds that the address of the keys is believed.
const BELIEVED: i64 = 3_600;

/// Seconds that the last address serves while the issuer does not answer.
const KEPT: i64 = 86_400;

/// Seconds between two looks for one that was not found.
const PAUSE: i64 = 10;

/// The addresses of keys that this process found, by the issuers.
pub(crate) struct IssuerAddresses(Cache<String, Held>);

#[derive(Debug, Clone)]
struct Held {
    jwks_uri: Result<String, String>,
    /// When it was found.
    found_at: Timestamp,
    asked_at: Timestamp,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl IssuerAddresses {
    pub(crate) fn new() -> Self {
        Self(Cache::new(2 * MOST_TRUSTS as u64))
    }
}

impl std::fmt::Debug for IssuerAddresses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IssuerAddresses(…)")
    }
}

impl Idp {
    /// Makes sure that a key of the issuer signed the assertion.
    ///
    /// # Errors
    /// `invalid_grant`; `temporarily_unavailable` while the keys cannot be had.
    pub(crate) async fn check_issuer_signature(&self, trust: &KnownTrust, jwt: &ForeignJwt) -> Result<(), TokenError> {
        let unknown = |why: &str| {
            tracing::warn!(issuer = %trust.issuer, why, "the keys of an issuer cannot be had");
            TokenError::new(Reason::GrantAssertionKeys)
        };
        let signed = match &trust.keys {
            Some(keys) => keys.signed(jwt),
            None => {
                let uri = self.find_jwks_uri(trust).await.map_err(|why| unknown(&why))?;
                self.is_signed_by_set_at(&uri, jwt).await.ok_or_else(|| unknown("its JWK Set cannot be had"))?
            }
        };
        if signed { Ok(()) } else { Err(refused("no key of its issuer signed it")) }
    }

    /// Looks for the keys of a trust as it is saved now, for an administrator. `Err` is a sentence for them.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn look_for_keys(&self, id: &TrustId) -> Result<Result<usize, String>, Error> {
        let trust = self.get_trust(id).await?.trust;
        let Some(keys) = trust.keys() else { return Ok(Err("This trust needs no keys.".to_owned())) };
        if let Some(jwks) = &keys.jwks {
            return Ok(Ok(jwks.keys().len()));
        }
        let uri = match &keys.jwks_uri {
            Some(uri) => Ok(uri.clone()),
            None => self.discover_jwks_uri(&trust.issuer).await,
        };
        Ok(match uri {
            Ok(uri) => match self.outbound.get(&uri, Limits::JWK_SET).await {
                Ok(fetched) => match oauth::jwk::JwkSet::fetched(&String::from_utf8_lossy(&fetched.body)) {
                    Ok(set) => Ok(set.keys().len()),
                    Err(problem) => Err(format!("{uri}: {problem}")),
                },
                Err(error) => Err(format!("{uri}: {error}")),
            },
            Err(why) => Err(why),
        })
    }

    /// The address of the keys of a trust.
    async fn find_jwks_uri(&self, trust: &Trust) -> Result<String, String> {
        if let Some(uri) = trust.keys().and_then(|keys| keys.jwks_uri.clone()) {
            return Ok(uri);
        }
        let (now, addresses) = (self.now(), &self.issuer_addresses.0);
        let held = addresses.get(&trust.issuer);
        if let Some(held) = &held {
            let is_fresh = held.jwks_uri.is_ok() && now < held.found_at.plus(BELIEVED);
            if is_fresh || now < held.asked_at.plus(PAUSE) {
                return held.jwks_uri.clone();
            }
        }
        let next = match (self.discover_jwks_uri(&trust.issuer).await, held) {
            (Err(_), Some(held)) if held.jwks_uri.is_ok() && now < held.found_at.plus(KEPT) => {
                Held { asked_at: now, ..held }
            }
            (jwks_uri, _) => Held { jwks_uri, found_at: now, asked_at: now },
        };
        addresses.insert(trust.issuer.clone(), next.clone());
        next.jwks_uri
    }

    /// Asks the issuer where its keys are.
    async fn discover_jwks_uri(&self, issuer: &str) -> Result<String, String> {
        let mut problems = Vec::new();
        for url in metadata_urls(issuer) {
            let fetched = match self.outbound.get(&url, Limits::ISSUER_METADATA).await {
                Ok(fetched) => fetched,
                Err(error) => {
                    problems.push(format!("{url}: {error}"));
                    continue;
                }
            };
            let Ok(metadata) = serde_json::from_slice::<Metadata>(&fetched.body) else {
                problems.push(format!("{url}: this is no metadata with issuer and jwks_uri"));
                continue;
            };
            // Otherwise one issuer could speak for another (RFC 8414 §3.3).
            if metadata.issuer != issuer {
                problems.push(format!("{url}: it says that the issuer is {}", metadata.issuer));
                continue;
            }
            match check_https_url(&metadata.jwks_uri) {
                Ok(Some(_)) => return Ok(metadata.jwks_uri.trim().to_owned()),
                Ok(None) => problems.push(format!("{url}: jwks_uri is empty")),
                Err(error) => problems.push(format!("{url}: jwks_uri: {error}")),
            }
        }
        Err(problems.join("; "))
    }
}

/// The places of the metadata of an issuer: of OpenID Connect first, for more issuers have it.
fn metadata_urls(issuer: &str) -> Vec<String> {
    let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
    let openid = format!("{issuer}/.well-known/openid-configuration");
    let authority = issuer.find("://").map_or(0, |at| at + 3);
    let (origin, path) = match issuer.get(authority..).and_then(|rest| rest.find('/')) {
        Some(at) => issuer.split_at(authority + at),
        None => (issuer, ""),
    };
    vec![openid, format!("{origin}/.well-known/oauth-authorization-server{path}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_at_two_places() {
        assert_eq!(
            metadata_urls("https://idp.example/t/"),
            [
                "https://idp.example/t/.well-known/openid-configuration",
                "https://idp.example/.well-known/oauth-authorization-server/t"
            ]
        );
        assert_eq!(
            metadata_urls("https://idp.example")[1],
            "https://idp.example/.well-known/oauth-authorization-server"
        );
    }
}
