//! A registration in the hands of its client (RFC 7592).

use axum::http::{Method, StatusCode};
use idp::Actor;
use idp::testing::Kind;
use serde_json::{Value, json};

use super::{admin, call, native, open, redeem, register, request, set_policy};
use crate::browser::Browser;
use crate::server::Server;

pub(super) const URI: &str = "https://agent.example/cb";

fn confidential() -> Value {
    json!({ "client_name": "Agent", "redirect_uris": [URI], "grant_types": ["authorization_code", "refresh_token"] })
}

/// The path of a registration and its token.
pub(super) fn management(client: &Value) -> (String, String) {
    let uri = client["registration_client_uri"].as_str().unwrap();
    let token = client["registration_access_token"].as_str().unwrap();
    (uri.strip_prefix(crate::server::ISSUER).unwrap().to_owned(), token.to_owned())
}

#[tokio::test]
async fn a_client_reads_changes_and_deletes_its_registration() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        set_policy(&server, "open").await;
        for is_settled in [false, true] {
            let client = register(&server, &confidential()).await;
            let (path, token) = management(&client);
            let mut browser = server.signed_in().await;
            if is_settled {
                browser.authorize(&request(&client, URI, "openid")).await;
            }
            let read = call(&server, Method::GET, &path, Some(&token), "").await;
            assert_eq!(read.status, StatusCode::OK, "{kind:?}: {}", read.body);
            let mut expected = client.clone();
            for secret in ["client_secret", "client_secret_expires_at"] {
                expected.as_object_mut().unwrap().remove(secret);
            }
            assert_eq!(read.json(), expected, "{kind:?}");
            let update = json!({
                "client_id": client["client_id"], "client_secret": client["client_secret"], "client_name": "Renamed",
                "redirect_uris": ["https://another.example/cb"], "grant_types": ["authorization_code"],
            });
            let updated = call(&server, Method::PUT, &path, Some(&token), &update.to_string()).await;
            assert_eq!(updated.status, StatusCode::OK, "{kind:?}: {}", updated.body);
            assert_eq!(updated.json()["client_name"], "Renamed", "{kind:?}");
            // It counts at once, and people are asked again.
            let old = browser.get(&Browser::request(&request(&client, URI, "openid"))).await;
            assert_eq!(old.status, StatusCode::BAD_REQUEST, "{kind:?}");
            let new = "https://another.example/cb";
            let page = browser.get(&Browser::request(&request(&client, new, "openid"))).await;
            assert_eq!(page.status, StatusCode::OK, "{kind:?}: {}", page.location());
            let code = browser.press(&page, "yes").await.query().text("code");
            assert_eq!(redeem(&server, &client, new, &code).await.status, StatusCode::OK, "{kind:?}");
            let deleted = call(&server, Method::DELETE, &path, Some(&token), "").await;
            assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{kind:?}");
            let gone = call(&server, Method::GET, &path, Some(&token), "").await;
            assert_eq!(gone.error(), (401, "invalid_token".to_owned()), "{kind:?}");
            let code = redeem(&server, &client, new, "x").await;
            assert_eq!(code.error(), (401, "invalid_client".to_owned()), "{kind:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_does_not_undo_what_an_administrator_decided_about_its_scopes() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        set_policy(&server, "open").await;
        let client = register(&server, &with_scope("openid email")).await;
        let (path, token) = management(&client);
        server.signed_in().await.authorize(&request(&client, URI, "openid")).await;
        let put = async |scope: &str| {
            let mut update = with_scope(scope);
            update["client_id"] = client["client_id"].clone();
            let updated = call(&server, Method::PUT, &path, Some(&token), &update.to_string()).await;
            assert_eq!(updated.status, StatusCode::OK, "{kind:?}: {}", updated.body);
            updated.json()["scope"].clone()
        };
        // While nobody decided, it says itself what it asks for, and again.
        for scope in ["openid profile", "openid", "openid email profile"] {
            assert_eq!(put(scope).await, scope, "{kind:?}");
        }
        let policy = format!("/admin/clients/{}/policy", client["client_id"].as_str().unwrap());
        let decide = async |decision: Value| {
            let decided = admin(&server, Method::POST, &policy, decision).await;
            assert_eq!(decided.status, StatusCode::OK, "{kind:?}: {}", decided.body);
        };
        decide(json!({ "default_scopes": "openid" })).await;
        for scope in ["openid email profile", "openid email"] {
            assert_eq!(put(scope).await, "openid", "{kind:?}: {scope}");
        }
        // What it may ask for is a decision, too.
        decide(json!({ "allowed_scopes": "openid email", "default_scopes": "openid email" })).await;
        assert_eq!(put("openid profile email").await, "openid email", "{kind:?}");
        assert_eq!(put("openid profile").await, "openid email", "{kind:?}");
    }
}

