//! The members of clients, at each door.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ANSWERS, Reader, Readers, change, discovery, members, patch, words};
use crate::admin_api::get;
use crate::browser::Answer;
use crate::registration;
use crate::server::{CALLBACK, Server, text};

const SETTINGS: &str = "/admin/ui/clients/web/settings";

/// Metadata that is wrong, and the member by which it is refused.
fn wrong(readers: &Readers) -> Vec<(Value, String)> {
    let mut wrong = Vec::new();
    for message in ANSWERS.into_iter().chain(["request_object"]) {
        let (alg, enc) = members(message);
        wrong.push((json!({ enc.clone(): "A128GCM" }), enc.clone()));
        for unknown in ["RSA1_5", "RSA-OAEP", "dir", "A128KW", "PBES2-HS256+A128KW", "ECDH-ES+A192KW", "none"] {
            wrong.push((json!({ alg.clone(): unknown, "jwks": readers.set() }), alg.clone()));
        }
        wrong.push((json!({ alg.clone(): "ECDH-ES", enc.clone(): "A192GCM", "jwks": readers.set() }), enc));
        if message == "request_object" {
            wrong.push((json!({ alg.clone(): "RSA-OAEP-256" }), alg));
            continue;
        }
        let only = |key: Value| json!({ "keys": [key] });
        wrong.push((json!({ alg.clone(): "ECDH-ES", "jwks": only(readers.rsa.public()) }), alg.clone()));
        wrong.push((json!({ alg.clone(): "RSA-OAEP-256", "jwks": only(readers.ec.public()) }), alg.clone()));
        wrong.push((json!({ alg.clone(): "ECDH-ES", "jwks": only(readers.ec.public_for("sig")) }), alg.clone()));
        let mut other = readers.ec.public();
        other["alg"] = json!("ECDH-ES+A128KW");
        wrong.push((json!({ alg.clone(): "ECDH-ES", "jwks": only(other) }), alg));
    }
    wrong
}

/// The form of the settings of `web`, with these members.
fn form(page: &Answer, members: &Value) -> Vec<(String, String)> {
    let version = page.field("version");
    let form = [
        ("version", version.as_str()),
        ("client_name", "Web"),
        ("kind", "web"),
        ("enabled", "on"),
        ("redirect_uris", CALLBACK),
        ("grant_types", "authorization_code"),
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("id_token_signed_response_alg", "RS256"),
    ];
    let value = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let members = members.as_object().unwrap().iter().map(|(name, it)| (name.clone(), value(it)));
    form.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().chain(members).collect()
}

