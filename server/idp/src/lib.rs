//! The identity provider: everything that stores, caches, hashes, signs or draws randomness. [`Idp`] is its one door; what goes
//! in and comes out are the types of `oauth`.

pub mod activity;
mod admin_sessions;
mod admin_token;
mod app_secret;
mod audit;
mod batch;
mod catalog;
mod catch_up;
mod certificate;
mod chores;
mod client_defaults;
mod clients;
pub mod clock;
mod consents;
mod documents;
mod entity;
mod error;
mod expiring;
mod grants;
mod handover;
mod health;
mod history;
mod import;
mod jose;
mod jwk_sets;
mod keyring;
mod keys;
mod listing;
mod logos;
mod logouts;
mod network;
pub mod outbound;
mod page;
mod pairwise;
mod password;
mod possession;
pub mod random;
mod recycle;
mod registrations;
pub mod request_id;
mod requests;
mod resources;
mod save;
mod scopes;
mod search;
mod sessions;
mod settings;
mod setup;
pub mod store;
mod sweep;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod throttle;
mod trusts;
mod turns;
mod users;
mod watch;

use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use oauth::activity::Volume;
use oauth::certificate::HandedOn;
use oauth::id::{Hosts, Issuer};
use oauth::seal::Seal;
use oauth::time::Timestamp;

pub use admin_sessions::ADMIN_SESSION_LIFETIME;
pub use admin_token::{AdminTokenError, MAX_ADMIN_TOKEN, MIN_ADMIN_TOKEN, parse_admin_token};
pub use app_secret::AppSecret;
pub use audit::{Actor, AuditFault, AuditHead, AuditReport};
pub use catalog::{RegisteredClient, Scopes};
pub use certificate::read_certificate;
pub use client_defaults::ClientDefaults;
pub use clients::{
    ClientChange, ClientRecord, ClientRow, ConsentPolicyRow, DEVELOPMENT_TIME, SecretRow, UnknownScopes,
};
pub use consents::{ClientConsentRow, ConsentRecord, TakenBack, TakenBackError};
pub use documents::{AskedHost, ClientDocument, DocumentRow, HostRules, VisitError, Visitor};
pub use error::Error;
pub use expiring::{ExpiringSecret, SecretOwner};
pub use grants::ciba::BackchannelQuestion;
pub use grants::device::DeviceQuestion;
pub use grants::{Answered, Issued};
pub use grants::{Caller, ChosenGrants, GrantFilter, GrantRow, Replay, TokenUse, Trial, TrialRequest};
pub use handover::HANDOVER_LIFETIME;
pub use history::{Recordable, Recorded, Reversal, Side, State, Target};
pub use import::{ImportReport, Kind, Outcome, Seed, SeedError};
pub use keyring::{EncryptionKeyInfo, KeyInfo, Keyring};
pub use keys::encryption::ENCRYPTION_KEY_RETIRING;
pub use keys::{KEY_RETIRING, KEY_SETTLING};
pub use listing::Part;
pub use logos::Logo;
pub use logouts::{Delivery, LogoutRow};
pub use network::Network;
pub use oauth::jose::KeyState;
pub use page::{MOST_LISTED, Page, PageRequest, Stretch};
pub use recycle::{BinEntry, BinKind};
pub use registrations::{InitialToken, RegisterError, Registered, RegistrationRules};
pub use requests::Envelope;
pub use resources::{Discovery, KnownResources, ResourceRecord, ResourceRow, ResourceSecretRow};
pub use save::SaveError;
pub use scopes::{ScopeRecord, ScopeUsage};
pub use sessions::{ChosenSessions, MAX_SESSIONS, SESSION_LIFETIME, SessionRow, SessionsOf, SignIn};
pub use setup::FirstSteps;
pub use sweep::LEAST_FULL_BATCH;
pub use throttle::Admission;
pub use trusts::{LinkRow, TrustRecord, TrustRow};
pub use users::{UserChange, UserRecord, UserRow};

use activity::{Activity, Live};
use catalog::Catalog;
use chores::FailedChores;
use clock::Clock;
use grants::together::{self, Lookups, OwnGrants};
use health::LastHealth;
use jwk_sets::JwkSets;
use logos::Logos;
use outbound::{Outbound, OutboundOptions};
use resources::discover::Looks;
use sessions::Seen;
use store::Store;
use throttle::Guesses;
use trusts::IssuerAddresses;
use turns::Turns;

/// The operator's settings of the provider.
#[derive(Debug)]
pub struct Options {
    pub issuer: Issuer,
    pub app_secret: AppSecret,
    pub tunables: Tunables,
    pub outbound: OutboundOptions,
}

/// The settings of the provider that have a default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tunables {
    /// Seconds an authorization code is good for.
    pub code_lifetime: i64,
    /// Seconds a key signs before the next one does; `None`: until somebody rotates it.
    pub key_rotation: Option<i64>,
    /// Seconds an audit event is kept; `None`: for ever.
    pub audit_retention: Option<i64>,
    /// The activity that is kept.
    pub activity: Volume,
    /// Seconds that an event of it is kept; `None`: for ever. Changes stay.
    pub activity_retention: Option<i64>,
    /// Seconds that deleted clients, users and scopes can be restored; 0: not at all.
    pub bin_retention: i64,
    /// Clients may have tokens of the authorization endpoint, with the security profile `legacy`.
    pub legacy_response_types: bool,
    /// The certificates of clients that a proxy hands on.
    pub certificates: HandedOn,
    /// The address at which it asks for them, if that is another one.
    pub mtls_url: Option<Issuer>,
}

