//! `application/x-www-form-urlencoded` and query strings, read strictly: what is not UTF-8 or not well encoded is refused,
//! and a parameter that is sent twice is never silently one of the two (RFC 6749 §3.1).

use std::collections::HashSet;

/// The pairs of a form or query, in the order sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form(Vec<(String, String)>);

/// Why a body or query cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    #[error("a percent sign is not followed by two hexadecimal digits")]
    Percent,
    #[error("the text is not UTF-8")]
    Utf8,
    /// No parameter has a use for it, and PostgreSQL cannot store it.
    #[error("the text holds a NUL character")]
    Nul,
}

/// A parameter was sent more than once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {0} was sent more than once")]
pub struct Repeated(pub String);

impl Form {
    /// # Errors
    /// When an escape is broken or the decoded text is not UTF-8.
    pub fn parse(encoded: &[u8]) -> Result<Self, FormError> {
        let mut pairs = Vec::new();
        for pair in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// The pairs that can be read, and the names of the others; an empty one where the name cannot be read either. For pages of our own,
    /// which leave out what they cannot read, and say so.
    #[must_use]
    pub fn parse_in_part(encoded: &[u8]) -> (Self, Vec<String>) {
        let (mut read, mut unread) = (Self::default(), Vec::new());
        for pair in encoded.split(|byte| *byte == b'&') {
            match Self::parse(pair) {
                Ok(Self(pairs)) => read.0.extend(pairs),
                Err(_) => {
                    let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
                    unread.push(decode(name).unwrap_or_default());
                }
            }
        }
        (read, unread)
    }

    #[must_use]
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// All pairs, in the order sent.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a parameter that may be sent once. An empty value counts as not sent (RFC 6749 §3.1).
    ///
    /// # Errors
    /// When it was sent more than once.
    pub fn find(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() {
            return Err(Repeated(name.to_owned()));
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    /// The first parameter that was sent more than once, but for the two that may be (RFC 8707 §2, RFC 8693 §2.1).
    ///
    /// # Errors
    /// When there is one.
    pub fn check_unrepeated(&self) -> Result<(), Repeated> {
        let mut seen = HashSet::new();
        let mut once =
            self.0.iter().map(|(name, _)| name).filter(|name| !matches!(name.as_str(), "resource" | "audience"));
        match once.find(|name| !seen.insert(name.as_str())) {
            Some(name) => Err(Repeated(name.clone())),
            None => Ok(()),
        }
    }

    /// The first value of a field of one of our own pages, or the empty text.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.replace("\r\n", "\n")).unwrap_or_default()
    }

    /// True when a checkbox of one of our own pages was ticked: it is sent then, whatever its value.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// All values of a field of one of our own pages.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// This form without the parameters called `name`.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        Self(self.0.iter().filter(|(key, _)| key != name).cloned().collect())
    }

    /// This form with `name` set to `value` and nothing else under that name.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut form = self.without(name);
        form.0.push((name.to_owned(), value.to_owned()));
        form
    }

    /// The pairs of this form, then those of `other`.
    #[must_use]
    pub fn followed_by(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(&other.0).cloned().collect())
    }

    /// The form, encoded again.
    #[must_use]
    pub fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

/// Decodes one name or value: `+` is a space, `%XX` a byte, the result UTF-8.
///
/// # Errors
/// When an escape is broken or the decoded text is not UTF-8.
pub fn decode(encoded: &[u8]) -> Result<String, FormError> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = rest.next().and_then(hex).ok_or(FormError::Percent)?;
                let low = rest.next().and_then(hex).ok_or(FormError::Percent)?;
                high << 4 | low
            }
            other => other,
        });
    }
    if bytes.contains(&0) {
        return Err(FormError::Nul);
    }
    String::from_utf8(bytes).map_err(|_| FormError::Utf8)
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_can_be_read_is_read_beside_what_cannot() {
        let (read, unread) = Form::parse_in_part(b"name=hr&q=%00&%ff=1&&sort=-%6eame");
        assert_eq!((read.text("name").as_str(), read.text("sort").as_str()), ("hr", "-name"));
        assert_eq!((read.pairs().count(), unread), (2, vec!["q".to_owned(), String::new()]));
    }

    #[test]
    fn a_parameter_sent_twice_is_neither() {
        let form = Form::parse(b"a=1&b=2&a=3").unwrap();
        assert_eq!(form.find("a"), Err(Repeated("a".into())));
        assert_eq!(form.find("b"), Ok(Some("2")));
        assert!(form.check_unrepeated().is_err());
        assert!(Form::parse(b"resource=a&resource=b").unwrap().check_unrepeated().is_ok());
    }

    #[test]
    fn an_empty_parameter_counts_as_not_sent() {
        assert_eq!(Form::parse(b"a=&b").unwrap().find("a"), Ok(None));
    }

    #[test]
    fn broken_encodings_are_refused() {
        assert_eq!(Form::parse(b"a=%zz"), Err(FormError::Percent));
        assert_eq!(Form::parse(b"a=%4"), Err(FormError::Percent));
        assert_eq!(Form::parse(b"a=%ff"), Err(FormError::Utf8));
        assert_eq!(Form::parse(b"a=b%00c"), Err(FormError::Nul));
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(pairs in proptest::collection::vec(("\\PC{1,8}", "\\PC{0,8}"), 0..6)) {
            let form = Form::from_pairs(pairs);
            prop_assert_eq!(Form::parse(form.encode().as_bytes()).unwrap(), form);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Form::parse(&bytes);
        }
    }
}
