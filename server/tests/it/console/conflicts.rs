//! Two administrators who edit the same thing.

use axum::http::StatusCode;
use oauth::scope::ScopeDraft;

use crate::server::{CALLBACK, Server};

/// A page with a form: its address, the fields of two who edit it, and the field in which they differ.
struct Edited {
    address: String,
    fields: Vec<(&'static str, &'static str)>,
    differs: &'static str,
}

async fn edited(server: &Server) -> Vec<Edited> {
    let users = server.console().await.search("alice").await.json();
    let alice = users[0]["href"].as_str().unwrap().to_owned();
    vec![
        Edited {
            address: "/admin/ui/clients/web/settings".to_owned(),
            fields: vec![
                ("kind", "web"),
                ("enabled", "on"),
                ("redirect_uris", CALLBACK),
                ("grant_types", "authorization_code"),
                ("token_endpoint_auth_method", "client_secret_basic"),
                ("scope", "openid"),
                ("id_token_signed_response_alg", "RS256"),
            ],
            differs: "client_name",
        },
        Edited {
            address: "/admin/ui/clients/web/policy".to_owned(),
            fields: vec![
                ("consent_policy", "once"),
                ("token_format", "opaque"),
                ("refresh_token_ttl_days", "30"),
                ("id_token_claims", ""),
            ],
            differs: "access_token_lifetime",
        },
        Edited { address: alice, fields: vec![("username", "alice"), ("enabled", "on")], differs: "nickname" },
        Edited {
            address: "/admin/ui/scopes/edit?name=email".to_owned(),
            fields: vec![("name", "email"), ("claims", "email")],
            differs: "description",
        },
    ]
}

impl Edited {
    fn form<'a>(&'a self, value: &'a str, version: &'a str) -> Vec<(&'a str, &'a str)> {
        [self.fields.clone(), vec![(self.differs, value), ("version", version)]].concat()
    }
}

#[tokio::test]
async fn the_second_is_told_and_saving_again_is_a_decision() {
    let server = Server::start().await;
    for edited in edited(&server).await {
        let (mut one, mut other) = (server.console().await, server.console().await);
        let first = one.get(&edited.address).await.field("version");
        let saved = one.post(&edited.address, &edited.form("61", &first)).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{} {}", edited.address, saved.body);
        let conflict = other.post(&edited.address, &edited.form("62", &first)).await;
        assert_eq!(conflict.status, StatusCode::CONFLICT, "{}", edited.address);
        let note = conflict.body.replace("<!>", "");
        assert!(note.contains("An administrator changed this"), "{}: {note}", edited.address);
        let change = note.split("see the change</a>").next().unwrap().rsplit("<a href=\"").next().unwrap();
        let change = one.get(&change.split('"').next().unwrap().replace("&amp;", "&")).await;
        assert_eq!(change.status, StatusCode::OK, "{}", edited.address);
        assert!(change.body.contains("61") && change.body.contains("Undo this change"), "{}", change.body);
        assert_eq!(conflict.field(edited.differs), "62", "{}: what was typed is kept", edited.address);
        assert_eq!(one.get(&edited.address).await.field(edited.differs), "61", "{}", edited.address);
        // The form now competes with the version that won, so it may be sent again as it is.
        let version = conflict.field("version");
        assert_eq!(version.parse(), first.parse::<i64>().map(|first| first + 1), "{}", edited.address);
        let again = other.post(&edited.address, &edited.form("62", &version)).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "{} {}", edited.address, again.body);
        let late = one.post(&edited.address, &edited.form("63", &first)).await;
        assert!(late.body.contains("see the last of 2 changes"), "{}: {}", edited.address, late.body);
        assert_eq!(one.get(&edited.address).await.field(edited.differs), "62", "{}", edited.address);
    }
}

#[tokio::test]
async fn what_one_changed_is_put_on_what_the_other_did() {
    let server = Server::start().await;
    let (mut one, mut other) = (server.console().await, server.console().await);
    let address = "/admin/ui/scopes/edit?name=phone";
    let page = one.get(address).await;
    let (version, claims) = (page.field("version"), "phone_number");
    let theirs = [
        ("name", "phone"),
        ("description", "See how to call you"),
        ("claims", "phone_number phone_number_verified"),
        ("version", &version),
    ];
    assert_eq!(one.post(address, &theirs).await.status, StatusCode::SEE_OTHER);
    // The other one changes the claims, and leaves the description as it was.
    let before = page.field("description");
    let fields = [("name", "phone"), ("description", &before), ("claims", claims), ("version", &version)];
    let conflict = other.post(address, &fields).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    for said in ["Theirs and yours", "Description", "See how to call you", &before, "Claims"] {
        assert!(conflict.body.contains(said), "{said}: {}", conflict.body);
    }
    assert_eq!(conflict.field("description"), "See how to call you", "theirs, where nothing else was typed");
    let version = conflict.field("version");
    let both = [("name", "phone"), ("description", "See how to call you"), ("claims", claims), ("version", &version)];
    assert_eq!(other.post(address, &both).await.status, StatusCode::SEE_OTHER);
    let saved = server.idp.get_scope("phone").await.unwrap().scope;
    assert_eq!((saved.description.as_str(), saved.claims), ("See how to call you", vec!["phone_number".to_owned()]));
}

