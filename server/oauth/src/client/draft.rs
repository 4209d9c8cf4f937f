//! A client as an administrator describes it, and the checks that make it a [`Client`].

mod of_client;

use super::client_id::{check_client_id, check_new_client_id};
use super::policy::scope;
use super::{
    Client, ClientAuthMethod, ClientEncryption, ClientKind, ClientLogin, ClientLogout, ClientOrigin, ClientPolicy,
    ClientSubjects, Defaults, GrantType, MAX_SECRET, MIN_SECRET, PolicyDraft, SecurityProfile, SubjectType, check_acr,
    check_backchannel_logout_uri, check_frontchannel_logout_uri, check_initiate_login_uri, check_max_age,
};
use crate::certificate::CertificateSubject;
use crate::details::check_details_types;
use crate::field::{
    FieldErrors, FieldProblem, check_display_name, check_https_url, check_lines, check_picture_url, check_web_url,
};
use crate::fields::draft;
use crate::id::ClientId;
use crate::jose::{AssertionAlg, SigningAlg, VerifyingAlg};
use crate::jwk::{JwkSet, JwkSetProblem};
use crate::mac::MIN_MAC_SECRET;
use crate::origin::WebOrigin;
use crate::redirect_uri::RedirectUri;
use crate::response_type::{ResponseType, registered};
use crate::time::Timestamp;

draft! {
    /// A client as typed into a form or sent as JSON; lists are words separated by spaces or line ends; not checked yet.
    ClientDraft {
        client_id: String, text;
        client_name: String, text;
        kind: String, text;
        enabled: bool, flag;
        redirect_uris: String, words;
        allowed_origins: String, words;
        grant_types: Vec<String>, list;
        response_types: String, choices;
        scope: String, words;
        authorization_details_types: String, words;
        token_endpoint_auth_method: String, text;
        may_introspect: bool, flag;
        jwks: String, json;
        jwks_uri: String, text;
        tls_client_auth_subject: String, text;
        token_endpoint_auth_signing_alg: String, text;
        security_profile: String, text;
        request_uris: String, words;
        request_object_signing_alg: String, text;
        require_signed_request_object: bool, flag;
        require_pushed_authorization_requests: bool, flag;
        dpop_bound_access_tokens: bool, flag;
        tls_client_certificate_bound_access_tokens: bool, flag;
        id_token_signed_response_alg: String, text;
        userinfo_signed_response_alg: String, text;
        authorization_signed_response_alg: String, text;
        introspection_signed_response_alg: String, text;
        id_token_encrypted_response_alg: String, text;
        id_token_encrypted_response_enc: String, text;
        userinfo_encrypted_response_alg: String, text;
        userinfo_encrypted_response_enc: String, text;
        authorization_encrypted_response_alg: String, text;
        authorization_encrypted_response_enc: String, text;
        introspection_encrypted_response_alg: String, text;
        introspection_encrypted_response_enc: String, text;
        request_object_encryption_alg: String, text;
        request_object_encryption_enc: String, text;
        client_uri: String, text;
        logo_uri: String, text;
        policy_uri: String, text;
        tos_uri: String, text;
        backchannel_logout_uri: String, text;
        backchannel_logout_session_required: bool, flag;
        frontchannel_logout_uri: String, text;
        frontchannel_logout_session_required: bool, flag;
        initiate_login_uri: String, text;
        backchannel_token_delivery_mode: String, text;
        backchannel_client_notification_endpoint: String, text;
        backchannel_authentication_request_signing_alg: String, text;
        subject_type: String, text;
        sector_identifier_uri: String, text;
        /// Seconds, or nothing.
        default_max_age: String, number;
        require_auth_time: bool, flag;
        default_acr_values: String, words;
        /// Seconds since 1970, or nothing.
        development_until: String, number;
    }
}

