//! Cross-site writes are refused by what the browser says of itself: `Sec-Fetch-Site`, or `Origin` where that is missing. A
//! plain HTTP client sends neither, carries no cookies it was not given, and is served.

use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp::activity;
use oauth::activity::EventKind;
use oauth::id::Issuer;
use oauth::origin::WebOrigin;
use oauth::refusal::Reason;

use super::failure::request_id;
use super::headers::single;
use crate::endpoints::{Endpoint, Writes};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The answer to a write that an endpoint takes from our own pages only, and that comes from another.
pub(crate) fn refusal(endpoint: &Endpoint, method: &Method, headers: &HeaderMap, issuer: &Issuer) -> Option<Response> {
    let safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let is_open = endpoint.writes == Writes::AnyOrigin;
    (!safe && !is_open && !is_same_origin(headers, issuer)).then(|| forbidden(headers, issuer))
}

/// The answer to a write that comes from elsewhere.
pub(crate) fn forbidden(headers: &HeaderMap, issuer: &Issuer) -> Response {
    let reason = Reason::CrossSite;
    activity::refused_early(EventKind::Request, reason, reason.description());
    activity::fact("parameter", "Origin");
    activity::fact("sent", single(headers, header::ORIGIN).unwrap_or_default());
    let own = WebOrigin::of_url(issuer.as_str()).map(|own| own.as_str().to_owned());
    activity::fact("expected", vec![own.unwrap_or_default()]);
    let id = request_id().map(|id| format!("Request ID: {id}\n")).unwrap_or_default();
    let text = format!(
        "This request was refused: it does not come from a page of {issuer}, which is the ISSUER of this server.\n{id}"
    );
    (StatusCode::FORBIDDEN, text).into_response()
}

/// True for a write that comes from a page of this server, or from no page at all.
pub(crate) fn is_same_origin(headers: &HeaderMap, issuer: &Issuer) -> bool {
    match (single(headers, SEC_FETCH_SITE), single(headers, header::ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => WebOrigin::of_url(issuer.as_str()).is_ok_and(|own| own.as_str() == origin),
        (None, None) => true,
    }
}

/// True when a write comes from no page at all, but from a program that chose what it sends, its cookies too.
pub(crate) fn is_by_program(headers: &axum::http::HeaderMap) -> bool {
    !headers.contains_key("sec-fetch-site") && !headers.contains_key(header::ORIGIN)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn allowed(pairs: &[(&'static str, &'static str)]) -> bool {
        allowed_at("https://id.example", pairs)
    }

    fn allowed_at(issuer: &str, pairs: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_same_origin(&headers, &Issuer::parse(issuer).unwrap())
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
        assert!(!allowed(&[("origin", "")]));
    }

    #[test]
    fn what_cannot_be_read_does_not_count_as_missing() {
        let headers = |lines: &[(&'static str, &[u8])]| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
            }
            headers
        };
        let issuer = Issuer::parse("https://id.example/auth").unwrap();
        assert!(is_same_origin(&headers(&[("origin", b"https://id.example")]), &issuer));
        for lines in [
            &[("sec-fetch-site", &b"\xff"[..])][..],
            &[("origin", b"\xff")],
            &[("sec-fetch-site", b"\xff"), ("origin", b"https://id.example")],
            &[("sec-fetch-site", b"same-origin"), ("sec-fetch-site", b"cross-site")],
            &[("origin", b"https://id.example"), ("origin", b"https://evil.example")],
        ] {
            assert!(!is_same_origin(&headers(lines), &issuer), "{lines:?}");
        }
    }
}
