//! URLs that are fetched, and the hosts that an operator allows although their addresses are not public.

use std::collections::HashSet;
use std::net::IpAddr;

use fluent_uri::Uri;
use oauth::origin::WebOrigin;

use super::error::FetchError;

/// The longest URL that is fetched, in bytes.
const MAX_URL: usize = 2_048;

/// A URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) encrypted: bool,
    /// In its one form (RFC 6454 §6.2), an IPv6 address without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// `host[:port]` as the header `Host` has it (RFC 9110 §7.2).
    pub(super) authority: String,
    /// `/path?query` (RFC 9112 §3.2.1).
    pub(super) path: String,
}

impl Target {
    /// # Errors
    /// When it is no absolute http or https URL of a host.
    pub(super) fn parse(url: &str) -> Result<Self, FetchError> {
        if url.len() > MAX_URL {
            return Err(FetchError::Url("it is longer than 2,048 bytes"));
        }
        let uri = Uri::parse(url).map_err(|_| FetchError::Url("it is not absolute, or holds a wrong character"))?;
        if uri.fragment().is_some() {
            return Err(FetchError::Url("it has a #fragment"));
        }
        let encrypted = match uri.scheme().as_str().to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(FetchError::Url("its scheme is not https")),
        };
        let origin =
            WebOrigin::of_url(url).map_err(|_| FetchError::Url("its host or port is none, or it has a user name"))?;
        let (_, authority) = origin.as_str().split_once("://").unwrap_or_default();
        let (host, port) = split_port(authority);
        let path = match uri.path().as_str() {
            "" => "/",
            path => path,
        };
        let query = uri.query().map(|query| format!("?{}", query.as_str())).unwrap_or_default();
        Ok(Self {
            encrypted,
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: port.unwrap_or(if encrypted { 443 } else { 80 }),
            authority: authority.to_owned(),
            path: format!("{path}{query}"),
        })
    }

    /// The address that stands in the URL itself.
    pub(super) fn literal(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// Host and port of a canonical `host[:port]`.
fn split_port(authority: &str) -> (&str, Option<u16>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (authority, None),
    }
}

/// `ALLOWED_FETCH_HOSTS`: hosts that are asked although their addresses are not public. One without a port is allowed at 443.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts(HashSet<(String, u16)>);

impl AllowedHosts {
    /// Reads `host[:port]`, separated by commas or spaces.
    ///
    /// # Errors
    /// The first that is no host.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words = text.split([',', ' ', '\t', '\n']).filter(|word| !word.is_empty());
        let host = |word: &str| {
            let target = Target::parse(&format!("https://{word}")).map_err(|_| word.to_owned())?;
            if word.contains('*') || target.path != "/" || word.ends_with('/') {
                Err(word.to_owned())
            } else {
                Ok((target.host, target.port))
            }
        };
        words.map(host).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn holds(&self, target: &Target) -> bool {
        self.0.contains(&(target.host.clone(), target.port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        for (url, host, port, authority, path) in [
            ("https://Claude.ai/oauth/x", "claude.ai", 443, "claude.ai", "/oauth/x"),
            ("https://a.example", "a.example", 443, "a.example", "/"),
            ("https://a.example:8443/x?y=1", "a.example", 8443, "a.example:8443", "/x?y=1"),
            ("https://a.example?y", "a.example", 443, "a.example", "/?y"),
            ("https://[2001:DB8::1]:8443/x", "2001:db8::1", 8443, "[2001:db8::1]:8443", "/x"),
            ("https://[::1]/x", "::1", 443, "[::1]", "/x"),
            ("http://127.0.0.1:9/x", "127.0.0.1", 9, "127.0.0.1:9", "/x"),
        ] {
            let target = Target::parse(url).unwrap();
            assert_eq!((target.host.as_str(), target.port), (host, port), "{url}");
            assert_eq!((target.authority.as_str(), target.path.as_str()), (authority, path), "{url}");
        }
        for url in [
            "",
            "/x",
            "ftp://a.example/",
            "file:///etc/passwd",
            "https://a.example/#x",
            "https://u@a.example/",
            "https:///x",
            "https://0x7f.1/",
            "https://a.example:0/",
            "https://a b/",
            "https://a.example/\r\nX: y",
            "https://bücher.example/ü",
        ] {
            assert!(matches!(Target::parse(url), Err(FetchError::Url(_))), "{url}");
        }
        assert!(Target::parse(&format!("https://a.example/{}", "a".repeat(2_048))).is_err());
    }

    #[test]
    fn allowed_hosts_are_hosts_with_ports() {
        let allowed = AllowedHosts::parse("Intern.example, 10.0.0.5:8443 [fd00::1]:443").unwrap();
        let holds = |url: &str| allowed.holds(&Target::parse(url).unwrap());
        for url in ["https://intern.example/x", "https://10.0.0.5:8443/", "https://[fd00::1]/"] {
            assert!(holds(url), "{url}");
        }
        for url in
            ["https://intern.example:8443/", "https://10.0.0.5/", "https://a.intern.example/", "https://[fd00::2]/"]
        {
            assert!(!holds(url), "{url}");
        }
        for wrong in
            ["https://a.example", "a.example/", "a.example/x", "*.example", "10.0.0.0/8", "a.example:0", "u@a.example"]
        {
            assert_eq!(AllowedHosts::parse(&format!("b.example {wrong}")), Err(wrong.to_owned()));
        }
        assert_eq!(AllowedHosts::parse(""), Ok(AllowedHosts::default()));
    }
}
