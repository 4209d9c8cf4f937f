//! The nearest of the values that would have been right, with the difference marked and said in words.

use fluent_uri::UriRef;

/// Letters of the longest word that is compared letter by letter.
const LONGEST_WORD: usize = 200;
/// A word of fewer letters has room for one slip.
const SHORT_WORD: usize = 5;
/// A longer one has room for so many.
const MOST_SLIPS: usize = 2;
const BLANK: &str = "There is a blank around what was sent.";
const CAPITALS: &str = "The two differ in capital letters only.";

/// A value that was sent beside the nearest one that would have been right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    pub sent: [Piece; 3],
    pub expected: [Piece; 3],
    /// The difference in words, where there are words for it.
    pub difference: Option<&'static str>,
}

/// A part of a value: the same in both, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub differs: bool,
}

impl Comparison {
    /// Compares what was sent as `parameter` with the one of `expected` that has most in common with it. URIs have at their beginning
    /// and their end; of other values only one that may be a slip of the hand is near. `None` when none is.
    #[must_use]
    pub fn nearest(parameter: &str, sent: &str, expected: &[String]) -> Option<Self> {
        if sent.is_empty() || expected.iter().any(|value| value == sent) {
            return None;
        }
        match parameter {
            "redirect_uri" | "post_logout_redirect_uri" | "request_uri" | "resource" | "audience" | "htu" => {
                Self::of_uris(sent, expected)
            }
            "scope" => Self::of_lists(sent, expected),
            _ => Self::of_words(sent, expected),
        }
    }

    fn of_uris(sent: &str, expected: &[String]) -> Option<Self> {
        let nearest = expected.iter().min_by_key(|value| Difference::of(sent, value).size())?;
        let found = Difference::of(sent, nearest);
        if found.before + found.after == 0 {
            return None;
        }
        Some(Self { sent: found.cut(sent), expected: found.cut(nearest), difference: words(sent, nearest) })
    }

    /// The one word of a list that is not among the expected.
    fn of_lists(sent: &str, expected: &[String]) -> Option<Self> {
        let is_strange = |word: &&str| !word.is_empty() && !expected.iter().any(|value| value == word);
        let mut strange = sent.split(' ').filter(is_strange);
        let (word, None) = (strange.next()?, strange.next()) else { return None };
        let found = Self::of_words(word, expected)?;
        let (before, after) = sent.split_once(word)?;
        let [first, between, last] = found.sent;
        let first = Piece { text: format!("{before}{}", first.text), ..first };
        let last = Piece { text: format!("{}{after}", last.text), ..last };
        Some(Self { sent: [first, between, last], ..found })
    }

    fn of_words(sent: &str, expected: &[String]) -> Option<Self> {
        // Longer ones are no words that somebody types, and those of another length are far.
        let is_likely = |value: &&String| {
            value.len().max(sent.len()) <= LONGEST_WORD
                && value.chars().count().abs_diff(sent.chars().count()) <= MOST_SLIPS
        };
        let letters = sent.to_lowercase();
        let count = |value: &String| if value.to_lowercase() == letters { 0 } else { slips(sent, value) };
        let few = expected.iter().filter(is_likely);
        let (slips, nearest) = few.map(|value| (count(value), value)).min_by_key(|(slips, _)| *slips)?;
        let allowed = if nearest.chars().count() < SHORT_WORD { 1 } else { MOST_SLIPS };
        if slips > allowed || nearest.chars().count() <= slips {
            return None;
        }
        let found = Difference::of(sent, nearest);
        let difference = match slips {
            0 => Some(CAPITALS),
            _ => (sent.trim() == nearest).then_some(BLANK),
        };
        Some(Self { sent: found.cut(sent), expected: found.cut(nearest), difference })
    }
}

