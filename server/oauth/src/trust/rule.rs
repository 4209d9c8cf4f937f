//! Which program an assertion speaks for: claims that it must have, and the client that it then is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::TrustError;
use crate::client::check_client_id;
use crate::field::FieldProblem;
use crate::id::ClientId;

/// Claims that tell no program from another, or no assertion from another of the same program.
const EVERY: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

/// The client that an assertion speaks for which has all of the claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadRule {
    pub client_id: ClientId,
    /// The value of each claim, compared as it is. Never empty.
    pub claims: BTreeMap<String, String>,
}

impl WorkloadRule {
    /// Reads a line: the client, then `claim=value`, as often as needed. `%20` in a value is a space, `%25` a percent sign.
    ///
    /// # Errors
    /// When it names no client or no claim, or a claim twice.
    pub fn parse(line: &str) -> Result<Self, FieldProblem> {
        let mut words = line.split_whitespace();
        let client_id = ClientId::new(check_client_id(words.next().unwrap_or_default())?);
        let mut claims = BTreeMap::new();
        for word in words {
            let (name, value) = word.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or(TrustError::Rule)?;
            let value = value.replace("%20", " ").replace("%25", "%");
            if EVERY.contains(&name) {
                return Err(TrustError::RuleClaim.into());
            }
            if value.is_empty() || claims.insert(name.to_owned(), value).is_some() {
                return Err(TrustError::Rule.into());
            }
        }
        if claims.is_empty() { Err(TrustError::Rule.into()) } else { Ok(Self { client_id, claims }) }
    }

    /// True when these are claims of a program that the rule is for. Texts, numbers and truths are compared as they are written.
    #[must_use]
    pub fn is_met_by(&self, claims: &Map<String, Value>) -> bool {
        let holds = |(name, value): (&String, &String)| match claims.get(name) {
            Some(Value::String(text)) => text == value,
            Some(Value::Number(number)) => number.to_string() == *value,
            Some(Value::Bool(truth)) => truth.to_string() == *value,
            _ => false,
        };
        !self.claims.is_empty() && self.claims.iter().all(holds)
    }
}

/// The line that [`WorkloadRule::parse`] reads.
impl std::fmt::Display for WorkloadRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.client_id.as_str())?;
        for (name, value) in &self.claims {
            write!(f, " {name}={}", value.replace('%', "%25").replace(' ', "%20"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_is_a_line_and_back() {
        let line = "deploy environment=Production%20EU%25 repository=acme/shop";
        let rule = WorkloadRule::parse(line).unwrap();
        assert_eq!(rule.claims["environment"], "Production EU%");
        assert_eq!(rule.to_string(), line);
        for bad in [
            "",
            "deploy",
            "deploy sub",
            "deploy =x",
            "deploy sub=",
            "deploy sub=a sub=b",
            "a/b sub=x",
            "deploy iss=x",
            "deploy sub=a jti=b",
        ] {
            assert!(WorkloadRule::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn all_claims_must_be_as_they_are_written() {
        let rule = WorkloadRule::parse("deploy sub=a=b id=7 main=true").unwrap();
        let met = |claims: Value| rule.is_met_by(claims.as_object().unwrap());
        assert!(met(json!({"sub": "a=b", "id": 7, "main": true, "more": 1})));
        for claims in [
            json!({}),
            json!({"sub": "a=b", "id": 7}),
            json!({"sub": "A=B", "id": 7, "main": true}),
            json!({"sub": ["a=b"], "id": 7, "main": true}),
            json!({"sub": "a=b", "id": 7.5, "main": true}),
            json!({"sub": "a=b", "id": 7, "main": null}),
        ] {
            assert!(!met(claims.clone()), "{claims}");
        }
        let nothing = WorkloadRule { client_id: ClientId::new("a"), claims: BTreeMap::new() };
        assert!(!nothing.is_met_by(&Map::new()), "a rule without claims is for nobody");
    }
}
