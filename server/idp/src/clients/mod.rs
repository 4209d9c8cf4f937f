//! Clients: looked up by the protocol, kept by administrators.

pub(crate) mod assertion;
mod consent_policies;
mod edit;
pub(crate) mod hold;
mod list;
mod near;
pub(crate) mod row;
pub(crate) mod secrets;
mod sector;

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use oauth::client::{Client, ClientAuthMethod, ClientOrigin, can_be_client_id};
use oauth::client_auth::{PresentedClient, Proven};
use oauth::error::TokenError;
use oauth::id::ClientId;
use oauth::origin::WebOrigin;
use oauth::refusal::Reason;
use oauth::registration::{ClientUrl, is_registered_id};
use oauth::secret::SecretDigest;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, UpdateMany};

pub use consent_policies::ConsentPolicyRow;
pub use edit::{ClientChange, DEVELOPMENT_TIME, UnknownScopes};
pub use list::ClientRow;
pub(crate) use list::write_terms;
pub(crate) use row::read_client;
pub use secrets::SecretRow;

use crate::catalog::{LookedUp, RegisteredClient};
use crate::client_defaults;
use crate::documents::UNWRITTEN;
use crate::entity::{client, client_secret};
use crate::error::Error;
use crate::{Idp, activity};

/// A client as administrators see it.
#[derive(Debug, Clone)]
pub struct ClientRecord {
    pub client: Client,
    /// Goes up with every change; a form sends back the one it was made from.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub secrets: Vec<SecretRow>,
}

