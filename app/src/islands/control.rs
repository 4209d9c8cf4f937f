//! A control that the server rendered, seen from an island beside it.

use leptos::ev::{self, EventDescriptor};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Calls `act` with the control's value at each event of it, for as long as the page lives.
pub(super) fn listen<E>(id: String, event: E, act: impl Fn(String) + 'static)
where
    E: EventDescriptor + 'static,
    E::EventType: JsCast + AsRef<ev::Event>,
{
    // Both events bubble, so the window hears them.
    let handle = window_event_listener(event, move |event| {
        let event: &ev::Event = event.as_ref();
        let is_it = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|element| element.id() == id);
        if is_it {
            act(event_target_value(event));
        }
    });
    on_cleanup(move || handle.remove());
}

/// Says of the control whether its value is wrong.
pub(super) fn mark(id: &str, is_wrong: bool) {
    let Some(control) = document().get_element_by_id(id) else {
        return;
    };
    drop(if is_wrong {
        control.set_attribute("aria-invalid", "true")
    } else {
        control.remove_attribute("aria-invalid")
    });
}
