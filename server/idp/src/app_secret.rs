//! The secret of the installation: what is worth stealing in the database is sealed under keys derived from it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::random;

/// The shortest secret, in bytes: as strong as the keys that are derived from it.
const MIN_LENGTH: usize = 32;

/// `APP_SECRET`. Prints as nothing; its memory is wiped when it goes.
#[derive(Clone)]
pub struct AppSecret(Zeroizing<String>);

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum AppSecretError {
    #[error(
        "it is only {0} bytes long; expected at least {MIN_LENGTH} bytes of randomness, for example from `openssl rand -hex 32`"
    )]
    TooShort(usize),
    #[error(
        "the file {path} holds only {length} bytes; expected the secret that was written there, at least {MIN_LENGTH} bytes"
    )]
    Damaged { path: PathBuf, length: usize },
    #[error("it is not set, and there is no file {0}; expected the APP_SECRET that the server runs with")]
    Missing(PathBuf),
    #[error("cannot read or create the file {path}: {error}")]
    File { path: PathBuf, error: io::Error },
}

impl AppSecret {
    /// The secret in `text`, without the white space around it.
    ///
    /// # Errors
    /// [`AppSecretError::TooShort`].
    pub fn parse(text: &str) -> Result<Self, AppSecretError> {
        let text = text.trim();
        if text.len() < MIN_LENGTH {
            return Err(AppSecretError::TooShort(text.len()));
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The secret kept in the file at `path`, which must be there.
    ///
    /// # Errors
    /// When it is not, cannot be read, or holds something else.
    pub fn load(path: &Path) -> Result<Self, AppSecretError> {
        match read(path) {
            Ok(text) if !text.is_empty() => Self::parse_file(path, &text),
            Ok(_) => Err(AppSecretError::Missing(path.to_owned())),
            Err(error) => Err(AppSecretError::File { path: path.to_owned(), error }),
        }
    }

    /// The secret kept in the file at `path`, and whether it was made just now. A new file is readable for its owner only. For
    /// development: the secret lies beside the database that it protects.
    ///
    /// # Errors
    /// When the file can neither be read nor created, or holds something else.
    pub fn load_or_create(path: &Path) -> Result<(Self, bool), AppSecretError> {
        let (text, created) =
            read_or_fill(path).map_err(|error| AppSecretError::File { path: path.to_owned(), error })?;
        Ok((Self::parse_file(path, &text)?, created))
    }

    fn parse_file(path: &Path, text: &str) -> Result<Self, AppSecretError> {
        Self::parse(text).map_err(|_| AppSecretError::Damaged { path: path.to_owned(), length: text.trim().len() })
    }

    /// The 256-bit key for one purpose (HKDF-SHA256, RFC 5869). Keys of different labels say nothing about each other.
    #[expect(clippy::expect_used, reason = "HKDF fails only when more than 255 blocks are asked for")]
    pub(crate) fn derive(&self, label: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        let hkdf = Hkdf::<Sha256>::new(None, self.0.as_bytes());
        hkdf.expand(label.as_bytes(), key.as_mut_slice()).expect("one block of output");
        key
    }
}

impl std::fmt::Debug for AppSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppSecret(…)")
    }
}

/// The text in the file; an empty one where there is no file.
fn read(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    match File::open(path) {
        Ok(mut file) => {
            file.lock_shared()?;
            file.read_to_string(&mut text)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(text)
}

/// Two processes that start at once end up with the same secret: the file is filled under a lock, and only when it is empty.
fn read_or_fill(path: &Path) -> io::Result<(Zeroizing<String>, bool)> {
    let mut text = read(path)?;
    if !text.is_empty() {
        return Ok((text, false));
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    file.lock()?;
    file.read_to_string(&mut text)?;
    if !text.is_empty() {
        return Ok((text, false));
    }
    text.push_str(&random::token());
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // The keys sealed under it will outlive a power cut; so must the name of the file.
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()?;
    Ok((text, true))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    struct Directory(PathBuf);

    impl Directory {
        fn new() -> Self {
            let path = std::env::temp_dir().join(format!("signet-{}", random::client_id()));
            std::fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn file(&self) -> PathBuf {
            self.0.join("app-secret")
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    const TEXT: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_short_secret_is_refused_and_not_repeated() {
        let message = AppSecret::parse("hunter2").unwrap_err().to_string();
        assert!(message.contains("7 bytes") && message.contains("at least 32 bytes"), "{message}");
        assert!(!message.contains("hunter2"));
        assert_eq!(format!("{:?}", AppSecret::parse(TEXT).unwrap()), "AppSecret(…)");
    }

    #[test]
    fn white_space_around_a_secret_does_not_count() {
        let (plain, padded) = (AppSecret::parse(TEXT).unwrap(), AppSecret::parse(&format!(" {TEXT}\n")).unwrap());
        assert_eq!(plain.derive("a"), padded.derive("a"));
        assert!(AppSecret::parse(&" ".repeat(64)).is_err());
    }

    #[test]
    fn keys_differ_by_label_and_by_secret() {
        let (one, other) = (AppSecret::parse(TEXT).unwrap(), AppSecret::parse(&TEXT.to_uppercase()).unwrap());
        assert_eq!(one.derive("a"), one.derive("a"));
        assert_ne!(one.derive("a"), one.derive("b"));
        assert_ne!(one.derive("a"), other.derive("a"));
    }

    #[test]
    fn a_secret_is_created_once_and_for_its_owner_only() {
        let directory = Directory::new();
        let (made, created) = AppSecret::load_or_create(&directory.file()).unwrap();
        assert!(created);
        assert_eq!(std::fs::metadata(directory.file()).unwrap().permissions().mode() & 0o777, 0o600);
        let (loaded, created) = AppSecret::load_or_create(&directory.file()).unwrap();
        assert!(!created);
        assert_eq!(made.derive("a"), loaded.derive("a"));
    }

    #[test]
    fn processes_that_start_at_once_agree() {
        let directory = Directory::new();
        let starters: Vec<_> = (0..8)
            .map(|_| {
                let path = directory.file();
                std::thread::spawn(move || AppSecret::load_or_create(&path).unwrap())
            })
            .collect();
        let secrets: Vec<_> = starters.into_iter().map(|starter| starter.join().unwrap()).collect();
        assert_eq!(secrets.iter().filter(|(_, created)| *created).count(), 1);
        assert!(secrets.iter().all(|(secret, _)| secret.derive("a") == secrets[0].0.derive("a")));
    }

    #[test]
    fn a_damaged_file_is_not_overwritten() {
        let directory = Directory::new();
        std::fs::write(directory.file(), "oops").unwrap();
        assert!(matches!(AppSecret::load_or_create(&directory.file()), Err(AppSecretError::Damaged { length: 4, .. })));
        assert_eq!(std::fs::read_to_string(directory.file()).unwrap(), "oops");
    }
}
