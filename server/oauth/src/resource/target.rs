//! The resources that a request is for (RFC 8707 §2).

use std::collections::HashMap;
use std::sync::Arc;

use super::{Resource, ResourceIdentifier};
use crate::access_token::Audience;
use crate::client::{Client, TokenFormat};
use crate::details::{AuthorizationDetails, GrantedDetails};
use crate::error::OAuthError;
use crate::form::Form;
use crate::grant::GrantLifetimes;
use crate::id::{Issuer, ResourceId};
use crate::refusal::Reason;
use crate::scope::{Scope, ScopeDefinition};

/// Resources that one request may name.
pub const MOST_REQUESTED: usize = 16;

/// The parameter `resource`, which may be sent several times. An empty one counts as not sent.
///
/// # Errors
/// `invalid_target` when one is no identifier, or there are too many.
pub fn read_resources(form: &Form) -> Result<Vec<ResourceIdentifier>, OAuthError> {
    let sent: Vec<String> = form.all("resource").into_iter().filter(|value| !value.is_empty()).collect();
    if sent.len() > MOST_REQUESTED {
        return Err(OAuthError::because(
            Reason::ResourcesTooMany,
            format!("a request names at most {MOST_REQUESTED} resources"),
        ));
    }
    let parse = |text: &str| {
        ResourceIdentifier::parse(text).map_err(|_| OAuthError::new(Reason::ResourceMalformed).sent("resource", text))
    };
    sent.iter().map(|text| parse(text)).collect()
}

/// A refusal that names the resource.
fn about(reason: Reason, identifier: &ResourceIdentifier, description: String) -> OAuthError {
    OAuthError::because(reason, description).sent("resource", identifier.to_string())
}

/// Resources that are named where another one was asked for.
pub(super) const MOST_NAMED: usize = 12;

/// The resources of a server for which there are tokens.
#[derive(Debug, Clone, Default)]
pub struct Resources {
    by_key: HashMap<String, Arc<Resource>>,
    by_id: HashMap<ResourceId, Arc<Resource>>,
    /// By the type of authorization details.
    pub(super) by_type: HashMap<String, Arc<Resource>>,
    default: Option<ResourceId>,
}

impl Resources {
    /// Those of `all` that are enabled. `default` is the one for requests that name none; one that is not enabled is none.
    #[must_use]
    pub fn new(all: impl IntoIterator<Item = Resource>, default: Option<ResourceId>) -> Self {
        let mut resources = Self { default, ..Self::default() };
        for resource in all.into_iter().filter(Resource::is_enabled) {
            let resource = Arc::new(resource);
            resources.by_key.insert(resource.identifier.key(), resource.clone());
            for kind in &resource.authorization_details_types {
                resources.by_type.insert(kind.name.clone(), resource.clone());
            }
            resources.by_id.insert(resource.id.clone(), resource);
        }
        resources.default = resources.default.take().filter(|id| resources.by_id.contains_key(id));
        resources
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.by_id.values()
    }

    /// True when there is one at that place.
    #[must_use]
    pub fn knows(&self, identifier: &ResourceIdentifier) -> bool {
        self.by_key.contains_key(&identifier.key())
    }

    /// The one at that place.
    #[must_use]
    pub fn find_at(&self, identifier: &ResourceIdentifier) -> Option<&Arc<Resource>> {
        self.by_key.get(&identifier.key())
    }

    #[must_use]
    pub fn find(&self, id: &ResourceId) -> Option<&Arc<Resource>> {
        self.by_id.get(id)
    }

    /// The resources that `client` asks for.
    ///
    /// # Errors
    /// `invalid_target` when one is not known, or not for this client.
    pub fn named(&self, asked: &[ResourceIdentifier], client: &Client) -> Result<Target, OAuthError> {
        let mut found: Vec<Arc<Resource>> = Vec::new();
        for identifier in asked {
            let resource = self.by_key.get(&identifier.key());
            let resource = resource.ok_or_else(|| {
                let description = format!("the resource {identifier} is not registered at this server");
                let known = self.by_id.values().filter(|known| known.admits(client)).map(|known| &known.identifier);
                about(Reason::ResourceUnregistered, identifier, description).expected(known.take(MOST_NAMED))
            })?;
            if !resource.admits(client) {
                let description = format!("this client may not ask for the resource {identifier}");
                return Err(about(Reason::ResourceNotAllowed, identifier, description));
            }
            if !found.iter().any(|other| other.id == resource.id) {
                found.push(resource.clone());
            }
        }
        Ok(Target { resources: found, details: GrantedDetails::default() })
    }

