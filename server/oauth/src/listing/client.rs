//! The list of clients.

use super::{Column, Filter, Last, Sorting, read_status, status_word};
use crate::client::{ClientKind, ConsentPolicy};
use crate::time::Timestamp;

/// Which clients. An empty one finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientFilter {
    /// The beginning of a word of the name, the ID or a redirect URI.
    pub text: String,
    pub kind: Option<ClientKind>,
    pub enabled: Option<bool>,
    pub used: Option<Last>,
    pub policy: Option<OwnPolicy>,
    /// Created since then.
    pub since: Option<Timestamp>,
}

/// The consent policy that a client has of its own; `None`: that of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnPolicy(pub Option<ConsentPolicy>);

impl OwnPolicy {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0.map_or("default", ConsentPolicy::as_str)
    }

    fn find(word: &str) -> Option<Self> {
        let own = ConsentPolicy::ALL.iter().copied().map(Some);
        own.chain([None]).map(Self).find(|policy| policy.as_str() == word)
    }
}

impl Filter for ClientFilter {
    type Column = ClientColumn;

    const NAMES: &'static [&'static str] = &["q", "kind", "status", "used", "policy", "since"];

    fn set(&mut self, name: &str, value: &str) -> bool {
        match name {
            "q" => self.text = value.to_owned(),
            "kind" => self.kind = ClientKind::find(value),
            "status" => self.enabled = read_status(value),
            "used" => self.used = Last::find(value),
            "policy" => self.policy = OwnPolicy::find(value),
            "since" => self.since = Timestamp::read(value),
            _ => return false,
        }
        name == "q" || self.pairs().iter().any(|(set, _)| *set == name)
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let text = Some(self.text.clone()).filter(|text| !text.is_empty());
        [
            ("q", text),
            ("kind", self.kind.map(|kind| kind.as_str().to_owned())),
            ("status", self.enabled.map(status_word)),
            ("used", self.used.map(|used| used.as_str().to_owned())),
            ("policy", self.policy.map(|policy| policy.as_str().to_owned())),
            ("since", self.since.map(|since| since.0.to_string())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    fn usual_order(&self) -> Option<Sorting<ClientColumn>> {
        let is_search = !self.text.trim().is_empty();
        let (by, descending) =
            if self.since.is_some() { (ClientColumn::Created, true) } else { (ClientColumn::Name, false) };
        (!is_search).then_some(Sorting { by, descending })
    }
}

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientColumn {
    Name,
    Id,
    Kind,
    Status,
    Used,
    Created,
}

impl Column for ClientColumn {
    const ALL: &'static [Self] = &[Self::Name, Self::Id, Self::Kind, Self::Status, Self::Used, Self::Created];

    fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Id => "id",
            Self::Kind => "kind",
            Self::Status => "status",
            Self::Used => "used",
            Self::Created => "created",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Name => "Client",
            Self::Id => "Client ID",
            Self::Kind => "Kind",
            Self::Status => "Status",
            Self::Used => "Last used",
            Self::Created => "Created",
        }
    }

    fn is_instant(self) -> bool {
        matches!(self, Self::Used | Self::Created)
    }
}
