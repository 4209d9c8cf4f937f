//! What went wrong, in a sentence for the person and with the facts for whoever helps them.

use leptos::prelude::*;

use super::panel;
use crate::ui::Icon;

/// The error page.
#[derive(Debug, Clone)]
pub struct ErrorPage {
    pub title: String,
    pub sentence: String,
    /// What was sent, the error code, the request ID: by name.
    pub details: Vec<(String, String)>,
}

impl ErrorPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel(&self.title.clone(), pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let details = (!self.details.is_empty()).then(|| {
            let rows = self
                .details
                .into_iter()
                .map(|(name, value)| view! { <div><dt>{name}</dt><dd><code>{value}</code></dd></div> })
                .collect_view();
            view! {
                <dl class="facts boxed">{rows}</dl>
                <p class="tiny">"If this keeps happening, send these lines to the people who run the application."</p>
            }
        });
        view! {
            <div class="badge bad">{Icon::Alert.view()}</div>
            <header>
                <h1>{self.title}</h1>
                <p class="muted">{self.sentence}</p>
            </header>
            {details}
        }
    }
}
