//! Protected resources: looked up by the protocol, kept by administrators.

mod check;
mod default;
mod deleted;
pub(crate) mod discover;
mod edit;
mod list;
mod secrets;

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use oauth::client::{ClientAuthMethod, ClientSecret};
use oauth::client_auth::{PresentedClient, Proof};
use oauth::error::TokenError;
use oauth::id::ResourceId;
use oauth::refusal::Reason;
use oauth::resource::{Resource, ResourceStatus, Resources, Target};
use oauth::secret::SecretDigest;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QuerySelect as _,
};
use uuid::Uuid;

pub use discover::Discovery;
pub use list::ResourceRow;
pub use secrets::ResourceSecretRow;

use crate::audit::Actor;
use crate::catalog::Scopes;
use crate::entity::{resource, resource_secret};
use crate::error::Error;
use crate::{Idp, activity};

/// A resource as administrators see it.
#[derive(Debug, Clone)]
pub struct ResourceRecord {
    pub resource: Resource,
    pub is_default: bool,
    /// Goes up with every change; a form sends back the one it was made from.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub secrets: Vec<ResourceSecretRow>,
}

/// The resources that there are tokens for, with what proves them, as they were read.
#[derive(Debug)]
pub struct KnownResources {
    resources: Resources,
    secrets: HashMap<ResourceId, Vec<ClientSecret>>,
}

impl std::ops::Deref for KnownResources {
    type Target = Resources;

    fn deref(&self) -> &Resources {
        &self.resources
    }
}

impl Idp {
    /// The resources that there are tokens for.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn resources(&self) -> Result<Arc<KnownResources>, Error> {
        self.catalog.resources.get(&(), self.load_resources()).await
    }

    async fn load_resources(&self) -> Result<Arc<KnownResources>, Error> {
        let db = self.store.read();
        let enabled = oauth::resource::ResourceStatus::Enabled.as_str();
        let rows = resource::Entity::find().filter(resource::Column::Status.eq(enabled)).all(db).await?;
        let resources = rows.iter().map(read_resource).collect::<Result<Vec<_>, _>>()?;
        let mut secrets: HashMap<ResourceId, Vec<ClientSecret>> = HashMap::new();
        if !rows.is_empty() {
            for row in resource_secret::Entity::find().all(db).await? {
                let Some(digest) = SecretDigest::from_slice(&row.digest) else { continue };
                let secret = ClientSecret { digest, key: None, expires_at: row.expires_at.map(Timestamp) };
                secrets.entry(resource_id(row.resource_id)).or_default().push(secret);
            }
        }
        let default = default::find(db).await?;
        Ok(Arc::new(KnownResources { resources: Resources::new(resources, default), secrets }))
    }

    /// The types of authorization details of all resources, those that are not enabled too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn known_details_types(&self) -> Result<BTreeSet<String>, Error> {
        let rows = resource::Entity::find().all(self.store.read()).await?;
        let resources = rows.iter().map(read_resource).collect::<Result<Vec<_>, _>>()?;
        Ok(resources.into_iter().flat_map(|it| it.authorization_details_types).map(|kind| kind.name).collect())
    }

    /// The scopes that a request for `target` may name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn scopes_at(&self, target: &Target) -> Result<Scopes, Error> {
        let scopes = self.scopes().await?;
        Ok(if target.is_empty() { scopes } else { Arc::new(target.known(&scopes)) })
    }

    /// All scopes, those of all resources too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn scopes_everywhere(&self) -> Result<Scopes, Error> {
        let (scopes, resources) = (self.scopes().await?, self.resources().await?);
        if resources.is_empty() {
            return Ok(scopes);
        }
        let of_resources = resources.iter().flat_map(|resource| resource.definitions().collect::<Vec<_>>());
        Ok(Arc::new(scopes.iter().cloned().chain(of_resources).collect()))
    }

    /// The resource that a request proves to come from; `None` when what it names is no resource, but perhaps a client. With a
    /// `caller`, wrong secrets delay further ones.
    ///
    /// # Errors
    /// `invalid_client`; `temporarily_unavailable` with the seconds to wait, after too many wrong secrets.
    pub async fn authenticate_resource(
        &self,
        presented: &PresentedClient,
        caller: Option<IpAddr>,
    ) -> Result<Option<Arc<Resource>>, TokenError> {
        let resources = self.resources().await?;
        let id = ResourceId::new(presented.client_id.as_str());
        let Some(resource) = resources.find(&id) else { return Ok(None) };
        // A client of an earlier version may have an ID like this.
        if self.find_client(&presented.client_id).await?.is_some() {
            return Ok(None);
        }
        activity::found_client(&presented.client_id);
        let Proof::Secret(shown) = &presented.proof else { return Err(TokenError::new(Reason::SecretWrong)) };
        let secrets = resources.secrets.get(&id).map(Vec::as_slice).unwrap_or_default();
        let proof = shown.find_among(secrets, self.now());
        if let Some(caller) = caller {
            self.admit_proof(&presented.client_id, &shown.secret, proof.is_some(), caller).await?;
        }
        let secret = proof.ok_or_else(|| TokenError::new(Reason::SecretWrong))?;
        self.note_resource_secret(&id, &secret).await?;
        Ok(Some(resource.clone()))
    }

    /// Keeps when the secret was last used, to the minute.
    async fn note_resource_secret(&self, id: &ResourceId, secret: &SecretDigest) -> Result<(), Error> {
        if self.catalog.used_secrets.insert_new(&(secret.0, ClientAuthMethod::ClientSecretBasic)) {
            let used = resource_secret::Entity::update_many()
                .col_expr(resource_secret::Column::LastUsedAt, Expr::value(self.now().0))
                .filter(resource_secret::Column::ResourceId.eq(row_id(id)?))
                .filter(resource_secret::Column::Digest.eq(secret.as_bytes().to_vec()));
            self.note(used).await;
        }
        Ok(())
    }
}

