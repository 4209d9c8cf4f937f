//! Metadata of a client, narrowed to what this server can do (RFC 7591 §2).

use serde_json::{Map, Value};

use super::authentication::{Authentication, Methods, choose, keys_beside};
use super::ciba::read_ciba;
use super::people::{read_login, read_subjects};
use super::requests::{AnswerAlgs, RequestWays, read_encryption};
use crate::client::{
    Client, ClientAuthMethod, ClientCiba, ClientEncryption, ClientKind, ClientLogin, ClientLogout, ClientOrigin,
    ClientPolicy, ClientSubjects, GrantType, MAX_CLIENT_NAME, SecurityProfile, check_backchannel_logout_uri,
    check_frontchannel_logout_uri, check_initiate_login_uri,
};
use crate::destination::Destination;
use crate::details::{MOST_TYPES, check_details_types};
use crate::field::{FieldProblem, check_display_name, check_picture_url};
use crate::id::ClientId;
use crate::jose::SigningAlg;
use crate::redirect_uri::{RedirectUri, RedirectUriError};
use crate::response_type::ResponseType;
use crate::scope::Scope;

/// Redirect URIs that are kept. No client that is known has more than five.
const MOST_REDIRECT_URIS: usize = 32;

/// The description of a client by itself, as far as this server takes it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// None: it has none that can be shown.
    pub client_name: Option<String>,
    pub redirect_uris: Vec<RedirectUri>,
    pub grant_types: Vec<GrantType>,
    pub response_types: Vec<ResponseType>,
    pub authentication: Authentication,
    pub requests: RequestWays,
    pub answers: AnswerAlgs,
    pub encryption: ClientEncryption,
    pub client_uri: Option<String>,
    pub logo_uri: Option<String>,
    pub policy_uri: Option<String>,
    pub tos_uri: Option<String>,
    pub subjects: ClientSubjects,
    pub login: ClientLogin,
    pub logout: ClientLogout,
    pub authorization_details_types: Vec<String>,
    pub initiate_login_uri: Option<String>,
    pub ciba: ClientCiba,
    /// The parts that were left out, in words for an administrator.
    pub dropped: Vec<String>,
}

/// Reason why a client cannot be served by what it says of itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    #[error("it is no JSON object")]
    NotAnObject,
    #[error("its client_id is not the URL that it was fetched from")]
    ClientId,
    #[error("it holds {0}, which nobody may read")]
    Secret(String),
    #[error("it wants to authenticate by a shared secret ({0}), which cannot be agreed on")]
    SharedSecret(String),
    #[error("it wants to authenticate by {0}, which this server cannot do")]
    Method(String),
    #[error("its {0} cannot verify what it signs: {1}")]
    Keys(&'static str, String),
    #[error("its {0} cannot be used: {1}")]
    Member(&'static str, String),
    #[error(
        "its grant_types name none by which a person signs in: authorization_code, or that of devices. A client that acts for itself is registered by an administrator"
    )]
    GrantType,
    #[error("it has no redirect URI that can be used{0}")]
    RedirectUris(String),
}

