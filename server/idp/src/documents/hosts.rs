//! The hosts whose clients may come with a document: rules that are stored, versioned and audited.

use std::sync::Arc;

use oauth::id::ClientId;
use oauth::registration::{ClientUrl, HostPolicy, HostPolicyDraft, HostVerdict, check_host};
use oauth::time::Timestamp;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait as _, QueryFilter as _, QuerySelect as _};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::audit::{self, Actor, Change};
use crate::entity::{client_document, grants, setting};
use crate::error::Error;
use crate::grants::revoke_grants;
use crate::save::SaveError;
use crate::{Idp, settings};

/// The setting that holds the rules.
const RULES: &str = "client_hosts";

/// The setting that holds the hosts that people asked for.
const ASKED: &str = "client_hosts_asked";

/// Hosts that wait for an administrator.
const MOST_ASKED: usize = 50;

/// The number of times that a host is put on a list while others change the lists.
const TRIES: u32 = 3;

/// Seconds after which a host that is asked for again is noted again.
const NOTED: i64 = 3_600;

/// The rules for hosts, as they are stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRules {
    pub version: i64,
    pub policy: HostPolicy,
}

/// A host that somebody who is signed in wanted to use, and that waits for an administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedHost {
    pub host: String,
    pub client_id: ClientId,
    /// In seconds since 1970.
    pub asked_at: i64,
}

impl Idp {
    /// The rules now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn host_rules(&self) -> Result<Arc<HostRules>, Error> {
        self.catalog
            .host_rules
            .get(&(), async { Ok(Arc::new(read_rules(settings::find(self.store.read(), RULES).await?)?)) })
            .await
    }

    /// Changes the rules. `version` is the one that the change was made from; `None` changes whatever is there. What clients of a host
    /// hold is revoked if it is blocked now, or not among the only ones that may come. Returns how many live grants that were.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn save_host_rules(
        &self,
        actor: &Actor,
        draft: &HostPolicyDraft,
        version: Option<i64>,
    ) -> Result<u64, SaveError> {
        let policy = draft.check()?;
        self.change_host_rules(actor.clone(), version, move |_| policy).await
    }

    /// Puts a host on one of the lists, and takes it off the other. Returns as [`Idp::save_host_rules`].
    ///
    /// # Errors
    /// See [`SaveError`]; what is not one host is a problem of the field `host`.
    pub async fn list_host(&self, actor: &Actor, host: &str, allow: bool) -> Result<u64, SaveError> {
        let host = check_host(host.trim()).map_err(|problem| SaveError::field("host", problem))?;
        let change = move |mut policy: HostPolicy| {
            let (to, from) = if allow {
                (&mut policy.allowed, &mut policy.blocked)
            } else {
                (&mut policy.blocked, &mut policy.allowed)
            };
            from.remove(&host);
            to.insert(host.clone());
            policy
        };
        // Another change at the same moment says nothing about this one.
        for _ in 1..TRIES {
            match self.change_host_rules(actor.clone(), None, change.clone()).await {
                Err(SaveError::Stale) => {}
                other => return other,
            }
        }
        self.change_host_rules(actor.clone(), None, change).await
    }

    async fn change_host_rules(
        &self,
        actor: Actor,
        version: Option<i64>,
        change: impl FnOnce(HostPolicy) -> HostPolicy + Clone + Send + Sync + 'static,
    ) -> Result<u64, SaveError> {
        let now = self.now();
        let written = self.store.write(move |tx| {
            let (actor, change) = (actor.clone(), change.clone());
            Box::pin(async move { write_rules(tx, actor, version, change, now).await })
        });
        Ok(self.after_change(written.await)?)
    }

    /// The hosts that people asked for and that are not allowed yet, the newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn asked_hosts(&self) -> Result<Vec<AskedHost>, Error> {
        let rules = self.host_rules().await?;
        let mut asked = read_asked(settings::find(self.store.read(), ASKED).await?);
        asked
            .retain(|asked| !rules.policy.allowed.contains(&asked.host) && !rules.policy.blocked.contains(&asked.host));
        Ok(asked)
    }

    /// Puts the host of a client before the administrators. Somebody who is signed in asks for it.
    pub async fn ask_for_host(&self, client_id: &ClientId) {
        let Ok(url) = ClientUrl::parse(client_id.as_str()) else { return };
        let now = self.now();
        let host = url.host().to_owned();
        if self.documents.asked.get(&host).is_some_and(|at| now < at.plus(NOTED)) {
            return;
        }
        self.documents.asked.insert(host.clone(), now);
        let asked = AskedHost { host, client_id: client_id.clone(), asked_at: now.0 };
        let noted = self.store.write(move |tx| {
            let asked = asked.clone();
            Box::pin(async move { note_asked(tx, asked).await })
        });
        if let Err(error) = noted.await {
            tracing::warn!(?error, "a host that somebody asked for was not noted");
        }
    }
}

