//! Login names: each means one account, however it is typed, and nothing invisible is a name.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures::future::join_all;
use idp::testing::{Kind, execute};
use serde_json::{Value, json};

use crate::browser::Answer;
use crate::server::{ADMIN_TOKEN, PASSWORD, Server};

/// A call of the admin API.
pub(crate) async fn call(server: &Server, method: &str, path: &str, body: Value) -> Answer {
    let request = Request::builder().method(method).uri(path).header("X-Admin-Token", ADMIN_TOKEN);
    server.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn create(server: &Server, username: &str, email: &str) -> Answer {
    call(server, "POST", "/admin/users", json!({ "username": username, "password": PASSWORD, "email": email })).await
}

async fn signs_in(server: &Server, username: &str, password: &str) -> bool {
    let answer = server.browser().post("/login", &[("username", username), ("password", password)]).await;
    answer.status == StatusCode::SEE_OTHER
}

/// The problem of one field, from the admin API.
fn problem(answer: &Answer, field: &str) -> (u16, String) {
    let text = answer.json()["fields"][field].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), text)
}

#[tokio::test]
async fn a_name_is_typed_in_any_composition_width_and_case() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let password = "Ärger mit Ö und ü";
        let body = json!({ "username": "Älice", "password": password, "email": "Älice@müller.example" });
        assert_eq!(call(&server, "POST", "/admin/users", body).await.status, StatusCode::CREATED);
        for name in [
            "Älice",
            "A\u{308}lice",
            "älice",
            " ÄLICE ",
            "Äｌｉｃｅ",
            "a\u{308}lice@mu\u{308}ller.example",
            "ÄLICE@xn--mller-kva.example",
        ] {
            for password in [password, "A\u{308}rger mit O\u{308} und u\u{308}", "Ärger\u{a0}mit Ö und\u{3000}ü"] {
                assert!(signs_in(&server, name, password).await, "{kind:?} {name:?} {password:?}");
            }
            assert!(!signs_in(&server, name, &password.to_lowercase()).await);
        }
        for (name, email) in [("a\u{308}LICE", ""), ("other", "äLICE@xn--mller-kva.example")] {
            assert_eq!(create(&server, name, email).await.status, StatusCode::CONFLICT, "{kind:?} {name}");
        }
    }
}

const INVISIBLE: [&str; 8] = [
    "al\u{200b}ice",
    "alice\u{200d}",
    "a\u{ad}lice",
    "\u{202e}ecila",
    "alice\u{2069}",
    "\u{feff}alice",
    "alice\u{fe0f}",
    "alice\u{e0061}",
];

#[tokio::test]
async fn a_name_that_looks_like_another_one_is_refused_at_every_door() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for name in INVISIBLE {
        let (status, text) = problem(&create(&server, name, "").await, "username");
        assert!(status == 400 && text.starts_with("The character U+"), "{name:?} {status} {text}");
        let (status, _) = problem(&create(&server, "bob", &format!("{name}@example.com")).await, "email");
        assert_eq!(status, 400, "{name:?}");
        let form = [("username", name), ("password", PASSWORD), ("enabled", "on")];
        let answer = console.post("/admin/ui/users/new", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
        assert!(answer.body.contains("The character U+"), "{name:?}");
    }
    assert_eq!(server.idp.count_users().await.unwrap(), 1);
    let (status, text) = problem(&create(&server, "aliceא", "").await, "username");
    assert_eq!((status, text.contains("from left to right or from right to left")), (400, true));
}

