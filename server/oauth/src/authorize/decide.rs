//! The one decision of the authorization endpoint.

use super::{Approval, AskedBecause, AuthorizationRequest, Consented, LoginReason, Notes, Prompt, Step};
use crate::client::{Client, ConsentPolicy};
use crate::consent::{Agreement, Answer};
use crate::error::OAuthError;
use crate::id::Subject;
use crate::refusal::Reason;
use crate::scope::ScopeDefinition;
use crate::session::{ACR_PASSWORD, Session, SignedIn};
use crate::time::Timestamp;

/// Seconds that the rest of the authorization may take after a login that the request demanded.
const LOGIN_GRACE: i64 = 600;

/// All that the decision depends on, besides the request.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    pub client: &'a Client,
    /// Our notes on the request.
    pub notes: &'a Notes,
    pub signed_in: Option<&'a SignedIn>,
    /// The name by which the client knows whoever is signed in.
    pub known_as: Option<&'a Subject>,
    /// The subject of a valid `id_token_hint`.
    pub hinted: Option<&'a Subject>,
    /// The agreement of the user with this client from before.
    pub remembered: Option<&'a Agreement>,
    /// The scopes of this server and of the resources that the request is for.
    pub known: &'a [ScopeDefinition],
    /// The answer that the user just gave on the consent page.
    pub answer: Option<Answer>,
    pub now: Timestamp,
}

/// Decides what happens next. Reasons to ask the user are tried in the order login, account, consent; under `prompt=none` the
/// first of them becomes the error that the specification gives it (OpenID Connect Core §3.1.2.6).
#[must_use]
pub fn decide<'a>(request: &AuthorizationRequest, situation: &Situation<'a>) -> Step<'a> {
    if let Some(refusal) = unmet_acr(request) {
        return Step::Refuse(refusal);
    }
    let Some(signed_in) = situation.signed_in else {
        return ask(request, Step::Login(LoginReason::NobodySignedIn), Reason::LoginRequired);
    };
    if let Some(reason) = login_reason(request, situation, &signed_in.session) {
        return ask(request, Step::Login(reason), Reason::LoginTooOld);
    }
    if request.has_prompt(Prompt::SelectAccount) && !account_selected(situation.notes, &signed_in.session) {
        return Step::SelectAccount(signed_in);
    }
    let needed = judge_consent(request, situation);
    let consent = match (situation.answer, needed) {
        (Some(Answer::No), _) => return Step::Refuse(OAuthError::new(Reason::Declined)),
        (None, Err(_)) => return ask(request, Step::Consent(signed_in), Reason::ConsentRequired),
        (Some(Answer::Yes), Err(_)) => Consented::Asked,
        (_, Ok(consented)) => consented,
    };
    Step::Issue(Box::new(Approval {
        signed_in,
        scope: request.scope.clone(),
        agreement: Agreement::of(&request.scope, situation.known).about(&request.target),
        consent,
    }))
}

/// The reason for which nobody need be asked.
///
/// A program on the user's device that cannot prove who it is asks each time: another one may listen on its port, or have
/// claimed its scheme (RFC 8252 §8.6). Only the policy `skip` lets it in silently.
///
/// # Errors
/// The reason for which the user must be asked.
pub fn judge_consent(request: &AuthorizationRequest, situation: &Situation<'_>) -> Result<Consented, AskedBecause> {
    if request.has_prompt(Prompt::Consent) {
        return Err(AskedBecause::Demanded);
    }
    let remembers = |remembered: &&Agreement| {
        remembered.covers(&request.scope, &request.claims, situation.known)
            && remembered.is_about(&request.target.ids())
            && remembered.details().cover(request.target.details())
    };
    match situation.client.rules().consent {
        ConsentPolicy::Skip => Ok(Consented::Unasked),
        ConsentPolicy::Always => Err(AskedBecause::Always),
        ConsentPolicy::Once if situation.client.may_be_impersonated_at(&request.redirect_uri) => {
            Err(AskedBecause::AnyProgram)
        }
        ConsentPolicy::Once => match situation.remembered {
            None => Err(AskedBecause::Nothing),
            Some(remembered) if remembers(&remembered) => Ok(Consented::Before),
            Some(_) => Err(AskedBecause::More),
        },
    }
}

/// A step that needs the user, or the error it becomes when the client asked not to disturb them.
fn ask<'a>(request: &AuthorizationRequest, step: Step<'a>, reason: Reason) -> Step<'a> {
    if request.has_prompt(Prompt::None) { Step::Refuse(OAuthError::new(reason)) } else { step }
}

