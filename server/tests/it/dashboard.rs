//! The first page of the console: each figure is that of the list that it leads to.

use axum::http::StatusCode;
use futures::future::join_all;
use idp::outbound::OutboundOptions;
use idp::testing::{Kind, execute};
use serde_json::json;

use crate::activity_export::fill;
use crate::browser::{Answer, Browser};
use crate::server::{PASSWORD, SECRET, START, Server};

/// Links of a page whose text is a number, with the number.
fn figures(page: &Answer) -> Vec<(String, u64)> {
    let links = page.body.split("<a href=\"").skip(1).filter_map(|rest| {
        let (href, rest) = rest.split_once('"')?;
        let text = rest.split_once('>')?.1.split('<').next()?.trim_start_matches('+').replace(',', "");
        Some((href.replace("&amp;", "&"), text.parse().ok()?))
    });
    links.collect()
}

/// The number of events that a list says it stands for.
fn told(list: &Answer) -> u64 {
    let foot = list
        .body
        .split("class=\"foot wraps\"><span>")
        .nth(1)
        .unwrap()
        .split("</span>")
        .next()
        .unwrap()
        .replace("<!>", "");
    let number = foot.split(" for ").nth(1).unwrap_or(&foot).split(' ').next().unwrap();
    number.replace(',', "").parse().unwrap_or_else(|_| panic!("{foot}"))
}

/// Follows every figure of the dashboard, and compares it with what is there.
async fn check(console: &mut Browser<'_>, within: &str) -> Vec<(String, u64)> {
    let page = console.get(&format!("/admin/ui?within={within}")).await;
    assert_eq!(page.status, StatusCode::OK);
    let figures = figures(&page);
    for (href, number) in &figures {
        let list = console.get(href).await;
        if href.starts_with("/admin/ui/activity") {
            assert_eq!(told(&list), *number, "{href}");
        } else {
            assert!(list.body.contains(&format!(" of {number}<")), "{href} {number} {}", list.body);
        }
    }
    figures
}

/// The figure that leads to a list with this in its address, and to nothing narrower.
fn figure(figures: &[(String, u64)], like: &str) -> u64 {
    let found = figures.iter().find(|(href, _)| href.ends_with(like) && !href.contains("until="));
    found.map(|(_, number)| *number).unwrap_or_default()
}

