//! `POST /revoke` (RFC 7009).

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use idp::activity;
use oauth::activity::EventKind;
use oauth::error::TokenError;
use oauth::grant::missing;
use oauth::secret::Secret;

use super::{authenticate, token_error};
use crate::guard::CallerAddress;
use crate::http::form::{BodyError, BodyForm};
use crate::state::Signet;

pub(crate) async fn post(
    State(signet): State<Signet>,
    caller: CallerAddress,
    headers: HeaderMap,
    BodyForm(body): BodyForm,
) -> Response {
    match revoke(&signet, caller, &headers, body).await {
        // Whether the token existed is not said (RFC 7009 section 2.2).
        Ok(()) => {
            activity::happened(EventKind::Revocation);
            StatusCode::OK.into_response()
        }
        Err(error) => {
            activity::refused_by(EventKind::Revocation, &error.0);
            token_error(&error)
        }
    }
}

async fn revoke(
    signet: &Signet,
    caller: CallerAddress,
    headers: &HeaderMap,
    body: Result<oauth::form::Form, BodyError>,
) -> Result<(), TokenError> {
    let form = body?;
    let client = authenticate(signet, caller, headers, &form).await?;
    form.check_unrepeated()?;
    let token = form.find("token")?.ok_or_else(|| missing("token"))?;
    signet.idp.revoke_token(&client, &Secret::new(token)).await?;
    Ok(())
}
