//! A request arrives: where its parameters stand, which client it is of, and where the answer goes.

use std::sync::Arc;

use axum::http::HeaderMap;
use idp::{VisitError, Visitor, activity};
use oauth::authorize::{Asked, Pending, Redirection, Source, find_client_id};
use oauth::client::Client;
use oauth::error::{OAuthError, Problem};
use oauth::form::Form;
use oauth::id::ClientId;
use oauth::metadata::path;
use oauth::refusal::Reason;
use oauth::secret::SecretDigest;

use crate::http::cookie::Cookie;
use crate::http::failure::Failure;
use crate::state::Signet;

/// A request whose client and way back are certain.
pub(super) struct Arrived {
    pub(super) visitor: Visitor,
    pub(super) redirection: Redirection,
    /// Its parameters, wherever they stood.
    pub(super) asked: Asked,
    /// The request, if it was pushed.
    pub(super) pushed: Option<SecretDigest>,
    pub(super) pending: Pending,
}

/// A request that cannot be read, though it says where the answer goes.
pub(super) struct Refused {
    pub(super) client: Arc<Client>,
    pub(super) redirection: Redirection,
    pub(super) error: OAuthError,
}

/// Finds out what the request says, and which client asks.
pub(super) async fn arrive(
    signet: &Signet,
    headers: &HeaderMap,
    parameters: &Form,
    is_signed_in: bool,
) -> Result<Result<Arrived, Refused>, Failure> {
    let mut pending = Pending::read(parameters, signet.idp.seal());
    let client_id = find_client_id(pending.asked())?;
    activity::about_client(&client_id);
    let source = Source::of(pending.asked())
        .map_err(|error| Problem::Malformed(error.reason, error.description.into_owned()))?;
    let pushed = match &source {
        Source::Pushed(digest) => Some(*digest),
        _ => None,
    };
    let taken_up = take_up(signet, &client_id, pushed.as_ref()).await?;
    let named = taken_up.as_ref().map_or(pending.asked(), |asked| &asked.parameters);
    let visitor = find_visitor(signet, &client_id, named, is_signed_in).await?;
    let client = &visitor.client;
    let asked = match taken_up {
        Some(asked) => asked,
        None => match read_source(signet, client, &pending, &source).await {
            Ok(asked) => asked,
            Err(error) => return refuse_unread(signet, client, &pending, error).map(Err),
        },
    };
    if asked.is_signed && !asked.is_pushed {
        pending = pending.standing_for(&asked.parameters);
    }
    let redirection = if is_trial(signet, headers, &client_id, &asked.parameters).await? {
        Redirection::verify_trial(&asked.parameters, client, signet.issuer())?
    } else {
        Redirection::verify(&asked.parameters, client, signet.issuer())?
    };
    Ok(Ok(Arrived { visitor, redirection, asked, pushed, pending }))
}

/// True for a request that the administrator whose console is open in this browser tries the client with. Nobody else gets an answer at
/// that address: the page that asks for consent would name this server in place of where a client's answers go.
async fn is_trial(
    signet: &Signet,
    headers: &HeaderMap,
    client_id: &ClientId,
    parameters: &Form,
) -> Result<bool, Failure> {
    let uri = parameters.find("redirect_uri").ok().flatten();
    if uri != Some(signet.issuer().url(path::TRIAL).as_str()) {
        return Ok(false);
    }
    let Some(cookie) = Cookie::Admin.read(headers, signet.issuer()) else { return Ok(false) };
    let Some(actor) = signet.idp.find_admin(&cookie).await? else { return Ok(false) };
    Ok(signet.idp.find_trial(&actor, &parameters.text("state")).as_ref() == Some(client_id))
}

/// The request that was pushed, if it was.
async fn take_up(
    signet: &Signet,
    client_id: &ClientId,
    pushed: Option<&SecretDigest>,
) -> Result<Option<Asked>, Failure> {
    let Some(digest) = pushed else { return Ok(None) };
    let taken_up = signet.idp.take_up_pushed(client_id, digest).await?;
    Ok(Some(taken_up.ok_or_else(|| Problem::PushedRequestGone { client_id: client_id.to_string() })?))
}

/// The request, read where it stands. It must be the one that it was when somebody began to sign in.
async fn read_source(
    signet: &Signet,
    client: &Client,
    pending: &Pending,
    source: &Source<'_>,
) -> Result<Asked, OAuthError> {
    let begun = pending.notes().begun.is_some();
    let asked = match source {
        Source::Object(object) => signet.idp.read_request_object(client, object, begun).await?,
        Source::Address(uri) => signet.idp.fetch_request_object(client, uri, begun).await?,
        Source::Parameters | Source::Pushed(_) => Asked::plainly(pending.asked()),
    };
    if asked.is_signed && !pending.may_stand_for(&asked.parameters) {
        return Err(OAuthError::new(Reason::RequestObjectChanged));
    }
    Ok(asked)
}

/// Answers a request object that cannot be used. Only a redirect URI beside it can say where the answer goes: there may be another one
/// in it.
fn refuse_unread(
    signet: &Signet,
    client: &Arc<Client>,
    pending: &Pending,
    error: OAuthError,
) -> Result<Refused, Failure> {
    let asked = pending.asked();
    let redirection = asked
        .find("redirect_uri")
        .ok()
        .flatten()
        .and_then(|_| Redirection::verify(asked, client, signet.issuer()).ok());
    if let Some(redirection) = redirection {
        return Ok(Refused { client: client.clone(), redirection, error });
    }
    Err(Problem::Unread { client_id: client.client_id.to_string(), error: Box::new(error) }.into())
}

/// The client of a request. A host that waits for an administrator is put before them when somebody who is signed in asks for it.
async fn find_visitor(
    signet: &Signet,
    client_id: &ClientId,
    asked: &Form,
    is_signed_in: bool,
) -> Result<Visitor, Failure> {
    let redirect_uri = asked.find("redirect_uri").ok().flatten();
    let refused = match signet.idp.find_visitor(client_id, redirect_uri).await {
        Ok(visitor) => return Ok(visitor),
        Err(refused) => refused,
    };
    if let VisitError::Problem(Problem::ClientHost { asks: true, .. }) = &refused
        && is_signed_in
    {
        signet.idp.ask_for_host(client_id).await;
    }
    Err(match refused {
        VisitError::Problem(problem) => problem.into(),
        VisitError::Failed(error) => error.into(),
    })
}
