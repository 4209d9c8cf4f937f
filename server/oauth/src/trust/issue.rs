//! Identity assertions of this server for servers elsewhere (draft-ietf-oauth-identity-assertion-authz-grant §3, §4.3): whether there
//! is one, and what it says.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Trust, TrustRole};
use crate::claims::all_claims;
use crate::client::Client;
use crate::error::TokenError;
use crate::id::{Issuer, SessionId, Subject};
use crate::refusal::Reason;
use crate::resource::ResourceIdentifier;
use crate::scope::Scope;
use crate::time::Timestamp;
use crate::user::User;

/// Seconds that an assertion of this server is good for. It is exchanged at once.
pub const ID_JAG_LIFETIME: i64 = 300;

/// The claim of an account that names its groups.
const GROUPS: &str = "groups";

/// The login behind an ID token of this server, as the token says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Login {
    pub iss: String,
    pub sub: Subject,
    pub aud: String,
    pub exp: Timestamp,
    pub sid: Option<SessionId>,
    pub jti: Option<String>,
    pub auth_time: Option<Timestamp>,
    pub acr: Option<String>,
    #[serde(default)]
    pub amr: Vec<String>,
}

/// The content that an assertion may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertable<'a> {
    /// The client, as it is called there.
    pub client_id: &'a str,
    pub resources: Vec<&'a ResourceIdentifier>,
    pub scope: Scope,
    pub shares_email: bool,
}

/// The claims of an identity assertion (§3.1).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdJagClaims<'a> {
    pub iss: &'a str,
    pub sub: &'a str,
    pub aud: &'a str,
    pub client_id: &'a str,
    pub jti: String,
    pub exp: Timestamp,
    pub iat: Timestamp,
    /// One is a text, several are a list.
    pub resource: Value,
    #[serde(skip_serializing_if = "Scope::is_empty")]
    pub scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub amr: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
}

impl Trust {
    /// The content of an assertion to the other server about `user` for `client`: the administrator wrote down which clients, which
    /// resources, which scopes and which people.
    ///
    /// # Errors
    /// `access_denied` when the client or the person is not among them, `invalid_target` when a resource is not, and
    /// `invalid_scope` when nothing is left of what is asked for.
    pub fn assertable<'a>(
        &'a self,
        client: &Client,
        user: &User,
        asked: &[ResourceIdentifier],
        scope: Option<&Scope>,
    ) -> Result<Assertable<'a>, TokenError> {
        let refuse = |reason| Err(TokenError::new(reason));
        let TrustRole::AuthorizationServer { clients, resources, groups, shares_email } = &self.role else {
            return Err(unknown_audience());
        };
        let Some(there) = clients.iter().find(|there| there.client_id == client.client_id) else {
            return refuse(Reason::AudienceClient);
        };
        if !groups.is_empty() && !is_member(user, groups) {
            return refuse(Reason::AudiencePerson);
        }
        let chosen: Vec<_> = match asked {
            [] => match resources.as_slice() {
                [only] => vec![only],
                _ => {
                    let why = "that audience has several resources: name one";
                    return Err(TokenError::because(Reason::AudienceResource, why));
                }
            },
            asked => {
                let keys: Vec<String> = asked.iter().map(ResourceIdentifier::key).collect();
                let found: Vec<_> = resources.iter().filter(|it| keys.contains(&it.identifier.key())).collect();
                let all_known = asked.iter().all(|it| found.iter().any(|found| found.identifier.key() == it.key()));
                if !all_known {
                    return refuse(Reason::AudienceResource);
                }
                found
            }
        };
        let most = chosen.iter().fold(Scope::default(), |all, resource| all.union(&resource.scope));
        let granted = match scope.filter(|scope| !scope.is_empty()) {
            None => most,
            Some(asked) => {
                let granted: Scope = asked.iter().filter(|token| most.contains(token.as_str())).cloned().collect();
                if granted.is_empty() {
                    return refuse(Reason::AudienceScope);
                }
                granted
            }
        };
        Ok(Assertable {
            client_id: &there.there,
            resources: chosen.into_iter().map(|resource| &resource.identifier).collect(),
            scope: granted,
            shares_email: *shares_email,
        })
    }
}

impl<'a> IdJagClaims<'a> {
    #[must_use]
    pub fn new(
        assertable: &'a Assertable<'a>,
        trust: &'a Trust,
        login: &'a Login,
        user: &'a User,
        issuer: &'a Issuer,
        jti: String,
        now: Timestamp,
    ) -> Self {
        let email = user.email.as_deref().filter(|_| assertable.shares_email);
        let resources: Vec<&str> = assertable.resources.iter().map(|resource| resource.as_str()).collect();
        Self {
            iss: issuer.as_str(),
            sub: user.subject.as_str(),
            aud: &trust.issuer,
            client_id: assertable.client_id,
            jti,
            exp: now.plus(ID_JAG_LIFETIME),
            iat: now,
            resource: match resources.as_slice() {
                [one] => Value::from(*one),
                several => Value::from(several.to_vec()),
            },
            scope: &assertable.scope,
            auth_time: login.auth_time,
            acr: login.acr.as_deref(),
            amr: &login.amr,
            email,
            email_verified: email.map(|_| user.claims.email_verified),
        }
    }
}

/// The answer about an audience that takes no assertions of this server.
#[must_use]
pub fn unknown_audience() -> TokenError {
    TokenError::new(Reason::AudienceUnknown)
}

fn is_member(user: &User, groups: &[String]) -> bool {
    let claims = all_claims(user);
    let of_user = match claims.get(GROUPS) {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(name)) => vec![name.as_str()],
        _ => Vec::new(),
    };
    groups.iter().any(|group| of_user.contains(&group.as_str()))
}
