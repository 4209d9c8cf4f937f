//! `GET` and `POST /approve`: a person sees which applications asked for them by name, and answers (CIBA §7).
//!
//! Everything that one asks for stands on one page, so an answer is one press. It counts for what was shown and for nothing else
//! ([`super::shown`]).

use app::pages::approve::{ApprovePage, ApprovedPage, Waiting};
use app::pages::client::ClientFace;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use idp::{Answered, BackchannelQuestion, activity};
use oauth::activity::EventKind;
use oauth::authorize::LoginReason;
use oauth::consent::Answer;
use oauth::error::Problem;
use oauth::refusal::Reason;
use oauth::scope::find_meanings;
use oauth::seal::Sealed;
use oauth::session::SignedIn;

use super::device::newcomer;
use super::shown::{Confirmation, detailed, named};
use super::{find_signed_in, login};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::http::page::{Policy, page};
use crate::http::see_other;
use crate::state::Signet;

/// The parameter with which the page says how it ended.
const DONE: &str = "done";

pub(crate) async fn get(
    State(signet): State<Signet>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response, Failure> {
    let Some(signed_in) = find_signed_in(&signet, &headers).await? else {
        return Ok(to_login(&signet, LoginReason::NobodySignedIn));
    };
    let visit = Visit { signet: &signet, signed_in: &signed_in };
    match query.unwrap_or_default().text(DONE).as_str() {
        "allowed" => visit.done(true).await,
        "declined" => visit.done(false).await,
        _ => visit.list(StatusCode::OK, false).await,
    }
}

/// The answer to one request: `request` is its ID.
pub(crate) async fn post(
    State(signet): State<Signet>,
    headers: HeaderMap,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let Some(signed_in) = find_signed_in(&signet, &headers).await? else {
        return Ok(to_login(&signet, LoginReason::NobodySignedIn));
    };
    activity::about_user(&signed_in.session.subject);
    let visit = Visit { signet: &signet, signed_in: &signed_in };
    let Some(confirmation) = Confirmation::read(&headers, &form) else {
        return visit.list(StatusCode::OK, false).await;
    };
    let answer = match confirmation.confirm.as_str() {
        "yes" => Answer::Yes,
        "no" => Answer::No,
        _ => return Err(Problem::Malformed(Reason::Malformed, "confirm is neither yes nor no".to_owned()).into()),
    };
    let Some(question) = signet.idp.find_backchannel(&form.text("request"), &signed_in.session).await? else {
        return visit.list(StatusCode::UNPROCESSABLE_ENTITY, true).await;
    };
    let auth_time = signed_in.session.auth_time();
    if question.visitor.client.login.is_too_old_for_a_device(auth_time, signet.idp.now()) {
        return Ok(to_login(&signet, LoginReason::TooLongAgo));
    }
    let shown = visit.shown(&question)?;
    if !confirmation.is_about(signet.idp.seal(), Sealed::Backchannel, &shown.each_ref().map(String::as_str)) {
        // It is an answer to another question: they are shown as they are now.
        return visit.list(StatusCode::OK, false).await;
    }
    visit.keep(&question, answer).await
}

fn to_login(signet: &Signet, reason: LoginReason) -> Response {
    see_other(&login::address(signet, app::path::APPROVE, reason))
}

/// Somebody who is signed in.
struct Visit<'a> {
    signet: &'a Signet,
    signed_in: &'a SignedIn,
}

impl Visit<'_> {
    async fn list(&self, status: StatusCode, is_gone: bool) -> Result<Response, Failure> {
        let questions = self.signet.idp.list_backchannel(&self.signed_in.session).await?;
        let waiting = questions.iter().map(|question| self.waiting(question)).collect::<Result<_, _>>()?;
        let html = ApprovePage {
            waiting,
            is_gone,
            now: self.signet.idp.now(),
            username: self.signed_in.user.username.clone(),
            switch_href: login::address(self.signet, app::path::APPROVE, LoginReason::NobodySignedIn),
        };
        Ok(page(status, &Policy::NoScript, html.render(&crate::assets::pkg())))
    }

    async fn done(&self, allowed: bool) -> Result<Response, Failure> {
        let left = self.signet.idp.list_backchannel(&self.signed_in.session).await?.len();
        let html = ApprovedPage { allowed, left }.render(&crate::assets::pkg());
        Ok(page(StatusCode::OK, &Policy::NoScript, html))
    }

    fn waiting(&self, question: &BackchannelQuestion) -> Result<Waiting, Failure> {
        let scopes = question.scope.iter().flat_map(|token| {
            let described = find_meanings(token, &question.known).map(|definition| definition.description.clone());
            described.map(|description| (token.to_string(), description))
        });
        let shown = self.shown(question)?;
        Ok(Waiting {
            id: question.id.clone(),
            shown: self.signet.idp.seal().tag(Sealed::Backchannel, &shown.each_ref().map(String::as_str)),
            client: ClientFace::of(&question.visitor.client),
            newcomer: newcomer(&question.visitor),
            resources: named(&question.target),
            details: detailed(&question.target, None),
            scopes: scopes.collect(),
            binding_message: question.binding_message.clone(),
            address: question.address.clone(),
            asked_at: question.asked_at,
        })
    }

    /// All that the question says: about whom, for which client as it is registered now, which request with which message, and the
    /// scopes and details with what they mean now.
    fn shown(&self, question: &BackchannelQuestion) -> Result<[String; 5], Failure> {
        let in_words = (named(&question.target), question.target.details_in_words());
        Ok([
            self.signed_in.session.subject.to_string(),
            serde_json::to_string(&*question.visitor.client).map_err(Failure::internal)?,
            question.id.clone(),
            question.binding_message.clone().unwrap_or_default(),
            serde_json::to_string(&(&question.agreement, in_words)).map_err(Failure::internal)?,
        ])
    }

    async fn keep(&self, question: &BackchannelQuestion, answer: Answer) -> Result<Response, Failure> {
        let done = match answer {
            Answer::Yes => "allowed",
            Answer::No => "declined",
        };
        activity::about_client(&question.visitor.client.client_id);
        activity::about_scope(&question.scope);
        match self.signet.idp.answer_backchannel(question, &self.signed_in.session, answer).await? {
            Answered::Kept => {
                match answer {
                    Answer::Yes => activity::happened(EventKind::Consent),
                    Answer::No => activity::refused(EventKind::Consent, Reason::CibaDeclined),
                }
                Ok(see_other(&format!("{}?{DONE}={done}", app::path::APPROVE)))
            }
            Answered::Gone => self.list(StatusCode::UNPROCESSABLE_ENTITY, true).await,
            // Somebody else may be signed in by now, or the client asks for something else: it is asked again.
            Answered::Changed => Ok(see_other(app::path::APPROVE)),
        }
    }
}
