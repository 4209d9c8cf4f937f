//! Configuration, from environment variables. Read once at start; every error names the variable and what was expected of it.

pub(crate) mod setting;

use std::net::SocketAddr;

use idp::Tunables;
use idp::outbound::{AllowedHosts, Authorities, OutboundOptions};
use oauth::activity::Volume;
use oauth::id::Issuer;
use oauth::secret::Secret;
use tracing_subscriber::EnvFilter;

pub use setting::{ConfigError, Described, Fallback};
use setting::{Setting, Unfit, days, optional, switch, whole_number};

use crate::guard::{self, GuardConfig};

/// Everything an operator can set.
#[derive(Debug, Clone)]
pub struct Config {
    pub listen_addr: SocketAddr,
    /// The external URL; never taken from a request.
    pub issuer: Issuer,
    /// A proxy takes the path of the issuer off requests.
    pub proxy_strips_path: bool,
    pub database_url: Secret,
    pub database_max_connections: u32,
    /// Seals the private keys in the database.
    pub app_secret: Option<Secret>,
    /// A first start with it needs no `/setup`.
    pub admin_token: Option<Secret>,
    /// Connections of callers at once; none: as many as the limit of open files allows, up to 10,000.
    pub max_connections: Option<u32>,
    pub tunables: Tunables,
    pub dev_endpoints: bool,
    pub session_management: bool,
    /// `ALLOWED_FETCH_HOSTS` and `EXTRA_CA_FILE`.
    pub outbound: OutboundOptions,
    /// `TRUSTED_PROXIES`, the headers of certificates, `RATE_LIMITS` and the limits.
    pub guard: GuardConfig,
    pub metrics_addr: Option<SocketAddr>,
    pub log_format: LogFormat,
    /// Directives of [`EnvFilter`].
    pub log_filter: String,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// The shortest `APP_SECRET`, in bytes.
const MIN_SECRET: usize = 32;

const LISTEN_ADDR: Setting<SocketAddr> = Setting {
    name: "LISTEN_ADDR",
    about: "address and port to listen on",
    default: Fallback::Value("127.0.0.1:8000"),
    expected: "an IP address and a port, for example 0.0.0.0:8000 or [::]:8000",
    parse: |text| text.parse().map_err(|_| Unfit::Form),
};

const ISSUER: Setting<Issuer> = Setting {
    name: "ISSUER",
    about: "external URL",
    default: Fallback::Words("http:// + LISTEN_ADDR"),
    expected: "the external URL of this server, for example https://id.example.com",
    parse: |text| {
        Issuer::parse(text).map_err(|error| Unfit::Because(format!("“{text}” cannot be the issuer: {error}")))
    },
};

const PROXY_STRIPS_PATH: Setting<bool> = Setting {
    name: "PROXY_STRIPS_PATH",
    about: "the proxy takes the path of ISSUER off requests",
    default: Fallback::Value("false"),
    expected: "true or false",
    parse: switch,
};

const MTLS_URL: Setting<Option<Issuer>> = Setting {
    name: "MTLS_URL",
    about: "address of this server at which the proxy asks clients for certificates",
    default: Fallback::Words("none: no mtls_endpoint_aliases"),
    expected: "an https URL with the path of ISSUER, beside CLIENT_CERT_HEADER",
    parse: |text| optional(text, |text| Issuer::parse(text).map_err(|error| Unfit::Because(error.to_string()))),
};

const DATABASE_URL: Setting<Secret> = Setting {
    name: "DATABASE_URL",
    about: "sqlite:///file, postgresql://… or mysql://…",
    default: Fallback::Value("sqlite:///oauth.db"),
    expected: "the URL of a database",
    parse: |text| Ok(Secret::new(text)),
};

const DATABASE_MAX_CONNECTIONS: Setting<u32> = Setting {
    name: "DATABASE_MAX_CONNECTIONS",
    about: "connections to PostgreSQL or MySQL",
    default: Fallback::Value("16"),
    expected: "a number from 2 to 500",
    parse: |text| u32::try_from(whole_number(text, 2..=500)?).map_err(|_| Unfit::Form),
};

const MAX_CONNECTIONS: Setting<Option<u32>> = Setting {
    name: "MAX_CONNECTIONS",
    about: "connections of callers at once",
    default: Fallback::Words("as the limit of open files allows, up to 10,000"),
    expected: "a number from 16 to 1000000",
    parse: |text| optional(text, |text| u32::try_from(whole_number(text, 16..=1_000_000)?).map_err(|_| Unfit::Form)),
};

const APP_SECRET: Setting<Option<Secret>> = Setting {
    name: "APP_SECRET",
    about: "at least 32 bytes; seals the private keys",
    default: Fallback::Words("a file beside the SQLite database"),
    expected: "at least 32 bytes of randomness, for example from `openssl rand -hex 32`",
    parse: |text| {
        optional(text, |text| match text.len() {
            length if length < MIN_SECRET => Err(Unfit::Because(format!("it is only {length} bytes long"))),
            _ => Ok(Secret::new(text)),
        })
    },
};

const ADMIN_TOKEN: Setting<Option<Secret>> = Setting {
    name: "ADMIN_TOKEN",
    about: "admin token of a first start; then /setup is not needed",
    default: Fallback::Words("none"),
    expected: "at least 8 bytes, better 32 of randomness, for example from `openssl rand -hex 32`",
    parse: |text| {
        optional(text, |text| idp::parse_admin_token(text).map_err(|error| Unfit::Because(format!("it {error}"))))
    },
};

const CODE_LIFETIME: Setting<i64> = Setting {
    name: "CODE_LIFETIME",
    about: "seconds an authorization code is good for",
    default: Fallback::Value("60"),
    expected: "5 to 600 seconds",
    parse: |text| whole_number(text, 5..=600),
};

const KEY_ROTATION_DAYS: Setting<Option<i64>> = Setting {
    name: "KEY_ROTATION_DAYS",
    about: "days a key signs before the next one does; off: until rotated by hand",
    default: Fallback::Value("90"),
    expected: "1 to 3650 days, or off",
    parse: |text| days(text, 1..=3650),
};

const AUDIT_RETENTION_DAYS: Setting<Option<i64>> = Setting {
    name: "AUDIT_RETENTION_DAYS",
    about: "days an audit event is kept; off: for ever",
    default: Fallback::Value("off"),
    expected: "1 to 36500 days, or off",
    parse: |text| days(text, 1..=36_500),
};

const ACTIVITY: Setting<Volume> = Setting {
    name: "ACTIVITY",
    about: "the events that are kept: all, problems or changes",
    default: Fallback::Value("all"),
    expected: "all, problems or changes",
    parse: |text| Volume::find(text).ok_or(Unfit::Form),
};

const ACTIVITY_RETENTION_DAYS: Setting<Option<i64>> = Setting {
    name: "ACTIVITY_RETENTION_DAYS",
    about: "days an event of the activity is kept; off: for ever",
    default: Fallback::Value("90"),
    expected: "1 to 3650 days, or off",
    parse: |text| days(text, 1..=3_650),
};

const BIN_DAYS: Setting<i64> = Setting {
    name: "BIN_DAYS",
    about: "days that deleted clients, users and scopes can be restored; 0: not at all",
    default: Fallback::Value("30"),
    expected: "0 to 30 days",
    parse: |text| whole_number(text, 0..=30).map(|days| days * 86_400),
};

const SESSION_MANAGEMENT: Setting<bool> = Setting {
    name: "SESSION_MANAGEMENT",
    about: "check_session_iframe and session_state",
    default: Fallback::Value("false"),
    expected: "true or false",
    parse: switch,
};

const LEGACY_RESPONSE_TYPES: Setting<bool> = Setting {
    name: "LEGACY_RESPONSE_TYPES",
    about: "tokens from the authorization endpoint, for old clients",
    default: Fallback::Value("false"),
    expected: "true or false",
    parse: switch,
};

const ENABLE_DEV_ENDPOINTS: Setting<bool> = Setting {
    name: "ENABLE_DEV_ENDPOINTS",
    about: "/dev/seed and /dev/pkce, for development",
    default: Fallback::Value("false"),
    expected: "true or false",
    parse: switch,
};

const ALLOWED_FETCH_HOSTS: Setting<AllowedHosts> = Setting {
    name: "ALLOWED_FETCH_HOSTS",
    about: "hosts that are asked for documents although their addresses are not public",
    default: Fallback::Words("none"),
    expected: "hosts, each with its port if it is not 443, for example intern.example.com, 10.0.0.5:8443",
    parse: |text| AllowedHosts::parse(text).map_err(|word| Unfit::Because(format!("“{word}” is no host"))),
};

const EXTRA_CA_FILE: Setting<Authorities> = Setting {
    name: "EXTRA_CA_FILE",
    about: "certificates of authorities that are trusted besides those of the system",
    default: Fallback::Words("none"),
    expected: "a file of certificates in PEM form",
    parse: |text| {
        if text.is_empty() {
            return Ok(Authorities::default());
        }
        let unfit = |reason: String| Unfit::Because(format!("“{text}” cannot be used: {reason}"));
        let pem = std::fs::read(text).map_err(|error| unfit(error.to_string()))?;
        Authorities::parse(&pem).map_err(unfit)
    },
};

const METRICS_ADDR: Setting<Option<SocketAddr>> = Setting {
    name: "METRICS_ADDR",
    about: "address and port of /metrics, without a token",
    default: Fallback::Words("none: the main one, with the admin token"),
    expected: "an IP address and a port, for example 127.0.0.1:9090",
    parse: |text| optional(text, |text| text.parse().map_err(|_| Unfit::Form)),
};

const LOG_FORMAT: Setting<LogFormat> = Setting {
    name: "LOG_FORMAT",
    about: "text or json",
    default: Fallback::Value("text"),
    expected: "text or json",
    parse: |text| match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(Unfit::Form),
    },
};

