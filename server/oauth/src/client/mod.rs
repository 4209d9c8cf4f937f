//! Clients: applications that may ask for tokens (RFC 6749 §2, RFC 7591 §2).

mod draft;
mod policy;
mod secret;

use serde::{Deserialize, Serialize};

pub use draft::{ClientDraft, MAX_CLIENT_ID, check_client_id, check_client_secret, check_origin};
pub use policy::{ClientPolicy, ConsentPolicy, PolicyDraft, TokenFormat};
pub use secret::{ClientSecret, MAX_SECRET_DAYS, SecretDraft};

use crate::claims::ClaimsRequest;
use crate::error::{ErrorCode, OAuthError};
use crate::id::ClientId;
use crate::jose::SigningAlg;
use crate::redirect_uri::RedirectUri;
use crate::scope::{Scope, ScopeDefinition, ScopeToken, is_known, open_claim};
use crate::words::words;

words! {
    /// What kind of application a client is: decides the defaults, and that a native app may listen on any loopback port.
    ClientKind {
        /// Runs on a server and keeps a secret.
        #[default]
        Web = "web",
        /// Runs in the browser; no secret.
        Spa = "spa",
        /// Runs on a device (desktop, mobile, command line); no secret (RFC 8252).
        Native = "native",
        /// Acts for itself, nobody signs in.
        Machine = "machine",
    }
}

words! {
    /// How a client proves who it is at the token endpoint (OpenID Connect Core §9).
    ClientAuthMethod {
        #[default]
        ClientSecretBasic = "client_secret_basic",
        ClientSecretPost = "client_secret_post",
        /// A public client: it cannot keep a secret.
        None = "none",
    }
}

words! {
    /// `grant_type` (RFC 6749 §4).
    GrantType {
        #[default]
        AuthorizationCode = "authorization_code",
        RefreshToken = "refresh_token",
        ClientCredentials = "client_credentials",
    }
}

impl ClientAuthMethod {
    /// Whether the client shows a secret, in the header or in the body.
    #[must_use]
    pub fn is_by_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

/// A registered client, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub client_id: ClientId,
    pub client_name: String,
    pub kind: ClientKind,
    /// A disabled client is refused everywhere, as if it were unknown.
    pub enabled: bool,
    pub redirect_uris: Vec<RedirectUri>,
    /// Origins whose pages may call the token endpoint, besides those of a public client's redirect URIs.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    pub grant_types: Vec<GrantType>,
    pub scope: Scope,
    pub token_endpoint_auth_method: ClientAuthMethod,
    pub require_consent: bool,
    #[serde(default)]
    pub id_token_signed_response_alg: SigningAlg,
    #[serde(default)]
    pub client_uri: Option<String>,
    #[serde(default)]
    pub logo_uri: Option<String>,
    #[serde(default)]
    pub policy_uri: Option<String>,
    #[serde(default)]
    pub tos_uri: Option<String>,
    /// What was decided for this client alone; without it the defaults of [`ClientPolicy`] apply.
    #[serde(default)]
    pub policy: Option<ClientPolicy>,
}

impl Client {
    /// Whether the client has no secret (RFC 6749 §2.1).
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == ClientAuthMethod::None
    }

    #[must_use]
    pub fn may_use(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }

    /// The client's policy, its own or the default.
    #[must_use]
    pub fn effective_policy(&self) -> ClientPolicy {
        self.policy.clone().unwrap_or_default()
    }

    /// The scopes the client may ask for.
    #[must_use]
    pub fn allowed_scope(&self) -> Scope {
        match &self.policy {
            Some(policy) if !policy.allowed_scopes.is_empty() => policy.allowed_scopes.clone(),
            _ => self.scope.clone(),
        }
    }

    /// What a request without `scope` asks for (RFC 6749 §3.3).
    #[must_use]
    pub fn default_scope(&self) -> Scope {
        match &self.policy {
            Some(policy) if !policy.default_scopes.is_empty() => policy.default_scopes.clone(),
            _ => self.allowed_scope(),
        }
    }

    /// The scope of a request: what it asks for, or the default. A scope that was deleted since the client was registered, and
    /// is not among `known`, can no longer be had.
    ///
    /// # Errors
    /// `invalid_scope` when it asks for more than it may (RFC 6749 §3.3).
    pub fn requested_scope(&self, requested: Option<&Scope>, known: &[ScopeDefinition]) -> Result<Scope, OAuthError> {
        let exists = |token: &&ScopeToken| is_known(token, known);
        // A list without words asks for nothing in particular.
        let Some(requested) = requested.filter(|requested| !requested.is_empty()) else {
            return Ok(self.default_scope().iter().filter(exists).cloned().collect());
        };
        let refuse = |description| Err(OAuthError::new(ErrorCode::InvalidScope, description));
        if let Some(outside) = requested.first_outside(&self.allowed_scope()) {
            return refuse(format!("this client may not ask for the scope {outside}"));
        }
        match requested.iter().find(|token| !exists(token)) {
            Some(deleted) => refuse(format!("there is no longer a scope {deleted}")),
            None => Ok(requested.clone()),
        }
    }

    /// What is left of a scope that was granted: the client may have been allowed less since, and scopes may have been deleted.
    #[must_use]
    pub fn still_allowed(&self, granted: &Scope, known: &[ScopeDefinition]) -> Scope {
        let allowed = self.allowed_scope();
        granted.iter().filter(|token| allowed.contains(token.as_str()) && is_known(token, known)).cloned().collect()
    }

    /// The single claims that the client may have of those asked for: what the scopes open that it may ask for.
    #[must_use]
    pub fn allowed_claims(&self, request: ClaimsRequest, known: &[ScopeDefinition]) -> ClaimsRequest {
        // As with most requests.
        if request.is_empty() {
            return request;
        }
        let allowed = self.allowed_scope();
        request.restricted(|claim| open_claim(&allowed, known, claim))
    }

    /// Whether an authorization request must carry a code challenge: always without a secret (RFC 9700 §2.1.1).
    #[must_use]
    pub fn requires_pkce(&self) -> bool {
        self.is_public() || self.policy.as_ref().is_some_and(|policy| policy.require_pkce)
    }

    /// The registered redirect URI that `requested` matches.
    #[must_use]
    pub fn find_redirect_uri(&self, requested: &str) -> Option<&RedirectUri> {
        let native = self.kind == ClientKind::Native;
        self.redirect_uris.iter().find(|registered| registered.matches(requested, native))
    }

    /// Where the client may have people sent after logout: its policy's list, or, when that is empty, its redirect URIs.
    #[must_use]
    pub fn allows_post_logout_redirect(&self, requested: &str) -> bool {
        match &self.policy {
            Some(policy) if !policy.post_logout_redirect_uris.is_empty() => {
                policy.post_logout_redirect_uris.iter().any(|registered| registered.as_str() == requested)
            }
            _ => self.redirect_uris.iter().any(|registered| registered.as_str() == requested),
        }
    }

    /// The web origins whose scripts may read answers given to this client.
    #[must_use]
    pub fn origins(&self) -> Vec<String> {
        let of_redirects = self.redirect_uris.iter().filter(|_| self.is_public()).filter_map(RedirectUri::origin);
        self.allowed_origins.iter().cloned().chain(of_redirects).collect()
    }

    /// `response_types` (RFC 7591 §2): `code` where people sign in, nothing for a machine.
    #[must_use]
    pub fn response_types(&self) -> &'static str {
        if self.may_use(GrantType::AuthorizationCode) { "code" } else { "" }
    }
}
