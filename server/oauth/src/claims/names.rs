//! Names of claims: those that scopes may open, and those that are probably misspelled.

use super::STANDARD_CLAIMS;
use super::aggregated::MEMBERS;
use crate::field::FieldProblem;
use crate::scope::check_claim_name;

/// Claims that only the server states, about a token or a sign-in and not about the person (RFC 7519 §4.1, OpenID Connect Core §2).
pub const PROTOCOL_CLAIMS: [&str; 15] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "sid",
];

/// Claims of access tokens, by which APIs decide (RFC 8693 §4, RFC 7800 §3.1).
const TOKEN_CLAIMS: [&str; 4] = ["client_id", "scope", "act", "cnf"];

/// The name of a claim that the scope called `scope` may open. `sub` is that of `openid`.
///
/// # Errors
/// When it is no name, or the protocol's.
pub fn check_scope_claim(scope: &str, name: &str) -> Result<String, FieldProblem> {
    let name = check_claim_name(name)?;
    let reserved = [&PROTOCOL_CLAIMS[..], &TOKEN_CLAIMS, &MEMBERS].concat().contains(&name.as_str());
    if reserved && !(scope == "openid" && name == "sub") { Err(FieldProblem::ProtocolClaim(name)) } else { Ok(name) }
}

/// The standard claim that was probably meant by a name that is close to it: one letter wrong, missing, too many or swapped with its
/// neighbour, in a long name two. `None` for the standard claims themselves.
#[must_use]
pub fn likely_meant(name: &str) -> Option<&'static str> {
    let plain = name.to_ascii_lowercase().replace('-', "_");
    let claims = STANDARD_CLAIMS.into_iter().filter(|claim| *claim != "sub");
    if claims.clone().any(|claim| claim == name) {
        return None;
    }
    (1..=2).find_map(|steps| {
        let long_enough = |claim: &&str| steps == 1 || claim.len() >= 8;
        claims.clone().filter(long_enough).find(|claim| is_near(plain.as_bytes(), claim.as_bytes(), steps))
    })
}

/// True when one becomes the other by at most so many letters changed, left out, put in or swapped with a neighbour.
fn is_near(one: &[u8], other: &[u8], steps: usize) -> bool {
    let Some(less) = steps.checked_sub(1) else { return one == other };
    match (one, other) {
        ([], rest) | (rest, []) => rest.len() <= steps,
        ([a, one_rest @ ..], [b, other_rest @ ..]) if a == b => is_near(one_rest, other_rest, steps),
        ([a, one_rest @ ..], [b, other_rest @ ..]) => {
            let swapped = match (one_rest, other_rest) {
                ([c, one_rest @ ..], [d, other_rest @ ..]) => a == d && b == c && is_near(one_rest, other_rest, less),
                _ => false,
            };
            swapped
                || is_near(one_rest, other_rest, less)
                || is_near(one_rest, other, less)
                || is_near(one, other_rest, less)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_of_the_protocol_are_refused() {
        for name in PROTOCOL_CLAIMS.into_iter().chain(TOKEN_CLAIMS).chain(MEMBERS) {
            assert_eq!(check_scope_claim("mine", name), Err(FieldProblem::ProtocolClaim(name.to_owned())));
        }
        assert_eq!(check_scope_claim("openid", "sub").as_deref(), Ok("sub"));
        assert!(check_scope_claim("openid", "iss").is_err());
        for name in ["email", "department", "https://example.com/role", "subject", "Scope"] {
            assert!(check_scope_claim("mine", name).is_ok(), "{name}");
        }
    }

    #[test]
    fn the_claims_of_the_scopes_that_every_server_has_are_good() {
        for scope in crate::scope::core_scopes() {
            for claim in &scope.claims {
                assert!(check_scope_claim(scope.name.as_str(), claim).is_ok(), "{} {claim}", scope.name);
                assert_eq!(likely_meant(claim), None, "{claim}");
            }
        }
    }

    #[test]
    fn a_slip_of_the_fingers_is_noticed() {
        for (typed, meant) in [
            ("phone_nubmer", "phone_number"),
            ("phone-number", "phone_number"),
            ("phonenumber", "phone_number"),
            ("emial", "email"),
            ("Email", "email"),
            ("email_verifed", "email_verified"),
            ("birthday", "birthdate"),
            ("adress", "address"),
            ("zone_info", "zoneinfo"),
        ] {
            assert_eq!(likely_meant(typed), Some(meant), "{typed}");
        }
        for other in ["department", "cost_centre", "role", "groups", "https://example.com/email", "sub", "x", ""] {
            assert_eq!(likely_meant(other), None, "{other}");
        }
    }
}
