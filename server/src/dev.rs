//! `/dev/seed` and `/dev/pkce`: a user, a client and a challenge to try things with. Off unless `ENABLE_DEV_ENDPOINTS` says so,
//! and for whoever holds the admin token.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use idp::{Actor, ClientChange, SaveError, UnknownScopes, UserChange};
use oauth::client::{ClientDraft, ClientKind, PolicyDraft};
use oauth::id::ClientId;
use oauth::pkce::CodeChallenge;
use oauth::scope::{ScopeDraft, core_scopes, is_known};
use oauth::secret::Secret;
use oauth::user::UserDraft;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::admin_api::answer::{ApiError, ok};
use crate::admin_api::refusals::Guarded;
use crate::admin_api::token::AdminToken;
use crate::http::failure;
use crate::http::form::Query;
use crate::state::Signet;

const CLIENT: &str = "demo-web";
const USERS: [(&str, &str, &str); 2] = [("alice", "Alice", "Adams"), ("bob", "Bob", "Brown")];

pub(crate) fn routes() -> OpenApiRouter<Signet> {
    OpenApiRouter::new().routes(routes!(seed)).routes(routes!(pkce))
}

/// The endpoints are switched on; else there is nothing here, admin token or not.
struct Enabled;

impl FromRequestParts<Signet> for Enabled {
    type Rejection = Response;

    async fn from_request_parts(_: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        if signet.dev_endpoints { Ok(Self) } else { Err(failure::not_found().into_response()) }
    }
}

/// A code verifier and its challenge (RFC 7636).
#[derive(Serialize, ToSchema)]
struct Pkce {
    code_verifier: String,
    code_challenge: String,
    #[schema(example = "S256")]
    method: &'static str,
}

/// The demo data: users and clients to try things with.
#[derive(Serialize, ToSchema)]
struct Seeded {
    ok: bool,
    /// The names of users, which are their passwords too.
    #[schema(value_type = Vec<String>, example = json!(["alice", "bob"]))]
    users: Vec<&'static str>,
    #[schema(example = "demo-web")]
    client_id: &'static str,
}

/// Make a verifier and a challenge
///
/// For a request that is put together by hand. Only with `ENABLE_DEV_ENDPOINTS`.
#[utoipa::path(
    get, path = "/dev/pkce", tag = "Development", operation_id = "makePkce",
    responses(
        (status = 200, description = "A new pair", body = Pkce),
        (status = 404, description = "`ENABLE_DEV_ENDPOINTS` is off; a page", content_type = "text/html", body = String),
        Guarded,
    ),
)]
async fn pkce(_: Enabled, _: AdminToken) -> Response {
    let verifier = idp::random::token();
    let challenge = CodeChallenge::of(&verifier);
    ok(Pkce { code_verifier: verifier, code_challenge: challenge.as_str().to_owned(), method: "S256" })
}

/// Make users and a client
///
/// Makes alice, bob and the public client `demo-web`, or puts them back as they were; core scopes that were deleted, too. Only
/// with `ENABLE_DEV_ENDPOINTS`.
#[utoipa::path(
    get, path = "/dev/seed", tag = "Development", operation_id = "seed",
    params(("reset" = Option<String>, Query, description = "`1`, `true`, `yes` or `on`: from nothing, with all their tokens gone")),
    responses(
        (status = 200, description = "They are there", body = Seeded),
        (status = 404, description = "`ENABLE_DEV_ENDPOINTS` is off; a page", content_type = "text/html", body = String),
        Guarded,
    ),
)]
async fn seed(
    _: Enabled,
    admin: AdminToken,
    State(signet): State<Signet>,
    Query(query): Query,
) -> Result<Response, ApiError> {
    let reset = query.unwrap_or_default().text("reset").to_ascii_lowercase();
    let reset = matches!(reset.as_str(), "1" | "true" | "yes" | "on");
    seed_scopes(&signet, &admin.actor).await?;
    for (name, given, family) in USERS {
        seed_user(&signet, &admin.actor, name, given, family, reset).await?;
    }
    seed_client(&signet, &admin.actor, reset).await?;
    Ok(ok(Seeded { ok: true, users: USERS.iter().map(|(name, ..)| *name).collect(), client_id: CLIENT }))
}

