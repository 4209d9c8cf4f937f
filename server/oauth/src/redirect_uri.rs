//! Redirect URIs: what may be registered, and what matches (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1).

use fluent_uri::Uri;
use serde::{Deserialize, Serialize};

/// The longest redirect URI kept.
pub const MAX_REDIRECT_URI: usize = 2_000;

/// A registered redirect URI: absolute, without fragment, compared as the string that was registered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RedirectUri(String);

/// Why a URI cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    #[error("This is not an absolute URI, for example https://app.example.com/callback.")]
    NotAbsolute,
    #[error("This is longer than 2,000 characters.")]
    TooLong,
    #[error("A redirect URI has no #fragment (RFC 6749, section 3.1.2).")]
    Fragment,
    #[error("Wildcards do not work: the URI must match to the letter.")]
    Wildcard,
    #[error("A redirect URI has no user name or password.")]
    UserInfo,
    #[error("This scheme is not safe to redirect to.")]
    UnsafeScheme,
    #[error("A scheme of one's own is for native apps; use https here.")]
    PrivateScheme,
}

/// Something to think about, though it can be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriWarning {
    #[error("http sends the code in clear across the network; use https outside this machine.")]
    PlainHttp,
    #[error(
        "A scheme of one's own should be a reversed domain name, for example com.example.app (RFC 8252, section 7.1)."
    )]
    SchemeWithoutDot,
}

const UNSAFE_SCHEMES: [&str; 9] = ["javascript", "data", "vbscript", "file", "blob", "about", "ftp", "ws", "wss"];

impl RedirectUri {
    /// A URI that may be registered by a client that is a native app (`native`) or not.
    ///
    /// # Errors
    /// See [`RedirectUriError`].
    pub fn parse(text: &str, native: bool) -> Result<Self, RedirectUriError> {
        if text.len() > MAX_REDIRECT_URI {
            return Err(RedirectUriError::TooLong);
        }
        if text.contains('*') {
            return Err(RedirectUriError::Wildcard);
        }
        let uri = Uri::parse(text).map_err(|_| RedirectUriError::NotAbsolute)?;
        if uri.fragment().is_some() {
            return Err(RedirectUriError::Fragment);
        }
        let scheme = uri.scheme().as_str().to_ascii_lowercase();
        if UNSAFE_SCHEMES.contains(&scheme.as_str()) {
            return Err(RedirectUriError::UnsafeScheme);
        }
        if matches!(scheme.as_str(), "http" | "https") {
            let authority = uri.authority().ok_or(RedirectUriError::NotAbsolute)?;
            if authority.has_userinfo() {
                return Err(RedirectUriError::UserInfo);
            }
            if authority.host().is_empty() {
                return Err(RedirectUriError::NotAbsolute);
            }
        } else if !native {
            return Err(RedirectUriError::PrivateScheme);
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A reason to think twice before registering this.
    #[must_use]
    pub fn warning(&self) -> Option<RedirectUriWarning> {
        let uri = Uri::parse(self.0.as_str()).ok()?;
        match uri.scheme().as_str() {
            "http" if !is_loopback(uri.authority()?.host()) => Some(RedirectUriWarning::PlainHttp),
            "http" | "https" => None,
            scheme if !scheme.contains('.') => Some(RedirectUriWarning::SchemeWithoutDot),
            _ => None,
        }
    }

    /// True when a request that names `uri` means this one: the same string, or, where `any_loopback_port`, the same but for
    /// the port of a loopback `http` URI (RFC 8252 §7.3, RFC 9700 §4.1.3).
    #[must_use]
    pub fn matches(&self, requested: &str, any_loopback_port: bool) -> bool {
        if self.0 == requested {
            return true;
        }
        any_loopback_port
            && loopback_without_port(&self.0)
                .zip(loopback_without_port(requested))
                .is_some_and(|(registered, requested)| registered == requested)
    }

    /// Scheme, host and port as a browser names them in `Origin`; `None` for a scheme of one's own.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        origin(&self.0)
    }
}

/// The part of a redirect URI that a person recognises: host and port, or the scheme of a native app.
#[must_use]
pub fn display_host(uri: &str) -> String {
    let Ok(parsed) = Uri::parse(uri) else {
        return uri.to_owned();
    };
    parsed.authority().map_or_else(|| parsed.scheme().as_str().to_owned(), |authority| authority.as_str().to_owned())
}

/// The origin (RFC 6454 §4) of an http(s) URL, in ASCII lower case and without a default port.
#[must_use]
pub fn origin(url: &str) -> Option<String> {
    let uri = Uri::parse(url).ok()?;
    let scheme = uri.scheme().as_str().to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "http" => "80",
        "https" => "443",
        _ => return None,
    };
    let authority = uri.authority()?;
    let host = authority.host().to_ascii_lowercase();
    match authority.port().map(|port| port.as_str()).filter(|port| !port.is_empty() && *port != default_port) {
        Some(port) => Some(format!("{scheme}://{host}:{port}")),
        None => Some(format!("{scheme}://{host}")),
    }
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "[::1]" | "localhost")
}

