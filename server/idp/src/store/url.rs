//! `DATABASE_URL`, as people write it.

use std::path::PathBuf;

/// A database, by kind.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The file.
    Sqlite(PathBuf),
    /// A database for as long as the process lives.
    SqliteMemory,
    /// The URL, as the driver takes it.
    Postgres(String),
    MySql(String),
}

/// Why a URL names no database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    #[error(
        "expected sqlite:///file.db, postgresql://user:password@host/database or mysql://user:password@host/database"
    )]
    Scheme,
    #[error(
        "expected a file after sqlite:, for example sqlite:///oauth.db (relative) or sqlite:////var/lib/signet/oauth.db (absolute)"
    )]
    NoFile,
}

impl DatabaseUrl {
    /// SQLite files are written in the manner of SQLAlchemy: three slashes before a relative path, four before an absolute
    /// one; or plainly, `sqlite:file`.
    ///
    /// # Errors
    /// When the scheme is none of the three, or no file is named.
    pub fn parse(url: &str) -> Result<Self, DatabaseUrlError> {
        let (scheme, rest) = url.split_once(':').ok_or(DatabaseUrlError::Scheme)?;
        // SQLAlchemy lets people name a driver: `postgresql+psycopg://`.
        let dialect = scheme.split('+').next().unwrap_or_default();
        match dialect {
            "sqlite" => {
                let path = rest.strip_prefix("///").or_else(|| rest.strip_prefix("//")).unwrap_or(rest);
                match path.split('?').next().unwrap_or_default() {
                    "" => Err(DatabaseUrlError::NoFile),
                    ":memory:" => Ok(Self::SqliteMemory),
                    path => Ok(Self::Sqlite(PathBuf::from(path))),
                }
            }
            "postgres" | "postgresql" => Ok(Self::Postgres(format!("postgres:{rest}"))),
            "mysql" | "mariadb" => Ok(Self::MySql(format!("mysql:{rest}"))),
            _ => Err(DatabaseUrlError::Scheme),
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::SqliteMemory => f.write_str("SqliteMemory"),
            Self::Postgres(_) => f.write_str("Postgres(…)"),
            Self::MySql(_) => f.write_str("MySql(…)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_paths_are_read_as_sqlalchemy_writes_them() {
        for (url, path) in [
            ("sqlite:///oauth.db", "oauth.db"),
            ("sqlite:////var/lib/oauth.db", "/var/lib/oauth.db"),
            ("sqlite:oauth.db", "oauth.db"),
            ("sqlite:///data/oauth.db?mode=rwc", "data/oauth.db"),
        ] {
            assert_eq!(DatabaseUrl::parse(url), Ok(DatabaseUrl::Sqlite(PathBuf::from(path))), "{url}");
        }
    }

    #[test]
    fn the_other_databases_may_name_a_driver() {
        for url in ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"] {
            assert_eq!(DatabaseUrl::parse(url), Ok(DatabaseUrl::Postgres("postgres://u@h/d".to_owned())), "{url}");
        }
        for url in ["mysql://u@h/d", "mariadb://u@h/d", "mysql+pymysql://u@h/d"] {
            assert_eq!(DatabaseUrl::parse(url), Ok(DatabaseUrl::MySql("mysql://u@h/d".to_owned())), "{url}");
        }
        for url in ["sqlite::memory:", "sqlite:///:memory:"] {
            assert_eq!(DatabaseUrl::parse(url), Ok(DatabaseUrl::SqliteMemory), "{url}");
        }
    }

    #[test]
    fn what_names_no_database_is_refused_without_being_repeated() {
        assert_eq!(DatabaseUrl::parse("oauth.db"), Err(DatabaseUrlError::Scheme));
        assert_eq!(DatabaseUrl::parse("redis://:secret@host"), Err(DatabaseUrlError::Scheme));
        assert_eq!(DatabaseUrl::parse("sqlite://"), Err(DatabaseUrlError::NoFile));
        let url = DatabaseUrl::parse("postgresql://u:secret@host/db").unwrap();
        assert!(!format!("{url:?}").contains("secret"));
    }
}
