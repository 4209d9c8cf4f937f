//! Back-channel logout: however a session ends, its clients are told.

use axum::http::StatusCode;
use idp::{Actor, ChosenSessions, SESSION_LIFETIME};
use oauth::client::ClientDraft;
use oauth::id::{ClientId, SessionId, Subject};
use oauth::user::UserDraft;
use serde_json::json;

use super::{AFTER, World, create_told, end_session, messages, sid, sign_in, sign_in_to, subject};
use crate::browser::Browser;
use crate::ciba::{ask_as, create_asking};
use crate::concurrency::on_every_database;
use crate::pairs::stopped;
use crate::server::{ISSUER, PASSWORD, START, Server, claims, jwt_header, text};

on_every_database!(
    oidcc_backchannel_rp_initiated_logout,
    every_way_in_which_a_session_ends_tells_its_clients,
    whoever_signs_in_while_the_session_ends_is_told_or_not_signed_in,
);

/// A refresh says nothing of a session whose end the client does not hear of.
#[tokio::test]
async fn a_client_that_gets_its_address_later_is_told_of_sessions_from_then_on() {
    let world = World::of(Server::start().await).await;
    let mut browser = world.server.signed_in().await;
    let scope = [("scope", "openid offline_access")];
    let tokens = world.server.tokens_in(&mut browser, &scope).await;
    assert_eq!(claims(text(&tokens, "id_token")).get("sid"), None);
    let told = json!({ "backchannel_logout_uri": world.site.url("/backchannel_logout") });
    assert_eq!(world.server.admin("PATCH", "/admin/clients/web", &told).await.status, StatusCode::OK);
    let refreshed = world.server.refresh(&tokens).await.json();
    assert_eq!(claims(text(&refreshed, "id_token")).get("sid"), None, "it has not joined");
    let again = world.server.tokens_in(&mut browser, &scope).await;
    let said = sid(&again);
    assert_eq!(sid(&world.server.refresh(&again).await.json()), said);
}

/// Whoever answers at `/approve` is not signed in to the client there, which knows nothing of the session.
#[tokio::test]
async fn a_client_that_asked_for_somebody_by_name_is_in_no_session() {
    let world = World::of(Server::start().await).await;
    let uri = world.site.url("/backchannel_logout");
    create_asking(&world.server, "bank", |draft| draft.backchannel_logout_uri = uri).await;
    let asked = ask_as(&world.server, "bank", &[("scope", "openid"), ("login_hint", "alice")]).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    let (mut browser, tokens) = world.signed_in().await;
    let page = browser.get("/approve").await;
    assert_eq!(browser.press(&page, "yes").await.status, StatusCode::SEE_OTHER);
    browser.get(&end_session(&tokens)).await;
    world.server.idp.deliver_logouts().await.unwrap();
    let told: Vec<_> = world.told().iter().map(|claims| claims["aud"].clone()).collect();
    assert_eq!(told, ["bye"]);
}

#[tokio::test]
async fn oidcc_backchannel_logout_discovery_endpoint_verification() {
    let server = Server::start().await;
    let document = server.browser().get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["backchannel_logout_supported"], true);
    assert_eq!(document["backchannel_logout_session_supported"], true);
    assert_eq!(document["end_session_endpoint"], format!("{ISSUER}/end_session"));
    assert!(document["claims_supported"].as_array().unwrap().contains(&json!("sid")));
}

