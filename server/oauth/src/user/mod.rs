//! The people who sign in, and how an administrator describes them.

mod draft;
mod name;
mod password;

use crate::claims::standard::UserClaims;
use crate::id::Subject;
use crate::time::Timestamp;

pub use draft::{Said, UserDraft};
pub use name::{Email, Username, check_email, fold, login_key, search_key};
pub use password::{Password, check_password, presented_password};

/// A person with an account.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    pub subject: Subject,
    pub username: String,
    pub email: Option<String>,
    /// A disabled user cannot sign in, and tokens for them are dead.
    pub enabled: bool,
    pub claims: UserClaims,
    /// Also the claim `updated_at`.
    pub updated_at: Timestamp,
}

/// Longest user name, in characters.
pub const MAX_USERNAME: usize = 120;
/// Longest email address, in characters (RFC 5321 §4.5.3.1.3).
pub const MAX_EMAIL: usize = 254;
/// Longest claim that is a text, in characters.
pub const MAX_CLAIM: usize = 500;
/// Claims of one's own as they are stored, in bytes: in a column that may end at 64 KiB, beside all other claims.
pub const MAX_EXTRA_CLAIMS: usize = 16_384;
/// The shortest password that the console accepts, in characters (NIST SP 800-63B §5.1.1.2).
pub const MIN_PASSWORD: usize = 8;
/// The longest password, in characters, so that hashing one is bounded.
pub const MAX_PASSWORD: usize = 1_024;
/// Longest key that names are compared by, in characters: as long as its column.
const MAX_KEY: usize = 255;

/// A user that was checked: all of [`User`] that an administrator decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    pub username: Username,
    pub email: Option<Email>,
    pub enabled: bool,
    pub claims: UserClaims,
}
