//! Agreements of users with clients, remembered per user and client.

mod list;
mod of_client;
mod withdraw;

use oauth::consent::Agreement;
use oauth::id::{ClientId, Subject};
use oauth::scope::Scope;
use oauth::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel, QuerySelect};

pub use list::ConsentRecord;
pub use of_client::ClientConsentRow;
pub(crate) use of_client::withdraw_in_bin;
pub use withdraw::{TakenBack, TakenBackError};

use crate::Idp;
use crate::entity::consent;
use crate::error::Error;
use crate::users::account_id;

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
