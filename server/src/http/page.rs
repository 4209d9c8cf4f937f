//! Pages: a document of `app` with the headers that keep it safe.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// The rule for what a page may load and run (Content Security Policy Level 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Policy {
    /// No script at all. Forms are not confined to this server: the answer to login and consent is a redirect to the client,
    /// and browsers hold `form-action` against redirects too.
    NoScript,
    /// One inline script, the one that submits a `form_post` answer.
    OneScript { nonce: String },
    /// The console: hydrated islands.
    Console { nonce: String },
}

impl Policy {
    fn header(&self) -> HeaderValue {
        let base = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
        let text = match self {
            Self::NoScript => format!("{base}; img-src 'self' data: https:; script-src 'none'"),
            Self::OneScript { nonce } => format!("{base}; img-src 'self'; script-src 'nonce-{nonce}'"),
            Self::Console { nonce } => format!(
                "{base}; img-src 'self' data: https:; font-src 'self'; connect-src 'self'; form-action 'self'; \
                 script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'"
            ),
        };
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
    }
}

/// A page on its way out. Never cached: each one is about somebody.
pub(crate) fn page(status: StatusCode, policy: &Policy, html: String) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy.header()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, Html(html)).into_response()
}

/// Headers that every answer carries.
const COMMON_HEADERS: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Not `no-referrer`: with it browsers send `Origin: null` even with our own forms.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Adds those of the headers that every answer carries which this one has not.
pub(crate) fn add_common_headers(headers: &mut HeaderMap) {
    for (name, value) in COMMON_HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
