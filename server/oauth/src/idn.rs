//! Host names as they are on the wire: small ASCII letters (UTS #46). The browser has no tables of other scripts: there a name that
//! is not ASCII passes as it is, and the server judges it.

use std::borrow::Cow;

/// The host of a URL in ASCII (URL Standard, "domain to ASCII"); `None` if it is none.
#[cfg(feature = "idna")]
pub(crate) fn url_host(host: &str) -> Option<Cow<'_, str>> {
    idna::domain_to_ascii_cow(host.as_bytes(), idna::AsciiDenyList::URL).ok()
}

/// The same, as far as it can be told without tables.
#[cfg(not(feature = "idna"))]
pub(crate) fn url_host(host: &str) -> Option<Cow<'_, str>> {
    by_ascii(host)
}

/// The domain of an address in ASCII.
#[cfg(feature = "idna")]
pub(crate) fn domain(domain: &str) -> Option<String> {
    idna::domain_to_ascii(domain).ok()
}

/// The same, as far as it can be told without tables.
#[cfg(not(feature = "idna"))]
pub(crate) fn domain(domain: &str) -> Option<String> {
    Some(domain.to_lowercase())
}

/// A host by its ASCII characters alone: in small letters, without those that no host has (URL Standard, "forbidden domain code
/// point").
#[cfg(any(test, not(feature = "idna")))]
fn by_ascii(host: &str) -> Option<Cow<'_, str>> {
    let is_forbidden = |c: char| c <= ' ' || c == '\u{7f}' || "#%/:<>?@[\\]^|".contains(c);
    if host.contains(is_forbidden) {
        return None;
    }
    Some(if host.contains(|c: char| c.is_ascii_uppercase()) { host.to_ascii_lowercase().into() } else { host.into() })
}

#[cfg(all(test, feature = "idna"))]
mod tests {
    use super::*;

    #[test]
    fn without_tables_ascii_hosts_are_judged_the_same() {
        for host in
            ["example.com", "EXAMPLE.com", "a_b.example", "xn--bcher-kva.example", "1.2.3.4", "localhost", "x.", ""]
        {
            assert_eq!(by_ascii(host), url_host(host), "{host}");
        }
        for c in (0..128).map(char::from) {
            let host = format!("a{c}b.example");
            assert_eq!(by_ascii(&host).is_some(), url_host(&host).is_some(), "{c:?}");
        }
        assert_eq!(by_ascii("b\u{fc}cher.example").as_deref(), Some("b\u{fc}cher.example"));
    }
}
