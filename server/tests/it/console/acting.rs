//! Sessions, grants, consents and consent policies, as a browser without JavaScript sees them.

use axum::http::StatusCode;
use oauth::client::ClientKind;
use serde_json::json;

use super::questions::{ask, press};
use super::{done, is_in_frame};
use crate::browser::{Answer, Browser};
use crate::concurrency::on_every_database;
use crate::server::{CALLBACK, Server, text};

on_every_database!(
    addresses_that_name_nothing_show_the_list_or_say_so,
    what_a_user_would_be_asked_is_said_and_nothing_done
);

async fn subject(server: &Server) -> String {
    server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject.into_string()
}

/// The addresses that the rows' links begin with.
fn links(page: &Answer, beginning: &str) -> Vec<String> {
    let mark = format!("href=\"{beginning}");
    let links = page.body.split(&mark).skip(1);
    links.map(|rest| format!("{beginning}{}", rest.split('"').next().unwrap())).collect()
}

#[tokio::test]
async fn sessions_are_seen_and_ended() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[]).await;
    server.signed_in().await;
    let mut console = server.console().await;
    let list = console.get("/admin/ui/sessions").await;
    assert!(is_in_frame(&list) && list.body.contains("The web app") && list.body.contains("password"), "{}", list.body);
    let one = links(&list, "/admin/ui/sessions/end?id=");
    assert_eq!(one.len(), 2);
    let all = ask(&mut console, &list, "/admin/ui/sessions/end?all=yes").await;
    assert!(all.body.contains("2 sessions end."), "{}", all.body);
    // Both were begun in the same second.
    let of_web = list.body.split("<tr>").find(|row| row.contains("The web app")).unwrap();
    let of_web = one.iter().find(|href| of_web.contains(href.as_str())).unwrap();
    let question = ask(&mut console, &list, of_web).await;
    assert!(question.body.contains("1 session ends.") && question.body.contains("alice"), "{}", question.body);
    assert_eq!(
        server.userinfo(text(&tokens, "access_token")).await.status,
        StatusCode::OK,
        "nothing is done by asking"
    );
    let answer = press(&mut console, &question).await;
    done(&mut console, &answer, "1 session ended.").await;
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    let answer = press(&mut console, &question).await;
    done(&mut console, &answer, "There was nothing left to end.").await;
    let none = console.get("/admin/ui/sessions/end").await;
    let page = done(&mut console, &none, "Nothing was chosen").await;
    assert!(page.body.contains("note warn"), "it is no success: {}", page.body);
    // A parameter that means nothing is named, as in the other lists.
    let page = console.get("/admin/ui/sessions?q=alice&usr=alice").await;
    assert!(page.body.contains("could not be read and was left out: usr."), "{}", page.body);
    assert!(!console.get("/admin/ui/sessions?q=alice&sort=seen").await.body.contains("was left out"));
    // Of the user, by the boxes.
    let page = format!("/admin/ui/users/{}/sessions", subject(&server).await);
    server.signed_in().await;
    let list = console.get(&page).await;
    let ids: Vec<_> = links(&list, &format!("{page}/end?id="))
        .iter()
        .map(|href| href.split_once("?id=").unwrap().1.to_owned())
        .collect();
    let question = console.get(&format!("{page}/end?id={}&id={}&id={}", ids[0], ids[1], ids[1])).await;
    assert!(question.body.contains("2 sessions end."), "{}", question.body);
    let answer = press(&mut console, &question).await;
    let list = done(&mut console, &answer, "2 sessions ended.").await;
    assert!(list.body.contains("They are signed in nowhere."));
    server.signed_in().await;
    let question = console.get(&format!("{page}/end?all=yes")).await;
    assert!(question.body.contains("1 session ends."));
    let answer = press(&mut console, &question).await;
    done(&mut console, &answer, "1 session ended.").await;
}

