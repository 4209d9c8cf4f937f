//! Secrets that were just made, on their way to the page that shows them once. The answer to the form is a redirect with a cookie for
//! that page only, so that opening the page again repeats nothing
//! ([decision 75](../../../docs/decisions/0075-a-secret-goes-through-one-redirect.md)).

use app::console::Flash;
use app::console::clients::credentials::NewSecret;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use idp::{Actor, HANDOVER_LIFETIME};
use oauth::form::Form;
use oauth::secret::Secret;

use super::admin::{Admin, Resumed, done};
use crate::http::cookie::Cookie;
use crate::state::Signet;

/// The parameter that tells a page that its reader has just made a secret.
const PARAMETER: &str = "secret";
const NEW: &str = "new";

/// To the page at `place`, which shows `secret` this once; `query` is what the page is asked besides.
pub(super) fn hand_over(
    signet: &Signet,
    admin: &Admin,
    place: &str,
    query: Form,
    secret: &Secret,
) -> Result<Response, Resumed> {
    Ok(hand_over_to(signet, admin.actor()?, place, query, secret, Flash::Created))
}

/// The same for an administrator by name. `flash` is the deed that the page tells of.
pub(crate) fn hand_over_to(
    signet: &Signet,
    actor: &Actor,
    place: &str,
    query: Form,
    secret: &Secret,
    flash: Flash,
) -> Response {
    let mut response = done(&format!("{place}?{}", query.with(PARAMETER, NEW).encode()), flash);
    if let Some(sealed) = signet.idp.hand_over(actor, place, secret) {
        let cookie = Cookie::Handover.set_at(signet.issuer(), place, &sealed, HANDOVER_LIFETIME);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// A request for a page that may have a new secret to show.
pub(super) struct Handover {
    place: String,
    headers: HeaderMap,
    /// The page says that a secret was made just before.
    is_new: bool,
}

impl<S: Sync> FromRequestParts<S> for Handover {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let query = Form::parse(parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
        // HEAD has no page to show it on.
        let headers = if parts.method == Method::GET { parts.headers.clone() } else { HeaderMap::new() };
        Ok(Self { place: parts.uri.path().to_owned(), headers, is_new: query.text(PARAMETER) == NEW })
    }
}

impl Handover {
    /// The secret that came with the request.
    pub(super) fn secret(&self, signet: &Signet, admin: &Admin) -> NewSecret {
        let sealed = Cookie::Handover.read(&self.headers, signet.issuer());
        let secret = sealed.zip(admin.actor().ok());
        let secret = secret.and_then(|(sealed, actor)| signet.idp.take_over(actor, &self.place, &sealed));
        match secret {
            Some(secret) => NewSecret::Shown(secret.expose().to_owned()),
            None if self.is_new => NewSecret::Over,
            None => NewSecret::None,
        }
    }

    /// The page on its way out, which takes away what it has shown.
    pub(super) fn close(&self, signet: &Signet, mut page: Response) -> Response {
        if Cookie::Handover.read(&self.headers, signet.issuer()).is_some() {
            let cookie = Cookie::Handover.clear_at(signet.issuer(), &self.place);
            page.headers_mut().append(header::SET_COOKIE, cookie);
        }
        page
    }
}
