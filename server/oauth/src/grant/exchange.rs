//! `grant_type=urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693).
//!
//! Two things are given for what is presented: an access token for another resource, at which the client acts for the same person
//! (delegation, §1.1), and an identity assertion for a server elsewhere
//! (draft-ietf-oauth-identity-assertion-authz-grant §4.3).

use serde::{Deserialize, Serialize};

use super::request::{check_no_details, required, scope};
use crate::access_token::AccessToken;
use crate::client::Client;
use crate::consent::Agreement;
use crate::error::{OAuthError, TokenError};
use crate::form::Form;
use crate::id::{ClientId, GrantId, ResourceId};
use crate::refusal::Reason;
use crate::resource::{Resource, ResourceIdentifier, Resources, Target, read_resources};
use crate::scope::{Scope, ScopeDefinition};
use crate::secret::Secret;
use crate::words::words;

/// Clients that may act one for another in one token.
const MOST_ACTORS: usize = 4;

words! {
    /// A kind of token (RFC 8693 §3).
    TokenType {
        #[default]
        AccessToken = "urn:ietf:params:oauth:token-type:access_token",
        IdToken = "urn:ietf:params:oauth:token-type:id_token",
        IdJag = "urn:ietf:params:oauth:token-type:id-jag",
    }
}

/// A request to exchange a token (RFC 8693 §2.1).
#[derive(Debug, Clone)]
pub struct ExchangeRequest {
    pub subject_token: Secret,
    pub wanted: Wanted,
    pub scope: Option<Scope>,
}

/// The thing that is wanted for the token that is presented.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// An access token for these resources, for an access token.
    AccessToken { resources: Vec<ResourceIdentifier> },
    /// An identity assertion for the server of this issuer, for an ID token.
    IdJag { audience: String, resources: Vec<ResourceIdentifier> },
}

/// `act` (RFC 8693 §4.1): who acts for the subject, and for whom that one acts in turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub sub: ClientId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Self>>,
}

impl Actor {
    fn count(&self) -> usize {
        1 + self.act.as_ref().map_or(0, |before| before.count())
    }
}

impl ExchangeRequest {
    pub(super) fn read(form: &Form) -> Result<Self, TokenError> {
        let subject_token = Secret::new(required(form, "subject_token")?);
        let presented = TokenType::find(required(form, "subject_token_type")?);
        // Who acts is the client, which has authenticated.
        if form.find("actor_token")?.is_some() || form.find("actor_token_type")?.is_some() {
            return Err(TokenError::new(Reason::ActorUnsupported));
        }
        let wanted = match form.find("requested_token_type")? {
            None => Some(TokenType::AccessToken),
            Some(word) => TokenType::find(word),
        };
        check_no_details(form)?;
        let audiences: Vec<String> = form.all("audience").into_iter().filter(|value| !value.is_empty()).collect();
        let mut resources = read_resources(form)?;
        let wanted = match (wanted, presented) {
            (Some(TokenType::AccessToken), Some(TokenType::AccessToken)) => {
                // Here an audience is another word for a resource (RFC 8693 §2.1).
                for audience in &audiences {
                    let unknown = |_| OAuthError::new(Reason::AudienceUnregistered).sent("audience", audience);
                    resources.push(ResourceIdentifier::parse(audience).map_err(unknown)?);
                }
                Wanted::AccessToken { resources }
            }
            (Some(TokenType::IdJag), Some(TokenType::IdToken)) => match audiences.as_slice() {
                [audience] => Wanted::IdJag { audience: audience.clone(), resources },
                _ => return Err(TokenError::new(Reason::AudienceNotOne)),
            },
            (Some(TokenType::AccessToken), _) => {
                let why = "for an access token, subject_token must be an access token of this server";
                return Err(TokenError::because(Reason::SubjectTokenType, why));
            }
            (Some(TokenType::IdJag), _) => {
                let why = "for an identity assertion, subject_token must be an ID token of this server";
                return Err(TokenError::because(Reason::SubjectTokenType, why));
            }
            (Some(TokenType::IdToken) | None, _) => {
                return Err(TokenError::new(Reason::RequestedTokenType));
            }
        };
        Ok(Self { subject_token, wanted, scope: scope(form)? })
    }
}

/// The worth of an access token in an exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchanged {
    pub scope: Scope,
    pub actor: Option<Actor>,
}

