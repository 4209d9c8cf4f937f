//! A client as an administrator describes it, and the checks that make it a [`Client`].

use super::policy::scope;
use super::{
    Client, ClientAuthMethod, ClientKind, ClientOrigin, ClientPolicy, Defaults, GrantType, MAX_SECRET, MIN_SECRET,
    PolicyDraft,
};
use crate::field::{
    FieldErrors, FieldProblem, check_display_name, check_https_url, check_lines, check_name, check_picture_url,
    check_web_url,
};
use crate::fields::draft;
use crate::id::ClientId;
use crate::jose::{SigningAlg, VerifyingAlg};
use crate::jwk::JwkSet;
use crate::origin::WebOrigin;
use crate::redirect_uri::RedirectUri;
use crate::registration::{ClientUrl, MAX_CLIENT_URL};
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
        scope: String, words;
        token_endpoint_auth_method: String, text;
        may_introspect: bool, flag;
        jwks: String, json;
        jwks_uri: String, text;
        token_endpoint_auth_signing_alg: String, text;
        request_uris: String, words;
        request_object_signing_alg: String, text;
        require_signed_request_object: bool, flag;
        require_pushed_authorization_requests: bool, flag;
        dpop_bound_access_tokens: bool, flag;
        id_token_signed_response_alg: String, text;
        client_uri: String, text;
        logo_uri: String, text;
        policy_uri: String, text;
        tos_uri: String, text;
        /// Seconds since 1970, or nothing.
        development_until: String, number;
    }
}

impl From<&Client> for ClientDraft {
    fn from(client: &Client) -> Self {
        let uris: Vec<&str> = client.redirect_uris.iter().map(RedirectUri::as_str).collect();
        let optional = |url: &Option<String>| url.clone().unwrap_or_default();
        Self {
            client_id: client.client_id.to_string(),
            client_name: client.client_name.clone(),
            kind: client.kind.to_string(),
            enabled: client.enabled,
            redirect_uris: uris.join("\n"),
            allowed_origins: client.allowed_origins.join("\n"),
            grant_types: client.grant_types.iter().map(ToString::to_string).collect(),
            scope: client.scope.to_lines(),
            token_endpoint_auth_method: client.token_endpoint_auth_method.to_string(),
            may_introspect: client.may_introspect,
            jwks: client.jwks.as_ref().map(JwkSet::to_text).unwrap_or_default(),
            jwks_uri: optional(&client.jwks_uri),
            token_endpoint_auth_signing_alg: client
                .token_endpoint_auth_signing_alg
                .map(|alg| alg.to_string())
                .unwrap_or_default(),
            request_uris: client.request_uris.join("\n"),
            request_object_signing_alg: client
                .request_object_signing_alg
                .map(|alg| alg.to_string())
                .unwrap_or_default(),
            require_signed_request_object: client.require_signed_request_object,
            require_pushed_authorization_requests: client.require_pushed_authorization_requests,
            dpop_bound_access_tokens: client.dpop_bound_access_tokens,
            id_token_signed_response_alg: client.id_token_signed_response_alg.to_string(),
            client_uri: optional(&client.client_uri),
            logo_uri: optional(&client.logo_uri),
            policy_uri: optional(&client.policy_uri),
            tos_uri: optional(&client.tos_uri),
            development_until: client.development_until.map(|until| until.0.to_string()).unwrap_or_default(),
        }
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
        let signs_in = grants.any(|grant| grant == GrantType::AuthorizationCode.as_str());
        if signs_in && self.redirect_uris.trim().is_empty() {
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
            scope: errors.take("scope", scope(&self.scope)).unwrap_or_default(),
            token_endpoint_auth_method: method,
            may_introspect: self.may_introspect,
            jwks: errors.take("jwks", self.check_jwks(method)).flatten(),
            jwks_uri: errors.take("jwks_uri", check_https_url(&self.jwks_uri)).flatten(),
            token_endpoint_auth_signing_alg: errors
                .take("token_endpoint_auth_signing_alg", verifying_alg(&self.token_endpoint_auth_signing_alg))
                .flatten(),
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
            id_token_signed_response_alg: errors.take("id_token_signed_response_alg", alg).unwrap_or_default(),
            client_uri: errors.take("client_uri", check_web_url(&self.client_uri)).flatten(),
            logo_uri: errors.take("logo_uri", check_picture_url(&self.logo_uri)).flatten(),
            policy_uri: errors.take("policy_uri", check_web_url(&self.policy_uri)).flatten(),
            tos_uri: errors.take("tos_uri", check_web_url(&self.tos_uri)).flatten(),
            development_until: errors.take("development_until", self.check_development()).flatten(),
            policy: policy.unwrap_or_default(),
            defaults: Defaults::default(),
        };
        if errors.is_empty() { Ok(client) } else { Err(errors) }
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
        if grants.contains(&GrantType::RefreshToken) && !grants.iter().any(|grant| grant.signs_people_in()) {
            return Err(FieldProblem::RefreshWithoutCode);
        }
        Ok(grants)
    }

