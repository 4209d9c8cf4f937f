//! Authentication requests of clients that ask for somebody by name (CIBA), by the digest of the `auth_req_id`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ciba_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    pub client_id: String,
    /// The person who is asked.
    pub account_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub scope: String,
    /// The IDs of the resources that it is for, with spaces between.
    #[sea_orm(column_type = "Text", nullable)]
    pub resources: Option<String>,
    /// `authorization_details`: a JSON array.
    #[sea_orm(column_type = "Text", nullable)]
    pub details: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub binding_message: Option<String>,
    /// The address from which the client asked.
    pub address: Option<String>,
    /// Seconds that must lie between two polls.
    pub poll_interval: i64,
    /// 0: never.
    pub polled_at: i64,
    pub created_at: i64,
    pub expires_at: i64,
    /// When the person allowed or declined it.
    pub decided_at: Option<i64>,
    /// The grant, if they allowed it.
    pub grant_id: Option<Uuid>,
    pub consumed_at: Option<i64>,
    /// The message to the client, and the token that goes with it, sealed; none once it was told, or where it only polls.
    #[sea_orm(column_type = "Text", nullable)]
    pub ping: Option<String>,
    /// The time of the next try to tell it; while a node sends, the time at which another one may. None: there is none.
    pub due_at: Option<i64>,
    /// Tries so far, with the one that is under way.
    pub attempts: i64,
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
