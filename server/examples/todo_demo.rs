//! A todo list for whoever signs in at Signet. The tokens stay in this process, the browser only has a session cookie.
//!
//! `make demo` starts it beside a server. Settings: `ISSUER`, `CLIENT_ID`, `CLIENT_SECRET`, `LISTEN_ADDR`, `BASE_URL`.

mod common;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::extract::{Form, Path, Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, serve};
use maud::{Markup, html};
use tokio::net::TcpListener;

use common::browser::{Browser, Browsers};
use common::failure::Failure;
use common::page;
use common::relying_party::{Answer, Login, RelyingParty};

const SCOPES: [&str; 2] = ["profile", "email"];

struct Todo {
    text: String,
    done: bool,
}

struct Demo {
    server: RelyingParty,
    browsers: Browsers,
    /// By subject.
    todos: Mutex<HashMap<String, Vec<Todo>>>,
}

type Shared = State<Arc<Demo>>;
type Fields = HashMap<String, String>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let setting = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let listener = TcpListener::bind(setting("LISTEN_ADDR", "127.0.0.1:3000")).await?;
    let home = setting("BASE_URL", &format!("http://localhost:{}/", listener.local_addr()?.port()));
    let (issuer, client_id) = (setting("ISSUER", "http://127.0.0.1:8000"), setting("CLIENT_ID", "demo-web"));
    let server = RelyingParty::new(issuer, client_id, std::env::var("CLIENT_SECRET").ok(), &home)
        .map_err(|failure| format!("{failure:?}"))?;
    let demo = Demo { server, browsers: Browsers::new("todo_demo"), todos: Mutex::default() };
    eprintln!("The todo demo answers at {home}");
    serve(listener, routes(demo)).await?;
    Ok(())
}

fn routes(demo: Demo) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/login", get(begin))
        .route("/callback", get(finish))
        .route("/refresh", post(refresh))
        .route("/logout", post(end))
        .route("/todos", post(add))
        .route("/todos/{index}/toggle", post(toggle))
        .route("/demo.css", get(page::style))
        .route("/demo.js", get(page::script))
        .layer(middleware::from_fn(refuse_other_sites))
        .with_state(Arc::new(demo))
}

