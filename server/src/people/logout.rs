//! `/logout` and `/end_session` (OpenID Connect RP-Initiated Logout 1.0). They differ in one thing: without an ID token that
//! shows whom the client means, `/end_session` asks first, and `/logout`, which people's own links lead to, does not.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use oauth::error::Problem;
use oauth::form::Form;
use oauth::id::ClientId;
use oauth::logout::{LogoutRequest, LogoutSituation, LogoutStep, decide};
use oauth::metadata::path;

use crate::http::cookie::Cookie;
use crate::http::failure::Failure;
use crate::http::form::{BodyForm, Query};
use crate::http::page::{Policy, page};
use crate::http::same_origin::{forbidden, is_same_origin};
use crate::http::see_other;
use crate::state::Signet;

pub(crate) async fn get_logout(
    State(signet): State<Signet>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response, Failure> {
    let parameters = query.map_err(|error| Problem::Malformed(error.to_string()))?;
    answer(&signet, &headers, path::LOGOUT, &parameters, false).await
}

pub(crate) async fn post_logout(
    State(signet): State<Signet>,
    headers: HeaderMap,
    query: Query,
    body: BodyForm,
) -> Result<Response, Failure> {
    post(&signet, &headers, path::LOGOUT, query, body).await
}

pub(crate) async fn get_end_session(
    State(signet): State<Signet>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response, Failure> {
    let parameters = query.map_err(|error| Problem::Malformed(error.to_string()))?;
    answer(&signet, &headers, path::END_SESSION, &parameters, false).await
}

pub(crate) async fn post_end_session(
    State(signet): State<Signet>,
    headers: HeaderMap,
    query: Query,
    body: BodyForm,
) -> Result<Response, Failure> {
    post(&signet, &headers, path::END_SESSION, query, body).await
}

/// With `confirm` this is the answer to our own question. Without, it is a request in a body, from another site as a rule: the
/// browser sends no cookie with it, and is asked to come back with GET.
async fn post(
    signet: &Signet,
    headers: &HeaderMap,
    address: &str,
    Query(query): Query,
    BodyForm(body): BodyForm,
) -> Result<Response, Failure> {
    let query = query.map_err(|error| Problem::Malformed(error.to_string()))?;
    let body = body.map_err(|error| Problem::Malformed(error.to_string()))?;
    if !body.is_set("confirm") {
        return Ok(see_other(&format!("{address}?{}", query.followed_by(&body).encode())));
    }
    if !is_same_origin(headers, signet.issuer().as_str()) {
        return Ok(forbidden(signet.issuer()));
    }
    answer(signet, headers, address, &query.followed_by(&body.without("confirm")), true).await
}

async fn answer(
    signet: &Signet,
    headers: &HeaderMap,
    address: &str,
    parameters: &Form,
    confirmed: bool,
) -> Result<Response, Failure> {
    let request = LogoutRequest::read(parameters)?;
    let hint = request.id_token_hint.as_deref().and_then(|hint| signet.idp.find_id_token(hint));
    let named = hint.as_ref().map(|hint| hint.client_id.clone()).or_else(|| request.client_id.clone());
    let client = match named {
        Some(client_id) => signet.idp.find_client(&ClientId::new(client_id)).await?,
        None => None,
    };
    let cookie = Cookie::Session.read(headers, signet.issuer());
    let signed_in = match &cookie {
        Some(cookie) => signet.idp.find_session(cookie).await?,
        None => None,
    };
    let situation = LogoutSituation {
        client: client.as_deref(),
        hint: hint.as_ref(),
        session: signed_in.as_ref().map(|signed_in| &signed_in.session),
        asks: address == path::END_SESSION,
        confirmed,
    };
    let redirect = match decide(&request, &situation) {
        LogoutStep::Refuse(problem) => return Err(problem.into()),
        LogoutStep::Confirm => return Ok(confirm_page(address, parameters, client.as_deref(), signed_in.as_ref())),
        LogoutStep::End { redirect } => redirect,
    };
    if let (Some(cookie), Some(signed_in)) = (&cookie, &signed_in) {
        let client_id = client.as_ref().map(|client| client.client_id.as_str());
        signet.idp.end_session(cookie, &signed_in.session, client_id).await?;
    }
    let mut response = match redirect {
        Some(url) => see_other(&url),
        None => {
            let html = app::pages::signed_out::SignedOutPage {}.render(&crate::assets::pkg());
            page(StatusCode::OK, &Policy::NoScript, html)
        }
    };
    response.headers_mut().append(header::SET_COOKIE, Cookie::Session.clear(signet.issuer()));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn confirm_page(
    address: &str,
    parameters: &Form,
    client: Option<&oauth::client::Client>,
    signed_in: Option<&idp::SignedIn>,
) -> Response {
    let html = app::pages::logout::LogoutPage {
        action: format!("{address}?{}", parameters.encode()),
        client_name: client.map(|client| client.client_name.clone()),
        username: signed_in.map(|signed_in| signed_in.user.username.clone()).unwrap_or_default(),
    }
    .render(&crate::assets::pkg());
    page(StatusCode::OK, &Policy::NoScript, html)
}
