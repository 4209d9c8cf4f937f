//! The place of the server, seen from a page.

use leptos::prelude::*;

use crate::path;

/// The path under which the server's addresses are: empty at the root. On the server, too: there it is put before the addresses of
/// a page when the page is sent.
pub fn base() -> String {
    if cfg!(feature = "ssr") {
        return String::new();
    }
    // The page says it: its icon is an address of the server.
    let icon = document().query_selector("link[rel=icon]").ok().flatten().and_then(|icon| icon.get_attribute("href"));
    icon.and_then(|icon| icon.strip_suffix(path::ICON).map(str::to_owned)).unwrap_or_default()
}

/// An address of the server, as the browser names it.
pub(super) fn outside(address: &str) -> String {
    format!("{}{address}", base())
}
