//! The message about what was just done.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::ui::Icon;

/// Says once what was done: then takes the parameter that carries it out of the address, so that opening the page again, or
/// its bookmark, does not say it again.
#[island]
pub fn FlashNote(sentence: String, parameter: String, warns: bool) -> impl IntoView {
    Effect::new(move || {
        let window = window();
        let address = window.location().href().and_then(|href| web_sys::Url::new(&href));
        if let (Ok(address), Ok(history)) = (address, window.history()) {
            address.search_params().delete(&parameter);
            drop(history.replace_state_with_url(&JsValue::NULL, "", Some(&address.href())));
        }
    });
    let (class, role, icon) =
        if warns { ("note warn", "alert", Icon::Alert) } else { ("note good", "status", Icon::Check) };
    view! {
        <div class=class role=role>
            {icon.view()}
            <div>{sentence}</div>
        </div>
    }
}