#[tokio::test]
async fn sessions_are_found_by_the_user_and_walked() {
    let server = Server::start().await;
    server.create_user("bob").await;
    for _ in 0..26 {
        server.clock.advance(1);
        server.signed_in().await;
    }
    let mut console = server.console().await;
    let first = console.get("/admin/ui/sessions?q=ali").await;
    assert_eq!(links(&first, "/admin/ui/sessions/end?id=").len(), 25);
    assert!(!first.body.contains("End all sessions"), "all is not what is shown");
    let next = links(&first, "/admin/ui/sessions?q=ali&amp;after=").remove(0).replace("&amp;", "&");
    let last = console.get(&next).await;
    assert_eq!(links(&last, "/admin/ui/sessions/end?id=").len(), 1);
    assert!(first.body.contains("1–25 of 26") && last.body.contains("26–26 of 26"), "{}", last.body);
    let back = console.get(&super::lists::way(&last, "Previous").unwrap()).await;
    assert_eq!(links(&back, "/admin/ui/sessions/end?id="), links(&first, "/admin/ui/sessions/end?id="));
    assert!(console.get("/admin/ui/sessions?q=bob").await.body.contains("Nobody whom this finds is signed in."));
}

#[tokio::test]
async fn grants_are_seen_filtered_and_revoked() {
    let server = Server::start().await;
    let tokens = server.tokens("openid email").await;
    server.machine_token("email").await;
    let alice = subject(&server).await;
    let mut console = server.console().await;
    let page = "/admin/ui/clients/web/grants";
    let list = console.get(page).await;
    for words in ["alice", "openid email", "1 refresh, 1 access", "or with the session"] {
        assert!(list.body.contains(words), "{words}: {}", list.body);
    }
    let own = console.get("/admin/ui/clients/job/grants").await;
    assert!(own.body.contains("the client itself") && own.body.contains("1 access"), "{}", own.body);
    for (by, found) in [("alice", 1), ("alice%40example.com", 1), (alice.as_str(), 1), ("bob", 0), ("%00", 1)] {
        let found_now = links(&console.get(&format!("{page}?by={by}")).await, &format!("{page}/revoke?id=")).len();
        assert_eq!(found_now, found, "{by}");
    }
    let all = console.get(&format!("{page}/revoke?all=yes&by=alice")).await;
    assert!(
        all.body.contains("1 grant is revoked.") && all.body.contains("those of <code>alice</code>"),
        "{}",
        all.body
    );
    // Of a user, one.
    let page = format!("/admin/ui/users/{alice}/grants");
    let list = console.get(&page).await;
    let href = links(&list, &format!("{page}/revoke?id=")).remove(0);
    let question = ask(&mut console, &list, &href).await;
    assert!(question.body.contains("The web app") && question.body.contains("for"), "{}", question.body);
    let answer = press(&mut console, &question).await;
    let list = done(&mut console, &answer, "1 grant revoked.").await;
    assert!(list.body.contains("Nothing acts for this user now."));
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    let answer = press(&mut console, &all).await;
    done(&mut console, &answer, "There was nothing left to end.").await;
    let question = console.get("/admin/ui/clients/job/grants/revoke?all=yes").await;
    let answer = press(&mut console, &question).await;
    done(&mut console, &answer, "1 grant revoked.").await;
    let none = console.get("/admin/ui/clients/job/grants/revoke?id=nothing").await;
    done(&mut console, &none, "Nothing was chosen").await;
}

#[tokio::test]
async fn consents_of_a_client_are_seen_and_withdrawn() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    server.tokens_in(&mut browser, &[("scope", "openid email")]).await;
    let mut console = server.console().await;
    let page = "/admin/ui/clients/web/consents";
    let list = console.get(page).await;
    assert!(list.body.contains("alice") && list.body.contains("title=\"email\""), "{}", list.body);
    let all = ask(&mut console, &list, "/admin/ui/clients/web/consents/withdraw").await;
    assert!(all.body.contains("1 consent is withdrawn."), "{}", all.body);
    let one = links(&list, &format!("{page}/withdraw?user=")).remove(0);
    let question = ask(&mut console, &list, &one).await;
    assert!(question.body.contains("alice"));
    assert_eq!(browser.silently(&[]).await, "");
    let answer = press(&mut console, &question).await;
    let list = done(&mut console, &answer, "1 consent withdrawn.").await;
    assert!(list.body.contains("No consents"));
    assert_eq!(browser.silently(&[]).await, "consent_required");
    browser.authorize(&[]).await;
    let answer = press(&mut console, &all).await;
    done(&mut console, &answer, "1 consent withdrawn.").await;
    let answer = press(&mut console, &question).await;
    done(&mut console, &answer, "There was nothing left to end.").await;
}

