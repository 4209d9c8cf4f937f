//! Authorization requests whose parameters do not stand in the request: request objects (RFC 9101), by value or at an address of the
//! client's, and requests that were pushed before (RFC 9126). And answers that are signed.

pub(crate) mod pushed;

use oauth::authorize::{Asked, RequestObject};
use oauth::client::Client;
use oauth::error::{OAuthError, TokenError};
use oauth::jose::SigningAlg;
use oauth::jwt::ForeignJwt;
use oauth::refusal::Reason;
use serde_json::{Map, Value};

use crate::Idp;
use crate::error::Error;
use crate::jose::ForeignKeys;
use crate::outbound::Limits;

impl Idp {
    /// The request in a request object of `client`. `begun`: it came before, and somebody has been signing in since.
    ///
    /// # Errors
    /// `invalid_request_object`; `temporarily_unavailable` when the keys of the client cannot be had.
    pub async fn read_request_object(&self, client: &Client, object: &str, begun: bool) -> Result<Asked, OAuthError> {
        let object = RequestObject::parse(object)?;
        object.verify(client, self.issuer(), self.now(), begun)?;
        match self.is_request_signed(client, &object.jwt).await? {
            true => Ok(Asked { parameters: object.parameters(client)?, is_signed: true, is_pushed: false }),
            false => Err(OAuthError::new(Reason::RequestObjectForged)),
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

    async fn is_request_signed(&self, client: &Client, jwt: &ForeignJwt) -> Result<bool, OAuthError> {
        if client.jwks.is_none() && client.jwks_uri.is_none() {
            return Err(OAuthError::new(Reason::RequestObjectKeyless));
        }
        // Keys that are registered were parsed when the client was read; those of a document may have rolled since.
        let registered = self.find_registered(&client.client_id).await.map_err(|error| TokenError::from(error).0)?;
        let registered = registered.filter(|registered| registered.jwks == client.jwks);
        let rolled = match (&registered, &client.jwks) {
            (None, Some(jwks)) => Some(ForeignKeys::parse(jwks)),
            _ => None,
        };
        let keys = registered.as_ref().and_then(|registered| registered.keys.as_ref()).or(rolled.as_ref());
        let signed = self.is_signed_by(client, keys, jwt).await;
        signed.ok_or_else(|| OAuthError::new(Reason::RequestObjectKeysAway))
    }
}
