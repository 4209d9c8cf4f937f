//! A browser in which somebody is signed in, as the protocol sees it.

use crate::id::{SessionId, Subject};
use crate::time::Timestamp;

/// The authentication context class of a password (OpenID Connect Core §2, `acr`). Published as `acr_values_supported`.
pub const ACR_PASSWORD: &str = "1";

/// `amr` of a password (RFC 8176 §2).
pub const AMR_PASSWORD: &str = "pwd";

/// A session: who signed in, when, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub subject: Subject,
    pub sid: SessionId,
    pub auth_time: Timestamp,
    pub acr: String,
    pub amr: Vec<String>,
}
