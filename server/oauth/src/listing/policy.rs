//! The table of consent policies.

use super::Column;

/// A column that it is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyColumn {
    Name,
    /// Whoever asks most first: always, once, inherited, never.
    Policy,
    /// Consents that are remembered.
    Consents,
}

impl Column for PolicyColumn {
    const ALL: &'static [Self] = &[Self::Name, Self::Policy, Self::Consents];

    fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Policy => "policy",
            Self::Consents => "consents",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Name => "Client",
            Self::Policy => "Asks",
            Self::Consents => "Remembered",
        }
    }

    fn is_instant(self) -> bool {
        false
    }
}
