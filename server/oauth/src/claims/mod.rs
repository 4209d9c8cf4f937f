//! Claims about people (OpenID Connect Core §5).

mod aggregated;
mod names;
mod request;
pub(crate) mod standard;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

pub(crate) use aggregated::check_aggregated;
pub use names::{PROTOCOL_CLAIMS, check_scope_claim, likely_meant};
pub use request::{ClaimRequest, ClaimsRequest};
pub use standard::{Address, STANDARD_CLAIMS, UserClaims};

use aggregated::Aggregated;

use crate::client::IdTokenClaims;
use crate::user::User;

/// All that the account can say, by claim name; a claim that is not known is absent, never null.
#[must_use]
pub fn all_claims(user: &User) -> Map<String, Value> {
    let mut claims = match serde_json::to_value(&user.claims) {
        Ok(Value::Object(claims)) => claims,
        _ => Map::new(),
    };
    claims.entry("preferred_username").or_insert_with(|| Value::from(user.username.as_str()));
    match &user.email {
        Some(email) => {
            claims.insert("email".into(), Value::from(email.as_str()));
        }
        None => {
            claims.remove("email_verified");
        }
    }
    if user.claims.phone_number.is_none() {
        claims.remove("phone_number_verified");
    }
    claims.insert("updated_at".into(), Value::from(user.updated_at.0));
    claims.insert("sub".into(), Value::from(user.subject.as_str()));
    claims
}

/// The answer of `/userinfo`: `sub`, the claims that the granted scopes opened (see
/// [`Agreement::opened`](crate::consent::Agreement::opened)), and those that the `claims` parameter asked for (OpenID Connect Core
/// §5.3.2, §5.4, §5.5).
#[must_use]
pub fn userinfo(user: &User, opened: &BTreeSet<&str>, request: &ClaimsRequest) -> Map<String, Value> {
    let by_scope = opened.iter().copied();
    let by_request = request.userinfo.keys().map(String::as_str);
    let mut known = all_claims(user);
    let sub = known.remove_entry("sub");
    sub.into_iter().chain(said(known, by_scope.chain(by_request))).collect()
}

/// Those of the claims `known` that are `asked` for, and the aggregated ones among them.
fn said<'a>(mut known: Map<String, Value>, asked: impl Iterator<Item = &'a str> + Clone) -> Map<String, Value> {
    let aggregated = Aggregated::take(&mut known);
    let mut claims: Map<_, _> = asked.clone().filter_map(|name| known.remove_entry(name)).collect();
    claims.extend(aggregated.members(asked));
    claims
}

/// The claims about the person in an ID token, beside those of the protocol: what the `claims` parameter asked to have there, and,
/// unless they are to be `minimal`, those that the granted scopes opened. With an access token at hand the specification leaves
/// these to `/userinfo` (OpenID Connect Core §5.4); many clients never ask there.
#[must_use]
pub fn id_token(
    user: &User,
    opened: &BTreeSet<&str>,
    request: &ClaimsRequest,
    content: IdTokenClaims,
) -> Map<String, Value> {
    let by_scope = opened.iter().copied().filter(|_| content == IdTokenClaims::Scopes);
    let by_request = request.id_token.keys().map(String::as_str);
    let mut known = all_claims(user);
    known.remove("sub");
    said(known, by_scope.chain(by_request))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::Agreement;
    use crate::id::Subject;
    use crate::scope::{Scope, core_scopes};
    use crate::time::Timestamp;

    fn alice() -> User {
        User {
            subject: Subject::new("0190"),
            username: "alice".into(),
            email: Some("alice@example.com".into()),
            enabled: true,
            claims: UserClaims { name: Some("Alice".into()), email_verified: true, ..UserClaims::default() },
            updated_at: Timestamp(7),
        }
    }

    #[test]
    fn a_scope_opens_its_claims_and_no_others() {
        let scope = Scope::parse("openid email").unwrap();
        let known = core_scopes();
        let opened = Agreement::of(&scope, &known).opened(&scope, &known);
        let claims = userinfo(&alice(), &opened, &ClaimsRequest::default());
        assert_eq!(
            Value::Object(claims),
            serde_json::json!({"sub": "0190", "email": "alice@example.com", "email_verified": true})
        );
    }

    #[test]
    fn the_claims_parameter_opens_a_single_claim() {
        let request = ClaimsRequest::parse(r#"{"userinfo":{"name":{"essential":true},"phone_number":null}}"#).unwrap();
        let claims = userinfo(&alice(), &BTreeSet::from(["sub"]), &request);
        assert_eq!(Value::Object(claims), serde_json::json!({"sub": "0190", "name": "Alice"}));
        let minimal = id_token(&alice(), &BTreeSet::from(["email"]), &request, IdTokenClaims::Minimal);
        assert!(minimal.is_empty());
    }

    #[test]
    fn an_id_token_carries_the_claims_of_the_scopes_unless_it_is_minimal() {
        let request = ClaimsRequest::parse(r#"{"id_token":{"name":null,"sub":null,"acr":null}}"#).unwrap();
        let opened = BTreeSet::from(["sub", "email", "email_verified"]);
        let claims = |content| Value::Object(id_token(&alice(), &opened, &request, content));
        assert_eq!(
            claims(IdTokenClaims::Scopes),
            serde_json::json!({"name": "Alice", "email": "alice@example.com", "email_verified": true})
        );
        assert_eq!(claims(IdTokenClaims::Minimal), serde_json::json!({"name": "Alice"}));
    }

    #[test]
    fn what_is_not_known_is_absent() {
        let mut bob = alice();
        bob.email = None;
        let claims = all_claims(&bob);
        for name in ["email", "email_verified", "phone_number_verified", "address", "nickname"] {
            assert!(!claims.contains_key(name), "{name}");
        }
    }
}
