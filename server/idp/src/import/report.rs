//! The report of an import, in words for whoever started it. No secret is in it.

use std::collections::BTreeMap;
use std::fmt;

use oauth::field::FieldErrors;

/// A kind of thing that is imported, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    AdminToken,
    Key,
    Scope,
    User,
    Client,
    Consent,
    RefreshToken,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::AdminToken => "admin token",
            Self::Key => "signing keys",
            Self::Scope => "scopes",
            Self::User => "users",
            Self::Client => "clients",
            Self::Consent => "consents",
            Self::RefreshToken => "refresh tokens",
        }
    }
}

/// The result of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    pub imported: u64,
    /// Was here before and stayed as it was.
    pub skipped: u64,
    /// Name and reason.
    pub refused: Vec<(String, String)>,
    /// Name, and what is different now.
    pub notes: Vec<(String, String)>,
}

impl Outcome {
    pub(super) fn import(&mut self) {
        self.imported += 1;
    }

    pub(super) fn skip(&mut self) {
        self.skipped += 1;
    }

    pub(super) fn refuse(&mut self, name: &str, reason: impl fmt::Display) {
        self.refused.push((printable(name), printable(&reason.to_string())));
    }

    pub(super) fn note(&mut self, name: &str, note: impl fmt::Display) {
        self.notes.push((printable(name), printable(&note.to_string())));
    }
}

/// The result of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport(BTreeMap<Kind, Outcome>);

impl ImportReport {
    /// The result of one kind.
    #[must_use]
    pub fn get(&self, kind: Kind) -> Outcome {
        self.0.get(&kind).cloned().unwrap_or_default()
    }

    pub(super) fn of(&mut self, kind: Kind) -> &mut Outcome {
        self.0.entry(kind).or_default()
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return write!(f, "There was nothing to import.");
        }
        for (at, (kind, outcome)) in self.0.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            let Outcome { imported, skipped, refused, notes } = outcome;
            write!(f, "{}: {imported} imported, {skipped} here before, {} refused", kind.as_str(), refused.len())?;
            for (name, reason) in refused {
                write!(f, "\n  refused {name}: {reason}")?;
            }
            for (name, note) in notes {
                write!(f, "\n  note on {name}: {note}")?;
            }
        }
        Ok(())
    }
}

/// A text from a foreign file for a terminal: without control characters, and of a length that can be read.
fn printable(text: &str) -> String {
    let mut line: String = text.chars().take(200).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(200).is_some() {
        line.push('…');
    }
    line
}

/// The problems of a form, in one line.
pub(super) fn explain(errors: &FieldErrors) -> String {
    let problems: Vec<String> = errors.iter().map(|(field, problem)| format!("{field}: {problem}")).collect();
    problems.join(" ")
}
