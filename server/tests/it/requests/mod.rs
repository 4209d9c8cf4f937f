//! Authorization requests whose parameters do not stand in the request.

mod objects;
mod pushed;

use crate::browser::{Answer, Browser};

/// The browser goes to `/authorize` with the client `web` and this, and agrees where it is asked.
async fn agree(browser: &mut Browser<'_>, name: &str, value: &str) -> Answer {
    let page = browser.get(&address(name, value)).await;
    if page.status.is_success() { browser.press(&page, "yes").await } else { page }
}

/// A request of the client `web` that says nothing beside this.
fn address(name: &str, value: &str) -> String {
    format!("/authorize?{}", crate::server::encode(&[("client_id", "web"), (name, value)]))
}
