//! Opaque access tokens, by digest.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    pub grant_id: Uuid,
    pub generation: i64,
    #[sea_orm(column_type = "Text")]
    pub scope: String,
    pub created_at: i64,
    pub expires_at: i64,
    /// Whom it is for, with spaces between; null: this server.
    #[sea_orm(column_type = "Text", nullable)]
    pub audience: Option<String>,
    /// The thumbprint of the key that it is bound to (RFC 9449).
    pub jkt: Option<String>,
    /// The thumbprint of the certificate that it is bound to (RFC 8705).
    pub x5t: Option<String>,
    /// `authorization_details` (RFC 9396).
    #[sea_orm(column_type = "Text", nullable)]
    pub details: Option<String>,
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
