//! A refusal that an application was told of, for whoever follows the address in the answer (`error_uri`, RFC 6749 §4.1.2.1).

use leptos::prelude::*;

use super::{panel, text};
use crate::explained::Explained;
use crate::ui::Icon;

/// The page. It says no more than the ID to whoever may not see more, whatever the ID is.
#[derive(Debug, Clone)]
pub struct ExplainedPage {
    pub request_id: String,
    pub explained: Option<Explained>,
}

impl ExplainedPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel(text().explained.title, pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let words = &text().explained;
        let pass_on = self.explained.is_none().then(|| view! { <p class="tiny">{text().error.pass_on}</p> });
        view! {
            <div class="badge bad">{Icon::Alert.view()}</div>
            <header>
                <h1>{words.title}</h1>
                <p class="muted">{words.lead}</p>
            </header>
            <dl class="facts boxed">
                <div><dt>{text().error.request_id}</dt><dd><code>{self.request_id}</code></dd></div>
            </dl>
            {pass_on}
            {self.explained.map(|explained| explained.view())}
        }
    }
}
