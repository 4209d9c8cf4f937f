//! Signing out at the wish of a client (OpenID Connect RP-Initiated Logout 1.0).

use crate::client::Client;
use crate::error::{OAuthError, Problem};
use crate::form::Form;
use crate::id::Subject;
use crate::jwe::{ENCRYPTED_HINT, EncryptedJwt};
use crate::redirect_uri::RedirectUri;
use crate::refusal::Reason;
use crate::session::Session;

/// A logout request, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogoutRequest {
    pub id_token_hint: Option<String>,
    pub client_id: Option<String>,
    pub post_logout_redirect_uri: Option<String>,
    pub state: Option<String>,
}

impl LogoutRequest {
    /// Reads the parameters; `redirect_uri` is an old name of `post_logout_redirect_uri`.
    ///
    /// # Errors
    /// When one is repeated.
    pub fn read(form: &Form) -> Result<Self, Problem> {
        let find = |name| form.find(name).map(|value| value.map(str::to_owned)).map_err(Problem::from);
        Ok(Self {
            id_token_hint: find("id_token_hint")?,
            client_id: find("client_id")?,
            post_logout_redirect_uri: find("post_logout_redirect_uri")?.or(find("redirect_uri")?),
            state: find("state")?,
        })
    }
}

/// An ID token of ours that came back as a hint. Its signature is verified; it may have expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdTokenHint {
    pub subject: Subject,
    pub client_id: String,
    pub sid: Option<String>,
}

/// All that the decision depends on, besides the request.
#[derive(Debug, Clone, Copy)]
pub struct LogoutSituation<'a> {
    /// The client that the hint or `client_id` names.
    pub client: Option<&'a Client>,
    /// `id_token_hint`, if it is valid.
    pub hint: Option<&'a IdTokenHint>,
    pub session: Option<&'a Session>,
    /// True at an address that asks first when no hint proves that the client means this user.
    pub asks: bool,
    /// True once the user has confirmed.
    pub confirmed: bool,
}

/// The next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogoutStep {
    /// Ask the user whether they want to sign out.
    Confirm,
    /// End the session; go to the URL, or show that it is done.
    End {
        redirect: Option<String>,
        /// True when the hint proves that the client means this user, or the user said so. Anybody can name a client.
        vouched: bool,
    },
    Refuse(Problem),
}

/// Decides. A redirect only ever goes to a URI that is registered for a client that the request names.
#[must_use]
pub fn decide(request: &LogoutRequest, situation: &LogoutSituation<'_>) -> LogoutStep {
    if let (Some(hint), None) = (&request.id_token_hint, situation.hint) {
        let is_encrypted = EncryptedJwt::is_meant(hint);
        return refuse_logout(match is_encrypted {
            true => OAuthError::because(Reason::LogoutHintSealed, ENCRYPTED_HINT),
            false => OAuthError::new(Reason::LogoutHintForeign),
        });
    }
    if let (Some(hint), Some(client_id)) = (situation.hint, &request.client_id)
        && hint.client_id != *client_id
    {
        let other = OAuthError::new(Reason::LogoutClientOther);
        return refuse_logout(other.sent("client_id", client_id).expected([&hint.client_id]));
    }
    let redirect = match (&request.post_logout_redirect_uri, situation.client) {
        (Some(uri), Some(client)) if client.rules().allows_post_logout_redirect(uri) => {
            Some(with_state(uri, request.state.as_deref()))
        }
        (Some(uri), Some(client)) => {
            let registered = client.rules().post_logout_redirect_uris.iter().map(RedirectUri::as_str);
            let unregistered = OAuthError::new(Reason::LogoutUriUnregistered);
            return refuse_logout(unregistered.sent("post_logout_redirect_uri", uri).expected(registered));
        }
        // Without a client nobody vouches for the URI: sign out, and stay here.
        (_, _) => None,
    };
    let hinted = situation.hint.is_some_and(|hint| {
        situation
            .session
            .is_some_and(|session| session.subject == hint.subject || hint.sid.as_deref() == Some(session.sid.as_str()))
    });
    let unvouched = request.post_logout_redirect_uri.is_some() && situation.client.is_none();
    let ask = situation.session.is_some() && !hinted && (situation.asks || unvouched || situation.hint.is_some());
    if ask && !situation.confirmed {
        return LogoutStep::Confirm;
    }
    let vouched = hinted || situation.confirmed;
    // Anybody can register a client, and a place for it (RP-Initiated Logout §3, RFC 9700 §4.11.2).
    let is_open = situation.client.is_some_and(|client| client.origin.is_dynamic());
    let may_redirect = !is_open || vouched || (situation.hint.is_some() && situation.session.is_none());
    LogoutStep::End { redirect: redirect.filter(|_| may_redirect), vouched }
}

fn refuse_logout(error: OAuthError) -> LogoutStep {
    LogoutStep::Refuse(Problem::Logout(Box::new(error)))
}

