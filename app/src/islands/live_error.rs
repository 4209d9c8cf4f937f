//! The problem of a field, while someone types.

use leptos::ev;
use leptos::prelude::*;

use super::Check;
use super::control::{listen, mark};

/// The error under a control: said when the person leaves it, and from then on while they type.
#[island]
pub fn LiveError(
    /// The id of the control.
    control: String,
    check: Check,
    /// The problem that the server found.
    error: Option<String>,
) -> impl IntoView {
    let was_left = StoredValue::new(error.is_some());
    let problem = RwSignal::new(error);
    let id = format!("{control}-error");
    Effect::new(move || {
        let on_input = move |text: String| {
            if was_left.get_value() {
                problem.set(check.find_problem(&text));
            }
        };
        let on_change = move |text: String| {
            was_left.set_value(true);
            problem.set(check.find_problem(&text));
        };
        listen(control.clone(), ev::input, on_input);
        listen(control.clone(), ev::change, on_change);
        let control = control.clone();
        Effect::new(move || mark(&control, problem.read().is_some()));
    });
    move || problem.get().map(|text| view! { <p class="err" id=id.clone()>{text}</p> })
}
