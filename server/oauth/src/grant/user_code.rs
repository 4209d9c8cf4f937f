//! `user_code`: the code that a device shows and a person types (RFC 8628 §6.1).

/// The letters of user codes: no vowels, so that no words come about, and none that look alike (RFC 8628 §6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Letters of a code: 20⁸ codes, 34 bits.
const LENGTH: usize = 8;

/// A user code in the form in which codes are compared: eight letters. Shown as `WDJB-MJHT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// The code made of a random number. Of 2⁶⁴ numbers each code is made by the same count, to within a billionth.
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        let mut rest = random;
        let letter = |_| {
            let (quotient, digit) = (rest / 20, rest % 20);
            rest = quotient;
            usize::try_from(digit).ok().and_then(|digit| LETTERS.get(digit)).map_or('B', |letter| char::from(*letter))
        };
        Self((0..LENGTH).map(letter).collect())
    }

    /// The code that somebody typed: case and everything that is no letter of a code are passed over (RFC 8628 §6.1). `None`:
    /// no code can be meant.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let upper = typed.chars().map(|letter| letter.to_ascii_uppercase());
        let is_of_code = |letter: &char| u8::try_from(*letter).is_ok_and(|letter| LETTERS.contains(&letter));
        // One letter more than a code has tells that there are too many.
        let code: String = upper.filter(is_of_code).take(LENGTH + 1).collect();
        (code.len() == LENGTH).then_some(Self(code))
    }

    /// The eight letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// With a dash in the middle, for people.
impl std::fmt::Display for UserCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (first, second) = self.0.split_at_checked(LENGTH / 2).unwrap_or((&self.0, ""));
        write!(f, "{first}-{second}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_eight_letters_of_twenty_and_shown_in_two_halves() {
        assert_eq!(UserCode::from_random(0).to_string(), "BBBB-BBBB");
        assert_eq!(UserCode::from_random(19).as_str(), "ZBBBBBBB");
        assert_eq!(UserCode::from_random(25_600_000_000 - 1).as_str(), "ZZZZZZZZ");
        for random in [1, 77, u64::MAX / 3, u64::MAX] {
            let code = UserCode::from_random(random);
            assert!(code.as_str().len() == LENGTH && code.as_str().bytes().all(|letter| LETTERS.contains(&letter)));
            assert_eq!(UserCode::parse(&code.to_string()), Some(code));
        }
    }

    #[test]
    fn case_dashes_blanks_and_stray_letters_do_not_count() {
        let code = UserCode::parse("WDJB-MJHT");
        assert_eq!(code.as_ref().map(UserCode::as_str), Some("WDJBMJHT"));
        for typed in ["wdjbmjht", " wdjb mjht ", "W.D.J.B–M_J/H/T", "wdjb\u{a0}mjht\n", "0WDJB1MJHT!"] {
            assert_eq!(UserCode::parse(typed), code, "{typed:?}");
        }
        for typed in ["", "-", "WDJB-MJH", "WDJB-MJHTT", "AEIOU-AEIOU", &"WDJBMJHT".repeat(9_000)] {
            assert_eq!(UserCode::parse(typed), None);
        }
    }
}
