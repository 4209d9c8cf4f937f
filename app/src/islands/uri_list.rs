//! A list of URIs, checked one by one.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::UriRule;
use super::check::Verdict;
use crate::ui::{Field, Icon};

/// A text area with one URI a line, and under it what the rule says of each. The text area stays what is edited and sent.
#[island]
pub fn UriList(field: Field, rule: UriRule) -> impl IntoView {
    let problem = RwSignal::new(field.error.clone());
    let judged = RwSignal::new(Vec::new());
    let id = field.control_id().to_owned();
    Effect::new(move || {
        // What is in the page may differ from what the server sent: a browser fills in again what was typed before.
        let area = document()
            .get_element_by_id(&id)
            .and_then(|element| element.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
        judged.set(area.map(|area| rule.judge(&area.value())).unwrap_or_default());
    });
    let on_input = move |text: String| {
        problem.set(None);
        judged.set(rule.judge(&text));
    };
    let verdicts = view! {
        <ul class="verdicts" aria-live="polite">
            {move || judged.get().into_iter().map(|(uri, verdict)| row(uri, verdict)).collect_view()}
        </ul>
    };
    field.live(move || problem.get(), on_input, |_| (), Some(verdicts.into_any()))
}

fn row(uri: String, verdict: Verdict) -> AnyView {
    let (class, icon, text) = match verdict {
        Verdict::Good => ("good", Icon::Check, String::new()),
        Verdict::Warn(text) => ("warn", Icon::Alert, text),
        Verdict::Bad(text) => ("bad", Icon::Close, text),
    };
    view! {
        <li class=class>
            {icon.view()}
            <div>
                <code>{uri}</code>
                <p>{text}</p>
            </div>
        </li>
    }
    .into_any()
}