/// The resources as they are, each if it is there and enabled, kept from being changed until the commit.
pub(crate) async fn hold_enabled(tx: &DatabaseTransaction, ids: &[ResourceId]) -> Result<Vec<Option<Resource>>, Error> {
    let mut held = Vec::with_capacity(ids.len());
    // In one order, so that two never wait for each other.
    for id in ids.iter().collect::<BTreeSet<_>>() {
        let query = resource::Entity::find_by_id(row_id(id)?);
        let query = if tx.get_database_backend() == DbBackend::Sqlite { query } else { query.lock_shared() };
        let found = query.one(tx).await?.as_ref().map(read_resource).transpose()?;
        held.push(found.filter(Resource::is_enabled));
    }
    Ok(held)
}

/// Takes a client that is deleted out of the resources that name it, so that the next one of its name inherits nothing. A resource that
/// was for nobody else is disabled: it must not be for everybody then.
pub(crate) async fn forget_client(
    tx: &DatabaseTransaction,
    actor: &Actor,
    client: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let named = resource::Column::Document.contains(serde_json::json!(client).to_string());
    for row in resource::Entity::find().filter(named).all(tx).await? {
        let before = read_resource(&row)?;
        let mut after = before.clone();
        after.exchanged_by.retain(|id| id.as_str() != client);
        after.allowed_clients.retain(|id| id.as_str() != client);
        if after.allowed_clients.is_empty() && !before.allowed_clients.is_empty() {
            after.status = ResourceStatus::Disabled;
        }
        if after != before {
            edit::replace(tx, actor, (row.id, row.version), &before, &after, now).await?;
        }
    }
    Ok(())
}

fn read_resource(row: &resource::Model) -> Result<Resource, Error> {
    Resource::from_document(&row.document).map_err(Error::internal)
}

fn resource_id(id: Uuid) -> ResourceId {
    ResourceId::new(id.to_string())
}

/// The key of a row; nothing is called by what is no UUID.
fn row_id(id: &ResourceId) -> Result<Uuid, Error> {
    Uuid::parse_str(id.as_str()).map_err(|_| Error::NotFound)
}
