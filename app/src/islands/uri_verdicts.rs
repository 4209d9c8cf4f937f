//! A verdict on each URI in a text area.

use leptos::ev;
use leptos::prelude::*;
use oauth::client::ClientKind;
use wasm_bindgen::JsCast;

use super::UriRule;
use super::check::Verdict;
use super::control::{listen, mark};
use crate::ui::Icon;

/// The error under a text area with one URI a line, and what the rule says of each while someone types.
#[island]
pub fn UriVerdicts(
    /// The id of the text area.
    control: String,
    rule: UriRule,
    /// The problem that the server found.
    error: Option<String>,
) -> impl IntoView {
    let problem = RwSignal::new(error);
    let judged = RwSignal::new(Vec::new());
    let id = format!("{control}-error");
    Effect::new(move || {
        // What is in the page may differ from what the server sent: a browser fills in again what was typed before.
        let area = document()
            .get_element_by_id(&control)
            .and_then(|area| area.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
        judged.set(area.map(|area| as_chosen(rule).judge(&area.value())).unwrap_or_default());
        // What the server found wrong with a line is said beside that line now.
        if judged.read().iter().any(is_bad) {
            problem.set(None);
        }
        let on_input = move |text: String| {
            problem.set(None);
            judged.set(as_chosen(rule).judge(&text));
        };
        listen(control.clone(), ev::input, on_input);
        // Another kind of client, other rules.
        listen(KIND.to_owned(), ev::change, move |_| {
            judged.update(|judged| {
                let uris: Vec<String> = judged.drain(..).map(|(uri, _)| uri).collect();
                *judged = as_chosen(rule).judge(&uris.join("\n"));
            });
        });
        let control = control.clone();
        Effect::new(move || mark(&control, problem.read().is_some() || judged.read().iter().any(is_bad)));
    });
    view! {
        <ul class="verdicts" aria-live="polite">
            {move || judged.get().into_iter().map(|(uri, verdict)| row(uri, verdict)).collect_view()}
        </ul>
        {move || problem.get().map(|text| view! { <p class="err" id=id.clone()>{text}</p> })}
    }
}

/// The id of the choice of kinds, in forms that have one.
const KIND: &str = "field-kind";

/// The rule as the form stands: where there is a choice of kinds, it says whether the client is a native app.
fn as_chosen(rule: UriRule) -> UriRule {
    let kind = document().get_element_by_id(KIND).and_then(|kind| kind.dyn_into::<web_sys::HtmlSelectElement>().ok());
    match (rule, kind) {
        (UriRule::Redirect { .. }, Some(kind)) => {
            UriRule::Redirect { native: kind.value() == ClientKind::Native.as_str() }
        }
        _ => rule,
    }
}

fn is_bad((_, verdict): &(String, Verdict)) -> bool {
    matches!(verdict, Verdict::Bad(_))
}

fn row(uri: String, verdict: Verdict) -> impl IntoView {
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
}
