//! The OpenAPI document of the admin API: it says what the server does.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use idp::testing::execute;
use serde_json::{Value, json};

use crate::admin_api::{call, get, post};
use crate::server::{ISSUER, PASSWORD, Server};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

async fn document(server: &Server) -> Value {
    let answer = server.browser().get("/admin/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    answer.json()
}

/// Path, method, operation.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((path.clone(), method.clone(), operation.clone()));
        }
    }
    operations
}

fn schema<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference}")),
        None => schema,
    }
}

#[tokio::test]
async fn the_document_is_open_and_complete_before_setup_too() {
    let server = Server::fresh().await;
    let document = document(&server).await;
    assert_eq!((&document["openapi"], &document["servers"][0]["url"]), (&json!("3.1.0"), &json!(ISSUER)));
    assert_eq!(document["components"]["securitySchemes"]["adminToken"]["name"], "X-Admin-Token");
    let operations = operations(&document);
    assert_eq!(operations.len(), 73);
    let ids: BTreeSet<&str> =
        operations.iter().map(|(.., operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), operations.len());
    for (path, method, operation) in &operations {
        for member in ["summary", "description"] {
            assert!(!operation[member].as_str().unwrap_or_default().is_empty(), "{method} {path}: {member}");
        }
        let named = operation["parameters"].as_array().cloned().unwrap_or_default();
        let named: BTreeSet<&str> =
            named.iter().filter(|one| one["in"] == "path").map(|one| one["name"].as_str().unwrap()).collect();
        let in_path: BTreeSet<&str> = path.split('{').skip(1).map(|part| part.split('}').next().unwrap()).collect();
        assert_eq!(named, in_path, "{method} {path}");
        assert_eq!(operation.get("security").is_some(), path == "/health", "{method} {path}");
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let document = document(&Server::fresh().await).await;
    let mut left = vec![&document];
    while let Some(value) = left.pop() {
        match value {
            Value::Object(members) => {
                if members.contains_key("$ref") {
                    assert!(schema(&document, value).is_object());
                }
                left.extend(members.values());
            }
            Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
}

#[tokio::test]
async fn described_methods_want_the_token_and_others_are_not_allowed() {
    let server = Server::start().await.with_dev_endpoints();
    let document = document(&server).await;
    for (path, item) in document["paths"].as_object().unwrap() {
        let address = path
            .replace("{client_id}", "web")
            .replace("{id}", "nobody")
            .replace("{resource_id}", "nothing")
            .replace("{secret_id}", "none")
            .replace("{trust_id}", "nothing")
            .replace("{link_id}", "none")
            .replace("{name}", "nothing")
            .replace("{sid}", "none")
            .replace("{grant_id}", "none")
            .replace("{kid}", "none")
            .replace("{change_id}", "none")
            .replace("{bin_id}", "none");
        for method in METHODS {
            let name = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let request = Request::builder().method(name).uri(&address).body(Body::from("{}")).unwrap();
            let answer = server.send(request).await;
            let expected = match (item.get(method), path.as_str()) {
                (None, _) => StatusCode::METHOD_NOT_ALLOWED,
                (Some(_), "/health") => StatusCode::OK,
                (Some(_), _) => StatusCode::UNAUTHORIZED,
            };
            assert_eq!(answer.status, expected, "{method} {path}");
            if expected == StatusCode::METHOD_NOT_ALLOWED {
                let allowed = answer.header("allow").to_lowercase();
                let allowed: BTreeSet<&str> =
                    allowed.split(',').map(str::trim).filter(|word| *word != "head").collect();
                let described: BTreeSet<&str> = item.as_object().unwrap().keys().map(String::as_str).collect();
                assert_eq!(allowed, described, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn its_examples_work_and_answers_have_the_members_that_it_names() {
    let server = Server::start().await.with_dev_endpoints();
    let document = document(&server).await;
    let alice = get(&server, "/admin/users").await.json()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        call(&server, Method::DELETE, &format!("/admin/users/{alice}"), Value::Null).await.status,
        StatusCode::OK
    );
    // It lies in the bin when that is called.
    assert_eq!(call(&server, Method::DELETE, "/admin/clients/spa", Value::Null).await.status, StatusCode::OK);
    let user = post(&server, "/admin/users", json!({ "username": "dora", "password": PASSWORD })).await.json();
    let mut operations = operations(&document);
    let order = ["post", "put", "patch", "get", "delete"];
    // What belongs to something is deleted before it.
    operations.sort_by_key(|(path, method, _)| {
        let length = if method == "delete" { usize::MAX - path.len() } else { path.len() };
        let lasts = !["sessions", "grants"].contains(&kind(path).as_str());
        (order.iter().position(|one| one == method), lasts, length)
    });
    // The server chose these.
    let (mut resource, mut trust, mut link) = (String::new(), String::new(), String::new());
    let mut secrets = BTreeMap::new();
    for (path, method, operation) in operations {
        let address = path
            .replace("{resource_id}", &resource)
            .replace("{secret_id}", secrets.get(&kind(&path)).map_or("", String::as_str))
            .replace("{sid}", "a-session")
            .replace("{grant_id}", GRANT)
            .replace("{trust_id}", &trust)
            .replace("{link_id}", &link)
            .replace("{client_id}", "demo")
            .replace("{id}", user["id"].as_str().unwrap())
            .replace("tokens/{name}", "tokens/build%20server")
            .replace("{name}", "photos:read")
            .replace("{kid}", &server.idp.signing_kid(oauth::jose::SigningAlg::ES256).unwrap());
        let address = match path.contains("{change_id}") {
            true => address.replace("{change_id}", &first(&server, "/admin/history?kind=client&id=demo").await),
            false => address,
        };
        let address = match path.contains("{bin_id}") {
            true => address.replace("{bin_id}", &first(&server, "/admin/bin").await),
            false => address,
        };
        let address = format!("{address}{}", example_query(&operation));
        let body = operation["requestBody"]["content"]["application/json"]["example"].clone();
        assert_eq!(body.is_null(), operation.get("requestBody").is_none(), "{method} {path}");
        if method == "delete" {
            sign_in_dora(&server).await;
        }
        if path.contains("/logouts") {
            tell_demo(&server).await;
        }
        let name = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let answer = call(&server, name, &address, body).await;
        assert!(answer.status.is_success(), "{method} {path}: {}", answer.body);
        match (method.as_str(), path.as_str()) {
            ("post", "/admin/resources") => resource = answer.json()["id"].as_str().unwrap().to_owned(),
            ("post", "/admin/trusts") => trust = answer.json()["id"].as_str().unwrap().to_owned(),
            ("post", path) if path.ends_with("/accounts") => link = answer.json()["id"].as_str().unwrap().to_owned(),
            ("post", path) if path.ends_with("/secrets") => {
                secrets.insert(kind(path), answer.json()["secret_id"].as_str().unwrap().to_owned());
            }
            _ => {}
        }
        let described = &operation["responses"][answer.status.as_str()]["content"]["application/json"]["schema"];
        assert!(described.is_object(), "{method} {path}: {} is not described", answer.status);
        assert_matches(&document, described, &answer.json(), &format!("{method} {path}"));
    }
    let answer = get(&server, "/admin/clients/demo").await;
    assert_matches(&document, &json!({ "$ref": "#/components/schemas/ErrorAnswer" }), &answer.json(), "404");
}

/// The ID of the first row of a list.
async fn first(server: &Server, list: &str) -> String {
    get(server, list).await.json()[0]["id"].as_str().unwrap_or_else(|| panic!("nothing in {list}")).to_owned()
}

/// The kind of thing that an address is about: `clients`.
fn kind(path: &str) -> String {
    path.split('/').nth(2).unwrap_or_default().to_owned()
}

/// The parameters of a query that have an example.
fn example_query(operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let in_query = parameters.iter().filter(|one| one["in"] == "query");
    let pairs = in_query.filter_map(|one| Some((one["name"].as_str()?, one["example"].as_str()?)));
    let query = pairs.fold(oauth::form::Form::default(), |form, (name, value)| form.with(name, value)).encode();
    if query.is_empty() { query } else { format!("?{query}") }
}

const GRANT: &str = "018f0000-0000-7000-8000-000000000007";

/// Gives the user dora, while she and the client are there, a session, a consent and a grant, where there are none.
async fn sign_in_dora(server: &Server) {
    let of_dora = "FROM account, client WHERE username = 'dora' AND client_id = 'demo'";
    for sql in [
        format!(
            "INSERT OR IGNORE INTO consent (account_id, client_id, scope, granted_at) SELECT id, 'demo', 'openid', 1 {of_dora}"
        ),
        format!(
            "INSERT OR REPLACE INTO session (digest, sid, account_id, created_at, expires_at, seen_at) \
             SELECT zeroblob(32), 'a-session', id, 1, 1900000000, 1 {of_dora}"
        ),
        format!(
            "INSERT OR REPLACE INTO grants (id, client_id, account_id, scope, offline, generation, created_at, expires_at) \
             SELECT X'{}', 'demo', id, 'openid', TRUE, 0, 1, 1900000000 {of_dora}",
            GRANT.replace('-', "")
        ),
    ] {
        execute(server.database.url(), &sql).await;
    }
}

/// Gives the client an address at which nobody listens, and a message.
async fn tell_demo(server: &Server) {
    let uri = json!({ "backchannel_logout_uri": "http://127.0.0.1:9/bye" });
    assert_eq!(call(server, Method::PATCH, "/admin/clients/demo", uri).await.status, StatusCode::OK);
    let message = "INSERT OR IGNORE INTO session_client (sid, client_id, account_id, joined_at, ended_at, attempts) \
        SELECT 'a-session', 'demo', id, 1, 2, 0 FROM account WHERE username = 'dora'";
    execute(server.database.url(), message).await;
}

/// Has the members that are required, and none that are not described, all the way down; `oneOf` fits exactly once.
fn assert_matches(document: &Value, described: &Value, value: &Value, place: &str) {
    if let Err(problem) = check(document, described, value) {
        panic!("{place}: {problem} in {value}");
    }
}

fn check(document: &Value, described: &Value, value: &Value) -> Result<(), String> {
    let described = schema(document, described);
    if let Some(choices) = described["oneOf"].as_array() {
        let fits = choices.iter().filter(|choice| check(document, choice, value).is_ok()).count();
        return if fits == 1 { Ok(()) } else { Err(format!("{fits} of {} choices fit", choices.len())) };
    }
    if let Some(items) = value.as_array() {
        return items.iter().try_for_each(|item| check(document, &described["items"], item));
    }
    let (Some(members), Some(properties)) = (value.as_object(), described["properties"].as_object()) else {
        let is_empty_object = value.as_object().is_some_and(serde_json::Map::is_empty);
        let closed = described["additionalProperties"] == json!(false);
        return if closed && !is_empty_object { Err("members of an empty object".to_owned()) } else { Ok(()) };
    };
    for required in described["required"].as_array().into_iter().flatten() {
        if !members.contains_key(required.as_str().unwrap()) {
            return Err(format!("no {required}"));
        }
    }
    members.iter().try_for_each(|(name, member)| match properties.get(name) {
        Some(property) => check(document, property, member),
        None => Err(format!("{name} is not described")),
    })
}

#[tokio::test]
async fn a_parameter_that_a_call_does_not_have_is_refused() {
    let server = Server::start().await;
    for (path, method, _) in operations(&document(&server).await) {
        if !path.starts_with("/admin/") {
            continue;
        }
        let filled = path.split('/').map(|part| if part.starts_with('{') { "nothing" } else { part });
        let address = format!("{}?lmit=1", filled.collect::<Vec<_>>().join("/"));
        let answer = server.admin(&method.to_uppercase(), &address, &json!({})).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{method} {address} {}", answer.body);
        assert!(answer.body.contains("lmit"), "{method} {address} {}", answer.body);
    }
    let none = server.admin("PUT", "/admin/registration", &json!({ "mode": "open" })).await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST, "{}", none.body);
}
