//! The metadata of the server (OpenID Connect Discovery 1.0 §3, RFC 8414 §2), made from what the code supports.

use serde::Serialize;

use crate::authorize::ResponseMode;
use crate::certificate::HandedOn;
use crate::client::{ClientAuthMethod, DeliveryMode, Encrypted, GrantType, SubjectType};
use crate::grant::TokenType;
use crate::id::Issuer;
use crate::jose::{AssertionAlg, ContentEncryption, SigningAlg, VerifyingAlg};
use crate::response_type::ResponseType;
use crate::scope::ScopeDefinition;
use crate::session::ACR_PASSWORD;

/// The addresses of the endpoints: routes and metadata are made from the same words.
pub mod path {
    pub const AUTHORIZE: &str = "/authorize";
    pub const TOKEN: &str = "/token";
    /// RFC 9126 §2.
    pub const PUSHED_AUTHORIZATION: &str = "/par";
    /// CIBA §7.
    pub const BACKCHANNEL_AUTHENTICATION: &str = "/bc-authorize";
    /// RFC 8628 §3.1.
    pub const DEVICE_AUTHORIZATION: &str = "/device_authorization";
    /// `verification_uri` (RFC 8628 §3.2): short, for people type it.
    pub const DEVICE: &str = "/device";
    /// The QR code of `verification_uri_complete`.
    pub const DEVICE_QR: &str = "/device/qr";
    pub const USERINFO: &str = "/userinfo";
    pub const REVOKE: &str = "/revoke";
    pub const INTROSPECT: &str = "/introspect";
    /// RFC 7591 §3.
    pub const REGISTER: &str = "/register";
    /// A registration in the hands of its client, as a route (RFC 7592 §2).
    pub const REGISTRATION: &str = "/register/{client_id}";
    pub const END_SESSION: &str = "/end_session";
    pub const LOGOUT: &str = "/logout";
    /// `check_session_iframe` (OpenID Connect Session Management 1.0 §3.3).
    pub const CHECK_SESSION: &str = "/check_session";
    pub const LOGIN: &str = "/login";
    /// The page to which an administrator who tries a client comes back: a redirect URI of every client.
    pub const TRIAL: &str = "/admin/ui/trial";
    pub const HEALTH: &str = "/health";
    pub const METRICS: &str = "/metrics";
    pub const JWKS: &str = "/.well-known/jwks.json";
    pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
    /// RFC 8414 §3.
    pub const OAUTH_AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";
}

/// The profile of assertions of identity providers.
const ID_JAG_PROFILE: &str = "urn:ietf:params:oauth:grant-profile:id-jag";

/// The offers that a server makes only while an administrator lets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offers {
    /// Clients may register themselves.
    pub registration: bool,
    /// Clients may come with a document.
    pub documents: bool,
    /// An identity provider is trusted.
    pub identity_assertions: bool,
    /// An issuer of workload identities is trusted.
    pub workloads: bool,
    /// A server elsewhere takes assertions of this one.
    pub gives_assertions: bool,
    /// A resource lets clients exchange its tokens.
    pub delegation: bool,
    /// Pages of clients may watch whether somebody is still signed in.
    pub session_management: bool,
    /// Old clients may have tokens of the authorization endpoint.
    pub legacy_response_types: bool,
    /// The certificates of clients that a proxy hands on.
    pub certificates: HandedOn,
}

impl Offers {
    /// The ways to prove itself that some client could use.
    pub fn auth_methods(self) -> impl Iterator<Item = ClientAuthMethod> {
        ClientAuthMethod::ALL.iter().copied().filter(move |method| self.certificates.allows(*method))
    }

    /// The grant types that some request could use.
    pub fn grant_types(self) -> impl Iterator<Item = GrantType> {
        GrantType::ALL.iter().copied().filter(move |grant| match grant {
            GrantType::JwtBearer => self.identity_assertions || self.workloads,
            GrantType::TokenExchange => self.gives_assertions || self.delegation,
            GrantType::Implicit => self.legacy_response_types,
            GrantType::AuthorizationCode
            | GrantType::RefreshToken
            | GrantType::ClientCredentials
            | GrantType::DeviceCode
            | GrantType::Ciba => true,
        })
    }

