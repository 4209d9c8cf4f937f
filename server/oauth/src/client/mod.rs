//! Clients: applications that may ask for tokens (RFC 6749 §2, RFC 7591 §2).

mod ciba;
mod client_id;
mod document;
mod draft;
mod encryption;
mod login;
mod logout;
mod policy;
mod profile;
mod rules;
mod scope;
mod secret;
mod subject;

use serde::{Deserialize, Serialize};

pub use ciba::{ClientCiba, DeliveryMode, check_delivery_mode, check_notification_endpoint};
pub use client_id::{MAX_CLIENT_ID, can_be_client_id, check_client_id, check_new_client_id};
pub use draft::{ClientDraft, MAX_CLIENT_NAME, NewClientDraft, check_client_secret, check_origin, check_request_uri};
pub use encryption::{ClientEncryption, Encrypted, MemberProblem};
pub use login::{ClientLogin, check_acr, check_max_age};
pub use logout::{
    ClientLogout, check_backchannel_logout_uri, check_frontchannel_logout_uri, check_initiate_login_uri,
    with_parameters,
};
pub use policy::{
    ACCESS_TOKEN_LIFETIME, ClientPolicy, ConsentPolicy, IdTokenClaims, PolicyDraft, REFRESH_REUSE_WINDOW,
    REFRESH_TOKEN_DAYS, TokenFormat,
};
pub use profile::{Demands, SecurityProfile};
pub use rules::{
    BUILT_IN_ACCESS_TOKEN_LIFETIME, BUILT_IN_REFRESH_REUSE_WINDOW, BUILT_IN_REFRESH_TOKEN_DAYS, Defaults, Rules,
};
pub use secret::{ClientSecret, MAX_SECRET, MAX_SECRET_NAME, MIN_SECRET, SECRET_DAYS, SecretDraft};
pub use subject::{ClientSubjects, SubjectType, check_sector_list};

use crate::certificate::CertificateSubject;
use crate::claims::ClaimsRequest;
use crate::destination::Destination;
use crate::dpop::Possession;
use crate::error::OAuthError;
use crate::id::ClientId;
use crate::jose::{AssertionAlg, SigningAlg, VerifyingAlg};
use crate::jwk::JwkSet;
use crate::origin::WebOrigin;
use crate::redirect_uri::RedirectUri;
use crate::refusal::Reason;
use crate::response_type::ResponseType;
use crate::scope::{Scope, ScopeDefinition, open_claim};
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// A kind of application. It decides the defaults, and that a native app may listen on any loopback port.
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
    /// A method by which a client proves who it is at the token endpoint (OpenID Connect Core §9).
    ClientAuthMethod {
        #[default]
        ClientSecretBasic = "client_secret_basic",
        ClientSecretPost = "client_secret_post",
        /// A JWT with a MAC by the secret, which itself does not travel.
        ClientSecretJwt = "client_secret_jwt",
        /// A JWT that the client signs with a key of its own (RFC 7523 §2.2).
        PrivateKeyJwt = "private_key_jwt",
        /// A certificate of an authority that the proxy trusts (RFC 8705 §2.1).
        Tls = "tls_client_auth",
        /// A certificate by whose key the client is known (RFC 8705 §2.2).
        SelfSignedTls = "self_signed_tls_client_auth",
        /// A public client: it cannot keep a secret.
        None = "none",
    }
}

words! {
    /// `grant_type` (RFC 6749 §4).
    GrantType {
        #[default]
        AuthorizationCode = "authorization_code",
        /// RFC 6749 §4.2. The token endpoint does not know it: what it gives comes from the authorization endpoint.
        Implicit = "implicit",
        RefreshToken = "refresh_token",
        ClientCredentials = "client_credentials",
        /// RFC 8628 §3.4.
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
        /// CIBA §10.1.
        Ciba = "urn:openid:params:grant-type:ciba",
        /// RFC 7523 §2.1.
        JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer",
        /// RFC 8693 §2.1.
        TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange",
    }
}

impl GrantType {
    /// True for a grant type at whose beginning a person signs in.
    #[must_use]
    pub fn signs_people_in(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::Implicit | Self::DeviceCode | Self::Ciba)
    }

    /// True for a grant type after which there may be refresh tokens.
    #[must_use]
    pub fn can_be_refreshed(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::DeviceCode | Self::Ciba)
    }

    /// True for a grant type whose answer comes through a browser, to a redirect URI.
    #[must_use]
    pub fn redirects(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::Implicit)
    }
}

