//! Acts, and the acts that forbid them: what was checked on a copy is checked again where it is written.

use std::future::Future;

use axum::http::StatusCode;
use futures::future::join_all;
use idp::testing::{Held, execute};
use idp::{Actor, ClientChange, Idp, UserChange};
use oauth::client::ClientDraft;
use oauth::id::{ClientId, Subject};
use oauth::user::UserDraft;
use serde_json::Value;

use crate::browser::{Answer, Browser};
use crate::concurrency::on_every_database;
use crate::server::{PASSWORD, Server, claims, text};

on_every_database!(
    nothing_is_issued_after_an_act_of_another_node_that_forbids_it,
    a_client_that_is_changed_while_it_asks_is_judged_anew,
    of_many_exchanges_and_a_new_password_nothing_lives_on,
    a_code_of_a_disabled_person_is_not_spent,
    a_code_gives_no_more_than_the_client_may_have_now,
);

const SCOPE: &str = "openid email offline_access";

/// Something that ends somebody's permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forbids {
    ClientDisabled,
    ClientDeleted,
    GrantTypesTaken,
    ScopesTaken,
    SecretRevoked,
    PasswordSet,
    UserDisabled,
    UserDeleted,
    TokensRevoked,
    ConsentWithdrawn,
    SignedOut,
}

impl Forbids {
    pub(crate) const ALL: [Self; 11] = [
        Self::ClientDisabled,
        Self::ClientDeleted,
        Self::GrantTypesTaken,
        Self::ScopesTaken,
        Self::SecretRevoked,
        Self::PasswordSet,
        Self::UserDisabled,
        Self::UserDeleted,
        Self::TokensRevoked,
        Self::ConsentWithdrawn,
        Self::SignedOut,
    ];

    /// Does it at `node`; the client is `client`.
    pub(crate) async fn happen(self, node: &Idp, subject: &Subject, client: &str, browser: &mut Browser<'_>) {
        let (actor, client) = (Actor::admin(), ClientId::new(client));
        match self {
            Self::ClientDisabled => change_client(node, &client, |draft| draft.enabled = false).await,
            Self::ClientDeleted => node.delete_client(&actor, &client).await.unwrap(),
            Self::GrantTypesTaken => {
                // Who signs people in keeps a way to; what a machine is for is taken from it.
                let left = if client.as_str().starts_with("job") { "authorization_code" } else { "client_credentials" };
                change_client(node, &client, |draft| draft.grant_types = vec![left.to_owned()]).await;
            }
            Self::ScopesTaken => change_client(node, &client, |draft| draft.scope = "phone".to_owned()).await,
            Self::SecretRevoked => {
                let secrets = node.get_client(&client).await.unwrap().secrets;
                node.revoke_client_secret(&actor, &client, &secrets[0].id).await.unwrap();
            }
            Self::PasswordSet => node.set_password(&actor, subject, "another password").await.unwrap(),
            Self::UserDisabled => {
                let user = node.get_user(subject).await.unwrap().user;
                let profile = Some(UserDraft { enabled: false, ..UserDraft::from(&user) });
                let change = UserChange { profile, ..UserChange::default() };
                node.update_user(&actor, subject, None, &change).await.unwrap();
            }
            Self::UserDeleted => node.delete_user(&actor, subject).await.unwrap(),
            Self::TokensRevoked => node.revoke_user_tokens(&actor, subject).await.unwrap(),
            Self::ConsentWithdrawn => node.withdraw_consent(&actor, subject, &client).await.unwrap(),
            Self::SignedOut => assert_eq!(browser.get("/logout").await.status, StatusCode::OK),
        }
    }

    pub(crate) fn is_about_the_client(self) -> bool {
        use Forbids as F;
        matches!(self, F::ClientDisabled | F::ClientDeleted | F::GrantTypesTaken | F::ScopesTaken | F::SecretRevoked)
    }

    /// The error of a request that was judged by what was there before.
    pub(crate) fn error(self) -> &'static str {
        match self {
            Self::ClientDisabled | Self::ClientDeleted | Self::SecretRevoked => "invalid_client",
            Self::GrantTypesTaken => "unauthorized_client",
            Self::ScopesTaken => "invalid_scope",
            _ => "invalid_grant",
        }
    }
}

