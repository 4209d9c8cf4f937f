//! `GET` and `POST /authorize`: translates what [`decide`] says into pages and redirects.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use oauth::authorize::{
    AuthorizationRequest, Delivery, REAUTHENTICATED, Redirection, SELECTED, Situation, Step, decide, find_client_id,
};
use oauth::client::Client;
use oauth::consent::Answer;
use oauth::error::{OAuthError, Problem};
use oauth::form::Form;
use oauth::metadata::path;
use oauth::scope::open_claim;

use crate::http::cookie::Cookie;
use crate::http::failure::Failure;
use crate::http::form::{BodyForm, Query};
use crate::http::page::{Policy, page};
use crate::http::same_origin::{forbidden, is_same_origin};
use crate::http::see_other;
use crate::metrics::Authorization;
use crate::state::Signet;

pub(crate) async fn get(
    State(signet): State<Signet>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response, Failure> {
    let parameters = query.map_err(|error| Problem::Malformed(error.to_string()))?;
    answer(&signet, &headers, &parameters, None).await
}

/// With `confirm` this is the answer to the consent page. Without, it is a request in a body (OpenID Connect Core §3.1.2.1):
/// it usually comes from another site, so the browser sends no cookie with it, and is asked to come back with GET.
pub(crate) async fn post(
    State(signet): State<Signet>,
    headers: HeaderMap,
    Query(query): Query,
    BodyForm(body): BodyForm,
) -> Result<Response, Failure> {
    let query = query.map_err(|error| Problem::Malformed(error.to_string()))?;
    let body = body.map_err(|error| Problem::Malformed(error.to_string()))?;
    let confirm = body.text("confirm");
    if confirm.is_empty() {
        return Ok(see_other(&format!("{}?{}", path::AUTHORIZE, query.followed_by(&body).encode())));
    }
    if !is_same_origin(&headers, signet.issuer().as_str()) {
        return Ok(forbidden(signet.issuer()));
    }
    let confirmed = match confirm.as_str() {
        "yes" => Answer::Yes,
        "no" => Answer::No,
        _ => return Err(Problem::Malformed("confirm is neither yes nor no".to_owned()).into()),
    };
    answer(&signet, &headers, &query.followed_by(&body.without("confirm")), Some(confirmed)).await
}

async fn answer(
    signet: &Signet,
    headers: &HeaderMap,
    parameters: &Form,
    answer: Option<Answer>,
) -> Result<Response, Failure> {
    let client_id = find_client_id(parameters)?;
    let client = signet.idp.find_client(&client_id).await?;
    let client = client.ok_or_else(|| Problem::UnknownClient { client_id: client_id.into_string() })?;
    let redirection = Redirection::verify(parameters, &client, signet.issuer())?;
    let known = signet.idp.scopes().await?;
    let request = match AuthorizationRequest::verify(parameters, &client, &known, &redirection) {
        Ok(request) => request,
        Err(error) => return Ok(redirect_error(signet, &redirection, &error)),
    };
    let hint = request.id_token_hint.as_deref().map(|hint| signet.idp.find_id_token(hint));
    if matches!(hint, Some(None)) {
        let error = OAuthError::invalid_request("id_token_hint is not an ID token of this server");
        return Ok(redirect_error(signet, &redirection, &error));
    }
    let signed_in = match Cookie::Session.read(headers, signet.issuer()) {
        Some(cookie) => signet.idp.find_session(&cookie).await?,
        None => None,
    };
    let remembered = match &signed_in {
        Some(signed_in) => signet.idp.find_consent(&signed_in.session.subject, &client.client_id).await?,
        None => None,
    };
    let step = decide(
        &request,
        &Situation {
            client: &client,
            parameters,
            session: signed_in.as_ref().map(|signed_in| &signed_in.session),
            hinted: hint.as_ref().and_then(Option::as_ref).map(|hint| &hint.subject),
            remembered: remembered.as_ref(),
            known: &known,
            answer,
            now: signet.idp.now(),
        },
    );
    let sid = signed_in.as_ref().map(|signed_in| signed_in.session.sid.to_string());
    Ok(match step {
        Step::Login(_) => see_other(&login_address(parameters, sid.as_deref())),
        Step::SelectAccount => select_account(parameters, &client, signed_in.as_ref()),
        Step::Consent => consent(signet, parameters, &request, &client, &redirection, signed_in.as_ref()).await?,
        Step::Issue(approval) => {
            let code = signet.idp.issue_code(&request, &approval).await?;
            signet.metrics.count_authorization(Authorization::Issued);
            deliver(redirection.success(&code))
        }
        Step::Refuse(error) => redirect_error(signet, &redirection, &error),
    })
}

/// The login page, from where the request goes on; it notes the session that will not do.
fn login_address(parameters: &Form, sid: Option<&str>) -> String {
    let next = address(&parameters.with(REAUTHENTICATED, sid.unwrap_or("none")));
    format!("{}?{}", path::LOGIN, Form::default().with("next", &next).encode())
}

/// The request, again.
fn address(parameters: &Form) -> String {
    format!("{}?{}", path::AUTHORIZE, parameters.encode())
}

/// Tells the client what is wrong.
fn redirect_error(signet: &Signet, redirection: &Redirection, error: &OAuthError) -> Response {
    signet.metrics.count_authorization(Authorization::Error(error.code));
    deliver(redirection.error(error))
}

/// Sends an answer of the protocol to the client.
fn deliver(delivery: Delivery) -> Response {
    match delivery {
        Delivery::Redirect(url) => {
            let mut response = see_other(&url);
            response
                .headers_mut()
                .insert(axum::http::header::CACHE_CONTROL, axum::http::HeaderValue::from_static("no-store"));
            response
        }
        Delivery::FormPost { action, fields } => {
            let nonce = idp::random::nonce();
            let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let html = app::pages::form_post::FormPostPage { action, fields, nonce: nonce.clone() }
                .render(&crate::assets::pkg());
            page(StatusCode::OK, &Policy::OneScript { nonce }, html)
        }
    }
}

fn select_account(parameters: &Form, client: &Client, signed_in: Option<&idp::SignedIn>) -> Response {
    let Some(signed_in) = signed_in else {
        return see_other(&login_address(parameters, None));
    };
    let sid = signed_in.session.sid.as_str();
    let html = app::pages::select_account::SelectAccountPage {
        client_name: client.client_name.clone(),
        username: signed_in.user.username.clone(),
        continue_href: address(&parameters.with(SELECTED, sid)),
        other_href: login_address(parameters, Some(sid)),
    }
    .render(&crate::assets::pkg());
    page(StatusCode::OK, &Policy::NoScript, html)
}

async fn consent(
    signet: &Signet,
    parameters: &Form,
    request: &AuthorizationRequest,
    client: &Client,
    redirection: &Redirection,
    signed_in: Option<&idp::SignedIn>,
) -> Result<Response, Failure> {
    let Some(signed_in) = signed_in else {
        return Ok(see_other(&login_address(parameters, None)));
    };
    let known = signet.idp.scopes().await?;
    let scopes = request.scope.iter().map(|token| {
        let description =
            known.iter().find(|definition| definition.name == *token).map(|definition| definition.description.clone());
        (token.to_string(), description.unwrap_or_default())
    });
    let claims = request.claims.about_the_account();
    let beyond = claims.into_iter().filter(|claim| !open_claim(&request.scope, &known, claim));
    let html = app::pages::consent::ConsentPage {
        action: address(parameters),
        client: app::pages::client::ClientFace::of(client),
        redirect_host: oauth::redirect_uri::display_host(redirection.redirect_uri()),
        scopes: scopes.collect(),
        claims: beyond.map(str::to_owned).collect(),
        username: signed_in.user.username.clone(),
        switch_href: login_address(parameters, Some(signed_in.session.sid.as_str())),
    }
    .render(&crate::assets::pkg());
    Ok(page(StatusCode::OK, &Policy::NoScript, html))
}