impl ClientDraft {
    /// The draft that a new client of `kind` starts with.
    #[must_use]
    pub fn preset(kind: ClientKind) -> Self {
        let (grants, method, scope): (&[GrantType], _, _) = match kind {
            ClientKind::Web => (
                &[GrantType::AuthorizationCode, GrantType::RefreshToken],
                ClientAuthMethod::ClientSecretBasic,
                "openid\nprofile\nemail\noffline_access",
            ),
            ClientKind::Spa | ClientKind::Native => (
                &[GrantType::AuthorizationCode, GrantType::RefreshToken],
                ClientAuthMethod::None,
                "openid\nprofile\nemail\noffline_access",
            ),
            ClientKind::Machine => (&[GrantType::ClientCredentials], ClientAuthMethod::ClientSecretBasic, ""),
        };
        Self {
            kind: kind.to_string(),
            enabled: true,
            grant_types: grants.iter().map(ToString::to_string).collect(),
            scope: scope.to_owned(),
            token_endpoint_auth_method: method.to_string(),
            id_token_signed_response_alg: SigningAlg::default().to_string(),
            subject_type: SubjectType::default().to_string(),
            ..Self::default()
        }
    }

    /// The checks for a person who fills in a form, and not for a script, which may register a client now and its redirect URIs
    /// later. A client ID may be left to the server.
    ///
    /// # Errors
    /// Everything that is wrong, field by field.
    pub fn check_form(&self) -> Result<(), FieldErrors> {
        let mut draft = self.clone();
        if draft.client_id.trim().is_empty() {
            draft.client_id = "-".to_owned();
        }
        let mut errors = draft.check(None).err().unwrap_or_default();
        let mut grants = self.grant_types.iter().flat_map(|words| words.split_whitespace());
        let redirects = grants.any(|grant| GrantType::find(grant).is_some_and(GrantType::redirects));
        if redirects && self.redirect_uris.trim().is_empty() {
            errors.note("redirect_uris", FieldProblem::RedirectUriNeeded);
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// The client that this describes, as one that an administrator made. `policy` is kept as it is.
    ///
    /// # Errors
    /// The problems, field by field.
    pub fn check(&self, policy: Option<ClientPolicy>) -> Result<Client, FieldErrors> {
        let mut errors = FieldErrors::default();
        let kind = errors.take("kind", ClientKind::find(&self.kind).ok_or(FieldProblem::Choice)).unwrap_or_default();
        let method = ClientAuthMethod::find(&self.token_endpoint_auth_method).ok_or(FieldProblem::Choice);
        let method = errors.take("token_endpoint_auth_method", method).unwrap_or_default();
        let grants = errors.take("grant_types", self.check_grant_types(method)).unwrap_or_default();
        let uris = errors.take("redirect_uris", self.check_redirect_uris(kind)).unwrap_or_default();
        let alg = SigningAlg::find(&self.id_token_signed_response_alg).ok_or(FieldProblem::Choice);
        let logout = self.check_logout(&uris, &mut errors);
        let login = self.check_login(&mut errors);
        let subjects = self.check_subjects(&mut errors);
        let encryption = self.check_encryption(&mut errors);
        let ciba = self.check_ciba(&grants, &mut errors);
        let client = Client {
            client_id: ClientId::new(errors.take("client_id", check_client_id(&self.client_id)).unwrap_or_default()),
            client_name: errors
                .take("client_name", check_display_name(&self.client_name, MAX_CLIENT_NAME))
                .unwrap_or_default(),
            kind,
            origin: ClientOrigin::Administrator,
            enabled: self.enabled,
            redirect_uris: uris,
            allowed_origins: errors
                .take("allowed_origins", check_lines(&self.allowed_origins, MAX_ALLOWED_ORIGINS, check_origin))
                .unwrap_or_default(),
            grant_types: grants,
            response_types: errors.take("response_types", self.check_response_types()).unwrap_or_default(),
            scope: errors.take("scope", scope(&self.scope)).unwrap_or_default(),
            authorization_details_types: errors
                .take("authorization_details_types", check_details_types(&self.authorization_details_types))
                .unwrap_or_default(),
            token_endpoint_auth_method: method,
            may_introspect: self.may_introspect,
            jwks: errors.take("jwks", self.check_jwks(method)).flatten(),
            jwks_uri: errors.take("jwks_uri", check_https_url(&self.jwks_uri)).flatten(),
            tls_client_auth_subject: errors.take("tls_client_auth_subject", self.check_subject(method)).flatten(),
            token_endpoint_auth_signing_alg: errors
                .take("token_endpoint_auth_signing_alg", self.check_assertion_alg(method))
                .flatten(),
            security_profile: errors.take("security_profile", self.check_profile()).flatten(),
            request_uris: errors
                .take("request_uris", check_lines(&self.request_uris, MAX_REQUEST_URIS, check_request_uri))
                .unwrap_or_default(),
            request_object_signing_alg: errors
                .take("request_object_signing_alg", verifying_alg(&self.request_object_signing_alg))
                .flatten(),
            require_signed_request_object: errors
                .take("require_signed_request_object", self.check_signed_requests())
                .unwrap_or_default(),
            require_pushed_authorization_requests: self.require_pushed_authorization_requests,
            dpop_bound_access_tokens: self.dpop_bound_access_tokens,
            tls_client_certificate_bound_access_tokens: self.tls_client_certificate_bound_access_tokens,
            id_token_signed_response_alg: errors.take("id_token_signed_response_alg", alg).unwrap_or_default(),
            userinfo_signed_response_alg: errors
                .take("userinfo_signed_response_alg", signing_alg(&self.userinfo_signed_response_alg))
                .flatten(),
            authorization_signed_response_alg: errors
                .take("authorization_signed_response_alg", signing_alg(&self.authorization_signed_response_alg))
                .flatten(),
            introspection_signed_response_alg: errors
                .take("introspection_signed_response_alg", signing_alg(&self.introspection_signed_response_alg))
                .flatten(),
            encryption,
            client_uri: errors.take("client_uri", check_web_url(&self.client_uri)).flatten(),
            logo_uri: errors.take("logo_uri", check_picture_url(&self.logo_uri)).flatten(),
            policy_uri: errors.take("policy_uri", check_web_url(&self.policy_uri)).flatten(),
            tos_uri: errors.take("tos_uri", check_web_url(&self.tos_uri)).flatten(),
            subjects,
            login,
            logout,
            ciba,
            initiate_login_uri: errors
                .take("initiate_login_uri", check_initiate_login_uri(&self.initiate_login_uri))
                .flatten(),
            development_until: errors.take("development_until", self.check_development()).flatten(),
            policy: policy.unwrap_or_default(),
            defaults: Defaults::default(),
        };
        client.note_demands(&mut errors);
        client.note_sector(&mut errors);
        if errors.is_empty() { Ok(client) } else { Err(errors) }
    }

    fn check_profile(&self) -> Result<Option<SecurityProfile>, FieldProblem> {
        match self.security_profile.trim() {
            "" => Ok(None),
            word => SecurityProfile::find(word).map(Some).ok_or(FieldProblem::Choice),
        }
    }

    fn check_assertion_alg(&self, method: ClientAuthMethod) -> Result<Option<AssertionAlg>, FieldProblem> {
        let word = self.token_endpoint_auth_signing_alg.trim();
        if word.is_empty() {
            return Ok(None);
        }
        let alg = AssertionAlg::read(word).ok_or(FieldProblem::Choice)?;
        match method {
            ClientAuthMethod::ClientSecretJwt if !alg.is_mac() => Err(FieldProblem::MacNeeded),
            ClientAuthMethod::PrivateKeyJwt if alg.is_mac() => Err(FieldProblem::NoMac),
            _ => Ok(Some(alg)),
        }
    }

    fn check_grant_types(&self, method: ClientAuthMethod) -> Result<Vec<GrantType>, FieldProblem> {
        let words = self.grant_types.iter().flat_map(|words| words.split_whitespace());
        let grants =
            words.map(|word| GrantType::find(word).ok_or(FieldProblem::Choice)).collect::<Result<Vec<_>, _>>()?;
        if grants.is_empty() {
            return Err(FieldProblem::GrantTypeNeeded);
        }
        if method.is_public() && grants.contains(&GrantType::ClientCredentials) {
            return Err(FieldProblem::PublicClientCredentials);
        }
        if method.is_public() && grants.contains(&GrantType::TokenExchange) {
            return Err(FieldProblem::PublicTokenExchange);
        }
        if grants.contains(&GrantType::RefreshToken) && !grants.iter().any(|grant| grant.can_be_refreshed()) {
            return Err(FieldProblem::RefreshWithoutCode);
        }
        Ok(grants)
    }

    /// The default is not written down.
    fn check_response_types(&self) -> Result<Vec<ResponseType>, FieldProblem> {
        let lines = self.response_types.lines().map(str::trim).filter(|line| !line.is_empty());
        let types = lines.map(|line| ResponseType::parse(line).ok_or(FieldProblem::Choice));
        types.collect::<Result<Vec<_>, _>>().map(registered)
    }

    /// The keys, given or by their address but not both (RFC 7591 §2). A client that is known by keys has some. Keys that sign nothing
    /// are good for answers that are encrypted.
    fn check_jwks(&self, method: ClientAuthMethod) -> Result<Option<JwkSet>, FieldProblem> {
        match (self.jwks.trim(), self.jwks_uri.trim()) {
            ("", "") if method.needs_keys() => Err(FieldProblem::KeysNeeded),
            ("", _) => Ok(None),
            (jwks, "") => {
                let set = JwkSet::of_client(jwks)?;
                let signs = method.needs_keys() || self.signs_requests();
                if signs && !set.verifies() { Err(JwkSetProblem::NoneUsable.into()) } else { Ok(Some(set)) }
            }
            _ => Err(FieldProblem::KeysTwice),
        }
    }

    /// True when it says something of requests that it signs.
    fn signs_requests(&self) -> bool {
        let said = [
            &self.request_object_signing_alg,
            &self.request_uris,
            &self.backchannel_authentication_request_signing_alg,
        ];
        self.require_signed_request_object || said.iter().any(|text| !text.trim().is_empty())
    }

    fn check_encryption(&self, errors: &mut FieldErrors) -> ClientEncryption {
        let (encryption, problems) = ClientEncryption::read(|name| self.encryption_text(name));
        for (name, problem) in problems {
            errors.note(name, problem);
        }
        encryption
    }

    /// The subject of its certificates, which a client needs that is known by it.
    fn check_subject(&self, method: ClientAuthMethod) -> Result<Option<CertificateSubject>, FieldProblem> {
        match self.tls_client_auth_subject.trim() {
            "" if method == ClientAuthMethod::Tls => Err(FieldProblem::CertificateSubject),
            "" => Ok(None),
            text => CertificateSubject::parse(text).map(Some),
        }
    }

    fn check_logout(&self, redirect_uris: &[RedirectUri], errors: &mut FieldErrors) -> ClientLogout {
        let backchannel = check_backchannel_logout_uri(&self.backchannel_logout_uri);
        let frontchannel = check_frontchannel_logout_uri(&self.frontchannel_logout_uri, redirect_uris);
        ClientLogout {
            backchannel_logout_uri: errors.take("backchannel_logout_uri", backchannel).flatten(),
            backchannel_logout_session_required: self.backchannel_logout_session_required,
            frontchannel_logout_uri: errors.take("frontchannel_logout_uri", frontchannel).flatten(),
            frontchannel_logout_session_required: self.frontchannel_logout_session_required,
        }
    }

    fn check_subjects(&self, errors: &mut FieldErrors) -> ClientSubjects {
        let subject_type = match self.subject_type.trim() {
            "" => Ok(SubjectType::default()),
            word => SubjectType::find(word).ok_or(FieldProblem::Choice),
        };
        let uri = check_https_url(&self.sector_identifier_uri);
        ClientSubjects {
            subject_type: errors.take("subject_type", subject_type).unwrap_or_default(),
            sector_identifier_uri: errors.take("sector_identifier_uri", uri).flatten(),
        }
    }

    fn check_login(&self, errors: &mut FieldErrors) -> ClientLogin {
        let acr_values = check_lines(&self.default_acr_values, MAX_ACR_VALUES, check_acr);
        ClientLogin {
            default_max_age: errors.take("default_max_age", check_max_age(&self.default_max_age)).flatten(),
            require_auth_time: self.require_auth_time,
            default_acr_values: errors.take("default_acr_values", acr_values).unwrap_or_default(),
        }
    }

    fn check_development(&self) -> Result<Option<Timestamp>, FieldProblem> {
        match self.development_until.trim() {
            "" | "0" => Ok(None),
            text => match text.parse() {
                Ok(seconds) if seconds > 0 => Ok(Some(Timestamp(seconds))),
                _ => Err(FieldProblem::Choice),
            },
        }
    }

    /// Requests that nobody could verify would all be refused.
    fn check_signed_requests(&self) -> Result<bool, FieldProblem> {
        let keyless = self.jwks.trim().is_empty() && self.jwks_uri.trim().is_empty();
        if self.require_signed_request_object && keyless {
            return Err(FieldProblem::KeysNeeded);
        }
        Ok(self.require_signed_request_object)
    }

    fn check_redirect_uris(&self, kind: ClientKind) -> Result<Vec<RedirectUri>, FieldProblem> {
        let native = kind == ClientKind::Native;
        check_lines(&self.redirect_uris, MAX_REDIRECT_URIS, |text| Ok(RedirectUri::parse(text, native)?))
    }
}

/// An algorithm of this server's signatures, or nothing.
fn signing_alg(text: &str) -> Result<Option<SigningAlg>, FieldProblem> {
    match text.trim() {
        "" => Ok(None),
        word => SigningAlg::find(word).map(Some).ok_or(FieldProblem::Choice),
    }
}

/// An algorithm of the client's signatures, or nothing.
pub(super) fn verifying_alg(text: &str) -> Result<Option<VerifyingAlg>, FieldProblem> {
    match text.trim() {
        "" => Ok(None),
        word => VerifyingAlg::read(word).map(Some).ok_or(FieldProblem::Choice),
    }
}

/// A client that does not exist yet, with the policy that it begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClientDraft {
    pub client: ClientDraft,
    pub policy: PolicyDraft,
}

impl NewClientDraft {
    /// The draft that a person starts with: nothing is decided beyond what the client is.
    #[must_use]
    pub fn new(client: ClientDraft) -> Self {
        Self { client, policy: PolicyDraft::default() }
    }

