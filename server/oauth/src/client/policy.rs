//! The policy of one client: decisions that differ from those for all.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::ClientOrigin;
use crate::field::{FieldErrors, FieldProblem, check_lines, check_range};
use crate::fields::draft;
use crate::redirect_uri::RedirectUri;
use crate::scope::Scope;
use crate::words::words;

/// Seconds an access token may live.
pub const ACCESS_TOKEN_LIFETIME: RangeInclusive<i64> = 60..=86_400;

/// Days a refresh token may live from its last use.
pub const REFRESH_TOKEN_DAYS: RangeInclusive<i64> = 1..=3_650;

/// Seconds for which a refresh token that was used is answered like its successor; 0: it is good once.
pub const REFRESH_REUSE_WINDOW: RangeInclusive<i64> = 0..=600;

/// The longest list of scopes, in bytes.
const MAX_SCOPES: usize = 4_000;

/// The longest list of post-logout redirect URIs, in bytes.
const MAX_POST_LOGOUT_REDIRECT_URIS: usize = 8_000;

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
    /// A format of access tokens.
    TokenFormat {
        /// A random string, looked up by its digest.
        #[default]
        Opaque = "opaque",
        /// A signed `at+jwt` (RFC 9068).
        Jwt = "jwt",
    }
}

words! {
    /// Which claims about the user an ID token carries, beside those that the `claims` parameter asks for.
    IdTokenClaims {
        /// The claims of the granted scopes, as `/userinfo` answers them. Many clients read name and email nowhere else.
        #[default]
        Scopes = "scopes",
        /// None: with an access token at hand, claims are for `/userinfo` (OpenID Connect Core §5.4).
        Minimal = "minimal",
    }
}

impl IdTokenClaims {
    /// The claims of a client that came in this way, where nobody decided. One that registers itself knows what the specification says.
    #[must_use]
    pub fn built_in(origin: ClientOrigin) -> Self {
        match origin {
            ClientOrigin::Registration => Self::Minimal,
            ClientOrigin::Administrator | ClientOrigin::MetadataDocument => Self::Scopes,
        }
    }
}

/// The policy of one client. A member that is `None` is inherited: [`super::Rules`] says what applies then.
///
/// Documents of it are stored. A member that a document does not have is inherited, and one that this version does not know is
/// passed over, so members can be added and taken away.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientPolicy {
    /// Takes the place of the client's `scope`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_scopes: Option<Scope>,
    /// The scope of a request that names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_scopes: Option<Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_logout_redirect_uris: Option<Vec<RedirectUri>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_pkce: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_policy: Option<ConsentPolicy>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_lifetime: Option<i64>,
    /// Days a refresh token lives from its last use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token_ttl_days: Option<i64>,
    /// Seconds for which a refresh token that was used is answered like its successor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_reuse_window: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_format: Option<TokenFormat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_claims: Option<IdTokenClaims>,
}

