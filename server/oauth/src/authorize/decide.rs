//! The one decision of the authorization endpoint.

use super::{AuthorizationRequest, LoginReason, Prompt, Step};
use crate::client::Client;
use crate::consent::{Agreement, Answer, must_ask};
use crate::error::{ErrorCode, OAuthError};
use crate::form::Form;
use crate::id::Subject;
use crate::scope::{Scope, ScopeDefinition};
use crate::session::{ACR_PASSWORD, Session};
use crate::time::Timestamp;

/// The parameter in which a request that demanded a fresh login remembers the session it found (`none` when there was none):
/// the demand is met when the session is another one. It is a note to ourselves, not a proof: whoever can change the URL in
/// the user's browser can leave the demand out as well, and the client checks `auth_time`.
pub const REAUTHENTICATED: &str = "signet.reauthenticated";

/// The parameter in which a request with `prompt=select_account` remembers which session the user chose to go on with.
pub const SELECTED: &str = "signet.selected";

/// The time from a demanded login to the end of the authorization, in seconds. Later, the login is demanded again.
const LOGIN_GRACE: i64 = 600;

/// All that the decision depends on, besides the request.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    pub client: &'a Client,
    /// The parameters as sent, for the notes to ourselves.
    pub parameters: &'a Form,
    pub session: Option<&'a Session>,
    /// The subject of a valid `id_token_hint`.
    pub hinted: Option<&'a Subject>,
    /// The agreement that the user gave this client before.
    pub remembered: Option<&'a Agreement>,
    /// The scopes of this server.
    pub known: &'a [ScopeDefinition],
    /// The answer that the user just gave on the consent page.
    pub answer: Option<Answer>,
    pub now: Timestamp,
}

/// An authorization that the user and the rules allow: a code may be issued for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    pub session: Session,
    pub scope: Scope,
    /// The meaning of the scopes now.
    pub agreement: Agreement,
    /// True when the user was asked just now, so that the answer is worth remembering.
    pub asked: bool,
}

/// Decides what happens next. Reasons to ask the user are tried in the order login, account, consent; under `prompt=none` the
/// first of them becomes the error that the specification gives it (OpenID Connect Core §3.1.2.6).
#[must_use]
pub fn decide(request: &AuthorizationRequest, situation: &Situation<'_>) -> Step {
    if let Some(refusal) = unmet_acr(request) {
        return Step::Refuse(refusal);
    }
    let Some(session) = situation.session else {
        return ask(request, Step::Login(LoginReason::NobodySignedIn), ErrorCode::LoginRequired, "nobody is signed in");
    };
    if let Some(reason) = login_reason(request, situation, session) {
        return ask(request, Step::Login(reason), ErrorCode::LoginRequired, "the user must sign in again");
    }
    if request.has_prompt(Prompt::SelectAccount) && !account_selected(situation, session) {
        return Step::SelectAccount;
    }
    let asked = request.has_prompt(Prompt::Consent)
        || must_ask(situation.client, || {
            let covers = |remembered: &Agreement| remembered.covers(&request.scope, &request.claims, situation.known);
            situation.remembered.is_some_and(covers)
        });
    match situation.answer {
        Some(Answer::No) => Step::Refuse(OAuthError::new(ErrorCode::AccessDenied, "the user declined")),
        None if asked => ask(request, Step::Consent, ErrorCode::ConsentRequired, "the user has not allowed this yet"),
        _ => Step::Issue(Box::new(Approval {
            session: session.clone(),
            scope: request.scope.clone(),
            agreement: Agreement::of(&request.scope, situation.known),
            asked,
        })),
    }
}

/// A step that needs the user, or the error it becomes when the client asked not to disturb them.
fn ask(request: &AuthorizationRequest, step: Step, code: ErrorCode, description: &'static str) -> Step {
    if request.has_prompt(Prompt::None) { Step::Refuse(OAuthError::new(code, description)) } else { step }
}

/// An essential `acr` that no login here can reach (OpenID Connect Core §5.5.1.1).
fn unmet_acr(request: &AuthorizationRequest) -> Option<OAuthError> {
    let acr = request.claims.find_id_token("acr").filter(|acr| acr.essential)?;
    let wanted = acr.wanted();
    (!wanted.is_empty() && !wanted.iter().any(|value| value.as_str() == Some(ACR_PASSWORD))).then(|| {
        OAuthError::new(ErrorCode::UnmetAuthenticationRequirements, "no login of this server reaches the requested acr")
    })
}