/// Forms of other sites, and of other ports of this host, for which cookies are no obstacle.
async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").map(|site| site.as_bytes());
    if request.method() == Method::POST && site.is_some_and(|site| site != b"same-origin") {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

/// Whoever is signed in. An access token that has expired is refreshed, and with it what we know of the person.
async fn signed_in(demo: &Demo, headers: &HeaderMap, refresh: bool) -> Result<Option<Login>, Failure> {
    let Some(browser) = demo.browsers.find(headers) else { return Ok(None) };
    // Held while the refresh runs: a second request waits, and finds new tokens.
    let mut browser = browser.lock().await;
    let Some(login) = browser.login.clone() else { return Ok(None) };
    if !refresh && login.expires > Instant::now() {
        return Ok(Some(login));
    }
    match demo.server.refresh(&login).await {
        Ok(login) => browser.login = Some(login),
        Err(Failure::Expired) => {
            browser.login = None;
            return Err(Failure::Expired);
        }
        Err(failure) => return Err(failure),
    }
    Ok(browser.login.clone())
}

async fn show(State(demo): Shared, headers: HeaderMap) -> Result<Response, Failure> {
    let Some(login) = signed_in(&demo, &headers, false).await? else {
        let body = html! {
            h1 { "Todo" }
            p { "A list of what you have to do. Sign in to see yours." }
            a.button href="/login" data-popup { "Sign in" }
        };
        return Ok(page::render("Todo", &body));
    };
    let todos = demo.todos.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(page::render("Todo", &list(&login, todos.get(&login.subject).map_or(&[], Vec::as_slice))))
}

fn list(login: &Login, todos: &[Todo]) -> Markup {
    let seconds = login.expires.saturating_duration_since(Instant::now()).as_secs();
    html! {
        h1 { "Todo" }
        p { "Signed in as " strong { (login.name) } ". The access token is good for " (seconds) " seconds." }
        form method="post" action="/todos" {
            input name="text" aria-label="What is to do" placeholder="What is to do" required maxlength="200";
            button.first { "Add" }
        }
        ul {
            @for (index, todo) in todos.iter().enumerate() {
                li.done[todo.done] {
                    span { (todo.text) }
                    form method="post" action=(format!("/todos/{index}/toggle")) {
                        button { @if todo.done { "Not done" } @else { "Done" } }
                    }
                }
            } @if todos.is_empty() { li { span { "Nothing to do." } } }
        }
        div.row {
            form method="post" action="/refresh" { button { "Refresh" } }
            form method="post" action="/logout" { button { "Log out" } }
        }
    }
}

async fn begin(State(demo): Shared, headers: HeaderMap, Query(query): Query<Fields>) -> Result<Response, Failure> {
    let (url, pending) = demo.server.begin(&SCOPES, query.contains_key("popup")).await?;
    let response = Redirect::to(url.as_str()).into_response();
    Ok(demo.browsers.replace(&headers, Browser { pending: Some(pending), login: None }, response))
}

async fn finish(State(demo): Shared, headers: HeaderMap, Query(mut query): Query<Fields>) -> Result<Response, Failure> {
    let browser = demo.browsers.find(&headers).ok_or(Failure::NotBegun)?;
    // Taken: an answer is good for once.
    let pending = browser.lock().await.pending.take().ok_or(Failure::NotBegun)?;
    let popup = pending.popup;
    let answer = Answer {
        code: query.remove("code"),
        state: query.remove("state"),
        issuer: query.remove("iss"),
        error: query.remove("error"),
        description: query.remove("error_description"),
    };
    let login = demo.server.finish(pending, &answer).await?;
    let response = if popup {
        let body = html! { h1 data-signed-in { "You are signed in" } p { a href="/" { "Go on to your list" } } };
        page::render("Signed in", &body)
    } else {
        Redirect::to("/").into_response()
    };
    Ok(demo.browsers.replace(&headers, Browser { pending: None, login: Some(login) }, response))
}

async fn refresh(State(demo): Shared, headers: HeaderMap) -> Result<Redirect, Failure> {
    signed_in(&demo, &headers, true).await?;
    Ok(Redirect::to("/"))
}

/// Ends the session here, and sends the browser to the server, which ends its own and sends it back.
async fn end(State(demo): Shared, headers: HeaderMap) -> Result<Response, Failure> {
    let login = match demo.browsers.find(&headers) {
        Some(browser) => browser.lock().await.login.take(),
        None => None,
    };
    let Some(login) = login else { return Ok(Redirect::to("/").into_response()) };
    let url = demo.server.end(&login).await?;
    Ok(demo.browsers.replace(&headers, Browser::default(), Redirect::to(url.as_str()).into_response()))
}

async fn add(State(demo): Shared, headers: HeaderMap, Form(mut form): Form<Fields>) -> Result<Redirect, Failure> {
    let login = signed_in(&demo, &headers, false).await?.ok_or(Failure::Expired)?;
    let text: String = form.remove("text").unwrap_or_default().trim().chars().take(200).collect();
    if !text.is_empty() {
        let mut todos = demo.todos.lock().unwrap_or_else(PoisonError::into_inner);
        todos.entry(login.subject).or_default().push(Todo { text, done: false });
    }
    Ok(Redirect::to("/"))
}

async fn toggle(State(demo): Shared, headers: HeaderMap, Path(index): Path<usize>) -> Result<Redirect, Failure> {
    let login = signed_in(&demo, &headers, false).await?.ok_or(Failure::Expired)?;
    let mut todos = demo.todos.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(todo) = todos.get_mut(&login.subject).and_then(|todos| todos.get_mut(index)) {
        todo.done = !todo.done;
    }
    Ok(Redirect::to("/"))
}
