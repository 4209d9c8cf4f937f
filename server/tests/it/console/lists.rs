//! The lists of clients and users: sorted, filtered, searched and walked, by a browser without JavaScript.

use axum::http::StatusCode;
use idp::Actor;
use idp::testing::execute;
use oauth::client::ClientKind;
use oauth::id::ClientId;
use oauth::user::UserDraft;

use super::filters::press;
use crate::admin_api::get;
use crate::browser::{Answer, Browser};
use crate::concurrency::on_every_database;
use crate::server::{START, Server};

on_every_database!(
    clients_are_sorted_by_each_column_both_ways,
    users_are_sorted_by_each_column_both_ways,
    filters_of_clients_narrow_the_list,
    filters_of_users_narrow_the_list,
    a_search_finds_what_is_seen,
    parts_repeat_and_lose_nothing_while_rows_come,
    what_an_address_cannot_say_is_said_and_has_no_effect,
    orders_of_an_earlier_version_are_caught_up_with,
);

const DAY: i64 = 86_400;

/// The names of the rows, in their order.
pub(super) fn names(page: &Answer) -> Vec<String> {
    let body = page.body.split("<tbody>").nth(1).unwrap_or_default();
    let links = body.split("class=\"name\"").skip(1).filter_map(|rest| rest.split('>').nth(1));
    links.map(|text| text.trim_end_matches("</a").to_owned()).collect()
}

/// The address of a button at the foot of a list.
pub(crate) fn way(page: &Answer, text: &str) -> Option<String> {
    let before = page.body.split(&format!(">{text}</a>")).next().filter(|before| before.len() < page.body.len())?;
    let link = before.rsplit("href=\"").next()?;
    Some(link.split('"').next()?.replace("&amp;", "&"))
}

async fn listed(console: &mut Browser<'_>, address: &str) -> Vec<String> {
    let page = console.get(address).await;
    assert_eq!(page.status, StatusCode::OK, "{address} {}", page.body);
    names(&page)
}

/// The clients `client 2`, `Client 10` and `CLIENT 1`, which differ in all columns, and no others.
async fn three_clients(server: &Server) {
    for id in ["web", "spa", "job"] {
        server.idp.delete_client(&Actor::admin(), &ClientId::new(id)).await.unwrap();
    }
    for (id, name, kind, policy) in [
        ("app-10", "client 2", ClientKind::Spa, "always"),
        ("app-9", "Client 10", ClientKind::Web, ""),
        ("b", "ＣＬＩＥＮＴ 1", ClientKind::Machine, "skip"),
    ] {
        let change = |draft: &mut oauth::client::ClientDraft, own: &mut oauth::client::PolicyDraft| {
            draft.client_name = name.to_owned();
            own.consent_policy = policy.to_owned();
            if kind == ClientKind::Machine {
                (draft.scope, draft.redirect_uris) = ("email".to_owned(), String::new());
            } else {
                draft.redirect_uris = format!("https://{id}.shops.example/callback");
            }
        };
        server.create_client(kind, id, change).await;
    }
    let url = server.database.url();
    for (id, used, created) in [("app-10", START - DAY / 2, 30), ("app-9", START - 20 * DAY, START - 5)] {
        let set = format!("UPDATE client SET last_used_at = {used}, created_at = {created} WHERE client_id = '{id}'");
        execute(url, &set).await;
    }
    execute(url, "UPDATE client SET created_at = 40 WHERE client_id = 'b'").await;
    disable(server, "app-9").await;
}

async fn disable(server: &Server, id: &str) {
    let record = server.idp.get_client(&ClientId::new(id)).await.unwrap();
    let draft = oauth::client::ClientDraft { enabled: false, ..oauth::client::ClientDraft::from(&record.client) };
    let change = idp::ClientChange { client: Some(draft), ..idp::ClientChange::default() };
    server.idp.update_client(&Actor::admin(), &ClientId::new(id), None, &change).await.unwrap();
}

