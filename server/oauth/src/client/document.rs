//! Clients as they were stored, by this version and by those before it.

use serde_json::{Map, Value};

use super::{Client, ConsentPolicy};

impl Client {
    /// The client that a stored document describes. Members that this version does not know are passed over, and those that the
    /// document does not have take their defaults.
    ///
    /// # Errors
    /// When the document is no client of any version.
    pub fn from_document(text: &str) -> serde_json::Result<Self> {
        let mut document: Map<String, Value> = serde_json::from_str(text)?;
        upgrade(&mut document);
        serde_json::from_value(Value::Object(document))
    }
}

/// Brings a document of an earlier version to the shape of this one.
fn upgrade(document: &mut Map<String, Value>) {
    // No policy was once written down as null.
    if document.get("policy").is_some_and(Value::is_null) {
        document.remove("policy");
    }
    // Two switches said whether people are asked. Either was enough not to.
    if document.remove("require_consent") == Some(Value::Bool(false)) {
        let policy = document.entry("policy").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(policy) = policy {
            policy.insert("consent_policy".to_owned(), ConsentPolicy::Skip.as_str().into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{
        ClientAuthMethod, ClientKind, ClientOrigin, ClientPolicy, Encrypted, GrantType, IdTokenClaims, TokenFormat,
    };
    use crate::jose::SigningAlg;
    use crate::response_type::ResponseType;

    /// As the first version wrote it.
    const FIRST: &str = r#"{"client_id":"demo","client_name":"Demo","kind":"web","enabled":true,
        "redirect_uris":["https://app.example/cb"],"grant_types":["authorization_code","refresh_token"],
        "scope":"openid profile","token_endpoint_auth_method":"client_secret_basic","require_consent":true}"#;

    /// As every version before policies were inherited member by member wrote a client with a policy.
    const FROZEN: &str = r#"{"client_id":"demo","client_name":"Demo","kind":"spa","enabled":false,
        "redirect_uris":["http://localhost:3000/callback"],"allowed_origins":["https://Shop.example"],
        "grant_types":["authorization_code"],"scope":"openid","token_endpoint_auth_method":"none",
        "require_consent":false,"id_token_signed_response_alg":"ES256","client_uri":null,"logo_uri":"https://a.example/l.png",
        "policy_uri":null,"tos_uri":null,"policy":{"allowed_scopes":"","default_scopes":"openid",
        "post_logout_redirect_uris":["http://localhost:3000/"],"require_pkce":true,"consent_policy":"always",
        "access_token_lifetime":600,"refresh_token_ttl_days":7,"token_format":"jwt"}}"#;

    /// As this version writes it.
    const PRESENT: &str = r#"{"client_id":"demo","client_name":"Demo","kind":"web","origin":"administrator","enabled":true,
        "redirect_uris":["https://app.example/cb"],"allowed_origins":[],"grant_types":["authorization_code"],"scope":"openid",
        "token_endpoint_auth_method":"client_secret_post","may_introspect":true,"id_token_signed_response_alg":"RS256",
        "client_uri":null,"logo_uri":null,"policy_uri":null,"tos_uri":null,
        "policy":{"access_token_lifetime":600,"id_token_claims":"minimal"}}"#;

    #[test]
    fn a_client_of_the_first_version_can_be_read() {
        let client = Client::from_document(FIRST).unwrap();
        assert_eq!((client.kind, client.grant_types.len()), (ClientKind::Web, 2));
        assert_eq!((client.may_introspect, client.id_token_signed_response_alg), (false, SigningAlg::RS256));
        assert!(client.policy.is_empty() && client.allowed_origins.is_empty());
        assert_eq!(client.origin, ClientOrigin::Administrator);
        let null = FIRST.replacen("\"enabled\":true", "\"enabled\":true,\"policy\":null", 1);
        assert_eq!(Client::from_document(&null).unwrap(), client);
        let silent = FIRST.replacen("\"require_consent\":true", "\"require_consent\":false", 1);
        assert_eq!(Client::from_document(&silent).unwrap().rules().consent, ConsentPolicy::Skip);
    }

    #[test]
    fn a_client_with_a_policy_of_all_members_can_be_read() {
        let client = Client::from_document(FROZEN).unwrap();
        let rules = client.rules();
        assert_eq!((client.enabled, client.logo_uri.as_deref()), (false, Some("https://a.example/l.png")));
        assert_eq!(
            (rules.allowed_scope.to_string(), rules.default_scope.to_string()),
            ("openid".into(), "openid".into())
        );
        assert_eq!((rules.access_token_lifetime, rules.refresh_token_days), (600, 7));
        assert_eq!((rules.token_format, rules.id_token_claims), (TokenFormat::Jwt, IdTokenClaims::Scopes));
        assert_eq!(rules.consent, ConsentPolicy::Skip, "require_consent was false");
        assert!(rules.allows_post_logout_redirect("http://localhost:3000/"));
    }

    #[test]
    fn a_client_of_this_version_can_be_read_and_is_written_so() {
        let client = Client::from_document(PRESENT).unwrap();
        assert_eq!(client.token_endpoint_auth_method, ClientAuthMethod::ClientSecretPost);
        assert_eq!(client.grant_types, [GrantType::AuthorizationCode]);
        let policy = ClientPolicy {
            access_token_lifetime: Some(600),
            id_token_claims: Some(IdTokenClaims::Minimal),
            ..ClientPolicy::default()
        };
        assert_eq!(client.policy, policy);
        let written: Value = serde_json::to_value(&client).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(PRESENT).unwrap());
    }

    #[test]
    fn a_client_with_keys_can_be_read_and_is_written_so() {
        let keys = r#""token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[
            {"kid":"a","alg":"ES256","kty":"EC","crv":"P-256","x":"AQ","y":"Ag"},{"kty":"RSA","n":"AQ","e":"AQAB"},
            {"kty":"OKP","crv":"Ed25519","x":"Aw"}]},"token_endpoint_auth_signing_alg":"ES256","#;
        let address = r#""token_endpoint_auth_method":"private_key_jwt","jwks_uri":"https://a.example/jwks","#;
        for members in [keys, address] {
            let text = PRESENT.replacen(r#""token_endpoint_auth_method":"client_secret_post","#, members, 1);
            let client = Client::from_document(&text).unwrap();
            assert_eq!(client.token_endpoint_auth_method, ClientAuthMethod::PrivateKeyJwt);
            assert_eq!(client.jwks.as_ref().map_or(0, |jwks| jwks.keys().len()) == 3, client.jwks_uri.is_none());
            let written = serde_json::to_value(&client).unwrap();
            assert_eq!(written, serde_json::from_str::<Value>(&text).unwrap());
        }
    }

    #[test]
    fn a_client_that_asks_for_people_can_be_read_and_is_written_so() {
        let asks = r#""tos_uri":null,"ciba":{"backchannel_token_delivery_mode":"ping",
            "backchannel_client_notification_endpoint":"https://a.example/n",
            "backchannel_authentication_request_signing_alg":"ES256"},"#;
        let text = PRESENT.replacen(r#""tos_uri":null,"#, asks, 1);
        let text = text.replacen(r#"["authorization_code"]"#, r#"["urn:openid:params:grant-type:ciba"]"#, 1);
        let client = Client::from_document(&text).unwrap();
        assert_eq!((client.ciba.ping_endpoint(), client.may_use(GrantType::Ciba)), (Some("https://a.example/n"), true));
        assert_eq!(serde_json::to_value(&client).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
    }

    #[test]
    fn a_client_that_is_called_can_be_read_and_is_written_so() {
        let called = r#""tos_uri":null,"logout":{"backchannel_logout_uri":"https://a.example/b","backchannel_logout_session_required":true,
            "frontchannel_logout_uri":"https://app.example/f","frontchannel_logout_session_required":true},
            "initiate_login_uri":"https://a.example/l","#;
        let text = PRESENT.replacen(r#""tos_uri":null,"#, called, 1);
        let client = Client::from_document(&text).unwrap();
        assert!(client.logout.is_told() && client.initiate_login_uri.is_some());
        assert_eq!(serde_json::to_value(&client).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
        let later = text.replacen(r#""logout":{"#, r#""logout":{"later":1,"#, 1);
        assert_eq!(Client::from_document(&later).unwrap(), client);
        assert!(Client::from_document(PRESENT).unwrap().logout.is_empty());
    }

    #[test]
    fn a_client_with_ways_of_its_own_can_be_read_and_is_written_so() {
        let ways = r#""request_uris":["https://a.example/r"],"request_object_signing_alg":"PS256",
            "require_signed_request_object":true,"require_pushed_authorization_requests":true,"dpop_bound_access_tokens":true,
            "tls_client_auth_subject":"DN:CN=shop,O=Example","tls_client_certificate_bound_access_tokens":true,
            "client_uri":null"#;
        let text = PRESENT.replacen(r#""client_uri":null"#, ways, 1);
        let client = Client::from_document(&text).unwrap();
        assert!(client.require_signed_request_object && client.require_pushed_authorization_requests);
        assert!(client.dpop_bound_access_tokens && client.tls_client_certificate_bound_access_tokens);
        let written = serde_json::to_value(&client).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(&text).unwrap());
    }

    #[test]
    fn a_client_with_encrypted_answers_can_be_read_and_is_written_so() {
        let members = r#""jwks":{"keys":[{"use":"enc","alg":"ECDH-ES","kty":"EC","crv":"P-256","x":"AQ","y":"Ag"},
            {"use":"sig","kty":"RSA","n":"AQ","e":"AQAB"},{"alg":"RSA-OAEP-256","kty":"RSA","n":"AQ","e":"AQAB"}]},
            "encryption":{"id_token_encrypted_response_alg":"ECDH-ES","id_token_encrypted_response_enc":"A128CBC-HS256",
            "userinfo_encrypted_response_alg":"ECDH-ES+A128KW","userinfo_encrypted_response_enc":"A256CBC-HS512",
            "authorization_encrypted_response_alg":"ECDH-ES+A256KW","authorization_encrypted_response_enc":"A128GCM",
            "introspection_encrypted_response_alg":"RSA-OAEP-256","introspection_encrypted_response_enc":"A256GCM",
            "request_object_encryption_alg":"ECDH-ES","request_object_encryption_enc":"A256GCM"},"client_uri":null"#;
        let text = PRESENT.replacen(r#""client_uri":null"#, members, 1);
        let client = Client::from_document(&text).unwrap();
        assert!(Encrypted::ALL.iter().all(|part| client.encryption.find(*part).is_some()));
        assert_eq!(serde_json::to_value(&client).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
        assert!(Client::from_document(PRESENT).unwrap().encryption.is_empty());
        // What was to be encrypted is never sent as it is.
        assert!(Client::from_document(&text.replacen("A128GCM", "A512GCM", 1)).is_err());
    }

    #[test]
    fn an_old_client_can_be_read_and_is_written_so() {
        let old = r#""security_profile":"legacy","grant_types":["authorization_code","implicit"],
            "response_types":["code","id_token","id_token token","code id_token","code token","code id_token token"]"#;
        let text = PRESENT.replacen(r#""grant_types":["authorization_code"]"#, old, 1);
        let client = Client::from_document(&text).unwrap();
        assert_eq!(client.response_types(), ResponseType::ALL);
        assert!(client.check_demands().is_ok());
        assert_eq!(serde_json::to_value(&client).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
        let before = Client::from_document(PRESENT).unwrap();
        assert_eq!(before.response_types(), [ResponseType::Code], "nobody decided");
    }

    #[test]
    fn a_client_that_says_how_people_sign_in_can_be_read_and_is_written_so() {
        let people =
            r#""tos_uri":null,"login":{"default_max_age":60,"require_auth_time":true,"default_acr_values":["1"]},"#;
        let text = PRESENT.replacen(r#""tos_uri":null,"#, people, 1);
        let client = Client::from_document(&text).unwrap();
        assert_eq!((client.login.default_max_age, client.login.require_auth_time), (Some(60), true));
        assert_eq!(serde_json::to_value(&client).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
        assert!(Client::from_document(PRESENT).unwrap().login.is_empty());
    }

    #[test]
    fn a_client_that_came_by_itself_can_be_read() {
        for (word, origin) in
            [("metadata_document", ClientOrigin::MetadataDocument), ("registration", ClientOrigin::Registration)]
        {
            let client = Client::from_document(&PRESENT.replacen("administrator", word, 1)).unwrap();
            assert_eq!((client.origin, client.origin.is_dynamic()), (origin, true));
        }
    }

    #[test]
    fn a_client_for_devices_can_be_read() {
        let stored = PRESENT.replacen(
            r#"["authorization_code"]"#,
            r#"["urn:ietf:params:oauth:grant-type:device_code","refresh_token"]"#,
            1,
        );
        let client = Client::from_document(&stored).unwrap();
        assert_eq!(client.grant_types, [GrantType::DeviceCode, GrantType::RefreshToken]);
    }

    #[test]
    fn members_of_another_version_make_no_client_unreadable() {
        let later = PRESENT.replacen("\"kind\"", "\"later\":{\"a\":[1]},\"kind\"", 1).replacen(
            "\"policy\":{",
            "\"policy\":{\"later\":7,",
            1,
        );
        assert_eq!(Client::from_document(&later).unwrap(), Client::from_document(PRESENT).unwrap());
        let written: Map<String, Value> = serde_json::from_str(PRESENT).unwrap();
        let first: Map<String, Value> = serde_json::from_str(FIRST).unwrap();
        for member in written.keys().filter(|member| !first.contains_key(*member)) {
            let mut earlier = written.clone();
            earlier.remove(member);
            let text = Value::Object(earlier).to_string();
            assert!(Client::from_document(&text).is_ok(), "{member}");
        }
        assert!(Client::from_document("[]").is_err() && Client::from_document("{}").is_err());
    }
}
