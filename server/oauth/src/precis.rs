//! Internationalized strings: the two string classes of the PRECIS framework (RFC 8264 §4) and the rules that profiles put
//! together (RFC 8264 §5). The profiles themselves are [`crate::user::Username`] and [`crate::user::Password`].
//!
//! In two places the order or the rule differs from the text of the RFC. Code points are judged after normalization, so that Hangul
//! typed as single letters, as some systems send it, is the syllables it stands for. ZERO WIDTH NON-JOINER is allowed after a
//! virama only: the other half of its rule would let an invisible character into names.

use unicode_bidi::BidiClass;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// A string class (RFC 8264 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Letters, digits and visible ASCII (§4.2).
    Identifier,
    /// Also spaces, symbols, punctuation and compatibility characters (§4.3).
    Freeform,
}

/// The canonical composition of a text (NFC).
pub(crate) fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// Replaces fullwidth and halfwidth characters by those they stand for (RFC 8264 §5.2.1).
pub(crate) fn map_width(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{3000}' | '\u{ff01}'..='\u{ffee}' => Some(c),
        _ => None,
    };
    let mut mapped = String::with_capacity(text.len());
    for c in text.chars() {
        match narrow(c) {
            Some(wide) => mapped.extend(std::iter::once(wide).nfkc()),
            None => mapped.push(c),
        }
    }
    mapped
}

/// Replaces every space character by the ASCII one (RFC 8265 §4.2.2).
pub(crate) fn map_spaces(text: &str) -> String {
    text.chars().map(|c| if c.general_category() == GeneralCategory::SpaceSeparator { ' ' } else { c }).collect()
}

/// Makes sure that a normalized text consists of what its class allows.
///
/// # Errors
/// The first character that the class does not allow.
pub(crate) fn check(text: &str, class: Class) -> Result<(), char> {
    let chars: Vec<char> = text.chars().collect();
    match (0..).zip(&chars).find(|(at, c)| !is_allowed(**c, *at, &chars, class)) {
        Some((_, refused)) => Err(*refused),
        None => Ok(()),
    }
}

/// Judges one code point by its derived property (RFC 8264 §8).
fn is_allowed(c: char, at: usize, text: &[char], class: Class) -> bool {
    use GeneralCategory as Category;
    match c {
        // Exceptions (§9.6).
        'ß' | 'ς' | '\u{6fd}' | '\u{6fe}' | '\u{f0b}' | '\u{3007}' => return true,
        '\u{640}' | '\u{7fa}' | '\u{302e}' | '\u{302f}' | '\u{3031}'..='\u{3035}' | '\u{303b}' => return false,
        '!'..='~' => return true,
        _ => {}
    }
    if let Some(allowed) = by_context(c, at, text) {
        return allowed;
    }
    if is_old_hangul(c) || is_ignorable(c) {
        return false;
    }
    let freeform = class == Class::Freeform;
    match c.general_category() {
        Category::Control | Category::Unassigned | Category::Surrogate | Category::PrivateUse => false,
        Category::Format | Category::LineSeparator | Category::ParagraphSeparator => false,
        _ if !std::iter::once(c).nfkc().eq([c]) => freeform,
        Category::LowercaseLetter
        | Category::UppercaseLetter
        | Category::OtherLetter
        | Category::DecimalNumber
        | Category::ModifierLetter
        | Category::NonspacingMark
        | Category::SpacingMark => true,
        _ => freeform,
    }
}

/// Judges characters that stand only beside certain others (RFC 5892 appendix A); `None` for all that may stand anywhere.
fn by_context(c: char, at: usize, text: &[char]) -> Option<bool> {
    let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
    let after = text.get(at + 1).copied();
    let within = |c: Option<char>, ranges: &[std::ops::RangeInclusive<char>]| {
        c.is_some_and(|c| ranges.iter().any(|range| range.contains(&c)))
    };
    let somewhere = |ranges: &[std::ops::RangeInclusive<char>]| text.iter().any(|c| within(Some(*c), ranges));
    Some(match c {
        '\u{200c}' | '\u{200d}' => before.is_some_and(|c| canonical_combining_class(c) == VIRAMA),
        '\u{b7}' => before == Some('l') && after == Some('l'),
        '\u{375}' => within(after, GREEK),
        '\u{5f3}' | '\u{5f4}' => within(before, HEBREW),
        '\u{30fb}' => somewhere(KANA_OR_HAN),
        '\u{660}'..='\u{669}' => !somewhere(&['\u{6f0}'..='\u{6f9}']),
        '\u{6f0}'..='\u{6f9}' => !somewhere(&['\u{660}'..='\u{669}']),
        _ => return None,
    })
}

