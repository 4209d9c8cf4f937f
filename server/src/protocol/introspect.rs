//! `POST /introspect` (RFC 7662).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use oauth::error::{OAuthError, TokenError};
use oauth::introspection;
use oauth::secret::Secret;
use serde_json::Value;

use super::{authenticate, no_store, token_error};
use crate::guard::CallerAddress;
use crate::http::form::{BodyError, BodyForm};
use crate::state::Signet;

pub(crate) async fn post(
    State(signet): State<Signet>,
    caller: CallerAddress,
    headers: HeaderMap,
    BodyForm(body): BodyForm,
) -> Response {
    match introspect(&signet, caller, &headers, body).await {
        Ok(answer) => {
            signet.metrics.count_introspection(answer.get("active").and_then(Value::as_bool).unwrap_or_default());
            no_store(answer)
        }
        Err(error) => token_error(&error),
    }
}

async fn introspect(
    signet: &Signet,
    caller: CallerAddress,
    headers: &HeaderMap,
    body: Result<oauth::form::Form, BodyError>,
) -> Result<Value, TokenError> {
    let form = body?;
    let client = authenticate(signet, caller, headers, &form).await?;
    form.check_unrepeated()?;
    let token = form.find("token")?.ok_or_else(|| OAuthError::invalid_request("token is missing"))?;
    Ok(match signet.idp.find_live_token(&Secret::new(token)).await? {
        Some((token, user)) if token.may_be_seen_by(&client) => {
            introspection::active(&token, user.as_deref().map(|user| user.username.as_str()), signet.issuer())
        }
        _ => introspection::inactive(),
    })
}
