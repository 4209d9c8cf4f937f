//! Opening the provider: what serves may make what is missing; a command that looks at an installation, or changes one, finds it
//! there or refuses.

use idp::clock::Clock;
use idp::store::{ConnectError, Store};
use idp::{AppSecret, Idp, Options, Seed};

use crate::config::Config;
use crate::safeguards;

/// Reason why the server, or a command, does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("DATABASE_URL: {0}")]
    Database(String),
    #[error("DATABASE_URL: {what}; this command is for a server that is there: run it {advice}")]
    NothingThere { what: String, advice: &'static str },
    #[error(
        "DATABASE_URL: the database has the schema of an older version, and this command changes no schema: run `signet migrate` \
         first, or the `signet` of the version that serves"
    )]
    Older,
    #[error(
        "the server is not set up: it has no admin token to replace; open /setup, or start it once with ADMIN_TOKEN"
    )]
    NotSetUp,
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    NothingKept(String),
    #[error("there is no key with the ID “{0}”; `signet keys list` shows those that there are")]
    NoSuchKey(String),
    #[error(
        "the admin token was replaced by somebody else at the same moment, and theirs counts; run this again if it was not you"
    )]
    ResetByOther,
    #[error(
        "DATABASE_URL names the database of a seed server: name another one, for example sqlite:///signet.db, and run \
         `signet import seed FILE`, which reads this one and leaves it as it is"
    )]
    OfSeed,
    #[error("the database cannot be brought to the schema of this version: {0}")]
    Migrate(String),
    #[error("APP_SECRET: {0}")]
    AppSecret(String),
    #[error("LISTEN_ADDR: cannot listen on {address}: {error}")]
    Listen { address: std::net::SocketAddr, error: std::io::Error },
    #[error("METRICS_ADDR: cannot listen on {address}: {error}")]
    ListenForMetrics { address: std::net::SocketAddr, error: std::io::Error },
    #[error("the record of changes was tampered with: {0}")]
    Audit(idp::AuditFault),
    #[error("{0}")]
    Config(#[from] crate::config::ConfigError),
    #[error("{0}")]
    Provider(#[from] idp::Error),
    #[error("{0}")]
    Unhealthy(#[from] crate::probe::Unhealthy),
    #[error("{0}")]
    Seed(#[from] idp::SeedError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

const WHERE_IT_RUNS: &str = "in the directory and with the variables that the server runs with";

/// Makes the database if it is missing, and runs the migrations.
pub(crate) async fn migrate(config: &Config) -> Result<Store, StartError> {
    refuse_seed(config).await?;
    let store = Store::connect(config.database_url.expose(), config.database_max_connections).await?;
    migration::migrate(store.connection()).await.map_err(|error| StartError::Migrate(error.to_string()))?;
    Ok(store)
}

/// Opens the provider, and makes whatever it needs: database, schema, secret, keys, and the admin token that is configured.
pub(crate) async fn make(config: &Config) -> Result<Idp, StartError> {
    let store = migrate(config).await?;
    let app_secret = match given_secret(config)? {
        Some(secret) => secret,
        None => {
            let path = store.secret_path();
            tracing::warn!(file = %path.display(), "APP_SECRET is not set: using the secret in this file; set APP_SECRET in production");
            AppSecret::load_or_create(&path).map_err(|error| StartError::AppSecret(error.to_string()))?.0
        }
    };
    safeguards::files(&store, config).iter().for_each(|warning| tracing::warn!("{warning}"));
    let idp = Idp::open(store, Clock::system(), options(config, app_secret)).await?;
    if let Some(token) = &config.admin_token {
        if token.expose().len() < 32 {
            tracing::warn!("ADMIN_TOKEN is shorter than 32 bytes: it may be guessed");
        }
        idp.set_up(Some(token)).await?;
    }
    Ok(idp)
}

/// Opens the provider as it is. Nothing is made, and nothing is changed.
///
/// # Errors
/// When there is no database, it holds nothing of Signet, or its schema is that of another version.
pub(crate) async fn as_it_is(config: &Config) -> Result<Idp, StartError> {
    refuse_seed(config).await?;
    let store = Store::connect_existing(config.database_url.expose(), config.database_max_connections).await?;
    let opened = open_store(config, store.clone()).await;
    if opened.is_err() {
        // A connection that is only dropped may leave the journal of SQLite behind.
        store.close().await;
    }
    opened
}

async fn open_store(config: &Config, store: Store) -> Result<Idp, StartError> {
    match migration::find_schema(store.connection()).await.map_err(|error| StartError::Migrate(error.to_string()))? {
        migration::Schema::Current => {}
        migration::Schema::Older => return Err(StartError::Older),
        migration::Schema::None => {
            let what = format!("the database {} holds nothing of Signet", store.describe());
            return Err(StartError::NothingThere { what, advice: WHERE_IT_RUNS });
        }
    }
    let app_secret = match given_secret(config)? {
        Some(secret) => secret,
        None => AppSecret::load(&store.secret_path()).map_err(|error| StartError::AppSecret(error.to_string()))?,
    };
    Ok(Idp::open_as_it_is(store, Clock::system(), options(config, app_secret)).await?)
}

/// Opens a provider that goes with the process, on an empty database of its own.
pub(crate) async fn in_memory(config: &Config) -> Result<Idp, StartError> {
    let store = Store::connect("sqlite::memory:", config.database_max_connections).await?;
    migration::migrate(store.connection()).await.map_err(|error| StartError::Migrate(error.to_string()))?;
    let app_secret =
        AppSecret::parse(&idp::random::token()).map_err(|error| StartError::AppSecret(error.to_string()))?;
    Ok(Idp::open_as_it_is(store, Clock::system(), options(config, app_secret)).await?)
}

async fn refuse_seed(config: &Config) -> Result<(), StartError> {
    if Seed::is_at(config.database_url.expose()).await { Err(StartError::OfSeed) } else { Ok(()) }
}

fn given_secret(config: &Config) -> Result<Option<AppSecret>, StartError> {
    let parse = |secret: &oauth::secret::Secret| AppSecret::parse(secret.expose());
    config.app_secret.as_ref().map(parse).transpose().map_err(|error| StartError::AppSecret(error.to_string()))
}

fn options(config: &Config, app_secret: AppSecret) -> Options {
    Options {
        issuer: config.issuer.clone(),
        app_secret,
        tunables: config.tunables.clone(),
        outbound: config.outbound.clone(),
    }
}

impl From<ConnectError> for StartError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::NothingThere(what) => Self::NothingThere { what, advice: WHERE_IT_RUNS },
            error => Self::Database(error.to_string()),
        }
    }
}
