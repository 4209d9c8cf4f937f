//! What a form that was not saved is answered with.

use axum::http::StatusCode;
use idp::SaveError;
use oauth::field::FieldErrors;

use crate::http::failure::Failure;

/// The form again, as it was filled in, with what is wrong.
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) errors: FieldErrors,
    /// Somebody else changed the thing since the form was opened.
    pub(crate) conflict: bool,
}

/// What the person can mend, as a form; what they cannot, as a failure.
pub(crate) fn refuse(error: SaveError) -> Result<Refused, Failure> {
    match error {
        SaveError::Invalid(errors) => Ok(Refused { status: StatusCode::UNPROCESSABLE_ENTITY, errors, conflict: false }),
        SaveError::Stale => {
            Ok(Refused { status: StatusCode::CONFLICT, errors: FieldErrors::default(), conflict: true })
        }
        SaveError::NotFound => Err(Failure::Provider(idp::Error::NotFound)),
        SaveError::Failed(error) => Err(Failure::Provider(error)),
    }
}