impl Default for Tunables {
    fn default() -> Self {
        Self {
            code_lifetime: 60,
            key_rotation: Some(90 * 86_400),
            audit_retention: None,
            activity: Volume::All,
            activity_retention: Some(90 * 86_400),
            bin_retention: 30 * 86_400,
            legacy_response_types: false,
            certificates: HandedOn::Nothing,
            mtls_url: None,
        }
    }
}

/// The identity provider; a handle that is cheap to clone.
#[derive(Debug, Clone)]
pub struct Idp(Arc<Provider>);

/// The parts behind the handle.
#[derive(Debug)]
pub struct Provider {
    store: Store,
    clock: Clock,
    options: Options,
    keyring: ArcSwap<Keyring>,
    catalog: Catalog,
    lookups: Lookups,
    own_grants: OwnGrants,
    set_up: OnceLock<()>,
    guesses: Guesses,
    health: LastHealth,
    failed_chores: FailedChores,
    seal: Seal,
    pairwise: Seal,
    outbound: Outbound,
    documents: documents::Memory,
    looks: Looks,
    jwk_sets: JwkSets,
    logos: Logos,
    logouts: Turns,
    pings: Turns,
    issuer_addresses: IssuerAddresses,
    activity: Activity,
    seen: Seen,
    live: Live,
}

impl std::ops::Deref for Idp {
    type Target = Provider;

    fn deref(&self) -> &Provider {
        &self.0
    }
}

impl Idp {
    /// Opens the provider on a store whose migrations have run, and creates the first signing keys.
    ///
    /// # Errors
    /// When the database does not answer, or its keys were sealed under another `APP_SECRET`.
    pub async fn open(store: Store, clock: Clock, options: Options) -> Result<Self, Error> {
        pairwise::make_key(&store, &options.app_secret).await?;
        let idp = Self::open_as_it_is(store, clock, options).await?;
        idp.create_missing_keys().await?;
        idp.create_missing_encryption_key().await?;
        Ok(idp)
    }

    /// Opens the provider on a store whose migrations have run, and changes nothing.
    ///
    /// # Errors
    /// When the database does not answer, or its keys were sealed under another `APP_SECRET`.
    pub async fn open_as_it_is(store: Store, clock: Clock, options: Options) -> Result<Self, Error> {
        let keys = keys::load(&store, clock.now()).await?;
        let encryption_keys = keys::encryption::load(&store).await?;
        let keyring = Keyring::build(&keys, &encryption_keys, &options.app_secret)?;
        let pairwise = pairwise::load_key(&store, &options.app_secret).await?;
        Ok(Self(Arc::new(Provider {
            activity: Activity::new(store.clone(), options.tunables.activity),
            live: Live::new(),
            lookups: together::lookups(&store),
            own_grants: together::own_grants(&store),
            store,
            clock,
            seal: Seal::new(options.app_secret.derive("pages that come back")),
            pairwise,
            documents: documents::Memory::new(),
            outbound: Outbound::new(&options.issuer, &options.outbound)?,
            looks: Looks::default(),
            options,
            keyring: ArcSwap::from_pointee(keyring),
            catalog: Catalog::new(),
            set_up: OnceLock::new(),
            guesses: Guesses::new(),
            health: LastHealth::default(),
            failed_chores: FailedChores::default(),
            jwk_sets: JwkSets::new(),
            logos: Logos::new(),
            logouts: Turns::default(),
            pings: Turns::default(),
            issuer_addresses: IssuerAddresses::new(),
            seen: Seen::default(),
        })))
    }

    /// The seal of what this installation lets go through a browser. All its nodes have the same.
    #[must_use]
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// The door for outgoing requests.
    #[must_use]
    pub fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.options.issuer
    }

    /// The addresses of this server.
    #[must_use]
    pub fn hosts(&self) -> Hosts<'_> {
        Hosts { issuer: self.issuer(), mtls: self.options.tunables.mtls_url.as_ref() }
    }

    /// The time, in this process.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The clock of this process.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Seconds an authorization code is good for.
    #[must_use]
    pub fn code_lifetime(&self) -> i64 {
        self.options.tunables.code_lifetime
    }

    /// True when clients may have tokens of the authorization endpoint.
    #[must_use]
    pub fn legacy_response_types(&self) -> bool {
        self.options.tunables.legacy_response_types
    }

    /// The certificates of clients that a proxy hands on.
    #[must_use]
    pub fn certificates(&self) -> HandedOn {
        self.options.tunables.certificates
    }

    /// Asks the database for an answer.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        self.store.ping().await
    }

    /// Ends the connections to the database, after what was begun is committed.
    pub async fn close(&self) {
        self.flush_activity().await;
        self.write_seen().await;
        self.store.close().await;
    }

    /// Forgets what was cached, whether the change went through or not; hands on its result.
    fn after_change<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        self.catalog.clear();
        result
    }
}

/// A strong validator for bytes that are served (RFC 9110 §8.8.3).
#[must_use]
pub fn etag(bytes: &[u8]) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    format!("\"{}\"", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(bytes)))
}