words! {
    /// The way in which a client came to be known here.
    ClientOrigin {
        /// Somebody described it: in the console, by the admin API, or before this was written down.
        #[default]
        Administrator = "administrator",
        /// Its ID is the URL of a document that describes it.
        MetadataDocument = "metadata_document",
        /// It registered itself (RFC 7591).
        Registration = "registration",
    }
}

impl ClientOrigin {
    /// True for a client that nobody here looked at before it came.
    #[must_use]
    pub fn is_dynamic(self) -> bool {
        self != Self::Administrator
    }
}

impl ClientAuthMethod {
    /// The methods that show a secret.
    pub const BY_SECRET: [Self; 2] = [Self::ClientSecretBasic, Self::ClientSecretPost];

    /// True when a client of this method shows its secret.
    #[must_use]
    pub fn shows_secret(self) -> bool {
        Self::BY_SECRET.contains(&self)
    }

    /// True when a client of this method proves nothing about itself (RFC 6749 §2.1).
    #[must_use]
    pub fn is_public(self) -> bool {
        self == Self::None
    }

    /// True when a client of this method shows a certificate when it connects.
    #[must_use]
    pub fn is_by_certificate(self) -> bool {
        matches!(self, Self::Tls | Self::SelfSignedTls)
    }

    /// True when a client of this method is known by keys that it publishes.
    #[must_use]
    pub fn needs_keys(self) -> bool {
        matches!(self, Self::PrivateKeyJwt | Self::SelfSignedTls)
    }

    /// True when a client of this method has a secret.
    #[must_use]
    pub fn needs_secret(self) -> bool {
        self.shows_secret() || self == Self::ClientSecretJwt
    }
}

