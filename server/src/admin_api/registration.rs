//! `/admin/registration`: whether clients may register themselves, and the tokens by which they may.

use axum::extract::State;
use axum::response::Response;
use oauth::field::{FieldErrors, FieldProblem};
use oauth::fields::Fields as _;
use oauth::registration::RegistrationPolicyDraft;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{ApiError, created, ok};
use super::body::Body;
use super::refusals::{BadBody, Guarded, Missing};
use super::schema::Done;
use super::segment::Segment;
use super::token::AdminToken;
use crate::state::Signet;

pub(super) fn routes() -> OpenApiRouter<Signet> {
    OpenApiRouter::new().routes(routes!(get, put)).routes(routes!(create_token)).routes(routes!(delete_token))
}

/// The policy of registration.
#[derive(Debug, Serialize, ToSchema)]
struct RegistrationAnswer {
    /// `automatic`, `off`, `open` or `token`. Automatic: open exactly while a resource is registered.
    #[schema(example = "automatic")]
    policy: &'static str,
    /// True when clients can register now, with a token or without.
    enabled: bool,
    tokens: Vec<InitialTokenAnswer>,
}

/// An initial access token, without the token.
#[derive(Debug, Serialize, ToSchema)]
struct InitialTokenAnswer {
    #[schema(example = "build server")]
    name: String,
    /// In seconds since 1970.
    created_at: i64,
}

/// An initial access token, in the only answer that shows it.
#[derive(Debug, Serialize, ToSchema)]
struct InitialTokenCreated {
    #[schema(example = "build server")]
    name: String,
    /// To be sent as a bearer token with registrations.
    token: String,
}

/// A change of the policy.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is sent")]
struct RegistrationBody {
    #[schema(example = "token", pattern = "^(automatic|off|open|token)$")]
    policy: String,
}

/// A new initial access token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is sent")]
struct InitialTokenBody {
    #[schema(example = "build server", min_length = 1, max_length = 64)]
    name: String,
}

/// Read whether clients may register themselves
///
/// The policy, what it comes to now, and the names of the initial access tokens.
#[utoipa::path(
    get, path = "/admin/registration", tag = "Clients", operation_id = "getRegistration",
    responses((status = 200, description = "The policy", body = RegistrationAnswer), Guarded),
)]
async fn get(State(signet): State<Signet>, _: AdminToken) -> Result<Response, ApiError> {
    let rules = signet.idp.registration_rules().await?;
    let tokens = rules.tokens.iter();
    Ok(ok(RegistrationAnswer {
        policy: rules.policy.mode.as_str(),
        enabled: signet.idp.takes_registrations().await?,
        tokens: tokens
            .map(|token| InitialTokenAnswer { name: token.name.clone(), created_at: token.created_at })
            .collect(),
    }))
}

/// Change whether clients may register themselves
///
/// Clients that are registered stay.
#[utoipa::path(
    put, path = "/admin/registration", tag = "Clients", operation_id = "changeRegistration",
    request_body(content = RegistrationBody, example = json!({ "policy": "token" })),
    responses((status = 200, description = "Changed", body = Done), BadBody, Guarded),
)]
async fn put(State(signet): State<Signet>, admin: AdminToken, body: Body) -> Result<Response, ApiError> {
    let rules = signet.idp.registration_rules().await?;
    let mut draft = RegistrationPolicyDraft::from(rules.policy);
    if body.text("policy")?.is_none() {
        return Err(ApiError::Fields(FieldErrors::one("policy", FieldProblem::Missing)));
    }
    draft.take(&body.without_nulls())?;
    signet.idp.save_registration_policy(&admin.actor, &draft, None).await?;
    Ok(ok(Done::new()))
}

/// Create an initial access token
///
/// Whoever has it may register clients while the policy is `token`. It is shown once.
#[utoipa::path(
    post, path = "/admin/registration/tokens", tag = "Clients", operation_id = "createInitialAccessToken",
    request_body(content = InitialTokenBody, example = json!({ "name": "build server" })),
    responses((status = 201, description = "Created", body = InitialTokenCreated), BadBody, Guarded),
)]
async fn create_token(State(signet): State<Signet>, admin: AdminToken, body: Body) -> Result<Response, ApiError> {
    let name = body.text("name")?.unwrap_or_default();
    let token = signet.idp.create_initial_token(&admin.actor, &name).await?;
    Ok(created(InitialTokenCreated { name: name.trim().to_owned(), token: token.expose().to_owned() }))
}

/// Delete an initial access token
///
/// Clients that were registered with it stay.
#[utoipa::path(
    delete, path = "/admin/registration/tokens/{name}", tag = "Clients", operation_id = "deleteInitialAccessToken",
    params(("name" = String, Path, description = "The name of the token", example = "build server")),
    responses((status = 200, description = "Deleted", body = Done), Missing, Guarded),
)]
async fn delete_token(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(name): Segment,
) -> Result<Response, ApiError> {
    signet.idp.delete_initial_token(&admin.actor, &name).await?;
    Ok(ok(Done::new()))
}
