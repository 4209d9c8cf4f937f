//! The protocol of Signet: OAuth 2.0 and OpenID Connect as pure functions over plain values.
//!
//! Nothing here waits, reads a clock, draws randomness or touches a disk: `now` and random values are arguments. So the same
//! rules judge a request on the server, a form field in the browser, and a case in a test.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking"))]

pub mod access_token;
pub mod activity;
pub mod authorize;
pub mod bearer;
pub mod certificate;
pub mod claims;
pub mod client;
pub mod client_auth;
pub mod consent;
pub mod count;
pub mod destination;
pub mod details;
pub mod difference;
pub mod dpop;
pub mod error;
pub mod field;
pub mod fields;
pub mod form;
pub mod grant;
pub mod holder;
pub mod id;
pub mod id_token;
mod idn;
pub mod introspection;
mod issuer;
pub mod jose;
pub mod jwe;
pub mod jwk;
pub mod jwt;
pub mod listing;
pub mod logout;
pub mod logout_token;
pub mod mac;
pub mod metadata;
pub mod order;
pub mod origin;
pub mod picture;
pub mod pkce;
mod precis;
pub mod redirect_uri;
pub mod refusal;
pub mod registration;
pub mod resource;
pub mod response_type;
pub mod scope;
pub mod seal;
pub mod secret;
pub mod session;
pub mod session_state;
pub mod signed_answer;
pub mod time;
pub mod trust;
pub mod user;
mod words;
