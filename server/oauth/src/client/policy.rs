//! The policy of one client.

use serde::{Deserialize, Serialize};

use crate::field::{FieldErrors, FieldProblem, check_lines, check_range};
use crate::form::Form;
use crate::redirect_uri::RedirectUri;
use crate::scope::Scope;
use crate::words::words;

words! {
    /// When the user is asked to agree.
    ConsentPolicy {
        /// At every authorization.
        Always = "always",
        /// Once per user and set of scopes; remembered.
        #[default]
        Once = "once",
        /// Never, unless the request says `prompt=consent`: for the operator's own applications.
        Skip = "skip",
    }
}

words! {
    /// What an access token looks like.
    TokenFormat {
        /// A random string, looked up by its digest.
        #[default]
        Opaque = "opaque",
        /// A signed `at+jwt` (RFC 9068).
        Jwt = "jwt",
    }
}

/// Rules of one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientPolicy {
    /// What the client may ask for; empty: its `scope`.
    pub allowed_scopes: Scope,
    /// What it gets when it asks for nothing; empty: everything allowed.
    pub default_scopes: Scope,
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    pub require_pkce: bool,
    pub consent_policy: ConsentPolicy,
    /// Seconds.
    pub access_token_lifetime: i64,
    /// Days a refresh token lives from its last use.
    pub refresh_token_ttl_days: i64,
    pub token_format: TokenFormat,
}

impl Default for ClientPolicy {
    fn default() -> Self {
        Self {
            allowed_scopes: Scope::default(),
            default_scopes: Scope::default(),
            post_logout_redirect_uris: Vec::new(),
            require_pkce: false,
            consent_policy: ConsentPolicy::default(),
            access_token_lifetime: 3_600,
            refresh_token_ttl_days: 30,
            token_format: TokenFormat::default(),
        }
    }
}

/// A policy as typed into a form or sent as JSON; not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDraft {
    pub allowed_scopes: String,
    pub default_scopes: String,
    pub post_logout_redirect_uris: String,
    pub require_pkce: bool,
    pub consent_policy: String,
    pub access_token_lifetime: String,
    pub refresh_token_ttl_days: String,
    pub token_format: String,
}

impl From<&ClientPolicy> for PolicyDraft {
    fn from(policy: &ClientPolicy) -> Self {
        let uris: Vec<&str> = policy.post_logout_redirect_uris.iter().map(RedirectUri::as_str).collect();
        Self {
            allowed_scopes: policy.allowed_scopes.to_lines(),
            default_scopes: policy.default_scopes.to_lines(),
            post_logout_redirect_uris: uris.join("\n"),
            require_pkce: policy.require_pkce,
            consent_policy: policy.consent_policy.to_string(),
            access_token_lifetime: policy.access_token_lifetime.to_string(),
            refresh_token_ttl_days: policy.refresh_token_ttl_days.to_string(),
            token_format: policy.token_format.to_string(),
        }
    }
}

impl PolicyDraft {
    /// The fields of the policy form; a checkbox counts as set when it is sent at all.
    #[must_use]
    pub fn from_form(form: &Form) -> Self {
        Self {
            allowed_scopes: form.all("allowed_scopes").join("\n"),
            default_scopes: form.all("default_scopes").join("\n"),
            post_logout_redirect_uris: form.text("post_logout_redirect_uris"),
            require_pkce: form.is_set("require_pkce"),
            consent_policy: form.text("consent_policy"),
            access_token_lifetime: form.text("access_token_lifetime"),
            refresh_token_ttl_days: form.text("refresh_token_ttl_days"),
            token_format: form.text("token_format"),
        }
    }

    /// # Errors
    /// What is wrong, field by field.
    pub fn check(&self) -> Result<ClientPolicy, FieldErrors> {
        let mut errors = FieldErrors::default();
        let allowed_scopes = errors.take("allowed_scopes", scope(&self.allowed_scopes)).unwrap_or_default();
        let default_scopes = errors.take("default_scopes", scope(&self.default_scopes)).unwrap_or_default();
        if let Some(outside) = default_scopes.first_outside(&allowed_scopes).filter(|_| !allowed_scopes.is_empty()) {
            errors.note("default_scopes", FieldProblem::ScopeOutside(outside.to_string()));
        }
        let uri = |text: &str| RedirectUri::parse(text, true).map_err(FieldProblem::from);
        let uris = errors.take("post_logout_redirect_uris", check_lines(&self.post_logout_redirect_uris, 8_000, uri));
        let consent = ConsentPolicy::find(&self.consent_policy).ok_or(FieldProblem::Choice);
        let consent_policy = errors.take("consent_policy", consent).unwrap_or_default();
        let format = TokenFormat::find(&self.token_format).ok_or(FieldProblem::Choice);
        let token_format = errors.take("token_format", format).unwrap_or_default();
        let lifetime = check_range(&self.access_token_lifetime, 60, 86_400);
        let access_token_lifetime = errors.take("access_token_lifetime", lifetime).unwrap_or_default();
        let days = check_range(&self.refresh_token_ttl_days, 1, 3_650);
        let refresh_token_ttl_days = errors.take("refresh_token_ttl_days", days).unwrap_or_default();
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(ClientPolicy {
            allowed_scopes,
            default_scopes,
            post_logout_redirect_uris: uris.unwrap_or_default(),
            require_pkce: self.require_pkce,
            consent_policy,
            access_token_lifetime,
            refresh_token_ttl_days,
            token_format,
        })
    }
}

pub(super) fn scope(text: &str) -> Result<Scope, FieldProblem> {
    if text.len() > 4_000 {
        return Err(FieldProblem::TooLong(4_000));
    }
    Scope::parse(text).map_err(|_| FieldProblem::Scope)
}
