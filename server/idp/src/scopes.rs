//! The scopes that this server knows.

mod usage;

use std::sync::Arc;

use oauth::field::FieldProblem;
use oauth::listing::{ScopeColumn, ScopeListing};
use oauth::scope::{ScopeDefinition, ScopeDraft, ScopeToken, core_scopes};
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    TransactionTrait,
};
use serde_json::json;

use crate::audit::{self, Actor, Change};
use crate::catalog::Scopes;
use crate::entity::scope;
use crate::error::Error;
use crate::listing::{Part, arrange};
use crate::recycle::{self, Contents};
use crate::save::SaveError;
use crate::{Idp, random};

pub use usage::ScopeUsage;

/// A scope with the version of its row.
#[derive(Debug, Clone)]
pub struct ScopeRecord {
    pub scope: ScopeDefinition,
    pub version: i64,
}

/// A change of a scope as somebody asks for it.
#[derive(Clone)]
struct Said {
    scope: ScopeDefinition,
    /// The description stays as it is, if there is one.
    keep_description: bool,
    keep_claims: bool,
    /// The version that the change was made from; none: whatever is there.
    version: Option<i64>,
}

impl Idp {
    /// All scopes, in the order of their names.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn scopes(&self) -> Result<Scopes, Error> {
        self.catalog.scopes.get(&(), self.load_scopes()).await
    }

    /// A part of the scopes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_scopes(&self, listing: &ScopeListing) -> Result<Part<ScopeDefinition>, Error> {
        let scopes = self.scopes().await?;
        let found = scopes.iter().filter(|scope| listing.filter.finds(scope)).cloned().collect();
        let key = |scope: &ScopeDefinition, column: ScopeColumn| column.key(scope);
        Ok(arrange(found, listing, key, |scope| scope.name.to_string()))
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
        let (actor, now) = (actor.clone(), self.now());
        let created = self.store.write(move |tx| {
            Box::pin(async move {
                let version = insert(tx, &definition, now).await?;
                audit::append_version(tx, saved(actor, None, &definition), version, now).await
            })
        });
        match self.after_change(created.await) {
            Err(Error::Conflict) => Err(SaveError::field("name", FieldProblem::Taken)),
            other => Ok(other?),
        }
    }

    /// A scope as it is saved at this moment, with its version.
    ///
    /// # Errors
    /// When there is none of that name.
    pub async fn get_scope(&self, name: &str) -> Result<ScopeRecord, Error> {
        let row = scope::Entity::find_by_id(name).one(self.store.read()).await?.ok_or(Error::NotFound)?;
        Ok(ScopeRecord { scope: read_scope(&row)?, version: row.version })
    }

    /// Changes a scope. `version` is the one the change was made from; `None` changes or creates whatever is there.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn save_scope(&self, actor: &Actor, draft: &ScopeDraft, version: Option<i64>) -> Result<(), SaveError> {
        let said = Said { scope: draft.check()?, keep_description: false, keep_claims: false, version };
        self.write_scope(actor, said).await
    }

    /// Creates a scope, or changes what is said of it: `None` stays as it is. A new scope has its name for a description and
    /// opens no claims, unless something else is said.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn change_scope(
        &self,
        actor: &Actor,
        name: &str,
        description: Option<String>,
        claims: Option<String>,
    ) -> Result<(), SaveError> {
        let (keep_description, keep_claims) = (description.is_none(), claims.is_none());
        let said = ScopeDraft {
            name: name.to_owned(),
            description: description.unwrap_or_else(|| name.to_owned()),
            claims: claims.unwrap_or_default(),
        };
        let said = Said { scope: said.check()?, keep_description, keep_claims, version: None };
        self.write_scope(actor, said).await
    }

    async fn write_scope(&self, actor: &Actor, said: Said) -> Result<(), SaveError> {
        let (actor, now) = (actor.clone(), self.now());
        let changed = self.store.write(move |tx| {
            Box::pin(async move {
                // Looked up here and locked, so that nobody's change is lost between the two.
                let row = scope::Entity::find_by_id(said.scope.name.as_str()).lock_exclusive().one(tx).await?;
                match (&row, said.version) {
                    (Some(row), Some(version)) if row.version != version => return Err(Error::Stale),
                    (None, Some(_)) => return Err(Error::NotFound),
                    _ => {}
                }
                let before = row.as_ref().map(read_scope).transpose()?;
                let mut after = said.scope;
                let version = match &before {
                    Some(before) => {
                        if said.keep_description {
                            after.description.clone_from(&before.description);
                        }
                        if said.keep_claims {
                            after.claims.clone_from(&before.claims);
                        }
                        update(tx, &after, now).await?;
                        row.map_or(1, |row| row.version + 1)
                    }
                    None => insert(tx, &after, now).await?,
                };
                audit::append_version(tx, saved(actor, before.as_ref(), &after), version, now).await
            })
        });
        match self.after_change(changed.await) {
            // Somebody else created it at the same moment.
            Err(Error::Conflict) => Err(SaveError::Stale),
            other => Ok(other?),
        }
    }

    /// Creates the core scopes, unless that was done before: those that were deleted since stay so.
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

    /// Deletes a scope. Clients that name it keep the word, but can no longer ask for it. What was agreed about it ends: another
    /// scope of that name is another scope. It lies in the bin; restored, it is the one that was agreed about.
    ///
    /// # Errors
    /// See [`SaveError`]; `openid` cannot be deleted.
    pub async fn delete_scope(&self, actor: &Actor, name: &str) -> Result<(), SaveError> {
        if name == "openid" {
            return Err(SaveError::field("name", FieldProblem::ProtocolScope));
        }
        let (actor, name, now) = (actor.clone(), name.to_owned(), self.now());
        let is_kept = self.bin_retention() > 0;
        let deleted = self.store.write(move |tx| {
            Box::pin(async move {
                let found = scope::Entity::find_by_id(name.as_str()).lock_exclusive().one(tx).await?;
                let row = found.ok_or(Error::NotFound)?;
                scope::Entity::delete_by_id(name.as_str()).exec(tx).await?;
                let (before, version) = (Some(json!(read_scope(&row)?)), row.version + 1);
                if is_kept {
                    recycle::put(tx, &actor, &Contents::Scope { scope: row }, now).await?;
                }
                // A scope that is made anew goes on behind this version, also where nobody ever changed this one.
                let change = Change { actor, action: "scope.delete", target: name, before, after: None };
                audit::append_version(tx, change, version, now).await
            })
        });
        Ok(self.after_change(deleted.await)?)
    }
}

