//! The lists of scopes, resources, trusts, sessions and grants: sorted, filtered and walked, by a browser without JavaScript.

use axum::http::StatusCode;
use idp::Actor;
use idp::testing::execute;
use oauth::resource::{ResourceDraft, ResourceScopeDraft, ResourceStatus};
use oauth::scope::ScopeDraft;
use oauth::trust::{TrustDraft, TrustKind};

use super::lists::way;
use crate::browser::{Answer, Browser};
use crate::concurrency::on_every_database;
use crate::server::{START, Server};

on_every_database!(
    scopes_are_sorted_and_searched,
    resources_are_sorted_and_filtered,
    trusts_are_sorted_and_filtered,
    sessions_are_sorted_and_walked_both_ways,
    grants_are_sorted_and_walked_both_ways,
);

/// The links of the rows that `class` begins, in their order.
fn names(page: &Answer, class: &str) -> Vec<String> {
    let body = page.body.split("<tbody>").nth(1).unwrap_or_default();
    let links = body.split(class).skip(1).filter_map(|rest| rest.split('>').nth(1));
    links.map(|text| text.trim_end_matches("</a").to_owned()).collect()
}

async fn listed(console: &mut Browser<'_>, address: &str, class: &str) -> Vec<String> {
    let page = console.get(address).await;
    assert_eq!(page.status, StatusCode::OK, "{address} {}", page.body);
    names(&page, class)
}

async fn scopes_are_sorted_and_searched(server: Server) {
    for (name, description) in [("report:10", "b"), ("report:2", "a"), ("Archive", "c")] {
        let draft = ScopeDraft { name: name.to_owned(), description: description.to_owned(), claims: String::new() };
        server.idp.create_scope(&Actor::admin(), &draft).await.unwrap();
    }
    let mut console = server.console().await;
    let class = "class=\"name mono\"";
    let all = listed(&mut console, "/admin/ui/scopes", class).await;
    assert_eq!(all[..3], ["address", "Archive", "email"], "{all:?}");
    for (query, expected) in [
        ("q=report", &["report:2", "report:10"][..]),
        ("q=report&sort=-name", &["report:10", "report:2"]),
        ("q=report&sort=description", &["report:2", "report:10"]),
        ("q=EMAIL_verified", &["email"]),
        ("q=nothing+of+the+kind", &[]),
    ] {
        assert_eq!(listed(&mut console, &format!("/admin/ui/scopes?{query}"), class).await, expected, "{query}");
    }
    assert_eq!(listed(&mut console, "/admin/ui/scopes?sort=-claims", class).await[0], "profile");
    let odd = console.get("/admin/ui/scopes?srt=name&sort=colour&after=nothing").await;
    assert_eq!(names(&odd, class), all);
    for said in ["left out: sort, srt.", "The place in the list that the address names is none"] {
        assert!(odd.body.contains(said), "{said}: {}", odd.body);
    }
    // From part to part, and a part behind the end.
    for number in 0..30 {
        let draft = ScopeDraft { name: format!("z{number}"), description: "z".to_owned(), claims: String::new() };
        server.idp.create_scope(&Actor::admin(), &draft).await.unwrap();
    }
    let first = console.get("/admin/ui/scopes?sort=-name").await;
    let second = console.get(&way(&first, "Next").unwrap()).await;
    let both: Vec<_> = names(&first, class).into_iter().chain(names(&second, class)).collect();
    let mut expected: Vec<_> = (0..30).rev().map(|number| format!("z{number}")).collect();
    expected.extend(all.iter().rev().cloned());
    assert_eq!(both, expected);
    assert_eq!(names(&console.get(&way(&second, "Previous").unwrap()).await, class), names(&first, class));
    let behind = console.get("/admin/ui/scopes?page=9").await;
    assert_eq!(behind.location(), "/admin/ui/scopes?page=2");
}

