//! Resources that nobody registered, found by their own metadata (RFC 9728 §3) when a client asks for one.
//!
//! A stranger names them, so little is done and little is kept: one look at each place a minute, a few places a minute in all, a
//! bounded number that was found. What is found waits for an administrator. Only where server and resource are both programs on
//! this computer it is let in at once. What an administrator deleted is not found again.

use std::sync::Mutex;
use std::sync::PoisonError;

use oauth::destination::Destination;
use oauth::field::check_display_name;
use oauth::id::ResourceId;
use oauth::resource::{
    MAX_RESOURCE_NAME, MAX_RESOURCE_SCOPES, Resource, ResourceDraft, ResourceIdentifier, ResourceMetadata,
    ResourceScopeDraft, ResourceStatus,
};
use oauth::scope::ScopeToken;
use oauth::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait as _, QueryFilter};

use super::edit::{digest, new_row, saved};
use super::{deleted, read_resource};
use crate::audit::{self, Actor};
use crate::entity::resource;
use crate::error::Error;
use crate::outbound::Limits;
use crate::{Idp, random, settings};

/// Resources that were found, at most, whatever became of them. Whoever deletes one makes room.
const MOST_FOUND: u64 = 50;

/// Places that are looked at in a minute.
const MOST_LOOKS: u32 = 20;

/// Unknown resources of one request that are looked at.
const MOST_OF_A_REQUEST: usize = 2;

/// The lock under which those that were found are counted, and deleted ones are noted.
pub(super) const LOCK: &str = "resource_discovery";

/// An outcome of the search for a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discovery {
    /// There are tokens for it from now on.
    Accepted,
    /// It waits for an administrator.
    Pending,
    Nothing,
}

/// The looks of this minute.
#[derive(Debug, Default)]
pub(crate) struct Looks(Mutex<(i64, u32)>);

impl Looks {
    /// Takes one; false when there are none left.
    fn take(&self, now: Timestamp) -> bool {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.0.div_euclid(60);
        if looks.0 != minute {
            *looks = (minute, 0);
        }
        let left = looks.1 < MOST_LOOKS;
        looks.1 += u32::from(left);
        left
    }
}

