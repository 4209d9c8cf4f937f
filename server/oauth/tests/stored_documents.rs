//! Documents as they stand in databases, letter by letter: what was written once can be read for ever. Clients, with their
//! policies, are beside their code (`client/document.rs`).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use oauth::access_token::AccessTokenClaims;
use oauth::claims::{ClaimsRequest, UserClaims};
use oauth::client::Client;
use oauth::consent::Agreement;
use oauth::scope::{Scope, ScopeDefinition, ScopeToken};
use serde_json::{Value, json};

#[test]
fn claims_of_users_of_every_version_can_be_read() {
    let nothing: UserClaims = serde_json::from_str("{}").unwrap();
    assert_eq!(nothing, UserClaims::default());
    let first = r#"{"name":"Alice","email_verified":true,"phone_number_verified":false,"address":{"formatted":"Paris","locality":"Paris"},
        "department":"Sales","groups":["a",{"b":1}]}"#;
    let claims: UserClaims = serde_json::from_str(first).unwrap();
    assert_eq!((claims.name.as_deref(), claims.email_verified), (Some("Alice"), true));
    assert_eq!(claims.address.as_ref().unwrap().locality.as_deref(), Some("Paris"));
    assert_eq!(claims.extra["department"], "Sales");
    // A claim of another version is one like those of one's own: it is kept.
    let later: UserClaims = serde_json::from_str(r#"{"name":"A","later":{"x":1}}"#).unwrap();
    assert_eq!(serde_json::to_value(&later).unwrap()["later"], json!({"x": 1}));
    let later: UserClaims = serde_json::from_str(r#"{"address":{"country":"FR","later":1}}"#).unwrap();
    assert_eq!(later.address.unwrap().country.as_deref(), Some("FR"));
}

#[test]
fn what_the_claims_parameter_of_a_grant_asked_for_can_be_read() {
    for (stored, names) in [
        ("{}", vec![]),
        (r#"{"userinfo":{"name":{"essential":true},"email":{"essential":false}}}"#, vec!["email", "name"]),
        (
            r#"{"id_token":{"acr":{"essential":true,"values":["1","2"]},"nickname":{"essential":false}}}"#,
            vec!["nickname"],
        ),
        (r#"{"userinfo":null,"id_token":{"name":{"essential":false,"value":"x","later":1}},"later":{}}"#, vec!["name"]),
    ] {
        let request: ClaimsRequest = serde_json::from_str(stored).unwrap();
        assert_eq!(request.about_the_account().into_iter().collect::<Vec<_>>(), names, "{stored}");
    }
}

#[test]
fn claims_of_a_scope_are_an_array_of_names() {
    let claims: Vec<String> = serde_json::from_str(r#"["email","email_verified"]"#).unwrap();
    assert_eq!(claims, ["email", "email_verified"]);
    assert_eq!(serde_json::to_string(&claims).unwrap(), r#"["email","email_verified"]"#);
}

fn email(id: &str) -> [ScopeDefinition; 1] {
    [ScopeDefinition {
        name: ScopeToken::parse("email").unwrap(),
        description: "Your email address".to_owned(),
        claims: vec!["email".to_owned(), "nickname".to_owned()],
        id: id.to_owned(),
        claims_before: vec!["email".to_owned()],
        owner: None,
    }]
}

#[test]
fn what_somebody_agreed_to_can_be_read() {
    let scope = Scope::parse("email").unwrap();
    for (stored, id, opened) in [
        (r#"[{"scope":"email","id":"x","claims":["email"]}]"#, "x", vec!["email"]),
        (r#"[{"scope":"email","id":"x","claims":["email"]}]"#, "y", vec![]),
        (r#"[{"scope":"email","id":"","claims":["email","nickname"],"later":1}]"#, "", vec!["email", "nickname"]),
        (r#"[{"scope":"email"}]"#, "", vec!["email"]),
        ("[]", "", vec![]),
    ] {
        let agreement: Agreement = serde_json::from_str(stored).unwrap();
        assert_eq!(agreement.opened(&scope, &email(id)), BTreeSet::from_iter(opened), "{stored} {id}");
    }
}

#[test]
fn access_tokens_that_were_signed_before_can_be_read() {
    let first = r#"{"iss":"https://id.example","sub":"0190","aud":"https://id.example","client_id":"app","exp":100,"iat":40,
        "jti":"01935b6f-8a2e-7c41-9f0d-3b5f0c8e2a11.3","later":[]}"#;
    let claims: AccessTokenClaims = serde_json::from_str(first).unwrap();
    let (grant, generation) = claims.origin().unwrap();
    assert_eq!((grant.as_str(), generation), ("01935b6f-8a2e-7c41-9f0d-3b5f0c8e2a11", 3));
    assert!(claims.scope.is_empty() && claims.acr.is_none() && claims.cnf.is_none());
    let bound = first.replacen(
        "\"later\":[]",
        "\"cnf\":{\"jkt\":\"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs\",\"later\":1}",
        1,
    );
    let claims: AccessTokenClaims = serde_json::from_str(&bound).unwrap();
    assert_eq!(claims.cnf.unwrap().jkt.unwrap().as_str(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

/// Changes are recorded as they were then. They are shown, never read back: whatever is in them, they are JSON.
#[test]
fn recorded_changes_hold_clients_of_every_version() {
    let recorded = [
        r#"{"client_id":"a","client_name":"A","kind":"web","enabled":true,"redirect_uris":[],"grant_types":[],"scope":"",
            "token_endpoint_auth_method":"none","require_consent":true,"policy":null}"#,
        r#"{"secret":"production"}"#,
    ];
    for text in recorded {
        assert!(serde_json::from_str::<Value>(text).unwrap().is_object());
    }
    assert!(Client::from_document(recorded[0]).is_ok());
}
