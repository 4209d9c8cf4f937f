//! Failures of the provider.

use oauth::error::TokenError;
use oauth::refusal::Reason;
use sea_orm::DbErr;

use crate::store::failure::Cause;

/// A failure of the provider. What is inside [`Error::Internal`] is for the log, never for an answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database cannot be reached")]
    Unavailable,
    /// So many passwords are being checked that this one was not looked at.
    #[error("too many passwords wait to be checked")]
    Busy,
    #[error("there is nothing under that name")]
    NotFound,
    /// Something that must be unique exists.
    #[error("it exists already")]
    Conflict,
    /// A value that must be unique, named by this field, belongs to another one.
    #[error("it is taken: {0}")]
    Taken(&'static str),
    /// It was changed since it was read.
    #[error("it was changed meanwhile")]
    Stale,
    /// A proof of possession came before.
    #[error("the proof of possession was used before")]
    ProofUsed,
    /// Whoever asks was an administrator a moment ago.
    #[error("the console was closed, or there is another admin token, since this was asked for")]
    Unauthorized,
    /// An answer is to be encrypted, and there is no key of the client to encrypt to.
    #[error("{}", .0.description())]
    NoRecipient(Reason),
    #[error("{0}")]
    AppSecret(#[from] crate::app_secret::AppSecretError),
    #[error("{0}")]
    Keyring(#[from] crate::keyring::error::KeyringError),
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Something that should not happen.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// The same failure, for somebody else who has it too.
    pub(crate) fn repeat(&self) -> Self {
        match self {
            Self::Unavailable => Self::Unavailable,
            Self::NotFound => Self::NotFound,
            Self::NoRecipient(reason) => Self::NoRecipient(*reason),
            error => Self::internal(format!("{error:?}")),
        }
    }
}

/// The error of a write, where what must be unique is the value of `field`.
pub(crate) fn taken(error: DbErr, field: &'static str) -> Error {
    match Error::from(error) {
        Error::Conflict => Error::Taken(field),
        other => other,
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match Cause::of(&error) {
            // What a row refers to goes with all that refers to it, so it was there a moment ago.
            Cause::Missing | Cause::Orphan => Self::NotFound,
            Cause::Duplicate => Self::Conflict,
            Cause::Broken | Cause::Away => {
                tracing::warn!(%error, "the database cannot be reached");
                Self::Unavailable
            }
            Cause::Deadlock | Cause::Other => Self::internal(error),
        }
    }
}

impl From<Error> for TokenError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable => Self::new(Reason::ServerAway),
            // The user or client went away between two steps.
            Error::NotFound => Self::new(Reason::PersonGone),
            Error::ProofUsed => Self::new(Reason::DpopUsed),
            Error::NoRecipient(reason) => Self::new(reason),
            error => {
                tracing::error!(?error, "a token request failed");
                let id = crate::request_id::current().map(|id| format!("; request ID {id}")).unwrap_or_default();
                Self::because(Reason::ServerFailed, format!("something went wrong on the server{id}"))
            }
        }
    }
}
