//! Protected resources: what is searched by, and the rest as a document.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resource")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// SHA-256 of the form in which identifiers are compared.
    #[sea_orm(column_type = "Binary(32)", unique)]
    pub digest: Vec<u8>,
    pub name: String,
    pub status: String,
    /// True: it was found by its own metadata, whatever became of it since.
    pub found: bool,
    #[sea_orm(column_type = "Text")]
    pub document: String,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
