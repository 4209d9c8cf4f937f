//! `/admin/resources`.

use axum::http::StatusCode;
use futures::future::join_all;
use idp::{Actor, ResourceRecord, SaveError};
use oauth::id::ResourceId;
use oauth::resource::ResourceDraft;
use serde_json::{Value, json};

use super::{MAPS, NOTES, NOTES_TOO, address};
use crate::concurrency::on_every_database;
use crate::server::{Server, text};

on_every_database!(
    a_resource_is_created_read_changed_listed_and_deleted,
    one_place_is_one_resource_in_whatever_spelling,
    of_many_creations_of_one_resource_one_succeeds,
    one_resource_at_most_is_the_default,
    an_edit_of_something_else_moves_no_default,
    of_many_who_make_theirs_the_default_one_does,
);

async fn a_resource_is_created_read_changed_listed_and_deleted(server: Server) {
    let created = server.with_notes().await;
    let expected = json!({
        "id": created["id"],
        "identifier": NOTES,
        "name": "Notes",
        "status": "enabled",
        "scopes": [
            { "name": "read", "description": "Read your notes", "default": true },
            { "name": "write", "description": "Write notes", "default": false },
        ],
        "access_token_lifetime": null,
        "token_format": "jwt",
        "authorization_details_types": [],
        "allowed_clients": [],
        "exchanged_by": [],
        "may_read_userinfo": false,
        "default": false,
    });
    assert_eq!(created, expected);
    let path = address(&created);
    assert_eq!(server.admin("GET", &path, &json!({})).await.json(), created);
    let change = json!({ "access_token_lifetime": "600", "allowed_clients": "web spa", "may_read_userinfo": 1 });
    let changed = server.admin("PATCH", &path, &change).await.json();
    assert_eq!((&changed["access_token_lifetime"], &changed["may_read_userinfo"]), (&json!(600), &json!(true)));
    assert_eq!((&changed["allowed_clients"], &changed["scopes"]), (&json!(["web", "spa"]), &created["scopes"]));
    let put = server.admin("PUT", &path, &json!({ "scopes": "read", "token_format": null })).await.json();
    assert_eq!(put["scopes"], json!([{ "name": "read", "description": "read", "default": false }]));
    assert_eq!((&put["token_format"], &put["name"]), (&json!(null), &json!("Notes")));
    // They are listed in the order of the seconds in which they were created.
    server.clock.advance(1);
    let maps = server.with_maps().await;
    let first = server.admin("GET", "/admin/resources?limit=1", &json!({})).await;
    assert_eq!(first.json(), json!([put]));
    let next = first.header("link").trim_start_matches("<http://127.0.0.1:8000").trim_end_matches(">; rel=\"next\"");
    let rest = server.admin("GET", next, &json!({})).await;
    assert_eq!((rest.json(), rest.header("link")), (json!([maps]), ""));
    assert_eq!(server.admin("DELETE", &path, &json!({})).await.status, StatusCode::OK);
    for method in ["GET", "PATCH", "PUT", "DELETE"] {
        assert_eq!(server.admin(method, &path, &json!({})).await.status, StatusCode::NOT_FOUND, "{method}");
    }
    assert_eq!(server.admin("GET", "/admin/resources", &json!({})).await.json(), json!([maps]));
}

async fn one_place_is_one_resource_in_whatever_spelling(server: Server) {
    let notes = server.with_notes().await;
    let again = json!({ "identifier": NOTES_TOO });
    let refused = server.admin("POST", "/admin/resources", &again).await;
    assert_eq!((refused.status, &refused.json()["error"]), (StatusCode::CONFLICT, &json!("conflict")));
    assert!(refused.json()["fields"]["identifier"].is_string());
    server.change_resource(&notes, &again).await;
    let elsewhere = server.admin("PATCH", &address(&notes), &json!({ "identifier": MAPS })).await;
    assert_eq!(elsewhere.error(), (400, "invalid_request".to_owned()));
    assert_eq!(server.admin("GET", &address(&notes), &json!({})).await.json()["identifier"], NOTES_TOO);
    // Paths differ in their case.
    let other = server.create_resource(&json!({ "identifier": "https://notes.example/MCP" })).await;
    assert_eq!(other["name"], "https://notes.example/MCP");
}