impl Idp {
    /// Looks for those of the resources that are not known. The outcome is that of the last one that was found.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn discover_resources(&self, asked: &[ResourceIdentifier]) -> Result<Discovery, Error> {
        let known = self.resources().await?;
        let unknown = asked.iter().filter(|identifier| !known.knows(identifier));
        // Somebody else may have found all of them since they were looked up.
        let are_known = asked.iter().all(|identifier| known.knows(identifier));
        let mut outcome = if are_known { Discovery::Accepted } else { Discovery::Nothing };
        for identifier in unknown.take(MOST_OF_A_REQUEST) {
            match self.discover(identifier).await? {
                Discovery::Nothing => {}
                found => outcome = found,
            }
        }
        Ok(outcome)
    }

    async fn discover(&self, identifier: &ResourceIdentifier) -> Result<Discovery, Error> {
        if let Some(found) = self.find_found(identifier).await? {
            return Ok(found);
        }
        // Whoever comes while somebody else looks waits for what they find.
        let look = self.catalog.looked.get(&identifier.key());
        look.get_or_try_init(|| self.look_for(identifier)).await?;
        Ok(self.find_found(identifier).await?.unwrap_or(Discovery::Nothing))
    }

    /// The outcome that is known of a place: a node may not have heard of its resource yet, or an administrator has shut or deleted it.
    async fn find_found(&self, identifier: &ResourceIdentifier) -> Result<Option<Discovery>, Error> {
        let registered = resource::Entity::find().filter(resource::Column::Digest.eq(digest(identifier)));
        if let Some(row) = registered.one(self.store.read()).await? {
            return Ok(Some(match read_resource(&row)?.status {
                ResourceStatus::Pending => Discovery::Pending,
                ResourceStatus::Enabled => {
                    self.catalog.clear();
                    Discovery::Accepted
                }
                ResourceStatus::Disabled => Discovery::Nothing,
            }));
        }
        let is_deleted = deleted::is_deleted(self.store.read(), &digest(identifier)).await?;
        Ok(is_deleted.then_some(Discovery::Nothing))
    }

    async fn look_for(&self, identifier: &ResourceIdentifier) -> Result<(), Error> {
        if !self.looks.take(self.now()) {
            return Ok(());
        }
        for url in identifier.metadata_urls() {
            let Ok(fetched) = self.outbound().get(&url, Limits::DOCUMENT).await else { continue };
            let found =
                ResourceMetadata::find(&fetched.body).and_then(|metadata| self.admissible(identifier, &metadata));
            if let Some(resource) = found {
                return self.keep_found(resource).await;
            }
        }
        Ok(())
    }

    /// The resource that a document describes, if it is the one that was asked for and names this server.
    fn admissible(&self, asked: &ResourceIdentifier, metadata: &ResourceMetadata) -> Option<Resource> {
        let identifier = ResourceIdentifier::parse(&metadata.resource).ok()?;
        let is_ours = metadata.authorization_servers.iter().any(|server| server == self.issuer().as_str());
        if identifier.key() != asked.key() || !is_ours {
            return None;
        }
        let local = |url: &str| matches!(Destination::of(url), Destination::Loopback(_));
        let status = match local(self.issuer().as_str()) && local(identifier.as_str()) {
            true => ResourceStatus::Enabled,
            false => ResourceStatus::Pending,
        };
        let name = metadata.resource_name.as_deref().and_then(|name| check_display_name(name, MAX_RESOURCE_NAME).ok());
        let of_server = |name: &&String| matches!(name.as_str(), "openid" | "offline_access");
        let mut scopes: Vec<&String> = metadata.scopes_supported.iter().filter(|name| !of_server(name)).collect();
        scopes.sort();
        scopes.dedup();
        scopes.retain(|name| ScopeToken::parse(name).is_ok());
        scopes.truncate(MAX_RESOURCE_SCOPES);
        // What the metadata lists is what a client needs to begin with.
        let scope = |name: &String| ResourceScopeDraft { name: name.clone(), default: true, ..Default::default() };
        let draft = ResourceDraft {
            name: name.unwrap_or_else(|| identifier.place().chars().take(MAX_RESOURCE_NAME).collect()),
            identifier: identifier.into(),
            status: status.to_string(),
            scopes: scopes.into_iter().map(scope).collect(),
            ..ResourceDraft::preset()
        };
        self.check_resource(&draft, ResourceId::new(random::uuid_v7(self.now()).to_string())).ok()
    }

    async fn keep_found(&self, found: Resource) -> Result<(), Error> {
        let (now, status) = (self.now(), found.status);
        let row = resource::Model { found: true, ..new_row(&found, now)? };
        let (identifier, name) = (found.identifier.clone(), found.name.clone());
        let kept = self.store.write(move |tx| {
            Box::pin(async move {
                settings::lock(tx, LOCK).await?;
                if deleted::is_deleted(tx, &row.digest).await? {
                    return Ok(false);
                }
                if resource::Entity::find().filter(resource::Column::Found.eq(true)).count(tx).await? >= MOST_FOUND {
                    tracing::warn!(identifier = %found.identifier, "a resource was found, and {MOST_FOUND} others were before");
                    return Ok(false);
                }
                let change = saved(&Actor::system(), "resource.discover", None, Some(&found));
                resource::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
                audit::append(tx, change, now).await?;
                Ok(true)
            })
        });
        match self.after_change(kept.await) {
            Ok(true) => tracing::info!(%identifier, name, %status, "a resource was found by its own metadata"),
            // Another node was faster: its row counts.
            Ok(false) | Err(Error::Conflict) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_counted_by_the_minute() {
        let looks = Looks::default();
        let taken = (0..50).filter(|second| looks.take(Timestamp(600 + second))).count();
        assert_eq!(taken, 20);
        assert!(looks.take(Timestamp(660)));
    }
}