impl ClientPolicy {
    /// True when nothing was decided.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

draft! {
    /// A policy as typed into a form or sent as JSON; not checked yet. What is empty is inherited.
    PolicyDraft {
        allowed_scopes: String, words;
        default_scopes: String, words;
        post_logout_redirect_uris: String, words;
        /// `true`, `false` or empty.
        require_pkce: String, switch;
        consent_policy: String, text;
        access_token_lifetime: String, number;
        refresh_token_ttl_days: String, number;
        refresh_reuse_window: String, number;
        token_format: String, text;
        id_token_claims: String, text;
    }
}

impl From<&ClientPolicy> for PolicyDraft {
    fn from(policy: &ClientPolicy) -> Self {
        let lines = |scope: &Option<Scope>| scope.as_ref().map(Scope::to_lines).unwrap_or_default();
        let uris: Vec<&str> = policy.post_logout_redirect_uris.iter().flatten().map(RedirectUri::as_str).collect();
        Self {
            allowed_scopes: lines(&policy.allowed_scopes),
            default_scopes: lines(&policy.default_scopes),
            post_logout_redirect_uris: uris.join("\n"),
            require_pkce: print(policy.require_pkce),
            consent_policy: print(policy.consent_policy),
            access_token_lifetime: print(policy.access_token_lifetime),
            refresh_token_ttl_days: print(policy.refresh_token_ttl_days),
            refresh_reuse_window: print(policy.refresh_reuse_window),
            token_format: print(policy.token_format),
            id_token_claims: print(policy.id_token_claims),
        }
    }
}

impl PolicyDraft {
    /// # Errors
    /// The problems, field by field.
    pub fn check(&self) -> Result<ClientPolicy, FieldErrors> {
        let mut errors = FieldErrors::default();
        let allowed_scopes = errors.take("allowed_scopes", scope(&self.allowed_scopes)).unwrap_or_default();
        let default_scopes = errors.take("default_scopes", scope(&self.default_scopes)).unwrap_or_default();
        if let Some(outside) = default_scopes.first_outside(&allowed_scopes).filter(|_| !allowed_scopes.is_empty()) {
            errors.note("default_scopes", FieldProblem::ScopeOutside(outside.to_string()));
        }
        let uri = |text: &str| RedirectUri::parse_post_logout(text).map_err(FieldProblem::from);
        let uris = check_lines(&self.post_logout_redirect_uris, MAX_POST_LOGOUT_REDIRECT_URIS, uri);
        let uris = errors.take("post_logout_redirect_uris", uris).unwrap_or_default();
        let lifetime = own(&self.access_token_lifetime, |text| check_range(text, &ACCESS_TOKEN_LIFETIME));
        let days = own(&self.refresh_token_ttl_days, |text| check_range(text, &REFRESH_TOKEN_DAYS));
        let window = own(&self.refresh_reuse_window, |text| check_range(text, &REFRESH_REUSE_WINDOW));
        let policy = ClientPolicy {
            allowed_scopes: Some(allowed_scopes).filter(|scope| !scope.is_empty()),
            default_scopes: Some(default_scopes).filter(|scope| !scope.is_empty()),
            post_logout_redirect_uris: Some(uris).filter(|uris| !uris.is_empty()),
            require_pkce: errors.take("require_pkce", own(&self.require_pkce, yes_or_no)).flatten(),
            consent_policy: errors
                .take("consent_policy", own(&self.consent_policy, |word| choice(ConsentPolicy::find(word))))
                .flatten(),
            access_token_lifetime: errors.take("access_token_lifetime", lifetime).flatten(),
            refresh_token_ttl_days: errors.take("refresh_token_ttl_days", days).flatten(),
            refresh_reuse_window: errors.take("refresh_reuse_window", window).flatten(),
            token_format: errors
                .take("token_format", own(&self.token_format, |word| choice(TokenFormat::find(word))))
                .flatten(),
            id_token_claims: errors
                .take("id_token_claims", own(&self.id_token_claims, |word| choice(IdTokenClaims::find(word))))
                .flatten(),
        };
        if errors.is_empty() { Ok(policy) } else { Err(errors) }
    }
}

/// A value as a field shows it; nothing where it is inherited.
fn print<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A value of the client's own, through `check`; an empty field is inherited.
fn own<T>(text: &str, check: impl Fn(&str) -> Result<T, FieldProblem>) -> Result<Option<T>, FieldProblem> {
    let text = text.trim();
    (!text.is_empty()).then(|| check(text)).transpose()
}

fn choice<T>(found: Option<T>) -> Result<T, FieldProblem> {
    found.ok_or(FieldProblem::Choice)
}

fn yes_or_no(text: &str) -> Result<bool, FieldProblem> {
    text.parse().map_err(|_| FieldProblem::Choice)
}

pub(super) fn scope(text: &str) -> Result<Scope, FieldProblem> {
    if text.len() > MAX_SCOPES {
        return Err(FieldProblem::TooLong(MAX_SCOPES));
    }
    Scope::parse(text).map_err(|_| FieldProblem::Scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_without_a_word_decides_nothing() {
        assert!(PolicyDraft::default().check().unwrap().is_empty());
        let draft =
            PolicyDraft { access_token_lifetime: "90".into(), require_pkce: "false".into(), ..PolicyDraft::default() };
        let policy = draft.check().unwrap();
        assert_eq!(
            policy,
            ClientPolicy { access_token_lifetime: Some(90), require_pkce: Some(false), ..ClientPolicy::default() }
        );
        assert_eq!(PolicyDraft::from(&policy), draft);
    }

    #[test]
    fn values_have_bounds() {
        for (lifetime, days) in
            [("59", "0"), ("86401", "3651"), ("+90", "+1"), ("1e3", "1.5"), ("9223372036854775808", "x")]
        {
            let draft = PolicyDraft {
                access_token_lifetime: lifetime.into(),
                refresh_token_ttl_days: days.into(),
                consent_policy: "sometimes".into(),
                require_pkce: "perhaps".into(),
                ..PolicyDraft::default()
            };
            let errors = draft.check().unwrap_err();
            assert_eq!(errors.find("access_token_lifetime"), Some(&FieldProblem::Range(60, 86_400)), "{lifetime}");
            assert_eq!(errors.find("refresh_token_ttl_days"), Some(&FieldProblem::Range(1, 3_650)), "{days}");
            assert_eq!(errors.find("consent_policy"), Some(&FieldProblem::Choice));
            assert_eq!(errors.find("require_pkce"), Some(&FieldProblem::Choice));
        }
    }
}
