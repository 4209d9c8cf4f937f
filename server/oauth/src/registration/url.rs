//! Client IDs that are URLs (draft-ietf-oauth-client-id-metadata-document-02 §3).

use fluent_uri::Uri;

use crate::origin::comparable_host;

/// The longest one, in bytes: as long as the database keeps client IDs.
pub const MAX_CLIENT_URL: usize = 255;

/// A client ID that is the URL of the client's document. Compared as the string that it is (§3): no port is added or dropped.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientUrl {
    url: String,
    host: String,
    /// The port that is written down.
    port: Option<String>,
}

/// Reason why a URL names no client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientUrlError {
    #[error("it is longer than 255 bytes")]
    TooLong,
    #[error("it is no absolute https URL")]
    NotHttps,
    #[error("its host or port is none")]
    Host,
    #[error("it has a user name or password")]
    UserInfo,
    #[error("it has a #fragment")]
    Fragment,
    #[error("it has no path")]
    Path,
    #[error("its path has a segment . or ..")]
    DotSegment,
}

impl ClientUrl {
    /// True for a client ID that can only be a URL.
    #[must_use]
    pub fn is_meant(client_id: &str) -> bool {
        client_id.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
    }

    /// # Errors
    /// See [`ClientUrlError`].
    pub fn parse(client_id: &str) -> Result<Self, ClientUrlError> {
        if client_id.len() > MAX_CLIENT_URL {
            return Err(ClientUrlError::TooLong);
        }
        let uri = Uri::parse(client_id).map_err(|_| ClientUrlError::NotHttps)?;
        let authority = uri.authority().filter(|_| uri.scheme().as_str() == "https").ok_or(ClientUrlError::NotHttps)?;
        if authority.has_userinfo() {
            return Err(ClientUrlError::UserInfo);
        }
        if uri.fragment().is_some() {
            return Err(ClientUrlError::Fragment);
        }
        let host = comparable_host(authority.host()).ok_or(ClientUrlError::Host)?;
        let port = authority.port().map(|port| port.as_str().to_owned());
        if port
            .as_ref()
            .is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port == 0) || port.parse::<u16>().is_err())
        {
            return Err(ClientUrlError::Host);
        }
        let path = uri.path().as_str();
        if matches!(path, "" | "/") {
            return Err(ClientUrlError::Path);
        }
        let is_dot = |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
        if path.split('/').any(is_dot) {
            return Err(ClientUrlError::DotSegment);
        }
        Ok(Self { url: client_id.to_owned(), host, port })
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The host, in the one form in which hosts are compared.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host as people are shown it, with the port if one is written down.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_a_client_is_kept_to_the_letter() {
        for (url, host, place) in [
            ("https://claude.ai/oauth/mcp-oauth-client-metadata", "claude.ai", "claude.ai"),
            ("https://chatgpt.com/oauth/codex/client.json?v=2", "chatgpt.com", "chatgpt.com"),
            ("https://Claude.AI/x", "claude.ai", "claude.ai"),
            ("https://a.example:443/x", "a.example", "a.example:443"),
            ("https://localhost:8443/client.json", "localhost", "localhost:8443"),
            ("https://a.example/.well-known/x", "a.example", "a.example"),
            ("https://localhost.:8443/client.json", "localhost", "localhost:8443"),
            ("https://A.example./x", "a.example", "a.example"),
        ] {
            let parsed = ClientUrl::parse(url).unwrap();
            assert_eq!((parsed.as_str(), parsed.host(), parsed.place().as_str()), (url, host, place));
        }
    }

    #[test]
    fn what_names_no_client_is_refused_by_its_reason() {
        use ClientUrlError as E;
        for (url, error) in [
            ("http://a.example/x", E::NotHttps),
            ("HTTPS://a.example/x", E::NotHttps),
            ("https:/a.example/x", E::NotHttps),
            ("https://a b.example/x", E::NotHttps),
            ("a.example/x", E::NotHttps),
            ("", E::NotHttps),
            ("https://a.example", E::Path),
            ("https://a.example/", E::Path),
            ("https://a.example?x", E::Path),
            ("https://u@a.example/x", E::UserInfo),
            ("https://u:p@a.example/x", E::UserInfo),
            ("https://@a.example/x", E::UserInfo),
            ("https://a.example/x#y", E::Fragment),
            ("https://a.example/x#", E::Fragment),
            ("https://a.example/x/../y", E::DotSegment),
            ("https://a.example/./y", E::DotSegment),
            ("https://a.example/%2e%2E/y", E::DotSegment),
            ("https:///x", E::Host),
            ("https://a.example:99999/x", E::Host),
            ("https://a.example:0/x", E::Host),
            ("https://1.2.3/x", E::Host),
            ("https://a..example/x", E::Host),
            ("https://.example/x", E::Host),
            ("https://a.example../x", E::Host),
        ] {
            assert_eq!(ClientUrl::parse(url), Err(error), "{url}");
        }
        assert_eq!(ClientUrl::parse(&format!("https://a.example/{}", "x".repeat(255))), Err(E::TooLong));
        assert!(ClientUrl::is_meant("HTTPS://x") && ClientUrl::is_meant("https://") && !ClientUrl::is_meant("https"));
    }
}
