//! Replacing a password hash that is weaker than, or otherwise not, what is made now, when its password is known.

use oauth::user::Password;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::entity::account;
use crate::error::Error;
use crate::{Idp, password};

/// A hash to store in place of `old`.
#[derive(Debug, Clone)]
pub(crate) struct Rehash {
    account: Uuid,
    old: String,
    new: String,
}

impl Idp {
    /// A better hash of `presented`, which was found to be the password of `account`; `None` when the stored one is as good.
    pub(crate) async fn rehash(&self, account: &account::Model, presented: &str) -> Result<Option<Rehash>, Error> {
        let Some(old) = account.password_hash.clone().filter(|old| password::needs_rehash(old)) else {
            return Ok(None);
        };
        // What was set when anything could be a password stays as it was hashed.
        let Ok(password) = Password::parse(presented) else {
            return Ok(None);
        };
        Ok(Some(Rehash { account: account.id, old, new: password::hash(&password).await? }))
    }
}

impl Rehash {
    /// Stores the new hash, unless the password was changed meanwhile.
    pub(crate) async fn store(self, tx: &DatabaseTransaction) -> Result<(), Error> {
        account::Entity::update_many()
            .col_expr(account::Column::PasswordHash, Expr::value(Some(self.new)))
            .filter(account::Column::Id.eq(self.account))
            .filter(account::Column::PasswordHash.eq(self.old))
            .exec(tx)
            .await?;
        Ok(())
    }
}
