//! A browser as far as a server sees one: it keeps cookies and says where a form came from.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt as _;
use oauth::form::Form;
use serde_json::Value;

use crate::server::{CALLBACK, PASSWORD, Server, encode};

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The body without the ID of the request, which no two answers share.
    pub(crate) fn body_of_any(&self) -> String {
        self.body.replace(self.header("x-request-id"), "")
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// The query of the address that this answer leads to.
    pub(crate) fn query(&self) -> Form {
        let location = self.location();
        Form::parse(location.split_once('?').map(|(_, query)| query).unwrap_or_default().as_bytes()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }

    /// The hidden field or input of that name on the page.
    pub(crate) fn field(&self, name: &str) -> String {
        let tag = self.body.split('<').find(|tag| tag.contains(&format!("name=\"{name}\""))).unwrap_or_default();
        let value = tag.split_once("value=\"").and_then(|(_, rest)| rest.split_once('"'));
        value.map(|(value, _)| value.to_owned()).unwrap_or_default()
    }

    /// The address of the form that answers a question, and its hidden fields.
    pub(crate) fn form(&self) -> (String, Vec<(String, String)>) {
        let form = self.body.split("<form").find(|form| form.contains("name=\"confirm\"")).unwrap_or_default();
        let attribute = |tag: &str, name: &str| {
            let value = tag.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
            value.map(|(value, _)| value.replace("&amp;", "&")).unwrap_or_default()
        };
        let hidden = form.split("<input").skip(1).filter(|tag| tag.contains("type=\"hidden\""));
        (attribute(form, "action"), hidden.map(|tag| (attribute(tag, "name"), attribute(tag, "value"))).collect())
    }

    /// Status and `error` of a JSON error.
    pub(crate) fn error(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["error"].as_str().unwrap_or_default().to_owned())
    }
}

/// A browser.
pub(crate) struct Browser<'a> {
    server: &'a Server,
    cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        Self { server, cookies: BTreeMap::new() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Posts a form of a page of this server.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(encode(fields))).unwrap()).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        if !self.cookies.is_empty() {
            let line: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.headers_mut().insert(header::COOKIE, line.join("; ").parse().unwrap());
        }
        let answer = self.server.send(request).await;
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// The browser goes to another site and sends a form here from there.
    pub(crate) async fn post_cross_site(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, "https://evil.example")
            .header("sec-fetch-site", "cross-site");
        self.send(request.body(Body::from(encode(fields))).unwrap()).await
    }

    /// Searches as the console's palette does.
    pub(crate) async fn search(&mut self, query: &str) -> Answer {
        let request = Request::post("/admin/ui/api/search")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin");
        let body = serde_json::json!({ "query": query }).to_string();
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Follows a redirect within this server.
    pub(crate) async fn follow(&mut self, answer: &Answer) -> Answer {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert!(answer.location().starts_with('/'), "leads elsewhere: {}", answer.location());
        self.get(answer.location()).await
    }

    /// Signs in as alice on the login page that an answer leads to, and follows where that leads.
    pub(crate) async fn sign_in_at(&mut self, answer: &Answer) -> Answer {
        assert!(answer.location().starts_with("/login?"), "{} {}", answer.location(), answer.body);
        let page = self.follow(answer).await;
        assert_eq!(page.status, StatusCode::OK);
        let answer = self.post(answer.location(), &[("username", "alice"), ("password", PASSWORD)]).await;
        self.follow(&answer).await
    }

    /// Takes a cookie that another browser was given.
    pub(crate) fn with_cookie(mut self, name: &str, value: &str) -> Self {
        self.cookies.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        self.cookies.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// The address of a request of the client `web`, with these parameters besides the usual ones; an empty value leaves a
    /// usual one out.
    pub(crate) fn request(parameters: &[(&str, &str)]) -> String {
        let mut form = Form::default();
        for (name, value) in [
            ("client_id", "web"),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid"),
            ("state", "s-1"),
        ]
        .iter()
        .chain(parameters)
        {
            form = if value.is_empty() { form.without(name) } else { form.with(name, value) };
        }
        format!("/authorize?{}", form.encode())
    }

    /// Asks with `parameters`, nobody being disturbed; the error that comes back, empty when there is none.
    pub(crate) async fn silently(&mut self, parameters: &[(&str, &str)]) -> String {
        let answer = self.get(&Self::request(&[parameters, &[("prompt", "none")]].concat())).await;
        assert!(answer.location().starts_with(CALLBACK), "{} {}", answer.location(), answer.body);
        answer.query().text("error")
    }

    /// Presses the button `value` of a page that asks for consent, or whether to sign out.
    pub(crate) async fn press(&mut self, page: &Answer, value: &str) -> Answer {
        let (action, fields) = page.form();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&action, &[&fields[..], &[("confirm", value)]].concat()).await
    }

    /// Runs a request of somebody who is signed in, agrees when asked, and returns the code.
    pub(crate) async fn authorize(&mut self, parameters: &[(&str, &str)]) -> String {
        let address = Self::request(parameters);
        let mut answer = self.get(&address).await;
        if answer.status == StatusCode::OK {
            answer = self.press(&answer, "yes").await;
        }
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let code = answer.query().text("code");
        assert!(!code.is_empty(), "{}", answer.location());
        code
    }
}
