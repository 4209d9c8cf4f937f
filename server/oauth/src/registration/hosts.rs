//! The hosts whose clients may come with a document (draft-ietf-oauth-client-id-metadata-document-02 §8.9).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::difference::texts;
use crate::field::{FieldErrors, FieldProblem, check_lines};
use crate::fields::{Fields, put};
use crate::origin::{comparable_host, without_root};
use crate::words::words;

words! {
    /// The rule for hosts that are on no list.
    HostMode {
        #[default]
        Open = "open",
        /// Only those that are allowed.
        AllowList = "allow_list",
        /// Only those that are allowed; others are put before an administrator.
        Ask = "ask",
        /// None, whatever is on the lists.
        Blocked = "blocked",
    }
}

/// The rule for one host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostVerdict {
    Allowed,
    NotAllowed,
    /// An administrator may allow it.
    Ask,
    Blocked,
}

impl HostVerdict {
    /// True where the clients of a host that are here already have to go: somebody decided against it. About one that is to be asked
    /// about, nobody has decided anything yet.
    #[must_use]
    pub fn is_shut(self) -> bool {
        matches!(self, Self::NotAllowed | Self::Blocked)
    }
}

/// The rules for all hosts. Stored, and read for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostPolicy {
    pub mode: HostMode,
    /// These hosts, and none below them.
    pub allowed: BTreeSet<String>,
    /// These hosts and all below them.
    pub blocked: BTreeSet<String>,
}

impl HostPolicy {
    /// The rule for a host in its one form. What is blocked cannot be allowed.
    #[must_use]
    pub fn judge(&self, host: &str) -> HostVerdict {
        // What was stored before hosts lost the dot at their end counts like the rest.
        let host = without_root(host);
        let is = |listed: &String| without_root(listed) == host;
        let below = |listed: &String| host.strip_suffix(without_root(listed)).is_some_and(|rest| rest.ends_with('.'));
        if self.blocked.iter().any(|listed| is(listed) || below(listed)) {
            return HostVerdict::Blocked;
        }
        match self.mode {
            HostMode::Blocked => HostVerdict::Blocked,
            HostMode::Open => HostVerdict::Allowed,
            HostMode::AllowList | HostMode::Ask if self.allowed.iter().any(is) => HostVerdict::Allowed,
            HostMode::AllowList => HostVerdict::NotAllowed,
            HostMode::Ask => HostVerdict::Ask,
        }
    }
}

/// The longest list of hosts, in bytes.
const MAX_HOSTS: usize = 8_000;

/// The rules as typed into a form or sent as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPolicyDraft {
    pub mode: String,
    pub allowed: String,
    pub blocked: String,
}

texts! { HostPolicyDraft { mode, allowed, blocked } }

impl From<&HostPolicy> for HostPolicyDraft {
    fn from(policy: &HostPolicy) -> Self {
        let lines = |hosts: &BTreeSet<String>| hosts.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
        Self { mode: policy.mode.to_string(), allowed: lines(&policy.allowed), blocked: lines(&policy.blocked) }
    }
}

impl HostPolicyDraft {
    /// Takes over what was sent.
    ///
    /// # Errors
    /// When a field cannot be read.
    pub fn take<F: Fields>(&mut self, fields: &F) -> Result<(), F::Error> {
        put(&mut self.mode, fields.text("mode")?);
        put(&mut self.allowed, fields.words("allowed")?);
        put(&mut self.blocked, fields.words("blocked")?);
        Ok(())
    }

    /// # Errors
    /// Everything that is wrong, field by field.
    pub fn check(&self) -> Result<HostPolicy, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mode = errors.take("mode", HostMode::find(&self.mode).ok_or(FieldProblem::Choice)).unwrap_or_default();
        let mut hosts =
            |field, text: &str| errors.take(field, check_lines(text, MAX_HOSTS, check_host)).unwrap_or_default();
        let (allowed, blocked) = (hosts("allowed", &self.allowed), hosts("blocked", &self.blocked));
        let policy =
            HostPolicy { mode, allowed: allowed.into_iter().collect(), blocked: blocked.into_iter().collect() };
        if errors.is_empty() { Ok(policy) } else { Err(errors) }
    }
}