async fn of_many_creations_of_one_resource_one_succeeds(server: Server) {
    let body = json!({ "identifier": NOTES, "default": true });
    let answers = join_all((0..8).map(|_| server.admin("POST", "/admin/resources", &body))).await;
    let created = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    let taken = answers.iter().filter(|answer| answer.status == StatusCode::CONFLICT).count();
    assert_eq!((created, taken), (1, 7), "{:?}", answers.iter().map(|it| &it.body).collect::<Vec<_>>());
    let list = server.admin("GET", "/admin/resources", &json!({})).await.json();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["default"]), (1, &json!(true)));
}

async fn one_resource_at_most_is_the_default(server: Server) {
    let defaults = async || -> Vec<bool> {
        let list = server.admin("GET", "/admin/resources", &json!({})).await.json();
        list.as_array().unwrap().iter().map(|row| row["default"].as_bool().unwrap()).collect()
    };
    let notes = server.with_notes().await;
    server.clock.advance(1);
    let maps = server.with_maps().await;
    server.change_resource(&notes, &json!({ "default": true })).await;
    assert_eq!(defaults().await, [true, false]);
    server.change_resource(&maps, &json!({ "default": true })).await;
    assert_eq!(defaults().await, [false, true]);
    server.change_resource(&notes, &json!({ "name": "Notes, renamed" })).await;
    assert_eq!(defaults().await, [false, true], "a change of something else takes nothing away");
    server.admin("DELETE", &address(&maps), &json!({})).await;
    assert_eq!(defaults().await, [false]);
}

async fn an_edit_of_something_else_moves_no_default(server: Server) {
    let notes = server.with_notes().await;
    let maps = server.with_maps().await;
    let is_default = async |resource: &Value| {
        server.admin("GET", &address(resource), &json!({})).await.json()["default"].as_bool().unwrap()
    };
    let read = async |resource: &Value| {
        let record = server.idp.get_resource(&ResourceId::new(text(resource, "id"))).await.unwrap();
        let draft = ResourceDraft::of(&record.resource, record.is_default);
        (record, ResourceDraft { name: "Renamed".into(), ..draft })
    };
    let save = async |(record, draft): (ResourceRecord, ResourceDraft)| {
        server.idp.update_resource(&Actor::admin(), &record.resource.id, Some(record.version), &draft).await
    };
    server.change_resource(&notes, &json!({ "default": true })).await;
    // Of the default one, and of the one that becomes it.
    let (of_notes, of_maps) = (read(&notes).await, read(&maps).await);
    server.change_resource(&maps, &json!({ "default": true })).await;
    for edit in [of_notes, of_maps] {
        let stale = save(edit).await;
        assert!(matches!(stale, Err(SaveError::Stale)), "{stale:?}");
        assert_eq!((is_default(&notes).await, is_default(&maps).await), (false, true));
    }
    save(read(&notes).await).await.unwrap();
    save(read(&maps).await).await.unwrap();
    assert_eq!((is_default(&notes).await, is_default(&maps).await), (false, true));
    // The other way round: a form of one that was not the default when another one was.
    let mut wish = read(&notes).await;
    wish.1.default = true;
    server.change_resource(&maps, &json!({ "default": false })).await;
    save(wish).await.unwrap();
    assert_eq!((is_default(&notes).await, is_default(&maps).await), (true, false));
}

