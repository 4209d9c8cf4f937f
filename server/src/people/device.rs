//! `GET` and `POST /device` (RFC 8628 §3.3): a person types the code of a device, sees what it asks for, and answers.
//!
//! A link with the code in it (`verification_uri_complete`) fills in the field and does nothing else: who follows one that
//! somebody sent them sees the code, the client and the warning before anything is given (RFC 8628 §3.3.1, §5.4).

use app::pages::client::ClientFace;
use app::pages::device::{DeviceCodePage, DeviceConsentPage, DeviceDonePage, DeviceNewcomer};
use app::pages::refusal::{Because, Refusal};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use idp::{Admission, Answered, DeviceQuestion, Visitor, activity};
use oauth::activity::EventKind;
use oauth::authorize::LoginReason;
use oauth::consent::Answer;
use oauth::error::Problem;
use oauth::form::Form;
use oauth::grant::UserCode;
use oauth::metadata::path;
use oauth::refusal::Reason;
use oauth::scope::find_meanings;
use oauth::seal::Sealed;
use oauth::session::SignedIn;

use super::shown::{Confirmation, detailed, named};
use super::{find_signed_in, login};
use crate::guard::{CallerAddress, delayed_answer};
use crate::http::failure::{Failure, refusal};
use crate::http::form::{PageForm, Query};
use crate::http::page::{Policy, page};
use crate::http::see_other;
use crate::state::Signet;

/// The parameter with which the page says how it ended.
const DONE: &str = "done";

/// The longest text that comes back as it was typed, in characters.
const MAX_TYPED: usize = 40;

pub(crate) async fn get(
    State(signet): State<Signet>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let done = match query.text(DONE).as_str() {
        "allowed" => Some(true),
        "declined" => Some(false),
        _ => None,
    };
    if let Some(allowed) = done {
        return Ok(page(StatusCode::OK, &Policy::NoScript, DeviceDonePage { allowed }.render(&crate::assets::pkg())));
    }
    let typed = query.text("user_code");
    let Some(signed_in) = find_signed_in(&signet, &headers).await? else {
        return Ok(see_other(&login_address(&signet, &typed)));
    };
    Ok(Visit { signet: &signet, signed_in: &signed_in, typed: &typed }.form(StatusCode::OK, None))
}

/// With `confirm` this is the answer to the question. Without, it is the code.
pub(crate) async fn post(
    State(signet): State<Signet>,
    caller: CallerAddress,
    headers: HeaderMap,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let typed = form.text("user_code");
    let Some(signed_in) = find_signed_in(&signet, &headers).await? else {
        return Ok(see_other(&login_address(&signet, &typed)));
    };
    activity::about_user(&signed_in.session.subject);
    let visit = Visit { signet: &signet, signed_in: &signed_in, typed: &typed };
    let answered = match Confirmation::read(&headers, &form) {
        Some(confirmation) => {
            let answer = match confirmation.confirm.as_str() {
                "yes" => Answer::Yes,
                "no" => Answer::No,
                _ => {
                    return Err(
                        Problem::Malformed(Reason::Malformed, "confirm is neither yes nor no".to_owned()).into()
                    );
                }
            };
            Some((confirmation, answer))
        }
        None => None,
    };
    let Some(user_code) = UserCode::parse(&typed) else {
        activity::refused(EventKind::Consent, Reason::UserCodeUnknown);
        return Ok(visit.form(StatusCode::UNPROCESSABLE_ENTITY, Some(refusal(Because::Wrong))));
    };
    let counts = signet.guard.counts(caller);
    let question = match signet.idp.find_device(&user_code, &signed_in.session, counts).await? {
        Admission::Admitted(question) => question,
        Admission::Refused => {
            activity::refused(EventKind::Consent, Reason::UserCodeUnknown);
            return Ok(visit.form(StatusCode::UNPROCESSABLE_ENTITY, Some(refusal(Because::Wrong))));
        }
        Admission::Delayed { wait } => {
            activity::refused(EventKind::Consent, Reason::UserCodeDelayed);
            let form = visit.form(StatusCode::TOO_MANY_REQUESTS, Some(refusal(Because::TooMany { wait })));
            return Ok(delayed_answer(form, wait));
        }
    };
    let auth_time = signed_in.session.auth_time();
    if question.visitor.client.login.is_too_old_for_a_device(auth_time, signet.idp.now()) {
        return Ok(see_other(&login::address(&signet, &address(&typed), LoginReason::TooLongAgo)));
    }
    let shown = visit.shown(&question)?;
    let parts = shown.each_ref().map(String::as_str);
    match answered {
        Some((confirmation, answer)) if confirmation.is_about(signet.idp.seal(), Sealed::Device, &parts) => {
            visit.keep(&question, answer).await
        }
        // The code was typed, or the answer is to another question.
        _ => visit.question(&question),
    }
}