async fn resources_are_sorted_and_filtered(server: Server) {
    for (name, status, scopes) in [
        ("Notes 10", ResourceStatus::Enabled, 1),
        ("notes 2", ResourceStatus::Pending, 3),
        ("Calendar", ResourceStatus::Disabled, 2),
    ] {
        let scope = |number| ResourceScopeDraft { name: format!("part:{number}"), ..ResourceScopeDraft::default() };
        let draft = ResourceDraft {
            identifier: format!("https://{}.example/mcp", name.replace(' ', "")),
            name: name.to_owned(),
            status: status.to_string(),
            scopes: (0..scopes).map(scope).collect(),
            ..ResourceDraft::preset()
        };
        server.idp.create_resource(&Actor::admin(), &draft).await.unwrap();
    }
    let url = server.database.url();
    for (name, created) in [("Notes 10", 1), ("notes 2", 2), ("Calendar", 3)] {
        execute(url, &format!("UPDATE resource SET created_at = {created} WHERE name = '{name}'")).await;
    }
    let mut console = server.console().await;
    let (calendar, two, ten) = ("Calendar", "notes 2", "Notes 10");
    for (query, expected) in [
        ("", &[calendar, two, ten][..]),
        ("sort=-name", &[ten, two, calendar]),
        ("sort=status", &[two, ten, calendar]),
        ("sort=-scopes", &[two, calendar, ten]),
        ("sort=created", &[ten, two, calendar]),
        ("sort=-created", &[calendar, two, ten]),
        ("status=pending", &[two]),
        ("status=enabled&q=notes", &[ten]),
        ("q=calendar.example", &[calendar]),
        ("q=part:2", &[two]),
        ("status=disabled&q=notes", &[]),
    ] {
        let address = format!("/admin/ui/resources?{query}");
        assert_eq!(listed(&mut console, &address, "class=\"name\"").await, expected, "{query}");
    }
    let odd = console.get("/admin/ui/resources?status=active").await;
    assert!(odd.body.contains("left out: status."), "{}", odd.body);
}

async fn trusts_are_sorted_and_filtered(server: Server) {
    let server = server.with_partners().await;
    for (name, kind) in [
        ("Acme 10", TrustKind::AuthorizationServer),
        ("acme 2", TrustKind::IdentityProvider),
        ("Zeta", TrustKind::IdentityProvider),
    ] {
        let is_server = kind == TrustKind::AuthorizationServer;
        let draft = TrustDraft {
            issuer: format!("https://{}.example", name.replace(' ', "").to_lowercase()),
            name: name.to_owned(),
            enabled: name != "Zeta",
            resources: if is_server { "https://notes.example/mcp read" } else { "" }.to_owned(),
            clients: if is_server { "agent acme-agent" } else { "" }.to_owned(),
            ..TrustDraft::preset(kind)
        };
        server.idp.create_trust(&Actor::admin(), &draft).await.unwrap();
    }
    let url = server.database.url();
    for (name, created) in [("Acme 10", 1), ("acme 2", 2), ("Zeta", 3)] {
        execute(url, &format!("UPDATE trust SET created_at = {created} WHERE name = '{name}'")).await;
    }
    let mut console = server.console().await;
    let (two, ten, zeta) = ("acme 2", "Acme 10", "Zeta");
    for (query, expected) in [
        ("", &[two, ten, zeta][..]),
        ("sort=-name", &[zeta, ten, two]),
        ("sort=created", &[ten, two, zeta]),
        ("sort=-status", &[zeta, two, ten]),
        ("kind=identity_provider", &[two, zeta]),
        ("status=disabled", &[zeta]),
        ("q=acme2.example", &[two]),
        ("kind=authorization_server&status=disabled", &[]),
    ] {
        let mut found = listed(&mut console, &format!("/admin/ui/trusts?{query}"), "class=\"name\"").await;
        if query == "sort=-status" {
            found[1..].sort_unstable_by_key(|name| name.to_lowercase().replace("10", "9"));
        }
        assert_eq!(found, expected, "{query}");
    }
    assert_eq!(listed(&mut console, "/admin/ui/trusts?sort=kind", "class=\"name\"").await[0], ten);
    let none = console.get("/admin/ui/trusts?q=nobody").await;
    assert!(none.body.contains("No trust fits") && none.body.contains("Show all trusts"), "{}", none.body);
}

