//! Web origins: what a browser sends as `Origin` (RFC 6454, Fetch §3.2).

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr as _;

use fluent_uri::Iri;

/// Scheme, host and port of a page, in the one form in which origins are compared (RFC 6454 §6.2): lower case, no default port,
/// an international name in ASCII (RFC 5891), an IPv6 address as RFC 5952 writes it.
///
/// The scheme need not be http(s): pages of an application in a web view come from `capacitor://localhost`, those of a browser
/// extension from `chrome-extension://` and its ID.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebOrigin(String);

/// Why a text is no origin that a page can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    #[error("An origin is scheme, host and port, for example https://app.example.com.")]
    NotAnOrigin,
    #[error("Wildcards do not work: a browser names one origin, and it must be one of these. List each.")]
    Wildcard,
    #[error("“null” is what pages without an origin of their own send: it could be anybody's.")]
    Null,
    #[error("An origin has no path, query or fragment: end it after the host and port.")]
    Path,
    #[error("An origin has no user name or password.")]
    UserInfo,
    #[error("The host is neither a domain name nor an IP address.")]
    Host,
    #[error("The port is not a number from 1 to 65535.")]
    Port,
    #[error("No page has an origin of this scheme.")]
    Scheme,
}

/// Schemes whose pages have no origin but `null`, or that have no pages.
const WITHOUT_ORIGIN: [&str; 12] =
    ["about", "blob", "data", "file", "filesystem", "ftp", "javascript", "mailto", "urn", "vbscript", "ws", "wss"];

impl WebOrigin {
    /// Reads an origin as it is typed: a slash at the end is passed over.
    ///
    /// # Errors
    /// See [`OriginError`].
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        if text.contains('*') {
            return Err(OriginError::Wildcard);
        }
        if text.eq_ignore_ascii_case("null") {
            return Err(OriginError::Null);
        }
        let iri = Iri::parse(text).map_err(|_| OriginError::NotAnOrigin)?;
        if !matches!(iri.path().as_str(), "" | "/") || iri.query().is_some() || iri.fragment().is_some() {
            return Err(if iri.authority().is_some() { OriginError::Path } else { OriginError::NotAnOrigin });
        }
        Self::of(iri)
    }

    /// The origin of the page at a URL.
    ///
    /// # Errors
    /// See [`OriginError`].
    pub fn of_url(url: &str) -> Result<Self, OriginError> {
        Self::of(Iri::parse(url).map_err(|_| OriginError::NotAnOrigin)?)
    }

    fn of(iri: Iri<&str>) -> Result<Self, OriginError> {
        let scheme = iri.scheme().as_str().to_ascii_lowercase();
        if WITHOUT_ORIGIN.contains(&scheme.as_str()) {
            return Err(OriginError::Scheme);
        }
        let authority = iri.authority().ok_or(OriginError::NotAnOrigin)?;
        if authority.has_userinfo() {
            return Err(OriginError::UserInfo);
        }
        let host = canonical_host(authority.host()).ok_or(OriginError::Host)?;
        let port = authority.port().map(|port| port.as_str()).filter(|port| !port.is_empty());
        let port = port.map(|port| port.parse::<u16>().ok().filter(|port| *port != 0).ok_or(OriginError::Port));
        let default_port = match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        Ok(Self(match port.transpose()?.filter(|port| Some(*port) != default_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }))
    }

    /// As a browser writes it in the header `Origin`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// A host in its one form. Browsers take a name whose last label is a number for an IPv4 address, in whatever notation; so one
/// that is no such address is no host.
pub(crate) fn canonical_host(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        let address = Ipv6Addr::from_str(address.strip_suffix(']')?).ok()?;
        return Some(format!("[{address}]"));
    }
    let ascii = crate::idn::url_host(host)?;
    // Signs that a URI may hold there are in no name, and would be signs of whatever the host is written into.
    if !ascii.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
        return None;
    }
    // A dot behind the last label says that nothing is missing there (RFC 1034 §3.1).
    let name = ascii.strip_suffix('.').unwrap_or(&ascii);
    if name.split('.').any(str::is_empty) {
        return None;
    }
    let last = name.rsplit('.').next()?;
    let is_number = last.starts_with(|first: char| first.is_ascii_digit())
        && (last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x"));
    if is_number && Ipv4Addr::from_str(&ascii).is_err() {
        return None;
    }
    Some(ascii.into_owned())
}

/// A host in the form in which hosts, and not origins, are compared: with or without a dot at its end it is the same one.
pub(crate) fn comparable_host(host: &str) -> Option<String> {
    canonical_host(host).map(|host| without_root(&host).to_owned())
}

