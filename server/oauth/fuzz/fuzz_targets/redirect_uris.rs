//! Redirect URIs, origins, and URLs that are clients.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth::destination::Destination;
use oauth::origin::WebOrigin;
use oauth::redirect_uri::RedirectUri;
use oauth::registration::ClientUrl;

fuzz_target!(|text: &str| {
    let destination = Destination::of(text);
    if let Ok(uri) = RedirectUri::parse(text, false) {
        assert_eq!(uri.as_str(), text);
        assert!(text.is_ascii() && !text.contains(['#', '*', ' ', '\\', '\r', '\n']));
        assert!(uri.matches(text, false));
        // A web client's answers go to a place on the web, or to a program on this device.
        assert!(!matches!(destination, Destination::App(_)), "{text}");
        assert!(uri.origin().is_some_and(|origin| origin.starts_with("http")), "{text}");
    }
    if let Ok(uri) = RedirectUri::parse(text, true) {
        let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
        assert!(!["javascript", "data", "vbscript", "file", "blob", "about"].contains(&scheme.as_str()));
        let without = uri.without_loopback_port();
        assert!(uri.matches(&without, true), "{text} {without}");
        let _ = uri.warning();
    }
    let _ = RedirectUri::parse_post_logout(text);
    if let Ok(origin) = WebOrigin::parse(text) {
        let written = origin.into_string();
        assert_eq!(WebOrigin::parse(&written).map(WebOrigin::into_string).as_deref(), Ok(written.as_str()));
    }
    if let Ok(url) = ClientUrl::parse(text) {
        assert_eq!(url.as_str(), text);
        let authority = text.split('/').nth(2).unwrap_or_default();
        assert!(text.starts_with("https://") && !text.contains('#') && !authority.contains('@'), "{text}");
        assert!(!url.host().is_empty() && url.place().starts_with(url.host()));
    }
});
