//! Requests of the registration endpoint (RFC 7591 §2 and §3, RFC 7592 §2).

use serde_json::{Map, Value};

use super::authentication::Methods;
use super::ciba::read_ciba;
use super::decided::{Redescribed, redescribe};
use super::description::{
    Description, MetadataError, called, narrow, parse_post_logout_redirect_uri, parse_redirect_uri, short, words,
};
use super::people::{read_login, read_subjects};
use super::requests::{AnswerAlgs, RequestWays, read_response_types};
use crate::certificate::HandedOn;
use crate::client::{Client, ClientAuthMethod, ClientOrigin, ClientPolicy, GrantType};
use crate::destination::Destination;
use crate::error::TokenError;
use crate::field::FieldProblem;
use crate::id::ClientId;
use crate::jose::SigningAlg;
use crate::jwk::JwkSet;
use crate::redirect_uri::{MAX_REDIRECT_URI, RedirectUri};
use crate::refusal::Reason;
use crate::scope::{Scope, ScopeDefinition, ScopeToken, is_known};
use crate::seal::{Seal, Sealed};
use crate::secret::Secret;

/// The largest body of a registration, in bytes.
pub const MAX_REGISTRATION: usize = 16 * 1024;

/// Redirect URIs of one registration; and URIs for people who signed out.
pub const MOST_REDIRECT_URIS: usize = 10;

/// The beginning of the IDs that clients get which register themselves. No URL begins so.
const ID_PREFIX: &str = "dcr-";

/// A client as it wants to be registered, narrowed to what this server can do.
#[derive(Debug, Clone)]
pub struct Registration {
    description: Description,
    /// The words of `scope` that are scope tokens.
    asked_scope: Vec<ScopeToken>,
    post_logout_redirect_uris: Vec<RedirectUri>,
    /// The words of an update about itself, to be compared with what is (RFC 7592 §2.2).
    client_id: Option<String>,
    client_secret: Option<Secret>,
}

impl Registration {
    /// Reads the body of a request. Members that are not known are ignored (RFC 7591 §2); so are null and empty strings.
    ///
    /// # Errors
    /// `invalid_redirect_uri` or `invalid_client_metadata` (RFC 7591 §3.2.2).
    pub fn read(body: &[u8]) -> Result<Self, TokenError> {
        let Ok(Value::Object(mut metadata)) = serde_json::from_slice(body) else {
            return Err(invalid_metadata("the body is not a JSON object"));
        };
        metadata.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        check_redirect_uris(&metadata)?;
        AnswerAlgs::read(&metadata).map_err(|error| invalid_metadata(&error.to_string()))?;
        RequestWays::read(&metadata).map_err(|error| invalid_metadata(&error.to_string()))?;
        read_subjects(&metadata).map_err(|error| invalid_metadata(&error.to_string()))?;
        read_login(&metadata).map_err(|error| invalid_metadata(&error.to_string()))?;
        let response_types = read_response_types(&metadata).map_err(|error| invalid_metadata(&error.to_string()))?;
        let description = narrow(&metadata, Methods::REGISTRATION, response_types).map_err(|error| match error {
            MetadataError::RedirectUris(_) => invalid_redirect_uri("redirect_uris is missing"),
            other => invalid_metadata(&other.to_string()),
        })?;
        check_called(&metadata, &description.redirect_uris)?;
        read_ciba(&metadata, &description.grant_types).map_err(|error| invalid_metadata(&error.to_string()))?;
        let post_logout_redirect_uris = read_post_logout_redirect_uris(&metadata)?;
        let words = metadata.get("scope").and_then(Value::as_str).unwrap_or_default();
        let mut asked_scope = Vec::new();
        for token in words.split(' ').filter_map(|word| ScopeToken::parse(word).ok()) {
            if !asked_scope.contains(&token) {
                asked_scope.push(token);
            }
        }
        let text = |name: &str| metadata.get(name).and_then(Value::as_str).map(str::to_owned);
        let client_secret = text("client_secret").map(Secret::new);
        let client_id = text("client_id");
        Ok(Self { description, asked_scope, post_logout_redirect_uris, client_id, client_secret })
    }

