//! `TRUSTED_PROXIES`, `RATE_LIMITS` and the limits one by one.

use std::num::NonZeroU32;

use axum::http::HeaderName;
use governor::Quota;
use oauth::certificate::HandedOn;

use super::address::TrustedProxies;
use crate::config::setting::{ConfigError, Fallback, Setting, Unfit, optional, switch};

/// The operator's settings of the guard.
#[derive(Debug, Clone)]
pub struct GuardConfig {
    pub(super) trusted_proxies: TrustedProxies,
    /// None: `RATE_LIMITS` is off.
    pub(super) rates: Option<Rates>,
    /// None: certificates of clients are not looked at.
    pub(super) certificates: Option<CertificateHeaders>,
}

/// The headers in which a proxy hands on the certificate of a client's connection (RFC 8705).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CertificateHeaders {
    /// `CLIENT_CERT_HEADER`.
    pub(super) certificate: HeaderName,
    /// `CLIENT_CERT_VERIFY_HEADER`. None: no certificate is one that an authority vouches for.
    pub(super) verify: Option<HeaderName>,
}

/// The requests that one caller may send. None: as many as it likes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rates {
    /// `RATE_LIMIT_TOKEN`: `/token` and `/revoke`, and `/introspect` apart.
    pub(super) token: Option<Quota>,
    /// `RATE_LIMIT_INTROSPECT`.
    pub(super) introspect: Option<Quota>,
    /// `RATE_LIMIT_REGISTER`: registrations of clients and changes of them.
    pub(super) register: Option<Quota>,
    /// `RATE_LIMIT_AUTHORIZE`.
    pub(super) authorize: Option<Quota>,
    /// `RATE_LIMIT_DEVICE`: devices that ask for a code.
    pub(super) device: Option<Quota>,
    /// `RATE_LIMIT_LOGIN`: passwords, and codes of devices.
    pub(super) login: Option<Quota>,
    /// `RATE_LIMIT_SETUP`.
    pub(super) setup: Option<Quota>,
    /// `RATE_LIMIT_ADMIN_LOGIN`: admin tokens at the console's door.
    pub(super) admin_login: Option<Quota>,
}

const EXPECTED: &str = "a number of requests and a unit of time, for example 600/min, 10/s or 5000/h, or off";

pub(crate) const TRUSTED_PROXIES: Setting<TrustedProxies> = Setting {
    name: "TRUSTED_PROXIES",
    about: "addresses or networks of proxies whose X-Forwarded-For counts",
    default: Fallback::Words("none"),
    expected: "IP addresses or networks, for example 10.0.0.5 or 10.0.0.0/8, or the words loopback and private",
    parse: |text| TrustedProxies::parse(text).map_err(|word| Unfit::Because(format!("“{word}” is not understood"))),
};

pub(crate) const CLIENT_CERT_HEADER: Setting<Option<HeaderName>> = Setting {
    name: "CLIENT_CERT_HEADER",
    about: "header in which a trusted proxy hands on the certificate of a client",
    default: Fallback::Words("none: certificates are not looked at"),
    expected: "the name of a header, for example X-Client-Cert, beside TRUSTED_PROXIES",
    parse: header_name,
};

pub(crate) const CLIENT_CERT_VERIFY_HEADER: Setting<Option<HeaderName>> = Setting {
    name: "CLIENT_CERT_VERIFY_HEADER",
    about: "header in which the proxy says SUCCESS (or 0) of a certificate of an authority that it trusts",
    default: Fallback::Words("none: no tls_client_auth"),
    expected: "the name of a header, for example X-Client-Verify, beside CLIENT_CERT_HEADER",
    parse: header_name,
};

fn header_name(text: &str) -> Result<Option<HeaderName>, Unfit> {
    optional(text, |text| HeaderName::from_bytes(text.as_bytes()).map_err(|_| Unfit::Form))
}

pub(crate) const RATE_LIMITS: Setting<bool> = Setting {
    name: "RATE_LIMITS",
    about: "limits per caller, and delays after wrong passwords: on or off",
    default: Fallback::Value("on"),
    expected: "on or off",
    parse: switch,
};

// The defaults are more than one office behind one address comes to when everybody starts work at nine.
pub(crate) const RATE_LIMIT_TOKEN: Setting<Option<Quota>> =
    limit("RATE_LIMIT_TOKEN", "/token, /par, /bc-authorize and /revoke, for one caller", "1200/min");
pub(crate) const RATE_LIMIT_INTROSPECT: Setting<Option<Quota>> =
    limit("RATE_LIMIT_INTROSPECT", "/introspect", "6000/min");
// Hosts of agents register the clients of all their users from a few addresses.
pub(crate) const RATE_LIMIT_REGISTER: Setting<Option<Quota>> =
    limit("RATE_LIMIT_REGISTER", "/register: clients that register themselves", "600/min");
pub(crate) const RATE_LIMIT_AUTHORIZE: Setting<Option<Quota>> = limit("RATE_LIMIT_AUTHORIZE", "/authorize", "600/min");
pub(crate) const RATE_LIMIT_DEVICE: Setting<Option<Quota>> =
    limit("RATE_LIMIT_DEVICE", "/device_authorization", "60/min");
pub(crate) const RATE_LIMIT_LOGIN: Setting<Option<Quota>> =
    limit("RATE_LIMIT_LOGIN", "passwords sent to /login, and codes sent to /device", "300/min");
