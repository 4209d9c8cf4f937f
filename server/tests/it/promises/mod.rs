//! The promises of the metadata are kept: each member and each value is tried here, or by a test that the table names.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use idp::outbound::OutboundOptions;
use idp::testing::certificate::TestCertificate;
use oauth::client::ClientKind;
use serde_json::{Value, json};

use self::table::{LISTS, RESPONSE_TYPES, SINGLE};
use crate::assertion::JWT_BEARER;
use crate::browser::{Answer, Browser};
use crate::ciba::{ask_as, create_asking};
use crate::dpop::Holder;
use crate::mtls::{Peer, SETTINGS};
use crate::registered::secret_jwt::plain;
use crate::registration;
use crate::server::{CALLBACK, CHALLENGE, ISSUER, SECRET, Server, VERIFIER, claims, encode, jwt_header, text};
use crate::signed_answers::verified;
use crate::trusts::{World, exchange, given};

const ADDRESSES: [&str; 2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

/// A server that offers all that it can.
async fn generous() -> World {
    let settings = [&SETTINGS[..], &[("SESSION_MANAGEMENT", "true"), ("LEGACY_RESPONSE_TYPES", "true")]].concat();
    let server = Server::start().await.with_settings(&settings, OutboundOptions::default()).await;
    registration::set_policy(&server, "open").await;
    let world = World::of(server).await;
    given::with_audience(&world, "").await;
    exchange::let_notes_call_maps(&world.server).await;
    let bank = json!({ "identifier": "https://bank.example", "authorization_details_types": [{ "type": "payment_initiation" }] });
    world.server.create_resource(&bank).await;
    world
}

/// The contents of the metadata: each value of each list, each member of an object, and all else as it is.
fn said(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut said: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, value) in document.as_object().unwrap() {
        match value {
            Value::Array(values) => {
                let values = values.iter().map(|value| value.as_str().unwrap().to_owned());
                said.insert(name.clone(), values.collect());
            }
            Value::Object(members) => said.extend(members.keys().map(|key| (format!("{name}.{key}"), BTreeSet::new()))),
            _ => {
                said.insert(name.clone(), BTreeSet::new());
            }
        }
    }
    said
}

#[tokio::test]
async fn each_member_and_each_value_of_the_metadata_is_tried() {
    let world = generous().await;
    let mut table: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, _) in SINGLE {
        table.insert((*name).to_owned(), BTreeSet::new());
    }
    for (name, values, _) in LISTS {
        table.entry((*name).to_owned()).or_default().extend(values.split_whitespace().map(str::to_owned));
    }
    // Those with tokens are tried by `TYPES`, each of them.
    table.insert("response_types_supported".to_owned(), RESPONSE_TYPES.map(str::to_owned).into());
    for address in ADDRESSES {
        let document = world.server.browser().get(address).await.json();
        let said = said(&document);
        let names = |map: &BTreeMap<String, BTreeSet<String>>| map.keys().cloned().collect::<BTreeSet<_>>();
        let (promised, tried) = (names(&said), names(&table));
        assert_eq!(promised.difference(&tried).collect::<Vec<_>>(), [""; 0], "nobody tries these members");
        assert_eq!(tried.difference(&promised).collect::<Vec<_>>(), [""; 0], "nobody promises these members");
        for (name, values) in &said {
            assert_eq!(*values, table[name], "{name}");
        }
        for flag in document.as_object().unwrap().values().filter_map(Value::as_bool) {
            assert!(flag || document["require_pushed_authorization_requests"] == false);
        }
    }
}

#[test]
fn each_test_that_the_table_names_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let of_lists = LISTS.iter().map(|(_, _, test)| *test);
    for test in SINGLE.iter().map(|(_, test)| *test).chain(of_lists) {
        let (modules, function) = test.rsplit_once("::").unwrap();
        let path = root.join(modules.replace("::", "/"));
        let source = std::fs::read_to_string(path.with_extension("rs"))
            .or_else(|_| std::fs::read_to_string(path.join("mod.rs")))
            .unwrap_or_else(|_| panic!("there is no module {modules}"));
        assert!(source.contains(&format!("fn {function}(")), "there is no test {test}");
    }
}

