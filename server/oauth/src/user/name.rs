//! Names of accounts: the user name, the email address, and what they are compared by.

use super::{MAX_EMAIL, MAX_KEY, MAX_USERNAME};
use crate::field::{FieldProblem, check_optional_name};
use crate::precis::{Class, check, has_one_direction, map_width, nfc};

/// A user name: the profile `UsernameCasePreserved` of RFC 8265 §3.4, words of it separated by single spaces. Two that differ in
/// case only (§3.3) are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username {
    text: String,
    key: String,
}

/// An email address: a local part that holds nothing invisible, and a domain. Case makes no difference, nor whether an
/// internationalized domain is written in letters or in its ASCII form (RFC 5890 §2.3.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    text: String,
    key: String,
}

impl Username {
    /// # Errors
    /// When it is missing, longer than [`MAX_USERNAME`] characters, or holds what a name cannot hold.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let text = check_optional_name(text, MAX_USERNAME)?.ok_or(FieldProblem::Missing)?;
        let text = canonical_username(&text)?;
        let key = login_key(&text).ok_or(FieldProblem::TooLong(MAX_USERNAME))?;
        Ok(Self { text, key })
    }

    /// A name as it is stored. One from before there was a profile may be none of today's; it stays what it is.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self { text: text.to_owned(), key: login_key(text).unwrap_or_else(|| fold(text)) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The key that tells it from other names. A name that is an address has the key of the address.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl Email {
    /// The address; `None` for an empty text.
    ///
    /// # Errors
    /// When it is not an address, or longer than [`MAX_EMAIL`] characters (RFC 5321 §4.5.3.1.3).
    pub fn parse(text: &str) -> Result<Option<Self>, FieldProblem> {
        let Some(text) = check_email(text)? else {
            return Ok(None);
        };
        let text = nfc(&text);
        check(&text, Class::Freeform).map_err(|refused| FieldProblem::Character(describe(refused)))?;
        let key = email_key(&text).ok_or(FieldProblem::Email)?;
        Ok(Some(Self { text, key }))
    }

    /// An address as it is stored, whatever was asked of addresses when it was.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self { text: text.to_owned(), key: email_key(text).unwrap_or_else(|| fold(text)) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The key that tells it from other addresses.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// The key of a text that somebody typed to sign in; `None` when it can be neither a name nor an address.
#[must_use]
pub fn login_key(text: &str) -> Option<String> {
    if let Some(key) = email_key(text.trim()) {
        return Some(key);
    }
    let name = canonical_username(text).ok()?;
    let key = nfc(&name.to_lowercase());
    (key.chars().count() <= MAX_KEY).then_some(key)
}

/// The comparison of before there were profiles. Names of that time may be stored under it.
#[must_use]
pub fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A text as it is searched for and found: composed, in small letters of one width.
#[must_use]
pub fn search_key(text: &str) -> String {
    nfc(&fold(&map_width(text)))
}

/// An email address in the form that can be delivered to: one `@`, something on both sides, no spaces. [`Email::parse`] asks for
/// more; this is as much as is checked while somebody types.
///
/// # Errors
/// When it is not, or longer than [`MAX_EMAIL`] characters.
pub fn check_email(text: &str) -> Result<Option<String>, FieldProblem> {
    let Some(text) = check_optional_name(text, MAX_EMAIL)? else {
        return Ok(None);
    };
    let plausible = text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.starts_with('.') && !domain.ends_with('.')
    });
    if plausible && !text.contains(char::is_whitespace) && text.matches('@').count() == 1 {
        Ok(Some(text))
    } else {
        Err(FieldProblem::Email)
    }
}

fn canonical_username(text: &str) -> Result<String, FieldProblem> {
    let text = nfc(&map_width(text));
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    for word in &words {
        check(word, Class::Identifier).map_err(|refused| FieldProblem::Character(describe(refused)))?;
        if !has_one_direction(word) {
            return Err(FieldProblem::Direction);
        }
    }
    if words.is_empty() { Err(FieldProblem::Missing) } else { Ok(words.join(" ")) }
}

