//! The recycle bin. What an administrator deletes goes with everything that refers to it, so it is dead at once; its own rows and its
//! consents are kept aside for some days, and written again by whoever restores it. Sessions, grants and tokens are not.
//!
//! Clients that came by themselves are not kept: they come again. A person who leaves the bin is erased, but for a tombstone.

mod person;
mod rows;

use oauth::count::Count;
use oauth::field::FieldProblem;
use oauth::listing::Cursor;
use oauth::time::Timestamp;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait as _, Select,
};
use uuid::Uuid;

pub(crate) use person::{erase_person, forget_late_events, is_erased, is_gone};
pub(crate) use rows::Contents;

use crate::audit::{self, Actor, Change};
use crate::entity::{bin, bin_consent};
use crate::error::Error;
use crate::page::{Stretch, count, newest_first};
use crate::save::SaveError;
use crate::sweep::LEAST_FULL_BATCH;
use crate::users::account_id;
use crate::{Idp, random};

/// Things that leave the bin in one sweep.
const BATCH: u64 = LEAST_FULL_BATCH;

/// A kind of thing that can be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinKind {
    Client,
    User,
    Scope,
}

impl BinKind {
    const ALL: [Self; 3] = [Self::Client, Self::User, Self::Scope];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::User => "user",
            Self::Scope => "scope",
        }
    }

    fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    fn restored(self) -> &'static str {
        match self {
            Self::Client => "client.restore",
            Self::User => "user.restore",
            Self::Scope => "scope.restore",
        }
    }
}

/// A thing in the bin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinEntry {
    pub id: String,
    pub kind: BinKind,
    /// Client ID, subject or name of the scope.
    pub target: String,
    /// As people know it.
    pub name: String,
    /// The word for whoever deleted it.
    pub actor: String,
    pub deleted_at: Timestamp,
    /// The time at which it is erased.
    pub leaves_at: Timestamp,
}

impl Idp {
    /// Things in the bin, the newest first, beside a place in the list or from its beginning; at most `limit` and at most
    /// [`MOST_LISTED`](crate::MOST_LISTED).
    ///
    /// # Errors
    /// `NotFound` when the place is no ID, or when the database does not answer.
    pub async fn bin(&self, place: Option<&Cursor>, limit: u64) -> Result<Stretch<BinEntry>, Error> {
        let found = newest_first(self.store.read(), self.in_bin(), bin::Column::Id, place, limit).await?;
        let Stretch { rows, is_later, is_more } = found;
        let rows = rows.into_iter().map(|row| self.entry(row)).collect::<Result<_, _>>()?;
        Ok(Stretch { rows, is_later, is_more })
    }

