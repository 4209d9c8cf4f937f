//! Redirect URIs: what may be registered, and what matches (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1).

use fluent_uri::Uri;
use serde::{Deserialize, Serialize};

use crate::origin::WebOrigin;

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
    #[error("Write international names in ASCII (xn--…), and other characters as %XX: so the application sends them.")]
    NotAscii,
    #[error("The host is neither a domain name nor an IP address, or the port is no number from 1 to 65535.")]
    Host,
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
    #[error("The query has the parameter {0}, which the answer brings: the application would see two.")]
    AnswerParameter(&'static str),
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
    #[error(
        "Browsers and libraries write scheme and host in lower case and leave out the default port; a request must spell it as here."
    )]
    NotAsBrowsersWriteIt,
}

/// The parameters of an answer to an authorization request (RFC 6749 §4.1.2, RFC 9207, OpenID Connect Core §3.2.2.5 and Session
/// Management §2, JARM §2.3).
const ANSWER_PARAMETERS: [&str; 13] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "response",
    "id_token",
    "access_token",
    "token_type",
    "expires_in",
    "scope",
    "session_state",
];

/// The parameters on the way back from a logout (OpenID Connect RP-Initiated Logout §3).
const LOGOUT_PARAMETERS: [&str; 1] = ["state"];

/// Schemes of no app: they run scripts, read files, write messages, or hand what follows to a part of the system.
const UNSAFE_SCHEMES: [&str; 25] = [
    "javascript",
    "data",
    "vbscript",
    "file",
    "blob",
    "about",
    "ftp",
    "ws",
    "wss",
    "mailto",
    "tel",
    "sms",
    "view-source",
    "filesystem",
    "jar",
    "intent",
    "mhtml",
    "ms-msdt",
    "ms-officecmd",
    "ms-settings",
    "res",
    "resource",
    "search",
    "search-ms",
    "shell",
];

impl RedirectUri {
    /// A URI that may be registered by a client that is a native app (`native`) or not. It is kept as it is written: requests are
    /// compared with it to the letter (RFC 9700 §2.1), so nothing of it is put in another form.
    ///
    /// # Errors
    /// See [`RedirectUriError`].
    pub fn parse(text: &str, native: bool) -> Result<Self, RedirectUriError> {
        Self::parse_without(text, native, &ANSWER_PARAMETERS)
    }

    /// A URI that people may be sent to after they signed out.
    ///
    /// # Errors
    /// See [`RedirectUriError`].
    pub fn parse_post_logout(text: &str) -> Result<Self, RedirectUriError> {
        Self::parse_without(text, true, &LOGOUT_PARAMETERS)
    }