/// A member that somebody here decided about stays, whatever the client says next; nothing else does.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_does_not_undo_how_an_administrator_wants_it_answered() {
    let server = open().await;
    let bye = |uri: &str| {
        let mut metadata = confidential();
        metadata["post_logout_redirect_uris"] = json!([uri]);
        metadata["userinfo_signed_response_alg"] = "RS256".into();
        metadata
    };
    let client = register(&server, &bye("https://agent.example/bye")).await;
    let (path, token) = management(&client);
    server.signed_in().await.authorize(&request(&client, URI, "openid")).await;
    let put = async |uri: &str| {
        let mut update = bye(uri);
        update["client_id"] = client["client_id"].clone();
        let updated = call(&server, Method::PUT, &path, Some(&token), &update.to_string()).await;
        assert_eq!(updated.status, StatusCode::OK, "{}", updated.body);
        updated.json()
    };
    assert_eq!(put("https://agent.example/gone").await["post_logout_redirect_uris"][0], "https://agent.example/gone");
    let id = client["client_id"].as_str().unwrap();
    let decided = json!({
        "userinfo_signed_response_alg": "ES256", "policy": { "post_logout_redirect_uris": "https://safe.example/" },
        "require_pushed_authorization_requests": true, "grant_types": "authorization_code", "default_max_age": 60,
        "backchannel_logout_uri": "https://safe.example/told",
    });
    let decided = admin(&server, Method::PATCH, &format!("/admin/clients/{id}"), decided).await;
    assert_eq!(decided.status, StatusCode::OK, "{}", decided.body);
    for round in 0..3 {
        // As RFC 7592 §2.2 has it: what is read is sent back. Then what the client says by itself.
        let mut update = call(&server, Method::GET, &path, Some(&token), "").await.json();
        for issued in ["registration_access_token", "registration_client_uri", "client_id_issued_at"] {
            update.as_object_mut().unwrap().remove(issued);
        }
        let echoed = call(&server, Method::PUT, &path, Some(&token), &update.to_string()).await;
        assert_eq!(echoed.status, StatusCode::OK, "{}", echoed.body);
        for answer in [echoed.json(), put("https://agent.example/again").await] {
            assert_eq!(answer["post_logout_redirect_uris"], json!(["https://safe.example/"]), "{round}");
            assert_eq!(answer["userinfo_signed_response_alg"], "ES256", "{round}");
            assert_eq!(answer["require_pushed_authorization_requests"], true, "{round}");
            assert_eq!(answer["grant_types"], json!(["authorization_code"]), "{round}");
            assert_eq!((&answer["default_max_age"], &answer["client_name"]), (&json!(60), &json!("Agent")), "{round}");
            assert_eq!(answer["backchannel_logout_uri"], "https://safe.example/told", "{round}");
        }
    }
    // The rest is for the client to say; that it did is on record.
    let mut update = bye("https://agent.example/again");
    update["client_id"] = client["client_id"].clone();
    update["client_name"] = "Renamed".into();
    let renamed = call(&server, Method::PUT, &path, Some(&token), &update.to_string()).await;
    assert_eq!(renamed.json()["client_name"], "Renamed");
    let history = admin(&server, Method::GET, &format!("/admin/history?kind=client&id={id}"), json!(null)).await;
    assert_eq!(
        (&history.json()[0]["actor"], &history.json()[0]["action"]),
        (&json!("client"), &json!("client.update"))
    );
}

#[tokio::test]
async fn a_client_that_signs_from_now_on_has_no_secret_any_more() {
    let server = open().await;
    let client = register(&server, &confidential()).await;
    let (path, token) = management(&client);
    let mut browser = server.signed_in().await;
    browser.authorize(&request(&client, URI, "openid")).await;
    let mut update = confidential();
    for (name, value) in [
        ("client_id", client["client_id"].clone()),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("jwks_uri", json!("https://agent.example/jwks")),
    ] {
        update[name] = value;
    }
    let updated = call(&server, Method::PUT, &path, Some(&token), &update.to_string()).await;
    assert_eq!(updated.status, StatusCode::OK, "{}", updated.body);
    let id = client["client_id"].as_str().unwrap();
    let back = json!({ "token_endpoint_auth_method": "client_secret_basic", "jwks_uri": "" });
    let back = admin(&server, Method::PATCH, &format!("/admin/clients/{id}"), back).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.body);
    assert_eq!(redeem(&server, &client, URI, "x").await.error(), (401, "invalid_client".to_owned()));
}

