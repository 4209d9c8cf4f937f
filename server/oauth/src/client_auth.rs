//! Client authentication at the token endpoint and its neighbours (RFC 6749 §2.3, OpenID Connect Core §9).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::client::{Client, ClientAuthMethod, ClientSecret};
use crate::error::{ErrorCode, TokenError};
use crate::form::{Form, decode};
use crate::id::ClientId;
use crate::secret::{Secret, SecretDigest};
use crate::time::Timestamp;

/// Where a client authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientEndpoint {
    /// By the method that the client is registered for, and no other.
    Token,
    /// `/revoke` and `/introspect`, of which `token_endpoint_auth_method` does not speak (RFC 7591 §2): a secret may come in the
    /// header or in the body.
    Management,
}

/// Who a request says it comes from, and what it shows for it.
#[derive(Debug, Clone)]
pub struct PresentedClient {
    pub client_id: ClientId,
    pub method: ClientAuthMethod,
    pub secret: Option<Secret>,
}

impl PresentedClient {
    /// Reads the credentials from the `Authorization` header or the body, never both (RFC 6749 §2.3).
    ///
    /// # Errors
    /// `invalid_request` when there are two, or a parameter is repeated; `invalid_client` when there is none or the header is
    /// not well formed.
    pub fn read(authorization: Option<&str>, form: &Form) -> Result<Self, TokenError> {
        let id_in_body = form.find("client_id")?;
        let secret_in_body = form.find("client_secret")?;
        if form.find("client_assertion")?.is_some() || form.find("client_assertion_type")?.is_some() {
            return Err(invalid_client("client assertions are not supported"));
        }
        if let Some(header) = authorization {
            let (client_id, secret) = read_basic(header)?;
            if secret_in_body.is_some() {
                return Err(TokenError::new(ErrorCode::InvalidRequest, "the client authenticated in two ways at once"));
            }
            if id_in_body.is_some_and(|id| id != client_id) {
                return Err(TokenError::new(
                    ErrorCode::InvalidRequest,
                    "client_id differs from the Authorization header",
                ));
            }
            // A client without a secret may still be made to send the header by its library.
            let method = if secret.is_empty() { ClientAuthMethod::None } else { ClientAuthMethod::ClientSecretBasic };
            let secret = (!secret.is_empty()).then(|| Secret::new(secret));
            return Ok(Self { client_id: ClientId::new(client_id), method, secret });
        }
        let client_id = id_in_body
            .map(ClientId::new)
            .ok_or_else(|| invalid_client("the request does not say which client it comes from"))?;
        let secret = secret_in_body.map(Secret::new);
        let method = if secret.is_some() { ClientAuthMethod::ClientSecretPost } else { ClientAuthMethod::None };
        Ok(Self { client_id, method, secret })
    }

    /// Whether this is `client`, judged by the methods that `endpoint` takes from it and the secrets that have not expired at
    /// `now`. Gives the secret that proved it, if it took one.
    ///
    /// # Errors
    /// `invalid_client` when it is not.
    pub fn verify(
        &self,
        client: &Client,
        secrets: &[ClientSecret],
        endpoint: ClientEndpoint,
        now: Timestamp,
    ) -> Result<Option<SecretDigest>, TokenError> {
        let registered = client.token_endpoint_auth_method;
        let both_by_secret = self.method.needs_secret() && registered.needs_secret();
        if self.method != registered && !(endpoint == ClientEndpoint::Management && both_by_secret) {
            return Err(invalid_client(match registered {
                ClientAuthMethod::None => {
                    "this client is registered for the authentication method none: send no secret"
                }
                ClientAuthMethod::ClientSecretBasic => {
                    "this client is registered for the authentication method client_secret_basic"
                }
                ClientAuthMethod::ClientSecretPost => {
                    "this client is registered for the authentication method client_secret_post"
                }
            }));
        }
        let Some(presented) = self.secret.as_ref().map(Secret::digest) else {
            return Ok(None);
        };
        let live = secrets.iter().filter(|secret| secret.expires_at.is_none_or(|expiry| now < expiry));
        // Every secret is compared, so that the time taken does not tell which one came close.
        let good = live.fold(false, |good, secret| good | (secret.digest == presented));
        if good { Ok(Some(presented)) } else { Err(unknown_or_wrong()) }
    }
}

/// The answer to an unknown client and to a wrong secret: the same, so that client IDs cannot be probed.
#[must_use]
pub fn unknown_or_wrong() -> TokenError {
    invalid_client("the client is not known here or its secret is wrong")
}

fn invalid_client(description: &'static str) -> TokenError {
    TokenError::new(ErrorCode::InvalidClient, description)
}

/// User and password of HTTP Basic, each form-encoded before the whole was base64-encoded (RFC 6749 §2.3.1).
fn read_basic(header: &str) -> Result<(String, String), TokenError> {
    let malformed = || invalid_client("the Authorization header is not well-formed HTTP Basic");
    let (scheme, credentials) = header.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(invalid_client("clients authenticate here by HTTP Basic or in the body"));
    }
    let bytes = STANDARD.decode(credentials.trim()).map_err(|_| malformed())?;
    let mut halves = bytes.splitn(2, |byte| *byte == b':');
    let (Some(id), Some(secret)) = (halves.next(), halves.next()) else {
        return Err(malformed());
    };
    let (id, secret) = (decode(id).map_err(|_| malformed())?, decode(secret).map_err(|_| malformed())?);
    if id.is_empty() { Err(malformed()) } else { Ok((id, secret)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientDraft, ClientKind};

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn read(header: Option<&str>, body: &str) -> Result<PresentedClient, TokenError> {
        PresentedClient::read(header, &Form::parse(body.as_bytes()).unwrap())
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
        assert_eq!(presented.secret.unwrap().expose(), "a+b:c");
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
    fn a_secret_opens_by_the_registered_method_until_it_expires() {
        let secret = ClientSecret { digest: Secret::new("s").digest(), expires_at: Some(Timestamp(100)) };
        let presented = read(Some(&basic("app:s")), "").unwrap();
        let verify = |method, endpoint, now| {
            presented.verify(&client(method), std::slice::from_ref(&secret), endpoint, Timestamp(now)).is_ok()
        };
        for endpoint in [ClientEndpoint::Token, ClientEndpoint::Management] {
            assert!(verify("client_secret_basic", endpoint, 99));
            assert!(!verify("client_secret_basic", endpoint, 100));
            assert!(!verify("none", endpoint, 99));
        }
        assert!(!verify("client_secret_post", ClientEndpoint::Token, 99));
        assert!(verify("client_secret_post", ClientEndpoint::Management, 99));
        assert!(!verify("client_secret_post", ClientEndpoint::Management, 100));
    }

    #[test]
    fn only_a_public_client_needs_no_secret() {
        let bare = read(None, "client_id=app").unwrap();
        for endpoint in [ClientEndpoint::Token, ClientEndpoint::Management] {
            assert!(bare.verify(&client("none"), &[], endpoint, Timestamp(0)).is_ok());
            assert!(bare.verify(&client("client_secret_basic"), &[], endpoint, Timestamp(0)).is_err());
        }
    }
}
