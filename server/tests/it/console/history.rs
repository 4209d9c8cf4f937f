//! Histories, and the way back to a state.

use axum::http::StatusCode;
use idp::{Actor, ClientChange, Recordable, Target, UserChange};
use oauth::client::ClientDraft;
use oauth::id::{ClientId, Subject};
use oauth::registration::RegistrationPolicyDraft;
use oauth::resource::ResourceDraft;
use oauth::scope::ScopeDraft;
use oauth::user::UserDraft;

use super::done;
use super::lists::way;
use crate::admin_trusts::identity_provider;
use crate::browser::{Answer, Browser};
use crate::server::{CALLBACK, Server, text};

fn scope(name: &str, description: &str) -> ScopeDraft {
    ScopeDraft { name: name.to_owned(), description: description.to_owned(), claims: String::new() }
}

/// The changes of a thing, the newest first: their IDs.
async fn changes(server: &Server, target: &Target) -> Vec<String> {
    let found = server.idp.history(target, None, 100).await.unwrap();
    found.rows.into_iter().map(|change| change.id).collect()
}

async fn rename(server: &Server, client: &str, name: &str) {
    let id = ClientId::new(client);
    let draft = ClientDraft::from(&server.idp.get_client(&id).await.unwrap().client);
    let change =
        ClientChange { client: Some(ClientDraft { client_name: name.to_owned(), ..draft }), ..ClientChange::default() };
    server.idp.update_client(&Actor::admin(), &id, None, &change).await.unwrap();
}

async fn alice(server: &Server) -> Subject {
    server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject
}

#[tokio::test]
async fn a_client_goes_back_to_a_state_that_it_had() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let form = [
        ("client_name", "Renamed"),
        ("kind", "web"),
        ("enabled", "on"),
        ("redirect_uris", "https://other.example/cb"),
        ("grant_types", "authorization_code"),
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("scope", "openid"),
        ("id_token_signed_response_alg", "RS256"),
    ];
    let saved = console.post("/admin/ui/clients/web/settings", &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    console.post("/admin/ui/clients/web/policy", &[("access_token_lifetime", "61")]).await;
    let list = console.get("/admin/ui/clients/web/history").await;
    for said in [
        "Access token lifetime",
        "Client name",
        "Redirect URIs",
        "Created",
        "An administrator",
        "aria-current=\"page\"",
    ] {
        assert!(list.body.contains(said), "{said}: {}", list.body);
    }
    let ids = changes(&server, &Target::new(Recordable::Client, "web")).await;
    assert_eq!(ids.len(), 3);
    // What was changed, in the words of the form, and where it came from.
    let page = console.get(&format!("/admin/ui/clients/web/history/{}", ids[1])).await;
    for said in ["The web app", "Renamed", CALLBACK, "https://other.example/cb", "/admin/ui/activity?request_id="] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    // The state in which it was made: what going back would do is said before.
    let address = format!("/admin/ui/clients/web/history/{}", ids[2]);
    let page = console.get(&address).await;
    assert!(page.body.contains("Revert to this") && page.body.contains("61"), "{}", page.body);
    let version = page.field("version");
    let reverted = console.post(&address, &[("version", &version)]).await;
    done(&mut console, &reverted, "It is as it was then.").await;
    let client = server.idp.get_client(&ClientId::new("web")).await.unwrap().client;
    assert_eq!((client.client_name.as_str(), client.policy.access_token_lifetime), ("The web app", None));
    assert_eq!(client.redirect_uris[0].as_str(), CALLBACK);
    // Going back is a change of its own, and there is no way further.
    assert_eq!(changes(&server, &Target::new(Recordable::Client, "web")).await.len(), 4);
    assert!(console.get(&address).await.body.contains("This is how it is now."));
    // Once more with the same version: somebody was here.
    rename(&server, "web", "Other").await;
    let late = console.post(&address, &[("version", &version)]).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.body);
    assert!(late.body.contains("Below is what reverting would do now") && late.body.contains("Other"));
    for part in ["An administrator changed this", "(<a href=\"/admin/ui/clients/web/history/"] {
        assert!(late.body.replace("<!>", "").contains(part), "{part}: {}", late.body);
    }
    let unseen = console.post(&address, &[]).await;
    assert_eq!(unseen.status, StatusCode::CONFLICT, "without a version nobody saw what it would do");
}

