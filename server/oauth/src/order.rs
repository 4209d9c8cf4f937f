//! The natural order of names: 2 comes before 10, and case, width and accents have no meaning.

use unicode_normalization::UnicodeNormalization as _;

/// Characters of a key at most, as many as its column has room for.
const LENGTH: usize = 255;

/// The key that a name is sorted by. Keys are compared code point by code point; a number in one begins with how many digits it has.
#[must_use]
pub fn order_key(text: &str) -> String {
    let folded: String = text.trim().nfkd().flat_map(char::to_lowercase).filter(|c| !is_accent(*c)).collect();
    let mut key = String::with_capacity(folded.len() + 4);
    let mut rest = folded.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (number, after) = from.split_at(end);
        key.push_str(before);
        push_number(&mut key, number.trim_start_matches('0'));
        rest = after;
    }
    key.push_str(rest);
    key.chars().take(LENGTH).collect()
}

/// An accent that stands behind its letter.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Writes how many digits there are, a 9 for every nine and then the rest from 0 to 8; and the digits.
fn push_number(key: &mut String, digits: &str) {
    key.extend(std::iter::repeat_n('9', digits.len() / 9));
    key.extend(char::from_digit(u32::try_from(digits.len() % 9).unwrap_or_default(), 10));
    key.push_str(digits);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_in_the_order_that_people_expect() {
        let names = [
            "",
            "0",
            "Client",
            "client 2",
            "CLIENT 03",
            "ｃｌｉｅｎｔ １０",
            "client 10a",
            "client 999999999",
            "client 1000000000",
            "client 123456789012345678901234567890",
            "client a",
            "Clientele",
            "Ärzte 2",
            "arzte 10",
            "zebra",
            "日本",
        ];
        let mut sorted = names;
        sorted.sort_by_key(|name| order_key(name));
        let moved: Vec<_> = names.iter().filter(|name| !matches!(**name, "Ärzte 2" | "arzte 10")).collect();
        let kept: Vec<_> = sorted.iter().filter(|name| !matches!(**name, "Ärzte 2" | "arzte 10")).collect();
        assert_eq!(moved, kept);
        assert!(order_key("Ärzte 2") < order_key("arzte 10") && order_key("arzte 10") < order_key("Client"));
    }

    #[test]
    fn what_differs_in_case_width_accents_or_zeros_is_in_one_place() {
        for (one, other) in [("Ada", "ＡＤＡ"), ("é", "E\u{301}"), ("a007", "a7"), (" x ", "X"), ("İ", "i")] {
            assert_eq!(order_key(one), order_key(other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn numbers_are_compared_as_numbers(one: u64, other: u64) {
            prop_assert_eq!(order_key(&format!("n{one}")).cmp(&order_key(&format!("n{other}"))), one.cmp(&other));
        }

        #[test]
        fn a_key_fits_its_column(text in "\\PC{0,300}") {
            prop_assert!(order_key(&text).chars().count() <= LENGTH);
        }
    }
}
