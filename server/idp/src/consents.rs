//! Agreements of users with clients, remembered per user and client.

use oauth::consent::Agreement;
use oauth::id::{ClientId, Subject};
use oauth::scope::{Scope, ScopeDefinition};
use oauth::time::Timestamp;
use sea_orm::sea_query::{ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::json;

use crate::Idp;
use crate::audit::{self, Actor, Change};
use crate::entity::{client, consent, grants};
use crate::error::Error;
use crate::grants::revoke_grants;
use crate::users::account_id;

/// The agreement of a user with one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRecord {
    pub client_id: ClientId,
    pub client_name: String,
    /// The scopes that are still what was agreed to.
    pub scopes: Vec<ScopeDefinition>,
    /// When the user last agreed.
    pub granted_at: Timestamp,
}

impl Idp {
    /// The agreement of the user with the client so far.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_consent(&self, subject: &Subject, client_id: &ClientId) -> Result<Option<Agreement>, Error> {
        let key = (account_id(subject)?, client_id.to_string());
        let row = consent::Entity::find_by_id(key).one(self.store.read()).await?;
        row.as_ref().map(read_consent).transpose()
    }

    /// The agreements of the user, the clients in the order of their names.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_consents(&self, subject: &Subject) -> Result<Vec<ConsentRecord>, Error> {
        let rows = consent::Entity::find()
            .filter(consent::Column::AccountId.eq(account_id(subject)?))
            .find_also_related(client::Entity)
            .all(self.store.read())
            .await?;
        let known = self.scopes_everywhere().await?;
        let mut records = Vec::with_capacity(rows.len());
        for (row, client) in rows {
            let Some(client) = client else { continue };
            let agreement = read_consent(&row)?;
            records.push(ConsentRecord {
                client_id: ClientId::new(client.client_id),
                client_name: client.client_name,
                scopes: agreement.definitions(&known).cloned().collect(),
                granted_at: Timestamp(row.granted_at),
            });
        }
        records.sort_by_cached_key(|record| (record.client_name.to_lowercase(), record.client_id.clone()));
        Ok(records)
    }

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
                    // The consent first: whoever stands on it to issue a code waits here, or is found below.
                    let deleted = consent::Entity::delete_by_id((account, client_id.clone())).exec(tx).await?;
                    let at_client = grants::Column::AccountId.eq(account).and(grants::Column::ClientId.eq(&client_id));
                    let revoked = revoke_grants(tx, at_client, now).await?;
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
}

/// Adds `agreement` to what the user has allowed the client.
pub(crate) async fn remember(
    tx: &DatabaseTransaction,
    subject: &Subject,
    client_id: &ClientId,
    agreement: Agreement,
    now: Timestamp,
) -> Result<(), Error> {
    let key = (account_id(subject)?, client_id.to_string());
    // Locked, so that of two answers given at once neither is lost.
    let before = consent::Entity::find_by_id(key.clone()).lock_exclusive().one(tx).await?;
    let before = before.as_ref().map(read_consent).transpose()?.unwrap_or_default();
    let after = before.followed_by(agreement);
    let row = consent::Model {
        account_id: key.0,
        client_id: key.1,
        scope: after.scope().to_string(),
        granted_at: now.0,
        agreement: Some(serde_json::to_string(&after).map_err(Error::internal)?),
    };
    let replace = OnConflict::columns([consent::Column::AccountId, consent::Column::ClientId])
        .update_columns([consent::Column::Scope, consent::Column::GrantedAt, consent::Column::Agreement])
        .to_owned();
    consent::Entity::insert(row.into_active_model()).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}

/// Makes sure, until the transaction ends, that the user has allowed the client all of `agreement`. False: not, or no longer.
pub(crate) async fn hold(
    tx: &DatabaseTransaction,
    subject: &Subject,
    client_id: &ClientId,
    agreement: &Agreement,
) -> Result<bool, Error> {
    let key = (account_id(subject)?, client_id.to_string());
    let row = consent::Entity::find_by_id(key).lock_shared().one(tx).await?;
    Ok(row.as_ref().map(read_consent).transpose()?.is_some_and(|remembered| remembered.includes(agreement)))
}

fn read_consent(row: &consent::Model) -> Result<Agreement, Error> {
    let scope = Scope::parse(&row.scope).map_err(Error::internal)?;
    read_agreement(row.agreement.as_deref(), &scope)
}

/// The agreement of a row. Rows from before meanings were recorded only name the scopes.
pub(crate) fn read_agreement(stored: Option<&str>, scope: &Scope) -> Result<Agreement, Error> {
    match stored {
        Some(stored) => serde_json::from_str(stored).map_err(Error::internal),
        None => Ok(Agreement::unrecorded(scope)),
    }
}