    /// The parts that were left out, in words for an administrator.
    #[must_use]
    pub fn dropped(&self) -> &[String] {
        &self.description.dropped
    }

    /// Makes sure that an update is about the client whose registration it changes (RFC 7592 §2.2).
    ///
    /// # Errors
    /// `invalid_client_metadata`, when it names another client, another secret, or a method for which the client has nothing.
    pub fn check_update(&self, client: &Client, is_secret: impl FnOnce(&Secret) -> bool) -> Result<(), TokenError> {
        if self.client_id.as_deref() != Some(client.client_id.as_str()) {
            return Err(invalid_metadata("client_id must be that of the client"));
        }
        if self.client_secret.as_ref().is_some_and(|secret| !is_secret(secret)) {
            return Err(invalid_metadata("client_secret must be left out, or be that of the client"));
        }
        // Nobody gives it a secret now, and whoever holds the right to change it has proved something that a public one cannot.
        let (before, after) = (client.token_endpoint_auth_method, self.description.authentication.method);
        let by_mac = |method| method == ClientAuthMethod::ClientSecretJwt;
        if after.is_public() != before.is_public()
            || (after.needs_secret() && !before.needs_secret())
            || by_mac(after) != by_mac(before)
        {
            let why =
                format!("token_endpoint_auth_method cannot change from {before} to {after}: register another client");
            return Err(invalid_metadata(&why));
        }
        Ok(())
    }

    /// Makes sure that a client is, as it describes itself now, what its security profile and its sector demand, and that the operator
    /// allows its response types: `legacy` says that tokens may come from the authorization endpoint.
    ///
    /// # Errors
    /// `invalid_client_metadata`, with the first member that is not.
    pub fn check_profile(
        &self,
        after: &Client,
        before: Option<&Client>,
        legacy: bool,
        certificates: HandedOn,
    ) -> Result<(), TokenError> {
        if let Err((field, problem)) = certificates.check(after, before) {
            return Err(invalid_metadata(&format!("{field}: {problem}")));
        }
        if !legacy && self.description.response_types.iter().any(|kind| kind.has_tokens()) {
            return Err(invalid_metadata(&format!("response_types: {}", FieldProblem::LegacyOff)));
        }
        match after.check_demands() {
            Ok(()) => {
                let checked = after.subjects.check_unvouched(&after.redirect_uris, &after.grant_types, &after.logout);
                checked.map_err(|problem| invalid_metadata(&format!("subject_type: {problem}")))
            }
            Err(errors) => {
                let said = errors.iter().next().map(|(field, problem)| format!("{field}: {problem}"));
                Err(invalid_metadata(&said.unwrap_or_default()))
            }
        }
    }

    /// Makes sure that a client which asks for people by name, and so learns who there is (CIBA §14), is one that an administrator
    /// vouched for: it came with an initial access token, or had the grant type before.
    ///
    /// # Errors
    /// `invalid_client_metadata`.
    pub fn check_vouched(&self, vouched: bool) -> Result<(), TokenError> {
        if vouched || !self.description.grant_types.contains(&GrantType::Ciba) {
            return Ok(());
        }
        let why = format!("grant_types: {} is for clients that bring an initial access token", GrantType::Ciba);
        Err(invalid_metadata(&why))
    }

    /// The client that nobody here decided anything about. A public one has the ID that its metadata have, whoever sends them:
    /// many copies of one program are one client. Another one has the ID `drawn`.
    #[must_use]
    pub fn to_client(&self, known: &[ScopeDefinition], drawn: &str, seal: &Seal) -> Client {
        let undecided = self.undecided();
        let client = self.described(&undecided, known);
        let client_id = if client.is_public() {
            ClientId::new(format!("{ID_PREFIX}{}", seal.tag(Sealed::Registration, &[&canonical(&client)])))
        } else {
            ClientId::new(format!("{ID_PREFIX}{drawn}"))
        };
        Client { client_id, ..client }
    }

    /// The client as it describes itself now, with all that was decided about it here; and what it is said to have said. What it asks for
    /// as its scope is the scope of requests that name none, as far as it may ask for that.
    ///
    /// # Errors
    /// See [`redescribe`].
    pub fn applied_to(
        &self,
        client: &Client,
        said: &Client,
        known: &[ScopeDefinition],
    ) -> serde_json::Result<Redescribed> {
        redescribe(client, said, &self.described(client, known))
    }

