//! Consent: the agreement of a user with a client (OpenID Connect Core §3.1.2.4).

mod agreement;

pub use agreement::Agreement;

use crate::client::{Client, ConsentPolicy};

/// The user's answer to the consent page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
}

/// True when the user must be asked before something is granted. `allowed_before`: they allowed this client all of it once.
#[must_use]
pub fn must_ask(client: &Client, allowed_before: impl FnOnce() -> bool) -> bool {
    match client.rules().consent {
        ConsentPolicy::Always => true,
        ConsentPolicy::Skip => false,
        ConsentPolicy::Once => !allowed_before(),
    }
}