fn with_scope(scope: &str) -> Value {
    let mut metadata = confidential();
    metadata["scope"] = scope.into();
    metadata
}

#[tokio::test]
async fn people_are_asked_again_when_answers_go_elsewhere_or_it_proves_itself_in_another_way() {
    let server = open().await;
    let client = register(&server, &confidential()).await;
    let (path, token) = management(&client);
    let mut browser = server.signed_in().await;
    browser.authorize(&request(&client, URI, "openid")).await;
    let change = async |uri: &str, members: Value| {
        let mut update = json!({
            "client_id": client["client_id"], "client_name": "Renamed", "redirect_uris": [uri],
            "grant_types": ["authorization_code"],
        });
        update.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let updated = call(&server, Method::PUT, &path, Some(&token), &update.to_string()).await;
        assert_eq!(updated.status, StatusCode::OK, "{}", updated.body);
    };
    let uris = ["https://agent.example/new", "https://other.example/cb"];
    change(uris[0], json!({})).await;
    let same = browser.get(&Browser::request(&request(&client, uris[0], "openid"))).await;
    assert_eq!(same.status, StatusCode::SEE_OTHER, "answers go to the same site as before");
    change(uris[1], json!({})).await;
    let elsewhere = browser.get(&Browser::request(&request(&client, uris[1], "openid"))).await;
    assert_eq!(elsewhere.status, StatusCode::OK, "{}", elsewhere.location());
    browser.press(&elsewhere, "yes").await;
    // Whoever comes back from the bin does not bring back what they allowed for other answers.
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    server.idp.delete_user(&Actor::admin(), &alice).await.unwrap();
    change(uris[0], json!({})).await;
    let entry = server.idp.bin(None, 1).await.unwrap().rows.remove(0);
    server.idp.restore(&Actor::admin(), &entry.id).await.unwrap();
    let mut browser = server.signed_in().await;
    let restored = browser.get(&Browser::request(&request(&client, uris[0], "openid"))).await;
    assert_eq!(restored.status, StatusCode::OK, "{}", restored.location());
    browser.press(&restored, "yes").await;
    change(uris[1], json!({})).await;
    let elsewhere = browser.get(&Browser::request(&request(&client, uris[1], "openid"))).await;
    browser.press(&elsewhere, "yes").await;
    change(uris[1], json!({ "token_endpoint_auth_method": "client_secret_post" })).await;
    let otherwise = browser.get(&Browser::request(&request(&client, uris[1], "openid"))).await;
    assert_eq!(otherwise.status, StatusCode::OK, "{}", otherwise.location());
}

