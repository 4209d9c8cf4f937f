//! A field of a type of authorization details: its name, what it holds, and the values that are good.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::{FieldProblem, find_hidden};
use crate::words::words;

words! {
    /// The kind of a field's value.
    ValueKind {
        #[default]
        String = "string",
        Number = "number",
        Boolean = "boolean",
        /// A list of strings.
        Strings = "strings",
    }
}

impl ValueKind {
    /// The words for a value of this kind.
    fn described(self) -> &'static str {
        match self {
            Self::String => "a string that is not empty",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Strings => "a list of different strings that are not empty",
        }
    }
}

/// The longest line of a field, in bytes.
pub const MAX_FIELD_LINE: usize = 2_000;

/// The longest name of a member, in bytes.
const MAX_NAME: usize = 64;

/// The word that says that a field must be there.
const REQUIRED: &str = "required";

/// A field that objects of a type may have (RFC 9396 §2.2). It is written as a line: its name, with a dot before a member of an object
/// within; its kind; `required` if it must be there; and behind `=` the values that are good, if not all are:
/// `instructedAmount.currency string required = EUR USD`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DetailsField {
    /// One name, or that of an object and of a member in it.
    pub path: Vec<String>,
    pub kind: ValueKind,
    pub required: bool,
    /// The values that are good. None: all of its kind.
    pub values: Vec<String>,
}

impl DetailsField {
    /// # Errors
    /// [`FieldProblem::DetailsField`], or `TooLong`.
    pub fn parse(line: &str) -> Result<Self, FieldProblem> {
        if line.len() > MAX_FIELD_LINE {
            return Err(FieldProblem::TooLong(MAX_FIELD_LINE));
        }
        let field = Self::read(line)?;
        // It is stored with its kind, which need not be typed.
        if field.to_string().len() > MAX_FIELD_LINE { Err(FieldProblem::TooLong(MAX_FIELD_LINE)) } else { Ok(field) }
    }

    /// A line of any length.
    fn read(line: &str) -> Result<Self, FieldProblem> {
        let (head, values) = match line.split_once('=') {
            Some((head, values)) => (head, values.split_whitespace().map(str::to_owned).collect()),
            None => (line, Vec::new()),
        };
        let mut words = head.split_whitespace().peekable();
        let path = words.next().and_then(parse_path).ok_or(FieldProblem::DetailsField)?;
        let common = common_kind(&path);
        let named = words.next_if(|word| *word != REQUIRED).map(ValueKind::find);
        let kind = match (named, common) {
            (Some(None), _) => return Err(FieldProblem::DetailsField),
            (Some(Some(named)), Some(common)) if named != common => return Err(FieldProblem::DetailsField),
            (Some(Some(named)), _) => named,
            (None, common) => common.unwrap_or_default(),
        };
        let required = words.next_if(|word| *word == REQUIRED).is_some();
        let has_values = matches!(kind, ValueKind::String | ValueKind::Strings);
        let is_good = |value: &String| has_values && find_hidden(value).is_none();
        if words.next().is_some() || !values.iter().all(is_good) || (line.contains('=') && values.is_empty()) {
            return Err(FieldProblem::DetailsField);
        }
        Ok(Self { path, kind, required, values })
    }

    /// The name as it is written: `instructedAmount.currency`.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.join(".")
    }

    /// Makes sure that a value is good.
    ///
    /// # Errors
    /// The reason, in words.
    pub(super) fn check(&self, value: &Value) -> Result<(), String> {
        let name = self.name();
        let texts = self.texts(value).ok_or_else(|| format!("{name} must be {}", self.kind.described()))?;
        for text in texts {
            if !self.values.is_empty() && !self.values.iter().any(|good| good == text) {
                return Err(format!("{name} has a value that is not one of: {}", self.values.join(", ")));
            }
            if find_hidden(text).is_some() {
                return Err(format!("{name} has a character that is not seen"));
            }
        }
        Ok(())
    }

    /// The strings of a value; `None` for one of another kind.
    fn texts<'a>(&self, value: &'a Value) -> Option<Vec<&'a str>> {
        match (self.kind, value) {
            (ValueKind::Number, Value::Number(_)) | (ValueKind::Boolean, Value::Bool(_)) => Some(Vec::new()),
            (ValueKind::String, Value::String(text)) => Some(vec![text.as_str()]).filter(|_| !text.trim().is_empty()),
            (ValueKind::Strings, Value::Array(items)) => {
                let texts: Vec<&str> = items.iter().map(Value::as_str).collect::<Option<_>>()?;
                let is_again = |(index, text): (usize, &&str)| texts.iter().take(index).any(|it| it == text);
                let is_bad = texts.is_empty()
                    || texts.iter().any(|text| text.trim().is_empty())
                    || texts.iter().enumerate().any(is_again);
                Some(texts).filter(|_| !is_bad)
            }
            _ => None,
        }
    }
}

/// One or two names.
fn parse_path(text: &str) -> Option<Vec<String>> {
    let is_name = |name: &str| {
        let mut bytes = name.bytes();
        name.len() <= MAX_NAME
            && bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    let names: Vec<&str> = text.split('.').collect();
    let fits = names.len() <= 2 && names.iter().all(|name| is_name(name)) && names.first() != Some(&"type");
    fits.then(|| names.into_iter().map(str::to_owned).collect())
}

/// The kind of a field that many types have (RFC 9396 §2.2).
fn common_kind(path: &[String]) -> Option<ValueKind> {
    let [name] = path else { return None };
    match name.as_str() {
        "locations" | "actions" | "datatypes" | "privileges" => Some(ValueKind::Strings),
        "identifier" => Some(ValueKind::String),
        _ => None,
    }
}

impl fmt::Display for DetailsField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())?;
        if common_kind(&self.path).is_none() {
            write!(f, " {}", self.kind)?;
        }
        if self.required {
            write!(f, " {REQUIRED}")?;
        }
        if self.values.is_empty() { Ok(()) } else { write!(f, " = {}", self.values.join(" ")) }
    }
}

impl TryFrom<String> for DetailsField {
    type Error = FieldProblem;

    fn try_from(line: String) -> Result<Self, FieldProblem> {
        Self::read(&line)
    }
}

impl From<DetailsField> for String {
    fn from(field: DetailsField) -> Self {
        field.to_string()
    }
}
