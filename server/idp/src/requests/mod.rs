//! Authorization requests whose parameters do not stand in the request: request objects (RFC 9101), by value or at an address of the
//! client's, and requests that were pushed before (RFC 9126). And answers that are signed, or encrypted.

pub(crate) mod pushed;

use std::sync::Arc;

use oauth::authorize::{Asked, RequestObject, backchannel_refusal};
use oauth::client::{Client, Encrypted};
use oauth::client_auth::SingleUse;
use oauth::error::{OAuthError, TokenError};
use oauth::form::Form;
use oauth::jose::{Encryption, SigningAlg};
use oauth::jwe::EncryptedJwt;
use oauth::jwt::ForeignJwt;
use oauth::refusal::Reason;
use serde_json::{Map, Value};

use crate::Idp;
use crate::error::Error;
use crate::jose::{Content, ForeignKeys, Recipient};
use crate::outbound::Limits;

impl Idp {
    /// The request in a request object of `client`. `begun`: it came before, and somebody has been signing in since.
    ///
    /// # Errors
    /// `invalid_request_object`; `temporarily_unavailable` when the keys of the client cannot be had.
    pub async fn read_request_object(&self, client: &Client, object: &str, begun: bool) -> Result<Asked, OAuthError> {
        let opened = self.open_request_object(client, object.trim())?;
        let object = RequestObject::parse(opened.as_deref().unwrap_or(object))?;
        object.verify(client, self.issuer(), self.now(), begun)?;
        match self.is_request_signed(client, &object.jwt).await? {
            true => Ok(Asked { parameters: object.parameters(client)?, is_signed: true, is_pushed: false }),
            false => Err(OAuthError::new(Reason::RequestObjectForged)),
        }
    }

    /// The signed request object in one that is encrypted; none if this one is not. It is opened once: what is in it is signed, or refused.
    fn open_request_object(&self, client: &Client, object: &str) -> Result<Option<String>, OAuthError> {
        if !EncryptedJwt::is_meant(object) {
            return Ok(None);
        }
        let refused = |why: &str| {
            OAuthError::because(Reason::RequestObjectRefused, format!("the request object is refused: {why}"))
        };
        let jwt = EncryptedJwt::parse(object).map_err(|problem| refused(&problem.to_string()))?;
        if client.encryption.find(Encrypted::RequestObject).is_some_and(|registered| registered != jwt.encryption) {
            return Err(refused("it is encrypted by other algorithms than the client is registered for"));
        }
        let opened = self.keyring().decrypt(&jwt, self.now());
        opened.map(Some).ok_or_else(|| OAuthError::new(Reason::RequestObjectSealed))
    }

    /// The request in a signed authentication request of `client` (CIBA §7.1.1), and the place of that among those that were used.
    ///
    /// # Errors
    /// `invalid_request`; `temporarily_unavailable` when the keys of the client cannot be had.
    pub async fn read_backchannel_object(
        &self,
        client: &Client,
        object: &str,
    ) -> Result<(Form, SingleUse), OAuthError> {
        let object = RequestObject::parse_backchannel(object)?;
        let once = object.verify_backchannel(client, self.issuer(), self.now())?;
        match self.is_request_signed(client, &object.jwt).await.map_err(backchannel_refusal)? {
            true => Ok((object.parameters(client).map_err(backchannel_refusal)?, once)),
            false => Err(backchannel_refusal(OAuthError::new(Reason::RequestObjectForged))),
        }
    }

    /// The request in the request object at `uri`, which the client registered.
    ///
    /// # Errors
    /// `invalid_request_uri` when it is not registered or nothing comes from there; see [`Idp::read_request_object`].
    pub async fn fetch_request_object(&self, client: &Client, uri: &str, begun: bool) -> Result<Asked, OAuthError> {
        if !client.allows_request_uri(uri) {
            let error = OAuthError::new(Reason::RequestUriUnregistered);
            return Err(error.sent("request_uri", uri).expected(&client.request_uris));
        }
        let address = uri.split('#').next().unwrap_or_default();
        let fetched = self.outbound.get(address, Limits::REQUEST_OBJECT).await.map_err(|problem| {
            let description = format!("nothing that helps came from the request_uri: {problem}");
            OAuthError::because(Reason::RequestUriAway, description).sent("request_uri", uri)
        })?;
        self.read_request_object(client, &String::from_utf8_lossy(&fetched.body), begun).await
    }

