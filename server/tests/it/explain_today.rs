//! Explanations as of today: of clients that are disabled, deleted or mistyped, of scopes, and of requests of which nothing is kept.

use app::explained::Explained;
use axum::http::StatusCode;
use idp::testing::Kind;
use oauth::error::OAuthError;
use oauth::id::ClientId;
use oauth::refusal::{Explanation, Known, Reason};
use oauth::time::Timestamp;
use serde_json::json;

use crate::activity::request_id;
use crate::browser::{Answer, Browser};
use crate::registration::set_policy;
use crate::server::{CALLBACK, ISSUER, SECRET, Server, text};

/// A redirect URI as programs have it, and as everybody has it who develops something.
const LOOPBACK: &str = "http://127.0.0.1:5000/callback";

impl Server {
    /// The page that explains a refusal to an administrator.
    async fn explanation(&self, answer: &Answer) -> String {
        let page = self.console().await.get(&format!("/admin/ui/explain/{}", request_id(answer))).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        page.body
    }

    /// A request of a client at a loopback address, by a stranger.
    async fn ask_as(&self, client_id: &str) -> Answer {
        let answer =
            self.browser().get(&Browser::request(&[("client_id", client_id), ("redirect_uri", LOOPBACK)])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
        answer
    }

    async fn create_program(&self, client_id: &str) {
        let change = |draft: &mut oauth::client::ClientDraft, _: &mut _| draft.redirect_uris = LOOPBACK.to_owned();
        self.create_client(oauth::client::ClientKind::Native, client_id, change).await;
    }

    async fn enable(&self, client_id: &str, enabled: bool) {
        let answer = self.admin("PATCH", &format!("/admin/clients/{client_id}"), &json!({ "enabled": enabled })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
}

/// The body of a page without what differs between two requests.
fn alike(answer: &Answer, client_id: &str) -> String {
    answer.body.replace(request_id(answer), "ID").replace(client_id, "CLIENT")
}

fn holds(page: &str, parts: &[&str], not: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
    for part in not {
        assert!(!page.contains(part), "{part} is there: {page}");
    }
}

#[tokio::test]
async fn a_client_that_is_disabled_or_deleted_was_not_forgotten() {
    for policy in ["off", "open"] {
        let server = Server::start().await;
        set_policy(&server, policy).await;
        for client_id in ["desk-7x", "shed-7x"] {
            server.create_program(client_id).await;
        }
        server.enable("desk-7x", false).await;
        server.admin("DELETE", "/admin/clients/shed-7x", &json!({})).await;
        let (disabled, deleted, nobody) =
            (server.ask_as("desk-7x").await, server.ask_as("shed-7x").await, server.ask_as("zzzz-7x").await);
        // Strangers cannot tell the three apart.
        assert_eq!(alike(&disabled, "desk-7x"), alike(&nobody, "zzzz-7x"));
        assert_eq!(alike(&deleted, "shed-7x"), alike(&nobody, "zzzz-7x"));
        let danger = "/admin/ui/clients/desk-7x/danger";
        let page = server.explanation(&disabled).await;
        holds(&page, &["The client is disabled.", "client_disabled", danger], &["forgotten_client", "register again"]);
        let page = server.explanation(&deleted).await;
        let bin = "/admin/ui/bin?id=";
        holds(&page, &["The client was deleted.", "client_deleted", bin], &["forgotten_client", "register again"]);
        // On the error page, whoever has the console open sees the same.
        let mut console = server.console().await;
        let address = |id| Browser::request(&[("client_id", id), ("redirect_uri", LOOPBACK)]);
        assert!(console.get(&address("desk-7x")).await.body.contains(danger));
        assert!(console.get(&address("shed-7x")).await.body.contains(bin));
        // One that nobody ever knew may be forgotten only where programs register.
        let page = server.explanation(&nobody).await;
        let (is, is_not) = if policy == "open" {
            ("forgotten_client", "unknown_client")
        } else {
            ("unknown_client", "forgotten_client")
        };
        assert!(
            page.contains(&format!("<code>{is}</code>")) && !page.contains(&format!("<code>{is_not}</code>")),
            "{page}"
        );
        let event = server.events(&format!("request_id={}", request_id(&disabled))).await.remove(0);
        assert_eq!(text(&event["facts"], "check"), "client_disabled");
        // What is erased has a history.
        let entry = server.admin("GET", "/admin/bin", &json!({})).await.json();
        let id = text(&entry[0], "id").to_owned();
        assert!(server.admin("DELETE", &format!("/admin/bin/{id}"), &json!({})).await.status.is_success());
        let page = server.explanation(&deleted).await;
        holds(&page, &["The client was deleted.", "/admin/ui/clients/shed-7x/history"], &[bin]);
    }
}

#[tokio::test]
async fn an_explanation_does_not_become_a_false_one() {
    let server = Server::start().await;
    server.enable("web", false).await;
    let at_authorize = server.browser().get(&Browser::request(&[])).await;
    let web = format!("web:{SECRET}");
    let at_token = server.post("/token", Some(&web), &[("grant_type", "client_credentials")]).await;
    assert_eq!(at_token.error(), (401, "invalid_client".to_owned()));
    for answer in [&at_authorize, &at_token] {
        let page = server.explanation(answer).await;
        holds(&page, &["client_disabled", "/admin/ui/clients/web/danger"], &["unknown_client"]);
    }
    server.enable("web", true).await;
    for answer in [&at_authorize, &at_token] {
        let page = server.explanation(answer).await;
        let not =
            ["secret or signature is wrong", "/admin/ui/clients/web/danger\"", "Enable it", "Compare the client_id"];
        holds(&page, &["It was disabled then. This is mended by now", "client_disabled"], &not);
    }
    // What was wrong with a client that was deleted since is mended nowhere.
    let slash = server.browser().get(&Browser::request(&[("redirect_uri", &format!("{CALLBACK}/"))])).await;
    assert_eq!(server.check(&slash).await, "redirect_uri_unregistered");
    server.admin("DELETE", "/admin/clients/web", &json!({})).await;
    for answer in [&at_authorize, &at_token, &slash] {
        let page = server.explanation(answer).await;
        holds(&page, &["The client was deleted since.", "/admin/ui/bin?id="], &["Register the URI", "mended by now"]);
    }
    // Somebody registers what was not here.
    let early = server.ask_as("later").await;
    server.create_program("later").await;
    let page = server.explanation(&early).await;
    holds(&page, &["there is a client with this ID today"], &["Compare the client_id"]);
}

#[tokio::test]
async fn a_mistyped_client_id_is_shown_beside_the_nearest_one() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        set_policy(&server, "open").await;
        server.create_program("orders-desk").await;
        for (sent, nearest, difference) in [
            ("orders-dekk", "orders-desk", "orders-de<mark>k</mark>k"),
            ("ordrs-desk", "orders-desk", "ord<mark>e</mark>rs-desk"),
            ("Orders-Desk", "orders-desk", "differ in capital letters only"),
            ("wbe", "web", "w<mark>be</mark>"),
        ] {
            let answer = server.ask_as(sent).await;
            let link = format!("/admin/ui/clients/{nearest}\"");
            let page = server.explanation(&answer).await;
            let parts = ["Nearest client ID", difference, link.as_str(), "<code>unknown_client</code>"];
            holds(&page, &parts, &["forgotten_client", "Would be right"]);
            assert!(!answer.body.contains("orders-desk"), "{}", answer.body);
        }
        let fields = [("grant_type", "client_credentials")];
        let at_token = server.post("/token", Some(&format!("orders-dsk:{SECRET}")), &fields).await;
        holds(&server.explanation(&at_token).await, &["Nearest client ID", "orders-d<mark>e</mark>sk"], &[]);
        let far = server.ask_as("something-else").await;
        holds(&server.explanation(&far).await, &["<code>forgotten_client</code>"], &["Nearest client ID"]);
    }
}

#[tokio::test]
async fn a_scope_is_judged_by_what_the_check_goes_by() {
    let server = Server::start().await;
    let ask = async |scope: &str| {
        let answer = server.signed_in().await.get(&Browser::request(&[("scope", scope)])).await;
        assert_eq!(answer.query().text("error"), "invalid_scope", "{}", answer.body);
        answer
    };
    server.set_policy("web", &json!({ "allowed_scopes": "openid email" })).await;
    let excluded = ask("phone").await;
    assert_eq!(server.check(&excluded).await, "scope_not_allowed");
    let page = server.explanation(&excluded).await;
    let field = "/admin/ui/clients/web/policy#field-allowed_scopes";
    let label = "Open Allowed scopes under Login &amp; consent of The web app";
    holds(&page, &[field, label], &["mended by now", "/admin/ui/clients/web/settings"]);
    server.set_policy("web", &json!({ "allowed_scopes": "openid email phone" })).await;
    holds(&server.explanation(&excluded).await, &["mended by now"], &[field, "Allow the client"]);
    // Without such a policy, the settings count.
    server.set_policy("web", &json!({ "allowed_scopes": "" })).await;
    server.admin("POST", "/admin/scopes", &json!({ "name": "orders", "description": "Orders" })).await;
    let outside = ask("orders").await;
    let settings = "/admin/ui/clients/web/settings?scope=orders#field-scope";
    holds(&server.explanation(&outside).await, &[settings, "Add it to Scopes under Settings"], &["mended by now"]);
    // What is not here at all is not for the client's settings.
    for (scope, nearest) in
        [("emial", "em<mark>ai</mark>l"), ("OPENID", "differ in capital letters only"), ("nosuch", "")]
    {
        let unknown = ask(scope).await;
        assert!(unknown.query().text("error_description").contains("may not ask for the scope"));
        assert_eq!(server.check(&unknown).await, "scope_unknown");
        let page = server.explanation(&unknown).await;
        let parts = ["There is no such scope here.", "href=\"/admin/ui/scopes/new\"", nearest];
        holds(&page, &parts, &["/admin/ui/clients/web/settings?", "mended by now"]);
        assert_eq!(page.contains("Nearest scope of this server"), !nearest.is_empty(), "{page}");
    }
    let gone = ask("nosuch").await;
    server.admin("POST", "/admin/scopes", &json!({ "name": "nosuch", "description": "New" })).await;
    let form = "/admin/ui/clients/web/settings?scope=nosuch#field-scope";
    holds(&server.explanation(&gone).await, &["scope_not_allowed", form], &["There is no such scope"]);
}

#[tokio::test]
async fn a_request_of_which_nothing_is_kept_is_told_of_by_its_time() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let day = 86_400;
    let mut explain = async |days: i64| {
        let id = idp::random::request_id(Timestamp(server.idp.now().0 - days * day));
        console.get(&format!("/admin/ui/explain/{id}")).await.body
    };
    holds(&explain(91).await, &["ACTIVITY_RETENTION_DAYS", "deleted by now"], &["Perhaps no such request"]);
    holds(&explain(89).await, &["there is none of this request", "ACTIVITY may say"], &["deleted by now"]);
    holds(&explain(-1).await, &["does not look like an ID"], &["deleted by now"]);
}

