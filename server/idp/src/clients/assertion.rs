//! Assertions of clients (RFC 7523 §2.2): their signatures, and that each is good once.

use oauth::client_auth::{PresentedAssertion, SingleUse, keys_unknown, unknown_or_wrong, used_before};
use oauth::error::TokenError;
use sea_orm::{EntityTrait as _, IntoActiveModel as _};

use crate::Idp;
use crate::catalog::RegisteredClient;
use crate::entity::used_assertion;
use crate::error::Error;

impl Idp {
    /// Makes sure that a key of the client signed the assertion.
    pub(super) async fn check_signature(
        &self,
        client: &RegisteredClient,
        assertion: &PresentedAssertion,
    ) -> Result<(), TokenError> {
        let jwt = &assertion.jwt;
        let signed = match (&client.keys, &client.jwks_uri) {
            (Some(keys), _) => keys.signed(jwt),
            (None, Some(uri)) => self.is_signed_by_set_at(uri, jwt).await.ok_or_else(keys_unknown)?,
            (None, None) => return Err(keys_unknown()),
        };
        if signed { Ok(()) } else { Err(unknown_or_wrong()) }
    }

    /// Spends an assertion. Of any number of requests with it, here and on other nodes, one can.
    pub(super) async fn spend(&self, once: SingleUse) -> Result<(), TokenError> {
        let row = used_assertion::Model { digest: once.digest.to_vec(), expires_at: once.until.0 };
        let spent = self.store.write(move |tx| {
            let row = row.clone();
            Box::pin(async move {
                used_assertion::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
                Ok::<_, Error>(())
            })
        });
        match spent.await {
            Err(Error::Conflict) => Err(used_before()),
            other => Ok(other?),
        }
    }
}
