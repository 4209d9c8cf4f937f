//! A client secret, in the `Authorization` header or in the body (RFC 6749 §2.3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Proof, other_method};
use crate::client::{Client, ClientAuthMethod, ClientSecret};
use crate::error::TokenError;
use crate::form::{Form, decode};
use crate::id::ClientId;
use crate::refusal::Reason;
use crate::secret::{Secret, SecretDigest};
use crate::time::Timestamp;

/// A secret, and the way in which it came.
#[derive(Debug, Clone)]
pub struct PresentedSecret {
    pub secret: Secret,
    /// `client_secret_basic` or `client_secret_post`.
    pub method: ClientAuthMethod,
}

impl PresentedSecret {
    /// # Errors
    /// `invalid_client` when no secret of `client` is this one, or it may not come in this way.
    pub(super) fn verify(
        &self,
        client: &Client,
        secrets: &[ClientSecret],
        now: Timestamp,
    ) -> Result<SecretDigest, TokenError> {
        if client.is_public() {
            return Err(TokenError::new(Reason::SecretUnwanted));
        }
        if !client.rules().secret_methods.contains(&self.method) {
            return Err(other_method(client, self.method));
        }
        self.find_among(secrets, now).ok_or_else(|| {
            let was_right = self.find_among(secrets, Timestamp(i64::MIN)).is_some();
            TokenError::new(if was_right { Reason::SecretExpired } else { Reason::SecretWrong })
        })
    }

    /// The one of `secrets` that this is, if it has not expired at `now`.
    #[must_use]
    pub fn find_among(&self, secrets: &[ClientSecret], now: Timestamp) -> Option<SecretDigest> {
        let presented = self.secret.digest();
        let live = secrets.iter().filter(|secret| secret.expires_at.is_none_or(|expiry| now < expiry));
        // Every secret is compared, so that the time taken does not tell which one came close.
        let good = live.fold(false, |good, secret| good | (secret.digest == presented));
        good.then_some(presented)
    }
}

/// The secret in a body.
pub(super) fn read_body(form: &Form) -> Result<Proof, TokenError> {
    Ok(proof(form.find("client_secret")?.unwrap_or_default(), ClientAuthMethod::ClientSecretPost))
}

/// User and password of HTTP Basic, each form-encoded before the whole was base64-encoded.
pub(super) fn read_header(header: &str) -> Result<(ClientId, Proof), TokenError> {
    let malformed = || TokenError::new(Reason::BasicMalformed);
    let (scheme, credentials) = header.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(TokenError::new(Reason::NotBasic));
    }
    let bytes = STANDARD.decode(credentials.trim()).map_err(|_| malformed())?;
    let mut halves = bytes.splitn(2, |byte| *byte == b':');
    let (Some(id), Some(secret)) = (halves.next(), halves.next()) else {
        return Err(malformed());
    };
    let (id, secret) = (decode(id).map_err(|_| malformed())?, decode(secret).map_err(|_| malformed())?);
    if id.is_empty() {
        return Err(malformed());
    }
    Ok((ClientId::new(id), proof(&secret, ClientAuthMethod::ClientSecretBasic)))
}

/// An empty secret is none: the library of a client without one may still be made to send the header.
fn proof(secret: &str, method: ClientAuthMethod) -> Proof {
    if secret.is_empty() { Proof::None } else { Proof::Secret(PresentedSecret { secret: Secret::new(secret), method }) }
}
