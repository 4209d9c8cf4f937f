//! Black-box tests: the real router, a real database, a clock that stands still until it is told.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod admin_api;
mod admin_races;
mod authorize;
mod browser;
mod client_auth;
mod code_flow;
mod commands;
mod concurrency;
mod configuration;
mod consent;
mod console;
mod cors;
mod discovery;
mod docs;
mod guard;
mod id_token_claims;
mod import_seed;
mod introspect_revoke;
mod key_rotation;
mod login;
mod logout;
mod meanings;
mod metrics;
mod names;
mod odd_input;
mod openapi;
mod outage;
mod prompt;
mod refresh;
mod request_id;
mod safety;
mod server;
mod setup;
mod tokens;
mod userinfo;
