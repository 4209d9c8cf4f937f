//! The row of a client with a document: written with the first code, and brought up to date with later ones.

use oauth::client::{Client, ClientOrigin};
use oauth::registration::DocumentSource;
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait as _, IntoActiveModel, PaginatorTrait as _, QueryFilter,
    QuerySelect, QueryTrait as _,
};
use serde_json::json;

use super::ClientDocument;
use crate::audit::{self, Actor, Change};
use crate::clients::{read_client, row};
use crate::entity::{client, client_document, grants};
use crate::error::Error;

/// The setting that is locked, before anything else, by whoever writes the row of such a client.
pub(crate) const LOCK: &str = "client_documents";

/// Clients with documents that are kept. People allow them one by one, so this is no place for an honest crowd to meet a bound.
const MOST_KEPT: u64 = 10_000;

/// Seconds after which a client that nobody holds anything of is forgotten.
const IDLE: i64 = 30 * 86_400;

/// Rows that are forgotten at once.
const BATCH: u64 = 100;

/// An outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// The row is as the client was shown.
    Yes,
    /// Something is another way than it was shown.
    Changed,
    /// There are so many already that it was not written.
    Full,
}

/// Makes sure, until the commit, that the row of the client says what was shown of it. The lock is held.
pub(crate) async fn settle(
    tx: &DatabaseTransaction,
    shown: &Client,
    document: &ClientDocument,
    now: Timestamp,
) -> Result<Settled, Error> {
    let Some(row) = client::Entity::find_by_id(shown.client_id.as_str()).lock_exclusive().one(tx).await? else {
        if client_document::Entity::find().count(tx).await? >= MOST_KEPT {
            tracing::error!("{MOST_KEPT} clients are kept that came with a document: no more of them are taken in");
            return Ok(Settled::Full);
        }
        insert(tx, Actor::system(), shown, document, now).await?;
        return Ok(Settled::Yes);
    };
    let stored = read_client(&row)?;
    let same = row.enabled && stored.origin == ClientOrigin::MetadataDocument;
    if !same || document.description.applied_to(&stored) != *shown {
        return Ok(Settled::Changed);
    }
    let kept = client_document::Entity::find_by_id(shown.client_id.as_str()).one(tx).await?;
    let later = |kept: &client_document::Model| {
        let is_live = kept.source == DocumentSource::Live.as_str() && document.source == DocumentSource::Live;
        kept.source == DocumentSource::Upload.as_str() || (is_live && kept.fetched_at > document.fetched_at.0)
    };
    if kept.as_ref().is_some_and(later) {
        return Ok(Settled::Changed);
    }
    update(tx, Actor::system(), row, &stored, shown, document, now).await?;
    Ok(Settled::Yes)
}

/// Writes the row of a client that is not there.
pub(super) async fn insert(
    tx: &DatabaseTransaction,
    actor: Actor,
    client: &Client,
    document: &ClientDocument,
    now: Timestamp,
) -> Result<(), Error> {
    let version = row::insert(tx, client, now, now).await?;
    client_document::Entity::insert(document.row().into_active_model()).exec_without_returning(tx).await?;
    let target = client.client_id.to_string();
    let change = Change { actor, action: "client.create", target, before: None, after: Some(json!(client)) };
    audit::append_version(tx, change, version, now).await
}

/// Brings the locked row of a client to another document. Whoever agreed to answers that went elsewhere is asked again.
pub(super) async fn update(
    tx: &DatabaseTransaction,
    actor: Actor,
    row: client::Model,
    before: &Client,
    after: &Client,
    document: &ClientDocument,
    now: Timestamp,
) -> Result<(), Error> {
    let id = after.client_id.as_str();
    client_document::Entity::update_many()
        .col_expr(client_document::Column::Source, Expr::value(document.source.as_str()))
        .col_expr(client_document::Column::FetchedAt, Expr::value(document.fetched_at.0))
        .col_expr(client_document::Column::FreshUntil, Expr::value(document.fresh_until.0))
        .col_expr(client_document::Column::Document, Expr::value(document.text.clone()))
        .filter(client_document::Column::ClientId.eq(id))
        .exec(tx)
        .await?;
    if before == after {
        return Ok(());
    }
    if !row::replace(tx, before, after, row.version, now).await? {
        return Err(Error::Conflict);
    }
    row::ask_again(tx, before, after, now).await?;
    let (before, after) = (Some(json!(before)), Some(json!(after)));
    let change = Change { actor, action: "client.update", target: row.client_id, before, after };
    audit::append_version(tx, change, row.version + 1, now).await
}

/// Forgets clients that came with a document, were not used for a month, and of which nobody holds anything.
pub(crate) async fn sweep(tx: &DatabaseTransaction, now: Timestamp) -> Result<u64, Error> {
    let held = || {
        let of_client =
            Expr::col((grants::Entity, grants::Column::ClientId)).equals((client::Entity, client::Column::ClientId));
        Expr::exists(Query::select().expr(Expr::val(1)).from(grants::Entity).and_where(of_client).to_owned())
    };
    let came = client_document::Entity::find()
        .select_only()
        .column(client_document::Column::ClientId)
        .filter(client_document::Column::Source.ne(DocumentSource::Upload.as_str()))
        .into_query();
    let idle: Vec<String> = client::Entity::find()
        .select_only()
        .column(client::Column::ClientId)
        .filter(client::Column::UpdatedAt.lt(now.plus(-IDLE).0))
        .filter(client::Column::LastUsedAt.is_null().or(client::Column::LastUsedAt.lt(now.plus(-IDLE).0)))
        .filter(client::Column::Enabled.eq(true))
        .filter(client::Column::ClientId.in_subquery(came))
        .filter(held().not())
        .limit(BATCH)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    if idle.is_empty() {
        return Ok(0);
    }
    // Whoever issued a code meanwhile held the row; the rows are locked now, and this statement sees the grant.
    let gone = client::Entity::delete_many()
        .filter(client::Column::ClientId.is_in(idle))
        .filter(held().not())
        .exec(tx)
        .await?;
    Ok(gone.rows_affected)
}
