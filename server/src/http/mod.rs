//! HTTP, as all handlers need it.

pub(crate) mod access;
pub(crate) mod compress;
pub(crate) mod cookie;
mod cors;
pub(crate) mod failure;
pub(crate) mod form;
pub(crate) mod gate;
pub(crate) mod headers;
pub(crate) mod host;
pub(crate) mod mount;
mod navigation;
pub(crate) mod page;
mod rebase;
pub(crate) mod same_origin;

use axum::response::{IntoResponse, Response};
use oauth::form::Form;
use oauth::id::Issuer;

/// `303 See Other`: the browser goes on with GET, whatever it came with.
pub(crate) fn see_other(location: &str) -> Response {
    // Location must be visible ASCII; what our own code puts there is percent-encoded already.
    match axum::http::HeaderValue::from_str(location) {
        Ok(value) => (axum::http::StatusCode::SEE_OTHER, [(axum::http::header::LOCATION, value)]).into_response(),
        Err(_) => axum::http::StatusCode::BAD_REQUEST.into_response(),
    }
}

/// The address to go to after signing in, seen from inside: one of this server and nothing else, so that nobody can lead people
/// elsewhere. `next` is one as browsers see it, below the path of the issuer, or the whole URL.
pub(crate) fn same_origin_path<'a>(next: &'a str, issuer: &Issuer) -> Option<&'a str> {
    let next = next.strip_prefix(issuer.origin()).unwrap_or(next).strip_prefix(issuer.path())?;
    let (path, _) = next.split_once(['?', '#']).unwrap_or((next, ""));
    // `//host` and `/\host` are other hosts to a browser, it drops tabs and line ends before it looks, and it follows `..` upwards.
    let is_ours = next.starts_with('/') && !next[1..].starts_with(['/', '\\']) && !path.split(['/', '\\']).any(is_dots);
    (is_ours && next.bytes().all(|byte| matches!(byte, 0x21..=0x7e))).then_some(next)
}

/// `.` and `..`, as browsers read them (WHATWG URL, section 4.4).
fn is_dots(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

/// The login page at `door`, from where it goes on to `next`, an address seen from inside.
pub(crate) fn login_address(door: &str, next: &str, issuer: &Issuer) -> String {
    format!("{door}?{}", Form::default().with("next", &issuer.address(next)).encode())
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
            "/x/../y",
            "/%2E%2e/y",
            "/./y",
            "/x/..",
            "/..?a",
        ] {
            assert_eq!(same_origin_path(elsewhere, &issuer), None, "{elsewhere:?}");
        }
    }

    #[test]
    fn next_stays_below_the_path_of_the_issuer() {
        let issuer = Issuer::parse("https://example.com/docs").unwrap();
        for (next, path) in [
            ("/docs/authorize?a=b", "/authorize?a=b"),
            ("https://example.com/docs/authorize?a=../..", "/authorize?a=../.."),
            ("/docs/docs/api", "/docs/api"),
            ("/docs/", "/"),
        ] {
            assert_eq!(same_origin_path(next, &issuer), Some(path));
        }
        for elsewhere in
            ["/authorize", "/", "/docsx/", "/docs//evil.example", "/docs/../mail", "https://example.com/mail"]
        {
            assert_eq!(same_origin_path(elsewhere, &issuer), None, "{elsewhere:?}");
        }
        let address = login_address("/login", "/authorize?a=b", &issuer);
        assert_eq!(address, "/login?next=%2Fdocs%2Fauthorize%3Fa%3Db");
    }
}
