//! Metadata of clients, narrowed.

use serde_json::json;

use super::*;

fn read(metadata: Value) -> Result<Description, MetadataError> {
    let Value::Object(metadata) = metadata else { panic!("it is an object") };
    narrow(&metadata, Methods::DOCUMENT, Vec::new())
}

fn with(member: &str, value: Value) -> Value {
    let mut metadata = json!({ "redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": "none" });
    metadata[member] = value;
    metadata
}

#[test]
fn what_is_not_known_is_left_out_and_the_rest_is_served() {
    let (bearer, exchange) = (GrantType::JwtBearer.as_str(), GrantType::TokenExchange.as_str());
    let grants = json!(["authorization_code", bearer, "refresh_token", exchange, 7]);
    let narrowed = read(with("grant_types", grants)).unwrap();
    let kept = [GrantType::AuthorizationCode, GrantType::JwtBearer, GrantType::RefreshToken];
    assert_eq!(narrowed.grant_types, kept);
    assert_eq!(narrowed.dropped, ["grant type urn:ietf:params:oauth:grant-type:token-exchange"]);
    for (member, value) in [
        ("response_types", json!(["code id_token", "device"])),
        ("grant_types", json!("authorization_code")),
        ("client_name", json!(7)),
        ("contacts", json!({"a": [1]})),
        ("logo_uri", json!("javascript:alert(1)")),
        ("software_statement", json!("x.y.z")),
    ] {
        assert!(read(with(member, value.clone())).is_ok(), "{member} {value}");
    }
    let without = read(json!({ "redirect_uris": ["https://a.example/cb"] })).unwrap();
    assert_eq!(without.grant_types, [GrantType::AuthorizationCode], "no refresh token that was not asked for");
    assert_eq!(without.authentication, Authentication::by(ClientAuthMethod::None));
    assert_eq!(read(with("grant_types", json!(["client_credentials"]))), Err(MetadataError::GrantType));
    assert_eq!(read(with("grant_types", json!([]))), Err(MetadataError::GrantType));
    assert_eq!(read(with("grant_types", json!(["refresh_token"]))), Err(MetadataError::GrantType));
}

#[test]
fn an_address_that_cannot_be_called_is_left_out() {
    let uri = "https://a.example/bye";
    for (member, good, bad) in [
        ("backchannel_logout_uri", uri, "http://a.example/bye"),
        ("frontchannel_logout_uri", uri, "https://b.example/bye"),
        ("initiate_login_uri", uri, "https://a.example/#x"),
    ] {
        let kept = read(with(member, json!(good))).unwrap();
        let client = kept.to_client(ClientId::new("x"), "a.example", ClientOrigin::MetadataDocument);
        let logout = client.logout;
        let places = [logout.backchannel_logout_uri, logout.frontchannel_logout_uri, client.initiate_login_uri];
        assert_eq!(places.into_iter().flatten().collect::<Vec<_>>(), [uri], "{member}");
        for wrong in [json!(bad), json!(7)] {
            let narrowed = read(with(member, wrong)).unwrap();
            assert!(narrowed.logout.is_empty() && narrowed.initiate_login_uri.is_none(), "{member}");
            assert!(matches!(narrowed.dropped.as_slice(), [why] if why.starts_with(member)), "{:?}", narrowed.dropped);
        }
    }
}

#[test]
fn a_device_needs_no_redirect_uri() {
    let device = json!(["urn:ietf:params:oauth:grant-type:device_code", "refresh_token", "client_credentials"]);
    for uris in [json!(null), json!([]), json!(["javascript:x"])] {
        let described = read(json!({ "grant_types": device, "redirect_uris": uris })).unwrap();
        assert_eq!(described.grant_types, [GrantType::DeviceCode, GrantType::RefreshToken]);
        assert!(described.redirect_uris.is_empty());
        let client = described.to_client(ClientId::new("x"), "a.example", ClientOrigin::MetadataDocument);
        assert_eq!(client.kind, ClientKind::Native);
    }
    let both = json!(["urn:ietf:params:oauth:grant-type:device_code", "authorization_code"]);
    assert!(matches!(read(json!({ "grant_types": both })), Err(MetadataError::RedirectUris(_))));
}