/// Narrows what a client says of itself, which may have these response types. Members of the wrong type are passed over like those that are not known.
///
/// # Errors
/// When nothing is left that can work.
pub fn narrow(
    metadata: &Map<String, Value>,
    methods: Methods,
    response_types: Vec<ResponseType>,
) -> Result<Description, MetadataError> {
    let mut dropped = Vec::new();
    let mut authentication = choose(metadata, methods, &mut dropped)?;
    let gets_tokens = response_types.iter().any(|kind| kind.has_tokens());
    let grant_types = narrow_grants(metadata, gets_tokens, &mut dropped)?;
    let requests = RequestWays::read(metadata).unwrap_or_else(|problem| {
        dropped.push(problem.to_string());
        RequestWays::default()
    });
    // A client that cannot be told by what its answers are encrypted must not get them as they are.
    let encryption = read_encryption(metadata)?;
    let ciba = read_ciba(metadata, &grant_types).unwrap_or_else(|problem| {
        dropped.push(problem.to_string());
        ClientCiba::default()
    });
    let signs = requests.need_keys() || ciba.request_signing_alg.is_some();
    if (signs || encryption.has_answers()) && authentication.method != ClientAuthMethod::PrivateKeyJwt {
        authentication = keys_beside(metadata, authentication, signs)?;
    }
    let checked = encryption.check_keys(authentication.jwks.as_ref(), authentication.jwks_uri.as_deref());
    checked.map_err(|(name, problem)| MetadataError::Member(name, problem.to_string()))?;
    let answers = AnswerAlgs::read(metadata).unwrap_or_else(|problem| {
        dropped.push(problem.to_string());
        AnswerAlgs::default()
    });
    let subjects = read_subjects(metadata).unwrap_or_else(|problem| {
        dropped.push(problem.to_string());
        ClientSubjects::default()
    });
    let login = read_login(metadata).unwrap_or_else(|problem| {
        dropped.push(problem.to_string());
        ClientLogin::default()
    });
    let redirect_uris = narrow_redirect_uris(metadata, &mut dropped);
    let redirect_uris = match redirect_uris {
        // A device is told by its polls (RFC 8628 §3.4), and who brings assertions at once.
        Err(_) if !grant_types.iter().any(|grant| grant.redirects()) => Vec::new(),
        other => other?,
    };
    let mut link = |name: &str| {
        let text = metadata.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())?;
        let url = check_picture_url(text).ok().flatten();
        if url.is_none() {
            dropped.push(format!("{name}: it is no https URL"));
        }
        url
    };
    let (client_uri, policy_uri, tos_uri) = (link("client_uri"), link("policy_uri"), link("tos_uri"));
    // One that proves nothing about itself could show the sign of somebody else.
    let logo_uri = link("logo_uri").filter(|_| !authentication.method.is_public());
    let (logout, initiate_login_uri) = narrow_called(metadata, &redirect_uris, &mut dropped);
    let authorization_details_types = narrow_details_types(metadata, &mut dropped);
    let name = metadata.get("client_name").and_then(Value::as_str);
    let client_name = name.and_then(|name| check_display_name(name, MAX_CLIENT_NAME).ok());
    if name.is_some() && client_name.is_none() {
        dropped.push("client_name: it cannot be shown".to_owned());
    }
    Ok(Description {
        client_name,
        redirect_uris,
        grant_types,
        response_types,
        authentication,
        requests,
        answers,
        encryption,
        client_uri,
        logo_uri,
        policy_uri,
        tos_uri,
        subjects,
        login,
        logout,
        authorization_details_types,
        initiate_login_uri,
        ciba,
        dropped,
    })
}