    /// An answer, signed; `typ` says what it is.
    ///
    /// # Errors
    /// When no key of the algorithm signs.
    pub fn sign_answer(&self, alg: SigningAlg, typ: &str, claims: &Map<String, Value>) -> Result<String, Error> {
        let claims = serde_json::to_vec(claims).map_err(Error::internal)?;
        Ok(self.keyring().sign(alg, Some(typ), &claims)?)
    }

    /// The envelope in which `client` wants its answers of this kind. Whoever spends something for the answer asks for it before.
    ///
    /// # Errors
    /// [`Error::NoRecipient`] when there is no key of the client's to encrypt to.
    pub async fn envelope(&self, client: &Client, part: Encrypted) -> Result<Envelope, Error> {
        let Some(encryption) = client.encryption.find(part) else { return Ok(Envelope(None)) };
        let found = match &client.jwks_uri {
            Some(uri) if client.jwks.is_none() => {
                self.recipient_at(uri, encryption.alg).await.ok_or(Error::NoRecipient(Reason::AnswerKeysAway))?
            }
            _ => self.with_keys(client, |keys| keys.and_then(|keys| keys.recipient(encryption.alg))).await?,
        };
        let recipient = found.ok_or(Error::NoRecipient(Reason::AnswerKeyMissing))?;
        Ok(Envelope(Some((recipient, encryption))))
    }

    /// Shows the keys that the client gave. Those that are registered were parsed when it was read; those of a document may have rolled
    /// since.
    async fn with_keys<T>(&self, client: &Client, show: impl FnOnce(Option<&ForeignKeys>) -> T) -> Result<T, Error> {
        let registered = self.find_registered(&client.client_id).await?;
        let registered = registered.filter(|registered| registered.jwks == client.jwks);
        let rolled = match (&registered, &client.jwks) {
            (None, Some(jwks)) => Some(ForeignKeys::parse(jwks)),
            _ => None,
        };
        Ok(show(registered.as_ref().and_then(|registered| registered.keys.as_ref()).or(rolled.as_ref())))
    }

    async fn is_request_signed(&self, client: &Client, jwt: &ForeignJwt) -> Result<bool, OAuthError> {
        if !client.has_signature_keys() {
            return Err(OAuthError::new(Reason::RequestObjectKeyless));
        }
        let signed = match &client.jwks_uri {
            Some(uri) if client.jwks.is_none() => self.is_signed_by_set_at(uri, jwt).await,
            _ => {
                let signed = self.with_keys(client, |keys| keys.map(|keys| keys.signed(jwt))).await;
                signed.map_err(|error| TokenError::from(error).0)?
            }
        };
        signed.ok_or_else(|| OAuthError::new(Reason::RequestObjectKeysAway))
    }
}

/// A client's way of getting an answer that nobody else can read, or plainly.
#[derive(Debug, Default)]
pub struct Envelope(Option<(Arc<Recipient>, Encryption)>);

impl Envelope {
    /// True where there is none: the answer goes as it is.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.is_none()
    }

    /// A JWT that was signed, in the envelope: a nested JWT (RFC 7519 §5.2).
    ///
    /// # Errors
    /// When it cannot be encrypted.
    pub fn seal(&self, jwt: String) -> Result<String, Error> {
        match &self.0 {
            Some((recipient, encryption)) => encrypt(recipient, *encryption, Content::Signed(&jwt)),
            None => Ok(jwt),
        }
    }

    /// Claims that nobody signed, in the envelope; `None`: there is none.
    ///
    /// # Errors
    /// When they cannot be encrypted.
    pub fn seal_claims(&self, claims: &Map<String, Value>) -> Result<Option<String>, Error> {
        let Some((recipient, encryption)) = &self.0 else { return Ok(None) };
        let json = serde_json::to_vec(claims).map_err(Error::internal)?;
        encrypt(recipient, *encryption, Content::Json(&json)).map(Some)
    }
}

/// The key is the client's, and so is the fault.
fn encrypt(recipient: &Recipient, encryption: Encryption, content: Content<'_>) -> Result<String, Error> {
    recipient.encrypt(encryption.enc, content).map_err(|error| {
        tracing::warn!(%error, "a key of a client is no key to encrypt to");
        Error::NoRecipient(Reason::AnswerKeyMissing)
    })
}
