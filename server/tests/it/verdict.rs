//! The verdict of the dashboard: everything is well, or what needs a look, each with the page where it is mended or seen.

use axum::http::StatusCode;
use idp::testing::execute;

use crate::browser::Browser;
use crate::server::{START, Server};

crate::concurrency::on_every_database!(
    a_server_at_work_is_well,
    what_happened_in_the_span_needs_a_look,
    refusals_that_rose_need_a_look,
    a_client_that_is_mostly_refused_needs_a_look,
    a_secret_that_is_needed_is_named_before_it_ends,
    the_end_of_the_record_is_looked_at,
    work_that_fails_is_named_until_it_is_done,
    refusals_of_administrators_stand_by_themselves,
);

const DAY: i64 = 86_400;

/// The words of the verdict, with their links.
async fn verdict(console: &mut Browser<'_>) -> String {
    let page = console.get("/admin/ui").await;
    assert_eq!(page.status, StatusCode::OK);
    let concerns = page.body.split("id=\"verdict\">").nth(1).map(|rest| rest.split("</section>").next().unwrap());
    let said = concerns.map_or_else(
        || page.body.split("Everything is well.").nth(1).map(|_| "well".to_owned()),
        |concerns| Some(concerns.replace("<!>", "").replace("&amp;", "&")),
    );
    said.unwrap_or_else(|| panic!("no verdict: {}", page.body))
}

/// Makes sure that the verdict says this, and that its link leads to a page.
async fn assert_said(console: &mut Browser<'_>, words: &str, href: &str) {
    let said = verdict(console).await;
    assert!(said.contains(words), "{words}: {said}");
    let links: Vec<_> = said.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let link = links.iter().find(|link| link.contains(href)).unwrap_or_else(|| panic!("{href}: {links:?}"));
    assert_eq!(console.get(link).await.status, StatusCode::OK, "{link}");
}

/// Counts events of the stretch of `step` seconds that this instant is in.
async fn count(server: &Server, step: i64, at: i64, [kind, outcome, error]: [&str; 3], count: i64) {
    let since = at - at.rem_euclid(step);
    let row = format!("({step}, {since}, '{kind}', '{outcome}', '{error}', {count})");
    let columns = "step, since, kind, outcome, error, count";
    execute(server.database.url(), &format!("INSERT INTO event_sum ({columns}) VALUES {row}")).await;
}

async fn refuse(server: &Server, times: usize, client: &str) {
    for _ in 0..times {
        server.post("/token", Some(&format!("{client}:wrong")), &[("grant_type", "client_credentials")]).await;
    }
    server.idp.flush_activity().await;
}

async fn a_server_at_work_is_well(server: Server) {
    let mut console = server.console().await;
    server.signed_in().await.authorize(&[]).await;
    server.machine_token("email").await;
    refuse(&server, 5, "job").await;
    // Whoever asks silently, or waits for an answer, is refused as it should be.
    let mut stranger = server.browser();
    for _ in 0..25 {
        assert_eq!(stranger.silently(&[]).await, "login_required");
    }
    for code in ["authorization_pending", "slow_down"] {
        count(&server, 3_600, START, ["token", "refused", code], 300).await;
    }
    count(&server, DAY, START - 4 * DAY, ["token", "ok", ""], 10).await;
    server.idp.flush_activity().await;
    assert_eq!(verdict(&mut console).await, "well");
}

async fn what_happened_in_the_span_needs_a_look(server: Server) {
    let mut console = server.console().await;
    for (event, number, words, href) in [
        (["lost", "refused", ""], 7, "7 events were lost", "kind=lost"),
        (["refresh_replay", "refused", "invalid_grant"], 1, "1 refresh token was replayed", "kind=refresh_replay"),
        (["admin", "refused", "admin_delayed"], 3, "3 admin tokens were", "error=admin_delayed"),
        (["sign_out", "refused", "logout_undelivered"], 2, "2 tries to tell of a sign-out", "error=logout_undelivered"),
        (["token", "refused", "ping_undelivered"], 1, "1 try to tell of an answer", "error=ping_undelivered"),
    ] {
        count(&server, 3_600, START, event, number).await;
        assert_said(&mut console, words, href).await;
    }
    assert!(verdict(&mut console).await.starts_with("5 things need a look"));
    server.clock.advance(2 * DAY);
    assert_eq!(verdict(&mut server.console().await).await, "well", "it is over");
}

async fn refusals_that_rose_need_a_look(server: Server) {
    let mut console = server.console().await;
    count(&server, 3_600, START, ["token", "refused", "invalid_client"], 60).await;
    assert_eq!(verdict(&mut console).await, "well", "they are few");
    count(&server, 3_600, START, ["sign_in", "refused", "password_wrong"], 90).await;
    assert_eq!(verdict(&mut console).await, "well", "there is nothing to compare with");
    count(&server, DAY, START - 4 * DAY, ["token", "ok", ""], 10).await;
    assert_said(&mut console, "150 in 24 hours, at most 0 on a day", "outcome=refused").await;
    count(&server, DAY, START - 4 * DAY, ["token", "refused", "invalid_client"], 40).await;
    assert_said(&mut console, "150 in 24 hours, at most 40 on a day", "outcome=refused").await;
    count(&server, DAY, START - 3 * DAY, ["token", "refused", "invalid_client"], 100).await;
    assert_eq!(verdict(&mut console).await, "well", "it is as on other days");
}

