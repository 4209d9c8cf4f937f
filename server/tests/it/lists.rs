//! Lists have ends, however many rows there are, and a search reads a part of an index.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use idp::testing::{Kind, execute};
use oauth::client::ClientKind;
use oauth::listing::{ClientFilter, Listing, UserFilter};
use serde_json::{Value, json};

use crate::browser::Answer;
use crate::console::lists::way;
use crate::names::call;
use crate::server::{ADMIN_TOKEN, ISSUER, PASSWORD, Server};

async fn get(server: &Server, path: &str) -> Answer {
    let request = Request::get(path).header("X-Admin-Token", ADMIN_TOKEN);
    server.send(request.body(Body::empty()).unwrap()).await
}

/// The address that the header `Link` calls the next part, without the issuer.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.headers.get("link")?.to_str().unwrap();
    let address = link.strip_prefix('<').and_then(|rest| rest.strip_suffix(">; rel=\"next\"")).unwrap();
    Some(address.strip_prefix(ISSUER).unwrap().to_owned())
}

/// The values of a member in every row of a list, from the first part to the last; and the number of parts.
async fn walk(server: &Server, path: &str, member: &str) -> (Vec<String>, usize) {
    let (mut names, mut parts, mut path) = (Vec::new(), 0, Some(path.to_owned()));
    while let Some(address) = path {
        let answer = get(server, &address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address} {}", answer.body);
        let rows = answer.json();
        names.extend(rows.as_array().unwrap().iter().map(|row| row[member].as_str().unwrap().to_owned()));
        (parts, path) = (parts + 1, next(&answer));
        assert!(parts < 20);
    }
    (names, parts)
}

async fn create(server: &Server, username: &str, email: &str) -> Value {
    let body = json!({ "username": username, "password": PASSWORD, "email": email });
    let answer = call(server, "POST", "/admin/users", body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn a_list_is_walked_part_by_part_and_whole_where_it_is_short() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        for name in ["Zoe", "bob", "ärzte", "dave"] {
            create(&server, name, "").await;
        }
        for id in ["a b", "B.c"].map(|id| id.replace(' ', "~")) {
            server.create_client(ClientKind::Spa, &id, |_, _| {}).await;
        }
        for (list, member, many) in [("users", "username", 5), ("clients", "client_id", 5), ("scopes", "name", 6)] {
            let (whole, parts) = walk(&server, &format!("/admin/{list}"), member).await;
            assert_eq!((whole.len(), parts), (many, 1), "{kind:?} {list} {whole:?}");
            for limit in [1, 2, many, many + 1] {
                let (walked, parts) = walk(&server, &format!("/admin/{list}?limit={limit}"), member).await;
                assert_eq!((&walked, parts), (&whole, many.div_ceil(limit)), "{kind:?} {list} {limit}");
            }
        }
        // One of another kind: a number is a subject, a text is none.
        assert_eq!(get(&server, "/admin/users?after=7").await.json().as_array().unwrap().len(), 5, "{kind:?}");
    }
}

#[tokio::test]
async fn a_part_that_cannot_be_is_refused() {
    let server = Server::start().await;
    for query in
        ["limit=0", "limit=1001", "limit=-1", "limit=+5", "limit=1.0", "limit=ten", "limit=1&limit=2", "limit=%zz"]
    {
        for list in ["users", "clients", "scopes"] {
            assert_eq!(get(&server, &format!("/admin/{list}?{query}")).await.error().0, 400, "{list} {query}");
        }
    }
    for after in ["nobody", "%00", "07", "0"] {
        assert_eq!(get(&server, &format!("/admin/users?after={after}")).await.error().0, 400, "{after}");
    }
    // Behind the last one there is nothing, and nobody is told of a list who has no token.
    assert_eq!(get(&server, "/admin/clients?after=zzz").await.json(), json!([]));
    let stranger = server.send(Request::get("/admin/users?limit=0").body(Body::empty()).unwrap()).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

async fn found(server: &Server, text: &str) -> Vec<String> {
    let filter = UserFilter { text: text.to_owned(), ..UserFilter::default() };
    let page = server.idp.list_users(&Listing::new(filter, 25)).await.unwrap();
    assert_eq!(page.total, page.rows.len() as u64);
    page.rows.into_iter().map(|row| row.user.username).collect()
}

#[tokio::test]
async fn users_are_found_by_the_beginning_of_any_word() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let smith = create(&server, "John Q. Smith", "jq.smith@mail.Example.net").await;
        create(&server, "smith", "Älice@müller.example").await;
        create(&server, "smithers", "").await;
        for (text, names) in [
            ("smith", &["smith", "smithers", "John Q. Smith"][..]),
            ("SMITHE", &["smithers"]),
            ("john q", &["John Q. Smith"]),
            ("q. sm", &["John Q. Smith"]),
            ("jq.s", &["John Q. Smith"]),
            ("mail.example", &["John Q. Smith"]),
            ("@mail", &["John Q. Smith"]),
            ("A\u{308}LICE@MU\u{308}", &["smith"]),
            ("müller", &["smith"]),
            ("nobody", &[]),
            ("%", &[]),
            ("_mith", &[]),
            // Nothing begins so, but among so few it is found.
            ("ohn", &["John Q. Smith"]),
        ] {
            let (mut found, mut names) = (found(&server, text).await, names.to_vec());
            found.sort_unstable();
            names.sort_unstable();
            assert_eq!(found, names, "{kind:?} {text}");
        }
        assert_eq!(found(&server, "smith").await.last().unwrap(), "smithers", "what is called exactly so comes first");
        let path = format!("/admin/users/{}", smith["id"].as_str().unwrap());
        let change = json!({ "username": "jones", "email": "" });
        assert_eq!(call(&server, "PATCH", &path, change).await.status, StatusCode::OK);
        assert_eq!((found(&server, "john").await.len(), found(&server, "jones").await.len()), (0, 1), "{kind:?}");
        call(&server, "DELETE", &path, Value::Null).await;
        assert!(found(&server, "jones").await.is_empty(), "{kind:?}");
    }
}

