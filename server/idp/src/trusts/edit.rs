//! Changes of trusts.

use std::collections::BTreeSet;

use oauth::client::{Client, GrantType};
use oauth::field::FieldProblem;
use oauth::id::{ClientId, TrustId};
use oauth::time::Timestamp;
use oauth::trust::{MOST_TRUSTS, Trust, TrustDraft, TrustError, TrustKind};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait as _, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;
use sha2::Digest as _;

use super::{read_trust, row_id};
use crate::audit::{self, Actor, Change};
use crate::entity::{client, trust};
use crate::error::Error;
use crate::save::SaveError;
use crate::{Idp, random, settings};

/// The lock under which trusts are counted.
const LOCK: &str = "trusts";

impl Idp {
    /// Creates a trust; another one of the same kind in the same issuer is the problem `Taken` of `issuer`.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn create_trust(&self, actor: &Actor, draft: &TrustDraft) -> Result<Trust, SaveError> {
        let now = self.now();
        let mut trust = draft.check(TrustId::new(random::uuid_v7(now).to_string()), self.issuer())?;
        trust.stamp = new_stamp(now);
        let named = self.check_clients(&trust, None).await?;
        let row = new_row(&trust, now)?;
        let change = saved(actor, "trust.create", None, Some(&trust));
        let created = self.store.write(move |tx| {
            Box::pin(async move {
                hold_clients(tx, named).await?;
                settings::lock(tx, LOCK).await?;
                if trust::Entity::find().count(tx).await? >= MOST_TRUSTS as u64 {
                    return Ok(false);
                }
                trust::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
                audit::append(tx, change, now).await?;
                Ok(true)
            })
        });
        match created.await {
            Err(Error::Conflict) => Err(SaveError::field("issuer", FieldProblem::Taken)),
            other => match self.after_change(other)? {
                true => Ok(trust),
                false => Err(SaveError::field("issuer", FieldProblem::TooMany(MOST_TRUSTS))),
            },
        }
    }

    /// Changes a trust. `version` is the one the change was made from; `None` changes whatever is there. One that is off, or
    /// says something else, counts for nothing from now on: neither do the tokens that were given by it while it is off.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn update_trust(
        &self,
        actor: &Actor,
        id: &TrustId,
        version: Option<i64>,
        draft: &TrustDraft,
    ) -> Result<(), SaveError> {
        let current = self.get_trust(id).await?;
        if TrustKind::find(&draft.kind).is_some_and(|kind| kind != current.trust.kind()) {
            return Err(SaveError::field("kind", TrustError::Kind.into()));
        }
        let mut after = draft.check(current.trust.id.clone(), self.issuer())?;
        // Links and whatever was given are about people and programs of that issuer.
        if after.issuer != current.trust.issuer {
            return Err(SaveError::field("issuer", TrustError::IssuerChanged.into()));
        }
        let named = self.check_clients(&after, Some(&current.trust)).await?;
        if version.is_some_and(|version| version != current.version) {
            return Err(SaveError::Stale);
        }
        let (row_id, read, now) = (row_id(id)?, current.version, self.now());
        let before = current.trust;
        let is_other = after.role != before.role || (after.enabled && !before.enabled);
        after.stamp = if is_other { new_stamp(now) } else { before.stamp.clone() };
        let actor = actor.clone();
        let written = self.store.write(move |tx| {
            Box::pin(async move {
                hold_clients(tx, named).await?;
                let row = trust::Entity::find_by_id(row_id).filter(trust::Column::Version.eq(read)).one(tx).await?;
                let row = row.ok_or(Error::Stale)?;
                replace(tx, &actor, &row, &before, &after, now).await
            })
        });
        Ok(self.after_change(written.await)?)
    }

    /// Deletes a trust with the links to accounts that it knew. The tokens that were given by it count for nothing any more.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn delete_trust(&self, actor: &Actor, id: &TrustId) -> Result<(), Error> {
        let (actor, row_id, now) = (actor.clone(), row_id(id)?, self.now());
        let deleted = self.store.write(move |tx| {
            Box::pin(async move {
                let row = trust::Entity::find_by_id(row_id).one(tx).await?.ok_or(Error::NotFound)?;
                let before = read_trust(&row)?;
                if trust::Entity::delete_by_id(row_id).exec(tx).await?.rows_affected == 0 {
                    return Err(Error::NotFound);
                }
                audit::append(tx, saved(&actor, "trust.delete", Some(&before), None), now).await
            })
        });
        self.after_change(deleted.await)
    }

    /// Makes sure that the clients which the trust names could make use of it. Those that it named `before` need not, nor those of one
    /// that is off: nothing must stand in the way of whoever takes something away. Returns those that were looked at.
    async fn check_clients(&self, trust: &Trust, before: Option<&Trust>) -> Result<BTreeSet<String>, SaveError> {
        let mut named = BTreeSet::new();
        if !trust.enabled {
            return Ok(named);
        }
        let (field, grant) = match trust.kind() {
            TrustKind::IdentityProvider => return Ok(named),
            TrustKind::WorkloadIssuer => ("rules", GrantType::JwtBearer),
            TrustKind::AuthorizationServer => ("clients", GrantType::TokenExchange),
        };
        // Nobody looked at the clients of one that is off.
        let before = before.filter(|before| before.enabled);
        let was_named = |id: &ClientId| before.is_some_and(|before| before.clients().any(|other| other == id));
        for id in trust.clients().filter(|id| !was_named(id)) {
            let is_fit = |client: &Client| client.may_use(grant) && !client.origin.is_dynamic();
            match self.get_client(id).await {
                Ok(record) if is_fit(&record.client) => {
                    named.insert(id.to_string());
                }
                Ok(_) | Err(Error::NotFound) => {
                    return Err(SaveError::field(field, FieldProblem::ClientUnfit(id.to_string())));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(named)
    }
}

/// Keeps clients from being deleted until the commit; `Stale` when one of them is gone.
async fn hold_clients(tx: &DatabaseTransaction, named: BTreeSet<String>) -> Result<(), Error> {
    if named.is_empty() {
        return Ok(());
    }
    let number = named.len();
    let held = client::Entity::find().filter(client::Column::ClientId.is_in(named));
    let held = held.order_by_asc(client::Column::ClientId).select_only().column(client::Column::ClientId).lock_shared();
    if held.into_tuple::<String>().all(tx).await?.len() < number { Err(Error::Stale) } else { Ok(()) }
}

/// Writes a trust in the place of another one; a version that is not there any more is `Stale`.
pub(super) async fn replace(
    tx: &DatabaseTransaction,
    actor: &Actor,
    row: &trust::Model,
    before: &Trust,
    after: &Trust,
    now: Timestamp,
) -> Result<(), Error> {
    let updated = trust::Entity::update_many()
        .col_expr(trust::Column::Name, Expr::value(after.name.clone()))
        .col_expr(trust::Column::Enabled, Expr::value(after.enabled))
        .col_expr(trust::Column::Document, Expr::value(document(after)?))
        .col_expr(trust::Column::Version, Expr::value(row.version + 1))
        .col_expr(trust::Column::UpdatedAt, Expr::value(now.0))
        .filter(trust::Column::Id.eq(row.id))
        .filter(trust::Column::Version.eq(row.version))
        .exec(tx)
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::Stale);
    }
    audit::append_version(tx, saved(actor, "trust.update", Some(before), Some(after)), row.version + 1, now).await
}

/// A stamp that tells this state of a trust from others before and after it.
fn new_stamp(now: Timestamp) -> TrustId {
    TrustId::new(random::uuid_v7(now).to_string())
}

fn new_row(trust: &Trust, now: Timestamp) -> Result<trust::Model, Error> {
    Ok(trust::Model {
        id: row_id(&trust.id)?,
        digest: digest(trust),
        name: trust.name.clone(),
        enabled: trust.enabled,
        document: document(trust)?,
        version: 1,
        created_at: now.0,
        updated_at: now.0,
    })
}

fn digest(trust: &Trust) -> Vec<u8> {
    sha2::Sha256::digest(json!([trust.kind(), trust.issuer]).to_string()).to_vec()
}

fn document(trust: &Trust) -> Result<String, Error> {
    serde_json::to_string(trust).map_err(Error::internal)
}

fn saved(actor: &Actor, action: &'static str, before: Option<&Trust>, after: Option<&Trust>) -> Change {
    let target = after.or(before).map(|trust| trust.id.to_string()).unwrap_or_default();
    let document = |trust: &Trust| json!(trust);
    Change { actor: actor.clone(), action, target, before: before.map(document), after: after.map(document) }
}