fn with_state(uri: &str, state: Option<&str>) -> String {
    let Some(state) = state else {
        return uri.to_owned();
    };
    let separator = if uri.contains('?') { '&' } else { '?' };
    let encoded = form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
    format!("{uri}{separator}{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientDraft, ClientKind, ClientOrigin};
    use crate::id::{LoginId, SessionId};

    fn client() -> Client {
        ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            redirect_uris: "https://a.example/bye".into(),
            ..ClientDraft::preset(ClientKind::Web)
        }
        .check(None)
        .unwrap()
    }

    fn session() -> Session {
        Session {
            subject: Subject::new("alice"),
            sid: SessionId::new("s"),
            login: LoginId::new("login"),
            factors: Vec::new(),
        }
    }

    fn hint() -> IdTokenHint {
        IdTokenHint { subject: Subject::new("alice"), client_id: "app".into(), sid: Some("s".into()) }
    }

    struct Case {
        query: &'static str,
        hint: Option<IdTokenHint>,
        client: bool,
        dynamic: bool,
        signed_in: bool,
        asks: bool,
        confirmed: bool,
    }

    fn step(case: Case) -> LogoutStep {
        let origin = if case.dynamic { ClientOrigin::Registration } else { ClientOrigin::Administrator };
        let (client, session) = (Client { origin, ..client() }, session());
        decide(
            &LogoutRequest::read(&Form::parse(case.query.as_bytes()).unwrap()).unwrap(),
            &LogoutSituation {
                client: case.client.then_some(&client),
                hint: case.hint.as_ref(),
                session: case.signed_in.then_some(&session),
                asks: case.asks,
                confirmed: case.confirmed,
            },
        )
    }

    const BASE: Case =
        Case { query: "", hint: None, client: false, dynamic: false, signed_in: true, asks: true, confirmed: false };
    const GOOD: &str = "id_token_hint=x&post_logout_redirect_uri=https://a.example/bye&state=a+b";

    #[test]
    fn a_hint_and_a_registered_uri_lead_there_with_state() {
        let end = step(Case { query: GOOD, hint: Some(hint()), client: true, ..BASE });
        assert_eq!(end, LogoutStep::End { redirect: Some("https://a.example/bye?state=a+b".into()), vouched: true });
    }

    #[test]
    fn nothing_leads_to_a_uri_that_is_not_registered() {
        for query in [
            "id_token_hint=x&post_logout_redirect_uri=https://evil.example/",
            "id_token_hint=x&post_logout_redirect_uri=https://a.example/bye?foo=bar",
        ] {
            assert!(matches!(step(Case { query, hint: Some(hint()), client: true, ..BASE }), LogoutStep::Refuse(_)));
        }
        assert!(matches!(step(Case { query: GOOD, ..BASE }), LogoutStep::Refuse(_)), "a forged hint");
        let no_hint = "post_logout_redirect_uri=https://a.example/bye";
        assert_eq!(step(Case { query: no_hint, ..BASE }), LogoutStep::Confirm);
        let end = LogoutStep::End { redirect: None, vouched: true };
        assert_eq!(step(Case { query: no_hint, confirmed: true, ..BASE }), end);
    }

    #[test]
    fn somebody_else_s_hint_asks_first() {
        let other = IdTokenHint { subject: Subject::new("bob"), sid: None, ..hint() };
        assert_eq!(
            step(Case { query: GOOD, hint: Some(other), client: true, asks: false, ..BASE }),
            LogoutStep::Confirm
        );
    }

    #[test]
    fn a_client_id_is_enough_where_the_address_does_not_ask() {
        let query = "client_id=app&post_logout_redirect_uri=https://a.example/bye&state=1";
        let end = LogoutStep::End { redirect: Some("https://a.example/bye?state=1".into()), vouched: false };
        assert_eq!(step(Case { query, client: true, asks: false, ..BASE }), end);
        assert_eq!(step(Case { query, client: true, signed_in: false, ..BASE }), end);
        assert_eq!(step(Case { query, client: true, ..BASE }), LogoutStep::Confirm);
    }

    #[test]
    fn a_client_that_anybody_can_register_sends_nobody_away_without_a_hint_or_their_word() {
        let query = "client_id=app&post_logout_redirect_uri=https://a.example/bye&state=1";
        let case = Case { query, client: true, dynamic: true, ..BASE };
        let stays = LogoutStep::End { redirect: None, vouched: false };
        assert_eq!(step(Case { asks: false, ..case }), stays);
        let case = Case { query, client: true, dynamic: true, ..BASE };
        assert_eq!(step(Case { signed_in: false, ..case }), stays);
        let case = Case { query, client: true, dynamic: true, ..BASE };
        let goes = LogoutStep::End { redirect: Some("https://a.example/bye?state=1".into()), vouched: true };
        assert_eq!(step(Case { confirmed: true, ..case }), goes);
        let hinted = step(Case { query: GOOD, hint: Some(hint()), client: true, dynamic: true, ..BASE });
        assert!(matches!(hinted, LogoutStep::End { redirect: Some(_), vouched: true }));
        let late =
            step(Case { query: GOOD, hint: Some(hint()), client: true, dynamic: true, signed_in: false, ..BASE });
        assert!(matches!(late, LogoutStep::End { redirect: Some(_), .. }));
    }
}
