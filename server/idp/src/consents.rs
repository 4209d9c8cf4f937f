//! What users allowed clients, remembered per user, client and scopes.

use oauth::id::{ClientId, Subject};
use oauth::scope::Scope;
use oauth::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel};

use crate::Idp;
use crate::entity::consent;
use crate::error::Error;
use crate::users::account_id;

impl Idp {
    /// The scopes that the user has allowed the client so far.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_consent(&self, subject: &Subject, client_id: &ClientId) -> Result<Option<Scope>, Error> {
        let key = (account_id(subject)?, client_id.to_string());
        let row = consent::Entity::find_by_id(key).one(self.store.read()).await?;
        row.map(|row| Scope::parse(&row.scope).map_err(Error::internal)).transpose()
    }
}

/// Adds `scope` to what the user has allowed the client.
pub(crate) async fn remember(
    tx: &DatabaseTransaction,
    subject: &Subject,
    client_id: &ClientId,
    scope: &Scope,
    now: Timestamp,
) -> Result<(), Error> {
    let account = account_id(subject)?;
    let before = consent::Entity::find_by_id((account, client_id.to_string())).one(tx).await?;
    let before = before.map(|row| Scope::parse(&row.scope).map_err(Error::internal)).transpose()?.unwrap_or_default();
    let row = consent::Model {
        account_id: account,
        client_id: client_id.to_string(),
        scope: before.union(scope).to_string(),
        granted_at: now.0,
    };
    let replace = OnConflict::columns([consent::Column::AccountId, consent::Column::ClientId])
        .update_columns([consent::Column::Scope, consent::Column::GrantedAt])
        .to_owned();
    consent::Entity::insert(row.into_active_model()).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}
