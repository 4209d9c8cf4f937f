//! Forms that were not saved, and are shown again as they were filled in.

use app::console::{Again, Editing, MERGE, TheirChange};
use axum::http::StatusCode;
use idp::{Recorded, SaveError, Target};
use oauth::difference::{Conflict, Merge};
use oauth::field::FieldErrors;
use oauth::form::Form;

use super::admin::Resumed;
use super::history::address_of_change;
use crate::http::failure::Failure;
use crate::state::Signet;

/// A form that was sent.
#[derive(Debug)]
pub(crate) struct Sent<T> {
    pub(crate) draft: T,
    /// The version that the form was made from; none from a script that left it out, which changes whatever is there.
    pub(crate) version: Option<i64>,
    /// After a conflict: how it is to be put together with what somebody else changed. Such a form carries the version that it was
    /// made from, so nothing is saved by it.
    merge: Merge,
    form: Form,
}

impl<T> Sent<T> {
    pub(crate) fn read(form: &Form, draft: T) -> Self {
        let merge = Merge::find(&form.text(MERGE)).unwrap_or_default();
        Self { draft, version: form.text("version").parse().ok(), merge, form: form.without(MERGE) }
    }

    /// A change that a button makes without a form.
    pub(crate) fn of(draft: T, version: i64) -> Self {
        Self { draft, version: Some(version), merge: Merge::default(), form: Form::default() }
    }
}

/// Why nothing was saved.
#[derive(Debug)]
pub(crate) enum Unsaved {
    /// The form came through a login: it is to be looked over first.
    Resumed,
    Refused(SaveError),
}

impl From<Resumed> for Unsaved {
    fn from(_: Resumed) -> Self {
        Self::Resumed
    }
}

impl From<SaveError> for Unsaved {
    fn from(error: SaveError) -> Self {
        Self::Refused(error)
    }
}

impl From<FieldErrors> for Unsaved {
    fn from(errors: FieldErrors) -> Self {
        Self::Refused(errors.into())
    }
}

impl From<idp::Error> for Unsaved {
    fn from(error: idp::Error) -> Self {
        Self::Refused(error.into())
    }
}

impl Unsaved {
    /// Why the form is shown again, and what is wrong with it.
    ///
    /// # Errors
    /// A failure that the person cannot mend.
    pub(super) fn again(self) -> Result<(Again, FieldErrors), Failure> {
        match self {
            Self::Resumed => Ok((Again::Resumed, FieldErrors::default())),
            Self::Refused(SaveError::Invalid(errors)) => Ok((Again::Refused, errors)),
            Self::Refused(SaveError::Stale) => Ok((Again::Conflict, FieldErrors::default())),
            Self::Refused(SaveError::NotFound) => Err(Failure::Provider(idp::Error::NotFound)),
            Self::Refused(SaveError::Failed(error)) => Err(Failure::Provider(error)),
        }
    }

    /// The problems of a form with one field, which is shown again empty.
    ///
    /// # Errors
    /// A failure that the person cannot mend, and a form that came through a login: it has to be filled in again.
    pub(crate) fn errors(self) -> Result<(StatusCode, FieldErrors), Failure> {
        match self.again()? {
            (Again::Resumed, _) => Err(Resumed.into()),
            (again, errors) => Ok((status(again), errors)),
        }
    }
}

/// The form again, with what was sent. `current` is the version that is saved now, read after the refusal: the form carries it
/// after a conflict, so that saving again is a decision.
///
/// # Errors
/// A failure that the person cannot mend.
pub(crate) fn after<T>(
    unsaved: Unsaved,
    sent: Sent<T>,
    current: Option<i64>,
) -> Result<(StatusCode, Editing<T>), Failure> {
    let (again, errors) = unsaved.again()?;
    let version = if again == Again::Conflict { current } else { sent.version.or(current) };
    Ok((status(again), Editing { errors, version, again: Some(again), ..Editing::new(sent.draft) }))
}

/// The form of something that the record knows, again: after a conflict with what was changed in it put together with what somebody
/// else changed meanwhile, and both changes to be seen.
///
/// # Errors
/// As [`after`].
pub(crate) async fn after_edit<T: Recorded>(
    signet: &Signet,
    target: &Target,
    unsaved: Unsaved,
    sent: Sent<T>,
    saved: (T, i64),
) -> Result<(StatusCode, Editing<T>), Failure> {
    let (theirs, current) = saved;
    let (read, merge, form) = (sent.version, sent.merge, sent.form.clone());
    let (status, editing) = after(unsaved, sent, Some(current))?;
    if editing.again != Some(Again::Conflict) {
        return Ok((status, editing));
    }
    let (base, their_change): (Option<T>, _) = match read {
        Some(read) => (signet.idp.draft_at(target, read).await?, change_since(signet, target, read).await?),
        None => (None, None),
    };
    let conflict = Conflict::of(base.as_ref(), &theirs, &editing.draft);
    let resent = form.pairs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let draft = match &base {
        Some(base) => merge.of(base, &theirs, editing.draft),
        None => editing.draft,
    };
    Ok((status, Editing { draft, conflict, merge, resent, their_change, ..editing }))
}

/// The change that came in between.
pub(super) async fn change_since(
    signet: &Signet,
    target: &Target,
    version: i64,
) -> Result<Option<TheirChange>, idp::Error> {
    let found = signet.idp.last_change_since(target, version).await?;
    Ok(found.map(|(change, number)| TheirChange {
        href: address_of_change(target, &change.id),
        actor: change.actor,
        address: change.address,
        at: change.at,
        number,
        now: signet.idp.now(),
    }))
}

pub(super) fn status(again: Again) -> StatusCode {
    match again {
        Again::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        Again::Conflict => StatusCode::CONFLICT,
        Again::Resumed | Again::FilledIn => StatusCode::OK,
    }
}
