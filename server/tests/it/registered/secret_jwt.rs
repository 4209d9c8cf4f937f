//! `client_secret_jwt` (OpenID Connect Core §9): assertions with a MAC by a secret that does not travel.

use axum::http::{Method, StatusCode};
use josekit::jws::{HS256, HS384, HS512, JwsHeader};
use josekit::jwt::{self, JwtPayload};
use serde_json::{Value, json};

use crate::admin_api::{call, get, post};
use crate::assertion::{JWT_BEARER, Key};
use crate::browser::Answer;
use crate::concurrency::on_every_database;
use crate::registration;
use crate::server::{CALLBACK, ISSUER, SECRET, Server, text};

on_every_database!(a_client_proves_itself_by_a_mac_wherever_it_must, a_client_that_registers_for_it_gets_a_secret);

/// A JWT of `client` with a MAC; one member changed.
fn assertion(server: &Server, alg: &str, client: &str, secret: &str, jti: &str, change: (&str, Value)) -> String {
    let now = server.clock.now().0;
    let mut claims = json!({ "iss": client, "sub": client, "aud": ISSUER, "jti": jti, "iat": now, "exp": now + 60 });
    claims[change.0] = change.1;
    let claims = claims.as_object().unwrap().iter().filter(|(name, value)| !name.is_empty() && !value.is_null());
    let payload = JwtPayload::from_map(
        claims.map(|(name, value)| (name.clone(), value.clone())).collect::<serde_json::Map<_, _>>(),
    );
    let (payload, header) = (payload.unwrap(), JwsHeader::new());
    let made = match alg {
        "HS256" => jwt::encode_with_signer(&payload, &header, &HS256.signer_from_bytes(secret).unwrap()),
        "HS384" => jwt::encode_with_signer(&payload, &header, &HS384.signer_from_bytes(secret).unwrap()),
        _ => jwt::encode_with_signer(&payload, &header, &HS512.signer_from_bytes(secret).unwrap()),
    };
    made.unwrap()
}

pub(crate) fn plain(server: &Server, alg: &str, client: &str, secret: &str, jti: &str) -> String {
    assertion(server, alg, client, secret, jti, ("", Value::Null))
}

async fn show(server: &Server, path: &str, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", assertion)];
    server.post(path, None, &[&proof[..], more].concat()).await
}

const GRANT: [(&str, &str); 1] = [("grant_type", "client_credentials")];

