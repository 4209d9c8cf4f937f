//! The people who sign in, and how an administrator describes them.

mod draft;

use crate::claims::standard::UserClaims;
use crate::field::{FieldProblem, check_optional_name};
use crate::id::Subject;
use crate::time::Timestamp;

pub use draft::UserDraft;

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

/// The shortest password that the console accepts (NIST SP 800-63B §5.1.1.2).
pub const MIN_PASSWORD: usize = 8;
/// The longest, in bytes, so that hashing one is bounded.
pub const MAX_PASSWORD: usize = 1_024;

/// A user that was checked: all of [`User`] that an administrator decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    pub username: String,
    pub email: Option<String>,
    pub enabled: bool,
    pub claims: UserClaims,
}

/// An email address in the form that can be delivered to: one `@`, something on both sides, no spaces.
///
/// # Errors
/// When it is not, or longer than 254 characters (RFC 5321 §4.5.3.1.3).
pub fn check_email(text: &str) -> Result<Option<String>, FieldProblem> {
    let Some(text) = check_optional_name(text, 254)? else {
        return Ok(None);
    };
    // In lower case a few letters become two.
    if text.to_lowercase().chars().count() > 255 {
        return Err(FieldProblem::TooLong(254));
    }
    let plausible = text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.starts_with('.') && !domain.ends_with('.')
    });
    if plausible && !text.contains(char::is_whitespace) && text.matches('@').count() == 1 {
        Ok(Some(text))
    } else {
        Err(FieldProblem::Email)
    }
}

/// A password that a person chooses in a form: its length is all that is asked of it.
///
/// # Errors
/// When it is too short or too long.
pub fn check_password(password: &str) -> Result<(), FieldProblem> {
    check_any_password(password)?;
    if password.chars().count() < MIN_PASSWORD { Err(FieldProblem::TooShort(MIN_PASSWORD)) } else { Ok(()) }
}

/// A password that a script sets: it is there, and hashing it is bounded. Scripts for demonstrations use short ones.
///
/// # Errors
/// When it is missing or too long.
pub fn check_any_password(password: &str) -> Result<(), FieldProblem> {
    match password.len() {
        0 => Err(FieldProblem::Missing),
        length if length > MAX_PASSWORD => Err(FieldProblem::TooLong(MAX_PASSWORD)),
        _ => Ok(()),
    }
}