    /// The same, and those that the details are about.
    ///
    /// # Errors
    /// As [`Self::named`], and `invalid_authorization_details`.
    pub fn aimed(
        &self,
        asked: &[ResourceIdentifier],
        details: &AuthorizationDetails,
        client: &Client,
    ) -> Result<Target, OAuthError> {
        let details = self.judge(details, client)?;
        let target = self.named(&self.places(asked, &details), client)?;
        Ok(Target { details, ..target })
    }

    /// The same, where the default takes the place of silence.
    ///
    /// # Errors
    /// As [`Self::aimed`].
    pub fn aimed_or_default(
        &self,
        asked: &[ResourceIdentifier],
        details: &AuthorizationDetails,
        client: &Client,
    ) -> Result<Target, OAuthError> {
        let details = self.judge(details, client)?;
        let target = self.named_or_default(&self.places(asked, &details), client)?;
        Ok(Target { details, ..target })
    }

    /// The resources that are named, and then those that the details are about.
    fn places(&self, asked: &[ResourceIdentifier], details: &GrantedDetails) -> Vec<ResourceIdentifier> {
        let about = details.iter().filter_map(|granted| self.find(&granted.resource));
        asked.iter().cloned().chain(about.map(|resource| resource.identifier.clone())).collect()
    }

    /// The same, where the default takes the place of silence, if the client may ask for it.
    ///
    /// # Errors
    /// As [`Self::named`].
    pub fn named_or_default(&self, asked: &[ResourceIdentifier], client: &Client) -> Result<Target, OAuthError> {
        if asked.is_empty() {
            let default = self.default.as_ref().and_then(|id| self.find(id)).filter(|resource| resource.admits(client));
            return Ok(Target::at(default.into_iter().cloned().collect()));
        }
        self.named(asked, client)
    }

    /// The resource for who names none: the default, or the only one there is, if the client may ask for it.
    #[must_use]
    pub fn default_or_only(&self, client: &Client) -> Option<Target> {
        let only = || self.by_id.values().next().filter(|_| self.by_id.len() == 1);
        let resource = self.default.as_ref().and_then(|id| self.find(id)).or_else(only)?;
        resource.admits(client).then(|| Target::at(vec![resource.clone()]))
    }

    /// The part of a grant's resources that a code or refresh token is presented for: those asked for, or all that are left
    /// of them.
    ///
    /// # Errors
    /// `invalid_target` when one was not granted, or none is left.
    pub fn of_grant(
        &self,
        granted: &[ResourceId],
        asked: &[ResourceIdentifier],
        client: &Client,
    ) -> Result<Target, OAuthError> {
        if asked.is_empty() {
            let left = granted.iter().filter_map(|id| self.find(id)).filter(|resource| resource.admits(client));
            let left: Vec<_> = left.cloned().collect();
            if left.is_empty() && !granted.is_empty() {
                return Err(OAuthError::new(Reason::ResourceGone));
            }
            return Ok(Target::at(left));
        }
        let target = self.named(asked, client)?;
        let outside = target.iter().find(|resource| !granted.contains(&resource.id)).map(|it| &it.identifier);
        match outside.cloned() {
            Some(outside) => {
                let description = format!("the resource {outside} was not granted in the first place");
                Err(about(Reason::ResourceNotGranted, &outside, description))
            }
            None => Ok(target),
        }
    }

    /// The resources that a token of a grant names, or nothing when one of them is there no more.
    #[must_use]
    pub fn of_token(&self, granted: &[ResourceId], audience: &Audience, issuer: &Issuer) -> Option<Target> {
        let named = audience.iter().filter(|place| *place != issuer.as_str());
        let find = |place: &str| {
            let identifier = ResourceIdentifier::parse(place).ok()?;
            self.by_key.get(&identifier.key()).filter(|resource| granted.contains(&resource.id)).cloned()
        };
        named.map(find).collect::<Option<Vec<_>>>().map(Target::at)
    }
}

/// The resources that tokens are asked for, and what may be done there in detail. None: this server itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    pub(super) resources: Vec<Arc<Resource>>,
    pub(super) details: GrantedDetails,
}