/// The letters that are missing, too many, other ones, or swapped with the next one: the least number of such slips that makes one
/// text of the other.
fn slips(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut above: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut letter_before = None;
    for (row, letter) in one.chars().enumerate() {
        let mut next = vec![row + 1];
        let mut there_before = None;
        for (column, there) in other.iter().enumerate() {
            let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX - 1);
            let other_one = at(&last, column) + usize::from(letter != *there);
            let mut least = other_one.min(at(&last, column + 1) + 1).min(at(&next, column) + 1);
            if letter_before == Some(*there) && there_before == Some(letter) {
                least = least.min(at(&above, column.saturating_sub(1)) + 1);
            }
            next.push(least);
            there_before = Some(*there);
        }
        above = std::mem::replace(&mut last, next);
        letter_before = Some(letter);
    }
    last.last().copied().unwrap_or_default()
}

/// The lengths of what is the same at both ends, in bytes, and of what is between.
struct Difference {
    before: usize,
    after: usize,
    between: usize,
}

impl Difference {
    fn of(one: &str, other: &str) -> Self {
        let same = |(a, b): &(char, char)| a == b;
        let before: usize = one.chars().zip(other.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
        let (rest, other_rest) = (one.get(before..).unwrap_or_default(), other.get(before..).unwrap_or_default());
        let back = rest.chars().rev().zip(other_rest.chars().rev());
        let after: usize = back.take_while(same).map(|(c, _)| c.len_utf8()).sum();
        Self { before, after, between: rest.len().max(other_rest.len()) - after }
    }

    fn size(&self) -> usize {
        self.between
    }

    fn cut(&self, text: &str) -> [Piece; 3] {
        let end = text.len().saturating_sub(self.after);
        let piece = |part: Option<&str>, differs| Piece { text: part.unwrap_or_default().to_owned(), differs };
        [piece(text.get(..self.before), false), piece(text.get(self.before..end), true), piece(text.get(end..), false)]
    }
}

/// The difference between two URIs, if it is one that people overlook.
fn words(sent: &str, expected: &str) -> Option<&'static str> {
    if sent.contains('\\') && !expected.contains('\\') {
        return Some(
            "What was sent holds a character that stands here as an escape: it cannot be seen, or is a backslash.",
        );
    }
    if sent.trim() == expected {
        return Some(BLANK);
    }
    if sent.strip_suffix('/') == Some(expected) {
        return Some("What was sent ends with a slash, and what is registered does not.");
    }
    if expected.strip_suffix('/') == Some(sent) {
        return Some("What is registered ends with a slash, and what was sent does not.");
    }
    let (one, other) = (UriRef::parse(sent).ok()?, UriRef::parse(expected).ok()?);
    let scheme = |uri: &UriRef<&str>| uri.scheme().map(|scheme| scheme.as_str().to_ascii_lowercase());
    if scheme(&one) != scheme(&other) {
        return Some("The scheme differs: http is not https.");
    }
    let (here, there) = (one.authority()?, other.authority()?);
    if here.host() != there.host() {
        let local = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        return Some(if local(here.host()) && local(there.host()) {
            "The host differs: localhost and 127.0.0.1 are two names, and only the one that is registered counts."
        } else if here.host().eq_ignore_ascii_case(there.host()) {
            "The host differs in capital letters."
        } else {
            "The host differs. Behind a proxy, applications often build the address from the wrong host."
        });
    }
    if here.port().map(|port| port.as_str()) != there.port().map(|port| port.as_str()) {
        return Some("The port differs.");
    }
    if one.path().as_str().eq_ignore_ascii_case(other.path().as_str()) && one.path() != other.path() {
        return Some("The path differs in capital letters.");
    }
    if one.path() != other.path() {
        return Some("The path differs.");
    }
    (one.query() != other.query()).then_some("The query differs. It is a part of what is registered.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn compare(sent: &str, expected: &[&str]) -> Comparison {
        nearest("redirect_uri", sent, expected).unwrap()
    }

