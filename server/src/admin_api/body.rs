//! JSON bodies, read member by member: what was not sent is not changed.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::answer::ApiError;

/// A JSON object.
#[derive(Debug, Default)]
pub(crate) struct Body(Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge,
            _ => ApiError::Body("the body broke off".to_owned()),
        })?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            _ => Err(ApiError::Body("the body is not a JSON object".to_owned())),
        }
    }
}

impl Body {
    /// A text; null counts as empty.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, ApiError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(String::new())),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(wrong(name, "a string")),
        }
    }

    /// A list: an array of strings, or one string of words separated by spaces or line ends. Words, one a line.
    pub(crate) fn words(&self, name: &str) -> Result<Option<String>, ApiError> {
        let Some(Value::Array(items)) = self.0.get(name) else {
            return Ok(self.text(name)?.map(|text| text.split_whitespace().collect::<Vec<_>>().join("\n")));
        };
        let words = items.iter().map(|item| item.as_str().ok_or_else(|| wrong(name, "a list of strings")));
        Ok(Some(words.collect::<Result<Vec<_>, _>>()?.join("\n")))
    }

    /// true or false; 1, 0 and the words for them count too, as scripts write them.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::Number(number)) if number.as_i64() == Some(0) => Ok(Some(false)),
            Some(Value::Number(number)) if number.as_i64() == Some(1) => Ok(Some(true)),
            Some(Value::String(text)) if matches!(text.as_str(), "true" | "yes" | "on" | "1") => Ok(Some(true)),
            Some(Value::String(text)) if matches!(text.as_str(), "false" | "no" | "off" | "0" | "") => Ok(Some(false)),
            Some(_) => Err(wrong(name, "true or false")),
        }
    }

    /// A number, or a string that is one; as text, for the checks of the draft.
    pub(crate) fn number(&self, name: &str) -> Result<Option<String>, ApiError> {
        match self.0.get(name) {
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            _ => self.text(name),
        }
    }

    /// An object within.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>, ApiError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self(members.clone()))),
            Some(_) => Err(wrong(name, "an object")),
        }
    }

    /// The members that are not null.
    pub(crate) fn without_nulls(&self) -> Self {
        let sent = self.0.iter().filter(|(_, value)| !value.is_null());
        Self(sent.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_members(self) -> Map<String, Value> {
        self.0
    }
}

fn wrong(name: &str, expected: &str) -> ApiError {
    ApiError::Body(format!("{name}: expected {expected}"))
}

/// Puts what was sent in the place of what is there.
pub(crate) fn put<T>(place: &mut T, sent: Option<T>) {
    if let Some(value) = sent {
        *place = value;
    }
}
