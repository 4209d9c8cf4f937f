//! Refresh tokens, by digest.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    pub grant_id: Uuid,
    /// The number of tokens before it in its chain.
    pub generation: i64,
    pub created_at: i64,
    pub expires_at: i64,
    /// Its first use.
    pub consumed_at: Option<i64>,
    /// Its last late retry.
    pub retried_at: Option<i64>,
    /// The answers in which it was given again.
    pub repeats: i64,
    /// Whoever used it first.
    pub used_address: Option<String>,
    pub used_agent: Option<String>,
    /// The thumbprint of the key that it is bound to (RFC 9449).
    pub jkt: Option<String>,
    /// The thumbprint of the certificate that it is bound to (RFC 8705).
    pub x5t: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::grants::Entity", from = "Column::GrantId", to = "super::grants::Column::Id")]
    Grant,
}

impl Related<super::grants::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Grant.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
