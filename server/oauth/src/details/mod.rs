//! Rich authorization requests (RFC 9396): what a client wants to do, in objects instead of words.
//!
//! Each object is of a type, and each type is one of a resource, as an administrator described it there. What a request asks for are
//! [`AuthorizationDetails`]; judged by the types they are [`GrantedDetails`], which remember whose type each one is.

mod field;
mod granted;
mod kind;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use field::{DetailsField, MAX_FIELD_LINE, ValueKind};
pub(crate) use granted::pair;
pub use granted::{GrantedDetail, GrantedDetails};
pub(crate) use kind::check_types;
pub use kind::{
    AuthorizationDetailsType, DetailsTypeDraft, MAX_TYPE_TEXT, MOST_FIELDS, MOST_TYPES, check_details_types,
};

use crate::error::OAuthError;
use crate::form::Form;
use crate::refusal::Reason;

/// The parameter, the claim and the member of answers.
pub const AUTHORIZATION_DETAILS: &str = "authorization_details";

/// The longest parameter, in bytes. What is granted stands in access tokens, which travel in headers.
pub const MAX_DETAILS: usize = 4_096;

/// Objects of one request.
pub const MOST_DETAILS: usize = 16;

/// `authorization_details` (RFC 9396 §2): a list of objects, each with its `type`. Empty: nothing was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthorizationDetails(Vec<Map<String, Value>>);

impl AuthorizationDetails {
    /// Reads the parameter of a request.
    ///
    /// # Errors
    /// `invalid_authorization_details` when it is no list of different objects that say their type, or is too long.
    pub fn read(form: &Form) -> Result<Self, OAuthError> {
        match form.find(AUTHORIZATION_DETAILS)? {
            Some(text) => Self::parse(text),
            None => Ok(Self::default()),
        }
    }

    /// The same, of its text.
    ///
    /// # Errors
    /// As above.
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        if text.len() > MAX_DETAILS {
            let why = format!("authorization_details is longer than {MAX_DETAILS} bytes");
            return Err(OAuthError::because(Reason::DetailsTooMany, why));
        }
        let malformed = || OAuthError::new(Reason::DetailsMalformed);
        let objects: Vec<Map<String, Value>> = serde_json::from_str(text).map_err(|_| malformed())?;
        if objects.len() > MOST_DETAILS {
            let why = format!("authorization_details has more than {MOST_DETAILS} objects");
            return Err(OAuthError::because(Reason::DetailsTooMany, why));
        }
        if objects.is_empty() || objects.iter().any(|object| type_of(object).is_empty()) {
            return Err(malformed());
        }
        // The order of a list says nothing.
        let is_same = |a: &Map<String, Value>, b: &Map<String, Value>| granted::covers(a, b) && granted::covers(b, a);
        let is_again =
            |(index, object): (usize, &Map<String, Value>)| objects.iter().take(index).any(|it| is_same(it, object));
        if objects.iter().enumerate().any(is_again) {
            return Err(OAuthError::because(Reason::DetailsMalformed, "authorization_details has an object twice"));
        }
        Ok(Self(objects))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.0.iter()
    }
}

impl FromIterator<Map<String, Value>> for AuthorizationDetails {
    fn from_iter<I: IntoIterator<Item = Map<String, Value>>>(objects: I) -> Self {
        Self(objects.into_iter().collect())
    }
}

/// An object in words for the person whom it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DetailInWords {
    /// The sentence of its type.
    pub sentence: String,
    /// Its fields by label, with their values.
    pub fields: Vec<(String, Vec<String>)>,
}

/// `type` of an object; the empty text where it has none.
#[must_use]
pub fn type_of(object: &Map<String, Value>) -> &str {
    object.get("type").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
