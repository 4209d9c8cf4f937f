//! Explanations of refusals, for whoever may see them.

use std::time::Duration;

use app::explained::Explained;
use axum::http::HeaderMap;
use idp::Idp;
use oauth::activity::{Event, EventFilter, Outcome};
use oauth::client::Client;
use oauth::error::Problem;
use oauth::id::ClientId;
use oauth::refusal::{Explanation, Reason};

use crate::http::cookie::Cookie;
use crate::state::Signet;

/// The refusal that is kept of a request, or else what else is. Whoever asks comes right after it, so what waits is written first.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn find_event(idp: &Idp, request_id: &str) -> Result<Option<Event>, idp::Error> {
    let mut filter = EventFilter {
        request_id: Some(request_id.to_owned()),
        outcome: Some(Outcome::Refused),
        ..EventFilter::default()
    };
    idp.write_activity().await;
    if let Some(event) = idp.events(&filter, None, 1).await?.rows.pop() {
        return Ok(Some(event));
    }
    filter.outcome = None;
    Ok(idp.events(&filter, None, 1).await?.rows.pop())
}

/// The explanation of an event, and the client that it is about; `None` for what was not refused.
async fn read(idp: &Idp, event: &Event) -> Result<Option<(Explanation, Option<Client>)>, idp::Error> {
    let client = match &event.client {
        Some(client_id) => find_client(idp, client_id).await?,
        None => None,
    };
    Ok(Explanation::of_event(event, client.as_ref()).map(|explanation| (explanation, client)))
}

/// The same, if whoever asks may see it.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn of_event_for(
    signet: &Signet,
    headers: &HeaderMap,
    event: &Event,
) -> Result<Option<Explained>, idp::Error> {
    let Some((explanation, client)) = read(&signet.idp, event).await? else { return Ok(None) };
    let may_see = may_see(signet, headers, client.as_ref(), explanation.reason).await?;
    Ok(may_see.then(|| Explained::new(explanation, client.as_ref(), event.user.as_ref())))
}

/// The explanation of an event, for an administrator; `None` for what was not refused.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn of_event(idp: &Idp, event: &Event) -> Result<Option<Explained>, idp::Error> {
    let found = read(idp, event).await?;
    Ok(found.map(|(explanation, client)| Explained::new(explanation, client.as_ref(), event.user.as_ref())))
}

/// The same for another process, which cannot make the server write what waits: it asks again for a second and a half.
async fn find_soon(idp: &Idp, request_id: &str) -> Result<Option<Event>, idp::Error> {
    for _ in 0..6 {
        if let Some(event) = find_event(idp, request_id).await? {
            return Ok(Some(event));
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Ok(None)
}

/// The same as lines of text; none when nothing is kept of the request.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn lines(idp: &Idp, request_id: &str) -> Result<Vec<String>, idp::Error> {
    let Some(event) = find_soon(idp, request_id).await? else { return Ok(Vec::new()) };
    let Some((explanation, client)) = read(idp, &event).await? else {
        return Ok(vec![format!("{}: {}, and not refused", event.kind, event.outcome)]);
    };
    let Explanation { reason, description, sent, expected, nearest, is_mended } = explanation;
    let mut lines = vec![description, String::new()];
    let mut line = |name: &str, value: &str| lines.push(format!("{name:10} {value}"));
    line("check", &format!("{reason} ({})", reason.clause()));
    line("answered", event.error.as_deref().unwrap_or_default());
    for (name, value) in [
        ("client", client.map(|client| client.client_id.to_string())),
        ("user", event.user.as_ref().map(ToString::to_string)),
        ("address", event.address.clone()),
    ] {
        if let Some(value) = value {
            line(name, &value);
        }
    }
    if let Some((name, value)) = &sent {
        line("sent", &format!("{name}={value}"));
    }
    for value in &expected {
        line("right", value);
    }
    if let Some(difference) = nearest.and_then(|nearest| nearest.difference) {
        lines.push(difference.to_owned());
    }
    lines.push(String::new());
    if is_mended {
        lines.push("This is mended by now: what was sent would be right today.".to_owned());
    }
    lines.push(reason.advice().to_owned());
    Ok(lines)
}

/// The explanation of what a person is shown in place of an answer, if whoever sent the request may see it.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn of_problem(
    signet: &Signet,
    headers: &HeaderMap,
    client_id: Option<&ClientId>,
    problem: &Problem,
) -> Result<Option<Explained>, idp::Error> {
    let client = match client_id {
        Some(client_id) => find_client(&signet.idp, client_id).await?,
        None => None,
    };
    if !may_see(signet, headers, client.as_ref(), problem.reason()).await? {
        return Ok(None);
    }
    let explanation = Explanation::of_problem(problem, client.as_ref());
    Ok(Some(Explained::new(explanation, client.as_ref(), None)))
}

/// True for an administrator with the console open, and for everybody while the client is in development.
async fn may_see(
    signet: &Signet,
    headers: &HeaderMap,
    client: Option<&Client>,
    reason: Reason,
) -> Result<bool, idp::Error> {
    if !reason.is_untold() && client.is_some_and(|client| client.is_in_development(signet.idp.now())) {
        return Ok(true);
    }
    match Cookie::Admin.read(headers, signet.issuer()) {
        Some(cookie) => Ok(signet.idp.find_admin(&cookie).await?.is_some()),
        None => Ok(false),
    }
}

/// The client as it is registered, disabled or not.
async fn find_client(idp: &Idp, client_id: &ClientId) -> Result<Option<Client>, idp::Error> {
    match idp.get_client(client_id).await {
        Ok(record) => Ok(Some(record.client)),
        Err(idp::Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
