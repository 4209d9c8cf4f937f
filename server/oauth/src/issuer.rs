//! The issuer: the external URL of this server, from which all its addresses are made.

use std::fmt;

use fluent_uri::Iri;

use crate::origin::canonical_host;

/// `iss`: the external URL of this server, from configuration, never from a request (RFC 8414 §2). Kept in canonical form, for
/// clients compare it as a string: scheme and host in lower case, no default port, an international name in ASCII (RFC 5891), an
/// IPv6 address as RFC 5952 writes it, no slash at the end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Issuer {
    url: String,
    /// The length of scheme, host and port in `url`.
    origin: usize,
    /// None: the default port of the scheme.
    port: Option<u16>,
}

/// Why a URL cannot be an issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    #[error("it is not an absolute URL")]
    NotAUrl,
    #[error("its scheme must be https (or http, for development)")]
    Scheme,
    #[error("it must not have a query or a fragment (RFC 8414, section 2)")]
    QueryOrFragment,
    #[error("it must not have a user name or a password")]
    UserInfo,
    #[error("its host is neither a domain name nor an IP address")]
    Host,
    #[error("its port must be a number from 1 to 65535")]
    Port,
    #[error("its path must not have an empty segment, as in //")]
    EmptySegment,
    #[error("its path must not have the segments . and ..")]
    DotSegment,
    #[error("its path must not have percent-encoded characters")]
    PercentEncoded,
    #[error("its path may have letters, digits, - . _ and ~ only")]
    PathCharacter,
    #[error("its path must not begin with /.well-known, where the addresses of metadata are (RFC 8414, section 3.1)")]
    WellKnown,
}

impl Issuer {
    /// # Errors
    /// When `url` is not an `http(s)` URL of a host, or has what the URL of an issuer does not have.
    pub fn parse(url: &str) -> Result<Self, IssuerError> {
        let iri = Iri::parse(url.trim()).map_err(|_| IssuerError::NotAUrl)?;
        let scheme = iri.scheme().as_str().to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return Err(IssuerError::Scheme),
        };
        let authority = iri.authority().ok_or(IssuerError::NotAUrl)?;
        if authority.has_userinfo() {
            return Err(IssuerError::UserInfo);
        }
        if iri.query().is_some() || iri.fragment().is_some() {
            return Err(IssuerError::QueryOrFragment);
        }
        let host = canonical_host(authority.host()).ok_or(IssuerError::Host)?;
        let port = match authority.port().map(|port| port.as_str()).filter(|port| !port.is_empty()) {
            Some(port) => Some(port.parse().ok().filter(|port| *port != 0).ok_or(IssuerError::Port)?),
            None => None,
        };
        let port = port.filter(|port| *port != default_port);
        let path = iri.path().as_str();
        let path = path.strip_suffix('/').unwrap_or(path);
        check_path(path)?;
        let port_text = port.map(|port| format!(":{port}")).unwrap_or_default();
        let origin = format!("{scheme}://{host}{port_text}");
        Ok(Self { origin: origin.len(), url: origin + path, port })
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Scheme, host and port: the origin of this server's pages, as browsers write it (RFC 6454 §6.2).
    #[must_use]
    pub fn origin(&self) -> &str {
        self.url.split_at_checked(self.origin).unwrap_or_default().0
    }

    /// The path under which this server's addresses are: empty, or `/` and more without a slash at the end.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.split_at_checked(self.origin).unwrap_or_default().1
    }

    /// None: the default port of the scheme.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// True when cookies can be `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.starts_with("https:")
    }

    /// The absolute URL of `address` (which begins with `/`) at this server.
    #[must_use]
    pub fn url(&self, address: &str) -> String {
        format!("{}{address}", self.url)
    }

    /// `address` (which begins with `/`) as a browser names it on this server's host: below the issuer's path.
    #[must_use]
    pub fn address(&self, address: &str) -> String {
        format!("{}{address}", self.path())
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

/// A path is written in one way only, so that cookies, proxies and browsers agree on what is below it.
fn check_path(path: &str) -> Result<(), IssuerError> {
    if path.contains('%') {
        return Err(IssuerError::PercentEncoded);
    }
    for (place, segment) in path.split('/').skip(1).enumerate() {
        match segment {
            "" => return Err(IssuerError::EmptySegment),
            "." | ".." => return Err(IssuerError::DotSegment),
            ".well-known" if place == 0 => return Err(IssuerError::WellKnown),
            _ if !segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)) => {
                return Err(IssuerError::PathCharacter);
            }
            _ => {}
        }
    }
    Ok(())
}

