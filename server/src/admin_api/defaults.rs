//! `/admin/defaults`: what applies to every client that does not decide otherwise.

use axum::extract::State;
use axum::response::Response;
use oauth::client::{ClientPolicy, PolicyDraft};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{ApiError, ok};
use super::body::Body;
use super::refusals::{BadBody, Guarded};
use super::schema::Done;
use super::token::AdminToken;
use crate::state::Signet;

pub(super) fn routes() -> OpenApiRouter<Signet> {
    OpenApiRouter::new().routes(routes!(get, patch))
}

/// The rules for all clients. A member that is null is built in.
#[derive(Debug, Serialize, ToSchema)]
struct DefaultsAnswer {
    /// True: every authorization needs a code challenge (S256).
    require_pkce: Option<bool>,
    /// `always`, `once` or `skip`.
    #[schema(example = "once")]
    consent_policy: Option<&'static str>,
    /// Seconds.
    #[schema(example = 900)]
    access_token_lifetime: Option<i64>,
    /// Days from the last use.
    refresh_token_ttl_days: Option<i64>,
    /// Seconds for which a refresh token that was used is answered like its successor.
    refresh_reuse_window: Option<i64>,
    /// `opaque` or `jwt`.
    token_format: Option<&'static str>,
    /// `scopes` or `minimal`.
    id_token_claims: Option<&'static str>,
}

impl From<&ClientPolicy> for DefaultsAnswer {
    fn from(policy: &ClientPolicy) -> Self {
        Self {
            require_pkce: policy.require_pkce,
            consent_policy: policy.consent_policy.map(|word| word.as_str()),
            access_token_lifetime: policy.access_token_lifetime,
            refresh_token_ttl_days: policy.refresh_token_ttl_days,
            refresh_reuse_window: policy.refresh_reuse_window,
            token_format: policy.token_format.map(|word| word.as_str()),
            id_token_claims: policy.id_token_claims.map(|word| word.as_str()),
        }
    }
}

/// A change of the defaults.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is sent")]
struct DefaultsBody {
    require_pkce: Option<bool>,
    #[schema(pattern = "^(always|once|skip)?$")]
    consent_policy: Option<String>,
    #[schema(minimum = 60, maximum = 86400)]
    access_token_lifetime: Option<i64>,
    #[schema(minimum = 1, maximum = 3650)]
    refresh_token_ttl_days: Option<i64>,
    #[schema(minimum = 0, maximum = 600)]
    refresh_reuse_window: Option<i64>,
    #[schema(pattern = "^(opaque|jwt)?$")]
    token_format: Option<String>,
    #[schema(pattern = "^(scopes|minimal)?$")]
    id_token_claims: Option<String>,
}

/// Read what applies to all clients
///
/// A client's own policy goes before it.
#[utoipa::path(
    get, path = "/admin/defaults", tag = "Clients", operation_id = "getDefaults",
    responses((status = 200, description = "The defaults", body = DefaultsAnswer), Guarded),
)]
async fn get(State(signet): State<Signet>, _: AdminToken) -> Result<Response, ApiError> {
    Ok(ok(DefaultsAnswer::from(&*signet.idp.client_defaults().await?.policy)))
}

/// Change what applies to all clients
///
/// Members that are not sent, or null, stay as they are. An empty string goes back to what is built in.
#[utoipa::path(
    patch, path = "/admin/defaults", tag = "Clients", operation_id = "changeDefaults",
    request_body(content = DefaultsBody, example = json!({ "access_token_lifetime": 900, "token_format": "jwt" })),
    responses((status = 200, description = "Changed", body = Done), BadBody, Guarded),
)]
async fn patch(State(signet): State<Signet>, admin: AdminToken, body: Body) -> Result<Response, ApiError> {
    let current = signet.idp.client_defaults().await?;
    let mut draft = PolicyDraft::from(&*current.policy);
    draft.take(&body.without_nulls())?;
    signet.idp.save_client_defaults(&admin.actor, &draft, Some(current.version)).await?;
    Ok(ok(Done::new()))
}
