//! Trusts: looked up when an assertion comes or is asked for, kept by administrators.

mod edit;
mod keys;
mod links;
mod list;

use std::sync::Arc;

use oauth::id::TrustId;
use oauth::time::Timestamp;
use oauth::trust::{MOST_TRUSTS, Trust, TrustKind, TrustRole};
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

pub(crate) use keys::IssuerAddresses;
pub use links::LinkRow;
pub(crate) use links::write_found;
pub use list::TrustRow;

use crate::Idp;
use crate::audit::Actor;
use crate::entity::trust;
use crate::error::Error;
use crate::jose::ForeignKeys;

/// A trust as administrators see it.
#[derive(Debug, Clone)]
pub struct TrustRecord {
    pub trust: Trust,
    /// Goes up with every change; a form sends back the one it was made from.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A trust that is on, as it was read.
#[derive(Debug)]
pub(crate) struct KnownTrust {
    pub(crate) trust: Trust,
    /// The keys of its issuer that an administrator gave, parsed.
    keys: Option<ForeignKeys>,
    version: i64,
}

impl std::ops::Deref for KnownTrust {
    type Target = Trust;

    fn deref(&self) -> &Trust {
        &self.trust
    }
}

/// The trusts that are on.
pub(crate) type Trusts = Arc<Vec<Arc<KnownTrust>>>;

/// A trust as it was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JudgedTrust {
    id: Uuid,
    version: i64,
}

impl JudgedTrust {
    pub(crate) fn of(trust: &KnownTrust) -> Result<Self, Error> {
        Ok(Self { id: row_id(&trust.id)?, version: trust.version })
    }

    /// Makes sure, until the commit, that the trust is on and as it was judged. To be called before an account is locked. SQLite
    /// needs no lock: it has one writer.
    pub(crate) async fn hold(self, tx: &DatabaseTransaction) -> Result<bool, Error> {
        let query = trust::Entity::find_by_id(self.id)
            .filter(trust::Column::Version.eq(self.version))
            .filter(trust::Column::Enabled.eq(true))
            .select_only()
            .column(trust::Column::Id);
        let query = if tx.get_database_backend() == DbBackend::Sqlite { query } else { query.lock_shared() };
        Ok(query.into_tuple::<Uuid>().one(tx).await?.is_some())
    }
}

impl Idp {
    /// The trusts that are on.
    pub(crate) async fn trusts(&self) -> Result<Trusts, Error> {
        self.catalog.trusts.get(&(), self.load_trusts()).await
    }

    async fn load_trusts(&self) -> Result<Trusts, Error> {
        let rows = trust::Entity::find()
            .filter(trust::Column::Enabled.eq(true))
            .limit(MOST_TRUSTS as u64)
            .all(self.store.read())
            .await?;
        let read = |row: &trust::Model| {
            let trust = read_trust(row)?;
            let keys = trust.keys().and_then(|keys| keys.jwks.as_ref()).map(ForeignKeys::parse);
            Ok(Arc::new(KnownTrust { trust, keys, version: row.version }))
        };
        Ok(Arc::new(rows.iter().map(read).collect::<Result<Vec<_>, Error>>()?))
    }

    /// The trust of this kind in this issuer, if it is on.
    pub(crate) async fn find_trust(&self, kind: TrustKind, issuer: &str) -> Result<Option<Arc<KnownTrust>>, Error> {
        let trusts = self.trusts().await?;
        Ok(trusts.iter().find(|trust| trust.kind() == kind && trust.issuer == issuer).cloned())
    }

    /// The trust of this stamp, if it is on.
    pub(crate) async fn find_stamped(&self, stamp: &TrustId) -> Result<Option<Arc<KnownTrust>>, Error> {
        Ok(self.trusts().await?.iter().find(|trust| trust.stamp == *stamp).cloned())
    }

    /// The kinds of trusts that are on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn trusted_kinds(&self) -> Result<Vec<TrustKind>, Error> {
        Ok(self.trusts().await?.iter().map(|trust| trust.kind()).collect())
    }
}

fn read_trust(row: &trust::Model) -> Result<Trust, Error> {
    Trust::from_document(&row.document).map_err(Error::internal)
}

/// Takes a client that is deleted out of the trusts that name it, so that the next one of its name inherits nothing. A trust that
/// is about nobody else is switched off.
pub(crate) async fn forget_client(
    tx: &DatabaseTransaction,
    actor: &Actor,
    client: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let named = trust::Column::Document.contains(json!(client).to_string());
    for row in trust::Entity::find().filter(named).all(tx).await? {
        let before = read_trust(&row)?;
        let mut after = before.clone();
        let left = match &mut after.role {
            TrustRole::IdentityProvider { .. } => continue,
            TrustRole::WorkloadIssuer { rules, .. } => {
                rules.retain(|rule| rule.client_id.as_str() != client);
                rules.len()
            }
            TrustRole::AuthorizationServer { clients, .. } => {
                clients.retain(|there| there.client_id.as_str() != client);
                clients.len()
            }
        };
        after.enabled &= left > 0;
        if after != before {
            edit::replace(tx, actor, &row, &before, &after, now).await?;
        }
    }
    Ok(())
}

/// The key of a row; nothing is called by what is no UUID.
pub(crate) fn row_id(id: &TrustId) -> Result<Uuid, Error> {
    Uuid::parse_str(id.as_str()).map_err(|_| Error::NotFound)
}
