//! Lists of events as files.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use idp::testing::{Kind, execute};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::browser::Answer;
use crate::server::{ADMIN_TOKEN, START, Server};

/// Writes events of two clients into the table, each a second before the next.
pub(crate) async fn fill(server: &Server, events: i64) {
    let quote = if server.database.kind() == Kind::Postgres { "'" } else { "X'" };
    let numbers: Vec<i64> = (0..events).collect();
    for some in numbers.chunks(400) {
        let mut sql =
            "INSERT INTO event (id, at, kind, outcome, error, client_id, agent, count, facts) VALUES ".to_owned();
        for (place, number) in some.iter().enumerate() {
            let (at, comma) = (START - events + number, if place > 0 { "," } else { "" });
            let (outcome, error) = if number % 2 == 0 { ("ok", "NULL") } else { ("refused", "'invalid_client'") };
            let client = if number % 3 == 0 { "=cmd" } else { "web" };
            write!(
                sql,
                "{comma}({quote}{:012x}70008000{number:012x}', {at}, 'token', '{outcome}', {error}, '{client}', \
                 'a \"browser\", ;+1', 1, '{{}}')",
                at * 1_000
            )
            .unwrap();
        }
        execute(server.database.url(), &sql).await;
    }
}

async fn get(server: &Server, query: &str) -> Answer {
    server.admin("GET", &format!("/admin/events?{query}"), &json!({})).await
}

/// The lines of a file.
fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_holds_what_the_pages_hold() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        fill(&server, 2_345).await;
        let file = get(&server, "format=jsonl&kind=token").await;
        assert_eq!(file.header("content-type"), "application/x-ndjson");
        assert_eq!(file.header("content-disposition"), "attachment; filename=\"signet-activity-2027-01-15.jsonl\"");
        let all = lines(&file);
        assert_eq!(all.len(), 2_345, "{kind:?}");
        let mut paged = server.events("kind=token&limit=1000").await;
        while paged.len() < 2_345 {
            let after = paged.last().unwrap()["id"].as_str().unwrap().to_owned();
            let next = server.events(&format!("kind=token&limit=1000&after={after}")).await;
            assert!(!next.is_empty());
            paged.extend(next);
        }
        assert!(all == paged, "{kind:?}");
        for (query, many) in [
            ("outcome=refused", 1_172),
            ("error=invalid_client", 1_172),
            ("client=%3Dcmd", 782),
            ("client=%3Dcmd&outcome=ok", 391),
            (&format!("since={}&until={}&kind=token", START - 1_000, START - 400), 600),
            ("client=nobody", 0),
        ] {
            assert_eq!(lines(&get(&server, &format!("format=jsonl&{query}")).await).len(), many, "{kind:?} {query}");
        }
        let behind = all[999]["id"].as_str().unwrap();
        let rest = lines(&get(&server, &format!("format=jsonl&kind=token&after={behind}")).await);
        assert!(rest == all[1_000..], "{kind:?}");

        let csv = get(&server, "format=csv&kind=token").await;
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
        let mut rows = csv.body.split_terminator("\r\n");
        assert!(rows.next().unwrap().starts_with("id,time,kind,outcome,error,"));
        let first = rows.next().unwrap();
        let id = all[0]["id"].as_str().unwrap();
        assert_eq!(first, format!("{id},2027-01-15T07:59:59Z,token,ok,,,,web,,,\"a \"\"browser\"\", ;'+1\",1,"));
        assert!(rows.next().unwrap().contains(",'=cmd,") == (all[1]["client_id"] == "=cmd"), "{kind:?}");
        assert_eq!(rows.count(), 2_343, "{kind:?}");
        assert!(csv.body.contains(",'=cmd,") && !csv.body.contains(",=cmd"), "{kind:?}");
    }
}

#[tokio::test]
async fn a_file_is_read_as_it_is_taken() {
    let server = Server::start().await;
    fill(&server, 3_000).await;
    let request = Request::get("/admin/events?format=jsonl&kind=token").header("x-admin-token", ADMIN_TOKEN);
    let answer = server.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let mut body = answer.into_body();
    let mut taken = String::new();
    while taken.is_empty() {
        taken = String::from_utf8(body.frame().await.unwrap().unwrap().into_data().unwrap().to_vec()).unwrap();
    }
    assert!(taken.lines().count() <= 500);
    // Nothing of the rest is anywhere but in the table.
    execute(server.database.url(), "DELETE FROM event").await;
    let rest = body.collect().await.unwrap().to_bytes();
    assert!(rest.is_empty(), "{}", rest.len());
}

#[tokio::test]
async fn a_file_that_cannot_be_is_refused() {
    let server = Server::start().await;
    for bad in [
        "format=xml",
        "format=csv&format=csv",
        "format=csv&limit=5",
        "format=csv&after=x",
        "format=csv&kind=party",
        "format=jsonl&clint=web",
        "clint=web",
        "format=csv&client=%00",
    ] {
        let answer = get(&server, bad).await;
        assert_eq!((answer.status, answer.error().1.as_str()), (StatusCode::BAD_REQUEST, "invalid_request"), "{bad}");
    }
    let stranger = server.send(Request::get("/admin/events?format=csv").body(Body::empty()).unwrap()).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_console_says_how_many_there_are_and_gives_them() {
    let server = Server::start().await;
    fill(&server, 2_345).await;
    let mut console = server.console().await;
    for (page, file, many) in [
        ("/admin/ui/activity?kind=token", "kind=token", "2,345"),
        ("/admin/ui/clients/web/activity?outcome=refused", "client=web&outcome=refused", "781"),
        ("/admin/ui/activity?kind=token&within=24h", "kind=token&within=24h", "2,345"),
    ] {
        let shown = console.get(page).await;
        assert!(shown.body.contains(&format!("<span>{many} lines<")), "{page} {}", shown.body);
        let links: Vec<String> = shown
            .body
            .split("href=\"")
            .filter_map(|rest| rest.split('"').next())
            .filter(|href| href.starts_with("/admin/ui/activity/export"))
            .map(|href| href.replace("&amp;", "&"))
            .collect();
        assert_eq!(links.len(), 2, "{page}");
        for (link, format) in links.iter().zip(["csv", "jsonl"]) {
            let answer = console.get(link).await;
            assert_eq!(answer.body, get(&server, &format!("{file}&format={format}")).await.body, "{link}");
        }
    }
    for bad in ["kind=party&format=csv", "client=web&format=xml", "client=web", "format=csv&clint=web"] {
        let answer = console.get(&format!("/admin/ui/activity/export?{bad}")).await;
        let list = console.follow(&answer).await;
        assert_eq!(list.status, StatusCode::OK, "{bad}");
        assert_eq!(list.body.contains("could not be read"), bad != "client=web", "{bad}");
    }
    let broken = console.get("/admin/ui/activity/export?format=csv&client=%zz").await;
    assert!(console.follow(&broken).await.body.contains("left out: format, client."));
    let stranger = server.browser().get("/admin/ui/activity/export?format=csv").await;
    assert!(stranger.location().starts_with("/admin/login?next="), "{}", stranger.location());
}