/// True while the client may come by the rules for its host, which stay as they are until the commit. To be asked before anything
/// else is locked.
pub(crate) async fn hold_host(tx: &DatabaseTransaction, client_id: &ClientId) -> Result<bool, Error> {
    let find = || setting::Entity::find_by_id(RULES.to_owned()).lock_shared();
    let row = match find().one(tx).await? {
        Some(row) => Some(row),
        None => {
            // What is not there cannot be locked, and somebody may be writing the first rules.
            settings::ensure(tx, RULES, &write(&HostRules::default())?).await?;
            find().one(tx).await?
        }
    };
    let rules = read_rules(row.map(|row| row.value))?;
    let url = ClientUrl::parse(client_id.as_str()).map_err(Error::internal)?;
    Ok(rules.policy.judge(url.host()) == HostVerdict::Allowed)
}

async fn write_rules(
    tx: &DatabaseTransaction,
    actor: Actor,
    version: Option<i64>,
    change: impl FnOnce(HostPolicy) -> HostPolicy,
    now: Timestamp,
) -> Result<u64, Error> {
    let stored = settings::find(tx, RULES).await?;
    let before = read_rules(stored.clone())?;
    if version.is_some_and(|version| version != before.version) {
        return Err(Error::Stale);
    }
    let after = HostRules { version: before.version + 1, policy: change(before.policy.clone()) };
    let text = write(&after)?;
    let written = match stored {
        Some(stored) => settings::replace(tx, RULES, &stored, &text).await?,
        None => settings::put_first(tx, RULES, &text).await?,
    };
    if !written {
        return Err(Error::Stale);
    }
    let is_shut = |policy: &HostPolicy, host: &str| policy.judge(host).is_shut();
    let newly_shut = |host: &str| !is_shut(&before.policy, host) && is_shut(&after.policy, host);
    let kept: Vec<(String, String)> = client_document::Entity::find()
        .select_only()
        .column(client_document::Column::ClientId)
        .column(client_document::Column::Host)
        .into_tuple()
        .all(tx)
        .await?;
    let shut: Vec<String> = kept.into_iter().filter(|(_, host)| newly_shut(host)).map(|(id, _)| id).collect();
    let mut ended = 0;
    for clients in shut.chunks(500) {
        let theirs = grants::Column::ClientId.is_in(clients.iter().cloned());
        let live = grants::Column::RevokedAt.is_null().and(grants::Column::ExpiresAt.gt(now.0));
        ended += grants::Entity::find().filter(theirs.clone()).filter(live).count(tx).await?;
        revoke_grants(tx, theirs, now).await?;
    }
    let change = Change {
        actor,
        action: "client_hosts.update",
        target: RULES.to_owned(),
        before: Some(json!(before.policy)),
        after: Some(json!(after.policy)),
    };
    audit::append_version(tx, change, after.version, now).await?;
    Ok(ended)
}

async fn note_asked(tx: &DatabaseTransaction, asked: AskedHost) -> Result<(), Error> {
    settings::lock(tx, super::LOCK).await?;
    let mut all = read_asked(settings::find(tx, ASKED).await?);
    all.retain(|other| other.host != asked.host);
    all.insert(0, asked);
    all.truncate(MOST_ASKED);
    settings::put(tx, ASKED, &serde_json::to_string(&all).map_err(Error::internal)?).await
}

fn write(rules: &HostRules) -> Result<String, Error> {
    serde_json::to_string(rules).map_err(Error::internal)
}

fn read_rules(stored: Option<String>) -> Result<HostRules, Error> {
    stored.map_or_else(|| Ok(HostRules::default()), |stored| serde_json::from_str(&stored).map_err(Error::internal))
}

/// A notice that cannot be read is none.
fn read_asked(stored: Option<String>) -> Vec<AskedHost> {
    stored.and_then(|stored| serde_json::from_str(&stored).ok()).unwrap_or_default()
}
