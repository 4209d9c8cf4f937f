//! `/docs`: the documentation of this very version, from the Markdown files in `docs/`, which are part of the binary.

mod library;
mod markdown;
mod search;

use app::pages::docs::{DocsPage, DocsSearchPage};
use app::path::{DOCS, DOCS_SEARCH, docs};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

pub(crate) use self::search::find_titles;
use crate::http::failure;
use crate::http::form::Query;
use crate::http::page::{Policy, page};
use crate::state::Signet;

/// The server that the commands of the pages talk to, unless a shell has another one. A reader of these pages has this one.
const SAMPLE_BASE: &str = "{BASE:-http://127.0.0.1:8000}";

/// The addresses of the documentation. They work before setup, and nobody has to sign in.
pub(crate) fn routes() -> Router<Signet> {
    Router::new()
        .route(DOCS, get(async |State(signet): State<Signet>| show(&signet, "")))
        .route(DOCS_SEARCH, get(find))
        .route("/docs/", get(async || Redirect::permanent(DOCS)))
        .route(
            &docs("{*path}"),
            get(async |State(signet): State<Signet>, Path(path): Path<String>| show(&signet, &path)),
        )
}

/// `GET /docs/search?q=…`.
async fn find(Query(query): Query) -> Response {
    let query = query.unwrap_or_default().text("q");
    let hits = search::find(&query);
    let found = DocsSearchPage { is_more: hits.len() == search::HITS, query, hits, groups: library::groups() };
    page(StatusCode::OK, &Policy::NoScript, found.render(&crate::assets::pkg()))
}

fn show(signet: &Signet, path: &str) -> Response {
    let plain = path.strip_suffix(".md").or_else(|| path.strip_suffix('/'));
    if let Some(name) = plain.filter(|name| library::find(name).is_some()) {
        return Redirect::permanent(&docs(name)).into_response();
    }
    if let Some(document) = library::find(path) {
        let html = DocsPage {
            title: document.title,
            html: document.html.replace(SAMPLE_BASE, &format!("{{BASE:-{}}}", signet.issuer())),
            contents: document.contents,
            groups: library::groups(),
            here: library::address(path),
        }
        .render(&crate::assets::pkg());
        return page(StatusCode::OK, &Policy::NoScript, html);
    }
    match library::find_file(path) {
        Some(file) => ([(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)))], file).into_response(),
        None => failure::not_found(),
    }
}

/// Pictures as what they are; everything else is an example to read.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "png")) => "image/png",
        Some((_, "svg")) => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}
