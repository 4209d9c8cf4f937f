//! A registration in the hands of its client (RFC 7592).

use oauth::bearer::BearerError;
use oauth::client::{Client, GrantType, can_be_client_id};
use oauth::error::TokenError;
use oauth::id::ClientId;
use oauth::refusal::Reason;
use oauth::registration::{Redescribed, Registration};
use oauth::secret::{Secret, SecretDigest};
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect as _};
use serde_json::json;

use super::{RegisterError, Registered, read_document};
use crate::Idp;
use crate::audit::{self, Actor, Change};
use crate::clients::{read_client, row, secrets};
use crate::entity::client_registration::{self, Column};
use crate::entity::{client, client_secret};
use crate::error::Error;

/// Changes that a client may make of itself in a day.
const MOST_CHANGES: u64 = 20;

/// Seconds.
const DAY: i64 = 86_400;

/// A registration and the client that it describes, as they were read.
#[derive(Clone)]
struct Managed {
    row: client_registration::Model,
    client: Client,
    /// The client as it described itself last, whatever was decided about it here since.
    said: Client,
    /// The version of the client's row, if it has one.
    version: Option<i64>,
}

impl Idp {
    /// The registration that a token is for. A client that is disabled or gone has none.
    ///
    /// # Errors
    /// `invalid_token`, or when the database does not answer.
    pub async fn read_registration(&self, client_id: &ClientId, token: &Secret) -> Result<Registered, RegisterError> {
        let found = self.find_managed(client_id, token).await?;
        Ok(found.registered(token))
    }

    /// Takes over what a client says of itself now, in place of all that it said before (RFC 7592 §2.2). Whoever agreed to answers
    /// that went elsewhere is asked again.
    ///
    /// # Errors
    /// `invalid_token`; what is wrong with the metadata; `temporarily_unavailable` after [`MOST_CHANGES`] changes in a day; or when the
    /// database does not answer.
    pub async fn update_registration(
        &self,
        client_id: &ClientId,
        token: &Secret,
        registration: &Registration,
    ) -> Result<Registered, RegisterError> {
        for _ in 0..super::TRIES {
            let before = self.find_managed(client_id, token).await?;
            let secrets = self.secrets_of(&before).await?;
            registration.check_update(&before.client, |secret| secrets.contains(&secret.digest()))?;
            let known = self.scopes().await?;
            let after = registration.applied_to(&before.client, &before.said, &known).map_err(Error::internal)?;
            let (legacy, certificates) = (self.legacy_response_types(), self.certificates());
            registration.check_profile(&after.client, Some(&before.client), legacy, certificates)?;
            registration.check_vouched(before.client.may_use(GrantType::Ciba))?;
            self.check_registered_sector(&after.client, Some(&before.client)).await?;
            let (now, actor, read, written) = (self.now(), Actor::client(), before.clone(), after.clone());
            let updated = self.store.write(move |tx| Box::pin(update(tx, actor, read, written, now))).await;
            match self.after_change(updated)? {
                Updated::Yes => return Ok(Managed { client: after.client, ..before }.registered(token)),
                Updated::TooOften => return Err(TokenError::new(Reason::RegistrationTooOften).into()),
                Updated::Changed => {}
            }
        }
        Err(Error::Unavailable.into())
    }

    /// Deletes a client with all that it holds (RFC 7592 §2.3).
    ///
    /// # Errors
    /// `invalid_token`, or when the database does not answer.
    pub async fn delete_registration(&self, client_id: &ClientId, token: &Secret) -> Result<(), RegisterError> {
        for _ in 0..super::TRIES {
            let before = self.find_managed(client_id, token).await?;
            let (now, actor) = (self.now(), Actor::client());
            let deleted = self.store.write(move |tx| Box::pin(delete(tx, actor, before, now)));
            if self.after_change(deleted.await)? {
                return Ok(());
            }
        }
        Err(Error::Unavailable.into())
    }

    async fn find_managed(&self, client_id: &ClientId, token: &Secret) -> Result<Managed, RegisterError> {
        let found = self.load_managed(client_id, token).await?;
        found.ok_or(RegisterError::Bearer(BearerError::InvalidToken))
    }

