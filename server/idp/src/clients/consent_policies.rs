//! Clients with what people are asked: one table of all consent policies.

use std::collections::HashMap;

use oauth::client::{Client, ConsentPolicy};
use oauth::count::Count;
use oauth::listing::{PolicyColumn, Sorting};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, SimpleExpr};
use sea_orm::{
    ColumnTrait, DatabaseConnection, EntityTrait, JoinType, Order, QueryFilter, QueryOrder as _, QuerySelect,
    QueryTrait as _, Select,
};

use super::read_client;
use crate::entity::{client, consent};
use crate::error::Error;
use crate::page::{Page, PageRequest, count};
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

impl Idp {
    /// One page of the clients with their consent policies: all, or those of whose name, ID or redirect URIs a word begins with `text`. What is
    /// the same in the order is in that of the names.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_consent_policies(
        &self,
        text: &str,
        order: Sorting<PolicyColumn>,
        page: PageRequest,
    ) -> Result<Page<ConsentPolicyRow>, Error> {
        let db = self.store.read();
        let (mut query, mut is_cut) = (client::Entity::find(), false);
        if !text.trim().is_empty() {
            let found: Found<String> = search::find(db, Index::Clients, text).await?;
            query = query.filter(client::Column::ClientId.is_in(found.owners));
            is_cut = found.is_more;
        }
        let total = count(db, query.clone().into_query()).await?;
        let total = Count::at_least(total.number(), is_cut || total.is_more());
        let direction = if order.descending { Order::Desc } else { Order::Asc };
        let by_name = if order.by == PolicyColumn::Name { direction.clone() } else { Order::Asc };
        query = match order.by {
            PolicyColumn::Name => query,
            PolicyColumn::Policy => query.order_by(asks(), direction),
            PolicyColumn::Consents => by_remembered(query, direction),
        };
        query = query.order_by(Expr::col("name_order"), by_name).order_by_asc(client::Column::ClientId);
        let found = query.offset(page.offset()).limit(page.size).all(db).await?;
        let defaults = client_defaults::find(db).await?.policy;
        let consents = count_consents(db, &found).await?;
        let row = |row: client::Model| {
            Ok(ConsentPolicyRow {
                client: Client { defaults: defaults.clone(), ..read_client(&row)? },
                version: row.version,
                consents: Count::new(consents.get(&row.client_id).copied().unwrap_or_default()),
            })
        };
        Ok(Page { rows: found.into_iter().map(row).collect::<Result<_, Error>>()?, total, request: page })
    }
}

/// The remembered consents of each client.
async fn count_consents(db: &DatabaseConnection, clients: &[client::Model]) -> Result<HashMap<String, u64>, Error> {
    use consent::Column as C;
    if clients.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = clients.iter().map(|client| client.client_id.as_str());
    let counted = consent::Entity::find().select_only().column(C::ClientId).column_as(C::AccountId.count(), "number");
    let counted = counted.filter(C::ClientId.is_in(ids)).group_by(C::ClientId).into_tuple::<(String, i64)>();
    let counted = counted.all(db).await?.into_iter();
    Ok(counted.map(|(id, number)| (id, number.unsigned_abs())).collect())
}

/// The place of a client's own policy in the order.
fn asks() -> SimpleExpr {
    let is = |policy: ConsentPolicy| Expr::col("consent_policy").eq(policy.as_str());
    let case = Expr::case(is(ConsentPolicy::Always), 0).case(is(ConsentPolicy::Once), 1);
    case.case(is(ConsentPolicy::Skip), 3).finally(2).into()
}

/// Sorts by the number of remembered consents, all of which are counted at once.
fn by_remembered(mut clients: Select<client::Entity>, direction: Order) -> Select<client::Entity> {
    use consent::Column as C;
    let counted = consent::Entity::find().select_only().column(C::ClientId).column_as(C::AccountId.count(), "number");
    let of_client = Expr::col(("counted", "client_id")).equals((client::Entity, client::Column::ClientId));
    let counted = counted.group_by(C::ClientId).into_query();
    QuerySelect::query(&mut clients).join_subquery(JoinType::LeftJoin, counted, "counted", of_client);
    clients.order_by(Func::coalesce([Expr::col(("counted", "number")), Expr::val(0)]), direction)
}