#[tokio::test]
async fn a_consent_policy_is_changed_in_its_row() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    server.tokens_in(&mut browser, &[]).await;
    let mut console = server.console().await;
    let list = console.get("/admin/ui/consents?sort=-consents").await;
    assert!(is_in_frame(&list) && list.body.contains("aria-sort=\"descending\""), "{}", list.body);
    let row = |page: &Answer, id: &str| {
        let mark = format!("value=\"{id}\"");
        page.body.split("<tr>").find(|row| row.contains(&mark)).unwrap_or_else(|| panic!("{id}")).to_owned()
    };
    assert!(list.body.find("value=\"web\"") < list.body.find("value=\"job\""), "the one with a consent first");
    let version = |page: &Answer, id: &str| {
        let row = row(page, id);
        row.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let web = version(&list, "web");
    let save = async |console: &mut Browser<'_>, version: &str, policy: &str| {
        let fields = [("client_id", "web"), ("version", version), ("consent_policy", policy)];
        console.post("/admin/ui/consents?sort=-consents&page=1", &fields).await
    };
    let saved = save(&mut console, &web, "always").await;
    assert_eq!(saved.location(), "/admin/ui/consents?sort=-consents&page=1&done=saved");
    let list = done(&mut console, &saved, "Saved.").await;
    assert!(row(&list, "web").contains("value=\"always\" selected"), "{}", row(&list, "web"));
    assert_eq!(browser.silently(&[]).await, "consent_required");
    // From the page of before.
    let late = save(&mut console, &web, "skip").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let theirs = row(&late, "web").replace("<!>", "");
    for part in ["An administrator changed this", "href=\"/admin/ui/clients/web/history/", "value=\"skip\" selected"] {
        assert!(theirs.contains(part), "{part}: {theirs}");
    }
    assert_eq!(browser.silently(&[]).await, "consent_required");
    let again = save(&mut console, &version(&late, "web"), "skip").await;
    done(&mut console, &again, "Saved.").await;
    assert_eq!(browser.silently(&[]).await, "");
    let version_now = version(&console.get("/admin/ui/consents").await, "web");
    let wrong = save(&mut console, &version_now, "sometimes").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(row(&wrong, "web").contains("Choose one of the values offered."), "{}", row(&wrong, "web"));
    let default = save(&mut console, &version_now, "").await;
    done(&mut console, &default, "Saved.").await;
    let client = server.idp.get_client(&oauth::id::ClientId::new("web")).await.unwrap().client;
    assert_eq!(client.policy.consent_policy, None, "it is inherited again");
    let gone = console.post("/admin/ui/consents", &[("client_id", "nobody"), ("consent_policy", "skip")]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let found = console.get("/admin/ui/consents?q=spa").await;
    assert!(found.body.contains("value=\"spa\"") && !found.body.contains("value=\"web\""));
}