async fn a_client_that_is_mostly_refused_needs_a_look(server: Server) {
    let mut console = server.console().await;
    refuse(&server, 25, "job").await;
    assert_said(&mut console, "is refused more often than not: 25 times", "client=job").await;
    for _ in 0..30 {
        server.machine_token("email").await;
    }
    server.clock.advance(60);
    server.idp.flush_activity().await;
    assert_eq!(verdict(&mut console).await, "well");
    // One that was disabled on purpose is refused as it should be.
    refuse(&server, 60, "job").await;
    server.clock.advance(60);
    server.idp.flush_activity().await;
    assert!(verdict(&mut console).await.contains("more often than not"));
    let disabled = serde_json::json!({ "enabled": false });
    assert_eq!(server.admin("PATCH", "/admin/clients/job", &disabled).await.status, StatusCode::OK);
    assert_eq!(verdict(&mut console).await, "well");
}

async fn a_secret_that_is_needed_is_named_before_it_ends(server: Server) {
    let mut console = server.console().await;
    let url = server.database.url();
    let ends = format!("UPDATE client_secret SET expires_at = {} WHERE client_id = 'job'", START + 10 * DAY);
    execute(url, &ends).await;
    assert_said(&mut console, "ends", "/admin/ui/clients/job/credentials").await;
    // Another one lives on, so nothing needs to be done.
    console.post("/admin/ui/clients/job/credentials", &[("name", "next"), ("lifetime_days", "")]).await;
    assert_eq!(verdict(&mut console).await, "well");
    // But the old one is used all the same.
    execute(url, &format!("UPDATE client_secret SET last_used_at = {START} WHERE expires_at > 0")).await;
    assert_said(&mut console, "It is still used", "/admin/ui/clients/job/credentials").await;
    // Others that ended, and were replaced, hide none that is needed.
    for number in 0..12 {
        let lifetime = [("name", format!("old-{number}")), ("lifetime_days", String::new())];
        let lifetime = lifetime.each_ref().map(|(name, value)| (*name, value.as_str()));
        console.post("/admin/ui/clients/web/credentials", &lifetime).await;
    }
    execute(url, &format!("UPDATE client_secret SET expires_at = {START} WHERE name LIKE 'old-%'")).await;
    assert_said(&mut console, "It is still used", "/admin/ui/clients/job/credentials").await;
    execute(url, "DELETE FROM client_secret WHERE name = 'next'").await;
    server.clock.advance(11 * DAY);
    assert_said(&mut server.console().await, "ended", "/admin/ui/clients/job/credentials").await;
}

async fn the_end_of_the_record_is_looked_at(server: Server) {
    let mut console = server.console().await;
    assert_eq!(verdict(&mut console).await, "well");
    let (url, head) = (server.database.url(), server.idp.audit_head().await.unwrap().number);
    for (tampered, words) in [
        (format!("UPDATE audit_event SET version = 9 WHERE number = {head}"), "is not as it was written"),
        (format!("UPDATE audit_event SET number = {head} + 1 WHERE number = {head}"), "is not part of the chain"),
        (format!("DELETE FROM audit_event WHERE number >= {head}"), "the last changes are missing"),
    ] {
        execute(url, &tampered).await;
        assert_said(&mut console, words, "/docs/monitoring#the-record-of-changes").await;
    }
}

async fn work_that_fails_is_named_until_it_is_done(server: Server) {
    let mut console = server.console().await;
    let url = server.database.url();
    execute(url, "ALTER TABLE used_assertion RENAME TO away").await;
    assert!(server.idp.sweep().await.is_err());
    assert_said(&mut console, "The work of each minute fails", "/docs/troubleshooting#").await;
    execute(url, "ALTER TABLE away RENAME TO used_assertion").await;
    server.idp.sweep().await.unwrap();
    assert_eq!(verdict(&mut console).await, "well");
}

async fn refusals_of_administrators_stand_by_themselves(server: Server) {
    let mut console = server.console().await;
    for _ in 0..3 {
        server.browser().get("/admin/clients").await;
    }
    refuse(&server, 2, "nobody").await;
    let page = console.get("/admin/ui").await.body.replace("<!>", "");
    let reasons = page.split("Refusals by reason</h2>").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(reasons.contains("invalid_client") && !reasons.contains("admin_token_missing"), "{reasons}");
    assert!(reasons.contains(">3</a> at the console and the admin API"), "{reasons}");
    assert!(page.contains(">5</a> refused") && page.contains(">3</a> of them at the console"), "{page}");
}

#[tokio::test]
async fn a_key_that_is_old_or_gone_is_named() {
    let server = Server::start().await;
    let server = server.with_settings(&[("KEY_ROTATION_DAYS", "off")], idp::outbound::OutboundOptions::default()).await;
    server.clock.advance(300 * DAY);
    assert_eq!(verdict(&mut server.console().await).await, "well");
    server.clock.advance(100 * DAY);
    let mut console = server.console().await;
    assert_said(&mut console, "The RS256 key is old", "/admin/ui/keys/rotate?alg=RS256").await;
    let rotate = [("alg", "RS256")];
    assert_eq!(console.post("/admin/ui/keys", &rotate).await.status, StatusCode::SEE_OTHER);
    assert!(!verdict(&mut console).await.contains("RS256"));
    // One that is gone is known once the keys are read again.
    execute(server.database.url(), "DELETE FROM signing_key WHERE alg = 'ES256'").await;
    assert_eq!(console.post("/admin/ui/keys", &rotate).await.status, StatusCode::SEE_OTHER);
    assert_said(&mut console, "No ES256 key signs", "/admin/ui/keys").await;
}
