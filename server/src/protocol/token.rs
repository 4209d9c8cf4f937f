//! `POST /token` (RFC 6749 §3.2).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use idp::{Caller, activity};
use oauth::activity::EventKind;
use oauth::certificate::ClientCertificate;
use oauth::client::GrantType;
use oauth::error::TokenError;
use oauth::form::Form;
use oauth::grant::{AssertionRequest, TokenRequest, TokenResponse};
use oauth::holder::Holder;
use oauth::metadata::path;
use oauth::refusal::Reason;
use oauth::secret::Secret;

use super::{Authenticated, TRIES, always_changing, no_store, place, proof_error, shown_key};
use crate::guard::{CallerAddress, TooSoon};
use crate::http::form::BodyForm;
use crate::http::headers::single;
use crate::metrics;
use crate::state::Signet;

/// The pauses before a refresh is tried again that the database did not answer: as long as another connection takes, or a failover
/// that is quick.
const PAUSES: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1_500)];

pub(crate) async fn post(
    State(signet): State<Signet>,
    caller: CallerAddress,
    too_soon: Option<Extension<TooSoon>>,
    headers: HeaderMap,
    BodyForm(body): BodyForm,
) -> Response {
    if let Some(Extension(too_soon)) = too_soon
        && !is_due_refresh(&signet, body.as_ref().ok()).await
    {
        return too_soon.into_answer();
    }
    let grant_type = body.as_ref().map_or("other", metrics::grant_type_of);
    let result = match &body {
        Ok(form) => answer(&signet, caller, &headers, form).await,
        Err(error) => Err((*error).into()),
    };
    signet.metrics.count_tokens(grant_type, result.as_ref().err().map(|error| &error.0));
    activity::fact("grant_type", grant_type);
    match &result {
        Ok(tokens) => {
            activity::happened(EventKind::Token);
            activity::about_scope(&tokens.scope);
        }
        Err(error) => {
            // While the database is away, there is no answer to whose it is.
            if let (Ok(form), 400..500) = (&body, error.status()) {
                signet.idp.tell_giver(form).await;
            }
            activity::refused_by(EventKind::Token, &error.0);
        }
    }
    match result {
        Ok(tokens) => no_store(tokens.to_json()),
        Err(error) => proof_error(&signet, &error),
    }
}

/// True for a refresh by a token that is good. Many clients take any answer but a good one for the end of a login, so no limit
/// of a network that they share with others must keep them from it; a family has a bound of its own.
async fn is_due_refresh(signet: &Signet, form: Option<&Form>) -> bool {
    let token = form.and_then(|form| {
        let is_refresh = form.find("grant_type").ok()?? == GrantType::RefreshToken.as_str();
        form.find("refresh_token").ok()?.filter(|_| is_refresh)
    });
    match token {
        Some(token) => signet.idp.is_due_refresh(&Secret::new(token)).await.unwrap_or_default(),
        None => false,
    }
}

/// Answers a request. A refresh that the database did not answer is tried again, for clients take any other answer for the end of
/// a login. Nobody need know whether it was committed: a token that was spent gives the same answer again. An assertion is spent
/// once for all tries; if nobody knows that it was, the client is told to send another one.
async fn answer(
    signet: &Signet,
    caller: CallerAddress,
    headers: &HeaderMap,
    form: &Form,
) -> Result<TokenResponse, TokenError> {
    // Whoever says by an assertion alone who it is names no client.
    if let Some(request) = AssertionRequest::read_alone(single(headers, header::AUTHORIZATION), form)? {
        let by = caller_of(signet, caller, headers, signet.guard.certificate(headers))?;
        return grant_workload(signet, &request, &by).await;
    }
    let is_refresh = form.find("grant_type").is_ok_and(|grant| grant == Some(GrantType::RefreshToken.as_str()));
    let mut client = Authenticated::new(signet, caller, headers, form)?;
    // Before the client's assertion is spent: a proof that is not good costs nothing.
    let by = caller_of(signet, caller, headers, client.presented.certificate.clone())?;
    let mut away = None;
    for pause in PAUSES.iter().filter(|_| is_refresh) {
        match exchange(&mut client, form, &by).await {
            Err(error) if error.status() == 503 && !client.is_in_doubt() => away = Some(error),
            result => return result.map_err(|error| in_doubt(error, away)),
        }
        tokio::time::sleep(*pause).await;
    }
    exchange(&mut client, form, &by).await.map_err(|error| in_doubt(error, away))
}

/// Whoever sends the request, with the keys that it proves to have.
fn caller_of(
    signet: &Signet,
    caller: CallerAddress,
    headers: &HeaderMap,
    certificate: Option<Arc<ClientCertificate>>,
) -> Result<Caller, TokenError> {
    let here = place(&Method::POST, path::TOKEN);
    let agent = headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned());
    let holder = Holder { key: shown_key(signet, headers, &here)?, certificate };
    Ok(Caller { address: Some(caller.address()), agent, holder })
}

/// The answer to a proof that came before. After a try of which nobody knows whether it was committed, that try may have spent it: the
/// client is told to send another one.
fn in_doubt(error: TokenError, away: Option<TokenError>) -> TokenError {
    if error.0.reason == Reason::DpopUsed { away.unwrap_or(error) } else { error }
}

async fn grant_workload(signet: &Signet, request: &AssertionRequest, by: &Caller) -> Result<TokenResponse, TokenError> {
    for _ in 0..TRIES {
        if let Some(tokens) = signet.idp.grant_workload(request, by).await? {
            return Ok(tokens);
        }
    }
    Err(always_changing())
}

async fn exchange(client: &mut Authenticated<'_>, form: &Form, by: &Caller) -> Result<TokenResponse, TokenError> {
    for _ in 0..TRIES {
        let registered = client.get().await?;
        let request = TokenRequest::read(form, &registered)?;
        if let Some(tokens) = client.signet.idp.grant_tokens(&registered, &request, by).await? {
            return Ok(tokens);
        }
    }
    Err(always_changing())
}