/// The addresses that this server calls by itself, one after the other, with what is wrong with each.
pub(super) fn called(
    metadata: &Map<String, Value>,
    redirect_uris: &[RedirectUri],
) -> [(&'static str, Result<Option<String>, FieldProblem>); 3] {
    let text = |name: &str| match metadata.get(name) {
        None | Some(Value::Null) => Ok(""),
        Some(value) => value.as_str().ok_or(FieldProblem::WebUrl),
    };
    let (back, front, login) = ("backchannel_logout_uri", "frontchannel_logout_uri", "initiate_login_uri");
    [
        (back, text(back).and_then(check_backchannel_logout_uri)),
        (front, text(front).and_then(|uri| check_frontchannel_logout_uri(uri, redirect_uris))),
        (login, text(login).and_then(check_initiate_login_uri)),
    ]
}

fn narrow_called(
    metadata: &Map<String, Value>,
    redirect_uris: &[RedirectUri],
    dropped: &mut Vec<String>,
) -> (ClientLogout, Option<String>) {
    let [backchannel_logout_uri, frontchannel_logout_uri, initiate_login_uri] =
        called(metadata, redirect_uris).map(|(name, checked)| match checked {
            Ok(uri) => uri,
            Err(problem) => {
                dropped.push(format!("{name}: {problem}"));
                None
            }
        });
    let is_on = |name: &str| metadata.get(name).and_then(Value::as_bool).unwrap_or_default();
    let logout = ClientLogout {
        backchannel_logout_uri,
        backchannel_logout_session_required: is_on("backchannel_logout_session_required"),
        frontchannel_logout_uri,
        frontchannel_logout_session_required: is_on("frontchannel_logout_session_required"),
    };
    (logout, initiate_login_uri)
}

/// The types of authorization details (RFC 9396 §10) that could be some.
fn narrow_details_types(metadata: &Map<String, Value>, dropped: &mut Vec<String>) -> Vec<String> {
    let named = words(metadata, "authorization_details_types").unwrap_or_default();
    let mut types: Vec<String> = Vec::new();
    for word in named {
        match check_details_types(word).as_deref() {
            Ok([name]) if types.len() < MOST_TYPES => {
                if !types.contains(name) {
                    types.push(name.clone());
                }
            }
            _ => dropped.push(format!("type of authorization details {}", short(word))),
        }
    }
    types
}

/// `implicit` means nothing without a response type with tokens.
fn narrow_grants(
    metadata: &Map<String, Value>,
    gets_tokens: bool,
    dropped: &mut Vec<String>,
) -> Result<Vec<GrantType>, MetadataError> {
    // The default of RFC 7591 §2.
    let named = words(metadata, "grant_types").unwrap_or_else(|| vec![GrantType::AuthorizationCode.as_str()]);
    let mut grants = Vec::new();
    for word in named {
        match GrantType::find(word).filter(|grant| gets_tokens || *grant != GrantType::Implicit) {
            // Whose assertions count, and from whom, is for the trusts of this server to say.
            Some(grant)
                if grant.signs_people_in() || matches!(grant, GrantType::RefreshToken | GrantType::JwtBearer) =>
            {
                if !grants.contains(&grant) {
                    grants.push(grant);
                }
            }
            _ => dropped.push(format!("grant type {}", short(word))),
        }
    }
    let is_for_people = |grant: &GrantType| grant.signs_people_in() || *grant == GrantType::JwtBearer;
    if grants.iter().any(is_for_people) { Ok(grants) } else { Err(MetadataError::GrantType) }
}

fn narrow_redirect_uris(
    metadata: &Map<String, Value>,
    dropped: &mut Vec<String>,
) -> Result<Vec<RedirectUri>, MetadataError> {
    let mut uris: Vec<RedirectUri> = Vec::new();
    let mut first_problem = String::new();
    for text in words(metadata, "redirect_uris").unwrap_or_default() {
        let problem = match parse_redirect_uri(text) {
            Ok(uri) if uris.contains(&uri) => continue,
            Ok(uri) if uris.len() < MOST_REDIRECT_URIS => {
                uris.push(uri);
                continue;
            }
            Ok(_) => format!("redirect URI {}: there are too many", short(text)),
            Err(reason) => format!("redirect URI {}: {reason}", short(text)),
        };
        if first_problem.is_empty() {
            first_problem = format!(": {problem}");
        }
        dropped.push(problem);
    }
    if uris.is_empty() { Err(MetadataError::RedirectUris(first_problem)) } else { Ok(uris) }
}

/// A redirect URI of a client that nobody looked at: https, http to the person's own device, or an app's own scheme.
pub(super) fn parse_redirect_uri(text: &str) -> Result<RedirectUri, String> {
    check_place(text, RedirectUri::parse(text, true))
}

/// A place of the same kind, for people who signed out.
pub(super) fn parse_post_logout_redirect_uri(text: &str) -> Result<RedirectUri, String> {
    check_place(text, RedirectUri::parse_post_logout(text))
}

fn check_place(text: &str, parsed: Result<RedirectUri, RedirectUriError>) -> Result<RedirectUri, String> {
    let uri = parsed.map_err(|error| error.to_string())?;
    let is_clear = text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"));
    if is_clear && !Destination::of(text).is_on_device() {
        return Err("http is for programs on the person's own device".to_owned());
    }
    if let Destination::App(scheme) = Destination::of(text)
        && !is_app_scheme(&scheme)
    {
        return Err(format!("the scheme {} is no reversed domain name (RFC 8252 §7.1)", short(&scheme)));
    }
    Ok(uri)
}

/// Schemes without a dot of programs that are known to register themselves.
const KNOWN_SCHEMES: [&str; 7] = ["claude", "cursor", "goose", "vscode", "vscode-insiders", "windsurf", "zed"];

/// True for the scheme of an app as RFC 8252 §7.1 wants it: a domain name reversed. Without a dot it may be one that a system has
/// for something else, which runs programs or reads files.
fn is_app_scheme(scheme: &str) -> bool {
    let is_name = scheme.contains('.') && scheme.split('.').all(|label| !label.is_empty());
    is_name || KNOWN_SCHEMES.contains(&scheme)
}

/// The strings of an array; `None` where there is no array.
pub(super) fn words<'a>(metadata: &'a Map<String, Value>, name: &str) -> Option<Vec<&'a str>> {
    let values = metadata.get(name)?.as_array()?;
    Some(values.iter().filter_map(Value::as_str).collect())
}

/// A text of somebody else's for a log or a page.
pub(super) fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

