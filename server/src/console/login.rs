//! `/admin/login` and `/admin/logout`: the console opens with the admin token.

use app::console::path;
use app::pages::admin_login::AdminLoginPage;
use app::pages::refusal::{Because, Refusal};
use axum::Extension;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::Response;
use idp::{Admission, activity};
use oauth::activity::EventKind;
use oauth::form::Form;
use oauth::refusal::Reason;
use oauth::secret::Secret;

use super::kept::{Forms, Kept, Login};
use crate::guard::{CallerAddress, delayed_answer};
use crate::http::cookie::Cookie;
use crate::http::failure::{Failure, refusal};
use crate::http::form::{PageForm, Query};
use crate::http::page::{Policy, page as http_page};
use crate::http::{login_address, same_origin_path, see_other};
use crate::state::Signet;

pub(crate) async fn get(State(signet): State<Signet>, Query(query): Query) -> Response {
    page(&signet, StatusCode::OK, &next(&signet, &query.unwrap_or_default()), None, None)
}

pub(crate) async fn post(
    State(signet): State<Signet>,
    caller: CallerAddress,
    Extension(forms): Extension<Forms>,
    headers: HeaderMap,
    extensions: Extensions,
    Query(query): Query,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let next = next(&signet, &query.unwrap_or_default());
    let kept = Kept::read(&form, signet.issuer());
    let again = |status, refusal| page(&signet, status, &next, Some(refusal), kept.as_ref());
    let token = Secret::new(form.text("token").trim());
    let cookie = match signet.idp.open_console(&token, signet.guard.counts(caller)).await? {
        Admission::Admitted(cookie) => cookie,
        Admission::Refused => {
            activity::refused(EventKind::Admin, Reason::AdminTokenWrong);
            activity::fact("action", "console.open");
            return Ok(again(StatusCode::UNAUTHORIZED, refusal(Because::Wrong)));
        }
        Admission::Delayed { wait } => {
            activity::refused(EventKind::Admin, Reason::AdminDelayed);
            activity::fact("action", "console.open");
            let page = again(StatusCode::TOO_MANY_REQUESTS, refusal(Because::TooMany { wait }));
            return Ok(delayed_answer(page, wait));
        }
    };
    let set_cookie = Cookie::Admin.set(signet.issuer(), &cookie, idp::ADMIN_SESSION_LIFETIME);
    let mut response = match &kept {
        Some(kept) => {
            let login = Login { issuer: signet.issuer().clone(), cookie, headers, extensions };
            forms.show(login, kept, &next).await
        }
        None => see_other(&next),
    };
    activity::happened(EventKind::Admin);
    activity::fact("action", "console.open");
    response.headers_mut().append(header::SET_COOKIE, set_cookie);
    Ok(response)
}

pub(crate) async fn logout(State(signet): State<Signet>, headers: HeaderMap) -> Result<Response, Failure> {
    if let Some(cookie) = Cookie::Admin.read(&headers, signet.issuer())
        && signet.idp.close_console(&cookie).await?
    {
        activity::happened(EventKind::Admin);
        activity::fact("action", "console.close");
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

/// The login page. It leads to `next`, and carries a form that was `kept`.
pub(super) fn page(
    signet: &Signet,
    status: StatusCode,
    next: &str,
    refusal: Option<Refusal>,
    kept: Option<&Kept>,
) -> Response {
    let action = login_address(path::LOGIN, next, signet.issuer());
    let kept = kept.map(|kept| kept.hidden_fields(signet.issuer())).unwrap_or_default();
    http_page(status, &Policy::NoScript, AdminLoginPage { action, refusal, kept }.render(&crate::assets::pkg()))
}
