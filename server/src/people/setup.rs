//! `/setup`: the first start, once.

use app::console::{Flash, path};
use app::pages::setup::{SetupDonePage, SetupPage};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use idp::{ADMIN_SESSION_LIFETIME, AdminTokenError, Admission, MAX_ADMIN_TOKEN, MIN_ADMIN_TOKEN};
use oauth::field::FieldProblem;
use oauth::form::Form;
use oauth::secret::Secret;

use crate::console::{done, hand_over_to};
use crate::http::cookie::Cookie;
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::http::page::{Policy, page};
use crate::http::see_other;
use crate::state::Signet;

pub(crate) async fn get(State(signet): State<Signet>) -> Result<Response, Failure> {
    if signet.idp.is_set_up().await? {
        return Ok(see_other(path::LOGIN));
    }
    Ok(form(StatusCode::OK, None))
}

/// Keeps the token that was chosen, or makes one, and opens the console with it. The dashboard shows the one that was made: the only time.
///
/// Scripts, and browsers that are told nothing of sites because they came without https, are shown the token at once.
pub(crate) async fn post(
    State(signet): State<Signet>,
    headers: HeaderMap,
    PageForm(fields): PageForm,
) -> Result<Response, Failure> {
    let typed = fields.text("admin_token");
    let chosen = match idp::parse_admin_token(&typed) {
        _ if typed.trim().is_empty() => None,
        Ok(token) => Some(token),
        Err(error) => return Ok(form(StatusCode::UNPROCESSABLE_ENTITY, Some(problem(error)))),
    };
    match signet.idp.set_up(chosen.as_ref()).await? {
        Some(token) if headers.contains_key("sec-fetch-site") => open_console(&signet, &token, chosen.is_none()).await,
        Some(token) => {
            let html = SetupDonePage { admin_token: token.expose().to_owned() }.render(&crate::assets::pkg());
            let mut response = page(StatusCode::OK, &Policy::NoScript, html);
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok(response)
        }
        // Somebody else was faster; their token is the one.
        None => Ok(see_other(path::LOGIN)),
    }
}

async fn open_console(signet: &Signet, token: &Secret, is_new: bool) -> Result<Response, Failure> {
    // Before this there was no token that somebody could have guessed at: nobody has to wait.
    let Admission::Admitted(cookie) = signet.idp.open_console(token, None).await? else {
        return Ok(see_other(path::LOGIN));
    };
    let mut response = match signet.idp.find_admin(&cookie).await? {
        Some(actor) if is_new => hand_over_to(signet, &actor, path::DASHBOARD, Form::default(), token, Flash::SetUp),
        _ => done(path::DASHBOARD, Flash::SetUp),
    };
    let opened = Cookie::Admin.set(signet.issuer(), &cookie, ADMIN_SESSION_LIFETIME);
    response.headers_mut().append(header::SET_COOKIE, opened);
    Ok(response)
}

fn problem(error: AdminTokenError) -> FieldProblem {
    match error {
        AdminTokenError::TooShort(_) => FieldProblem::TooShort(MIN_ADMIN_TOKEN),
        AdminTokenError::TooLong => FieldProblem::TooLong(MAX_ADMIN_TOKEN),
        AdminTokenError::Character => FieldProblem::VisibleAscii,
    }
}

fn form(status: StatusCode, error: Option<FieldProblem>) -> Response {
    page(status, &Policy::NoScript, SetupPage { error }.render(&crate::assets::pkg()))
}