    fn nearest(parameter: &str, sent: &str, expected: &[&str]) -> Option<Comparison> {
        Comparison::nearest(parameter, sent, &expected.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
    }

    fn text(pieces: &[Piece; 3]) -> String {
        pieces.iter().map(|piece| piece.text.as_str()).collect()
    }

    #[test]
    fn the_nearest_is_found_and_its_difference_marked() {
        let found = compare("https://a.example/cb/", &["https://b.example/other", "https://a.example/cb"]);
        assert_eq!(found.sent[1], Piece { text: "/".to_owned(), differs: true });
        assert_eq!(found.expected[0].text, "https://a.example/cb");
        assert_eq!(found.difference, Some("What was sent ends with a slash, and what is registered does not."));
    }

    #[test]
    fn what_people_overlook_is_said() {
        for (sent, expected, word) in [
            ("http://a.example/cb", "https://a.example/cb", "scheme"),
            ("https://a.example/cb", "https://a.example/cb/", "slash"),
            ("http://localhost:3000/cb", "http://127.0.0.1:3000/cb", "localhost"),
            ("https://A.example/cb", "https://a.example/cb", "capital"),
            ("https://a.example:8443/cb", "https://a.example/cb", "port"),
            ("https://a.example/CB", "https://a.example/cb", "capital"),
            ("https://a.example/cc", "https://a.example/cb", "path"),
            ("https://a.example/cb?x=1", "https://a.example/cb", "query"),
            ("https://c.example/cb", "https://a.example/cb", "proxy"),
            ("https://a.example/cb ", "https://a.example/cb", "blank"),
            ("https://a.example/cb\\n", "https://a.example/cb", "escape"),
        ] {
            let said = compare(sent, &[expected]).difference.unwrap_or_default();
            assert!(said.contains(word), "{sent}: {said}");
        }
    }

    #[test]
    fn a_word_is_near_only_when_it_may_be_a_slip() {
        let scopes = ["openid", "profile", "email", "offline_access"];
        for (sent, expected, difference) in [
            ("emial", "email", None),
            ("profil", "profile", None),
            ("openid profle", "profile", None),
            ("OpenID", "openid", Some(CAPITALS)),
            ("OFFLINE_ACCESS", "offline_access", Some(CAPITALS)),
        ] {
            let found = nearest("scope", sent, &scopes).unwrap();
            assert_eq!((text(&found.sent).as_str(), text(&found.expected).as_str()), (sent, expected));
            assert_eq!(found.difference, difference, "{sent}");
        }
        for far in ["orders:read", "http://a.example/x", "profile photos orders", "e", "address"] {
            assert_eq!(nearest("scope", far, &scopes), None, "{far}");
        }
        assert_eq!(nearest("grant_type", "client_credentials", &["authorization_code"]), None);
        assert_eq!(nearest("grant_type", "authorisation_code", &["authorization_code"]).unwrap().difference, None);
        assert_eq!(nearest("grant_type", " password", &["password"]).unwrap().difference, Some(BLANK));
        assert_eq!(nearest("scope", "ab", &["cd"]), None);
    }

    #[test]
    fn slips_are_counted() {
        for (one, other, number) in [
            ("", "", 0),
            ("a", "", 1),
            ("", "ab", 2),
            ("abc", "acb", 1),
            ("emial", "email", 1),
            ("ab", "cd", 2),
            ("ä", "a", 1),
        ] {
            assert_eq!((slips(one, other), slips(other, one)), (number, number), "{one} {other}");
        }
    }

    #[test]
    fn nothing_is_compared_with_nothing_or_with_itself() {
        for parameter in ["redirect_uri", "scope", "grant_type"] {
            assert_eq!(nearest(parameter, "a", &[]), None);
            assert_eq!(nearest(parameter, "", &["a"]), None);
            assert_eq!(nearest(parameter, "a", &["a"]), None);
            assert_eq!(nearest(parameter, "a", &["b"]), None);
        }
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_value(sent in "\\PC{1,12}", expected in "\\PC{1,12}") {
            for parameter in ["redirect_uri", "scope", "grant_type"] {
                if let Some(found) = nearest(parameter, &sent, &[&expected]) {
                    prop_assert_eq!(text(&found.sent), sent.as_str());
                    prop_assert_eq!(text(&found.expected), expected.as_str());
                }
            }
        }
    }
}
