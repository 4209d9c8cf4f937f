//! The table of endpoints: who may write to an address, which pages may read its answers, how often one caller may ask,
//! whom it answers, and whether answers are compressed. The same-origin rule, CORS, the rate limits, the access log and the
//! compression read it.
//!
//! Routes are made beside their handlers. A route without a row fails a test, and so does a row without a route.

use std::collections::HashMap;
use std::sync::LazyLock;

use app::console::path as console;
use app::path as page;
use axum::extract::MatchedPath;
use axum::http::{Extensions, Method};
use oauth::metadata::path;

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// The route. One that ends in `/*` stands for the address before the slash and for every route below it that has no row
    /// of its own.
    pub(crate) path: &'static str,
    pub(crate) writes: Writes,
    pub(crate) reads: Reads,
    pub(crate) limit: Option<Limited>,
    /// True where the handler tells who asks too often, because some requests are answered all the same.
    pub(crate) lenient: bool,
    pub(crate) audience: Audience,
    /// The change that a GET makes, if it makes one.
    pub(crate) effect: Option<Effect>,
    pub(crate) light: Light,
}

/// The pages whose POST, PUT, PATCH and DELETE requests are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writes {
    /// Our own, and callers that are no page.
    SameOrigin,
    /// All. Nothing is done here on the strength of a cookie: `/authorize` and the two addresses of logout answer a POST that
    /// is a request with a redirect to themselves, and check what answers their own pages.
    AnyOrigin,
}

/// The pages whose scripts may read the answers (Fetch, section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Our own.
    SameOrigin,
    /// Those of origins that a client registered, too.
    RegisteredOrigins,
    /// All.
    AnyOrigin,
}

/// The limit that counts the requests of a caller: one of the settings `RATE_LIMIT_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limited {
    Token,
    Introspect,
    Register,
    Authorize,
    Device,
    Login,
    Setup,
    AdminLogin,
}

impl Limited {
    /// True for a method whose requests count. Of all that are limited, only an authorization request is more than a form when it
    /// is read, and only a registration is changed by other methods.
    pub(crate) fn counts(self, method: &Method) -> bool {
        match self {
            Self::Authorize => true,
            Self::Register => [Method::POST, Method::PUT, Method::DELETE].contains(method),
            _ => method == Method::POST,
        }
    }
}

/// Whoever reads the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// A client of the protocol: JSON.
    Client,
    /// Somebody before a browser: pages.
    Person,
    /// A script of an administrator: JSON.
    Script,
    /// A probe, or a browser that fetches what belongs to a page. The access log tells of it only when asked for detail.
    Routine,
}

/// A change that a GET makes, by the requests that may make it. HEAD and a prefetch never may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Somebody opens the address as a page.
    Page,
    /// That, or a frame opens it: applications renew logins by `prompt=none` in a hidden frame.
    Frame,
    /// A script calls it, with the admin token.
    Call,
}

/// The answers that are compressed for whoever takes it. Those to POST, PUT, PATCH and DELETE never are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Light {
    /// None. An answer may carry a token, a code, a tag, or beside them something that the caller chose.
    Never,
    /// Each when it is made. None of them holds a secret.
    Each,
    /// Documents that seldom change: each is compressed once and kept.
    Kept,
}

/// The addresses of this server.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    // Clients.
    client(path::TOKEN).read_by(Reads::RegisteredOrigins).limited(Limited::Token).lenient(),
    client(path::PUSHED_AUTHORIZATION).read_by(Reads::RegisteredOrigins).limited(Limited::Token),
    client(path::DEVICE_AUTHORIZATION).read_by(Reads::RegisteredOrigins).limited(Limited::Device),
    client(path::BACKCHANNEL_AUTHENTICATION).limited(Limited::Token),
    client(path::DEVICE_QR).read_by(Reads::AnyOrigin).written_by(Writes::SameOrigin),
    client(path::REVOKE).read_by(Reads::RegisteredOrigins).limited(Limited::Token),
    client(path::INTROSPECT).limited(Limited::Introspect),
    client(path::REGISTER).read_by(Reads::AnyOrigin).limited(Limited::Register),
    client(path::REGISTRATION).read_by(Reads::AnyOrigin).limited(Limited::Register),
    client(path::USERINFO).read_by(Reads::RegisteredOrigins),
    client(path::JWKS).read_by(Reads::AnyOrigin).written_by(Writes::SameOrigin).light(Light::Kept),
    client(path::OPENID_CONFIGURATION).read_by(Reads::AnyOrigin).written_by(Writes::SameOrigin).light(Light::Kept),
    client(path::OAUTH_AUTHORIZATION_SERVER)
        .read_by(Reads::AnyOrigin)
        .written_by(Writes::SameOrigin)
        .light(Light::Kept),
    // People.
    person(path::AUTHORIZE).written_by(Writes::AnyOrigin).limited(Limited::Authorize).changing(Effect::Frame),
    person(path::LOGOUT).written_by(Writes::AnyOrigin).changing(Effect::Page),
    person(path::END_SESSION).written_by(Writes::AnyOrigin).changing(Effect::Page),
    person(path::CHECK_SESSION),
    person(path::LOGIN).limited(Limited::Login),
    person(path::DEVICE).limited(Limited::Login),
    person(page::ACCOUNT),
    person(page::APPROVE),
    person("/explain/*").limited(Limited::Authorize),
    row(page::CLIENT_LOGO, Audience::Routine),
    person(page::HOME),
    person(page::SETUP).limited(Limited::Setup),
    person(page::DOCS_SEARCH).light(Light::Each),
    person("/docs/*").light(Light::Kept),
    // Administrators.
    person(console::LOGIN).limited(Limited::AdminLogin),
    person(console::LOGOUT).changing(Effect::Page),
    person(console::TRIAL).changing(Effect::Page),
    person("/admin/ui/*").light(Light::Each),
    row(console::OPENAPI, Audience::Script).light(Light::Kept),
    row("/admin/*", Audience::Script).light(Light::Each),
    row("/dev/seed", Audience::Script).changing(Effect::Call),
    row("/dev/*", Audience::Script),
    // Machines.
    row(path::HEALTH, Audience::Routine),
    row(path::METRICS, Audience::Routine),
    row("/pkg/*", Audience::Routine).light(Light::Kept),
    row(page::ICON, Audience::Routine).light(Light::Kept),
];

