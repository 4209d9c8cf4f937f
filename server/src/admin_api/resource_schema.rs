//! The shapes of resources, as they are answered.

use oauth::client::TokenFormat;
use oauth::details::AuthorizationDetailsType;
use oauth::resource::{Resource, ResourceScope};
use serde::Serialize;
use utoipa::ToSchema;

/// A protected resource.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Resource)]
pub(super) struct ResourceAnswer {
    /// Its ID at this server, and the user name of its credentials at `/introspect`.
    #[schema(example = "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11")]
    id: String,
    /// The URI that clients name, and that stands in `aud`.
    #[schema(example = "https://mcp.example/mcp")]
    identifier: String,
    #[schema(example = "Notes")]
    name: String,
    /// `enabled`, `disabled` or `pending`.
    #[schema(example = "enabled")]
    status: &'static str,
    scopes: Vec<ResourceScopeAnswer>,
    /// The types of authorization details that are about it (RFC 9396).
    authorization_details_types: Vec<DetailsTypeAnswer>,
    /// Seconds; null: as the client's.
    access_token_lifetime: Option<i64>,
    /// `opaque` or `jwt`; null: as the client's.
    token_format: Option<&'static str>,
    /// The IDs of the clients that may ask for it; empty: any.
    allowed_clients: Vec<String>,
    /// IDs of the clients that may exchange its tokens for tokens of other resources.
    exchanged_by: Vec<String>,
    /// True: its tokens are good at `/userinfo`, too.
    may_read_userinfo: bool,
    /// True: for requests that name no resource.
    default: bool,
}

/// A scope of a resource.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResourceScope)]
pub(super) struct ResourceScopeAnswer {
    #[schema(example = "notes:read")]
    name: String,
    #[schema(example = "Read your notes")]
    description: String,
    /// True: granted to whoever asks for no scope.
    default: bool,
}

/// A type of authorization details.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuthorizationDetailsType)]
pub(super) struct DetailsTypeAnswer {
    #[serde(rename = "type")]
    #[schema(example = "payment_initiation")]
    name: String,
    /// The sentence on the consent page.
    #[schema(example = "Make a payment")]
    description: String,
    /// Each a name, a kind, `required`, and the values that are good.
    #[schema(example = json!(["actions required = initiate status", "instructedAmount.amount string required"]))]
    fields: Vec<String>,
}

impl From<&AuthorizationDetailsType> for DetailsTypeAnswer {
    fn from(kind: &AuthorizationDetailsType) -> Self {
        Self {
            name: kind.name.clone(),
            description: kind.description.clone(),
            fields: kind.fields.iter().map(ToString::to_string).collect(),
        }
    }
}

impl ResourceAnswer {
    pub(super) fn of(resource: &Resource, is_default: bool) -> Self {
        let scope = |scope: &ResourceScope| ResourceScopeAnswer {
            name: scope.name.to_string(),
            description: scope.description.clone(),
            default: scope.default,
        };
        Self {
            id: resource.id.to_string(),
            identifier: resource.identifier.to_string(),
            name: resource.name.clone(),
            status: resource.status.as_str(),
            scopes: resource.scopes.iter().map(scope).collect(),
            authorization_details_types: resource.authorization_details_types.iter().map(Into::into).collect(),
            access_token_lifetime: resource.access_token_lifetime,
            token_format: resource.token_format.map(TokenFormat::as_str),
            allowed_clients: resource.allowed_clients.iter().map(ToString::to_string).collect(),
            exchanged_by: resource.exchanged_by.iter().map(ToString::to_string).collect(),
            may_read_userinfo: resource.may_read_userinfo,
            default: is_default,
        }
    }
}
