//! The logins that a client asks for where its requests say nothing (OpenID Connect Registration §2).

use serde::{Deserialize, Serialize};

use crate::field::FieldProblem;
use crate::session::ACR_PASSWORD;
use crate::time::Timestamp;

/// The most seconds of `default_max_age`.
const MOST_MAX_AGE: i64 = 2_147_483_647;

/// Seconds within which a login is new enough for a device, whatever its client says: somebody types a code, and reads.
const TIME_TO_ANSWER: i64 = 600;

/// The logins of one client.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClientLogin {
    /// Seconds; the `max_age` of requests that have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<i64>,
    /// True: it needs `auth_time` in ID tokens, which all have that come of a login.
    #[serde(default, skip_serializing_if = "super::is_false")]
    pub require_auth_time: bool,
    /// The `acr_values` of requests that have none: a wish, and no demand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
}

impl ClientLogin {
    /// True for a client that says nothing of its logins.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// True when somebody who signed in at `auth_time` must do so again before they let a device in.
    #[must_use]
    pub fn is_too_old_for_a_device(&self, auth_time: Timestamp, now: Timestamp) -> bool {
        self.default_max_age.is_some_and(|max_age| now.since(auth_time) >= max_age.max(TIME_TO_ANSWER))
    }
}

/// `default_max_age`: whole seconds, or nothing.
///
/// # Errors
/// When it is something else.
pub fn check_max_age(text: &str) -> Result<Option<i64>, FieldProblem> {
    match text.trim() {
        "" => Ok(None),
        digits => match digits.parse() {
            Ok(seconds) if (0..=MOST_MAX_AGE).contains(&seconds) => Ok(Some(seconds)),
            _ => Err(FieldProblem::Range(0, MOST_MAX_AGE)),
        },
    }
}

/// One of `default_acr_values`: one that a login here can have.
///
/// # Errors
/// When it is another one.
pub fn check_acr(text: &str) -> Result<String, FieldProblem> {
    if text == ACR_PASSWORD { Ok(text.to_owned()) } else { Err(FieldProblem::Choice) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_whole_seconds() {
        assert_eq!(
            (check_max_age(" "), check_max_age("0"), check_max_age("60")),
            (Ok(None), Ok(Some(0)), Ok(Some(60)))
        );
        for odd in ["-1", "1.5", "x", "2147483648", "99999999999999999999"] {
            assert_eq!(check_max_age(odd), Err(FieldProblem::Range(0, MOST_MAX_AGE)), "{odd}");
        }
        assert!(check_acr("1").is_ok() && check_acr("2").is_err() && check_acr("").is_err());
    }

    #[test]
    fn a_device_leaves_time_to_answer() {
        let login = |default_max_age| ClientLogin { default_max_age, ..ClientLogin::default() };
        let is_too_old =
            |login: &ClientLogin, age: i64| login.is_too_old_for_a_device(Timestamp(10_000 - age), Timestamp(10_000));
        assert!(!is_too_old(&login(None), 9_000));
        assert!(!is_too_old(&login(Some(0)), 599) && is_too_old(&login(Some(0)), 600));
        assert!(!is_too_old(&login(Some(3_600)), 3_599) && is_too_old(&login(Some(3_600)), 3_600));
    }
}
