//! The nouns of the protocol as types, so that a client ID can never be passed where a subject is meant.

macro_rules! text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            #[must_use]
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

text!(
    /// `client_id` (RFC 6749 §2.2): public, unique at this server, compared exactly.
    ClientId
);
text!(
    /// `sub` (OpenID Connect Core §2): a UUIDv7, or the number of a user who was imported; never reused, at most 36 ASCII
    /// characters.
    Subject
);
text!(
    /// `sid` (OpenID Connect Front-Channel Logout §3): names a session to clients; not the cookie that opens it.
    SessionId
);
text!(
    /// One login of a session: another one each time that somebody signs in. Told to nobody.
    LoginId
);
text!(
    /// A family of codes and tokens: everything that came from one agreement of a user, or that a client got for itself.
    GrantId
);
text!(
    /// `nonce` (OpenID Connect Core §3.1.2.1): binds an ID token to the client's session; echoed as it came.
    Nonce
);
text!(
    /// `state` (RFC 6749 §4.1.1): opaque to the server, returned exactly.
    State
);

/// `iss`: the external URL of this server, from configuration, never from a request (RFC 8414 §2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Issuer(String);

/// Why a URL cannot be an issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    #[error("it is not an absolute URL")]
    NotAUrl,
    #[error("its scheme must be https (or http, for development)")]
    Scheme,
    #[error("it must not have a query or a fragment (RFC 8414, section 2)")]
    QueryOrFragment,
    #[error("it must not have a path; Signet serves its endpoints at the root of a host")]
    Path,
}

impl Issuer {
    /// # Errors
    /// When `url` is not an `http(s)` URL of a host, without path, query and fragment.
    pub fn parse(url: &str) -> Result<Self, IssuerError> {
        let trimmed = url.trim().trim_end_matches('/');
        let uri = fluent_uri::Uri::parse(trimmed).map_err(|_| IssuerError::NotAUrl)?;
        if !matches!(uri.scheme().as_str(), "https" | "http") {
            return Err(IssuerError::Scheme);
        }
        if uri.authority().is_none_or(|authority| authority.host().is_empty() || authority.has_userinfo()) {
            return Err(IssuerError::NotAUrl);
        }
        if uri.query().is_some() || uri.fragment().is_some() {
            return Err(IssuerError::QueryOrFragment);
        }
        if !uri.path().is_empty() {
            return Err(IssuerError::Path);
        }
        Ok(Self(trimmed.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True when cookies can be `Secure` and `__Host-`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// The absolute URL of `path` (which begins with `/`) at this server.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl std::fmt::Display for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_loses_its_trailing_slash() {
        assert_eq!(Issuer::parse("https://id.example.com/").unwrap().as_str(), "https://id.example.com");
    }

    #[test]
    fn an_issuer_has_no_path_query_or_foreign_scheme() {
        assert_eq!(Issuer::parse("https://a.example/x"), Err(IssuerError::Path));
        assert_eq!(Issuer::parse("https://a.example?x"), Err(IssuerError::QueryOrFragment));
        assert_eq!(Issuer::parse("ftp://a.example"), Err(IssuerError::Scheme));
        assert_eq!(Issuer::parse("a.example"), Err(IssuerError::NotAUrl));
    }
}
