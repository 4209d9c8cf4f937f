//! The filters of lists: typed text goes along with every button that narrows or sorts, without JavaScript.

use axum::http::StatusCode;
use oauth::form::Form;

use crate::browser::{Answer, Browser};
use crate::server::{START, Server};

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
    value.map(|(value, _)| value.replace("&amp;", "&"))
}

/// The fields of the filter of a page as they would be sent, with what somebody typed, and its address.
fn filled_in(page: &Answer, typed: &[(&str, &str)]) -> (String, Form) {
    let form = page.body.split("<form").find(|form| form.contains("id=\"filter\"")).unwrap();
    let form = form.split("</form>").next().unwrap();
    let (mut fields, mut select) = (Vec::new(), String::new());
    for tag in form.split('<') {
        let name = attribute(tag, "name");
        match (name, tag.split([' ', '>']).next().unwrap()) {
            (Some(name), "input") => fields.push((name, attribute(tag, "value").unwrap_or_default())),
            (Some(name), "select") => {
                fields.push((name.clone(), String::new()));
                select = name;
            }
            (None, "option") if tag.contains(" selected") => {
                fields.retain(|(name, _)| *name != select);
                fields.push((select.clone(), attribute(tag, "value").unwrap_or_default()));
            }
            _ => {}
        }
    }
    for (name, value) in typed {
        let field = fields.iter_mut().find(|(other, _)| other == name).unwrap_or_else(|| panic!("no field {name}"));
        field.1 = (*value).to_owned();
    }
    (attribute(form, "action").unwrap(), Form::from_pairs(fields))
}

/// Types into the filter of a page and presses one of its buttons; the address that this leads to.
pub(super) async fn press(console: &mut Browser<'_>, page: &Answer, typed: &[(&str, &str)], button: &str) -> String {
    let (action, form) = filled_in(page, typed);
    let tag = page
        .body
        .split("<button")
        .find(|tag| tag.contains(&format!(">{button}</button>")))
        .unwrap_or_else(|| panic!("no button {button}"));
    assert!(button == "Filter" || tag.contains("form=\"filter\""), "{tag}");
    let form = form.with(&attribute(tag, "name").unwrap(), &attribute(tag, "value").unwrap_or_default());
    let answer = console.get(&format!("{action}?{}", form.encode())).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{button} {}", answer.body);
    assert_eq!(console.get(answer.location()).await.status, StatusCode::OK);
    answer.location().to_owned()
}

#[tokio::test]
async fn what_was_typed_goes_along_with_segments_and_heads() {
    let server = Server::start().await;
    server.tokens("openid").await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let mut console = server.console().await;
    let grants = format!("/admin/ui/users/{alice}/grants");
    for (list, typed, head, there) in [
        ("/admin/ui/clients", ("q", "we"), "Created", "q=we&sort=-created"),
        ("/admin/ui/users", ("q", "ali"), "Email", "q=ali&sort=email"),
        ("/admin/ui/scopes", ("q", "mail"), "Claims", "q=mail&sort=claims"),
        ("/admin/ui/sessions", ("q", "ali"), "Started", "q=ali&sort=-started"),
        ("/admin/ui/consents", ("q", "we"), "Remembered", "q=we&sort=consents"),
        ("/admin/ui/clients/web/grants", ("by", "alice"), "Since", "by=alice&sort=since"),
        (grants.as_str(), ("by", "web"), "Since", "by=web&sort=since"),
    ] {
        let page = console.get(list).await;
        assert!(!page.body.contains("<th scope=\"col\"><a "), "{list}");
        assert_eq!(press(&mut console, &page, &[typed], head).await, format!("{list}?{there}"));
        let typed = [typed];
        let filtered = press(&mut console, &page, &typed, "Filter").await;
        assert!(filtered.starts_with(&format!("{list}?")) && !filtered.contains("=&"), "{filtered}");
    }
    // A list without a filter is sorted.
    let list = format!("/admin/ui/users/{alice}/sessions");
    let page = console.get(&list).await;
    assert_eq!(press(&mut console, &page, &[], "Started").await, format!("{list}?sort=-started"));
}

#[tokio::test]
async fn every_button_of_the_activity_keeps_the_rest_of_its_filter() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let page = console.get("/admin/ui/activity?within=24h&outcome=ok").await;
    let typed = [("client", "web"), ("user", " alice"), ("kind", "token")];
    for (button, there) in [
        ("7d", "outcome=ok&kind=token&client=web&user=+alice&within=7d"),
        ("Any time", "outcome=ok&kind=token&client=web&user=+alice"),
        ("Refused", "within=24h&kind=token&client=web&user=+alice&outcome=refused"),
        ("All", "within=24h&kind=token&client=web&user=+alice"),
        ("Filter", "within=24h&outcome=ok&kind=token&client=web&user=+alice"),
    ] {
        let found = press(&mut console, &page, &typed, button).await;
        let sorted = |query: &str| {
            let mut pairs: Vec<_> = query.split('&').map(str::to_owned).collect();
            pairs.sort_unstable();
            pairs
        };
        assert_eq!(sorted(found.strip_prefix("/admin/ui/activity?").unwrap()), sorted(there), "{button}");
    }
    // Nothing is left to say.
    let page = console.get("/admin/ui/activity?within=24h").await;
    assert_eq!(press(&mut console, &page, &[], "Any time").await, "/admin/ui/activity");
    // The key Enter presses the first button of the form, which must not be a range of time.
    let first = page.body.split("<button").find(|tag| tag.contains("form=\"filter\"")).unwrap();
    assert_eq!(attribute(first, "value").as_deref(), Some(""), "{first}");
}

#[tokio::test]
async fn a_stretch_of_time_is_typed_and_told_in_words_of_the_clock() {
    let server = Server::start().await;
    let mut console = server.console().await;
    server.idp.flush_activity().await;
    assert_eq!(START, 1_800_000_000, "2027-01-15, eight o'clock");
    let page = console.get("/admin/ui/activity?within=7d").await;
    let typed = [("since", "2027-01-15T07:00"), ("until", "2027-01-15T09:00")];
    let found = press(&mut console, &page, &typed, "Filter").await;
    let list = console.get(&found).await;
    assert!(list.body.contains("<tr id=") && !list.body.contains("was left out"), "{}", list.body);
    for value in ["2027-01-15T07:00", "2027-01-15T09:00"] {
        assert!(list.body.contains(&format!("value=\"{value}\"")), "{value}: {}", list.body);
    }
    assert!(!list.body.contains("name=\"within\""), "the stretch is in the place of the range");
    for (query, is_found) in [
        ("since=2027-01-15T08:00:00Z", true),
        ("since=2027-01-15", true),
        ("until=2027-01-15T09:00:00%2B01:00", false),
        ("since=2027-01-15T08:00&until=1800000001", true),
        ("since=2027-01-16", false),
    ] {
        let list = console.get(&format!("/admin/ui/activity?{query}")).await;
        assert_eq!(list.body.contains("<tr id="), is_found, "{query}");
        assert_eq!(server.events(query).await.is_empty(), !is_found, "{query}");
    }
    let odd = console.get("/admin/ui/activity?since=yesterday").await;
    assert!(odd.body.contains("left out: since."), "{}", odd.body);
}