async fn of_many_who_make_theirs_the_default_one_does(server: Server) {
    let resources = [server.with_notes().await, server.with_maps().await];
    let (on, other) = (json!({ "default": true }), json!({ "access_token_lifetime": 600 }));
    // Nobody wins where each of them finds that the resource was changed in another respect meanwhile.
    let mut won = false;
    for _ in 0..5 {
        let wishes = (0..8).map(|number| (&resources[number % 2], if number < 4 { &on } else { &other }));
        let answers =
            join_all(wishes.map(async |(resource, wish)| server.admin("PATCH", &address(resource), wish).await.status));
        for (number, status) in answers.await.into_iter().enumerate() {
            assert!(matches!(status, StatusCode::OK | StatusCode::CONFLICT), "{status}");
            won |= number < 4 && status == StatusCode::OK;
        }
        let list = server.admin("GET", "/admin/resources", &json!({})).await.json();
        let defaults = list.as_array().unwrap().iter().filter(|row| row["default"] == true).count();
        assert_eq!(defaults, usize::from(won), "{list}");
    }
    assert!(won, "nobody won in five rounds");
}

#[tokio::test]
async fn one_that_is_shut_is_not_the_default() {
    let server = Server::start().await;
    let notes = server.with_notes().await;
    server.change_resource(&notes, &json!({ "default": true })).await;
    for status in ["disabled", "pending"] {
        let refused = server.admin("PATCH", &address(&notes), &json!({ "status": status })).await;
        assert_eq!(refused.error(), (400, "invalid_request".to_owned()), "{status}");
        assert!(refused.json()["fields"]["default"].is_string(), "{}", refused.body);
    }
    server.change_resource(&notes, &json!({ "status": "disabled", "default": false })).await;
    let refused = server.admin("PATCH", &address(&notes), &json!({ "default": true })).await;
    assert_eq!(refused.error(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn what_is_not_right_is_refused_by_its_member() {
    let server = Server::start().await;
    let good = json!({ "identifier": NOTES, "name": "Notes" });
    let scopes = |scopes: Value| json!({ "scopes": scopes });
    for (wrong, member) in [
        (json!({ "identifier": "" }), "identifier"),
        (json!({ "identifier": "notes.example" }), "identifier"),
        (json!({ "identifier": "https://notes.example#a" }), "identifier"),
        (json!({ "identifier": format!("https://n/{}", "a".repeat(2_048)) }), "identifier"),
        (json!({ "identifier": "http://127.0.0.1:8000" }), "identifier"),
        (json!({ "identifier": "HTTP://127.0.0.1:8000/" }), "identifier"),
        (json!({ "name": "a\u{202e}b" }), "name"),
        (json!({ "name": "x".repeat(201) }), "name"),
        (json!({ "status": "on" }), "status"),
        (json!({ "status": "disabled", "default": true }), "default"),
        (json!({ "allowed_clients": "web a/b" }), "allowed_clients"),
        (json!({ "allowed_clients": ["web\u{0}"] }), "allowed_clients"),
        (json!({ "access_token_lifetime": 59 }), "access_token_lifetime"),
        (json!({ "token_format": "saml" }), "token_format"),
        (scopes(json!([{ "name": "a b" }])), "scopes"),
        (scopes(json!([{ "description": "no name" }])), "scopes"),
        (scopes(json!(["openid"])), "scopes"),
        (scopes(json!("a a")), "scopes"),
    ] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let answer = server.admin("POST", "/admin/resources", &body).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{wrong}");
        assert!(answer.json()["fields"][member].is_string(), "{wrong} {}", answer.body);
    }
    for shape in
        [json!({ "identifier": 1 }), scopes(json!([1])), scopes(json!([{ "name": [] }])), json!({ "default": "x" })]
    {
        let answer = server.admin("POST", "/admin/resources", &shape).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{shape}");
    }
    assert_eq!(server.admin("GET", "/admin/resources?after=x", &json!({})).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(server.admin("GET", "/admin/resources", &json!({})).await.json(), json!([]));
    let without_token = server.browser().get("/admin/resources").await;
    assert_eq!(without_token.status, StatusCode::UNAUTHORIZED);
}
