//! Cross-origin reading (Fetch, section 3.2), only where browsers need it: everybody may read what is public; the token
//! endpoint and its neighbours answer the registered origins of a client. No answer here ever depends on a cookie, so
//! `Access-Control-Allow-Credentials` is never sent.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::endpoints::{Endpoint, Reads};
use crate::state::Signet;

/// Request headers that a page may send to the token endpoint and its neighbours beside those that need no permission: proofs of
/// possession (RFC 9449 §4), the version of the Model Context Protocol, and what traces a request through a system (W3C Trace
/// Context, W3C Baggage).
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, DPoP, MCP-Protocol-Version, traceparent, tracestate, baggage",
);

/// The layer.
pub(crate) async fn allow_origins(State(signet): State<Signet>, request: Request, next: Next) -> Response {
    let public = match Endpoint::of(request.extensions()).reads {
        Reads::SameOrigin => return next.run(request).await,
        Reads::RegisteredOrigins => false,
        Reads::AnyOrigin => true,
    };
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
    let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).filter(|_| public).cloned();
    let mut response = if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    write(response.headers_mut(), allowed, preflight.then(|| asked.unwrap_or(ALLOWED_HEADERS)), public);
    response
}

/// `preflight`: the request headers to allow, in the answer to a preflight.
fn write(headers: &mut HeaderMap, allowed: Option<HeaderValue>, preflight: Option<HeaderValue>, public: bool) {
    if !public {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    let Some(origin) = allowed else {
        return;
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if let Some(allowed_headers) = preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
    } else {
        headers
            .insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("WWW-Authenticate, Retry-After"));
    }
}
