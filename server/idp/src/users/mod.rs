//! People: looked up when they sign in and when tokens speak of them, kept by administrators.

mod edit;
mod list;
mod rehash;
mod subject;

use std::sync::Arc;

use oauth::claims::UserClaims;
use oauth::id::Subject;
use oauth::time::Timestamp;
use oauth::user::User;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

pub use list::UserRow;
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
        })
    }

    async fn load_user(&self, subject: &Subject) -> Result<Option<Arc<User>>, Error> {
        let Ok(id) = account_id(subject) else {
            return Ok(None);
        };
        let row = account::Entity::find_by_id(id).one(self.store.read()).await?.filter(|row| row.enabled);
        row.map(|row| read_user(&row).map(Arc::new)).transpose()
    }

    /// The account that somebody signs in to: by user name, or by an email address that only one account has.
    pub(crate) async fn find_account_by_login(&self, login: &str) -> Result<Option<account::Model>, Error> {
        let key = fold(login);
        let db = self.store.read();
        if let Some(row) = account::Entity::find().filter(account::Column::UsernameKey.eq(&key)).one(db).await? {
            return Ok(Some(row));
        }
        let mut rows =
            account::Entity::find().filter(Condition::all().add(account::Column::EmailKey.eq(&key))).all(db).await?;
        let only = rows.pop();
        Ok(only.filter(|_| rows.is_empty()))
    }
}

/// User names and email addresses are compared without regard to case.
pub(crate) fn fold(name: &str) -> String {
    name.trim().to_lowercase()
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
