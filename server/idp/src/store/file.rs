//! The file of a SQLite database.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::ConnectError;
use crate::random;

/// A database file, with those that SQLite keeps beside it.
#[derive(Debug)]
pub(super) struct SqliteFile {
    path: PathBuf,
    /// Removed with all that is in it when the store goes.
    temporary: Option<PathBuf>,
}

impl SqliteFile {
    /// The file at `path`. One that is missing is made, readable by nobody else: it will hold password hashes. (SQLite gives
    /// the files beside it the same permissions.)
    pub(super) fn open(path: PathBuf) -> Result<Self, ConnectError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(ConnectError::from(error).about(&path)),
            _ => Ok(Self { path, temporary: None }),
        }
    }

    /// A file in a directory of its own, for as long as the store lives.
    pub(super) fn temporary() -> Result<Self, ConnectError> {
        let directory = std::env::temp_dir().join(format!("signet-{}", random::client_id()));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&directory)?;
        Ok(Self { path: directory.join("signet.db"), temporary: Some(directory) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SqliteFile {
    fn drop(&mut self) {
        if let Some(directory) = &self.temporary
            && let Err(error) = fs::remove_dir_all(directory)
        {
            tracing::warn!(%error, directory = %directory.display(), "a temporary database was not removed");
        }
    }
}
