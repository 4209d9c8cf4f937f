//! GET is a safe method (RFC 9110 §9.2.1), but at a few addresses that the protocols or older scripts fix it changes something:
//! it signs out, or issues a code. There it counts only when somebody really goes to the address. HEAD, a prefetch, and what a page
//! loads as an image, a script or data change nothing.
//!
//! Browsers say what a request is for (Fetch Metadata: `Sec-Fetch-Mode`, `Sec-Fetch-Dest`; `Sec-Purpose`). A caller that says
//! nothing is no browser, and is served.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp::activity;
use oauth::activity::EventKind;
use oauth::refusal::Reason;

use crate::endpoints::{Effect, Endpoint};

/// Headers in which browsers say that nobody has asked for the page yet; the last two are older names.
const PURPOSES: [&str; 3] = ["sec-purpose", "purpose", "x-moz"];

/// The answer to a request that would change something, and that nobody meant.
pub(crate) fn refusal(endpoint: &Endpoint, method: &Method, headers: &HeaderMap) -> Option<Response> {
    let effect = endpoint.effect.filter(|_| *method == Method::HEAD || *method == Method::GET)?;
    if method == Method::HEAD {
        let allow = [(header::ALLOW, HeaderValue::from_static("GET, POST"))];
        return Some((StatusCode::METHOD_NOT_ALLOWED, allow).into_response());
    }
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    if PURPOSES.iter().any(|name| headers.contains_key(*name)) {
        // The browser throws this away, and asks again when somebody goes there.
        return Some((StatusCode::SERVICE_UNAVAILABLE, no_store, "This address is not prefetched.\n").into_response());
    }
    if is_navigation(effect, headers) {
        return None;
    }
    activity::refused_early(EventKind::Request, Reason::NoNavigation, Reason::NoNavigation.description());
    Some((StatusCode::FORBIDDEN, no_store, "This address works only as a page that somebody opens.\n").into_response())
}

/// A header that is there and says something else than expected counts against the request, readable or not.
fn is_navigation(effect: Effect, headers: &HeaderMap) -> bool {
    let says = |name, expected: &[&[u8]]| {
        headers.get_all(name).iter().all(|value: &HeaderValue| expected.contains(&value.as_bytes()))
    };
    let (mode, destination): (&[&[u8]], &[&[u8]]) = match effect {
        Effect::Call => return true,
        Effect::Page => (&[b"navigate"], &[b"document"]),
        Effect::Frame => (&[b"navigate"], &[b"document", b"iframe", b"frame"]),
    };
    (says("sec-fetch-mode", mode) || is_by_node(headers)) && says("sec-fetch-dest", destination)
}

/// The `fetch` of Node.js names a mode and nothing else. A browser says where a request comes from and what it is for, too.
fn is_by_node(headers: &HeaderMap) -> bool {
    let only = |name: &str| headers.get_all(name).iter().eq([&HeaderValue::from_static("cors")]);
    only("sec-fetch-mode") && !headers.contains_key("sec-fetch-site") && !headers.contains_key("sec-fetch-dest")
}
