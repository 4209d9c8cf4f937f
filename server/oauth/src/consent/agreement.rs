//! The meaning of scopes when somebody agreed to them.
//!
//! A name is not a promise: an administrator may let a scope open more claims, or delete it and create another one of the same
//! name. What a person agreed to is what the scope opened when it was shown. So a consent and a grant record, for each scope,
//! its identity and its claims, and cover nothing beyond.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::claims::ClaimsRequest;
use crate::details::GrantedDetails;
use crate::id::ResourceId;
use crate::resource::Target;
use crate::scope::{Scope, ScopeDefinition, ScopeToken, find_meanings};

/// Scopes with what each of them meant, and the resources at which they may be used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Agreement {
    scopes: Vec<Meaning>,
    resources: BTreeSet<ResourceId>,
    details: GrantedDetails,
}

/// An agreement as it is stored: about this server alone, or about resources too.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Here(Vec<Meaning>),
    At {
        scopes: Vec<Meaning>,
        resources: BTreeSet<ResourceId>,
        #[serde(default, skip_serializing_if = "GrantedDetails::is_empty")]
        details: GrantedDetails,
    },
}

impl From<Stored> for Agreement {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Here(scopes) => Self { scopes, ..Self::default() },
            Stored::At { scopes, resources, details } => Self { scopes, resources, details },
        }
    }
}

impl From<Agreement> for Stored {
    fn from(Agreement { scopes, resources, details }: Agreement) -> Self {
        if resources.is_empty() { Self::Here(scopes) } else { Self::At { scopes, resources, details } }
    }
}

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
    /// The resource that it is a scope of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource: Option<ResourceId>,
}

