//! Explanations of refusals, for whoever may see them.

use std::time::Duration;

use app::console::explain::NothingKept;
use app::explained::Explained;
use axum::http::HeaderMap;
use idp::{Idp, Recordable, Target, request_id};
use oauth::activity::{Event, EventFilter, Outcome};
use oauth::client::{Client, can_be_client_id};
use oauth::error::{ErrorCode, Problem};
use oauth::id::ClientId;
use oauth::refusal::{Deleted, Explanation, Known, Reason};

use crate::events::utc;
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

/// The explanation of an event, if whoever asks may see it; `None` also for what was not refused.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn of_event_for(
    signet: &Signet,
    headers: &HeaderMap,
    event: &Event,
) -> Result<Option<Explained>, idp::Error> {
    let Some(reason) = reason_of(event) else { return Ok(None) };
    let client = find_client(&signet.idp, event.client.as_ref()).await?;
    if !may_see(signet, headers, client.as_ref(), reason).await? {
        return Ok(None);
    }
    of_event(&signet.idp, event).await
}

/// The explanation of an event, for an administrator; `None` for what was not refused.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn of_event(idp: &Idp, event: &Event) -> Result<Option<Explained>, idp::Error> {
    let Some(reason) = reason_of(event) else { return Ok(None) };
    let client = find_client(idp, event.client.as_ref()).await?;
    let known = known(idp, reason, event.client.as_ref(), client).await?;
    let explanation = Explanation::of_event(event, &known);
    Ok(explanation.map(|explanation| Explained::new(explanation, &known, event.user.as_ref())))
}

/// The check that refused, if the event is of a refusal.
fn reason_of(event: &Event) -> Option<Reason> {
    Reason::find(&event.fact("check")?)
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

/// The reason why nothing is kept of a request, as far as its ID tells.
pub(crate) fn nothing_kept(idp: &Idp, request_id: &str) -> NothingKept {
    let now = idp.now();
    NothingKept { made_at: request_id::made_at(request_id, now), retention_days: idp.activity_retention_days(), now }
}

/// The explanation as lines of text; `None` when nothing is kept of the request.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn lines(idp: &Idp, request_id: &str) -> Result<Option<Vec<String>>, idp::Error> {
    let Some(event) = find_soon(idp, request_id).await? else { return Ok(None) };
    let Some(explained) = of_event(idp, &event).await? else {
        return Ok(Some(vec![format!("{} {}: {}, and not refused", utc(event.at), event.kind, event.outcome)]));
    };
    let facts = [
        ("time", Some(utc(event.at))),
        ("answered", event.error.clone()),
        ("client", event.client.as_ref().map(ToString::to_string)),
        ("user", event.user.as_ref().map(ToString::to_string)),
        ("address", event.address.clone()),
    ];
    let facts: Vec<_> = facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    Ok(Some(explained.lines(idp.issuer(), &facts)))
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
    let client = find_client(&signet.idp, client_id).await?;
    if !may_see(signet, headers, client.as_ref(), problem.reason()).await? {
        return Ok(None);
    }
    let known = known(&signet.idp, problem.reason(), client_id, client).await?;
    Ok(Some(Explained::new(Explanation::of_problem(problem, &known), &known, None)))
}

/// Today’s knowledge of what was refused. Strangers could make the server look for much: this is for those who may see it.
async fn known(
    idp: &Idp,
    reason: Reason,
    client_id: Option<&ClientId>,
    client: Option<Client>,
) -> Result<Known, idp::Error> {
    let mut known = Known { client, ..Known::default() };
    if reason.code() == ErrorCode::InvalidScope {
        known.scopes = idp.scopes_everywhere().await?;
    }
    let Some(client_id) = client_id.filter(|id| known.client.is_none() && can_be_client_id(id.as_str())) else {
        return Ok(known);
    };
    known.takes_registrations = idp.takes_registrations().await?;
    known.deleted = find_deleted(idp, client_id).await?;
    if known.deleted.is_none() {
        known.client_ids = idp.client_ids_near(client_id.as_str()).await?;
    }
    Ok(known)
}

