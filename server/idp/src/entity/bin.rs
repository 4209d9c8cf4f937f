//! Clients, users and scopes that were deleted and can be restored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bin")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `client`, `user` or `scope`.
    pub kind: String,
    /// Its ID, as the record of changes names it.
    pub target: String,
    /// Its name, for whoever looks for it.
    pub name: String,
    /// Whoever deleted it.
    pub actor: String,
    pub deleted_at: i64,
    /// Its rows, as JSON, but for consents. Secrets are digests.
    #[sea_orm(column_type = "Text")]
    pub document: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
