//! Cross-origin reading (Fetch, section 3.2), only where browsers need it: everybody may read what is public; the token
//! endpoint and its neighbours answer the registered origins of a client. No answer here ever depends on a cookie, so
//! `Access-Control-Allow-Credentials` is never sent.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use oauth::metadata::path;

use crate::state::Signet;

/// Readable from everywhere.
const PUBLIC: [&str; 3] = [path::OPENID_CONFIGURATION, path::OAUTH_AUTHORIZATION_SERVER, path::JWKS];
/// Readable from the registered origins of clients.
const REGISTERED: [&str; 3] = [path::TOKEN, path::USERINFO, path::REVOKE];

/// The layer.
pub(crate) async fn allow_origins(State(signet): State<Signet>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let public = PUBLIC.contains(&path);
    if !public && !REGISTERED.contains(&path) {
        return next.run(request).await;
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed = match &origin {
        Some(_) if public => Some(HeaderValue::from_static("*")),
        Some(origin) => match signet.idp.is_registered_origin(origin.to_str().unwrap_or_default()).await {
            Ok(true) => Some(origin.clone()),
            Ok(false) | Err(_) => None,
        },
        None => None,
    };
    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    write(response.headers_mut(), allowed, preflight, public);
    response
}

fn write(headers: &mut HeaderMap, allowed: Option<HeaderValue>, preflight: bool, public: bool) {
    if !public {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    let Some(origin) = allowed else {
        return;
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization, Content-Type"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
    } else {
        headers
            .insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("WWW-Authenticate, Retry-After"));
    }
}