impl Target {
    fn at(resources: Vec<Arc<Resource>>) -> Self {
        Self { resources, details: GrantedDetails::default() }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().map(AsRef::as_ref)
    }

    /// `authorization_details` of the tokens.
    #[must_use]
    pub fn details(&self) -> &GrantedDetails {
        &self.details
    }

    pub(super) fn find(&self, id: &ResourceId) -> Option<&Resource> {
        self.iter().find(|resource| resource.id == *id)
    }

    #[must_use]
    pub fn ids(&self) -> Vec<ResourceId> {
        self.iter().map(|resource| resource.id.clone()).collect()
    }

    /// The scopes that a request for them may name: those of the server and theirs.
    #[must_use]
    pub fn known(&self, server: &[ScopeDefinition]) -> Vec<ScopeDefinition> {
        server.iter().cloned().chain(self.iter().flat_map(Resource::definitions)).collect()
    }

    /// `aud` of a token for `scope`: the resources as they are registered. This server is among them when it is asked for nothing
    /// else, or when one of them may read `/userinfo` and there is somebody to read about.
    #[must_use]
    pub fn audience(&self, scope: &Scope, issuer: &Issuer) -> Audience {
        let here = self.is_empty() || (scope.is_openid() && self.iter().any(|resource| resource.may_read_userinfo));
        let names = self.iter().map(|resource| resource.identifier.to_string());
        Audience::new(names.chain(here.then(|| issuer.to_string())))
    }

    /// A JWT if one of the resources reads JWTs: a token that tells its audience is of use to those, too, that ask about it.
    #[must_use]
    pub fn token_format(&self, client: &Client) -> TokenFormat {
        let own = client.rules().token_format;
        let mut formats = self.iter().map(|resource| resource.token_format.unwrap_or(own));
        match self.is_empty() {
            true => own,
            false if formats.any(|format| format == TokenFormat::Jwt) => TokenFormat::Jwt,
            false => TokenFormat::Opaque,
        }
    }

    /// The lifetimes of a client's tokens for them. Of several resources the strictest counts.
    #[must_use]
    pub fn lifetimes(&self, client: &Client) -> GrantLifetimes {
        let own = GrantLifetimes::of(client);
        let shortest = self.iter().map(|resource| resource.access_token_lifetime.unwrap_or(own.access_token)).min();
        GrantLifetimes { access_token: shortest.unwrap_or(own.access_token), ..own }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientDraft, ClientKind, ClientPolicy};
    use crate::error::ErrorCode;
    use crate::resource::{ResourceDraft, ResourceScopeDraft};

    fn client() -> Client {
        let policy = ClientPolicy { access_token_lifetime: Some(900), ..ClientPolicy::default() };
        ClientDraft { client_id: "app".into(), client_name: "App".into(), ..ClientDraft::preset(ClientKind::Web) }
            .check(Some(policy))
            .unwrap()
    }

    fn resource(id: &str, identifier: &str, change: impl FnOnce(&mut Resource)) -> Resource {
        let draft = ResourceDraft {
            identifier: identifier.into(),
            name: id.into(),
            scopes: vec![ResourceScopeDraft { name: "read".into(), ..ResourceScopeDraft::default() }],
            ..ResourceDraft::preset()
        };
        let mut resource = draft.check(ResourceId::new(id)).unwrap();
        change(&mut resource);
        resource
    }

    fn resources() -> Resources {
        Resources::new(
            [
                resource("a", "https://A.example/mcp", |it| it.access_token_lifetime = Some(1_200)),
                resource("b", "https://b.example", |it| {
                    it.access_token_lifetime = Some(300);
                    it.token_format = Some(TokenFormat::Opaque);
                    it.may_read_userinfo = true;
                }),
                resource("c", "https://c.example", |it| it.allowed_clients = vec![crate::id::ClientId::new("other")]),
                resource("d", "https://d.example", |it| it.status = crate::resource::ResourceStatus::Pending),
            ],
            Some(ResourceId::new("a")),
        )
    }

    fn asked(words: &str) -> Vec<ResourceIdentifier> {
        words.split(' ').filter(|word| !word.is_empty()).map(|word| ResourceIdentifier::parse(word).unwrap()).collect()
    }

