//! The cookies of this server. Browsers keep cookies by host, and by path, but not by port, so name and path tell the servers of
//! one host apart ([decision 37](../../../docs/decisions/0037-cookies-are-named-after-the-issuer.md)).

use axum::http::{HeaderMap, HeaderValue, header};
use oauth::id::Issuer;
use oauth::secret::Secret;

/// A cookie that opens something. Its value is base64url, in one part or in several with dots between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Somebody is signed in.
    Session,
    /// The console is open.
    Admin,
    /// The login that the browser is in, for the script of `check_session_iframe`: it opens nothing.
    BrowserState,
    /// A secret that was just made is on its way to the page that shows it.
    Handover,
}

impl Cookie {
    /// `__Host-signet_session`; with the port, unless it is the default one, and the path of the issuer behind it. A prefix tells
    /// the browser what to insist on: `__Host-` on the path `/`, so that an issuer with a path has `__Secure-`.
    pub(crate) fn name(self, issuer: &Issuer) -> String {
        let prefix = match (issuer.is_https(), issuer.path(), self) {
            (true, "", Self::Session | Self::Admin | Self::BrowserState) => "__Host-",
            (true, ..) => "__Secure-",
            (false, ..) => "",
        };
        let name = match self {
            Self::Session => "signet_session",
            Self::Admin => "signet_admin",
            Self::BrowserState => "signet_state",
            Self::Handover => "signet_handover",
        };
        let port = issuer.port().map(|port| format!("_{port}")).unwrap_or_default();
        format!("{prefix}{name}{port}{}", issuer.path().replace('/', "_"))
    }

    /// The value that the browser sent.
    pub(crate) fn read(self, headers: &HeaderMap, issuer: &Issuer) -> Option<Secret> {
        let is_ours = |value: &str| value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        find_cookies(headers, &self.name(issuer)).find(|value| is_ours(value)).map(Secret::new)
    }

    /// The line `Cookie` of a browser that was given `value`.
    pub(crate) fn sent(self, issuer: &Issuer, value: &Secret) -> HeaderValue {
        let text = format!("{}={}", self.name(issuer), value.expose());
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// `Set-Cookie` for `max_age` seconds.
    pub(crate) fn set(self, issuer: &Issuer, value: &Secret, max_age: i64) -> HeaderValue {
        self.header(issuer, "", value.expose(), max_age)
    }

    /// `Set-Cookie` that removes it.
    pub(crate) fn clear(self, issuer: &Issuer) -> HeaderValue {
        self.header(issuer, "", "", 0)
    }

    /// `Set-Cookie` for `max_age` seconds, for the page at `place` of this server and no other.
    pub(crate) fn set_at(self, issuer: &Issuer, place: &str, value: &Secret, max_age: i64) -> HeaderValue {
        self.header(issuer, place, value.expose(), max_age)
    }

    /// `Set-Cookie` that removes the one of the page at `place`.
    pub(crate) fn clear_at(self, issuer: &Issuer, place: &str) -> HeaderValue {
        self.header(issuer, place, "", 0)
    }

    fn header(self, issuer: &Issuer, place: &str, value: &str, max_age: i64) -> HeaderValue {
        let secure = if issuer.is_https() { "; Secure" } else { "" };
        let access = match self {
            // A sign-in comes from the pages of others, too; a handover never does.
            Self::Session | Self::Admin => "HttpOnly; SameSite=Lax",
            Self::Handover => "HttpOnly; SameSite=Strict",
            // Its frame is in pages of others. Browsers take `None` with `Secure` only.
            Self::BrowserState if issuer.is_https() => "SameSite=None",
            Self::BrowserState => "SameSite=Lax",
        };
        let path = format!("{}{place}", issuer.path());
        let path = if path.is_empty() { "/" } else { &path };
        let name = self.name(issuer);
        let text = format!("{name}={value}; Path={path}; {access}; Max-Age={max_age}{secure}");
        // Neither a value in base64url nor the path of an issuer or a page can break a header.
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// The values of the cookies of that name, in the order in which they came; an empty one counts as none.
///
/// Other servers on this host set cookies, too, and in them may be any octets (RFC 6265 §5.4): a pair that cannot be read is passed
/// over, and no other with it.
pub(crate) fn find_cookies<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let pairs = headers.get_all(header::COOKIE).into_iter();
    let pairs = pairs.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(move |pair| {
        let value = pair.trim_ascii().strip_prefix(name.as_bytes())?.trim_ascii_start().strip_prefix(b"=")?;
        std::str::from_utf8(value.trim_ascii()).ok().filter(|value| !value.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(url: &str) -> Issuer {
        Issuer::parse(url).unwrap()
    }

    fn read(lines: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        let value = Cookie::Session.read(&headers, &issuer("http://localhost"));
        value.map(|value| value.expose().to_owned())
    }

    #[test]
    fn a_cookie_is_as_safe_as_its_issuer_allows() {
        let set = |url| Cookie::Session.set(&issuer(url), &Secret::new("v"), 60);
        let attributes = "HttpOnly; SameSite=Lax; Max-Age=60";
        assert_eq!(set("https://id.example"), format!("__Host-signet_session=v; Path=/; {attributes}; Secure"));
        let path = format!("__Secure-signet_session_auth=v; Path=/auth; {attributes}; Secure");
        assert_eq!(set("https://id.example/auth"), path);
        assert_eq!(set("http://localhost:8000"), format!("signet_session_8000=v; Path=/; {attributes}"));
        let clear = Cookie::Admin.clear(&issuer("http://127.0.0.1"));
        assert_eq!(clear, "signet_admin=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
        let strict = "HttpOnly; SameSite=Strict; Max-Age=60; Secure";
        for (url, base) in [("https://id.example", ""), ("https://id.example/auth", "/auth")] {
            let set = Cookie::Handover.set_at(&issuer(url), "/a/b", &Secret::new("v.w"), 60);
            let suffix = base.replace('/', "_");
            assert_eq!(set, format!("__Secure-signet_handover{suffix}=v.w; Path={base}/a/b; {strict}"));
        }
    }

    #[test]
    fn the_cookies_of_two_servers_on_one_host_have_two_names() {
        let issuers = [
            "http://localhost",
            "http://localhost:8000",
            "http://localhost:8001",
            "http://localhost/a",
            "http://localhost:8000/a/b",
            "https://localhost",
            "https://localhost:8443",
            "https://localhost/a",
            "https://localhost:8443/a",
        ];
        let names: std::collections::BTreeSet<_> =
            issuers.iter().map(|url| Cookie::Session.name(&issuer(url))).collect();
        assert_eq!(names.len(), issuers.len(), "{names:?}");
    }

    #[test]
    fn no_other_cookie_hides_ours() {
        for lines in [
            vec![&b"signet_session=x"[..]],
            vec![b"a=b; signet_session=x; signet_session_8000=y; xsignet_session=z"],
            vec!["theme=hellgrün; signet_session=x".as_bytes()],
            vec![b"theme=hellgr\xfcn; signet_session=x"],
            vec![b"signet_session=\xff; signet_session=x"],
            vec![b"signet_session=a b; signet_session=x"],
            vec![b"signet_session=; signet_session; signet_session=x"],
            vec![b"=; ;;; no pair; signet_session = x ;"],
            vec![b"theme=\xff", b"b=c; signet_session=x"],
        ] {
            assert_eq!(read(&lines).as_deref(), Some("x"), "{lines:?}");
        }
        for lines in [vec![], vec![&b"signet_session="[..]], vec![b"signet_sessions=x; a=signet_session=x"]] {
            assert_eq!(read(&lines), None, "{lines:?}");
        }
    }
}
