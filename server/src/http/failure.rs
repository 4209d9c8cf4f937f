//! What goes wrong in front of a person: a page that says so, with what was sent and with the request ID that the log knows.

use app::console::Flash;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use oauth::error::Problem;

use super::page::{Policy, page};
use crate::console::{Resumed, done};

/// Why a handler has no answer of its own.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The request cannot be answered by redirection.
    Problem(Problem),
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
            Self::Problem(problem) => problem_page(&problem),
            Self::Provider(idp::Error::NotFound) => not_found(),
            Self::Provider(error) => provider_page(&error),
            Self::Resumed => done(app::console::path::DASHBOARD, Flash::NotDone),
        }
    }
}

fn problem_page(problem: &Problem) -> Response {
    let details = problem.sent().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    render(StatusCode::BAD_REQUEST, "This request cannot be answered", &problem.to_string(), details)
}

/// The page of an address where there is nothing.
pub(crate) fn not_found() -> Response {
    render(StatusCode::NOT_FOUND, "Nothing here", "There is no page at this address.", Vec::new())
}

/// The page for somebody who asked too often and may come back in `seconds`.
pub(crate) fn too_many(seconds: i64) -> Response {
    let wait = app::pages::refusal::in_words(seconds);
    let sentence = format!("Too many requests come from your address. Try again in {wait}.");
    render(StatusCode::TOO_MANY_REQUESTS, "Too many requests", &sentence, Vec::new())
}

fn provider_page(error: &idp::Error) -> Response {
    tracing::error!(?error, "a request failed");
    if matches!(error, idp::Error::Unavailable) {
        let sentence = "The server cannot reach its database at the moment. Please try again in a minute.";
        render(StatusCode::SERVICE_UNAVAILABLE, "Not available right now", sentence, Vec::new())
    } else {
        let sentence = "Something went wrong on the server. Nothing was changed.";
        render(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong", sentence, Vec::new())
    }
}

/// The page after a handler panicked.
pub(crate) fn internal_page() -> Response {
    provider_page(&idp::Error::internal("a handler panicked"))
}

fn render(status: StatusCode, title: &str, sentence: &str, mut details: Vec<(String, String)>) -> Response {
    details.extend(idp::request_id::current().map(|id| ("request ID".to_owned(), id.to_string())));
    let html = app::pages::error::ErrorPage { title: title.to_owned(), sentence: sentence.to_owned(), details }
        .render(&crate::assets::pkg());
    page(status, &Policy::NoScript, html)
}
