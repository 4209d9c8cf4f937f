//! Sums of refused requests of registered clients, by stretch of time.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_refusal")]
pub struct Model {
    /// Seconds of the stretch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub step: i64,
    /// Its beginning, a multiple of them.
    #[sea_orm(primary_key, auto_increment = false)]
    pub since: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: String,
    pub count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
