//! Cross-origin reading (Fetch, section 3.2), only where browsers need it: everybody may read what is public; the token
//! endpoint and its neighbours answer the registered origins of a client. No answer here ever depends on a cookie, so
//! `Access-Control-Allow-Credentials` is never sent.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::endpoints::{Endpoint, Reads};
use crate::state::Signet;

/// Request headers that a page may send to the token endpoint and its neighbours beside those that need no permission: proofs of
/// possession (RFC 9449 §4), the version of the Model Context Protocol, and what traces a request through a system (W3C Trace
/// Context, W3C Baggage).
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, DPoP, MCP-Protocol-Version, traceparent, tracestate, baggage",
);

/// The permission of other pages to read the answer to a request.
#[derive(Debug)]
pub(super) struct Reading {
    reads: Reads,
    /// The origin that may read it, as the answer names it.
    allowed: Option<HeaderValue>,
    /// The headers that a request may have, where this one only asks for that.
    preflight: Option<HeaderValue>,
}

impl Reading {
    pub(super) async fn of(signet: &Signet, endpoint: &Endpoint, method: &Method, headers: &HeaderMap) -> Self {
        let reads = endpoint.reads;
        if reads == Reads::SameOrigin {
            return Self { reads, allowed: None, preflight: None };
        }
        let allowed = match headers.get(header::ORIGIN) {
            Some(_) if reads == Reads::AnyOrigin => Some(HeaderValue::from_static("*")),
            Some(origin) => {
                let registered = signet.idp.is_registered_origin(origin.to_str().unwrap_or_default()).await;
                registered.is_ok_and(|registered| registered).then(|| origin.clone())
            }
            None => None,
        };
        let asks = *method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let preflight = asks.then(|| {
            let asked = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
            asked.filter(|_| reads == Reads::AnyOrigin).cloned().unwrap_or(ALLOWED_HEADERS)
        });
        Self { reads, allowed, preflight }
    }

    /// The answer to a request that only asks whether another one may be sent.
    pub(super) fn preflight(&self) -> Option<Response> {
        self.preflight.is_some().then(|| StatusCode::NO_CONTENT.into_response())
    }

    pub(super) fn write(self, headers: &mut HeaderMap) {
        if self.reads == Reads::RegisteredOrigins {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        let Some(origin) = self.allowed else {
            return;
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if let Some(allowed_headers) = self.preflight {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
        } else {
            let exposed = HeaderValue::from_static("WWW-Authenticate, Retry-After, DPoP-Nonce, X-Request-Id");
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }
}
