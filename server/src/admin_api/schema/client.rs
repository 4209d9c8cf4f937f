//! The shape of a client.

use oauth::client::{Client, ConsentPolicy, DeliveryMode, Encrypted, SecurityProfile};
use oauth::jose::{AssertionAlg, SigningAlg, VerifyingAlg};
use oauth::jwk::JwkSet;
use oauth::redirect_uri::RedirectUri;
use serde::Serialize;
use utoipa::ToSchema;

use crate::admin_api::policy::OwnPolicy;

/// A client. Lists are words in one string, separated by spaces.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Client)]
pub(in crate::admin_api) struct ClientAnswer {
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
    /// The algorithm that its ID tokens and logout tokens are encrypted by, if they are: `RSA-OAEP-256`, `ECDH-ES`, `ECDH-ES+A128KW` or `ECDH-ES+A256KW`.
    id_token_encrypted_response_alg: Option<&'static str>,
    /// The same of their content: `A128CBC-HS256`, `A256CBC-HS512`, `A128GCM` or `A256GCM`.
    id_token_encrypted_response_enc: Option<&'static str>,
    /// The algorithm that its userinfo responses are encrypted by, if they are: `RSA-OAEP-256`, `ECDH-ES`, `ECDH-ES+A128KW` or `ECDH-ES+A256KW`.
    userinfo_encrypted_response_alg: Option<&'static str>,
    /// The same of their content: `A128CBC-HS256`, `A256CBC-HS512`, `A128GCM` or `A256GCM`.
    userinfo_encrypted_response_enc: Option<&'static str>,
    /// The algorithm that its signed authorization responses are encrypted by, if they are: `RSA-OAEP-256`, `ECDH-ES`, `ECDH-ES+A128KW` or `ECDH-ES+A256KW`.
    authorization_encrypted_response_alg: Option<&'static str>,
    /// The same of their content: `A128CBC-HS256`, `A256CBC-HS512`, `A128GCM` or `A256GCM`.
    authorization_encrypted_response_enc: Option<&'static str>,
    /// The algorithm that its signed introspection responses are encrypted by, if they are: `RSA-OAEP-256`, `ECDH-ES`, `ECDH-ES+A128KW` or `ECDH-ES+A256KW`.
    introspection_encrypted_response_alg: Option<&'static str>,
    /// The same of their content: `A128CBC-HS256`, `A256CBC-HS512`, `A128GCM` or `A256GCM`.
    introspection_encrypted_response_enc: Option<&'static str>,
    /// The algorithm that its request objects may be encrypted by, if it was decided: `ECDH-ES`, `ECDH-ES+A128KW` or `ECDH-ES+A256KW`.
    request_object_encryption_alg: Option<&'static str>,
    /// The same of their content: `A128CBC-HS256`, `A256CBC-HS512`, `A128GCM` or `A256GCM`.
    request_object_encryption_enc: Option<&'static str>,
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
    /// `poll` or `ping`, for a client that asks for people by name.
    backchannel_token_delivery_mode: Option<&'static str>,
    backchannel_client_notification_endpoint: Option<String>,
    /// `RS256`, `PS256`, `ES256` or `EdDSA`, if its authentication requests must be signed by it.
    backchannel_authentication_request_signing_alg: Option<&'static str>,
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
    /// The types of authorization details that it may ask for.
    authorization_details_types: String,
    /// Until then, in seconds since 1970, refusals are explained to everybody.
    development_until: Option<i64>,
}

impl From<&Client> for ClientAnswer {
    fn from(client: &Client) -> Self {
        let alg = |part| client.encryption.find(part).map(|encryption| encryption.alg.as_str());
        let enc = |part| client.encryption.find(part).map(|encryption| encryption.enc.as_str());
        let words = |words: &mut dyn Iterator<Item = &str>| words.collect::<Vec<_>>().join(" ");
        Self {
            client_id: client.client_id.to_string(),
            client_name: client.client_name.clone(),
            client_secret: (),
            redirect_uris: words(&mut client.redirect_uris.iter().map(RedirectUri::as_str)),
            scope: client.scope.to_string(),
            authorization_details_types: client.authorization_details_types.join(" "),
            grant_types: words(&mut client.grant_types.iter().map(|grant| grant.as_str())),
            response_types: client.response_types().iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(","),
            token_endpoint_auth_method: client.token_endpoint_auth_method.as_str(),
            require_consent: client.rules().consent != ConsentPolicy::Skip,
            policy: OwnPolicy::of(client),
            backchannel_token_delivery_mode: client.ciba.delivery_mode.map(DeliveryMode::as_str),
            backchannel_client_notification_endpoint: client.ciba.notification_endpoint.clone(),
            backchannel_authentication_request_signing_alg: client.ciba.request_signing_alg.map(VerifyingAlg::as_str),
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
            id_token_encrypted_response_alg: alg(Encrypted::IdToken),
            id_token_encrypted_response_enc: enc(Encrypted::IdToken),
            userinfo_encrypted_response_alg: alg(Encrypted::Userinfo),
            userinfo_encrypted_response_enc: enc(Encrypted::Userinfo),
            authorization_encrypted_response_alg: alg(Encrypted::Authorization),
            authorization_encrypted_response_enc: enc(Encrypted::Authorization),
            introspection_encrypted_response_alg: alg(Encrypted::Introspection),
            introspection_encrypted_response_enc: enc(Encrypted::Introspection),
            request_object_encryption_alg: alg(Encrypted::RequestObject),
            request_object_encryption_enc: enc(Encrypted::RequestObject),
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
