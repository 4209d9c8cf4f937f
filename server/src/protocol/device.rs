//! `POST /device_authorization` (RFC 8628 §3.1), and the picture of what a person scans.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp::activity;
use oauth::activity::EventKind;
use oauth::error::TokenError;
use oauth::grant::{DeviceAuthorizationRequest, DeviceAuthorizationResponse, UserCode, verification_uri_complete};

use super::{Authenticated, TRIES, always_changing, no_store, token_error};
use crate::guard::CallerAddress;
use crate::http::failure::not_found;
use crate::http::form::{BodyError, BodyForm, Query};
use crate::state::Signet;

pub(crate) async fn post(
    State(signet): State<Signet>,
    caller: CallerAddress,
    headers: HeaderMap,
    BodyForm(body): BodyForm,
) -> Response {
    match begin(&signet, caller, &headers, body).await {
        Ok(begun) => no_store(begun.to_json(signet.issuer())),
        Err(error) => {
            activity::refused_by(EventKind::Authorization, &error.0);
            token_error(&error)
        }
    }
}

async fn begin(
    signet: &Signet,
    caller: CallerAddress,
    headers: &HeaderMap,
    body: Result<oauth::form::Form, BodyError>,
) -> Result<DeviceAuthorizationResponse, TokenError> {
    let form = body?;
    let mut authenticated = Authenticated::new(signet, caller, headers, &form)?.visiting();
    for _ in 0..TRIES {
        let client = authenticated.get().await?;
        let request = DeviceAuthorizationRequest::read(&form, &client)?;
        if let Some(begun) = signet.idp.begin_device(&client, &request).await? {
            return Ok(begun);
        }
    }
    Err(always_changing())
}

/// `GET /device/qr?user_code=…`: the QR code of `verification_uri_complete`, for devices with a screen that cannot make one. Any
/// code has a picture, so it tells nobody which ones there are.
pub(crate) async fn qr(State(signet): State<Signet>, Query(query): Query) -> Response {
    let user_code = UserCode::parse(&query.unwrap_or_default().text("user_code"));
    let picture = user_code.and_then(|code| app::qr::svg(&verification_uri_complete(signet.issuer(), &code)));
    let Some(picture) = picture else {
        return not_found();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'")),
    ];
    (StatusCode::OK, headers, picture).into_response()
}
