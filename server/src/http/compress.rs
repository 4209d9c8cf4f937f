//! Compression of answers, by gzip, for whoever takes it.
//!
//! Only rows of the table of endpoints that say so have their answers compressed ([`Light`]), and of these only answers to GET. An
//! answer that was compressed has a length that tells something of what is in it to whoever sees the wire and can put words beside a
//! secret (BREACH). Addresses that answer with tokens, codes, tags or what somebody sent therefore have no such row, and an answer that
//! sets a cookie is left as it is: among them are the pages that show a new secret once.
//!
//! The layer is the outermost one: addresses in pages are complete before it.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use super::headers::{items, quality};
use crate::endpoints::{Endpoint, Light};

/// The smallest answer that is compressed, in bytes: below it, headers are most of what is sent.
const LEAST: u64 = 1_024;
/// The largest answer that is compressed.
const MOST: u64 = 1_024 * 1_024;
/// The largest answer that is compressed among requests. What is larger takes a thread of its own.
const QUICK: u64 = 64 * 1_024;
/// Bytes of all documents that are kept.
const ROOM: usize = 4 * 1_024 * 1_024;

/// An answer that may be compressed, as its endpoint says: an extension of the answer.
#[derive(Debug, Clone)]
pub(super) struct Compressible {
    /// The address under which it is kept, if it is.
    kept_as: Option<Arc<str>>,
    /// True for an answer to HEAD: it has the headers of an answer to GET, and no content in the end.
    is_head: bool,
}

impl Compressible {
    /// The mark for the answer to a request, before the request is handed on.
    pub(super) fn of(endpoint: &Endpoint, request: &Request) -> Option<Self> {
        let is_head = request.method() == Method::HEAD;
        if endpoint.light == Light::Never || !(is_head || request.method() == Method::GET) {
            return None;
        }
        let kept_as = (endpoint.light == Light::Kept).then(|| request.uri().path().into());
        Some(Self { kept_as, is_head })
    }
}

/// Documents that were compressed before, by address.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<HashMap<Arc<str>, Document>>);

#[derive(Debug, Clone)]
struct Document {
    /// Tells it from what was at the address before.
    version: Version,
    gzip: Bytes,
}

/// The entity tag, or a digest where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Version {
    Tag(HeaderValue),
    Digest([u8; 32]),
}

impl Version {
    fn of(headers: &HeaderMap, plain: &[u8]) -> Self {
        headers
            .get(header::ETAG)
            .map_or_else(|| Self::Digest(Sha256::digest(plain).into()), |tag| Self::Tag(tag.clone()))
    }
}

impl Kept {
    fn find(&self, address: &str, version: &Version) -> Option<Bytes> {
        let documents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        documents.get(address).filter(|document| document.version == *version).map(|document| document.gzip.clone())
    }

    fn put(&self, address: Arc<str>, version: Version, gzip: Bytes) {
        let mut documents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let used: usize = documents.values().map(|document| document.gzip.len()).sum();
        if used + gzip.len() > ROOM {
            documents.clear();
        }
        documents.insert(address, Document { version, gzip });
    }
}

/// The layer.
pub(crate) async fn compress(State(kept): State<Arc<Kept>>, request: Request, next: Next) -> Response {
    let is_taken = quality(request.headers(), "gzip") > 0;
    let known = is_taken.then(|| request.headers().get(header::IF_NONE_MATCH).cloned()).flatten();
    let mut response = next.run(request).await;
    let Some(mark) = response.extensions_mut().remove::<Compressible>() else {
        return response;
    };
    // A cookie is a secret itself, and the page that shows a new secret once takes one away.
    if response.headers().contains_key(header::SET_COOKIE) {
        return response;
    }
    say_that_it_varies(response.headers_mut());
    if !is_taken {
        return response;
    }
    match response.status() {
        StatusCode::OK if is_text(response.headers()) => lighten(&kept, mark, response).await,
        // The page of the console for nothing holds neither a secret nor what was asked for. None is kept: such addresses have no end.
        StatusCode::NOT_FOUND if mark.kept_as.is_none() && is_text(response.headers()) => {
            lighten(&kept, mark, response).await
        }
        StatusCode::NOT_MODIFIED => {
            // The tag that the answer would have: whoever has the compressed document knows it by the weak one.
            if known.is_some_and(|known| names_weakly(&known, response.headers())) {
                weaken(response.headers_mut());
            }
            response
        }
        _ => response,
    }
}

