//! Authorization details (RFC 9396) in words: a sentence for each, and its fields.

use leptos::prelude::*;
use oauth::details::DetailInWords;

use super::text;
use crate::ui::{Icon, Tone, tag};

/// An object of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    pub words: DetailInWords,
    /// True when the person has not allowed it before, while they have allowed something.
    pub is_new: bool,
}

/// A list of objects; nothing where there is none.
pub(crate) fn details(details: Vec<Detail>) -> Option<AnyView> {
    let items = details.into_iter().map(Detail::view).collect::<Vec<_>>();
    (!items.is_empty()).then(|| view! { <ul class="scopes details">{items}</ul> }.into_any())
}

impl Detail {
    fn view(self) -> AnyView {
        let mark = self.is_new.then(|| view! { " " {tag(Tone::Plain, text().consent.new_scope)} });
        view! {
            <li>
                {Icon::Check.view()}
                <div class="grow">
                    <p><bdi>{self.words.sentence}</bdi> {mark}</p>
                    {fields(self.words.fields)}
                </div>
            </li>
        }
        .into_any()
    }
}

/// The fields of an object. What is in them is somebody else's words.
pub(crate) fn fields(fields: Vec<(String, Vec<String>)>) -> Option<AnyView> {
    let row = |(label, values): (String, Vec<String>)| {
        let values = values.into_iter().map(|value| view! { <dd><bdi>{value}</bdi></dd> }).collect_view();
        view! { <div><dt>{label}</dt> {values}</div> }
    };
    let rows = fields.into_iter().map(row).collect::<Vec<_>>();
    (!rows.is_empty()).then(|| view! { <dl class="fields">{rows}</dl> }.into_any())
}
