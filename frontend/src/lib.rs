//! The WASM entry: hydrates the console's islands.

// Nothing below names an island: without this the linker would see no reason to keep the `app` crate.
pub use app::islands;

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's script before it hydrates the islands one by one.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
