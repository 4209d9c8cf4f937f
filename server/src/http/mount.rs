//! The path of the issuer, taken off requests where they come in and put before addresses where answers go out. Inside, all
//! addresses begin at the root
//! ([decision 36](../../../docs/decisions/0036-the-path-of-the-issuer-is-put-on-at-the-edge.md)).

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use oauth::id::Issuer;
use oauth::metadata::path;
use tower::Layer as _;

pub(crate) use super::rebase::rebase;

/// The metadata documents that are also found at an address with the path of the issuer behind the well-known name: one by RFC
/// 8414 §3.1, the other because OpenID Connect clients that follow it ask in the same way.
const WELL_KNOWN: [&str; 2] = [path::OAUTH_AUTHORIZATION_SERVER, path::OPENID_CONFIGURATION];

/// Headers of answers that name an address of this server.
const ADDRESSES: [HeaderName; 2] = [header::LOCATION, header::LINK];

/// The place of this server's addresses, seen from outside.
#[derive(Debug, Clone)]
struct Mount {
    /// The path of the issuer; not empty.
    base: Arc<str>,
    /// A proxy takes the path off: requests come without it.
    is_stripped: bool,
}

/// `routes` below the path of the issuer, if it has one. `is_stripped`: a proxy takes the path off requests.
pub(crate) fn mount(routes: Router, issuer: &Issuer, is_stripped: bool) -> Router {
    if issuer.path().is_empty() {
        return routes;
    }
    let mount = Mount { base: issuer.path().into(), is_stripped };
    // A layer of the router itself would come after the routing.
    Router::new().fallback_service(from_fn_with_state(mount, translate).layer(routes))
}

async fn translate(State(mount): State<Mount>, mut request: Request, next: Next) -> Response {
    *request.uri_mut() = mount.inside(request.uri());
    let mut response = next.run(request).await;
    ADDRESSES.iter().for_each(|name| mount.put_before(response.headers_mut(), name));
    if is_page(&response) { mount.rebase_page(response).await } else { response }
}

impl Mount {
    /// The address that a request means, seen from inside. Outside of the path it is `*`, which names no resource (RFC 9112
    /// §3.2.4) and matches no route.
    fn inside(&self, uri: &Uri) -> Uri {
        let path = match self.metadata(uri.path()) {
            Some(document) => Some(document),
            None if self.is_stripped => Some(uri.path()),
            None => uri.path().strip_prefix(&*self.base).filter(|path| path.is_empty() || path.starts_with('/')),
        };
        let path = path.map(|path| if path.is_empty() { "/" } else { path });
        let inside = path.map(|path| uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")));
        inside.and_then(|inside| inside.parse().ok()).unwrap_or_else(|| Uri::from_static("*"))
    }

    fn metadata(&self, path: &str) -> Option<&'static str> {
        WELL_KNOWN.into_iter().find(|document| path.strip_prefix(document) == Some(&*self.base))
    }

    /// Puts the path before an address in a header: `/x`, or, in a link, `</x>`.
    fn put_before(&self, headers: &mut HeaderMap, name: &HeaderName) {
        let Some(value) = headers.get(name).and_then(|value| value.to_str().ok()) else {
            return;
        };
        let (bracket, address) = value.strip_prefix('<').map_or(("", value), |address| ("<", address));
        if is_local(address)
            && let Ok(value) = HeaderValue::try_from(format!("{bracket}{}{address}", self.base))
        {
            headers.insert(name, value);
        }
    }

    async fn rebase_page(&self, response: Response) -> Response {
        let (mut parts, body) = response.into_parts();
        // A page is complete before it is sent.
        let Ok(bytes) = to_bytes(body, usize::MAX).await else {
            return Response::from_parts(parts, Body::empty());
        };
        parts.headers.remove(header::CONTENT_LENGTH);
        let body = match std::str::from_utf8(&bytes) {
            Ok(html) => Body::from(rebase(html, &self.base)),
            Err(_) => Body::from(bytes),
        };
        Response::from_parts(parts, body)
    }
}

/// True for an address that begins at the root of this host. `//host` is another one.
pub(super) fn is_local(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//")
}

fn is_page(response: &Response) -> bool {
    let media_type = response.headers().get(header::CONTENT_TYPE);
    media_type.is_some_and(|media_type| media_type.as_bytes().starts_with(b"text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(is_stripped: bool, uri: &str) -> String {
        let mount = Mount { base: "/auth".into(), is_stripped };
        mount.inside(&uri.parse().unwrap()).to_string()
    }

    #[test]
    fn the_path_is_taken_off() {
        for (outside, address) in [
            ("/auth", "/"),
            ("/auth/", "/"),
            ("/auth?a=b", "/?a=b"),
            ("/auth/token", "/token"),
            ("/auth/login?next=%2Fauth%2F", "/login?next=%2Fauth%2F"),
            ("http://id.example/auth/login", "/login"),
            ("/auth/auth", "/auth"),
            ("/auth/.well-known/openid-configuration", "/.well-known/openid-configuration"),
            ("/.well-known/openid-configuration/auth", "/.well-known/openid-configuration"),
            ("/.well-known/oauth-authorization-server/auth", "/.well-known/oauth-authorization-server"),
        ] {
            assert_eq!(inside(false, outside), address, "{outside}");
        }
        for outside in ["/", "/token", "/authorize", "/authx/token", "/Auth/token", "/.well-known/jwks.json/auth", "*"]
        {
            assert_eq!(inside(false, outside), "*", "{outside}");
        }
    }

    #[test]
    fn a_proxy_may_have_taken_it_off_before() {
        for (outside, address) in [
            ("/token", "/token"),
            ("/?a=b", "/?a=b"),
            ("/auth/token", "/auth/token"),
            ("/.well-known/openid-configuration", "/.well-known/openid-configuration"),
            ("/.well-known/oauth-authorization-server/auth", "/.well-known/oauth-authorization-server"),
            ("/.well-known/oauth-authorization-server/other", "/.well-known/oauth-authorization-server/other"),
        ] {
            assert_eq!(inside(true, outside), address, "{outside}");
        }
    }
}
