//! What the token endpoint is asked for.

use crate::client::{Client, GrantType};
use crate::error::{ErrorCode, TokenError};
use crate::form::Form;
use crate::scope::{Scope, ScopeDefinition};
use crate::secret::Secret;

/// `grant_type=authorization_code` (RFC 6749 §4.1.3, RFC 7636 §4.5).
#[derive(Debug, Clone)]
pub struct CodeRequest {
    pub code: Secret,
    pub redirect_uri: Option<String>,
    pub code_verifier: Option<String>,
}

/// `grant_type=refresh_token` (RFC 6749 §6).
#[derive(Debug, Clone)]
pub struct RefreshRequest {
    pub refresh_token: Secret,
    pub scope: Option<Scope>,
}

/// A token request, by `grant_type`.
#[derive(Debug, Clone)]
pub enum TokenRequest {
    AuthorizationCode(CodeRequest),
    RefreshToken(RefreshRequest),
    ClientCredentials { scope: Option<Scope> },
}

impl TokenRequest {
    /// Reads a request of `client`, which has authenticated.
    ///
    /// # Errors
    /// `invalid_request`, `unsupported_grant_type`, `unauthorized_client` or `invalid_scope`.
    pub fn read(form: &Form, client: &Client) -> Result<Self, TokenError> {
        form.check_unrepeated()?;
        let word = form.find("grant_type")?.ok_or_else(|| missing("grant_type"))?;
        let grant_type = GrantType::find(word).ok_or_else(|| {
            TokenError::new(ErrorCode::UnsupportedGrantType, "this server does not support that grant_type")
        })?;
        if !client.may_use(grant_type) {
            let description = format!("this client is not registered for the grant type {grant_type}");
            return Err(TokenError::new(ErrorCode::UnauthorizedClient, description));
        }
        let required = |name| form.find(name)?.ok_or_else(|| missing(name));
        Ok(match grant_type {
            GrantType::AuthorizationCode => Self::AuthorizationCode(CodeRequest {
                code: Secret::new(required("code")?),
                redirect_uri: form.find("redirect_uri")?.map(str::to_owned),
                code_verifier: form.find("code_verifier")?.map(str::to_owned),
            }),
            GrantType::RefreshToken => Self::RefreshToken(RefreshRequest {
                refresh_token: Secret::new(required("refresh_token")?),
                scope: scope(form)?,
            }),
            GrantType::ClientCredentials => Self::ClientCredentials { scope: scope(form)? },
        })
    }
}

/// What a client that acts for itself is granted: what it asked for, or its default, without the scopes that speak of a user.
///
/// # Errors
/// `invalid_scope` when it asks for more than it may.
pub fn client_credentials_scope(
    client: &Client,
    requested: Option<&Scope>,
    known: &[ScopeDefinition],
) -> Result<Scope, TokenError> {
    let scope = client.requested_scope(requested, known)?;
    Ok(scope.without("openid").without("offline_access"))
}

fn scope(form: &Form) -> Result<Option<Scope>, TokenError> {
    let scope = form.find("scope")?.map(Scope::parse).transpose();
    scope.map_err(|error| TokenError::new(ErrorCode::InvalidScope, error.to_string()))
}

fn missing(name: &'static str) -> TokenError {
    TokenError::new(ErrorCode::InvalidRequest, format!("{name} is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientDraft, ClientKind};
    use crate::scope::ScopeToken;

    fn client(kind: ClientKind, scope: &str) -> Client {
        let draft = ClientDraft::preset(kind);
        ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            redirect_uris: "https://a.example/cb".into(),
            scope: scope.into(),
            ..draft
        }
        .check(None)
        .unwrap()
    }

    #[test]
    fn each_refusal_has_its_error() {
        use ErrorCode as E;
        for (body, code) in [
            ("", E::InvalidRequest),
            ("grant_type=password", E::UnsupportedGrantType),
            ("grant_type=client_credentials", E::UnauthorizedClient),
            ("grant_type=authorization_code", E::InvalidRequest),
            ("grant_type=refresh_token", E::InvalidRequest),
            ("grant_type=refresh_token&refresh_token=x&scope=%22", E::InvalidScope),
            ("grant_type=authorization_code&code=a&code=b", E::InvalidRequest),
        ] {
            let form = Form::parse(body.as_bytes()).unwrap();
            assert_eq!(
                TokenRequest::read(&form, &client(ClientKind::Web, "openid")).unwrap_err().0.code,
                code,
                "{body}"
            );
        }
    }

    #[test]
    fn a_machine_gets_no_scope_that_speaks_of_a_user() {
        let machine = client(ClientKind::Machine, "openid jobs:read jobs:deleted offline_access");
        let known = ["openid", "jobs:read", "jobs:write", "offline_access"].map(|name| ScopeDefinition {
            name: ScopeToken::parse(name).unwrap(),
            description: String::new(),
            claims: Vec::new(),
        });
        assert_eq!(client_credentials_scope(&machine, None, &known).unwrap().to_string(), "jobs:read");
        for outside in ["jobs:write", "jobs:deleted"] {
            let asked = Scope::parse(outside).unwrap();
            let refused = client_credentials_scope(&machine, Some(&asked), &known).unwrap_err();
            assert_eq!(refused.0.code, ErrorCode::InvalidScope, "{outside}");
        }
    }
}