#[tokio::test]
async fn the_policies_that_were_changed_are_saved_together_and_no_others() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let list = console.get("/admin/ui/consents").await;
    assert_eq!(list.body.matches("method=\"post\" action=\"/admin/ui/consents").count(), 1, "one form for all");
    // The rows as they are sent, with another choice for some.
    let fields = |page: &Answer, choices: &[(&str, &str)]| {
        let table = page.body.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap().to_owned();
        let mut fields = Vec::new();
        for row in table.split("<tr>").skip(1) {
            let hidden = |name: &str| {
                let rest =
                    row.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("{name}: {row}"));
                rest.split('"').next().unwrap().to_owned()
            };
            let (id, was) = (hidden("client_id"), hidden("was"));
            let choice = choices.iter().find(|(client, _)| *client == id).map_or(was.as_str(), |(_, choice)| *choice);
            fields.push(("consent_policy", choice.to_owned()));
            fields.extend([("client_id", id), ("version", hidden("version")), ("was", was)]);
        }
        fields
    };
    let save = async |console: &mut Browser<'_>, page: &Answer, choices: &[(&str, &str)]| {
        let fields = fields(page, choices);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        console.post("/admin/ui/consents", &fields).await
    };
    let policy = async |id: &str| {
        let client = server.idp.get_client(&oauth::id::ClientId::new(id)).await.unwrap().client;
        client.policy.consent_policy.map(|policy| policy.to_string()).unwrap_or_default()
    };
    let saved = save(&mut console, &list, &[("web", "always"), ("spa", "skip")]).await;
    done(&mut console, &saved, "Saved.").await;
    assert_eq!((policy("web").await, policy("spa").await), ("always".to_owned(), "skip".to_owned()));
    // From the page of before: what was not touched there is left alone, and what is refused takes nothing along.
    let late = save(&mut console, &list, &[("web", "once"), ("job", "skip")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.body.contains("The others were saved.") && late.body.contains("value=\"once\" selected"),
        "{}",
        late.body
    );
    assert_eq!((policy("web").await, policy("spa").await), ("always".to_owned(), "skip".to_owned()));
    assert_eq!(policy("job").await, "skip");
    let again = save(&mut console, &late, &[("web", "once"), ("spa", "")]).await;
    done(&mut console, &again, "Saved.").await;
    assert_eq!((policy("web").await, policy("spa").await), ("once".to_owned(), String::new()));
    // Sent again from the page of before, as after a step back: what stands there already is no conflict.
    let same = save(&mut console, &late, &[("web", "once"), ("spa", "")]).await;
    done(&mut console, &same, "Saved.").await;
    // A client that is elsewhere in the table by now.
    let found = console.get("/admin/ui/consents?q=the+web").await;
    server.admin("PATCH", "/admin/clients/web", &json!({ "client_name": "Renamed" })).await;
    let fields = fields(&found, &[("web", "skip")]);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let late = console.post("/admin/ui/consents?q=the+web", &fields).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let note = late.body.split("Not on this page any more:").nth(1).unwrap_or_else(|| panic!("{}", late.body));
    assert!(note.split("</div>").next().unwrap().contains("/admin/ui/clients/web/policy"), "{note}");
}

