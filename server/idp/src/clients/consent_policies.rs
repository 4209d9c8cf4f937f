//! Clients with what people are asked: one table of all consent policies.

use oauth::client::Client;
use oauth::count::Count;
use oauth::id::ClientId;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder as _, QuerySelect, QueryTrait as _};

use super::read_client;
use crate::entity::{client, consent};
use crate::error::Error;
use crate::page::{Page, PageRequest, contains_pattern, count};
use crate::search::{self, Found, Index};
use crate::{Idp, client_defaults};

/// A client, and what people allowed it.
#[derive(Debug, Clone)]
pub struct ConsentPolicyRow {
    pub client: Client,
    /// See [`ClientRecord::version`](crate::ClientRecord).
    pub version: i64,
    /// Consents that are remembered.
    pub consents: Count,
}

/// The order of the table; what is the same in it is in the order of the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConsentPolicyOrder {
    pub by: ConsentPolicyColumn,
    pub descending: bool,
}

/// A column that the table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConsentPolicyColumn {
    #[default]
    Name,
    /// Whoever asks most first: always, once, inherited, never.
    Policy,
    Consents,
}

impl Idp {
    /// One page of the clients with their consent policies: all, or those of whose name or ID a word begins with `text`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_consent_policies(
        &self,
        text: &str,
        order: ConsentPolicyOrder,
        page: PageRequest,
    ) -> Result<Page<ConsentPolicyRow>, Error> {
        let db = self.store.read();
        let mut query = client::Entity::find();
        if !text.trim().is_empty() {
            let found: Found<String> = search::find(db, Index::Clients, text).await?;
            query = query.filter(client::Column::ClientId.is_in(found.owners));
        }
        let total = count(db, query.clone().into_query()).await?;
        let direction = if order.descending { Order::Desc } else { Order::Asc };
        let by_name = if order.by == ConsentPolicyColumn::Name { direction.clone() } else { Order::Asc };
        query = match order.by {
            ConsentPolicyColumn::Name => query,
            ConsentPolicyColumn::Policy => query.order_by(asks(), direction),
            ConsentPolicyColumn::Consents => query.order_by(remembered(), direction),
        };
        query = query.order_by(client::Column::ClientName, by_name).order_by_asc(client::Column::ClientId);
        let found = query.offset(page.offset()).limit(page.size).all(db).await?;
        let defaults = client_defaults::find(db).await?.policy;
        let mut rows = Vec::new();
        for row in found {
            let consents = self.count_consents_of_client(&ClientId::new(row.client_id.as_str())).await?;
            rows.push(ConsentPolicyRow {
                client: Client { defaults: defaults.clone(), ..read_client(&row)? },
                version: row.version,
                consents,
            });
        }
        Ok(Page { rows, total, request: page })
    }
}

/// The place of a client's own policy in the order. Within a text of a document each quote is written as `\"`, so nothing else in it
/// looks like the member. Documents of the first version say the policy `skip` in another way.
fn asks() -> SimpleExpr {
    let says = |member: &str| client::Column::Document.like(contains_pattern(member));
    let skips = says(r#""consent_policy":"skip""#).or(says(r#""require_consent":false"#));
    let case = Expr::case(says(r#""consent_policy":"always""#), 0).case(says(r#""consent_policy":"once""#), 1);
    case.case(skips, 3).finally(2).into()
}

fn remembered() -> SimpleExpr {
    let given = consent::Entity::find()
        .select_only()
        .expr(Func::count(Expr::col((consent::Entity, consent::Column::AccountId))))
        .filter(
            Expr::col((consent::Entity, consent::Column::ClientId)).equals((client::Entity, client::Column::ClientId)),
        );
    given.into_query().into()
}