/// The canonical combining class of viramas.
const VIRAMA: u8 = 9;
const GREEK: &[std::ops::RangeInclusive<char>] = &['\u{370}'..='\u{3ff}', '\u{1f00}'..='\u{1fff}'];
const HEBREW: &[std::ops::RangeInclusive<char>] = &['\u{591}'..='\u{5f4}'];
const KANA_OR_HAN: &[std::ops::RangeInclusive<char>] = &[
    '\u{3005}'..='\u{3007}',
    '\u{3041}'..='\u{309f}',
    '\u{30a1}'..='\u{30fa}',
    '\u{30fc}'..='\u{30ff}',
    '\u{31f0}'..='\u{31ff}',
    '\u{3400}'..='\u{4dbf}',
    '\u{4e00}'..='\u{9fff}',
    '\u{20000}'..='\u{3ffff}',
];

/// Letters of Hangul that make syllables (`OldHangulJamo`, RFC 8264 §9.9).
fn is_old_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97c}' | '\u{d7b0}'..='\u{d7fb}')
}

/// `PrecisIgnorableProperties` (RFC 8264 §9.13): code points that are shown as nothing, and those that are no characters.
pub(crate) fn is_ignorable(c: char) -> bool {
    let default_ignorable = matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    );
    default_ignorable || matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// True for a text that reads in one direction, if any of it is written from right to left (the Bidi Rule, RFC 5893 §2).
pub(crate) fn has_one_direction(text: &str) -> bool {
    use BidiClass::{AL, AN, BN, CS, EN, ES, ET, L, NSM, ON, R};
    let classes: Vec<BidiClass> = text.chars().map(unicode_bidi::bidi_class).collect();
    if !classes.iter().any(|class| matches!(class, R | AL | AN)) {
        return true;
    }
    let last = classes.iter().rev().find(|class| **class != NSM).copied();
    let holds = |class: BidiClass| classes.contains(&class);
    match classes.first() {
        Some(R | AL) => {
            classes.iter().all(|class| matches!(class, R | AL | AN | EN | ES | CS | ET | ON | BN | NSM))
                && matches!(last, Some(R | AL | EN | AN))
                && !(holds(EN) && holds(AN))
        }
        Some(L) => {
            classes.iter().all(|class| matches!(class, L | EN | ES | CS | ET | ON | BN | NSM))
                && matches!(last, Some(L | EN))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_letters_digits_and_ascii() {
        for good in ["alice", "Älice", "żółć", "Ωmega", "иван", "田中", "한글", "a_b-c.d+e@f", "l·l", "مریم", "ß"]
        {
            assert_eq!(check(&nfc(good), Class::Identifier), Ok(()), "{good}");
        }
        for (bad, refused) in [
            ("al\u{200b}ice", '\u{200b}'),
            ("al\u{ad}ice", '\u{ad}'),
            ("\u{202e}ecila", '\u{202e}'),
            ("a\u{2066}b", '\u{2066}'),
            ("a\u{200d}b", '\u{200d}'),
            ("a\u{200c}b", '\u{200c}'),
            ("\u{feff}a", '\u{feff}'),
            ("a\u{fe0f}", '\u{fe0f}'),
            ("a\u{e0041}", '\u{e0041}'),
            ("a\u{3164}", '\u{3164}'),
            ("a\u{0}", '\u{0}'),
            ("a\u{85}", '\u{85}'),
            ("a b", ' '),
            ("a\u{a0}b", '\u{a0}'),
            ("😀", '😀'),
            ("™", '™'),
            ("ﬁ", 'ﬁ'),
            ("a·b", '·'),
            ("\u{e000}", '\u{e000}'),
            ("\u{fdd0}", '\u{fdd0}'),
            ("\u{378}", '\u{378}'),
            ("٠۰", '٠'),
        ] {
            assert_eq!(check(bad, Class::Identifier), Err(refused), "{bad:?}");
        }
    }

    #[test]
    fn freeform_texts_hold_spaces_and_symbols_too() {
        for good in ["correct horse", "πßå", "🐒 ☠", "ﬁ™", "a b\u{a0}c"] {
            assert_eq!(check(good, Class::Freeform), Ok(()), "{good}");
        }
        for bad in ["a\u{0}", "a\tb", "a\nb", "a\u{200b}", "a\u{ad}", "\u{378}", "\u{1100}"] {
            assert!(check(bad, Class::Freeform).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn widths_and_spaces_are_mapped() {
        assert_eq!(map_width("ＡＬＩＣＥ　ｱ"), "ALICE ア");
        assert_eq!(map_spaces("a\u{a0}b\u{3000}c"), "a b c");
    }

    #[test]
    fn a_name_reads_in_one_direction() {
        for good in ["alice", "a1", "مریم", "مریم1", "אבג", "1"] {
            assert!(has_one_direction(good), "{good}");
        }
        for bad in ["aא", "אa", "1א", "א-", "مریم1٠"] {
            assert!(!has_one_direction(bad), "{bad}");
        }
    }
}
