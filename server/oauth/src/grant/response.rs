//! The answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).

use serde_json::{Map, Value, json};

use super::TokenType;
use crate::details::{AUTHORIZATION_DETAILS, AuthorizationDetails};
use crate::scope::Scope;
use crate::secret::Secret;

/// Tokens on their way to the client, once.
#[derive(Debug, Clone)]
pub struct TokenResponse {
    pub access_token: Secret,
    /// Seconds.
    pub expires_in: i64,
    pub scope: Scope,
    /// As granted to the access token (RFC 9396 §7).
    pub details: AuthorizationDetails,
    pub refresh_token: Option<Secret>,
    pub id_token: Option<String>,
    /// `issued_token_type`, in answer to an exchange (RFC 8693 §2.2.1).
    pub exchanged: Option<TokenType>,
    /// True when the access token is bound to a key (RFC 9449 §5).
    pub is_bound: bool,
}

impl TokenResponse {
    /// The JSON object of the answer.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        put("access_token", self.access_token.expose().into());
        // An assertion opens nothing by itself, so it is no token of either kind here.
        let token_type = match self.exchanged {
            Some(TokenType::IdJag) => "N_A",
            _ if self.is_bound => "DPoP",
            _ => "Bearer",
        };
        put("token_type", token_type.into());
        if let Some(issued) = self.exchanged {
            put("issued_token_type", issued.as_str().into());
        }
        put("expires_in", self.expires_in.into());
        put("scope", self.scope.to_string().into());
        if !self.details.is_empty() {
            put(AUTHORIZATION_DETAILS, json!(self.details));
        }
        if let Some(refresh_token) = &self.refresh_token {
            put("refresh_token", refresh_token.expose().into());
        }
        if let Some(id_token) = &self.id_token {
            put("id_token", id_token.as_str().into());
        }
        Value::Object(members)
    }
}
