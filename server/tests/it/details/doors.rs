//! Types of authorization details: described on a resource, allowed to a client, told by discovery.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{BANK, accounts};
use crate::browser::Answer;
use crate::concurrency::on_every_database;
use crate::registration;
use crate::resources::address;
use crate::server::{CALLBACK, Server};

on_every_database!(types_are_kept_and_come_back, a_type_is_of_one_resource_whoever_is_faster);

/// The field that is refused, and why.
#[track_caller]
fn refused(answer: &Answer, field: &str, why: &str) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    let said = answer.json()["fields"][field].as_str().unwrap_or_default().to_owned();
    assert!(said.contains(why), "{why}: {}", answer.body);
}

#[track_caller]
fn taken(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    assert!(answer.json()["fields"]["authorization_details_types"].is_string(), "{}", answer.body);
}

async fn types_are_kept_and_come_back(server: Server) {
    let (bank, _) = server.with_details().await;
    let shown = server.admin("GET", &address(&bank), &json!(null)).await.json();
    let types = shown["authorization_details_types"].clone();
    assert_eq!(
        types[1],
        json!({ "type": "account_information", "description": "See what is on your accounts",
        "fields": ["actions = list_accounts read_balances", "identifier"] })
    );
    assert_eq!(types[2], json!({ "type": "secret", "description": "secret", "fields": [] }));
    // Whoever sends back what was shown changes nothing, and silence leaves it.
    for change in [json!({ "authorization_details_types": types }), json!({ "name": "The bank" })] {
        server.change_resource(&bank, &change).await;
        let again = server.admin("GET", &address(&bank), &json!(null)).await.json();
        assert_eq!(again["authorization_details_types"], types);
    }
    let client = server.admin("GET", "/admin/clients/web", &json!(null)).await.json();
    assert_eq!(client["authorization_details_types"], "payment_initiation account_information note_share");
    let mut console = server.console().await;
    let page = console.get(&format!("/admin/ui/resources/{}/server", bank["id"].as_str().unwrap())).await;
    assert!(page.body.contains("authorization_details_types_supported"), "{}", page.body);
}

async fn a_type_is_of_one_resource_whoever_is_faster(server: Server) {
    let (bank, notes) = server.with_details().await;
    let node = server.another_node().await;
    let same = |name: &str| json!({ "authorization_details_types": [{ "type": name, "fields": [] }] });
    taken(&server.admin("PATCH", &address(&notes), &same("secret")).await);
    let new =
        json!({ "identifier": "https://other.example", "authorization_details_types": [{ "type": "note_share" }] });
    taken(&server.admin("POST", "/admin/resources", &new).await);
    // One that is disabled keeps its own.
    server.change_resource(&bank, &json!({ "status": "disabled" })).await;
    taken(&server.admin("PATCH", &address(&notes), &same("secret")).await);
    for round in 0..8 {
        let wanted = same(&format!("wanted{round}"));
        let (bank_path, notes_path) = (address(&bank), address(&notes));
        let (one, other) =
            tokio::join!(server.admin("PATCH", &bank_path, &wanted), node.admin("PATCH", &notes_path, &wanted));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", one.body, other.body);
    }
}