#[tokio::test]
async fn the_field_that_a_remedy_names_is_on_the_page_that_it_leads_to() {
    /// Fields that a page has only for clients of some kind.
    const SOMETIMES: [&str; 5] = [
        "response_types",
        "tls_client_auth_subject",
        "tls_client_certificate_bound_access_tokens",
        "backchannel_client_notification_endpoint",
        "backchannel_authentication_request_signing_alg",
    ];
    let server = Server::start().await;
    let client = server.idp.get_client(&ClientId::new("web")).await.unwrap().client;
    let known = Known { client: Some(client), ..Known::default() };
    let mut console = server.console().await;
    let mut fields = 0;
    for reason in Reason::ALL {
        let explained = Explained::new(Explanation::of_error(&OAuthError::new(*reason), &known), &known, None);
        let lines = explained.lines(server.idp.issuer(), &[]);
        let [.., label, address] = &lines[..] else { panic!("{lines:?}") };
        let Some((page, field)) = address.strip_prefix(ISSUER).and_then(|it| it.split_once("#field-")) else {
            continue;
        };
        if SOMETIMES.contains(&field) || !page.contains("/clients/") {
            continue;
        }
        let (named, rest) = label.strip_prefix("Open ").unwrap().split_once(" under ").unwrap();
        let tab = rest.strip_suffix(" of The web app:").unwrap().replace('&', "&amp;");
        let page = console.get(page).await.body;
        holds(&page, &[&format!("id=\"field-{field}\""), named, &tab], &[]);
        fields += 1;
    }
    assert!(fields > 20, "{fields}");
}
