//! The lists of what acts for whom: sessions and grants.

use super::{Column, Sorting};

/// A column that sessions are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionColumn {
    Started,
    /// Last seen.
    Seen,
}

impl SessionColumn {
    /// The order in which people expect the list who name none.
    pub const USUAL: Sorting<Self> = Sorting { by: Self::Seen, descending: true };
}

impl Column for SessionColumn {
    const ALL: &'static [Self] = &[Self::Started, Self::Seen];

    fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Seen => "seen",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Started => "Started",
            Self::Seen => "Last seen",
        }
    }

    fn is_instant(self) -> bool {
        true
    }
}

/// A column that grants are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantColumn {
    Since,
}

impl GrantColumn {
    /// The order in which people expect the list who name none.
    pub const USUAL: Sorting<Self> = Sorting { by: Self::Since, descending: true };
}

impl Column for GrantColumn {
    const ALL: &'static [Self] = &[Self::Since];

    fn as_str(self) -> &'static str {
        "since"
    }

    fn label(self) -> &'static str {
        "Since"
    }

    fn is_instant(self) -> bool {
        true
    }
}
