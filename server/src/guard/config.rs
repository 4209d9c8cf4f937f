//! `TRUSTED_PROXIES`, `RATE_LIMITS` and the limits one by one.

use std::num::NonZeroU32;

use governor::Quota;

use super::address::TrustedProxies;
use crate::config_error::{ConfigError, wrong};

/// What an operator decides about the guard.
#[derive(Debug, Clone)]
pub struct GuardConfig {
    pub(super) trusted_proxies: TrustedProxies,
    /// None: `RATE_LIMITS` is off.
    pub(super) rates: Option<Rates>,
}

/// How often one caller may ask. None: as often as it likes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rates {
    /// `RATE_LIMIT_TOKEN`: `/token` and `/revoke`, and `/introspect` apart.
    pub(super) token: Option<Quota>,
    /// `RATE_LIMIT_INTROSPECT`.
    pub(super) introspect: Option<Quota>,
    /// `RATE_LIMIT_AUTHORIZE`.
    pub(super) authorize: Option<Quota>,
    /// `RATE_LIMIT_LOGIN`: passwords.
    pub(super) login: Option<Quota>,
    /// `RATE_LIMIT_SETUP`.
    pub(super) setup: Option<Quota>,
    /// `RATE_LIMIT_ADMIN_LOGIN`: admin tokens at the console's door.
    pub(super) admin_login: Option<Quota>,
}

const EXPECTED: &str = "a number of requests and a unit of time, for example 600/min, 10/s or 5000/h, or off";

impl GuardConfig {
    /// Reads the variables that `find` knows.
    ///
    /// # Errors
    /// The first variable that cannot be used.
    pub(crate) fn read(find: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let trusted_proxies = TrustedProxies::parse(&find("TRUSTED_PROXIES").unwrap_or_default()).map_err(|word| {
            let expected =
                "IP addresses or networks, for example 10.0.0.5 or 10.0.0.0/8, or the words loopback and private";
            wrong("TRUSTED_PROXIES", &word, expected)
        })?;
        // What one office behind one address does not come to when everybody starts work at nine.
        let rate = |variable, default| rate(variable, &find(variable).unwrap_or_else(|| String::from(default)));
        let rates = Rates {
            token: rate("RATE_LIMIT_TOKEN", "1200/min")?,
            introspect: rate("RATE_LIMIT_INTROSPECT", "6000/min")?,
            authorize: rate("RATE_LIMIT_AUTHORIZE", "600/min")?,
            login: rate("RATE_LIMIT_LOGIN", "300/min")?,
            setup: rate("RATE_LIMIT_SETUP", "30/min")?,
            admin_login: rate("RATE_LIMIT_ADMIN_LOGIN", "30/min")?,
        };
        let on = match find("RATE_LIMITS").unwrap_or_default().to_lowercase().as_str() {
            "" | "1" | "true" | "yes" | "on" => true,
            "0" | "false" | "no" | "off" => false,
            other => return Err(wrong("RATE_LIMITS", other, "on or off")),
        };
        Ok(Self { trusted_proxies, rates: on.then_some(rates) })
    }
}

/// `600/min`: that many at once, and from then on as many evenly over each minute.
fn rate(variable: &'static str, text: &str) -> Result<Option<Quota>, ConfigError> {
    if text.eq_ignore_ascii_case("off") {
        return Ok(None);
    }
    let quota = || {
        let (number, unit) = text.split_once('/')?;
        let number: NonZeroU32 = number.trim().parse().ok()?;
        match unit.trim() {
            "s" | "sec" | "second" => Some(Quota::per_second(number)),
            "min" | "minute" => Some(Quota::per_minute(number)),
            "h" | "hour" => Some(Quota::per_hour(number)),
            _ => None,
        }
    };
    quota().map(Some).ok_or_else(|| wrong(variable, text, EXPECTED))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<GuardConfig, ConfigError> {
        GuardConfig::read(&|name: &str| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn limits_are_on_unless_they_are_switched_off() {
        assert!(read(&[]).unwrap().rates.is_some());
        assert!(read(&[("RATE_LIMITS", "On")]).unwrap().rates.is_some());
        assert!(read(&[("RATE_LIMITS", "off")]).unwrap().rates.is_none());
        let rates = read(&[("RATE_LIMIT_TOKEN", "off")]).unwrap().rates.unwrap();
        assert!(rates.token.is_none() && rates.introspect.is_some());
    }

    #[test]
    fn a_rate_is_a_number_and_a_unit() {
        let number = NonZeroU32::new(600).unwrap();
        for (text, quota) in [
            ("600/s", Quota::per_second(number)),
            ("600 / min", Quota::per_minute(number)),
            ("600/minute", Quota::per_minute(number)),
            ("600/h", Quota::per_hour(number)),
        ] {
            assert_eq!(read(&[("RATE_LIMIT_LOGIN", text)]).unwrap().rates.unwrap().login, Some(quota), "{text}");
        }
    }

    #[test]
    fn every_error_names_its_variable() {
        for (name, value) in [
            ("TRUSTED_PROXIES", "10.0.0.1, proxy.example"),
            ("TRUSTED_PROXIES", "10.0.0.0/33"),
            ("RATE_LIMITS", "maybe"),
            ("RATE_LIMIT_TOKEN", "600"),
            ("RATE_LIMIT_INTROSPECT", "0/min"),
            ("RATE_LIMIT_AUTHORIZE", "-1/min"),
            ("RATE_LIMIT_LOGIN", "many/min"),
            ("RATE_LIMIT_SETUP", "5/day"),
            ("RATE_LIMIT_ADMIN_LOGIN", "5/"),
        ] {
            assert_eq!(read(&[(name, value)]).unwrap_err().variable, name, "{value}");
        }
    }
}
