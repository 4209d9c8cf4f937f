//! Cookies: `__Host-`, `Secure`, `HttpOnly`, `SameSite=Lax` under an https issuer; without the first two under http.

use axum::http::{HeaderMap, HeaderValue, header};
use oauth::id::Issuer;
use oauth::secret::Secret;

/// The cookies of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Somebody is signed in.
    Session,
    /// The console is open.
    Admin,
}

impl Cookie {
    fn name(self, issuer: &Issuer) -> String {
        let name = match self {
            Self::Session => "signet_session",
            Self::Admin => "signet_admin",
        };
        if issuer.is_https() { format!("__Host-{name}") } else { name.to_owned() }
    }

    /// The value that the browser sent.
    pub(crate) fn read(self, headers: &HeaderMap, issuer: &Issuer) -> Option<Secret> {
        find_cookie(headers, &self.name(issuer)).map(Secret::new)
    }

    /// The line `Cookie` of a browser that was given `value`.
    pub(crate) fn sent(self, issuer: &Issuer, value: &Secret) -> HeaderValue {
        let text = format!("{}={}", self.name(issuer), value.expose());
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// `Set-Cookie` for `max_age` seconds.
    pub(crate) fn set(self, issuer: &Issuer, value: &Secret, max_age: i64) -> HeaderValue {
        self.header(issuer, value.expose(), max_age)
    }

    /// `Set-Cookie` that removes it.
    pub(crate) fn clear(self, issuer: &Issuer) -> HeaderValue {
        self.header(issuer, "", 0)
    }

    fn header(self, issuer: &Issuer, value: &str, max_age: i64) -> HeaderValue {
        let secure = if issuer.is_https() { "; Secure" } else { "" };
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}", self.name(issuer));
        // The value is base64url; nothing in the text can break a header.
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// The value of any cookie; an empty one counts as none.
pub(crate) fn find_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_https_issuer_has_host_cookies() {
        let https = Issuer::parse("https://id.example").unwrap();
        let set = Cookie::Session.set(&https, &Secret::new("v"), 60);
        assert_eq!(set, "__Host-signet_session=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure");
        let http = Issuer::parse("http://127.0.0.1:8000").unwrap();
        assert_eq!(Cookie::Admin.clear(&http), "signet_admin=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }

    #[test]
    fn the_right_cookie_is_read_among_others() {
        let issuer = Issuer::parse("http://127.0.0.1:8000").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; signet_session=x; xsignet_admin=y"));
        assert_eq!(Cookie::Session.read(&headers, &issuer).unwrap().expose(), "x");
        assert!(Cookie::Admin.read(&headers, &issuer).is_none());
    }
}