fn pairs(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn what_cannot_work_is_refused_by_its_name_where_it_is_saved() {
    let (server, readers) = (Server::start().await, Readers::new());
    registration::set_policy(&server, "open").await;
    let mut console = server.console().await;
    for (metadata, member) in wrong(&readers) {
        let answer = patch(&server, "web", metadata.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{metadata}");
        let fields = answer.json()["fields"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(fields, std::slice::from_ref(&member), "{metadata} {}", answer.body);

        let mut registration = metadata.clone();
        registration["redirect_uris"] = json!([CALLBACK]);
        let refused = registration::call(&server, Method::POST, "/register", None, &registration.to_string()).await;
        assert_eq!(refused.error(), (400, "invalid_client_metadata".to_owned()), "{metadata}");
        assert!(refused.body.contains(&member), "{metadata} {}", refused.body);

        let page = console.get(SETTINGS).await;
        let again = console.post(SETTINGS, &pairs(&form(&page, &metadata))).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{metadata}");
        assert!(again.body.contains(&format!("field-{member}-error")), "{metadata}");
    }
    // A client without keys.
    for message in ANSWERS {
        let (alg, _) = members(message);
        let answer = patch(&server, "web", json!({ alg.clone(): "ECDH-ES" })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.json()["fields"][&alg].as_str().unwrap().contains("public key"), "{}", answer.body);
        let registration = json!({ "redirect_uris": [CALLBACK], alg.clone(): "ECDH-ES" }).to_string();
        let refused = registration::call(&server, Method::POST, "/register", None, &registration).await;
        assert_eq!(refused.error(), (400, "invalid_client_metadata".to_owned()), "{}", refused.body);
        assert!(refused.body.contains("jwks"), "{}", refused.body);
    }
    // Keys that sign nothing are no keys of a client that is known by its signatures.
    let by_keys = json!({
        "token_endpoint_auth_method": "private_key_jwt", "id_token_encrypted_response_alg": "ECDH-ES",
        "jwks": readers.set(),
    });
    let answer = patch(&server, "web", by_keys).await;
    assert!(answer.json()["fields"]["jwks"].as_str().unwrap().contains("verify"), "{}", answer.body);
    let unused = patch(&server, "web", json!({ "jwks": readers.set() })).await;
    assert_eq!(unused.status, StatusCode::OK, "{}", unused.body);
}

#[tokio::test]
async fn what_is_registered_is_told_with_its_defaults() {
    let (server, readers) = (Server::start().await, Readers::new());
    registration::set_policy(&server, "open").await;
    let mut asked =
        json!({ "redirect_uris": [CALLBACK], "jwks": readers.set(), "request_object_encryption_alg": "ECDH-ES" });
    let mut told = asked.clone();
    told["request_object_encryption_enc"] = json!("A128CBC-HS256");
    for message in ANSWERS {
        let (alg, enc) = members(message);
        (asked[&alg], told[&alg], told[&enc]) = (json!("RSA-OAEP-256"), json!("RSA-OAEP-256"), json!("A128CBC-HS256"));
    }
    let registered = registration::register(&server, &asked).await;
    for (name, value) in told.as_object().unwrap().iter().filter(|(name, _)| name.contains("encr")) {
        assert_eq!(&registered[name], value, "{name}");
    }
    let purposes: Vec<_> = registered["jwks"]["keys"].as_array().unwrap().iter().map(|key| &key["use"]).collect();
    assert_eq!(purposes, ["enc", "enc"]);
    let uri = text(&registered, "registration_client_uri").replace(crate::server::ISSUER, "");
    let token = text(&registered, "registration_access_token");
    let mut change = asked.clone();
    change["client_id"] = registered["client_id"].clone();
    change["id_token_encrypted_response_enc"] = json!("A256GCM");
    let changed = registration::call(&server, Method::PUT, &uri, Some(token), &change.to_string()).await;
    assert_eq!(changed.json()["id_token_encrypted_response_enc"], "A256GCM", "{}", changed.body);
    // What is not said any more is not encrypted any more.
    let plain = json!({ "client_id": registered["client_id"], "redirect_uris": [CALLBACK] });
    let changed = registration::call(&server, Method::PUT, &uri, Some(token), &plain.to_string()).await;
    assert!(!changed.body.contains("encrypted_response"), "{}", changed.body);
}

#[tokio::test]
async fn a_public_client_keeps_its_id_and_another_encryption_is_another_client() {
    let (server, readers) = (Server::start().await, Readers::new());
    registration::set_policy(&server, "open").await;
    let register = async |more: Value| {
        let mut metadata = json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none" });
        metadata.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        text(&registration::register(&server, &metadata).await, "client_id").to_owned()
    };
    let ids = [
        register(json!({})).await,
        register(json!({ "jwks": readers.set(), "id_token_encrypted_response_alg": "ECDH-ES" })).await,
        register(json!({ "jwks": readers.set(), "id_token_encrypted_response_alg": "ECDH-ES+A128KW" })).await,
        register(
            json!({ "jwks": { "keys": [Reader::ec("x").public()] }, "id_token_encrypted_response_alg": "ECDH-ES" }),
        )
        .await,
    ];
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "keys are part of it: a copy with other ones could not read its answers");
    assert_eq!(register(json!({ "jwks": readers.set(), "id_token_encrypted_response_alg": "ECDH-ES" })).await, ids[1]);
}

#[tokio::test]
async fn both_doors_of_administrators_show_and_take_the_members() {
    let (server, readers) = (Server::start().await, Readers::new());
    let document = discovery(&server).await;
    let mut all = json!({ "jwks": readers.set() });
    for message in ANSWERS.into_iter().chain(["request_object"]) {
        let (alg, enc) = members(message);
        (all[&alg], all[&enc]) = (json!("ECDH-ES+A128KW"), json!("A128GCM"));
    }
    change(&server, "web", all.clone()).await;
    let shown = get(&server, "/admin/clients/web").await.json();
    for (name, value) in all.as_object().unwrap().iter().filter(|(name, _)| *name != "jwks") {
        assert_eq!(&shown[name], value, "{name}");
    }
    let mut console = server.console().await;
    let page = console.get(SETTINGS).await;
    for message in ANSWERS.into_iter().chain(["request_object"]) {
        let (alg, _) = members(message);
        for word in words(&document, &format!("{message}_encryption_alg_values_supported")) {
            assert!(page.body.contains(&format!("value=\"{word}\"")), "{message} {word}");
        }
        let (_, choice) = page.body.split_once(&format!("name=\"{alg}\"")).unwrap();
        let (choice, _) = choice.split_once("</select>").unwrap();
        assert!(
            choice.contains("selected value=\"ECDH-ES+A128KW\"")
                || choice.contains("value=\"ECDH-ES+A128KW\" selected"),
            "{choice}"
        );
    }
    assert_eq!(console.post(SETTINGS, &pairs(&form(&page, &all))).await.status, StatusCode::SEE_OTHER);
    let saved = get(&server, "/admin/clients/web").await.json();
    for name in all.as_object().unwrap().keys() {
        assert_eq!(saved[name], shown[name], "{name}");
    }
    // Half of it can be changed, and the default goes with what it belongs to.
    change(&server, "web", json!({ "userinfo_encrypted_response_enc": "" })).await;
    change(&server, "web", json!({ "userinfo_encrypted_response_alg": "" })).await;
    let left = patch(&server, "web", json!({ "id_token_encrypted_response_alg": "" })).await;
    assert!(left.json()["fields"].get("id_token_encrypted_response_enc").is_some(), "{}", left.body);
    let shown = get(&server, "/admin/clients/web").await.json();
    assert_eq!(shown["userinfo_encrypted_response_enc"], Value::Null);
    // Keys are not taken away from under it.
    let keyless = patch(&server, "web", json!({ "jwks": "" })).await;
    assert!(keyless.json()["fields"].get("id_token_encrypted_response_alg").is_some(), "{}", keyless.body);
}

#[tokio::test]
async fn discovery_lists_what_is_in_the_tables_and_nothing_weak() {
    let document = discovery(&Server::start().await).await;
    for message in ANSWERS.into_iter().chain(["request_object"]) {
        let algs = words(&document, &format!("{message}_encryption_alg_values_supported"));
        let of_keys = ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"].map(str::to_owned);
        assert!(algs.ends_with(&of_keys), "{message}: {algs:?}");
        assert_eq!(algs.len(), if message == "request_object" { 3 } else { 4 });
        let encs = words(&document, &format!("{message}_encryption_enc_values_supported"));
        assert_eq!(encs, ["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"]);
    }
}
