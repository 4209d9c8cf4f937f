//! Client authentication at the token endpoint and its neighbours (RFC 6749 §2.3, OpenID Connect Core §9).

mod assertion;
mod certificate;
mod secret;

use std::sync::Arc;

use crate::certificate::ClientCertificate;
use crate::client::{Client, ClientAuthMethod, ClientSecret};
use crate::error::OAuthError;
use crate::error::TokenError;
use crate::form::Form;
use crate::id::{ClientId, Hosts};
use crate::refusal::Reason;
use crate::secret::{Secret, SecretDigest};
use crate::time::Timestamp;
pub use assertion::{JWT_BEARER, PresentedAssertion, SingleUse, keys_unknown, used_before};
pub use secret::PresentedSecret;

/// Evidence of which client a request comes from. A way to prove that is a variant here and a file beside `secret.rs`, which
/// reads and judges it.
#[derive(Debug, Clone)]
pub enum Proof {
    /// The client is public, or says nothing: its certificate may say it all.
    None,
    Secret(PresentedSecret),
    Assertion(Box<PresentedAssertion>),
}

/// The verdict on a proof that is good as far as it can be seen here.
#[derive(Debug, Clone, Copy)]
pub enum Proven<'a> {
    /// There is nothing more to prove: the client is public, or was judged by its certificate.
    Nothing,
    /// By this secret.
    Secret(SecretDigest),
    /// By an assertion that this secret made, if it was not used before.
    Mac(SecretDigest, SingleUse),
    /// By this assertion, if a key of the client signed it and it was not used before.
    Assertion(&'a PresentedAssertion, SingleUse),
    /// By this certificate, if its key is one of the client's.
    SelfSigned(&'a ClientCertificate),
}

/// The client that a request says it comes from, and its proof.
#[derive(Debug, Clone)]
pub struct PresentedClient {
    pub client_id: ClientId,
    pub proof: Proof,
    /// The certificate of the connection, if one was shown.
    pub certificate: Option<Arc<ClientCertificate>>,
}

impl PresentedClient {
    /// Reads the credentials from the `Authorization` header or the body, never both (RFC 6749 §2.3).
    ///
    /// # Errors
    /// `invalid_request` when there are two, or a parameter is repeated; `invalid_client` when there is none or the header is
    /// not well formed.
    pub fn read(authorization: Option<&str>, form: &Form) -> Result<Self, TokenError> {
        let id_in_body = form.find("client_id")?;
        let in_body = secret::read_body(form)?;
        if let Some((client_id, assertion)) = PresentedAssertion::read(form, id_in_body)? {
            if authorization.is_some() || !matches!(in_body, Proof::None) {
                return Err(TokenError::new(Reason::TwoProofs));
            }
            return Ok(Self::by(client_id, Proof::Assertion(Box::new(assertion))));
        }
        let Some(header) = authorization else {
            let client_id = id_in_body.map(ClientId::new).ok_or_else(|| TokenError::new(Reason::ClientUnnamed))?;
            return Ok(Self::by(client_id, in_body));
        };
        let (client_id, in_header) = secret::read_header(header)?;
        if !matches!(in_body, Proof::None) {
            return Err(TokenError::new(Reason::TwoProofs));
        }
        if id_in_body.is_some_and(|id| id != client_id.as_str()) {
            return Err(TokenError::new(Reason::ClientIdDiffers));
        }
        Ok(Self::by(client_id, in_header))
    }

    fn by(client_id: ClientId, proof: Proof) -> Self {
        Self { client_id, proof, certificate: None }
    }

    /// The same, on a connection on which a certificate was shown.
    #[must_use]
    pub fn with_certificate(self, certificate: Option<Arc<ClientCertificate>>) -> Self {
        Self { certificate, ..self }
    }

    /// True for a proof that is spent by its use.
    #[must_use]
    pub fn is_good_once(&self) -> bool {
        matches!(self.proof, Proof::Assertion(_))
    }

    /// The method of the proof (OpenID Connect Core §9).
    #[must_use]
    pub fn method(&self) -> ClientAuthMethod {
        match &self.proof {
            Proof::None => ClientAuthMethod::None,
            Proof::Secret(presented) => presented.method,
            Proof::Assertion(presented) => presented.method(),
        }
    }

    /// The text that proves the client, if one was sent.
    #[must_use]
    pub fn shown(&self) -> Option<&Secret> {
        match &self.proof {
            Proof::None => None,
            Proof::Secret(presented) => Some(&presented.secret),
            Proof::Assertion(presented) => Some(presented.compact()),
        }
    }

    /// Judges the proof by the rules of `client`, the secrets that have not expired at `now`, and the server that an assertion
    /// must be meant for.
    ///
    /// # Errors
    /// `invalid_client` when this is not `client`.
    pub fn verify(
        &self,
        client: &Client,
        secrets: &[ClientSecret],
        hosts: Hosts<'_>,
        now: Timestamp,
    ) -> Result<Proven<'_>, TokenError> {
        match &self.proof {
            Proof::None if client.is_public() => Ok(Proven::Nothing),
            Proof::None if client.token_endpoint_auth_method.is_by_certificate() => {
                certificate::verify(client, self.certificate.as_deref())
            }
            Proof::None if client.token_endpoint_auth_method.shows_secret() => {
                Err(TokenError::new(Reason::SecretMissing))
            }
            Proof::None => Err(TokenError::new(Reason::AssertionMissing)),
            Proof::Secret(presented) => presented.verify(client, secrets, now).map(Proven::Secret),
            Proof::Assertion(presented) => {
                let once = presented.verify(client, hosts, now)?;
                Ok(match presented.check_mac(secrets, now)? {
                    Some(secret) => Proven::Mac(secret, once),
                    None => Proven::Assertion(presented, once),
                })
            }
        }
    }
}

