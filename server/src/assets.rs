//! The files a browser loads: the console's script, WASM and style sheet, and the public files (icons).
//!
//! All of them are part of the binary. A debug build reads `target/site` from disk instead, so that the site can be built
//! again without building the server.

use std::{borrow::Cow, sync::OnceLock};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Path,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use crate::http::headers::{is_known, quality};

/// The files that `cargo leptos build` left in `target/site`: `pkg/signet.{js,wasm,css}` and the content of `public/`; after a
/// release build each file also as `.br` and `.gz`.
#[derive(RustEmbed)]
#[folder = "../target/site"]
struct Site;

/// A new build has a new hash and with it new addresses, so what was fetched from `/pkg/<hash>/` never goes stale.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// The public files keep their addresses; after an hour a browser asks again with the ETag.
const AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// Codings in order of preference, and the ending of the file that holds it.
const CODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// The routes `/pkg/<build hash>/<file>` and one for each public file. Independent of the server's state.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    routes::<Site, S>(build_hash())
}

/// 16 hex digits that name this build of the console's files: `/pkg/<build hash>/signet.js`.
pub(crate) fn build_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(hash_of::<Site>)
}

/// The directory of the style sheet and the scripts: `/pkg/<build hash>`.
pub(crate) fn pkg() -> String {
    format!("/pkg/{}", build_hash())
}

fn routes<E: RustEmbed + 'static, S: Clone + Send + Sync + 'static>(hash: &'static str) -> Router<S> {
    let pkg = get(async move |Path((asked, file)): Path<(String, String)>, headers: HeaderMap| {
        // Another build's address must not be answered, and cached for a year, with this build's file.
        if asked != hash {
            return StatusCode::NOT_FOUND.into_response();
        }
        respond::<E>(&format!("pkg/{file}"), &headers, IMMUTABLE)
    });
    E::iter().filter(|name| !name.starts_with("pkg/") && !is_variant(name)).fold(
        Router::new().route("/pkg/{hash}/{*file}", pkg),
        |router, name| {
            let path = format!("/{name}");
            router.route(&path, get(async move |headers: HeaderMap| respond::<E>(&name, &headers, AN_HOUR)))
        },
    )
}

fn hash_of<E: RustEmbed>() -> String {
    let mut names: Vec<_> = E::iter().filter(|name| name.starts_with("pkg/") && !is_variant(name)).collect();
    names.sort();
    let digest =
        names.iter().filter_map(|name| Some((name, E::get(name)?))).fold(Sha256::new(), |sum, (name, file)| {
            sum.chain_update(name.as_bytes()).chain_update(file.metadata.sha256_hash())
        });
    hex16(&digest.finalize())
}

/// Precompressed variants are chosen by `Accept-Encoding`; they have no address of their own.
fn is_variant(name: &str) -> bool {
    CODINGS.iter().any(|(_, ending)| name.ends_with(ending))
}

