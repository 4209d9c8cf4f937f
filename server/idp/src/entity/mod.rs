//! The tables, row by row. Nothing outside this crate sees them.

#![expect(unreachable_pub, reason = "the derived companions of a model are public, so the model has to be")]

pub(crate) mod access_token;
pub(crate) mod account;
pub(crate) mod account_link;
pub(crate) mod admin_session;
pub(crate) mod audit_event;
pub(crate) mod authorization_code;
pub(crate) mod bin;
pub(crate) mod bin_consent;
pub(crate) mod ciba_request;
pub(crate) mod client;
pub(crate) mod client_document;
pub(crate) mod client_refusal;
pub(crate) mod client_registration;
pub(crate) mod client_secret;
pub(crate) mod consent;
pub(crate) mod deleted_resource;
pub(crate) mod device_code;
pub(crate) mod encryption_key;
pub(crate) mod event;
pub(crate) mod event_sum;
pub(crate) mod failed_attempt;
pub(crate) mod grants;
pub(crate) mod imported;
pub(crate) mod login_name;
pub(crate) mod pushed_request;
pub(crate) mod refresh_replay;
pub(crate) mod refresh_token;
pub(crate) mod resource;
pub(crate) mod resource_secret;
pub(crate) mod scope;
pub(crate) mod session;
pub(crate) mod session_client;
pub(crate) mod setting;
pub(crate) mod signing_key;
pub(crate) mod tombstone;
pub(crate) mod trust;
pub(crate) mod used_assertion;