/// A registered client, without its secrets. Documents of it are stored, and read by [`Client::from_document`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub client_id: ClientId,
    pub client_name: String,
    pub kind: ClientKind,
    #[serde(default)]
    pub origin: ClientOrigin,
    /// A disabled client is refused everywhere, as if it were unknown.
    pub enabled: bool,
    pub redirect_uris: Vec<RedirectUri>,
    /// Origins whose pages may call the token endpoint, besides those of a public client's redirect URIs.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    pub grant_types: Vec<GrantType>,
    /// Those that it is registered for; none: nobody decided. Read them through [`Client::response_types`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_types: Vec<ResponseType>,
    pub scope: Scope,
    /// The types of authorization details that it may ask for (RFC 9396 §10).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_details_types: Vec<String>,
    pub token_endpoint_auth_method: ClientAuthMethod,
    /// True for an API that may learn about access tokens of other clients (RFC 7662 §4).
    #[serde(default)]
    pub may_introspect: bool,
    /// The public keys of the client, if it gave them (RFC 7591 §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<JwkSet>,
    /// The address of its public keys, in place of `jwks`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// The subject of its certificates (RFC 8705 §2.1.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_subject: Option<CertificateSubject>,
    /// The one algorithm of its assertions; `None`: any that its keys are for, or any MAC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<AssertionAlg>,
    /// The measure of what it must prove; `None`: nobody decided. Read it through [`Client::profile`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_profile: Option<SecurityProfile>,
    /// Addresses at which request objects of the client may be fetched (OpenID Connect Registration §2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<String>,
    /// The one algorithm of its request objects; `None`: any that its keys are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<VerifyingAlg>,
    /// True when its authorization requests must be signed (RFC 9101 §10.5).
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_signed_request_object: bool,
    /// True when its authorization requests must be pushed (RFC 9126 §6).
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_pushed_authorization_requests: bool,
    /// True when its access tokens must be bound to a key (RFC 9449 §5.2).
    #[serde(default, skip_serializing_if = "is_false")]
    pub dpop_bound_access_tokens: bool,
    /// True when its access tokens must be bound to the certificate of the connection (RFC 8705 §3.4).
    #[serde(default, skip_serializing_if = "is_false")]
    pub tls_client_certificate_bound_access_tokens: bool,
    #[serde(default)]
    pub id_token_signed_response_alg: SigningAlg,
    /// The algorithm of userinfo responses; `None`: they are plain JSON (OpenID Connect Registration §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<SigningAlg>,
    /// The algorithm of authorization responses that are to be signed (JARM §3). Read it through [`Client::authorization_alg`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_signed_response_alg: Option<SigningAlg>,
    /// The algorithm of introspection responses that are to be signed (RFC 9701 §6). Read it through [`Client::introspection_alg`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_signed_response_alg: Option<SigningAlg>,
    /// The algorithms by which answers to it, and its request objects, are encrypted.
    #[serde(default, skip_serializing_if = "ClientEncryption::is_empty")]
    pub encryption: ClientEncryption,
    #[serde(default)]
    pub client_uri: Option<String>,
    #[serde(default)]
    pub logo_uri: Option<String>,
    #[serde(default)]
    pub policy_uri: Option<String>,
    #[serde(default)]
    pub tos_uri: Option<String>,
    /// The names by which it knows people. Read them through [`Client::known_subject`].
    #[serde(default, skip_serializing_if = "ClientSubjects::is_empty")]
    pub subjects: ClientSubjects,
    #[serde(default, skip_serializing_if = "ClientLogin::is_empty")]
    pub login: ClientLogin,
    #[serde(default, skip_serializing_if = "ClientLogout::is_empty")]
    pub logout: ClientLogout,
    #[serde(default, skip_serializing_if = "ClientCiba::is_empty")]
    pub ciba: ClientCiba,
    /// The address at which a login begins that somebody else than the client wants (OpenID Connect Core §4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// Until then everybody who is refused is told why, in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub development_until: Option<Timestamp>,
    /// The decisions for this client alone. Read them through [`Client::rules`].
    #[serde(default)]
    pub policy: ClientPolicy,
    /// Whoever reads a client by whose rules something is judged adds them.
    #[serde(skip)]
    pub defaults: Defaults,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl Client {
    /// True when a request object of the client may be fetched from `uri`. A fragment tells versions of one document apart
    /// (OpenID Connect Core §6.2).
    #[must_use]
    pub fn allows_request_uri(&self, uri: &str) -> bool {
        let address = |uri: &str| uri.split('#').next().map(str::to_owned);
        self.request_uris.iter().any(|registered| address(registered) == address(uri))
    }

    /// True for a client with keys by which what it signs is verified, or that may have some at its address.
    #[must_use]
    pub fn has_signature_keys(&self) -> bool {
        self.jwks.as_ref().map_or(self.jwks_uri.is_some(), JwkSet::verifies)
    }

    /// The algorithm of its signed authorization responses.
    #[must_use]
    pub fn authorization_alg(&self) -> SigningAlg {
        self.authorization_signed_response_alg.unwrap_or_else(|| self.usual_alg())
    }

    /// The algorithm of its signed introspection responses.
    #[must_use]
    pub fn introspection_alg(&self) -> SigningAlg {
        self.introspection_signed_response_alg.unwrap_or_else(|| self.usual_alg())
    }

    /// The default of the specifications, RS256; where the profile does not allow it, that of ID tokens.
    fn usual_alg(&self) -> SigningAlg {
        let is_allowed = self.rules().demands.id_token_algs.contains(&SigningAlg::default());
        if is_allowed { SigningAlg::default() } else { self.id_token_signed_response_alg }
    }

    /// True while refusals of the client are explained to everybody.
    #[must_use]
    pub fn is_in_development(&self, now: Timestamp) -> bool {
        self.development_until.is_some_and(|until| now < until)
    }

    /// True when the client proves nothing about itself (RFC 6749 §2.1).
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method.is_public()
    }

    #[must_use]
    pub fn may_use(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }

    /// True for a client that gets tokens for itself, and for nobody else: nobody signs in to it.
    #[must_use]
    pub fn acts_only_for_itself(&self) -> bool {
        self.grant_types.iter().all(|grant| *grant == GrantType::ClientCredentials)
    }

    /// Makes sure that the client is registered for the grant type.
    ///
    /// # Errors
    /// `unauthorized_client`.
    pub fn check_may_use(&self, grant_type: GrantType) -> Result<(), OAuthError> {
        if self.may_use(grant_type) {
            return Ok(());
        }
        let description = format!("this client is not registered for the grant type {grant_type}");
        let error = OAuthError::because(Reason::GrantTypeUnregistered, description);
        Err(error.sent("grant_type", grant_type.as_str()).expected(&self.grant_types))
    }

    /// Makes sure that a token request comes with a proof of possession, if the client must send one.
    ///
    /// # Errors
    /// `invalid_dpop_proof`.
    pub fn check_possession(&self, shown: Option<&Possession>) -> Result<(), OAuthError> {
        let Some(shown) = shown else {
            let is_needed = self.rules().requires_possession;
            return if is_needed { Err(OAuthError::new(Reason::DpopMissing)) } else { Ok(()) };
        };
        if self.rules().demands.client_algs.contains(&shown.alg) {
            return Ok(());
        }
        let why = "the DPoP proof is signed by an algorithm that the client's security profile does not allow";
        Err(OAuthError::because(Reason::DpopRefused, why))
    }

    /// True when the client may ask for authorization details of a type.
    #[must_use]
    pub fn may_ask_for_details(&self, name: &str) -> bool {
        self.authorization_details_types.iter().any(|allowed| allowed == name)
    }

    /// The scope of a request that may ask for authorization details: who names those, and no scope, asks for no scope.
    ///
    /// # Errors
    /// As [`Self::requested_scope`].
    pub fn requested_scope_beside(
        &self,
        requested: Option<&Scope>,
        details: bool,
        known: &[ScopeDefinition],
    ) -> Result<Scope, OAuthError> {
        match requested.filter(|requested| !requested.is_empty()) {
            None if details => Ok(Scope::default()),
            requested => self.requested_scope(requested, known),
        }
    }

    /// The single claims that the client may have of those asked for: what the scopes open that it may ask for.
    #[must_use]
    pub fn allowed_claims(&self, request: ClaimsRequest, known: &[ScopeDefinition]) -> ClaimsRequest {
        // As with most requests.
        if request.is_empty() {
            return request;
        }
        let allowed = known.iter().map(|scope| &scope.name).filter(|token| self.may_ask_for(token)).cloned().collect();
        request.restricted(|claim| open_claim(&allowed, known, claim))
    }

    /// True when any program on the person's device could take the client's place at this redirect URI: an app there that has no
    /// way to prove who it is (RFC 8252 §8.6). Pages in development on `localhost` are no such apps.
    #[must_use]
    pub fn may_be_impersonated_at(&self, redirect_uri: &str) -> bool {
        (self.kind == ClientKind::Native || self.origin.is_dynamic())
            && self.token_endpoint_auth_method.is_public()
            && Destination::of(redirect_uri).is_on_device()
    }

    /// The registered redirect URI that `requested` matches. Programs on a device, and whatever came by itself, listen on any port
    /// of loopback: they say so by a kind that nobody checks, or not at all (RFC 8252 §7.3).
    #[must_use]
    pub fn find_redirect_uri(&self, requested: &str) -> Option<&RedirectUri> {
        let any_port = self.has_any_loopback_port();
        self.redirect_uris.iter().find(|registered| registered.matches(requested, any_port))
    }

    /// The web origins whose scripts may read answers given to this client, as browsers write them.
    #[must_use]
    pub fn origins(&self) -> Vec<String> {
        // Clients of earlier versions hold some in other forms.
        let canonical = |origin: &String| WebOrigin::parse(origin).ok().map(WebOrigin::into_string);
        let of_redirects = self.redirect_uris.iter().filter(|_| self.is_public()).filter_map(RedirectUri::origin);
        self.allowed_origins.iter().filter_map(canonical).chain(of_redirects).collect()
    }

    /// True when a request of the client may ask for a code and nothing else.
    #[must_use]
    pub fn may_ask_for_codes(&self) -> bool {
        self.response_types().contains(&ResponseType::Code)
    }

    /// `response_types` (RFC 7591 §2): where nobody decided, `code` for a client to which people sign in so, and nothing for another.
    #[must_use]
    pub fn response_types(&self) -> &[ResponseType] {
        match self.response_types.as_slice() {
            [] if self.may_use(GrantType::AuthorizationCode) => &[ResponseType::Code],
            types => types,
        }
    }
}
