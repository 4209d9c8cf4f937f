//! Errors of keys.

use oauth::jose::SigningAlg;

/// A key, or a ring of them, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    #[error(
        "APP_SECRET does not match the one that sealed the signing key {0} in the database; expected the APP_SECRET that this \
         database has been used with so far"
    )]
    Sealed(String),
    #[error("there is no key to sign with {0}")]
    NoSigner(SigningAlg),
    #[error("a signing key cannot be used: {0}")]
    Unusable(String),
}
