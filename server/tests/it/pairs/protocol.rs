//! Acts of people and clients.

use axum::http::StatusCode;
use futures::FutureExt as _;
use futures::future::join_all;
use idp::{Actor, ChosenGrants, ChosenSessions, GrantFilter, Idp};
use oauth::client::ClientKind;
use oauth::id::{ClientId, Subject};
use oauth::scope::ScopeDraft;
use oauth::secret::Secret;
use serde_json::Value;

use super::stopped;
use crate::browser::{Answer, Browser};
use crate::races::Forbids;
use crate::server::{CALLBACK, PASSWORD, SECRET, SESSION_COOKIE, Server, claims, text};

crate::concurrency::on_every_database!(
    what_was_judged_before_is_not_written_after,
    what_an_administrator_ends_meanwhile_is_over,
    a_scope_that_goes_meanwhile_gives_nothing,
    a_scope_that_is_taken_back_meanwhile_is_not_given,
    a_refresh_and_a_revocation_mind_each_other,
    a_use_elsewhere_is_a_replay_or_runs_together,
    what_takes_away_is_done_whatever_happened,
    readers_write_nothing,
);

/// Somebody of their own, signed in, and a client of its own that they allowed `openid email`.
struct Case<'a> {
    server: &'a Server,
    name: String,
    subject: Subject,
    browser: Browser<'a>,
    tokens: Value,
}

impl<'a> Case<'a> {
    /// `name` is the user's and the client's. The client has another scope, too.
    async fn new(server: &'a Server, name: &str, scope: &str) -> Self {
        server.create_user(name).await;
        server
            .create_client(ClientKind::Web, name, |draft, policy| {
                draft.scope = format!("openid email phone {scope}");
                policy.token_format = "jwt".to_owned();
            })
            .await;
        let mut case = Self {
            browser: sign_in(server.browser(), name, PASSWORD).await,
            server,
            name: name.to_owned(),
            subject: Subject::new(""),
            tokens: Value::Null,
        };
        let code = case.code(&format!("openid email {scope}")).await;
        let answer = case.redeem(&code).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        case.tokens = answer.json();
        case.subject = Subject::new(text(&claims(text(&case.tokens, "id_token")), "sub"));
        case
    }

    async fn code(&mut self, scope: &str) -> String {
        self.browser.authorize(&[("client_id", &self.name), ("scope", scope)]).await
    }

    fn ask(&self, scope: &str) -> String {
        Browser::request(&[("client_id", &self.name), ("scope", scope)])
    }

    /// Another window of the same browser.
    fn window(&self) -> Browser<'a> {
        self.server.browser().with_cookie(SESSION_COOKIE, self.browser.cookie(SESSION_COOKIE).unwrap())
    }

    async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        self.server.post("/token", Some(&format!("{}:{SECRET}", self.name)), fields).await
    }

    async fn redeem(&self, code: &str) -> Answer {
        self.token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)]).await
    }

    async fn refresh(&self, tokens: &Value) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", text(tokens, "refresh_token"))]).await
    }
}

async fn sign_in<'a>(mut browser: Browser<'a>, name: &str, password: &str) -> Browser<'a> {
    browser.post("/login", &[("username", name), ("password", password)]).await;
    browser
}

async fn machine(server: &Server, name: &str) -> Answer {
    let fields = [("grant_type", "client_credentials"), ("scope", "email")];
    server.post("/token", Some(&format!("{name}:{SECRET}")), &fields).await
}

