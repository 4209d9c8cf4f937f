//! Authorization details that were judged, and what covers what (RFC 9396 §6.1).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{AuthorizationDetails, MAX_DETAILS, type_of};
use crate::id::ResourceId;

/// One object, and the resource whose type it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedDetail {
    pub resource: ResourceId,
    pub detail: Map<String, Value>,
}

/// Objects that may be granted, or were.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantedDetails(Vec<GrantedDetail>);

impl GrantedDetail {
    /// `type`.
    #[must_use]
    pub fn type_name(&self) -> &str {
        type_of(&self.detail)
    }

    /// True when whoever agreed to this agreed to `other`, too: both have the same members, each with the same value, and only lists
    /// of strings may be shorter there.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.resource == other.resource && self.covers_object(&other.detail)
    }

    /// The same of an object of the same resource.
    #[must_use]
    pub fn covers_object(&self, other: &Map<String, Value>) -> bool {
        covers(&self.detail, other)
    }
}

/// True when `some` has the members of `all`, each with the same value or a shorter list.
pub(super) fn covers(all: &Map<String, Value>, some: &Map<String, Value>) -> bool {
    let covers = |(name, value): (&String, &Value)| match (all.get(name), value) {
        (Some(Value::Array(all)), Value::Array(some)) => some.iter().all(|item| all.iter().any(|own| same(own, item))),
        (own, value) => own.is_some_and(|own| same(own, value)),
    };
    all.len() == some.len() && some.iter().all(covers)
}

/// True for one value, in whatever way its numbers are written: 1 is 1.0.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || ((one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64())
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => same_objects(one, other),
        (one, other) => one == other,
    }
}

/// The same of objects.
fn same_objects(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    let is_there = |(name, value): (&String, &Value)| other.get(name).is_some_and(|other| same(value, other));
    one.len() == other.len() && one.iter().all(is_there)
}

impl GrantedDetails {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &GrantedDetail> {
        self.0.iter()
    }

    /// The objects, as the client gets them.
    #[must_use]
    pub fn objects(&self) -> AuthorizationDetails {
        self.iter().map(|granted| granted.detail.clone()).collect()
    }

    /// The part that is about one resource (RFC 9396 §9).
    #[must_use]
    pub fn of(&self, resource: &ResourceId) -> Self {
        self.iter().filter(|granted| granted.resource == *resource).cloned().collect()
    }

    /// True when each of the others is covered by one of these, and each by another one: a payment that was agreed to once is not two.
    #[must_use]
    pub fn cover(&self, others: &Self) -> bool {
        let own: Vec<&GrantedDetail> = self.iter().collect();
        pair(&own, &others.0, GrantedDetail::covers).is_ok()
    }

    /// The types, each once.
    #[must_use]
    pub fn types(&self) -> Vec<&str> {
        let mut types = Vec::new();
        for granted in self.iter() {
            if !types.contains(&granted.type_name()) {
                types.push(granted.type_name());
            }
        }
        types
    }

    /// These, and of what was agreed to `before` so much as one request may hold: what is remembered has a bound.
    #[must_use]
    pub fn preceded_by(self, before: &Self) -> Self {
        let length =
            |granted: &GrantedDetail| serde_json::to_string(&granted.detail).map_or(MAX_DETAILS, |text| text.len());
        let mut left = MAX_DETAILS.saturating_sub(self.iter().map(length).sum());
        let mut all = self;
        for granted in before.iter() {
            if all.0.iter().any(|own| own.covers(granted)) {
                continue;
            }
            let Some(rest) = left.checked_sub(length(granted)) else { break };
            left = rest;
            all.0.push(granted.clone());
        }
        all
    }
}

/// One of `own` for each of `asked`, in their order, and for each another one.
///
/// # Errors
/// The first that none is left for.
pub(crate) fn pair<'a, 'b, T>(
    own: &[&'a GrantedDetail],
    asked: impl IntoIterator<Item = &'b T>,
    covers: impl Fn(&GrantedDetail, &T) -> bool,
) -> Result<Vec<(&'a GrantedDetail, &'b T)>, &'b T> {
    let mut pairs: Vec<(&GrantedDetail, Option<&T>)> = own.iter().map(|own| (*own, None)).collect();
    let asked: Vec<&T> = asked.into_iter().collect();
    for one in asked.iter().copied() {
        if !place(one, &covers, &mut pairs, &mut vec![false; own.len()]) {
            return Err(one);
        }
    }
    let of = |one: &T| pairs.iter().find(|(_, placed)| placed.is_some_and(|placed| std::ptr::eq(placed, one)));
    Ok(asked.into_iter().filter_map(|one| Some((of(one)?.0, one))).collect())
}

/// Finds a place for `one`, and another place for whoever had it; no place is looked at twice.
fn place<'b, T>(
    one: &'b T,
    covers: &impl Fn(&GrantedDetail, &T) -> bool,
    pairs: &mut [(&GrantedDetail, Option<&'b T>)],
    seen: &mut [bool],
) -> bool {
    for at in 0..pairs.len() {
        let (Some((own, before)), Some(seen_here)) = (pairs.get(at).copied(), seen.get_mut(at)) else { return false };
        if *seen_here || !covers(own, one) {
            continue;
        }
        *seen_here = true;
        if before.is_none_or(|before| place(before, covers, pairs, seen)) {
            if let Some((_, asked)) = pairs.get_mut(at) {
                *asked = Some(one);
            }
            return true;
        }
    }
    false
}

impl FromIterator<GrantedDetail> for GrantedDetails {
    fn from_iter<I: IntoIterator<Item = GrantedDetail>>(granted: I) -> Self {
        Self(granted.into_iter().collect())
    }
}
