//! The shell around every page.

use std::sync::Arc;

use hydration_context::SsrSharedContext;
use leptos::prelude::*;

use crate::path;
use crate::text::Locale;

/// Light or dark, as chosen in the console and kept in a cookie, so that the server can say it in the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system is.
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    /// The name of the cookie. Its value is `light` or `dark`.
    pub const COOKIE: &str = crate::islands::THEME_COOKIE;

    /// The theme that the cookie's value names.
    #[must_use]
    pub fn from_cookie(value: Option<&str>) -> Self {
        match value {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }

    pub(crate) fn as_attribute(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// A page without its shell.
pub(crate) struct Document<'a> {
    /// Without the product's name.
    pub(crate) title: String,
    /// The class of `<body>`: which of the two layouts.
    pub(crate) layout: &'static str,
    /// The directory of the style sheet and the scripts: `/pkg/<build hash>`.
    pub(crate) pkg: &'a str,
    pub(crate) theme: Theme,
    pub(crate) locale: Locale,
    /// The nonce of the page's Content-Security-Policy, for a page with islands.
    pub(crate) nonce: Option<&'a str>,
}

/// A part of a page, for a script that puts it into one.
pub(crate) fn fragment<V: IntoView + 'static>(content: impl FnOnce() -> V) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let html = owner.with(|| content().into_any().to_html());
    owner.unset_with_forced_cleanup();
    html
}

impl Document<'_> {
    /// The complete document. Synchronous: no `await` may come between the owner's beginning and its end.
    pub(crate) fn render<V: IntoView + 'static>(self, body: impl FnOnce() -> V) -> String {
        // Outside islands nothing is hydrated. An island with children asks for the shared context, so there must be one.
        let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
        let html = owner.with(|| {
            provide_context(self.locale);
            self.shell(body().into_any()).to_html()
        });
        owner.unset_with_forced_cleanup();
        format!("<!DOCTYPE html>{html}")
    }

    fn shell(self, body: AnyView) -> AnyView {
        let title = match self.title.as_str() {
            "" | "Signet" => "Signet".to_owned(),
            title => format!("{title} · Signet"),
        };
        let style = format!("{}/signet.css", self.pkg);
        let scripts = self.nonce.map(|nonce| island_scripts(self.pkg, nonce));
        view! {
            <html lang=self.locale.tag() data-theme=self.theme.as_attribute()>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="color-scheme" content="light dark"/>
                    <meta name="robots" content="noindex"/>
                    <title>{title}</title>
                    <link rel="icon" href=path::ICON type="image/svg+xml"/>
                    <link rel="stylesheet" href=style/>
                    {scripts}
                </head>
                <body class=self.layout>{body}</body>
            </html>
        }
        .into_any()
    }
}

/// The scripts that hydrate the islands. They do not wait for an idle moment and run after the document is parsed.
fn island_scripts(pkg: &str, nonce: &str) -> AnyView {
    let js = format!("{pkg}/signet.js");
    let wasm = format!("{pkg}/signet.wasm");
    view! {
        <link rel="modulepreload" href=js nonce=nonce.to_owned()/>
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        <script type="module" nonce=nonce.to_owned() inner_html=include_str!("islands.js")></script>
    }
    .into_any()
}
