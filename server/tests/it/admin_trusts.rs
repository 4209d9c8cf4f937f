//! `/admin/trusts`.

use axum::http::{Method, StatusCode};
use oauth::client::{ClientKind, GrantType};
use serde_json::{Value, json};

use crate::admin_api::{call, get, post};
use crate::concurrency::on_every_database;
use crate::server::{ISSUER, Server, text};

on_every_database!(
    a_trust_of_each_kind_is_created_read_changed_listed_and_deleted,
    accounts_are_linked_listed_and_unlinked,
);

pub(crate) const KEYS: &str =
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"}]}"#;

impl Server {
    /// The same server, with the client `deploy` that may bring assertions, and `agent` that may exchange tokens.
    pub(crate) async fn with_partners(self) -> Self {
        for (id, grant) in [("deploy", GrantType::JwtBearer), ("agent", GrantType::TokenExchange)] {
            let change = |draft: &mut oauth::client::ClientDraft, _: &mut oauth::client::PolicyDraft| {
                draft.grant_types.push(grant.to_string());
            };
            self.create_client(ClientKind::Machine, id, change).await;
        }
        self
    }

    pub(crate) async fn create_trust(&self, body: Value) -> Value {
        let answer = post(self, "/admin/trusts", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.json()
    }
}

pub(crate) fn identity_provider() -> Value {
    json!({ "kind": "identity_provider", "issuer": "https://idp.example", "name": "Acme" })
}

fn workload_issuer() -> Value {
    json!({ "kind": "workload_issuer", "issuer": "https://ci.example", "jwks": serde_json::from_str::<Value>(KEYS).unwrap(),
        "algs": "ES256 EdDSA", "rules": ["deploy repository=acme/shop environment=a%20b"], "reusable": true })
}

fn authorization_server() -> Value {
    json!({ "kind": "authorization_server", "issuer": "https://as.example/t", "clients": "agent acme-agent",
        "resources": ["https://notes.example/mcp read write", "https://maps.example"], "groups": "Human Resources\nstaff" })
}

/// All answers, whole: neither a member of another kind, nor one that is missing.
fn answers(ids: [&Value; 3]) -> [Value; 3] {
    [
        json!({ "id": ids[0], "kind": "identity_provider", "issuer": "https://idp.example", "name": "Acme", "enabled": true,
            "jwks": null, "jwks_uri": null, "algs": [], "accounts": "linked", "admits_public_clients": false, "tenant": null }),
        json!({ "id": ids[1], "kind": "workload_issuer", "issuer": "https://ci.example", "name": "https://ci.example",
            "enabled": true, "jwks": serde_json::from_str::<Value>(KEYS).unwrap(), "jwks_uri": null,
            "algs": ["ES256", "EdDSA"], "rules": ["deploy environment=a%20b repository=acme/shop"], "reusable": true }),
        json!({ "id": ids[2], "kind": "authorization_server", "issuer": "https://as.example/t", "name": "https://as.example/t",
            "enabled": true, "clients": ["agent acme-agent"], "shares_email": false,
            "resources": ["https://notes.example/mcp read write", "https://maps.example"],
            "groups": ["Human Resources", "staff"] }),
    ]
}

async fn a_trust_of_each_kind_is_created_read_changed_listed_and_deleted(server: Server) {
    let server = server.with_partners().await;
    let mut created = Vec::new();
    for body in [identity_provider(), workload_issuer(), authorization_server()] {
        created.push(server.create_trust(body).await);
        // They are listed in the order of the seconds in which they were created.
        server.clock.advance(1);
    }
    assert_eq!(created, answers([&created[0]["id"], &created[1]["id"], &created[2]["id"]]));
    let first = get(&server, "/admin/trusts?limit=2").await;
    assert_eq!(first.json(), json!(created[..2]));
    let next = first.header("link").trim_start_matches(&format!("<{ISSUER}")).trim_end_matches(">; rel=\"next\"");
    let rest = get(&server, next).await;
    assert_eq!((rest.json(), rest.header("link")), (json!(created[2..]), ""));
    for trust in &created {
        let path = address(trust);
        assert_eq!(get(&server, &path).await.json(), *trust);
        // What was read can be sent back.
        assert_eq!(call(&server, Method::PUT, &path, trust.clone()).await.json(), *trust);
        let changed = call(&server, Method::PATCH, &path, json!({ "enabled": 0, "name": "Renamed" })).await.json();
        assert_eq!((&changed["enabled"], &changed["name"]), (&json!(false), &json!("Renamed")));
        assert_eq!(changed["issuer"], trust["issuer"]);
    }
    let change = json!({ "tenant": "t1", "jwks_uri": "https://idp.example/keys", "rules": "not looked at" });
    let changed = call(&server, Method::PATCH, &address(&created[0]), change).await.json();
    assert_eq!((&changed["tenant"], &changed["jwks_uri"]), (&json!("t1"), &json!("https://idp.example/keys")));
    assert_eq!(changed.get("rules"), None);
    for trust in &created {
        let path = address(trust);
        let deleted = call(&server, Method::DELETE, &path, Value::Null).await;
        assert_eq!(deleted.json(), json!({ "ok": true, "message": "Trust deleted" }));
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(call(&server, method.clone(), &path, json!({})).await.status, StatusCode::NOT_FOUND, "{method}");
        }
    }
    assert_eq!(get(&server, "/admin/trusts").await.json(), json!([]));
}