/// The hosts of this server.
#[derive(Debug, Clone, Copy)]
pub struct Hosts<'a> {
    pub issuer: &'a Issuer,
    /// The other one, at which a proxy asks for certificates (RFC 8705 §5).
    pub mtls: Option<&'a Issuer>,
}

impl<'a> Hosts<'a> {
    /// The addresses of an endpoint.
    pub fn urls(self, path: &'a str) -> impl Iterator<Item = String> + 'a {
        std::iter::once(self.issuer).chain(self.mtls).map(move |host| host.url(path))
    }

    /// True for an address of one of these endpoints.
    #[must_use]
    pub fn have(self, paths: &[&str], url: &str) -> bool {
        paths.iter().any(|path| self.urls(path).any(|here| here == url))
    }
}

impl<'a> From<&'a Issuer> for Hosts<'a> {
    fn from(issuer: &'a Issuer) -> Self {
        Self { issuer, mtls: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_kept_in_canonical_form() {
        for (written, canonical) in [
            ("https://id.example.com/", "https://id.example.com"),
            ("HTTPS://ID.Example.com", "https://id.example.com"),
            ("  https://id.example.com:443  ", "https://id.example.com"),
            ("https://id.example.com:", "https://id.example.com"),
            ("http://localhost:80", "http://localhost"),
            ("https://id.example.com:80", "https://id.example.com:80"),
            ("https://id.example.com:08443", "https://id.example.com:8443"),
            ("https://Bücher.example", "https://xn--bcher-kva.example"),
            ("https://XN--BCHER-KVA.example/Auth/", "https://xn--bcher-kva.example/Auth"),
            ("http://[2001:DB8:0:0:0:0:0:1]:8000", "http://[2001:db8::1]:8000"),
            ("http://[::1]", "http://[::1]"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://my_host:8000", "http://my_host:8000"),
            ("https://example.com/auth", "https://example.com/auth"),
            ("https://example.com/a/b_c.d~e-1/", "https://example.com/a/b_c.d~e-1"),
        ] {
            let issuer = Issuer::parse(written).unwrap();
            assert_eq!(issuer.as_str(), canonical, "{written}");
            assert_eq!(Issuer::parse(canonical).as_ref(), Ok(&issuer), "{written}");
            assert_eq!(format!("{}{}", issuer.origin(), issuer.path()), canonical);
        }
    }

    #[test]
    fn what_cannot_be_an_issuer_is_refused_with_the_reason() {
        for (url, error) in [
            ("", IssuerError::NotAUrl),
            ("a.example", IssuerError::NotAUrl),
            ("https:/a.example", IssuerError::NotAUrl),
            ("https://a b.example", IssuerError::NotAUrl),
            ("ftp://a.example", IssuerError::Scheme),
            ("https://a.example?x", IssuerError::QueryOrFragment),
            ("https://a.example/?", IssuerError::QueryOrFragment),
            ("https://a.example/#", IssuerError::QueryOrFragment),
            ("https://me:secret@a.example", IssuerError::UserInfo),
            ("https://@a.example", IssuerError::UserInfo),
            ("https://", IssuerError::Host),
            ("https://:8443", IssuerError::Host),
            ("https://a%2eexample", IssuerError::Host),
            ("https://1.2.3", IssuerError::Host),
            ("https://256.1.1.1", IssuerError::Host),
            ("https://0x7f.1", IssuerError::Host),
            ("https://[v1.x]", IssuerError::Host),
            ("https://a.example:0", IssuerError::Port),
            ("https://a.example:65536", IssuerError::Port),
            ("https://a.example//", IssuerError::EmptySegment),
            ("https://a.example/x//y", IssuerError::EmptySegment),
            ("https://a.example/x/../y", IssuerError::DotSegment),
            ("https://a.example/./x", IssuerError::DotSegment),
            ("https://a.example/%61uth", IssuerError::PercentEncoded),
            ("https://a.example/x;y", IssuerError::PathCharacter),
            ("https://a.example/auth@home", IssuerError::PathCharacter),
            ("https://a.example/über", IssuerError::PathCharacter),
            ("https://a.example/.well-known/x", IssuerError::WellKnown),
        ] {
            assert_eq!(Issuer::parse(url).unwrap_err(), error, "{url}");
        }
    }

    #[test]
    fn addresses_are_below_the_path() {
        let issuer = Issuer::parse("https://example.com:8443/auth").unwrap();
        assert_eq!((issuer.origin(), issuer.path()), ("https://example.com:8443", "/auth"));
        assert_eq!(issuer.url("/token"), "https://example.com:8443/auth/token");
        assert_eq!(issuer.address("/token"), "/auth/token");
        assert_eq!(issuer.port(), Some(8443));
        assert_eq!(Issuer::parse("https://example.com").unwrap().address("/token"), "/token");
    }
}
