//! The history and the recycle bin, as scripts read them.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::admin_api::{call, get, post};
use crate::browser::Answer;
use crate::server::{SECRET, Server, text};

crate::concurrency::on_every_database!(
    a_script_reads_a_history_and_goes_back,
    a_script_undoes_a_change,
    the_way_back_stands_on_what_was_read,
    what_is_no_history_is_refused_by_name,
    a_script_restores_and_erases,
    what_cannot_be_restored_stays_in_the_bin,
);

async fn patch(server: &Server, path: &str, body: Value) {
    let answer = call(server, Method::PATCH, path, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

async fn delete(server: &Server, path: &str) -> Answer {
    call(server, Method::DELETE, path, Value::Null).await
}

/// The changes of a thing, the newest first.
async fn changes(server: &Server, query: &str) -> Vec<Value> {
    let answer = get(server, &format!("/admin/history?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json().as_array().unwrap().clone()
}

async fn a_script_reads_a_history_and_goes_back(server: Server) {
    patch(&server, "/admin/clients/web", json!({ "client_name": "Renamed" })).await;
    let all = changes(&server, "kind=client&id=web").await;
    assert_eq!(all.len(), 2);
    assert_eq!(
        (text(&all[0], "action"), text(&all[0], "actor"), text(&all[0], "target")),
        ("client.update", "admin_api", "web")
    );
    let renamed = json!({ "field": "client_name", "before": "The web app", "after": "Renamed" });
    assert_eq!(all[0]["differences"], json!([renamed]));
    assert!(!all[0]["request_id"].is_null() && all[0]["revert"].is_null());
    assert!(!Value::from(all.clone()).to_string().contains(SECRET));
    // A part at a time.
    let first = get(&server, "/admin/history?kind=client&id=web&limit=1").await;
    let next = first.header("link").split(['<', '>']).nth(1).unwrap().split_once("8000").unwrap().1.to_owned();
    let second = get(&server, &next).await;
    assert_eq!(
        (first.json()[0]["id"].clone(), second.json()[0]["id"].clone()),
        (all[0]["id"].clone(), all[1]["id"].clone())
    );
    assert_eq!(second.header("link"), "");
    assert!(changes(&server, "kind=client").await.len() > 2, "all clients");

    let created = text(&all[1], "id");
    let change = get(&server, &format!("/admin/history/{created}")).await.json();
    let back = json!({ "field": "client_name", "before": "Renamed", "after": "The web app" });
    assert_eq!(change["revert"]["differences"], json!([back]));
    let version = change["revert"]["version"].as_i64().unwrap();
    let address = format!("/admin/history/{created}/revert?version={version}");
    let reverted = post(&server, &address, Value::Null).await;
    assert_eq!(reverted.status, StatusCode::OK, "{}", reverted.body);
    assert_eq!(get(&server, "/admin/clients/web").await.json()["client_name"], "The web app");
    assert_eq!(changes(&server, "kind=client&id=web").await.len(), 3, "it is a change of its own");
    assert_eq!(post(&server, &address, Value::Null).await.error(), (409, "conflict".to_owned()));
}

async fn a_script_undoes_a_change(server: Server) {
    for name in ["Second", "Third"] {
        patch(&server, "/admin/clients/web", json!({ "client_name": name })).await;
    }
    let all = changes(&server, "kind=client&id=web").await;
    let (second, created) = (text(&all[1], "id"), text(&all[2], "id"));
    let change = get(&server, &format!("/admin/history/{second}")).await.json();
    let undone = json!({ "field": "client_name", "before": "Third", "after": "The web app" });
    assert_eq!(change["undo"]["differences"], json!([undone]));
    assert_eq!(change["revert"]["differences"][0]["after"], "Second");
    let name = async || text(&get(&server, "/admin/clients/web").await.json(), "client_name").to_owned();
    let revert = format!("/admin/history/{second}/revert");
    for wrong in ["Before", "", "now"] {
        let answer = post(&server, &format!("{revert}?to={wrong}"), Value::Null).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}: {}", answer.body);
        assert!(answer.body.contains("to: "), "{}", answer.body);
    }
    assert_eq!(name().await, "Third", "nothing was done");
    let version = change["undo"]["version"].as_i64().unwrap();
    let before = format!("{revert}?to=before&version={version}");
    assert_eq!(post(&server, &before, Value::Null).await.status, StatusCode::OK);
    assert_eq!(name().await, "The web app");
    assert_eq!(post(&server, &before, Value::Null).await.error(), (409, "conflict".to_owned()));
    assert_eq!(post(&server, &format!("{revert}?to=after"), Value::Null).await.status, StatusCode::OK);
    assert_eq!(name().await, "Second");
    // Before it was made there was nothing.
    let change = get(&server, &format!("/admin/history/{created}")).await.json();
    assert!(change["undo"].is_null() && !change["revert"].is_null(), "{change}");
    let answer = post(&server, &format!("/admin/history/{created}/revert?to=before"), Value::Null).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

async fn the_way_back_stands_on_what_was_read(server: Server) {
    let scope = |description: &str| json!({ "name": "a/b", "description": description });
    post(&server, "/admin/scopes", scope("First")).await;
    post(&server, "/admin/scopes", scope("Second")).await;
    let first = changes(&server, "kind=scope&id=a%2Fb").await.pop().unwrap();
    let revert = format!("/admin/history/{}/revert", text(&first, "id"));
    // Without a version it is that of this moment.
    assert_eq!(post(&server, &revert, Value::Null).await.status, StatusCode::OK);
    assert_eq!(server.idp.get_scope("a/b").await.unwrap().scope.description, "First");
    assert_eq!(post(&server, &format!("{revert}?version=x"), Value::Null).await.error().0, 400);
    assert_eq!(post(&server, &format!("{revert}?version=1"), Value::Null).await.error().0, 409);
    // What is gone has a history, and no way back but that of the bin.
    delete(&server, "/admin/scopes/a/b").await;
    assert_eq!(changes(&server, "kind=scope&id=a%2Fb").await.len(), 4);
    let change = get(&server, &format!("/admin/history/{}", text(&first, "id"))).await.json();
    assert!(change["revert"].is_null(), "{change}");
    assert_eq!(post(&server, &revert, Value::Null).await.error().0, 404);
    // A key has a history and no way back.
    let key = changes(&server, "kind=key").await.pop().unwrap();
    let revert = format!("/admin/history/{}/revert", text(&key, "id"));
    assert_eq!(post(&server, &revert, Value::Null).await.error().0, 404);
}

async fn what_is_no_history_is_refused_by_name(server: Server) {
    for (query, status) in [
        ("", 400),
        ("?kind=pizza", 400),
        ("?kind=client&kind=user", 400),
        ("?kind=client&id=%00", 400),
        ("?kind=client&after=x", 400),
        ("?kind=client&limit=0", 400),
        ("/x", 404),
        ("/%00", 404),
        ("/018f0000-0000-7000-8000-000000000007", 404),
    ] {
        let answer = get(&server, &format!("/admin/history{query}")).await;
        assert_eq!(answer.status.as_u16(), status, "{query}: {}", answer.body);
    }
    for path in ["/admin/history/x/revert", "/admin/bin/x/restore", "/admin/bin/%00/restore"] {
        assert_eq!(post(&server, path, Value::Null).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(get(&server, "/admin/bin?after=x").await.error().0, 400);
    let none = changes(&server, &format!("kind=user&id={}", "x".repeat(5_000))).await;
    assert!(none.is_empty());
}

async fn a_script_restores_and_erases(server: Server) {
    for client in ["web", "spa"] {
        assert_eq!(delete(&server, &format!("/admin/clients/{client}")).await.status, StatusCode::OK);
        server.clock.advance(1);
    }
    let first = get(&server, "/admin/bin?limit=1").await;
    assert!(first.header("link").contains("/admin/bin?limit=1&after="), "{}", first.header("link"));
    let bin = get(&server, "/admin/bin").await.json();
    assert_eq!(bin[0]["id"], first.json()[0]["id"]);
    let entry =
        |row: &Value| (text(row, "kind").to_owned(), text(row, "target").to_owned(), text(row, "actor").to_owned());
    let is_admins = |id: &str| ("client".to_owned(), id.to_owned(), "admin_api".to_owned());
    assert_eq!((entry(&bin[0]), entry(&bin[1])), (is_admins("spa"), is_admins("web")));
    assert!(bin[0]["leaves_at"].as_i64() > bin[0]["deleted_at"].as_i64());
    let (spa, web) = (text(&bin[0], "id"), text(&bin[1], "id"));

    assert_eq!(post(&server, &format!("/admin/bin/{web}/restore"), Value::Null).await.status, StatusCode::OK);
    assert_eq!(get(&server, "/admin/clients/web").await.status, StatusCode::OK);
    assert_eq!(delete(&server, &format!("/admin/bin/{spa}")).await.status, StatusCode::OK);
    assert_eq!(get(&server, "/admin/bin").await.json(), json!([]));
    for id in [spa, web] {
        assert_eq!(post(&server, &format!("/admin/bin/{id}/restore"), Value::Null).await.error().0, 404);
        assert_eq!(delete(&server, &format!("/admin/bin/{id}")).await.error().0, 404);
    }
    let actions: Vec<Value> =
        changes(&server, "kind=client&id=web").await.iter().map(|it| it["action"].clone()).collect();
    assert_eq!(actions[..2], [json!("client.restore"), json!("client.delete")]);
}

async fn what_cannot_be_restored_stays_in_the_bin(server: Server) {
    delete(&server, "/admin/clients/web").await;
    let made = post(&server, "/admin/clients", json!({ "client_id": "web" })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let bin = get(&server, "/admin/bin").await.json();
    let restored = post(&server, &format!("/admin/bin/{}/restore", text(&bin[0], "id")), Value::Null).await;
    assert_eq!(restored.error(), (409, "conflict".to_owned()));
    assert!(restored.json()["fields"]["client_id"].is_string(), "{}", restored.body);
    assert_eq!(get(&server, "/admin/bin").await.json(), bin);
}
