//! HTTP, as all handlers need it.

pub(crate) mod access;
pub(crate) mod cookie;
pub(crate) mod cors;
pub(crate) mod failure;
pub(crate) mod form;
pub(crate) mod navigation;
pub(crate) mod page;
pub(crate) mod same_origin;

use axum::response::{IntoResponse, Response};
use oauth::id::Issuer;

/// `303 See Other`: the browser goes on with GET, whatever it came with.
pub(crate) fn see_other(location: &str) -> Response {
    // Location must be visible ASCII; what our own code puts there is percent-encoded already.
    match axum::http::HeaderValue::from_str(location) {
        Ok(value) => (axum::http::StatusCode::SEE_OTHER, [(axum::http::header::LOCATION, value)]).into_response(),
        Err(_) => axum::http::StatusCode::BAD_REQUEST.into_response(),
    }
}

/// The path to go to after signing in: a path of this server and nothing else, so that nobody can lead people elsewhere. Scripts
/// may write the address in full.
pub(crate) fn same_origin_path<'a>(next: &'a str, issuer: &Issuer) -> Option<&'a str> {
    let next = next.strip_prefix(issuer.as_str()).unwrap_or(next);
    // `//host` and `/\host` are other hosts to a browser, and it drops tabs and line ends before it looks.
    let local = next.starts_with('/') && !next[1..].starts_with(['/', '\\']);
    (local && next.bytes().all(|byte| matches!(byte, 0x21..=0x7e))).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_stays_on_this_server() {
        let issuer = Issuer::parse("https://id.example").unwrap();
        for here in ["/authorize?a=b", "https://id.example/authorize?a=b"] {
            assert_eq!(same_origin_path(here, &issuer), Some("/authorize?a=b"));
        }
        for elsewhere in [
            "",
            "x",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "https://id.example.evil.example/",
            "https://id.example@evil.example/",
            "https://id.example:444/",
            "https://id.example//evil.example",
            "/\t/evil.example",
            "/a b",
            "/ä",
        ] {
            assert_eq!(same_origin_path(elsewhere, &issuer), None, "{elsewhere:?}");
        }
    }
}
