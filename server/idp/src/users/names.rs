//! Login names. A user name and an email address each mean one account: the primary key of `login_name` sees to it,
//! whoever writes at the same moment and on whichever node.
//!
//! Addresses that several accounts had before there was that table are in it without an account. They open none, nobody else gets
//! them, and they belong to the last account that keeps one.

use oauth::user::{Email, Profile, Username, fold, login_key};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::Idp;
use crate::entity::{account, login_name};
use crate::error::Error;

/// The login names of an account, as they are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) username: String,
    pub(super) email: Option<String>,
}

impl Names {
    pub(super) fn of_row(row: &account::Model) -> Self {
        Self { username: row.username_key.clone(), email: row.email_key.clone() }
    }

    fn holds(&self, key: &str) -> bool {
        self.username == key || self.email.as_deref() == Some(key)
    }

    fn by_field(&self) -> impl Iterator<Item = (&'static str, &str)> {
        std::iter::once(("username", self.username.as_str()))
            .chain(self.email.iter().map(|key| ("email", key.as_str())))
    }
}

impl From<&Profile> for Names {
    fn from(profile: &Profile) -> Self {
        let (username, email): (&Username, Option<&Email>) = (&profile.username, profile.email.as_ref());
        Self { username: username.key().to_owned(), email: email.map(|email| email.key().to_owned()) }
    }
}

/// The keys under which what somebody typed may be stored: that of today, and that of before there were profiles.
pub(crate) fn login_keys(login: &str) -> Vec<String> {
    let mut keys = Vec::from_iter(login_key(login));
    let old = fold(login);
    if !keys.contains(&old) {
        keys.push(old);
    }
    keys
}

