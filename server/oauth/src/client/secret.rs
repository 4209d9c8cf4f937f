//! The secrets of a client.

use std::ops::RangeInclusive;

use crate::field::{FieldErrors, check_display_name, check_range};
use crate::fields::{Fields, put};
use crate::secret::{Secret, SecretDigest};
use crate::time::Timestamp;

/// A secret, as it is kept.
#[derive(Debug, Clone)]
pub struct ClientSecret {
    pub digest: SecretDigest,
    /// Itself, where it makes MACs.
    pub key: Option<Secret>,
    pub expires_at: Option<Timestamp>,
}

/// Days that a secret may be made for.
pub const SECRET_DAYS: RangeInclusive<i64> = 1..=3_650;

/// The longest name of a secret, in characters.
pub const MAX_SECRET_NAME: usize = 100;

/// Characters of a secret that is chosen, so that a plain digest of it is safe to keep.
pub const MIN_SECRET: usize = 32;

/// The longest secret.
pub const MAX_SECRET: usize = 512;

/// A further secret, as an administrator describes it; not checked yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SecretDraft {
    pub name: String,
    /// Days until it expires; empty: it does not.
    pub lifetime_days: String,
}

impl SecretDraft {
    /// Takes over what was sent.
    ///
    /// # Errors
    /// When a field cannot be read.
    pub fn take<F: Fields>(&mut self, fields: &F) -> Result<(), F::Error> {
        put(&mut self.name, fields.text("name")?);
        put(&mut self.lifetime_days, fields.number("lifetime_days")?);
        Ok(())
    }

    /// Its name, and the days it lives.
    ///
    /// # Errors
    /// The problems, field by field.
    pub fn check(&self) -> Result<(String, Option<i64>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", check_display_name(&self.name, MAX_SECRET_NAME));
        let days = Some(self.lifetime_days.trim()).filter(|days| !days.is_empty());
        let days = errors.take("lifetime_days", days.map(|days| check_range(days, &SECRET_DAYS)).transpose());
        match (name, days) {
            (Some(name), Some(days)) => Ok((name, days)),
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_lives_for_some_days_or_for_ever() {
        let check = |name: &str, days: &str| SecretDraft { name: name.into(), lifetime_days: days.into() }.check();
        assert_eq!(check(" production ", " "), Ok(("production".to_owned(), None)));
        assert_eq!(check("production", "90"), Ok(("production".to_owned(), Some(90))));
        for (name, days, fields) in [
            ("production", "0", &["lifetime_days"][..]),
            ("production", "3651", &["lifetime_days"]),
            ("", "soon", &["lifetime_days", "name"]),
        ] {
            let errors = check(name, days).unwrap_err();
            assert_eq!(errors.iter().map(|(field, _)| field).collect::<Vec<_>>(), fields, "{name} {days}");
        }
    }
}
