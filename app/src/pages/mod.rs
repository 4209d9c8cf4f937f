//! The pages for the people who sign in, and the few around them. Forms and links only: no script runs here, but for the one
//! line that sends a `form_post` answer.

pub mod admin_login;
pub mod client;
pub mod consent;
pub mod docs;
pub mod error;
pub mod form_post;
pub mod home;
pub mod login;
pub mod logout;
pub mod refusal;
pub mod select_account;
pub mod setup;
pub mod signed_out;

use leptos::prelude::*;

use crate::document::{Document, Theme};
use crate::path;
use crate::ui::seal;

/// A card in the middle of the page, under the seal.
fn panel<V: IntoView + 'static>(title: &str, pkg: &str, content: impl FnOnce() -> V) -> String {
    let document = Document { title: title.to_owned(), layout: "public", pkg, theme: Theme::Auto, nonce: None };
    document.render(|| {
        view! {
            <main class="card panel">{content()}</main>
            <footer class="public-foot"><a href=path::HOME>"Signet"</a></footer>
        }
    })
}

/// The seal on its ground.
fn badge() -> AnyView {
    view! { <div class="badge brass">{seal("24")}</div> }.into_any()
}
