//! The metadata of clients about the people who sign in to them (OpenID Connect Registration §2).

mod faces;
mod logins;
mod pairwise;
pub(crate) mod secret_jwt;
mod sectors;
