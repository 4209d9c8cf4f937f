//! The problems that a field of a form can have. The same checks run while someone types and when the server reads the form.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// One thing wrong with one field, in words for the person who filled it in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    #[error("This is needed.")]
    Missing,
    #[error("This is longer than {0} characters.")]
    TooLong(usize),
    #[error("This is shorter than {0} characters.")]
    TooShort(usize),
    #[error("Use letters, digits and - _ . ~ only.")]
    ClientIdCharacters,
    #[error("Leave out control characters.")]
    ControlCharacters,
    #[error("Use letters, digits, signs and spaces of ASCII only: this travels in a header.")]
    VisibleAscii,
    /// A character that names or passwords cannot hold (RFC 8264 §4), described.
    #[error("The character {0} cannot stand here.")]
    Character(String),
    /// Letters of both directions in one word (RFC 5893 §2).
    #[error("Write each word from left to right or from right to left, not both.")]
    Direction,
    #[error("{0}")]
    RedirectUri(#[from] crate::redirect_uri::RedirectUriError),
    #[error("Line {line}: {problem}")]
    Line { line: usize, problem: Box<FieldProblem> },
    #[error("List at least one redirect URI: people who sign in are sent back to it.")]
    RedirectUriNeeded,
    #[error("An origin is scheme, host and port only, for example https://app.example.com.")]
    Origin,
    #[error("This is not an http or https URL.")]
    WebUrl,
    #[error("A scope is visible ASCII characters without spaces, quotation marks and backslashes.")]
    Scope,
    #[error("“{0}” is not among the scopes this client may ask for.")]
    ScopeOutside(String),
    #[error("There is no scope “{0}” on this server.")]
    ScopeUnknown(String),
    #[error("Choose one of the values offered.")]
    Choice,
    #[error("Choose at least one grant type.")]
    GrantTypeNeeded,
    #[error("A client without a secret cannot use client_credentials.")]
    PublicClientCredentials,
    #[error("refresh_token works only beside authorization_code.")]
    RefreshWithoutCode,
    #[error("This is not a whole number from {0} to {1}.")]
    Range(i64, i64),
    #[error("This is not an email address.")]
    Email,
    #[error("Write the date as YYYY-MM-DD, or the year as YYYY.")]
    Birthdate,
    #[error("This is already taken.")]
    Taken,
    #[error("Use letters, digits and _ - . : only.")]
    ClaimName,
    #[error("Write a JSON object, for example {{\"department\": \"Sales\"}}.")]
    JsonObject,
    #[error("“{0}” is a standard claim with a field of its own, or belongs to the server.")]
    ReservedClaim(String),
    #[error("The claim “{0}” has a value of the wrong type.")]
    ClaimType(String),
    #[error("What you typed is not the same.")]
    Confirmation,
    #[error("openid is part of the protocol and stays.")]
    ProtocolScope,
}

/// Everything wrong with a form, by the name of the field as it is on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldErrors(BTreeMap<&'static str, FieldProblem>);

impl FieldErrors {
    /// A form with one thing wrong.
    #[must_use]
    pub fn one(field: &'static str, problem: FieldProblem) -> Self {
        Self(BTreeMap::from([(field, problem)]))
    }

    /// Notes the problem of a field; the first one noted stays.
    pub fn note(&mut self, field: &'static str, problem: FieldProblem) {
        self.0.entry(field).or_insert(problem);
    }

    /// The value, or `None` after its problem has been noted.
    pub fn take<T>(&mut self, field: &'static str, checked: Result<T, FieldProblem>) -> Option<T> {
        checked.map_err(|problem| self.note(field, problem)).ok()
    }

    #[must_use]
    pub fn find(&self, field: &str) -> Option<&FieldProblem> {
        self.0.get(field)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &FieldProblem)> {
        self.0.iter().map(|(field, problem)| (*field, problem))
    }
}

/// A name people read: trimmed, 1 to `max` characters, no control characters.
///
/// # Errors
/// When it is empty, too long or holds control characters.
pub fn check_name(text: &str, max: usize) -> Result<String, FieldProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FieldProblem::Missing);
    }
    check_optional_name(text, max).map(Option::unwrap_or_default)
}

/// Like [`check_name`], where nothing is fine too.
///
/// # Errors
/// When it is too long or holds control characters.
pub fn check_optional_name(text: &str, max: usize) -> Result<Option<String>, FieldProblem> {
    let text = text.trim();
    if text.chars().count() > max {
        return Err(FieldProblem::TooLong(max));
    }
    if text.chars().any(char::is_control) {
        return Err(FieldProblem::ControlCharacters);
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// An optional http(s) URL, as shown to people (logo, terms, home page).
///
/// # Errors
/// When it is not an absolute http(s) URL of at most 2,000 characters.
pub fn check_web_url(text: &str) -> Result<Option<String>, FieldProblem> {
    let Some(text) = check_optional_name(text, 2_000)? else {
        return Ok(None);
    };
    let uri = fluent_uri::Uri::parse(text.as_str()).map_err(|_| FieldProblem::WebUrl)?;
    let web =
        matches!(uri.scheme().as_str(), "https" | "http") && uri.authority().is_some_and(|a| !a.host().is_empty());
    if web { Ok(Some(text)) } else { Err(FieldProblem::WebUrl) }
}

/// A whole number in a range, units as the field says. Digits only: a sign, a point or an exponent is a mistake.
///
/// # Errors
/// When it is not a number or outside.
pub fn check_range(text: &str, range: &RangeInclusive<i64>) -> Result<i64, FieldProblem> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = digits.then(|| text.parse().ok()).flatten().filter(|value| range.contains(value));
    value.ok_or(FieldProblem::Range(*range.start(), *range.end()))
}

/// The words of a text area of at most `max` bytes, each through `check`; the first bad one is named by the number of its line.
///
/// # Errors
/// The problem of the first bad line, with its number; or the text is too long to be kept.
pub fn check_lines<T>(
    text: &str,
    max: usize,
    check: impl Fn(&str) -> Result<T, FieldProblem>,
) -> Result<Vec<T>, FieldProblem> {
    if text.len() > max {
        return Err(FieldProblem::TooLong(max));
    }
    let mut values = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for word in line.split_whitespace() {
            let value =
                check(word).map_err(|problem| FieldProblem::Line { line: index + 1, problem: Box::new(problem) })?;
            values.push(value);
        }
    }
    Ok(values)
}