async fn clients_are_sorted_by_each_column_both_ways(server: Server) {
    three_clients(&server).await;
    let mut console = server.console().await;
    let (one, two, ten) = ("ＣＬＩＥＮＴ 1", "client 2", "Client 10");
    assert_eq!(listed(&mut console, "/admin/ui/clients").await, [one, two, ten]);
    for (sort, expected) in [
        ("name", [one, two, ten]),
        ("id", [ten, two, one]),
        ("kind", [one, two, ten]),
        ("used", [one, ten, two]),
        ("created", [two, one, ten]),
    ] {
        let rows = listed(&mut console, &format!("/admin/ui/clients?sort={sort}")).await;
        assert_eq!(rows, expected, "{sort}");
        let page = console.get(&format!("/admin/ui/clients?sort=-{sort}")).await;
        assert!(names(&page).iter().rev().eq(&rows), "-{sort}");
        assert!(page.body.contains("aria-sort=\"descending\""), "{sort}");
    }
    assert_eq!(listed(&mut console, "/admin/ui/clients?sort=status").await[0], ten);
    assert_eq!(listed(&mut console, "/admin/ui/clients?sort=-status").await[2], ten);
    // The heads lead there, and keep the rest of the address.
    let page = console.get("/admin/ui/clients?status=active&sort=name&limit=50").await;
    for (head, sort) in [("Client", "-name"), ("Last used", "-used")] {
        let there = press(&mut console, &page, &[], head).await;
        assert_eq!(there, format!("/admin/ui/clients?status=active&limit=50&sort={sort}"));
    }
}

async fn create_user(server: &Server, username: &str, email: &str, enabled: bool) {
    let name = format!("{username} Example");
    let draft =
        UserDraft { username: username.to_owned(), email: email.to_owned(), name, enabled, ..UserDraft::default() };
    server.idp.create_user(&Actor::admin(), &draft, "a long password").await.unwrap();
}

/// alice, and `user2`, `User10` and `ärzte`.
async fn four_users(server: &Server) {
    create_user(server, "User10", "b2@example.org", true).await;
    create_user(server, "user2", "b10@example.org", false).await;
    create_user(server, "ärzte", "", true).await;
    let url = server.database.url();
    for (name, signed_in, created) in
        [("alice", "NULL".to_owned(), START - 5), ("User10", (START - DAY / 2).to_string(), 10)]
    {
        let set = format!("last_sign_in_at = {signed_in}, created_at = {created}");
        execute(url, &format!("UPDATE account SET {set} WHERE username = '{name}'")).await;
    }
    let set = format!("last_sign_in_at = {}, created_at = 20", START - 80 * DAY);
    execute(url, &format!("UPDATE account SET {set} WHERE username = 'user2'")).await;
    execute(url, "UPDATE account SET created_at = 30 WHERE username = 'ärzte'").await;
}

async fn users_are_sorted_by_each_column_both_ways(server: Server) {
    four_users(&server).await;
    let mut console = server.console().await;
    for (sort, expected) in [
        ("name", ["alice", "ärzte", "user2", "User10"]),
        ("email", ["ärzte", "alice", "User10", "user2"]),
        ("created", ["User10", "user2", "ärzte", "alice"]),
    ] {
        let rows = listed(&mut console, &format!("/admin/ui/users?sort={sort}")).await;
        assert_eq!(rows, expected, "{sort}");
        assert!(listed(&mut console, &format!("/admin/ui/users?sort=-{sort}")).await.iter().rev().eq(&rows), "-{sort}");
    }
    let rows = listed(&mut console, "/admin/ui/users?sort=-signed_in").await;
    assert_eq!(rows[..2], ["User10", "user2"]);
    assert_eq!(listed(&mut console, "/admin/ui/users?sort=signed_in").await[2..], ["user2", "User10"]);
    assert_eq!(listed(&mut console, "/admin/ui/users?sort=status").await[0], "user2");
    assert_eq!(listed(&mut console, "/admin/ui/users").await, ["alice", "ärzte", "user2", "User10"]);
}

