//! The refusals of the admin API, described once; each route names those it can give.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::openapi::{Content, Ref, RefOr, Response as Described, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema as _};

use super::schema::ErrorAnswer;

/// The refusals that every call with the admin token can meet: no token, too many wrong ones, a server that fails.
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
                "Too many wrong tokens from this address; `Retry-After` says how many seconds to wait",
                delayed,
            ),
            error("500", "Something went wrong on the server; its log says more under the request ID", failed),
            error("503", "The database does not answer", unavailable),
        ])
    }
}

/// 404: there is nothing under the name in the address.
pub(super) struct Missing;

impl IntoResponses for Missing {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        let example = json!({ "error": "not_found", "error_description": "there is nothing under that name" });
        BTreeMap::from([error("404", "There is nothing under that name", example)])
    }
}

/// 400: the query cannot be taken.
pub(super) struct BadQuery;

impl IntoResponses for BadQuery {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        let example = json!({
            "error": "invalid_request", "error_description": "limit: expected a whole number from 1 to 1000",
        });
        BTreeMap::from([error("400", "A parameter of the query is not right", example)])
    }
}

/// 409: it cannot be done as things are now.
pub(super) struct Conflicting;

impl IntoResponses for Conflicting {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        let example = json!({ "error": "conflict", "error_description": "it was changed by somebody else meanwhile" });
        BTreeMap::from([error("409", "The name is taken, or somebody changed the same thing meanwhile", example)])
    }
}

/// 400, 409 and 413: the body cannot be taken.
pub(super) struct BadBody;

impl IntoResponses for BadBody {
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