#[tokio::test]
async fn what_cannot_be_any_more_is_said_by_field() {
    let server = Server::start().await;
    let (mut console, admin) = (server.console().await, Actor::admin());
    // A scope that is gone.
    server.idp.create_scope(&admin, &scope("news", "News")).await.unwrap();
    let web = ClientId::new("web");
    for words in ["openid news", "openid"] {
        let draft = ClientDraft::from(&server.idp.get_client(&web).await.unwrap().client);
        let change =
            ClientChange { client: Some(ClientDraft { scope: words.to_owned(), ..draft }), ..ClientChange::default() };
        server.idp.update_client(&admin, &web, None, &change).await.unwrap();
    }
    server.idp.delete_scope(&admin, "news").await.unwrap();
    let with_news = &changes(&server, &Target::new(Recordable::Client, "web")).await[1];
    let address = format!("/admin/ui/clients/web/history/{with_news}");
    let version = console.get(&address).await.field("version");
    let refused = console.post(&address, &[("version", &version)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Scopes: There is no scope “news” on this server."), "{}", refused.body);
    // A name that is taken.
    let alice = alice(&server).await;
    let draft = UserDraft::from(&server.idp.get_user(&alice).await.unwrap().user);
    let change = UserChange {
        profile: Some(UserDraft { username: "carol".to_owned(), email: "carol@example.com".to_owned(), ..draft }),
        ..UserChange::default()
    };
    server.idp.update_user(&admin, &alice, None, &change).await.unwrap();
    server.create_user("alice").await;
    let target = Target::new(Recordable::User, alice.as_str());
    let created = changes(&server, &target).await.pop().unwrap();
    let address = format!("/admin/ui/users/{alice}/history/{created}");
    let version = console.get(&address).await.field("version");
    let refused = console.post(&address, &[("version", &version)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Username: This is already taken."), "{}", refused.body);
    assert_eq!(server.idp.get_user(&alice).await.unwrap().user.username, "carol");
}

/// Opens the list, then the first change, and reverts to it.
async fn revert_to_first(server: &Server, console: &mut Browser<'_>, target: &Target, list: &str, change: &str) {
    let page = console.get(list).await;
    assert_eq!(page.status, StatusCode::OK, "{list}");
    let first = changes(server, target).await.pop().unwrap();
    let address = change.replace("{id}", &first);
    assert!(page.body.replace("&amp;", "&").contains(&format!("href=\"{address}\"")), "{address}: {}", page.body);
    let page = console.get(&address).await;
    assert!(page.body.contains("Revert to this"), "{address} {}", page.body);
    let reverted = console.post(&address, &[("version", &page.field("version"))]).await;
    assert_eq!(reverted.status, StatusCode::SEE_OTHER, "{address}: {}", reverted.body);
    assert_eq!(console.follow(&reverted).await.status, StatusCode::OK);
}

#[tokio::test]
async fn everything_has_a_history_and_goes_back() {
    let server = Server::start().await;
    let (mut console, admin) = (server.console().await, Actor::admin());
    // A scope, whose name is no segment of a path.
    for description in ["First", "Second"] {
        server.idp.save_scope(&admin, &scope("a/b..c", description), None).await.unwrap();
    }
    let target = Target::new(Recordable::Scope, "a/b..c");
    let name = "a%2Fb..c";
    let edit = console.get(&format!("/admin/ui/scopes/edit?name={name}")).await;
    assert!(edit.body.contains(&format!("/admin/ui/scopes/history?name={name}")), "{}", edit.body);
    let (list, change) = (
        format!("/admin/ui/scopes/history?name={name}"),
        format!("/admin/ui/scopes/history/change?name={name}&id={{id}}"),
    );
    revert_to_first(&server, &mut console, &target, &list, &change).await;
    assert_eq!(server.idp.get_scope("a/b..c").await.unwrap().scope.description, "First");
    // A resource.
    let draft =
        ResourceDraft { identifier: "https://api.example".into(), name: "API".into(), ..ResourceDraft::preset() };
    let id = server.idp.create_resource(&admin, &draft).await.unwrap().id;
    server
        .idp
        .update_resource(&admin, &id, None, &ResourceDraft { name: "Other".into(), default: true, ..draft })
        .await
        .unwrap();
    let list = format!("/admin/ui/resources/{id}/history");
    let target = Target::new(Recordable::Resource, id.as_str());
    revert_to_first(&server, &mut console, &target, &list, &format!("{list}/{{id}}")).await;
    let record = server.idp.get_resource(&id).await.unwrap();
    assert_eq!(
        (record.resource.name.as_str(), record.is_default),
        ("API", true),
        "the default is a setting of its own"
    );
    // A trust.
    let trust = server.create_trust(identity_provider()).await;
    let trust = oauth::id::TrustId::new(text(&trust, "id"));
    let before = server.idp.get_trust(&trust).await.unwrap().trust;
    let draft = oauth::trust::TrustDraft { enabled: !before.enabled, ..oauth::trust::TrustDraft::from(&before) };
    server.idp.update_trust(&admin, &trust, None, &draft).await.unwrap();
    let list = format!("/admin/ui/trusts/{trust}/history");
    let target = Target::new(Recordable::Trust, trust.as_str());
    revert_to_first(&server, &mut console, &target, &list, &format!("{list}/{{id}}")).await;
    assert_eq!(server.idp.get_trust(&trust).await.unwrap().trust.enabled, before.enabled);
    // A user.
    let alice = alice(&server).await;
    let before = server.idp.get_user(&alice).await.unwrap().user;
    let draft = UserDraft { nickname: "Other".into(), birthdate: String::new(), ..UserDraft::from(&before) };
    let change = UserChange { profile: Some(draft), ..UserChange::default() };
    server.idp.update_user(&admin, &alice, None, &change).await.unwrap();
    let list = format!("/admin/ui/users/{alice}/history");
    let target = Target::new(Recordable::User, alice.as_str());
    revert_to_first(&server, &mut console, &target, &list, &format!("{list}/{{id}}")).await;
    assert_eq!(server.idp.get_user(&alice).await.unwrap().user.claims, before.claims);
    // Settings.
    for policy in ["off", "open"] {
        let draft = RegistrationPolicyDraft { policy: policy.into() };
        server.idp.save_registration_policy(&admin, &draft, None).await.unwrap();
    }
    let list = "/admin/ui/agents/registration/history";
    let target = Target::all(Recordable::Registration);
    revert_to_first(&server, &mut console, &target, list, &format!("{list}/{{id}}")).await;
    assert_eq!(server.idp.registration_rules().await.unwrap().policy.mode.as_str(), "off");
    for allow in [false, true] {
        server.idp.list_host(&admin, "agents.example", allow).await.unwrap();
    }
    let (list, target) = ("/admin/ui/agents/history", Target::all(Recordable::ClientHosts));
    revert_to_first(&server, &mut console, &target, list, &format!("{list}/{{id}}")).await;
    assert!(server.idp.host_rules().await.unwrap().policy.blocked.contains("agents.example"));
    assert_eq!(server.idp.verify_audit(None).await.unwrap().fault, None);
}

#[tokio::test]
async fn keys_have_a_history_and_no_way_back() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let list = console.get("/admin/ui/keys/history").await;
    assert!(list.body.contains("Created"), "{}", list.body);
    let first = changes(&server, &Target::all(Recordable::Key)).await.pop().unwrap();
    let address = format!("/admin/ui/keys/history/{first}");
    let page = console.get(&address).await;
    assert!(page.body.contains("Algorithm") && !page.body.contains("Revert"), "{}", page.body);
    assert_eq!(console.post(&address, &[("version", "1")]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_history_goes_on_behind_its_last_change() {
    let server = Server::start().await;
    for number in 0..51 {
        server.clock.advance(1);
        rename(&server, "web", &format!("Name {number}")).await;
    }
    let mut console = server.console().await;
    let first = console.get("/admin/ui/clients/web/history").await;
    assert!(first.body.contains("1–25 of 52") && way(&first, "Previous").is_none(), "{}", first.body);
    let second = console.get(&way(&first, "Next").unwrap()).await;
    let third = console.get(&way(&second, "Next").unwrap()).await;
    assert!(third.body.contains("51–52 of 52") && way(&third, "Next").is_none(), "{}", third.body);
    assert!(third.body.contains("Created") && !second.body.contains("Created"));
    let back = console.get(&way(&third, "Previous").unwrap()).await;
    let changes = |page: &Answer| page.body.matches("/admin/ui/clients/web/history/").count();
    assert_eq!((changes(&second), changes(&third), changes(&back)), (25, 2, 25));
    assert!(back.body.contains("26–50 of 52"), "{}", back.body);
    assert_eq!(console.get("/admin/ui/clients/web/history?after=%00").await.status, StatusCode::OK);
    let odd = console.get("/admin/ui/clients/web/history?after=x").await;
    assert_eq!(odd.status, StatusCode::OK);
    assert!(odd.body.contains("names is none"));
}

#[tokio::test]
async fn what_is_not_there_has_no_history() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let of_spa = changes(&server, &Target::new(Recordable::Client, "spa")).await.pop().unwrap();
    for address in [
        "/admin/ui/clients/nobody/history".to_owned(),
        "/admin/ui/users/7/history".to_owned(),
        "/admin/ui/scopes/history?name=nothing".to_owned(),
        "/admin/ui/scopes/history".to_owned(),
        "/admin/ui/clients/web/history/%00".to_owned(),
        "/admin/ui/clients/web/history/1".to_owned(),
        // A change of another one.
        format!("/admin/ui/clients/web/history/{of_spa}"),
        format!("/admin/ui/keys/history/{of_spa}"),
    ] {
        assert_eq!(console.get(&address).await.status, StatusCode::NOT_FOUND, "{address}");
        assert!(console.post(&address, &[("version", "1")]).await.status.is_client_error(), "{address}");
    }
    let outside = server.browser().get("/admin/ui/clients/web/history").await;
    assert_eq!(outside.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_history_speaks_in_words() {
    let server = Server::start().await;
    let (mut console, admin) = (server.console().await, Actor::admin());
    // A scope that is new was created.
    for description in ["First", "Second"] {
        server.idp.save_scope(&admin, &scope("news", description), None).await.unwrap();
    }
    let list = console.get("/admin/ui/scopes/history?name=news").await;
    assert!(list.body.contains(">Created<") && list.body.contains(">Changed<"), "{}", list.body);
    // An instant is a time.
    let web = ClientId::new("web");
    let until = server.clock.now().plus(3_600);
    let draft = ClientDraft::from(&server.idp.get_client(&web).await.unwrap().client);
    let draft = ClientDraft { development_until: until.0.to_string(), ..draft };
    let change = ClientChange { client: Some(draft), ..ClientChange::default() };
    server.idp.update_client(&admin, &web, None, &change).await.unwrap();
    let list = console.get("/admin/ui/clients/web/history").await;
    let newest = changes(&server, &Target::new(Recordable::Client, "web")).await.remove(0);
    let page = console.get(&format!("/admin/ui/clients/web/history/{newest}")).await;
    for answer in [&list, &page] {
        assert!(answer.body.contains("2027-01-15 09:00:00 UTC"), "{}", answer.body);
        assert!(!answer.body.contains(&until.0.to_string()), "{}", answer.body);
    }
    let overview = console.get("/admin/ui/clients/web").await;
    assert!(overview.body.replace("<!>", "").contains("on, ends <time"), "{}", overview.body);
    // The names of what is recorded of secrets and keys.
    console.post("/admin/ui/clients/web/credentials", &[("name", "staging"), ("lifetime_days", "1")]).await;
    let newest = changes(&server, &Target::new(Recordable::Client, "web")).await.remove(0);
    let page = console.get(&format!("/admin/ui/clients/web/history/{newest}")).await;
    assert!(page.body.contains("Name of the secret") && !page.body.contains("secret_name"), "{}", page.body);
    let newest = changes(&server, &Target::all(Recordable::Key)).await.remove(0);
    let page = console.get(&format!("/admin/ui/keys/history/{newest}")).await;
    assert!(page.body.contains("Key ID"), "{}", page.body);
    // The activity has the same words.
    server.idp.flush_activity().await;
    let activity = console.get("/admin/ui/activity?kind=admin").await;
    assert!(activity.body.contains("Console opened") && !activity.body.contains("console.open"), "{}", activity.body);
}