async fn filters_of_clients_narrow_the_list(server: Server) {
    three_clients(&server).await;
    let mut console = server.console().await;
    let (one, two, ten) = ("ＣＬＩＥＮＴ 1", "client 2", "Client 10");
    for (query, expected) in [
        ("kind=web", &[ten][..]),
        ("kind=native", &[]),
        ("status=active", &[one, two]),
        ("status=disabled", &[ten]),
        ("used=24h", &[two]),
        ("used=7d", &[two]),
        ("used=30d", &[two, ten]),
        ("used=90d", &[two, ten]),
        ("used=never", &[one]),
        ("policy=always", &[two]),
        ("policy=skip", &[one]),
        ("policy=once", &[]),
        ("policy=default", &[ten]),
        ("since=40", &[ten, one]),
        ("status=active&used=never", &[one]),
        ("kind=spa&status=disabled", &[]),
        ("q=client&status=active&sort=name", &[one, two]),
        ("q=client&sort=-name", &[ten, two, one]),
        ("q=shops&used=30d&sort=used", &[ten, two]),
    ] {
        assert_eq!(listed(&mut console, &format!("/admin/ui/clients?{query}")).await, expected, "{query}");
        let body = get(&server, &format!("/admin/clients?{query}")).await.json();
        let mut by_script: Vec<_> =
            body.as_array().unwrap().iter().map(|row| row["client_name"].as_str().unwrap()).collect();
        let mut expected = expected.to_vec();
        if !query.contains("sort=") {
            by_script.sort_unstable();
            expected.sort_unstable();
        }
        assert_eq!(by_script, expected, "{query}");
    }
}

async fn filters_of_users_narrow_the_list(server: Server) {
    four_users(&server).await;
    let mut console = server.console().await;
    for (query, expected) in [
        ("status=active", &["alice", "ärzte", "User10"][..]),
        ("status=disabled", &["user2"]),
        ("signed_in=24h", &["User10"]),
        ("signed_in=30d", &["User10"]),
        ("signed_in=90d", &["user2", "User10"]),
        ("signed_in=never", &["alice", "ärzte"]),
        ("signed_in=never&sort=-name", &["ärzte", "alice"]),
        ("since=20", &["alice", "ärzte", "user2"]),
        ("since=20&sort=name&status=active", &["alice", "ärzte"]),
        ("q=user&sort=name", &["user2", "User10"]),
        ("q=user&status=disabled", &["user2"]),
        ("status=disabled&signed_in=90d&sort=email", &["user2"]),
    ] {
        assert_eq!(listed(&mut console, &format!("/admin/ui/users?{query}")).await, expected, "{query}");
        let path = format!("/admin/users?{query}&sort={}", if query.contains("sort=") { "" } else { "name" });
        let path = path.trim_end_matches("&sort=");
        let body = get(&server, path).await.json();
        let by_script: Vec<_> = body.as_array().unwrap().iter().map(|row| row["username"].as_str().unwrap()).collect();
        if query.contains("since=20") && !query.contains("sort=") {
            assert_eq!(by_script.len(), expected.len());
        } else {
            assert_eq!(by_script, expected, "{path}");
        }
    }
}

