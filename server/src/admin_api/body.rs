//! JSON bodies, read member by member: what was not sent is not changed.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use oauth::details::DetailsTypeDraft;
use oauth::fields::Fields;
use oauth::resource::ResourceScopeDraft;
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

    pub(crate) fn into_members(self) -> Map<String, Value> {
        self.0
    }
}

impl Fields for Body {
    type Error = ApiError;

    /// Null counts as empty.
    fn text(&self, name: &'static str) -> Result<Option<String>, ApiError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(String::new())),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(wrong(name, "a string")),
        }
    }

    /// An array of strings, or one string of words separated by spaces or line ends.
    fn words(&self, name: &'static str) -> Result<Option<String>, ApiError> {
        let Some(Value::Array(items)) = self.0.get(name) else {
            return Ok(self.text(name)?.map(|text| text.split_whitespace().collect::<Vec<_>>().join("\n")));
        };
        let words = items.iter().map(|item| item.as_str().ok_or_else(|| wrong(name, "a list of strings")));
        Ok(Some(words.collect::<Result<Vec<_>, _>>()?.join("\n")))
    }

    /// An array of strings, or one string with line ends.
    fn lines(&self, name: &'static str) -> Result<Option<String>, ApiError> {
        match self.0.get(name) {
            Some(Value::Array(_)) => self.words(name),
            _ => self.text(name),
        }
    }

    /// An array of strings, or one string with commas.
    fn choices(&self, name: &'static str) -> Result<Option<String>, ApiError> {
        Ok(self.lines(name)?.map(|text| text.replace(',', "\n")))
    }

    /// The object itself, or its text.
    fn json(&self, name: &'static str) -> Result<Option<String>, ApiError> {
        match self.0.get(name) {
            Some(object @ Value::Object(_)) => Ok(Some(object.to_string())),
            Some(Value::Null | Value::String(_)) | None => self.text(name),
            Some(_) => Err(wrong(name, "an object")),
        }
    }

    /// 1, 0 and the words for yes and no count too, as scripts write them.
    fn flag(&self, name: &'static str) -> Result<Option<bool>, ApiError> {
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

    /// An empty string goes back to the default.
    fn switch(&self, name: &'static str) -> Result<Option<String>, ApiError> {
        match self.0.get(name) {
            Some(Value::String(text)) if text.is_empty() => Ok(Some(String::new())),
            _ => Ok(self.flag(name)?.map(|flag| flag.to_string())),
        }
    }

    /// A string that is a number counts too.
    fn number(&self, name: &'static str) -> Result<Option<String>, ApiError> {
        match self.0.get(name) {
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            _ => self.text(name),
        }
    }

    fn scopes(&self, name: &'static str) -> Result<Option<Vec<ResourceScopeDraft>>, ApiError> {
        self.read_scopes(name)
    }

    fn details_types(&self, name: &'static str) -> Result<Option<Vec<DetailsTypeDraft>>, ApiError> {
        self.read_details_types(name)
    }
}

impl Body {
    /// An array of objects, or the names alone as a list of words.
    fn read_scopes(&self, name: &'static str) -> Result<Option<Vec<ResourceScopeDraft>>, ApiError> {
        let named = |name: &str| ResourceScopeDraft { name: name.to_owned(), ..ResourceScopeDraft::default() };
        let Some(Value::Array(items)) = self.0.get(name) else {
            return Ok(self.words(name)?.map(|words| words.lines().map(named).collect()));
        };
        let read = |item: &Value| match item {
            Value::String(name) => Ok(named(name)),
            Value::Object(members) => {
                let item = Self(members.clone());
                Ok(ResourceScopeDraft {
                    name: item.text("name")?.unwrap_or_default(),
                    description: item.text("description")?.unwrap_or_default(),
                    default: item.flag("default")?.unwrap_or_default(),
                })
            }
            _ => Err(wrong(name, "a list of objects with name, description and default")),
        };
        items.iter().map(read).collect::<Result<_, _>>().map(Some)
    }
}

impl Body {
    /// An array of objects.
    fn read_details_types(&self, name: &'static str) -> Result<Option<Vec<DetailsTypeDraft>>, ApiError> {
        let expected = "a list of objects with type, description and fields";
        let items = match self.0.get(name) {
            None => return Ok(None),
            Some(Value::Null) => return Ok(Some(Vec::new())),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(wrong(name, expected)),
        };
        let read = |item: &Value| {
            let Value::Object(members) = item else { return Err(wrong(name, expected)) };
            let known = ["type", "description", "fields"];
            if members.keys().any(|member| !known.contains(&member.as_str())) {
                return Err(wrong(name, expected));
            }
            let item = Self(members.clone());
            Ok(DetailsTypeDraft {
                name: item.text("type")?.unwrap_or_default(),
                description: item.text("description")?.unwrap_or_default(),
                fields: item.lines("fields")?.unwrap_or_default(),
            })
        };
        items.iter().map(read).collect::<Result<_, _>>().map(Some)
    }
}

fn wrong(name: &str, expected: &str) -> ApiError {
    ApiError::Body(format!("{name}: expected {expected}"))
}