/// An essential `acr` that no login here can reach (OpenID Connect Core §5.5.1.1).
fn unmet_acr(request: &AuthorizationRequest) -> Option<OAuthError> {
    let acr = request.claims.find_id_token("acr").filter(|acr| acr.essential)?;
    let wanted = acr.wanted();
    (!wanted.is_empty() && !wanted.iter().any(|value| value.as_str() == Some(ACR_PASSWORD))).then(|| {
        let sent = wanted.iter().filter_map(|value| value.as_str()).collect::<Vec<_>>().join(" ");
        OAuthError::new(Reason::AcrUnmet).sent("acr", sent).expected([ACR_PASSWORD])
    })
}

/// A session is as old as `max_age` allows when its age in whole seconds reaches it: the clock counts whole seconds, so a login
/// may be almost a second older than it looks. A login that the request itself demanded is good for a while whatever its age.
fn login_reason(request: &AuthorizationRequest, situation: &Situation<'_>, session: &Session) -> Option<LoginReason> {
    let age = situation.now.since(session.auth_time());
    let met = situation.notes.demanded.as_ref().is_some_and(|demand| demand.is_met_by(session));
    let fresh = met && age <= LOGIN_GRACE;
    if let Some(subject) = demanded_subject(request, situation)
        && subject != situation.known_as.unwrap_or(&session.subject).as_str()
    {
        return Some(LoginReason::AnotherPerson);
    }
    if request.has_prompt(Prompt::Login) && !fresh {
        return Some(LoginReason::Prompted);
    }
    request.max_age.filter(|max_age| !fresh && age >= *max_age).map(|_| LoginReason::TooLongAgo)
}

/// The one person the request is about, if it names one.
fn demanded_subject(request: &AuthorizationRequest, situation: &Situation<'_>) -> Option<String> {
    let by_claim =
        request.claims.find_id_token("sub").and_then(|sub| sub.value.as_ref()).and_then(|value| value.as_str());
    by_claim.map(str::to_owned).or_else(|| situation.hinted.map(ToString::to_string))
}