/// One host in its one form.
///
/// # Errors
/// When it is no host, or more than one.
pub fn check_host(text: &str) -> Result<String, FieldProblem> {
    if text.is_empty() {
        return Err(FieldProblem::Missing);
    }
    if text.contains(['*', '/', '@']) || text.contains(char::is_whitespace) {
        return Err(FieldProblem::HostName);
    }
    comparable_host(text).ok_or(FieldProblem::HostName)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(mode: &str, allowed: &str, blocked: &str) -> HostPolicy {
        HostPolicyDraft { mode: mode.into(), allowed: allowed.into(), blocked: blocked.into() }.check().unwrap()
    }

    #[test]
    fn the_lists_come_before_the_mode_and_what_is_blocked_first() {
        use HostVerdict as V;
        for (mode, listed, other) in
            [("open", V::Allowed, V::Allowed), ("allow_list", V::Allowed, V::NotAllowed), ("ask", V::Allowed, V::Ask)]
        {
            let policy = policy(mode, "Claude.ai\nevil.example", "evil.example");
            assert_eq!(policy.judge("claude.ai"), listed, "{mode}");
            assert_eq!(policy.judge("other.example"), other, "{mode}");
            assert_eq!(policy.judge("below.claude.ai"), other, "{mode}");
            for blocked in ["evil.example", "a.b.evil.example"] {
                assert_eq!(policy.judge(blocked), V::Blocked, "{mode} {blocked}");
            }
            assert_eq!(policy.judge("notevil.example"), other, "{mode}");
        }
        assert_eq!(policy("blocked", "claude.ai", "").judge("claude.ai"), V::Blocked);
    }

    #[test]
    fn hosts_are_hosts() {
        for wrong in [
            "https://a.example",
            "a.example/x",
            "*.example",
            "u@a.example",
            "a.example:443",
            "1.2.3",
            ".x.example",
            "a..b",
            "x..",
            ".",
        ] {
            let draft = HostPolicyDraft { mode: "open".into(), allowed: wrong.into(), blocked: String::new() };
            assert!(draft.check().unwrap_err().find("allowed").is_some(), "{wrong}");
        }
        let draft = HostPolicyDraft { mode: "maybe".into(), allowed: String::new(), blocked: String::new() };
        assert!(draft.check().unwrap_err().find("mode").is_some());
    }

    #[test]
    fn a_dot_at_the_end_of_a_host_makes_no_other_host() {
        let stored = r#"{"mode":"allow_list","allowed":["a.example."],"blocked":["evil.example."]}"#;
        let stored = serde_json::from_str::<HostPolicy>(stored).unwrap();
        for policy in [stored, policy("allow_list", "A.example.", "evil.example.")] {
            for dot in ["", "."] {
                assert_eq!(policy.judge(&format!("a.example{dot}")), HostVerdict::Allowed);
                assert_eq!(policy.judge(&format!("evil.example{dot}")), HostVerdict::Blocked);
                assert_eq!(policy.judge(&format!("x.evil.example{dot}")), HostVerdict::Blocked);
            }
        }
        assert_eq!(policy("open", "x.", "").allowed, BTreeSet::from(["x".to_owned()]));
    }

    #[test]
    fn clients_go_where_somebody_decided_against_their_host() {
        use HostVerdict as V;
        assert!(V::Blocked.is_shut() && V::NotAllowed.is_shut() && !V::Ask.is_shut() && !V::Allowed.is_shut());
    }

    #[test]
    fn stored_rules_can_be_read() {
        let stored = r#"{"mode":"ask","allowed":["a.example"],"blocked":["b.example"],"later":1}"#;
        assert_eq!(serde_json::from_str::<HostPolicy>(stored).unwrap(), policy("ask", "a.example", "b.example"));
        assert_eq!(serde_json::from_str::<HostPolicy>("{}").unwrap(), HostPolicy::default());
    }
}
