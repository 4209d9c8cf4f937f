//! Grants: the families that codes and tokens belong to.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: String,
    pub account_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub scope: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub claims_request: Option<String>,
    pub sid: Option<String>,
    pub offline: bool,
    pub auth_time: Option<i64>,
    pub acr: Option<String>,
    pub amr: Option<String>,
    pub generation: i64,
    pub created_at: i64,
    pub expires_at: i64,
    pub revoked_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub agreement: Option<String>,
    pub refresh_salt: Option<String>,
    /// The IDs of the resources that its tokens may be for, with spaces between.
    #[sea_orm(column_type = "Text", nullable)]
    pub resources: Option<String>,
    /// The trust by which it was given.
    pub trust_id: Option<Uuid>,
    /// The grant whose token was exchanged for it.
    pub parent_id: Option<Uuid>,
    /// `act` of its tokens, as JSON.
    #[sea_orm(column_type = "Text", nullable)]
    pub actor: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
