//! `/admin/clients/{client_id}/policy`.

use axum::extract::State;
use axum::response::Response;
use idp::{ClientChange, UnknownScopes};
use oauth::client::{Client, ClientPolicy, ConsentPolicy, PolicyDraft};
use oauth::fields::Fields as _;
use oauth::id::ClientId;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{ApiError, ok};
use super::body::Body;
use super::refusals::{BadBody, Guarded, Missing};
use super::schema::Done;
use super::segment::Segment;
use super::sent::PolicyBody;
use super::token::AdminToken;
use crate::state::Signet;

/// The policy of a client, or an empty object if it has none of its own.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum OwnPolicy {
    Own(PolicyAnswer),
    None(Nothing),
}

/// An empty object.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Rules of one client: its own, and what applies to all where it has none. Lists are words in one string, separated by spaces.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Policy)]
pub(super) struct PolicyAnswer {
    /// The scopes that the client may ask for; empty: its `scope`.
    allowed_scopes: String,
    /// The scopes that it gets when it asks for none; empty: all that are allowed.
    default_scopes: String,
    post_logout_redirect_uris: String,
    /// True: every authorization needs a code challenge (S256). A public client always does.
    require_pkce: bool,
    /// `always`, `once` or `skip`.
    #[schema(example = "once")]
    consent_policy: &'static str,
    /// Seconds.
    #[schema(example = 3600)]
    access_token_lifetime: i64,
    /// Days a refresh token lives from its last use.
    #[schema(example = 30)]
    refresh_token_ttl_days: i64,
    /// Seconds for which a refresh token that was used is answered like its successor; 0: it is good once.
    #[schema(example = 120)]
    refresh_reuse_window: i64,
    /// `opaque` or `jwt`.
    #[schema(example = "opaque")]
    token_format: &'static str,
    /// `scopes`: the claims of the granted scopes are in the ID token too. `minimal`: they are at `/userinfo` only.
    #[schema(example = "scopes")]
    id_token_claims: &'static str,
    /// Only in the answer that is a policy alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    client_id: Option<String>,
}

impl From<&Client> for PolicyAnswer {
    fn from(client: &Client) -> Self {
        let (own, rules) = (PolicyDraft::from(&client.policy), client.rules());
        let words = |lines: String| lines.replace('\n', " ");
        Self {
            allowed_scopes: words(own.allowed_scopes),
            default_scopes: words(own.default_scopes),
            post_logout_redirect_uris: words(own.post_logout_redirect_uris),
            require_pkce: rules.requires_pkce,
            consent_policy: rules.consent.as_str(),
            access_token_lifetime: rules.access_token_lifetime,
            refresh_token_ttl_days: rules.refresh_token_days,
            refresh_reuse_window: rules.refresh_reuse_window,
            token_format: rules.token_format.as_str(),
            id_token_claims: rules.id_token_claims.as_str(),
            client_id: None,
        }
    }
}

impl OwnPolicy {
    /// The policy as a member of its client.
    pub(super) fn of(client: &Client) -> Self {
        if client.policy.is_empty() { Self::None(Nothing {}) } else { Self::Own(client.into()) }
    }

    /// The policy alone.
    fn alone(client: &Client) -> Self {
        match Self::of(client) {
            Self::Own(policy) => Self::Own(PolicyAnswer { client_id: Some(client.client_id.to_string()), ..policy }),
            none @ Self::None(_) => none,
        }
    }
}

/// Read the policy of a client
///
/// The client's own policy, or `{}` if it has none and the defaults apply.
#[utoipa::path(
    get, path = "/admin/clients/{client_id}/policy", tag = "Clients", operation_id = "getPolicy", params(("client_id" = String, Path, description = "The ID of the client", example = "demo")),
    responses((status = 200, description = "The policy", body = OwnPolicy), Missing, Guarded),
)]
pub(super) async fn get(
    State(signet): State<Signet>,
    _: AdminToken,
    Segment(client_id): Segment,
) -> Result<Response, ApiError> {
    Ok(ok(OwnPolicy::alone(&signet.idp.get_client(&ClientId::new(client_id)).await?.client)))
}

/// Change the policy of a client
///
/// Members that are not sent, or null, stay as they are. An empty string goes back to what applies to all clients.
#[utoipa::path(
    post, path = "/admin/clients/{client_id}/policy", tag = "Clients", operation_id = "changePolicy", params(("client_id" = String, Path, description = "The ID of the client", example = "demo")),
    request_body(content = PolicyBody, example = json!({ "require_pkce": true, "access_token_lifetime": 600 })),
    responses((status = 200, description = "Changed", body = Done), Missing, BadBody, Guarded),
)]
pub(super) async fn post(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(client_id): Segment,
    body: Body,
) -> Result<Response, ApiError> {
    let client_id = ClientId::new(client_id);
    let current = signet.idp.get_client(&client_id).await?;
    let mut draft = PolicyDraft::from(&current.client.policy);
    draft.take(&body.without_nulls())?;
    let change = ClientChange { policy: Some(draft), unknown_scopes: UnknownScopes::Create, ..ClientChange::default() };
    signet.idp.update_client(&admin.actor, &client_id, Some(current.version), &change).await?;
    Ok(ok(Done::new()))
}

/// The policy that the body of a client asks for; `None` when it asks for no change.
///
/// `require_consent` is an older name for a part of it: false says `consent_policy: skip`, true says anything else. A script may
/// send both as it read them and change one, so the one that differs from what is there counts.
pub(super) fn of_client(body: &Body, current: &ClientPolicy) -> Result<Option<PolicyDraft>, ApiError> {
    let before = PolicyDraft::from(current);
    let mut draft = before.clone();
    if let Some(policy) = body.object("policy")? {
        draft.take(&policy.without_nulls())?;
    }
    let skip = ConsentPolicy::Skip.as_str();
    let was_asked = before.consent_policy != skip;
    match body.flag("require_consent")? {
        Some(false) if was_asked => skip.clone_into(&mut draft.consent_policy),
        Some(true) if !was_asked && draft.consent_policy == skip => draft.consent_policy.clear(),
        _ => {}
    }
    Ok((draft != before).then_some(draft))
}