#[tokio::test]
async fn two_changes_are_put_together_in_the_way_that_is_chosen() {
    let server = Server::start().await;
    let (mut one, mut other) = (server.console().await, server.console().await);
    let address = "/admin/ui/scopes/edit?name=phone";
    let page = one.get(address).await;
    let (version, before) = (page.field("version"), page.field("description"));
    let form = |description, claims, version| {
        [("name", "phone"), ("description", description), ("claims", claims), ("version", version)]
    };
    assert_eq!(one.post(address, &form("Theirs", "phone_number", &version)).await.status, StatusCode::SEE_OTHER);
    let yours = form("Yours", "phone_number\nphone_number_verified", &version);
    let conflict = other.post(address, &yours).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    // Each way is a button that sends what was typed again, and saves nothing.
    let ways = conflict.body.split("id=\"resend\"").nth(1).unwrap().split("</form>").next().unwrap();
    for (name, value) in yours {
        assert!(ways.contains(&format!("name=\"{name}\" value=\"{value}\"")), "{name}: {ways}");
    }
    for (merge, description, claims, marks) in [
        ("yours", "Yours", "phone_number", "2"),
        ("theirs", "Theirs", "phone_number", "2"),
        ("yours_alone", "Yours", "phone_number phone_number_verified", "2"),
    ] {
        let again = other.post(address, &[&yours[..], &[("merge", merge)]].concat()).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "{merge}");
        assert!(again.body.contains(&format!("value=\"{merge}\" aria-pressed=\"true\"")), "{merge}: {}", again.body);
        assert_eq!(again.field("description"), description, "{merge}");
        let text = again.body.split("id=\"field-claims\"").nth(1).unwrap().split_once('>').unwrap().1;
        let shown = text.split('<').next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(shown, claims, "{merge}");
        assert_eq!(again.body.matches(">Below<").count().to_string(), marks, "{merge}: each field is marked once");
        assert_eq!(server.idp.get_scope("phone").await.unwrap().scope.description, "Theirs", "{merge}");
    }
    assert_ne!(before, "Theirs");
    // A word that is no way is none.
    let odd = other.post(address, &[&yours[..], &[("merge", "<odd>")]].concat()).await;
    assert_eq!(odd.status, StatusCode::CONFLICT);
    assert!(odd.body.contains("value=\"yours\" aria-pressed=\"true\""));
    // The form below is saved on top of what it was compared with.
    let again = other.post(address, &[&yours[..], &[("merge", "yours_alone")]].concat()).await;
    let version = again.field("version");
    let saved = other.post(address, &form("Yours", "phone_number\nphone_number_verified", &version)).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let scope = server.idp.get_scope("phone").await.unwrap().scope;
    assert_eq!((scope.description.as_str(), scope.claims.len()), ("Yours", 2));
}

#[tokio::test]
async fn a_form_that_is_wrong_keeps_the_version_it_was_made_from() {
    let server = Server::start().await;
    for edited in edited(&server).await.into_iter().filter(|edited| edited.differs != "nickname") {
        let (mut one, mut other) = (server.console().await, server.console().await);
        let version = one.get(&edited.address).await.field("version");
        one.post(&edited.address, &edited.form("61", &version)).await;
        let wrong = other.post(&edited.address, &edited.form(&"x".repeat(600), &version)).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{} {}", edited.address, wrong.body);
        assert_eq!(wrong.field("version"), version, "{}: mended, it must not overwrite unseen", edited.address);
    }
}

#[tokio::test]
async fn a_scope_that_was_deleted_meanwhile_is_not_made_again() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let address = "/admin/ui/scopes/edit?name=phone";
    let version = console.get(address).await.field("version");
    server.idp.delete_scope(&idp::Actor::admin(), "phone").await.unwrap();
    let form = [("name", "phone"), ("description", "x"), ("claims", ""), ("version", version.as_str())];
    assert_eq!(console.post(address, &form).await.status, StatusCode::NOT_FOUND);
    assert!(server.idp.get_scope("phone").await.is_err());
    let draft = ScopeDraft { name: "phone".to_owned(), description: "x".to_owned(), claims: String::new() };
    server.idp.save_scope(&idp::Actor::admin(), &draft, None).await.unwrap();
}
