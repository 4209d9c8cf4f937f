//! Black-box tests: the real router, a real database, a clock that stands still until it is told.

mod authorize;
mod browser;
mod client_auth;
mod code_flow;
mod concurrency;
mod consent;
mod console;
mod cors;
mod discovery;
mod introspect_revoke;
mod login;
mod logout;
mod prompt;
mod refresh;
mod safety;
mod server;
mod setup;
mod tokens;
mod userinfo;