    /// The client with all that it says now, also where somebody here decided otherwise.
    fn described(&self, client: &Client, known: &[ScopeDefinition]) -> Client {
        let may_have = |token: &&ScopeToken| is_known(token, known) && client.may_ask_for(token);
        let scope: Scope = self.asked_scope.iter().filter(may_have).cloned().collect();
        let described = self.description.applied_to(client);
        let name = self.description.client_name.clone().unwrap_or_else(|| place(&described.redirect_uris));
        let policy = ClientPolicy {
            default_scopes: Some(scope).filter(|scope| !scope.is_empty()),
            post_logout_redirect_uris: Some(self.post_logout_redirect_uris.clone()).filter(|uris| !uris.is_empty()),
            ..client.policy.clone()
        };
        Client { client_name: name, policy, ..described }
    }

    fn undecided(&self) -> Client {
        let place = place(&self.description.redirect_uris);
        self.description.to_client(ClientId::new(""), &place, ClientOrigin::Registration)
    }

    /// The redirect URIs as this copy of the program sent them.
    #[must_use]
    pub fn redirect_uris(&self) -> &[RedirectUri] {
        &self.description.redirect_uris
    }
}

/// True for an ID that a client got by registering.
#[must_use]
pub fn is_registered_id(client_id: &str) -> bool {
    client_id.starts_with(ID_PREFIX)
}

/// Each redirect URI is judged alone, and one that cannot be used is refused: its program would wait for answers there.
fn check_redirect_uris(metadata: &Map<String, Value>) -> Result<(), TokenError> {
    let grants = words(metadata, "grant_types").unwrap_or_else(|| vec![GrantType::AuthorizationCode.as_str()]);
    let redirects = grants.iter().any(|grant| GrantType::find(grant).is_some_and(GrantType::redirects));
    if !metadata.contains_key("redirect_uris") && !redirects {
        return Ok(());
    }
    let Some(Value::Array(uris)) = metadata.get("redirect_uris") else {
        return Err(invalid_redirect_uri("redirect_uris must be a list of URIs"));
    };
    if uris.is_empty() || uris.len() > MOST_REDIRECT_URIS {
        return Err(invalid_redirect_uri(&format!("redirect_uris must have 1 to {MOST_REDIRECT_URIS} URIs")));
    }
    for uri in uris {
        let Some(text) = uri.as_str() else {
            return Err(invalid_redirect_uri("redirect_uris must be a list of URIs"));
        };
        if let Err(reason) = parse_redirect_uri(text) {
            let shown: String = text.chars().take(200).collect();
            let shown = if text.len() > MAX_REDIRECT_URI { "one of them" } else { shown.as_str() };
            return Err(invalid_redirect_uri(&format!("{shown}: {reason}")));
        }
    }
    Ok(())
}

/// Places that people may be sent to after they signed out (OpenID Connect RP-Initiated Logout 1.0 §3.1).
fn read_post_logout_redirect_uris(metadata: &Map<String, Value>) -> Result<Vec<RedirectUri>, TokenError> {
    let name = "post_logout_redirect_uris";
    let refuse = |why: &str| invalid_metadata(&format!("{name}: {why}"));
    let mut read: Vec<RedirectUri> = Vec::new();
    let Some(value) = metadata.get(name) else { return Ok(read) };
    let uris = value.as_array().ok_or_else(|| refuse("it must be a list of URIs"))?;
    if uris.len() > MOST_REDIRECT_URIS {
        return Err(refuse(&format!("it may have {MOST_REDIRECT_URIS} URIs")));
    }
    for uri in uris {
        let text = uri.as_str().ok_or_else(|| refuse("it must be a list of URIs"))?;
        let uri = parse_post_logout_redirect_uri(text).map_err(|why| refuse(&format!("{}: {why}", short(text))))?;
        if !read.contains(&uri) {
            read.push(uri);
        }
    }
    Ok(read)
}

