//! The record of changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: i64,
    pub actor: String,
    pub action: String,
    pub target_kind: String,
    pub target_id: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub before: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub after: Option<String>,
    /// Its place in the chain, from 1. NULL: it is from before the chain.
    #[sea_orm(unique)]
    pub number: Option<i64>,
    /// The digest of what it said when it was written.
    #[sea_orm(column_type = "Binary(32)", nullable)]
    pub content: Option<Vec<u8>>,
    /// The digest of the change, and of all before it.
    #[sea_orm(column_type = "Binary(32)", nullable)]
    pub digest: Option<Vec<u8>>,
    /// The version of the thing that the change made. NULL: the thing has none, or stays as it is.
    pub version: Option<i64>,
    /// The event that tells of the request.
    pub event_id: Option<Uuid>,
    /// The request that it came from. NULL: it is from before that was part of the chain.
    #[sea_orm(column_type = "Text", nullable)]
    pub origin: Option<String>,
    /// The digest of the origin as it was written.
    #[sea_orm(column_type = "Binary(32)", nullable)]
    pub origin_digest: Option<Vec<u8>>,
    /// Part of the digest of what it said. It is erased with that.
    #[sea_orm(column_type = "Binary(16)", nullable)]
    pub salt: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
