//! Warnings for an operator before the server is open to everybody: secrets that are no secrets, files that others read,
//! connections that others hear. With an https issuer it is meant seriously, and what could be guessed is refused.

use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use idp::store::Store;
use oauth::secret::Secret;
use oauth::time::Timestamp;

use crate::config::{Config, ConfigError};

/// Texts that examples and people use instead of a secret, in lower case.
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

/// Looks at the clock, which must not be behind the newest change that the database knows of. Returns what to warn of.
pub(crate) fn clock(now: Timestamp, last_change: Option<Timestamp>) -> Option<String> {
    /// Seconds that clocks of several servers may differ.
    const APART: i64 = 300;
    let behind = last_change?.since(now);
    (behind > APART).then(|| {
        format!(
            "the clock of this machine is {behind} seconds behind the newest change in the database: sessions, codes and tokens would \
             last too long, and applications would refuse tokens; synchronise it"
        )
    })
}

/// Looks at the files that hold what is secret, and at the directory they are in. Returns what to warn of.
pub(crate) fn files(store: &Store, config: &Config) -> Vec<String> {
    let mut files = store.files();
    if config.app_secret.is_none() {
        files.push(store.secret_path());
    }
    // The process's own entry belongs to the user that it runs as.
    let me = std::fs::metadata("/proc/self").ok().map(|process| process.uid());
    let of_files = files.iter().flat_map(|file| [exposure(file), me.and_then(|me| foreign(file, me))]);
    let directories: BTreeSet<PathBuf> = files.iter().map(|file| directory_of(file)).collect();
    let of_directories = directories.iter().map(|directory| open_to_all(directory));
    of_files.chain(of_directories).flatten().collect()
}

/// Warns of a file that others than its owner may read or write.
fn exposure(file: &Path) -> Option<String> {
    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o777;
    let file = file.display();
    let verb = if mode & 0o022 == 0 { "read" } else { "changed" };
    (mode & 0o077 != 0).then(|| format!("{file} can be {verb} by others (mode {mode:o}): run `chmod 600 {file}`"))
}

/// Warns of a file that belongs to another user than `me`.
fn foreign(file: &Path, me: u32) -> Option<String> {
    let owner = std::fs::metadata(file).ok()?.uid();
    let file = file.display();
    (owner != me).then(|| {
        format!("{file} belongs to user {owner}, and the server runs as user {me}: run `chown {me} {file}`, or the server as {owner}")
    })
}

/// Warns of a directory in which everybody may put another file in the place of ours.
fn open_to_all(directory: &Path) -> Option<String> {
    const EVERYBODY_WRITES: u32 = 0o002;
    const ONLY_OWNERS_REMOVE: u32 = 0o1000;
    let mode = std::fs::metadata(directory).ok()?.permissions().mode() & 0o7777;
    let directory = directory.display();
    (mode & EVERYBODY_WRITES != 0 && mode & ONLY_OWNERS_REMOVE == 0)
        .then(|| format!("everybody may replace files in {directory} (mode {mode:o}): run `chmod o-w {directory}`"))
}

fn directory_of(file: &Path) -> PathBuf {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// The signs by which a text is told from a random one.
trait Weakness {
    fn weakness(&self) -> Option<&'static str>;
}

impl Weakness for Secret {
    fn weakness(&self) -> Option<&'static str> {
        let bytes = self.expose().as_bytes();
        let distinct = bytes.iter().collect::<BTreeSet<_>>().len();
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
    fn a_clock_that_is_behind_the_database_is_named() {
        let now = Timestamp(1_800_000_000);
        assert_eq!(clock(now, None), None);
        assert_eq!(clock(now, Some(now.plus(-86_400))), None);
        assert_eq!(clock(now, Some(now.plus(300))), None);
        assert!(clock(now, Some(now.plus(7_200))).unwrap().contains("7200 seconds behind"));
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
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o620)).unwrap();
        assert!(exposure(&file).unwrap().contains("can be changed by others"));
        let owner = std::fs::metadata(&file).unwrap().uid();
        assert_eq!(foreign(&file, owner), None);
        assert!(foreign(&file, owner + 1).unwrap().contains(&format!("belongs to user {owner}")));
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn a_directory_that_everybody_writes_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let told = |mode: u32| {
            std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            open_to_all(directory.path())
        };
        assert!(told(0o777).unwrap().contains("chmod o-w"));
        assert_eq!([told(0o700), told(0o755), told(0o770), told(0o1777)], [None, None, None, None]);
        assert_eq!(directory_of(Path::new("oauth.db")), Path::new("."));
    }
}
