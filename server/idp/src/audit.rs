//! The record of what administrators changed, written in the transaction of the change itself.

use oauth::time::Timestamp;
use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel};
use serde_json::Value;

use crate::entity::audit_event;
use crate::error::Error;
use crate::{random, settings};

/// Who makes a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// Whoever holds the admin token.
    #[must_use]
    pub fn admin() -> Self {
        Self("admin".to_owned())
    }

    /// The server itself, or its command line.
    #[must_use]
    pub fn system() -> Self {
        Self("system".to_owned())
    }
}

/// One change. `before` and `after` hold no secrets.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) actor: Actor,
    /// What was done, for example `client.update`.
    pub(crate) action: &'static str,
    pub(crate) target: String,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

/// The setting whose value grows with every change: other nodes look at it to know when to forget what they cached.
pub(crate) const REVISION: &str = "revision";

/// Records a change and raises the revision.
pub(crate) async fn append(tx: &DatabaseTransaction, change: Change, now: Timestamp) -> Result<(), Error> {
    let (kind, _) = change.action.split_once('.').unwrap_or((change.action, ""));
    let event = audit_event::Model {
        id: random::uuid_v7(now),
        at: now.0,
        actor: change.actor.0,
        action: change.action.to_owned(),
        target_kind: kind.to_owned(),
        target_id: change.target,
        before: change.before.map(|value| value.to_string()),
        after: change.after.map(|value| value.to_string()),
    };
    audit_event::Entity::insert(event.into_active_model()).exec_without_returning(tx).await?;
    raise_revision(tx).await
}

async fn raise_revision(tx: &DatabaseTransaction) -> Result<(), Error> {
    // Any value that was not there before will do: it is compared, never counted.
    settings::put(tx, REVISION, &random::token()).await
}