async fn addresses_that_name_nothing_show_the_list_or_say_so(server: Server) {
    server.tokens("openid").await;
    let alice = subject(&server).await;
    let mut console = server.console().await;
    let user = |part: &str| format!("/admin/ui/users/{alice}/{part}");
    let lists = [
        "/admin/ui/sessions",
        &user("sessions"),
        &user("grants"),
        "/admin/ui/clients/web/grants",
        "/admin/ui/clients/web/consents",
    ]
    .map(str::to_owned);
    for list in &lists {
        for after in ["x", "1.", "%00", "1.%F0%9F%98%80", "99999999999999999999.a", &"a".repeat(900)] {
            let page = console.get(&format!("{list}?after={after}")).await;
            assert_eq!(page.status, StatusCode::OK, "{list} {after}");
            // A query that cannot be read is none.
            let is_read = after != "%00";
            assert_eq!(page.body.contains("this is its beginning"), is_read, "{list} {after}");
            assert!(page.body.contains("alice"), "{list} {after}");
        }
        for query in
            ["q=%00", "q=%25", "by=%F0%9F%98%80", &format!("by={0}&q={0}", "a".repeat(3_000)), "after=a&after=b"]
        {
            assert_eq!(console.get(&format!("{list}?{query}")).await.status, StatusCode::OK, "{list} {query}");
        }
    }
    for path in [
        "/admin/ui/consents?sort=x&page=9999&q=%25",
        "/admin/ui/consents?page=-1",
        "/admin/ui/consents?sort=-policy&page=7",
    ] {
        assert!(!console.get(path).await.status.is_server_error(), "{path}");
    }
    for path in [
        "/admin/ui/users/nobody/sessions",
        "/admin/ui/users/nobody/grants/revoke?all=yes",
        "/admin/ui/clients/nobody/grants",
        "/admin/ui/clients/nobody/consents/withdraw",
        "/admin/ui/clients/web/consents/withdraw?user=nobody",
    ] {
        assert_eq!(console.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for (path, fields) in [
        ("/admin/ui/sessions/end", [("id", "a\0b")]),
        ("/admin/ui/sessions/end", [("id", "\u{e9}")]),
        ("/admin/ui/clients/web/grants/revoke", [("id", "nothing")]),
        ("/admin/ui/clients/web/consents/withdraw", [("user", "nobody")]),
        ("/admin/ui/clients/web/consents/withdraw", [("none", "")]),
    ] {
        let answer = console.post(path, &fields).await;
        assert!(!answer.status.is_server_error(), "{path} {}", answer.status);
    }
    assert!(console.get("/admin/ui/clients/web/consents").await.body.contains("alice"), "nothing was ended");
    assert!(console.get("/admin/ui/sessions").await.body.contains("alice"));
}

/// The answer of the page that says what a user would be asked.
async fn say(console: &mut Browser<'_>, fields: &[(&str, &str)]) -> String {
    let query = crate::server::encode(fields);
    let page = console.get(&format!("/admin/ui/consents/check?{query}")).await;
    assert_eq!(page.status, StatusCode::OK, "{query}");
    page.body.split("<main").nth(1).unwrap().to_owned()
}

async fn what_a_user_would_be_asked_is_said_and_nothing_done(server: Server) {
    server
        .create_client(ClientKind::Native, "cli", |draft, _| {
            draft.redirect_uris = format!("http://127.0.0.1/cb\n{CALLBACK}");
        })
        .await;
    let mut console = server.console().await;
    let page = say(&mut console, &[]).await;
    assert!(page.contains("Say what happens") && !page.contains("They are"), "{page}");
    let web = [("client", "web"), ("user", "alice"), ("scope", "openid email")];
    let before = stored(&server).await;
    let asked = say(&mut console, &web).await;
    assert!(asked.contains("They have not allowed the client anything yet."), "{asked}");
    assert_eq!(stored(&server).await, before, "it is only said");
    server.tokens("openid").await;
    let more = say(&mut console, &web).await;
    assert!(more.contains("more than they have allowed") && more.contains(", for the first time"), "{more}");
    assert_eq!(more.matches(", for the first time").count(), 1);
    let allowed = say(&mut console, &[("client", "web"), ("user", "alice@example.com"), ("scope", "openid")]).await;
    assert!(allowed.contains("They allowed all of it before."), "{allowed}");
    let left_out = say(&mut console, &[("client", "web"), ("user", "alice"), ("scope", "openid nothing")]).await;
    assert!(left_out.contains("nothing</code>"), "{left_out}");
    server.set_policy("web", &serde_json::json!({ "consent_policy": "always" })).await;
    assert!(say(&mut console, &web).await.contains("is to ask each time"));
    server.set_policy("web", &serde_json::json!({ "consent_policy": "skip" })).await;
    assert!(say(&mut console, &web).await.contains("is to ask nobody"));
    // By where the answer goes.
    let cli = [("client", "cli"), ("user", "alice"), ("scope", "openid")];
    assert!(say(&mut console, &cli).await.contains("any program may pass for the client"));
    let elsewhere = say(&mut console, &[&cli[..], &[("redirect_uri", CALLBACK)]].concat()).await;
    assert!(elsewhere.contains("anything yet"), "{elsewhere}");
    // What stops a request.
    for (fields, words) in [
        ([("client", "web"), ("user", "alice"), ("scope", "\"")], "refused with invalid_scope"),
        (
            [("client", "web"), ("user", "alice"), ("resource", "https://nothing.example/")],
            "refused with invalid_target",
        ),
        ([("client", "job"), ("user", "alice"), ("scope", "email")], "refused with unauthorized_client"),
        ([("client", "nobody"), ("user", "alice"), ("scope", "")], "There is no client of this ID."),
        ([("client", "web"), ("user", "nobody"), ("scope", "")], "There is no such user."),
        ([("client", "\u{1F600}"), ("user", "\u{1F600}"), ("scope", "\u{1F600}")], "There is no client of this ID."),
    ] {
        let page = say(&mut console, &fields).await;
        assert!(page.contains(words), "{fields:?}: {page}");
    }
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap();
    let draft = oauth::user::UserDraft { enabled: false, ..oauth::user::UserDraft::from(&alice) };
    let change = idp::UserChange { profile: Some(draft), ..idp::UserChange::default() };
    server.idp.update_user(&idp::Actor::admin(), &alice.subject, None, &change).await.unwrap();
    assert!(say(&mut console, &web).await.contains("the user is disabled and cannot sign in"));
}

/// Whatever a request could have written.
async fn stored(server: &Server) -> Vec<usize> {
    let mut counts = Vec::new();
    for table in ["consent", "grants", "session", "authorization_code", "audit_event", "event", "resource"] {
        let sql = format!("SELECT 'x' AS row_of FROM {table}");
        counts.push(idp::testing::texts(server.database.url(), &sql).await.len());
    }
    counts
}