/// Host, path and query of a loopback `http` URI: all that must be the same when the port need not.
fn loopback_without_port(text: &str) -> Option<(String, String, Option<String>)> {
    let uri = Uri::parse(text).ok()?;
    let authority = uri.authority()?;
    let plain = uri.scheme().as_str() == "http" && uri.fragment().is_none() && !authority.has_userinfo();
    (plain && is_loopback(authority.host())).then(|| {
        (
            authority.host().to_owned(),
            uri.path().as_str().to_owned(),
            uri.query().map(|query| query.as_str().to_owned()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered(text: &str) -> RedirectUri {
        RedirectUri::parse(text, true).unwrap()
    }

    #[test]
    fn a_redirect_uri_matches_to_the_letter() {
        let uri = registered("https://app.example/cb");
        assert!(uri.matches("https://app.example/cb", true));
        for other in [
            "https://app.example/cb/",
            "https://app.example/cb?x=1",
            "https://APP.example/cb",
            "https://app.example:443/cb",
        ] {
            assert!(!uri.matches(other, true), "{other}");
        }
    }

    #[test]
    fn loopback_redirect_ignores_the_port() {
        let uri = registered("http://127.0.0.1/cb");
        assert!(uri.matches("http://127.0.0.1:51234/cb", true));
        assert!(registered("http://[::1]:1/cb").matches("http://[::1]:2/cb", true));
        assert!(!uri.matches("http://127.0.0.1:51234/cb", false));
        assert!(!uri.matches("http://127.0.0.1:51234/other", true));
        assert!(!uri.matches("http://127.0.0.1:51234/cb?x=1", true));
        assert!(!uri.matches("https://127.0.0.1:51234/cb", true));
        assert!(!uri.matches("http://localhost:51234/cb", true));
        assert!(!uri.matches("http://u@127.0.0.1:51234/cb", true));
    }

    #[test]
    fn what_cannot_be_registered_is_refused_by_its_reason() {
        use RedirectUriError as E;
        for (text, native, error) in [
            ("/cb", false, E::NotAbsolute),
            ("https://a.example/#x", false, E::Fragment),
            ("https://*.example/cb", false, E::Wildcard),
            ("https://u:p@a.example/cb", false, E::UserInfo),
            ("javascript:alert(1)", true, E::UnsafeScheme),
            ("JavaScript:alert(1)", true, E::UnsafeScheme),
            ("com.example.app:/cb", false, E::PrivateScheme),
            ("https://a.example/\\evil", false, E::NotAbsolute),
            ("https://a.example/a b", false, E::NotAbsolute),
        ] {
            assert_eq!(RedirectUri::parse(text, native), Err(error), "{text}");
        }
        assert!(RedirectUri::parse("com.example.app:/cb", true).is_ok());
    }

    #[test]
    fn an_origin_drops_the_default_port() {
        assert_eq!(origin("https://App.example:443/x").as_deref(), Some("https://app.example"));
        assert_eq!(origin("http://localhost:3000/cb").as_deref(), Some("http://localhost:3000"));
        assert_eq!(origin("com.example.app:/cb"), None);
    }
}