/// The client that was here under this ID, if one was.
async fn find_deleted(idp: &Idp, client_id: &ClientId) -> Result<Option<Deleted>, idp::Error> {
    let target = Target::new(Recordable::Client, client_id.as_str());
    let in_bin = idp.find_in_bin(&target).await?;
    let was_here = in_bin.is_some() || !idp.history(&target, None, 1).await?.rows.is_empty();
    Ok(was_here.then(|| Deleted { client_id: client_id.clone(), in_bin }))
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
async fn find_client(idp: &Idp, client_id: Option<&ClientId>) -> Result<Option<Client>, idp::Error> {
    let Some(client_id) = client_id.filter(|id| can_be_client_id(id.as_str())) else { return Ok(None) };
    match idp.get_client(client_id).await {
        Ok(record) => Ok(Some(record.client)),
        Err(idp::Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use oauth::client::{ClientDraft, ClientKind};
    use oauth::error::OAuthError;
    use oauth::id::Issuer;

    use super::*;

    fn client() -> Client {
        let draft = ClientDraft {
            client_id: "p21".to_owned(),
            client_name: "Profile 21".to_owned(),
            redirect_uris: "https://a.example/cb".to_owned(),
            ..ClientDraft::preset(ClientKind::Web)
        };
        draft.check(None).unwrap()
    }

    fn lines(error: &OAuthError) -> Vec<String> {
        let known = Known { client: Some(client()), ..Known::default() };
        let explained = Explained::new(Explanation::of_error(error, &known), &known, None);
        explained.lines(&Issuer::parse("https://id.example/auth").unwrap(), &[("time", "2026-11-26T08:00:00Z".into())])
    }

    #[test]
    fn a_remedy_names_the_page_and_the_field_as_that_page_does() {
        let settings = "https://id.example/auth/admin/ui/clients/p21/settings";
        let policy = "https://id.example/auth/admin/ui/clients/p21/policy";
        for (reason, label, page, field) in [
            (Reason::ProfilePkce, "Security profile under Settings", settings, "security_profile"),
            (Reason::ResponseTypeUnregistered, "Response types under Settings", settings, "response_types"),
            (Reason::RequestUriUnregistered, "Request URIs under Settings", settings, "request_uris"),
            (Reason::LogoutUndelivered, "Back-channel logout URI under Settings", settings, "backchannel_logout_uri"),
            (Reason::AssertionKeysAway, "Address of the public keys under Settings", settings, "jwks_uri"),
            (Reason::AssertionForged, "Public keys under Settings", settings, "jwks"),
            (Reason::DpopMissing, "Requires a proof of its key under Settings", settings, "dpop_bound_access_tokens"),
            (Reason::PkceMissing, "PKCE under Login & consent", policy, "require_pkce"),
            (Reason::RefreshExpired, "Refresh token lifetime under Login & consent", policy, "refresh_token_ttl_days"),
        ] {
            let lines = lines(&OAuthError::new(reason));
            let end = [format!("Open {label} of Profile 21:"), format!("{page}#field-{field}")];
            assert!(lines.ends_with(&end), "{reason}: {lines:?}");
        }
        for reason in Reason::ALL {
            let text = lines(&OAuthError::new(*reason)).join("\n");
            assert!(!text.contains("Open policy") && !text.contains("_uris under"), "{reason}: {text}");
        }
    }

    #[test]
    fn plain_lines_mark_the_difference_and_say_where_it_is_mended() {
        let wrong = OAuthError::new(Reason::RedirectUriUnregistered);
        assert_eq!(
            lines(&wrong.clone().sent("redirect_uri", "https://a.example/cb/")),
            [
                "The redirect_uri is not registered for this client.",
                "",
                "check      redirect_uri_unregistered (RFC 9700 §2.1)",
                "time       2026-11-26T08:00:00Z",
                "sent       redirect_uri=https://a.example/cb/",
                "                                            ^",
                "nearest    https://a.example/cb",
                "                               ^",
                "           Nearest registered redirect URI.",
                "           What was sent ends with a slash, and what is registered does not.",
                "",
                Reason::RedirectUriUnregistered.advice(),
                "Add it to Redirect URIs under Settings of Profile 21:",
                "https://id.example/auth/admin/ui/clients/p21/settings?redirect_uris=https%3A%2F%2Fa.example%2Fcb%2F\
                 #field-redirect_uris",
            ]
        );
        let profile = lines(&OAuthError::new(Reason::ProfilePkce).sent("security_profile", "oauth2.1")).join("\n");
        assert!(
            profile.contains("found      Profile of the client: oauth2.1") && !profile.contains("sent "),
            "{profile}"
        );
        let mended = lines(&wrong.sent("redirect_uri", "https://a.example/cb"));
        assert_eq!(mended.last().unwrap(), "This is mended by now: what was sent would be right today.");
    }
}
