//! Revocation by an administrator.

use oauth::id::{ClientId, GrantId, Subject};
use oauth::time::Timestamp;
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, ExprTrait as _, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use super::list::GrantFilter;
use super::row::grant_id;
use super::{is_live, revoke_grants};
use crate::Idp;
use crate::audit::{self, Actor, Change};
use crate::entity::grants;
use crate::error::Error;
use crate::users::subject_of;

/// Grants revoked by one statement.
const BATCH: u64 = 500;

/// Seconds by which the clock of another node may be ahead.
const CLOCKS: i64 = 60;

/// Grants that an administrator revokes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChosenGrants {
    /// All that the filter finds.
    All(GrantFilter),
    /// Those of these that live.
    These(Vec<GrantId>),
}

impl Idp {
    /// Revokes grants with all their codes and tokens in the name of an administrator, 500 in each transaction. Returns how many there
    /// were.
    ///
    /// # Errors
    /// `NotFound` when nobody can be of that subject; `Unauthorized`; or when the database does not answer. What was revoked before
    /// stays so.
    pub async fn revoke_chosen_grants(&self, actor: &Actor, chosen: &ChosenGrants) -> Result<u64, Error> {
        let ids = match chosen {
            ChosenGrants::All(filter) => return self.revoke_all_grants(actor, filter).await,
            ChosenGrants::These(ids) => ids,
        };
        let mut revoked = 0;
        for id in ids.iter().filter_map(|id| grant_id(id).ok()) {
            revoked += self.revoke_one_grant(actor, id).await?;
        }
        Ok(revoked)
    }

    async fn revoke_one_grant(&self, actor: &Actor, id: Uuid) -> Result<u64, Error> {
        let Some(row) = grants::Entity::find_by_id(id).one(self.store.read()).await? else { return Ok(0) };
        let (now, user) = (self.now(), row.account_id.map(subject_of));
        let change = Change {
            actor: actor.clone(),
            action: "grant.revoke",
            target: id.to_string(),
            before: Some(json!({ "client_id": row.client_id, "user": user, "scope": row.scope })),
            after: None,
        };
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let revoked = revoke_grants(tx, grants::Column::Id.eq(id).and(is_live(now)), now).await?;
                    if revoked > 0 {
                        audit::record(tx, change, now).await?;
                    }
                    Ok::<_, Error>(revoked)
                })
            })
            .await
    }

    /// Revokes what there is by now, however fast more is issued meanwhile.
    async fn revoke_all_grants(&self, actor: &Actor, filter: &GrantFilter) -> Result<u64, Error> {
        let now = self.now();
        let by_now = grants::Column::CreatedAt.lte(now.plus(CLOCKS).0);
        let (which, change) = (filter.condition(now)?.add(by_now), change(actor, filter));
        let (mut last, mut total) = (Uuid::nil(), 0);
        loop {
            let (which, change) = (which.clone(), change.clone());
            let batch = self.store.write(move |tx| Box::pin(revoke_batch(tx, which, last, change, now)));
            let (revoked, end) = batch.await?;
            total += revoked;
            let Some(end) = end else { return Ok(total) };
            last = end;
        }
    }
}

fn change(actor: &Actor, filter: &GrantFilter) -> Change {
    let (client, user) = (filter.client.as_ref().map(ClientId::as_str), filter.user.as_ref().map(Subject::as_str));
    let (action, target) = match (client, user) {
        (Some(client), _) => ("client.revoke_grants", client),
        (None, Some(user)) => ("user.revoke_grants", user),
        (None, None) => ("server.revoke_grants", "grants"),
    };
    let before = Some(json!({ "client_id": client, "user": user }));
    Change { actor: actor.clone(), action, target: target.to_owned(), before, after: None }
}

/// Revokes the grants behind the one called `after`, up to 500. Returns how many there were, and the last of them if there may be more.
async fn revoke_batch(
    tx: &DatabaseTransaction,
    which: Condition,
    after: Uuid,
    change: Change,
    now: Timestamp,
) -> Result<(u64, Option<Uuid>), Error> {
    let ids: Vec<Uuid> = grants::Entity::find()
        .select_only()
        .column(grants::Column::Id)
        .filter(which)
        .filter(grants::Column::Id.gt(after))
        .order_by_asc(grants::Column::Id)
        .limit(BATCH)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    let Some(last) = ids.last().copied() else { return Ok((0, None)) };
    let is_full = ids.len() as u64 == BATCH;
    let revoked = revoke_grants(tx, grants::Column::Id.is_in(ids), now).await?;
    if revoked > 0 {
        audit::record(tx, Change { after: Some(json!({ "revoked": revoked })), ..change }, now).await?;
    }
    Ok((revoked, is_full.then_some(last)))
}