/// The page with the code that was typed.
fn address(typed: &str) -> String {
    let typed: String = typed.chars().take(MAX_TYPED).collect();
    match UserCode::parse(&typed) {
        Some(user_code) => format!("{}?user_code={user_code}", path::DEVICE),
        None if typed.is_empty() => path::DEVICE.to_owned(),
        None => format!("{}?{}", path::DEVICE, Form::default().with("user_code", &typed).encode()),
    }
}

/// The login page, from where it goes on with the code that was typed.
fn login_address(signet: &Signet, typed: &str) -> String {
    login::address(signet, &address(typed), LoginReason::NobodySignedIn)
}

/// The words of the page about a client that nobody here looked at before it came. The host of its document is sure of one that
/// proves who it is, and nothing of one that registered itself: no answer goes where it says.
pub(super) fn newcomer(visitor: &Visitor) -> Option<DeviceNewcomer> {
    visitor.client.origin.is_dynamic().then(|| DeviceNewcomer {
        place: visitor.place(),
        is_new: visitor.is_new,
        proves_nothing: visitor.client.is_public(),
    })
}

/// Somebody who is signed in, with what they typed.
struct Visit<'a> {
    signet: &'a Signet,
    signed_in: &'a SignedIn,
    typed: &'a str,
}

impl Visit<'_> {
    fn form(&self, status: StatusCode, refusal: Option<Refusal>) -> Response {
        let user_code = UserCode::parse(self.typed).map(|code| code.to_string());
        let html = DeviceCodePage {
            user_code: user_code.unwrap_or_else(|| self.typed.chars().take(MAX_TYPED).collect()),
            refusal,
            username: self.signed_in.user.username.clone(),
            switch_href: login_address(self.signet, self.typed),
        }
        .render(&crate::assets::pkg());
        page(status, &Policy::NoScript, html)
    }

    fn question(&self, question: &DeviceQuestion) -> Result<Response, Failure> {
        let scopes = question.scope.iter().flat_map(|token| {
            let described = find_meanings(token, &question.known).map(|definition| definition.description.clone());
            described.map(|description| (token.to_string(), description))
        });
        let (shown, client) = (self.shown(question)?, &question.visitor.client);
        let html = DeviceConsentPage {
            shown: self.signet.idp.seal().tag(Sealed::Device, &shown.each_ref().map(String::as_str)),
            user_code: question.user_code.clone(),
            client: ClientFace::of(client),
            newcomer: newcomer(&question.visitor),
            resources: named(&question.target),
            details: detailed(&question.target, None),
            scopes: scopes.collect(),
            asked_at: question.asked_at,
            now: self.signet.idp.now(),
            username: self.signed_in.user.username.clone(),
            switch_href: login_address(self.signet, self.typed),
        }
        .render(&crate::assets::pkg());
        Ok(page(StatusCode::OK, &Policy::NoScript, html))
    }

    /// All that the question says: about whom, for which client as it is registered now, which device, and the scopes with what
    /// they mean now.
    fn shown(&self, question: &DeviceQuestion) -> Result<[String; 5], Failure> {
        let in_words = (named(&question.target), question.target.details_in_words());
        Ok([
            self.signed_in.session.subject.to_string(),
            serde_json::to_string(&*question.visitor.client).map_err(Failure::internal)?,
            question.user_code.to_string(),
            question.asked_at.0.to_string(),
            serde_json::to_string(&(&question.agreement, in_words)).map_err(Failure::internal)?,
        ])
    }

    async fn keep(&self, question: &DeviceQuestion, answer: Answer) -> Result<Response, Failure> {
        let done = match answer {
            Answer::Yes => "allowed",
            Answer::No => "declined",
        };
        activity::about_client(&question.visitor.client.client_id);
        activity::about_scope(&question.scope);
        match self.signet.idp.answer_device(question, self.signed_in, answer).await? {
            Answered::Kept => {
                match answer {
                    Answer::Yes => activity::happened(EventKind::Consent),
                    Answer::No => activity::refused(EventKind::Consent, Reason::DeviceDeclined),
                }
                Ok(see_other(&format!("{}?{DONE}={done}", path::DEVICE)))
            }
            Answered::Gone => Ok(self.form(StatusCode::UNPROCESSABLE_ENTITY, Some(refusal(Because::Wrong)))),
            // Somebody else may be signed in by now, or the client asks for something else: it is asked again.
            Answered::Changed => Ok(see_other(&address(self.typed))),
        }
    }
}