/// An address that cannot be called is refused by its name: its program would wait to hear of the end of its sessions.
fn check_called(metadata: &Map<String, Value>, redirect_uris: &[RedirectUri]) -> Result<(), TokenError> {
    for (name, checked) in called(metadata, redirect_uris) {
        checked.map_err(|problem| invalid_metadata(&format!("{name}: {problem}")))?;
    }
    for name in ["backchannel_logout_session_required", "frontchannel_logout_session_required"] {
        if metadata.get(name).is_some_and(|value| !value.is_boolean()) {
            return Err(invalid_metadata(&format!("{name} must be true or false")));
        }
    }
    Ok(())
}

/// A name for a client that has none: where its answers go, if they go anywhere.
fn place(redirect_uris: &[RedirectUri]) -> String {
    let first = redirect_uris.first().map(|uri| Destination::of(uri.as_str()).to_string());
    first.unwrap_or_else(|| "Device".to_owned())
}

/// The metadata in one form: in whatever order the URIs come, and on whatever port the program listens at the moment.
fn canonical(client: &Client) -> String {
    let mut uris: Vec<String> = client.redirect_uris.iter().map(RedirectUri::without_loopback_port).collect();
    uris.sort_unstable();
    uris.dedup();
    let mut grants: Vec<&str> = client.grant_types.iter().map(|grant| grant.as_str()).collect();
    grants.sort_unstable();
    let scope = client.policy.default_scopes.as_ref().map(ToString::to_string);
    let links = (&client.client_uri, &client.policy_uri, &client.tos_uri);
    let described = (&client.client_name, uris, grants, scope, links);
    let answers = (
        client.id_token_signed_response_alg,
        client.userinfo_signed_response_alg,
        client.authorization_signed_response_alg,
        client.introspection_signed_response_alg,
    );
    let ways = (
        answers,
        &client.request_uris,
        client.request_object_signing_alg,
        client.require_signed_request_object,
        client.require_pushed_authorization_requests,
        client.dpop_bound_access_tokens,
    );
    // A set says of keys what it said before there were others.
    let jwks = &client.jwks.as_ref().map(JwkSet::without_use);
    let called = (&client.logout, &client.initiate_login_uri);
    let people = (&client.subjects, &client.login);
    let is_plain = ways == ((SigningAlg::default(), None, None, None), &Vec::new(), None, false, false, false);
    // Strings and lists of them always are JSON. Programs that say nothing of all that have the IDs that they had before it could be said.
    let is_called = !client.logout.is_empty() || client.initiate_login_uri.is_some();
    let text = if !client.subjects.is_empty() || !client.login.is_empty() {
        serde_json::to_string(&(described, ways, jwks, &client.jwks_uri, called, people))
    } else if is_plain && !is_called {
        serde_json::to_string(&described)
    } else {
        serde_json::to_string(&(described, ways, jwks, &client.jwks_uri, called))
    };
    let types: String = client.response_types.iter().map(|kind| kind.as_str()).collect();
    let mut text = text.unwrap_or_default() + &types;
    if !client.encryption.is_empty() {
        let encrypted = serde_json::to_string(&(&client.encryption, &client.jwks, &client.jwks_uri));
        text = format!("{text} encrypted {}", encrypted.unwrap_or_default());
    }
    if client.tls_client_certificate_bound_access_tokens {
        text.push_str(" bound to a certificate");
    }
    if let Some(uris) = &client.policy.post_logout_redirect_uris {
        let any_port = client.has_any_loopback_port();
        let place = |uri: &RedirectUri| if any_port { uri.without_loopback_port() } else { uri.as_str().to_owned() };
        let mut uris: Vec<String> = uris.iter().map(place).collect();
        uris.sort_unstable();
        text = format!("{text} after signing out {}", uris.join(" "));
    }
    match client.authorization_details_types.as_slice() {
        [] => text,
        types => format!("{text} with the details {}", types.join(" ")),
    }
}

fn invalid_redirect_uri(description: &str) -> TokenError {
    TokenError::because(Reason::RegistrationUri, description.to_owned())
}

fn invalid_metadata(description: &str) -> TokenError {
    TokenError::because(Reason::RegistrationMetadata, description.to_owned())
}
