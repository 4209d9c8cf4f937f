//! The IDs that clients can have.

use crate::field::{FieldProblem, check_name};
use crate::registration::{ClientUrl, MAX_CLIENT_URL};

/// The longest client ID.
pub const MAX_CLIENT_ID: usize = 128;

/// A client ID that an administrator chose: 1 to 128 unreserved characters (RFC 3986 §2.3), so that it needs no escaping in
/// a URL; or the URL of a client that is known by its document elsewhere. Empty is for the caller to fill in.
///
/// # Errors
/// When it is empty, too long or holds other characters.
pub fn check_client_id(text: &str) -> Result<String, FieldProblem> {
    if ClientUrl::is_meant(text.trim()) {
        let url = ClientUrl::parse(text.trim()).map_err(FieldProblem::ClientUrl)?;
        return Ok(url.as_str().to_owned());
    }
    let id = check_name(text, MAX_CLIENT_ID)?;
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    if !id.bytes().all(unreserved) || matches!(id.as_str(), "." | "..") {
        return Err(FieldProblem::ClientIdCharacters);
    }
    Ok(id)
}

/// False for a text that no client can have as its ID, whoever gave it: it need not be looked up. Databases differ in what they make
/// of one with a NUL.
#[must_use]
pub fn can_be_client_id(text: &str) -> bool {
    let longest = MAX_CLIENT_ID.max(MAX_CLIENT_URL);
    !text.is_empty() && text.len() <= longest && !text.chars().any(char::is_control)
}

/// Pages of the console that stand beside those of clients.
const PAGES: [&str; 2] = ["new", "wizard"];

/// The ID of a client that does not exist yet. It may not be one that a user could have, for what APIs are told of a token
/// names clients and users in the same place (`sub`, RFC 7662 §2.2).
///
/// # Errors
/// Also when it is the address of a page, a number or a UUID.
pub fn check_new_client_id(text: &str) -> Result<String, FieldProblem> {
    let id = check_client_id(text)?;
    if PAGES.contains(&id.as_str()) {
        return Err(FieldProblem::ClientIdOfPage);
    }
    if is_number(&id) || is_uuid(&id) {
        return Err(FieldProblem::ClientIdOfSubject);
    }
    Ok(id)
}

fn is_number(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_digit())
}

/// As RFC 9562 §4 writes it, with hyphens.
fn is_uuid(id: &str) -> bool {
    let lengths = id.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_client_has_an_id_that_nothing_else_has() {
        use FieldProblem as P;
        for (id, problem) in [
            ("new", P::ClientIdOfPage),
            ("wizard", P::ClientIdOfPage),
            ("7", P::ClientIdOfSubject),
            ("000123", P::ClientIdOfSubject),
            ("019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11", P::ClientIdOfSubject),
            ("019AB0C4-2F6E-4D11-9C52-6F1D2F0F8A11", P::ClientIdOfSubject),
            ("a b", P::ClientIdCharacters),
            ("ü", P::ClientIdCharacters),
            (".", P::ClientIdCharacters),
            ("", P::Missing),
        ] {
            assert_eq!(check_new_client_id(id), Err(problem), "{id}");
        }
        for id in ["news", "New", "7a", "1.2", "019ab0c42f6e7d119c526f1d2f0f8a11", "a-b-c-d-e"] {
            assert_eq!(check_new_client_id(id).as_deref(), Ok(id));
        }
        assert!(check_client_id("7").is_ok(), "one from before stays");
        for id in ["", "a\0", "\0", "a\nb", "a\u{7f}", &"x".repeat(256)] {
            assert!(!can_be_client_id(id), "{id:?}");
        }
        for id in ["web", "dcr-x", "https://a.example/x", &"x".repeat(255)] {
            assert!(can_be_client_id(id), "{id:?}");
        }
    }
}
