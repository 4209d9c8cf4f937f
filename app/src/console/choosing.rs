//! Lists from which an administrator chooses rows to end. Choosing does nothing: it leads to a question. It works without script.

use leptos::prelude::*;

use super::chosen::Deed;
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
    /// Which rows these are, and the ways to the others.
    pub(super) foot: AnyView,
}

impl Choosing {
    pub(super) fn view(self) -> AnyView {
        let all = self.all.map(|(href, text)| view! { <a class="btn danger" href=href>{text}</a> });
        view! {
            <form method="get" action=self.action>
                {self.table}
                {deeds(view! { <button class="btn danger">{self.some}</button> {all} })}
            </form>
            {self.foot}
        }
        .into_any()
    }
}

/// A list with a box before each row, and a button for each deed. Sends the boxes that are ticked as `id`, the deed as `do`, and
/// `keep`, which is the list that it goes back to.
pub(super) fn with_deeds(action: &'static str, keep: &[(&'static str, String)], table: AnyView) -> AnyView {
    let keep = keep.iter().map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone()/> });
    let buttons = Deed::ALL.iter().map(|deed| {
        let class = if *deed == Deed::Delete { "btn danger" } else { "btn" };
        view! { <button class=class name="do" value=deed.as_str()>{deed.button()}</button> }
    });
    view! {
        <form class="listed" method="get" action=action>
            {keep.collect_view()}
            {table}
            {deeds(buttons.collect_view())}
        </form>
    }
    .into_any()
}

/// The buttons for the rows that are ticked, in sight as long as the list is. A script puts their number there.
fn deeds(buttons: impl IntoView + 'static) -> AnyView {
    view! {
        <div class="foot ticked"><span role="status" data-ticked>"Those ticked on this page:"</span> {buttons.into_any()}</div>
    }
    .into_any()
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