/// The ends of the links that lead to the question about each row.
fn asked(page: &Answer) -> Vec<String> {
    let boxes = page.body.split("name=\"id\" value=\"").skip(1);
    boxes.filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect()
}

/// All rows, from part to part, and back again.
async fn walked(console: &mut Browser<'_>, address: &str) -> Vec<String> {
    let mut page = console.get(address).await;
    let mut parts = vec![asked(&page)];
    while let Some(next) = way(&page, "Next") {
        page = console.get(&next).await;
        parts.push(asked(&page));
    }
    let total = parts.iter().map(Vec::len).sum::<usize>();
    assert!(page.body.contains(&format!("–{total} of {total}<")), "{address} {}", page.body);
    for part in parts.iter().rev().skip(1) {
        page = console.get(&way(&page, "Previous").unwrap()).await;
        assert_eq!(&asked(&page), part, "{address}");
    }
    assert!(way(&page, "Previous").is_none() && page.body.contains(">1–"), "{address}");
    parts.concat()
}

async fn sessions_are_sorted_and_walked_both_ways(server: Server) {
    let mut console = server.console().await;
    server.signed_in().await;
    let url = server.database.url();
    let first = asked(&console.get("/admin/ui/sessions").await);
    assert_eq!(first.len(), 1);
    for _ in 0..29 {
        server.signed_in().await;
    }
    let all = walked(&mut console, "/admin/ui/sessions").await;
    assert_eq!(all.len(), 30);
    // Ten were begun in each second, and each was seen at a time of its own.
    for (number, sid) in all.iter().enumerate() {
        let number = i64::try_from(number).unwrap();
        let set = format!("created_at = {}, seen_at = {}", START + number / 10, START + 100 - number);
        execute(url, &format!("UPDATE session SET {set} WHERE sid = '{sid}'")).await;
    }
    assert_eq!(walked(&mut console, "/admin/ui/sessions").await, all);
    let forward = walked(&mut console, "/admin/ui/sessions?sort=seen").await;
    assert!(forward.iter().rev().eq(&all), "{forward:?}");
    let started = walked(&mut console, "/admin/ui/sessions?sort=-started").await;
    let back = walked(&mut console, "/admin/ui/sessions?sort=started").await;
    assert!(back.iter().rev().eq(&started), "{back:?}");
    for part in 0..3 {
        let mut expected = all[part * 10..part * 10 + 10].to_vec();
        let mut found = back[part * 10..part * 10 + 10].to_vec();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{part}");
    }
    let searched = walked(&mut console, "/admin/ui/sessions?sort=seen&q=alice").await;
    assert_eq!(searched, forward);
    let odd = console.get("/admin/ui/sessions?sort=device").await;
    assert!(odd.body.contains("left out: sort."), "{}", odd.body);
}

async fn grants_are_sorted_and_walked_both_ways(server: Server) {
    for _ in 0..30 {
        server.tokens("openid").await;
    }
    let mut console = server.console().await;
    let newest = walked(&mut console, "/admin/ui/clients/web/grants").await;
    assert_eq!(newest.len(), 30);
    let mut oldest = walked(&mut console, "/admin/ui/clients/web/grants?sort=since&by=alice").await;
    oldest.reverse();
    assert_eq!(oldest, newest);
    let odd = console.get("/admin/ui/clients/web/grants?sort=scope").await;
    assert!(odd.body.contains("left out: sort."), "{}", odd.body);
}