#[tokio::test]
async fn a_client_describes_itself_anew_twenty_times_a_day() {
    let server = open().await;
    let client = register(&server, &confidential()).await;
    let (path, token) = management(&client);
    server.signed_in().await.authorize(&request(&client, URI, "openid")).await;
    let put = async |number: i32| {
        let mut update = confidential();
        update["client_id"] = client["client_id"].clone();
        update["client_name"] = format!("Name {number}").into();
        call(&server, Method::PUT, &path, Some(&token), &update.to_string()).await
    };
    for number in 0..20 {
        assert_eq!(put(number).await.status, StatusCode::OK, "{number}");
    }
    let refused = put(20).await;
    assert_eq!(refused.error().1, "temporarily_unavailable", "{}", refused.body);
    assert_eq!(put(19).await.status, StatusCode::OK, "it says the same");
    let id = client["client_id"].as_str().unwrap();
    let changes = admin(&server, Method::GET, &format!("/admin/history?kind=client&id={id}"), Value::Null).await.json();
    let newest = &changes[0];
    assert_eq!((newest["actor"].as_str(), newest["action"].as_str()), (Some("client"), Some("client.update")));
    assert!(newest["request_id"].is_string(), "{newest}");
    server.clock.advance(86_400);
    assert_eq!(put(21).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_registration_is_nobody_else_s() {
    let server = open().await;
    let (client, other) = (register(&server, &confidential()).await, register(&server, &confidential()).await);
    let ((path, token), (_, others)) = (management(&client), management(&other));
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        for wrong in [None, Some(others.as_str()), Some("x"), client["client_secret"].as_str()] {
            let refused = call(&server, method.clone(), &path, wrong, "{}").await;
            assert_eq!(refused.error(), (401, "invalid_token".to_owned()), "{method}");
            assert!(refused.header("www-authenticate").starts_with("Bearer"), "{method}");
        }
    }
    // No client has such an ID, whatever a database makes of the look.
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        set_policy(&server, "open").await;
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            for id in ["dcr-%00", "%00", "dcr-a%0Ab"] {
                let refused = call(&server, method.clone(), &format!("/register/{id}"), Some(&token), "{}").await;
                assert_eq!(refused.error(), (401, "invalid_token".to_owned()), "{kind:?} {method} {id}");
            }
        }
    }
    for wrong in [
        json!({ "redirect_uris": [URI] }),
        json!({ "redirect_uris": [URI], "client_id": other["client_id"] }),
        json!({ "redirect_uris": [URI], "client_id": client["client_id"], "client_secret": "wrong" }),
        json!({ "redirect_uris": [URI], "client_id": client["client_id"], "token_endpoint_auth_method": "none" }),
    ] {
        let refused = call(&server, Method::PUT, &path, Some(&token), &wrong.to_string()).await;
        assert_eq!(refused.error(), (400, "invalid_client_metadata".to_owned()), "{wrong}");
    }
    let wrong = json!({ "client_id": client["client_id"], "redirect_uris": ["data:x"] }).to_string();
    let refused = call(&server, Method::PUT, &path, Some(&token), &wrong).await;
    assert_eq!(refused.error(), (400, "invalid_redirect_uri".to_owned()));
}

#[tokio::test]
async fn a_public_client_is_many_s_and_in_nobody_s_hands() {
    let server = open().await;
    let client = register(&server, &native("A")).await;
    assert_eq!(client.get("registration_access_token"), None);
    assert_eq!(client.get("registration_client_uri"), None);
    let path = format!("/register/{}", client["client_id"].as_str().unwrap());
    for token in [None, Some("x"), Some("")] {
        let refused = call(&server, Method::DELETE, &path, token, "").await;
        assert!(refused.status.is_client_error(), "{}", refused.body);
    }
    server.signed_in().await.authorize(&request(&client, "http://localhost:1/callback", "openid")).await;
}

/// An administrator decides how much a client must prove, and it cannot say less of itself.
#[tokio::test]
async fn a_client_sheds_nothing_that_an_administrator_demands_of_it() {
    let server = Server::start().await;
    set_policy(&server, "open").await;
    let keys = crate::assertion::Key::new("a").set();
    let described = json!({
        "client_name": "Bank", "redirect_uris": [URI], "token_endpoint_auth_method": "private_key_jwt", "jwks": keys,
        "id_token_signed_response_alg": "ES256",
    });
    let client = register(&server, &described).await;
    let (path, token) = management(&client);
    let id = client["client_id"].as_str().unwrap();
    let mut browser = server.signed_in().await;
    let challenge = [("code_challenge", crate::server::CHALLENGE), ("code_challenge_method", "S256")];
    browser.authorize(&[&request(&client, URI, "openid")[..], &challenge].concat()).await;
    let decided = json!({
        "security_profile": "fapi2", "dpop_bound_access_tokens": true, "require_pushed_authorization_requests": true,
    });
    let saved = admin(&server, Method::PATCH, &format!("/admin/clients/{id}"), decided).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    for (member, value) in [
        ("id_token_signed_response_alg", json!("RS256")),
        ("userinfo_signed_response_alg", json!("RS256")),
        ("redirect_uris", json!(["http://127.0.0.1:5000/cb"])),
    ] {
        let mut update = described.clone();
        update["client_id"] = json!(id);
        update[member] = value;
        let answer = call(&server, Method::PUT, &path, Some(&token), &update.to_string()).await;
        assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()), "{member} {}", answer.body);
        assert!(answer.body.contains(member), "{}", answer.body);
    }
    let mut update = described.clone();
    update["client_id"] = json!(id);
    let answer = call(&server, Method::PUT, &path, Some(&token), &update.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let kept = admin(&server, Method::GET, &format!("/admin/clients/{id}"), json!({})).await.json();
    for member in ["dpop_bound_access_tokens", "require_pushed_authorization_requests"] {
        assert_eq!(kept[member], true, "{member}");
    }
}
