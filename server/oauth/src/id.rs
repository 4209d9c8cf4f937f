//! The nouns of the protocol as types, so that a client ID can never be passed where a subject is meant.

pub use crate::issuer::{Hosts, Issuer, IssuerError};

macro_rules! text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            #[must_use]
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

text!(
    /// `client_id` (RFC 6749 §2.2): public, unique at this server, compared exactly.
    ClientId
);
text!(
    /// `sub` (OpenID Connect Core §2): a UUIDv7, or the number of a user who was imported; never reused, at most 36 ASCII
    /// characters.
    Subject
);
text!(
    /// `sid` (OpenID Connect Front-Channel Logout §3): names a session to clients; not the cookie that opens it.
    SessionId
);
text!(
    /// One login of a session: another one each time that somebody signs in. Told to nobody.
    LoginId
);
text!(
    /// A family of codes and tokens: everything that came from one agreement of a user, or that a client got for itself.
    GrantId
);
text!(
    /// A protected resource at this server; its identifier is a URI, and another one (RFC 8707 §2).
    ResourceId
);
text!(
    /// A trust in somebody elsewhere.
    TrustId
);
text!(
    /// `nonce` (OpenID Connect Core §3.1.2.1): binds an ID token to the client's session; echoed as it came.
    Nonce
);
text!(
    /// `state` (RFC 6749 §4.1.1): opaque to the server, returned exactly.
    State
);