    /// The response types that some client may use.
    pub fn response_types(self) -> impl Iterator<Item = ResponseType> {
        ResponseType::ALL.iter().copied().filter(move |kind| self.legacy_response_types || !kind.has_tokens())
    }
}

/// The addresses of the endpoints on a host that asks for certificates (RFC 8705 §5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MtlsAliases {
    pub token_endpoint: String,
    pub pushed_authorization_request_endpoint: String,
    pub device_authorization_endpoint: String,
    pub backchannel_authentication_endpoint: String,
    pub userinfo_endpoint: String,
    pub revocation_endpoint: String,
    pub introspection_endpoint: String,
}

impl MtlsAliases {
    fn new(host: &Issuer) -> Self {
        Self {
            token_endpoint: host.url(path::TOKEN),
            pushed_authorization_request_endpoint: host.url(path::PUSHED_AUTHORIZATION),
            device_authorization_endpoint: host.url(path::DEVICE_AUTHORIZATION),
            backchannel_authentication_endpoint: host.url(path::BACKCHANNEL_AUTHENTICATION),
            userinfo_endpoint: host.url(path::USERINFO),
            revocation_endpoint: host.url(path::REVOKE),
            introspection_endpoint: host.url(path::INTROSPECT),
        }
    }
}

/// Provider metadata. No member is ever null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderMetadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    /// RFC 9126 §5.
    pub pushed_authorization_request_endpoint: String,
    /// The same: each client decides for itself.
    pub require_pushed_authorization_requests: bool,
    /// RFC 8628 §4.
    pub device_authorization_endpoint: String,
    /// CIBA §4.
    pub backchannel_authentication_endpoint: String,
    pub backchannel_token_delivery_modes_supported: Vec<&'static str>,
    pub backchannel_authentication_request_signing_alg_values_supported: Vec<&'static str>,
    pub backchannel_user_code_parameter_supported: bool,
    pub userinfo_endpoint: String,
    pub jwks_uri: String,
    pub revocation_endpoint: String,
    pub introspection_endpoint: String,
    pub end_session_endpoint: String,
    /// OpenID Connect Session Management 1.0 §3.3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check_session_iframe: Option<String>,
    /// OpenID Connect Back-Channel Logout 1.0 §2.1.
    pub backchannel_logout_supported: bool,
    pub backchannel_logout_session_supported: bool,
    /// OpenID Connect Front-Channel Logout 1.0 §3.
    pub frontchannel_logout_supported: bool,
    pub frontchannel_logout_session_supported: bool,
    /// RFC 8414 §2; only while clients may register.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_endpoint: Option<String>,
    pub scopes_supported: Vec<String>,
    /// RFC 9396 §10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_details_types_supported: Vec<String>,
    pub response_types_supported: Vec<&'static str>,
    pub response_modes_supported: Vec<&'static str>,
    pub grant_types_supported: Vec<&'static str>,
    /// draft-ietf-oauth-identity-assertion-authz-grant §7.2.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_grant_profiles_supported: Vec<&'static str>,
    /// The same draft, §7.1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identity_chaining_requested_token_types_supported: Vec<&'static str>,
    pub acr_values_supported: Vec<&'static str>,
    pub subject_types_supported: Vec<&'static str>,
    pub id_token_signing_alg_values_supported: Vec<&'static str>,
    pub id_token_encryption_alg_values_supported: Vec<&'static str>,
    pub id_token_encryption_enc_values_supported: Vec<&'static str>,
    pub userinfo_signing_alg_values_supported: Vec<&'static str>,
    pub userinfo_encryption_alg_values_supported: Vec<&'static str>,
    pub userinfo_encryption_enc_values_supported: Vec<&'static str>,
    /// JARM §4.
    pub authorization_signing_alg_values_supported: Vec<&'static str>,
    pub authorization_encryption_alg_values_supported: Vec<&'static str>,
    pub authorization_encryption_enc_values_supported: Vec<&'static str>,
    /// RFC 9701 §7.
    pub introspection_signing_alg_values_supported: Vec<&'static str>,
    pub introspection_encryption_alg_values_supported: Vec<&'static str>,
    pub introspection_encryption_enc_values_supported: Vec<&'static str>,
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    pub token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    pub revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    pub introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    pub claim_types_supported: Vec<&'static str>,
    pub claims_supported: Vec<String>,
    pub claims_parameter_supported: bool,
    pub request_parameter_supported: bool,
    pub request_uri_parameter_supported: bool,
    pub require_request_uri_registration: bool,
    pub request_object_signing_alg_values_supported: Vec<&'static str>,
    pub request_object_encryption_alg_values_supported: Vec<&'static str>,
    pub request_object_encryption_enc_values_supported: Vec<&'static str>,
    pub code_challenge_methods_supported: Vec<&'static str>,
    /// RFC 9449 §5.1.
    pub dpop_signing_alg_values_supported: Vec<&'static str>,
    /// RFC 8705 §3.3; only where a proxy hands on certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_certificate_bound_access_tokens: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtls_endpoint_aliases: Option<MtlsAliases>,
    /// draft-ietf-oauth-client-id-metadata-document-02 §6.
    pub client_id_metadata_document_supported: bool,
    /// RFC 9207 §3.
    pub authorization_response_iss_parameter_supported: bool,
    pub ui_locales_supported: Vec<&'static str>,
}