    /// The keys, given or by their address but not both (RFC 7591 §2). A client that signs assertions has some.
    fn check_jwks(&self, method: ClientAuthMethod) -> Result<Option<JwkSet>, FieldProblem> {
        match (self.jwks.trim(), self.jwks_uri.trim()) {
            ("", "") if method == ClientAuthMethod::PrivateKeyJwt => Err(FieldProblem::KeysNeeded),
            ("", _) => Ok(None),
            (jwks, "") => Ok(Some(JwkSet::parse(jwks)?)),
            _ => Err(FieldProblem::KeysTwice),
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

/// An algorithm of the client's signatures, or nothing.
fn verifying_alg(text: &str) -> Result<Option<VerifyingAlg>, FieldProblem> {
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

/// The longest client ID.
pub const MAX_CLIENT_ID: usize = 128;

/// The longest client name, in characters.
pub const MAX_CLIENT_NAME: usize = 200;

/// The longest list of redirect URIs, in bytes.
const MAX_REDIRECT_URIS: usize = 16_000;

/// The longest list of addresses of request objects, in bytes.
const MAX_REQUEST_URIS: usize = 4_000;

/// The longest `request_uri`, in bytes (OpenID Connect Core §6.2).
const MAX_REQUEST_URI: usize = 512;

/// The longest list of origins, in bytes.
const MAX_ALLOWED_ORIGINS: usize = 4_000;

/// A client ID that an administrator chose: 1 to 128 unreserved characters (RFC 3986 §2.3), so that it needs no escaping in
/// a URL; or the URL of a client that is known by its document elsewhere. Empty is for the caller to fill in.
///
/// # Errors
/// When it is empty, too long or holds other characters.
pub fn check_client_id(text: &str) -> Result<String, FieldProblem> {
    if ClientUrl::is_meant(text.trim()) {
        let url = ClientUrl::parse(text.trim()).map_err(FieldProblem::ClientUrl)?;
        return Ok(url.as_str().to_owned());
    }
    let id = check_name(text, MAX_CLIENT_ID)?;
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    if !id.bytes().all(unreserved) || matches!(id.as_str(), "." | "..") {
        return Err(FieldProblem::ClientIdCharacters);
    }
    Ok(id)
}

/// False for a text that no client can have as its ID, whoever gave it: it need not be looked up. Databases differ in what they make
/// of one with a NUL.
#[must_use]
pub fn can_be_client_id(text: &str) -> bool {
    let longest = MAX_CLIENT_ID.max(MAX_CLIENT_URL);
    !text.is_empty() && text.len() <= longest && !text.chars().any(char::is_control)
}

/// Pages of the console that stand beside those of clients.
const PAGES: [&str; 2] = ["new", "wizard"];

/// The ID of a client that does not exist yet. It may not be one that a user could have, for what APIs are told of a token
/// names clients and users in the same place (`sub`, RFC 7662 §2.2).
///
/// # Errors
/// Also when it is the address of a page, a number or a UUID.
pub fn check_new_client_id(text: &str) -> Result<String, FieldProblem> {
    let id = check_client_id(text)?;
    if PAGES.contains(&id.as_str()) {
        return Err(FieldProblem::ClientIdOfPage);
    }
    if is_number(&id) || is_uuid(&id) {
        return Err(FieldProblem::ClientIdOfSubject);
    }
    Ok(id)
}

fn is_number(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_digit())
}

/// As RFC 9562 §4 writes it, with hyphens.
fn is_uuid(id: &str) -> bool {
    let lengths = id.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// A secret that an administrator chose: at least 32 visible ASCII characters, so that a plain digest is safe to keep.
///
/// # Errors
/// When it is shorter, longer than 512 or holds other characters.
pub fn check_client_secret(text: &str) -> Result<(), FieldProblem> {
    match text.len() {
        length if length < MIN_SECRET => Err(FieldProblem::TooShort(MIN_SECRET)),
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
mod tests {
    use super::*;

    fn web() -> ClientDraft {
        ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            redirect_uris: "https://app.example/cb".into(),
            ..ClientDraft::preset(ClientKind::Web)
        }
    }

    #[test]
    fn every_preset_becomes_a_client() {
        for kind in ClientKind::ALL {
            let draft = ClientDraft {
                kind: kind.to_string(),
                ..ClientDraft { redirect_uris: web().redirect_uris, ..ClientDraft::preset(*kind) }
            };
            let client = ClientDraft { client_id: "c".into(), client_name: "C".into(), ..draft }.check(None).unwrap();
            assert_eq!(client.is_public(), matches!(kind, ClientKind::Spa | ClientKind::Native));
        }
    }

    #[test]
    fn a_draft_and_its_client_agree() {
        let client = web().check(None).unwrap();
        assert_eq!(ClientDraft::from(&client), web());
    }

    #[test]
    fn a_form_needs_a_redirect_uri_and_a_script_does_not() {
        let draft =
            ClientDraft { client_id: String::new(), client_name: String::new(), redirect_uris: " \n".into(), ..web() };
        let errors = draft.check_form().unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["client_name", "redirect_uris"], "the server makes an ID");
        assert!(ClientDraft { redirect_uris: String::new(), ..web() }.check(None).is_ok());
        let machine = ClientDraft { client_name: "M".into(), ..ClientDraft::preset(ClientKind::Machine) };
        assert_eq!(machine.check_form(), Ok(()));
    }

    #[test]
    fn a_bad_line_is_named_by_its_number() {
        let errors =
            ClientDraft { redirect_uris: "https://a.example/cb\nnonsense".into(), ..web() }.check(None).unwrap_err();
        assert_eq!(
            errors.find("redirect_uris").unwrap().to_string(),
            "Line 2: This is not an absolute URI, for example https://app.example.com/callback."
        );
    }

    #[test]
    fn a_public_client_acts_for_nobody_but_a_user() {
        let draft = ClientDraft {
            token_endpoint_auth_method: "none".into(),
            grant_types: vec!["client_credentials".into()],
            ..web()
        };
        assert_eq!(draft.check(None).unwrap_err().find("grant_types"), Some(&FieldProblem::PublicClientCredentials));
    }

    #[test]
    fn refresh_tokens_are_for_clients_to_which_people_sign_in() {
        let with = |grant: &str| ClientDraft {
            grant_types: vec!["refresh_token".into(), grant.into()],
            redirect_uris: String::new(),
            ..web()
        };
        let device = with(GrantType::DeviceCode.as_str());
        assert!(device.check(None).is_ok());
        assert_eq!(device.check_form(), Ok(()), "a device has no redirect URI");
        let machine = with("client_credentials").check(None).unwrap_err();
        assert_eq!(machine.find("grant_types"), Some(&FieldProblem::RefreshWithoutCode));
    }

    #[test]
    fn an_origin_has_no_path() {
        assert_eq!(check_origin("https://App.example").unwrap(), "https://app.example");
        assert!(check_origin("https://app.example/x").is_err());
        assert!(check_origin("*").is_err());
    }

    #[test]
    fn a_new_client_has_an_id_that_nothing_else_has() {
        use FieldProblem as P;
        for (id, problem) in [
            ("new", P::ClientIdOfPage),
            ("wizard", P::ClientIdOfPage),
            ("7", P::ClientIdOfSubject),
            ("000123", P::ClientIdOfSubject),
            ("019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11", P::ClientIdOfSubject),
            ("019AB0C4-2F6E-4D11-9C52-6F1D2F0F8A11", P::ClientIdOfSubject),
            ("a b", P::ClientIdCharacters),
            ("ü", P::ClientIdCharacters),
            (".", P::ClientIdCharacters),
            ("", P::Missing),
        ] {
            assert_eq!(check_new_client_id(id), Err(problem), "{id}");
        }
        for id in ["news", "New", "7a", "1.2", "019ab0c42f6e7d119c526f1d2f0f8a11", "a-b-c-d-e"] {
            assert_eq!(check_new_client_id(id).as_deref(), Ok(id));
        }
        assert!(check_client_id("7").is_ok(), "one from before stays");
        for id in ["", "a\0", "\0", "a\nb", "a\u{7f}", &"x".repeat(256)] {
            assert!(!can_be_client_id(id), "{id:?}");
        }
        for id in ["web", "dcr-x", "https://a.example/x", &"x".repeat(255)] {
            assert!(can_be_client_id(id), "{id:?}");
        }
    }

    #[test]
    fn a_secret_that_is_chosen_travels_in_a_header() {
        assert_eq!(check_client_secret(&"ü".repeat(20)), Err(FieldProblem::VisibleAscii));
        assert_eq!(check_client_secret(&"a\n".repeat(20)), Err(FieldProblem::VisibleAscii));
        assert_eq!(check_client_secret("with space+plus%percent:colon&=\"quotes\""), Ok(()));
    }
}
