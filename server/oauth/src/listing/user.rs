//! The list of users.

use super::{Column, Filter, Last, Sorting, read_status, status_word};
use crate::time::Timestamp;

/// Which users. An empty one finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// The beginning of a word of the username, the name or the email address; or the subject.
    pub text: String,
    pub enabled: Option<bool>,
    pub signed_in: Option<Last>,
    /// Created since then.
    pub since: Option<Timestamp>,
}

impl Filter for UserFilter {
    type Column = UserColumn;

    const NAMES: &'static [&'static str] = &["q", "status", "signed_in", "since"];

    fn set(&mut self, name: &str, value: &str) -> bool {
        match name {
            "q" => self.text = value.to_owned(),
            "status" => self.enabled = read_status(value),
            "signed_in" => self.signed_in = Last::find(value),
            "since" => self.since = Timestamp::read(value),
            _ => return false,
        }
        name == "q" || self.pairs().iter().any(|(set, _)| *set == name)
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let text = Some(self.text.clone()).filter(|text| !text.is_empty());
        [
            ("q", text),
            ("status", self.enabled.map(status_word)),
            ("signed_in", self.signed_in.map(|last| last.as_str().to_owned())),
            ("since", self.since.map(|since| since.0.to_string())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    fn usual_order(&self) -> Option<Sorting<UserColumn>> {
        let is_search = !self.text.trim().is_empty();
        let (by, descending) =
            if self.since.is_some() { (UserColumn::Created, true) } else { (UserColumn::Name, false) };
        (!is_search).then_some(Sorting { by, descending })
    }
}

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserColumn {
    Name,
    Email,
    Status,
    SignedIn,
    Created,
}

impl Column for UserColumn {
    const ALL: &'static [Self] = &[Self::Name, Self::Email, Self::Status, Self::SignedIn, Self::Created];

    fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Status => "status",
            Self::SignedIn => "signed_in",
            Self::Created => "created",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Name => "User",
            Self::Email => "Email",
            Self::Status => "Status",
            Self::SignedIn => "Last sign-in",
            Self::Created => "Created",
        }
    }

    fn is_instant(self) -> bool {
        matches!(self, Self::SignedIn | Self::Created)
    }
}
