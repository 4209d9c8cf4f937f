//! The frame around every page of the console.

use leptos::prelude::*;

use super::{Console, Flash, path};
use crate::document::Document;
use crate::islands::{Palette, ThemeSwitch};
use crate::path as site;
use crate::text::Locale;
use crate::ui::{Icon, Tone, note, seal};

/// An entry of the sidebar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Dashboard,
    Activity,
    Clients,
    Agents,
    Trusts,
    Scopes,
    Resources,
    Consents,
    Users,
    Sessions,
    Keys,
    Settings,
    Bin,
    Api,
}

/// The entry, its text, its address and its icon.
type Link = (Entry, &'static str, &'static str, Icon);

/// The sidebar: groups of entries. Only pages that exist have one.
const GROUPS: [(&str, &[Link]); 4] = [
    (
        "Overview",
        &[
            (Entry::Dashboard, "Dashboard", path::DASHBOARD, Icon::Dashboard),
            (Entry::Activity, "Activity", path::ACTIVITY, Icon::Activity),
        ],
    ),
    (
        "Applications",
        &[
            (Entry::Clients, "Clients", path::CLIENTS, Icon::Clients),
            (Entry::Agents, "Agents", path::AGENTS, Icon::Agents),
            (Entry::Trusts, "Trusts", path::TRUSTS, Icon::Trusts),
            (Entry::Scopes, "Scopes", path::SCOPES, Icon::Scopes),
            (Entry::Resources, "Resources", path::RESOURCES, Icon::Resources),
            (Entry::Consents, "Consent", path::CONSENTS, Icon::Consents),
        ],
    ),
    (
        "People",
        &[
            (Entry::Users, "Users", path::USERS, Icon::Users),
            (Entry::Sessions, "Sessions", path::SESSIONS, Icon::Sessions),
        ],
    ),
    (
        "Server",
        &[
            (Entry::Keys, "Signing keys", path::KEYS, Icon::Keys),
            (Entry::Settings, "Settings", path::SETTINGS, Icon::Settings),
            (Entry::Bin, "Recycle bin", path::BIN, Icon::Bin),
            (Entry::Api, "API", path::API, Icon::Machine),
        ],
    ),
];

impl Console {
    /// A complete page: `title` for the browser, `entry` the place in the sidebar.
    pub(super) fn page<V: IntoView + 'static>(
        &self,
        entry: Option<Entry>,
        title: impl Into<String>,
        content: impl FnOnce() -> V,
    ) -> String {
        let document = Document {
            title: title.into(),
            layout: "console",
            pkg: &self.pkg,
            theme: self.theme,
            locale: Locale::En,
            nonce: Some(&self.nonce),
        };
        let flash = self.flash;
        // The page of the API has no table to walk, and is the heaviest of all.
        let has_keys = entry != Some(Entry::Api);
        document.render(|| {
            let keys = has_keys.then(|| keys(&self.nonce));
            let flash = flash.map(|flash| said(flash, &self.nonce));
            view! {
                <a class="skip" href="#content">"Skip to the content"</a>
                {sidebar(entry)}
                <div class="main">
                    {self.top_bar()}
                    <main class="page" id="content" tabindex="-1">{flash}{content()}</main>
                </div>
                {keys}
            }
        })
    }

    fn top_bar(&self) -> AnyView {
        view! {
            <header class="top">
                <button type="button" class="btn quiet burger" popovertarget="sidebar">
                    {Icon::Menu.view()}
                    <span class="visually-hidden">"Menu"</span>
                </button>
                <Palette/>
                <span class="grow"></span>
                {self.theme_switch()}
                <button type="button" class="btn quiet account" popovertarget="account-menu" aria-label="Account: admin">
                    {Icon::Person.view()}
                    <span>"admin"</span>
                </button>
                <div class="menu" id="account-menu" popover="auto">
                    <p class="tiny">"Signed in with the admin token"</p>
                    {self.theme_switch()}
                    <a href=site::HOME>{Icon::Dashboard.view()} "Home page"</a>
                    <a href=site::DOCS>{Icon::Info.view()} "Documentation"</a>
                    <button type="button" data-keys hidden>{Icon::Right.view()} "Keyboard"</button>
                    <form method="post" action=path::LOGOUT>
                        <button>{Icon::Out.view()} "Sign out"</button>
                    </form>
                </div>
            </header>
        }
        .into_any()
    }

    /// It stands in the bar, and for narrow screens in the menu.
    fn theme_switch(&self) -> AnyView {
        view! { <ThemeSwitch theme=self.theme.as_attribute().unwrap_or_default().to_owned()/> }.into_any()
    }
}

/// The message about what was just done. It is taken out of the address, so that it is said once.
fn said(flash: Flash, nonce: &str) -> AnyView {
    let tone = if flash.is_warning() { Tone::Warn } else { Tone::Good };
    view! {
        {note(tone, flash.sentence())}
        <script type="module" nonce=nonce.to_owned() inner_html=include_str!("flash.js")></script>
    }
    .into_any()
}

/// The keys, their help, and the choice to do without those that are a single letter.
fn keys(nonce: &str) -> AnyView {
    let keys: [(&str, &[&str]); 7] = [
        ("Filter this page; where it has no filter, go anywhere by its name", &["/"]),
        ("Next row, previous row", &["j", "k"]),
        ("Open the row", &["Enter"]),
        ("Choose the row", &["x"]),
        ("Go anywhere by its name", &["Ctrl", "K"]),
        ("Close what is open", &["Esc"]),
        ("This help", &["?"]),
    ];
    let keys = keys.iter().map(|(does, keys)| {
        let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd> " " });
        view! { <div><dt>{*does}</dt><dd>{keys.collect_view()}</dd></div> }
    });
    view! {
        <dialog class="shortcuts" id="shortcuts" aria-labelledby="shortcuts-title" closedby="any">
            <form method="dialog">
                <h2 id="shortcuts-title">"Keyboard"</h2>
                <dl>{keys.collect_view()}</dl>
                <label class="small"><input type="checkbox"/> "Single letters are keys while nothing is typed in"</label>
                <button class="btn">"Close"</button>
            </form>
        </dialog>
        <script type="module" nonce=nonce.to_owned() inner_html=include_str!("keys.js")></script>
    }
    .into_any()
}

/// Always there on a wide screen, a popover behind the burger on a narrow one.
fn sidebar(current: Option<Entry>) -> AnyView {
    let groups = GROUPS
        .iter()
        .map(|(title, entries)| {
            let links = entries
                .iter()
                .map(|(entry, text, href, icon)| {
                    let here = (current == Some(*entry)).then_some("page");
                    view! { <li><a href=*href aria-current=here>{icon.view()}{*text}</a></li> }
                })
                .collect_view();
            view! {
                <div>
                    <p class="nav-title">{*title}</p>
                    <ul>{links}</ul>
                </div>
            }
        })
        .collect_view();
    view! {
        <aside class="side" id="sidebar" popover="auto">
            <a class="brand" href=path::DASHBOARD>{seal("22")}"Signet"</a>
            <nav class="nav" aria-label="Console">{groups}</nav>
        </aside>
    }
    .into_any()
}