#[test]
fn a_method_that_nobody_here_can_is_named() {
    assert_eq!(
        read(with("token_endpoint_auth_method", json!("tls_client_auth"))),
        Err(MetadataError::Method("tls_client_auth".to_owned()))
    );
}

#[test]
fn each_redirect_uri_is_judged_alone() {
    let uris = json!([
        "http://a.example/cb",
        "http://localhost/callback",
        "javascript:alert(1)",
        "cursor://anysphere/cb",
        5,
        "https://*.example/cb",
        "https://a.example/cb#x",
        "https://a.example/cb",
        "https://a.example/cb"
    ]);
    let narrowed = read(with("redirect_uris", uris)).unwrap();
    let kept: Vec<&str> = narrowed.redirect_uris.iter().map(RedirectUri::as_str).collect();
    assert_eq!(kept, ["http://localhost/callback", "cursor://anysphere/cb", "https://a.example/cb"]);
    assert_eq!(narrowed.dropped.len(), 4);
    for none in [json!([]), json!(["http://a.example/cb"]), json!("https://a.example/cb"), json!(null)] {
        assert!(matches!(read(with("redirect_uris", none)), Err(MetadataError::RedirectUris(_))));
    }
    let many: Vec<String> = (0..100).map(|number| format!("https://a.example/{number}")).collect();
    assert_eq!(read(with("redirect_uris", json!(many))).unwrap().redirect_uris.len(), MOST_REDIRECT_URIS);
}

#[test]
fn a_stranger_s_scheme_is_a_reversed_domain_name_or_one_that_is_known() {
    for good in [
        "com.example.app:/cb",
        "app.x://cb",
        "cursor://anysphere/cb",
        "VSCode://x/cb",
        "vscode-insiders://x/cb",
        "claude://cb",
        "goose://cb",
        "zed://cb",
        "windsurf://cb",
    ] {
        assert!(parse_redirect_uri(good).is_ok(), "{good}");
    }
    for bad in [
        "ms-msdt:/id",
        "filesystem:https://a.example/x",
        "jar:https://a.example!/x",
        "intent://x#Intent;end",
        "intent://x",
        "search-ms:query=x",
        "steam://run/1",
        "myapp://cb",
        "myapp.:/cb",
        "a..b:/cb",
    ] {
        assert!(parse_redirect_uri(bad).is_err(), "{bad}");
    }
}

#[test]
fn links_are_https_and_names_can_be_shown() {
    for (url, kept) in
        [("https://a.example/x", true), ("http://a.example/x", false), ("javascript:alert(1)", false), ("", false)]
    {
        let narrowed = read(with("policy_uri", json!(url))).unwrap();
        assert_eq!(narrowed.policy_uri.is_some(), kept, "{url}");
    }
    for (name, kept) in [("Claude", Some("Claude")), ("", None), ("a\u{202e}b", None), ("a\nb", None)] {
        assert_eq!(read(with("client_name", json!(name))).unwrap().client_name.as_deref(), kept, "{name:?}");
    }
}

#[test]
fn what_was_decided_here_stays_when_the_description_changes() {
    let (id, origin) = (ClientId::new("https://a.example/c"), ClientOrigin::MetadataDocument);
    let first = read(with("client_name", json!("A"))).unwrap().to_client(id, "a.example", origin);
    assert_eq!((first.client_name.as_str(), first.kind, first.logo_uri.as_ref()), ("A", ClientKind::Web, None));
    let decided = Client { enabled: false, scope: Scope::parse("openid").unwrap(), ..first };
    let next = read(with("redirect_uris", json!(["http://127.0.0.1/"]))).unwrap().applied_to(&decided);
    assert_eq!((next.enabled, next.scope.to_string().as_str(), next.kind), (false, "openid", ClientKind::Native));
    assert_eq!(next.client_name, "A");
}
