//! A setting: its name, its purpose, its default and its parser stand in one place. `--help`, [`super::Config`] and the tests of
//! `docs/configuration.md` read them there.

/// A variable that cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}; expected {expected}")]
pub struct ConfigError {
    pub variable: &'static str,
    pub problem: String,
    pub expected: &'static str,
}

/// A setting as people see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Described {
    pub name: &'static str,
    pub about: &'static str,
    pub default: Fallback,
}

/// The meaning of a variable that is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The same as this value.
    Value(&'static str),
    /// Something that no value says, in words. The parser gets an empty text.
    Words(&'static str),
}

impl Fallback {
    /// The default as `--help` shows it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Value(text) | Self::Words(text) => text,
        }
    }
}

/// Reason why a text is no value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It has another form than was expected.
    Form,
    /// A reason that is worth saying.
    Because(String),
}

/// A setting whose values are of type `T`.
#[derive(Debug)]
pub(crate) struct Setting<T> {
    /// The variable of the environment.
    pub(crate) name: &'static str,
    /// The line of `--help`.
    pub(crate) about: &'static str,
    pub(crate) default: Fallback,
    /// The form of a value, as messages name it.
    pub(crate) expected: &'static str,
    pub(crate) parse: fn(&str) -> Result<T, Unfit>,
}

impl<T> Setting<T> {
    /// The setting without its parser.
    pub(crate) const fn describe(&self) -> Described {
        Described { name: self.name, about: self.about, default: self.default }
    }

    /// The value among the variables that `find` knows, or the default.
    ///
    /// # Errors
    /// A value that cannot be used.
    pub(crate) fn read(&self, find: &impl Fn(&str) -> Option<String>) -> Result<T, ConfigError> {
        let default = match self.default {
            Fallback::Value(text) => text,
            Fallback::Words(_) => "",
        };
        self.read_or(find, default)
    }

    /// The value among the variables that `find` knows, or that of `default`.
    ///
    /// # Errors
    /// A value that cannot be used.
    pub(crate) fn read_or(&self, find: &impl Fn(&str) -> Option<String>, default: &str) -> Result<T, ConfigError> {
        let text = find(self.name).unwrap_or_else(|| default.to_owned());
        (self.parse)(&text).map_err(|unfit| {
            let problem = match unfit {
                Unfit::Form => format!("“{text}” is not understood"),
                Unfit::Because(reason) => reason,
            };
            self.wrong(problem)
        })
    }

    /// A value that cannot be used, for a reason that shows only beside other settings.
    pub(crate) fn wrong(&self, problem: String) -> ConfigError {
        ConfigError { variable: self.name, problem, expected: self.expected }
    }
}

/// A whole number in `range`.
pub(crate) fn whole_number(text: &str, range: std::ops::RangeInclusive<i64>) -> Result<i64, Unfit> {
    text.parse().ok().filter(|number| range.contains(number)).ok_or(Unfit::Form)
}

/// A switch; words in any case.
pub(crate) fn switch(text: &str) -> Result<bool, Unfit> {
    match text.to_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(Unfit::Form),
    }
}

/// A number of days as seconds; `off` and 0 are none.
pub(crate) fn days(text: &str, range: std::ops::RangeInclusive<i64>) -> Result<Option<i64>, Unfit> {
    if text.eq_ignore_ascii_case("off") || text == "0" {
        return Ok(None);
    }
    whole_number(text, range).map(|days| Some(days * 86_400))
}

/// A value that may be left out.
pub(crate) fn optional<T>(text: &str, parse: impl Fn(&str) -> Result<T, Unfit>) -> Result<Option<T>, Unfit> {
    if text.is_empty() { Ok(None) } else { parse(text).map(Some) }
}
