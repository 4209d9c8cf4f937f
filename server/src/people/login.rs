//! `GET` and `POST /login`: the form where people sign in.

use app::pages::refusal::{Because, Refusal};
use app::pages::signed_in::SignedInPage;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use idp::{SignIn, activity};
use oauth::activity::EventKind;
use oauth::authorize::{LoginReason, find_client_id};
use oauth::form::Form;
use oauth::metadata::path;
use oauth::refusal::Reason;

use super::{check_session, find_signed_in};
use crate::guard::{CallerAddress, delayed_answer};
use crate::http::cookie::Cookie;
use crate::http::failure::{Failure, refusal};
use crate::http::form::{PageForm, Query};
use crate::http::page::{Policy, page};
use crate::http::{login_address, same_origin_path, see_other};
use crate::metrics::Login;
use crate::state::Signet;

/// The form. Somebody who is signed in, and came by themselves, is asked before whether they want it.
pub(crate) async fn get(
    State(signet): State<Signet>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    if !query.is_set("next")
        && let Some(signed_in) = find_signed_in(&signet, &headers).await?
    {
        let other_href = address(&signet, "/", LoginReason::NobodySignedIn);
        let signed_in = SignedInPage { username: signed_in.user.username.clone(), other_href };
        return Ok(page(StatusCode::OK, &Policy::NoScript, signed_in.render(&crate::assets::pkg())));
    }
    let next = Next::read(&signet, query);
    let hint = next.request().map(|request| request.text("login_hint")).unwrap_or_default();
    next.page(&signet, StatusCode::OK, hint, None).await
}

pub(crate) async fn post(
    State(signet): State<Signet>,
    caller: CallerAddress,
    headers: HeaderMap,
    Query(query): Query,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    // A plain client may send `next` in the body instead.
    let next = Next::read(&signet, if query.is_set("next") { query } else { form.clone() });
    let previous = Cookie::Session.read(&headers, signet.issuer());
    let user_agent = headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let username = form.text("username");
    if let Some(client_id) = next.request().and_then(|request| find_client_id(&request).ok()) {
        activity::about_client(&client_id);
    }
    let counts = signet.guard.counts(caller);
    let signed_in =
        signet.idp.sign_in(&username, &form.text("password"), previous.as_ref(), user_agent.as_deref(), counts).await?;
    match signed_in {
        SignIn::Opened(cookie) => {
            signet.metrics.count_login(Login::Succeeded);
            activity::happened(EventKind::SignIn);
            let mut response = see_other(&next.path);
            let set = Cookie::Session.set(signet.issuer(), &cookie, idp::SESSION_LIFETIME);
            response.headers_mut().append(header::SET_COOKIE, set);
            // It is another login. The next authorization says which.
            check_session::note(&signet, &headers, None, &mut response);
            Ok(response)
        }
        SignIn::Refused { reason } => {
            signet.metrics.count_login(Login::Refused);
            activity::refused(EventKind::SignIn, reason);
            next.page(&signet, StatusCode::UNAUTHORIZED, username, Some(refusal(Because::Wrong))).await
        }
        SignIn::Delayed { wait } => {
            signet.metrics.count_login(Login::Delayed);
            activity::refused(EventKind::SignIn, Reason::SignInDelayed);
            let refusal = Some(refusal(Because::TooMany { wait }));
            let page = next.page(&signet, StatusCode::TOO_MANY_REQUESTS, username, refusal).await?;
            Ok(delayed_answer(page, wait))
        }
    }
}

/// The address after signing in.
struct Next {
    path: String,
    /// The reason why somebody must sign in now, as the request that waits found.
    reason: LoginReason,
}

impl Next {
    /// `next`, when it is a path of this server; else the home page.
    fn read(signet: &Signet, form: Form) -> Self {
        let next = form.text("next");
        Self {
            path: same_origin_path(&next, signet.issuer()).unwrap_or("/").to_owned(),
            reason: LoginReason::find(&form.text("reason")).unwrap_or_default(),
        }
    }

    /// The authorization request that waits for the login, if that is what comes next.
    fn request(&self) -> Option<Form> {
        let (path, query) = self.path.split_once('?')?;
        (path == path::AUTHORIZE).then(|| Form::parse(query.as_bytes()).ok()).flatten()
    }

    async fn page(
        &self,
        signet: &Signet,
        status: StatusCode,
        username: String,
        refusal: Option<Refusal>,
    ) -> Result<Response, Failure> {
        let client = match self.request().and_then(|request| find_client_id(&request).ok()) {
            Some(client_id) => signet.idp.find_face(&client_id).await?,
            None => None,
        };
        let html = app::pages::login::LoginPage {
            action: address(signet, &self.path, self.reason),
            reason: self.reason,
            client: client.as_deref().map(app::pages::client::ClientFace::of),
            username,
            refusal,
        }
        .render(&crate::assets::pkg());
        Ok(page(status, &Policy::NoScript, html))
    }
}

/// The login page that leads to `next`, and says why somebody who is signed in must sign in again.
pub(super) fn address(signet: &Signet, next: &str, reason: LoginReason) -> String {
    let address = login_address(path::LOGIN, next, signet.issuer());
    match reason {
        LoginReason::NobodySignedIn => address,
        reason => format!("{address}&reason={reason}"),
    }
}