async fn oidcc_backchannel_rp_initiated_logout(server: Server) {
    let world = World::of(server).await;
    let (mut browser, tokens) = world.signed_in().await;
    let (sid, subject) = (sid(&tokens), subject(&tokens));
    world.server.clock.advance(100);
    let answer = browser.get(&end_session(&tokens)).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, &*format!("{AFTER}&state=s+1")));
    assert_eq!(world.site.hits(), 0, "nobody who signs out waits for a client");
    assert_eq!(world.server.idp.deliver_logouts().await.unwrap(), 1);

    let request = world.site.last_request().to_ascii_lowercase();
    assert!(request.starts_with("post /backchannel_logout http/1.1\r\n"), "{request}");
    assert!(request.contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"), "{request}");
    let [token] = world.tokens().try_into().unwrap();
    let header = jwt_header(&token);
    assert_eq!((&header["typ"], &header["alg"]), (&json!("logout+jwt"), &json!("RS256")));
    let verified = world.server.idp.keyring().verify(&token).unwrap();
    let mut said = verified.claims;
    assert!(said.remove("jti").unwrap().as_str().unwrap().len() > 20);
    let expected = json!({
        "iss": ISSUER, "aud": "bye", "iat": START + 100, "exp": START + 220, "sub": subject, "sid": sid,
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    assert_eq!(serde_json::Value::Object(said), expected);
    assert_eq!(browser.silently(&[("client_id", "bye")]).await, "login_required");

    // It is told once, and neither an ID token nor an access token.
    assert_eq!(world.server.idp.deliver_logouts().await.unwrap(), 0);
    assert!(world.server.idp.find_id_token(&token).is_none());
    assert_eq!(world.server.userinfo(&token).await.status, StatusCode::UNAUTHORIZED);
}

/// Ends the session of `browser`, in which `subject` is signed in as `name`.
async fn end(way: &str, server: &Server, browser: &mut Browser<'_>, name: &str, subject: &Subject, sid: &str) {
    let (idp, actor) = (&server.idp, Actor::admin());
    match way {
        "signs out" => drop(browser.get("/logout").await),
        "somebody else signs in" => {
            browser.post("/login", &[("username", "alice"), ("password", PASSWORD)]).await;
        }
        "the session is ended" => {
            let chosen = ChosenSessions::These(vec![SessionId::new(sid)]);
            assert_eq!(idp.end_chosen_sessions(&actor, &chosen).await.unwrap(), 1);
        }
        "all of the user are ended" => {
            idp.end_chosen_sessions(&actor, &ChosenSessions::User(subject.clone())).await.unwrap();
        }
        "a password is set" => idp.set_password(&actor, subject, "another horse battery").await.unwrap(),
        "the user is disabled" => {
            let user = idp.get_user(subject).await.unwrap();
            let draft = UserDraft { enabled: false, ..UserDraft::from(&user.user) };
            let change = idp::UserChange { profile: Some(draft), password: None };
            idp.update_user(&actor, subject, None, &change).await.unwrap();
        }
        "the user is deleted" => idp.delete_user(&actor, subject).await.unwrap(),
        "their tokens are revoked" => idp.revoke_user_tokens(&actor, subject).await.unwrap(),
        "it expires" => {
            server.clock.advance(SESSION_LIFETIME + 1);
            idp.sweep().await.unwrap();
        }
        _ => panic!("{way} {name}"),
    }
}

async fn every_way_in_which_a_session_ends_tells_its_clients(server: Server) {
    let world = World::of(server).await;
    create_told(&world.server, "second", &world.site.url("/second")).await;
    let ways = [
        "signs out",
        "somebody else signs in",
        "the session is ended",
        "all of the user are ended",
        "a password is set",
        "the user is disabled",
        "the user is deleted",
        "their tokens are revoked",
        "it expires",
    ];
    for (number, way) in ways.into_iter().enumerate() {
        let name = format!("user{number}");
        world.server.create_user(&name).await;
        let (mut browser, tokens) = sign_in(&world.server, &name, "bye").await;
        // Again, and at a client that is told nothing.
        sign_in_to(&world.server, &mut browser, "bye").await;
        sign_in_to(&world.server, &mut browser, "second").await;
        sign_in_to(&world.server, &mut browser, "web").await;
        let (sid, subject) = (sid(&tokens), subject(&tokens));
        end(way, &world.server, &mut browser, &name, &subject, &sid).await;
        let before = world.told().len();
        while world.server.idp.deliver_logouts().await.unwrap() > 0 {}
        let mut told: Vec<_> = world.told().split_off(before);
        told.sort_by_key(|claims| claims["aud"].to_string());
        let told: Vec<_> = told.iter().map(|claims| (&claims["aud"], &claims["sub"], &claims["sid"])).collect();
        let (subject, sid) = (json!(subject), json!(sid));
        assert_eq!(told, [(&json!("bye"), &subject, &sid), (&json!("second"), &subject, &sid)], "{way}");
    }
    assert!(messages(&world.server, "web").await.is_empty());
}

async fn whoever_signs_in_while_the_session_ends_is_told_or_not_signed_in(server: Server) {
    let world = World::of(server).await;
    let other = world.node().await;
    let ask = Browser::request(&[("client_id", "bye")]);
    // The session ends before the code is written: there is none.
    let (mut browser, tokens) = world.signed_in().await;
    let answer = stopped(&world.server.idp, browser.get(&ask), async {
        let chosen = ChosenSessions::User(subject(&tokens));
        assert_eq!(other.idp.end_chosen_sessions(&Actor::admin(), &chosen).await.unwrap(), 1);
        assert_eq!(other.idp.deliver_logouts().await.unwrap(), 1);
    })
    .await;
    assert!(answer.location().starts_with("/login?"), "{}", answer.location());
    assert_eq!((world.told().len(), world.server.idp.deliver_logouts().await.unwrap()), (1, 0));

    // The code is written before the session ends, by somebody who found no client in it: the client is told.
    let mut browser = world.server.signed_in().await;
    let mut window = world.server.browser();
    for (name, value) in browser.cookies() {
        window = window.with_cookie(name, value);
    }
    let chosen = ChosenSessions::Everybody;
    let actor = Actor::admin();
    let ended = stopped(&other.idp, other.idp.end_chosen_sessions(&actor, &chosen), async {
        assert!(!window.get(&ask).await.query().text("code").is_empty());
    });
    assert!(ended.await.unwrap() > 0);
    while other.idp.deliver_logouts().await.unwrap() > 0 {}
    assert_eq!(world.told().len(), 2);
    assert_eq!(browser.silently(&[("client_id", "bye")]).await, "login_required");
}

#[tokio::test]
async fn a_client_that_is_told_nothing_any_more_gets_nothing() {
    let world = World::of(Server::start().await).await;
    let actor = Actor::admin();
    for (id, forbid) in [("first", "no address"), ("second", "disabled"), ("third", "deleted")] {
        create_told(&world.server, id, &world.site.url("/x")).await;
        let (mut browser, _) = sign_in(&world.server, "alice", id).await;
        browser.get("/logout").await;
        let id = ClientId::new(id);
        let record = world.server.idp.get_client(&id).await.unwrap();
        let draft = ClientDraft::from(&record.client);
        let draft = match forbid {
            "no address" => ClientDraft { backchannel_logout_uri: String::new(), ..draft },
            _ => ClientDraft { enabled: false, ..draft },
        };
        if forbid == "deleted" {
            world.server.idp.delete_client(&actor, &id).await.unwrap();
        } else {
            crate::races::change_client(&world.server.idp, &id, |it| *it = draft).await;
        }
        world.server.idp.deliver_logouts().await.unwrap();
        assert!(messages(&world.server, id.as_str()).await.is_empty(), "{forbid}");
    }
    assert_eq!(world.site.hits(), 0);
}

/// It goes on when the person signs out of the browser in which they allowed it, so its client must not end what it has of them.
#[tokio::test]
async fn a_device_is_in_no_session() {
    let world = World::of(Server::start().await).await;
    crate::races::change_client(&world.server.idp, &ClientId::new("bye"), |draft| {
        draft.grant_types.push("urn:ietf:params:oauth:grant-type:device_code".to_owned());
    })
    .await;
    let auth = format!("bye:{}", crate::server::SECRET);
    let begun = world.server.post("/device_authorization", Some(&auth), &[("scope", "openid")]).await.json();
    let mut browser = world.server.signed_in().await;
    let page = browser.post("/device", &[("user_code", crate::server::text(&begun, "user_code"))]).await;
    assert_eq!(browser.press(&page, "yes").await.location(), "/device?done=allowed");
    browser.get("/logout").await;
    assert_eq!(world.server.idp.deliver_logouts().await.unwrap(), 0);
}
