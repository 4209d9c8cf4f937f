//! `/setup`: the first start, once.

use app::console::path;
use app::pages::setup::{SetupDonePage, SetupPage};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use idp::{AdminTokenError, MAX_ADMIN_TOKEN, MIN_ADMIN_TOKEN};
use oauth::field::FieldProblem;

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

/// Keeps the token that was chosen, or makes one, and shows it: the only time.
pub(crate) async fn post(State(signet): State<Signet>, PageForm(fields): PageForm) -> Result<Response, Failure> {
    let typed = fields.text("admin_token");
    let chosen = match idp::parse_admin_token(&typed) {
        _ if typed.trim().is_empty() => None,
        Ok(token) => Some(token),
        Err(error) => return Ok(form(StatusCode::UNPROCESSABLE_ENTITY, Some(problem(error)))),
    };
    match signet.idp.set_up(chosen.as_ref()).await? {
        Some(token) => {
            let done = SetupDonePage { admin_token: token.expose().to_owned() };
            Ok(page(StatusCode::OK, &Policy::NoScript, done.render(&crate::assets::pkg())))
        }
        // Somebody else was faster; their token is the one.
        None => Ok(see_other(path::LOGIN)),
    }
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
