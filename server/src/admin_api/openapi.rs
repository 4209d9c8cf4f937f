//! `GET /admin/openapi.json`: the admin API, the development endpoints and `/health` as an OpenAPI 3.1 document. It is made from the
//! routes themselves, so there is no route of theirs that it does not describe. It holds no secret and needs no token.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use utoipa::openapi::path::ParameterIn;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr, ServerBuilder};
use utoipa::{IntoResponses as _, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::ok;
use super::refusals::BadQuery;
use super::schema::ErrorAnswer;
use crate::protocol::health;
use crate::state::Signet;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Signet admin API",
        description = "JSON for scripts that hold the admin token. Members that a call does not know are ignored, parameters refused. For older scripts, \
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
    // Every call refuses parameters that it does not have.
    let refused = BadQuery::responses();
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete] {
            let Some(operation) = operation.as_mut().filter(|operation| operation.security.is_none()) else { continue };
            for (status, response) in &refused {
                operation.responses.responses.entry(status.clone()).or_insert_with(|| response.clone());
            }
        }
    }
    // A route says `{*name}` for what may hold slashes; OpenAPI has no such thing.
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths.into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
    document
});

/// The names of the query parameters of each call.
static PARAMETERS: LazyLock<HashMap<(Method, String), HashSet<String>>> = LazyLock::new(|| {
    let mut parameters = HashMap::new();
    for (path, item) in &DOCUMENT.paths.paths {
        for (method, operation) in [
            (Method::GET, &item.get),
            (Method::PUT, &item.put),
            (Method::POST, &item.post),
            (Method::PATCH, &item.patch),
            (Method::DELETE, &item.delete),
        ] {
            let described = operation.iter().flat_map(|operation| operation.parameters.iter().flatten());
            let names = described.filter_map(|described| match described {
                RefOr::T(it) if it.parameter_in == ParameterIn::Query => Some(it.name.clone()),
                _ => None,
            });
            parameters.insert((method, path.clone()), names.collect());
        }
    }
    parameters
});

/// True when the call of a route has a query parameter of that name. `route` is written as the router writes it.
pub(super) fn has_parameter(method: &Method, route: &str, name: &str) -> bool {
    let call = (method.clone(), route.replace("{*", "{"));
    PARAMETERS.get(&call).is_none_or(|names| names.contains(name))
}

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
