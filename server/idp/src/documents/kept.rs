//! Clients with documents as administrators see them, and documents that they put here.

use std::collections::HashMap;

use oauth::client::ClientOrigin;
use oauth::field::FieldProblem;
use oauth::id::ClientId;
use oauth::registration::{ClientUrl, DocumentSource};
use oauth::time::Timestamp;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder as _, QuerySelect as _};

use super::{ClientDocument, settle};
use crate::audit::Actor;
use crate::clients::read_client;
use crate::entity::{client, client_document, grants};
use crate::error::Error;
use crate::outbound::Limits;
use crate::page::MOST_LISTED;
use crate::save::SaveError;
use crate::{Idp, settings};

/// A client with a document.
#[derive(Debug, Clone)]
pub struct DocumentRow {
    pub client_id: ClientId,
    pub client_name: String,
    pub host: String,
    pub enabled: bool,
    pub source: DocumentSource,
    /// When it was fetched, written or put here.
    pub fetched_at: Timestamp,
    /// Grants that are not revoked.
    pub grants: u64,
    pub last_used_at: Option<Timestamp>,
}

impl Idp {
    /// The clients that came with a document, in the order of their hosts; at most [`MOST_LISTED`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_documents(&self) -> Result<Vec<DocumentRow>, Error> {
        let db = self.store.read();
        let rows = client_document::Entity::find()
            .find_also_related(client::Entity)
            .order_by_asc(client_document::Column::Host)
            .order_by_asc(client_document::Column::ClientId)
            .limit(MOST_LISTED)
            .all(db)
            .await?;
        let ids: Vec<String> = rows.iter().map(|(document, _)| document.client_id.clone()).collect();
        let counted: Vec<(String, i64)> = grants::Entity::find()
            .select_only()
            .column(grants::Column::ClientId)
            .column_as(grants::Column::Id.count(), "live")
            .filter(grants::Column::ClientId.is_in(ids))
            .filter(grants::Column::RevokedAt.is_null())
            .filter(grants::Column::ExpiresAt.gt(self.now().0))
            .group_by(grants::Column::ClientId)
            .into_tuple()
            .all(db)
            .await?;
        let counted: HashMap<String, i64> = counted.into_iter().collect();
        let row = |(document, client): (client_document::Model, Option<client::Model>)| {
            let client = client?;
            Some(DocumentRow {
                grants: counted.get(&document.client_id).copied().unwrap_or_default().unsigned_abs(),
                client_id: ClientId::new(document.client_id),
                client_name: client.client_name,
                host: document.host,
                enabled: client.enabled,
                source: DocumentSource::find(&document.source).unwrap_or_default(),
                fetched_at: Timestamp(document.fetched_at),
                last_used_at: client.last_used_at.map(Timestamp),
            })
        };
        Ok(rows.into_iter().filter_map(row).collect())
    }

    /// Puts the document of a client here, for a server that cannot fetch it. It counts until it is replaced or its client deleted.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn put_document(&self, actor: &Actor, client_id: &str, text: &str) -> Result<(), SaveError> {
        let url = ClientUrl::parse(client_id.trim());
        let url = url.map_err(|error| SaveError::field("client_id", FieldProblem::ClientUrl(error)))?;
        if text.len() > Limits::DOCUMENT.bytes {
            return Err(SaveError::field("document", FieldProblem::TooLong(Limits::DOCUMENT.bytes)));
        }
        let now = self.now();
        let document = ClientDocument::uploaded(&url, text, now);
        let document = document.map_err(|error| SaveError::field("document", FieldProblem::ClientDocument(error)))?;
        let checked = self.certificates().check(&document.newcomer(), None);
        checked.map_err(|(_, problem)| SaveError::field("document", problem))?;
        let actor = actor.clone();
        let written = self.store.write(move |tx| {
            let (actor, document) = (actor.clone(), document.clone());
            Box::pin(async move { put(tx, actor, document, now).await })
        });
        Ok(self.after_change(written.await)?)
    }
}

async fn put(tx: &DatabaseTransaction, actor: Actor, document: ClientDocument, now: Timestamp) -> Result<(), Error> {
    settings::lock(tx, settle::LOCK).await?;
    let id = document.client_id();
    let Some(row) = client::Entity::find_by_id(id.as_str()).lock_exclusive().one(tx).await? else {
        return settle::insert(tx, actor, &document.newcomer(), &document, now).await;
    };
    let before = read_client(&row)?;
    if before.origin != ClientOrigin::MetadataDocument {
        return Err(Error::Taken("client_id"));
    }
    let after = document.description.applied_to(&before);
    settle::update(tx, actor, row, &before, &after, &document, now).await
}
