//! Texts that go through a browser and come back: a keyed tag tells those that this server wrote from all others.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::words::words;

words! {
    /// The use of a tag. A tag for one use is none for another.
    Sealed {
        /// The notes that a waiting authorization request carries.
        #[default]
        Notes = "notes",
        /// The content of a consent page.
        Consent = "consent",
        /// The content of the page that asks whether to sign out.
        SignOut = "sign-out",
        /// Whose page of consents it is, and an application on it.
        Withdrawal = "withdrawal",
        /// The content of the page that asks whether a device may go on.
        Device = "device",
        /// A request that waits for the answer of a person, as it was shown.
        Backchannel = "backchannel",
        /// The key of a family of refresh tokens.
        RefreshTokens = "refresh-tokens",
        /// Whatever is secret in a sign-in that an administrator tries.
        Trial = "trial",
        /// The metadata of a client that registers, for its ID.
        Registration = "registration",
        /// A login, as scripts of clients learn of it.
        BrowserState = "browser-state",
        /// A person, as the clients of a sector know them.
        PairwiseSubject = "pairwise-subject",
        /// A session, as they know it.
        PairwiseSession = "pairwise-session",
        /// A stretch of time, for proofs of possession.
        DpopNonce = "dpop-nonce",
    }
}

/// The key of the tags.
#[derive(Clone)]
pub struct Seal(Zeroizing<[u8; 32]>);

impl Seal {
    #[must_use]
    pub fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// The tag of `parts`: HMAC-SHA-256 (RFC 2104) over the use and each part with its length before it, as 43 characters of
    /// base64url.
    #[must_use]
    pub fn tag(&self, sealed: Sealed, parts: &[&str]) -> String {
        // Any length is a key of HMAC, so the fallback is never taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else {
            return String::new();
        };
        for part in [sealed.as_str()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// True when `tag` is the tag of `parts`. An empty one never is.
    #[must_use]
    pub fn accepts(&self, tag: &str, sealed: Sealed, parts: &[&str]) -> bool {
        !tag.is_empty() && bool::from(self.tag(sealed, parts).as_bytes().ct_eq(tag.as_bytes()))
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(byte: u8) -> Seal {
        Seal::new(Zeroizing::new([byte; 32]))
    }

    #[test]
    fn a_tag_belongs_to_its_key_its_use_and_its_parts() {
        let tag = seal(1).tag(Sealed::Consent, &["alice", "app"]);
        assert_eq!(tag.len(), 43);
        assert!(seal(1).accepts(&tag, Sealed::Consent, &["alice", "app"]));
        assert!(!seal(2).accepts(&tag, Sealed::Consent, &["alice", "app"]));
        assert!(!seal(1).accepts(&tag, Sealed::SignOut, &["alice", "app"]));
        for other in [&["alice"][..], &["alicea", "pp"], &["alice", "app", ""], &["bob", "app"]] {
            assert!(!seal(1).accepts(&tag, Sealed::Consent, other), "{other:?}");
        }
        assert!(!seal(1).accepts("", Sealed::Consent, &["alice", "app"]));
    }
}
