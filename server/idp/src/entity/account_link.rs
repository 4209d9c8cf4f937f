//! The accounts of people whom an issuer elsewhere vouches for, by what it calls them.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "account_link")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub trust_id: Uuid,
    pub account_id: Uuid,
    /// SHA-256 of trust and subject.
    #[sea_orm(column_type = "Binary(32)", unique)]
    pub digest: Vec<u8>,
    /// The person, as the issuer calls them.
    #[sea_orm(column_type = "Text")]
    pub subject: String,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::account::Entity", from = "Column::AccountId", to = "super::account::Column::Id")]
    Account,
    #[sea_orm(belongs_to = "super::trust::Entity", from = "Column::TrustId", to = "super::trust::Column::Id")]
    Trust,
}

impl Related<super::account::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Account.def()
    }
}

impl Related<super::trust::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Trust.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
