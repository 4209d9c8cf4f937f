//! The grant of OpenID Connect Client-Initiated Backchannel Authentication (CIBA Core 1.0): a client asks for somebody by name, the
//! person answers in a browser of their own, and the client polls until it is told.

use serde_json::{Value, json};

use super::request::{missing, required, scope};
use super::{POLL_INTERVAL, PollReasons};
use crate::client::{Client, DeliveryMode, GrantType};
use crate::details::{AUTHORIZATION_DETAILS, AuthorizationDetails};
use crate::error::{OAuthError, TokenError};
use crate::field::check_display_name;
use crate::form::Form;
use crate::refusal::Reason;
use crate::resource::{ResourceIdentifier, read_resources};
use crate::scope::{Scope, ScopeDefinition};
use crate::secret::Secret;

/// Seconds that an `auth_req_id` is good for, unless the client asks for fewer.
pub const AUTH_REQ_ID_LIFETIME: i64 = 900;

/// The longest `binding_message`, in characters.
pub const MAX_BINDING_MESSAGE: usize = 100;

/// The longest `client_notification_token`, in characters (CIBA §7.1).
const MAX_NOTIFICATION_TOKEN: usize = 1_024;

/// The longest `login_hint` that is looked up, in bytes.
const MAX_LOGIN_HINT: usize = 320;

/// The parameters of an authentication request (CIBA §7.1), none of which may stand beside a signed one (§7.1.1).
const PARAMETERS: [&str; 11] = [
    "scope",
    "client_notification_token",
    "acr_values",
    "login_hint_token",
    "id_token_hint",
    "login_hint",
    "binding_message",
    "user_code",
    "requested_expiry",
    "resource",
    AUTHORIZATION_DETAILS,
];

/// The refusals of polls with an `auth_req_id`.
pub static CIBA_REASONS: PollReasons = PollReasons {
    unknown: Reason::AuthReqIdUnknown,
    used: Reason::AuthReqIdUsed,
    revoked: Reason::AuthReqIdRevoked,
    expired: Reason::AuthReqIdExpired,
    declined: Reason::CibaDeclined,
    pending: Reason::CibaPending,
    too_fast: Reason::CibaTooFast,
    who: "client",
};

/// The person whom a request is about, as the client names them (CIBA §7.1).
#[derive(Debug, Clone)]
pub enum PersonHint {
    /// `login_hint`: what the person types to sign in.
    Login(String),
    /// `id_token_hint`: an ID token of this server, which may have expired.
    IdToken(Secret),
}

impl PersonHint {
    fn read(form: &Form) -> Result<Self, TokenError> {
        let [login, id_token, token] =
            [form.find("login_hint")?, form.find("id_token_hint")?, form.find("login_hint_token")?];
        match (login, id_token, token) {
            (Some(login), None, None) if login.len() > MAX_LOGIN_HINT || login.contains(char::is_control) => {
                Err(TokenError::new(Reason::PersonUnknown))
            }
            (Some(login), None, None) => Ok(Self::Login(login.to_owned())),
            (None, Some(id_token), None) => Ok(Self::IdToken(Secret::new(id_token))),
            (None, None, Some(_)) => Err(TokenError::new(Reason::LoginHintToken)),
            (None, None, None) => Err(TokenError::new(Reason::HintMissing)),
            _ => Err(TokenError::new(Reason::HintsTwice)),
        }
    }
}

/// An authentication request of a client (CIBA §7.1), wherever its parameters stood.
#[derive(Debug, Clone)]
pub struct BackchannelRequest {
    pub scope: Scope,
    /// `resource` (RFC 8707).
    pub resources: Vec<ResourceIdentifier>,
    /// `authorization_details` (RFC 9396 §6).
    pub details: AuthorizationDetails,
    pub hint: PersonHint,
    /// `binding_message`: what the person sees where they started, too.
    pub binding_message: Option<String>,
    /// `client_notification_token`: with it the client is told that there is an answer. None: it polls.
    pub notification_token: Option<Secret>,
    /// Seconds that the person has.
    pub lifetime: i64,
}

