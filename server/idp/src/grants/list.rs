//! Grants, as administrators see them: who may act for whom, and with what.

use std::collections::{BTreeSet, HashMap};

use oauth::count::Count;
use oauth::grant::Grant;
use oauth::id::{ClientId, GrantId, Subject};
use oauth::listing::{Cursor, GrantColumn, Sorting};
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _};
use uuid::Uuid;

use super::is_live;
use super::row::{grant_id, read_grant};
use crate::Idp;
use crate::entity::{access_token, grants, refresh_token};
use crate::error::Error;
use crate::page::{MOST_LISTED, Stretch, count};
use crate::users::account_id;

/// A grant that lives.
#[derive(Debug, Clone)]
pub struct GrantRow {
    pub grant: Grant,
    pub client_name: String,
    /// `None`: the client acts for itself.
    pub username: Option<String>,
    pub created_at: Timestamp,
    /// When the client last got a token of it.
    pub used_at: Timestamp,
    /// When it ends if it is not used until then. Its session may end it before.
    pub ends_at: Timestamp,
    /// Refresh tokens that were not used yet.
    pub refresh_tokens: u64,
    /// Opaque access tokens. Others have no row, and cannot be counted.
    pub access_tokens: u64,
}

/// Which grants; none of both: all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GrantFilter {
    pub client: Option<ClientId>,
    pub user: Option<Subject>,
}

impl GrantFilter {
    /// The live grants that it finds.
    ///
    /// # Errors
    /// `NotFound` when nobody can be of that subject.
    pub(super) fn condition(&self, now: Timestamp) -> Result<Condition, Error> {
        let client = self.client.as_ref().map(|client| grants::Column::ClientId.eq(client.as_str()));
        let user = self.user.as_ref().map(account_id).transpose()?.map(|account| grants::Column::AccountId.eq(account));
        Ok(Condition::all().add_option(client).add_option(user).add(is_live(now)))
    }
}

/// The tokens of one grant.
#[derive(Debug, Clone, Copy, Default)]
struct Tokens {
    newest: Option<i64>,
    live: u64,
}

impl Idp {
    /// Live grants, beside the one that a place names or from the beginning of the list; at most `limit` and at most [`MOST_LISTED`].
    ///
    /// # Errors
    /// `NotFound` when the place is no ID, or nobody can be of that subject; or when the database does not answer.
    pub async fn list_grants(
        &self,
        filter: &GrantFilter,
        order: Sorting<GrantColumn>,
        place: Option<&Cursor>,
        limit: u64,
    ) -> Result<Stretch<GrantRow>, Error> {
        let limit = Ord::min(limit, MOST_LISTED);
        let mut query = grants::Entity::find().filter(filter.condition(self.now())?);
        // IDs are drawn in the order of time (UUID version 7).
        let (id, GrantColumn::Since) = (grants::Column::Id, order.by);
        let falls = order.descending != place.is_some_and(Cursor::is_backward);
        if let Some(place) = place {
            let last = grant_id(&GrantId::new(place.place()))?;
            query = query.filter(if falls { id.lt(last) } else { id.gt(last) });
        }
        let direction = if falls { Order::Desc } else { Order::Asc };
        let rows = query.order_by(id, direction).limit(limit + 1).all(self.store.read()).await?;
        let Stretch { rows, is_later, is_more } = Stretch::beside(place, rows, limit);
        Ok(Stretch { rows: self.describe_grants(rows).await?, is_later, is_more })
    }

    /// Those of the grants that live.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn get_grants(&self, ids: &[GrantId]) -> Result<Vec<GrantRow>, Error> {
        let ids: Vec<Uuid> = ids.iter().filter_map(|id| grant_id(id).ok()).collect();
        let rows = grants::Entity::find()
            .filter(grants::Column::Id.is_in(ids))
            .filter(is_live(self.now()))
            .order_by_desc(grants::Column::Id)
            .limit(MOST_LISTED)
            .all(self.store.read())
            .await?;
        self.describe_grants(rows).await
    }

    /// The number of live grants.
    ///
    /// # Errors
    /// `NotFound` when nobody can be of that subject; or when the database does not answer.
    pub async fn count_grants(&self, filter: &GrantFilter) -> Result<Count, Error> {
        count(self.store.read(), grants::Entity::find().filter(filter.condition(self.now())?).into_query()).await
    }

    async fn describe_grants(&self, rows: Vec<grants::Model>) -> Result<Vec<GrantRow>, Error> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let (refresh, access) = (self.refresh_tokens_of(&ids).await?, self.access_tokens_of(&ids).await?);
        let clients: BTreeSet<&str> = rows.iter().map(|row| row.client_id.as_str()).collect();
        let clients = self.client_names(clients).await?;
        let users = self.usernames(rows.iter().filter_map(|row| row.account_id).collect()).await?;
        let of = |tokens: &HashMap<Uuid, Tokens>, id| tokens.get(&id).copied().unwrap_or_default();
        let described = rows.into_iter().map(|row| {
            let (refresh, access) = (of(&refresh, row.id), of(&access, row.id));
            let used_at = Ord::max(Some(row.created_at), Ord::max(refresh.newest, access.newest));
            Ok(GrantRow {
                client_name: clients.get(&row.client_id).unwrap_or(&row.client_id).clone(),
                username: row.account_id.and_then(|account| users.get(&account).cloned()),
                created_at: Timestamp(row.created_at),
                used_at: Timestamp(used_at.unwrap_or_default()),
                ends_at: Timestamp(row.expires_at),
                refresh_tokens: refresh.live,
                access_tokens: access.live,
                grant: read_grant(row)?,
            })
        });
        described.collect()
    }

    async fn refresh_tokens_of(&self, grants: &[Uuid]) -> Result<HashMap<Uuid, Tokens>, Error> {
        use refresh_token::Column as C;
        let is_good = C::ConsumedAt.is_null().and(C::ExpiresAt.gt(self.now().0));
        let query = refresh_token::Entity::find()
            .select_only()
            .column(C::GrantId)
            .column_as(C::CreatedAt.max(), "newest")
            .column_as(number_of(is_good), "live")
            .filter(C::GrantId.is_in(grants.iter().copied()))
            .group_by(C::GrantId);
        Ok(by_grant(query.into_tuple().all(self.store.read()).await?))
    }

    async fn access_tokens_of(&self, grants: &[Uuid]) -> Result<HashMap<Uuid, Tokens>, Error> {
        use access_token::Column as C;
        let lowest = Expr::col((grants::Entity, grants::Column::Generation));
        let is_good = C::ExpiresAt.gt(self.now().0).and(Expr::col((access_token::Entity, C::Generation)).gte(lowest));
        let query = access_token::Entity::find()
            .select_only()
            .column(C::GrantId)
            .column_as(C::CreatedAt.max(), "newest")
            .column_as(number_of(is_good), "live")
            .inner_join(grants::Entity)
            .filter(C::GrantId.is_in(grants.iter().copied()))
            .group_by(C::GrantId);
        Ok(by_grant(query.into_tuple().all(self.store.read()).await?))
    }
}

/// The number of rows of a group for which something is true.
fn number_of(is_true: SimpleExpr) -> SimpleExpr {
    SimpleExpr::Case(Box::new(Expr::case(is_true, 1))).count()
}

fn by_grant(rows: Vec<(Uuid, Option<i64>, i64)>) -> HashMap<Uuid, Tokens> {
    let tokens = |(grant, newest, live): (_, _, i64)| (grant, Tokens { newest, live: live.unsigned_abs() });
    rows.into_iter().map(tokens).collect()
}