pub(crate) async fn change_client(node: &Idp, client: &ClientId, change: impl FnOnce(&mut ClientDraft)) {
    let mut draft = ClientDraft::from(&node.get_client(client).await.unwrap().client);
    change(&mut draft);
    let change = ClientChange { client: Some(draft), ..ClientChange::default() };
    node.update_client(&Actor::admin(), client, None, &change).await.unwrap();
}

fn subject_of(tokens: &Value) -> Subject {
    Subject::new(text(&claims(text(tokens, "id_token")), "sub"))
}

async fn nothing_is_issued_after_an_act_of_another_node_that_forbids_it(server: Server) {
    for act in Forbids::ALL {
        let server = server.another().await;
        let mut browser = server.signed_in().await;
        // Without `offline_access`, so that the sign-out ends them, too.
        let tokens = server.tokens_in(&mut browser, &[("scope", "openid email")]).await;
        let code = browser.authorize(&[("scope", "openid email")]).await;
        // All of it is known here now.
        assert_eq!(server.machine_token("email").await.status, StatusCode::OK);
        let other = server.open_node().await;
        act.happen(&other, &subject_of(&tokens), "web", &mut browser).await;
        let refused = |error: &str| (if error == "invalid_client" { 401 } else { 400 }, error.to_owned());
        // With a client go its codes and tokens.
        let error = if act == Forbids::ClientDeleted { "invalid_grant" } else { act.error() };
        assert_eq!(server.redeem(&code).await.error(), refused(error), "{act:?}, code");
        assert_eq!(server.refresh(&tokens).await.error(), refused(error), "{act:?}, refresh");
        if act.is_about_the_client() {
            act.happen(&other, &subject_of(&tokens), "job", &mut browser).await;
            assert_eq!(
                server.machine_token("email").await.error(),
                refused(act.error()),
                "{act:?}, client_credentials"
            );
        }
    }
}

/// A change that takes nothing away refuses nothing.
async fn a_client_that_is_changed_while_it_asks_is_judged_anew(server: Server) {
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[("scope", SCOPE)]).await;
    let code = browser.authorize(&[("scope", SCOPE)]).await;
    assert_eq!(server.machine_token("email").await.status, StatusCode::OK);
    let node = server.open_node().await;
    for client in ["web", "job"] {
        change_client(&node, &ClientId::new(client), |draft| draft.client_name = "Renamed".to_owned()).await;
    }
    assert_eq!(server.redeem(&code).await.status, StatusCode::OK);
    change_client(&node, &ClientId::new("web"), |draft| draft.client_name = "Again".to_owned()).await;
    assert_eq!(server.refresh(&tokens).await.status, StatusCode::OK);
    assert_eq!(server.machine_token("email").await.status, StatusCode::OK);
}

async fn of_many_exchanges_and_a_new_password_nothing_lives_on(server: Server) {
    for round in 0..4 {
        server.create_user(&format!("user{round}")).await;
        let mut browser = server.browser();
        browser.post("/login", &[("username", &format!("user{round}")), ("password", PASSWORD)]).await;
        let tokens = server.tokens_in(&mut browser, &[("scope", SCOPE)]).await;
        let mut codes = Vec::new();
        for _ in 0..6 {
            codes.push(browser.authorize(&[("scope", SCOPE)]).await);
        }
        let (actor, subject) = (Actor::admin(), subject_of(&tokens));
        let (redeemed, refreshed, set) = tokio::join!(
            join_all(codes.iter().map(|code| server.redeem(code))),
            server.refresh(&tokens),
            server.idp.set_password(&actor, &subject, "another password"),
        );
        set.unwrap();
        for answer in redeemed.into_iter().chain([refreshed]).filter(|answer| answer.status == StatusCode::OK) {
            let tokens = answer.json();
            assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
            assert_eq!(server.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()));
        }
    }
}

