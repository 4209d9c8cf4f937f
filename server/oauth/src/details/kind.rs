//! Types of authorization details, as an administrator describes them on a resource.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{DetailInWords, DetailsField};
use crate::field::{FieldProblem, check_display_name, check_lines};
use crate::scope::{MAX_SCOPE_DESCRIPTION, ScopeToken};

/// The most types of one resource, and of one client.
pub const MOST_TYPES: usize = 50;

/// The most fields of one type.
pub const MOST_FIELDS: usize = 32;

/// The longest texts of all types of a resource together, in bytes.
pub const MAX_TYPE_TEXT: usize = 20_000;

/// The longest list of types of a client, in bytes.
const MAX_TYPE_LIST: usize = 4_000;

/// A type of authorization details (RFC 9396 §2), with the fields that its objects may have beside `type`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationDetailsType {
    #[serde(rename = "type")]
    pub name: String,
    /// The sentence on the consent page.
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub fields: Vec<DetailsField>,
}

/// A type, as it was typed or sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DetailsTypeDraft {
    pub name: String,
    pub description: String,
    /// A field a line; see [`DetailsField`].
    pub fields: String,
}

impl DetailsTypeDraft {
    pub(crate) fn is_blank(&self) -> bool {
        [&self.name, &self.description, &self.fields].iter().all(|text| text.trim().is_empty())
    }

    /// The type that this describes.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check(&self) -> Result<AuthorizationDetailsType, FieldProblem> {
        let name = check_type(self.name.trim())?;
        let description = match self.description.trim() {
            "" => name.clone(),
            text => check_display_name(text, MAX_SCOPE_DESCRIPTION)?,
        };
        let lines = self.fields.lines().map(str::trim).filter(|line| !line.is_empty());
        let fields = lines.map(DetailsField::parse).collect::<Result<Vec<_>, _>>()?;
        if fields.len() > MOST_FIELDS {
            return Err(FieldProblem::TooManyFields(MOST_FIELDS));
        }
        // A member is an object or has a value, and is described once.
        let mut seen = BTreeSet::new();
        let objects: BTreeSet<&String> =
            fields.iter().filter(|it| it.path.len() > 1).flat_map(|it| it.path.first()).collect();
        for field in &fields {
            let is_object = matches!(field.path.as_slice(), [only] if objects.contains(only));
            if is_object || !seen.insert(field.name()) {
                return Err(FieldProblem::DetailsFieldTwice(field.name()));
            }
        }
        Ok(AuthorizationDetailsType { name, description, fields })
    }
}

impl From<&AuthorizationDetailsType> for DetailsTypeDraft {
    fn from(kind: &AuthorizationDetailsType) -> Self {
        Self {
            name: kind.name.clone(),
            description: kind.description.clone(),
            fields: kind.fields.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        }
    }
}

/// The types of a resource, without the lines of a form that were left empty.
///
/// # Errors
/// The first line that is wrong.
pub(crate) fn check_types(drafts: &[DetailsTypeDraft]) -> Result<Vec<AuthorizationDetailsType>, FieldProblem> {
    let mut types: Vec<AuthorizationDetailsType> = Vec::new();
    for (index, draft) in drafts.iter().enumerate().filter(|(_, draft)| !draft.is_blank()) {
        let at = |problem| FieldProblem::Line { line: index + 1, problem: Box::new(problem) };
        let kind = draft.check().map_err(at)?;
        if types.iter().any(|other| other.name == kind.name) {
            return Err(at(FieldProblem::Taken));
        }
        types.push(kind);
    }
    // As they are shown to be changed.
    let length = |draft: DetailsTypeDraft| draft.name.len() + draft.description.len() + draft.fields.len();
    if types.iter().map(|kind| length(kind.into())).sum::<usize>() > MAX_TYPE_TEXT {
        return Err(FieldProblem::TooLong(MAX_TYPE_TEXT));
    }
    if types.len() > MOST_TYPES {
        return Err(FieldProblem::TooManyTypes(MOST_TYPES));
    }
    Ok(types)
}

/// `authorization_details_types` of a client (RFC 9396 §10), one a line.
///
/// # Errors
/// The first line that is no name of a type.
pub fn check_details_types(lines: &str) -> Result<Vec<String>, FieldProblem> {
    let types: Vec<String> = check_lines(lines, MAX_TYPE_LIST, check_type)?;
    if types.len() > MOST_TYPES {
        return Err(FieldProblem::TooManyTypes(MOST_TYPES));
    }
    Ok(types)
}

/// The name of a type: as a scope, visible ASCII.
fn check_type(text: &str) -> Result<String, FieldProblem> {
    ScopeToken::parse(text).map(String::from).map_err(|_| FieldProblem::DetailsType)
}

impl AuthorizationDetailsType {
    /// Makes sure that an object is as the type says (RFC 9396 §5).
    ///
    /// # Errors
    /// The reason, in words.
    pub fn check(&self, object: &Map<String, Value>) -> Result<(), String> {
        for (name, value) in object.iter().filter(|(name, _)| *name != "type") {
            let within: Vec<&DetailsField> =
                self.fields.iter().filter(|field| field.path.len() > 1 && field.path.first() == Some(name)).collect();
            match self.fields.iter().find(|field| field.path.as_slice() == [name.as_str()]) {
                Some(field) => field.check(value)?,
                None if within.is_empty() => return Err(format!("{} is no field of the type", short(name))),
                None => check_members(name, value, &within)?,
            }
        }
        match self.fields.iter().find(|field| field.required && find(object, &field.path).is_none()) {
            Some(missing) => Err(format!("{} is missing", missing.name())),
            None => Ok(()),
        }
    }

    /// The object in words: its fields in the order of the type.
    #[must_use]
    pub fn words(&self, object: &Map<String, Value>) -> DetailInWords {
        let row = |field: &DetailsField| {
            let values = match find(object, &field.path)? {
                Value::Array(items) => items.iter().map(word).collect(),
                value => vec![word(value)],
            };
            Some((label(&field.path), values))
        };
        DetailInWords { sentence: self.description.clone(), fields: self.fields.iter().filter_map(row).collect() }
    }
}

fn check_members(name: &str, value: &Value, within: &[&DetailsField]) -> Result<(), String> {
    let members = value.as_object().filter(|members| !members.is_empty());
    let members = members.ok_or_else(|| format!("{name} must be an object that is not empty"))?;
    for (inner, value) in members {
        let field = within.iter().find(|field| field.path.last() == Some(inner));
        let field = field.ok_or_else(|| format!("{name}.{} is no field of the type", short(inner)))?;
        field.check(value)?;
    }
    Ok(())
}

fn find<'a>(object: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let value = object.get(first)?;
    if rest.is_empty() { Some(value) } else { find(value.as_object()?, rest) }
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

/// `instructedAmount.currency` as people read it: `Instructed amount, currency`.
fn label(path: &[String]) -> String {
    let mut words = String::new();
    for (index, name) in path.iter().enumerate() {
        if index > 0 {
            words.push_str(", ");
        }
        let mut before = ' ';
        for c in name.chars() {
            match c {
                '_' | '-' => words.push(' '),
                c if c.is_ascii_uppercase() && before.is_ascii_lowercase() => {
                    words.push(' ');
                    words.push(c.to_ascii_lowercase());
                }
                c => words.push(c),
            }
            before = c;
        }
    }
    let mut chars = words.trim().chars();
    let first: String = chars.next().map(|c| c.to_ascii_uppercase()).into_iter().collect();
    first + chars.as_str()
}

/// A name that somebody sent, for a description.
fn short(name: &str) -> String {
    name.chars().take(60).collect()
}