    async fn load_managed(&self, client_id: &ClientId, token: &Secret) -> Result<Option<Managed>, Error> {
        if !can_be_client_id(client_id.as_str()) {
            return Ok(None);
        }
        let row = client_registration::Entity::find_by_id(client_id.as_str()).one(self.store.read()).await?;
        let is_theirs = |row: &client_registration::Model| {
            let digest = row.token_digest.as_deref().and_then(SecretDigest::from_slice);
            digest.is_some_and(|digest| digest == token.digest())
        };
        let Some(row) = row.filter(is_theirs) else { return Ok(None) };
        let said = read_document(&row)?;
        let Some(settled) = &row.settled else {
            let waits = row.expires_at > self.now().0;
            return Ok(waits.then(|| Managed { client: said.clone(), said, row, version: None }));
        };
        let found = client::Entity::find_by_id(settled.as_str()).one(self.store.read()).await?;
        let Some(found) = found.filter(|found| found.enabled) else { return Ok(None) };
        Ok(Some(Managed { client: read_client(&found)?, said, row, version: Some(found.version) }))
    }

    async fn secrets_of(&self, managed: &Managed) -> Result<Vec<SecretDigest>, Error> {
        let digests: Vec<Vec<u8>> = match managed.version {
            None => managed.row.secret_digest.iter().cloned().collect(),
            Some(_) => {
                client_secret::Entity::find()
                    .filter(client_secret::Column::ClientId.eq(managed.row.client_id.as_str()))
                    .select_only()
                    .column(client_secret::Column::Digest)
                    .into_tuple()
                    .all(self.store.read())
                    .await?
            }
        };
        Ok(digests.iter().filter_map(|digest| SecretDigest::from_slice(digest)).collect())
    }
}

impl Managed {
    fn registered(self, token: &Secret) -> Registered {
        let issued_at = Timestamp(self.row.created_at);
        Registered { client: self.client, issued_at, secret: None, access_token: Some(token.clone()) }
    }
}

/// The outcome of a description.
enum Updated {
    Yes,
    /// The client has changed, or got its row, meanwhile.
    Changed,
    /// It described itself too often in a day.
    TooOften,
}

/// Writes the client if it is as it was read.
async fn update(
    tx: &DatabaseTransaction,
    actor: Actor,
    read: Managed,
    written: Redescribed,
    now: Timestamp,
) -> Result<Updated, Error> {
    let Redescribed { client: after, said } = written;
    let id = read.row.client_id.as_str();
    let describe = client_registration::Entity::update_many()
        .col_expr(Column::Document, Expr::value(row::document(&said)?))
        .filter(Column::ClientId.eq(id));
    let Some(version) = read.version else {
        let updated = describe
            .filter(Column::Settled.is_null())
            .filter(Column::Document.eq(read.row.document.as_str()))
            .exec(tx)
            .await?;
        // MySQL counts the rows that it found, as the others do.
        return Ok(if updated.rows_affected == 1 { Updated::Yes } else { Updated::Changed });
    };
    if after == read.client {
        describe.exec(tx).await?;
        return Ok(Updated::Yes);
    }
    // Changes are kept for ever. Whoever makes another one meanwhile raises the version.
    if audit::count_by_client(tx, id, now.plus(-DAY)).await? >= MOST_CHANGES {
        return Ok(Updated::TooOften);
    }
    if !row::replace(tx, &read.client, &after, version, now).await? {
        return Ok(Updated::Changed);
    }
    describe.exec(tx).await?;
    row::ask_again(tx, &read.client, &after, now).await?;
    if !after.token_endpoint_auth_method.needs_secret() {
        secrets::revoke_all(tx, actor.clone(), &after.client_id, now).await?;
    }
    let (target, before) = (read.row.client_id.clone(), Some(json!(read.client)));
    let change = Change { actor, action: "client.update", target, before, after: Some(json!(after)) };
    audit::append_version(tx, change, version + 1, now).await?;
    Ok(Updated::Yes)
}

async fn delete(tx: &DatabaseTransaction, actor: Actor, read: Managed, now: Timestamp) -> Result<bool, Error> {
    let id = read.row.client_id.as_str();
    let Some(version) = read.version else {
        let waiting = client_registration::Entity::delete_many()
            .filter(Column::ClientId.eq(id))
            .filter(Column::Settled.is_null())
            .exec(tx)
            .await?;
        return Ok(waiting.rows_affected == 1);
    };
    let deleted = client::Entity::delete_many()
        .filter(client::Column::ClientId.eq(id))
        .filter(client::Column::Version.eq(version))
        .exec(tx)
        .await?;
    if deleted.rows_affected == 0 {
        return Ok(false);
    }
    let (target, before) = (read.row.client_id.clone(), Some(json!(read.client)));
    audit::append(tx, Change { actor, action: "client.delete", target, before, after: None }, now).await?;
    Ok(true)
}
