//! Hosts that are allowed, asked about and blocked.

use axum::http::StatusCode;
use idp::testing::Kind;
use idp::{Actor, SaveError};
use oauth::registration::HostPolicyDraft;

use super::{SITE, World};

impl World {
    async fn rule(&self, mode: &str, allowed: &str, blocked: &str) {
        let draft = HostPolicyDraft { mode: mode.into(), allowed: allowed.into(), blocked: blocked.into() };
        self.server.idp.save_host_rules(&Actor::admin(), &draft, None).await.unwrap();
    }
}

#[tokio::test]
async fn hosts_come_in_by_the_rules() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    for (mode, allowed, blocked, status) in [
        ("open", "", "", StatusCode::OK),
        ("allow_list", "", "", StatusCode::BAD_REQUEST),
        ("allow_list", "localhost", "", StatusCode::OK),
        ("allow_list", "localhost", "localhost", StatusCode::BAD_REQUEST),
        ("ask", "", "", StatusCode::BAD_REQUEST),
        ("ask", "localhost", "", StatusCode::OK),
        ("blocked", "localhost", "", StatusCode::BAD_REQUEST),
    ] {
        world.rule(mode, allowed, blocked).await;
        let page = browser.get(&world.request(SITE, &[])).await;
        assert_eq!(page.status, status, "{mode} {allowed} {blocked}");
    }
    assert_eq!(world.site.hits(), 1, "a host that is not allowed is not asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_waits_is_put_before_the_administrator_by_who_is_signed_in() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        world.rule("ask", "", "").await;
        let page = world.server.browser().get(&world.request(SITE, &[])).await;
        assert!(page.body.contains("Applications of localhost are not allowed on this server yet."), "{}", page.body);
        assert_eq!(world.server.idp.asked_hosts().await.unwrap(), []);
        let mut browser = world.server.signed_in().await;
        for _ in 0..3 {
            browser.get(&world.request(SITE, &[])).await;
        }
        let asked = world.server.idp.asked_hosts().await.unwrap();
        assert_eq!((asked.len(), asked[0].host.as_str()), (1, "localhost"), "{kind:?}");
        world.server.idp.list_host(&Actor::admin(), "localhost", true).await.unwrap();
        assert_eq!(world.server.idp.asked_hosts().await.unwrap(), []);
        assert_eq!(browser.get(&world.request(SITE, &[])).await.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn blocking_a_host_ends_what_its_clients_hold() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        let mut browser = world.server.signed_in().await;
        let answer = world.allow(&mut browser, SITE).await;
        let tokens = world.redeem(&answer, SITE).await.json();
        let access = tokens["access_token"].as_str().unwrap().to_owned();
        assert_eq!(world.server.userinfo(&access).await.status, StatusCode::OK, "{kind:?}");
        world.server.idp.list_host(&Actor::admin(), "localhost", false).await.unwrap();
        assert_eq!(world.refresh(&tokens).await.error(), (401, "invalid_client".to_owned()), "{kind:?}");
        assert_eq!(world.server.userinfo(&access).await.status, StatusCode::UNAUTHORIZED, "{kind:?}");
        assert_eq!(browser.get(&world.request(SITE, &[])).await.status, StatusCode::BAD_REQUEST, "{kind:?}");
        // It may come again, and begins anew.
        world.server.idp.list_host(&Actor::admin(), "localhost", true).await.unwrap();
        assert_eq!(world.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()), "{kind:?}");
        assert_eq!(world.server.userinfo(&access).await.status, StatusCode::UNAUTHORIZED, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_the_only_hosts_ends_what_clients_of_others_hold() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        let mut browser = world.server.signed_in().await;
        let answer = world.allow(&mut browser, SITE).await;
        let tokens = world.redeem(&answer, SITE).await.json();
        // Those that an administrator is to be asked about stay until somebody decides.
        for (mode, allowed) in [("allow_list", "localhost"), ("ask", ""), ("open", "")] {
            world.rule(mode, allowed, "").await;
            assert_eq!(world.refresh(&tokens).await.status, StatusCode::OK, "{kind:?} {mode}");
        }
        let access = tokens["access_token"].as_str().unwrap().to_owned();
        world.rule("allow_list", "other.example", "").await;
        assert_eq!(world.refresh(&tokens).await.error(), (401, "invalid_client".to_owned()), "{kind:?}");
        assert_eq!(world.server.userinfo(&access).await.status, StatusCode::UNAUTHORIZED, "{kind:?}");
        world.rule("allow_list", "localhost", "").await;
        assert_eq!(world.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()), "{kind:?}");
    }
}

#[tokio::test]
async fn a_dot_at_the_end_of_a_host_gets_past_no_rule() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    world.rule("open", "", "localhost").await;
    let dotted = world.id().replace("localhost", "localhost.");
    let answer = browser.get(&world.request(SITE, &[]).replace("localhost", "localhost.")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("localhost.") && dotted.contains("localhost.:"), "{}", answer.body);
    assert!(!answer.body.contains("cannot be fetched"), "it is refused before anything is fetched: {}", answer.body);
    for host in [".x.example", "a..b", "x..", ".", "a.example b.example", ""] {
        let refused = world.server.idp.list_host(&Actor::admin(), host, true).await;
        assert!(matches!(refused, Err(SaveError::Invalid(_))), "{host}: {refused:?}");
    }
    world.server.idp.list_host(&Actor::admin(), "X.Example.", true).await.unwrap();
    assert!(world.server.idp.host_rules().await.unwrap().policy.allowed.contains("x.example"));
}

