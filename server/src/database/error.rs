//! Why the database cannot be had, said to whoever started the server.

use std::io;
use std::path::{Path, PathBuf};

/// Why the server's own PostgreSQL cannot be used.
///
/// Unlike other errors, these are read by a person at a terminal, so each is a
/// sentence, with another that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("Another Frontdesk is already running on {}. Stop it first, or choose another data directory.", .0.display())]
    AlreadyRunning(PathBuf),

    #[error(
        "PostgreSQL does not run as root, and there is no account called {tried} to run it as. \
         Start Frontdesk as an ordinary user, or name an account in FRONTDESK_RUN_AS."
    )]
    NoAccount { tried: String },

    #[error(
        "Frontdesk was started as root and could not become {name}: {source}. \
         Start it as an ordinary user instead."
    )]
    CannotBecome { name: String, source: io::Error },

    #[error(
        "{} is not empty and was not made by Frontdesk. Choose another data directory, \
         or hand this one over with `chown -R {account} {}`.", .dir.display(), .dir.display()
    )]
    NotOurs { dir: PathBuf, account: String },

    #[error(
        "The account {account} cannot get to {}: a directory above it keeps others out. \
         Choose a data directory such as /var/lib/frontdesk.", .dir.display()
    )]
    OutOfReach { dir: PathBuf, account: String },

    #[error(
        "No PostgreSQL 15 or newer was found, and it could not be downloaded: {reason}. \
         Install it (on Debian: `apt install postgresql`), name its programs' directory in FRONTDESK_PG_BIN, \
         or set DATABASE_URL to a server you already have."
    )]
    NoBinaries { reason: String },

    #[error("FRONTDESK_PG_BIN names {}, where there is no PostgreSQL 15 or newer that runs.", .0.display())]
    NotBinaries(PathBuf),

    #[error(
        "The data in {} was made by PostgreSQL {made_by}, and only {found} was found. \
         Install PostgreSQL {made_by}, or move the data to the newer version with pg_upgrade. Nothing was changed.",
        .data.display()
    )]
    OtherVersion { data: PathBuf, made_by: u32, found: String },

    #[error(
        "{} holds a database without a readable PG_VERSION file. Restore it from a backup; nothing was changed.",
        .0.display()
    )]
    Damaged(PathBuf),

    #[error(
        "The PostgreSQL in {} comes without the btree_gist extension. \
         Install its extensions (the package is often called postgresql-contrib).", .0.display()
    )]
    NoExtension(PathBuf),

    #[error("The disk that holds {} is full. Make room and start Frontdesk again.", .0.display())]
    DiskFull(PathBuf),

    #[error(
        "Frontdesk may not use {}. Give the account it runs as permission, or choose another data directory.",
        .0.display()
    )]
    NotAllowed(PathBuf),

    #[error("{} could not be used: {source}.", .path.display())]
    Io { path: PathBuf, source: io::Error },

    #[error("PostgreSQL could not make its data directory: {said}.")]
    Initdb { said: String },

    #[error("PostgreSQL does not start: {said}. There is more in {}.", .log.display())]
    Start { said: String, log: PathBuf },

    #[error("PostgreSQL is running but could not be set up: {0}.")]
    Sql(#[from] sqlx::Error),
}

impl DatabaseError {
    /// For `map_err`: what went wrong with the file at `path`.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull => Self::DiskFull(path),
            io::ErrorKind::PermissionDenied => Self::NotAllowed(path),
            _ => Self::Io { path, source },
        }
    }
}