    fn ids(target: Result<Target, OAuthError>) -> Result<String, ErrorCode> {
        let ids = |target: Target| target.iter().map(|resource| resource.id.as_str()).collect::<Vec<_>>().join(" ");
        target.map(ids).map_err(|error| error.code)
    }

    #[test]
    fn a_request_names_what_is_registered_enabled_and_for_its_client() {
        let (all, client) = (resources(), client());
        let named = |words| ids(all.named(&asked(words), &client));
        assert_eq!(named("https://a.example/mcp https://B.example/ https://b.example"), Ok("a b".to_owned()));
        assert_eq!(named(""), Ok(String::new()));
        for outside in ["https://a.example/", "https://a.example/mcp/", "https://c.example", "https://d.example"] {
            assert_eq!(named(outside), Err(ErrorCode::InvalidTarget), "{outside}");
        }
        assert_eq!(ids(all.named_or_default(&[], &client)), Ok("a".to_owned()));
        let other = Resources { default: Some(ResourceId::new("c")), ..resources() };
        assert_eq!(ids(other.named_or_default(&[], &client)), Ok(String::new()), "not for this client");
        let shut = resource("d", "https://d.example", |it| it.status = crate::resource::ResourceStatus::Disabled);
        let none = Resources::new([shut], Some(ResourceId::new("d")));
        assert_eq!(ids(none.named_or_default(&[], &client)), Ok(String::new()), "one that is disabled is none");
    }

    #[test]
    fn a_grant_is_narrowed_and_never_widened() {
        let (all, client) = (resources(), client());
        let granted = ["a", "b", "gone"].map(ResourceId::new);
        let of = |granted: &[ResourceId], words| ids(all.of_grant(granted, &asked(words), &client));
        assert_eq!(of(&granted, ""), Ok("a b".to_owned()));
        assert_eq!(of(&granted, "https://b.example/"), Ok("b".to_owned()));
        assert_eq!(of(&granted[..1], "https://b.example"), Err(ErrorCode::InvalidTarget));
        assert_eq!(of(&granted[2..], ""), Err(ErrorCode::InvalidTarget), "never this server instead");
        assert_eq!(of(&[], ""), Ok(String::new()));
        assert_eq!(of(&[], "https://b.example"), Err(ErrorCode::InvalidTarget));
    }

    #[test]
    fn a_token_names_its_resources_and_follows_the_strictest() {
        let (all, client) = (resources(), client());
        let issuer = Issuer::parse("https://id.example").unwrap();
        let target = |words| all.named(&asked(words), &client).unwrap();
        let audience = |words, scope| {
            let scope = Scope::parse(scope).unwrap();
            target(words).audience(&scope, &issuer).iter().map(str::to_owned).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(audience("", "openid"), "https://id.example");
        assert_eq!(audience("https://a.example/mcp", "openid"), "https://A.example/mcp");
        assert_eq!(audience("https://b.example/", "read"), "https://b.example");
        assert_eq!(audience("https://b.example/", "openid"), "https://b.example https://id.example");
        let (a, both) = (target("https://a.example/mcp"), target("https://a.example/mcp https://b.example"));
        assert_eq!((a.lifetimes(&client).access_token, a.token_format(&client)), (1_200, TokenFormat::Jwt));
        assert_eq!((both.lifetimes(&client).access_token, both.token_format(&client)), (300, TokenFormat::Jwt));
        assert_eq!(target("https://b.example").token_format(&client), TokenFormat::Opaque);
        assert_eq!(
            (target("").lifetimes(&client).access_token, target("").token_format(&client)),
            (900, TokenFormat::Opaque)
        );
    }

    #[test]
    fn a_request_names_a_bounded_number_of_uris() {
        let read = |query: &str| read_resources(&Form::parse(query.as_bytes()).unwrap());
        assert_eq!(read("resource=&resource=https://a").unwrap(), asked("https://a"));
        assert_eq!(read("resource=a").unwrap_err().code, ErrorCode::InvalidTarget);
        assert_eq!(read("resource=https://a%23b").unwrap_err().code, ErrorCode::InvalidTarget);
        assert!(read(&"resource=https://a&".repeat(16)).is_ok());
        assert_eq!(read(&"resource=https://a&".repeat(17)).unwrap_err().code, ErrorCode::InvalidTarget);
    }
}
