//! The shapes of the admin API: what is answered, and, for the OpenAPI document, what is taken. Bodies are read member by member
//! (`body.rs`), because what was not sent is not changed, and because older scripts send lists as words and numbers as text.

use std::collections::BTreeMap;

use oauth::claims::all_claims;
use oauth::client::{Client, ConsentPolicy, SecurityProfile, TokenFormat};
use oauth::jose::{AssertionAlg, SigningAlg, VerifyingAlg};
use oauth::jwk::JwkSet;
use oauth::redirect_uri::RedirectUri;
use oauth::resource::{Resource, ResourceScope};
use oauth::trust::{Trust, TrustRole};
use oauth::user::User;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::policy::OwnPolicy;

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

/// A client. Lists are words in one string, separated by spaces.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Client)]
pub(super) struct ClientAnswer {
    #[schema(example = "demo")]
    client_id: String,
    #[schema(example = "Demo")]
    client_name: String,
    /// Always null: a secret is shown once, in the answer that created it.
    #[schema(value_type = Option<String>)]
    client_secret: (),
    #[schema(example = "https://app.example/callback")]
    redirect_uris: String,
    #[schema(example = "openid profile email")]
    scope: String,
    #[schema(example = "authorization_code refresh_token")]
    grant_types: String,
    /// With commas between them.
    #[schema(example = "code")]
    response_types: String,
    /// `client_secret_basic`, `client_secret_post`, `client_secret_jwt`, `private_key_jwt`, `tls_client_auth`,
    /// `self_signed_tls_client_auth` or `none`.
    #[schema(example = "client_secret_basic")]
    token_endpoint_auth_method: &'static str,
    /// False: the policy says `skip`.
    require_consent: bool,
    policy: OwnPolicy,
    /// `web`, `spa`, `native` or `machine`.
    #[schema(example = "web")]
    kind: &'static str,
    /// The way in which it came: `administrator`, `metadata_document` or `registration`.
    #[schema(example = "administrator")]
    origin: &'static str,
    /// A disabled client is refused everywhere.
    enabled: bool,
    /// Origins whose pages may call the token endpoint, besides those of a public client's redirect URIs.
    allowed_origins: String,
    /// `RS256`, `ES256` or `EdDSA`.
    #[schema(example = "RS256")]
    id_token_signed_response_alg: &'static str,
    /// `RS256`, `ES256` or `EdDSA`, if `/userinfo` answers with a JWT.
    userinfo_signed_response_alg: Option<&'static str>,
    /// `RS256`, `ES256` or `EdDSA`, if it was decided.
    authorization_signed_response_alg: Option<&'static str>,
    /// `RS256`, `ES256` or `EdDSA`, if it was decided.
    introspection_signed_response_alg: Option<&'static str>,
    client_uri: Option<String>,
    logo_uri: Option<String>,
    policy_uri: Option<String>,
    tos_uri: Option<String>,
    backchannel_logout_uri: Option<String>,
    backchannel_logout_session_required: bool,
    frontchannel_logout_uri: Option<String>,
    frontchannel_logout_session_required: bool,
    initiate_login_uri: Option<String>,
    /// `public` or `pairwise`.
    subject_type: &'static str,
    sector_identifier_uri: Option<String>,
    /// Seconds.
    default_max_age: Option<i64>,
    require_auth_time: bool,
    default_acr_values: String,
    /// True when `/introspect` tells it about access tokens of other clients.
    may_introspect: bool,
    /// The public keys of the client: a JWK Set (RFC 7517 §5).
    #[schema(value_type = Option<Object>)]
    jwks: Option<JwkSet>,
    /// The address of its public keys, in place of `jwks`.
    jwks_uri: Option<String>,
    /// The subject of its certificates.
    tls_client_auth_subject: Option<String>,
    /// If it is fixed.
    token_endpoint_auth_signing_alg: Option<&'static str>,
    /// `oauth2.1`, `oidc`, `fapi2`, `fapi2_message_signing` or `legacy`, if it was decided.
    security_profile: Option<&'static str>,
    /// The addresses at which request objects may be fetched.
    request_uris: String,
    /// `RS256`, `PS256`, `ES256` or `EdDSA`, if it is fixed.
    request_object_signing_alg: Option<&'static str>,
    /// True when its authorization requests must be signed.
    require_signed_request_object: bool,
    /// True when its authorization requests must be pushed.
    require_pushed_authorization_requests: bool,
    /// True when its access tokens must be bound to a key.
    dpop_bound_access_tokens: bool,
    /// True when its access tokens must be bound to its certificate.
    tls_client_certificate_bound_access_tokens: bool,
    /// Until then, in seconds since 1970, refusals are explained to everybody.
    development_until: Option<i64>,
}