/// Disabled past the server, so that nothing was revoked with it.
async fn a_code_of_a_disabled_person_is_not_spent(server: Server) {
    for scope in ["openid email", "email"] {
        let server = server.another().await;
        let mut browser = server.signed_in().await;
        let tokens = server.tokens_in(&mut browser, &[("scope", scope)]).await;
        let code = browser.authorize(&[("scope", scope)]).await;
        execute(server.database.url(), "UPDATE account SET enabled = false").await;
        let server = server.restart().await;
        for _ in 0..2 {
            for answer in [server.redeem(&code).await, server.refresh(&tokens).await] {
                assert_eq!(answer.error(), (400, "invalid_grant".to_owned()), "{scope}");
                assert!(answer.body.contains("disabled"), "{}", answer.body);
            }
        }
        execute(server.database.url(), "UPDATE account SET enabled = true").await;
        let server = server.restart().await;
        assert_eq!(server.redeem(&code).await.status, StatusCode::OK, "{scope}");
        assert_eq!(server.refresh(&tokens).await.status, StatusCode::OK, "{scope}");
    }
}

async fn a_code_gives_no_more_than_the_client_may_have_now(server: Server) {
    let mut browser = server.signed_in().await;
    let code = browser.authorize(&[("scope", SCOPE)]).await;
    let other = browser.authorize(&[("scope", "email")]).await;
    change_client(&server.idp, &ClientId::new("web"), |draft| draft.scope = "openid offline_access".to_owned()).await;
    let tokens = server.redeem(&code).await.json();
    assert_eq!(tokens["scope"], "openid offline_access");
    assert!(server.userinfo(text(&tokens, "access_token")).await.json().get("email").is_none());
    assert_eq!(server.redeem(&other).await.error(), (400, "invalid_scope".to_owned()));
    change_client(&server.idp, &ClientId::new("web"), |draft| draft.scope = SCOPE.to_owned()).await;
    assert_eq!(server.redeem(&other).await.status, StatusCode::OK, "nothing was spent");
}

/// Sends a request, waits until it waits for what `held` holds, and lets that be committed.
pub(crate) async fn interleave(held: Held, request: impl Future<Output = Answer>) -> Answer {
    let mut request = std::pin::pin!(request);
    tokio::select! {
        answer = &mut request => panic!("it did not wait: {}", answer.body),
        () = held.somebody_waits() => {}
    }
    held.commit().await;
    request.await
}

/// An act that is under way when the request is judged, and done before it is written.
#[tokio::test(flavor = "multi_thread")]
async fn who_changes_a_client_or_a_grant_while_it_is_used_is_waited_for() {
    const CHANGED: &str = "UPDATE client SET enabled = false, stamp = stamp + 1";
    for (sql, codes, machines) in [
        (CHANGED, false, Some("invalid_client")),
        ("DELETE FROM client", false, Some("invalid_client")),
        ("UPDATE client SET stamp = stamp + 1", true, None),
        ("UPDATE grants SET revoked_at = 1", false, None),
        ("DELETE FROM grants", false, None),
    ] {
        for kind in [idp::testing::Kind::Postgres, idp::testing::Kind::MySql] {
            let Some(server) = Server::start_on(kind).await else { continue };
            let mut browser = server.signed_in().await;
            let tokens = server.tokens_in(&mut browser, &[("scope", SCOPE)]).await;
            let code = browser.authorize(&[("scope", SCOPE)]).await;
            assert_eq!(server.machine_token("email").await.status, StatusCode::OK);
            let hold = || Held::hold(kind, server.database.url(), sql);
            let answer = interleave(hold().await, server.redeem(&code)).await;
            assert_eq!(answer.status == StatusCode::OK, codes, "{kind:?}, {sql}, code: {}", answer.body);
            if codes {
                let answer = interleave(hold().await, server.refresh(&tokens)).await;
                assert_eq!(answer.status, StatusCode::OK, "{kind:?}, {sql}, refresh: {}", answer.body);
            } else {
                let answer = server.refresh(&tokens).await;
                assert_ne!(answer.status, StatusCode::OK, "{kind:?}, {sql}, refresh: {}", answer.body);
            }
            if let Some(error) = machines {
                let server = Server::start_on(kind).await.unwrap();
                assert_eq!(server.machine_token("email").await.status, StatusCode::OK);
                let held = Held::hold(kind, server.database.url(), sql).await;
                let answer = interleave(held, server.machine_token("email")).await;
                assert_eq!(answer.error().1, error, "{kind:?}, {sql}");
            }
        }
    }
}
