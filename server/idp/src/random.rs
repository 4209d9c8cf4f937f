//! The one place that draws random bytes. (OpenSSL draws its own when it makes a signing key or seals one.)

use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::time::Timestamp;
use uuid::Uuid;

/// `N` bytes from the operating system's generator.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this module is where random bytes come from")]
#[expect(clippy::expect_used, reason = "a server without randomness must not go on, and no caller could do better")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A secret that nobody guesses: 256 bits as 43 characters of base64url.
#[must_use]
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// A client ID for a client that chose none: 128 bits in hexadecimal, so that a double click selects all of it.
#[must_use]
pub fn client_id() -> String {
    hexadecimal(&bytes::<16>())
}

/// The identity of a scope: 128 bits as 22 characters of base64url.
#[must_use]
pub fn scope_id() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<16>())
}

/// The first stamp of a client. Another client that has its ID later has another one.
#[must_use]
pub fn stamp() -> i64 {
    // Room for more than anybody will count up from here.
    i64::from_le_bytes(bytes()) & (i64::MAX >> 1)
}

/// A nonce of a content security policy (CSP 3 §7.1 asks for 128 bits at least), good in HTML without escaping.
#[must_use]
pub fn nonce() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<16>())
}

/// An ID that ties an answer to lines of the log: 20 digits in hexadecimal, short enough to be read out on the telephone. The first
/// eight are the second, so that an index of many IDs grows at its end.
#[must_use]
pub fn request_id(now: Timestamp) -> String {
    let second = u32::try_from(now.0).unwrap_or_default();
    format!("{second:08x}{}", hexadecimal(&bytes::<6>()))
}

/// A UUID that sorts by the second it was made in (RFC 9562 §5.7).
#[must_use]
pub fn uuid_v7(now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.0).unwrap_or_default().saturating_mul(1_000);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid()
}

/// The same for what is listed in the order in which it was made: within this process those of one second sort, too, but for the one
/// in 67 million at which the count begins again.
#[must_use]
pub fn ordered_uuid_v7(now: Timestamp) -> Uuid {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let second = u64::try_from(now.0).unwrap_or_default();
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    // The first bits behind the time, which hold no version and no variant: four, eight, six, eight.
    let mut rest: [u8; 10] = bytes();
    for (place, shift) in rest.iter_mut().zip([22, 14, 8, 0]) {
        let bits = match shift {
            22 => 0x0f,
            8 => 0x3f,
            _ => 0xff,
        };
        *place = (number >> shift).to_le_bytes()[0] & bits;
    }
    uuid::Builder::from_unix_timestamp_millis(second.saturating_mul(1_000), &rest).into_uuid()
}

/// The least of the UUIDs that are made at that second or later.
#[must_use]
pub fn first_uuid_v7(at: Timestamp) -> Uuid {
    // The time has 48 bits.
    let millis = u64::try_from(at.0).unwrap_or_default().saturating_mul(1_000).min((1 << 48) - 1);
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_43_characters_of_base64url_and_never_the_same() {
        let (one, other) = (token(), token());
        assert_eq!(one.len(), 43);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        assert_ne!(one, other);
    }

    #[test]
    fn identifiers_are_plain() {
        assert_eq!(client_id().len(), 32);
        let id = request_id(Timestamp(1_800_000_000));
        assert!(
            id.len() == 20 && id.starts_with("6b49d200") && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{id}"
        );
        assert_ne!(id, request_id(Timestamp(1_800_000_000)));
        assert_eq!(request_id(Timestamp(i64::MAX)).len(), 20);
        assert!(client_id().bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(nonce().len(), 22);
    }

    #[test]
    fn uuids_sort_by_time() {
        let (early, late) = (uuid_v7(Timestamp(1_700_000_000)), uuid_v7(Timestamp(1_700_000_001)));
        assert!(early < late);
        assert_eq!(early.get_version_num(), 7);
        assert_eq!(early.get_timestamp().unwrap().to_unix().0, 1_700_000_000);
        assert_ne!(early, uuid_v7(Timestamp(1_700_000_000)));
        let many: Vec<Uuid> = (0..100_000).map(|number| ordered_uuid_v7(Timestamp(number / 30_000))).collect();
        let (first, next) = (first_uuid_v7(Timestamp(1)), first_uuid_v7(Timestamp(2)));
        assert!(many[29_999] < first && first <= many[30_000] && many[59_999] < next && next <= many[60_000]);
        assert!(first_uuid_v7(Timestamp(i64::MAX)) > many[99_999] && first_uuid_v7(Timestamp(-1)) <= many[0]);
        assert!(many.is_sorted() && many.iter().all(|id| id.get_version_num() == 7));
    }
}
