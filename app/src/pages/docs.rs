//! The documentation, as a book: the pages at the left, the page, and its headings.

use leptos::prelude::*;

use crate::console::path as console;
use crate::document::{Document, Theme};
use crate::path;
use crate::text::Locale;
use crate::ui::{Icon, seal};

/// A page of the documentation.
#[derive(Debug, Clone)]
pub struct DocsPage {
    pub title: String,
    /// The page itself, made from our own Markdown.
    pub html: String,
    pub contents: Vec<Heading>,
    pub groups: Vec<PageGroup>,
    /// The address of this page.
    pub here: String,
}

/// A heading of the page.
#[derive(Debug, Clone)]
pub struct Heading {
    pub is_sub: bool,
    pub id: String,
    pub text: String,
}

/// Pages that belong together.
#[derive(Debug, Clone)]
pub struct PageGroup {
    pub title: String,
    pub pages: Vec<PageLink>,
}

/// Another page.
#[derive(Debug, Clone)]
pub struct PageLink {
    pub text: String,
    pub href: String,
}

/// The answer to a search of the documentation.
#[derive(Debug, Clone)]
pub struct DocsSearchPage {
    /// As it was typed.
    pub query: String,
    pub hits: Vec<DocsHit>,
    /// There may be more.
    pub is_more: bool,
    pub groups: Vec<PageGroup>,
}

/// A part of a page that was found.
#[derive(Debug, Clone)]
pub struct DocsHit {
    pub page: String,
    /// Empty at the beginning of a page.
    pub heading: String,
    pub href: String,
    /// The text around what was found.
    pub excerpt: String,
}

impl DocsPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        document(self.title.clone(), pkg).render(move || {
            let page = view! {
                {contents(self.contents)}
                <main class="prose" id="content" tabindex="-1" inner_html=self.html></main>
            };
            frame(self.groups, &self.here, String::new(), page.into_any())
        })
    }
}

impl DocsSearchPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        document("Search".to_owned(), pkg).render(move || {
            let found = match (self.query.trim(), self.hits.is_empty()) {
                ("", _) => view! { <p>"Type words: each of them must be in what is found."</p> }.into_any(),
                (query, true) => view! { <p>{format!("Nothing has all the words of “{query}” in it.")}</p> }.into_any(),
                (_, false) => hits(self.hits, self.is_more),
            };
            let page = view! { <main class="prose" id="content" tabindex="-1"><h1>"Search"</h1> {found}</main> };
            frame(self.groups, path::DOCS_SEARCH, self.query, page.into_any())
        })
    }
}

fn document(title: String, pkg: &str) -> Document<'_> {
    Document { title, layout: "console docs", pkg, theme: Theme::Auto, locale: Locale::En, nonce: None }
}

fn frame(groups: Vec<PageGroup>, here: &str, query: String, page: AnyView) -> AnyView {
    view! {
        <a class="skip" href="#content">"Skip to the content"</a>
        {sidebar(groups, here)}
        <div class="main">
            <header class="top">
                <button type="button" class="btn quiet burger" popovertarget="sidebar">
                    {Icon::Menu.view()}
                    <span class="visually-hidden">"Pages"</span>
                </button>
                <a class="docs-home" href=path::DOCS>"Documentation"</a>
                <form class="filter" method="get" action=path::DOCS_SEARCH role="search">
                    <input
                        class="input"
                        type="search"
                        name="q"
                        value=query
                        maxlength="100"
                        placeholder="Search the documentation"
                        aria-label="Search the documentation"
                    />
                    <button class="btn">"Search"</button>
                </form>
                <a class="btn quiet" href=console::DASHBOARD>"Console"</a>
            </header>
            <div class="docs-page">{page}</div>
        </div>
    }
    .into_any()
}

fn hits(hits: Vec<DocsHit>, is_more: bool) -> AnyView {
    let rows = hits
        .into_iter()
        .map(|hit| {
            let (title, place) = match hit.heading.is_empty() {
                true => (hit.page, String::new()),
                false => (hit.heading, hit.page),
            };
            view! {
                <li>
                    <p><a href=hit.href>{title}</a> " " <span class="muted small">{place}</span></p>
                    <p class="small">{hit.excerpt}</p>
                </li>
            }
        })
        .collect_view();
    let more = is_more.then(|| view! { <p class="muted">"There is more: add a word."</p> });
    view! { <ol class="docs-hits">{rows}</ol> {more} }.into_any()
}

fn sidebar(groups: Vec<PageGroup>, here: &str) -> AnyView {
    let groups = groups
        .into_iter()
        .map(|group| {
            let links = group
                .pages
                .into_iter()
                .map(|page| {
                    let current = (page.href == here).then_some("page");
                    view! { <li><a href=page.href aria-current=current>{page.text}</a></li> }
                })
                .collect_view();
            view! {
                <div>
                    <p class="nav-title">{group.title}</p>
                    <ul>{links}</ul>
                </div>
            }
        })
        .collect_view();
    view! {
        <aside class="side" id="sidebar" popover="auto">
            <a class="brand" href=path::HOME>{seal("22")}"Signet"</a>
            <nav class="nav" aria-label="Pages">{groups}</nav>
        </aside>
    }
    .into_any()
}

/// The list of headings of this page, when it is long enough.
fn contents(headings: Vec<Heading>) -> Option<AnyView> {
    (headings.len() > 2).then(|| {
        let links = headings
            .into_iter()
            .map(|heading| {
                let class = heading.is_sub.then_some("sub");
                view! { <li class=class><a href=format!("#{}", heading.id)>{heading.text}</a></li> }
            })
            .collect_view();
        view! {
            <nav class="contents" aria-labelledby="contents-title">
                <p class="nav-title" id="contents-title">"On this page"</p>
                <ul>{links}</ul>
            </nav>
        }
        .into_any()
    })
}
