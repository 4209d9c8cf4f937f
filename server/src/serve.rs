//! Starting, serving and stopping.

use std::sync::Arc;
use std::time::Duration;

use idp::{Idp, LEAST_FULL_BATCH};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::connections::{self, Patience, Places};
use crate::metrics::ConnectionMetrics;
use crate::open::{self, StartError};
use crate::router::router;
use crate::safeguards;
use crate::state::Signet;

/// The time that requests under way have at the end.
const DRAIN: Duration = Duration::from_secs(10);

/// Connections to `METRICS_ADDR` at once.
const METRICS_CONNECTIONS: usize = 64;

/// The time between two searches for rows that have expired.
const SWEEP_PERIOD: Duration = Duration::from_secs(60);

/// Serves until SIGTERM or SIGINT, then lets what is under way finish.
pub(crate) async fn serve(config: Config) -> Result<(), StartError> {
    safeguards::check(&config)?.iter().for_each(|warning| tracing::warn!("{warning}"));
    let most = connections::find_bound(config.max_connections, config.database_max_connections)?;
    let idp = open::make(&config).await?;
    safeguards::clock(idp.now(), idp.last_change().await?).iter().for_each(|warning| tracing::warn!("{warning}"));
    let listener = TcpListener::bind(config.listen_addr)
        .await
        .map_err(|error| StartError::Listen { address: config.listen_addr, error })?;
    let signet = Signet::new(idp.clone())
        .with_dev_endpoints(config.dev_endpoints)
        .with_session_management(config.session_management)
        .with_stripped_path(config.proxy_strips_path)
        .with_guard(&config.guard);
    let places = Places::new(most, signet.guard.proxies().clone(), signet.metrics.connections().clone());
    let metrics = listen_for_metrics(&config, &signet).await?;
    greet(&idp).await?;
    let background = tokio::spawn(work(signet.clone()));
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let streams = signet.streams.clone();
    let shutdown = async move {
        wait_for_signal().await;
        tracing::info!("stopping: finishing what is under way");
        // They would not finish by themselves.
        streams.stop();
        let _ = stop.send(());
    };
    // Requests that take too long must not hold the process for ever.
    let overdue = async {
        let _ = stopped.await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        () = connections::serve(listener, router(signet), Arc::new(places), Patience::USUAL, shutdown) => {}
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
        // Places of its own: it can be asked when all others are taken.
        let places = Arc::new(Places::shared(METRICS_CONNECTIONS, ConnectionMetrics::default()));
        connections::serve(listener, router, places, Patience::USUAL, std::future::pending()).await;
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

/// The work beside requests: changes of other nodes, rows that have expired, and messages to clients.
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
            loop {
                match idp.sweep().await {
                    Ok(swept) => {
                        signet.metrics.count_swept(swept);
                        if swept < LEAST_FULL_BATCH {
                            break;
                        }
                    }
                    Err(error) => {
                        tracing::warn!(?error, "rows that have expired were not deleted; the next try is in a minute");
                        break;
                    }
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    };
    let catch_up = async {
        if let Err(error) = idp.catch_up().await {
            tracing::warn!(
                ?error,
                "rows of an earlier version are not brought to this one yet; the next start goes on"
            );
        }
    };
    tokio::join!(idp.watch_changes(), sweep, catch_up, idp.keep_delivering_logouts(), idp.keep_sending_pings());
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