async fn what_was_judged_before_is_not_written_after(server: Server) {
    let node = server.open_node().await;
    for (number, forbids) in Forbids::ALL.into_iter().enumerate() {
        let mut case = Case::new(&server, &format!("one{number}"), "").await;
        let job = format!("job{number}");
        server.create_client(ClientKind::Machine, &job, |draft, _| draft.scope = "email".to_owned()).await;
        assert_eq!(machine(&server, &job).await.status, StatusCode::OK);
        let code = case.code("openid email").await;
        let page = case.window().get(&case.ask("openid phone")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let (mut visit, mut allow, mut out) = (case.window(), case.window(), case.window());
        let asked = case.ask("openid email");
        let gate = server.idp.close_gate().await;
        let acts = join_all([
            visit.get(&asked).boxed_local(),
            allow.press(&page, "yes").boxed_local(),
            case.redeem(&code).boxed_local(),
            case.refresh(&case.tokens).boxed_local(),
            machine(&server, &job).boxed_local(),
        ]);
        let sign_ins = join_all([
            sign_in(server.browser(), &case.name, PASSWORD).boxed_local(),
            sign_in(case.window(), &case.name, PASSWORD).boxed_local(),
        ]);
        let forbid = async {
            gate.arrived(7).await;
            if forbids == Forbids::SignedOut {
                let cookie = Secret::new(out.cookie(SESSION_COOKIE).unwrap());
                let session = node.find_session(&cookie).await.unwrap().unwrap().session;
                node.end_session(&session, None, false).await.unwrap();
            } else {
                forbids.happen(&node, &case.subject, &case.name, &mut out).await;
                if forbids.is_about_the_client() {
                    forbids.happen(&node, &case.subject, &job, &mut out).await;
                }
            }
            drop(gate);
        };
        let (answers, browsers, ()) = tokio::join!(acts, sign_ins, forbid);
        for answer in answers.iter().take(2) {
            assert!(answer.status.as_u16() < 500, "{forbids:?}: {}", answer.body);
            let code = answer.query().text("code");
            if !code.is_empty() && forbids != Forbids::ConsentWithdrawn {
                let redeemed = case.redeem(&code).await;
                assert_ne!(redeemed.status, StatusCode::OK, "{forbids:?}: {}", answer.location());
            }
        }
        // To press "Allow" is to agree anew, whatever was withdrawn; to be remembered is not.
        let remembered = answers[0].query().text("code");
        assert!(forbids != Forbids::ConsentWithdrawn || remembered.is_empty(), "{}", answers[0].location());
        for answer in &answers[2..4] {
            let gone = matches!(forbids, Forbids::ClientDeleted | Forbids::UserDeleted);
            let error = answer.error().1;
            assert!(error == forbids.error() || gone && error == "invalid_grant", "{forbids:?}: {}", answer.body);
        }
        let error = forbids.is_about_the_client().then(|| forbids.error().to_owned());
        assert_eq!((answers[4].status != StatusCode::OK).then(|| answers[4].error().1), error, "{forbids:?}");
        let is_shut_out = matches!(forbids, Forbids::PasswordSet | Forbids::UserDisabled | Forbids::UserDeleted);
        for mut browser in browsers {
            let request = [("client_id", "web"), ("prompt", "none")];
            let answer = browser.get(&Browser::request(&request)).await.query().text("error");
            assert_eq!(answer == "login_required", is_shut_out, "{forbids:?}: {answer}");
        }
    }
}

async fn what_an_administrator_ends_meanwhile_is_over(server: Server) {
    let (node, actor) = (server.open_node().await, Actor::admin());
    for act in ["sessions", "consents", "grants"] {
        let mut case = Case::new(&server, act, "").await;
        let client_id = ClientId::new(act);
        let code = case.code("openid email").await;
        let (mut visit, asked) = (case.window(), case.ask("openid email"));
        let gate = server.idp.close_gate().await;
        let acts = join_all([
            visit.get(&asked).boxed_local(),
            case.redeem(&code).boxed_local(),
            case.refresh(&case.tokens).boxed_local(),
        ]);
        let forbid = async {
            gate.arrived(3).await;
            let ended = match act {
                "sessions" => {
                    let of_user = ChosenSessions::User(case.subject.clone());
                    node.end_chosen_sessions(&actor, &of_user).await
                }
                "consents" => node.withdraw_consents_of_client(&actor, &client_id).await,
                _ => {
                    let of_client = GrantFilter { client: Some(client_id.clone()), ..GrantFilter::default() };
                    node.revoke_chosen_grants(&actor, &ChosenGrants::All(of_client)).await
                }
            };
            assert_eq!(ended.unwrap(), if act == "grants" { 2 } else { 1 }, "{act}");
            drop(gate);
        };
        let (answers, ()) = tokio::join!(acts, forbid);
        let remembered = !answers[0].query().text("code").is_empty();
        assert_eq!(remembered, act == "grants", "what was allowed stays allowed: {act}");
        for answer in &answers[1..] {
            assert_eq!(answer.error().1, "invalid_grant", "{act}: {}", answer.body);
        }
    }
}

async fn a_scope_that_goes_meanwhile_gives_nothing(server: Server) {
    let node = server.open_node().await;
    let actor = Actor::admin();
    for (number, act) in ["deleted", "made again", "opens less"].into_iter().enumerate() {
        let scope = format!("nickname{number}");
        let draft = ScopeDraft { name: scope.clone(), description: scope.clone(), claims: "nickname".to_owned() };
        server.idp.create_scope(&actor, &draft).await.unwrap();
        let mut case = Case::new(&server, &format!("scoped{number}"), &scope).await;
        let wanted = format!("openid email {scope}");
        let code = case.code(&wanted).await;
        let more = format!("{wanted} phone");
        let page = case.window().get(&case.ask(&more)).await;
        let (mut visit, mut allow) = (case.window(), case.window());
        let asked = case.ask(&wanted);
        let gate = server.idp.close_gate().await;
        let acts = join_all([
            visit.get(&asked).boxed_local(),
            allow.press(&page, "yes").boxed_local(),
            case.redeem(&code).boxed_local(),
            case.refresh(&case.tokens).boxed_local(),
        ]);
        let forbid = async {
            gate.arrived(4).await;
            match act {
                "opens less" => {
                    node.save_scope(&actor, &ScopeDraft { claims: String::new(), ..draft.clone() }, None).await.unwrap()
                }
                _ => node.delete_scope(&actor, &scope).await.unwrap(),
            }
            if act == "made again" {
                node.create_scope(&actor, &draft).await.unwrap();
            }
            drop(gate);
        };
        let (answers, ()) = tokio::join!(acts, forbid);
        // A change of this node's own: it has heard of the other's by then.
        let unrelated = ScopeDraft { name: format!("other{number}"), description: "x".into(), claims: String::new() };
        server.idp.create_scope(&actor, &unrelated).await.unwrap();
        let mut given = Vec::new();
        for answer in answers {
            let code = answer.query().text("code");
            let answer = if code.is_empty() { answer } else { case.redeem(&code).await };
            if answer.status == StatusCode::OK && answer.body.contains("access_token") {
                given.push(answer.json());
            }
        }
        for tokens in &given {
            let access = text(tokens, "access_token");
            let told = server.userinfo(access).await.json();
            assert!(told.get("nickname").is_none(), "{act}: {told}");
            let introspected = server.introspect_as(&case.name, access).await;
            let still = introspected["scope"].as_str().unwrap().split(' ').any(|token| token == scope);
            assert_eq!(still, act == "opens less", "{act}: {introspected}");
            let refreshed = case.refresh(tokens).await.json();
            let kept = text(&refreshed, "scope").split(' ').any(|token| token == scope);
            assert_eq!(kept, act == "opens less", "{act}: {refreshed}");
        }
        assert!(given.len() >= 2, "{act}");
        if act == "made again" {
            let silent = [("client_id", case.name.as_str()), ("scope", wanted.as_str())];
            assert_eq!(case.window().silently(&silent).await, "consent_required", "nothing is inherited");
        }
    }
}

async fn revoke(node: &Idp, client: &str, token: &str) {
    let client = node.find_client(&ClientId::new(client)).await.unwrap().unwrap();
    node.revoke_token(&client, &Secret::new(token)).await.unwrap();
}

async fn a_scope_that_is_taken_back_meanwhile_is_not_given(server: Server) {
    let node = server.open_node().await;
    let mut case = Case::new(&server, "narrowed", "").await;
    let code = case.code("openid email").await;
    let (mut visit, asked) = (case.window(), case.ask("openid email"));
    let gate = server.idp.close_gate().await;
    let acts = join_all([
        visit.get(&asked).boxed_local(),
        case.redeem(&code).boxed_local(),
        case.refresh(&case.tokens).boxed_local(),
    ]);
    let forbid = async {
        gate.arrived(3).await;
        let taken = idp::TakenBack { scope: oauth::scope::ScopeToken::parse("email").unwrap(), resource: None };
        let client_id = ClientId::new(case.name.as_str());
        node.withdraw_scope(&Actor::user(), &case.subject, &client_id, &taken).await.unwrap();
        drop(gate);
    };
    let (answers, ()) = tokio::join!(acts, forbid);
    let [visited, redeemed, refreshed] = answers.try_into().unwrap();
    assert_eq!(visited.status, StatusCode::OK, "it is asked again: {}", visited.location());
    for answer in [redeemed, refreshed] {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let tokens = answer.json();
        assert_eq!(tokens["scope"], "openid");
        // A JWT, which others read by themselves.
        assert_eq!(claims(text(&tokens, "access_token"))["scope"], "openid");
        assert_eq!(case.refresh(&tokens).await.json()["scope"], "openid");
    }
}

async fn a_refresh_and_a_revocation_mind_each_other(server: Server) {
    let node = server.another_node().await;
    let case = Case::new(&server, "one", "").await;
    let revoked = revoke(&node.idp, "one", text(&case.tokens, "refresh_token"));
    let answer = stopped(&server.idp, case.refresh(&case.tokens), revoked).await;
    assert_eq!(answer.error(), (400, "invalid_grant".to_owned()));
    let case = Case::new(&server, "two", "").await;
    let revoked = revoke(&node.idp, "two", text(&case.tokens, "access_token"));
    let answer = stopped(&server.idp, case.refresh(&case.tokens), revoked).await.json();
    let old = text(&case.tokens, "access_token");
    assert_eq!(server.userinfo(old).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.userinfo(text(&answer, "access_token")).await.status, StatusCode::OK, "it is another token");
    // The other way round: whoever revokes the old one leaves the new one alone.
    let elsewhere = Case::new(&node, "three", "").await;
    let mut refreshed = Value::Null;
    let refresh = async { refreshed = elsewhere.refresh(&elsewhere.tokens).await.json() };
    stopped(&server.idp, revoke(&server.idp, "three", text(&elsewhere.tokens, "access_token")), refresh).await;
    assert_eq!(server.userinfo(text(&elsewhere.tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.userinfo(text(&refreshed, "access_token")).await.status, StatusCode::OK);
}

async fn a_use_elsewhere_is_a_replay_or_runs_together(server: Server) {
    let node = server.another_node().await;
    let mut case = Case::new(&server, "one", "").await;
    let code = case.code("openid email").await;
    let again = Case {
        server: &node,
        name: case.name.clone(),
        subject: case.subject.clone(),
        browser: node.browser(),
        tokens: case.tokens.clone(),
    };
    let mut won = Value::Null;
    let lost = stopped(&server.idp, case.redeem(&code), async { won = again.redeem(&code).await.json() }).await;
    assert_eq!(lost.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(server.userinfo(text(&won, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    // Of a refresh token, the two uses run together.
    let tokens = case.code("openid email").await;
    let tokens = case.redeem(&tokens).await.json();
    let elsewhere = async { won = again.refresh(&tokens).await.json() };
    let second = stopped(&server.idp, case.refresh(&tokens), elsewhere).await.json();
    assert_eq!(second["refresh_token"], won["refresh_token"]);
    for tokens in [&won, &second] {
        assert_eq!(server.userinfo(text(tokens, "access_token")).await.status, StatusCode::OK);
    }
}

async fn what_takes_away_is_done_whatever_happened(server: Server) {
    let node = server.open_node().await;
    for (number, forbids) in [Forbids::PasswordSet, Forbids::UserDisabled, Forbids::UserDeleted].into_iter().enumerate()
    {
        let case = Case::new(&server, &format!("one{number}"), "").await;
        let (mut window, mut out) = (case.window(), case.window());
        let forbid = forbids.happen(&node, &case.subject, &case.name, &mut out);
        let answer = stopped(&server.idp, window.get("/logout"), forbid).await;
        assert_eq!(answer.status, StatusCode::OK, "{forbids:?}: {}", answer.body);
        assert_eq!(case.window().silently(&[]).await, "login_required");
        assert_eq!(case.refresh(&case.tokens).await.error().1, "invalid_grant");
    }
}

async fn readers_write_nothing(server: Server) {
    let mut case = Case::new(&server, "one", "").await;
    let access = text(&case.tokens, "access_token").to_owned();
    let asked = case.ask("openid phone");
    // They come to an end while no transaction can begin.
    let _gate = server.idp.close_gate().await;
    assert_eq!(server.userinfo(&access).await.status, StatusCode::OK);
    assert_eq!(server.introspect_as("one", &access).await["active"], true);
    assert_eq!(case.browser.get(&asked).await.status, StatusCode::OK);
    assert_eq!(case.window().silently(&[("client_id", "one"), ("scope", "phone")]).await, "consent_required");
}
