//! The list of users: in pages, searched, and from one user to the next.

use oauth::count::Count;
use oauth::id::Subject;
use oauth::time::Timestamp;
use oauth::user::User;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _};
use uuid::Uuid;

use super::{account_id, read_user};
use crate::Idp;
use crate::entity::account;
use crate::error::Error;
use crate::page::{MOST_LISTED, Page, PageRequest, Stretch, count};
use crate::search::{self, Found, Index};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct UserRow {
    pub user: User,
    pub created_at: Timestamp,
    pub last_sign_in_at: Option<Timestamp>,
}

impl Idp {
    /// One page of the users: all by name, or the one whose subject is `text` and those of whose names or address a word begins with
    /// it, what is called exactly so first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_users(&self, text: &str, page: PageRequest) -> Result<Page<UserRow>, Error> {
        let db = self.store.read();
        let (rows, total) = if text.trim().is_empty() {
            let query = account::Entity::find().order_by_asc(account::Column::UsernameKey);
            (query.offset(page.offset()).limit(page.size).all(db).await?, self.count_users().await?)
        } else {
            let found = self.search_users(text).await?;
            let (ids, total) = found.page(page);
            let mut rows = account::Entity::find().filter(account::Column::Id.is_in(ids.clone())).all(db).await?;
            rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
            (rows, total)
        };
        Ok(Page { rows: rows.iter().map(read_line).collect::<Result<_, Error>>()?, total, request: page })
    }

    /// One page of the users that were created since then, the newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_new_users(&self, since: Timestamp, page: PageRequest) -> Result<Page<UserRow>, Error> {
        let query = account::Entity::find().filter(account::Column::CreatedAt.gte(since.0));
        let query = query.order_by_desc(account::Column::CreatedAt).order_by_asc(account::Column::Id);
        let rows = query.offset(page.offset()).limit(page.size).all(self.store.read()).await?;
        let rows = rows.iter().map(read_line).collect::<Result<_, Error>>()?;
        Ok(Page { rows, total: self.count_new_users(since).await?, request: page })
    }

    /// The number of users that were created since then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_new_users(&self, since: Timestamp) -> Result<Count, Error> {
        let new = account::Entity::find().filter(account::Column::CreatedAt.gte(since.0));
        count(self.store.read(), new.into_query()).await
    }

    /// True when somebody who has an account signed in at some time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_anybody_signed_in(&self) -> Result<bool, Error> {
        let one = account::Entity::find().select_only().column(account::Column::Id);
        let one = one.filter(account::Column::LastSignInAt.is_not_null()).limit(1);
        Ok(one.into_tuple::<Uuid>().one(self.store.read()).await?.is_some())
    }

    pub(crate) async fn search_users(&self, text: &str) -> Result<Found<Uuid>, Error> {
        let db = self.store.read();
        let mut found: Found<Uuid> = search::find(db, Index::Accounts, text).await?;
        let Ok(named) = account_id(&Subject::new(text.trim())) else {
            return Ok(found);
        };
        if super::find_id(named).into_tuple::<Uuid>().one(db).await?.is_some() {
            found.owners.retain(|owner| *owner != named);
            found.owners.insert(0, named);
        }
        Ok(found)
    }

    /// The users after one, or the first, in the order in which they were created; at most `limit` and at most [`MOST_LISTED`].
    ///
    /// # Errors
    /// `NotFound` when `after` can be no user, or when the database does not answer.
    pub async fn users_after(&self, after: Option<&Subject>, limit: u64) -> Result<Stretch<User>, Error> {
        let limit = limit.min(MOST_LISTED);
        let last = after.map(account_id).transpose()?.unwrap_or_else(Uuid::nil);
        let rows = account::Entity::find()
            .filter(account::Column::Id.gt(last))
            .order_by_asc(account::Column::Id)
            .limit(limit + 1)
            .all(self.store.read())
            .await?;
        let rows = rows.iter().map(read_user).collect::<Result<_, Error>>()?;
        Ok(Stretch::of(rows, limit))
    }

    /// The number of users.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_users(&self) -> Result<Count, Error> {
        count(self.store.read(), account::Entity::find().into_query()).await
    }
}

fn read_line(row: &account::Model) -> Result<UserRow, Error> {
    Ok(UserRow {
        user: read_user(row)?,
        created_at: Timestamp(row.created_at),
        last_sign_in_at: row.last_sign_in_at.map(Timestamp),
    })
}

/// Writes what a user is found by: all that a list shows of their names.
pub(super) async fn write_terms(tx: &DatabaseTransaction, id: Uuid, user: &User) -> Result<(), Error> {
    let (email, name) = (user.email.as_deref().unwrap_or_default(), user.claims.name.as_deref().unwrap_or_default());
    search::replace(tx, Index::Accounts, id, &[&user.username, email, name]).await
}
