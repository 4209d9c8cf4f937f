//! The history of a thing: the changes that the record has of it, and the way back to one of its states.

mod recorded;
mod state;

use oauth::count::Count;
use oauth::difference::ChangeRecord;
use oauth::listing::Cursor;
use oauth::time::Timestamp;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait as _, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _,
};
use uuid::Uuid;

pub use recorded::Recorded;
pub use state::{Reversal, Side, State};

use crate::Idp;
use crate::activity::Origin;
use crate::audit::chain::origin_of;
use crate::entity::{audit_event, bin, event};
use crate::error::Error;
use crate::page::{Stretch, count, newest_first};

/// A kind of thing that changes are recorded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recordable {
    Client,
    Scope,
    Resource,
    Trust,
    User,
    Key,
    Registration,
    ClientHosts,
    /// The rules for all clients.
    Settings,
}

impl Recordable {
    pub const ALL: [Self; 9] = [
        Self::Client,
        Self::Scope,
        Self::Resource,
        Self::Trust,
        Self::User,
        Self::Key,
        Self::Registration,
        Self::ClientHosts,
        Self::Settings,
    ];

    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Scope => "scope",
            Self::Resource => "resource",
            Self::Trust => "trust",
            Self::User => "user",
            Self::Key => "key",
            Self::Registration => "registration",
            Self::ClientHosts => "client_hosts",
            Self::Settings => "settings",
        }
    }
}

/// The thing that a history is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub kind: Recordable,
    /// `None`: all of the kind.
    pub id: Option<String>,
}

impl Target {
    #[must_use]
    pub fn new(kind: Recordable, id: impl Into<String>) -> Self {
        Self { kind, id: Some(id.into()) }
    }

    /// All things of a kind. Of settings there is one.
    #[must_use]
    pub fn all(kind: Recordable) -> Self {
        Self { kind, id: None }
    }

    fn condition(&self) -> Condition {
        let id = self.id.as_deref().map(|id| audit_event::Column::TargetId.eq(id));
        Condition::all().add(audit_event::Column::TargetKind.eq(self.kind.as_str())).add_option(id)
    }
}

impl Idp {
    /// The changes of a thing, the newest first, beside a place in the list or from its beginning; at most `limit` and at most
    /// [`MOST_LISTED`](crate::MOST_LISTED).
    ///
    /// # Errors
    /// `NotFound` when the place is no ID, or when the database does not answer.
    pub async fn history(
        &self,
        target: &Target,
        place: Option<&Cursor>,
        limit: u64,
    ) -> Result<Stretch<ChangeRecord>, Error> {
        let found = audit_event::Entity::find().filter(target.condition());
        let found = newest_first(self.store.read(), found, audit_event::Column::Id, place, limit).await?;
        let ids: Vec<Uuid> = found.rows.iter().filter_map(|row| row.event_id).collect();
        let events = event::Entity::find().filter(event::Column::Id.is_in(ids)).all(self.store.read()).await?;
        let described = |row: audit_event::Model| {
            let seen = events.iter().find(|event| Some(event.id) == row.event_id);
            read(row, seen)
        };
        Ok(found.with_rows(|rows| rows.into_iter().map(described).collect()))
    }