#[tokio::test]
async fn a_type_that_cannot_be_is_refused_by_each_door() {
    let server = Server::start().await;
    let (bank, _) = server.with_details().await;
    let mut console = server.console().await;
    let path = format!("/admin/ui/resources/{}", bank["id"].as_str().unwrap());
    for (name, fields, why) in [
        ("a b", "", "visible ASCII"),
        ("", "actions", "visible ASCII"),
        ("a", "actions string", "A field is a line"),
        ("a", "x = ", "A field is a line"),
        ("a", "type", "A field is a line"),
        ("a", "x\nx number", "x is described twice"),
        ("a", "x\nx.y", "x is described twice"),
    ] {
        let change = json!({ "authorization_details_types": [{ "type": name, "fields": fields }] });
        refused(&server.admin("PATCH", &address(&bank), &change).await, "authorization_details_types", why);
        let form = [
            ("identifier", BANK),
            ("name", "Example Bank"),
            ("status", "enabled"),
            ("authorization_details_types_type", name),
            ("authorization_details_types_description", ""),
            ("authorization_details_types_fields", fields),
        ];
        let answer = console.post(&path, &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {fields}");
        assert!(answer.body.contains(why), "{name} {fields}: {}", answer.body);
    }
    for wrong in [
        json!("x"),
        json!(["x"]),
        json!([{ "type": 1 }]),
        json!([{ "type": "a", "fields": {} }]),
        json!([{ "type": "a", "more": 1 }]),
    ] {
        let answer = server.admin("PATCH", &address(&bank), &json!({ "authorization_details_types": wrong })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    // What the form shows is what it takes.
    let page = console.get(&path).await;
    assert!(page.body.contains("actions = list_accounts read_balances"), "{}", page.body);
    let form = [
        ("identifier", BANK),
        ("name", "Example Bank"),
        ("status", "enabled"),
        ("authorization_details_types_type", "escaped"),
        ("authorization_details_types_description", "A < B & C"),
        ("authorization_details_types_fields", "actions = a<b &amp;\r\n\r\nuntil"),
        ("authorization_details_types_type", ""),
        ("authorization_details_types_description", ""),
        ("authorization_details_types_fields", ""),
    ];
    let saved = console.post(&path, &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let kept = server.admin("GET", &address(&bank), &json!(null)).await.json();
    let expected =
        json!([{ "type": "escaped", "description": "A < B & C", "fields": ["actions = a<b &amp;", "until string"] }]);
    assert_eq!(kept["authorization_details_types"], expected);
    assert!(console.get(&path).await.body.contains("actions = a&lt;b &amp;amp;\nuntil string</textarea>"));
}

#[tokio::test]
async fn a_client_may_ask_for_types_that_there_are() {
    let server = Server::start().await;
    let change = json!({ "authorization_details_types": ["payment_initiation"] });
    let unknown = server.admin("PATCH", "/admin/clients/web", &change).await;
    refused(&unknown, "authorization_details_types", "No resource of this server has the type “payment_initiation”");
    let new = json!({ "client_id": "newer", "redirect_uris": CALLBACK, "authorization_details_types": "nothing" });
    refused(&server.admin("POST", "/admin/clients", &new).await, "authorization_details_types", "nothing");
    let (bank, _) = server.with_details().await;
    // One that is gone since keeps nobody from changing the rest.
    server.change_resource(&bank, &json!({ "authorization_details_types": [] })).await;
    let renamed = server.admin("PATCH", "/admin/clients/web", &json!({ "client_name": "Web" })).await;
    assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.body);
    for wrong in ["ä", "a\"b"] {
        let change = json!({ "authorization_details_types": [wrong] });
        refused(
            &server.admin("PATCH", "/admin/clients/web", &change).await,
            "authorization_details_types",
            "visible ASCII",
        );
    }
    let mut console = server.console().await;
    let page = console.get("/admin/ui/clients/web/settings").await;
    assert!(page.body.contains("payment_initiation\naccount_information\nnote_share</textarea>"), "{}", page.body);
}

#[tokio::test]
async fn a_client_that_registers_itself_names_its_types() {
    let server = Server::start().await;
    server.with_details().await;
    registration::set_policy(&server, "open").await;
    let metadata =
        json!({ "redirect_uris": [CALLBACK], "authorization_details_types": ["account_information", "ä", 1] });
    let client = registration::register(&server, &metadata).await;
    assert_eq!(client["authorization_details_types"], json!(["account_information"]), "what could be one");
    let id = client["client_id"].as_str().unwrap();
    let mut browser = server.signed_in().await;
    let page = browser.ask_details(&[("client_id", id)], &json!([accounts()])).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.location());
    assert_eq!(browser.press(&page, "yes").await.status, StatusCode::SEE_OTHER);
    // An administrator takes it away, and the client does not get it back by saying so again.
    let nothing =
        server.admin("PATCH", &format!("/admin/clients/{id}"), &json!({ "authorization_details_types": [] })).await;
    assert_eq!(nothing.status, StatusCode::OK, "{}", nothing.body);
    let mut update = metadata.clone();
    update["client_id"] = json!(id);
    let token = client["registration_access_token"].as_str();
    let answer = registration::call(&server, Method::PUT, &format!("/register/{id}"), token, &update.to_string()).await;
    assert_eq!(
        (answer.status, answer.json().get("authorization_details_types")),
        (StatusCode::OK, None),
        "{}",
        answer.body
    );
    let plain = registration::register(&server, &json!({ "redirect_uris": [CALLBACK] })).await;
    assert_eq!(plain.get("authorization_details_types"), None);
}

#[tokio::test]
async fn discovery_lists_the_types_of_enabled_resources() {
    let server = Server::start().await;
    let listed = async || {
        let metadata = server.browser().get("/.well-known/oauth-authorization-server").await.json();
        metadata.get("authorization_details_types_supported").cloned()
    };
    assert_eq!(listed().await, None);
    let (bank, _) = server.with_details().await;
    let all: Value = json!(["account_information", "note_share", "payment_initiation", "secret"]);
    assert_eq!(listed().await, Some(all));
    server.change_resource(&bank, &json!({ "status": "disabled" })).await;
    assert_eq!(listed().await, Some(json!(["note_share"])));
}
