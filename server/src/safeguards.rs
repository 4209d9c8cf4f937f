//! What an operator should know before the server is open to everybody: secrets that are no secrets, files that others read,
//! connections that others hear. With an https issuer it is meant seriously, and what could be guessed is refused.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use oauth::secret::Secret;

use crate::config::{Config, ConfigError};

/// What examples and people use instead of a secret, in lower case.
const WELL_KNOWN: [&str; 12] = [
    "changeme",
    "change-me",
    "change_me",
    "secret",
    "password",
    "passw0rd",
    "example",
    "default",
    "insecure",
    "letmein",
    "0123456789",
    "abcdefgh",
];

/// The longest piece whose repetition is no secret, in bytes.
const PIECE: usize = 16;

/// Looks at a configuration before it is served. Returns what to warn of.
///
/// # Errors
/// A secret that could be guessed, with an https issuer.
pub(crate) fn check(config: &Config) -> Result<Vec<String>, ConfigError> {
    let https = config.issuer.as_str().starts_with("https:");
    let mut warnings = Vec::new();
    for (variable, secret) in [("APP_SECRET", &config.app_secret), ("ADMIN_TOKEN", &config.admin_token)] {
        let Some(why) = secret.as_ref().and_then(Secret::weakness) else { continue };
        if https {
            let expected = "32 bytes of randomness, for example from `openssl rand -hex 32`";
            return Err(ConfigError { variable, problem: format!("it could be guessed: {why}"), expected });
        }
        warnings.push(format!("{variable} could be guessed: {why}; with an https issuer the server would not start"));
    }
    if https && config.dev_endpoints {
        warnings.push(
            "ENABLE_DEV_ENDPOINTS is on: /dev/seed makes users whose passwords are their names; switch it off"
                .to_owned(),
        );
    }
    if !https && !config.listen_addr.ip().is_loopback() {
        warnings.push(format!(
            "the issuer is {}, and {} can be reached from other machines: passwords and tokens travel unencrypted; put TLS before it \
             and set ISSUER to the https URL",
            config.issuer, config.listen_addr
        ));
    }
    Ok(warnings)
}

/// Why a file with a secret is none that only its owner reads.
pub(crate) fn exposure(file: &Path) -> Option<String> {
    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o777;
    let file = file.display();
    (mode & 0o077 != 0).then(|| format!("{file} can be read by others (mode {mode:o}): run `chmod 600 {file}`"))
}

/// How a secret can be told from a random one.
trait Weakness {
    fn weakness(&self) -> Option<&'static str>;
}

impl Weakness for Secret {
    fn weakness(&self) -> Option<&'static str> {
        let bytes = self.expose().as_bytes();
        let distinct = bytes.iter().collect::<std::collections::BTreeSet<_>>().len();
        let lower = self.expose().to_ascii_lowercase();
        if distinct < (bytes.len() / 2).min(8) {
            Some("it has only a few different characters")
        } else if (1..=PIECE.min(bytes.len() / 2))
            .any(|length| bytes.iter().eq(bytes.iter().take(length).cycle().take(bytes.len())))
        {
            Some("it repeats a short piece")
        } else if WELL_KNOWN.iter().any(|word| lower.contains(word)) {
            Some("it holds a word or a row of characters that everybody tries")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRONG: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn config(pairs: &[(&str, &str)]) -> Config {
        Config::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())).unwrap()
    }

    #[test]
    fn random_secrets_are_strong() {
        for _ in 0..1_000 {
            let token = idp::random::token();
            assert_eq!(Secret::new(token.as_str()).weakness(), None, "{token}");
        }
        assert_eq!(Secret::new(STRONG).weakness(), None);
        assert_eq!(Secret::new("k7#Qz!m2").weakness(), None);
    }

    #[test]
    fn with_an_https_issuer_a_secret_that_could_be_guessed_stops_the_start() {
        for weak in [
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "abababababababababababababababababab",
            "k7Qzm2Xwk7Qzm2Xwk7Qzm2Xwk7Qzm2Xw",
            "change-me-change-me-please-change-me",
            "CHANGEME-a9f8b7c6d5e4f3a2b1c0d9e8f7a6",
            "a secret of at least 32 bytes, really",
            "0123456789abcdef0123456789abcdef",
        ] {
            for variable in ["APP_SECRET", "ADMIN_TOKEN"] {
                let error = check(&config(&[("ISSUER", "https://id.example"), (variable, weak)])).unwrap_err();
                assert_eq!(error.variable, variable, "{weak}");
                assert!(error.to_string().contains("openssl rand") && !error.to_string().contains(weak));
                let warnings = check(&config(&[(variable, weak)])).unwrap();
                assert!(matches!(warnings.as_slice(), [one] if one.starts_with(variable)), "{weak}: {warnings:?}");
            }
        }
        let strong = [("ISSUER", "https://id.example"), ("APP_SECRET", STRONG), ("ADMIN_TOKEN", STRONG)];
        assert_eq!(check(&config(&strong)), Ok(Vec::new()));
    }

    #[test]
    fn what_is_for_development_is_warned_of_where_it_is_not() {
        let warned = |pairs: &[(&str, &str)]| check(&config(pairs)).unwrap();
        assert_eq!(warned(&[("ENABLE_DEV_ENDPOINTS", "1")]), Vec::<String>::new());
        let https = warned(&[("ENABLE_DEV_ENDPOINTS", "1"), ("ISSUER", "https://id.example")]);
        assert!(matches!(https.as_slice(), [one] if one.starts_with("ENABLE_DEV_ENDPOINTS")), "{https:?}");
        let everywhere = [("LISTEN_ADDR", "0.0.0.0:8000"), ("ISSUER", "http://id.example")];
        assert!(matches!(warned(&everywhere).as_slice(), [one] if one.contains("unencrypted")));
        let behind_tls = [("LISTEN_ADDR", "0.0.0.0:8000"), ("ISSUER", "https://id.example")];
        assert_eq!(warned(&behind_tls), Vec::<String>::new());
    }

    #[test]
    fn a_file_that_others_read_is_named() {
        let file = std::env::temp_dir().join(format!("signet-{}", idp::random::client_id()));
        std::fs::write(&file, "x").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        let told = exposure(&file).unwrap();
        assert!(told.contains("640") && told.contains("chmod 600"), "{told}");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(exposure(&file), None);
        std::fs::remove_file(&file).unwrap();
    }
}
