//! The rules of every client that does not decide otherwise.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::client_documents::{PROGRAM, World};
use crate::concurrency::on_every_database;
use crate::registration;
use crate::server::{Server, claims, text};

on_every_database!(the_defaults_are_those_of_whoever_decides_nothing, what_was_judged_by_the_old_ones_is_judged_again);

async fn lifetime(server: &Server) -> i64 {
    let answer = server.machine_token("email").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()["expires_in"].as_i64().unwrap()
}

async fn the_defaults_are_those_of_whoever_decides_nothing(server: Server) {
    let nothing = server.admin("GET", "/admin/defaults", &json!({})).await.json();
    assert!(nothing.as_object().unwrap().values().all(Value::is_null), "{nothing}");
    assert_eq!(lifetime(&server).await, 3_600);
    let change = json!({ "access_token_lifetime": 300, "token_format": "jwt", "consent_policy": "skip" });
    assert_eq!(server.admin("PATCH", "/admin/defaults", &change).await.status, StatusCode::OK);
    let answer = server.machine_token("email").await;
    assert_eq!(answer.json()["expires_in"], 300);
    assert_eq!(claims(text(&answer.json(), "access_token"))["client_id"], "job");
    // People are not asked about web any more, unless it decides otherwise.
    assert_eq!(server.signed_in().await.silently(&[]).await, "");
    server.set_policy("web", &json!({ "consent_policy": "once" })).await;
    assert_eq!(server.signed_in().await.silently(&[("scope", "openid email")]).await, "consent_required");
    server.set_policy("job", &json!({ "access_token_lifetime": 90 })).await;
    assert_eq!(lifetime(&server).await, 90);
    server.set_policy("job", &json!({ "access_token_lifetime": "" })).await;
    assert_eq!(lifetime(&server).await, 300);
    let back = json!({ "access_token_lifetime": "", "token_format": "" });
    server.admin("PATCH", "/admin/defaults", &back).await;
    assert_eq!(lifetime(&server).await, 3_600);
    let now = server.admin("GET", "/admin/defaults", &json!({})).await.json();
    assert_eq!((&now["consent_policy"], &now["access_token_lifetime"]), (&json!("skip"), &Value::Null));
}

/// Another node has the client in its cache, and hears of a change within a second; it does not give what is not to be given until then.
async fn what_was_judged_by_the_old_ones_is_judged_again(server: Server) {
    let other = server.another_node().await;
    for lifetime_now in [300, 600, 120] {
        lifetime(&other).await;
        server.admin("PATCH", "/admin/defaults", &json!({ "access_token_lifetime": lifetime_now })).await;
        assert_eq!(lifetime(&other).await, lifetime_now);
    }
    // Somebody is about to be given a code that nobody asked them about.
    server.admin("PATCH", "/admin/defaults", &json!({ "consent_policy": "skip" })).await;
    assert_eq!(other.signed_in().await.silently(&[]).await, "");
    server.admin("PATCH", "/admin/defaults", &json!({ "consent_policy": "always" })).await;
    assert_eq!(other.signed_in().await.silently(&[]).await, "consent_required");
}

#[tokio::test]
async fn what_is_no_default_is_refused_by_its_field() {
    let server = Server::start().await;
    for (field, value) in [
        ("access_token_lifetime", json!(59)),
        ("refresh_token_ttl_days", json!(0)),
        ("refresh_reuse_window", json!(601)),
        ("consent_policy", json!("sometimes")),
        ("allowed_scopes", json!("openid")),
        ("default_scopes", json!(["openid"])),
        ("post_logout_redirect_uris", json!("https://a.example/")),
    ] {
        let refused = server.admin("PATCH", "/admin/defaults", &json!({ field: value })).await;
        assert_eq!(refused.error(), (400, "invalid_request".to_owned()), "{field}");
        assert!(refused.json()["fields"][field].is_string(), "{field}: {}", refused.body);
    }
}

#[tokio::test]
async fn a_form_that_was_opened_before_does_not_overwrite() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let form = console.get("/admin/ui/settings").await;
    for said in ["Built in: Once", "Built in: Not required", "Built in: Opaque", "Built in: Claims of the scopes"] {
        assert!(form.body.contains(said), "{said}: {}", form.body);
    }
    let version = form.field("version");
    let post = |lifetime: &'static str| [("version", version.clone()), ("access_token_lifetime", lifetime.to_owned())];
    let mut send = async |lifetime| {
        let fields = post(lifetime);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        console.post("/admin/ui/settings", &fields).await
    };
    assert_eq!(send("50").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send("500").await.status, StatusCode::SEE_OTHER);
    let conflict = send("600").await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.body.contains("600"), "what was typed stays");
    assert_eq!(server.admin("GET", "/admin/defaults", &json!({})).await.json()["access_token_lifetime"], 500);
    // The form of a client says what it inherits.
    let policy = server.console().await.get("/admin/ui/clients/web/policy").await;
    assert!(policy.body.contains("empty: 500"), "{}", policy.body);
}

#[tokio::test]
async fn they_have_a_history_and_a_way_back() {
    let server = Server::start().await;
    server.admin("PATCH", "/admin/defaults", &json!({ "access_token_lifetime": 300 })).await;
    server.admin("PATCH", "/admin/defaults", &json!({ "access_token_lifetime": 600 })).await;
    let mut console = server.console().await;
    let history = console.get("/admin/ui/settings/history").await;
    let start = history.body.rfind("/admin/ui/settings/history/").unwrap();
    let first = history.body[start..].split('"').next().unwrap().to_owned();
    let page = console.get(&first).await;
    assert!(page.body.contains("300"), "{}", page.body);
    let version = page.field("version");
    let reverted = console.post(&first, &[("version", version.as_str())]).await;
    assert_eq!(reverted.status, StatusCode::SEE_OTHER, "{}", reverted.body);
    assert_eq!(server.admin("GET", "/admin/defaults", &json!({})).await.json()["access_token_lifetime"], 300);
}

/// The words of such clients about themselves are compared when they are given a row; the rules for all are no part of that.
#[tokio::test]
async fn clients_that_came_by_themselves_follow_too() {
    let world = World::start().await;
    let server = &world.server;
    server.admin("PATCH", "/admin/defaults", &json!({ "access_token_lifetime": 300 })).await;
    registration::set_policy(server, "open").await;
    let program = registration::register(server, &registration::native("A program")).await;
    let mut browser = server.signed_in().await;
    let callback = "http://localhost:4000/callback";
    let tokens = registration::tokens(server, &mut browser, &program, callback, "openid").await;
    assert_eq!(tokens["expires_in"], 300);
    let allowed = world.allow(&mut browser, PROGRAM).await;
    assert_eq!(world.redeem(&allowed, PROGRAM).await.json()["expires_in"], 300);
    // Its document says something else by now, and the row follows.
    world.publish(|document| document["client_name"] = json!("Another name"));
    server.clock.advance(2 * 86_400);
    let mut browser = server.signed_in().await;
    let allowed = world.allow(&mut browser, PROGRAM).await;
    assert_eq!(world.redeem(&allowed, PROGRAM).await.json()["expires_in"], 300);
    let client = server.idp.get_client(&world.client_id()).await.unwrap().client;
    assert_eq!(client.client_name, "Another name");
}