impl BackchannelRequest {
    /// Reads a request of `client`, which has authenticated. `acr_values` are a wish (§7.1) and every login here is of the one level
    /// there is, so they are passed over; so is `user_code`, which this server does not have.
    ///
    /// # Errors
    /// `invalid_request`, `unauthorized_client`, `invalid_scope`, `unknown_user_id` or `invalid_binding_message`.
    pub fn read(form: &Form, client: &Client) -> Result<Self, TokenError> {
        form.check_unrepeated()?;
        check_client(client)?;
        let scope = scope(form)?.filter(|scope| !scope.is_empty()).ok_or_else(|| missing("scope"))?;
        if !scope.contains("openid") {
            return Err(TokenError::new(Reason::CibaScope));
        }
        Ok(Self {
            scope,
            resources: read_resources(form)?,
            details: AuthorizationDetails::read(form)?,
            hint: PersonHint::read(form)?,
            binding_message: form.find("binding_message")?.map(binding_message).transpose()?,
            notification_token: match client.ciba.mode() {
                DeliveryMode::Poll => None,
                DeliveryMode::Ping => Some(notification_token(form)?),
            },
            lifetime: form.find("requested_expiry")?.map_or(Ok(AUTH_REQ_ID_LIFETIME), lifetime)?,
        })
    }

    /// The scope that the person will be asked about: the part of what the client asks for that it may have.
    ///
    /// # Errors
    /// `invalid_scope` when `openid` is not in it.
    pub fn judge(&self, client: &Client, known: &[ScopeDefinition]) -> Result<Scope, TokenError> {
        let scope = client.requested_scope(Some(&self.scope), known)?;
        if scope.contains("openid") { Ok(scope) } else { Err(TokenError::new(Reason::CibaScope)) }
    }
}

/// Makes sure that a client may ask for somebody, whatever it asks.
///
/// # Errors
/// `unauthorized_client`.
fn check_client(client: &Client) -> Result<(), OAuthError> {
    client.check_may_use(GrantType::Ciba)?;
    if client.is_public() {
        let why = "a client that proves nothing about itself cannot ask for people";
        return Err(OAuthError::because(Reason::GrantTypeUnregistered, why));
    }
    Ok(())
}

/// Makes sure that a request of `client` is signed where it must be, and stands in one place: `form` is the body, whose `request` is
/// the signed one. Returns that one.
///
/// # Errors
/// `invalid_request` or `unauthorized_client`.
pub fn check_unsigned<'a>(form: &'a Form, client: &Client) -> Result<Option<&'a str>, TokenError> {
    form.check_unrepeated()?;
    check_client(client)?;
    let Some(object) = form.find("request")? else {
        return if client.must_sign_backchannel_requests() {
            Err(TokenError::new(Reason::BackchannelUnsigned))
        } else {
            Ok(None)
        };
    };
    match PARAMETERS.iter().find(|name| form.is_set(name)) {
        Some(name) => {
            let why = format!("{name} stands beside a signed request: all parameters belong in it");
            Err(TokenError::because(Reason::BackchannelBeside, why))
        }
        None => Ok(Some(object)),
    }
}

fn binding_message(text: &str) -> Result<String, TokenError> {
    check_display_name(text, MAX_BINDING_MESSAGE).map_err(|problem| {
        TokenError::because(Reason::BindingMessage, format!("binding_message cannot be shown: {problem}"))
    })
}

/// A bearer token (RFC 6750 §2.1).
fn notification_token(form: &Form) -> Result<Secret, TokenError> {
    let token = form.find("client_notification_token")?.ok_or_else(|| missing("client_notification_token"))?;
    let body = token.trim_end_matches('=');
    let is_b68 = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if token.len() <= MAX_NOTIFICATION_TOKEN && !body.is_empty() && body.bytes().all(is_b68) {
        Ok(Secret::new(token))
    } else {
        Err(TokenError::new(Reason::NotificationToken))
    }
}

/// Seconds, as the client asks for them: never more than this server gives.
fn lifetime(text: &str) -> Result<i64, TokenError> {
    let is_number = !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(seconds) if is_number && seconds > 0 => Ok(seconds.min(AUTH_REQ_ID_LIFETIME)),
        _ => Err(TokenError::new(Reason::RequestedExpiry)),
    }
}