async fn a_search_finds_what_is_seen(server: Server) {
    three_clients(&server).await;
    four_users(&server).await;
    let mut console = server.console().await;
    for (text, found) in [
        ("client", 3),
        ("CLIENT+1", 2),
        ("app-10", 1),
        ("app", 2),
        ("shops", 2),
        ("https://app-9.shops", 1),
        ("https%3A%2F%2Fapp-9.shops.example%2Fcallback", 1),
        ("callback", 2),
        ("nothing", 0),
    ] {
        assert_eq!(listed(&mut console, &format!("/admin/ui/clients?q={text}")).await.len(), found, "{text}");
    }
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    for (text, found) in
        [("example", 4), ("%40example.org", 2), ("b10%40", 1), ("%C3%A4rzte+ex", 1), (alice.as_str(), 1), ("nobody", 0)]
    {
        assert_eq!(listed(&mut console, &format!("/admin/ui/users?q={text}")).await.len(), found, "{text}");
    }
    // A URI that is taken away is not found any more.
    let mut draft =
        oauth::client::ClientDraft::from(&server.idp.get_client(&ClientId::new("app-9")).await.unwrap().client);
    draft.redirect_uris = "https://elsewhere.example/cb".to_owned();
    let change = idp::ClientChange { client: Some(draft), ..idp::ClientChange::default() };
    server.idp.update_client(&Actor::admin(), &ClientId::new("app-9"), None, &change).await.unwrap();
    assert_eq!(listed(&mut console, "/admin/ui/clients?q=shops").await, ["client 2"]);
    assert_eq!(listed(&mut console, "/admin/ui/clients?q=elsewhere").await, ["Client 10"]);
}

/// Users by the row, written beside the server.
async fn fill(server: &Server, users: std::ops::Range<u32>) {
    for number in users {
        create_user(server, &format!("walker {number}"), &format!("w{number}@example.net"), number % 3 > 0).await;
    }
}

async fn parts_repeat_and_lose_nothing_while_rows_come(server: Server) {
    fill(&server, 0..60).await;
    let mut console = server.console().await;
    let mut next_user = 1_000;
    for query in [
        "sort=name",
        "sort=-name",
        "sort=email",
        "sort=-created",
        "sort=status",
        "sort=-status",
        "sort=signed_in",
        "sort=-signed_in",
        "status=active&sort=-email",
        "q=walker",
        "q=walker&sort=-name",
    ] {
        let mut page = console.get(&format!("/admin/ui/users?{query}")).await;
        let (mut seen, mut parts) = (names(&page), vec![page.body.clone()]);
        while let Some(address) = way(&page, "Next") {
            // Before, among and behind those that were seen.
            for name in ["aaa", "walker 30b", "zzz"] {
                create_user(&server, &format!("{name} {next_user}"), "", true).await;
                next_user += 1;
            }
            page = console.get(&address).await;
            assert!(page.body.contains(&format!("{}–", parts.len() * 25 + 1)), "{query} {}", page.body);
            seen.extend(names(&page));
            parts.push(page.body.clone());
            assert!(parts.len() < 20, "{query}");
        }
        let walked: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(walked.len(), seen.len(), "{query}: each once");
        let expected = (0..60).filter(|number| !query.contains("active") || number % 3 > 0);
        for name in expected.map(|number| format!("walker {number}")) {
            assert!(walked.contains(&name), "{query} {name}");
        }
        // And back.
        let mut back = 0;
        while let Some(address) = way(&page, "Previous") {
            page = console.get(&address).await;
            assert!(!names(&page).is_empty(), "{query} {address}");
            back += 1;
            assert!(back < 30, "{query}");
        }
        assert!(page.body.contains(">1–"), "{query} {}", page.body);
    }
}

