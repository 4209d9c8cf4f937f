//! A field that is checked while someone types.

use leptos::prelude::*;

use super::Check;
use crate::ui::Field;

/// A field that says what is wrong with it when the person leaves it, and from then on while they type.
#[island]
pub fn LiveField(field: Field, check: Check) -> impl IntoView {
    let problem = RwSignal::new(field.error.clone());
    let was_left = StoredValue::new(field.error.is_some());
    let on_input = move |text: String| {
        if was_left.get_value() {
            problem.set(check.find_problem(&text));
        }
    };
    let on_change = move |text: String| {
        was_left.set_value(true);
        problem.set(check.find_problem(&text));
    };
    field.live(move || problem.get(), on_input, on_change, None)
}