/// A host without the dot at its end.
pub(crate) fn without_root(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_compared_in_one_form() {
        for (written, compared) in [
            ("localhost.", Some("localhost")),
            ("A.Example.", Some("a.example")),
            ("Bücher.example", Some("xn--bcher-kva.example")),
            ("[::1]", Some("[::1]")),
            ("127.0.0.1", Some("127.0.0.1")),
            ("", None),
            (".", None),
            ("x..", None),
            (".x", None),
            ("a..b", None),
            ("a。。b", None),
        ] {
            assert_eq!(comparable_host(written).as_deref(), compared, "{written}");
        }
        assert_eq!(canonical_host("x.").as_deref(), Some("x."), "to a browser, the origin is another one");
    }

    #[test]
    fn an_origin_has_one_form() {
        for (typed, origin) in [
            ("https://app.example.com", "https://app.example.com"),
            ("https://App.Example.com/", "https://app.example.com"),
            ("HTTPS://app.example.com", "https://app.example.com"),
            ("https://app.example.com:443", "https://app.example.com"),
            ("https://app.example.com:", "https://app.example.com"),
            ("http://localhost:80", "http://localhost"),
            ("http://localhost:05173", "http://localhost:5173"),
            ("https://app.example.com:80", "https://app.example.com:80"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("https://BÜCHER.example:8443/", "https://xn--bcher-kva.example:8443"),
            ("http://[2001:DB8:0:0:0:0:0:1]:3000", "http://[2001:db8::1]:3000"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("capacitor://localhost", "capacitor://localhost"),
            ("Ionic://localhost/", "ionic://localhost"),
            ("tauri://localhost", "tauri://localhost"),
            ("http://tauri.localhost", "http://tauri.localhost"),
            (
                "chrome-extension://mfcplkpdgihmnoiepbhgplbinpllkcle",
                "chrome-extension://mfcplkpdgihmnoiepbhgplbinpllkcle",
            ),
            (
                "moz-extension://5d3e5a3c-0d5c-4a4f-9a43-b1f7b3a04c2d",
                "moz-extension://5d3e5a3c-0d5c-4a4f-9a43-b1f7b3a04c2d",
            ),
        ] {
            let parsed = WebOrigin::parse(typed).map_err(|error| format!("{typed}: {error}")).unwrap();
            assert_eq!(parsed.as_str(), origin, "{typed}");
            assert_eq!(WebOrigin::parse(origin).as_ref(), Ok(&parsed), "{typed}");
        }
    }

    #[test]
    fn what_no_browser_sends_is_refused_by_its_reason() {
        use OriginError as E;
        for (typed, error) in [
            ("https://*.example.com", E::Wildcard),
            ("*", E::Wildcard),
            ("null", E::Null),
            ("", E::NotAnOrigin),
            ("app.example.com", E::NotAnOrigin),
            ("localhost:3000", E::NotAnOrigin),
            ("https:", E::NotAnOrigin),
            ("https://a b", E::NotAnOrigin),
            ("https://app.example.com/app", E::Path),
            ("https://app.example.com?x", E::Path),
            ("https://app.example.com/#", E::Path),
            ("https://app.example.com//", E::Path),
            ("https://me@app.example.com", E::UserInfo),
            ("https://", E::Host),
            ("https://a%2eexample", E::Host),
            ("https://1.2.3", E::Host),
            ("https://a..example", E::Host),
            ("https://.example", E::Host),
            ("https://0x7f.1", E::Host),
            ("https://256.1.1.1", E::Host),
            ("https://app.example.com:0", E::Port),
            ("https://app.example.com:65536", E::Port),
            ("file://localhost", E::Scheme),
            ("ws://app.example.com", E::Scheme),
            ("about:blank", E::NotAnOrigin),
        ] {
            assert_eq!(WebOrigin::parse(typed), Err(error), "{typed}");
        }
    }

    #[test]
    fn a_host_holds_no_signs_of_what_it_is_written_into() {
        for host in ["!;report-uri", "a,b.example", "a'b.example", "a b.example", "a\"b.example", "a*b.example", "$(x)"]
        {
            assert_eq!(canonical_host(host), None, "{host}");
            assert!(WebOrigin::of_url(&format!("https://{host}/")).is_err(), "{host}");
        }
        assert_eq!(canonical_host("under_score.example").as_deref(), Some("under_score.example"));
    }

    #[test]
    fn a_page_has_the_origin_of_its_url() {
        let origin = |url| WebOrigin::of_url(url).map(WebOrigin::into_string).ok();
        assert_eq!(origin("https://App.example:443/x?y#z").as_deref(), Some("https://app.example"));
        assert_eq!(origin("http://localhost:3000/cb").as_deref(), Some("http://localhost:3000"));
        assert_eq!(origin("com.example.app:/cb"), None);
    }
}