/// The values of a list of the metadata.
async fn listed(server: &Server, name: &str) -> Vec<String> {
    let document = server.browser().get(ADDRESSES[1]).await.json();
    document[name].as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// A key that signs by an algorithm that is listed.
fn key(alg: &str) -> Holder {
    let algs = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"];
    Holder::by(algs.into_iter().find(|it| *it == alg).unwrap_or_else(|| panic!("no key for {alg}")))
}

/// A JWT by that key.
fn signed(holder: &Holder, alg: &str, claims: &Value) -> String {
    holder.sign(&json!({ "alg": alg, "kid": alg }), claims)
}

fn keys(holder: &Holder, alg: &str) -> String {
    let mut jwk = holder.public();
    jwk["kid"] = json!(alg);
    json!({ "keys": [jwk] }).to_string()
}

const OWN: (&str, &str) = ("grant_type", "client_credentials");

/// The client gets a token, asks about it, and revokes it.
async fn uses_each_endpoint(
    name: &str,
    mut call: impl AsyncFnMut(&str, &[(&str, &str)]) -> Answer,
    token: Option<String>,
) {
    let token = match token {
        Some(token) => token,
        None => {
            let answer = call("/token", &[OWN, ("scope", "email")]).await;
            assert_eq!(answer.status, StatusCode::OK, "{name} {}", answer.body);
            text(&answer.json(), "access_token").to_owned()
        }
    };
    let about = call("/introspect", &[("token", &token)]).await;
    assert_eq!(about.json()["active"], true, "{name} {}", about.body);
    let revoked = call("/revoke", &[("token", &token)]).await;
    assert_eq!(revoked.status, StatusCode::OK, "{name} {}", revoked.body);
    assert_eq!(call("/introspect", &[("token", &token)]).await.json(), json!({ "active": false }), "{name}");
}

#[tokio::test]
async fn each_algorithm_of_assertions_proves_a_client_at_each_endpoint() {
    let server = Server::start().await;
    for alg in listed(&server, "token_endpoint_auth_signing_alg_values_supported").await {
        let by_mac = alg.starts_with("HS");
        let holder = (!by_mac).then(|| key(&alg));
        let id = format!("by-{alg}");
        let body = json!({
            "client_id": id, "grant_types": "client_credentials", "scope": "email",
            "token_endpoint_auth_method": if by_mac { "client_secret_jwt" } else { "private_key_jwt" },
            "token_endpoint_auth_signing_alg": if alg == "Ed25519" { "EdDSA" } else { alg.as_str() },
            "jwks": holder.as_ref().map(|holder| keys(holder, &alg)).unwrap_or_default(),
        });
        let created = server.admin("POST", "/admin/clients", &body).await;
        assert_eq!(created.status, StatusCode::CREATED, "{alg} {}", created.body);
        let secret = created.json()["client_secret"].as_str().unwrap_or_default().to_owned();
        let call = async |path: &str, fields: &[(&str, &str)]| {
            let (jti, now) = (idp::random::token(), server.clock.now().0);
            let assertion = match &holder {
                Some(holder) => {
                    let claims = json!({ "iss": id, "sub": id, "aud": ISSUER, "jti": jti, "exp": now + 60 });
                    signed(holder, &alg, &claims)
                }
                None => plain(&server, &alg, &id, &secret, &jti),
            };
            let proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", assertion.as_str())];
            server.post(path, None, &[&proof[..], fields].concat()).await
        };
        uses_each_endpoint(&alg, call, None).await;
    }
}

#[tokio::test]
async fn each_way_to_prove_itself_works_at_each_endpoint() {
    let server = Server::start().await.behind_mtls_proxy(&SETTINGS).await;
    let certificate = TestCertificate::new(&[("CN", "shop")], &[]);
    for method in listed(&server, "token_endpoint_auth_methods_supported").await {
        let holder = key("ES256");
        if method == "none" {
            let mut browser = server.signed_in().await;
            let asked = [("client_id", "spa"), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
            let code = browser.authorize(&asked).await;
            let fields = [
                ("grant_type", "authorization_code"),
                ("client_id", "spa"),
                ("code", code.as_str()),
                ("redirect_uri", CALLBACK),
                ("code_verifier", VERIFIER),
            ];
            let tokens = server.post("/token", None, &fields).await;
            assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
            let call = async |path: &str, fields: &[(&str, &str)]| {
                server.post(path, None, &[&[("client_id", "spa")], fields].concat()).await
            };
            uses_each_endpoint(&method, call, Some(text(&tokens.json(), "access_token").to_owned())).await;
            continue;
        }
        let jwks = match method.as_str() {
            "private_key_jwt" => keys(&holder, "ES256"),
            "self_signed_tls_client_auth" => certificate.jwks(),
            _ => String::new(),
        };
        let body = json!({
            "client_id": method, "grant_types": "client_credentials", "scope": "email", "token_endpoint_auth_method": method,
            "jwks": jwks, "tls_client_auth_subject": if method == "tls_client_auth" { "DN:CN=shop" } else { "" },
        });
        let created = server.admin("POST", "/admin/clients", &body).await;
        assert_eq!(created.status, StatusCode::CREATED, "{method} {}", created.body);
        let secret = created.json()["client_secret"].as_str().unwrap_or_default().to_owned();
        let call = async |path: &str, fields: &[(&str, &str)]| {
            let (jti, now) = (idp::random::token(), server.clock.now().0);
            let claims = json!({ "iss": method, "sub": method, "aud": ISSUER, "jti": jti, "exp": now + 60 });
            let assertion = match method.as_str() {
                "private_key_jwt" => signed(&holder, "ES256", &claims),
                "client_secret_jwt" => plain(&server, "HS256", &method, &secret, &jti),
                _ => String::new(),
            };
            let peer = Peer::with(&server, &certificate);
            let id = ("client_id", method.as_str());
            match method.as_str() {
                "client_secret_basic" => server.post(path, Some(&format!("{method}:{secret}")), fields).await,
                "client_secret_post" => {
                    server.post(path, None, &[&[id, ("client_secret", secret.as_str())], fields].concat()).await
                }
                "tls_client_auth" | "self_signed_tls_client_auth" => peer.post(path, &[&[id], fields].concat()).await,
                _ => {
                    let proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", assertion.as_str())];
                    server.post(path, None, &[&proof[..], fields].concat()).await
                }
            }
        };
        uses_each_endpoint(&method, call, None).await;
    }
}

#[tokio::test]
async fn each_algorithm_of_request_objects_is_verified() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    for alg in listed(&server, "request_object_signing_alg_values_supported").await {
        let holder = key(&alg);
        let registered = json!({
            "jwks": keys(&holder, &alg), "request_object_signing_alg": if alg == "Ed25519" { "EdDSA" } else { alg.as_str() },
        });
        let answer = server.admin("PATCH", "/admin/clients/web", &registered).await;
        assert_eq!(answer.status, StatusCode::OK, "{alg} {}", answer.body);
        let claims = json!({ "iss": "web", "aud": ISSUER, "client_id": "web", "response_type": "code", "redirect_uri": CALLBACK,
            "scope": "openid", "state": alg });
        let object = signed(&holder, &alg, &claims);
        let answer =
            browser.get(&format!("/authorize?{}", encode(&[("client_id", "web"), ("request", &object)]))).await;
        let query = answer.query();
        assert_eq!((query.text("state"), query.text("code").is_empty()), (alg, false), "{}", answer.location());
    }
}

#[tokio::test]
async fn each_algorithm_of_authentication_requests_is_verified() {
    let server = Server::start().await;
    for alg in listed(&server, "backchannel_authentication_request_signing_alg_values_supported").await {
        let (holder, id, now) = (key(&alg), format!("by-{alg}"), server.clock.now().0);
        create_asking(&server, &id, |draft| draft.jwks = keys(&holder, &alg)).await;
        let asked = json!({ "iss": id, "aud": ISSUER, "iat": now, "nbf": now, "exp": now + 60, "jti": alg,
            "scope": "openid", "login_hint": "alice" });
        let answer = ask_as(&server, &id, &[("request", &signed(&holder, &alg, &asked))]).await;
        assert_eq!(answer.status, StatusCode::OK, "{alg} {}", answer.body);
        let another = json!({ "jti": "another", "iss": id, "aud": ISSUER, "iat": now, "nbf": now, "exp": now + 60,
            "scope": "openid", "login_hint": "alice" });
        let [forged, own] = [signed(&holder, &alg, &another), signed(&holder, &alg, &asked)];
        let (forged, own) = (forged.rsplit_once('.').unwrap(), own.rsplit_once('.').unwrap());
        let forged = ask_as(&server, &id, &[("request", &format!("{}.{}", forged.0, own.1))]).await;
        assert_eq!(forged.status, StatusCode::BAD_REQUEST, "{alg} {}", forged.body);
    }
}

#[tokio::test]
async fn each_algorithm_of_proofs_binds_a_token() {
    let server = Server::start().await;
    for alg in listed(&server, "dpop_signing_alg_values_supported").await {
        let holder = key(&alg);
        let auth = format!("job:{SECRET}");
        let answer =
            server.prove("/token", Some(&auth), Some(&holder.proof(&server)), &[OWN, ("scope", "email")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{alg} {}", answer.body);
        let tokens = answer.json();
        assert_eq!(tokens["token_type"], "DPoP", "{alg}");
        let about = server.introspect_as("job", text(&tokens, "access_token")).await;
        assert_eq!(about["cnf"]["jkt"], holder.jkt(), "{alg}");
    }
}

#[tokio::test]
async fn each_algorithm_of_this_server_signs_each_answer() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    for alg in listed(&server, "id_token_signing_alg_values_supported").await {
        let change = json!({
            "id_token_signed_response_alg": alg, "userinfo_signed_response_alg": alg, "authorization_signed_response_alg": alg,
            "introspection_signed_response_alg": alg,
        });
        assert_eq!(server.admin("PATCH", "/admin/clients/web", &change).await.status, StatusCode::OK, "{alg}");
        let answer = browser.get(&Browser::request(&[("response_mode", "jwt")])).await;
        let response = answer.query().text("response");
        let code = text(&verified(&server, &response).await, "code").to_owned();
        let tokens = server.redeem(&code).await.json();
        let userinfo = server.userinfo(text(&tokens, "access_token")).await;
        let request = axum::http::Request::post("/introspect")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/token-introspection+jwt")
            .body(
                encode(&[("client_id", "web"), ("client_secret", SECRET), ("token", text(&tokens, "access_token"))])
                    .into(),
            );
        let about = server.send(request.unwrap()).await;
        for jwt in [response.as_str(), text(&tokens, "id_token"), &userinfo.body, &about.body] {
            assert_eq!(jwt_header(jwt)["alg"], alg);
            verified(&server, jwt).await;
        }
    }
}

#[tokio::test]
async fn each_scope_gives_its_claims_and_each_claim_is_said() {
    let server = Server::start().await.with_legacy_response_types(true).await;
    let old = json!({
        "security_profile": "legacy", "grant_types": ["authorization_code", "implicit", "refresh_token"],
        "response_types": ["code", "code id_token"], "backchannel_logout_uri": "https://app.example/bye",
    });
    assert_eq!(server.admin("PATCH", "/admin/clients/web", &old).await.status, StatusCode::OK);
    let scopes = listed(&server, "scopes_supported").await.join(" ");
    let mut browser = server.signed_in().await;
    let request = [("scope", scopes.as_str()), ("response_type", "code id_token"), ("nonce", "n")];
    let page = browser.get(&Browser::request(&request)).await;
    let answer = browser.press(&page, "yes").await;
    let fragment = oauth::form::Form::parse(answer.location().split_once('#').unwrap().1.as_bytes()).unwrap();
    let tokens = server.redeem(&fragment.text("code")).await.json();
    assert_eq!((&tokens["scope"], tokens.get("refresh_token").is_some()), (&json!(scopes), true));
    let userinfo = server.userinfo(text(&tokens, "access_token")).await.json();
    let mut known: BTreeSet<String> = userinfo.as_object().unwrap().keys().cloned().collect();
    for id_token in [fragment.text("id_token").as_str(), text(&tokens, "id_token")] {
        known.extend(claims(id_token).as_object().unwrap().keys().cloned());
    }
    for claim in listed(&server, "claims_supported").await {
        assert!(known.contains(&claim), "nobody says {claim}: {known:?}");
    }
}

#[tokio::test]
async fn each_alias_answers_to_a_certificate() {
    let server = Server::start().await.behind_mtls_proxy(&SETTINGS).await;
    let shop = TestCertificate::new(&[("CN", "shop")], &[]);
    server
        .create_client(ClientKind::Web, "shop", |draft, _| {
            draft.token_endpoint_auth_method = "tls_client_auth".to_owned();
            draft.tls_client_auth_subject = "DN:CN=shop".to_owned();
            draft.grant_types.extend([
                OWN.1.to_owned(),
                "urn:ietf:params:oauth:grant-type:device_code".to_owned(),
                "urn:openid:params:grant-type:ciba".to_owned(),
            ]);
        })
        .await;
    let peer = Peer::with(&server, &shop);
    let aliases = server.browser().get(ADDRESSES[1]).await.json()["mtls_endpoint_aliases"].clone();
    let id = ("client_id", "shop");
    for (name, address) in aliases.as_object().unwrap() {
        let path = address.as_str().unwrap().strip_prefix("https://mtls.id.example").unwrap();
        let answer = match name.as_str() {
            "token_endpoint" => peer.post(path, &[id, OWN, ("scope", "email")]).await,
            "pushed_authorization_request_endpoint" => {
                peer.post(path, &[id, ("response_type", "code"), ("redirect_uri", CALLBACK), ("scope", "openid")]).await
            }
            "backchannel_authentication_endpoint" => {
                peer.post(path, &[id, ("scope", "openid"), ("login_hint", "alice")]).await
            }
            "device_authorization_endpoint" => peer.post(path, &[id, ("scope", "openid")]).await,
            "revocation_endpoint" | "introspection_endpoint" => peer.post(path, &[id, ("token", "x")]).await,
            "userinfo_endpoint" => {
                let tokens = server.tokens("openid").await;
                peer.userinfo(text(&tokens, "access_token")).await
            }
            other => panic!("nobody tries {other}"),
        };
        assert!(answer.status.is_success(), "{name} {}", answer.body);
    }
}