async fn lighten(kept: &Kept, mark: Compressible, mut response: Response) -> Response {
    let size = response.body().size_hint().exact();
    // An answer to HEAD has lost its content already where the routes are below the path of an issuer.
    let is_empty = mark.is_head && size == Some(0);
    let size = if is_empty { announced(response.headers()) } else { size };
    // A body without an exact size is a stream: it must not wait for its end.
    let Some(size) = size.filter(|size| (LEAST..=MOST).contains(size)) else {
        return response;
    };
    if is_empty {
        describe(response.headers_mut());
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(plain) = to_bytes(body, MOST as usize).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let gzip = match mark.kept_as {
        None => gzip(plain.clone(), Compression::new(6), size).await,
        Some(address) => {
            let version = Version::of(&parts.headers, &plain);
            match kept.find(&address, &version) {
                Some(gzip) => Some(gzip),
                None => {
                    let gzip = gzip(plain.clone(), Compression::best(), size).await;
                    gzip.inspect(|gzip| kept.put(address, version, gzip.clone()))
                }
            }
        }
    };
    let Some(gzip) = gzip else {
        return Response::from_parts(parts, Body::from(plain));
    };
    describe(&mut parts.headers);
    Response::from_parts(parts, Body::from(gzip))
}

/// The headers of an answer that was compressed.
fn describe(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::ACCEPT_RANGES);
    weaken(headers);
}

/// Makes the entity tag a weak one: the same document, in other bytes (RFC 9110 §8.8.1).
fn weaken(headers: &mut HeaderMap) {
    let weak = headers.get(header::ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/"));
    let weak = weak.and_then(|tag| HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat()).ok());
    if let Some(weak) = weak {
        headers.insert(header::ETAG, weak);
    }
}

/// True when `If-None-Match` has the weak form of the tag of an answer.
fn names_weakly(known: &HeaderValue, answer: &HeaderMap) -> bool {
    let tag = answer.get(header::ETAG).map(HeaderValue::as_bytes).unwrap_or_default();
    let mut tags = known.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    tags.any(|known| known.strip_prefix(b"W/") == Some(tag))
}

fn say_that_it_varies(headers: &mut HeaderMap) {
    let said = items(headers, header::VARY).any(|name| name.eq_ignore_ascii_case(b"accept-encoding"));
    if !said {
        headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
}

/// True for what is worth it. Something that has a coding has been compressed before, and events must not wait for each other.
fn is_text(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let is_text = media_type.starts_with("text/") || ["application/json", "image/svg+xml"].contains(&media_type);
    is_text && media_type != "text/event-stream" && !headers.contains_key(header::CONTENT_ENCODING)
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The compressed bytes; `None` if something went wrong, and then the plain ones are sent.
async fn gzip(plain: Bytes, level: Compression, size: u64) -> Option<Bytes> {
    if size <= QUICK {
        return encode(&plain, level);
    }
    tokio::task::spawn_blocking(move || encode(&plain, level)).await.ok().flatten()
}

fn encode(plain: &[u8], level: Compression) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 3), level);
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_knows_its_version() {
        let kept = Kept::default();
        let tag = |tag: &'static str| Version::Tag(HeaderValue::from_static(tag));
        let document = Bytes::from(vec![0; ROOM / 4]);
        for address in ["/a", "/b", "/c", "/d"] {
            kept.put(address.into(), tag("\"1\""), document.clone());
        }
        assert!(kept.find("/a", &tag("\"1\"")).is_some());
        assert!(kept.find("/a", &tag("\"2\"")).is_none());
        kept.put("/e".into(), tag("\"1\""), document);
        assert!(kept.find("/e", &tag("\"1\"")).is_some());
        assert_eq!(kept.0.lock().unwrap().len(), 1);
    }

    #[test]
    fn only_text_without_a_coding_is_worth_it() {
        let with = |lines: &[(&'static str, &'static str)]| {
            let lines = lines
                .iter()
                .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)));
            is_text(&lines.collect())
        };
        for media_type in ["text/html; charset=utf-8", "application/json", "text/css", "image/svg+xml"] {
            assert!(with(&[("content-type", media_type)]), "{media_type}");
            assert!(!with(&[("content-type", media_type), ("content-encoding", "br")]), "{media_type}");
        }
        for media_type in ["image/png", "application/wasm", "text/event-stream", "text/event-stream; charset=utf-8", ""]
        {
            assert!(!with(&[("content-type", media_type)]), "{media_type}");
        }
    }
}
