//! The secrets of a client: several at a time, so that one can replace another without a gap.

use oauth::client::{ClientAuthMethod, SecretDraft};
use oauth::id::ClientId;
use oauth::secret::{Secret, SecretDigest};
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait as _, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use super::read_client;
use crate::audit::{self, Actor, Change};
use crate::entity::{client, client_secret};
use crate::error::Error;
use crate::save::SaveError;
use crate::{Idp, random};

/// A secret as administrators see it: never its value.
#[derive(Debug, Clone)]
pub struct SecretRow {
    pub id: String,
    pub name: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// To the minute.
    pub last_used_at: Option<Timestamp>,
    /// The way it came then.
    pub last_used_by: Option<ClientAuthMethod>,
}

/// The name of a secret that came with a change of its client.
const REPLACED: &str = "from the admin API";

impl Idp {
    /// Adds a secret and returns it, once, with its ID.
    ///
    /// # Errors
    /// See [`SaveError`]; a client that has become public is `Stale`.
    pub async fn add_client_secret(
        &self,
        actor: &Actor,
        client_id: &ClientId,
        draft: &SecretDraft,
    ) -> Result<(String, Secret), SaveError> {
        let (name, days) = draft.check()?;
        let expires_at = days.map(|days| self.now().plus(days * 86_400));
        let secret = Secret::new(random::token());
        let (actor, client_id, kept, now) = (actor.clone(), client_id.clone(), secret.clone(), self.now());
        let added = self.store.write(move |tx| {
            Box::pin(async move {
                // Locked: whoever replaces all secrets, or makes the client public, misses none.
                let found = client::Entity::find_by_id(client_id.as_str()).lock_exclusive().one(tx).await?;
                let row = found.ok_or(Error::NotFound)?;
                if !read_client(&row)?.token_endpoint_auth_method.needs_secret() {
                    return Err(Error::Stale);
                }
                let id = insert(tx, &client_id, &kept, &name, expires_at, now).await?;
                audit::append(tx, change(actor, "client.secret_add", &client_id, &name), now).await?;
                Ok(id)
            })
        });
        let id: Uuid = self.after_change(added.await)?;
        Ok((id.to_string(), secret))
    }

    /// Takes a secret away: whoever uses it is refused from now on.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn revoke_client_secret(&self, actor: &Actor, client_id: &ClientId, id: &str) -> Result<(), Error> {
        let id = Uuid::parse_str(id).map_err(|_| Error::NotFound)?;
        let (actor, client_id, now) = (actor.clone(), client_id.clone(), self.now());
        let revoked = self.store.write(move |tx| {
            Box::pin(async move {
                let row = client_secret::Entity::find_by_id(id).one(tx).await?;
                let row = row.filter(|row| row.client_id == client_id.as_str()).ok_or(Error::NotFound)?;
                // The client first: what was asked for with this secret is written by now, or finds the stamp changed.
                raise_stamp(tx, &client_id).await?;
                if client_secret::Entity::delete_by_id(id).exec(tx).await?.rows_affected == 0 {
                    return Err(Error::NotFound);
                }
                audit::append(tx, change(actor, "client.secret_revoke", &client_id, &row.name), now).await
            })
        });
        self.after_change(revoked.await)
    }

    pub(super) async fn list_secrets(&self, client_id: &ClientId) -> Result<Vec<SecretRow>, Error> {
        let rows = client_secret::Entity::find()
            .filter(client_secret::Column::ClientId.eq(client_id.as_str()))
            .order_by_asc(client_secret::Column::CreatedAt)
            .order_by_asc(client_secret::Column::Id)
            .all(self.store.read())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| SecretRow {
                id: row.id.to_string(),
                name: row.name,
                created_at: Timestamp(row.created_at),
                expires_at: row.expires_at.map(Timestamp),
                last_used_at: row.last_used_at.map(Timestamp),
                last_used_by: row.last_used_by.as_deref().and_then(ClientAuthMethod::find),
            })
            .collect())
    }
}

/// The secrets of a client, as they are stored.
pub(super) async fn find_all(tx: &DatabaseTransaction, client_id: &str) -> Result<Vec<client_secret::Model>, Error> {
    Ok(client_secret::Entity::find().filter(client_secret::Column::ClientId.eq(client_id)).all(tx).await?)
}

/// Puts a secret in the place of all that the client has.
pub(super) async fn replace(
    tx: &DatabaseTransaction,
    actor: Actor,
    client_id: &ClientId,
    secret: &Secret,
    now: Timestamp,
) -> Result<(), Error> {
    delete_all(tx, client_id).await?;
    insert(tx, client_id, secret, REPLACED, None, now).await?;
    audit::append(tx, change(actor, "client.secret_replace", client_id, REPLACED), now).await
}

/// Takes all secrets away, of a client that needs none from now on.
pub(super) async fn revoke_all(
    tx: &DatabaseTransaction,
    actor: Actor,
    client_id: &ClientId,
    now: Timestamp,
) -> Result<(), Error> {
    match delete_all(tx, client_id).await? {
        0 => Ok(()),
        _ => audit::append(tx, change(actor, "client.secret_revoke", client_id, "all of them"), now).await,
    }
}

async fn raise_stamp(tx: &DatabaseTransaction, client_id: &ClientId) -> Result<(), Error> {
    client::Entity::update_many()
        .col_expr(client::Column::Stamp, Expr::col(client::Column::Stamp).add(1))
        .filter(client::Column::ClientId.eq(client_id.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

async fn delete_all(tx: &DatabaseTransaction, client_id: &ClientId) -> Result<u64, Error> {
    let all = client_secret::Entity::delete_many().filter(client_secret::Column::ClientId.eq(client_id.as_str()));
    Ok(all.exec(tx).await?.rows_affected)
}

pub(super) async fn insert(
    tx: &DatabaseTransaction,
    client_id: &ClientId,
    secret: &Secret,
    name: &str,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Uuid, Error> {
    insert_digest(tx, client_id, &secret.digest(), name, expires_at, now).await
}

pub(crate) async fn insert_digest(
    tx: &DatabaseTransaction,
    client_id: &ClientId,
    digest: &SecretDigest,
    name: &str,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Uuid, Error> {
    let id = random::uuid_v7(now);
    let row = client_secret::Model {
        id,
        client_id: client_id.to_string(),
        digest: digest.as_bytes().to_vec(),
        name: name.to_owned(),
        created_at: now.0,
        expires_at: expires_at.map(|at| at.0),
        last_used_at: None,
        last_used_by: None,
    };
    client_secret::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(id)
}

fn change(actor: Actor, action: &'static str, client_id: &ClientId, name: &str) -> Change {
    Change { actor, action, target: client_id.to_string(), before: None, after: Some(json!({ "secret": name })) }
}
