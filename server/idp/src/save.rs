//! Reasons why an administrator's change was not saved.

use oauth::field::{FieldErrors, FieldProblem};

use crate::error::Error;

/// Why nothing was saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    #[error("a field is not right")]
    Invalid(FieldErrors),
    /// Somebody else changed it since it was read.
    #[error("it was changed by somebody else meanwhile")]
    Stale,
    #[error("there is nothing here under that name")]
    NotFound,
    #[error(transparent)]
    Failed(Error),
}

impl SaveError {
    /// One field is wrong.
    #[must_use]
    pub fn field(field: &'static str, problem: FieldProblem) -> Self {
        Self::Invalid(FieldErrors::one(field, problem))
    }
}

impl From<FieldErrors> for SaveError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<Error> for SaveError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound,
            Error::Stale => Self::Stale,
            Error::Taken(field) => Self::field(field, FieldProblem::Taken),
            other => Self::Failed(other),
        }
    }
}

impl From<sea_orm::DbErr> for SaveError {
    fn from(error: sea_orm::DbErr) -> Self {
        Error::from(error).into()
    }
}
