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
    /// It may be changed beyond its rows: made, and given its journal.
    ours: bool,
}

impl SqliteFile {
    /// The file at `path`. One that is missing is made, readable by nobody else: it will hold password hashes. (SQLite gives
    /// the files beside it the same permissions.)
    pub(super) fn make(path: PathBuf) -> Result<Self, ConnectError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(ConnectError::from(error).about(&path)),
            _ => Ok(Self { path, temporary: None, ours: true }),
        }
    }

    /// The file at `path`, which must be there.
    pub(super) fn find(path: PathBuf) -> Result<Self, ConnectError> {
        match fs::metadata(&path) {
            Ok(_) => Ok(Self { path, temporary: None, ours: false }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let here = std::env::current_dir().unwrap_or_default();
                let what = format!("there is no database {}, seen from {}", path.display(), here.display());
                Err(ConnectError::NothingThere(what))
            }
            Err(error) => Err(ConnectError::from(error).about(&path)),
        }
    }

    /// A file in a directory of its own, for as long as the store lives.
    pub(super) fn temporary() -> Result<Self, ConnectError> {
        let directory = std::env::temp_dir().join(format!("signet-{}", random::client_id()));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&directory)?;
        Ok(Self { path: directory.join("signet.db"), temporary: Some(directory), ours: true })
    }

    pub(super) fn is_ours(&self) -> bool {
        self.ours
    }

    /// The file, and the directory that a relative path was looked for in.
    pub(super) fn describe(&self) -> String {
        let here = std::env::current_dir().unwrap_or_default();
        format!("{}, seen from {},", self.path.display(), here.display())
    }

    /// The files that there are now; none that go with the process.
    pub(super) fn all(&self) -> Vec<PathBuf> {
        let beside = |ending: &str| {
            let mut name = self.path.clone().into_os_string();
            name.push(ending);
            PathBuf::from(name)
        };
        let files = ["", "-wal", "-shm"].map(beside).into_iter();
        files.filter(|file| self.temporary.is_none() && file.exists()).collect()
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
