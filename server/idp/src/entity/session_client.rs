//! Clients that hear of the end of a session: each while the session is open, and then what became of telling it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session_client")]
pub struct Model {
    /// That of the session, or one drawn for a test.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sid: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: String,
    /// None: a test, which is about nobody.
    pub account_id: Option<Uuid>,
    pub joined_at: i64,
    /// None: the session is open.
    pub ended_at: Option<i64>,
    /// The time of the next try; while a node sends, the time at which another one may. None: there is none.
    pub due_at: Option<i64>,
    /// Tries so far, with the one that is under way.
    pub attempts: i64,
    pub tried_at: Option<i64>,
    pub delivered_at: Option<i64>,
    /// The outcome of the last try, in words.
    pub answer: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
