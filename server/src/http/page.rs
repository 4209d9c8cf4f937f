//! Pages: a document of `app` with the headers that keep it safe.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// The rule for what a page may load and run (Content Security Policy Level 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Policy {
    /// No script at all. Forms are not confined to this server: the answer to login and consent is a redirect to the client,
    /// and browsers hold `form-action` against redirects too.
    NoScript,
    /// The same, with frames of these origins.
    Frames { origins: Vec<String> },
    /// One inline script, the one that submits a `form_post` answer.
    OneScript { nonce: String },
    /// One inline script, and frames of anybody.
    Framed { nonce: String },
    /// The console: hydrated islands.
    Console { nonce: String },
}

impl Policy {
    fn header(&self) -> HeaderValue {
        let base = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
        let text = match self {
            Self::NoScript => format!("{base}; img-src 'self' data:; script-src 'none'"),
            Self::Frames { origins } => {
                let origins = origins.join(" ");
                format!("{base}; img-src 'self' data:; script-src 'none'; frame-src {origins}")
            }
            Self::Framed { nonce } => {
                format!("default-src 'none'; base-uri 'none'; {FRAMED}; script-src 'nonce-{nonce}'")
            }
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

/// The directive of a page that anybody may have in a frame.
const FRAMED: &str = "frame-ancestors *";

/// Headers that every answer carries.
const COMMON_HEADERS: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Not `no-referrer`: with it browsers send `Origin: null` even with our own forms.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Adds those of the headers that every answer carries which this one has not.
pub(crate) fn add_common_headers(headers: &mut HeaderMap) {
    let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let is_framed = policy.is_some_and(|policy| policy.contains(FRAMED));
    // There is no value of X-Frame-Options that allows it to all.
    for (name, value) in COMMON_HEADERS.into_iter().filter(|(name, _)| !is_framed || name != header::X_FRAME_OPTIONS) {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
