//! Device codes, by digest.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_code")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    /// The keyed digest of the user code: there are few enough to try them all.
    #[sea_orm(column_type = "Binary(32)", unique)]
    pub user_code: Vec<u8>,
    pub client_id: String,
    #[sea_orm(column_type = "Text")]
    pub scope: String,
    /// Seconds that must lie between two polls.
    pub poll_interval: i64,
    /// 0: never.
    pub polled_at: i64,
    pub created_at: i64,
    pub expires_at: i64,
    /// When a person allowed or declined it.
    pub decided_at: Option<i64>,
    /// The grant, if they allowed it.
    pub grant_id: Option<Uuid>,
    pub consumed_at: Option<i64>,
    /// The IDs of the resources that it is for, with spaces between.
    #[sea_orm(column_type = "Text", nullable)]
    pub resources: Option<String>,
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
