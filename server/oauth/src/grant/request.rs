//! The token request, by `grant_type`.

use super::{
    AssertionRequest, CibaRequest, CodeRequest, DeviceCodeRequest, ExchangeRequest, MachineRequest, RefreshRequest,
};
use crate::client::{Client, GrantType};
use crate::details::AUTHORIZATION_DETAILS;
use crate::error::{OAuthError, TokenError};
use crate::form::Form;
use crate::refusal::Reason;
use crate::scope::Scope;

/// A token request of a client that may use the grant type.
#[derive(Debug, Clone)]
pub enum TokenRequest {
    AuthorizationCode(CodeRequest),
    RefreshToken(RefreshRequest),
    ClientCredentials(MachineRequest),
    DeviceCode(DeviceCodeRequest),
    Ciba(CibaRequest),
    JwtBearer(Box<AssertionRequest>),
    TokenExchange(ExchangeRequest),
}

impl TokenRequest {
    /// Reads a request of `client`, which has authenticated.
    ///
    /// # Errors
    /// `invalid_request`, `unsupported_grant_type`, `unauthorized_client` or `invalid_scope`.
    pub fn read(form: &Form, client: &Client) -> Result<Self, TokenError> {
        form.check_unrepeated()?;
        let word = required(form, "grant_type")?;
        let unsupported = || OAuthError::new(Reason::GrantTypeUnsupported).sent("grant_type", word);
        let grant_type = GrantType::find(word).filter(|it| *it != GrantType::Implicit).ok_or_else(unsupported)?;
        client.check_may_use(grant_type)?;
        Ok(match grant_type {
            GrantType::Implicit => return Err(unsupported().into()),
            GrantType::AuthorizationCode => Self::AuthorizationCode(CodeRequest::read(form)?),
            GrantType::RefreshToken => Self::RefreshToken(RefreshRequest::read(form)?),
            GrantType::ClientCredentials => Self::ClientCredentials(MachineRequest::read(form)?),
            GrantType::DeviceCode => Self::DeviceCode(DeviceCodeRequest::read(form)?),
            GrantType::Ciba => Self::Ciba(CibaRequest::read(form)?),
            GrantType::JwtBearer => Self::JwtBearer(Box::new(AssertionRequest::read(form)?)),
            GrantType::TokenExchange => Self::TokenExchange(ExchangeRequest::read(form)?),
        })
    }
}

/// A parameter without which the request means nothing.
pub(super) fn required<'a>(form: &'a Form, name: &'static str) -> Result<&'a str, TokenError> {
    let missing = || missing(name);
    form.find(name)?.ok_or_else(missing)
}

/// The answer to a request without the parameter `name`.
#[must_use]
pub fn missing(name: &'static str) -> TokenError {
    let error = OAuthError::because(Reason::ParameterMissing, format!("{name} is missing"));
    error.sent("parameter", "").expected([name]).into()
}

/// The parameter `scope` (RFC 6749 §3.3).
pub(super) fn scope(form: &Form) -> Result<Option<Scope>, TokenError> {
    let scope = form.find("scope")?.map(Scope::parse).transpose();
    scope.map_err(|error| TokenError::because(Reason::ScopeMalformed, error.to_string()))
}

/// Refuses details where none are given: who asks for them must not believe that the token has them.
pub(super) fn check_no_details(form: &Form) -> Result<(), TokenError> {
    match form.find(AUTHORIZATION_DETAILS)? {
        Some(_) => Err(TokenError::new(Reason::DetailsUnsupported)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientDraft, ClientKind};
    use crate::error::ErrorCode;

    #[test]
    fn each_refusal_has_its_error() {
        use ErrorCode as E;
        let client = ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            redirect_uris: "https://a.example/cb".into(),
            ..ClientDraft::preset(ClientKind::Web)
        }
        .check(None)
        .unwrap();
        for (body, code) in [
            ("", E::InvalidRequest),
            ("grant_type=password", E::UnsupportedGrantType),
            ("grant_type=client_credentials", E::UnauthorizedClient),
            ("grant_type=authorization_code", E::InvalidRequest),
            ("grant_type=refresh_token", E::InvalidRequest),
            ("grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=x", E::UnauthorizedClient),
            ("grant_type=urn:openid:params:grant-type:ciba&auth_req_id=x", E::UnauthorizedClient),
            ("grant_type=refresh_token&refresh_token=x&scope=%22", E::InvalidScope),
            ("grant_type=authorization_code&code=a&code=b", E::InvalidRequest),
        ] {
            let form = Form::parse(body.as_bytes()).unwrap();
            assert_eq!(TokenRequest::read(&form, &client).unwrap_err().0.code, code, "{body}");
        }
    }
}