/// The user went on with this login, or signed in after being asked.
fn account_selected(notes: &Notes, session: &Session) -> bool {
    notes.selected.as_ref() == Some(&session.login)
        || notes.demanded.as_ref().is_some_and(|demand| demand.is_met_by(session))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use std::sync::Arc;

    use crate::authorize::{Demand, Redirection};
    use crate::claims::UserClaims;
    use crate::client::{ClientDraft, ClientKind, ClientPolicy};
    use crate::form::Form;
    use crate::id::{Issuer, LoginId, SessionId};
    use crate::resource::Target;
    use crate::scope::{Scope, core_scopes};
    use crate::session::Factor;
    use crate::user::User;

    const NOW: Timestamp = Timestamp(10_000);

    struct Case {
        kind: ClientKind,
        redirect_uri: &'static str,
        query: &'static str,
        /// The login that was found when one was demanded, and how many seconds ago that was.
        demanded: Option<(Option<&'static str>, i64)>,
        selected: Option<&'static str>,
        session_age: Option<i64>,
        remembered: &'static str,
        answer: Option<Answer>,
        policy: ConsentPolicy,
    }

    impl Default for Case {
        fn default() -> Self {
            Self {
                kind: ClientKind::Web,
                redirect_uri: "https://a.example/cb",
                query: "",
                demanded: None,
                selected: None,
                session_age: Some(0),
                remembered: "openid",
                answer: None,
                policy: ConsentPolicy::Once,
            }
        }
    }

    /// The kind of the next step, and what it turns on.
    #[derive(Debug, PartialEq)]
    enum Next {
        Login(LoginReason),
        SelectAccount,
        Consent,
        Issue(Consented),
        Refuse(ErrorCode),
    }

    fn next(case: &Case) -> Next {
        next_and_reason(case).0
    }

    /// With the reason for which the user must be asked, if they must.
    fn next_and_reason(case: &Case) -> (Next, Option<AskedBecause>) {
        let policy = ClientPolicy { consent_policy: Some(case.policy), ..ClientPolicy::default() };
        let client = ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            redirect_uris: case.redirect_uri.into(),
            ..ClientDraft::preset(case.kind)
        }
        .check(Some(policy))
        .unwrap();
        let query = format!(
            "client_id=app&redirect_uri={}&response_type=code&scope=openid&code_challenge_method=S256&\
             code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&{}",
            case.redirect_uri, case.query
        );
        let parameters = Form::parse(query.as_bytes()).unwrap();
        let redirection =
            Redirection::verify(&parameters, &client, &Issuer::parse("https://id.example").unwrap()).unwrap();
        let request =
            AuthorizationRequest::verify(&parameters, &client, Target::default(), &core_scopes(), &redirection)
                .unwrap();
        let signed_in = case.session_age.map(|age| SignedIn {
            session: Session {
                subject: Subject::new("alice"),
                sid: SessionId::new("sid"),
                login: LoginId::new("login2"),
                factors: vec![Factor::password(NOW.plus(-age))],
            },
            user: Arc::new(User {
                subject: Subject::new("alice"),
                username: "alice".into(),
                email: None,
                enabled: true,
                claims: UserClaims::default(),
                updated_at: NOW,
            }),
        });
        let notes = Notes {
            demanded: case.demanded.map(|(found, ago)| Demand { at: NOW.plus(-ago), found: found.map(LoginId::new) }),
            selected: case.selected.map(LoginId::new),
            begun: None,
        };
        let known = core_scopes();
        let remembered = Agreement::of(&Scope::parse(case.remembered).unwrap(), &known);
        let situation = Situation {
            client: &client,
            notes: &notes,
            signed_in: signed_in.as_ref(),
            known_as: None,
            hinted: None,
            remembered: Some(&remembered).filter(|_| case.remembered != "nothing"),
            known: &known,
            answer: case.answer,
            now: NOW,
        };
        let next = match decide(&request, &situation) {
            Step::Login(reason) => Next::Login(reason),
            Step::SelectAccount(_) => Next::SelectAccount,
            Step::Consent(_) => Next::Consent,
            Step::Issue(approval) => Next::Issue(approval.consent),
            Step::Refuse(error) => Next::Refuse(error.code),
        };
        (next, judge_consent(&request, &situation).err())
    }

    const ISSUED: Next = Next::Issue(Consented::Before);

    #[test]
    fn nobody_signed_in_signs_in_or_under_prompt_none_is_an_error() {
        let nobody = |query| next(&Case { session_age: None, query, ..Case::default() });
        assert_eq!(nobody(""), Next::Login(LoginReason::NobodySignedIn));
        assert_eq!(nobody("prompt=none"), Next::Refuse(ErrorCode::LoginRequired));
    }

    #[test]
    fn prompt_login_asks_until_there_is_a_login_after_the_demand() {
        let ask = |demanded| next(&Case { query: "prompt=login", demanded, ..Case::default() });
        assert_eq!(ask(None), Next::Login(LoginReason::Prompted));
        assert_eq!(ask(Some((Some("login2"), 0))), Next::Login(LoginReason::Prompted));
        assert_eq!(ask(Some((Some("login1"), 0))), ISSUED);
        assert_eq!(ask(Some((None, 5))), ISSUED);
    }

    #[test]
    fn a_login_from_before_the_demand_or_long_after_it_does_not_meet_it() {
        let ask = |age, ago| {
            let demanded = Some((Some("login1"), ago));
            next(&Case { query: "prompt=login", demanded, session_age: Some(age), ..Case::default() })
        };
        assert_eq!(ask(1, 0), Next::Login(LoginReason::Prompted));
        assert_eq!(ask(601, 700), Next::Login(LoginReason::Prompted));
        assert_eq!(ask(600, 700), ISSUED);
    }

    #[test]
    fn max_age_asks_when_it_may_have_passed_and_not_again_after_the_login() {
        let aged = |age, query| next(&Case { query, session_age: Some(age), ..Case::default() });
        assert_eq!(aged(20, "max_age=10"), Next::Login(LoginReason::TooLongAgo));
        assert_eq!(aged(20, "max_age=21"), ISSUED);
        // The clock counts whole seconds: this login may be almost 21 seconds old.
        assert_eq!(aged(20, "max_age=20"), Next::Login(LoginReason::TooLongAgo));
        assert_eq!(aged(0, "max_age=0"), Next::Login(LoginReason::TooLongAgo));
        assert_eq!(aged(20, "max_age=10&prompt=none"), Next::Refuse(ErrorCode::LoginRequired));
        let demanded = Some((Some("login1"), 0));
        assert_eq!(next(&Case { query: "max_age=0", demanded, ..Case::default() }), ISSUED);
        let found_itself = Some((Some("login2"), 0));
        let again = next(&Case { query: "max_age=0", demanded: found_itself, ..Case::default() });
        assert_eq!(again, Next::Login(LoginReason::TooLongAgo));
    }

    #[test]
    fn select_account_asks_once() {
        let ask =
            |selected, demanded| next(&Case { query: "prompt=select_account", selected, demanded, ..Case::default() });
        assert_eq!(ask(None, None), Next::SelectAccount);
        assert_eq!(ask(Some("login2"), None), ISSUED);
        assert_eq!(ask(None, Some((Some("login1"), 0))), ISSUED);
        assert_eq!(ask(Some("login1"), None), Next::SelectAccount);
    }

    #[test]
    fn consent_follows_policy_memory_and_prompt() {
        let ask = |policy, remembered, query| next(&Case { policy, remembered, query, ..Case::default() });
        assert_eq!(ask(ConsentPolicy::Once, "", ""), Next::Consent);
        assert_eq!(ask(ConsentPolicy::Once, "openid", ""), ISSUED);
        assert_eq!(ask(ConsentPolicy::Always, "openid", ""), Next::Consent);
        assert_eq!(ask(ConsentPolicy::Skip, "", ""), Next::Issue(Consented::Unasked));
        assert_eq!(ask(ConsentPolicy::Once, "openid", "prompt=consent"), Next::Consent);
        assert_eq!(ask(ConsentPolicy::Once, "", "prompt=none"), Next::Refuse(ErrorCode::ConsentRequired));
    }

    #[test]
    fn whoever_is_asked_is_asked_for_a_reason() {
        use AskedBecause as Because;
        let (web, native) = (ClientKind::Web, ClientKind::Native);
        let (once, always, skip) = (ConsentPolicy::Once, ConsentPolicy::Always, ConsentPolicy::Skip);
        for (kind, policy, remembered, query, because) in [
            (web, once, "openid", "", None),
            (web, once, "openid", "prompt=consent", Some(Because::Demanded)),
            (web, skip, "", "prompt=consent", Some(Because::Demanded)),
            (web, always, "openid", "", Some(Because::Always)),
            (web, once, "nothing", "", Some(Because::Nothing)),
            (web, once, "email", "", Some(Because::More)),
            (native, once, "openid", "", Some(Because::AnyProgram)),
            (native, skip, "nothing", "", None),
        ] {
            let redirect_uri = if kind == native { "http://127.0.0.1/cb" } else { "https://a.example/cb" };
            let case = Case { kind, redirect_uri, policy, remembered, query, ..Case::default() };
            let (next, reason) = next_and_reason(&case);
            assert_eq!(
                (reason, next == Next::Consent),
                (because, because.is_some()),
                "{policy:?} {remembered} {query}"
            );
        }
    }

    #[test]
    fn a_program_on_the_device_that_cannot_prove_who_it_is_asks_each_time() {
        let ask =
            |kind, redirect_uri, policy, query| next(&Case { kind, redirect_uri, policy, query, ..Case::default() });
        let (native, once) = (ClientKind::Native, ConsentPolicy::Once);
        for uri in ["http://127.0.0.1/cb", "http://[::1]:5000/cb", "http://localhost/cb", "com.example.app:/cb"] {
            assert_eq!(ask(native, uri, once, ""), Next::Consent, "{uri}");
            assert_eq!(ask(native, uri, once, "prompt=none"), Next::Refuse(ErrorCode::ConsentRequired), "{uri}");
            assert_eq!(ask(native, uri, ConsentPolicy::Skip, "prompt=none"), Next::Issue(Consented::Unasked), "{uri}");
        }
        assert_eq!(ask(native, "https://app.example/cb", once, "prompt=none"), ISSUED);
        assert_eq!(ask(ClientKind::Spa, "http://localhost:3000/cb", once, "prompt=none"), ISSUED);
        assert_eq!(ask(ClientKind::Web, "http://127.0.0.1:5000/cb", once, "prompt=none"), ISSUED);
    }

    #[test]
    fn single_claims_are_asked_for_until_a_scope_that_opens_them_was_allowed() {
        let query = "claims=%7B%22userinfo%22:%7B%22email%22:null%7D%7D";
        assert_eq!(next(&Case { query, ..Case::default() }), Next::Consent);
        assert_eq!(next(&Case { query, remembered: "openid email", ..Case::default() }), ISSUED);
        // No scope of this client opens it, so it is left out.
        let query = "claims=%7B%22userinfo%22:%7B%22phone_number%22:null%7D%7D";
        assert_eq!(next(&Case { query, ..Case::default() }), ISSUED);
    }

    #[test]
    fn the_answer_of_the_user_counts() {
        let answered = |answer| next(&Case { remembered: "", answer: Some(answer), ..Case::default() });
        assert_eq!(answered(Answer::Yes), Next::Issue(Consented::Asked));
        assert_eq!(answered(Answer::No), Next::Refuse(ErrorCode::AccessDenied));
    }

    #[test]
    fn a_request_about_another_person_asks_for_that_person() {
        let query = "claims=%7B%22id_token%22:%7B%22sub%22:%7B%22value%22:%22bob%22%7D%7D%7D";
        assert_eq!(next(&Case { query, ..Case::default() }), Next::Login(LoginReason::AnotherPerson));
    }

    #[test]
    fn an_essential_acr_out_of_reach_is_refused() {
        let query = "claims=%7B%22id_token%22:%7B%22acr%22:%7B%22essential%22:true,%22values%22:[%229%22]%7D%7D%7D";
        let refused = next(&Case { query, ..Case::default() });
        assert_eq!(refused, Next::Refuse(ErrorCode::UnmetAuthenticationRequirements));
    }
}
