//! A resource as an administrator describes it, and the checks that make it a [`Resource`].

use std::collections::BTreeSet;

use super::{Resource, ResourceId, ResourceIdentifier, ResourceScope, ResourceStatus};
use crate::client::{ACCESS_TOKEN_LIFETIME, TokenFormat, check_client_id};
use crate::details::{DetailsTypeDraft, check_types};
use crate::field::{FieldErrors, FieldProblem, check_display_name, check_lines, check_range};
use crate::fields::draft;
use crate::id::ClientId;
use crate::scope::{MAX_SCOPE_DESCRIPTION, ScopeToken};

/// The longest name of a resource, in characters.
pub const MAX_RESOURCE_NAME: usize = 200;

/// The most scopes of one resource.
pub const MAX_RESOURCE_SCOPES: usize = 100;

/// The longest names and descriptions of scopes, all together, in bytes.
const MAX_SCOPE_TEXT: usize = 20_000;

/// The longest list of clients, in bytes.
const MAX_ALLOWED_CLIENTS: usize = 16_000;

draft! {
    /// A resource as typed into a form or sent as JSON; not checked yet. What is empty is as the client's.
    ResourceDraft {
        identifier: String, text;
        name: String, text;
        status: String, text;
        scopes: Vec<ResourceScopeDraft>, scopes;
        authorization_details_types: Vec<DetailsTypeDraft>, details_types;
        access_token_lifetime: String, number;
        token_format: String, text;
        /// The IDs of the clients that may ask for it; empty: any.
        allowed_clients: String, words;
        /// The IDs of the clients that may exchange its tokens; empty: none.
        exchanged_by: String, words;
        may_read_userinfo: bool, flag;
        /// For requests that name no resource. One resource is.
        default: bool, flag;
    }
}

/// A scope of a resource, as it was typed or sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResourceScopeDraft {
    pub name: String,
    pub description: String,
    pub default: bool,
}

impl ResourceDraft {
    /// The draft that a new resource starts with. Its tokens are JWTs: a resource that nobody told otherwise has no way to ask about
    /// another kind.
    #[must_use]
    pub fn preset() -> Self {
        Self {
            status: ResourceStatus::Enabled.to_string(),
            token_format: TokenFormat::Jwt.to_string(),
            ..Self::default()
        }
    }

    /// The draft of a resource that there is.
    #[must_use]
    pub fn of(resource: &Resource, is_default: bool) -> Self {
        let lines = |ids: &[ClientId]| ids.iter().map(ClientId::as_str).collect::<Vec<_>>().join("\n");
        let scope = |scope: &ResourceScope| ResourceScopeDraft {
            name: scope.name.to_string(),
            description: scope.description.clone(),
            default: scope.default,
        };
        Self {
            identifier: resource.identifier.to_string(),
            name: resource.name.clone(),
            status: resource.status.to_string(),
            scopes: resource.scopes.iter().map(scope).collect(),
            authorization_details_types: resource.authorization_details_types.iter().map(Into::into).collect(),
            access_token_lifetime: resource.access_token_lifetime.map(|it| it.to_string()).unwrap_or_default(),
            token_format: resource.token_format.map(|it| it.to_string()).unwrap_or_default(),
            allowed_clients: lines(&resource.allowed_clients),
            exchanged_by: lines(&resource.exchanged_by),
            may_read_userinfo: resource.may_read_userinfo,
            default: is_default,
        }
    }

    /// The resource that this describes.
    ///
    /// # Errors
    /// The problems, field by field.
    pub fn check(&self, id: ResourceId) -> Result<Resource, FieldErrors> {
        let mut errors = FieldErrors::default();
        let identifier = match self.identifier.trim() {
            "" => Err(FieldProblem::Missing),
            text => ResourceIdentifier::parse(text).map_err(FieldProblem::from),
        };
        let identifier = errors.take("identifier", identifier);
        let name = errors.take("name", check_display_name(&self.name, MAX_RESOURCE_NAME));
        let status = ResourceStatus::find(&self.status).ok_or(FieldProblem::Choice);
        let status = errors.take("status", status);
        // Without this, requests that name nothing would fall back to this server itself, unseen.
        if self.default && status.is_some_and(|status| status != ResourceStatus::Enabled) {
            errors.note("default", FieldProblem::DefaultNotEnabled);
        }
        let status = status.unwrap_or_default();
        let scopes = errors.take("scopes", self.check_scopes()).unwrap_or_default();
        let types = check_types(&self.authorization_details_types);
        let types = errors.take("authorization_details_types", types).unwrap_or_default();
        let lifetime = own(&self.access_token_lifetime, |text| check_range(text, &ACCESS_TOKEN_LIFETIME));
        let lifetime = errors.take("access_token_lifetime", lifetime).flatten();
        let format = own(&self.token_format, |text| TokenFormat::find(text).ok_or(FieldProblem::Choice));
        let token_format = errors.take("token_format", format).flatten();
        let clients = |text: &str| check_lines(text, MAX_ALLOWED_CLIENTS, |id| Ok(ClientId::new(check_client_id(id)?)));
        let allowed_clients = errors.take("allowed_clients", clients(&self.allowed_clients)).unwrap_or_default();
        let exchanged_by = errors.take("exchanged_by", clients(&self.exchanged_by)).unwrap_or_default();
        match (identifier, name) {
            (Some(identifier), Some(name)) if errors.is_empty() => Ok(Resource {
                id,
                identifier,
                name,
                status,
                scopes,
                authorization_details_types: types,
                access_token_lifetime: lifetime,
                token_format,
                allowed_clients,
                exchanged_by,
                may_read_userinfo: self.may_read_userinfo,
            }),
            _ => Err(errors),
        }
    }