fn encryption_algs(part: Encrypted) -> Vec<&'static str> {
    part.algs().iter().map(|alg| alg.as_str()).collect()
}

fn content_encryptions() -> Vec<&'static str> {
    ContentEncryption::ALL.iter().map(|enc| enc.as_str()).collect()
}

fn one_if(is_there: bool, value: &'static str) -> Vec<&'static str> {
    is_there.then_some(value).into_iter().collect()
}

/// The claims of the protocol, and those that the scopes open.
fn claims(scopes: &[ScopeDefinition], offers: Offers) -> Vec<String> {
    let of_protocol = ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash"];
    let mut claims = of_protocol.map(String::from).to_vec();
    claims.extend(offers.legacy_response_types.then(|| "c_hash".to_owned()));
    for claim in scopes.iter().flat_map(|scope| &scope.claims) {
        if !claims.contains(claim) {
            claims.push(claim.clone());
        }
    }
    claims
}

impl ProviderMetadata {
    /// The metadata of a server that knows these scopes and types of authorization details, and signs with these algorithms; `mtls` is its
    /// other host, which asks for certificates.
    #[must_use]
    pub fn new(
        issuer: &Issuer,
        scopes: &[ScopeDefinition],
        details_types: &[String],
        algs: &[SigningAlg],
        offers: Offers,
        mtls: Option<&Issuer>,
    ) -> Self {
        let auth_methods: Vec<&str> = offers.auth_methods().map(ClientAuthMethod::as_str).collect();
        let signing_algs: Vec<&str> = algs.iter().map(|alg| alg.as_str()).collect();
        let assertion_algs: Vec<&str> = AssertionAlg::names().collect();
        Self {
            issuer: issuer.to_string(),
            authorization_endpoint: issuer.url(path::AUTHORIZE),
            token_endpoint: issuer.url(path::TOKEN),
            pushed_authorization_request_endpoint: issuer.url(path::PUSHED_AUTHORIZATION),
            require_pushed_authorization_requests: false,
            device_authorization_endpoint: issuer.url(path::DEVICE_AUTHORIZATION),
            backchannel_authentication_endpoint: issuer.url(path::BACKCHANNEL_AUTHENTICATION),
            backchannel_token_delivery_modes_supported: DeliveryMode::ALL.iter().map(|mode| mode.as_str()).collect(),
            backchannel_authentication_request_signing_alg_values_supported: VerifyingAlg::names().collect(),
            backchannel_user_code_parameter_supported: false,
            userinfo_endpoint: issuer.url(path::USERINFO),
            jwks_uri: issuer.url(path::JWKS),
            revocation_endpoint: issuer.url(path::REVOKE),
            introspection_endpoint: issuer.url(path::INTROSPECT),
            end_session_endpoint: issuer.url(path::END_SESSION),
            check_session_iframe: offers.session_management.then(|| issuer.url(path::CHECK_SESSION)),
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
            frontchannel_logout_supported: true,
            frontchannel_logout_session_supported: true,
            registration_endpoint: offers.registration.then(|| issuer.url(path::REGISTER)),
            scopes_supported: scopes.iter().map(|scope| scope.name.to_string()).collect(),
            authorization_details_types_supported: details_types.to_vec(),
            response_types_supported: offers.response_types().map(ResponseType::as_str).collect(),
            response_modes_supported: ResponseMode::ALL.iter().map(|mode| mode.as_str()).collect(),
            grant_types_supported: offers.grant_types().map(GrantType::as_str).collect(),
            authorization_grant_profiles_supported: one_if(offers.identity_assertions, ID_JAG_PROFILE),
            identity_chaining_requested_token_types_supported: one_if(
                offers.gives_assertions,
                TokenType::IdJag.as_str(),
            ),
            acr_values_supported: vec![ACR_PASSWORD],
            subject_types_supported: SubjectType::ALL.iter().map(|kind| kind.as_str()).collect(),
            id_token_signing_alg_values_supported: signing_algs.clone(),
            id_token_encryption_alg_values_supported: encryption_algs(Encrypted::IdToken),
            id_token_encryption_enc_values_supported: content_encryptions(),
            userinfo_signing_alg_values_supported: signing_algs.clone(),
            userinfo_encryption_alg_values_supported: encryption_algs(Encrypted::Userinfo),
            userinfo_encryption_enc_values_supported: content_encryptions(),
            authorization_signing_alg_values_supported: signing_algs.clone(),
            authorization_encryption_alg_values_supported: encryption_algs(Encrypted::Authorization),
            authorization_encryption_enc_values_supported: content_encryptions(),
            introspection_signing_alg_values_supported: signing_algs,
            introspection_encryption_alg_values_supported: encryption_algs(Encrypted::Introspection),
            introspection_encryption_enc_values_supported: content_encryptions(),
            token_endpoint_auth_methods_supported: auth_methods.clone(),
            token_endpoint_auth_signing_alg_values_supported: assertion_algs.clone(),
            revocation_endpoint_auth_methods_supported: auth_methods.clone(),
            revocation_endpoint_auth_signing_alg_values_supported: assertion_algs.clone(),
            introspection_endpoint_auth_methods_supported: auth_methods,
            introspection_endpoint_auth_signing_alg_values_supported: assertion_algs,
            claim_types_supported: vec!["normal", "aggregated"],
            claims_supported: claims(scopes, offers),
            claims_parameter_supported: true,
            request_parameter_supported: true,
            request_uri_parameter_supported: true,
            require_request_uri_registration: true,
            request_object_signing_alg_values_supported: VerifyingAlg::names().collect(),
            request_object_encryption_alg_values_supported: encryption_algs(Encrypted::RequestObject),
            request_object_encryption_enc_values_supported: content_encryptions(),
            code_challenge_methods_supported: vec!["S256"],
            dpop_signing_alg_values_supported: VerifyingAlg::names().collect(),
            tls_client_certificate_bound_access_tokens: offers.certificates.can_bind().then_some(true),
            mtls_endpoint_aliases: mtls.map(MtlsAliases::new),
            client_id_metadata_document_supported: offers.documents,
            authorization_response_iss_parameter_supported: true,
            ui_locales_supported: vec!["en"],
        }
    }
}
