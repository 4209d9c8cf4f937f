//! A todo list for whoever signs in at Signet. The tokens stay in this process, the browser only has a session cookie.
//!
//! `make demo` starts it beside a server. Settings: `ISSUER`, `CLIENT_ID`, `CLIENT_SECRET`, `LISTEN_ADDR`, `BASE_URL`.

mod common;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::extract::{Form, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, serve};
use maud::{Markup, html};

use common::failure::Failure;
use common::page;
use common::relying_party::Login;
use common::site::{Fields, Site, around};

const SCOPES: [&str; 2] = ["profile", "email"];

struct Todo {
    text: String,
    done: bool,
}

/// Somebody's list. Numbers are not used again: a page that is out of date must not touch another entry.
#[derive(Default)]
struct Todos {
    next: u64,
    by_number: BTreeMap<u64, Todo>,
}

struct Demo {
    site: Site,
    /// By subject.
    todos: Mutex<HashMap<String, Todos>>,
}

type Shared = State<Arc<Demo>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (site, listener) = Site::open("todo_demo", 3000).await?;
    serve(listener, routes(Demo { site, todos: Mutex::default() })).await?;
    Ok(())
}

fn routes(demo: Demo) -> Router {
    let routes = Router::new()
        .route("/", get(show))
        .route("/login", get(begin))
        .route("/callback", get(finish))
        .route("/refresh", post(refresh))
        .route("/logout", post(end))
        .route("/todos", post(add))
        .route("/todos/{number}/toggle", post(toggle))
        .route("/todos/{number}/delete", post(delete));
    around(&demo.site, routes).with_state(Arc::new(demo))
}

async fn show(State(demo): Shared, headers: HeaderMap) -> Result<Response, Failure> {
    let Some(login) = demo.site.signed_in(&headers, false).await? else {
        let body = html! {
            h1 { "Todo" }
            p { "A list of what you have to do. Sign in to see yours." }
            a.button href="/login" data-popup { "Sign in" }
        };
        return Ok(page::render("Todo", &body));
    };
    let todos = demo.todos.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(page::render("Todo", &list(&login, todos.get(&login.subject).unwrap_or(&Todos::default()))))
}

fn list(login: &Login, todos: &Todos) -> Markup {
    let seconds = login.expires.saturating_duration_since(Instant::now()).as_secs();
    html! {
        h1 { "Todo" }
        p { "Signed in as " strong { (login.name) } ". The access token is good for " (seconds) " seconds." }
        form method="post" action="/todos" {
            input name="text" aria-label="What is to do" placeholder="What is to do" required maxlength="200";
            button.first { "Add" }
        }
        ul {
            @for (number, todo) in &todos.by_number {
                li.done[todo.done] {
                    span { (todo.text) }
                    form method="post" action=(format!("/todos/{number}/toggle")) {
                        button { @if todo.done { "Not done" } @else { "Done" } }
                    }
                    form method="post" action=(format!("/todos/{number}/delete")) { button { "Delete" } }
                }
            } @if todos.by_number.is_empty() { li { span { "Nothing to do." } } }
        }
        div.row {
            form method="post" action="/refresh" { button { "Refresh" } }
            form method="post" action="/logout" { button { "Log out" } }
        }
    }
}

async fn begin(State(demo): Shared, headers: HeaderMap, Query(query): Query<Fields>) -> Result<Response, Failure> {
    demo.site.begin(&headers, &SCOPES, query.contains_key("popup")).await
}

async fn finish(State(demo): Shared, headers: HeaderMap, Query(query): Query<Fields>) -> Result<Response, Failure> {
    demo.site.finish(&headers, query).await
}

async fn refresh(State(demo): Shared, headers: HeaderMap) -> Result<Redirect, Failure> {
    demo.site.signed_in(&headers, true).await?;
    Ok(Redirect::to("/"))
}

async fn end(State(demo): Shared, headers: HeaderMap) -> Result<Response, Failure> {
    demo.site.end(&headers).await
}

async fn add(State(demo): Shared, headers: HeaderMap, Form(mut form): Form<Fields>) -> Result<Redirect, Failure> {
    let text: String = form.remove("text").unwrap_or_default().trim().chars().take(200).collect();
    change(&demo, &headers, |todos| {
        if !text.is_empty() {
            todos.by_number.insert(todos.next, Todo { text, done: false });
            todos.next += 1;
        }
    })
    .await
}

async fn toggle(State(demo): Shared, headers: HeaderMap, Path(number): Path<u64>) -> Result<Redirect, Failure> {
    let toggle = |todo: &mut Todo| todo.done = !todo.done;
    change(&demo, &headers, |todos| todos.by_number.get_mut(&number).map_or((), toggle)).await
}

async fn delete(State(demo): Shared, headers: HeaderMap, Path(number): Path<u64>) -> Result<Redirect, Failure> {
    change(&demo, &headers, |todos| drop(todos.by_number.remove(&number))).await
}

/// Changes the list of whoever is signed in.
async fn change(demo: &Demo, headers: &HeaderMap, work: impl FnOnce(&mut Todos)) -> Result<Redirect, Failure> {
    let login = demo.site.signed_in(headers, false).await?.ok_or(Failure::Expired)?;
    let mut todos = demo.todos.lock().unwrap_or_else(PoisonError::into_inner);
    work(todos.entry(login.subject).or_default());
    Ok(Redirect::to("/"))
}