    /// The checks for a person who fills in a form; see [`ClientDraft::check_form`].
    ///
    /// # Errors
    /// Everything that is wrong, field by field.
    pub fn check_form(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if !self.client.client_id.trim().is_empty() {
            errors.take("client_id", check_new_client_id(&self.client.client_id));
        }
        let client = self.client.check_form().err().unwrap_or_default();
        let policy = self.policy.check().err().unwrap_or_default();
        for (field, problem) in client.iter().chain(policy.iter()) {
            errors.note(field, problem.clone());
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// The longest client name, in characters.
pub const MAX_CLIENT_NAME: usize = 200;

/// The longest list of redirect URIs, in bytes.
const MAX_REDIRECT_URIS: usize = 16_000;

/// The longest list of addresses of request objects, in bytes.
const MAX_REQUEST_URIS: usize = 4_000;

/// The longest `request_uri`, in bytes (OpenID Connect Core §6.2).
const MAX_REQUEST_URI: usize = 512;

/// The longest list of `default_acr_values`, in bytes.
const MAX_ACR_VALUES: usize = 200;

/// The longest list of origins, in bytes.
const MAX_ALLOWED_ORIGINS: usize = 4_000;

/// A secret that an administrator chose: at least 32 visible ASCII characters, so that a plain digest is safe to keep; 64 where it
/// makes MACs.
///
/// # Errors
/// When it is shorter, longer than 512 or holds other characters.
pub fn check_client_secret(text: &str, method: ClientAuthMethod) -> Result<(), FieldProblem> {
    let least = if method == ClientAuthMethod::ClientSecretJwt { MIN_MAC_SECRET } else { MIN_SECRET };
    match text.len() {
        length if length < least => Err(FieldProblem::TooShort(least)),
        length if length > MAX_SECRET => Err(FieldProblem::TooLong(MAX_SECRET)),
        _ if !text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) => Err(FieldProblem::VisibleAscii),
        _ => Ok(()),
    }
}

/// An address at which a request object may be fetched: https, at most 512 bytes (OpenID Connect Core §6.2).
///
/// # Errors
/// When it is another one.
pub fn check_request_uri(text: &str) -> Result<String, FieldProblem> {
    if text.len() > MAX_REQUEST_URI {
        return Err(FieldProblem::TooLong(MAX_REQUEST_URI));
    }
    check_https_url(text)?.ok_or(FieldProblem::HttpsOnly)
}

/// A web origin, in the form in which origins are compared.
///
/// # Errors
/// When no page has it.
pub fn check_origin(text: &str) -> Result<String, FieldProblem> {
    Ok(WebOrigin::parse(text)?.into_string())
}

#[cfg(test)]
mod tests;
