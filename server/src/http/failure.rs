//! Failures in front of a person: a page that says so, with what was sent and with the request ID that the log knows.

use app::console::Flash;
use app::explained::Explained;
use app::pages::error::{ErrorPage, Reason};
use app::pages::refusal::{Because, Refusal};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp::activity;
use oauth::activity::EventKind;
use oauth::error::Problem;

use super::page::{Policy, page};
use crate::console::{Resumed, done};
use crate::guard::busy_answer;

/// Why a handler has no answer of its own.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The request cannot be answered by redirection.
    Problem(Problem),
    /// The same, and the explanation for whoever sent it.
    Explained(Problem, Box<Explained>),
    /// The provider failed.
    Provider(idp::Error),
    /// A form came through a login and cannot be shown again.
    Resumed,
}

impl Failure {
    pub(crate) fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Provider(idp::Error::internal(error))
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Resumed> for Failure {
    fn from(_: Resumed) -> Self {
        Self::Resumed
    }
}

impl From<idp::Error> for Failure {
    fn from(error: idp::Error) -> Self {
        Self::Provider(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem_page(problem, None),
            Self::Explained(problem, explained) => problem_page(problem, Some(*explained)),
            Self::Provider(idp::Error::NotFound) => not_found(),
            Self::Provider(idp::Error::Unauthorized) => super::see_other(app::console::path::LOGIN),
            Self::Provider(idp::Error::Busy) => busy_answer(render(StatusCode::SERVICE_UNAVAILABLE, Reason::Busy)),
            Self::Provider(error) => provider_page(&error),
            Self::Resumed => done(app::console::path::DASHBOARD, Flash::NotDone),
        }
    }
}

/// The ID of the request that is answered.
pub(crate) fn request_id() -> Option<String> {
    idp::request_id::current().map(|id| id.to_string())
}

/// The answer on a page with a form: the reason why the last try was refused.
pub(crate) fn refusal(because: Because) -> Refusal {
    Refusal { because, request_id: request_id() }
}

/// The page of an address where there is nothing.
pub(crate) fn not_found() -> Response {
    render(StatusCode::NOT_FOUND, Reason::NothingHere)
}

/// The page for somebody who asked too often and may come back in `wait` seconds.
pub(crate) fn too_many(wait: i64) -> Response {
    render(StatusCode::TOO_MANY_REQUESTS, Reason::TooMany { wait })
}

fn provider_page(error: &idp::Error) -> Response {
    tracing::error!(?error, "a request failed");
    if matches!(error, idp::Error::Unavailable) {
        render(StatusCode::SERVICE_UNAVAILABLE, Reason::Unavailable)
    } else {
        render(StatusCode::INTERNAL_SERVER_ERROR, Reason::Failed)
    }
}

/// The page after a handler panicked.
pub(crate) fn internal_page() -> Response {
    provider_page(&idp::Error::internal("a handler panicked"))
}

fn problem_page(problem: Problem, explained: Option<Explained>) -> Response {
    if !activity::is_told() {
        activity::refused_with(EventKind::Request, &problem);
    }
    render_with(StatusCode::BAD_REQUEST, Reason::Problem(problem), explained)
}

fn render(status: StatusCode, reason: Reason) -> Response {
    render_with(status, reason, None)
}

fn render_with(status: StatusCode, reason: Reason, explained: Option<Explained>) -> Response {
    let html = ErrorPage { reason, request_id: request_id(), explained }.render(&crate::assets::pkg());
    page(status, &Policy::NoScript, html)
}
