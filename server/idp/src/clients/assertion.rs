//! Assertions of clients (RFC 7523 §2.2): their signatures, and that each is good once.

use oauth::client::Client;
use oauth::client_auth::{SingleUse, keys_unknown, used_before};
use oauth::error::TokenError;
use oauth::jwt::ForeignJwt;
use oauth::refusal::Reason;
use sea_orm::{DatabaseTransaction, EntityTrait as _, IntoActiveModel as _};

use crate::Idp;
use crate::catalog::RegisteredClient;
use crate::entity::used_assertion;
use crate::error::Error;
use crate::jose::ForeignKeys;

impl Idp {
    /// Makes sure that a key of the client signed the assertion.
    pub(super) async fn check_signature(&self, client: &RegisteredClient, jwt: &ForeignJwt) -> Result<(), TokenError> {
        let signed = self.is_signed_by(client, client.keys.as_ref(), jwt).await;
        if signed == Some(true) {
            return Ok(());
        }
        // Keys roll in a document, too, and its row is as old as the last code.
        let signed = match self.rolled_client(client).await {
            Some(rolled) => {
                let keys = rolled.jwks.as_ref().map(ForeignKeys::parse);
                self.is_signed_by(&rolled, keys.as_ref(), jwt).await
            }
            None => signed,
        };
        if signed.ok_or_else(keys_unknown)? { Ok(()) } else { Err(TokenError::new(Reason::AssertionForged)) }
    }

    /// True when one of the keys signed, or one at the address of the client's; `None` when the keys cannot be had.
    pub(crate) async fn is_signed_by(
        &self,
        client: &Client,
        keys: Option<&ForeignKeys>,
        jwt: &ForeignJwt,
    ) -> Option<bool> {
        match (keys, &client.jwks_uri) {
            (Some(keys), _) => Some(keys.signed(jwt)),
            (None, Some(uri)) => self.is_signed_by_set_at(uri, jwt).await,
            (None, None) => None,
        }
    }

    /// Spends an assertion. Of any number of requests with it, here and on other nodes, one can.
    pub(super) async fn spend(&self, once: SingleUse) -> Result<(), TokenError> {
        match self.store.write(move |tx| Box::pin(spend_once(tx, once))).await {
            Err(Error::Conflict) => Err(used_before()),
            other => Ok(other?),
        }
    }
}

/// Spends what is good once: of any number of transactions, here and on other nodes, one can.
///
/// # Errors
/// [`Error::Conflict`] when it came before.
pub(crate) async fn spend_once(tx: &DatabaseTransaction, once: SingleUse) -> Result<(), Error> {
    let row = used_assertion::Model { digest: once.digest.to_vec(), expires_at: once.until.0 };
    used_assertion::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}
