//! The theme.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::site::base;
use crate::ui::Icon;

/// The cookie that keeps the theme, `light` or `dark`. The server reads it, so that no page flashes in the other one.
pub const THEME_COOKIE: &str = "signet_theme";

const THEMES: [(&str, &str, Icon); 3] =
    [("", "System theme", Icon::Auto), ("light", "Light theme", Icon::Light), ("dark", "Dark theme", Icon::Dark)];

/// As the system is, light, or dark.
#[island]
pub fn ThemeSwitch(
    /// The theme that the server chose: `light`, `dark` or nothing.
    theme: String,
) -> impl IntoView {
    let chosen = RwSignal::new(theme);
    let buttons = THEMES.map(|(word, text, icon)| {
        let pressed = move || if chosen.get() == word { "true" } else { "false" };
        let choose = move |_| {
            chosen.set(word.to_owned());
            apply(word);
        };
        view! {
            <button type="button" aria-pressed=pressed on:click=choose title=text>
                {icon.view()}
                <span class="visually-hidden">{text}</span>
            </button>
        }
    });
    view! { <div class="theme-switch" role="group" aria-label="Theme">{buttons.into_iter().collect_view()}</div> }
}

/// Shows the theme at once and keeps it for a year.
fn apply(theme: &str) {
    let document = document();
    if let Some(root) = document.document_element() {
        let done = if theme.is_empty() {
            root.remove_attribute("data-theme")
        } else {
            root.set_attribute("data-theme", theme)
        };
        drop(done);
    }
    let age = if theme.is_empty() { 0 } else { 31_536_000 };
    if let Ok(document) = document.dyn_into::<web_sys::HtmlDocument>() {
        let base = base();
        let path = if base.is_empty() { "/" } else { &base };
        drop(document.set_cookie(&format!("{THEME_COOKIE}={theme}; Path={path}; Max-Age={age}; SameSite=Lax")));
    }
}
