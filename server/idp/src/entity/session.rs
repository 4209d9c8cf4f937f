//! Browsers in which somebody is signed in, by the digest of their cookie.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    pub sid: String,
    pub account_id: Uuid,
    pub created_at: i64,
    pub expires_at: i64,
    pub user_agent: Option<String>,
    /// The factors of the latest login, as JSON.
    #[sea_orm(column_type = "Text", nullable)]
    pub factors: Option<String>,
    /// The time when it was last used, to a few minutes.
    pub seen_at: Option<i64>,
    /// The IP address of the latest login.
    pub address: Option<String>,
    /// True: there are clients that hear of its end.
    pub tells_clients: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
