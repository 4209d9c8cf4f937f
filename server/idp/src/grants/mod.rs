//! Codes and tokens: issued, exchanged, looked up, revoked.

mod authorize;
mod exchange;
mod find;
mod issue;
mod revoke;
mod row;
pub(crate) mod together;

pub(crate) use revoke::revoke_grants;
pub(crate) use row::write_grant;
