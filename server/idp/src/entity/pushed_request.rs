//! Pushed authorization requests, by the digest of their address.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pushed_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    pub client_id: String,
    /// The parameters, encoded as a form, without what proves the client.
    #[sea_orm(column_type = "Text")]
    pub parameters: String,
    /// The client signed them.
    pub is_signed: bool,
    pub expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
