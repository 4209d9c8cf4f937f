//! Configuration, from environment variables. Read once at start; every error names the variable and what was expected of it.

use std::net::SocketAddr;

use oauth::id::Issuer;
use oauth::secret::Secret;

pub use crate::config_error::ConfigError;
use crate::config_error::wrong;
use crate::guard::GuardConfig;

/// Everything an operator can set.
#[derive(Debug, Clone)]
pub struct Config {
    /// `LISTEN_ADDR`.
    pub listen_addr: SocketAddr,
    /// `ISSUER`: the external URL. `http://` + `LISTEN_ADDR` unless set; never taken from a request.
    pub issuer: Issuer,
    /// `DATABASE_URL`.
    pub database_url: Secret,
    /// `APP_SECRET`: seals the private keys in the database.
    pub app_secret: Option<Secret>,
    /// `ADMIN_TOKEN`: a first start with it needs no `/setup`.
    pub admin_token: Option<Secret>,
    /// `CODE_LIFETIME`, seconds.
    pub code_lifetime: i64,
    /// `DATABASE_MAX_CONNECTIONS`, PostgreSQL and MySQL.
    pub database_max_connections: u32,
    /// `KEY_ROTATION_DAYS`, in seconds; `None`: keys are rotated by hand.
    pub key_rotation: Option<i64>,
    /// `ENABLE_DEV_ENDPOINTS`.
    pub dev_endpoints: bool,
    /// `TRUSTED_PROXIES`, `RATE_LIMITS` and the limits.
    pub guard: GuardConfig,
    /// `METRICS_ADDR`: where `/metrics` is served to everybody.
    pub metrics_addr: Option<SocketAddr>,
    /// `LOG_FORMAT`.
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// The shortest `APP_SECRET`, in bytes.
const MIN_SECRET: usize = 32;

impl Config {
    /// The configuration in the process's environment.
    ///
    /// # Errors
    /// The first variable that cannot be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// The configuration that `lookup` knows.
    ///
    /// # Errors
    /// The first variable that cannot be used.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let find = |name: &str| lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let listen_addr = find("LISTEN_ADDR").unwrap_or_else(|| "127.0.0.1:8000".to_owned());
        let listen_addr: SocketAddr = listen_addr.parse().map_err(|_| {
            wrong("LISTEN_ADDR", &listen_addr, "an IP address and a port, for example 0.0.0.0:8000 or [::]:8000")
        })?;
        let issuer = find("ISSUER").unwrap_or_else(|| format!("http://{listen_addr}"));
        let issuer = Issuer::parse(&issuer).map_err(|error| ConfigError {
            variable: "ISSUER",
            problem: format!("“{issuer}” cannot be the issuer: {error}"),
            expected: "the external URL of this server, for example https://id.example.com",
        })?;
        let code_lifetime = whole_number("CODE_LIFETIME", find("CODE_LIFETIME"), 60, 5..=600, "5 to 600 seconds")?;
        let connections = whole_number(
            "DATABASE_MAX_CONNECTIONS",
            find("DATABASE_MAX_CONNECTIONS"),
            16,
            2..=500,
            "a number from 2 to 500",
        )?;
        let key_rotation = match find("KEY_ROTATION_DAYS") {
            Some(value) if value.eq_ignore_ascii_case("off") => 0,
            value => whole_number("KEY_ROTATION_DAYS", value, 90, 0..=3650, "1 to 3650 days, or off")?,
        };
        let dev_endpoints = match find("ENABLE_DEV_ENDPOINTS").unwrap_or_default().to_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => true,
            "" | "0" | "false" | "no" | "off" => false,
            other => return Err(wrong("ENABLE_DEV_ENDPOINTS", other, "true or false")),
        };
        let metrics_addr = find("METRICS_ADDR")
            .map(|text| {
                let expected = "an IP address and a port, for example 127.0.0.1:9090";
                text.parse().map_err(|_| wrong("METRICS_ADDR", &text, expected))
            })
            .transpose()?;
        let log_format = match find("LOG_FORMAT").as_deref() {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(other) => return Err(wrong("LOG_FORMAT", other, "text or json")),
        };
        Ok(Self {
            listen_addr,
            issuer,
            database_url: Secret::new(find("DATABASE_URL").unwrap_or_else(|| "sqlite:///oauth.db".to_owned())),
            app_secret: secret(
                "APP_SECRET",
                find("APP_SECRET"),
                MIN_SECRET,
                "at least 32 bytes of randomness, for example from `openssl rand -hex 32`",
            )?,
            admin_token: secret(
                "ADMIN_TOKEN",
                find("ADMIN_TOKEN"),
                idp::MIN_ADMIN_TOKEN,
                "at least 8 bytes, better 32 of randomness, for example from `openssl rand -hex 32`",
            )?,
            code_lifetime,
            key_rotation: (key_rotation > 0).then_some(key_rotation * 86_400),
            database_max_connections: u32::try_from(connections).unwrap_or(16),
            dev_endpoints,
            guard: GuardConfig::read(&find)?,
            metrics_addr,
            log_format,
        })
    }
}