async fn accounts_are_linked_listed_and_unlinked(server: Server) {
    let trust = server.create_trust(identity_provider()).await;
    let path = format!("{}/accounts", address(&trust));
    assert_eq!(get(&server, &path).await.json(), json!([]));
    let alice = get(&server, "/admin/users").await.json()[0]["id"].clone();
    let mut links = Vec::new();
    // The same person may be called many things there, and be named in each way here.
    for (subject, user) in [("00u1", "alice"), ("00u2", "ALICE@example.com"), ("00u3", alice.as_str().unwrap())] {
        let answer = post(&server, &path, json!({ "subject": subject, "user": user })).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{user}: {}", answer.body);
        let link = answer.json();
        let expected = json!({ "id": link["id"], "subject": subject, "user": alice, "username": "alice" });
        assert_eq!(link, expected);
        links.push(link);
        server.clock.advance(1);
    }
    let first = get(&server, &format!("{path}?limit=2")).await;
    assert_eq!(first.json(), json!(links[..2]));
    let next = first.header("link").trim_start_matches(&format!("<{ISSUER}")).trim_end_matches(">; rel=\"next\"");
    let rest = get(&server, next).await;
    assert_eq!((rest.json(), rest.header("link")), (json!(links[2..]), ""));
    let again = post(&server, &path, json!({ "subject": "00u1", "user": "alice" })).await;
    assert_eq!(again.error(), (409, "conflict".to_owned()));
    let link = format!("{path}/{}", text(&links[0], "id"));
    let ended = call(&server, Method::DELETE, &link, Value::Null).await;
    assert_eq!(ended.json(), json!({ "ok": true, "message": "Link ended" }));
    assert_eq!(call(&server, Method::DELETE, &link, Value::Null).await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&server, &path).await.json(), json!(links[1..]));
    // A link belongs to its trust.
    let other = server.create_trust(json!({ "kind": "identity_provider", "issuer": "https://other.example" })).await;
    let elsewhere = format!("{}/accounts/{}", address(&other), text(&links[1], "id"));
    assert_eq!(call(&server, Method::DELETE, &elsewhere, Value::Null).await.status, StatusCode::NOT_FOUND);
    call(&server, Method::DELETE, &address(&trust), Value::Null).await;
    assert_eq!(get(&server, &path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_not_right_is_refused_by_its_member() {
    let server = Server::start().await.with_partners().await;
    for (good, wrong, member) in [
        (json!({}), json!({ "issuer": "https://idp.example" }), "kind"),
        (identity_provider(), json!({ "kind": "friend" }), "kind"),
        (identity_provider(), json!({ "issuer": "" }), "issuer"),
        (identity_provider(), json!({ "issuer": "https://idp.example?a" }), "issuer"),
        (identity_provider(), json!({ "issuer": ISSUER }), "issuer"),
        (identity_provider(), json!({ "name": "x".repeat(201) }), "name"),
        (identity_provider(), json!({ "jwks": {} }), "jwks"),
        (identity_provider(), json!({ "jwks": KEYS, "jwks_uri": "https://idp.example/keys" }), "jwks"),
        (identity_provider(), json!({ "jwks_uri": "http://idp.example/keys" }), "jwks_uri"),
        (identity_provider(), json!({ "algs": "HS256" }), "algs"),
        (identity_provider(), json!({ "accounts": null }), "accounts"),
        (identity_provider(), json!({ "tenant": "x".repeat(256) }), "tenant"),
        (workload_issuer(), json!({ "rules": [] }), "rules"),
        (workload_issuer(), json!({ "rules": "deploy" }), "rules"),
        (workload_issuer(), json!({ "rules": "job sub=a" }), "rules"),
        (workload_issuer(), json!({ "rules": "nobody sub=a" }), "rules"),
        (authorization_server(), json!({ "clients": "" }), "clients"),
        (authorization_server(), json!({ "clients": "web" }), "clients"),
        (authorization_server(), json!({ "resources": "notes" }), "resources"),
        (authorization_server(), json!({ "groups": "a\na" }), "groups"),
    ] {
        let mut body = good;
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let answer = post(&server, "/admin/trusts", body).await;
        assert!(answer.json()["fields"][member].is_string(), "{wrong} {}", answer.body);
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{wrong}");
    }
    for shape in [json!({ "kind": 1 }), json!({ "rules": [1] }), json!({ "enabled": "x" }), json!({ "jwks": [] })] {
        let mut body = workload_issuer();
        body.as_object_mut().unwrap().extend(shape.as_object().unwrap().clone());
        let answer = post(&server, "/admin/trusts", body).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{shape}");
    }
    assert_eq!(get(&server, "/admin/trusts").await.json(), json!([]));
    assert_eq!(get(&server, "/admin/trusts?after=x").await.status, StatusCode::BAD_REQUEST);
    for path in ["/admin/trusts", "/admin/trusts/x", "/admin/trusts/x/accounts"] {
        assert_eq!(server.browser().get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn a_trust_is_switched_on_with_clients_that_are_there() {
    let server = Server::start().await.with_partners().await;
    let mut body = workload_issuer();
    body.as_object_mut()
        .unwrap()
        .extend([("enabled".to_owned(), false.into()), ("rules".to_owned(), json!(["ghost repository=acme/shop"]))]);
    let trust = server.create_trust(body).await;
    let on = call(&server, Method::PATCH, &address(&trust), json!({ "enabled": true })).await;
    assert_eq!(on.error(), (400, "invalid_request".to_owned()), "{}", on.body);
    assert!(on.json()["fields"]["rules"].is_string(), "{}", on.body);
    let mended = json!({ "enabled": true, "rules": ["deploy repository=acme/shop"] });
    assert_eq!(call(&server, Method::PATCH, &address(&trust), mended).await.status, StatusCode::OK);
}

#[tokio::test]
async fn one_issuer_is_one_trust_of_a_kind_and_stays_of_it() {
    let server = Server::start().await.with_partners().await;
    let trust = server.create_trust(identity_provider()).await;
    let again = post(&server, "/admin/trusts", identity_provider()).await;
    assert_eq!(again.error(), (409, "conflict".to_owned()));
    assert!(again.json()["fields"]["issuer"].is_string());
    let mut other = workload_issuer();
    other["issuer"] = "https://idp.example".into();
    server.create_trust(other).await;
    let changed = call(&server, Method::PATCH, &address(&trust), json!({ "kind": "workload_issuer" })).await;
    assert_eq!(changed.error(), (400, "invalid_request".to_owned()));
    assert!(changed.json()["fields"]["kind"].is_string());
}

#[tokio::test]
async fn only_an_identity_provider_has_accounts() {
    let server = Server::start().await.with_partners().await;
    let link = |subject: &str, user: &str| json!({ "subject": subject, "user": user });
    let workload = format!("{}/accounts", address(&server.create_trust(workload_issuer()).await));
    assert_eq!(get(&server, &workload).await.status, StatusCode::NOT_FOUND);
    assert_eq!(post(&server, &workload, link("a", "alice")).await.status, StatusCode::NOT_FOUND);
    let path = format!("{}/accounts", address(&server.create_trust(identity_provider()).await));
    for (body, member) in [(link("", "alice"), "subject"), (link("a", ""), "user"), (link("a", "nobody"), "user")] {
        let answer = post(&server, &path, body).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{member}");
        assert!(answer.json()["fields"][member].is_string(), "{}", answer.body);
    }
    assert_eq!(get(&server, &format!("{path}?after=x")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(get(&server, &path).await.json(), json!([]));
}

/// The address of a trust in the admin API.
fn address(trust: &Value) -> String {
    format!("/admin/trusts/{}", text(trust, "id"))
}