#[tokio::test]
async fn what_an_earlier_version_wrote_is_caught_up_with() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let url = server.database.url();
        for name in ["old", "twin", "other"] {
            create(&server, name, &format!("{name}@example.com")).await;
        }
        server.idp.catch_up().await.unwrap();
        // Names as they were kept when keys were small letters and nothing more.
        for statement in [
            "UPDATE login_name SET name = 'o\u{308}laf' WHERE name = 'old'",
            "UPDATE login_name SET name = 'o\u{308}laf@müller.example' WHERE name = 'old@example.com'",
            "UPDATE account SET username = 'O\u{308}laf', username_key = 'o\u{308}laf', email = 'O\u{308}laf@müller.example',
             email_key = 'o\u{308}laf@müller.example' WHERE username = 'old'",
            // Two that are one name today.
            "UPDATE login_name SET name = 'e\u{308}va' WHERE name = 'twin'",
            "UPDATE account SET username = 'E\u{308}va', username_key = 'e\u{308}va' WHERE username = 'twin'",
            "UPDATE login_name SET name = 'ëva' WHERE name = 'other'",
            "UPDATE account SET username = 'Ëva', username_key = 'ëva' WHERE username = 'other'",
            "DELETE FROM account_term",
            "DELETE FROM client_term",
            "DELETE FROM setting WHERE name = 'caught_up'",
        ] {
            execute(url, statement).await;
        }
        let signs_in = async |name: &str| {
            let answer = server.browser().post("/login", &[("username", name), ("password", PASSWORD)]).await;
            answer.status == StatusCode::SEE_OTHER
        };
        execute(url, "UPDATE account SET claims = '{\"name\":\"Gerda Grün\"}' WHERE username = 'O\u{308}laf'").await;
        assert!(found(&server, "ölaf").await.is_empty());
        assert!(signs_in("O\u{308}laf").await, "{kind:?}: under the key it had");
        for _ in 0..2 {
            server.idp.catch_up().await.unwrap();
            for name in ["Ölaf", "O\u{308}laf", "ölaf@müller.example", "ölaf@xn--mller-kva.example", "Ëva"] {
                assert!(signs_in(name).await, "{kind:?} {name:?}");
            }
            assert_eq!(found(&server, "ölaf").await.len(), 1, "{kind:?}");
            assert_eq!(found(&server, "ëva").await.len(), 2, "{kind:?}");
            assert_eq!(found(&server, "grün").await, ["O\u{308}laf"], "{kind:?}: by the name that a list shows");
        }
        let filter = ClientFilter { text: "job".to_owned(), ..ClientFilter::default() };
        assert_eq!(server.idp.list_clients(&Listing::new(filter, 5)).await.unwrap().total, 1, "{kind:?}");
    }
}

/// More users than are counted, written into the SQLite file at once.
async fn fill(server: &Server, users: u64) {
    for statement in [
        format!(
            "INSERT INTO account (id, username, username_key, claims, enabled, version, created_at, updated_at)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {users})
             SELECT unhex(printf('01800000000070008000%012x', i)), printf('user%07d', i), printf('user%07d', i), '{{}}', 1, 1, 1, 1
             FROM n"
        ),
        "INSERT INTO account_term (term, owner) SELECT username_key, id FROM account WHERE username LIKE 'user%'".to_owned(),
    ] {
        execute(server.database.url(), &statement).await;
    }
}

#[tokio::test]
async fn what_is_more_than_anybody_counts_is_listed_in_bounds() {
    let server = Server::start().await;
    fill(&server, 10_500).await;
    let answer = get(&server, "/admin/users").await;
    assert_eq!(answer.json().as_array().unwrap().len(), 1_000);
    let (walked, parts) = walk(&server, "/admin/users?limit=1000", "username").await;
    assert_eq!((walked.len(), parts), (10_501, 11));
    let mut console = server.console().await;
    assert!(console.get("/admin/ui").await.body.contains("<b>10,000+</b>"));
    let first = console.get("/admin/ui/users").await;
    assert!(first.body.contains("1–25 of 10,000+"), "{}", first.body);
    for page in ["400", "401", "99999"] {
        let last = console.get(&format!("/admin/ui/users?page={page}")).await;
        assert!(last.body.contains("9,976–10,000 of 10,000+"), "{page}");
        // The list goes on all the same.
        let next = way(&last, "Next").unwrap();
        let next = console.get(&next).await;
        assert!(next.body.contains("10,001–10,025 of 10,000+"), "{page} {}", next.body);
    }
    let found = console.get("/admin/ui/users?q=user00").await;
    assert!(found.body.contains("1–25 of 1,000+"), "{}", found.body);
    let found = console.get("/admin/ui/users?q=user0010499").await;
    assert!(found.body.contains("1–1 of 1") && found.body.contains("user0010499"));
    let hits = console.search("user0010").await.json();
    assert_eq!(hits.as_array().unwrap().len(), 5);
}
