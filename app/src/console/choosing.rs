//! Lists from which an administrator chooses rows to end. Choosing does nothing: it leads to a question. It works without script.

use leptos::prelude::*;

use crate::ui::{Tone, note};

/// A list with a box before each row. Sends the boxes that are ticked as `id`.
pub(super) struct Choosing {
    /// The page that asks.
    pub(super) action: String,
    pub(super) table: AnyView,
    /// The button for the rows that are ticked.
    pub(super) some: &'static str,
    /// The link to the question about all, and its text.
    pub(super) all: Option<(String, String)>,
    /// The ways to the other parts of the list.
    pub(super) ways: Option<AnyView>,
}

impl Choosing {
    pub(super) fn view(self) -> AnyView {
        let all = self.all.map(|(href, text)| view! { <a class="btn danger" href=href>{text}</a> });
        view! {
            <form method="get" action=self.action>
                {self.table}
                <div class="foot"><button class="btn danger">{self.some}</button> {all}</div>
            </form>
            {self.ways}
        }
        .into_any()
    }
}

/// The first cell of a row.
pub(super) fn pick(id: &str, label: String) -> AnyView {
    view! { <td class="pick"><input type="checkbox" name="id" value=id.to_owned() aria-label=label/></td> }.into_any()
}

/// The note about a place in a list that is none.
pub(super) fn lost_place(is_lost: bool) -> Option<AnyView> {
    let words = "The place in the list that the address names is none, so this is its beginning.";
    is_lost.then(|| note(Tone::Warn, words))
}