#[tokio::test]
async fn a_password_that_no_login_can_send_is_refused_where_it_is_set() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for bad in ["nul\0character", "tab\tcharacter", "line\nfeed ok", "zero\u{200b}width"] {
        let body = json!({ "username": "bob", "password": bad });
        let (status, text) = problem(&call(&server, "POST", "/admin/users", body).await, "password");
        assert!(status == 400 && text.contains("cannot stand here"), "{bad:?} {status} {text}");
        if !bad.contains('\0') {
            let form = [("username", "bob"), ("password", bad), ("enabled", "on")];
            assert_eq!(
                console.post("/admin/ui/users/new", &form).await.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{bad:?}"
            );
        }
    }
    // In characters, as the API's description counts.
    for (length, status) in [(1_024, StatusCode::CREATED), (1_025, StatusCode::BAD_REQUEST)] {
        let body = json!({ "username": format!("long{length}"), "password": "ü".repeat(length) });
        assert_eq!(call(&server, "POST", "/admin/users", body).await.status, status, "{length}");
    }
    assert!(signs_in(&server, "long1024", &"u\u{308}".repeat(1_024)).await);
}

#[tokio::test]
async fn a_change_that_is_refused_changes_nothing() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let bob = create(&server, "bob", "bob@example.com").await.json();
        let path = format!("/admin/users/{}", bob["id"].as_str().unwrap());
        for (change, field) in [
            (json!({ "email": "new@example.com", "password": "" }), "password"),
            (json!({ "email": "new@example.com", "password": "a\0b" }), "password"),
            (json!({ "email": "new@example.com", "username": "alice" }), "username"),
            (json!({ "password": "another password", "email": "alice@example.com" }), "email"),
            (json!({ "password": "another password", "username": "a\u{200b}" }), "username"),
            (json!({ "enabled": false, "claims": { "website": "javascript:x" } }), "website"),
        ] {
            let answer = call(&server, "PATCH", &path, change.clone()).await;
            assert!(answer.status.is_client_error(), "{kind:?} {change}");
            assert!(answer.json()["fields"].get(field).is_some(), "{change} {}", answer.body);
            let user = call(&server, "GET", &path, Value::Null).await.json();
            assert_eq!((&user["email"], &user["enabled"]), (&json!("bob@example.com"), &json!(true)), "{change}");
            assert!(signs_in(&server, "bob", PASSWORD).await, "{kind:?} {change}");
        }
        let both = json!({ "email": "new@example.com", "password": "another password" });
        assert_eq!(call(&server, "PATCH", &path, both).await.status, StatusCode::OK);
        assert!(signs_in(&server, "new@example.com", "another password").await);
        assert!(!signs_in(&server, "bob@example.com", "another password").await);
    }
}

