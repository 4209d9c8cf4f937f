//! The end of a form.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The end of a form: its button, and word of what is not saved yet. Leaving the page then asks first.
#[island]
pub fn SaveBar(
    /// The text of the button that submits.
    label: String,
    /// The form was sent, and nothing was saved: what is in it is unsaved from the beginning.
    refused: bool,
) -> impl IntoView {
    let bar = NodeRef::<leptos::html::Div>::new();
    let changed = RwSignal::new(false);
    let leaving = StoredValue::new(false);
    Effect::new(move || {
        let form = bar.get().and_then(|bar| bar.closest("form").ok().flatten());
        let Some(form) = form.and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok()) else {
            return;
        };
        changed.set(refused);
        watch(form, refused, changed, leaving);
    });
    let discard = move |_| {
        leaving.set_value(true);
        // The address of the form shows it as it is saved; a mere reload would send the form again after an answer with errors.
        let form = bar.get_untracked().and_then(|bar| bar.closest("form").ok().flatten());
        let form = form.and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok());
        drop(form.map(|form| window().location().assign(&form.action())));
    };
    view! {
        <div class="save-bar" class:changed=move || changed.get() node_ref=bar>
            <span class="save-note" role="status">{move || if changed.get() { "You have unsaved changes." } else { "" }}</span>
            <button type="button" class="btn quiet" hidden=move || !changed.get() on:click=discard>"Discard"</button>
            <button type="submit" class="btn primary">{label}</button>
        </div>
    }
}

fn watch(form: web_sys::HtmlFormElement, refused: bool, changed: RwSignal<bool>, leaving: StoredValue<bool>) {
    let saved = values(&form);
    let target: web_sys::EventTarget = form.clone().into();
    let update = move || changed.set(refused || values(&form) != saved);
    let on_input = {
        let update = update.clone();
        window_event_listener(ev::input, move |_| update())
    };
    let on_change = window_event_listener(ev::change, move |_| update());
    // Another form of the page, to sign out for example, does not save this one.
    let on_submit = window_event_listener(ev::submit, move |event| {
        if event.target().as_ref() == Some(&target) {
            leaving.set_value(true);
        }
    });
    let on_leave = window_event_listener(ev::beforeunload, move |event| {
        if changed.get_untracked() && !leaving.get_value() {
            event.prevent_default();
        }
    });
    on_cleanup(move || {
        on_input.remove();
        on_change.remove();
        on_submit.remove();
        on_leave.remove();
    });
}

/// All that the form would send, as one text.
fn values(form: &web_sys::HtmlFormElement) -> Option<String> {
    let data = web_sys::FormData::new_with_form(form).ok()?;
    let pairs = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    Some(String::from(pairs.to_string()))
}