    /// The number of changes of a thing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_changes(&self, target: &Target) -> Result<Count, Error> {
        count(self.store.read(), audit_event::Entity::find().filter(target.condition()).into_query()).await
    }

    /// One change of a thing.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn get_change(&self, target: &Target, id: &str) -> Result<ChangeRecord, Error> {
        let found = audit_event::Entity::find_by_id(row_id(id)?).filter(target.condition());
        let row = found.one(self.store.read()).await?.ok_or(Error::NotFound)?;
        let seen = match row.event_id {
            Some(id) => event::Entity::find_by_id(id).one(self.store.read()).await?,
            None => None,
        };
        Ok(read(row, seen.as_ref()))
    }

    /// The changes of a thing just before and just after one of them, by their IDs.
    ///
    /// # Errors
    /// `NotFound` when `id` is no ID, or when the database does not answer.
    pub async fn neighbours(&self, target: &Target, id: &str) -> Result<(Option<String>, Option<String>), Error> {
        let id = row_id(id)?;
        let of_thing = || audit_event::Entity::find().select_only().column(audit_event::Column::Id);
        let older = of_thing()
            .filter(target.condition().add(audit_event::Column::Id.lt(id)))
            .order_by_desc(audit_event::Column::Id);
        let newer = of_thing()
            .filter(target.condition().add(audit_event::Column::Id.gt(id)))
            .order_by_asc(audit_event::Column::Id);
        let older: Option<Uuid> = older.limit(1).into_tuple().one(self.store.read()).await?;
        let newer: Option<Uuid> = newer.limit(1).into_tuple().one(self.store.read()).await?;
        Ok((older.map(|id| id.to_string()), newer.map(|id| id.to_string())))
    }

    /// The ID under which a deleted thing lies in the recycle bin; `None`: it does not, or not any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_in_bin(&self, target: &Target) -> Result<Option<String>, Error> {
        let since = self.now().plus(-self.bin_retention());
        let found: Option<Uuid> = bin::Entity::find()
            .select_only()
            .column(bin::Column::Id)
            .filter(bin::Column::Kind.eq(target.kind.as_str()))
            .filter(bin::Column::Target.eq(target.id.as_deref().unwrap_or_default()))
            .filter(bin::Column::DeletedAt.gt(since.0))
            .order_by_desc(bin::Column::Id)
            .limit(1)
            .into_tuple()
            .one(self.store.read())
            .await?;
        Ok(found.map(|id| id.to_string()))
    }

    /// The last change of a thing that came after this version of it, and how many did; `None`: the record knows of none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_change_since(&self, target: &Target, version: i64) -> Result<Option<(ChangeRecord, u64)>, Error> {
        let later =
            audit_event::Entity::find().filter(target.condition()).filter(audit_event::Column::Version.gt(version));
        let number = later.clone().count(self.store.read()).await?;
        let last = later.order_by_desc(audit_event::Column::Id).one(self.store.read()).await?;
        Ok(last.map(|row| (read(row, None), number)))
    }

    /// True for a change of a thing that was deleted since and did not come back: what is called the same now is another one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_of_another(&self, target: &Target, change: &ChangeRecord) -> Result<bool, Error> {
        let (deleted, restored) = match target.kind {
            Recordable::Client => ("client.delete", "client.restore"),
            Recordable::Scope => ("scope.delete", "scope.restore"),
            // The others are called by what nobody chooses, and gets but once.
            _ => return Ok(false),
        };
        let later = audit_event::Entity::find()
            .filter(target.condition())
            .filter(audit_event::Column::Id.gte(row_id(&change.id)?));
        let number =
            async |action| later.clone().filter(audit_event::Column::Action.eq(action)).count(self.store.read()).await;
        Ok(number(deleted).await? > number(restored).await?)
    }

    /// A change by its ID alone, and the thing that it is of.
    ///
    /// # Errors
    /// `NotFound`, also for a change of what has no history; or when the database does not answer.
    pub async fn find_change(&self, id: &str) -> Result<(Target, ChangeRecord), Error> {
        let found = audit_event::Entity::find_by_id(row_id(id)?).one(self.store.read()).await?;
        let row = found.ok_or(Error::NotFound)?;
        let kind = Recordable::find(&row.target_kind).ok_or(Error::NotFound)?;
        let target = Target::new(kind, row.target_id);
        let change = self.get_change(&target, id).await?;
        Ok((target, change))
    }

    /// A thing as it was in this version, if the record knows: what the change after it found.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn draft_at<D: Recorded>(&self, target: &Target, version: i64) -> Result<Option<D>, Error> {
        let next = audit_event::Entity::find()
            .filter(target.condition())
            .filter(audit_event::Column::Version.eq(version.saturating_add(1)));
        let row = next.order_by_desc(audit_event::Column::Id).one(self.store.read()).await?;
        let document = row.and_then(|row| serde_json::from_str(&row.before?).ok());
        Ok(document.and_then(|document| D::recorded(&document)))
    }
}

fn row_id(id: &str) -> Result<Uuid, Error> {
    Uuid::parse_str(id).map_err(|_| Error::NotFound)
}

fn read(row: audit_event::Model, seen: Option<&event::Model>) -> ChangeRecord {
    // Before the record had the request itself, only the event did.
    let came = match (origin_of(&row), seen) {
        (None, Some(seen)) if row.origin.is_none() => {
            Origin { request_id: seen.request_id.clone(), address: seen.address.clone(), agent: None }
        }
        (came, _) => came.unwrap_or_default(),
    };
    let document = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    ChangeRecord {
        id: row.id.to_string(),
        at: Timestamp(row.at),
        actor: row.actor,
        action: row.action,
        target: row.target_id,
        before: document(row.before),
        after: document(row.after),
        event: seen.map(|event| event.id.to_string()),
        address: came.address,
        request_id: came.request_id,
    }
}
