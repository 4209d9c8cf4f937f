//! Every setting is read, and refused where it cannot work.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::*;

fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
}

#[test]
fn nothing_set_serves_on_loopback_with_sqlite() {
    let config = read(&[]).unwrap();
    assert_eq!(config.issuer.as_str(), "http://127.0.0.1:8000");
    assert_eq!(config.database_url.expose(), "sqlite:///oauth.db");
    assert_eq!(config.tunables, Tunables::default());
}

#[test]
fn every_setting_is_listed_and_every_listed_one_is_read() {
    let asked = RefCell::new(BTreeSet::new());
    Config::read(|name| {
        asked.borrow_mut().insert(name.to_owned());
        None
    })
    .unwrap();
    let listed: BTreeSet<String> = SETTINGS.iter().map(|setting| setting.name.to_owned()).collect();
    assert_eq!(asked.into_inner(), listed);
    assert_eq!(listed.len(), SETTINGS.len());
}

#[test]
fn a_default_that_is_a_value_may_be_set() {
    for setting in SETTINGS {
        if let Fallback::Value(value) = setting.default {
            assert_eq!(read(&[(setting.name, value)]).map(|_| ()), Ok(()), "{}", setting.name);
        }
    }
}

#[test]
fn every_error_names_its_variable() {
    for (name, value) in [
        ("LISTEN_ADDR", "localhost"),
        ("ISSUER", "id.example.com"),
        ("ISSUER", "https://id.example.com/a/../b"),
        ("PROXY_STRIPS_PATH", "perhaps"),
        ("APP_SECRET", "short"),
        ("ADMIN_TOKEN", "short"),
        ("ADMIN_TOKEN", "a-token-with-ä-in-it"),
        ("ADMIN_TOKEN", "a-token-with-a\ttab"),
        ("CODE_LIFETIME", "soon"),
        ("CODE_LIFETIME", "3600"),
        ("KEY_ROTATION_DAYS", "-1"),
        ("KEY_ROTATION_DAYS", "monthly"),
        ("AUDIT_RETENTION_DAYS", "a year"),
        ("AUDIT_RETENTION_DAYS", "40000"),
        ("ACTIVITY", "some"),
        ("ACTIVITY_RETENTION_DAYS", "-1"),
        ("BIN_DAYS", "31"),
        ("DATABASE_MAX_CONNECTIONS", "0"),
        ("MAX_CONNECTIONS", "15"),
        ("MAX_CONNECTIONS", "many"),
        ("ENABLE_DEV_ENDPOINTS", "maybe"),
        ("SESSION_MANAGEMENT", "sometimes"),
        ("LEGACY_RESPONSE_TYPES", "perhaps"),
        ("ALLOWED_FETCH_HOSTS", "https://a.example"),
        ("EXTRA_CA_FILE", "/nonexistent/ca.pem"),
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
fn what_cannot_work_together_is_refused() {
    for (listen, metrics, works) in [
        ("127.0.0.1:8000", "127.0.0.1:9090", true),
        ("127.0.0.1:8000", "127.0.0.2:8000", true),
        ("127.0.0.1:8000", "127.0.0.1:8000", false),
        ("0.0.0.0:8000", "127.0.0.1:8000", false),
        ("127.0.0.1:8000", "[::]:8000", false),
    ] {
        let error = read(&[("LISTEN_ADDR", listen), ("METRICS_ADDR", metrics)]).err();
        assert_eq!(error.is_none(), works, "{listen} {metrics}");
        assert!(error.is_none_or(|error| error.variable == "METRICS_ADDR"));
    }
    for (issuer, works) in [("https://example.com/auth", true), ("https://example.com/", false), ("", false)] {
        let error = read(&[("ISSUER", issuer), ("PROXY_STRIPS_PATH", "true")]).err();
        assert_eq!(error.map(|error| error.variable), (!works).then_some("PROXY_STRIPS_PATH"), "{issuer}");
    }
    assert_eq!(read(&[("LISTEN_ADDR", "127.0.0.1:0")]).unwrap_err().variable, "ISSUER");
    assert!(read(&[("LISTEN_ADDR", "127.0.0.1:0"), ("ISSUER", "https://id.example")]).is_ok());
}

#[test]
fn keys_are_rotated_every_ninety_days_unless_told_otherwise() {
    let days =
        |value| read(&[("KEY_ROTATION_DAYS", value)]).unwrap().tunables.key_rotation.map(|seconds| seconds / 86_400);
    assert_eq!([days(""), days("1"), days("0"), days("off")], [Some(90), Some(1), None, None]);
}

#[test]
fn secrets_do_not_print() {
    let secret = "0123456789abcdef0123456789abcdef";
    let config = read(&[("APP_SECRET", secret), ("ADMIN_TOKEN", secret)]).unwrap();
    assert!(!format!("{config:?}").contains(secret));
    assert!(!read(&[("APP_SECRET", "short-secret")]).unwrap_err().to_string().contains("short-secret"));
}