    fn parse_without(text: &str, native: bool, reserved: &[&'static str]) -> Result<Self, RedirectUriError> {
        if text.len() > MAX_REDIRECT_URI {
            return Err(RedirectUriError::TooLong);
        }
        if text.contains('*') {
            return Err(RedirectUriError::Wildcard);
        }
        if !text.is_ascii() {
            return Err(RedirectUriError::NotAscii);
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
            if WebOrigin::of_url(text).is_err() {
                return Err(RedirectUriError::Host);
            }
        } else if !native {
            return Err(RedirectUriError::PrivateScheme);
        }
        let names = uri.query().map(|query| form_urlencoded::parse(query.as_str().as_bytes())).into_iter().flatten();
        for (name, _) in names {
            if let Some(reserved) = reserved.iter().find(|reserved| **reserved == name) {
                return Err(RedirectUriError::AnswerParameter(reserved));
            }
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
        match uri.scheme().as_str().to_ascii_lowercase().as_str() {
            "http" if !is_loopback(uri.authority()?.host()) => Some(RedirectUriWarning::PlainHttp),
            "http" | "https" => {
                let origin = self.origin()?;
                let as_written =
                    self.0.strip_prefix(&origin).is_some_and(|rest| rest.starts_with(['/', '?']) || rest.is_empty());
                (!as_written).then_some(RedirectUriWarning::NotAsBrowsersWriteIt)
            }
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

    /// The URI, without its port if it is one of loopback: the port changes with every start of the program that listens there.
    #[must_use]
    pub fn without_loopback_port(&self) -> String {
        match loopback_without_port(&self.0) {
            Some((host, path, query)) => {
                let query = query.map(|query| format!("?{query}")).unwrap_or_default();
                format!("http://{host}{path}{query}")
            }
            None => self.0.clone(),
        }
    }

    /// Scheme, host and port as a browser names them in `Origin`; `None` for a scheme of one's own.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        Self::origin_of(&self.0)
    }

    /// The same of a redirect URI as a request names it.
    #[must_use]
    pub fn origin_of(uri: &str) -> Option<String> {
        let web = ["http:", "https:"]
            .iter()
            .any(|scheme| uri.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme)));
        WebOrigin::of_url(uri).ok().filter(|_| web).map(WebOrigin::into_string)
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
            ("https://bücher.example/cb", false, E::NotAscii),
            ("https://a.example/größe", false, E::NotAscii),
            ("https:///cb", false, E::Host),
            ("https://a.example:99999/cb", false, E::Host),
            ("https://1.2.3/cb", false, E::Host),
            ("mailto:a@example.com", true, E::UnsafeScheme),
            ("ms-msdt:/id", true, E::UnsafeScheme),
            ("filesystem:https://a.example/x", true, E::UnsafeScheme),
            ("jar:https://a.example!/x", true, E::UnsafeScheme),
            ("Intent://x", true, E::UnsafeScheme),
            ("search-ms:query=x", true, E::UnsafeScheme),
        ] {
            assert_eq!(RedirectUri::parse(text, native), Err(error), "{text}");
        }
        assert!(RedirectUri::parse("com.example.app:/cb", true).is_ok());
        assert!(RedirectUri::parse("myapp://cb", true).is_ok(), "an administrator may know better");
    }

    #[test]
    fn a_redirect_uri_is_kept_as_it_is_written() {
        for text in [
            "https://App.example/cb",
            "HTTPS://app.example/cb",
            "https://app.example:443/cb",
            "https://app.example/%7Eme",
        ] {
            let uri = registered(text);
            assert_eq!(uri.as_str(), text);
            assert!(uri.matches(text, false));
        }
        let warned = |text| registered(text).warning();
        for text in ["https://App.example/cb", "HTTPS://app.example/cb", "https://app.example:443/cb"] {
            assert_eq!(warned(text), Some(RedirectUriWarning::NotAsBrowsersWriteIt), "{text}");
        }
        for text in
            ["https://app.example", "https://app.example?x", "https://app.example:8443/cb", "http://127.0.0.1/cb"]
        {
            assert_eq!(warned(text), None, "{text}");
        }
        assert_eq!(registered("HTTPS://App.example:443/cb").origin().as_deref(), Some("https://app.example"));
        assert_eq!(registered("com.example.app://x/cb").origin(), None);
    }

    #[test]
    fn a_redirect_uri_brings_none_of_the_answer_s_parameters() {
        for (query, name) in [
            ("code=1", "code"),
            ("a=1&state=", "state"),
            ("state", "state"),
            ("%63ode=1", "code"),
            ("c%6Fde", "code"),
            ("iss=x", "iss"),
            ("error=x", "error"),
            ("response=x", "response"),
            ("id_token=x", "id_token"),
            ("access_token=x", "access_token"),
        ] {
            let refused = Err(RedirectUriError::AnswerParameter(name));
            assert_eq!(RedirectUri::parse(&format!("https://a.example/cb?{query}"), false), refused, "{query}");
        }
        for query in ["codec=1", "Code=1", "x=code", "a%26code=1", "my[state]=1"] {
            let uri = format!("https://a.example/cb?{}", query.replace('[', "%5B").replace(']', "%5D"));
            assert!(RedirectUri::parse(&uri, false).is_ok(), "{query}");
        }
        let bye = "https://a.example/bye?state=1";
        assert_eq!(RedirectUri::parse_post_logout(bye), Err(RedirectUriError::AnswerParameter("state")));
        assert!(RedirectUri::parse_post_logout("https://a.example/bye?code=1").is_ok());
    }
}
