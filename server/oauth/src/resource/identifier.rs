//! The identifier of a resource: an absolute URI (RFC 8707 §2).

use fluent_uri::Uri;
use serde::{Deserialize, Serialize};

/// The longest identifier, in bytes.
pub const MAX_RESOURCE_IDENTIFIER: usize = 2_048;

/// The identifier of a resource, as it was written. Two that name the same place have one [`key`](Self::key).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResourceIdentifier(String);

/// Why a text identifies no resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResourceIdentifierError {
    #[error("This is not an absolute URI in ASCII, for example https://mcp.example.com/mcp.")]
    NotAbsolute,
    #[error("This is longer than 2,048 bytes.")]
    TooLong,
    #[error("A resource has no #fragment (RFC 8707, section 2).")]
    Fragment,
    #[error("A resource has no user name or password.")]
    UserInfo,
    #[error("An http or https URI names a host.")]
    Host,
    #[error("This is the issuer itself; a resource is an API behind it.")]
    Issuer,
    #[error("A resource keeps its identifier: create another one for another address.")]
    Changed,
}

impl ResourceIdentifier {
    /// # Errors
    /// See [`ResourceIdentifierError`].
    pub fn parse(text: &str) -> Result<Self, ResourceIdentifierError> {
        use ResourceIdentifierError as E;
        if text.len() > MAX_RESOURCE_IDENTIFIER {
            return Err(E::TooLong);
        }
        let uri = Uri::parse(text).map_err(|_| E::NotAbsolute)?;
        if uri.fragment().is_some() {
            return Err(E::Fragment);
        }
        let is_web = is_web(uri.scheme().as_str());
        match uri.authority() {
            Some(authority) if authority.has_userinfo() => return Err(E::UserInfo),
            Some(authority) if authority.host().is_empty() && is_web => return Err(E::Host),
            None if is_web => return Err(E::Host),
            None if uri.path().as_str().is_empty() => return Err(E::NotAbsolute),
            _ => {}
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which identifiers are compared: scheme and host in lower case, without the default port, an empty path of
    /// http(s) as `/`. Path and query are compared as they are: what a server makes of `%41`, `//` or another case is its own.
    #[must_use]
    pub fn key(&self) -> String {
        let Ok(uri) = Uri::parse(self.0.as_str()) else { return self.0.clone() };
        let scheme = uri.scheme().as_str().to_ascii_lowercase();
        let authority = uri.authority().map(|_| format!("//{}", self.place())).unwrap_or_default();
        let path = match uri.path().as_str() {
            "" if is_web(&scheme) => "/",
            path => path,
        };
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{scheme}:{authority}{path}{query}")
    }

    /// Host and, where it is not the usual one, port; the whole identifier where it has none.
    #[must_use]
    pub fn place(&self) -> String {
        let Ok(uri) = Uri::parse(self.0.as_str()) else { return self.0.clone() };
        let Some(authority) = uri.authority() else { return self.0.clone() };
        let default_port = match uri.scheme().as_str().to_ascii_lowercase().as_str() {
            "http" => "80",
            "https" => "443",
            _ => "",
        };
        let host = authority.host().to_ascii_lowercase();
        match authority.port().map(|port| port.as_str()).filter(|port| !port.is_empty() && *port != default_port) {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }

    /// The addresses of its metadata, the first being its own (RFC 9728 §3.1); the other one is where some clients look. None
    /// where the resource has no address in the web.
    #[must_use]
    pub fn metadata_urls(&self) -> Vec<String> {
        const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
        let Ok(uri) = Uri::parse(self.0.as_str()) else { return Vec::new() };
        let (scheme, authority) = match (uri.scheme().as_str().to_ascii_lowercase(), uri.authority()) {
            (scheme, Some(authority)) if is_web(&scheme) => (scheme, authority),
            _ => return Vec::new(),
        };
        let origin = format!("{scheme}://{authority}");
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let path = Some(uri.path().as_str()).filter(|path| *path != "/").unwrap_or_default();
        let own = format!("{origin}{WELL_KNOWN}{path}{query}");
        let root = format!("{origin}{WELL_KNOWN}");
        if own == root { vec![own] } else { vec![own, root] }
    }
}

fn is_web(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

impl TryFrom<String> for ResourceIdentifier {
    type Error = ResourceIdentifierError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ResourceIdentifier> for String {
    fn from(identifier: ResourceIdentifier) -> Self {
        identifier.0
    }
}

impl std::fmt::Display for ResourceIdentifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> ResourceIdentifier {
        ResourceIdentifier::parse(text).map_err(|error| format!("{text}: {error}")).unwrap()
    }

    #[test]
    fn spellings_of_one_place_have_one_key() {
        for (one, other) in [
            ("https://h", "https://h/"),
            ("HTTPS://Mcp.Example", "https://mcp.example/"),
            ("https://h:443/mcp", "https://h/mcp"),
            ("http://h:80", "http://h/"),
            ("https://h:/mcp", "https://h/mcp"),
            ("https://h?a=b", "https://h/?a=b"),
            ("http://[2001:DB8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
        ] {
            assert_eq!(parse(one).key(), parse(other).key(), "{one} {other}");
            assert_eq!((parse(one).as_str(), parse(other).as_str()), (one, other), "the spelling stays");
        }
    }

    #[test]
    fn path_query_port_and_scheme_are_compared_as_they_are() {
        for (one, other) in [
            ("https://h/mcp", "https://h/mcp/"),
            ("https://h/mcp", "https://h/MCP"),
            ("https://h/a", "https://h/%61"),
            ("https://h/?a", "https://h/?b"),
            ("https://h/", "https://h/?"),
            ("https://h", "http://h"),
            ("https://h", "https://h:80"),
            ("https://h/", "https://h//"),
            ("urn:a:b", "urn:a:B"),
            ("api://h", "api://h/"),
        ] {
            assert_ne!(parse(one).key(), parse(other).key(), "{one} {other}");
        }
    }

    #[test]
    fn what_is_no_absolute_uri_is_refused_by_its_reason() {
        use ResourceIdentifierError as E;
        let long = format!("https://h/{}", "a".repeat(2_040));
        for (text, error) in [
            ("", E::NotAbsolute),
            ("/mcp", E::NotAbsolute),
            ("mcp.example", E::NotAbsolute),
            ("https://h/a b", E::NotAbsolute),
            ("https://bücher.example", E::NotAbsolute),
            ("https://h/#", E::Fragment),
            ("https://h/mcp#a", E::Fragment),
            ("https://me@h/mcp", E::UserInfo),
            ("https:///mcp", E::Host),
            ("https:mcp", E::Host),
            ("urn:", E::NotAbsolute),
            (long.as_str(), E::TooLong),
        ] {
            assert_eq!(ResourceIdentifier::parse(text), Err(error), "{text}");
        }
        assert_eq!(parse(&format!("https://h/{}", "a".repeat(2_038))).as_str().len(), 2_048);
    }

    #[test]
    fn metadata_lies_between_host_and_path_and_at_the_root() {
        let urls = |text: &str| parse(text).metadata_urls();
        assert_eq!(
            urls("https://h:8443/mcp"),
            [
                "https://h:8443/.well-known/oauth-protected-resource/mcp",
                "https://h:8443/.well-known/oauth-protected-resource"
            ]
        );
        assert_eq!(urls("https://h"), ["https://h/.well-known/oauth-protected-resource"]);
        assert_eq!(urls("https://h/"), urls("https://h"));
        assert!(urls("urn:a:b").is_empty());
    }
}
