//! `/logout` and `/end_session` (OpenID Connect RP-Initiated Logout 1.0). They differ in one thing: without an ID token that
//! shows whom the client means, `/end_session` asks first, and `/logout`, which people's own links lead to, does not.

use std::collections::BTreeSet;

use app::pages::signed_out::SignedOutPage;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use idp::activity;
use oauth::activity::EventKind;
use oauth::client::Client;
use oauth::error::Problem;
use oauth::form::Form;
use oauth::id::ClientId;
use oauth::logout::{LogoutRequest, LogoutSituation, LogoutStep, decide};
use oauth::metadata::path;
use oauth::origin::WebOrigin;
use oauth::refusal::Reason;
use oauth::seal::Sealed;
use oauth::session::{Session, SignedIn};

use super::check_session;
use super::shown::Confirmation;
use crate::explain;
use crate::http::cookie::Cookie;
use crate::http::failure::Failure;
use crate::http::form::{BodyForm, Query};
use crate::http::page::{Policy, page};
use crate::http::same_origin::{forbidden, is_same_origin};
use crate::http::see_other;
use crate::state::Signet;

/// Seconds that the frames have before the person is sent on.
const FRAMES_TIME: u32 = 2;

pub(crate) async fn get_logout(
    State(signet): State<Signet>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response, Failure> {
    let parameters = query.map_err(|error| refuse(None, Problem::Malformed(Reason::Malformed, error.to_string())))?;
    answer(&signet, &headers, path::LOGOUT, &parameters, None).await
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
    let parameters = query.map_err(|error| refuse(None, Problem::Malformed(Reason::Malformed, error.to_string())))?;
    answer(&signet, &headers, path::END_SESSION, &parameters, None).await
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
    let query = query.map_err(|error| refuse(None, Problem::Malformed(Reason::Malformed, error.to_string())))?;
    let body = body.map_err(|error| refuse(None, Problem::Malformed(Reason::BodyMalformed, error.to_string())))?;
    let Some(confirmation) = Confirmation::read(headers, &body) else {
        return Ok(see_other(&format!("{address}?{}", query.followed_by(&body).encode())));
    };
    if !is_same_origin(headers, signet.issuer()) {
        return Ok(forbidden(headers, signet.issuer()));
    }
    answer(signet, headers, address, &query.followed_by(&Confirmation::rest(&body)), Some(&confirmation)).await
}

async fn answer(
    signet: &Signet,
    headers: &HeaderMap,
    address: &str,
    parameters: &Form,
    confirmation: Option<&Confirmation>,
) -> Result<Response, Failure> {
    let request = LogoutRequest::read(parameters).map_err(|problem| refuse(None, problem))?;
    let hint = request.id_token_hint.as_deref().and_then(|hint| signet.idp.find_id_token(hint));
    let named = hint.as_ref().map(|hint| hint.client_id.clone()).or_else(|| request.client_id.clone());
    let named = named.map(ClientId::new);
    let client = match &named {
        Some(client_id) => signet.idp.find_client(client_id).await?,
        None => None,
    };
    let cookie = Cookie::Session.read(headers, signet.issuer());
    let signed_in = match &cookie {
        Some(cookie) => signet.idp.find_session(cookie).await?,
        None => None,
    };
    let session = signed_in.as_ref().map(|signed_in| &signed_in.session);
    let shown = shown(session, client.as_deref(), &request);
    let confirmed = confirmation.map(|it| it.is_about(signet.idp.seal(), Sealed::SignOut, &shown));
    let known = session.zip(client.as_ref()).map(|(it, client)| client.known_session(it, signet.idp.pairwise()));
    let situation = LogoutSituation {
        client: client.as_deref(),
        hint: hint.as_ref(),
        session: known.as_ref().or(session),
        // An answer to another question is none: it is asked again.
        asks: address == path::END_SESSION || confirmed == Some(false),
        confirmed: confirmed == Some(true),
    };
    let (redirect, vouched) = match decide(&request, &situation) {
        LogoutStep::Refuse(problem) => {
            let refused = refuse(named.as_ref(), problem.clone());
            let explained = explain::of_problem(signet, headers, named.as_ref(), &problem).await?;
            return Err(explained.map_or(refused, |explained| Failure::Explained(problem, Box::new(explained))));
        }
        LogoutStep::Confirm => {
            let shown = signet.idp.seal().tag(Sealed::SignOut, &shown);
            return Ok(confirm_page(address, parameters, shown, client.as_deref(), signed_in.as_ref()));
        }
        LogoutStep::End { redirect, vouched } => (redirect, vouched),
    };
    let mut frames = Vec::new();
    if let Some(session) = session {
        activity::happened(EventKind::SignOut);
        activity::about_user(&session.subject);
        if let Some(client) = &client {
            activity::about_client(&client.client_id);
        }
        let client_id = client.as_ref().map(|client| client.client_id.as_str());
        for client_id in signet.idp.end_session(session, client_id, vouched).await? {
            let told = signet.idp.find_client(&client_id).await?;
            frames.extend(told.and_then(|client| {
                client.logout.frame(signet.issuer(), &client.known_sid(&session.sid, signet.idp.pairwise()))
            }));
        }
    }
    let mut response = match redirect {
        Some(url) if frames.is_empty() => see_other(&url),
        redirect => signed_out_page(frames, redirect),
    };
    response.headers_mut().append(header::SET_COOKIE, Cookie::Session.clear(signet.issuer()));
    check_session::note(signet, headers, None, &mut response);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Tells of a request that is refused, and of the client that it names.
fn refuse(client_id: Option<&ClientId>, problem: Problem) -> Failure {
    activity::refused_with(EventKind::SignOut, &problem);
    if let Some(client_id) = client_id {
        activity::about_client(client_id);
    }
    problem.into()
}

/// The page on which the frames of applications are, for a moment if there is somewhere to go.
fn signed_out_page(frames: Vec<String>, next: Option<String>) -> Response {
    let origins: BTreeSet<String> =
        frames.iter().filter_map(|frame| WebOrigin::of_url(frame).ok()).map(WebOrigin::into_string).collect();
    // The policy has no name for an address of IPv6 (CSP Level 3, section 2.3.1).
    let origins: BTreeSet<String> = origins.into_iter().filter(|origin| !origin.contains('[')).collect();
    let policy = match origins.is_empty() {
        true => Policy::NoScript,
        false => Policy::Frames { origins: origins.into_iter().collect() },
    };
    let refresh = next.as_ref().map(|next| HeaderValue::from_str(&format!("{FRAMES_TIME}; url={next}")));
    let html = SignedOutPage { frames, next }.render(&crate::assets::pkg());
    let mut response = page(StatusCode::OK, &policy, html);
    if let Some(Ok(refresh)) = refresh {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    response
}

/// All that the question says: which session ends, who asks, and where the person is sent then.
pub(super) fn shown<'a>(
    session: Option<&'a Session>,
    client: Option<&'a Client>,
    request: &'a LogoutRequest,
) -> [&'a str; 3] {
    [
        session.map(|session| session.sid.as_str()).unwrap_or_default(),
        client.map(|client| client.client_id.as_str()).unwrap_or_default(),
        request.post_logout_redirect_uri.as_deref().unwrap_or_default(),
    ]
}

fn confirm_page(
    address: &str,
    parameters: &Form,
    shown: String,
    client: Option<&Client>,
    signed_in: Option<&SignedIn>,
) -> Response {
    let html = app::pages::logout::LogoutPage {
        action: format!("{address}?{}", parameters.encode()),
        shown,
        client_name: client.map(|client| client.client_name.clone()),
        username: signed_in.map(|signed_in| signed_in.user.username.clone()).unwrap_or_default(),
    }
    .render(&crate::assets::pkg());
    page(StatusCode::OK, &Policy::NoScript, html)
}
