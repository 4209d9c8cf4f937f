//! Taking back what was allowed: all of it, or one scope.

use oauth::grant::outlives_session;
use oauth::id::{ClientId, ResourceId, Subject};
use oauth::scope::{InvalidScopeToken, Scope, ScopeToken};
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel as _, QueryFilter, QuerySelect, Set};
use serde_json::json;
use uuid::Uuid;

use super::{read_agreement, read_consent};
use crate::Idp;
use crate::audit::{self, Actor, Change};
use crate::entity::{consent, grants};
use crate::error::Error;
use crate::grants::{read_resources, revoke_grants};
use crate::users::{self, account_id};

/// One scope that a user takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenBack {
    pub scope: ScopeToken,
    /// The resource that it is a scope of; none for those of the server.
    pub resource: Option<ResourceId>,
}

/// Reason why it is not clear what is taken back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TakenBackError {
    #[error("scope: {0}")]
    Scope(#[from] InvalidScopeToken),
    #[error("resource: it goes with a scope")]
    Alone,
}

impl TakenBack {
    /// Reads one scope, and the ID of the resource that it is a scope of. `None`: neither was sent, so all of it is taken back.
    ///
    /// # Errors
    /// See [`TakenBackError`].
    pub fn read(scope: Option<&str>, resource: Option<&str>) -> Result<Option<Self>, TakenBackError> {
        match (scope, resource) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(TakenBackError::Alone),
            (Some(scope), resource) => {
                Ok(Some(Self { scope: ScopeToken::parse(scope)?, resource: resource.map(ResourceId::new) }))
            }
        }
    }
}

/// Grants that say the same.
type Kind = (String, Option<String>, Option<String>);

impl Idp {
    /// Takes back what the user has allowed the client: the consent goes, and with it every code and token that the client has
    /// of the user. Next time the user is asked.
    ///
    /// # Errors
    /// `NotFound` when there is nothing to take back; or when the database does not answer.
    pub async fn withdraw_consent(&self, actor: &Actor, subject: &Subject, client_id: &ClientId) -> Result<(), Error> {
        let (account, client_id, now) = (account_id(subject)?, client_id.to_string(), self.now());
        let (actor, target) = (actor.clone(), subject.to_string());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    // The account and the consent first: whoever stands on them to issue a code waits here, or is found below.
                    users::lock_exclusive(tx, account).await?;
                    let deleted = consent::Entity::delete_by_id((account, client_id.clone())).exec(tx).await?;
                    let revoked = revoke_grants(tx, at_client(account, &client_id), now).await?;
                    if deleted.rows_affected == 0 && revoked == 0 {
                        return Err(Error::NotFound);
                    }
                    let before = Some(json!({ "client_id": client_id }));
                    let change = Change { actor, action: "user.withdraw_consent", target, before, after: None };
                    audit::record(tx, change, now).await
                })
            })
            .await
    }

    /// Takes back one scope of what the user has allowed the client. Its tokens go on without that scope: they open no more of it
    /// here, and no further one has it. Next time the client asks for it the user is asked.
    ///
    /// # Errors
    /// `NotFound` when it was not allowed; or when the database does not answer.
    pub async fn withdraw_scope(
        &self,
        actor: &Actor,
        subject: &Subject,
        client_id: &ClientId,
        taken: &TakenBack,
    ) -> Result<(), Error> {
        let (account, client_id, now) = (account_id(subject)?, client_id.to_string(), self.now());
        let (actor, target, taken) = (actor.clone(), subject.to_string(), taken.clone());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    users::lock_exclusive(tx, account).await?;
                    let narrowed = narrow_consent(tx, account, &client_id, &taken).await?;
                    if !narrow_grants(tx, account, &client_id, &taken, now).await? && !narrowed {
                        return Err(Error::NotFound);
                    }
                    let resource = taken.resource.as_ref().map(ResourceId::as_str);
                    let before = json!({ "client_id": client_id, "scope": taken.scope, "resource": resource });
                    let change =
                        Change { actor, action: "user.withdraw_scope", target, before: Some(before), after: None };
                    audit::record(tx, change, now).await
                })
            })
            .await
    }
}

fn at_client(account: Uuid, client_id: &str) -> SimpleExpr {
    grants::Column::AccountId.eq(account).and(grants::Column::ClientId.eq(client_id))
}

/// True when the scope was in the consent.
async fn narrow_consent(
    tx: &DatabaseTransaction,
    account: Uuid,
    client_id: &str,
    taken: &TakenBack,
) -> Result<bool, Error> {
    let found = consent::Entity::find_by_id((account, client_id.to_owned())).lock_exclusive().one(tx).await?;
    let Some(row) = found else { return Ok(false) };
    let Some(left) = read_consent(&row)?.without(&taken.scope, taken.resource.as_ref()) else { return Ok(false) };
    if left.scope().is_empty() && left.details().is_empty() {
        consent::Entity::delete_by_id((account, client_id.to_owned())).exec(tx).await?;
        return Ok(true);
    }
    let mut row = row.into_active_model();
    row.scope = Set(left.scope().to_string());
    row.agreement = Set(Some(serde_json::to_string(&left).map_err(Error::internal)?));
    consent::Entity::update(row).exec(tx).await?;
    Ok(true)
}

/// True when the scope was in a grant. One that has nothing else is revoked.
///
/// Grants that say the same are written by one statement, however many there are. None comes meanwhile: the account is locked.
async fn narrow_grants(
    tx: &DatabaseTransaction,
    account: Uuid,
    client_id: &str,
    taken: &TakenBack,
    now: Timestamp,
) -> Result<bool, Error> {
    let kinds: Vec<Kind> = grants::Entity::find()
        .select_only()
        .column(grants::Column::Scope)
        .column(grants::Column::Agreement)
        .column(grants::Column::Resources)
        .distinct()
        .filter(at_client(account, client_id))
        .filter(grants::Column::RevokedAt.is_null())
        .into_tuple()
        .all(tx)
        .await?;
    let mut narrowed = false;
    for (words, agreement, resources) in kinds {
        let scope = Scope::parse(&words).map_err(Error::internal)?;
        let agreed = read_agreement(agreement.as_deref(), &scope)?;
        let Some(left) = agreed.without(&taken.scope, taken.resource.as_ref()) else { continue };
        narrowed = true;
        let kept: Scope = scope.iter().filter(|token| left.scope().contains(token.as_str())).cloned().collect();
        let offline = outlives_session(&kept, &read_resources(resources.as_deref()));
        let same = |column: grants::Column, value: Option<String>| match value {
            Some(value) => column.eq(value),
            None => column.is_null(),
        };
        let of_this_kind = at_client(account, client_id)
            .and(grants::Column::Scope.eq(words))
            .and(same(grants::Column::Agreement, agreement))
            .and(same(grants::Column::Resources, resources));
        if kept.is_empty() && left.details().is_empty() {
            revoke_grants(tx, of_this_kind, now).await?;
            continue;
        }
        grants::Entity::update_many()
            .col_expr(grants::Column::Scope, Expr::value(kept.to_string()))
            .col_expr(grants::Column::Agreement, Expr::value(serde_json::to_string(&left).map_err(Error::internal)?))
            .col_expr(grants::Column::Offline, Expr::value(offline))
            .filter(of_this_kind)
            .filter(grants::Column::RevokedAt.is_null())
            .exec(tx)
            .await?;
    }
    Ok(narrowed)
}
