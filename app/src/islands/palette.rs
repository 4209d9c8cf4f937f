//! The palette: goes anywhere by name.

use leptos::ev;
use leptos::html::{Dialog, Input};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::search::{Hit, HitKind, search};
use super::site::outside;
use crate::console::path;
use crate::path::DOCS;
use crate::ui::Icon;

const PAGES: [(&str, &str); 22] = [
    ("Dashboard", path::DASHBOARD),
    ("Activity", path::ACTIVITY),
    ("Clients", path::CLIENTS),
    ("New client", path::CLIENT_WIZARD),
    ("Agents", path::AGENTS),
    ("Trusts", path::TRUSTS),
    ("New trust", path::TRUST_NEW),
    ("Scopes", path::SCOPES),
    ("New scope", path::SCOPE_NEW),
    ("Resources", path::RESOURCES),
    ("New resource", path::RESOURCE_NEW),
    ("Consent policy", path::CONSENTS),
    ("What a user is asked", path::CONSENT_CHECK),
    ("Users", path::USERS),
    ("New user", path::USER_NEW),
    ("Sessions", path::SESSIONS),
    ("Registration", path::REGISTRATION),
    ("Signing keys", path::KEYS),
    ("Settings", path::SETTINGS),
    ("Recycle bin", path::BIN),
    ("API", path::API),
    ("Documentation", DOCS),
];

/// Goes to a page, a client, a user or whatever else has a name: Ctrl K. Without scripts the link leads to the clients.
#[island]
pub fn Palette() -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let input = NodeRef::<Input>::new();
    let query = StoredValue::new(String::new());
    let active = RwSignal::new(0_usize);
    let hits = RwSignal::new(pages(""));
    let open = move || {
        if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
            drop(dialog.show_modal());
            if let Some(input) = input.get_untracked() {
                input.select();
            }
        }
    };
    Effect::new(move || {
        let handle = window_event_listener(ev::keydown, move |event| {
            if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                open();
            }
        });
        on_cleanup(move || handle.remove());
    });
    let type_on = move |event: ev::Event| {
        let text = event_target_value(&event);
        active.set(0);
        hits.set(pages(&text));
        query.set_value(text.clone());
        if text.trim().is_empty() {
            return;
        }
        spawn_local(async move {
            let found = search(text.clone()).await;
            // What was found for an earlier text comes too late.
            if query.read_value().as_str() == text {
                hits.update(|hits| hits.extend(found));
            }
        });
    };
    let steer = move |event: ev::KeyboardEvent| steer(&event, hits, active);
    let click = move |event: ev::MouseEvent| {
        event.prevent_default();
        open();
    };
    view! {
        <a class="search" href=outside(path::CLIENTS) on:click=click>
            {Icon::Search.view()}
            <span>"Search or jump to…"</span>
            <kbd>"Ctrl K"</kbd>
        </a>
        <dialog class="palette" aria-label="Search or jump to" closedby="any" node_ref=dialog>
            <div class="palette-line">
                {Icon::Search.view()}
                <input
                    type="text"
                    placeholder="Anything by its name"
                    aria-label="Search"
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="palette-hits"
                    aria-activedescendant=move || (!hits.read().is_empty()).then(|| format!("palette-hit-{}", active.get()))
                    autocomplete="off"
                    spellcheck="false"
                    node_ref=input
                    on:input=type_on
                    on:keydown=steer
                />
                <kbd>"Esc"</kbd>
            </div>
            <ul id="palette-hits" role="listbox" aria-label="Results">
                {move || hits.get().into_iter().enumerate().map(|(at, hit)| row(at, hit, active)).collect_view()}
            </ul>
            <p class="palette-none" hidden=move || !hits.read().is_empty()>"Nothing found."</p>
        </dialog>
    }
}

/// Up and down choose a hit, Enter goes there.
fn steer(event: &ev::KeyboardEvent, hits: RwSignal<Vec<Hit>>, active: RwSignal<usize>) {
    let count = hits.read_untracked().len();
    match event.key().as_str() {
        "ArrowDown" if count > 0 => active.update(|at| *at = (*at + 1) % count),
        "ArrowUp" if count > 0 => active.update(|at| *at = (*at + count - 1) % count),
        "Enter" => {
            if let Some(hit) = hits.read_untracked().get(active.get_untracked()) {
                drop(window().location().assign(&outside(&hit.href)));
            }
        }
        _ => return,
    }
    event.prevent_default();
}

fn pages(query: &str) -> Vec<Hit> {
    let query = query.trim().to_ascii_lowercase();
    PAGES
        .iter()
        .filter(|(title, _)| title.to_ascii_lowercase().contains(&query))
        .map(|(title, href)| Hit {
            kind: HitKind::Page,
            title: (*title).to_owned(),
            detail: String::new(),
            href: (*href).to_owned(),
        })
        .collect()
}

fn row(at: usize, hit: Hit, active: RwSignal<usize>) -> impl IntoView {
    let (icon, kind) = match hit.kind {
        HitKind::Page => (Icon::Right, "Page"),
        HitKind::Client => (Icon::Clients, "Client"),
        HitKind::User => (Icon::Person, "User"),
        HitKind::Scope => (Icon::Right, "Scope"),
        HitKind::Resource => (Icon::Right, "Resource"),
        HitKind::Trust => (Icon::Right, "Trust"),
        HitKind::Docs => (Icon::Right, "Documentation"),
        HitKind::Request => (Icon::Alert, "Request"),
    };
    let selected = move || if active.get() == at { "true" } else { "false" };
    view! {
        <li role="none">
            <a
                id=format!("palette-hit-{at}")
                role="option"
                aria-selected=selected
                href=outside(&hit.href)
                tabindex="-1"
                on:mousemove=move |_| active.set(at)
            >
                {icon.view()}
                <span class="palette-title">{hit.title}</span>
                <code>{hit.detail}</code>
                <span class="tiny">{kind}</span>
            </a>
        </li>
    }
}
