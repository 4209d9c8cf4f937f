//! Clients that registered themselves.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_registration")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: String,
    /// The client's row, once somebody allowed it something. Until then it waits, and is all here.
    pub settled: Option<String>,
    /// The client while it waits.
    #[sea_orm(column_type = "Text")]
    pub document: String,
    /// The secret while it waits.
    #[sea_orm(column_type = "Binary(32)", nullable)]
    pub secret_digest: Option<Vec<u8>>,
    /// The same, sealed, of a client that makes MACs.
    #[sea_orm(column_type = "Text", nullable)]
    pub sealed: Option<String>,
    /// The registration access token. A public client has none.
    #[sea_orm(column_type = "Binary(32)", nullable)]
    pub token_digest: Option<Vec<u8>>,
    pub created_at: i64,
    /// The end of the wait. For one that is settled: the time to look again whether it is idle.
    pub expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