fn email_key(text: &str) -> Option<String> {
    let text = nfc(&check_email(text).ok().flatten()?);
    let (local, domain) = text.rsplit_once('@')?;
    let domain = match domain.is_ascii() {
        true => domain.to_ascii_lowercase(),
        false => crate::idn::domain(domain).filter(|domain| !domain.is_empty())?,
    };
    let key = format!("{}@{domain}", nfc(&local.to_lowercase()));
    (key.chars().count() <= MAX_KEY).then_some(key)
}

/// A character for the eye: what is not seen by its number.
pub(super) fn describe(c: char) -> String {
    let number = format!("U+{:04X}", u32::from(c));
    if c == ' ' || check(&c.to_string(), Class::Freeform).is_err() || c.is_whitespace() {
        number
    } else {
        format!("“{c}” ({number})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_typed_and_compared_without_case_width_and_composition() {
        let name = Username::parse(" A\u{308}lice ").unwrap();
        assert_eq!((name.as_str(), name.key()), ("Älice", "älice"));
        for same in ["Älice", "ÄLICE", "a\u{308}lice", "Ａ\u{308}ｌｉｃｅ"] {
            assert_eq!(login_key(same).as_deref(), Some("älice"), "{same}");
        }
        assert_eq!(Username::parse("Ada  Lovelace").unwrap().as_str(), "Ada Lovelace");
        // As some keyboards send it: one letter at a time.
        assert_eq!(Username::parse("\u{1112}\u{1161}\u{11ab}").unwrap().as_str(), "한");
    }

    #[test]
    fn a_name_that_looks_like_another_one_is_refused() {
        for bad in ["al\u{200b}ice", "alice\u{ad}", "\u{202e}alice", "a\u{2066}lice", "ali\u{200d}ce", "alice\u{feff}"]
        {
            assert!(matches!(Username::parse(bad), Err(FieldProblem::Character(_))), "{bad:?}");
            assert_eq!(login_key(bad), None);
        }
        assert_eq!(Username::parse("aא").unwrap_err(), FieldProblem::Direction);
        assert_eq!(Username::parse(" \u{3000} ").unwrap_err(), FieldProblem::Missing);
        assert_eq!(Username::parse(&"x".repeat(121)).unwrap_err(), FieldProblem::TooLong(120));
        let problem = Username::parse("al\u{200b}ice").unwrap_err();
        assert_eq!(problem.to_string(), "The character U+200B cannot stand here.");
    }

    #[test]
    fn an_address_has_one_key_however_its_domain_is_written() {
        let keys = ["Bob@MÜLLER.example", "bob@mu\u{308}ller.example", "bob@xn--mller-kva.EXAMPLE"].map(|text| {
            let email = Email::parse(text).unwrap().unwrap();
            assert_eq!(Username::stored(text).key(), email.key());
            email.key().to_owned()
        });
        assert!(keys.iter().all(|key| key == "bob@xn--mller-kva.example"), "{keys:?}");
        assert_eq!(Email::parse("Bob@Example.com").unwrap().unwrap().as_str(), "Bob@Example.com");
        assert_eq!(Email::parse(" ").unwrap(), None);
    }

    #[test]
    fn emails_are_looked_at() {
        for bad in ["x", "@x", "x@", "a b@c", "a@b@c", "a\u{200b}@example.com", "a@exa\u{ad}mple.com", "a@.c", "a@c."] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_key_fits_its_column() {
        // Letters that become two or three.
        for long in ["İ".repeat(120), "\u{fb2c}".repeat(120), "\u{1d15e}".repeat(120)] {
            if let Ok(name) = Username::parse(&long) {
                assert!(name.key().chars().count() <= 255);
            }
        }
    }

    #[test]
    fn what_was_stored_before_there_was_a_profile_stays() {
        let name = Username::stored("😀 \u{200b}");
        assert_eq!((name.as_str(), name.key()), ("😀 \u{200b}", fold("😀 \u{200b}").as_str()));
    }
}
