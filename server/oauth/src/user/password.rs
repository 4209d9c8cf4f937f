//! Passwords: the profile `OpaqueString` of RFC 8265 §4.2.

use super::name::describe;
use super::{MAX_PASSWORD, MIN_PASSWORD};
use crate::field::FieldProblem;
use crate::precis::{Class, check, map_spaces, nfc};
use crate::secret::Secret;

/// A password that can be set: 1 to [`MAX_PASSWORD`] characters, without control characters and what is not seen. However a keyboard
/// composes its letters, and whichever of the spaces it sends, it is the same password.
#[derive(Debug, Clone)]
pub struct Password(Secret);

impl Password {
    /// A password that a script sets. Scripts for demonstrations use short ones.
    ///
    /// # Errors
    /// When it is missing, too long, or holds what a password cannot hold.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        check_length(text, 1)?;
        let text = canonical(text);
        check(&text, Class::Freeform).map_err(|refused| FieldProblem::Character(describe(refused)))?;
        Ok(Self(Secret::new(text)))
    }

    /// A password that a person chooses in a form: at least [`MIN_PASSWORD`] characters.
    ///
    /// # Errors
    /// As [`Password::parse`] does, or when it is too short.
    pub fn chosen(text: &str) -> Result<Self, FieldProblem> {
        check_password(text)?;
        Self::parse(text)
    }

    /// The text that is hashed.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// A password as somebody typed it to sign in, in the form that passwords are set in, or as it came if it has none.
#[must_use]
pub fn presented_password(text: &str) -> Secret {
    let text_of_profile = canonical(text);
    Secret::new(if check(&text_of_profile, Class::Freeform).is_ok() { &text_of_profile } else { text })
}

/// The length of a password that a person chooses, and that it holds no control characters: as much as is checked while somebody types.
///
/// # Errors
/// When it is missing, too short or too long, or holds control characters.
pub fn check_password(text: &str) -> Result<(), FieldProblem> {
    check_length(text, MIN_PASSWORD)?;
    if text.contains(char::is_control) { Err(FieldProblem::ControlCharacters) } else { Ok(()) }
}

fn check_length(text: &str, least: usize) -> Result<(), FieldProblem> {
    match text.chars().count() {
        0 => Err(FieldProblem::Missing),
        length if length > MAX_PASSWORD => Err(FieldProblem::TooLong(MAX_PASSWORD)),
        length if length < least => Err(FieldProblem::TooShort(least)),
        _ => Ok(()),
    }
}

fn canonical(text: &str) -> String {
    nfc(&map_spaces(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_same_however_it_is_composed() {
        let composed = Password::parse("Ärger mit\u{a0}Ö").unwrap();
        let decomposed = Password::parse("A\u{308}rger mit\u{3000}O\u{308}").unwrap();
        assert_eq!(composed.expose(), decomposed.expose());
        assert_eq!(composed.expose(), "Ärger mit Ö");
        assert_eq!(presented_password("A\u{308}rger mit O\u{308}").expose(), composed.expose());
        assert_ne!(Password::parse("ärger mit Ö").unwrap().expose(), composed.expose());
    }

    #[test]
    fn what_no_form_can_send_is_refused() {
        for bad in ["nul\0nul", "tab\tbed", "line\nline", "escape\u{1b}", "zero\u{200b}width", "soft\u{ad}hyphen"] {
            assert!(Password::parse(bad).is_err(), "{bad:?}");
            assert_eq!(presented_password(bad).expose(), bad);
        }
    }

    #[test]
    fn its_length_is_counted_in_characters() {
        assert_eq!(Password::parse("").unwrap_err(), FieldProblem::Missing);
        assert_eq!(Password::chosen("kurzer").unwrap_err(), FieldProblem::TooShort(8));
        assert!(Password::chosen("ÄÖÜäöüß!").is_ok());
        assert!(Password::parse(&"ü".repeat(1_024)).is_ok());
        assert_eq!(Password::parse(&"x".repeat(1_025)).unwrap_err(), FieldProblem::TooLong(1_024));
    }
}
