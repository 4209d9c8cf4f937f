//! Registrations as programs send them, written down by hand on 26 November 2026, and what they are answered.

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Management, Registration, RegistrationResponse, is_registered_id};
use crate::client::{Client, ClientKind, ClientOrigin};
use crate::error::{ErrorCode, TokenError};
use crate::scope::{ScopeDefinition, ScopeToken};
use crate::seal::Seal;
use crate::secret::Secret;
use crate::time::Timestamp;

fn read(body: &Value) -> Result<Registration, TokenError> {
    Registration::read(body.to_string().as_bytes())
}

fn refused(body: &Value) -> ErrorCode {
    read(body).unwrap_err().0.code
}

fn client(body: &Value) -> Client {
    let seal = Seal::new(Zeroizing::new([7; 32]));
    read(body).unwrap().to_client(&known(), "drawn", &seal)
}

fn known() -> Vec<ScopeDefinition> {
    let define = |name: &str| ScopeDefinition {
        name: ScopeToken::parse(name).unwrap(),
        description: String::new(),
        claims: Vec::new(),
        id: String::new(),
        claims_before: Vec::new(),
        owner: None,
    };
    ["openid", "offline_access", "mcp:read"].map(define).to_vec()
}

/// The programs, their bodies, and what is made of them.
fn bodies() -> Vec<(&'static str, Value, ClientKind, &'static str)> {
    let claude = json!({
        "client_name": "Claude", "redirect_uris": ["https://claude.ai/api/mcp/auth_callback"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "token_endpoint_auth_method": "none", "scope": "claudeai mcp:read",
    });
    let claude_code = json!({
        "client_name": "Claude Code (files)", "redirect_uris": ["http://localhost:57470/callback"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "token_endpoint_auth_method": "none", "application_type": "native",
    });
    let vs_code = json!({
        "client_name": "Visual Studio Code", "client_uri": "https://code.visualstudio.com",
        "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        "response_types": ["code"], "token_endpoint_auth_method": "none", "application_type": "native",
        "redirect_uris": ["https://insiders.vscode.dev/redirect", "https://vscode.dev/redirect",
            "http://127.0.0.1/", "http://127.0.0.1:33418/"],
    });
    let cursor = json!({
        "client_name": "Cursor", "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "token_endpoint_auth_method": "none", "application_type": "web",
        "redirect_uris": ["cursor://anysphere.cursor-mcp/oauth/callback",
            "https://www.cursor.com/agents/mcp/oauth/callback", "http://localhost:8787/callback"],
    });
    let gemini = json!({
        "client_name": "Gemini CLI MCP Client", "redirect_uris": ["http://localhost:7777/oauth/callback"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "token_endpoint_auth_method": "none", "scope": "",
    });
    let antigravity = json!({
        "client_name": "Antigravity", "redirect_uris": ["https://antigravity.google/oauth-callback"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
    });
    let codex = json!({
        "client_name": "Codex", "redirect_uris": ["http://127.0.0.1:1455/callback/a1b2"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "token_endpoint_auth_method": "none", "application_type": "native",
    });
    let opencode = json!({
        "client_name": "OpenCode", "client_uri": "https://opencode.ai",
        "redirect_uris": ["http://127.0.0.1:19876/mcp/oauth/callback"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    let inspector = json!({
        "client_name": "MCP Inspector", "client_uri": "https://github.com/modelcontextprotocol/inspector",
        "redirect_uris": ["http://localhost:6274/oauth/callback", "http://localhost:6274/oauth/callback/debug"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "token_endpoint_auth_method": "none", "scope": "openid mcp:read unheard-of",
    });
    // The SDK for Python, of version 1, sent every member that it knows.
    let python = json!({
        "redirect_uris": ["http://localhost:3030/callback"], "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "scope": "mcp:read",
        "client_name": "Simple Auth Client", "client_uri": null, "logo_uri": null, "contacts": null,
        "tos_uri": null, "policy_uri": null, "jwks_uri": null, "jwks": null, "software_id": null,
        "software_version": null,
    });
    let hermes = json!({
        "client_name": "Hermes", "redirect_uris": ["http://127.0.0.1:0/callback"],
        "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        "token_endpoint_auth_method": "none",
    });
    vec![
        ("Claude", claude, ClientKind::Web, "none"),
        ("Claude Code", claude_code, ClientKind::Native, "none"),
        ("Visual Studio Code", vs_code, ClientKind::Native, "none"),
        ("Cursor", cursor, ClientKind::Native, "none"),
        ("Gemini CLI", gemini, ClientKind::Native, "none"),
        ("Antigravity", antigravity, ClientKind::Web, "client_secret_basic"),
        ("Codex", codex, ClientKind::Native, "none"),
        ("OpenCode", opencode, ClientKind::Native, "none"),
        ("MCP Inspector", inspector, ClientKind::Native, "none"),
        ("Python", python, ClientKind::Native, "client_secret_post"),
    ]
    .into_iter()
    // Port 0 is none that anybody can be sent to.
    .chain(Some(("Hermes", fixed_port(hermes), ClientKind::Native, "none")))
    .collect()
}

fn fixed_port(mut body: Value) -> Value {
    body["redirect_uris"] = json!(["http://127.0.0.1:8085/callback"]);
    body
}

#[test]
fn programs_are_registered_as_what_they_are() {
    for (name, body, kind, method) in bodies() {
        let registration = read(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
        let client = client(&body);
        assert_eq!((client.kind, client.token_endpoint_auth_method.as_str()), (kind, method), "{name}");
        assert_eq!(client.origin, ClientOrigin::Registration, "{name}");
        assert!(is_registered_id(client.client_id.as_str()) && client.client_id.as_str().len() <= 64, "{name}");
        let secret = Secret::new("s3cret");
        let secret = (method != "none").then_some(&secret);
        let response =
            RegistrationResponse::new(&client, registration.redirect_uris(), Timestamp(1_800_000_000), secret, None);
        let answer = serde_json::to_value(&response).unwrap();
        assert_eq!(answer["redirect_uris"], body["redirect_uris"], "{name}");
        assert_eq!(answer["grant_types"], body["grant_types"], "{name}");
        assert_eq!(answer["token_endpoint_auth_method"], method, "{name}");
        assert_eq!(answer.get("client_secret").is_some(), secret.is_some(), "{name}");
        assert_eq!(answer.get("client_secret_expires_at"), secret.map(|_| json!(0)).as_ref(), "{name}");
        for (member, value) in answer.as_object().unwrap() {
            assert!(!value.is_null() && value != "", "{name}: {member}");
        }
    }
}

#[test]
fn a_scope_is_narrowed_and_never_a_reason_to_refuse() {
    for (asked, kept) in [
        (json!("claudeai mcp:read"), Some("mcp:read")),
        (json!("mcp:read  mcp:read \"wrong\" offline_access"), Some("mcp:read offline_access")),
        (json!("nothing known"), None),
        (json!(""), None),
        (json!(7), None),
    ] {
        let body = json!({ "redirect_uris": ["https://a.example/cb"], "scope": asked });
        let client = client(&body);
        let default = client.policy.default_scopes.as_ref().map(ToString::to_string);
        assert_eq!(default.as_deref(), kept, "{asked}");
        assert!(client.requested_scope(Some(&"offline_access".to_owned().try_into().unwrap()), &known()).is_ok());
        assert_eq!(client.unusable_default_scope(), None);
    }
}

#[test]
fn redirect_uris_are_judged_one_by_one() {
    let one = |uri: &str| json!({ "redirect_uris": [uri], "token_endpoint_auth_method": "none" });
    for uri in [
        "https://a.example/cb?x=1",
        "http://localhost:1/cb",
        "http://127.0.0.1/cb",
        "http://[::1]:1/cb",
        "com.example.app:/cb",
        "cursor://anysphere.cursor-mcp/oauth/callback",
    ] {
        assert!(read(&one(uri)).is_ok(), "{uri}");
    }
    for uri in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "about:blank",
        "blob:https://a.example/x",
        "http://a.example/cb",
        "https://a.example/cb#x",
        "com.example.app:/cb#x",
        "https://*.a.example/cb",
        "/cb",
        "",
        "https://a.example/cb?code=1",
    ] {
        assert_eq!(refused(&one(uri)), ErrorCode::InvalidRedirectUri, "{uri}");
        let mixed = json!({ "redirect_uris": ["https://a.example/cb", uri], "token_endpoint_auth_method": "none" });
        assert_eq!(refused(&mixed), ErrorCode::InvalidRedirectUri, "{uri}");
    }
    assert_eq!(refused(&one(&format!("https://a.example/{}", "x".repeat(2_048)))), ErrorCode::InvalidRedirectUri);
    let many = |number: usize| {
        let uris: Vec<String> = (0..number).map(|number| format!("https://a.example/{number}")).collect();
        json!({ "redirect_uris": uris })
    };
    assert!(read(&many(10)).is_ok());
    for wrong in
        [many(11), many(0), json!({}), json!({"redirect_uris": "https://a.example"}), json!({"redirect_uris": [1]})]
    {
        assert_eq!(refused(&wrong), ErrorCode::InvalidRedirectUri, "{wrong}");
    }
}

#[test]
fn what_cannot_be_served_is_refused_by_its_word() {
    for body in ["", "[]", "7", "null", "{", "{\"redirect_uris\":[\"https://a.example/cb\"]"] {
        let error = Registration::read(body.as_bytes()).unwrap_err();
        assert_eq!(error.0.code, ErrorCode::InvalidClientMetadata, "{body}");
    }
    for (member, value) in [
        ("grant_types", json!(["client_credentials"])),
        ("grant_types", json!(["implicit"])),
        ("token_endpoint_auth_method", json!("tls_client_auth")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
    ] {
        let mut body = json!({ "redirect_uris": ["https://a.example/cb"] });
        body[member] = value;
        assert_eq!(refused(&body), ErrorCode::InvalidClientMetadata, "{body}");
    }
}

#[test]
fn a_list_of_methods_holds_alternatives_and_the_one_is_preferred() {
    for (one, list, method) in [
        (json!(null), json!(["none", "client_secret_post"]), "client_secret_post"),
        (json!("none"), json!(["none", "client_secret_post"]), "none"),
        // Without keys it signs nothing.
        (json!("private_key_jwt"), json!(["private_key_jwt", "none"]), "none"),
        (json!(null), json!(null), "client_secret_basic"),
    ] {
        let body = json!({
            "redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": one,
            "token_endpoint_auth_methods_supported": list,
        });
        assert_eq!(client(&body).token_endpoint_auth_method.as_str(), method, "{body}");
    }
}

#[test]
fn copies_of_a_public_program_are_one_client() {
    let public = |name: &str, uris: Value| {
        client(&json!({ "client_name": name, "redirect_uris": uris, "token_endpoint_auth_method": "none" })).client_id
    };
    let first = public("A", json!(["http://localhost:1/cb", "https://a.example/cb"]));
    for same in [
        json!(["http://localhost:65535/cb", "https://a.example/cb"]),
        json!(["https://a.example/cb", "http://localhost/cb"]),
    ] {
        assert_eq!(public("A", same.clone()), first, "{same}");
    }
    for other in [
        json!(["http://127.0.0.1:1/cb", "https://a.example/cb"]),
        json!(["http://localhost:1/other", "https://a.example/cb"]),
        json!(["http://localhost:1/cb", "https://a.example:444/cb"]),
        json!(["http://localhost:1/cb"]),
    ] {
        assert_ne!(public("A", other.clone()), first, "{other}");
    }
    assert_ne!(public("B", json!(["http://localhost:1/cb", "https://a.example/cb"])), first);
    let seal = Seal::new(Zeroizing::new([8; 32]));
    let body = json!({ "redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": "none" });
    assert_ne!(read(&body).unwrap().to_client(&known(), "", &seal).client_id, client(&body).client_id);
}

#[test]
fn an_update_is_about_the_client_whose_token_it_has() {
    let before = client(&json!({ "redirect_uris": ["https://a.example/cb"] }));
    let update = |members: Value| {
        let mut body = json!({ "redirect_uris": ["https://b.example/cb"], "client_id": "dcr-drawn" });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        read(&body)?.check_update(&before, |secret| secret.expose() == "right")
    };
    assert!(update(json!({})).is_ok());
    assert!(update(json!({ "client_secret": "right" })).is_ok());
    for wrong in [
        json!({ "client_id": "other" }),
        json!({ "client_id": null }),
        json!({ "client_secret": "wrong" }),
        json!({ "token_endpoint_auth_method": "none" }),
        json!({ "token_endpoint_auth_method": "private_key_jwt" }),
    ] {
        assert!(update(wrong.clone()).is_err(), "{wrong}");
    }
    let signs = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://a.example/jwks" });
    assert!(update(signs.clone()).is_ok());
    let mut body = json!({ "redirect_uris": ["https://b.example/cb"], "client_id": "dcr-drawn" });
    body.as_object_mut().unwrap().extend(signs.as_object().unwrap().clone());
    let signer = client(&body);
    for (method, good) in
        [("private_key_jwt", true), ("client_secret_post", false), ("client_secret_jwt", false), ("none", false)]
    {
        body["token_endpoint_auth_method"] = json!(method);
        assert_eq!(read(&body).unwrap().check_update(&signer, |_| false).is_ok(), good, "{method}");
    }
}

#[test]
fn an_answer_names_the_registration_if_it_can_be_changed() {
    let body = json!({ "redirect_uris": ["https://a.example/cb"], "client_uri": "https://a.example" });
    let management =
        Management { access_token: Secret::new("t"), client_uri: "https://id.example/register/dcr-drawn".to_owned() };
    let (registration, client) = (read(&body).unwrap(), client(&body));
    let uris = registration.redirect_uris();
    let secret = Secret::new("s");
    let answer = RegistrationResponse::new(&client, uris, Timestamp(5), Some(&secret), Some(&management));
    let expected = json!({
        "client_id": "dcr-drawn", "client_id_issued_at": 5, "client_secret": "s", "client_secret_expires_at": 0,
        "registration_access_token": "t", "registration_client_uri": "https://id.example/register/dcr-drawn",
        "client_name": "a.example", "redirect_uris": ["https://a.example/cb"], "client_uri": "https://a.example",
        "grant_types": ["authorization_code"], "response_types": ["code"], "application_type": "web",
        "token_endpoint_auth_method": "client_secret_basic", "id_token_signed_response_alg": "RS256",
        "subject_type": "public",
    });
    assert_eq!(serde_json::to_value(&answer).unwrap(), expected);
}

#[test]
fn places_for_people_who_signed_out_are_registered_or_refused_by_name() {
    let with = |uris: Value| {
        json!({
            "redirect_uris": ["http://localhost:1/cb"], "post_logout_redirect_uris": uris,
            "token_endpoint_auth_method": "none",
        })
    };
    for uris in [
        json!(["https://a.example/bye?x=1"]),
        json!(["http://localhost:7/bye", "com.example.app:/bye"]),
        json!(["https://a.example/bye?code=1", "https://a.example/bye?code=1"]),
        json!([]),
        json!(null),
    ] {
        let body = with(uris.clone());
        let (registration, client) = (read(&body).unwrap(), client(&body));
        let answer = RegistrationResponse::new(&client, registration.redirect_uris(), Timestamp(5), None, None);
        let answer = serde_json::to_value(&answer).unwrap();
        let first = uris.as_array().and_then(|uris| uris.first());
        assert_eq!(answer.get("post_logout_redirect_uris").and_then(|kept| kept.get(0)), first, "{uris}");
        let allows = |uri: &Value| client.rules().allows_post_logout_redirect(uri.as_str().unwrap());
        assert!(first.is_none_or(allows) && allows(&json!("http://localhost:1/cb")) == first.is_none(), "{uris}");
    }
    for wrong in [
        json!("https://a.example/bye"),
        json!([7]),
        json!([""]),
        json!(["/bye"]),
        json!(["http://a.example/bye"]),
        json!(["https://a.example/bye#x"]),
        json!(["https://a.example/bye?state=1"]),
        json!(["javascript:alert(1)"]),
        json!(vec!["https://a.example/bye"; 11]),
    ] {
        let refused = read(&with(wrong.clone())).unwrap_err().0;
        assert_eq!(refused.code, ErrorCode::InvalidClientMetadata, "{wrong}");
        assert!(refused.description.starts_with("post_logout_redirect_uris"), "{wrong}: {}", refused.description);
    }
    // Copies of one program listen elsewhere and are one client; another place makes another client.
    let id = |uri: &str| client(&with(json!([uri]))).client_id;
    assert_eq!(id("http://localhost:7/bye"), id("http://localhost:8/bye"));
    assert_ne!(id("http://localhost:7/bye"), id("http://localhost:7/other"));
    assert!(
        client(&with(json!(["http://localhost:7/bye"]))).rules().allows_post_logout_redirect("http://localhost:8/bye")
    );
}

#[test]
fn claims_of_scopes_are_at_userinfo_for_clients_that_register() {
    let client = client(&json!({ "redirect_uris": ["https://a.example/cb"] }));
    assert_eq!(client.rules().id_token_claims, crate::client::IdTokenClaims::Minimal);
}

#[test]
fn keys_are_read_for_signed_authentication_requests_beside_a_secret() {
    let body = json!({
        "grant_types": ["urn:openid:params:grant-type:ciba"], "jwks_uri": "https://a.example/jwks",
        "backchannel_authentication_request_signing_alg": "ES256",
    });
    assert_eq!(client(&body).jwks_uri.as_deref(), Some("https://a.example/jwks"));
    let mut keyless = body.clone();
    keyless.as_object_mut().unwrap().remove("jwks_uri");
    assert_eq!(refused(&keyless), ErrorCode::InvalidClientMetadata);
}
