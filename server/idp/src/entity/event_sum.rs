//! Sums of events by stretch of time, kind, outcome and code.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event_sum")]
pub struct Model {
    /// Seconds of the stretch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub step: i64,
    /// Its beginning, a multiple of them.
    #[sea_orm(primary_key, auto_increment = false)]
    pub since: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub outcome: String,
    /// Empty where there is none.
    #[sea_orm(primary_key, auto_increment = false)]
    pub error: String,
    pub count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
