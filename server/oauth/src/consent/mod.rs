//! Consent: the agreement of a user with a client (OpenID Connect Core §3.1.2.4).

mod agreement;

pub use agreement::Agreement;

/// The user's answer to the consent page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
}
