//! HTTP, as all handlers need it.

pub(crate) mod access;
pub(crate) mod cookie;
pub(crate) mod cors;
pub(crate) mod failure;
pub(crate) mod form;
pub(crate) mod page;
pub(crate) mod same_origin;

use axum::response::{IntoResponse, Response};

/// `303 See Other`: the browser goes on with GET, whatever it came with.
pub(crate) fn see_other(location: &str) -> Response {
    // Location must be visible ASCII; what our own code puts there is percent-encoded already.
    match axum::http::HeaderValue::from_str(location) {
        Ok(value) => (axum::http::StatusCode::SEE_OTHER, [(axum::http::header::LOCATION, value)]).into_response(),
        Err(_) => axum::http::StatusCode::BAD_REQUEST.into_response(),
    }
}

/// The path to go to after signing in: a path of this server and nothing else, so that nobody can lead people elsewhere.
pub(crate) fn same_origin_path(next: &str) -> Option<&str> {
    // `//host` and `/\host` are other hosts to a browser, and it drops tabs and line ends before it looks.
    let local = next.starts_with('/') && !next[1..].starts_with(['/', '\\']);
    (local && next.bytes().all(|byte| matches!(byte, 0x21..=0x7e))).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_stays_on_this_server() {
        assert_eq!(same_origin_path("/authorize?a=b"), Some("/authorize?a=b"));
        for elsewhere in
            ["", "x", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/a b", "/ä"]
        {
            assert_eq!(same_origin_path(elsewhere), None, "{elsewhere:?}");
        }
    }
}
