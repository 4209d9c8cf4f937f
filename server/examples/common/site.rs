//! The life of a login, the same in both applications: begin it, finish it, keep it fresh, end it.

use std::collections::HashMap;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::html;
use tokio::net::TcpListener;

use super::browser::{Browser, Browsers};
use super::failure::Failure;
use super::page;
use super::relying_party::{Answer, Login, Pending, RelyingParty};

pub(crate) type Fields = HashMap<String, String>;

/// An application that people sign in to.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) server: RelyingParty,
    browsers: Browsers,
}

impl Site {
    /// Reads the settings; `port` is where it answers unless they say otherwise, `cookie` the name of its cookie.
    pub(crate) async fn open(
        cookie: &'static str,
        port: u16,
    ) -> Result<(Self, TcpListener), Box<dyn std::error::Error>> {
        let setting = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
        let listener = TcpListener::bind(setting("LISTEN_ADDR", &format!("127.0.0.1:{port}"))).await?;
        let home = setting("BASE_URL", &format!("http://localhost:{}/", listener.local_addr()?.port()));
        let (issuer, client_id) = (setting("ISSUER", "http://127.0.0.1:8000"), setting("CLIENT_ID", "demo-web"));
        let server = RelyingParty::new(issuer, client_id, std::env::var("CLIENT_SECRET").ok(), &home)
            .map_err(|failure| format!("{failure:?}"))?;
        eprintln!("{cookie} answers at {home}");
        let browsers = Browsers::new(cookie, server.home().scheme() == "https");
        Ok((Self { server, browsers }, listener))
    }

    /// Whoever is signed in. An access token that has expired is refreshed, and with it what we know of the person.
    pub(crate) async fn signed_in(&self, headers: &HeaderMap, refresh: bool) -> Result<Option<Login>, Failure> {
        let Some(browser) = self.browsers.find(headers) else { return Ok(None) };
        // Held while the refresh runs: a second request waits, and finds new tokens.
        let mut browser = browser.lock().await;
        let Some(login) = browser.login.clone() else { return Ok(None) };
        if !refresh && login.expires > Instant::now() {
            return Ok(Some(login));
        }
        match self.server.refresh(&login).await {
            Ok(login) => browser.login = Some(login),
            Err(Failure::Expired) => {
                browser.login = None;
                return Err(Failure::Expired);
            }
            Err(failure) => return Err(failure),
        }
        Ok(browser.login.clone())
    }

    /// Sends the browser to the server. Whoever is signed in stays so until there is an answer.
    pub(crate) async fn begin(&self, headers: &HeaderMap, scopes: &[&str], popup: bool) -> Result<Response, Failure> {
        let (url, pending) = self.server.begin(scopes, popup).await?;
        let login = match self.browsers.find(headers) {
            Some(browser) => browser.lock().await.login.take(),
            None => None,
        };
        let response = Redirect::to(url.as_str()).into_response();
        Ok(self.browsers.replace(headers, Browser { pending: Some(pending), login }, response))
    }

    /// Finishes a login with the answer that the browser brings back from the server.
    pub(crate) async fn finish(&self, headers: &HeaderMap, mut query: Fields) -> Result<Response, Failure> {
        let browser = self.browsers.find(headers).ok_or(Failure::NotBegun)?;
        let mut browser = browser.lock().await;
        // Taken: an answer is good for once.
        let pending = browser.pending.take().filter(Pending::is_fresh).ok_or(Failure::NotBegun)?;
        let popup = pending.popup;
        let answer = Answer {
            code: query.remove("code"),
            state: query.remove("state"),
            issuer: query.remove("iss"),
            error: query.remove("error"),
            description: query.remove("error_description"),
        };
        let login = match self.server.finish(pending, &answer).await {
            // Somebody was asked for more and declined: all is as it was.
            Err(Failure::Denied) if browser.login.is_some() => return Ok(Redirect::to("/").into_response()),
            finished => finished?,
        };
        let response = if popup {
            let body = html! { h1 data-signed-in { "You are signed in" } p { a href="/" { "Go on" } } };
            page::render("Signed in", &body)
        } else {
            Redirect::to("/").into_response()
        };
        Ok(self.browsers.replace(headers, Browser { pending: None, login: Some(login) }, response))
    }

    /// Ends the session here, and sends the browser to the server, which ends its own and sends it back.
    pub(crate) async fn end(&self, headers: &HeaderMap) -> Result<Response, Failure> {
        let login = match self.browsers.find(headers) {
            Some(browser) => browser.lock().await.login.take(),
            None => None,
        };
        let Some(login) = login else { return Ok(Redirect::to("/").into_response()) };
        let url = self.server.end(&login).await?;
        Ok(self.browsers.replace(headers, Browser::default(), Redirect::to(url.as_str()).into_response()))
    }
}

/// Adds what every page needs, and refuses forms of other sites.
pub(crate) fn around<S: Clone + Send + Sync + 'static>(site: &Site, routes: Router<S>) -> Router<S> {
    let origin = site.server.home().origin().ascii_serialization();
    routes
        .route("/demo.css", get(page::style))
        .route("/demo.js", get(page::script))
        .layer(middleware::from_fn_with_state(origin, refuse_other_sites))
}

/// Forms of other sites, and of other ports of this host, for which cookies are no obstacle.
async fn refuse_other_sites(State(ours): State<String>, request: Request, next: Next) -> Response {
    if request.method() == Method::POST && !is_ours(request.headers(), &ours) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

/// True for a form that comes from a page of `origin`, or from no browser. Over plain HTTP browsers send `Sec-Fetch-Site` to
/// loopback addresses only, but `Origin` to all.
fn is_ours(headers: &HeaderMap, origin: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.as_bytes());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == b"same-origin",
        (None, Some(from)) => from == origin.as_bytes(),
        (None, None) => true,
    }
}
