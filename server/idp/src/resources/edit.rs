//! Changes of resources.

use oauth::field::FieldProblem;
use oauth::id::ResourceId;
use oauth::resource::{Resource, ResourceDraft, ResourceIdentifier, ResourceIdentifierError};
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use sha2::Digest as _;

use super::discover::LOCK;
use super::{default, deleted, read_resource, row_id};
use crate::audit::{self, Actor, Change};
use crate::entity::resource;
use crate::error::Error;
use crate::save::SaveError;
use crate::{Idp, random, settings};

impl Idp {
    /// Creates a resource; another one of the same identifier, in whatever spelling, is the problem `Taken` of `identifier`.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn create_resource(&self, actor: &Actor, draft: &ResourceDraft) -> Result<Resource, SaveError> {
        let now = self.now();
        let resource = self.check_resource(draft, ResourceId::new(random::uuid_v7(now).to_string()))?;
        let row = new_row(&resource, now)?;
        let change = saved(actor, "resource.create", None, Some(&resource));
        let (id, is_default) = (resource.id.clone(), draft.default);
        let after = resource.clone();
        let created = self.store.write(move |tx| {
            Box::pin(async move {
                hold_types(tx, &after).await?;
                if is_default {
                    let before = default::find(tx).await?;
                    default::replace(tx, before.as_ref(), Some(&id)).await?;
                }
                deleted::forget(tx, &row.digest).await?;
                resource::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
                audit::append(tx, change, now).await
            })
        });
        match created.await {
            Err(Error::Conflict) => Err(SaveError::field("identifier", FieldProblem::Taken)),
            other => {
                self.after_change(other)?;
                Ok(resource)
            }
        }
    }

    /// Changes a resource. `version` is the one the change was made from; `None` changes whatever is there.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn update_resource(
        &self,
        actor: &Actor,
        id: &ResourceId,
        version: Option<i64>,
        draft: &ResourceDraft,
    ) -> Result<(), SaveError> {
        let current = self.get_resource(id).await?;
        // After the version: whoever makes another one the default meanwhile makes it stale.
        let default_before = default::find(self.store.read()).await?;
        let after = self.check_resource(draft, current.resource.id.clone())?;
        if after.identifier.key() != current.resource.identifier.key() {
            return Err(SaveError::field("identifier", ResourceIdentifierError::Changed.into()));
        }
        if version.is_some_and(|version| version != current.version) {
            return Err(SaveError::Stale);
        }
        let (row_id, read, now) = (row_id(id)?, current.version, self.now());
        let (actor, before) = (actor.clone(), current.resource);
        let was_default = default_before.as_ref() == Some(&after.id);
        let changes_default = draft.default != was_default;
        let default_after = draft.default.then(|| after.id.clone());
        let written = self.store.write(move |tx| {
            Box::pin(async move {
                if after.authorization_details_types != before.authorization_details_types {
                    hold_types(tx, &after).await?;
                }
                if changes_default {
                    default::replace(tx, default_before.as_ref(), default_after.as_ref()).await?;
                }
                replace(tx, &actor, (row_id, read), &before, &after, now).await
            })
        });
        Ok(self.after_change(written.await)?)
    }

    /// Deletes a resource with its secrets. Its tokens name nothing any more, and grants for it give none. It is not found again by
    /// its own metadata.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn delete_resource(&self, actor: &Actor, id: &ResourceId) -> Result<(), Error> {
        let (actor, row_id, now) = (actor.clone(), row_id(id)?, self.now());
        let deleted = self.store.write(move |tx| {
            Box::pin(async move {
                settings::lock(tx, LOCK).await?;
                let row = resource::Entity::find_by_id(row_id).one(tx).await?.ok_or(Error::NotFound)?;
                let before = read_resource(&row)?;
                default::forget(tx, &before.id).await?;
                deleted::remember(tx, row.digest, now).await?;
                resource::Entity::delete_by_id(row_id).exec(tx).await?;
                audit::append(tx, saved(&actor, "resource.delete", Some(&before), None), now).await
            })
        });
        self.after_change(deleted.await)
    }

    pub(super) fn check_resource(&self, draft: &ResourceDraft, id: ResourceId) -> Result<Resource, SaveError> {
        let resource = draft.check(id)?;
        // A token for it would be one for this server.
        let issuer = ResourceIdentifier::parse(self.issuer().as_str()).map(|issuer| issuer.key());
        if issuer.is_ok_and(|issuer| issuer == resource.identifier.key()) {
            return Err(SaveError::field("identifier", ResourceIdentifierError::Issuer.into()));
        }
        Ok(resource)
    }
}

/// Makes sure, until the commit, that no other resource has a type of authorization details of this one: a type says by itself which
/// resource it is about.
async fn hold_types(tx: &DatabaseTransaction, resource: &Resource) -> Result<(), Error> {
    if resource.authorization_details_types.is_empty() {
        return Ok(());
    }
    settings::lock(tx, LOCK).await?;
    let id = row_id(&resource.id)?;
    for row in resource::Entity::find().filter(resource::Column::Id.ne(id)).all(tx).await? {
        let other = read_resource(&row)?;
        if resource.authorization_details_types.iter().any(|kind| other.find_type(&kind.name).is_some()) {
            return Err(Error::Taken("authorization_details_types"));
        }
    }
    Ok(())
}

/// Writes a resource in the place of another one, by the ID of its row; a version that is not there any more is `Stale`.
pub(super) async fn replace(
    tx: &DatabaseTransaction,
    actor: &Actor,
    (id, version): (uuid::Uuid, i64),
    before: &Resource,
    after: &Resource,
    now: Timestamp,
) -> Result<(), Error> {
    let updated = resource::Entity::update_many()
        .col_expr(resource::Column::Name, Expr::value(after.name.clone()))
        .col_expr(resource::Column::Status, Expr::value(after.status.as_str()))
        .col_expr(resource::Column::Document, Expr::value(document(after)?))
        .col_expr(resource::Column::Version, Expr::value(version + 1))
        .col_expr(resource::Column::UpdatedAt, Expr::value(now.0))
        .filter(resource::Column::Id.eq(id))
        .filter(resource::Column::Version.eq(version))
        .exec(tx)
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::Stale);
    }
    audit::append_version(tx, saved(actor, "resource.update", Some(before), Some(after)), version + 1, now).await
}

pub(super) fn new_row(resource: &Resource, now: Timestamp) -> Result<resource::Model, Error> {
    Ok(resource::Model {
        id: row_id(&resource.id)?,
        digest: digest(&resource.identifier),
        name: resource.name.clone(),
        status: resource.status.to_string(),
        found: false,
        document: document(resource)?,
        version: 1,
        created_at: now.0,
        updated_at: now.0,
    })
}

pub(super) fn saved(
    actor: &Actor,
    action: &'static str,
    before: Option<&Resource>,
    after: Option<&Resource>,
) -> Change {
    let target = after.or(before).map(|resource| resource.id.to_string()).unwrap_or_default();
    let document = |resource: &Resource| json!(resource);
    Change { actor: actor.clone(), action, target, before: before.map(document), after: after.map(document) }
}

fn document(resource: &Resource) -> Result<String, Error> {
    serde_json::to_string(resource).map_err(Error::internal)
}

pub(super) fn digest(identifier: &ResourceIdentifier) -> Vec<u8> {
    sha2::Sha256::digest(identifier.key()).to_vec()
}
