//! Protected resources (RFC 8707).

mod admin_api;
mod consent;
mod console;
mod device;
mod discovery;
mod introspection;
mod requests;
mod tokens;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::server::{ADMIN_TOKEN, CALLBACK, SECRET, Server, encode};

/// The identifier of [`Server::with_notes`], as it is registered.
const NOTES: &str = "https://Notes.example/mcp";
/// The same place in another spelling.
const NOTES_TOO: &str = "https://notes.example:443/mcp";
const MAPS: &str = "https://maps.example";

impl Server {
    /// A call of the admin API with JSON.
    pub(crate) async fn admin(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-admin-token", ADMIN_TOKEN)
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn create_resource(&self, body: &Value) -> Value {
        let answer = self.admin("POST", "/admin/resources", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.json()
    }

    pub(crate) async fn change_resource(&self, resource: &Value, change: &Value) {
        let answer = self.admin("PATCH", &address(resource), change).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }

    /// A resource with the scopes `read` (for whoever asks for none) and `write`.
    async fn with_notes(&self) -> Value {
        let scopes = json!([
            { "name": "read", "description": "Read your notes", "default": true },
            { "name": "write", "description": "Write notes" },
        ]);
        self.create_resource(&json!({ "identifier": NOTES, "name": "Notes", "scopes": scopes })).await
    }

    /// Another one that has a scope `read`, too.
    async fn with_maps(&self) -> Value {
        let scopes = json!([{ "name": "read", "description": "See your maps" }]);
        self.create_resource(&json!({ "identifier": MAPS, "name": "Maps", "scopes": scopes })).await
    }

    /// `POST /token` of the client `web`, for these resources.
    async fn token_at(&self, fields: &[(&str, &str)], resources: &[&str]) -> Answer {
        let resources = resources.iter().map(|resource| ("resource", *resource));
        let fields: Vec<_> = fields.iter().copied().chain(resources).collect();
        self.post("/token", Some(&format!("web:{SECRET}")), &fields).await
    }

    async fn redeem_at(&self, code: &str, resources: &[&str]) -> Answer {
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
        self.token_at(&fields, resources).await
    }

    async fn refresh_at(&self, tokens: &Value, resources: &[&str]) -> Answer {
        let token = tokens["refresh_token"].as_str().unwrap();
        self.token_at(&[("grant_type", "refresh_token"), ("refresh_token", token)], resources).await
    }

    /// Tokens of alice for `web` at these resources.
    async fn tokens_at(&self, browser: &mut Browser<'_>, scope: &str, resources: &[&str]) -> Value {
        let code = browser.authorize_at(scope, resources).await;
        let answer = self.redeem_at(&code, resources).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }
}

impl Browser<'_> {
    /// The answer to an authorization request for these resources.
    async fn ask_at(&mut self, parameters: &[(&str, &str)], resources: &[&str]) -> Answer {
        self.get(&request_at(parameters, resources)).await
    }

    /// Runs such a request, agrees when asked, and returns the code.
    async fn authorize_at(&mut self, scope: &str, resources: &[&str]) -> String {
        let mut answer = self.ask_at(&[("scope", scope)], resources).await;
        if answer.status == StatusCode::OK {
            answer = self.press(&answer, "yes").await;
        }
        let code = answer.query().text("code");
        assert!(!code.is_empty(), "{} {}", answer.location(), answer.body);
        code
    }
}

fn request_at(parameters: &[(&str, &str)], resources: &[&str]) -> String {
    let resources: Vec<(&str, &str)> = resources.iter().map(|resource| ("resource", *resource)).collect();
    format!("{}&{}", Browser::request(parameters), encode(&resources))
}

/// The address of a resource in the admin API.
pub(crate) fn address(resource: &Value) -> String {
    format!("/admin/resources/{}", resource["id"].as_str().unwrap())
}
