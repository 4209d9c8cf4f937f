//! The head of a request as a whole (RFC 9112 §3): which host it is for. Nothing else of this server looks at that, but what
//! stands before and behind it may, so a request that can be read in two ways is refused.

use axum::http::{HeaderMap, Request, StatusCode, Uri, Version, header};
use axum::response::{IntoResponse as _, Response};

/// Why a request names no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HostError {
    #[error("the header Host is missing")]
    Missing,
    #[error("the header Host was sent more than once")]
    Repeated,
    #[error("the header Host is no host and port")]
    Malformed,
    #[error("the target of the request is no address of a server")]
    Target,
}

impl HostError {
    /// 400; the connection ends, for what comes next on it may be a part of this request.
    pub(crate) fn into_answer(self) -> Response {
        (StatusCode::BAD_REQUEST, [(header::CONNECTION, "close")], format!("This request cannot be read: {self}.\n"))
            .into_response()
    }
}

/// Makes sure that a request is for one host (RFC 9112 §3.2): exactly one, well-formed header `Host`, which HTTP/1.0 may leave
/// out; and that a target in absolute form, whose host counts instead of the header's (§3.2.2), names one, too.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn check<B>(request: &Request<B>) -> Result<(), HostError> {
    check_header(request.headers(), request.version())?;
    check_target(request.uri())
}

fn check_header(headers: &HeaderMap, version: Version) -> Result<(), HostError> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if version == Version::HTTP_10 => Ok(()),
        (None, _) => Err(HostError::Missing),
        (Some(_), Some(_)) => Err(HostError::Repeated),
        (Some(host), None) if is_host(host.as_bytes()) => Ok(()),
        (Some(_), None) => Err(HostError::Malformed),
    }
}

fn check_target(uri: &Uri) -> Result<(), HostError> {
    let is_http = matches!(uri.scheme_str(), None | Some("http" | "https"));
    let is_host = uri.authority().is_none_or(|authority| is_host(authority.as_str().as_bytes()));
    // An authority alone is for CONNECT, which is for proxies.
    let is_server = uri.authority().is_none() || uri.scheme().is_some();
    if is_http && is_host && is_server { Ok(()) } else { Err(HostError::Target) }
}

/// `uri-host [ ":" port ]` (RFC 9110 §7.2); a host of http and https is not empty (§4.2.1).
fn is_host(value: &[u8]) -> bool {
    let colon =
        value.iter().rposition(|byte| *byte == b':').filter(|at| !value.get(*at..).unwrap_or_default().contains(&b']'));
    let (host, port) = colon.and_then(|at| value.split_at_checked(at)).unwrap_or((value, b""));
    let is_port = port.iter().skip(1).all(u8::is_ascii_digit);
    let is_literal = || {
        let inside = host.strip_prefix(b"[")?.strip_suffix(b"]")?;
        std::str::from_utf8(inside).ok()?.parse::<std::net::Ipv6Addr>().ok()
    };
    let is_name = || {
        !host.is_empty() && host.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(byte))
    };
    is_port && (is_name() || is_literal().is_some())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn judge(version: Version, target: &str, hosts: &[&[u8]]) -> Result<(), HostError> {
        let mut request = Request::builder().version(version).uri(target).body(()).unwrap();
        for host in hosts {
            request.headers_mut().append(header::HOST, HeaderValue::from_bytes(host).unwrap());
        }
        check(&request)
    }

    #[test]
    fn a_request_names_one_host() {
        for host in [
            "id.example",
            "id.example:8443",
            "id.example:",
            "127.0.0.1:8000",
            "[::1]",
            "[2001:db8::1]:80",
            "my_host",
            "a%2Db",
        ] {
            assert_eq!(judge(Version::HTTP_11, "/", &[host.as_bytes()]), Ok(()), "{host}");
        }
        for host in
            ["", ":80", "a b", "a/b", "me@id.example", "id.example:x", "[::1", "::1", "[::1]x:80", "[id]", "a:1:2", "ä"]
        {
            assert_eq!(judge(Version::HTTP_11, "/", &[host.as_bytes()]), Err(HostError::Malformed), "{host}");
        }
        assert_eq!(judge(Version::HTTP_11, "/", &[b"\xff"]), Err(HostError::Malformed));
        assert_eq!(judge(Version::HTTP_11, "/", &[]), Err(HostError::Missing));
        assert_eq!(judge(Version::HTTP_10, "/", &[]), Ok(()));
        for version in [Version::HTTP_10, Version::HTTP_11] {
            assert_eq!(judge(version, "/", &[b"a", b"a"]), Err(HostError::Repeated));
            assert_eq!(judge(version, "/", &[b"a b"]), Err(HostError::Malformed));
        }
    }

    #[test]
    fn a_target_in_absolute_form_names_a_host() {
        for target in ["http://id.example/login?a", "https://[::1]:8000/", "*", "/"] {
            assert_eq!(judge(Version::HTTP_11, target, &[b"id.example"]), Ok(()), "{target}");
        }
        for target in ["ftp://id.example/", "http://me@id.example/", "id.example:443"] {
            assert_eq!(judge(Version::HTTP_11, target, &[b"id.example"]), Err(HostError::Target), "{target}");
        }
        assert_eq!(judge(Version::HTTP_11, "http://id.example/", &[]), Err(HostError::Missing));
    }
}