fn login_reason(request: &AuthorizationRequest, situation: &Situation<'_>, session: &Session) -> Option<LoginReason> {
    let age = situation.now.since(session.auth_time);
    let demanded = situation.parameters.text(REAUTHENTICATED);
    let fresh = !demanded.is_empty() && demanded != session.sid.as_str() && age <= LOGIN_GRACE;
    if let Some(subject) = demanded_subject(request, situation)
        && subject != session.subject.as_str()
    {
        return Some(LoginReason::AnotherPerson);
    }
    if request.has_prompt(Prompt::Login) && !fresh {
        return Some(LoginReason::Prompted);
    }
    let oldest = |max_age: i64| if fresh { max_age.max(LOGIN_GRACE) } else { max_age };
    request.max_age.filter(|max_age| age > oldest(*max_age)).map(|_| LoginReason::TooLongAgo)
}

/// The one person the request is about, if it names one.
fn demanded_subject(request: &AuthorizationRequest, situation: &Situation<'_>) -> Option<String> {
    let by_claim =
        request.claims.find_id_token("sub").and_then(|sub| sub.value.as_ref()).and_then(|value| value.as_str());
    by_claim.map(str::to_owned).or_else(|| situation.hinted.map(ToString::to_string))
}

/// The user went on with this session, or signed in after being asked.
fn account_selected(situation: &Situation<'_>, session: &Session) -> bool {
    let demanded = situation.parameters.text(REAUTHENTICATED);
    situation.parameters.text(SELECTED) == session.sid.as_str()
        || (!demanded.is_empty() && demanded != session.sid.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::Redirection;
    use crate::client::{ClientDraft, ClientKind, ClientPolicy, ConsentPolicy};
    use crate::id::{Issuer, SessionId};
    use crate::scope::core_scopes;

    struct Case {
        query: &'static str,
        session_age: Option<i64>,
        remembered: &'static str,
        answer: Option<Answer>,
        policy: ConsentPolicy,
    }

    impl Default for Case {
        fn default() -> Self {
            Self { query: "", session_age: Some(0), remembered: "openid", answer: None, policy: ConsentPolicy::Once }
        }
    }

    fn step(case: &Case) -> Step {
        let policy = ClientPolicy { consent_policy: Some(case.policy), ..ClientPolicy::default() };
        let client = ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            redirect_uris: "https://a.example/cb".into(),
            ..ClientDraft::preset(ClientKind::Web)
        }
        .check(Some(policy))
        .unwrap();
        let query =
            format!("client_id=app&redirect_uri=https://a.example/cb&response_type=code&scope=openid&{}", case.query);
        let parameters = Form::parse(query.as_bytes()).unwrap();
        let redirection =
            Redirection::verify(&parameters, &client, &Issuer::parse("https://id.example").unwrap()).unwrap();
        let request = AuthorizationRequest::verify(&parameters, &client, &core_scopes(), &redirection).unwrap();
        let now = Timestamp(10_000);
        let session = case.session_age.map(|age| Session {
            subject: Subject::new("alice"),
            sid: SessionId::new("sid2"),
            auth_time: now.plus(-age),
            acr: ACR_PASSWORD.into(),
            amr: vec!["pwd".into()],
        });
        let remembered = Agreement::of(&Scope::parse(case.remembered).unwrap(), &core_scopes());
        decide(
            &request,
            &Situation {
                client: &client,
                parameters: &parameters,
                session: session.as_ref(),
                hinted: None,
                remembered: Some(&remembered),
                known: &core_scopes(),
                answer: case.answer,
                now,
            },
        )
    }

    fn refused(case: &Case) -> ErrorCode {
        match step(case) {
            Step::Refuse(error) => error.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nobody_signed_in_signs_in_or_under_prompt_none_is_an_error() {
        assert_eq!(step(&Case { session_age: None, ..Case::default() }), Step::Login(LoginReason::NobodySignedIn));
        assert_eq!(
            refused(&Case { session_age: None, query: "prompt=none", ..Case::default() }),
            ErrorCode::LoginRequired
        );
    }

    #[test]
    fn prompt_login_asks_until_the_session_is_another_one() {
        let ask = |query| step(&Case { query, ..Case::default() });
        assert_eq!(ask("prompt=login"), Step::Login(LoginReason::Prompted));
        assert_eq!(ask("prompt=login&signet.reauthenticated=sid2"), Step::Login(LoginReason::Prompted));
        assert!(matches!(ask("prompt=login&signet.reauthenticated=sid1"), Step::Issue(_)));
        assert!(matches!(ask("prompt=login&signet.reauthenticated=none"), Step::Issue(_)));
    }

    #[test]
    fn an_old_note_of_a_login_does_not_count() {
        let case =
            Case { query: "prompt=login&signet.reauthenticated=sid1", session_age: Some(601), ..Case::default() };
        assert_eq!(step(&case), Step::Login(LoginReason::Prompted));
    }

    #[test]
    fn max_age_asks_when_it_has_passed_and_not_again_after_the_login() {
        let old = |query| step(&Case { query, session_age: Some(20), ..Case::default() });
        assert_eq!(old("max_age=10"), Step::Login(LoginReason::TooLongAgo));
        assert!(matches!(old("max_age=20"), Step::Issue(_)));
        assert!(matches!(old("max_age=0&signet.reauthenticated=sid1"), Step::Issue(_)));
        assert_eq!(
            refused(&Case { query: "max_age=10&prompt=none", session_age: Some(20), ..Case::default() }),
            ErrorCode::LoginRequired
        );
    }

    #[test]
    fn select_account_asks_once() {
        let ask = |query| step(&Case { query, ..Case::default() });
        assert_eq!(ask("prompt=select_account"), Step::SelectAccount);
        assert!(matches!(ask("prompt=select_account&signet.selected=sid2"), Step::Issue(_)));
        assert!(matches!(ask("prompt=select_account&signet.reauthenticated=sid1"), Step::Issue(_)));
        assert_eq!(ask("prompt=select_account&signet.selected=sid1"), Step::SelectAccount);
    }

    #[test]
    fn consent_follows_policy_memory_and_prompt() {
        let new = Case { remembered: "", ..Case::default() };
        assert_eq!(step(&new), Step::Consent);
        assert!(matches!(step(&Case::default()), Step::Issue(approval) if !approval.asked));
        assert_eq!(step(&Case { policy: ConsentPolicy::Always, ..Case::default() }), Step::Consent);
        assert!(matches!(
            step(&Case { policy: ConsentPolicy::Skip, remembered: "", ..Case::default() }),
            Step::Issue(_)
        ));
        assert_eq!(step(&Case { query: "prompt=consent", ..Case::default() }), Step::Consent);
        assert_eq!(
            refused(&Case { query: "prompt=none", remembered: "", ..Case::default() }),
            ErrorCode::ConsentRequired
        );
    }

    #[test]
    fn single_claims_are_asked_for_until_a_scope_that_opens_them_was_allowed() {
        let query = "claims=%7B%22userinfo%22:%7B%22email%22:null%7D%7D";
        assert_eq!(step(&Case { query, ..Case::default() }), Step::Consent);
        let allowed = Case { query, remembered: "openid email", ..Case::default() };
        assert!(matches!(step(&allowed), Step::Issue(approval) if !approval.asked));
        // No scope of this client opens it, so it is left out.
        let query = "claims=%7B%22userinfo%22:%7B%22phone_number%22:null%7D%7D";
        assert!(matches!(step(&Case { query, ..Case::default() }), Step::Issue(approval) if !approval.asked));
    }

    #[test]
    fn the_answer_of_the_user_counts() {
        let answered = |answer| Case { remembered: "", answer: Some(answer), ..Case::default() };
        assert!(matches!(step(&answered(Answer::Yes)), Step::Issue(approval) if approval.asked));
        assert_eq!(refused(&answered(Answer::No)), ErrorCode::AccessDenied);
    }

    #[test]
    fn a_request_about_another_person_asks_for_that_person() {
        let query = "claims=%7B%22id_token%22:%7B%22sub%22:%7B%22value%22:%22bob%22%7D%7D%7D";
        assert_eq!(step(&Case { query, ..Case::default() }), Step::Login(LoginReason::AnotherPerson));
    }

    #[test]
    fn an_essential_acr_out_of_reach_is_refused() {
        let query = "claims=%7B%22id_token%22:%7B%22acr%22:%7B%22essential%22:true,%22values%22:[%229%22]%7D%7D%7D";
        assert_eq!(refused(&Case { query, ..Case::default() }), ErrorCode::UnmetAuthenticationRequirements);
    }
}
