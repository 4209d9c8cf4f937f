//! Protected resources: the APIs that access tokens are for (RFC 6749 §1.1, RFC 8707).
//!
//! A request names resources, and gets tokens that say so (`aud`). What a resource asks of its tokens (lifetime, format) counts
//! more than what their client does, for it is the resource that has to read them.

mod details;
mod draft;
mod identifier;
mod metadata;
mod target;

use serde::{Deserialize, Serialize};

pub use crate::id::ResourceId;
pub use draft::{MAX_RESOURCE_NAME, MAX_RESOURCE_SCOPES, ResourceDraft, ResourceScopeDraft};
pub use identifier::{MAX_RESOURCE_IDENTIFIER, ResourceIdentifier, ResourceIdentifierError};
pub use metadata::{Difference, ResourceMetadata, compare_challenge, compare_metadata};
pub use target::{MOST_REQUESTED, Resources, Target, read_resources};

use crate::client::{Client, TokenFormat};
use crate::details::AuthorizationDetailsType;
use crate::id::ClientId;
use crate::scope::{ScopeDefinition, ScopeOwner, ScopeToken};
use crate::words::words;

words! {
    /// The state of a resource. Only for one that is enabled there are tokens.
    ResourceStatus {
        #[default]
        Enabled = "enabled",
        Disabled = "disabled",
        /// Found by its own metadata; an administrator has not looked at it yet.
        Pending = "pending",
    }
}

/// A resource, as it is stored. Members that a document does not have take their defaults, so members can be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Drawn when it was created; tells it from others before and after it. It is the user name of its own credentials, too.
    pub id: ResourceId,
    /// As it was registered: so it stands in `aud`.
    pub identifier: ResourceIdentifier,
    pub name: String,
    #[serde(default)]
    pub status: ResourceStatus,
    #[serde(default)]
    pub scopes: Vec<ResourceScope>,
    /// Seconds. `None`: as the client's.
    #[serde(default)]
    pub access_token_lifetime: Option<i64>,
    /// `None`: as the client's.
    #[serde(default)]
    pub token_format: Option<TokenFormat>,
    /// The types of authorization details that are about it (RFC 9396 §2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_details_types: Vec<AuthorizationDetailsType>,
    /// The clients that may ask for it. None: any.
    #[serde(default)]
    pub allowed_clients: Vec<ClientId>,
    /// The clients that may exchange its tokens for tokens of other resources (RFC 8693).
    #[serde(default)]
    pub exchanged_by: Vec<ClientId>,
    /// True: its tokens are good at `/userinfo`, too.
    #[serde(default)]
    pub may_read_userinfo: bool,
}

/// A scope of one resource. It means nothing at another one that has a scope of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceScope {
    pub name: ScopeToken,
    /// The words on the consent page.
    #[serde(default)]
    pub description: String,
    /// True: granted to whoever asks for no scope.
    #[serde(default)]
    pub default: bool,
}

impl Resource {
    /// The resource that a stored document describes.
    ///
    /// # Errors
    /// When the document is no resource of any version.
    pub fn from_document(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.status == ResourceStatus::Enabled
    }

    /// True when `client` may have tokens for it.
    #[must_use]
    pub fn admits(&self, client: &Client) -> bool {
        self.allowed_clients.is_empty() || self.allowed_clients.contains(&client.client_id)
    }

    /// Its type of authorization details of that name.
    #[must_use]
    pub fn find_type(&self, name: &str) -> Option<&AuthorizationDetailsType> {
        self.authorization_details_types.iter().find(|kind| kind.name == name)
    }

    /// Its scopes, as a request that names it knows them.
    pub fn definitions(&self) -> impl Iterator<Item = ScopeDefinition> {
        self.scopes.iter().map(|scope| ScopeDefinition {
            name: scope.name.clone(),
            description: scope.description.clone(),
            claims: Vec::new(),
            id: self.id.to_string(),
            claims_before: Vec::new(),
            owner: Some(ScopeOwner { resource: self.id.clone(), by_default: scope.default }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As this version writes it.
    const PRESENT: &str = r#"{"id":"019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11","identifier":"https://MCP.example/mcp","name":"Notes",
        "status":"disabled","scopes":[{"name":"notes:read","description":"Read your notes","default":true}],
        "access_token_lifetime":600,"token_format":"jwt","allowed_clients":["app"],"exchanged_by":["api"],"may_read_userinfo":true}"#;

    #[test]
    fn a_resource_of_this_version_can_be_read_and_is_written_so() {
        let resource = Resource::from_document(PRESENT).unwrap();
        assert_eq!((resource.identifier.as_str(), resource.is_enabled()), ("https://MCP.example/mcp", false));
        let written = serde_json::to_value(&resource).unwrap();
        assert_eq!(written, serde_json::from_str::<serde_json::Value>(PRESENT).unwrap());
    }

    /// As this version writes one with types of authorization details.
    const WITH_TYPES: &str = r#"{"id":"a","identifier":"https://h","name":"N","status":"enabled","scopes":[],"access_token_lifetime":null,
        "token_format":null,"authorization_details_types":[{"type":"pay","description":"Pay","fields":["actions required = initiate"]}],
        "allowed_clients":[],"exchanged_by":[],"may_read_userinfo":false}"#;

    #[test]
    fn types_of_authorization_details_are_kept() {
        let resource = Resource::from_document(WITH_TYPES).unwrap();
        assert_eq!(resource.find_type("pay").map(|kind| kind.description.as_str()), Some("Pay"));
        let written = serde_json::to_value(&resource).unwrap();
        assert_eq!(written, serde_json::from_str::<serde_json::Value>(WITH_TYPES).unwrap());
    }

    #[test]
    fn members_of_another_version_make_no_resource_unreadable() {
        let least = r#"{"id":"a","identifier":"https://h","name":"N","later":[1],"scopes":[{"name":"s","later":2}]}"#;
        let resource = Resource::from_document(least).unwrap();
        assert!(resource.is_enabled() && resource.token_format.is_none() && !resource.scopes[0].default);
    }
}
