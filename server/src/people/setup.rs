//! `/setup`: the first start, once.

use app::console::path;
use app::pages::setup::{SetupDonePage, SetupPage};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use idp::MIN_ADMIN_TOKEN;
use oauth::field::FieldProblem;
use oauth::secret::Secret;

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
    let chosen = fields.text("admin_token");
    let chosen = chosen.trim();
    if !chosen.is_empty() && chosen.len() < MIN_ADMIN_TOKEN {
        return Ok(form(StatusCode::UNPROCESSABLE_ENTITY, Some(FieldProblem::TooShort(MIN_ADMIN_TOKEN))));
    }
    let chosen = (!chosen.is_empty()).then(|| Secret::new(chosen));
    match signet.idp.set_up(chosen.as_ref()).await? {
        Some(token) => {
            let done = SetupDonePage { admin_token: token.expose().to_owned() };
            Ok(page(StatusCode::OK, &Policy::NoScript, done.render(&crate::assets::pkg())))
        }
        // Somebody else was faster; their token is the one.
        None => Ok(see_other(path::LOGIN)),
    }
}

fn form(status: StatusCode, error: Option<FieldProblem>) -> Response {
    page(status, &Policy::NoScript, SetupPage { error }.render(&crate::assets::pkg()))
}
