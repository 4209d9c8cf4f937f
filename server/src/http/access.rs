//! The outermost layer. It finds out who calls, and gives every request a name, which the answer, its error page and each of its
//! log lines carry, and one line of the log when it is over. It counts the request then, too.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use idp::activity::Story;
use tracing::Instrument as _;

use super::compress::Compressible;
use super::page::add_common_headers;
use crate::endpoints::{Audience, Endpoint};
use crate::guard::CallerAddress;
use crate::state::Signet;

/// The request ID, in requests and in answers.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest ID that is taken over from a request.
const MAX_ID: usize = 64;

/// Stands for the path of requests to addresses where there is nothing: what was asked for is not written down.
const UNMATCHED: &str = "unmatched";

/// The layer.
pub(crate) async fn observe(State(signet): State<Signet>, mut request: Request, next: Next) -> Response {
    signet.guard.identify_caller(&mut request);
    let own = || idp::random::request_id(signet.idp.now()).into();
    let id: Arc<str> = sent_id(request.headers()).map_or_else(own, Arc::from);
    // An error span, so that no filter of the log takes the ID away from the lines that pass it.
    let span = tracing::error_span!("request", request_id = %id);
    let story = Story::new(address(&request), agent(request.headers()));
    let told = story.clone();
    let answered = async {
        let response = told.scope(answer(&signet, request, next, &id).instrument(span)).await;
        signet.idp.keep(&story);
        response
    };
    idp::request_id::scope(Arc::clone(&id), answered).await
}

/// The address of the caller, if it is known.
fn address(request: &Request) -> Option<IpAddr> {
    request.extensions().get().copied().filter(|caller| *caller != CallerAddress::UNKNOWN).map(CallerAddress::address)
}

/// The program of the caller, by its own word.
fn agent(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::USER_AGENT)?.to_str().ok()
}

async fn answer(signet: &Signet, request: Request, next: Next, id: &str) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let endpoint = Endpoint::of(request.extensions());
    let audience = endpoint.audience;
    let compressible = Compressible::of(endpoint, &request);
    let mut response = next.run(request).await;
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    add_common_headers(response.headers_mut());
    if let Some(mark) = compressible {
        response.extensions_mut().insert(mark);
    }
    let path = matched.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
    let (status, took) = (response.status(), started.elapsed());
    signet.metrics.count_request(&method, path, status, took);
    write_line(&method, path, audience, status, took);
    response
}

/// The line says where a request went, never what it carried: queries, bodies and cookies hold codes, tokens and names.
fn write_line(method: &Method, path: &str, audience: Audience, status: StatusCode, took: Duration) {
    let ms = took.as_micros() as f64 / 1_000.0;
    let status = status.as_u16();
    if audience == Audience::Routine {
        tracing::debug!(target: "signet::access", %method, path, status, ms, "answered");
    } else {
        tracing::info!(target: "signet::access", %method, path, status, ms, "answered");
    }
}

/// The ID that a trusted proxy before this server gave the request, if it is fit to be written down and shown. Others' were taken
/// away before.
fn sent_id(headers: &HeaderMap) -> Option<&str> {
    headers.get(X_REQUEST_ID)?.to_str().ok().filter(|id| is_request_id(id))
}

/// True for what may be the ID of a request.
pub(crate) fn is_request_id(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    plain && (1..=MAX_ID).contains(&text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, HeaderValue::from_str(value).unwrap());
        sent_id(&headers).map(str::to_owned)
    }

    #[test]
    fn only_short_and_plain_ids_are_taken_over() {
        for id in ["1", "7b9ce33e-27f8-4ea1-90bc-0a1a8fefc1b0", "a.b_c-D9", &"x".repeat(64)] {
            assert_eq!(sent(id).as_deref(), Some(id));
        }
        for id in ["", "a b", "a\tb", "<script>", "a;b", "ä", &"x".repeat(65)] {
            assert_eq!(sent(id), None, "{id:?}");
        }
    }
}
