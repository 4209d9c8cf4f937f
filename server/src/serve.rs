//! Starting, serving and stopping.

use std::time::Duration;

use idp::clock::Clock;
use idp::store::Store;
use idp::{AppSecret, Idp, Options, Seed};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::connections;
use crate::router::router;
use crate::safeguards;
use crate::state::Signet;

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("DATABASE_URL: {0}")]
    Database(String),
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

/// How long requests that are under way at the end may take.
const DRAIN: Duration = Duration::from_secs(10);

/// How often rows that have expired are looked for.
const SWEEP_PERIOD: Duration = Duration::from_secs(60);

/// Runs the migrations.
pub(crate) async fn migrate(config: &Config) -> Result<Store, StartError> {
    if Seed::is_at(config.database_url.expose()).await {
        return Err(StartError::OfSeed);
    }
    let store = Store::connect(config.database_url.expose(), config.database_max_connections)
        .await
        .map_err(|error| StartError::Database(error.to_string()))?;
    migration::migrate(store.connection()).await.map_err(|error| StartError::Migrate(error.to_string()))?;
    Ok(store)
}

/// Opens the provider on a database that has the schema of this version.
pub(crate) async fn open(config: &Config) -> Result<Idp, StartError> {
    let store = migrate(config).await?;
    let app_secret = match &config.app_secret {
        Some(secret) => AppSecret::parse(secret.expose()).map_err(|error| StartError::AppSecret(error.to_string()))?,
        None => {
            let path = store.secret_path();
            tracing::warn!(file = %path.display(), "APP_SECRET is not set: using the secret in this file; set APP_SECRET in production");
            let secret = AppSecret::load_or_create(&path).map_err(|error| StartError::AppSecret(error.to_string()))?.0;
            safeguards::exposure(&path).iter().for_each(|warning| tracing::warn!("{warning}"));
            secret
        }
    };
    let options = Options {
        issuer: config.issuer.clone(),
        code_lifetime: config.code_lifetime,
        app_secret,
        key_rotation: config.key_rotation,
    };
    let idp = Idp::open(store, Clock::system(), options).await?;
    if let Some(token) = &config.admin_token {
        if token.expose().len() < 32 {
            tracing::warn!("ADMIN_TOKEN is shorter than 32 bytes: it may be guessed");
        }
        idp.set_up(Some(token)).await?;
    }
    Ok(idp)
}

/// Serves until SIGTERM or SIGINT, then lets what is under way finish.
pub(crate) async fn serve(config: Config) -> Result<(), StartError> {
    safeguards::check(&config)?.iter().for_each(|warning| tracing::warn!("{warning}"));
    let idp = open(&config).await?;
    let listener = TcpListener::bind(config.listen_addr)
        .await
        .map_err(|error| StartError::Listen { address: config.listen_addr, error })?;
    let signet = Signet::new(idp.clone()).with_dev_endpoints(config.dev_endpoints).with_guard(&config.guard);
    let metrics = listen_for_metrics(&config, &signet).await?;
    greet(&idp).await?;
    let background = tokio::spawn(work(signet.clone()));
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let shutdown = async move {
        wait_for_signal().await;
        tracing::info!("stopping: finishing what is under way");
        let _ = stop.send(());
    };
    // Requests that take too long must not hold the process for ever.
    let overdue = async {
        let _ = stopped.await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        () = connections::serve(listener, router(signet), connections::PATIENCE, shutdown) => {}
        () = overdue => tracing::warn!("stopping without waiting any longer"),
    }
    background.abort();
    metrics.inspect(tokio::task::JoinHandle::abort);
    idp.close().await;
    Ok(())
}

/// Serves `/metrics` beside the rest, if that is asked for.
async fn listen_for_metrics(
    config: &Config,
    signet: &Signet,
) -> Result<Option<tokio::task::JoinHandle<()>>, StartError> {
    let Some(address) = config.metrics_addr else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address).await.map_err(|error| StartError::ListenForMetrics { address, error })?;
    tracing::info!("metrics: http://{address}/metrics");
    let router = crate::metrics::serve::metrics_router(signet.clone());
    Ok(Some(tokio::spawn(async move {
        connections::serve(listener, router, connections::PATIENCE, std::future::pending()).await;
    })))
}

/// Says where to go next.
async fn greet(idp: &Idp) -> Result<(), StartError> {
    let issuer = idp.issuer();
    tracing::info!("Signet {} serves {issuer}", env!("CARGO_PKG_VERSION"));
    if idp.is_set_up().await? {
        tracing::info!("console: {}", issuer.url(app::console::path::DASHBOARD));
    } else {
        tracing::info!("first start: open {} in a browser", issuer.url(app::path::SETUP));
    }
    tracing::info!("discovery: {}", issuer.url(oauth::metadata::path::OPENID_CONFIGURATION));
    Ok(())
}

/// What goes on beside requests: changes of other nodes, and rows that have expired.
async fn work(signet: Signet) {
    let idp = &signet.idp;
    let sweep = async {
        let mut ticks = tokio::time::interval(SWEEP_PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = idp.advance_keys().await {
                tracing::warn!(?error, "the calendar of the signing keys was not kept; the next try is in a minute");
            }
            // One batch after another while there are full ones, with room for requests between them.
            while matches!(idp.sweep().await.inspect(|rows| signet.metrics.count_swept(*rows)), Ok(swept) if swept >= 500)
            {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    };
    tokio::join!(idp.watch_changes(), sweep);
}

async fn wait_for_signal() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