    /// The number of things in the bin.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_bin(&self) -> Result<Count, Error> {
        count(self.store.read(), self.in_bin().into_query()).await
    }

    fn in_bin(&self) -> Select<bin::Entity> {
        bin::Entity::find().filter(bin::Column::DeletedAt.gt(self.bin_since().0))
    }

    /// A thing in the bin.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn get_bin_entry(&self, id: &str) -> Result<BinEntry, Error> {
        let row = bin::Entity::find_by_id(row_id(id)?).one(self.store.read()).await?;
        self.entry(row.filter(|row| row.deleted_at > self.bin_since().0).ok_or(Error::NotFound)?)
    }

    /// Puts a thing back where it was, with its secrets and consents.
    ///
    /// # Errors
    /// `NotFound` when it is not in the bin (any more); a name that was given to another one meanwhile is the problem `Taken` of its
    /// field.
    pub async fn restore(&self, actor: &Actor, id: &str) -> Result<BinEntry, SaveError> {
        let (entry, id, now, since) = (self.get_bin_entry(id).await?, row_id(id)?, self.now(), self.bin_since());
        let (actor, kind, target) = (actor.clone(), entry.kind, entry.target.clone());
        let restored = self.store.write(move |tx| {
            Box::pin(async move {
                let row = bin::Entity::find_by_id(id).lock_exclusive().one(tx).await?;
                let row = row.filter(|row| row.deleted_at > since.0).ok_or(Error::NotFound)?;
                let contents = Contents::read(&row.document)?;
                let (after, version) = contents.write(tx).await?;
                rows::restore_consents(tx, id).await?;
                take_out(tx, id).await?;
                let change = Change { actor, action: kind.restored(), target, before: None, after: Some(after) };
                audit::append_version(tx, change, version, now).await
            })
        });
        match self.after_change(restored.await) {
            Err(Error::Taken(field)) => Err(SaveError::field(field, FieldProblem::Taken)),
            other => {
                other?;
                Ok(entry)
            }
        }
    }

    /// Erases a thing for ever.
    ///
    /// # Errors
    /// `NotFound` when it is not in the bin (any more), or when the database does not answer.
    pub async fn erase(&self, actor: &Actor, id: &str) -> Result<(), Error> {
        let entry = self.get_bin_entry(id).await?;
        self.erase_row(actor, row_id(&entry.id)?).await
    }

    async fn erase_row(&self, actor: &Actor, id: Uuid) -> Result<(), Error> {
        let (actor, now) = (actor.clone(), self.now());
        let erased = self.store.write(move |tx| {
            Box::pin(async move {
                let row = bin::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)?;
                take_out(tx, id).await?;
                let target = row.target;
                let change =
                    |action| Change { actor: actor.clone(), action, target: target.clone(), before: None, after: None };
                match BinKind::find(&row.kind) {
                    Some(BinKind::User) => {
                        let subject = oauth::id::Subject::new(target.clone());
                        erase_person(tx, &actor, account_id(&subject)?, now).await
                    }
                    Some(BinKind::Client) => audit::append(tx, change("client.erase"), now).await,
                    Some(BinKind::Scope) => audit::append(tx, change("scope.erase"), now).await,
                    None => Ok(()),
                }
            })
        });
        self.after_change(erased.await)
    }

    /// Erases some of what has been in the bin for its days; the number of things.
    pub(crate) async fn sweep_bin(&self) -> Result<u64, Error> {
        let old: Vec<Uuid> = bin::Entity::find()
            .select_only()
            .column(bin::Column::Id)
            .filter(bin::Column::DeletedAt.lte(self.bin_since().0))
            .order_by_asc(bin::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(self.store.read())
            .await?;
        let mut erased = 0;
        for id in old {
            match self.erase_row(&Actor::system(), id).await {
                // Another node was here first.
                Err(Error::NotFound) => {}
                other => {
                    other?;
                    erased += 1;
                }
            }
        }
        Ok(erased)
    }

    /// Seconds that deleted things stay in the bin; 0: none does.
    #[must_use]
    pub fn bin_retention(&self) -> i64 {
        self.options.tunables.bin_retention
    }

    /// The time until which deleted things have left the bin.
    fn bin_since(&self) -> Timestamp {
        self.now().plus(-self.bin_retention())
    }

    fn entry(&self, row: bin::Model) -> Result<BinEntry, Error> {
        let deleted_at = Timestamp(row.deleted_at);
        Ok(BinEntry {
            id: row.id.to_string(),
            kind: BinKind::find(&row.kind).ok_or_else(|| Error::internal("a thing of no kind is in the bin"))?,
            target: row.target,
            name: row.name,
            actor: row.actor,
            deleted_at,
            leaves_at: deleted_at.plus(self.bin_retention()),
        })
    }
}

fn row_id(id: &str) -> Result<Uuid, Error> {
    Uuid::parse_str(id).map_err(|_| Error::NotFound)
}

/// Puts a thing into the bin with its consents. To be called before its rows are deleted, and after they were locked.
pub(crate) async fn put(
    tx: &DatabaseTransaction,
    actor: &Actor,
    contents: &Contents,
    now: Timestamp,
) -> Result<(), Error> {
    let (kind, target, name) = contents.called();
    let id = random::ordered_uuid_v7(now);
    let row = bin::Model {
        id,
        kind: kind.as_str().to_owned(),
        target,
        name,
        actor: actor.name().to_owned(),
        deleted_at: now.0,
        document: serde_json::to_string(contents).map_err(Error::internal)?,
    };
    bin::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    rows::keep_consents(tx, id, contents).await
}

/// Takes a thing out of the bin. The row was locked before.
async fn take_out(tx: &DatabaseTransaction, id: Uuid) -> Result<(), Error> {
    bin_consent::Entity::delete_many().filter(bin_consent::Column::BinId.eq(id)).exec(tx).await?;
    // The row count is the lock on SQLite, too.
    match bin::Entity::delete_by_id(id).exec(tx).await?.rows_affected {
        1 => Ok(()),
        _ => Err(Error::NotFound),
    }
}