/// Puts those back that were deleted.
async fn seed_scopes(signet: &Signet, actor: &Actor) -> Result<(), ApiError> {
    let known = signet.idp.scopes().await?;
    for missing in core_scopes().iter().filter(|core| !is_known(&core.name, &known)) {
        signet.idp.save_scope(actor, &ScopeDraft::from(missing), None).await?;
    }
    Ok(())
}

async fn seed_user(
    signet: &Signet,
    actor: &Actor,
    name: &str,
    given: &str,
    family: &str,
    reset: bool,
) -> Result<(), ApiError> {
    let draft = profile(name, given, family);
    match signet.idp.find_user_by_name(name).await? {
        Some(user) if reset => signet.idp.delete_user(actor, &user.subject).await?,
        Some(user) => {
            let change = UserChange { profile: Some(draft), password: Some(Secret::new(name)) };
            return Ok(signet.idp.update_user(actor, &user.subject, None, &change).await?);
        }
        None => {}
    }
    signet.idp.create_user(actor, &draft, name).await?;
    Ok(())
}

async fn seed_client(signet: &Signet, actor: &Actor, reset: bool) -> Result<(), ApiError> {
    let (client_id, client, policy) = (ClientId::new(CLIENT), client(), policy());
    if reset
        && let Err(error) = signet.idp.delete_client(actor, &client_id).await
        && !matches!(error, idp::Error::NotFound)
    {
        return Err(error.into());
    }
    let change = ClientChange { client: Some(client.clone()), policy: Some(policy.clone()), ..ClientChange::default() };
    match signet.idp.update_client(actor, &client_id, None, &change).await {
        Err(SaveError::NotFound) => {
            signet.idp.create_client(actor, &client, Some(&policy), None, UnknownScopes::Refuse).await?;
        }
        other => other?,
    }
    Ok(())
}

/// A public client of two applications on this machine.
fn client() -> ClientDraft {
    ClientDraft {
        client_id: CLIENT.to_owned(),
        client_name: "Demo Web App".to_owned(),
        redirect_uris: "http://127.0.0.1:3000/callback\nhttp://localhost:3000/callback\nhttp://localhost:3001/callback"
            .to_owned(),
        ..ClientDraft::preset(ClientKind::Spa)
    }
}

fn policy() -> PolicyDraft {
    PolicyDraft {
        post_logout_redirect_uris: "http://localhost:3000/\nhttp://localhost:3001/".to_owned(),
        require_pkce: "true".to_owned(),
        ..PolicyDraft::default()
    }
}

/// Somebody with every standard claim.
fn profile(name: &str, given: &str, family: &str) -> UserDraft {
    let text = str::to_owned;
    UserDraft {
        username: text(name),
        email: format!("{name}@example.com"),
        email_verified: true,
        enabled: true,
        name: format!("{given} {family}"),
        given_name: text(given),
        family_name: text(family),
        middle_name: text("Sam"),
        nickname: text(name),
        preferred_username: text(name),
        profile: format!("https://example.com/{name}"),
        picture: format!("https://example.com/{name}.png"),
        website: format!("https://{name}.example.com"),
        gender: text("other"),
        birthdate: text("1990-02-28"),
        zoneinfo: text("Europe/Paris"),
        locale: text("en-GB"),
        phone_number: text("+33 1 23 45 67 89"),
        phone_number_verified: true,
        street_address: text("1 Rue de Rivoli"),
        locality: text("Paris"),
        region: text("Île-de-France"),
        postal_code: text("75001"),
        country: text("France"),
        extra_claims: String::new(),
    }
}
