//! The two things that happen most, done for many callers at a time: looking an opaque access token up, and writing what a
//! client got for itself.

use std::collections::HashMap;

use oauth::client_auth::SingleUse;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter,
};

use crate::batch::{Batch, chunk};
use crate::clients::hold::{Judged, lock_all};
use crate::entity::{access_token, grants};
use crate::error::Error;
use crate::possession::spend;
use crate::store::Store;

/// Trips under way at once. On one core two are enough to keep it busy.
const LOOKUPS: usize = 2;
const WRITES: usize = 2;

/// A token with its grant.
pub(crate) type Found = (access_token::Model, grants::Model);

/// Lookups of opaque access tokens, by digest.
pub(crate) type Lookups = Batch<Vec<u8>, Result<Option<Found>, Error>>;

/// Grants of clients to themselves. A token that is a JWT has no row. False: the client was changed since it was judged.
pub(crate) type OwnGrants = Batch<OwnGrant, Result<bool, Error>>;

/// The rows that are written when a client gets a token for itself.
#[derive(Debug, Clone)]
pub(crate) struct OwnGrant {
    pub(crate) client: Judged,
    pub(crate) grant: grants::Model,
    pub(crate) access_token: Option<access_token::Model>,
    /// The proof of possession that is spent for it.
    pub(crate) proof: Option<SingleUse>,
}

pub(crate) fn lookups(store: &Store) -> Lookups {
    let store = store.clone();
    Batch::start(LOOKUPS, move |digests| look_up(store.clone(), digests))
}

pub(crate) fn own_grants(store: &Store) -> OwnGrants {
    let store = store.clone();
    Batch::start(WRITES, move |grants| write(store.clone(), grants))
}

async fn look_up(store: Store, digests: Vec<Vec<u8>>) -> Vec<Result<Option<Found>, Error>> {
    // As many as a power of two, so that there are few different statements.
    let more = digests.len().next_power_of_two() - digests.len();
    let asked = digests.iter().chain(std::iter::repeat_n(digests.last(), more).flatten()).cloned();
    let rows = access_token::Entity::find()
        .filter(access_token::Column::Digest.is_in(asked))
        .find_also_related(grants::Entity)
        .all(store.read())
        .await
        .map_err(Error::from);
    match rows {
        Ok(rows) => {
            let found: HashMap<_, _> =
                rows.into_iter().filter_map(|(token, grant)| Some((token.digest.clone(), (token, grant?)))).collect();
            digests.iter().map(|digest| Ok(found.get(digest).cloned())).collect()
        }
        Err(error) => digests.iter().map(|_| Err(error.repeat())).collect(),
    }
}

async fn write(store: Store, waiting: Vec<OwnGrant>) -> Vec<Result<bool, Error>> {
    match write_all(&store, waiting.clone()).await {
        Ok(written) => written.into_iter().map(Ok).collect(),
        Err(Error::Unavailable) => waiting.iter().map(|_| Err(Error::Unavailable)).collect(),
        // One of them. The others must not suffer for it.
        Err(_) => {
            let mut results = Vec::with_capacity(waiting.len());
            for one in waiting {
                results.push(write_all(&store, vec![one]).await.map(|written| written.first() == Some(&true)));
            }
            results
        }
    }
}

/// Writes what is for clients that are as they were judged; says for which.
async fn write_all(store: &Store, waiting: Vec<OwnGrant>) -> Result<Vec<bool>, Error> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let ids = waiting.iter().map(|one| one.client.client_id.clone()).collect();
                let stamps = lock_all(tx, ids).await?;
                let is_unchanged = |client: &Judged| stamps.get(&client.client_id) == Some(&client.stamp);
                let written: Vec<bool> = waiting.iter().map(|one| is_unchanged(&one.client)).collect();
                let (mut grants, mut tokens, mut proofs) = (Vec::new(), Vec::new(), Vec::new());
                for (one, _) in waiting.into_iter().zip(&written).filter(|(_, good)| **good) {
                    grants.push(one.grant);
                    tokens.extend(one.access_token);
                    proofs.extend(one.proof);
                }
                insert_all(tx, &grants).await?;
                insert_all(tx, &tokens).await?;
                for proof in proofs {
                    spend(tx, proof).await?;
                }
                Ok(written)
            })
        })
        .await
}

async fn insert_all<M, E, A>(tx: &DatabaseTransaction, mut rows: &[M]) -> Result<(), Error>
where
    M: ModelTrait<Entity = E> + IntoActiveModel<A> + Clone + Sync,
    E: EntityTrait<Model = M>,
    A: ActiveModelTrait<Entity = E> + Send,
{
    while !rows.is_empty() {
        let (now, later) = rows.split_at(chunk(rows.len()));
        E::insert_many(now.iter().cloned().map(IntoActiveModel::into_active_model)).exec_without_returning(tx).await?;
        rows = later;
    }
    Ok(())
}
