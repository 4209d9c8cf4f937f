//! The scopes that this server knows.

use std::sync::Arc;

use oauth::field::FieldProblem;
use oauth::scope::{ScopeDefinition, ScopeDraft, ScopeToken, core_scopes};
use oauth::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryOrder};
use serde_json::json;

use crate::Idp;
use crate::audit::{self, Actor, Change};
use crate::catalog::Scopes;
use crate::entity::scope;
use crate::error::Error;
use crate::save::SaveError;

impl Idp {
    /// All scopes, in the order of their names.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn scopes(&self) -> Result<Scopes, Error> {
        self.catalog.scopes.get(&(), self.load_scopes()).await
    }

    async fn load_scopes(&self) -> Result<Scopes, Error> {
        let rows = scope::Entity::find().order_by_asc(scope::Column::Name).all(self.store.read()).await?;
        Ok(Arc::new(rows.iter().map(read_scope).collect::<Result<_, _>>()?))
    }

    /// Creates a scope; one that exists is the problem `Taken` of `name`.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn create_scope(&self, actor: &Actor, draft: &ScopeDraft) -> Result<(), SaveError> {
        let definition = draft.check()?;
        let exists = scope::Entity::find_by_id(definition.name.as_str()).one(self.store.read()).await?.is_some();
        if exists {
            return Err(SaveError::field("name", FieldProblem::Taken));
        }
        self.put_scope(actor, definition).await
    }

    /// Creates or changes a scope.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn save_scope(&self, actor: &Actor, draft: &ScopeDraft) -> Result<(), SaveError> {
        let definition = draft.check()?;
        self.put_scope(actor, definition).await
    }

    /// Creates the core scopes that are not there.
    pub(crate) async fn create_core_scopes(&self) -> Result<(), Error> {
        let now = self.now();
        let created = self.store.write(move |tx| {
            Box::pin(async move {
                match scope::Entity::find_by_id("openid").one(tx).await? {
                    Some(_) => Ok(()),
                    None => put_core_scopes(tx, now).await,
                }
            })
        });
        self.after_change(created.await)
    }

    async fn put_scope(&self, actor: &Actor, definition: ScopeDefinition) -> Result<(), SaveError> {
        let (actor, now) = (actor.clone(), self.now());
        let saved = self.store.write(move |tx| {
            Box::pin(async move {
                let before = scope::Entity::find_by_id(definition.name.as_str()).one(tx).await?;
                let before = before.as_ref().map(read_scope).transpose()?.map(|before| json!(before));
                put(tx, &definition, now).await?;
                let target = definition.name.to_string();
                audit::append(
                    tx,
                    Change { actor, action: "scope.save", target, before, after: Some(json!(definition)) },
                    now,
                )
                .await
            })
        });
        Ok(self.after_change(saved.await)?)
    }

    /// Deletes a scope. Clients that name it keep the word, but can no longer ask for it.
    ///
    /// # Errors
    /// See [`SaveError`]; `openid` cannot be deleted.
    pub async fn delete_scope(&self, actor: &Actor, name: &str) -> Result<(), SaveError> {
        if name == "openid" {
            return Err(SaveError::field("name", FieldProblem::ProtocolScope));
        }
        let (actor, name, now) = (actor.clone(), name.to_owned(), self.now());
        let deleted = self.store.write(move |tx| {
            Box::pin(async move {
                let row = scope::Entity::find_by_id(name.as_str()).one(tx).await?.ok_or(Error::NotFound)?;
                scope::Entity::delete_by_id(name.as_str()).exec(tx).await?;
                let before = Some(json!(read_scope(&row)?));
                audit::append(tx, Change { actor, action: "scope.delete", target: name, before, after: None }, now)
                    .await
            })
        });
        Ok(self.after_change(deleted.await)?)
    }
}

/// Puts the scopes there that every server starts with.
pub(crate) async fn put_core_scopes(tx: &DatabaseTransaction, now: Timestamp) -> Result<(), Error> {
    for definition in core_scopes() {
        put(tx, &definition, now).await?;
    }
    Ok(())
}

async fn put(db: &impl ConnectionTrait, definition: &ScopeDefinition, now: Timestamp) -> Result<(), Error> {
    let row = scope::Model {
        name: definition.name.to_string(),
        description: definition.description.clone(),
        claims: serde_json::to_string(&definition.claims).map_err(Error::internal)?,
        created_at: now.0,
        updated_at: now.0,
    };
    let replace = OnConflict::column(scope::Column::Name)
        .update_columns([scope::Column::Description, scope::Column::Claims, scope::Column::UpdatedAt])
        .to_owned();
    scope::Entity::insert(row.into_active_model()).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}

fn read_scope(row: &scope::Model) -> Result<ScopeDefinition, Error> {
    Ok(ScopeDefinition {
        name: ScopeToken::parse(&row.name).map_err(Error::internal)?,
        description: row.description.clone(),
        claims: serde_json::from_str(&row.claims).map_err(Error::internal)?,
    })
}