/// Stands for every address where there is nothing.
const NOWHERE: Endpoint = person("");

const fn row(path: &'static str, audience: Audience) -> Endpoint {
    Endpoint {
        path,
        writes: Writes::SameOrigin,
        reads: Reads::SameOrigin,
        limit: None,
        lenient: false,
        audience,
        effect: None,
        light: Light::Never,
    }
}

const fn person(path: &'static str) -> Endpoint {
    row(path, Audience::Person)
}

const fn client(path: &'static str) -> Endpoint {
    row(path, Audience::Client).written_by(Writes::AnyOrigin)
}

impl Endpoint {
    const fn written_by(self, writes: Writes) -> Self {
        Self { writes, ..self }
    }

    const fn read_by(self, reads: Reads) -> Self {
        Self { reads, ..self }
    }

    const fn changing(self, effect: Effect) -> Self {
        Self { effect: Some(effect), ..self }
    }

    const fn limited(self, limit: Limited) -> Self {
        Self { limit: Some(limit), ..self }
    }

    const fn light(self, light: Light) -> Self {
        Self { light, ..self }
    }

    const fn lenient(self) -> Self {
        Self { lenient: true, ..self }
    }

    /// The row of the route that a request was matched to, from the request's extensions.
    pub(crate) fn of(request: &Extensions) -> &'static Self {
        request.get::<MatchedPath>().and_then(|route| Self::find(route.as_str())).unwrap_or(&NOWHERE)
    }

    /// The row of a route.
    fn find(route: &str) -> Option<&'static Self> {
        static ROWS: LazyLock<HashMap<&str, &Endpoint>> =
            LazyLock::new(|| ENDPOINTS.iter().map(|row| (row.path, row)).collect());
        ROWS.get(route).copied().or_else(|| {
            let families = ENDPOINTS.iter().filter(|row| row.covers(route));
            families.max_by_key(|row| row.path.len())
        })
    }

    /// True for a row that stands for a route because of its `/*`.
    fn covers(&self, route: &str) -> bool {
        let below = self.path.strip_suffix("/*").and_then(|top| route.strip_prefix(top));
        below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_route_has_a_row_and_every_row_a_route() {
        let routes = routes().await;
        assert!(routes.len() > 50, "{routes:?}");
        for route in &routes {
            assert!(Endpoint::find(route).is_some(), "{route} has no row in endpoints.rs");
        }
        for row in ENDPOINTS {
            let found = routes.iter().any(|route| *route == row.path || row.covers(route));
            // Public files are there once the site was built.
            assert!(found || row.path == page::ICON, "there is no route for the row {}", row.path);
        }
    }

    #[test]
    fn the_nearest_row_is_taken() {
        let path = |route| Endpoint::find(route).map(|row| row.path);
        assert_eq!(path("/admin/login"), Some("/admin/login"));
        assert_eq!(path("/admin/ui"), Some("/admin/ui/*"));
        assert_eq!(path("/admin/ui/clients/{client_id}"), Some("/admin/ui/*"));
        assert_eq!(path("/admin/users/{id}"), Some("/admin/*"));
        assert_eq!(path("/administration"), None);
    }

    /// All routes there are. axum has no list of them, but shows it to whoever debugs.
    async fn routes() -> Vec<String> {
        let database = idp::testing::TestDatabase::create(idp::testing::Kind::Sqlite).await.unwrap();
        let settings = [("DATABASE_URL", database.url()), ("APP_SECRET", "0123456789abcdef0123456789abcdef")];
        let find = |name: &str| settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let idp = crate::open::make(&crate::config::Config::read(find).unwrap()).await.unwrap();
        let router = format!("{:?}", crate::router::routes(crate::Signet::new(idp)));
        let paths = router.split("RouteId(").filter_map(|piece| piece.split_once("): \"")?.1.split('"').next());
        // A fallback is kept as a route, too.
        paths.filter(|path| !path.contains("__private__")).map(str::to_owned).collect()
    }

    /// Addresses are written once: the console's in `app/src/console/path.rs`, other pages' in `app/src/path.rs`.
    #[test]
    fn no_address_of_the_console_is_written_a_second_time() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut files = vec![root.join("server/src"), root.join("app/src")];
        let mut seen = 0;
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            if ["console/path.rs", "src/endpoints.rs"].iter().any(|file| path.ends_with(file)) {
                continue;
            }
            seen += 1;
            let text = std::fs::read_to_string(&path).unwrap();
            for (number, line) in text.lines().enumerate() {
                let named = ["\"/admin/ui", "\"/admin/log"].iter().any(|path| line.contains(path));
                assert!(!named, "{}:{}: {line}", path.display(), number + 1);
            }
        }
        assert!(seen > 100);
    }
}
