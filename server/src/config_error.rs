//! What is wrong with a setting.

/// A variable that cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}; expected {expected}")]
pub struct ConfigError {
    pub variable: &'static str,
    pub problem: String,
    pub expected: &'static str,
}

/// A value that has another form than `expected`.
pub(crate) fn wrong(variable: &'static str, value: &str, expected: &'static str) -> ConfigError {
    ConfigError { variable, problem: format!("“{value}” is not understood"), expected }
}
