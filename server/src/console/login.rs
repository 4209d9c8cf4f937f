//! `/admin/login` and `/admin/logout`: the console opens with the admin token.

use app::console::path;
use app::pages::admin_login::AdminLoginPage;
use app::pages::refusal::Refusal;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use idp::Admission;
use oauth::form::Form;
use oauth::secret::Secret;

use crate::guard::{CallerAddress, delayed_answer};
use crate::http::cookie::Cookie;
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::http::page::{Policy, page};
use crate::http::{same_origin_path, see_other};
use crate::state::Signet;

pub(crate) async fn get(State(signet): State<Signet>, Query(query): Query) -> Response {
    login_page(StatusCode::OK, &next(&signet, &query.unwrap_or_default()), None)
}

pub(crate) async fn post(
    State(signet): State<Signet>,
    caller: CallerAddress,
    Query(query): Query,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let next = next(&signet, &query.unwrap_or_default());
    let token = Secret::new(form.text("token").trim());
    let cookie = match signet.idp.open_console(&token, signet.guard.counts(caller)).await? {
        Admission::Admitted(cookie) => cookie,
        Admission::Refused => return Ok(login_page(StatusCode::UNAUTHORIZED, &next, Some(Refusal::Wrong))),
        Admission::Delayed { wait } => {
            let page = login_page(StatusCode::TOO_MANY_REQUESTS, &next, Some(Refusal::TooMany { wait }));
            return Ok(delayed_answer(page, wait));
        }
    };
    let mut response = see_other(&next);
    response
        .headers_mut()
        .append(header::SET_COOKIE, Cookie::Admin.set(signet.issuer(), &cookie, idp::ADMIN_SESSION_LIFETIME));
    Ok(response)
}

pub(crate) async fn logout(State(signet): State<Signet>, headers: HeaderMap) -> Result<Response, Failure> {
    if let Some(cookie) = Cookie::Admin.read(&headers, signet.issuer()) {
        signet.idp.close_console(&cookie).await?;
    }
    let mut response = see_other(path::LOGIN);
    response.headers_mut().append(header::SET_COOKIE, Cookie::Admin.clear(signet.issuer()));
    Ok(response)
}

fn next(signet: &Signet, query: &Form) -> String {
    let next = query.text("next");
    let path = same_origin_path(&next, signet.issuer()).filter(|path| path.starts_with(path::DOOR));
    path.unwrap_or(path::DASHBOARD).to_owned()
}

fn login_page(status: StatusCode, next: &str, refusal: Option<Refusal>) -> Response {
    let action = format!("{}?{}", path::LOGIN, Form::default().with("next", next).encode());
    page(status, &Policy::NoScript, AdminLoginPage { action, refusal }.render(&crate::assets::pkg()))
}
