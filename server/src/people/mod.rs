//! The pages that people visit: the first start, signing in, consent, signing out. They contain no script.

pub(crate) mod account;
pub(crate) mod authorize;
pub(crate) mod home;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod setup;
mod shown;