/// Whatever is not understood is replaced: a log that says too little must not keep a server from starting.
const RUST_LOG: Setting<String> = Setting {
    name: "RUST_LOG",
    about: "the events to log",
    default: Fallback::Value(USUAL_LOG),
    expected: "directives of tracing-subscriber",
    parse: |text| Ok(text.parse::<EnvFilter>().map_or(USUAL_LOG, |_| text).to_owned()),
};

const USUAL_LOG: &str = "info,sqlx=warn,sea_orm_migration=warn";

/// Every setting, in the order of `--help`.
pub const SETTINGS: &[Described] = &[
    LISTEN_ADDR.describe(),
    ISSUER.describe(),
    PROXY_STRIPS_PATH.describe(),
    DATABASE_URL.describe(),
    DATABASE_MAX_CONNECTIONS.describe(),
    MAX_CONNECTIONS.describe(),
    APP_SECRET.describe(),
    ADMIN_TOKEN.describe(),
    CODE_LIFETIME.describe(),
    KEY_ROTATION_DAYS.describe(),
    AUDIT_RETENTION_DAYS.describe(),
    ACTIVITY.describe(),
    ACTIVITY_RETENTION_DAYS.describe(),
    BIN_DAYS.describe(),
    SESSION_MANAGEMENT.describe(),
    LEGACY_RESPONSE_TYPES.describe(),
    ENABLE_DEV_ENDPOINTS.describe(),
    ALLOWED_FETCH_HOSTS.describe(),
    EXTRA_CA_FILE.describe(),
    guard::TRUSTED_PROXIES.describe(),
    guard::CLIENT_CERT_HEADER.describe(),
    guard::CLIENT_CERT_VERIFY_HEADER.describe(),
    MTLS_URL.describe(),
    guard::RATE_LIMITS.describe(),
    guard::RATE_LIMIT_TOKEN.describe(),
    guard::RATE_LIMIT_INTROSPECT.describe(),
    guard::RATE_LIMIT_REGISTER.describe(),
    guard::RATE_LIMIT_AUTHORIZE.describe(),
    guard::RATE_LIMIT_DEVICE.describe(),
    guard::RATE_LIMIT_LOGIN.describe(),
    guard::RATE_LIMIT_ADMIN_LOGIN.describe(),
    guard::RATE_LIMIT_SETUP.describe(),
    METRICS_ADDR.describe(),
    LOG_FORMAT.describe(),
    RUST_LOG.describe(),
];

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
        let find = &|name: &str| lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let listen_addr = LISTEN_ADDR.read(find)?;
        let guard = GuardConfig::read(find)?;
        let config = Self {
            listen_addr,
            issuer: ISSUER.read_or(find, &format!("http://{listen_addr}"))?,
            proxy_strips_path: PROXY_STRIPS_PATH.read(find)?,
            database_url: DATABASE_URL.read(find)?,
            database_max_connections: DATABASE_MAX_CONNECTIONS.read(find)?,
            max_connections: MAX_CONNECTIONS.read(find)?,
            app_secret: APP_SECRET.read(find)?,
            admin_token: ADMIN_TOKEN.read(find)?,
            tunables: Tunables {
                code_lifetime: CODE_LIFETIME.read(find)?,
                key_rotation: KEY_ROTATION_DAYS.read(find)?,
                audit_retention: AUDIT_RETENTION_DAYS.read(find)?,
                activity: ACTIVITY.read(find)?,
                activity_retention: ACTIVITY_RETENTION_DAYS.read(find)?,
                bin_retention: BIN_DAYS.read(find)?,
                legacy_response_types: LEGACY_RESPONSE_TYPES.read(find)?,
                certificates: guard.certificates(),
                mtls_url: MTLS_URL.read(find)?,
            },
            dev_endpoints: ENABLE_DEV_ENDPOINTS.read(find)?,
            session_management: SESSION_MANAGEMENT.read(find)?,
            outbound: OutboundOptions {
                allowed_hosts: ALLOWED_FETCH_HOSTS.read(find)?,
                authorities: EXTRA_CA_FILE.read(find)?,
            },
            guard,
            metrics_addr: METRICS_ADDR.read(find)?,
            log_format: LOG_FORMAT.read(find)?,
            log_filter: RUST_LOG.read(find)?,
        };
        config.check_together(find("ISSUER").is_some())?;
        Ok(config)
    }

    /// The path that stands before the addresses of requests that reach this server.
    pub(crate) fn path_of_requests(&self) -> &str {
        if self.proxy_strips_path { "" } else { self.issuer.path() }
    }

    /// Refuses what cannot work beside each other.
    fn check_together(&self, issuer_is_set: bool) -> Result<(), ConfigError> {
        if self.listen_addr.port() == 0 && !issuer_is_set {
            let problem = "it must be set where LISTEN_ADDR leaves the port to the system".to_owned();
            return Err(ISSUER.wrong(problem));
        }
        if self.proxy_strips_path && self.issuer.path().is_empty() {
            let problem = format!("there is no path in the issuer, {}, that a proxy could take off", self.issuer);
            return Err(PROXY_STRIPS_PATH.wrong(problem));
        }
        if let Some(url) = &self.tunables.mtls_url {
            let problem = match url {
                _ if !self.tunables.certificates.can_bind() => "CLIENT_CERT_HEADER must be set, too".to_owned(),
                url if url.path() != self.issuer.path() => format!("its path must be that of {}", self.issuer),
                _ => String::new(),
            };
            if !problem.is_empty() {
                return Err(MTLS_URL.wrong(problem));
            }
        }
        let overlaps = |metrics: &SocketAddr| {
            let (one, other) = (self.listen_addr, *metrics);
            let same_ip = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
            one.port() == other.port() && one.port() != 0 && same_ip
        };
        match self.metrics_addr.filter(overlaps) {
            Some(address) => Err(METRICS_ADDR.wrong(format!("“{address}” is taken by LISTEN_ADDR"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