#[tokio::test]
async fn a_name_or_an_address_of_another_account_is_taken() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        assert_eq!(create(&server, "post@example.com", "").await.status, StatusCode::CREATED);
        // One that is both name and address of one account is fine.
        assert_eq!(create(&server, "carol@example.com", "Carol@example.com").await.status, StatusCode::CREATED);
        for (username, email, field) in [
            ("alice@example.com", "", "username"),
            ("ALICE@example.COM", "", "username"),
            ("dave", "alice@EXAMPLE.com", "email"),
            ("dave", "post@example.com", "email"),
            ("dave", "carol@example.com", "email"),
            ("Alice", "dave@example.com", "username"),
        ] {
            let answer = create(&server, username, email).await;
            let (status, text) = problem(&answer, field);
            assert_eq!((status, text.as_str()), (409, "This is already taken."), "{kind:?} {username} {email}");
        }
        let dave = create(&server, "dave", "dave@example.com").await.json();
        let path = format!("/admin/users/{}", dave["id"].as_str().unwrap());
        for change in [
            json!({ "email": "alice@example.com" }),
            json!({ "username": "alice@example.com" }),
            json!({ "claims": { "email": "post@example.com" } }),
        ] {
            assert_eq!(call(&server, "PATCH", &path, change.clone()).await.status, StatusCode::CONFLICT, "{change}");
        }
        // What was given up is free again.
        let change = json!({ "email": "david@example.com", "username": "david" });
        assert_eq!(call(&server, "PATCH", &path, change).await.status, StatusCode::OK);
        assert!(signs_in(&server, "david@example.com", PASSWORD).await && !signs_in(&server, "dave", PASSWORD).await);
        assert_eq!(create(&server, "dave", "dave@example.com").await.status, StatusCode::CREATED);
        assert_eq!(call(&server, "DELETE", &path, Value::Null).await.status, StatusCode::OK);
        assert_eq!(create(&server, "david@example.com", "").await.status, StatusCode::CREATED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_take_a_name_at_once_one_gets_it() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let bob = create(&server, "bob", "").await.json();
        let path = format!("/admin/users/{}", bob["id"].as_str().unwrap());
        for round in 0..5 {
            let address = format!("shared{round}@example.com");
            // As the address of two, as the user name of a third, and of somebody who is there.
            let (one, two) = (format!("one{round}"), format!("two{round}"));
            let (first, second, third, fourth) = tokio::join!(
                create(&server, &one, &address),
                create(&server, &two, &address),
                create(&server, &address, ""),
                call(&server, "PATCH", &path, json!({ "email": address })),
            );
            let mut answers = [first, second, third, fourth].map(|answer| answer.status.as_u16());
            answers.sort_unstable();
            let [winner, losers @ ..] = answers;
            assert!(winner < 300 && losers == [409; 3], "{kind:?} {answers:?}");
        }
        let same = join_all((0..6).map(|_| create(&server, "same", ""))).await;
        assert_eq!(same.iter().filter(|answer| answer.status == StatusCode::CREATED).count(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn an_address_that_was_replaced_is_not_verified() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let user = server.idp.find_user_by_name("alice").await.unwrap().unwrap();
    let path = format!("/admin/users/{}", user.subject);
    let patch = async |change: Value| {
        let claims = call(&server, "PATCH", &path, change).await.json()["claims"].clone();
        (claims["email_verified"].clone(), claims["phone_number_verified"].clone())
    };
    let (yes, no) = (json!(true), json!(false));
    assert_eq!(patch(json!({ "email": "ALICE@example.com" })).await, (yes.clone(), yes.clone()));
    assert_eq!(patch(json!({ "email": "mallory@example.com" })).await, (no.clone(), yes.clone()));
    let said = json!({ "email": "alice@example.com", "claims": { "email_verified": true } });
    assert_eq!(patch(said).await, (yes.clone(), yes.clone()));
    assert_eq!(patch(json!({ "claims": { "phone_number": "+2" } })).await, (yes.clone(), no.clone()));
    assert_eq!(patch(json!({ "claims": { "email": "m@example.com" } })).await, (no.clone(), no.clone()));
    // In the console, the box that was ticked before speaks of the address before.
    let said = json!({ "email": "alice@example.com", "claims": { "email_verified": true } });
    assert_eq!(patch(said).await.0, yes);
    let page = format!("/admin/ui/users/{}", user.subject);
    let form = |email| [("username", "alice"), ("enabled", "on"), ("email_verified", "on"), ("email", email)];
    for (email, verified) in [("alice@example.com", &yes), ("m@example.com", &no), ("m@example.com", &yes)] {
        let answer = console.post(&page, &form(email)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let claims = call(&server, "GET", &path, Value::Null).await.json()["claims"].clone();
        assert_eq!(&claims["email_verified"], verified, "{email}");
    }
}

/// Takes the database back to where it had no table of names, and says what it is to hold.
async fn before_there_were_names(server: &Server, sql: &[&str]) {
    let url = server.database.url();
    execute(url, "DROP TABLE login_name").await;
    execute(url, "DELETE FROM seaql_migrations WHERE version = 'm20261126_000050_login_name'").await;
    for statement in sql {
        execute(url, statement).await;
    }
}

#[tokio::test]
async fn whoever_signed_in_before_there_was_the_table_of_names_still_does() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        for name in ["bob", "carol", "dave", "erin"] {
            create(&server, name, &format!("{name}@example.com")).await;
        }
        before_there_were_names(
            &server,
            &[
                // Two have one address, and a name is another's address.
                "UPDATE account SET email = 'Us@example.com', email_key = 'us@example.com'
                 WHERE username IN ('bob', 'carol')",
                "UPDATE account SET username = 'erin@example.com', username_key = 'erin@example.com'
                 WHERE username = 'dave'",
                // What was a name then.
                "UPDATE account SET username = 'A\u{308}lice \u{200b}', username_key = 'a\u{308}lice \u{200b}'
                 WHERE username = 'alice'",
            ],
        )
        .await;
        let server = server.restart().await;
        for name in ["bob", "carol", "erin", "erin@example.com", "dave@example.com", "A\u{308}LICE \u{200b}"] {
            assert!(signs_in(&server, name, PASSWORD).await, "{kind:?} {name:?}");
        }
        assert!(!signs_in(&server, "us@example.com", PASSWORD).await, "{kind:?}");
        assert_eq!(problem(&create(&server, "new", "US@example.com").await, "email").0, 409);
        assert_eq!(problem(&create(&server, "new", "erin@example.com").await, "email").0, 409);

        // The console says so, and saves what stays as it is.
        let mut console = server.console().await;
        let bob = server.idp.find_user_by_name("bob").await.unwrap().unwrap();
        let page = format!("/admin/ui/users/{}", bob.subject);
        assert!(console.get(&page).await.body.contains("Another user has the same email address"));
        let form = |email| [("username", "bob"), ("enabled", "on"), ("nickname", "Bobby"), ("email", email)];
        let saved = console.post(&page, &form("Us@example.com")).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{kind:?} {}", saved.body);
        // Once he has another one, the address is carol's.
        assert_eq!(console.post(&page, &form("bob@example.com")).await.status, StatusCode::SEE_OTHER);
        assert!(!console.get(&page).await.body.contains("Another user has the same email address"));
        assert!(signs_in(&server, "us@example.com", PASSWORD).await, "{kind:?}");
        // And once the name is given up, erin's address is hers.
        let dave = server.idp.find_user_by_name("erin@example.com").await.unwrap().unwrap();
        call(&server, "DELETE", &format!("/admin/users/{}", dave.subject), Value::Null).await;
        assert!(signs_in(&server, "erin@example.com", PASSWORD).await, "{kind:?}");
        // A name that would be refused today may stay, whatever else is changed.
        let alice = server.idp.find_user_by_name("A\u{308}lice \u{200b}").await.unwrap().unwrap();
        let path = format!("/admin/users/{}", alice.subject);
        assert_eq!(call(&server, "PATCH", &path, json!({ "claims": { "nickname": "Al" } })).await.status, 200);
        assert!(signs_in(&server, "A\u{308}lice \u{200b}", PASSWORD).await, "{kind:?}");
    }
}

#[tokio::test]
async fn the_api_s_description_says_the_bounds_that_are_held_to() {
    let server = Server::fresh().await;
    let document = server.browser().get("/admin/openapi.json").await.json();
    for (schema, field, most) in [
        ("NewUser", "username", oauth::user::MAX_USERNAME),
        ("UserBody", "username", oauth::user::MAX_USERNAME),
        ("NewUser", "password", oauth::user::MAX_PASSWORD),
        ("UserBody", "password", oauth::user::MAX_PASSWORD),
        ("NewUser", "email", oauth::user::MAX_EMAIL),
        ("UserBody", "email", oauth::user::MAX_EMAIL),
    ] {
        let described = &document["components"]["schemas"][schema]["properties"][field]["maxLength"];
        assert_eq!(*described, most, "{schema} {field}");
    }
    let parameters = &document["paths"]["/admin/users"]["get"]["parameters"];
    let limit = parameters.as_array().unwrap().iter().find(|parameter| parameter["name"] == "limit").unwrap();
    assert_eq!(limit["schema"]["maximum"], idp::MOST_LISTED, "{limit}");
}
