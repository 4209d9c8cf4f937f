//! The checks of every endpoint, in one table: rows are mistakes, columns are endpoints, a cell is the status of the answer.

use axum::body::Body;
use axum::http::{Method, Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::browser::Browser;
use crate::server::{ADMIN_TOKEN, PASSWORD, SECRET, Server, encode, text};

/// `/admin/login` is the console, `/admin/users` the admin API. A browser comes without a session.
const TABLE: &str = "
                         token introspect revoke userinfo authorize logout login console api
as it should be            200        200    200      200       303    200   303     303 201
by PUT                     405        405    405      405       405    405   405     405 405
by HEAD                    405        405    405      200       405    405   200     200 200
nothing                    400        400    400      200       400    200   401     401 400
no media type              400        400    400      200       303    200   400     400 201
a bad escape               400        400    400      200       400    400   400     400 400
not UTF-8                  400        400    400      200       400    400   400     400 400
something twice            400        400    400      200       400    400   303     303 400
something unknown          200        200    200      200       303    200   303     303 400
too long                   413        413    413      200       400    200   413     413 413
no credentials             401        401    401      401       303    200   303     303 401
wrong credentials          401        401    401      401       303    200   303     303 401
from another site          200        200    200      200       303    200   403     403 403
from a sibling site        200        200    200      200       303    200   403     403 403
";

/// A request that an endpoint takes.
struct Ask {
    method: Method,
    path: &'static str,
    headers: Vec<(&'static str, String)>,
    /// In the query of a GET, in the body of anything else.
    parameters: String,
}

impl Ask {
    fn form(path: &'static str, fields: &[(&str, &str)]) -> Self {
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        Self { method: Method::POST, path, headers, parameters: encode(fields) }
    }

    fn get(path: &'static str, parameters: String) -> Self {
        Self { method: Method::GET, path, headers: Vec::new(), parameters }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(key, _)| *key != name);
        self.headers.push((name, value.into()));
        self
    }

    fn basic(self, client_id: &str, secret: &str) -> Self {
        self.with("authorization", format!("Basic {}", STANDARD.encode(format!("{client_id}:{secret}"))))
    }

    fn request(self) -> Request<Body> {
        let in_query = self.method == Method::GET || self.method == Method::HEAD;
        let (uri, body) = match self.parameters.as_str() {
            "" => (self.path.to_owned(), String::new()),
            parameters if in_query => (format!("{}?{parameters}", self.path), String::new()),
            parameters => (self.path.to_owned(), parameters.to_owned()),
        };
        let request = Request::builder().method(self.method).uri(uri).header(header::HOST, "127.0.0.1:8000");
        let request = self.headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        request.body(Body::from(body)).unwrap()
    }
}

/// A request that the endpoint of a column takes. `number` makes a name that is still free.
fn ask(endpoint: &str, access_token: &str, number: usize) -> Ask {
    match endpoint {
        "token" => Ask::form("/token", &[("grant_type", "client_credentials")]).basic("job", SECRET),
        "introspect" => Ask::form("/introspect", &[("token", access_token)]).basic("web", SECRET),
        "revoke" => Ask::form("/revoke", &[("token", "made-up")]).basic("web", SECRET),
        "userinfo" => Ask::get("/userinfo", String::new()).with("authorization", format!("Bearer {access_token}")),
        "authorize" => {
            let request = Browser::request(&[]);
            Ask::get("/authorize", request.split_once('?').unwrap().1.to_owned())
        }
        "logout" => Ask::get("/logout", encode(&[("client_id", "web")])),
        "login" => Ask::form("/login", &[("username", "alice"), ("password", PASSWORD)]),
        "console" => Ask::form("/admin/login", &[("token", ADMIN_TOKEN)]),
        "api" => {
            let mut ask = Ask::form("/admin/users", &[]);
            ask.parameters = format!(r#"{{"username": "user-{number}", "password": "correct-horse"}}"#);
            ask.with("content-type", "application/json").with("x-admin-token", ADMIN_TOKEN)
        }
        other => panic!("no endpoint {other}"),
    }
}

/// The request with one thing wrong.
fn spoil(check: &str, mut ask: Ask) -> Ask {
    match check {
        "as it should be" => ask,
        "by PUT" => Ask { method: Method::PUT, ..ask },
        "by HEAD" => {
            // A form is not asked for by HEAD; its address is.
            let parameters = if ask.method == Method::GET { ask.parameters } else { String::new() };
            Ask { method: Method::HEAD, parameters, ..ask }
        }
        "no media type" => {
            ask.headers.retain(|(name, _)| *name != "content-type");
            ask
        }
        "a bad escape" => Ask { parameters: format!("{}&x=%zz", ask.parameters), ..ask },
        "not UTF-8" => Ask { parameters: format!("{}&x=%ff", ask.parameters), ..ask },
        "something twice" => Ask { parameters: format!("{0}&{0}", ask.parameters), ..ask },
        "something unknown" => Ask { parameters: format!("{}&something=unknown", ask.parameters), ..ask },
        // More than a body may have; of a query, nearly as much as the type of addresses holds.
        "too long" => Ask { parameters: "x".repeat(if ask.method == Method::GET { 60_000 } else { 70_000 }), ..ask },
        "nothing" => Ask { parameters: String::new(), ..ask },
        "no credentials" => {
            ask.headers.retain(|(name, _)| !["authorization", "x-admin-token"].contains(name));
            ask
        }
        "wrong credentials" if ask.path == "/admin/users" => ask.with("x-admin-token", "wrong"),
        "wrong credentials" if ask.path == "/userinfo" => ask.with("authorization", "Bearer wrong"),
        "wrong credentials" => ask.basic("web", "wrong"),
        "from another site" => ask.with("origin", "https://evil.example"),
        "from a sibling site" => ask.with("sec-fetch-site", "same-site"),
        other => panic!("no check {other}"),
    }
}

#[tokio::test]
async fn every_endpoint_answers_every_mistake_as_the_table_says() {
    let (head, rows) = TABLE.trim_start_matches('\n').split_once('\n').unwrap();
    let endpoints: Vec<&str> = head.split_whitespace().collect();
    let (mut found, mut number) = (format!("{head}\n"), 0);
    for row in rows.lines() {
        let (check, _) = row.split_once("  ").unwrap();
        found += &format!("{check:24}");
        // A server for each, so that none remembers what another did.
        let server = Server::start().await;
        let access_token = text(&server.tokens("openid").await, "access_token").to_owned();
        for endpoint in &endpoints {
            number += 1;
            let answer = server.send(spoil(check, ask(endpoint, &access_token, number)).request()).await;
            found += &format!("{:>1$}", answer.status.as_u16(), endpoint.len().max(3) + 1);
        }
        found += "\n";
    }
    assert_eq!(TABLE.trim_start_matches('\n'), found, "found:\n{found}");
}