impl Meaning {
    /// True when the scope is the one that is called so now.
    fn is_of(&self, definition: &ScopeDefinition) -> bool {
        self.scope == definition.name
            && self.id == definition.id
            && self.resource.as_ref() == definition.owner.as_ref().map(|owner| &owner.resource)
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
            resource: definition.owner.as_ref().map(|owner| owner.resource.clone()),
        };
        let scopes = scope.iter().flat_map(|token| find_meanings(token, known)).map(meaning).collect();
        Self { scopes, ..Self::default() }
    }

    /// The same, to be used at `resources`.
    #[must_use]
    pub fn at(self, resources: impl IntoIterator<Item = ResourceId>) -> Self {
        Self { resources: resources.into_iter().collect(), ..self }
    }

    /// The same, at the resources of a target, and to do there what its details say.
    #[must_use]
    pub fn about(self, target: &Target) -> Self {
        Self { details: target.details().clone(), ..self.at(target.ids()) }
    }

    /// The objects that were agreed to, each with the resource whose type it is (RFC 9396).
    #[must_use]
    pub fn details(&self) -> &GrantedDetails {
        &self.details
    }

    /// The same without them.
    #[must_use]
    pub fn without_details(self) -> Self {
        Self { details: GrantedDetails::default(), ..self }
    }

    /// An agreement from before meanings were recorded: to what the scopes opened when that began.
    #[must_use]
    pub fn unrecorded(scope: &Scope) -> Self {
        let meaning =
            |token: &ScopeToken| Meaning { scope: token.clone(), id: String::new(), claims: None, resource: None };
        Self { scopes: scope.iter().map(meaning).collect(), ..Self::default() }
    }

    /// The names of the scopes, whatever they mean by now.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scopes.iter().map(|meaning| meaning.scope.clone()).collect()
    }

    /// Those words of `scope` that still name what was agreed to: a scope that was deleted is gone, also when another one got
    /// its name. At several resources a word names all that they call so, and all of it must have been agreed to.
    #[must_use]
    pub fn kept(&self, scope: &Scope, known: &[ScopeDefinition]) -> Scope {
        scope.iter().filter(|token| !self.find(token, known).is_empty()).cloned().collect()
    }

    /// The scopes that are still what was agreed to.
    pub fn definitions<'a>(&'a self, known: &'a [ScopeDefinition]) -> impl Iterator<Item = &'a ScopeDefinition> {
        self.scopes.iter().filter_map(|meaning| known.iter().find(|definition| meaning.is_of(definition)))
    }

    /// True when all these resources were named.
    #[must_use]
    pub fn is_about(&self, resources: &[ResourceId]) -> bool {
        resources.iter().all(|resource| self.resources.contains(resource))
    }

    /// The claims that `scope` opens: those that were agreed to and that it opens still.
    #[must_use]
    pub fn opened<'a>(&self, scope: &Scope, known: &'a [ScopeDefinition]) -> BTreeSet<&'a str> {
        let found = scope.iter().flat_map(|token| self.find(token, known));
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
            let found = self.find(token, known);
            let opens_all = |(meaning, definition): &(&Meaning, &ScopeDefinition)| {
                definition.claims.iter().all(|claim| meaning.opens(definition, claim))
            };
            !found.is_empty() && found.iter().all(opens_all)
        };
        let opened = self.opened(&self.scope(), known);
        scope.iter().all(is_covered) && claims.about_the_account().into_iter().all(|claim| opened.contains(claim))
    }

    /// True when everything that `other` says was agreed to here, too. What was agreed to before meanings were recorded includes
    /// every meaning of the same scope: whoever relies on it has compared the meanings.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        let is_here = |wanted: &Meaning| {
            self.scopes.iter().any(|meaning| {
                meaning.scope == wanted.scope
                    && meaning.id == wanted.id
                    && meaning.resource == wanted.resource
                    && match (&meaning.claims, &wanted.claims) {
                        (Some(claims), Some(wanted)) => wanted.is_subset(claims),
                        (None, _) => true,
                        (Some(_), None) => false,
                    }
            })
        };
        other.scopes.iter().all(is_here)
            && other.resources.is_subset(&self.resources)
            && self.details.cover(&other.details)
    }

    /// This and what was agreed to later. Of a scope that is in both, the later meaning counts; what another resource calls so is
    /// another scope.
    #[must_use]
    pub fn followed_by(mut self, later: Self) -> Self {
        let is_same = |one: &Meaning, other: &Meaning| one.scope == other.scope && one.resource == other.resource;
        self.scopes.retain(|meaning| !later.scopes.iter().any(|newer| is_same(newer, meaning)));
        self.scopes.extend(later.scopes);
        self.resources.extend(later.resources);
        self.details = later.details.preceded_by(&self.details);
        self
    }

    /// The rest when one scope is taken back: that of the server, or that of a resource. `None`: it was not agreed to.
    #[must_use]
    pub fn without(&self, scope: &ScopeToken, resource: Option<&ResourceId>) -> Option<Self> {
        let is_it = |meaning: &Meaning| meaning.scope == *scope && meaning.resource.as_ref() == resource;
        let scopes: Vec<_> = self.scopes.iter().filter(|meaning| !is_it(meaning)).cloned().collect();
        (scopes.len() < self.scopes.len()).then(|| Self { scopes, ..self.clone() })
    }

    /// All that the word means now, each with what was agreed to. Nothing when one of it was not agreed to, or is another by now.
    fn find<'a>(&self, token: &ScopeToken, known: &'a [ScopeDefinition]) -> Vec<(&Meaning, &'a ScopeDefinition)> {
        let agreed = |definition: &'a ScopeDefinition| {
            Some((self.scopes.iter().find(|meaning| meaning.is_of(definition))?, definition))
        };
        find_meanings(token, known).map(agreed).collect::<Option<_>>().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::ScopeOwner;

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
            owner: None,
        }
    }

    #[test]
    fn one_scope_is_taken_back_and_what_another_resource_calls_so_is_not() {
        let of = |resource: &str| ScopeDefinition {
            owner: Some(ScopeOwner { resource: ResourceId::new(resource), by_default: false }),
            ..defined("news", resource, &[])
        };
        let known = [of("one"), of("two"), defined("email", "2", &["email"])];
        let resources = ["one", "two"].map(ResourceId::new);
        let agreed = Agreement::of(&scope("news email"), &known).at(resources.clone());
        let left = agreed.without(&ScopeToken::parse("news").unwrap(), Some(&resources[0])).unwrap();
        assert_eq!(left.scope(), scope("news email"));
        assert!(left.definitions(&known).any(|definition| definition.id == "two"));
        assert!(!left.definitions(&known).any(|definition| definition.id == "one"));
        assert!(left.is_about(&resources) && !left.includes(&agreed) && agreed.includes(&left));
        assert_eq!(left.without(&ScopeToken::parse("news").unwrap(), Some(&resources[0])), None);
        assert_eq!(left.without(&ScopeToken::parse("news").unwrap(), None), None);
        let left = left.without(&ScopeToken::parse("news").unwrap(), Some(&resources[1])).unwrap();
        assert_eq!(left.scope(), scope("email"));
        let (unrecorded, email) = (Agreement::unrecorded(&scope("email")), ScopeToken::parse("email").unwrap());
        assert_eq!(unrecorded.without(&email, None).unwrap().scope(), Scope::default());
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

    /// `read` of the server, and of the resources `a` and `b`.
    fn of_resources(ids: &[&str]) -> Vec<ScopeDefinition> {
        let owned = |id: &&str| {
            let owner = Some(ScopeOwner { resource: ResourceId::new(*id), by_default: false });
            ScopeDefinition { owner, ..defined("read", id, &[]) }
        };
        [defined("read", "1", &["address"])].into_iter().chain(ids.iter().map(owned)).collect()
    }

    #[test]
    fn one_word_at_two_resources_and_here_is_three_scopes() {
        let read = scope("read");
        let nothing = ClaimsRequest::default();
        let known = [&[][..], &["a"], &["b"], &["a", "b"]].map(of_resources);
        for (index, agreed) in known.iter().enumerate() {
            let agreement = Agreement::of(&read, agreed);
            let covered: Vec<usize> = (0..4).filter(|at| agreement.covers(&read, &nothing, &known[*at])).collect();
            let kept: Vec<usize> = (0..4).filter(|at| !agreement.kept(&read, &known[*at]).is_empty()).collect();
            let expected = if index == 3 { vec![1, 2, 3] } else { vec![index] };
            assert_eq!((covered, kept), (expected.clone(), expected), "{index}");
        }
        assert!(Agreement::of(&read, &known[1]).opened(&read, &known[1]).is_empty(), "the claims are those of another");
        let all = Agreement::of(&read, &known[0]).followed_by(Agreement::of(&read, &known[1]));
        let all = all.followed_by(Agreement::of(&read, &known[2]));
        assert!(known.iter().all(|known| all.covers(&read, &nothing, known)), "none takes the place of another");
        assert!(all.includes(&Agreement::of(&read, &known[3])) && !Agreement::of(&read, &known[1]).includes(&all));
    }

    #[test]
    fn an_agreement_names_the_resources_that_it_is_about() {
        let ids = |ids: &[&str]| ids.iter().map(|id| ResourceId::new(*id)).collect::<Vec<_>>();
        let agreement = Agreement::default().at(ids(&["a"])).followed_by(Agreement::default().at(ids(&["b"])));
        assert!(agreement.is_about(&ids(&["b", "a"])) && !agreement.is_about(&ids(&["a", "c"])));
        assert!(!Agreement::default().at(ids(&["a"])).includes(&agreement));
        let stored = r#"{"scopes":[{"scope":"read","id":"a","claims":[],"resource":"a"}],"resources":["a"]}"#;
        let agreement = Agreement::of(&scope("read"), &of_resources(&["a"])).at(ids(&["a"]));
        assert_eq!(serde_json::to_string(&agreement).unwrap(), stored);
        assert_eq!(serde_json::from_str::<Agreement>(stored).unwrap(), agreement);
    }

    #[test]
    fn what_may_be_done_in_detail_is_agreed_to_apart() {
        let details = |object: serde_json::Value| {
            let detail = object.as_object().unwrap().clone();
            GrantedDetails::from_iter([crate::details::GrantedDetail { resource: ResourceId::new("a"), detail }])
        };
        let pay = |amount: i64| Agreement {
            details: details(serde_json::json!({ "type": "pay", "amount": amount })),
            ..Agreement::default().at([ResourceId::new("a")])
        };
        assert!(pay(10).includes(&pay(10)) && !pay(10).includes(&pay(11)));
        assert!(pay(10).includes(&pay(10).without_details()) && !pay(10).without_details().includes(&pay(10)));
        let both = pay(10).followed_by(pay(11));
        assert!(both.includes(&pay(10)) && both.includes(&pay(11)));
        let stored =
            r#"{"scopes":[],"resources":["a"],"details":[{"resource":"a","detail":{"amount":10,"type":"pay"}}]}"#;
        // The members of a detail stand in any order.
        let stored: serde_json::Value = serde_json::from_str(stored).unwrap();
        assert_eq!(serde_json::to_value(pay(10)).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Agreement>(stored).unwrap(), pay(10));
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