async fn refuse(server: &Server, times: usize, client: &str) {
    for _ in 0..times {
        server.post("/token", Some(&format!("{client}:wrong")), &[("grant_type", "client_credentials")]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_is_that_of_the_list_it_leads_to() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let mut console = server.console().await;
        let mut browser = server.signed_in().await;
        for _ in 0..3 {
            server.browser().post("/login", &[("username", "alice"), ("password", "wrong-password")]).await;
            server.machine_token("email").await;
        }
        browser.get(&Browser::request(&[("redirect_uri", "https://app.example/cb/")])).await;
        refuse(&server, 40, "job").await;
        refuse(&server, 2, "web").await;
        refuse(&server, 50, "nobody").await;
        server.idp.flush_activity().await;
        let day = check(&mut console, "24h").await;
        assert_eq!(figure(&day, "kind=sign_in&outcome=ok"), 1, "{kind:?} {day:?}");
        assert_eq!(figure(&day, "kind=sign_in&outcome=refused"), 3, "{kind:?} {day:?}");
        assert_eq!(figure(&day, "kind=token&outcome=ok"), 3, "{kind:?} {day:?}");
        assert_eq!(figure(&day, "error=invalid_client&outcome=refused"), 92, "{kind:?} {day:?}");
        assert_eq!(figure(&day, "error=redirect_uri_unregistered&outcome=refused"), 1, "{kind:?} {day:?}");
        assert_eq!(figure(&day, "client=job&outcome=refused"), 40, "{kind:?} {day:?}");
        // Strangers have no sum of their own.
        assert_eq!(figure(&day, "client=nobody&outcome=refused"), 0, "{kind:?} {day:?}");
        assert_eq!(figure(&day, &format!("/admin/ui/clients?since={}", START - 23 * 3_600)), 3, "{kind:?} {day:?}");
        // Two nodes count together, over hours and days.
        let other = server.another_node().await;
        for hours in [1, 5, 20, 40, 700] {
            server.clock.advance(hours * 3_600);
            // The console stays open for half a day.
            console = server.console().await;
            refuse(&other, 1, "job").await;
            other.idp.flush_activity().await;
            for within in ["24h", "7d", "30d"] {
                check(&mut console, within).await;
            }
        }
        assert_eq!(figure(&check(&mut console, "24h").await, "client=job&outcome=refused"), 1, "{kind:?}");
        assert_eq!(figure(&check(&mut console, "30d").await, "client=job&outcome=refused"), 2, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_write_at_once_lose_nothing() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let mut nodes = Vec::new();
        for _ in 0..4 {
            nodes.push(server.another_node().await);
        }
        let write = async |node: &Server| {
            for client in ["job", "web", "job", "nobody"] {
                refuse(node, 10, client).await;
                node.idp.flush_activity().await;
            }
        };
        join_all(nodes.iter().map(write)).await;
        let day = check(&mut server.console().await, "24h").await;
        assert_eq!(figure(&day, "client=job&outcome=refused"), 80, "{kind:?}");
        assert_eq!(figure(&day, "error=invalid_client&outcome=refused"), 160, "{kind:?}");
    }
}

#[tokio::test]
async fn events_that_are_swept_are_not_counted() {
    let server = Server::start().await;
    refuse(&server, 5, "job").await;
    server.idp.flush_activity().await;
    server.clock.advance(40 * 86_400);
    refuse(&server, 2, "job").await;
    server.idp.flush_activity().await;
    while server.idp.sweep().await.unwrap() > 0 {}
    let url = server.database.url();
    assert_eq!(
        idp::testing::texts(url, "SELECT CAST(SUM(count) AS TEXT) FROM client_refusal GROUP BY step").await,
        ["2", "2", "2"]
    );
    assert_eq!(
        idp::testing::texts(url, "SELECT CAST(SUM(count) AS TEXT) FROM event_sum GROUP BY step").await,
        ["2", "2", "2"]
    );
    let mut console = server.console().await;
    assert_eq!(figure(&check(&mut console, "30d").await, "client=job&outcome=refused"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_an_earlier_version_are_counted() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        fill(&server, 100).await;
        // As if the sums had not been there yet, and as if the migration had been cut off.
        let url = server.database.url();
        execute(url, "DELETE FROM seaql_migrations WHERE version = 'm20261127_000200_event_sums'").await;
        migration::migrate(idp::store::Store::connect(url, 2).await.unwrap().connection()).await.unwrap();
        let mut console = server.console().await;
        let day = check(&mut console, "24h").await;
        assert_eq!(figure(&day, "kind=token&outcome=refused"), 50, "{kind:?} {day:?}");
        assert_eq!(figure(&day, "client=web&outcome=refused"), 33, "{kind:?} {day:?}");
    }
}

#[tokio::test]
async fn first_steps_are_shown_until_all_were_done_and_never_again() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let shown = async |console: &mut Browser<'_>| console.get("/admin/ui").await.body.contains("First steps");
    assert!(shown(&mut console).await);
    let mut browser = server.browser();
    browser.post("/login", &[("username", "alice"), ("password", PASSWORD)]).await;
    assert!(!shown(&mut console).await);
    server.clock.advance(40 * 86_400);
    while server.idp.sweep().await.unwrap() > 0 {}
    let mut console = server.console().await;
    assert!(!shown(&mut console).await, "nobody is signed in any more");
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    server.admin("DELETE", &format!("/admin/users/{alice}"), &json!({})).await;
    assert!(!shown(&mut console).await, "there is no user any more");
}

#[tokio::test]
async fn secrets_that_end_soon_are_named_where_another_is_made() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for (name, days) in [("soon-gone", "20"), ("later", "90")] {
        console.post("/admin/ui/clients/web/credentials", &[("name", name), ("lifetime_days", days)]).await;
    }
    let page = console.get("/admin/ui").await;
    let soon = page.body.split("Ends soon").nth(1).unwrap();
    assert!(soon.contains("soon-gone") && soon.contains("/admin/ui/clients/web/credentials"), "{soon}");
    assert!(!soon.contains(">later<"), "{soon}");
    server.clock.advance(22 * 86_400);
    let mut console = server.console().await;
    let page = console.get("/admin/ui").await;
    assert!(page.body.contains("soon-gone") && page.body.contains("ended "));
    server.clock.advance(6 * 86_400);
    let mut console = server.console().await;
    assert!(!console.get("/admin/ui").await.body.contains("soon-gone"));
}

#[tokio::test]
async fn a_client_is_used_when_somebody_signs_in_to_it() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let line = async |console: &mut Browser<'_>| {
        let page = console.get("/admin/ui/clients/web").await;
        page.body.split("Last used").nth(1).unwrap().split("</dd>").next().unwrap().to_owned()
    };
    assert!(line(&mut console).await.contains("never"));
    // No tokens are asked for.
    server.signed_in().await.authorize(&[]).await;
    assert!(line(&mut console).await.contains("just now"));
    assert_eq!(server.post("/token", Some(&format!("job:{SECRET}")), &[]).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_span_that_is_longer_than_what_is_kept_says_so() {
    let settings = [("ACTIVITY_RETENTION_DAYS", "1"), ("RATE_LIMITS", "off")];
    let server = Server::start().await.with_settings(&settings, OutboundOptions::default()).await;
    server.signed_in().await;
    server.idp.flush_activity().await;
    server.clock.advance(3 * 86_400);
    let mut console = server.console().await;
    for (within, is_short, new, bars) in [("24h", false, 0, 24), ("7d", true, 3, 4), ("30d", true, 3, 1)] {
        let page = console.get(&format!("/admin/ui?within={within}")).await;
        assert_eq!(page.body.contains("only (ACTIVITY_RETENTION_DAYS)"), is_short, "{within} {}", page.body);
        assert_eq!(page.body.contains("in the day that is kept."), is_short, "{within} {}", page.body);
        // What was created is counted, whatever is kept of the activity.
        let figures = check(&mut console, within).await;
        let clients = figures.iter().find(|(href, _)| href.starts_with("/admin/ui/clients?since="));
        assert_eq!(clients.map_or(0, |(_, number)| *number), new, "{within}");
        let chart = page.body.split("class=\"chart\"").nth(1).unwrap().split("</svg>").next().unwrap();
        assert!(chart.matches("<rect").count() <= bars * 3, "{within} {chart}");
        let table = page.body.split("class=\"chart\"").nth(1).unwrap().split("<tbody").nth(1).unwrap();
        assert_eq!(table.split("</tbody>").next().unwrap().matches("<tr").count(), bars, "{within}");
    }
}
