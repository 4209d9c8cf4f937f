//! The nearest of the values that would have been right, with the difference marked and said in words.

use fluent_uri::UriRef;

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
    /// Compares `sent` with the one of `expected` that has most in common with it at its beginning and its end. `None` when nothing
    /// is to be compared, or they have nothing in common.
    #[must_use]
    pub fn nearest(sent: &str, expected: &[String]) -> Option<Self> {
        let nearest = expected.iter().min_by_key(|value| Difference::of(sent, value).size())?;
        if sent.is_empty() || sent == nearest {
            return None;
        }
        let found = Difference::of(sent, nearest);
        if found.before + found.after == 0 {
            return None;
        }
        Some(Self { sent: found.cut(sent), expected: found.cut(nearest), difference: words(sent, nearest) })
    }
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
        return Some("There is a blank around what was sent.");
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
        Comparison::nearest(sent, &expected.iter().map(|&text| text.to_owned()).collect::<Vec<_>>()).unwrap()
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
        assert_eq!(compare("emial", &["email"]).difference, None);
    }

    #[test]
    fn nothing_is_compared_with_nothing_or_with_itself() {
        assert_eq!(Comparison::nearest("a", &[]), None);
        assert_eq!(Comparison::nearest("", &["a".to_owned()]), None);
        assert_eq!(Comparison::nearest("a", &["a".to_owned()]), None);
        assert_eq!(Comparison::nearest("a", &["b".to_owned()]), None);
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_value(sent in "\\PC{1,12}", expected in "\\PC{1,12}") {
            if let Some(found) = Comparison::nearest(&sent, std::slice::from_ref(&expected)) {
                prop_assert_eq!(found.sent.map(|piece| piece.text).concat(), sent);
                prop_assert_eq!(found.expected.map(|piece| piece.text).concat(), expected);
            }
        }
    }
}
