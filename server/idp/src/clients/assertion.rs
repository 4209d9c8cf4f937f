//! Clients that are known by keys: the signatures of their assertions (RFC 7523 §2.2), each good once, and the keys of their certificates
//! (RFC 8705 §2.2).

use oauth::certificate::ClientCertificate;
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
        self.check_by_keys(client, |keys| keys.signed(jwt), Reason::AssertionForged).await
    }

    /// Makes sure that the key of the certificate is one of the client's (RFC 8705 §2.2).
    pub(super) async fn check_certificate(
        &self,
        client: &RegisteredClient,
        certificate: &ClientCertificate,
    ) -> Result<(), TokenError> {
        let is_good = |keys: &ForeignKeys| certificate.key.as_ref().is_some_and(|key| keys.has(key));
        self.check_by_keys(client, is_good, Reason::CertificateKeyOther).await
    }

    async fn check_by_keys(
        &self,
        client: &RegisteredClient,
        is_good: impl Fn(&ForeignKeys) -> bool,
        wrong: Reason,
    ) -> Result<(), TokenError> {
        let good = self.is_good_by(client, client.keys.as_ref(), &is_good).await;
        if good == Some(true) {
            return Ok(());
        }
        // Keys roll in a document, too, and its row is as old as the last code.
        let good = match self.rolled_client(client).await {
            Some(rolled) => {
                let keys = rolled.jwks.as_ref().map(ForeignKeys::parse);
                self.is_good_by(&rolled, keys.as_ref(), &is_good).await
            }
            None => good,
        };
        if good.ok_or_else(keys_unknown)? { Ok(()) } else { Err(TokenError::new(wrong)) }
    }

    /// True when something is good by one of the keys, or by one at the address of the client's; `None` when the keys cannot be had.
    async fn is_good_by(
        &self,
        client: &Client,
        keys: Option<&ForeignKeys>,
        is_good: &impl Fn(&ForeignKeys) -> bool,
    ) -> Option<bool> {
        match (keys, &client.jwks_uri) {
            (Some(keys), _) => Some(is_good(keys)),
            (None, Some(uri)) => self.is_good_by_set_at(uri, is_good).await,
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