    /// The scopes, without the lines of a form that were left empty.
    fn check_scopes(&self) -> Result<Vec<ResourceScope>, FieldProblem> {
        let lines = self.scopes.iter().enumerate().filter(|(_, scope)| !scope.is_blank());
        let mut seen = BTreeSet::new();
        let mut scopes = Vec::new();
        for (index, draft) in lines {
            let at = |problem| FieldProblem::Line { line: index + 1, problem: Box::new(problem) };
            let scope = draft.check().map_err(at)?;
            if !seen.insert(scope.name.clone()) {
                return Err(at(FieldProblem::Taken));
            }
            scopes.push(scope);
        }
        if scopes.iter().map(|scope: &ResourceScope| scope.name.as_str().len() + scope.description.len()).sum::<usize>()
            > MAX_SCOPE_TEXT
        {
            return Err(FieldProblem::TooLong(MAX_SCOPE_TEXT));
        }
        if scopes.len() > MAX_RESOURCE_SCOPES {
            return Err(FieldProblem::TooManyScopes(MAX_RESOURCE_SCOPES));
        }
        Ok(scopes)
    }
}

impl ResourceScopeDraft {
    fn is_blank(&self) -> bool {
        self.name.trim().is_empty() && self.description.trim().is_empty() && !self.default
    }

    fn check(&self) -> Result<ResourceScope, FieldProblem> {
        let name = ScopeToken::parse(self.name.trim()).map_err(|_| FieldProblem::Scope)?;
        // They speak of the person and of the grant, whatever the resource.
        if matches!(name.as_str(), "openid" | "offline_access") {
            return Err(FieldProblem::ScopeOfServer(name.to_string()));
        }
        let description = match self.description.trim() {
            "" => name.to_string(),
            text => check_display_name(text, MAX_SCOPE_DESCRIPTION)?,
        };
        Ok(ResourceScope { name, description, default: self.default })
    }
}

/// A value of the resource's own; empty: as the client's.
fn own<T>(text: &str, check: impl Fn(&str) -> Result<T, FieldProblem>) -> Result<Option<T>, FieldProblem> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(check).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(name: &str, description: &str, default: bool) -> ResourceScopeDraft {
        ResourceScopeDraft { name: name.into(), description: description.into(), default }
    }

    fn draft() -> ResourceDraft {
        ResourceDraft {
            identifier: " https://mcp.example/mcp ".into(),
            name: "Notes".into(),
            scopes: vec![scope("notes:read", "Read your notes", true), scope("", " ", false), scope("x", "", false)],
            ..ResourceDraft::preset()
        }
    }

    fn refused(draft: &ResourceDraft) -> Vec<&'static str> {
        draft.check(ResourceId::new("r")).unwrap_err().iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn a_resource_is_what_was_typed() {
        let resource = draft().check(ResourceId::new("r")).unwrap();
        assert_eq!(resource.identifier.as_str(), "https://mcp.example/mcp");
        assert_eq!((resource.token_format, resource.access_token_lifetime), (Some(TokenFormat::Jwt), None));
        let scopes: Vec<_> = resource.scopes.iter().map(|it| (it.name.as_str(), it.description.as_str())).collect();
        assert_eq!(scopes, [("notes:read", "Read your notes"), ("x", "x")], "a scope that nobody described has a name");
        assert_eq!(ResourceDraft::of(&resource, false).check(ResourceId::new("r")).unwrap(), resource);
    }

    #[test]
    fn every_problem_is_told_by_its_field() {
        let nothing =
            ResourceDraft { token_format: "saml".into(), access_token_lifetime: "0".into(), ..Default::default() };
        assert_eq!(refused(&nothing), ["access_token_lifetime", "identifier", "name", "status", "token_format"]);
        for scopes in [
            vec![scope("a b", "", false)],
            vec![scope("", "described, not named", false)],
            vec![scope("openid", "", false)],
            vec![scope("offline_access", "", false)],
            vec![scope("a", "", false), scope("a", "", true)],
            vec![scope("a", &"x".repeat(501), false)],
            (0..50).map(|number| scope(&format!("s{number}"), &"x".repeat(450), false)).collect(),
            (0..101).map(|number| scope(&format!("s{number}"), "", false)).collect(),
        ] {
            assert_eq!(refused(&ResourceDraft { scopes, ..draft() }), ["scopes"]);
        }
        for clients in ["a/b", "app\n\u{0}", "é", "https://a.example", "https://a..example/x"] {
            assert_eq!(refused(&ResourceDraft { allowed_clients: clients.into(), ..draft() }), ["allowed_clients"]);
        }
        for status in ["disabled", "pending"] {
            assert_eq!(refused(&ResourceDraft { status: status.into(), default: true, ..draft() }), ["default"]);
        }
        let fragment = ResourceDraft { identifier: "https://h#f".into(), ..draft() };
        assert_eq!(refused(&fragment), ["identifier"]);
    }
}
