//! The answer of a person to something that waits for it elsewhere: a device, or a client that asked for them by name.

use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel, UpdateMany};

use super::authorize::Basis;
use crate::consents;
use crate::documents::Settled;
use crate::entity::grants;
use crate::error::Error;
use oauth::time::Timestamp;

/// The end of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// It counts.
    Kept,
    /// Nobody waits for it any longer: somebody answered before, or the time is over.
    Gone,
    /// The account, the session or the client changed since they were read.
    Changed,
}

/// An approval that is about to be written.
#[derive(Clone)]
pub(super) struct Approving<E: EntityTrait> {
    pub(super) basis: Basis,
    /// Marks the row as answered, if it still waits.
    pub(super) decide: UpdateMany<E>,
    pub(super) grant: grants::Model,
    /// Tells the row of its grant.
    pub(super) link: UpdateMany<E>,
}

impl<E: EntityTrait> Approving<E> {
    /// Locks what the approval stands on, as for a code ([`Basis::hold`]), then the row, then the consent.
    pub(super) async fn keep(self, tx: &DatabaseTransaction, now: Timestamp) -> Result<Answered, Error> {
        let Self { basis, decide, grant, link } = self;
        match basis.hold(tx, now).await? {
            Settled::Yes => {}
            Settled::Changed => return Ok(Answered::Changed),
            Settled::Full => return Err(Error::Busy),
        }
        if !decide_once(tx, decide).await? {
            return Ok(Answered::Gone);
        }
        consents::remember(tx, &basis.subject, &basis.client.client_id, basis.agreement, now).await?;
        grants::Entity::insert(grant.into_active_model()).exec_without_returning(tx).await?;
        link.exec(tx).await?;
        Ok(Answered::Kept)
    }
}

pub(super) async fn decide_once<E: EntityTrait>(
    tx: &DatabaseTransaction,
    decide: UpdateMany<E>,
) -> Result<bool, Error> {
    Ok(decide.exec(tx).await?.rows_affected == 1)
}