fn respond<E: RustEmbed>(name: &str, headers: &HeaderMap, cache_control: HeaderValue) -> Response {
    if is_variant(name) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Some((coding, file)) = choose::<E>(name, headers) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let etag = format!("\"{}\"", hex16(&file.metadata.sha256_hash()));
    let mut response = if is_known(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(body(file.data));
        set(&mut response, CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
        if let Some(coding) = coding {
            set(&mut response, CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    };
    if let Ok(etag) = HeaderValue::try_from(etag) {
        set(&mut response, ETAG, etag);
    }
    set(&mut response, CACHE_CONTROL, cache_control);
    set(&mut response, VARY, HeaderValue::from_static("accept-encoding"));
    set(&mut response, X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn set(response: &mut Response, name: HeaderName, value: HeaderValue) {
    response.headers_mut().insert(name, value);
}

fn body(data: Cow<'static, [u8]>) -> Body {
    Body::from(match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    })
}

/// The variant with the highest quality the client accepts, or the plain file. `None` when there is no such file.
fn choose<E: RustEmbed>(name: &str, headers: &HeaderMap) -> Option<(Option<&'static str>, EmbeddedFile)> {
    let mut wanted = CODINGS.map(|(coding, ending)| (quality(headers, coding), coding, ending));
    // A stable sort: at equal quality Brotli stays first.
    wanted.sort_by_key(|(quality, ..)| std::cmp::Reverse(*quality));
    let variant = wanted
        .into_iter()
        .filter(|(quality, ..)| *quality > 0)
        .find_map(|(_, coding, ending)| Some((Some(coding), E::get(&format!("{name}{ending}"))?)));
    variant.or_else(|| Some((None, E::get(name)?)))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn hex16(bytes: &[u8]) -> String {
    bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use axum::http::header::{ACCEPT_ENCODING, IF_NONE_MATCH};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    #[derive(RustEmbed)]
    #[folder = "tests/site"]
    struct Fixture;

    async fn ask(path: &str, headers: &[(HeaderName, &str)]) -> (StatusCode, HeaderMap, String) {
        let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(name, *value));
        let router: Router = routes::<Fixture, ()>("0123456789abcdef");
        let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_file_of_this_build_is_immutable() {
        let (status, headers, body) = ask("/pkg/0123456789abcdef/signet.js", &[]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body.trim(), "plain");
        assert_eq!(headers[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(headers[CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(headers[VARY], "accept-encoding");
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(!headers.contains_key(CONTENT_ENCODING));

        let (_, headers, _) = ask("/pkg/0123456789abcdef/signet.wasm", &[]).await;
        assert_eq!(headers[CONTENT_TYPE], "application/wasm");
    }

    #[tokio::test]
    async fn the_coding_follows_accept_encoding() {
        for (accept, coding) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip", Some("gzip")),
            ("grün;q=1, gzip", Some("gzip")),
            ("GZIP", Some("gzip")),
            ("br;q=0, gzip;q=0.1", Some("gzip")),
            ("br;q=0.5, gzip;q=0.9", Some("gzip")),
            ("*", Some("br")),
            ("*;q=0", None),
            ("br;q=0, *", Some("gzip")),
            ("br;q=0, gzip;q=0", None),
            ("br;q=nonsense", None),
            ("identity", None),
            ("", None),
        ] {
            let (status, headers, body) = ask("/pkg/0123456789abcdef/signet.js", &[(ACCEPT_ENCODING, accept)]).await;
            assert_eq!(status, StatusCode::OK, "{accept}");
            assert_eq!(headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap()), coding, "{accept}");
            assert_eq!(headers[CONTENT_TYPE], "text/javascript; charset=utf-8", "{accept}");
            assert_eq!(body.trim(), coding.unwrap_or("plain"), "{accept}");
        }
        let (_, headers, _) = ask("/pkg/0123456789abcdef/signet.wasm", &[(ACCEPT_ENCODING, "br")]).await;
        assert!(!headers.contains_key(CONTENT_ENCODING), "a file without variants is sent as it is");
    }

    #[tokio::test]
    async fn a_public_file_is_validated_by_its_etag() {
        let (status, headers, _) = ask("/favicon.svg", &[]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers[CONTENT_TYPE], "image/svg+xml");
        assert_eq!(headers[CACHE_CONTROL], "public, max-age=3600");
        let etag = headers[ETAG].to_str().unwrap();

        for known in [etag.to_owned(), format!("\"other\", W/{etag}"), "*".to_owned()] {
            let (status, headers, body) = ask("/favicon.svg", &[(IF_NONE_MATCH, &known)]).await;
            assert_eq!((status, body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{known}");
            assert_eq!(headers[ETAG], etag);
        }
        let (status, ..) = ask("/favicon.svg", &[(IF_NONE_MATCH, "\"other\"")]).await;
        assert_eq!(status, StatusCode::OK);
    }

    #[tokio::test]
    async fn nothing_else_is_found() {
        for path in [
            "/pkg/fedcba9876543210/signet.js",
            "/pkg/0123456789abcdef/signet.js.br",
            "/pkg/0123456789abcdef/none.js",
            "/pkg/0123456789abcdef/..%2f..%2fassets.rs",
            "/pkg/signet.js",
            "/favicon.svg.gz",
            "/none.svg",
        ] {
            assert_eq!(ask(path, &[]).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn the_build_hash_is_sixteen_hex_digits() {
        let hash = hash_of::<Fixture>();
        assert_eq!(hash.len(), 16);
        assert!(hash.chars().all(|digit| digit.is_ascii_hexdigit()));
        assert_eq!(hash, hash_of::<Fixture>());
        assert_eq!(build_hash().len(), 16);
    }
}
