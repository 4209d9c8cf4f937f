//! The `claims` parameter (OpenID Connect Core §5.5).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The manner in which one claim was asked for; `null` on the wire means "in the default manner".
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClaimRequest {
    #[serde(default)]
    pub essential: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Value>>,
}

impl ClaimRequest {
    /// The values that would satisfy the client; empty when any does.
    #[must_use]
    pub fn wanted(&self) -> Vec<&Value> {
        self.value.iter().chain(self.values.iter().flatten()).collect()
    }
}

/// Single claims that a request asks for, by where they shall be given. Members other than these two are ignored, as the
/// specification demands.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClaimsRequest {
    #[serde(default, deserialize_with = "null_is_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, ClaimRequest>,
    #[serde(default, deserialize_with = "null_is_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, ClaimRequest>,
}

/// Claims about the login, not about the account: nobody has to allow them.
const OF_THE_LOGIN: [&str; 4] = ["sub", "acr", "amr", "auth_time"];

impl ClaimsRequest {
    /// # Errors
    /// When the text is not JSON of the shape of OpenID Connect Core §5.5.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        // A derived struct would also be read from an array; the parameter is an object.
        let members: Map<String, Value> = serde_json::from_str(text)?;
        serde_json::from_value(Value::Object(members))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// The request without the claims about the account that `may_have` refuses. What cannot be had is left out of the answer,
    /// and is no error (OpenID Connect Core §5.5).
    #[must_use]
    pub fn restricted(mut self, may_have: impl Fn(&str) -> bool) -> Self {
        let keep = |name: &str| OF_THE_LOGIN.contains(&name) || may_have(name);
        self.userinfo.retain(|name, _| keep(name));
        self.id_token.retain(|name, _| keep(name));
        self
    }

    /// The claims about the account that are asked for, by name.
    #[must_use]
    pub fn about_the_account(&self) -> BTreeSet<&str> {
        let names = self.userinfo.keys().chain(self.id_token.keys()).map(String::as_str);
        names.filter(|name| !OF_THE_LOGIN.contains(name)).collect()
    }

    /// The claim as asked for in the ID token.
    #[must_use]
    pub fn find_id_token(&self, name: &str) -> Option<&ClaimRequest> {
        self.id_token.get(name)
    }
}

fn null_is_default<'de, D>(deserializer: D) -> Result<BTreeMap<String, ClaimRequest>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let claims: Option<BTreeMap<String, Option<ClaimRequest>>> = Option::deserialize(deserializer)?;
    Ok(claims.unwrap_or_default().into_iter().map(|(name, request)| (name, request.unwrap_or_default())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_read() {
        let request = ClaimsRequest::parse(
            r#"{"userinfo":{"given_name":{"essential":true},"nickname":null,"http://example.info/claims/groups":null},
               "id_token":{"auth_time":{"essential":true},"acr":{"values":["urn:mace:incommon:iap:silver"]}}, "other": 1}"#,
        )
        .unwrap();
        assert!(request.userinfo["given_name"].essential);
        assert_eq!(request.id_token["acr"].wanted().len(), 1);
    }

    #[test]
    fn what_may_not_be_had_is_left_out() {
        let text = r#"{"userinfo":{"name":null,"email":null},"id_token":{"acr":null,"department":null}}"#;
        let request = ClaimsRequest::parse(text).unwrap().restricted(|name| name == "email");
        assert_eq!(request, ClaimsRequest::parse(r#"{"userinfo":{"email":null},"id_token":{"acr":null}}"#).unwrap());
        assert_eq!(request.about_the_account(), BTreeSet::from(["email"]));
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for bad in ["[]", "x", "{\"userinfo\": 1}", "{\"id_token\": {\"acr\": 3}}"] {
            assert!(ClaimsRequest::parse(bad).is_err(), "{bad}");
        }
    }
}
