//! The meaning of scopes when somebody agreed to them.
//!
//! A name is not a promise: an administrator may let a scope open more claims, or delete it and create another one of the same
//! name. What a person agreed to is what the scope opened when it was shown. So a consent and a grant record, for each scope,
//! its identity and its claims, and cover nothing beyond.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::claims::ClaimsRequest;
use crate::scope::{Scope, ScopeDefinition, ScopeToken, find_definition};

/// Scopes with what each of them meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Agreement(Vec<Meaning>);

/// The meaning of one scope at a certain time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Meaning {
    scope: ScopeToken,
    /// See [`ScopeDefinition::id`].
    #[serde(default)]
    id: String,
    /// `None`: agreed to before meanings were recorded, so the claims that the scope opened when that began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claims: Option<BTreeSet<String>>,
}

impl Meaning {
    /// True when the scope is the one that is called so now.
    fn is_of(&self, definition: &ScopeDefinition) -> bool {
        self.scope == definition.name && self.id == definition.id
    }

    fn opens(&self, definition: &ScopeDefinition, claim: &str) -> bool {
        match &self.claims {
            Some(claims) => claims.contains(claim),
            None => definition.claims_before.iter().any(|name| name == claim),
        }
    }
}

impl Agreement {
    /// The meaning of `scope` now. A scope that is not `known` means nothing.
    #[must_use]
    pub fn of(scope: &Scope, known: &[ScopeDefinition]) -> Self {
        let meaning = |definition: &ScopeDefinition| Meaning {
            scope: definition.name.clone(),
            id: definition.id.clone(),
            claims: Some(definition.claims.iter().cloned().collect()),
        };
        Self(scope.iter().filter_map(|token| find_definition(token, known)).map(meaning).collect())
    }

    /// An agreement from before meanings were recorded: to what the scopes opened when that began.
    #[must_use]
    pub fn unrecorded(scope: &Scope) -> Self {
        let meaning = |token: &ScopeToken| Meaning { scope: token.clone(), id: String::new(), claims: None };
        Self(scope.iter().map(meaning).collect())
    }