/// The answer to an authentication request (CIBA §7.3).
#[derive(Debug, Clone)]
pub struct BackchannelAnswer {
    pub auth_req_id: Secret,
    /// Seconds.
    pub expires_in: i64,
}

impl BackchannelAnswer {
    /// The JSON object of the answer.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({ "auth_req_id": self.auth_req_id.expose(), "expires_in": self.expires_in, "interval": POLL_INTERVAL })
    }
}

/// An `auth_req_id`, presented (CIBA §10.1).
#[derive(Debug, Clone)]
pub struct CibaRequest {
    pub auth_req_id: Secret,
    /// `resource` (RFC 8707 §2.2).
    pub resources: Vec<ResourceIdentifier>,
    /// `authorization_details` (RFC 9396 §6).
    pub details: AuthorizationDetails,
}

impl CibaRequest {
    pub(super) fn read(form: &Form) -> Result<Self, TokenError> {
        Ok(Self {
            auth_req_id: Secret::new(required(form, "auth_req_id")?),
            resources: read_resources(form)?,
            details: AuthorizationDetails::read(form)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::client;
    use super::*;
    use crate::client::ClientCiba;
    use crate::error::ErrorCode as E;
    use crate::scope::core_scopes;

    fn asking(mode: DeliveryMode) -> Client {
        let ciba = ClientCiba { delivery_mode: Some(mode), ..ClientCiba::default() };
        Client { grant_types: vec![GrantType::Ciba], ciba, ..client() }
    }

    fn read(body: &str, mode: DeliveryMode) -> Result<BackchannelRequest, E> {
        let form = Form::parse(body.as_bytes()).unwrap();
        BackchannelRequest::read(&form, &asking(mode)).map_err(|error| error.0.code)
    }

    #[test]
    fn a_request_names_one_person_in_one_way() {
        let hint = |more: &str| {
            let read = read(&format!("scope=openid&{more}"), DeliveryMode::Poll)?;
            Ok(match read.hint {
                PersonHint::Login(login) => login,
                PersonHint::IdToken(token) => format!("ID token {}", token.expose()),
            })
        };
        assert_eq!(hint("login_hint=alice"), Ok("alice".to_owned()));
        assert_eq!(hint("id_token_hint=a.b.c&login_hint="), Ok("ID token a.b.c".to_owned()));
        for (more, code) in [
            ("x=y", E::InvalidRequest),
            ("login_hint_token=a.b.c", E::InvalidRequest),
            ("login_hint=alice&id_token_hint=a.b.c", E::InvalidRequest),
            ("login_hint=alice&login_hint_token=a.b.c", E::InvalidRequest),
            ("login_hint=alice&login_hint=bob", E::InvalidRequest),
            (&format!("login_hint={}", "a".repeat(321)), E::UnknownUserId),
            ("login_hint=a%07b", E::UnknownUserId),
        ] {
            assert_eq!(hint(more), Err(code), "{more}");
        }
    }

    #[test]
    fn each_parameter_wrong_in_turn_has_its_error() {
        let good = "scope=openid+email&login_hint=alice";
        assert!(read(good, DeliveryMode::Poll).is_ok());
        for (body, code) in [
            ("login_hint=alice", E::InvalidRequest),
            ("scope=email&login_hint=alice", E::InvalidScope),
            ("scope=%22&login_hint=alice", E::InvalidScope),
            (&format!("{good}&binding_message=a%0Ab"), E::InvalidBindingMessage),
            (&format!("{good}&binding_message=%E2%80%AEab"), E::InvalidBindingMessage),
            (&format!("{good}&binding_message={}", "x".repeat(101)), E::InvalidBindingMessage),
            (&format!("{good}&requested_expiry=0"), E::InvalidRequest),
            (&format!("{good}&requested_expiry=-5"), E::InvalidRequest),
            (&format!("{good}&requested_expiry=%2B5"), E::InvalidRequest),
            (&format!("{good}&requested_expiry=1.5"), E::InvalidRequest),
            (&format!("{good}&requested_expiry=99999999999999999999"), E::InvalidRequest),
            (&format!("{good}&resource=x"), E::InvalidTarget),
            (&format!("{good}&authorization_details=x"), E::InvalidAuthorizationDetails),
        ] {
            assert_eq!(read(body, DeliveryMode::Poll).unwrap_err(), code, "{body}");
        }
        let asked = read(&format!("{good}&requested_expiry=30&binding_message=+W4SCT+"), DeliveryMode::Poll).unwrap();
        assert_eq!((asked.lifetime, asked.binding_message.as_deref()), (30, Some("W4SCT")));
        let long =
            read(&format!("{good}&requested_expiry=86400&acr_values=9&user_code=1"), DeliveryMode::Poll).unwrap();
        assert_eq!((long.lifetime, long.binding_message), (AUTH_REQ_ID_LIFETIME, None));
        let unregistered = BackchannelRequest::read(&Form::parse(good.as_bytes()).unwrap(), &client()).unwrap_err();
        assert_eq!(unregistered.0.code, E::UnauthorizedClient);
        let public =
            Client { token_endpoint_auth_method: crate::client::ClientAuthMethod::None, ..asking(DeliveryMode::Poll) };
        let refused = BackchannelRequest::read(&Form::parse(good.as_bytes()).unwrap(), &public).unwrap_err();
        assert_eq!(refused.0.code, E::UnauthorizedClient);
    }

    #[test]
    fn whoever_is_to_be_told_sends_a_bearer_token() {
        let token = |text: &str| {
            let body = format!("scope=openid&login_hint=alice&client_notification_token={text}");
            read(&body, DeliveryMode::Ping).map(|read| read.notification_token.unwrap().expose().to_owned())
        };
        for good in ["8d67dc78-7faa-4d41-aabd-67707b374255", "abc%2B%2F==", &"a".repeat(1_024)] {
            assert!(token(good).is_ok(), "{good}");
        }
        for bad in ["", "==", "a+b", "a%0Ab", "a%22b", "a=b", "%C3%A9", &"a".repeat(1_025)] {
            assert_eq!(token(bad), Err(E::InvalidRequest), "{bad}");
        }
        let polling = read("scope=openid&login_hint=a&client_notification_token=%22", DeliveryMode::Poll).unwrap();
        assert!(polling.notification_token.is_none(), "nobody is told");
    }

    #[test]
    fn a_scope_that_the_client_may_not_have_is_left_out_and_openid_stays() {
        let judge = |scope: &str, known: &[ScopeDefinition]| {
            let asked = read(&format!("scope={scope}&login_hint=a"), DeliveryMode::Poll).unwrap();
            asked.judge(&asking(DeliveryMode::Poll), known).map(|scope| scope.to_string()).map_err(|error| error.0.code)
        };
        assert_eq!(judge("openid+made-up", &core_scopes()), Ok("openid".to_owned()));
        assert_eq!(judge("openid+email", &super::super::testing::without("openid")), Err(E::InvalidScope));
    }

    #[test]
    fn a_signed_request_stands_alone() {
        let check = |body: &str, client: &Client| {
            let form = Form::parse(body.as_bytes()).unwrap();
            check_unsigned(&form, client).map(|object| object.map(str::to_owned)).map_err(|error| error.0.reason)
        };
        let client = asking(DeliveryMode::Poll);
        assert_eq!(check("request=a.b.c&client_id=app", &client), Ok(Some("a.b.c".to_owned())));
        assert_eq!(check("scope=openid&login_hint=a", &client), Ok(None));
        for name in PARAMETERS {
            assert_eq!(check(&format!("request=a.b.c&{name}=x"), &client), Err(Reason::BackchannelBeside), "{name}");
        }
        let ciba = ClientCiba { request_signing_alg: Some(crate::jose::VerifyingAlg::ES256), ..ClientCiba::default() };
        let signing = Client { ciba, ..client };
        assert_eq!(check("scope=openid&login_hint=a", &signing), Err(Reason::BackchannelUnsigned));
    }

    #[test]
    fn the_answer_holds_what_the_specification_asks_for() {
        let answer = BackchannelAnswer { auth_req_id: Secret::new("a"), expires_in: 120 }.to_json();
        assert_eq!(answer, json!({ "auth_req_id": "a", "expires_in": 120, "interval": 5 }));
    }
}
