//! The shapes of the admin API: what is answered, and, for the OpenAPI document, what is taken. Bodies are read member by member
//! (`body.rs`), because what was not sent is not changed, and because older scripts send lists as words and numbers as text.

mod client;

use std::collections::BTreeMap;

use oauth::claims::all_claims;
use oauth::jwk::JwkSet;
use oauth::trust::{Trust, TrustRole};
use oauth::user::User;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub(super) use client::ClientAnswer;

/// It was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    #[schema(example = true)]
    ok: bool,
    /// The deed, where there is a word for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<&'static str>,
}

impl Done {
    pub(super) fn new() -> Self {
        Self { ok: true, message: None }
    }

    pub(super) fn saying(message: &'static str) -> Self {
        Self { ok: true, message: Some(message) }
    }
}

/// Why a call was not carried out.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct ErrorAnswer {
    /// `invalid_request`, `unauthorized`, `not_found`, `conflict`, `too_many_requests`, `temporarily_unavailable` or
    /// `server_error`.
    #[schema(example = "invalid_request")]
    pub(super) error: &'static str,
    /// A sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) error_description: Option<String>,
    /// By member, what is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) fields: Option<BTreeMap<String, String>>,
    /// With `server_error`: the server's log says more under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) request_id: Option<String>,
}

/// A client was created or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClientSaved {
    #[schema(example = "demo")]
    pub(super) client_id: String,
    #[schema(example = "Client created")]
    pub(super) message: &'static str,
    /// The secret, if one was made here. It is shown nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) client_secret: Option<String>,
}

/// A user, never with a password.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserAnswer {
    /// The subject: what applications know this user by.
    #[schema(example = "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11")]
    id: String,
    #[schema(example = "alice")]
    username: String,
    #[schema(example = "alice@example.com")]
    email: Option<String>,
    /// A disabled user cannot sign in.
    enabled: bool,
    /// Standard claims (OpenID Connect Core §5.1) and claims of one's own.
    claims: Map<String, Value>,
}

impl From<&User> for UserAnswer {
    fn from(user: &User) -> Self {
        let mut claims = all_claims(user);
        claims.remove("sub");
        Self {
            id: user.subject.to_string(),
            username: user.username.clone(),
            email: user.email.clone(),
            enabled: user.enabled,
            claims,
        }
    }
}

/// A scope and the claims that it opens.
// Describes `oauth::scope::ScopeDefinition`, which serializes itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Scope)]
pub(super) struct ScopeAnswer {
    #[schema(example = "photos:read")]
    name: String,
    #[schema(example = "See your photos")]
    description: String,
    #[schema(example = json!(["department"]))]
    claims: Vec<String>,
}

/// A scope was created or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScopeSaved {
    #[schema(example = true)]
    pub(super) ok: bool,
    /// Claims that are probably misspelled, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) warnings: Vec<String>,
}

/// A secret was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SecretMade {
    /// Its ID, by which it can be revoked.
    pub(super) secret_id: String,
    /// The secret. It is shown nowhere else.
    pub(super) secret: String,
}

/// A trust, with the members that its kind has and no others.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Trust)]
pub(super) struct TrustAnswer {
    #[schema(example = "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11")]
    id: String,
    /// `identity_provider`, `workload_issuer` or `authorization_server`.
    #[schema(example = "identity_provider")]
    kind: &'static str,
    #[schema(example = "https://idp.example")]
    issuer: String,
    #[schema(example = "Acme")]
    name: String,
    /// One that is off counts for nothing.
    enabled: bool,
    /// Not of an `authorization_server`: the keys of the issuer, a JWK Set (RFC 7517 §5).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    jwks: Option<Option<JwkSet>>,
    /// Not of an `authorization_server`: the address of the keys. Neither this nor `jwks`: its metadata says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    jwks_uri: Option<Option<String>>,
    /// Not of an `authorization_server`: the algorithms that it signs by; empty: any that the keys are for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    algs: Option<Vec<&'static str>>,
    /// Of an `identity_provider`: `linked`, `verified_email` or `aud_sub`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    accounts: Option<&'static str>,
    /// Of an `identity_provider`. True: clients that prove nothing about themselves may bring its assertions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    admits_public_clients: Option<bool>,
    /// Of an `identity_provider`: its one tenant that is believed; null: it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    tenant: Option<Option<String>>,
    /// Of a `workload_issuer`: each a client, then `claim=value`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    rules: Option<Vec<String>>,
    /// Of a `workload_issuer`. True: an assertion is good until it expires; false: once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reusable: Option<bool>,
    /// Of an `authorization_server`: each the ID of a client here, then its ID there if that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    clients: Option<Vec<String>>,
    /// Of an `authorization_server`: each the identifier of a resource there, then scopes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    resources: Option<Vec<String>>,
    /// Of an `authorization_server`: the groups whose members it is told about; empty: everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    groups: Option<Vec<String>>,
    /// Of an `authorization_server`. True: it is told the email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    shares_email: Option<bool>,
}

impl From<&Trust> for TrustAnswer {
    fn from(trust: &Trust) -> Self {
        fn lines(values: &[impl std::fmt::Display]) -> Option<Vec<String>> {
            Some(values.iter().map(|value| value.to_string().trim_end().to_owned()).collect())
        }
        let keys = trust.keys();
        let every = Self {
            id: trust.id.to_string(),
            kind: trust.kind().as_str(),
            issuer: trust.issuer.clone(),
            name: trust.name.clone(),
            enabled: trust.enabled,
            jwks: keys.map(|keys| keys.jwks.clone()),
            jwks_uri: keys.map(|keys| keys.jwks_uri.clone()),
            algs: keys.map(|keys| keys.algs.iter().map(|alg| alg.as_str()).collect()),
            ..Self::default()
        };
        match &trust.role {
            TrustRole::IdentityProvider { accounts, admits_public_clients, tenant, .. } => Self {
                accounts: Some(accounts.as_str()),
                admits_public_clients: Some(*admits_public_clients),
                tenant: Some(tenant.clone()),
                ..every
            },
            TrustRole::WorkloadIssuer { rules, reusable, .. } => {
                Self { rules: lines(rules), reusable: Some(*reusable), ..every }
            }
            TrustRole::AuthorizationServer { clients, resources, groups, shares_email } => Self {
                clients: lines(clients),
                resources: lines(resources),
                groups: lines(groups),
                shares_email: Some(*shares_email),
                ..every
            },
        }
    }
}

/// Somebody whom an identity provider vouches for, and their account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LinkedAccount)]
pub(super) struct LinkAnswer {
    /// Its ID, by which it can be ended.
    #[schema(example = "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a12")]
    id: String,
    /// The person, as the provider calls them.
    #[schema(example = "00u1a2b3c4")]
    subject: String,
    /// The account, by its ID here.
    #[schema(example = "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a13")]
    user: String,
    #[schema(example = "alice")]
    username: String,
}

impl From<idp::LinkRow> for LinkAnswer {
    fn from(row: idp::LinkRow) -> Self {
        Self { id: row.id, subject: row.subject, user: row.user.to_string(), username: row.username }
    }
}

/// A key was replaced.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Rotated {
    #[schema(example = true)]
    pub(super) rotated: bool,
    /// The ID of the key that signs now.
    pub(super) kid: String,
}

/// A key was withdrawn.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Withdrawn {
    #[schema(example = true)]
    pub(super) withdrawn: bool,
    /// The ID of the key.
    pub(super) kid: String,
}
