//! Cross-site writes are refused by what the browser says of itself: `Sec-Fetch-Site`, or `Origin` where that is missing. A
//! plain HTTP client sends neither, carries no cookies it was not given, and is served.

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use oauth::id::Issuer;
use oauth::origin::WebOrigin;

use crate::endpoints::{Endpoint, Writes};
use crate::state::Signet;

/// The layer.
pub(crate) async fn refuse_cross_site_writes(State(signet): State<Signet>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let is_open = Endpoint::of(request.extensions()).writes == Writes::AnyOrigin;
    if safe || is_open || is_same_origin(request.headers(), signet.issuer().as_str()) {
        next.run(request).await
    } else {
        forbidden(signet.issuer())
    }
}

/// The answer to a write that comes from elsewhere.
pub(crate) fn forbidden(issuer: &Issuer) -> Response {
    let text = format!(
        "This request was refused: it does not come from a page of {issuer}, which is the ISSUER of this server.\n"
    );
    (StatusCode::FORBIDDEN, text).into_response()
}

/// True for a write that comes from a page of this server, or from no page at all.
pub(crate) fn is_same_origin(headers: &axum::http::HeaderMap, issuer: &str) -> bool {
    let text = |name| headers.get(name).map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or("?"));
    match (text(header::HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => WebOrigin::of_url(issuer).is_ok_and(|own| own.as_str() == origin),
        (None, None) => true,
    }
}

/// True when a write comes from no page at all, but from a program that chose what it sends, its cookies too.
pub(crate) fn is_by_program(headers: &axum::http::HeaderMap) -> bool {
    !headers.contains_key("sec-fetch-site") && !headers.contains_key(header::ORIGIN)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::*;

    fn allowed(pairs: &[(&'static str, &'static str)]) -> bool {
        allowed_at("https://id.example", pairs)
    }

    fn allowed_at(issuer: &str, pairs: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_same_origin(&headers, issuer)
    }

    #[test]
    fn browsers_write_an_origin_in_their_own_way() {
        assert!(allowed_at("http://MyHost:8000", &[("origin", "http://myhost:8000")]));
        assert!(allowed_at("http://id.lan:80", &[("origin", "http://id.lan")]));
        assert!(!allowed_at("http://id.lan:80", &[("origin", "http://id.lan:8000")]));
    }

    #[test]
    fn other_sites_do_not_write() {
        assert!(allowed(&[]));
        assert!(allowed(&[("sec-fetch-site", "same-origin"), ("origin", "https://id.example")]));
        assert!(allowed(&[("origin", "https://id.example")]));
        assert!(!allowed(&[("sec-fetch-site", "cross-site")]));
        assert!(!allowed(&[("sec-fetch-site", "same-site")]));
        assert!(!allowed(&[("origin", "https://evil.example")]));
        assert!(!allowed(&[("origin", "null")]));
    }
}
