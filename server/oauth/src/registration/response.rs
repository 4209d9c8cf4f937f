//! Answers of the registration endpoint (RFC 7591 §3.2.1, RFC 7592 §3).

use serde::Serialize;

use crate::client::{Client, ClientCiba, ClientEncryption, ClientKind, ClientLogin, ClientLogout};
use crate::jose::{AssertionAlg, SigningAlg, VerifyingAlg};
use crate::jwk::JwkSet;
use crate::redirect_uri::RedirectUri;
use crate::secret::Secret;
use crate::time::Timestamp;

/// Everything that is registered of a client (RFC 7591 §3.2.1). No member is ever null or empty: clients refuse an answer with one.
#[derive(Debug, Serialize)]
pub struct RegistrationResponse<'a> {
    client_id: &'a str,
    client_id_issued_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    /// Goes with a secret. 0: it does not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_access_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_client_uri: Option<String>,
    client_name: &'a str,
    redirect_uris: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    post_logout_redirect_uris: Vec<&'a str>,
    grant_types: Vec<&'static str>,
    response_types: Vec<&'static str>,
    token_endpoint_auth_method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_endpoint_auth_signing_alg: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks: Option<&'a JwkSet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks_uri: Option<&'a str>,
    id_token_signed_response_alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    userinfo_signed_response_alg: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_signed_response_alg: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    introspection_signed_response_alg: Option<&'static str>,
    #[serde(flatten)]
    encryption: &'a ClientEncryption,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    request_uris: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    request_object_signing_alg: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    require_signed_request_object: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    require_pushed_authorization_requests: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dpop_bound_access_tokens: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_client_certificate_bound_access_tokens: Option<bool>,
    application_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    authorization_details_types: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    client_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logo_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tos_uri: Option<&'a str>,
    subject_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sector_identifier_uri: Option<&'a str>,
    #[serde(flatten)]
    login: &'a ClientLogin,
    #[serde(flatten)]
    logout: &'a ClientLogout,
    #[serde(flatten)]
    ciba: &'a ClientCiba,
    #[serde(skip_serializing_if = "Option::is_none")]
    initiate_login_uri: Option<&'a str>,
}

/// The right to read, change and delete a registration (RFC 7592 §3).
#[derive(Debug, Clone)]
pub struct Management {
    pub access_token: Secret,
    pub client_uri: String,
}

impl<'a> RegistrationResponse<'a> {
    /// The answer about a client. `redirect_uris` are those that it sent, whose ports may be others than those that are kept.
    #[must_use]
    pub fn new(
        client: &'a Client,
        redirect_uris: &'a [RedirectUri],
        issued_at: Timestamp,
        secret: Option<&'a Secret>,
        management: Option<&'a Management>,
    ) -> Self {
        let native = client.kind == ClientKind::Native;
        let post_logout = &client.policy.post_logout_redirect_uris;
        Self {
            client_id: client.client_id.as_str(),
            client_id_issued_at: issued_at.0,
            client_secret: secret.map(Secret::expose),
            client_secret_expires_at: secret.map(|_| 0),
            registration_access_token: management.map(|management| management.access_token.expose()),
            registration_client_uri: management.map(|management| management.client_uri.clone()),
            client_name: &client.client_name,
            redirect_uris: redirect_uris.iter().map(RedirectUri::as_str).collect(),
            post_logout_redirect_uris: post_logout.iter().flatten().map(RedirectUri::as_str).collect(),
            grant_types: client.grant_types.iter().map(|grant| grant.as_str()).collect(),
            response_types: client.response_types().iter().map(|kind| kind.as_str()).collect(),
            token_endpoint_auth_method: client.token_endpoint_auth_method.as_str(),
            token_endpoint_auth_signing_alg: client.token_endpoint_auth_signing_alg.map(AssertionAlg::as_str),
            jwks: client.jwks.as_ref(),
            jwks_uri: client.jwks_uri.as_deref(),
            id_token_signed_response_alg: client.id_token_signed_response_alg.as_str(),
            userinfo_signed_response_alg: client.userinfo_signed_response_alg.map(SigningAlg::as_str),
            authorization_signed_response_alg: client.authorization_signed_response_alg.map(SigningAlg::as_str),
            introspection_signed_response_alg: client.introspection_signed_response_alg.map(SigningAlg::as_str),
            encryption: &client.encryption,
            request_uris: &client.request_uris,
            request_object_signing_alg: client.request_object_signing_alg.map(VerifyingAlg::as_str),
            require_signed_request_object: Some(client.require_signed_request_object).filter(|required| *required),
            require_pushed_authorization_requests: Some(client.require_pushed_authorization_requests)
                .filter(|required| *required),
            dpop_bound_access_tokens: Some(client.dpop_bound_access_tokens).filter(|required| *required),
            tls_client_certificate_bound_access_tokens: Some(client.tls_client_certificate_bound_access_tokens)
                .filter(|required| *required),
            application_type: if native { "native" } else { "web" },
            scope: client.policy.default_scopes.as_ref().map(ToString::to_string),
            authorization_details_types: &client.authorization_details_types,
            client_uri: client.client_uri.as_deref(),
            logo_uri: client.logo_uri.as_deref(),
            policy_uri: client.policy_uri.as_deref(),
            tos_uri: client.tos_uri.as_deref(),
            subject_type: client.subjects.subject_type.as_str(),
            sector_identifier_uri: client.subjects.sector_identifier_uri.as_deref(),
            login: &client.login,
            logout: &client.logout,
            ciba: &client.ciba,
            initiate_login_uri: client.initiate_login_uri.as_deref(),
        }
    }
}