    /// The names of the scopes, whatever they mean by now.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.0.iter().map(|meaning| meaning.scope.clone()).collect()
    }

    /// Those words of `scope` that still name what was agreed to: a scope that was deleted is gone, also when another one got
    /// its name.
    #[must_use]
    pub fn kept(&self, scope: &Scope, known: &[ScopeDefinition]) -> Scope {
        scope.iter().filter(|token| self.find(token, known).is_some()).cloned().collect()
    }

    /// The claims that `scope` opens: those that were agreed to and that it opens still.
    #[must_use]
    pub fn opened<'a>(&self, scope: &Scope, known: &'a [ScopeDefinition]) -> BTreeSet<&'a str> {
        let found = scope.iter().filter_map(|token| self.find(token, known));
        let still = |(meaning, definition): (&Meaning, &'a ScopeDefinition)| {
            let opens: Vec<_> =
                definition.claims.iter().map(String::as_str).filter(|claim| meaning.opens(definition, claim)).collect();
            opens
        };
        found.flat_map(still).collect()
    }

    /// True when nothing of a request is new: its scopes open no more than was agreed to, and its single claims are among those
    /// that were.
    #[must_use]
    pub fn covers(&self, scope: &Scope, claims: &ClaimsRequest, known: &[ScopeDefinition]) -> bool {
        let is_covered = |token: &ScopeToken| {
            self.find(token, known).is_some_and(|(meaning, definition)| {
                definition.claims.iter().all(|claim| meaning.opens(definition, claim))
            })
        };
        let opened = self.opened(&self.scope(), known);
        scope.iter().all(is_covered) && claims.about_the_account().into_iter().all(|claim| opened.contains(claim))
    }

    /// True when everything that `other` says was agreed to here, too. What was agreed to before meanings were recorded includes
    /// every meaning of the same scope: whoever relies on it has compared the meanings.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        let is_here = |wanted: &Meaning| {
            self.0.iter().any(|meaning| {
                meaning.scope == wanted.scope
                    && meaning.id == wanted.id
                    && match (&meaning.claims, &wanted.claims) {
                        (Some(claims), Some(wanted)) => wanted.is_subset(claims),
                        (None, _) => true,
                        (Some(_), None) => false,
                    }
            })
        };
        other.0.iter().all(is_here)
    }

    /// This and what was agreed to later. Of a scope that is in both, the later meaning counts.
    #[must_use]
    pub fn followed_by(mut self, later: Self) -> Self {
        self.0.retain(|meaning| !later.0.iter().any(|newer| newer.scope == meaning.scope));
        self.0.extend(later.0);
        self
    }

    /// A scope that was agreed to and is still the same, with what it is now.
    fn find<'a>(&self, token: &ScopeToken, known: &'a [ScopeDefinition]) -> Option<(&Meaning, &'a ScopeDefinition)> {
        let definition = find_definition(token, known)?;
        let meaning = self.0.iter().find(|meaning| meaning.is_of(definition))?;
        Some((meaning, definition))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(words: &str) -> Scope {
        Scope::parse(words).unwrap()
    }

    fn defined(name: &str, id: &str, claims: &[&str]) -> ScopeDefinition {
        ScopeDefinition {
            name: ScopeToken::parse(name).unwrap(),
            description: String::new(),
            claims: claims.iter().map(ToString::to_string).collect(),
            id: id.to_owned(),
            claims_before: Vec::new(),
        }
    }

    /// Of `news email`, when `news` opened nothing and `email` the address.
    fn agreement() -> (Agreement, [ScopeDefinition; 2]) {
        let then = [defined("news", "1", &[]), defined("email", "2", &["email"])];
        (Agreement::of(&scope("news email"), &then), then)
    }

    #[test]
    fn a_scope_that_opens_more_since_gives_no_more_and_asks_again() {
        let (agreement, then) = agreement();
        let now = [defined("news", "1", &["address", "phone_number"]), then[1].clone()];
        assert!(agreement.covers(&scope("news email"), &ClaimsRequest::default(), &then));
        assert!(!agreement.covers(&scope("news"), &ClaimsRequest::default(), &now));
        assert!(agreement.covers(&scope("email"), &ClaimsRequest::default(), &now));
        assert_eq!(agreement.opened(&scope("news email"), &now), BTreeSet::from(["email"]));
        assert_eq!(agreement.kept(&scope("news email"), &now), scope("news email"));
    }

    #[test]
    fn a_scope_that_opens_less_since_gives_less_and_does_not_ask() {
        let (agreement, then) = agreement();
        let now = [then[0].clone(), defined("email", "2", &[])];
        assert!(agreement.covers(&scope("news email"), &ClaimsRequest::default(), &now));
        assert!(agreement.opened(&scope("news email"), &now).is_empty());
    }

    #[test]
    fn another_scope_of_the_same_name_inherits_nothing() {
        let (agreement, then) = agreement();
        let again = [then[0].clone(), defined("email", "3", &["email"])];
        for now in [&again[..], &then[..1]] {
            assert!(!agreement.covers(&scope("email"), &ClaimsRequest::default(), now));
            assert!(agreement.opened(&scope("email"), now).is_empty());
            assert_eq!(agreement.kept(&scope("news email"), now), scope("news"));
        }
    }

    #[test]
    fn a_word_that_was_not_agreed_to_opens_nothing() {
        let (agreement, then) = agreement();
        let known = [then[0].clone(), then[1].clone(), defined("phone", "4", &["phone_number"])];
        assert!(agreement.opened(&scope("phone"), &known).is_empty());
        assert!(!agreement.covers(&scope("phone"), &ClaimsRequest::default(), &known));
        assert!(agreement.kept(&scope("phone"), &known).is_empty());
    }

    #[test]
    fn a_single_claim_is_covered_by_a_scope_that_opened_it() {
        let (agreement, then) = agreement();
        let ask = |name: &str| ClaimsRequest::parse(&format!(r#"{{"userinfo":{{"{name}":null}}}}"#)).unwrap();
        assert!(agreement.covers(&scope("news"), &ask("email"), &then));
        assert!(!agreement.covers(&scope("news"), &ask("address"), &then));
        let now = [defined("news", "1", &["address"]), then[1].clone()];
        assert!(!agreement.covers(&Scope::default(), &ask("address"), &now));
    }

    #[test]
    fn what_was_agreed_to_before_meanings_were_recorded_means_what_the_scopes_meant_then() {
        let agreement = Agreement::unrecorded(&scope("email later"));
        let frozen = |claims: &[&str]| ScopeDefinition {
            claims_before: vec!["email".to_owned()],
            ..defined("email", "", claims)
        };
        let now = [frozen(&["email", "phone_number"]), defined("later", "9", &["address"])];
        assert_eq!(agreement.opened(&scope("email later"), &now), BTreeSet::from(["email"]));
        assert!(!agreement.covers(&scope("email"), &ClaimsRequest::default(), &now));
        assert!(agreement.covers(&scope("email"), &ClaimsRequest::default(), &[frozen(&["email"])]));
        assert_eq!(agreement.kept(&scope("email later"), &now), scope("email"));
    }

    #[test]
    fn the_later_meaning_of_a_scope_counts() {
        let (agreement, then) = agreement();
        let now = [defined("news", "1", &["address"]), then[1].clone()];
        let both = agreement.followed_by(Agreement::of(&scope("news"), &now));
        assert_eq!(both.scope(), scope("email news"));
        assert!(both.covers(&scope("news email"), &ClaimsRequest::default(), &now));
    }

    /// As the first version wrote it. It must be read for ever.
    #[test]
    fn a_stored_agreement_stays_readable() {
        let stored = r#"[{"scope":"news","id":"1","claims":[]},{"scope":"email","id":"2","claims":["email"]}]"#;
        let (agreement, _) = agreement();
        assert_eq!(serde_json::from_str::<Agreement>(stored).unwrap(), agreement);
        assert_eq!(serde_json::to_string(&agreement).unwrap(), stored);
        let before: Agreement = serde_json::from_str(r#"[{"scope":"email","id":""}]"#).unwrap();
        assert_eq!(before, Agreement::unrecorded(&scope("email")));
        assert!(serde_json::from_str::<Agreement>(r#"[{"scope":"email","a_later_member":1}]"#).is_ok());
    }
}
