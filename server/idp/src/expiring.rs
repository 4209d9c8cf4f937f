//! Secrets that end soon, or ended a while ago: whoever uses one is about to be refused.

use oauth::id::{ClientId, ResourceId};
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::Idp;
use crate::entity::{client, client_secret, resource, resource_secret};
use crate::error::Error;

/// Seconds before its end from which a secret is named.
const SOON: i64 = 30 * 86_400;

/// Seconds after its end for which it still is.
const LATELY: i64 = 7 * 86_400;

/// Secrets that are named: those that end first.
const MOST: u64 = 10;

/// Seconds since its last use within which a secret is in use.
const IN_USE: i64 = 86_400;

/// A secret that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiringSecret {
    pub name: String,
    pub owner: SecretOwner,
    /// The name of the client or resource.
    pub owner_name: String,
    pub expires_at: Timestamp,
    /// Its owner has one that lives longer.
    pub is_replaced: bool,
}

/// A secret as both tables have it: its name, its owner and their name, and its end.
type Row<Owner> = (String, Owner, String, i64);

/// `all`: the secrets of these owners, each with its end.
fn read<Owner: PartialEq>(
    rows: Vec<Row<Owner>>,
    all: &[(Owner, Option<i64>)],
    named: impl Fn(Owner) -> SecretOwner,
) -> Vec<ExpiringSecret> {
    let read = |(name, owner, owner_name, expires_at): Row<Owner>| {
        let outlives = |(of, end): &(Owner, Option<i64>)| *of == owner && end.is_none_or(|end| end > expires_at);
        let is_replaced = all.iter().any(outlives);
        ExpiringSecret { name, owner: named(owner), owner_name, expires_at: Timestamp(expires_at), is_replaced }
    };
    rows.into_iter().map(read).collect()
}

/// True for secrets of which the owner has none that lives longer, and for those that are used all the same.
fn is_needed<E: EntityTrait>(table: E, [owner, expires_at, last_used_at]: [E::Column; 3], now: Timestamp) -> Condition {
    let other = |column: E::Column| Expr::col(("other", column));
    let this = |column: E::Column| Expr::col((table, column));
    let later = Query::select()
        .expr(Expr::value(1))
        .from_as(table, "other")
        .and_where(other(owner).eq(this(owner)))
        .cond_where(Condition::any().add(other(expires_at).is_null()).add(other(expires_at).gt(this(expires_at))))
        .take();
    let is_used = this(last_used_at).gt(now.0 - IN_USE).and(this(expires_at).gt(now.0));
    Condition::any().add(Expr::exists(later).not()).add(is_used)
}

/// Whoever has a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretOwner {
    Client(ClientId),
    Resource(ResourceId),
}

impl Idp {
    /// The first secrets that end within 30 days or ended in the last 7, of clients and resources, in the order of their ends; at most 10.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn expiring_secrets(&self) -> Result<Vec<ExpiringSecret>, Error> {
        self.find_expiring(false).await
    }

    /// The same of those whose owner is at work and has none that lives longer, or uses them all the same.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn needed_secrets(&self) -> Result<Vec<ExpiringSecret>, Error> {
        self.find_expiring(true).await
    }

    async fn find_expiring(&self, needed: bool) -> Result<Vec<ExpiringSecret>, Error> {
        let (clients, resources) =
            tokio::try_join!(self.expiring_of_clients(needed), self.expiring_of_resources(needed))?;
        let mut secrets: Vec<_> = clients.into_iter().chain(resources).collect();
        secrets.sort_by_key(|secret| secret.expires_at);
        secrets.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        Ok(secrets)
    }

    /// The ends of secrets that are named.
    fn ends(&self) -> (i64, i64) {
        (self.now().plus(-LATELY).0, self.now().plus(SOON).0)
    }

    async fn expiring_of_clients(&self, needed: bool) -> Result<Vec<ExpiringSecret>, Error> {
        use client_secret::Column as C;
        let (since, until) = self.ends();
        let at_work = || {
            let needed = is_needed(client_secret::Entity, [C::ClientId, C::ExpiresAt, C::LastUsedAt], self.now());
            Condition::all().add(needed).add(client::Column::Enabled.eq(true))
        };
        let db = self.store.read();
        let rows: Vec<Row<String>> = client_secret::Entity::find()
            .select_only()
            .columns([C::Name, C::ClientId])
            .column(client::Column::ClientName)
            .column(C::ExpiresAt)
            .inner_join(client::Entity)
            .filter(C::ExpiresAt.between(since, until))
            .filter(Condition::all().add_option(needed.then(at_work)))
            .order_by_asc(C::ExpiresAt)
            .limit(MOST)
            .into_tuple()
            .all(db)
            .await?;
        let owners = rows.iter().map(|row| row.1.as_str());
        let all = client_secret::Entity::find().select_only().columns([C::ClientId, C::ExpiresAt]);
        let all = all.filter(C::ClientId.is_in(owners)).into_tuple().all(db).await?;
        Ok(read(rows, &all, |id| SecretOwner::Client(ClientId::new(id))))
    }

    async fn expiring_of_resources(&self, needed: bool) -> Result<Vec<ExpiringSecret>, Error> {
        use resource_secret::Column as C;
        let (since, until) = self.ends();
        let columns = [C::ResourceId, C::ExpiresAt, C::LastUsedAt];
        let of_use = || is_needed(resource_secret::Entity, columns, self.now());
        let db = self.store.read();
        let rows: Vec<Row<Uuid>> = resource_secret::Entity::find()
            .select_only()
            .columns([C::Name, C::ResourceId])
            .column(resource::Column::Name)
            .column(C::ExpiresAt)
            .inner_join(resource::Entity)
            .filter(C::ExpiresAt.between(since, until))
            .filter(Condition::all().add_option(needed.then(of_use)))
            .order_by_asc(C::ExpiresAt)
            .limit(MOST)
            .into_tuple()
            .all(db)
            .await?;
        let owners = rows.iter().map(|row| row.1);
        let all = resource_secret::Entity::find().select_only().columns([C::ResourceId, C::ExpiresAt]);
        let all = all.filter(C::ResourceId.is_in(owners)).into_tuple().all(db).await?;
        Ok(read(rows, &all, |id| SecretOwner::Resource(ResourceId::new(id.to_string()))))
    }
}
