//! A browser as far as a server sees one: it keeps cookies and says where a form came from.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt as _;
use oauth::form::Form;
use serde_json::Value;

use crate::server::{CALLBACK, Server, encode};

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The query of the address that this answer leads to.
    pub fn query(&self) -> Form {
        let location = self.location();
        Form::parse(location.split_once('?').map(|(_, query)| query).unwrap_or_default().as_bytes()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }

    /// Status and `error` of a JSON error.
    pub fn error(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["error"].as_str().unwrap_or_default().to_owned())
    }
}

/// A browser.
pub struct Browser<'a> {
    server: &'a Server,
    cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    pub fn new(server: &'a Server) -> Self {
        Self { server, cookies: BTreeMap::new() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Posts a form of a page of this server.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(encode(fields))).unwrap()).await
    }

    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
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

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// The address of a request of the client `web`, with these parameters besides the usual ones; an empty value leaves a
    /// usual one out.
    pub fn request(parameters: &[(&str, &str)]) -> String {
        let mut form = Form::default();
        for (name, value) in [("client_id", "web"), ("redirect_uri", CALLBACK), ("response_type", "code"), ("scope", "openid"), ("state", "s-1")]
            .iter()
            .chain(parameters)
        {
            form = if value.is_empty() { form.without(name) } else { form.with(name, value) };
        }
        format!("/authorize?{}", form.encode())
    }

    /// Runs a request of somebody who is signed in, agrees when asked, and returns the code.
    pub async fn authorize(&mut self, parameters: &[(&str, &str)]) -> String {
        let address = Self::request(parameters);
        let mut answer = self.get(&address).await;
        if answer.status == StatusCode::OK {
            answer = self.post(&address, &[("confirm", "yes")]).await;
        }
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let code = answer.query().text("code");
        assert!(!code.is_empty(), "{}", answer.location());
        code
    }
}