fn secret(
    variable: &'static str,
    value: Option<String>,
    min: usize,
    expected: &'static str,
) -> Result<Option<Secret>, ConfigError> {
    match value {
        Some(value) if value.len() < min => {
            Err(ConfigError { variable, problem: format!("it is only {} bytes long", value.len()), expected })
        }
        value => Ok(value.map(Secret::new)),
    }
}

fn whole_number(
    variable: &'static str,
    value: Option<String>,
    default: i64,
    range: std::ops::RangeInclusive<i64>,
    expected: &'static str,
) -> Result<i64, ConfigError> {
    match value {
        None => Ok(default),
        Some(text) => {
            text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| wrong(variable, &text, expected))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn nothing_set_serves_on_loopback_with_sqlite() {
        let config = read(&[]).unwrap();
        assert_eq!(config.issuer.as_str(), "http://127.0.0.1:8000");
        assert_eq!(config.database_url.expose(), "sqlite:///oauth.db");
        assert_eq!(config.code_lifetime, 60);
    }

    #[test]
    fn every_error_names_its_variable() {
        for (name, value) in [
            ("LISTEN_ADDR", "localhost"),
            ("ISSUER", "id.example.com"),
            ("ISSUER", "https://id.example.com/path"),
            ("APP_SECRET", "short"),
            ("ADMIN_TOKEN", "short"),
            ("CODE_LIFETIME", "soon"),
            ("CODE_LIFETIME", "3600"),
            ("KEY_ROTATION_DAYS", "-1"),
            ("KEY_ROTATION_DAYS", "monthly"),
            ("DATABASE_MAX_CONNECTIONS", "0"),
            ("ENABLE_DEV_ENDPOINTS", "maybe"),
            ("METRICS_ADDR", "9090"),
            ("LOG_FORMAT", "xml"),
            ("RATE_LIMIT_LOGIN", "often"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert_eq!(error.variable, name);
            assert!(error.to_string().contains("expected"));
        }
    }

    #[test]
    fn keys_are_rotated_every_ninety_days_unless_told_otherwise() {
        let days = |value| read(&[("KEY_ROTATION_DAYS", value)]).unwrap().key_rotation.map(|seconds| seconds / 86_400);
        assert_eq!([days(""), days("1"), days("0"), days("off")], [Some(90), Some(1), None, None]);
    }

    #[test]
    fn secrets_do_not_print() {
        let secret = "0123456789abcdef0123456789abcdef";
        let config = read(&[("APP_SECRET", secret), ("ADMIN_TOKEN", secret)]).unwrap();
        assert!(!format!("{config:?}").contains(secret));
        assert!(!read(&[("APP_SECRET", "short-secret")]).unwrap_err().to_string().contains("short-secret"));
    }
}
