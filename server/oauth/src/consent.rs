//! What a user allowed a client (OpenID Connect Core §3.1.2.4).

use crate::client::{Client, ConsentPolicy};
use crate::scope::Scope;

/// The user's answer to the consent page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
}

/// Whether the user must be asked before `requested` is granted, `remembered` being what they allowed this client before.
#[must_use]
pub fn must_ask(client: &Client, requested: &Scope, remembered: Option<&Scope>) -> bool {
    if !client.require_consent {
        return false;
    }
    match client.effective_policy().consent_policy {
        ConsentPolicy::Always => true,
        ConsentPolicy::Skip => false,
        ConsentPolicy::Once => !remembered.is_some_and(|remembered| requested.is_subset_of(remembered)),
    }
}
