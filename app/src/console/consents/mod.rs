//! Consent: when people are asked, of all clients; and what a user would be asked.

pub mod check;
pub mod policies;
