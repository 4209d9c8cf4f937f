//! The administrator who has the console open, and the surroundings of its pages.

use app::Theme;
use app::console::history::Gone;
use app::console::not_found::NotFoundPage;
use app::console::{Console, Flash, path};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use idp::Actor;
use oauth::form::Form;

use super::gone::find_gone;
use crate::http::cookie::{Cookie, find_cookies};
use crate::http::failure::{Failure, request_id};
use crate::http::page::{Policy, page};
use crate::http::{login_address, see_other};
use crate::state::Signet;

/// An administrator with the console open. A handler that takes one is closed to everybody else.
pub(crate) struct Admin {
    actor: Actor,
    resumed: bool,
    console: Console,
    nonce: String,
}

/// The request is a form that was posted when the console was not open any more. It came through a login, to be shown again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resumed;

impl Admin {
    /// In whose name a change is made.
    ///
    /// # Errors
    /// When the form came through a login: it is to be looked over, and nothing may be changed.
    pub(crate) fn actor(&self) -> Result<&Actor, Resumed> {
        if self.resumed { Err(Resumed) } else { Ok(&self.actor) }
    }

    /// A page of the console.
    pub(crate) fn page(&self, status: StatusCode, render: impl FnOnce(&Console) -> String) -> Response {
        page(status, &Policy::Console { nonce: self.nonce.clone() }, render(&self.console))
    }

    /// A page of the console, all being well.
    pub(crate) fn ok(&self, render: impl FnOnce(&Console) -> String) -> Response {
        self.page(StatusCode::OK, render)
    }

    /// The page of an address where there is nothing, or is no more.
    fn not_found(&self, gone: Option<Gone>) -> Response {
        let request_id = request_id().unwrap_or_default();
        self.page(StatusCode::NOT_FOUND, |console| NotFoundPage { request_id, gone }.render(console))
    }
}

impl FromRequestParts<Signet> for Admin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        let actor = match Cookie::Admin.read(&parts.headers, signet.issuer()) {
            Some(cookie) => {
                signet.idp.find_admin(&cookie).await.map_err(|error| Failure::from(error).into_response())?
            }
            None => None,
        };
        let Some(actor) = actor else {
            // After the login a form cannot be sent again by itself; its page can be opened.
            let next = if parts.method == Method::GET {
                parts.uri.path_and_query().map_or(path::DASHBOARD, |path| path.as_str())
            } else {
                path::DASHBOARD
            };
            return Err(see_other(&login_address(path::LOGIN, next, signet.issuer())));
        };
        let query = Form::parse(parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
        let nonce = idp::random::nonce();
        let console = Console {
            pkg: crate::assets::pkg(),
            nonce: nonce.clone(),
            theme: Theme::from_cookie(find_cookies(&parts.headers, Theme::COOKIE).next()),
            flash: Flash::find(&query.text("done")),
        };
        let resumed = parts.extensions.get::<Resumed>().is_some();
        Ok(Self { actor, resumed, console, nonce })
    }
}

/// Any other address under `/admin/ui`.
pub(crate) async fn not_found(admin: Admin) -> Response {
    admin.not_found(None)
}

/// The layer that puts "nothing here" into the frame of the console, whichever handler found nothing. Of a thing that was deleted it
/// says so.
pub(crate) async fn frame_not_found(State(signet): State<Signet>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let response = next.run(Request::from_parts(parts.clone(), body)).await;
    if response.status() != StatusCode::NOT_FOUND {
        return response;
    }
    match Admin::from_request_parts(&mut parts, &signet).await {
        Ok(admin) => admin.not_found(find_gone(&mut parts, &signet).await),
        Err(_) => response,
    }
}

/// Back to a page that says what was done.
pub(crate) fn done(address: &str, flash: Flash) -> Response {
    let before = if address.contains('?') { '&' } else { '?' };
    see_other(&format!("{address}{before}done={}", flash.value()))
}
