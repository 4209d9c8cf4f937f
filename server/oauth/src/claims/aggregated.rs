//! Aggregated claims (OpenID Connect Core §5.6.2.1): what another provider says about a person, in a JWT that it signed. They stand among the
//! claims of one's own, and go on to clients as they are.

use serde_json::{Map, Value};

use crate::field::FieldProblem;

/// The names of aggregated claims, each with the name of its source.
const NAMES: &str = "_claim_names";

/// The sources: `{"JWT": "…"}` by name.
const SOURCES: &str = "_claim_sources";

/// The two members that say where claims come from, and are none themselves.
pub(crate) const MEMBERS: [&str; 2] = [NAMES, SOURCES];

/// The aggregated claims of a person.
pub(super) struct Aggregated {
    names: Map<String, Value>,
    sources: Map<String, Value>,
}

impl Aggregated {
    /// Takes them out of all that an account can say.
    pub(super) fn take(claims: &mut Map<String, Value>) -> Self {
        let mut member = |name| match claims.remove(name) {
            Some(Value::Object(member)) => member,
            _ => Map::new(),
        };
        Self { names: member(NAMES), sources: member(SOURCES) }
    }

    /// The members of an answer that has the claims `asked`: their names, and the sources of those alone. A source may say more than was asked
    /// for: its JWT cannot be cut.
    pub(super) fn members<'a>(&self, asked: impl Iterator<Item = &'a str>) -> Map<String, Value> {
        let (mut names, mut sources) = (Map::new(), Map::new());
        for name in asked {
            let Some(source) = self.names.get(name).and_then(Value::as_str) else { continue };
            let Some(token) = self.sources.get(source) else { continue };
            names.insert(name.to_owned(), Value::from(source));
            sources.insert(source.to_owned(), token.clone());
        }
        let members = [(NAMES, names), (SOURCES, sources)];
        let members = members.into_iter().filter(|(_, member)| !member.is_empty());
        members.map(|(name, member)| (name.to_owned(), Value::Object(member))).collect()
    }
}

/// Makes sure that each aggregated claim among `claims` has a source, and each source is a JWT that a claim comes from. Distributed claims, which
/// a client would have to fetch, are none that this server passes on.
///
/// # Errors
/// When it is not so, or a name is one that the server speaks for.
pub(crate) fn check_aggregated(
    claims: &Map<String, Value>,
    is_reserved: impl Fn(&str) -> bool,
) -> Result<(), FieldProblem> {
    if MEMBERS.iter().all(|member| !claims.contains_key(*member)) {
        return Ok(());
    }
    let member = |name| claims.get(name).and_then(Value::as_object).ok_or(FieldProblem::AggregatedClaims);
    let (names, sources) = (member(NAMES)?, member(SOURCES)?);
    if let Some(name) = names.keys().find(|name| is_reserved(name) || claims.contains_key(*name)) {
        return Err(FieldProblem::ReservedClaim(name.clone()));
    }
    let named: Option<Vec<&str>> = names.values().map(Value::as_str).collect();
    let named = named.ok_or(FieldProblem::AggregatedClaims)?;
    let are_there = !named.is_empty() && named.iter().all(|source| sources.contains_key(*source));
    let are_used = sources.keys().all(|source| named.contains(&source.as_str()));
    if are_there && are_used && sources.values().all(is_source) { Ok(()) } else { Err(FieldProblem::AggregatedClaims) }
}

/// `{"JWT": "…"}`, signed or encrypted, in its compact form.
fn is_source(source: &Value) -> bool {
    let Some(members) = source.as_object() else { return false };
    let token = members.get("JWT").and_then(Value::as_str).unwrap_or_default();
    let parts: Vec<&str> = token.split('.').collect();
    let is_part = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    members.len() == 1
        && matches!(parts.len(), 3 | 5)
        && parts.iter().all(is_part)
        && parts.first().is_some_and(|header| !header.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_claim_goes_with_its_source_and_no_other() {
        let mut claims = object(json!({ "shoe": 9,
            "_claim_names": { "score": "bureau", "age": "state", "lost": "gone" },
            "_claim_sources": { "bureau": { "JWT": "a.b.c" }, "state": { "JWT": "d.e.f" } } }));
        let aggregated = Aggregated::take(&mut claims);
        assert_eq!(Value::Object(claims), json!({ "shoe": 9 }));
        let members = aggregated.members(["shoe", "score", "lost", "_claim_sources"].into_iter());
        let expected =
            json!({ "_claim_names": { "score": "bureau" }, "_claim_sources": { "bureau": { "JWT": "a.b.c" } } });
        assert_eq!(Value::Object(members), expected);
        assert!(aggregated.members(["shoe", "lost"].into_iter()).is_empty());
    }

    #[test]
    fn half_of_it_is_refused_where_it_is_set() {
        let check = |value: Value| check_aggregated(&object(value), |name| name == "email");
        assert_eq!(check(json!({ "shoe": 9 })), Ok(()));
        let (names, sources) = (json!({ "score": "bureau" }), json!({ "bureau": { "JWT": "a.b.c" } }));
        assert_eq!(check(json!({ "_claim_names": names, "_claim_sources": sources })), Ok(()));
        assert_eq!(
            check(json!({ "_claim_names": names, "_claim_sources": { "bureau": { "JWT": "a.b.c.d.e" } } })),
            Ok(())
        );
        for wrong in [
            json!({ "_claim_names": names }),
            json!({ "_claim_sources": sources }),
            json!({ "_claim_names": {}, "_claim_sources": {} }),
            json!({ "_claim_names": [], "_claim_sources": sources }),
            json!({ "_claim_names": { "score": 1 }, "_claim_sources": sources }),
            json!({ "_claim_names": { "score": "other" }, "_claim_sources": sources }),
            json!({ "_claim_names": names, "_claim_sources": { "bureau": { "JWT": "a.b.c" }, "unused": { "JWT": "a.b.c" } } }),
            json!({ "_claim_names": names, "_claim_sources": { "bureau": { "JWT": "a.b" } } }),
            json!({ "_claim_names": names, "_claim_sources": { "bureau": { "JWT": ".b.c" } } }),
            json!({ "_claim_names": names, "_claim_sources": { "bureau": { "JWT": "a b.c.d" } } }),
            json!({ "_claim_names": names, "_claim_sources": { "bureau": { "endpoint": "https://x.example", "access_token": "s" } } }),
            json!({ "_claim_names": names, "_claim_sources": { "bureau": { "JWT": "a.b.c", "access_token": "s" } } }),
        ] {
            assert_eq!(check(wrong.clone()), Err(FieldProblem::AggregatedClaims), "{wrong}");
        }
        for taken in ["email", "shoe"] {
            let wrong = json!({ "shoe": 9, "_claim_names": { taken: "bureau" }, "_claim_sources": sources });
            assert_eq!(check(wrong), Err(FieldProblem::ReservedClaim(taken.to_owned())));
        }
    }
}
