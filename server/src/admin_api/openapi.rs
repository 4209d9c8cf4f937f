//! `GET /admin/openapi.json`: the admin API, the development endpoints and `/health` as an OpenAPI 3.1 document. It is made from the
//! routes themselves, so there is no route of theirs that it does not describe. It holds no secret and needs no token.

use std::sync::LazyLock;

use axum::extract::State;
use axum::response::Response;
use utoipa::OpenApi as _;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{OpenApi, ServerBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::ok;
use super::schema::ErrorAnswer;
use crate::protocol::health;
use crate::state::Signet;

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
        (name = "Sessions", description = "Browsers in which people are signed in"),
        (name = "Grants", description = "What may act for users, and by clients for themselves"),
        (name = "Scopes", description = "What clients may ask for, and the claims that it opens"),
        (name = "Resources", description = "APIs that access tokens are for, with their scopes"),
        (name = "Trusts", description = "Issuers elsewhere that are believed, and servers that take assertions of this one"),
        (name = "Activity", description = "What happened, and why it was refused"),
        (name = "History", description = "Who changed what and the way back, and what was deleted"),
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
pub(crate) fn health() -> OpenApiRouter<Signet> {
    OpenApiRouter::new().routes(routes!(health::get))
}

/// The document.
pub(crate) fn document(signet: &Signet) -> OpenApi {
    let mut document = DOCUMENT.clone();
    document.servers = Some(vec![ServerBuilder::new().url(signet.issuer().as_str()).build()]);
    document
}

pub(crate) async fn get(State(signet): State<Signet>) -> Response {
    ok(document(&signet))
}