/// The answer to a proof that is not of the method of the client.
fn other_method(client: &Client, method: ClientAuthMethod) -> TokenError {
    let error = OAuthError::new(Reason::AuthMethodOther).sent("token_endpoint_auth_method", method.as_str());
    let methods = client.rules().secret_methods;
    let registered = client.token_endpoint_auth_method;
    if methods.is_empty() { error.expected([registered]) } else { error.expected(methods) }.into()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::client::{ClientDraft, ClientKind};
    use crate::error::ErrorCode;
    use crate::id::Issuer;
    use crate::secret::Secret;

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn read(header: Option<&str>, body: &str) -> Result<PresentedClient, TokenError> {
        PresentedClient::read(header, &Form::parse(body.as_bytes()).unwrap())
    }

    fn here() -> Issuer {
        Issuer::parse("https://id.example").unwrap()
    }

    fn client(method: &str) -> Client {
        ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            redirect_uris: "https://a.example/cb".into(),
            token_endpoint_auth_method: method.into(),
            ..ClientDraft::preset(ClientKind::Web)
        }
        .check(None)
        .unwrap()
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        let presented = read(Some(&basic("my%20app:a%2Bb%3Ac")), "").unwrap();
        assert_eq!(presented.client_id.as_str(), "my app");
        let Proof::Secret(shown) = presented.proof else { panic!("there is a secret") };
        assert_eq!(shown.secret.expose(), "a+b:c");
    }

    #[test]
    fn two_ways_at_once_are_refused() {
        let code = |header: Option<&str>, body| read(header, body).unwrap_err().0.code;
        let header = basic("app:s");
        assert_eq!(code(Some(&header), "client_secret=s"), ErrorCode::InvalidRequest);
        assert_eq!(code(Some(&header), "client_id=other"), ErrorCode::InvalidRequest);
        assert_eq!(code(None, "client_id=a&client_id=b"), ErrorCode::InvalidRequest);
        assert_eq!(code(None, ""), ErrorCode::InvalidClient);
        assert_eq!(code(Some("Basic !!!"), ""), ErrorCode::InvalidClient);
        assert_eq!(code(Some("Bearer x"), ""), ErrorCode::InvalidClient);
        assert!(read(Some(&header), "client_id=app").is_ok());
    }

    #[test]
    fn a_secret_proves_the_client_whichever_way_it_travels_until_it_expires() {
        let secret = ClientSecret { digest: Secret::new("s").digest(), key: None, expires_at: Some(Timestamp(100)) };
        let in_header = read(Some(&basic("app:s")), "").unwrap();
        let in_body = read(None, "client_id=app&client_secret=s").unwrap();
        assert_eq!(in_header.method(), ClientAuthMethod::ClientSecretBasic);
        assert_eq!(in_body.method(), ClientAuthMethod::ClientSecretPost);
        for presented in [in_header, in_body] {
            let verify = |method, now| {
                presented
                    .verify(&client(method), std::slice::from_ref(&secret), (&here()).into(), Timestamp(now))
                    .is_ok()
            };
            for method in ["client_secret_basic", "client_secret_post"] {
                assert!(verify(method, 99) && !verify(method, 100), "{method}");
            }
            assert!(!verify("none", 99), "a public client sends none");
        }
    }

    #[test]
    fn a_wrong_secret_proves_nothing() {
        let secret = ClientSecret { digest: Secret::new("s").digest(), key: None, expires_at: None };
        for body in ["client_id=app&client_secret=t", "client_id=app"] {
            let presented = read(None, body).unwrap();
            let refused = presented.verify(
                &client("client_secret_post"),
                std::slice::from_ref(&secret),
                (&here()).into(),
                Timestamp(0),
            );
            assert_eq!(refused.unwrap_err().0.code, ErrorCode::InvalidClient, "{body}");
        }
    }

    #[test]
    fn only_a_public_client_needs_no_secret() {
        for bare in
            [read(None, "client_id=app"), read(Some(&basic("app:")), ""), read(None, "client_id=app&client_secret=")]
        {
            let bare = bare.unwrap();
            assert!(bare.verify(&client("none"), &[], (&here()).into(), Timestamp(0)).is_ok());
            assert!(bare.verify(&client("client_secret_basic"), &[], (&here()).into(), Timestamp(0)).is_err());
        }
    }
}