impl Description {
    /// The client that is described, if it has this ID and nobody here decided anything about it. One without a name is called by
    /// `place`.
    #[must_use]
    pub fn to_client(&self, client_id: ClientId, place: &str, origin: ClientOrigin) -> Client {
        let client = Client {
            client_id,
            client_name: place.to_owned(),
            kind: ClientKind::Web,
            origin,
            enabled: true,
            redirect_uris: Vec::new(),
            allowed_origins: Vec::new(),
            grant_types: Vec::new(),
            response_types: Vec::new(),
            // Whatever this server has; the person decides.
            scope: Scope::default(),
            authorization_details_types: Vec::new(),
            jwks: None,
            jwks_uri: None,
            token_endpoint_auth_signing_alg: None,
            security_profile: None,
            request_uris: Vec::new(),
            request_object_signing_alg: None,
            require_signed_request_object: false,
            require_pushed_authorization_requests: false,
            dpop_bound_access_tokens: false,
            tls_client_certificate_bound_access_tokens: false,
            tls_client_auth_subject: None,
            token_endpoint_auth_method: ClientAuthMethod::None,
            may_introspect: false,
            development_until: None,
            defaults: crate::client::Defaults::default(),
            id_token_signed_response_alg: SigningAlg::default(),
            userinfo_signed_response_alg: None,
            authorization_signed_response_alg: None,
            introspection_signed_response_alg: None,
            encryption: ClientEncryption::default(),
            client_uri: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            subjects: ClientSubjects::default(),
            login: ClientLogin::default(),
            logout: ClientLogout::default(),
            initiate_login_uri: None,
            ciba: ClientCiba::default(),
            policy: ClientPolicy::default(),
        };
        self.applied_to(&client)
    }

    /// The profile of a client that has `decided`. Where nobody decided, its response types do.
    fn profile(&self, decided: Option<SecurityProfile>) -> Option<SecurityProfile> {
        let gets_tokens = self.response_types.iter().any(|kind| kind.has_tokens());
        match decided {
            None | Some(SecurityProfile::Legacy) => gets_tokens.then_some(SecurityProfile::Legacy),
            decided => decided,
        }
    }

    /// The client as it describes itself now, with all that was decided about it here.
    #[must_use]
    pub fn applied_to(&self, client: &Client) -> Client {
        let on_device = |uri: &RedirectUri| Destination::of(uri.as_str()).is_on_device();
        let authentication = self.authentication.clone();
        Client {
            client_name: self.client_name.clone().unwrap_or_else(|| client.client_name.clone()),
            // Without any it is on a device, too.
            kind: if self.redirect_uris.iter().any(on_device) || self.redirect_uris.is_empty() {
                ClientKind::Native
            } else {
                ClientKind::Web
            },
            redirect_uris: self.redirect_uris.clone(),
            grant_types: self.grant_types.clone(),
            response_types: self.response_types.clone(),
            security_profile: self.profile(client.security_profile),
            token_endpoint_auth_method: authentication.method,
            jwks: authentication.jwks,
            jwks_uri: authentication.jwks_uri,
            token_endpoint_auth_signing_alg: authentication.signing_alg,
            request_uris: self.requests.request_uris.clone(),
            request_object_signing_alg: self.requests.signing_alg,
            require_signed_request_object: self.requests.signed,
            require_pushed_authorization_requests: self.requests.pushed,
            id_token_signed_response_alg: self.answers.id_token.unwrap_or(client.id_token_signed_response_alg),
            userinfo_signed_response_alg: self.answers.userinfo,
            authorization_signed_response_alg: self.answers.authorization,
            introspection_signed_response_alg: self.answers.introspection,
            encryption: self.encryption.clone(),
            dpop_bound_access_tokens: self.requests.bound,
            tls_client_certificate_bound_access_tokens: self.requests.certificate_bound,
            client_uri: self.client_uri.clone(),
            logo_uri: self.logo_uri.clone(),
            policy_uri: self.policy_uri.clone(),
            tos_uri: self.tos_uri.clone(),
            subjects: self.subjects.clone(),
            login: self.login.clone(),
            logout: self.logout.clone(),
            authorization_details_types: self.authorization_details_types.clone(),
            initiate_login_uri: self.initiate_login_uri.clone(),
            ciba: self.ciba.clone(),
            ..client.clone()
        }
    }
}

#[cfg(test)]
mod tests;