async fn what_an_address_cannot_say_is_said_and_has_no_effect(server: Server) {
    let mut console = server.console().await;
    for (list, everybody) in [("clients", 3), ("users", 1)] {
        for query in [
            "status=on",
            "since=soon",
            "since=-1",
            "since=99999999999999999999999",
            "sort=password_hash",
            "sort=--name",
            "sort=name&sort=id",
            "limit=26",
            "limit=0",
            "limit=1000000",
            "knd=spa",
            "status=active&status=disabled",
            "q=%ff",
            "q=%00",
        ] {
            let page = console.get(&format!("/admin/ui/{list}?{query}")).await;
            assert_eq!((page.status, names(&page).len()), (StatusCode::OK, everybody), "{list} {query}");
            assert!(page.body.contains("could not be read and was left out"), "{list} {query}");
            let answer = get(&server, &format!("/admin/{list}?{query}")).await;
            let is_said = answer.error().0 == 400;
            assert!(is_said || query == "limit=26", "{list} {query}");
        }
        for sort in ["sort=name", "sort=created", "sort=status", ""] {
            for place in
                ["nowhere", ".", "AA.", "AA.x", "x.y", "_w.x", "9.%27", "99999999999999999999.x", &"A".repeat(5_000)]
            {
                for way in ["after", "before"] {
                    let page = console.get(&format!("/admin/ui/{list}?{sort}&{way}={place}")).await;
                    assert!(
                        page.status == StatusCode::OK || page.status == StatusCode::SEE_OTHER,
                        "{list} {way} {place}"
                    );
                }
                let path = format!("/admin/{list}?{sort}&after={place}");
                let answer = get(&server, &path).await;
                assert!(matches!(answer.status.as_u16(), 200 | 400), "{path} {}", answer.body);
            }
        }
        let lost = console.get(&format!("/admin/ui/{list}?sort=created&after=nowhere")).await;
        assert!(lost.body.contains("names is none"), "{}", lost.body);
        assert_eq!(names(&lost).len(), everybody);
    }
    for query in ["kind=party", "used=1y", "policy=maybe"] {
        let page = console.get(&format!("/admin/ui/clients?{query}")).await;
        assert!(page.body.contains("was left out") && names(&page).len() == 3, "{query}");
    }
    // Behind the last row: to where there are some.
    let last = console.get("/admin/ui/clients?sort=created&after=9999999999.z&page=7").await;
    assert_eq!(last.location(), "/admin/ui/clients?sort=created");
}

async fn orders_of_an_earlier_version_are_caught_up_with(server: Server) {
    four_users(&server).await;
    three_clients(&server).await;
    let url = server.database.url();
    for statement in [
        "UPDATE account SET name_order = username_key, email_order = ''",
        "UPDATE client SET name_order = client_name, id_order = client_id, consent_policy = ''",
        "DELETE FROM client_term",
        "DELETE FROM setting WHERE name = 'caught_up'",
    ] {
        execute(url, statement).await;
    }
    let mut console = server.console().await;
    assert_eq!(listed(&mut console, "/admin/ui/users").await, ["alice", "User10", "user2", "ärzte"]);
    server.idp.catch_up().await.unwrap();
    assert_eq!(listed(&mut console, "/admin/ui/users").await, ["alice", "ärzte", "user2", "User10"]);
    assert_eq!(listed(&mut console, "/admin/ui/users?sort=-email").await[0], "user2");
    assert_eq!(listed(&mut console, "/admin/ui/clients?policy=always").await, ["client 2"]);
    assert_eq!(listed(&mut console, "/admin/ui/clients?sort=-name").await[0], "Client 10");
    assert_eq!(listed(&mut console, "/admin/ui/clients?q=shops").await.len(), 2);
}

#[tokio::test]
async fn a_page_has_as_many_rows_as_is_asked_for() {
    let server = Server::start().await;
    fill(&server, 0..60).await;
    let mut console = server.console().await;
    for (query, rows) in [("", 25), ("?limit=25", 25), ("?limit=50", 50), ("?limit=100", 61), ("?limit=200&page=1", 61)]
    {
        let page = console.get(&format!("/admin/ui/users{query}")).await;
        assert_eq!(names(&page).len(), rows, "{query}");
    }
    // What a filter says stays in the address of the next page, and the choice in its field.
    let page = console.get("/admin/ui/users?status=active&limit=25&sort=-email").await;
    let next = way(&page, "Next").unwrap();
    assert!(next.contains("status=active") && next.contains("sort=-email") && next.contains("page=2"), "{next}");
    assert!(page.body.contains("<option value=\"active\" selected>"), "{}", page.body);
    // An address of before there were places.
    assert!(console.get("/admin/ui/users?page=3").await.body.contains("51–61 of 61"));
}
