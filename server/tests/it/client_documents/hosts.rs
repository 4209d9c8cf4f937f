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
