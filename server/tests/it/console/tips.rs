//! The "?" beside each field.

use oauth::resource::ResourceDraft;

use crate::admin_trusts::identity_provider;
use crate::browser::Browser;
use crate::server::{Server, text};

/// A page, and how many of its fields must be found at least.
type Page = (&'static str, usize);

const PAGES: [Page; 29] = [
    ("/admin/ui/agents", 5),
    ("/admin/ui/clients/wizard?app=spa", 5),
    ("/admin/ui/clients/wizard?app=machine", 3),
    ("/admin/ui/clients/new?kind=web", 5),
    ("/admin/ui/clients/new?kind=native", 5),
    ("/admin/ui/clients/new?kind=machine", 3),
    ("/admin/ui/clients/web/settings", 14),
    ("/admin/ui/clients/web/policy", 8),
    ("/admin/ui/clients/web/credentials", 1),
    ("/admin/ui/clients/web/danger", 1),
    ("/admin/ui/scopes/new", 3),
    ("/admin/ui/scopes/edit?name=profile", 3),
    ("/admin/ui/resources/new", 11),
    ("/admin/ui/resources/{resource}", 11),
    ("/admin/ui/resources/{resource}/credentials", 2),
    ("/admin/ui/resources/{resource}/danger", 1),
    ("/admin/ui/trusts/new?kind=identity_provider", 9),
    ("/admin/ui/trusts/new?kind=workload_issuer", 8),
    ("/admin/ui/trusts/new?kind=authorization_server", 7),
    ("/admin/ui/trusts/{trust}/accounts", 2),
    ("/admin/ui/trusts/{trust}/danger", 1),
    ("/admin/ui/users/new", 26),
    ("/admin/ui/users/{subject}", 25),
    ("/admin/ui/users/{subject}/security", 1),
    ("/admin/ui/users/{subject}/danger", 1),
    ("/admin/ui/agents/registration", 2),
    ("/admin/ui/keys", 1),
    ("/admin/ui/consents", 1),
    ("/admin/ui/consents/check?client=web&user=alice", 4),
];

#[tokio::test]
async fn every_field_of_the_console_has_one_that_leads_into_the_guide() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let guide = console.get("/docs/admin-guide").await.body;
    let subject = subject_of_a_user(&mut console).await;
    let draft =
        ResourceDraft { identifier: "https://api.example".into(), name: "API".into(), ..ResourceDraft::preset() };
    let resource = server.idp.create_resource(&idp::Actor::admin(), &draft).await.unwrap().id;
    let trust = server.create_trust(identity_provider()).await;
    for (address, fields) in PAGES {
        let address = address.replace("{subject}", &subject).replace("{resource}", resource.as_str());
        let address = address.replace("{trust}", text(&trust, "id"));
        let page = console.get(&address).await.body;
        look_at(&address, &page, &guide, fields);
    }
}

#[tokio::test]
async fn so_have_the_login_and_the_setup() {
    let server = Server::start().await;
    let guide = server.browser().get("/docs/admin-guide").await.body;
    look_at("/admin/login", &server.browser().get("/admin/login").await.body, &guide, 1);
    let fresh = Server::fresh().await;
    look_at("/setup", &fresh.browser().get("/setup").await.body, &guide, 1);
}

async fn subject_of_a_user(console: &mut Browser<'_>) -> String {
    let list = console.get("/admin/ui/users").await.body;
    let links = list.split("href=\"/admin/ui/users/").skip(1).filter_map(|rest| rest.split('"').next());
    links.map(str::to_owned).find(|subject| subject != "new").unwrap()
}

/// Sees that each field of the page has a tip, that a button opens it, and that its link leads to a heading of the guide.
fn look_at(address: &str, page: &str, guide: &str, at_least: usize) {
    let mut names: Vec<_> = page.split('<').filter_map(field_name).collect();
    names.sort();
    names.dedup();
    assert!(names.len() >= at_least, "{address}: {names:?}");
    for name in names {
        let tips = [format!("field-{name}-tip"), format!("group-{name}-tip")];
        let opened = tips.iter().find(|tip| page.contains(&format!("popovertarget=\"{tip}\"")));
        let tip = opened.unwrap_or_else(|| panic!("{address}: no tip for {name}"));
        let (_, text) = page.split_once(&format!("id=\"{tip}\"")).unwrap_or_else(|| panic!("{address}: {tip}"));
        let text = text.split("</div>").next().unwrap_or_default();
        let (_, link) = text.split_once("href=\"/docs/admin-guide#").unwrap_or_else(|| panic!("{address}: {text}"));
        let anchor = link.split('"').next().unwrap();
        assert!(guide.contains(&format!("id=\"{anchor}\"")), "{address}: {name} leads to #{anchor}");
    }
}

/// The name of a control that people fill in. Filters of lists are none: they change nothing.
fn field_name(tag: &str) -> Option<&str> {
    let (element, _) = tag.split_once([' ', '>'])?;
    let attribute = |name: &str| tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next());
    let is_field = match element {
        "select" | "textarea" => true,
        "input" => !matches!(attribute("type"), Some("hidden" | "search")),
        _ => false,
    };
    is_field.then(|| attribute("name")).flatten()
}