#[tokio::test]
async fn the_metadata_offer_documents_exactly_while_some_may_come() {
    let world = World::start().await;
    for (mode, is_on) in [("open", true), ("blocked", false), ("ask", true), ("allow_list", true), ("blocked", false)] {
        world.rule(mode, "", "").await;
        for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
            let metadata = world.server.browser().get(path).await.json();
            assert_eq!(metadata["client_id_metadata_document_supported"], is_on, "{mode} {path}");
        }
    }
}

#[tokio::test]
async fn of_two_changes_from_one_version_the_first_counts() {
    let world = World::start().await;
    let (idp, actor) = (&world.server.idp, Actor::admin());
    let draft = |mode: &str| HostPolicyDraft { mode: mode.into(), allowed: String::new(), blocked: String::new() };
    idp.save_host_rules(&actor, &draft("ask"), Some(0)).await.unwrap();
    let late = idp.save_host_rules(&actor, &draft("open"), Some(0)).await;
    assert!(matches!(late, Err(SaveError::Stale)), "{late:?}");
    assert_eq!(idp.host_rules().await.unwrap().version, 1);
    let wrong = idp.list_host(&actor, "https://a.example", true).await;
    assert!(matches!(wrong, Err(SaveError::Invalid(_))), "{wrong:?}");
}

#[tokio::test]
async fn the_console_shows_agents_and_keeps_hosts_out() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    let mut console = world.server.console().await;
    assert!(console.get(AGENTS).await.body.contains("No agents yet"));
    let answer = world.allow(&mut browser, SITE).await;
    let tokens = world.redeem(&answer, SITE).await.json();
    let page = console.get(AGENTS).await.body;
    for shown in ["Agent Smith", &world.id(), "fetched ", "Block host"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let blocked = console.post("/admin/ui/agents/host", &[("host", "localhost"), ("allow", "no")]).await;
    assert_eq!(blocked.location(), "/admin/ui/agents?done=hosts_saved.1", "{}", blocked.body);
    assert!(console.follow(&blocked).await.body.contains("Saved; 1 grant ended."));
    assert!(console.get(AGENTS).await.body.contains("Blocked"));
    assert_eq!(world.refresh(&tokens).await.status, StatusCode::UNAUTHORIZED);
    for (host, problem) in [("a.example b.example", "no host name"), ("a..b", "no host name"), ("", "is needed")] {
        let refused = console.post("/admin/ui/agents/host", &[("host", host), ("allow", "yes")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{host}");
        assert!(refused.body.contains(problem), "{host}: {}", refused.body);
    }
    // The form that was opened before does not take it back.
    let late = [("mode", "open"), ("allowed", ""), ("blocked", ""), ("version", "0")];
    assert_eq!(console.post(AGENTS, &late).await.status, StatusCode::CONFLICT);
    let wrong = [("mode", "open"), ("allowed", "https://a.example"), ("blocked", "")];
    let refused = console.post(AGENTS, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("This is no host name"));
    let saved = console.post(AGENTS, &[("mode", "ask"), ("allowed", "Claude.ai"), ("blocked", "")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let page = console.follow(&saved).await;
    assert!(page.body.contains("Saved. No grant ended by it."), "{}", page.body);
    assert!(page.body.contains("Saving ends all grants"), "it is said before: {}", page.body);
    assert!(console.get(AGENTS).await.body.contains("claude.ai"));
}

const AGENTS: &str = "/admin/ui/agents";

#[tokio::test]
async fn a_document_that_is_put_here_counts_in_place_of_the_one_at_its_url() {
    let world = World::start().await;
    let (mut browser, mut console) = (world.server.signed_in().await, world.server.console().await);
    world.break_down();
    let put = "/admin/ui/agents/document";
    let text = world.document(|document| document["client_name"] = "Agent Put".into()).to_string();
    for (id, document, problem) in [
        ("http://a.example/x", text.as_str(), "cannot be the URL of a client"),
        ("https://a.example/x", text.as_str(), "client_id is not the URL"),
        (&world.id(), "{", "no JSON object"),
        (&world.id(), &" ".repeat(17_000), "longer than"),
    ] {
        let refused = console.post(put, &[("client_id", id), ("document", document)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{id}");
        assert!(refused.body.contains(problem), "{problem}: {}", refused.body);
    }
    let taken = console.post(put, &[("client_id", &world.id()), ("document", &text)]).await;
    assert_eq!(taken.location(), "/admin/ui/agents?done=saved", "{}", taken.body);
    let page = browser.get(&world.request(SITE, &[])).await;
    assert!(page.status == StatusCode::OK && page.body.contains("Agent Put"), "{}", page.body);
    let answer = browser.press(&page, "yes").await;
    assert_eq!(world.redeem(&answer, SITE).await.status, StatusCode::OK);
    assert_eq!(world.site.hits(), 0);
    // A client that is registered is not to be replaced by a document.
    world.server.create_client(oauth::client::ClientKind::Spa, "https://a.example/x", |_, _| {}).await;
    let other = text.replace(&world.id(), "https://a.example/x");
    let refused = console.post(put, &[("client_id", "https://a.example/x"), ("document", &other)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
}
