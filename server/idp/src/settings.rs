//! Small values of the whole server, by name.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

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

/// Writes a value where `old` still is.
pub(crate) async fn replace(db: &impl ConnectionTrait, name: &str, old: &str, new: &str) -> Result<(), Error> {
    setting::Entity::update_many()
        .col_expr(setting::Column::Value, Expr::value(new))
        .filter(setting::Column::Name.eq(name))
        .filter(setting::Column::Value.eq(old))
        .exec(db)
        .await?;
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
