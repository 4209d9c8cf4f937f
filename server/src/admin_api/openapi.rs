//! `GET /admin/openapi.json`: the admin API, the development endpoints and `/health` as an OpenAPI 3.1 document. It is made from the
//! routes themselves, so there is no route of theirs that it does not describe. It holds no secret and needs no token.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response as Described, ResponseBuilder, ServerBuilder};
use utoipa::{IntoResponses, OpenApi as _, ToSchema as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::ok;
use super::schema::ErrorAnswer;
use crate::protocol::health;
use crate::state::App;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Signet admin API",
        description = "JSON for scripts that hold the admin token. Members that a call does not know are ignored. For older scripts, \
                       `true` and `false` may also be sent as 1 and 0 or as the words true, yes, on, false, no, off; numbers as text.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "Clients", description = "Applications that may ask for tokens, and the policy of each"),
        (name = "Users", description = "People who sign in"),
        (name = "Scopes", description = "What clients may ask for, and the claims that it opens"),
        (name = "Keys", description = "What tokens are signed with"),
        (name = "Development", description = "For trying things; off unless `ENABLE_DEV_ENDPOINTS` is on"),
        (name = "Health", description = "For whoever watches the server"),
    ),
    components(schemas(ErrorAnswer)),
    security(("adminToken" = [])),
)]
struct Description;

/// The document without its server, which only the configuration knows.
static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(|| {
    let mut document = Description::openapi();
    document.merge(super::routes().merge(crate::dev::routes()).merge(health()).into_openapi());
    let scheme = ApiKeyValue::with_description("X-Admin-Token", "The admin token, as it was set or shown at setup");
    let components = document.components.get_or_insert_default();
    components.security_schemes.insert("adminToken".to_owned(), SecurityScheme::ApiKey(ApiKey::Header(scheme)).into());
    // A route says `{*name}` for what may hold slashes; OpenAPI has no such thing.
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths.into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
    document
});

/// `/health`, with its description.
pub(crate) fn health() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(health::get))
}

/// The document.
pub(crate) fn document(app: &App) -> OpenApi {
    let mut document = DOCUMENT.clone();
    document.servers = Some(vec![ServerBuilder::new().url(app.issuer().as_str()).build()]);
    document
}

pub(crate) async fn get(State(app): State<App>) -> Response {
    ok(document(&app))
}

/// What any call of somebody without the token, or without a working server, is answered.
pub(crate) struct Guarded;

impl IntoResponses for Guarded {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        let unauthorized =
            json!({ "error": "unauthorized", "error_description": "send the admin token in the header X-Admin-Token" });
        let delayed = json!({
            "error": "too_many_requests",
            "error_description": "too many wrong admin tokens from this address; try again in 2 minutes",
        });
        let unavailable = json!({
            "error": "temporarily_unavailable", "error_description": "the server cannot reach its database",
        });
        let failed = json!({ "error": "server_error", "request_id": "0f8fad5bd9cb469f" });
        BTreeMap::from([
            error("401", "No admin token, or a wrong one", unauthorized),
            error(
                "429",
                "Too many wrong tokens, or too many calls, from this address; `Retry-After` says how many seconds to wait",
                delayed,
            ),
            error("500", "Something went wrong on the server; its log says more under the request ID", failed),
            error("503", "The database does not answer", unavailable),
        ])
    }
}

/// What a call for something that is not there is answered.
pub(super) struct Found;

impl IntoResponses for Found {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        let example = json!({ "error": "not_found", "error_description": "there is nothing under that name" });
        BTreeMap::from([error("404", "There is nothing under that name", example)])
    }
}

/// What a body that cannot be taken is answered.
pub(super) struct Taken;

impl IntoResponses for Taken {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        let invalid = json!({ "error": "invalid_request", "error_description": "the body is not a JSON object" });
        let conflict = json!({ "error": "conflict", "error_description": "it was changed by somebody else meanwhile" });
        let large = json!({ "error": "invalid_request", "error_description": "the body is larger than 64 KiB" });
        BTreeMap::from([
            error("400", "The body, or a member of it, is not right", invalid),
            error("409", "The name is taken, or somebody changed the same thing meanwhile", conflict),
            error("413", "The body is too large", large),
        ])
    }
}

fn error(status: &str, description: &str, example: Value) -> (String, RefOr<Described>) {
    let mut content = Content::new(Some(Ref::from_schema_name(ErrorAnswer::name())));
    content.example = Some(example);
    let response = ResponseBuilder::new().description(description).content("application/json", content).build();
    (status.to_owned(), response.into())
}
