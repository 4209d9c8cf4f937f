//! The answer of a person to something that waits for it elsewhere: a device, or a client that asked for them by name.

use oauth::client::Client;
use oauth::resource::Target;
use oauth::time::Timestamp;
use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel, UpdateMany};

use super::authorize::Basis;
use super::row::{read_details, read_resources};
use crate::documents::Settled;
use crate::entity::grants;
use crate::error::Error;
use crate::{Idp, consents};

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

impl Idp {
    /// The place at which `client` would act by a row that waits: its columns `resources` and `details`. `None`: the client may not have all
    /// of it any more, and whoever looks at it must see all that was asked for.
    pub(super) async fn target_asked_for(
        &self,
        resources: Option<&str>,
        details: Option<&str>,
        client: &Client,
    ) -> Result<Option<Target>, Error> {
        let (named, details) = (read_resources(resources), read_details(details)?);
        let resources = self.resources().await?;
        let Ok(details) = resources.judge(&details, client) else { return Ok(None) };
        let target = resources.of_grant(&named, &[], client);
        Ok(target.and_then(|target| target.narrowed(&details, &details.objects(), client)).ok())
    }
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
