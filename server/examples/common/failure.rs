//! Failures, told to the person in front of the browser.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use super::page;

#[derive(Debug)]
pub(crate) enum Failure {
    /// The settings make no sense.
    Setup(String),
    /// The server (its issuer) does not answer: why.
    Away(String, String),
    /// The answer belongs to no login that this browser began here.
    NotBegun,
    /// The person said no.
    Denied,
    /// The login at the server has ended: expired, signed out, or revoked.
    Expired,
    /// Another error of the server.
    Refused(String),
    /// An answer that does not fit.
    Unexpected(String),
}

impl Failure {
    pub(crate) fn refused(error: &str, description: Option<&str>) -> Self {
        match error {
            "access_denied" => Self::Denied,
            _ => Self::Refused(description.map_or_else(|| error.to_owned(), |text| format!("{error}: {text}"))),
        }
    }

    pub(crate) fn unexpected(why: impl std::fmt::Display) -> Self {
        Self::Unexpected(why.to_string())
    }

    fn tell(&self) -> (StatusCode, &'static str, String) {
        let bad = StatusCode::BAD_REQUEST;
        match self {
            Self::Setup(why) => (StatusCode::INTERNAL_SERVER_ERROR, "The settings are wrong", why.clone()),
            Self::Away(issuer, why) => {
                let text = format!("{issuer} gives no usable answer. Is it running? ({why})");
                (StatusCode::BAD_GATEWAY, "The server is away", text)
            }
            Self::NotBegun => (bad, "This login was not begun here", "It may have been open for too long.".to_owned()),
            Self::Denied => (bad, "You said no", "The server told us nothing about you.".to_owned()),
            Self::Expired => (bad, "Your login has ended", "It expired, or was ended at the server.".to_owned()),
            Self::Refused(why) => (bad, "The server refused", why.clone()),
            Self::Unexpected(why) => (StatusCode::BAD_GATEWAY, "An unexpected answer", why.clone()),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, heading, text) = self.tell();
        let body = html! {
            h1 { (heading) }
            p { (text) }
            p { a.button href="/login" { "Sign in" } " " a href="/" { "Back to the start" } }
        };
        (status, page::render(heading, &body)).into_response()
    }
}
