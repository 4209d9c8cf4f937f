//! A browser in which somebody is signed in, as the protocol sees it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{LoginId, SessionId, Subject};
use crate::time::Timestamp;
use crate::user::User;
use crate::words::words;

/// The authentication context class of a password (OpenID Connect Core §2, `acr`). Published as `acr_values_supported`.
pub const ACR_PASSWORD: &str = "1";

words! {
    /// A way in which somebody showed who they are, by its name in `amr` (RFC 8176 §2).
    FactorMethod {
        #[default]
        Password = "pwd",
    }
}

/// One factor that somebody showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    pub method: FactorMethod,
    pub at: Timestamp,
    /// The credential that was used, where an account may have several of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

impl Factor {
    /// The account's password.
    #[must_use]
    pub fn password(at: Timestamp) -> Self {
        Self { method: FactorMethod::Password, at, credential: None }
    }
}

/// Somebody who is signed in. What the protocol says about the login is computed from its factors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub subject: Subject,
    pub sid: SessionId,
    /// The latest login. Whoever signs in again as the same person goes on with the session, under another login.
    pub login: LoginId,
    /// In the order in which they were shown at the latest login.
    pub factors: Vec<Factor>,
}

impl Session {
    /// `auth_time` (OpenID Connect Core §2): when the last factor was shown.
    #[must_use]
    pub fn auth_time(&self) -> Timestamp {
        self.factors.iter().map(|factor| factor.at).max().unwrap_or(Timestamp(0))
    }

    /// `acr` (OpenID Connect Core §2): the class that the factors reach together.
    #[must_use]
    pub fn acr(&self) -> &'static str {
        ACR_PASSWORD
    }

    /// `amr` (RFC 8176 §1): each method once.
    #[must_use]
    pub fn amr(&self) -> Vec<String> {
        let mut methods: Vec<&str> = Vec::new();
        for factor in &self.factors {
            if !methods.contains(&factor.method.as_str()) {
                methods.push(factor.method.as_str());
            }
        }
        methods.into_iter().map(str::to_owned).collect()
    }
}

/// A session with the person it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedIn {
    pub session: Session,
    pub user: Arc<User>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_described_by_its_factors() {
        let session = |factors| Session {
            subject: Subject::new("alice"),
            sid: SessionId::new("sid"),
            login: LoginId::new("login"),
            factors,
        };
        let twice = session(vec![Factor::password(Timestamp(5)), Factor::password(Timestamp(9))]);
        assert_eq!((twice.auth_time(), twice.acr(), twice.amr()), (Timestamp(9), "1", vec!["pwd".to_owned()]));
    }

    /// As the first version wrote them. They must be read for ever.
    #[test]
    fn stored_factors_stay_readable() {
        let stored = r#"[{"method":"pwd","at":1800000000}]"#;
        let factors: Vec<Factor> = serde_json::from_str(stored).unwrap();
        assert_eq!(factors, [Factor::password(Timestamp(1_800_000_000))]);
        assert_eq!(serde_json::to_string(&factors).unwrap(), stored);
        assert!(serde_json::from_str::<Vec<Factor>>(r#"[{"method":"pwd","at":1,"a_later_member":true}]"#).is_ok());
    }
}