impl From<&Client> for ClientAnswer {
    fn from(client: &Client) -> Self {
        let words = |words: &mut dyn Iterator<Item = &str>| words.collect::<Vec<_>>().join(" ");
        Self {
            client_id: client.client_id.to_string(),
            client_name: client.client_name.clone(),
            client_secret: (),
            redirect_uris: words(&mut client.redirect_uris.iter().map(RedirectUri::as_str)),
            scope: client.scope.to_string(),
            grant_types: words(&mut client.grant_types.iter().map(|grant| grant.as_str())),
            response_types: client.response_types().iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(","),
            token_endpoint_auth_method: client.token_endpoint_auth_method.as_str(),
            require_consent: client.rules().consent != ConsentPolicy::Skip,
            policy: OwnPolicy::of(client),
            may_introspect: client.may_introspect,
            jwks: client.jwks.clone(),
            jwks_uri: client.jwks_uri.clone(),
            tls_client_auth_subject: client.tls_client_auth_subject.as_ref().map(ToString::to_string),
            token_endpoint_auth_signing_alg: client.token_endpoint_auth_signing_alg.map(AssertionAlg::as_str),
            security_profile: client.security_profile.map(SecurityProfile::as_str),
            request_uris: client.request_uris.join(" "),
            request_object_signing_alg: client.request_object_signing_alg.map(VerifyingAlg::as_str),
            require_signed_request_object: client.require_signed_request_object,
            require_pushed_authorization_requests: client.require_pushed_authorization_requests,
            dpop_bound_access_tokens: client.dpop_bound_access_tokens,
            tls_client_certificate_bound_access_tokens: client.tls_client_certificate_bound_access_tokens,
            kind: client.kind.as_str(),
            origin: client.origin.as_str(),
            enabled: client.enabled,
            allowed_origins: client.allowed_origins.join(" "),
            id_token_signed_response_alg: client.id_token_signed_response_alg.as_str(),
            userinfo_signed_response_alg: client.userinfo_signed_response_alg.map(SigningAlg::as_str),
            authorization_signed_response_alg: client.authorization_signed_response_alg.map(SigningAlg::as_str),
            introspection_signed_response_alg: client.introspection_signed_response_alg.map(SigningAlg::as_str),
            client_uri: client.client_uri.clone(),
            logo_uri: client.logo_uri.clone(),
            policy_uri: client.policy_uri.clone(),
            tos_uri: client.tos_uri.clone(),
            backchannel_logout_uri: client.logout.backchannel_logout_uri.clone(),
            backchannel_logout_session_required: client.logout.backchannel_logout_session_required,
            frontchannel_logout_uri: client.logout.frontchannel_logout_uri.clone(),
            frontchannel_logout_session_required: client.logout.frontchannel_logout_session_required,
            initiate_login_uri: client.initiate_login_uri.clone(),
            subject_type: client.subjects.subject_type.as_str(),
            sector_identifier_uri: client.subjects.sector_identifier_uri.clone(),
            default_max_age: client.login.default_max_age,
            require_auth_time: client.login.require_auth_time,
            default_acr_values: client.login.default_acr_values.join(" "),
            development_until: client.development_until.map(|until| until.0),
        }
    }
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

/// A protected resource.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Resource)]
pub(super) struct ResourceAnswer {
    /// Its ID at this server, and the user name of its credentials at `/introspect`.
    #[schema(example = "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11")]
    id: String,
    /// The URI that clients name, and that stands in `aud`.
    #[schema(example = "https://mcp.example/mcp")]
    identifier: String,
    #[schema(example = "Notes")]
    name: String,
    /// `enabled`, `disabled` or `pending`.
    #[schema(example = "enabled")]
    status: &'static str,
    scopes: Vec<ResourceScopeAnswer>,
    /// Seconds; null: as the client's.
    access_token_lifetime: Option<i64>,
    /// `opaque` or `jwt`; null: as the client's.
    token_format: Option<&'static str>,
    /// The IDs of the clients that may ask for it; empty: any.
    allowed_clients: Vec<String>,
    /// IDs of the clients that may exchange its tokens for tokens of other resources.
    exchanged_by: Vec<String>,
    /// True: its tokens are good at `/userinfo`, too.
    may_read_userinfo: bool,
    /// True: for requests that name no resource.
    default: bool,
}

/// A scope of a resource.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResourceScope)]
pub(super) struct ResourceScopeAnswer {
    #[schema(example = "notes:read")]
    name: String,
    #[schema(example = "Read your notes")]
    description: String,
    /// True: granted to whoever asks for no scope.
    default: bool,
}

impl ResourceAnswer {
    pub(super) fn of(resource: &Resource, is_default: bool) -> Self {
        let scope = |scope: &ResourceScope| ResourceScopeAnswer {
            name: scope.name.to_string(),
            description: scope.description.clone(),
            default: scope.default,
        };
        Self {
            id: resource.id.to_string(),
            identifier: resource.identifier.to_string(),
            name: resource.name.clone(),
            status: resource.status.as_str(),
            scopes: resource.scopes.iter().map(scope).collect(),
            access_token_lifetime: resource.access_token_lifetime,
            token_format: resource.token_format.map(TokenFormat::as_str),
            allowed_clients: resource.allowed_clients.iter().map(ToString::to_string).collect(),
            exchanged_by: resource.exchanged_by.iter().map(ToString::to_string).collect(),
            may_read_userinfo: resource.may_read_userinfo,
            default: is_default,
        }
    }
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
