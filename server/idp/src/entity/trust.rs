//! Trusts: what is searched by, and the rest as a document.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trust")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// SHA-256 of kind and issuer.
    #[sea_orm(column_type = "Binary(32)", unique)]
    pub digest: Vec<u8>,
    pub name: String,
    pub enabled: bool,
    #[sea_orm(column_type = "Text")]
    pub document: String,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
