//! `/admin/users/{id}/consents` and `/admin/clients/{client_id}/consents`.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Response;
use idp::{ClientConsentRow, ConsentRecord, TakenBack};
use oauth::details::AuthorizationDetails;
use oauth::id::{ClientId, Subject};
use oauth::scope::{Scope, ScopeDefinition};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::answer::{ApiError, ok};
use super::refusals::{BadQuery, Guarded, Missing};
use super::schema::Done;
use super::segment::{Segment, Segments};
use super::token::AdminToken;
use super::window::{Window, read_query, sent};
use crate::state::Signet;

/// The agreement of a user with one client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Consent)]
pub(super) struct ConsentAnswer {
    #[schema(example = "demo")]
    client_id: String,
    #[schema(example = "Demo")]
    client_name: String,
    /// Words in one string, separated by spaces. A scope that was deleted since is not among them.
    #[schema(example = "openid profile email")]
    scope: String,
    /// The same one by one, each with the resource that it is a scope of.
    scopes: Vec<AllowedScope>,
    /// The authorization details that were agreed to (RFC 9396). Absent when there are none.
    #[schema(value_type = Vec<Object>)]
    #[serde(skip_serializing_if = "AuthorizationDetails::is_empty")]
    authorization_details: AuthorizationDetails,
    /// When the user last agreed, in seconds since 1970. Of a client that nobody is asked about, when it was first granted something
    /// that lives.
    #[schema(example = 1_800_000_000)]
    granted_at: i64,
    /// When the client last got a token of a grant that lives, in seconds since 1970. Absent when no grant does.
    #[schema(example = 1_800_000_000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    used_at: Option<i64>,
    /// Grants that live: one for each sign-in.
    #[schema(example = 1)]
    grants: u64,
}

/// A scope that a user allowed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AllowedScope {
    #[schema(example = "email")]
    scope: String,
    /// The ID of the resource. Absent for a scope of this server.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
}

/// The scopes that were allowed: as words, and one by one.
fn allowed(scopes: Vec<ScopeDefinition>) -> (Scope, Vec<AllowedScope>) {
    let one = |definition: &ScopeDefinition| AllowedScope {
        scope: definition.name.to_string(),
        resource: definition.owner.as_ref().map(|owner| owner.resource.to_string()),
    };
    let each = scopes.iter().map(one).collect();
    (scopes.into_iter().map(|definition| definition.name).collect(), each)
}

impl From<ConsentRecord> for ConsentAnswer {
    fn from(record: ConsentRecord) -> Self {
        let (scope, scopes) = allowed(record.scopes);
        Self {
            client_id: record.client_id.into_string(),
            client_name: record.client_name,
            scope: scope.to_string(),
            scopes,
            authorization_details: record.details.objects(),
            granted_at: record.granted_at.0,
            used_at: record.used_at.map(|at| at.0),
            grants: record.grants,
        }
    }
}

/// List the consents of a user
///
/// All that may act for the user, client by client: agreements that are remembered, and grants that live without one.
#[utoipa::path(
    get, path = "/admin/users/{id}/consents", tag = "Users", operation_id = "listConsents",
    params(("id" = String, Path, description = "The ID of the user")),
    responses((status = 200, description = "The consents", body = Vec<ConsentAnswer>), Missing, Guarded),
)]
pub(super) async fn list(
    State(signet): State<Signet>,
    _: AdminToken,
    Segment(id): Segment,
) -> Result<Response, ApiError> {
    let subject = Subject::new(id);
    signet.idp.get_user(&subject).await?;
    let consents = signet.idp.list_consents(&subject).await?;
    Ok(ok(consents.into_iter().map(ConsentAnswer::from).collect::<Vec<_>>()))
}

/// Withdraw a consent
///
/// With it end all codes and tokens that the client has of the user. The user is asked again next time. With `scope`, only that
/// scope is taken back: the tokens go on without it.
#[utoipa::path(
    delete, path = "/admin/users/{id}/consents/{client_id}", tag = "Users", operation_id = "withdrawConsent",
    params(
        ("id" = String, Path, description = "The ID of the user"),
        ("client_id" = String, Path, description = "The ID of the client"),
        Withdrawn,
    ),
    responses((status = 200, description = "Withdrawn", body = Done), Missing, BadQuery, Guarded),
)]
pub(super) async fn withdraw(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segments(id, client_id): Segments,
    withdrawn: Withdrawn,
) -> Result<Response, ApiError> {
    let (subject, client_id) = (Subject::new(id), ClientId::new(client_id));
    let taken = TakenBack::read(withdrawn.scope.as_deref(), withdrawn.resource.as_deref());
    match taken.map_err(|error| ApiError::Body(error.to_string()))? {
        Some(taken) => signet.idp.withdraw_scope(&admin.actor, &subject, &client_id, &taken).await?,
        None => signet.idp.withdraw_consent(&admin.actor, &subject, &client_id).await?,
    }
    Ok(ok(Done::new()))
}