impl AccessToken {
    /// The resources for which `client` gets a token of its own for this one.
    ///
    /// A client that the token was given to may narrow it. One that it was not given to may exchange it if every resource that the
    /// token is for lists it as an exchanger; and then gets tokens only for resources that name it among their clients.
    ///
    /// # Errors
    /// `invalid_target`, or `invalid_grant` when the token is none of the client's business.
    pub fn exchange_target(
        &self,
        asked: &[ResourceIdentifier],
        resources: &Resources,
        client: &Client,
    ) -> Result<Target, TokenError> {
        if self.is_own(client) {
            return Ok(resources.of_grant(&self.resources(resources), asked, client)?);
        }
        // Of a machine there is nobody to act for, and the client would become the one that acts.
        if self.grant.subject.is_none() {
            return Err(unknown_subject_token());
        }
        let at = self.audience.iter().map(|place| {
            let identifier = ResourceIdentifier::parse(place).ok()?;
            resources.find_at(&identifier)
        });
        let may = |resource: Option<&std::sync::Arc<Resource>>| {
            resource.is_some_and(|resource| resource.exchanged_by.contains(&client.client_id))
        };
        if self.grant.resources.is_empty() || !at.into_iter().all(may) {
            // The same answer as to a token that is not known.
            return Err(unknown_subject_token());
        }
        if asked.is_empty() {
            return Err(TokenError::new(Reason::ResourceUnnamed));
        }
        let target = resources.named(asked, client)?;
        if target.iter().any(|resource| !resource.allowed_clients.contains(&client.client_id)) {
            return Err(TokenError::new(Reason::NotAnExchanger));
        }
        Ok(target)
    }

    /// The worth of the token to the client at `target`, whose own scopes are `known`: never a scope that speaks of the person, and no more than
    /// the token has, if it is the client's own.
    ///
    /// # Errors
    /// `invalid_scope`; `invalid_authorization_details` where only details were granted, which do not go over; or `invalid_request` when too
    /// many clients act one for another.
    pub fn exchange(
        &self,
        asked: Option<&Scope>,
        target: &Target,
        client: &Client,
        known: &[ScopeDefinition],
    ) -> Result<Exchanged, TokenError> {
        if self.is_own(client) {
            let asked = asked.filter(|asked| !asked.is_empty()).unwrap_or(&self.scope);
            let narrowed: Scope = asked.iter().filter(|token| self.scope.contains(token.as_str())).cloned().collect();
            let scope = client.still_allowed(&narrowed, known);
            if scope.is_empty() && !asked.is_empty() {
                let error = OAuthError::new(Reason::ExchangeScope).sent("scope", asked.to_string());
                return Err(error.expected(self.scope.iter()).into());
            }
            // A token without details might do something else at a resource that nothing but details were granted for.
            let is_bare = |resource: &Resource| {
                let has_scope = resource.definitions().any(|definition| scope.contains(definition.name.as_str()));
                !has_scope && !self.grant.agreement.details().of(&resource.id).is_empty()
            };
            if target.iter().any(is_bare) {
                return Err(TokenError::new(Reason::DetailsUnsupported));
            }
            return Ok(Exchanged { scope, actor: self.grant.provenance.actor.clone() });
        }
        let of_resources: Vec<ScopeDefinition> = known.iter().filter(|scope| scope.owner.is_some()).cloned().collect();
        // Scopes of this server are not what such a token is for, whether the client may ask for them or not.
        let foreign = |error| OAuthError { reason: Reason::ExchangeForeignScope, ..error };
        let scope = client.requested_scope(asked, &of_resources).map_err(foreign)?;
        let before = self.grant.provenance.actor.clone().map(Box::new);
        let actor = Actor { sub: client.client_id.clone(), act: before };
        if actor.count() > MOST_ACTORS {
            return Err(TokenError::new(Reason::ActorsTooMany));
        }
        Ok(Exchanged { scope, actor: Some(actor) })
    }

    /// The resources that the token itself is for.
    fn resources(&self, resources: &Resources) -> Vec<ResourceId> {
        let at = self.audience.iter().filter_map(|place| resources.find_at(&ResourceIdentifier::parse(place).ok()?));
        at.map(|resource| resource.id.clone()).filter(|id| self.grant.resources.contains(id)).collect()
    }

    /// The grant on which a token of `client` hangs that is made of this one. Who narrows a token of its own hangs on what that one hangs
    /// on, so that no chain grows.
    #[must_use]
    pub fn parent_for(&self, client: &Client) -> GrantId {
        let before = self.grant.provenance.parent.as_ref().filter(|_| self.is_own(client));
        before.unwrap_or(&self.grant.id).clone()
    }

    /// The agreement under the new grant: the person's agreement, where the client narrows what they gave it.
    #[must_use]
    pub fn agreement_for(&self, client: &Client, scope: &Scope, known: &[ScopeDefinition]) -> Agreement {
        if self.is_own(client) { self.grant.agreement.clone().without_details() } else { Agreement::of(scope, known) }
    }

    fn is_own(&self, client: &Client) -> bool {
        self.grant.client_id == client.client_id
    }
}

/// The answer to a subject token that is not good, or none of the client's business.
#[must_use]
pub fn unknown_subject_token() -> TokenError {
    TokenError::new(Reason::SubjectTokenRefused)
}
