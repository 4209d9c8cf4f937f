//! Wrong passwords and tokens, counted by the digest of whom they are counted for.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "failed_attempt")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    pub failures: i64,
    /// Up to when failures were forgiven.
    pub counted_at: i64,
    /// Until then no further attempt is looked at.
    pub not_before: i64,
    /// When all is forgiven.
    pub expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
