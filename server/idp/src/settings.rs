//! Small values of the whole server, by name.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};

use crate::entity::setting;
use crate::error::Error;

pub(crate) async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<String>, Error> {
    Ok(setting::Entity::find_by_id(name.to_owned()).one(db).await?.map(|row| row.value))
}

pub(crate) async fn put(db: &impl ConnectionTrait, name: &str, value: &str) -> Result<(), Error> {
    let row = setting::Model { name: name.to_owned(), value: value.to_owned() };
    let replace = OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
    setting::Entity::insert(row.into_active_model()).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}

/// Writes a value where `old` still is; false where it is not. The row count is the lock.
pub(crate) async fn replace(db: &impl ConnectionTrait, name: &str, old: &str, new: &str) -> Result<bool, Error> {
    let replaced = setting::Entity::update_many()
        .col_expr(setting::Column::Value, Expr::value(new))
        .filter(setting::Column::Name.eq(name))
        .filter(setting::Column::Value.eq(old))
        .exec(db)
        .await?;
    Ok(replaced.rows_affected == 1)
}

/// Deletes a value where it still is; false where it is not. The row count is the lock.
pub(crate) async fn remove(db: &impl ConnectionTrait, name: &str, value: &str) -> Result<bool, Error> {
    let removed = setting::Entity::delete_many()
        .filter(setting::Column::Name.eq(name))
        .filter(setting::Column::Value.eq(value))
        .exec(db)
        .await?;
    Ok(removed.rows_affected == 1)
}

/// Keeps everybody from changing a value until the commit; false where it is another one.
pub(crate) async fn hold(tx: &DatabaseTransaction, name: &str, value: &str) -> Result<bool, Error> {
    replace(tx, name, value, value).await
}

/// Takes the lock that the setting `name` is, and holds it until the commit. The row is made if there is none.
pub(crate) async fn lock(tx: &DatabaseTransaction, name: &str) -> Result<(), Error> {
    put(tx, name, "").await
}

/// Writes a value where there is none, and leaves another as it is. The row is there then, and locked until the commit.
pub(crate) async fn ensure(tx: &DatabaseTransaction, name: &str, value: &str) -> Result<(), Error> {
    let row = setting::Model { name: name.to_owned(), value: value.to_owned() };
    let keep = OnConflict::column(setting::Column::Name).update_column(setting::Column::Name).to_owned();
    setting::Entity::insert(row.into_active_model()).on_conflict(keep).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes a value where there is none; false when there was one. The row count is the lock.
pub(crate) async fn put_first(db: &impl ConnectionTrait, name: &str, value: &str) -> Result<bool, Error> {
    if find(db, name).await?.is_some() {
        return Ok(false);
    }
    let row = setting::Model { name: name.to_owned(), value: value.to_owned() };
    match setting::Entity::insert(row.into_active_model()).exec_without_returning(db).await {
        Ok(_) => Ok(true),
        Err(error) => match Error::from(error) {
            Error::Conflict => Ok(false),
            other => Err(other),
        },
    }
}
