//! The list of users: searched, filtered, sorted, a part at a time.

use oauth::count::Count;
use oauth::id::Subject;
use oauth::listing::{UserColumn, UserFilter, UserListing};
use oauth::order::order_key;
use oauth::time::Timestamp;
use oauth::user::User;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, QueryTrait as _,
};
use uuid::Uuid;

use super::{account_id, read_user, subject_of};
use crate::Idp;
use crate::entity::account;
use crate::error::Error;
use crate::listing::{Key, Narrowing, Part, Sheet, Wanted, in_order};
use crate::page::{MOST_LISTED, count};
use crate::search::{self, Found, Index};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct UserRow {
    pub user: User,
    /// See [`UserRecord::version`](crate::UserRecord).
    pub version: i64,
    pub created_at: Timestamp,
    pub last_sign_in_at: Option<Timestamp>,
}

const SHEET: Sheet<Uuid> = Sheet {
    table: "account",
    id: "id",
    read: |text| account_id(&Subject::new(text)).ok(),
    write: |id| subject_of(*id).into_string(),
};

impl Idp {
    /// A part of the users: those whom the filter lets through and whose subject its text is, or of whose names or address a word begins
    /// with it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_users(&self, listing: &UserListing) -> Result<Part<UserRow>, Error> {
        let text = &listing.filter.text;
        let wanted = Wanted {
            filter: narrowings(&listing.filter, self.now()),
            found: if text.trim().is_empty() { None } else { Some(self.search_users(text).await?) },
            order: listing.sort.map(|sort| (key(sort.by), sort.descending)),
            page: listing.page,
            cursor: listing.cursor.as_ref(),
            limit: std::cmp::min(listing.limit, MOST_LISTED),
        };
        let part = SHEET.list(self.store.read(), wanted).await?;
        let rows = self.user_rows(&part.rows).await?;
        Ok(part.with_rows(rows))
    }

    /// Those of the users who are there, in this order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn get_users(&self, subjects: &[Subject]) -> Result<Vec<UserRow>, Error> {
        let ids: Vec<Uuid> = subjects.iter().filter_map(|subject| account_id(subject).ok()).collect();
        self.user_rows(&ids).await
    }

    async fn user_rows(&self, ids: &[Uuid]) -> Result<Vec<UserRow>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = account::Entity::find().filter(account::Column::Id.is_in(ids.iter().copied()));
        let rows = rows.all(self.store.read()).await?;
        let read = |row: account::Model| {
            Ok(UserRow {
                user: read_user(&row)?,
                version: row.version,
                created_at: Timestamp(row.created_at),
                last_sign_in_at: row.last_sign_in_at.map(Timestamp),
            })
        };
        in_order(ids, rows, |row| row.id).into_iter().map(read).collect()
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

    /// The number of users.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_users(&self) -> Result<Count, Error> {
        count(self.store.read(), account::Entity::find().into_query()).await
    }
}

fn key(column: UserColumn) -> Key {
    match column {
        UserColumn::Name => Key::Text("name_order"),
        UserColumn::Email => Key::Text("email_order"),
        UserColumn::Status => Key::Flag("enabled"),
        UserColumn::SignedIn => Key::Number("signed_in_order"),
        UserColumn::Created => Key::Number("created_at"),
    }
}

fn narrowings(filter: &UserFilter, now: Timestamp) -> Vec<Narrowing> {
    let enabled = filter.enabled.map(|enabled| Narrowing::new("enabled", Expr::col("enabled").eq(enabled)));
    let happened = |last| Narrowing::happened("signed_in_order", "last_sign_in_at", last, now);
    let signed_in = filter.signed_in.map(happened);
    let since = filter.since.map(|since| Narrowing::new("created_at", Expr::col("created_at").gte(since.0)));
    [enabled, signed_in, since].into_iter().flatten().collect()
}

/// Writes what a user is found and sorted by: all that a list shows of their names.
pub(super) async fn write_terms(tx: &DatabaseTransaction, id: Uuid, user: &User) -> Result<(), Error> {
    let (email, name) = (user.email.as_deref().unwrap_or_default(), user.claims.name.as_deref().unwrap_or_default());
    search::replace(tx, Index::Accounts, id, &[&user.username, email, name]).await?;
    let orders = Query::update()
        .table(SHEET.table)
        .value("name_order", order_key(&user.username))
        .value("email_order", order_key(email))
        .and_where(Expr::col(SHEET.id).eq(id))
        .take();
    tx.execute(&orders).await?;
    Ok(())
}
