//! The list of clients, searched and in pages.

use std::collections::BTreeSet;

use oauth::client::{Client, ClientKind};
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::read_client;
use crate::Idp;
use crate::entity::client;
use crate::error::Error;
use crate::page::{Page, PageRequest, contains_pattern};

/// A search of an administrator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientFilter {
    /// Part of the name or the ID; empty finds all.
    pub text: String,
    pub kind: Option<ClientKind>,
}

/// A line of the list.
#[derive(Debug, Clone)]
pub struct ClientRow {
    pub client: Client,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

impl Idp {
    /// One page of the clients that match, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_clients(&self, filter: &ClientFilter, page: PageRequest) -> Result<Page<ClientRow>, Error> {
        let mut condition = Condition::all();
        if !filter.text.trim().is_empty() {
            condition = condition.add(
                Condition::any()
                    .add(contains(client::Column::ClientName, &filter.text))
                    .add(contains(client::Column::ClientId, &filter.text)),
            );
        }
        if let Some(kind) = filter.kind {
            condition = condition.add(client::Column::Kind.eq(kind.as_str()));
        }
        let query = client::Entity::find()
            .filter(condition)
            .order_by_asc(client::Column::ClientName)
            .order_by_asc(client::Column::ClientId);
        let pages = query.paginate(self.store.read(), page.size);
        let total = pages.num_items().await?;
        let rows = pages.fetch_page(page.index()).await?;
        let rows = rows.iter().map(|row| {
            Ok(ClientRow {
                client: read_client(row)?,
                created_at: Timestamp(row.created_at),
                last_used_at: row.last_used_at.map(Timestamp),
            })
        });
        Ok(Page { rows: rows.collect::<Result<_, Error>>()?, total, request: page })
    }

    /// The number of clients.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_clients(&self) -> Result<u64, Error> {
        Ok(client::Entity::find().count(self.store.read()).await?)
    }
}

/// The condition that a column contains the text, whatever its case.
fn contains(column: client::Column, text: &str) -> Condition {
    // SQLite, and PostgreSQL under the locale C, fold ASCII only: what they make of "ÄRZTE" is "Ärzte". So the text is looked
    // for as other databases fold it, as these do, and as these do where whoever searches did not care for capitals.
    let spellings =
        BTreeSet::from([text.to_lowercase(), text.to_ascii_lowercase(), text.to_uppercase().to_ascii_lowercase()]);
    let like = |text: &String| Expr::expr(Func::lower(Expr::col(column))).like(contains_pattern(text));
    spellings.iter().fold(Condition::any(), |any, text| any.add(like(text)))
}