pub(crate) const RATE_LIMIT_ADMIN_LOGIN: Setting<Option<Quota>> =
    limit("RATE_LIMIT_ADMIN_LOGIN", "admin tokens sent to /admin/login", "30/min");
pub(crate) const RATE_LIMIT_SETUP: Setting<Option<Quota>> = limit("RATE_LIMIT_SETUP", "forms sent to /setup", "30/min");

const fn limit(name: &'static str, about: &'static str, default: &'static str) -> Setting<Option<Quota>> {
    Setting { name, about, default: Fallback::Value(default), expected: EXPECTED, parse: parse_rate }
}

impl GuardConfig {
    /// The certificates of clients that a proxy hands on.
    pub(crate) fn certificates(&self) -> HandedOn {
        match &self.certificates {
            None => HandedOn::Nothing,
            Some(CertificateHeaders { verify: None, .. }) => HandedOn::Unverified,
            Some(CertificateHeaders { verify: Some(_), .. }) => HandedOn::Verified,
        }
    }

    /// Reads the variables that `find` knows.
    ///
    /// # Errors
    /// The first variable that cannot be used.
    pub(crate) fn read(find: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let trusted_proxies = TRUSTED_PROXIES.read(find)?;
        let rates = Rates {
            token: RATE_LIMIT_TOKEN.read(find)?,
            introspect: RATE_LIMIT_INTROSPECT.read(find)?,
            register: RATE_LIMIT_REGISTER.read(find)?,
            authorize: RATE_LIMIT_AUTHORIZE.read(find)?,
            device: RATE_LIMIT_DEVICE.read(find)?,
            login: RATE_LIMIT_LOGIN.read(find)?,
            setup: RATE_LIMIT_SETUP.read(find)?,
            admin_login: RATE_LIMIT_ADMIN_LOGIN.read(find)?,
        };
        let certificates = read_certificates(find, &trusted_proxies)?;
        Ok(Self { trusted_proxies, rates: RATE_LIMITS.read(find)?.then_some(rates), certificates })
    }
}

/// The headers of certificates, which only a proxy may send.
fn read_certificates(
    find: &impl Fn(&str) -> Option<String>,
    proxies: &TrustedProxies,
) -> Result<Option<CertificateHeaders>, ConfigError> {
    let (certificate, verify) = (CLIENT_CERT_HEADER.read(find)?, CLIENT_CERT_VERIFY_HEADER.read(find)?);
    match certificate {
        Some(_) if proxies.is_empty() => {
            Err(CLIENT_CERT_HEADER.wrong("anybody could send it: TRUSTED_PROXIES must name the proxy".to_owned()))
        }
        Some(certificate) if verify.as_ref() == Some(&certificate) => {
            Err(CLIENT_CERT_VERIFY_HEADER.wrong("it is CLIENT_CERT_HEADER".to_owned()))
        }
        Some(certificate) => Ok(Some(CertificateHeaders { certificate, verify })),
        None if verify.is_some() => {
            Err(CLIENT_CERT_VERIFY_HEADER.wrong("CLIENT_CERT_HEADER must be set, too".to_owned()))
        }
        None => Ok(None),
    }
}

/// `600/min`: that many at once, and from then on as many evenly over each minute.
fn parse_rate(text: &str) -> Result<Option<Quota>, Unfit> {
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
    quota().map(Some).ok_or(Unfit::Form)
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
    fn certificates_are_heard_of_from_proxies_only() {
        let certificate = ("CLIENT_CERT_HEADER", "X-Client-Cert");
        let verify = ("CLIENT_CERT_VERIFY_HEADER", "X-Client-Verify");
        let proxies = ("TRUSTED_PROXIES", "10.0.0.5");
        assert!(read(&[proxies]).unwrap().certificates.is_none());
        assert!(read(&[proxies, certificate, verify]).unwrap().certificates.unwrap().verify.is_some());
        assert_eq!(read(&[certificate]).unwrap_err().variable, certificate.0);
        assert_eq!(read(&[proxies, verify]).unwrap_err().variable, verify.0);
        let same = ("CLIENT_CERT_VERIFY_HEADER", "x-client-cert");
        assert_eq!(read(&[proxies, certificate, same]).unwrap_err().variable, verify.0);
        assert_eq!(read(&[proxies, ("CLIENT_CERT_HEADER", "two words")]).unwrap_err().variable, certificate.0);
    }

    #[test]
    fn every_error_names_its_variable() {
        for (name, value) in [
            ("TRUSTED_PROXIES", "10.0.0.1, proxy.example"),
            ("TRUSTED_PROXIES", "10.0.0.0/33"),
            ("RATE_LIMITS", "maybe"),
            ("RATE_LIMIT_TOKEN", "600"),
            ("RATE_LIMIT_INTROSPECT", "0/min"),
            ("RATE_LIMIT_REGISTER", "1/year"),
            ("RATE_LIMIT_AUTHORIZE", "-1/min"),
            ("RATE_LIMIT_DEVICE", "60 a minute"),
            ("RATE_LIMIT_LOGIN", "many/min"),
            ("RATE_LIMIT_SETUP", "5/day"),
            ("RATE_LIMIT_ADMIN_LOGIN", "5/"),
        ] {
            assert_eq!(read(&[(name, value)]).unwrap_err().variable, name, "{value}");
        }
    }
}
