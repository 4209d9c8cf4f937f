//! The subject of an account. An account made here is named by its UUIDv7. One that was imported from a server that counted its
//! users keeps its number, `sub` being what applications know people by; its row's ID is a UUIDv8 (RFC 9562 §5.8) around the
//! number, so that one column and one key do for both.

use oauth::id::Subject;
use uuid::Uuid;

use crate::error::Error;

/// Version 8, the variant of RFC 9562, and room for a number of 48 bits.
const NUMBERED: u128 = 0x0000_0000_0000_8000_8000_0000_0000_0000;
const NUMBER_BITS: u32 = 48;

/// The ID of the account that was number `number` elsewhere; `None` if it is not from 1 to 2^48 - 1.
pub(crate) fn numbered_account_id(number: u64) -> Option<Uuid> {
    (number != 0 && number >> NUMBER_BITS == 0).then(|| Uuid::from_u128(NUMBERED | u128::from(number)))
}

/// The subject of an account.
pub(crate) fn subject_of(id: Uuid) -> Subject {
    Subject::new(find_number(id).map_or_else(|| id.to_string(), |number| number.to_string()))
}

/// The row that a subject names; one that is neither a UUID nor a number names none. Each account has one spelling only.
pub(crate) fn account_id(subject: &Subject) -> Result<Uuid, Error> {
    let text = subject.as_str();
    if let Ok(number) = text.parse::<u64>() {
        let id = numbered_account_id(number).filter(|_| number.to_string() == text);
        return id.ok_or(Error::NotFound);
    }
    Uuid::parse_str(text).ok().filter(|id| find_number(*id).is_none()).ok_or(Error::NotFound)
}

fn find_number(id: Uuid) -> Option<u128> {
    let bits = id.as_u128();
    (bits >> NUMBER_BITS == NUMBERED >> NUMBER_BITS).then_some(bits & ((1 << NUMBER_BITS) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stays_the_subject() {
        for number in [1, 7, (1 << 48) - 1] {
            let id = numbered_account_id(number).unwrap();
            assert_eq!(subject_of(id).as_str(), number.to_string());
            assert_eq!(account_id(&subject_of(id)).unwrap(), id);
            assert_eq!(id.get_version_num(), 8);
        }
    }

    #[test]
    fn a_uuid_stays_the_subject() {
        let id = crate::random::uuid_v7(oauth::time::Timestamp(1_800_000_000));
        assert_eq!(account_id(&Subject::new(id.to_string())).unwrap(), id);
        assert_eq!(subject_of(id).as_str(), id.to_string());
    }

    #[test]
    fn there_is_one_spelling_of_a_number() {
        let uuid = numbered_account_id(7).unwrap().to_string();
        for text in ["07", "+7", "-7", "0", "281474976710656", "", "seven", uuid.as_str()] {
            assert!(account_id(&Subject::new(text)).is_err(), "{text}");
        }
        assert_eq!(numbered_account_id(0), None);
        assert_eq!(numbered_account_id(1 << 48), None);
    }
}