/// The part that is withdrawn.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Withdrawn {
    /// One scope; left out, all of it.
    #[param(required = false, min_length = 1)]
    scope: Option<String>,
    /// The ID of the resource that it is a scope of. Left out, it is one of this server.
    #[param(required = false, min_length = 1)]
    resource: Option<String>,
}

impl FromRequestParts<Signet> for Withdrawn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        let query = read_query(parts, signet).await?;
        // All of it must not go by a variable that is empty in somebody's script.
        if let Some((name, _)) = query.pairs().find(|(name, value)| *name == "scope" && value.is_empty()) {
            return Err(ApiError::Body(format!("{name}: it is empty")));
        }
        Ok(Self {
            scope: sent(&query, "scope")?.map(str::to_owned),
            resource: sent(&query, "resource")?.map(str::to_owned),
        })
    }
}

/// The agreement of one user with a client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConsentOfUser)]
struct UserConsentAnswer {
    /// The subject of the user.
    user: String,
    #[schema(example = "alice")]
    username: String,
    /// Words in one string, separated by spaces. A scope that was deleted since is not among them.
    #[schema(example = "openid profile email")]
    scope: String,
    /// The same one by one, each with the resource that it is a scope of.
    scopes: Vec<AllowedScope>,
    /// The authorization details that were agreed to (RFC 9396). Absent when there are none.
    #[schema(value_type = Vec<Object>)]
    #[serde(skip_serializing_if = "AuthorizationDetails::is_empty")]
    authorization_details: AuthorizationDetails,
    /// When the user last agreed, in seconds since 1970.
    #[schema(example = 1_800_000_000)]
    granted_at: i64,
}

impl From<ClientConsentRow> for UserConsentAnswer {
    fn from(row: ClientConsentRow) -> Self {
        let (scope, scopes) = allowed(row.scopes);
        Self {
            user: row.user.into_string(),
            username: row.username,
            scope: scope.to_string(),
            scopes,
            authorization_details: row.details.objects(),
            granted_at: row.granted_at.0,
        }
    }
}

/// Consents were withdrawn.
#[derive(Debug, Serialize, ToSchema)]
struct ConsentsWithdrawn {
    /// So many.
    #[schema(example = 3)]
    withdrawn: u64,
}

/// List the consents of a client
///
/// Agreements that are remembered, the newest first; `after` goes on behind a part of the list.
#[utoipa::path(
    get, path = "/admin/clients/{client_id}/consents", tag = "Clients", operation_id = "listConsentsOfClient",
    params(("client_id" = String, Path, description = "The ID of the client", example = "demo"), Window),
    responses((status = 200, description = "The consents", body = Vec<UserConsentAnswer>, headers(("Link" = String, description = "Where the next ones are, while there are more: `<…>; rel=\"next\"`"))), Missing, BadQuery, Guarded),
)]
pub(super) async fn list_of_client(
    State(signet): State<Signet>,
    _: AdminToken,
    Segment(id): Segment,
    window: Window,
) -> Result<Response, ApiError> {
    let client_id = signet.idp.get_client(&ClientId::new(id)).await?.client.client_id;
    let found = match signet.idp.list_consents_of_client(&client_id, window.place().as_ref(), window.limit).await {
        Err(idp::Error::NotFound) => {
            return Err(ApiError::Body("after: expected what the Link of an answer says".to_owned()));
        }
        other => other?,
    };
    let last = found.rows.last().filter(|_| found.is_more).map(ClientConsentRow::place);
    let rows: Vec<_> = found.rows.into_iter().map(UserConsentAnswer::from).collect();
    let client_id = oauth::form::Form::default().with("", client_id.as_str()).encode();
    let path = format!("/admin/clients/{}/consents", client_id.trim_start_matches('='));
    Ok(window.answer(&signet, &path, rows, last.as_deref()))
}

/// Withdraw all consents of a client
///
/// With each end all codes and tokens that the client has of that user. They are asked again next time.
#[utoipa::path(
    delete, path = "/admin/clients/{client_id}/consents", tag = "Clients", operation_id = "withdrawConsentsOfClient",
    params(("client_id" = String, Path, description = "The ID of the client", example = "demo")),
    responses((status = 200, description = "Withdrawn", body = ConsentsWithdrawn), Missing, Guarded),
)]
pub(super) async fn withdraw_all(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(id): Segment,
) -> Result<Response, ApiError> {
    let client_id = signet.idp.get_client(&ClientId::new(id)).await?.client.client_id;
    let withdrawn = signet.idp.withdraw_consents_of_client(&admin.actor, &client_id).await?;
    Ok(ok(ConsentsWithdrawn { withdrawn }))
}
