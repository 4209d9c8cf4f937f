//! A cache of what nearly every request needs and administrators seldom change: clients with their secrets, scopes, users. It is
//! bounded, and dropped after every commit that changes one of them: here at once, on other nodes when they see the new revision.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::sync::Cache;
use oauth::client::{Client, ClientAuthMethod, ClientSecret};
use oauth::id::{ClientId, Subject};
use oauth::scope::ScopeDefinition;
use oauth::user::User;
use tokio::sync::OnceCell;

use crate::documents::HostRules;
use crate::error::Error;
use crate::jose::ForeignKeys;
use crate::registrations::RegistrationRules;
use crate::resources::KnownResources;
use crate::trusts::Trusts;

/// The scopes of this server, in the order of their names.
pub type Scopes = Arc<Vec<ScopeDefinition>>;

/// A client and what proves it, as they were read.
#[derive(Debug)]
pub struct RegisteredClient {
    pub(crate) client: Arc<Client>,
    pub(crate) secrets: Vec<ClientSecret>,
    /// The keys that it gave with its registration, parsed.
    pub(crate) keys: Option<ForeignKeys>,
    /// Tells this state of both from later ones.
    pub(crate) stamp: i64,
}

impl RegisteredClient {
    pub(crate) fn new(client: Arc<Client>, secrets: Vec<ClientSecret>, stamp: i64) -> Self {
        let keys = client.jwks.as_ref().map(ForeignKeys::parse);
        Self { client, secrets, keys, stamp }
    }
}

/// The find under a client ID.
#[derive(Debug, Clone)]
pub(crate) enum LookedUp {
    Enabled(Arc<RegisteredClient>),
    /// It is refused as if it were not there.
    Disabled,
    Nothing,
}

impl std::ops::Deref for RegisteredClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// The time that an entry is believed without a look, should a notice of its change have been lost.
const TIME_TO_LIVE: Duration = Duration::from_secs(30);

/// The caches.
#[derive(Debug)]
pub(crate) struct Catalog {
    pub(crate) clients: Cached<ClientId, LookedUp>,
    pub(crate) users: Cached<Subject, Option<Arc<User>>>,
    pub(crate) scopes: Cached<(), Scopes>,
    pub(crate) resources: Cached<(), Arc<KnownResources>>,
    pub(crate) trusts: Cached<(), Trusts>,
    pub(crate) origins: Cached<(), Arc<HashSet<String>>>,
    pub(crate) host_rules: Cached<(), Arc<HostRules>>,
    pub(crate) registration: Cached<(), Arc<RegistrationRules>>,
    /// The resources that were looked for.
    pub(crate) looked: RecentLooks,
    pub(crate) used: Recent<ClientId>,
    pub(crate) used_secrets: Recent<([u8; 32], ClientAuthMethod)>,
}

impl Catalog {
    pub(crate) fn new() -> Self {
        Self {
            clients: Cached::new(10_000),
            users: Cached::new(50_000),
            scopes: Cached::new(1),
            resources: Cached::new(1),
            trusts: Cached::new(1),
            origins: Cached::new(1),
            host_rules: Cached::new(1),
            registration: Cached::new(1),
            looked: RecentLooks::new(),
            used: Recent::new(),
            used_secrets: Recent::new(),
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.clients.clear();
        self.users.clear();
        self.scopes.clear();
        self.resources.clear();
        self.trusts.clear();
        self.origins.clear();
        self.host_rules.clear();
        self.registration.clear();
    }
}

/// One cache. A value that was read before a change and arrives after it is not kept: the epoch tells.
pub(crate) struct Cached<K, V> {
    entries: Cache<K, V>,
    epoch: AtomicU64,
}

impl<K, V> Cached<K, V>
where
    K: std::hash::Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn new(capacity: u64) -> Self {
        let entries = Cache::builder().max_capacity(capacity).time_to_live(TIME_TO_LIVE).build();
        Self { entries, epoch: AtomicU64::new(0) }
    }

    /// The value of `key`, loaded when it is not known.
    pub(crate) async fn get(&self, key: &K, load: impl Future<Output = Result<V, Error>>) -> Result<V, Error> {
        if let Some(value) = self.entries.get(key) {
            return Ok(value);
        }
        let epoch = self.epoch.load(Ordering::Acquire);
        let value = load.await?;
        if self.epoch.load(Ordering::Acquire) == epoch {
            self.entries.insert(key.clone(), value.clone());
            // A change between the check and the insert is caught by looking again.
            if self.epoch.load(Ordering::Acquire) != epoch {
                self.entries.invalidate(key);
            }
        }
        Ok(value)
    }

    /// Forgets one value.
    pub(crate) fn forget(&self, key: &K) {
        self.entries.invalidate(key);
    }

    fn clear(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.entries.invalidate_all();
    }
}

impl<K, V> std::fmt::Debug for Cached<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cached(…)")
    }
}

/// The looks of the last minute, by what was looked for. Of those who come at once one looks, and the others wait for the end of it.
pub(crate) struct RecentLooks(Cache<String, Arc<OnceCell<()>>>);

impl RecentLooks {
    fn new() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(60)).build())
    }

    /// The look for `key`: done, under way, or to be done.
    pub(crate) fn get(&self, key: &str) -> Arc<OnceCell<()>> {
        self.0.entry_by_ref(key).or_default().into_value()
    }
}

impl std::fmt::Debug for RecentLooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecentLooks(…)")
    }
}

/// The keys that were used within the last minute.
pub(crate) struct Recent<K>(Cache<K, ()>);

impl<K: std::hash::Hash + Eq + Clone + Send + Sync + 'static> Recent<K> {
    fn new() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(60)).build())
    }

    /// False: it was there.
    pub(crate) fn insert_new(&self, key: &K) -> bool {
        self.0.entry_by_ref(key).or_insert(()).is_fresh()
    }
}

impl<K> std::fmt::Debug for Recent<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recent(…)")
    }
}
