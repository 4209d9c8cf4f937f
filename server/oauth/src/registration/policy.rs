//! The policy of the registration endpoint: a decision for the whole server.

use serde::{Deserialize, Serialize};

use crate::field::{FieldErrors, FieldProblem, check_display_name};
use crate::fields::draft;
use crate::words::words;

words! {
    /// A decision about who may register a client (RFC 7591 §3).
    RegistrationMode {
        /// Whoever asks, exactly while there is a resource that agents may want to reach.
        #[default]
        Automatic = "automatic",
        /// Nobody.
        Off = "off",
        /// Whoever asks.
        Open = "open",
        /// Whoever has an initial access token.
        Token = "token",
    }
}

/// Access to registration now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationAccess {
    Nobody,
    Anybody,
    WithToken,
}

impl RegistrationMode {
    /// The decision, on a server that protects a resource or none.
    #[must_use]
    pub fn access(self, has_resource: bool) -> RegistrationAccess {
        match self {
            Self::Automatic if has_resource => RegistrationAccess::Anybody,
            Self::Automatic | Self::Off => RegistrationAccess::Nobody,
            Self::Open => RegistrationAccess::Anybody,
            Self::Token => RegistrationAccess::WithToken,
        }
    }
}

/// The policy, as it is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationPolicy {
    #[serde(default)]
    pub mode: RegistrationMode,
}

draft! {
    /// The policy as typed into a form or sent as JSON.
    RegistrationPolicyDraft {
        policy: String, text;
    }
}

impl From<RegistrationPolicy> for RegistrationPolicyDraft {
    fn from(policy: RegistrationPolicy) -> Self {
        Self { policy: policy.mode.to_string() }
    }
}

impl RegistrationPolicyDraft {
    /// # Errors
    /// When it is none of the words.
    pub fn check(&self) -> Result<RegistrationPolicy, FieldErrors> {
        let mut errors = FieldErrors::default();
        match errors.take("policy", RegistrationMode::find(&self.policy).ok_or(FieldProblem::Choice)) {
            Some(mode) => Ok(RegistrationPolicy { mode }),
            None => Err(errors),
        }
    }
}

/// Characters of the name of an initial access token.
pub const MAX_INITIAL_TOKEN_NAME: usize = 64;

/// The name of an initial access token: for those who look after it.
///
/// # Errors
/// When it is empty, too long or cannot be shown.
pub fn check_initial_token_name(text: &str) -> Result<String, FieldProblem> {
    check_display_name(text, MAX_INITIAL_TOKEN_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_decided_means_open_while_there_is_a_resource() {
        use RegistrationAccess as A;
        for (mode, without, with) in [
            ("automatic", A::Nobody, A::Anybody),
            ("off", A::Nobody, A::Nobody),
            ("open", A::Anybody, A::Anybody),
            ("token", A::WithToken, A::WithToken),
        ] {
            let mode = RegistrationPolicyDraft { policy: mode.to_owned() }.check().unwrap().mode;
            assert_eq!((mode.access(false), mode.access(true)), (without, with), "{mode}");
        }
        assert!(RegistrationPolicyDraft { policy: "maybe".to_owned() }.check().unwrap_err().find("policy").is_some());
    }

    #[test]
    fn stored_policies_can_be_read() {
        let read = |text: &str| serde_json::from_str::<RegistrationPolicy>(text).unwrap().mode;
        assert_eq!(read("{}"), RegistrationMode::Automatic);
        assert_eq!(read(r#"{"mode":"token","later":1}"#), RegistrationMode::Token);
    }
}
