//! The people of a client that describes itself: their names, and their logins (OpenID Connect Registration §2).

use serde_json::{Map, Value};

use super::description::{MetadataError, short};
use crate::client::{ClientLogin, ClientSubjects, SubjectType, check_acr, check_max_age};
use crate::field::{FieldProblem, check_https_url};

/// `default_acr_values` that are read.
const MOST_ACR_VALUES: usize = 10;

/// The names. Whether there is a sector is for the client to say, and whether its list has what it must is for whoever fetches it.
///
/// # Errors
/// The first member that cannot be used.
pub(super) fn read_subjects(metadata: &Map<String, Value>) -> Result<ClientSubjects, MetadataError> {
    let subject_type = match metadata.get("subject_type") {
        None => SubjectType::default(),
        Some(value) => {
            let word = value.as_str().unwrap_or_default();
            let unknown =
                || MetadataError::Member("subject_type", format!("{} is not one of this server", short(word)));
            SubjectType::find(word).ok_or_else(unknown)?
        }
    };
    let sector_identifier_uri = match metadata.get("sector_identifier_uri") {
        None => None,
        Some(value) => {
            let uri =
                check_https_url(value.as_str().unwrap_or_default()).and_then(|uri| uri.ok_or(FieldProblem::HttpsOnly));
            Some(refuse("sector_identifier_uri", uri)?)
        }
    };
    Ok(ClientSubjects { subject_type, sector_identifier_uri })
}

/// The logins.
///
/// # Errors
/// The first member that cannot be used.
pub(super) fn read_login(metadata: &Map<String, Value>) -> Result<ClientLogin, MetadataError> {
    let default_max_age = match metadata.get("default_max_age") {
        None => None,
        Some(Value::Number(seconds)) => refuse("default_max_age", check_max_age(&seconds.to_string()))?,
        Some(_) => return Err(MetadataError::Member("default_max_age", "it is no number".to_owned())),
    };
    let require_auth_time = match metadata.get("require_auth_time") {
        None => false,
        Some(Value::Bool(required)) => *required,
        Some(_) => {
            return Err(MetadataError::Member("require_auth_time", "it is neither true nor false".to_owned()));
        }
    };
    let default_acr_values = match metadata.get("default_acr_values") {
        None => Vec::new(),
        Some(Value::Array(values)) if values.len() <= MOST_ACR_VALUES => {
            let checked = values.iter().map(|value| check_acr(value.as_str().unwrap_or_default()));
            refuse("default_acr_values", checked.collect::<Result<_, _>>())?
        }
        Some(_) => return Err(MetadataError::Member("default_acr_values", "it is no short list".to_owned())),
    };
    Ok(ClientLogin { default_max_age, require_auth_time, default_acr_values })
}

fn refuse<T>(name: &'static str, checked: Result<T, FieldProblem>) -> Result<T, MetadataError> {
    checked.map_err(|problem| MetadataError::Member(name, problem.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_public_or_of_a_sector() {
        let read = |value: Value| read_subjects(value.as_object().unwrap());
        let named =
            read(json!({ "subject_type": "pairwise", "sector_identifier_uri": "HTTPS://S.example/list" })).unwrap();
        assert_eq!(
            (named.is_pairwise(), named.sector_identifier_uri.as_deref()),
            (true, Some("https://s.example/list"))
        );
        assert!(read(json!({})).unwrap().is_empty() && read(json!({ "subject_type": "public" })).unwrap().is_empty());
        for (member, value) in [
            ("subject_type", json!("private")),
            ("subject_type", json!(["pairwise"])),
            ("sector_identifier_uri", json!("http://s.example/list")),
            ("sector_identifier_uri", json!("s.example")),
            ("sector_identifier_uri", json!(1)),
        ] {
            let found = read(json!({ member: value })).unwrap_err();
            assert!(matches!(&found, MetadataError::Member(name, _) if *name == member), "{member}: {found}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let read = |value: Value| read_login(value.as_object().unwrap());
        let read_all = read(json!({ "default_max_age": 60, "require_auth_time": true, "default_acr_values": ["1"] }));
        let all = read_all.unwrap();
        assert_eq!((all.default_max_age, all.require_auth_time, all.default_acr_values.len()), (Some(60), true, 1));
        assert!(read(json!({})).unwrap().is_empty());
        for (member, value) in [
            ("default_max_age", json!("60")),
            ("default_max_age", json!(-1)),
            ("default_max_age", json!(1.5)),
            ("default_max_age", json!(1e30)),
            ("require_auth_time", json!("true")),
            ("default_acr_values", json!("1")),
            ("default_acr_values", json!(["1", "2"])),
            ("default_acr_values", json!([1])),
            ("default_acr_values", json!(vec!["1"; 11])),
        ] {
            let found = read(json!({ member: value })).unwrap_err();
            assert!(matches!(&found, MetadataError::Member(name, _) if *name == member), "{member}: {found}");
        }
    }
}