/// The client `mac`, which acts for itself and for people; its secret.
async fn create(server: &Server) -> String {
    let body = json!({
        "client_id": "mac", "token_endpoint_auth_method": "client_secret_jwt", "redirect_uris": CALLBACK,
        "grant_types": "authorization_code client_credentials", "scope": "openid email",
    });
    let answer = post(server, "/admin/clients", body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    text(&answer.json(), "client_secret").to_owned()
}

async fn refused(answer: Answer) {
    assert_eq!(answer.error(), (401, "invalid_client".to_owned()), "{}", answer.body);
}

async fn a_client_proves_itself_by_a_mac_wherever_it_must(server: Server) {
    let secret = create(&server).await;
    assert!(secret.len() >= 64, "as long as the longest hash");
    let mut token = String::new();
    for alg in ["HS256", "HS384", "HS512"] {
        let answer = show(&server, "/token", &plain(&server, alg, "mac", &secret, alg), &GRANT).await;
        assert_eq!(answer.status, StatusCode::OK, "{alg}: {}", answer.body);
        text(&answer.json(), "access_token").clone_into(&mut token);
    }
    let shown = [("token", token.as_str())];
    let seen = show(&server, "/introspect", &plain(&server, "HS256", "mac", &secret, "i"), &shown).await;
    assert_eq!(seen.json()["active"], true, "{}", seen.body);
    let request = [("response_type", "code"), ("redirect_uri", CALLBACK), ("scope", "openid")];
    let pushed = show(&server, "/par", &plain(&server, "HS256", "mac", &secret, "p"), &request).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    let revoked = show(&server, "/revoke", &plain(&server, "HS256", "mac", &secret, "r"), &shown).await;
    assert_eq!(revoked.status, StatusCode::OK, "{}", revoked.body);
    let used = get(&server, "/admin/clients/mac/secrets").await.json();
    assert_eq!(used[0]["last_used_by"], "client_secret_jwt");
    // Each is good once, on all nodes; and the secret is known to all.
    let node = server.another_node().await;
    let once = plain(&server, "HS256", "mac", &secret, "once");
    assert_eq!(show(&node, "/token", &once, &GRANT).await.status, StatusCode::OK);
    refused(show(&server, "/token", &once, &GRANT).await).await;
    // A further secret works beside the first, until it is revoked.
    let second = post(&server, "/admin/clients/mac/secrets", json!({ "name": "second" })).await.json();
    for (number, secret) in [&secret, text(&second, "secret")].into_iter().enumerate() {
        let jwt = plain(&server, "HS512", "mac", secret, &format!("both {number}"));
        assert_eq!(show(&server, "/token", &jwt, &GRANT).await.status, StatusCode::OK);
    }
    let path = format!("/admin/clients/mac/secrets/{}", text(&second, "secret_id"));
    call(&server, Method::DELETE, &path, json!({})).await;
    refused(show(&server, "/token", &plain(&server, "HS256", "mac", text(&second, "secret"), "late"), &GRANT).await)
        .await;
}

#[tokio::test]
async fn what_is_wrong_proves_nothing() {
    let server = Server::start().await;
    let secret = create(&server).await;
    let now = server.clock.now().0;
    let other = "another-secret-of-at-least-sixty-four-characters-for-hs512-to-be-fine";
    for (number, change) in [
        ("aud", json!("https://other.example")),
        ("iss", json!("web")),
        ("exp", json!(now - 100)),
        ("exp", json!(now + 10_000)),
        ("nbf", json!(now + 1_000)),
        ("jti", Value::Null),
    ]
    .into_iter()
    .enumerate()
    {
        let jwt = assertion(&server, "HS256", "mac", &secret, &number.to_string(), change);
        refused(show(&server, "/token", &jwt, &GRANT).await).await;
    }
    let good = plain(&server, "HS256", "mac", &secret, "good");
    let (signed, mac) = good.rsplit_once('.').unwrap();
    for odd in [
        plain(&server, "HS256", "mac", other, "a"),
        plain(&server, "HS256", "mac", &secret[..43], "b"),
        format!("{signed}."),
        format!("{signed}.{}", &mac[..20]),
        format!("eyJhbGciOiJub25lIn0.{}.", signed.split_once('.').unwrap().1),
    ] {
        refused(show(&server, "/token", &odd, &GRANT).await).await;
    }
    // The secret itself proves nothing: it is not to travel.
    refused(server.post("/token", Some(&format!("mac:{secret}")), &GRANT).await).await;
    refused(
        server.post("/token", None, &[&GRANT[..], &[("client_id", "mac"), ("client_secret", &secret)]].concat()).await,
    )
    .await;
    refused(server.post("/token", None, &[&GRANT[..], &[("client_id", "mac")]].concat()).await).await;
    // Nor does a MAC, of a client that shows its secret; nor one by a public key.
    refused(show(&server, "/token", &plain(&server, "HS256", "web", SECRET, "c"), &GRANT).await).await;
    let key = Key::new("k");
    let body = json!({
        "client_id": "signer", "token_endpoint_auth_method": "private_key_jwt", "jwks": key.set(),
        "grant_types": "client_credentials",
    });
    assert_eq!(post(&server, "/admin/clients", body).await.status, StatusCode::CREATED);
    let by_public_key = plain(&server, "HS256", "signer", &key.set()["keys"][0].to_string(), "d");
    refused(show(&server, "/token", &by_public_key, &GRANT).await).await;
    assert_eq!(show(&server, "/token", &good, &GRANT).await.status, StatusCode::OK, "refusals spend nothing");
    let alg = json!({ "token_endpoint_auth_signing_alg": "HS512" });
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/mac", alg).await.status, StatusCode::OK);
    refused(show(&server, "/token", &plain(&server, "HS256", "mac", &secret, "e"), &GRANT).await).await;
    assert_eq!(
        show(&server, "/token", &plain(&server, "HS512", "mac", &secret, "f"), &GRANT).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_secret_is_kept_only_for_clients_that_need_it_and_never_in_clear() {
    let server = Server::start().await;
    let secret = create(&server).await;
    let sealed = async || {
        let sql = "SELECT client_id FROM client_secret WHERE sealed IS NOT NULL";
        idp::testing::texts(server.database.url(), sql).await
    };
    assert_eq!(sealed().await, ["mac"]);
    assert!(!String::from_utf8_lossy(&server.database_bytes()).contains(&secret));
    let method = async |method: &str| {
        let body = json!({ "token_endpoint_auth_method": method });
        let answer = call(&server, Method::PATCH, "/admin/clients/mac", body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    };
    method("client_secret_basic").await;
    assert!(sealed().await.is_empty());
    assert_eq!(server.post("/token", Some(&format!("mac:{secret}")), &GRANT).await.status, StatusCode::OK);
    // Of that secret there is only a digest now: going back needs another one.
    method("client_secret_jwt").await;
    refused(show(&server, "/token", &plain(&server, "HS256", "mac", &secret, "a"), &GRANT).await).await;
    assert_eq!(get(&server, "/admin/clients/mac/secrets").await.json(), json!([]));
    let made = post(&server, "/admin/clients/mac/secrets", json!({ "name": "new" })).await.json();
    let jwt = plain(&server, "HS256", "mac", text(&made, "secret"), "b");
    assert_eq!(show(&server, "/token", &jwt, &GRANT).await.status, StatusCode::OK);
    let chosen = async |secret: &str| {
        call(&server, Method::PATCH, "/admin/clients/mac", json!({ "client_secret": secret })).await
    };
    let short = chosen(&"x".repeat(63)).await;
    assert!(text(&short.json()["fields"], "client_secret").contains("64"), "{}", short.body);
    let long = "y".repeat(64);
    assert_eq!(chosen(&long).await.status, StatusCode::OK);
    assert_eq!(
        show(&server, "/token", &plain(&server, "HS512", "mac", &long, "c"), &GRANT).await.status,
        StatusCode::OK
    );
    // Deleted and restored, it goes on.
    call(&server, Method::DELETE, "/admin/clients/mac", json!({})).await;
    assert!(sealed().await.is_empty());
    let bin = get(&server, "/admin/bin").await.json();
    let id = bin.as_array().unwrap().iter().find(|entry| entry.to_string().contains("mac")).unwrap()["id"].clone();
    let restored = post(&server, &format!("/admin/bin/{}/restore", id.as_str().unwrap()), json!({})).await;
    assert!(restored.status.is_success(), "{}", restored.body);
    assert_eq!(
        show(&server, "/token", &plain(&server, "HS512", "mac", &long, "d"), &GRANT).await.status,
        StatusCode::OK
    );
}

async fn a_client_that_registers_for_it_gets_a_secret(server: Server) {
    registration::set_policy(&server, "open").await;
    let body = json!({
        "client_name": "App", "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "client_secret_jwt",
        "token_endpoint_auth_signing_alg": "HS384",
    });
    let registered = registration::register(&server, &body).await;
    let (id, secret) = (text(&registered, "client_id"), text(&registered, "client_secret"));
    assert_eq!(registered["token_endpoint_auth_method"], "client_secret_jwt");
    assert_eq!(registered["token_endpoint_auth_signing_alg"], "HS384");
    // While it waits, and once somebody allowed it something.
    let request = [("response_type", "code"), ("redirect_uri", CALLBACK), ("scope", "openid")];
    let pushed = show(&server, "/par", &plain(&server, "HS384", id, secret, "waits"), &request).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    let code = server.signed_in().await.authorize(&[("client_id", id)]).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let tokens = show(&server, "/token", &plain(&server, "HS384", id, secret, "settled"), &fields).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let path = format!("/register/{id}");
    let token = text(&registered, "registration_access_token");
    let mut changed = body.clone();
    changed["client_id"] = json!(id);
    let put = registration::call(&server, Method::PUT, &path, Some(token), &changed.to_string()).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.body);
    changed["token_endpoint_auth_method"] = json!("client_secret_basic");
    let put = registration::call(&server, Method::PUT, &path, Some(token), &changed.to_string()).await;
    assert_eq!(put.error(), (400, "invalid_client_metadata".to_owned()), "{}", put.body);
    for alg in ["RS256", "none", "HS1"] {
        let mut wrong = body.clone();
        wrong["token_endpoint_auth_signing_alg"] = json!(alg);
        let answer = registration::call(&server, Method::POST, "/register", None, &wrong.to_string()).await;
        assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()), "{alg}");
    }
}

#[tokio::test]
async fn it_is_listed_and_no_method_of_fapi() {
    let server = Server::start().await;
    create(&server).await;
    let document = server.browser().get("/.well-known/openid-configuration").await.json();
    for name in ["token_endpoint", "revocation_endpoint", "introspection_endpoint"] {
        let has = |member: &str, word: &str| {
            document[format!("{name}_{member}")].as_array().unwrap().contains(&Value::from(word))
        };
        assert!(has("auth_methods_supported", "client_secret_jwt"));
        assert!(["HS256", "HS384", "HS512"].iter().all(|alg| has("auth_signing_alg_values_supported", alg)));
    }
    for other in ["request_object_signing_alg_values_supported", "dpop_signing_alg_values_supported"] {
        assert!(!document[other].to_string().contains("HS"), "{other}");
    }
    let patch = async |body: Value| call(&server, Method::PATCH, "/admin/clients/mac", body).await;
    let fapi = patch(json!({ "security_profile": "fapi2" })).await;
    assert!(fapi.json()["fields"]["token_endpoint_auth_method"].is_string(), "{}", fapi.body);
    assert_eq!(patch(json!({ "security_profile": "oauth2.1" })).await.status, StatusCode::OK);
    let keyed = patch(json!({ "token_endpoint_auth_signing_alg": "ES256" })).await;
    assert!(text(&keyed.json()["fields"], "token_endpoint_auth_signing_alg").contains("HS256"), "{}", keyed.body);
}
