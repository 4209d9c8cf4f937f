//! The row of a client, whoever writes it: an administrator, its document, or the client itself.

use oauth::client::Client;
use oauth::registration::{same_answers, same_proof};
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait as _, IntoActiveModel, QueryFilter};

use super::write_terms;
use crate::audit;
use crate::consents::withdraw_in_bin;
use crate::entity::{client, consent, grants};
use crate::error::{Error, taken};
use crate::grants::revoke_grants;
use crate::random;

/// The client that a row holds. `client_id` and `enabled` are the columns', which are searched by.
pub(crate) fn read_client(row: &client::Model) -> Result<Client, Error> {
    Client::from_document(&row.document).map_err(Error::internal)
}

/// Writes a client that is not there; returns its version.
///
/// # Errors
/// `Conflict` when it is there.
pub(crate) async fn insert(
    tx: &DatabaseTransaction,
    client: &Client,
    created_at: Timestamp,
    now: Timestamp,
) -> Result<i64, Error> {
    let version = audit::first_version(tx, "client", client.client_id.as_str()).await?;
    let row = client::Model {
        client_id: client.client_id.to_string(),
        client_name: client.client_name.clone(),
        kind: client.kind.to_string(),
        enabled: client.enabled,
        document: document(client)?,
        version,
        created_at: created_at.0,
        updated_at: now.0,
        last_used_at: None,
        stamp: random::stamp(),
    };
    client::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    write_terms(tx, client).await?;
    Ok(version)
}

/// Writes the row of a client that was deleted.
///
/// # Errors
/// `Taken` when there is another one of its ID.
pub(crate) async fn insert_again(tx: &DatabaseTransaction, row: client::Model) -> Result<(), Error> {
    let client = read_client(&row)?;
    let inserted = client::Entity::insert(row.into_active_model()).exec_without_returning(tx).await;
    inserted.map_err(|error| taken(error, "client_id"))?;
    write_terms(tx, &client).await
}

/// Writes a client in place of `before`, which is at `version`. False: nothing is there, or it was changed since. If it knows people by
/// other names from now on, its grants end: a token that was given under one name would say the other.
pub(crate) async fn replace(
    tx: &DatabaseTransaction,
    before: &Client,
    client: &Client,
    version: i64,
    now: Timestamp,
) -> Result<bool, Error> {
    let replaced = client::Entity::update_many()
        .col_expr(client::Column::ClientName, Expr::value(client.client_name.clone()))
        .col_expr(client::Column::Kind, Expr::value(client.kind.as_str()))
        .col_expr(client::Column::Enabled, Expr::value(client.enabled))
        .col_expr(client::Column::Document, Expr::value(document(client)?))
        .col_expr(client::Column::Version, Expr::value(version + 1))
        .col_expr(client::Column::UpdatedAt, Expr::value(now.0))
        .col_expr(client::Column::Stamp, Expr::col(client::Column::Stamp).add(1))
        .filter(client::Column::ClientId.eq(client.client_id.as_str()))
        .filter(client::Column::Version.eq(version))
        .exec(tx)
        .await?;
    if replaced.rows_affected == 0 {
        return Ok(false);
    }
    write_terms(tx, client).await?;
    if before.sector() != client.sector() {
        let id = client.client_id.as_str();
        let revoked = revoke_grants(tx, grants::Column::ClientId.eq(id), now).await?;
        tracing::info!(client_id = id, revoked, "a client knows people by other names from now on");
    }
    Ok(true)
}

/// Takes back what people allowed a client that described itself in another way: they are asked again when its answers go
/// elsewhere, or it proves itself otherwise. In the latter case its grants go, too: what was begun by a signature is not ended
/// without one, nor the reverse.
pub(crate) async fn ask_again(
    tx: &DatabaseTransaction,
    before: &Client,
    after: &Client,
    now: Timestamp,
) -> Result<(), Error> {
    let id = after.client_id.as_str();
    if !same_answers(before, after) {
        consent::Entity::delete_many().filter(consent::Column::ClientId.eq(id)).exec(tx).await?;
        withdraw_in_bin(tx, id).await?;
    }
    if !same_proof(before, after) {
        let revoked = revoke_grants(tx, grants::Column::ClientId.eq(id), now).await?;
        let (from, to) = (before.token_endpoint_auth_method.as_str(), after.token_endpoint_auth_method.as_str());
        tracing::info!(client_id = id, from, to, revoked, "a client proves itself in another way from now on");
    }
    Ok(())
}

/// A client as its row keeps it.
pub(crate) fn document(client: &Client) -> Result<String, Error> {
    serde_json::to_string(client).map_err(Error::internal)
}