impl Idp {
    /// The client, if it is registered and enabled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_client(&self, client_id: &ClientId) -> Result<Option<Arc<Client>>, Error> {
        Ok(self.find_registered(client_id).await?.map(|registered| registered.client.clone()))
    }

    /// The client that a request proves to come from. With a `caller`, wrong proofs delay further ones. An assertion is spent.
    ///
    /// # Errors
    /// `invalid_client`; `temporarily_unavailable` with the seconds to wait, after too many wrong proofs.
    pub async fn authenticate_client(
        &self,
        presented: &PresentedClient,
        caller: Option<IpAddr>,
    ) -> Result<Arc<RegisteredClient>, TokenError> {
        let found = self.find_presented(presented).await?;
        self.authenticate(presented, found, caller).await
    }

    /// The same at the beginning of an authorization: a client with a document is judged by what its document says now.
    ///
    /// # Errors
    /// As of [`Idp::authenticate_client`]; `temporarily_unavailable`, too, when the document cannot be had.
    pub async fn authenticate_visitor(
        &self,
        presented: &PresentedClient,
        caller: Option<IpAddr>,
    ) -> Result<Arc<RegisteredClient>, TokenError> {
        let found = match self.find_presented(presented).await? {
            Some(found) if found.origin == ClientOrigin::MetadataDocument && found.stamp != UNWRITTEN => {
                self.find_newcomer(&presented.client_id).await?
            }
            found => found,
        };
        self.authenticate(presented, found, caller).await
    }

    async fn authenticate(
        &self,
        presented: &PresentedClient,
        found: Option<Arc<RegisteredClient>>,
        caller: Option<IpAddr>,
    ) -> Result<Arc<RegisteredClient>, TokenError> {
        let (client, proven) = self.judge_client(presented, found, caller).await?;
        match proven {
            Proven::Nothing | Proven::SelfSigned(_) => {}
            Proven::Secret(secret) => self.note_secret_use(&presented.client_id, &secret, presented.method()).await,
            Proven::Mac(secret, once) => {
                self.spend(once).await?;
                self.note_secret_use(&presented.client_id, &secret, presented.method()).await;
            }
            // The last of all: what is refused for another reason may be sent again.
            Proven::Assertion(_, once) => self.spend(once).await?,
        }
        Ok(client)
    }

    /// The same client, judged again for the same request by what is known of it now.
    ///
    /// # Errors
    /// `invalid_client`.
    pub async fn authenticate_again(&self, presented: &PresentedClient) -> Result<Arc<RegisteredClient>, TokenError> {
        let found = self.find_presented(presented).await?;
        Ok(self.judge_client(presented, found, None).await?.0)
    }

    /// The client that a request names.
    async fn find_presented(&self, presented: &PresentedClient) -> Result<Option<Arc<RegisteredClient>>, TokenError> {
        match self.find_registered(&presented.client_id).await? {
            Some(found) => Ok(Some(found)),
            None => self.find_newcomer(&presented.client_id).await,
        }
    }

    async fn judge_client<'a>(
        &self,
        presented: &'a PresentedClient,
        registered: Option<Arc<RegisteredClient>>,
        caller: Option<IpAddr>,
    ) -> Result<(Arc<RegisteredClient>, Proven<'a>), TokenError> {
        let proof = match &registered {
            Some(found) => self.judge_proof(presented, found).await.map(|proven| (found.clone(), proven)),
            None => Err(TokenError::new(Reason::UnknownClient)),
        };
        // Nobody can judge a proof while the keys or the database cannot be had.
        if proof.as_ref().is_err_and(|error| error.status() == 503) {
            return proof;
        }
        // Names that no client has are delayed like those of clients, so that they cannot be told apart.
        let is_guess = registered.as_ref().is_none_or(|found| !found.client.is_public());
        if let (Some(shown), Some(caller), true) = (presented.shown(), caller, is_guess) {
            self.admit_proof(&presented.client_id, shown, proof.is_ok(), caller).await?;
        }
        proof
    }

    async fn judge_proof<'a>(
        &self,
        presented: &'a PresentedClient,
        found: &RegisteredClient,
    ) -> Result<Proven<'a>, TokenError> {
        let proven = presented.verify(&found.client, &found.secrets, self.hosts(), self.now())?;
        match proven {
            Proven::Assertion(assertion, _) => {
                if let Some(jwt) = assertion.by_key() {
                    self.check_signature(found, jwt).await?;
                }
            }
            Proven::SelfSigned(certificate) => self.check_certificate(found, certificate).await?,
            Proven::Nothing | Proven::Secret(_) | Proven::Mac(..) => {}
        }
        Ok(proven)
    }

    /// True when scripts of this web origin may read the answers that some client gets.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_registered_origin(&self, origin: &str) -> Result<bool, Error> {
        let Ok(origin) = WebOrigin::parse(origin) else {
            return Ok(false);
        };
        let origins = self.catalog.origins.get(&(), self.load_origins()).await?;
        Ok(origins.contains(origin.as_str()))
    }

    /// The client with its secrets' dates, for an administrator.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn get_client(&self, client_id: &ClientId) -> Result<ClientRecord, Error> {
        let row =
            client::Entity::find_by_id(client_id.as_str()).one(self.store.read()).await?.ok_or(Error::NotFound)?;
        Ok(ClientRecord {
            client: Client { defaults: client_defaults::find(self.store.read()).await?.policy, ..read_client(&row)? },
            version: row.version,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            last_used_at: row.last_used_at.map(Timestamp),
            secrets: self.list_secrets(client_id).await?,
        })
    }

    /// Keeps when the client last got a code or tokens, to the minute: most requests write nothing.
    pub(crate) async fn note_use(&self, client_id: &ClientId) {
        if self.catalog.used.insert_new(client_id) {
            let used = client::Entity::update_many()
                .col_expr(client::Column::LastUsedAt, Expr::value(self.now().0))
                .filter(client::Column::ClientId.eq(client_id.as_str()));
            self.note(used).await;
        }
    }

    /// The same for one of its secrets, so that an administrator sees which are still in use, and in which way.
    async fn note_secret_use(&self, client_id: &ClientId, secret: &SecretDigest, method: ClientAuthMethod) {
        if self.catalog.used_secrets.insert_new(&(secret.0, method)) {
            let used = client_secret::Entity::update_many()
                .col_expr(client_secret::Column::LastUsedAt, Expr::value(self.now().0))
                .col_expr(client_secret::Column::LastUsedBy, Expr::value(method.as_str()))
                .filter(client_secret::Column::ClientId.eq(client_id.as_str()))
                .filter(client_secret::Column::Digest.eq(secret.as_bytes().to_vec()));
            self.note(used).await;
        }
    }

    /// Writes what is good to know. The answer does not depend on it: tokens that were issued must reach the client, for its
    /// second try would be taken for a replay.
    pub(crate) async fn note<E: EntityTrait>(&self, used: UpdateMany<E>) {
        let written =
            self.store.write(move |tx| Box::pin(async move { Ok::<_, Error>(used.exec(tx).await.map(drop)?) }));
        if let Err(error) = written.await {
            tracing::warn!(?error, "when something was used was not kept");
        }
    }

    pub(crate) async fn find_registered(&self, client_id: &ClientId) -> Result<Option<Arc<RegisteredClient>>, Error> {
        // What is not found is kept for a while, too.
        if !can_be_client_id(client_id.as_str()) {
            return Ok(None);
        }
        let mut looked_up = self.catalog.clients.get(client_id, self.load_registered(client_id)).await?;
        if !matches!(looked_up, LookedUp::Enabled(_)) && is_registered_id(client_id.as_str()) {
            // It may register any moment, at any node, and get its row at another: that it is not there is not remembered.
            self.catalog.clients.forget(client_id);
            if let Some(waiting) = self.find_waiting(client_id).await? {
                return Ok(Some(waiting));
            }
            // It may have got its row between the two looks.
            looked_up = self.load_registered(client_id).await?;
        }
        let found = match looked_up {
            LookedUp::Enabled(found) => found,
            LookedUp::Disabled => {
                activity::found_disabled(client_id);
                return Ok(None);
            }
            LookedUp::Nothing => return Ok(None),
        };
        activity::found_client(&found.client_id);
        let came_with = Some(&found).filter(|found| found.origin == ClientOrigin::MetadataDocument);
        match came_with.and_then(|found| ClientUrl::parse(found.client_id.as_str()).ok()) {
            Some(url) if self.host_rules().await?.policy.judge(url.host()).is_shut() => Ok(None),
            _ => Ok(Some(found)),
        }
    }

    async fn load_registered(&self, client_id: &ClientId) -> Result<LookedUp, Error> {
        let db = self.store.read();
        let row = match client::Entity::find_by_id(client_id.as_str()).one(db).await? {
            Some(row) if row.enabled => row,
            Some(_) => return Ok(LookedUp::Disabled),
            None => return Ok(LookedUp::Nothing),
        };
        let secrets = client_secret::Entity::find()
            .filter(client_secret::Column::ClientId.eq(client_id.as_str()))
            .all(db)
            .await?;
        let secrets =
            secrets.iter().filter_map(|row| self.stored_secret(&row.digest, row.sealed.as_deref(), row.expires_at));
        let client = Client { defaults: client_defaults::find(db).await?.policy, ..read_client(&row)? };
        Ok(LookedUp::Enabled(Arc::new(RegisteredClient::new(Arc::new(client), secrets.collect(), row.stamp))))
    }

    async fn load_origins(&self) -> Result<Arc<HashSet<String>>, Error> {
        let rows = client::Entity::find().filter(client::Column::Enabled.eq(true)).all(self.store.read()).await?;
        let mut origins = HashSet::new();
        for row in &rows {
            origins.extend(read_client(row)?.origins());
        }
        Ok(Arc::new(origins))
    }
}
