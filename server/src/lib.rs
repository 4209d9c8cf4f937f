//! Signet over HTTP: thin handlers that translate between requests, the protocol (`oauth`) and the provider (`idp`).

mod admin_api;
mod assets;
mod authorization;
pub mod cli;
pub mod config;
mod connections;
mod console;
mod dev;
mod docs;
mod endpoints;
mod events;
mod explain;
mod export;
mod guard;
mod http;
mod metadata;
mod metrics;
mod open;
mod people;
mod probe;
mod protocol;
mod router;
mod safeguards;
mod serve;
mod state;

pub use guard::GuardConfig;
pub use metrics::serve::metrics_router;
pub use router::router;
pub use state::Signet;
