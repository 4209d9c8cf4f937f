//! The addresses of a client that are called, through each door; and logins that begin here.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::admin_api::{call, get};
use crate::registration;
use crate::server::{CALLBACK, ISSUER, Server, encode, text};

const MEMBERS: [&str; 5] = [
    "backchannel_logout_uri",
    "backchannel_logout_session_required",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    "initiate_login_uri",
];

fn described() -> Value {
    json!({
        "backchannel_logout_uri": "https://back.example/bye",
        "backchannel_logout_session_required": true,
        "frontchannel_logout_uri": "https://app.example/bye",
        "frontchannel_logout_session_required": true,
        "initiate_login_uri": "https://app.example/login",
    })
}

fn part(of: &Value) -> Value {
    MEMBERS.iter().map(|name| ((*name).to_owned(), of[name].clone())).collect::<serde_json::Map<_, _>>().into()
}

#[tokio::test]
async fn an_administrator_describes_them_in_one_form() {
    let server = Server::start().await;
    let mut typed = described();
    typed["backchannel_logout_uri"] = json!("HTTPS://Back.Example/bye");
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/web", typed).await.status, StatusCode::OK);
    assert_eq!(part(&get(&server, "/admin/clients/web").await.json()), described());
    // Silence of a script changes nothing.
    call(&server, Method::PATCH, "/admin/clients/web", json!({ "client_name": "Web" })).await;
    assert_eq!(part(&get(&server, "/admin/clients/web").await.json()), described());
    let none = json!({ "backchannel_logout_uri": "", "frontchannel_logout_uri": "", "initiate_login_uri": "" });
    call(&server, Method::PATCH, "/admin/clients/web", none).await;
    let client = get(&server, "/admin/clients/web").await.json();
    assert_eq!((&client["backchannel_logout_uri"], &client["initiate_login_uri"]), (&Value::Null, &Value::Null));
}

/// A member, what it must not be, and a part of the reason.
const REFUSED: [(&str, &str, &str); 10] = [
    ("backchannel_logout_uri", "http://app.example/bye", "Use https"),
    ("backchannel_logout_uri", "https://app.example/bye#x", "#fragment"),
    ("backchannel_logout_uri", "https://u:p@app.example/bye", "user name"),
    ("backchannel_logout_uri", "javascript:alert(1)", "http or https URL"),
    ("frontchannel_logout_uri", "https://other.example/bye", "redirect URIs"),
    ("frontchannel_logout_uri", "https://app.example:8443/bye", "redirect URIs"),
    ("frontchannel_logout_uri", "https://app.example/bye?sid=1", "parameter sid"),
    ("initiate_login_uri", "http://app.example/login", "Use https"),
    ("initiate_login_uri", "com.example.app:/login", "http or https URL"),
    ("initiate_login_uri", "https://app.example/login?iss=x", "parameter iss"),
];

#[tokio::test]
async fn what_cannot_work_is_refused_by_its_name_at_each_door() {
    let server = Server::start().await;
    registration::set_policy(&server, "open").await;
    let mut console = server.console().await;
    for (member, value, reason) in REFUSED {
        let answer = call(&server, Method::PATCH, "/admin/clients/web", json!({ member: value })).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{member} {value}");
        assert!(text(&answer.json()["fields"], member).contains(reason), "{member} {value}: {}", answer.body);

        let page = console.get("/admin/ui/clients/web/settings").await;
        let version = page.field("version");
        let form = [
            ("version", version.as_str()),
            ("client_name", "Web"),
            ("kind", "web"),
            ("redirect_uris", CALLBACK),
            ("grant_types", "authorization_code"),
            ("token_endpoint_auth_method", "client_secret_basic"),
            ("id_token_signed_response_alg", "RS256"),
            (member, value),
        ];
        let answer = console.post("/admin/ui/clients/web/settings", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{member} {value}");
        assert!(answer.body.contains(reason) && answer.body.contains("<details open class=\"more\""), "{member}");

        let mut body = registration::native("App");
        body["redirect_uris"] = json!([CALLBACK]);
        body[member] = json!(value);
        let answer = registration::call(&server, Method::POST, "/register", None, &body.to_string()).await;
        assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()), "{member} {value}");
        let said = text(&answer.json(), "error_description").to_owned();
        assert!(said.starts_with(&format!("{member}: ")) && said.contains(reason), "{said}");
    }
    for (member, value) in
        [("backchannel_logout_uri", json!(7)), ("frontchannel_logout_session_required", json!("yes"))]
    {
        let mut body = registration::native("App");
        body[member] = value;
        let answer = registration::call(&server, Method::POST, "/register", None, &body.to_string()).await;
        assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()), "{member}");
    }
    assert_eq!(get(&server, "/admin/clients/web").await.json()["backchannel_logout_uri"], Value::Null);
}

#[tokio::test]
async fn a_client_registers_them_and_other_ones_are_another_client() {
    let server = Server::start().await;
    registration::set_policy(&server, "open").await;
    let with = |members: Value| {
        let mut body = registration::native("App");
        body["redirect_uris"] = json!([CALLBACK]);
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        body
    };
    let told = registration::register(&server, &with(described())).await;
    assert_eq!(part(&told), described());
    let plain = registration::register(&server, &with(json!({}))).await;
    assert!(MEMBERS.iter().all(|member| plain.get(member).is_none()), "{plain}");
    assert_ne!(told["client_id"], plain["client_id"]);
    assert_eq!(registration::register(&server, &with(described())).await["client_id"], told["client_id"]);
}

#[tokio::test]
async fn oidcc_3rdparty_init_login() {
    let server = Server::start().await;
    let login = "https://app.example/login?from=home";
    call(&server, Method::PATCH, "/admin/clients/web", json!({ "initiate_login_uri": login })).await;
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    // The name is for those who were allowed to learn it.
    let page = browser.get("/account").await;
    let nameless = format!("{login}&{}", encode(&[("iss", ISSUER)])).replace('&', "&amp;");
    assert!(page.body.contains(&format!("href=\"{nameless}\"")), "{}", page.body);
    browser.authorize(&[("scope", "openid profile")]).await;
    browser
        .authorize(&[
            ("client_id", "spa"),
            ("code_challenge", crate::server::CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
        .await;
    let page = browser.get("/account").await;
    let query = encode(&[("iss", ISSUER), ("login_hint", "alice")]);
    let href = format!("{login}&{query}").replace('&', "&amp;");
    assert!(page.body.contains(&format!("href=\"{href}\"")), "{}", page.body);
    assert_eq!(page.body.matches("Sign in to ").count(), 1, "the other has none");
    // What the application does then: an ordinary request, with the hint.
    let answer = browser.get(&crate::browser::Browser::request(&[("login_hint", "alice")])).await;
    assert!(!answer.query().text("code").is_empty());
    // Administrators do not sign in for others.
    let subject = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let seen = server.console().await.get(&format!("/admin/ui/users/{subject}/consents")).await;
    assert!(seen.body.contains("The web app") && !seen.body.contains("app.example/login"));
}
