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

impl DocsPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        let document = Document {
            title: self.title.clone(),
            layout: "console docs",
            pkg,
            theme: Theme::Auto,
            locale: Locale::En,
            nonce: None,
        };
        document.render(move || self.view())
    }

    fn view(self) -> impl IntoView {
        view! {
            <a class="skip" href="#content">"Skip to the content"</a>
            {sidebar(self.groups, &self.here)}
            <div class="main">
                <header class="top">
                    <button type="button" class="btn quiet burger" popovertarget="sidebar">
                        {Icon::Menu.view()}
                        <span class="visually-hidden">"Pages"</span>
                    </button>
                    <a class="docs-home" href=path::DOCS>"Documentation"</a>
                    <a class="btn quiet" href=console::DASHBOARD>"Console"</a>
                </header>
                <div class="docs-page">
                    {contents(self.contents)}
                    <main class="prose" id="content" tabindex="-1" inner_html=self.html></main>
                </div>
            </div>
        }
    }
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
