//! `session_state` (OpenID Connect Session Management 1.0 §3.2): what a page of a client compares with the state of the browser.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::id::ClientId;

/// The state of a login for a client whose page is of `origin`: a salted digest, and the salt. `check_session.js` computes the same.
/// Neither an origin nor what is in base64url holds a space.
#[must_use]
pub fn session_state(client_id: &ClientId, origin: &str, browser_state: &str, salt: &str) -> String {
    let digest = Sha256::digest(format!("{client_id} {origin} {browser_state} {salt}"));
    format!("{}.{salt}", URL_SAFE_NO_PAD.encode(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_of_one_client_one_origin_and_one_login() {
        let state =
            |client: &str, origin: &str, browser: &str| session_state(&ClientId::new(client), origin, browser, "salt");
        let this = state("app", "https://app.example", "b");
        // printf 'app https://app.example b salt' | openssl dgst -sha256 -binary | basenc --base64url
        assert_eq!(this, "hE93EXeYUkXVQQbn5vzwJCWQVD0tZSmJXDHIoIGEy_c.salt");
        for other in [
            state("other", "https://app.example", "b"),
            state("app", "https://b.example", "b"),
            state("app", "https://app.example", ""),
        ] {
            assert_ne!(this, other);
        }
    }
}
