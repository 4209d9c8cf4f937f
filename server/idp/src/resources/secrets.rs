//! The secrets of a resource, by which it asks about its tokens: several at a time, so that one can replace another without a gap.

use oauth::client::SecretDraft;
use oauth::id::ResourceId;
use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use super::row_id;
use crate::audit::{self, Actor, Change};
use crate::entity::{resource, resource_secret};
use crate::error::Error;
use crate::save::SaveError;
use crate::{Idp, random};

/// A secret as administrators see it: never its value.
#[derive(Debug, Clone)]
pub struct ResourceSecretRow {
    pub id: String,
    pub name: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// To the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Idp {
    /// Adds a secret and returns its ID and, once, itself.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn add_resource_secret(
        &self,
        actor: &Actor,
        id: &ResourceId,
        draft: &SecretDraft,
    ) -> Result<(String, Secret), SaveError> {
        let (name, days) = draft.check()?;
        let (secret, now) = (Secret::new(random::token()), self.now());
        let row = resource_secret::Model {
            id: random::uuid_v7(now),
            resource_id: row_id(id)?,
            digest: secret.digest().as_bytes().to_vec(),
            name: name.clone(),
            created_at: now.0,
            expires_at: days.map(|days| now.plus(days * 86_400).0),
            last_used_at: None,
        };
        let secret_id = row.id.to_string();
        let change = change(actor, "resource.secret_add", id, &name);
        let added = self.store.write(move |tx| {
            Box::pin(async move {
                resource::Entity::find_by_id(row.resource_id).one(tx).await?.ok_or(Error::NotFound)?;
                resource_secret::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
                audit::append(tx, change, now).await
            })
        });
        self.after_change(added.await)?;
        Ok((secret_id, secret))
    }

    /// Takes a secret away: whoever uses it is refused from now on.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn revoke_resource_secret(&self, actor: &Actor, id: &ResourceId, secret: &str) -> Result<(), Error> {
        let secret = Uuid::parse_str(secret).map_err(|_| Error::NotFound)?;
        let (owner, now) = (row_id(id)?, self.now());
        let (actor, id) = (actor.clone(), id.clone());
        let revoked = self.store.write(move |tx| {
            Box::pin(async move {
                let row = resource_secret::Entity::find_by_id(secret).one(tx).await?;
                let row = row.filter(|row| row.resource_id == owner).ok_or(Error::NotFound)?;
                if resource_secret::Entity::delete_by_id(secret).exec(tx).await?.rows_affected == 0 {
                    return Err(Error::NotFound);
                }
                audit::append(tx, change(&actor, "resource.secret_revoke", &id, &row.name), now).await
            })
        });
        self.after_change(revoked.await)
    }

    pub(super) async fn list_resource_secrets(&self, id: &ResourceId) -> Result<Vec<ResourceSecretRow>, Error> {
        let rows = resource_secret::Entity::find()
            .filter(resource_secret::Column::ResourceId.eq(row_id(id)?))
            .order_by_asc(resource_secret::Column::CreatedAt)
            .order_by_asc(resource_secret::Column::Id)
            .all(self.store.read())
            .await?;
        let read = |row: resource_secret::Model| ResourceSecretRow {
            id: row.id.to_string(),
            name: row.name,
            created_at: Timestamp(row.created_at),
            expires_at: row.expires_at.map(Timestamp),
            last_used_at: row.last_used_at.map(Timestamp),
        };
        Ok(rows.into_iter().map(read).collect())
    }
}

fn change(actor: &Actor, action: &'static str, id: &ResourceId, name: &str) -> Change {
    let after = Some(json!({ "secret_name": name }));
    Change { actor: actor.clone(), action, target: id.to_string(), before: None, after }
}