impl Idp {
    /// The account that somebody signs in to, by user name or email address.
    pub(crate) async fn find_account_by_login(&self, login: &str) -> Result<Option<account::Model>, Error> {
        let db = self.store.read();
        for key in login_keys(login) {
            let owner = Query::select()
                .column(login_name::Column::AccountId)
                .from(login_name::Entity)
                .and_where(login_name::Column::Name.eq(key.as_str()))
                .take();
            let accounts = account::Entity::find();
            if let Some(row) = accounts.clone().filter(account::Column::Id.in_subquery(owner)).one(db).await? {
                return Ok(Some(row));
            }
            // A node of an earlier version makes accounts without such a row.
            if let Some(row) = accounts.filter(account::Column::UsernameKey.eq(key)).one(db).await? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// True when somebody signs in with a name of this key, or could.
    pub(crate) async fn is_name_taken(&self, key: &str) -> Result<bool, Error> {
        let db = self.store.read();
        let accounts = account::Entity::find().filter(account::Column::UsernameKey.eq(key));
        Ok(login_name::Entity::find_by_id(key).one(db).await?.is_some() || accounts.one(db).await?.is_some())
    }

    /// True when the user's email address is one to sign in with: not one that another account has too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn is_login_name(&self, row: &account::Model) -> Result<bool, Error> {
        let Some(key) = &row.email_key else {
            return Ok(false);
        };
        let name = login_name::Entity::find_by_id(key.as_str()).one(self.store.read()).await?;
        Ok(name.is_some_and(|name| name.account_id == Some(row.id)))
    }
}

/// Makes the names of a new account its own.
///
/// # Errors
/// `Taken` when another account has one.
pub(super) async fn claim(tx: &DatabaseTransaction, id: Uuid, names: &Names) -> Result<(), Error> {
    for (field, key) in names.by_field() {
        claim_one(tx, id, field, key).await?;
    }
    Ok(())
}

/// Makes the names of an account its own that was written with them. Those it had before it keeps, even one that is shared.
///
/// # Errors
/// `Taken` when another account has one of the new ones.
pub(super) async fn replace(tx: &DatabaseTransaction, id: Uuid, before: &Names, after: &Names) -> Result<(), Error> {
    for (field, key) in after.by_field().filter(|(_, key)| !before.holds(key)) {
        claim_one(tx, id, field, key).await?;
    }
    release(tx, before, Some(after)).await
}

/// Gives the names of an account the keys of today. One whose new key another account has keeps its old one.
pub(super) async fn renew_keys(tx: &DatabaseTransaction, row: &account::Model) -> Result<(), Error> {
    let before = Names::of_row(row);
    let mut after = Names {
        username: Username::stored(&row.username).key().to_owned(),
        email: row.email.as_deref().map(|email| Email::stored(email).key().to_owned()),
    };
    // As of nearly all.
    if after == before {
        return Ok(());
    }
    if is_another_s(tx, row.id, &after.username).await? {
        after.username.clone_from(&before.username);
    }
    if let Some(key) = &after.email
        && is_another_s(tx, row.id, key).await?
    {
        after.email.clone_from(&before.email);
    }
    if after == before {
        return Ok(());
    }
    account::Entity::update_many()
        .col_expr(account::Column::UsernameKey, Expr::value(after.username.clone()))
        .col_expr(account::Column::EmailKey, Expr::value(after.email.clone()))
        .filter(account::Column::Id.eq(row.id))
        .exec(tx)
        .await?;
    replace(tx, row.id, &before, &after).await
}

async fn is_another_s(tx: &DatabaseTransaction, id: Uuid, key: &str) -> Result<bool, Error> {
    let name = login_name::Entity::find_by_id(key).one(tx).await?;
    let account = account::Entity::find().filter(account::Column::UsernameKey.eq(key)).one(tx).await?;
    Ok(name.is_some_and(|name| name.account_id != Some(id)) || account.is_some_and(|account| account.id != id))
}

/// Deletes an account and gives its names up.
pub(super) async fn delete(tx: &DatabaseTransaction, row: &account::Model) -> Result<(), Error> {
    // They would go with the account, and with them the lock under which is found out who is left with one.
    login_name::Entity::update_many()
        .col_expr(login_name::Column::AccountId, Expr::value(None::<Uuid>))
        .filter(login_name::Column::AccountId.eq(row.id))
        .exec(tx)
        .await?;
    account::Entity::delete_by_id(row.id).exec(tx).await?;
    release(tx, &Names::of_row(row), None).await
}

/// Gives the names of an account up, but for those that it keeps: whoever is left with one gets it. The account was written, or
/// deleted, before.
async fn release(tx: &DatabaseTransaction, before: &Names, kept: Option<&Names>) -> Result<(), Error> {
    for (_, key) in before.by_field().filter(|(_, key)| !kept.is_some_and(|kept| kept.holds(key))) {
        settle(tx, key).await?;
    }
    Ok(())
}

async fn claim_one(tx: &DatabaseTransaction, id: Uuid, field: &'static str, key: &str) -> Result<(), Error> {
    // Looked at first, so that a name that is its own already, as one that is name and address, needs no savepoint.
    match login_name::Entity::find_by_id(key).one(tx).await? {
        Some(row) if row.account_id == Some(id) => return Ok(()),
        Some(_) => return Err(Error::Taken(field)),
        None => {}
    }
    let row = login_name::Model { name: key.to_owned(), account_id: Some(id) };
    let inserted = login_name::Entity::insert(row.into_active_model()).exec_without_returning(tx).await;
    inserted.map(drop).map_err(|error| match Error::from(error) {
        Error::Conflict => Error::Taken(field),
        other => other,
    })
}

/// Says anew whose a name is. The row is locked first: of two who give a shared address up at once, the second sees what the first did.
async fn settle(tx: &DatabaseTransaction, key: &str) -> Result<(), Error> {
    if login_name::Entity::find_by_id(key).lock_exclusive().one(tx).await?.is_none() {
        return Ok(());
    }
    let holders = account::Entity::find().lock_shared();
    let named = holders.clone().filter(account::Column::UsernameKey.eq(key)).one(tx).await?;
    let owner = match named {
        Some(row) => Some(row.id),
        None => {
            let addressed = holders.filter(account::Column::EmailKey.eq(key)).limit(2).all(tx).await?;
            match addressed.as_slice() {
                [] => {
                    login_name::Entity::delete_by_id(key).exec(tx).await?;
                    return Ok(());
                }
                [only] => Some(only.id),
                _ => None,
            }
        }
    };
    login_name::Entity::update_many()
        .col_expr(login_name::Column::AccountId, Expr::value(owner))
        .filter(login_name::Column::Name.eq(key))
        .exec(tx)
        .await?;
    Ok(())
}
