//! People: looked up when they sign in and when tokens speak of them, kept by administrators.

mod edit;
mod list;
mod names;
mod rehash;
mod subject;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use oauth::claims::UserClaims;
use oauth::id::Subject;
use oauth::time::Timestamp;
use oauth::user::User;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QueryOrder as _,
    QuerySelect, QueryTrait as _, Select,
};
use uuid::Uuid;

pub use edit::UserChange;
pub(crate) use edit::insert_again;
pub use list::UserRow;
pub(crate) use names::login_keys;
pub(crate) use rehash::Rehash;
pub(crate) use subject::{account_id, numbered_account_id, subject_of};

use crate::Idp;
use crate::entity::account;
use crate::error::Error;

/// A user as administrators see them.
#[derive(Debug, Clone)]
pub struct UserRecord {
    pub user: User,
    /// Goes up with every change; a form sends back the one it was made from.
    pub version: i64,
    pub created_at: Timestamp,
    pub last_sign_in_at: Option<Timestamp>,
    /// They have an address that they cannot sign in with: other accounts have it too.
    pub email_is_shared: bool,
}

impl Idp {
    /// The user, if there is one and they are enabled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_user(&self, subject: &Subject) -> Result<Option<Arc<User>>, Error> {
        self.catalog.users.get(subject, self.load_user(subject)).await
    }

    /// The user, enabled or not, for an administrator.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn get_user(&self, subject: &Subject) -> Result<UserRecord, Error> {
        let row =
            account::Entity::find_by_id(account_id(subject)?).one(self.store.read()).await?.ok_or(Error::NotFound)?;
        Ok(UserRecord {
            user: read_user(&row)?,
            version: row.version,
            created_at: Timestamp(row.created_at),
            last_sign_in_at: row.last_sign_in_at.map(Timestamp),
            email_is_shared: row.email.is_some() && !self.is_login_name(&row).await?,
        })
    }

    /// The user of exactly this user name, enabled or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_user_by_name(&self, username: &str) -> Result<Option<User>, Error> {
        let same = account::Column::UsernameKey.is_in(login_keys(username));
        let row = account::Entity::find().filter(same).one(self.store.read()).await?;
        row.map(|row| read_user(&row)).transpose()
    }

    /// The user of this subject, user name or email address, enabled or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_user_called(&self, text: &str) -> Result<Option<User>, Error> {
        let by_subject = match account_id(&Subject::new(text)) {
            Ok(id) => account::Entity::find_by_id(id).one(self.store.read()).await?,
            Err(_) => None,
        };
        let row = match by_subject {
            Some(row) => Some(row),
            None => self.find_account_by_login(text).await?,
        };
        row.as_ref().map(read_user).transpose()
    }

    /// The usernames of accounts, by their IDs.
    pub(crate) async fn usernames(&self, accounts: BTreeSet<Uuid>) -> Result<HashMap<Uuid, String>, Error> {
        if accounts.is_empty() {
            return Ok(HashMap::new());
        }
        let found = account::Entity::find().select_only().columns([account::Column::Id, account::Column::Username]);
        let found = found.filter(account::Column::Id.is_in(accounts)).into_tuple::<(Uuid, String)>();
        Ok(found.all(self.store.read()).await?.into_iter().collect())
    }

    async fn load_user(&self, subject: &Subject) -> Result<Option<Arc<User>>, Error> {
        let Ok(id) = account_id(subject) else {
            return Ok(None);
        };
        let row = account::Entity::find_by_id(id).one(self.store.read()).await?.filter(|row| row.enabled);
        row.map(|row| read_user(&row).map(Arc::new)).transpose()
    }
}

/// Keeps an account from being changed until the commit, after whoever is changing it now. SQLite needs no lock: it has one writer.
pub(crate) async fn lock_shared(tx: &DatabaseTransaction, account: Uuid) -> Result<(), Error> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        find_id(account).lock_shared().into_tuple::<Uuid>().one(tx).await?;
    }
    Ok(())
}

/// Locks an account as whoever changes it does.
pub(crate) async fn lock_exclusive(tx: &DatabaseTransaction, account: Uuid) -> Result<(), Error> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        find_id(account).lock_exclusive().into_tuple::<Uuid>().one(tx).await?;
    }
    Ok(())
}

/// The same for many accounts, in the order of their IDs.
pub(crate) async fn lock_all_exclusive(tx: &DatabaseTransaction, accounts: BTreeSet<Uuid>) -> Result<(), Error> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        let found = account::Entity::find().select_only().column(account::Column::Id);
        let found = found.filter(account::Column::Id.is_in(accounts)).order_by_asc(account::Column::Id);
        found.lock_exclusive().into_tuple::<Uuid>().all(tx).await?;
    }
    Ok(())
}

/// The condition that an account may sign in. For a statement behind a lock.
pub(crate) fn is_enabled(account: Uuid) -> SimpleExpr {
    Expr::exists(find_id(account).filter(account::Column::Enabled.eq(true)).into_query())
}

/// The same as a question.
pub(crate) async fn may_sign_in(tx: &DatabaseTransaction, account: Uuid) -> Result<bool, Error> {
    let enabled = find_id(account).filter(account::Column::Enabled.eq(true));
    Ok(enabled.into_tuple::<Uuid>().one(tx).await?.is_some())
}

fn find_id(account: Uuid) -> Select<account::Entity> {
    account::Entity::find_by_id(account).select_only().column(account::Column::Id)
}

/// Brings an account that an earlier version wrote to what this one writes: the keys of its names, and what it is found by.
pub(crate) async fn catch_up(tx: &DatabaseTransaction, row: &account::Model) -> Result<(), Error> {
    names::renew_keys(tx, row).await?;
    list::write_terms(tx, row.id, &read_user(row)?).await
}

pub(crate) fn read_user(row: &account::Model) -> Result<User, Error> {
    let claims: UserClaims = serde_json::from_str(&row.claims).map_err(Error::internal)?;
    Ok(User {
        subject: subject_of(row.id),
        username: row.username.clone(),
        email: row.email.clone(),
        enabled: row.enabled,
        claims,
        updated_at: Timestamp(row.updated_at),
    })
}
