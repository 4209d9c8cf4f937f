//! The pages for the people who sign in, and the few around them. Forms and links only: no script runs here, but for the one
//! line that sends a `form_post` answer.

pub mod admin_login;
pub mod approve;
pub mod client;
pub mod consent;
pub mod detail;
pub mod device;
pub mod docs;
pub mod error;
pub mod explained;
pub mod form_post;
pub mod home;
pub mod login;
pub mod logout;
pub mod refusal;
pub mod select_account;
pub mod setup;
pub mod signed_in;
pub mod signed_out;

use leptos::prelude::*;

use crate::document::{Document, Theme};
use crate::path;
use crate::text::{Locale, Text};
use crate::ui::seal;

/// The words of a page. English is the only language yet; whoever chooses another one does it here.
pub(crate) fn text() -> &'static Text {
    Locale::default().text()
}

/// A card in the middle of the page, under the seal.
pub(crate) fn panel<V: IntoView + 'static>(title: &str, pkg: &str, content: impl FnOnce() -> V) -> String {
    public(title, pkg).render(|| {
        view! {
            <main class="card panel">{content()}</main>
            <footer class="public-foot"><a href=path::HOME>"Signet"</a></footer>
        }
    })
}

/// A page for people, without its body.
fn public<'a>(title: &str, pkg: &'a str) -> Document<'a> {
    let locale = Locale::default();
    Document { title: title.to_owned(), layout: "public", pkg, theme: Theme::Auto, locale, nonce: None }
}

/// The seal on its ground.
pub(crate) fn badge() -> AnyView {
    view! { <div class="badge brass">{seal("24")}</div> }.into_any()
}