/// Puts the scopes there that every server starts with.
pub(crate) async fn put_core_scopes(tx: &DatabaseTransaction, now: Timestamp) -> Result<(), Error> {
    for definition in core_scopes() {
        insert_missing(tx, &definition, now).await?;
    }
    Ok(())
}

/// Creates those of the scopes that are not there. Until somebody describes them, people read their names.
pub(crate) async fn create_undescribed(
    tx: &DatabaseTransaction,
    actor: &Actor,
    names: Vec<ScopeToken>,
    now: Timestamp,
) -> Result<(), Error> {
    for name in names {
        let definition = find_core_scope(name.as_str()).unwrap_or_else(|| undescribed(name));
        if let Some(version) = insert_missing(tx, &definition, now).await? {
            audit::append_version(tx, saved(actor.clone(), None, &definition), version, now).await?;
        }
    }
    Ok(())
}

/// The definition of a scope of the protocol, if it is one.
pub(crate) fn find_core_scope(name: &str) -> Option<ScopeDefinition> {
    core_scopes().into_iter().find(|core| core.name.as_str() == name)
}

fn undescribed(name: ScopeToken) -> ScopeDefinition {
    ScopeDefinition {
        description: name.to_string(),
        claims: Vec::new(),
        id: String::new(),
        claims_before: Vec::new(),
        owner: None,
        name,
    }
}

/// For the record of changes.
fn saved(actor: Actor, before: Option<&ScopeDefinition>, after: &ScopeDefinition) -> Change {
    Change {
        actor,
        action: if before.is_some() { "scope.save" } else { "scope.create" },
        target: after.name.to_string(),
        before: before.map(|before| json!(before)),
        after: Some(json!(after)),
    }
}

/// Writes a scope that is not there; returns its version. `Conflict` when it is.
async fn insert(tx: &DatabaseTransaction, definition: &ScopeDefinition, now: Timestamp) -> Result<i64, Error> {
    let version = audit::first_version(tx, "scope", definition.name.as_str()).await?;
    let row = scope::Model { version, ..new_row(definition, now)? };
    scope::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(version)
}

/// Writes a scope unless it is there; returns its version if it was written.
async fn insert_missing(
    tx: &DatabaseTransaction,
    definition: &ScopeDefinition,
    now: Timestamp,
) -> Result<Option<i64>, Error> {
    // In a savepoint, for PostgreSQL goes on with nothing in which a statement failed. Without the failure nobody could tell:
    // MySQL counts rows found, so it counts one whether it was inserted or there.
    let savepoint = tx.begin().await?;
    match insert(&savepoint, definition, now).await {
        Ok(version) => {
            savepoint.commit().await?;
            Ok(Some(version))
        }
        Err(error) => {
            // After a deadlock there is no savepoint any more: then the error says more than this.
            let back = savepoint.rollback().await;
            if !matches!(error, Error::Conflict) {
                return Err(error);
            }
            back?;
            Ok(None)
        }
    }
}

async fn update(tx: &DatabaseTransaction, definition: &ScopeDefinition, now: Timestamp) -> Result<(), Error> {
    let row = new_row(definition, now)?;
    scope::Entity::update_many()
        .col_expr(scope::Column::Description, Expr::value(row.description))
        .col_expr(scope::Column::Claims, Expr::value(row.claims))
        .col_expr(scope::Column::UpdatedAt, Expr::value(row.updated_at))
        .col_expr(scope::Column::Version, Expr::col(scope::Column::Version).add(1))
        .filter(scope::Column::Name.eq(row.name))
        .exec(tx)
        .await?;
    Ok(())
}

/// A new row, of a scope that nobody has agreed to yet.
fn new_row(definition: &ScopeDefinition, now: Timestamp) -> Result<scope::Model, Error> {
    Ok(scope::Model {
        name: definition.name.to_string(),
        description: definition.description.clone(),
        claims: serde_json::to_string(&definition.claims).map_err(Error::internal)?,
        created_at: now.0,
        updated_at: now.0,
        identity: random::scope_id(),
        claims_before: None,
        version: 1,
    })
}

pub(crate) fn read_scope(row: &scope::Model) -> Result<ScopeDefinition, Error> {
    Ok(ScopeDefinition {
        name: ScopeToken::parse(&row.name).map_err(Error::internal)?,
        description: row.description.clone(),
        claims: serde_json::from_str(&row.claims).map_err(Error::internal)?,
        id: row.identity.clone(),
        claims_before: row
            .claims_before
            .as_deref()
            .map_or(Ok(Vec::new()), serde_json::from_str)
            .map_err(Error::internal)?,
        owner: None,
    })
}

#[cfg(test)]
mod tests;
