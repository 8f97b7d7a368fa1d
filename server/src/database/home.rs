//! Where the database lives: a data directory that is ours alone.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::account::{self, Account};
use super::error::DatabaseError;

const LOCK: &str = "frontdesk.lock";
const LOG_LIMIT: u64 = 10 * 1024 * 1024;

/// A data directory that no other Frontdesk uses for as long as this lives.
#[derive(Debug)]
pub(super) struct Home {
    root: PathBuf,
    account: Option<Account>,
    _lock: File,
}

impl Home {
    pub(super) fn open(data_dir: &Path) -> Result<Self, DatabaseError> {
        let account = Account::to_run_as()?;
        account::make_directory(data_dir)?;
        let root = fs::canonicalize(data_dir).map_err(DatabaseError::at(data_dir))?;
        if let Some(account) = &account {
            account.take(&root)?;
            account.reach(&root)?;
        }
        let lock = lock(&root, account.as_ref())?;
        Ok(Self { root, account, _lock: lock })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The account PostgreSQL runs as, when it is not our own.
    pub(super) fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    pub(super) fn data(&self) -> PathBuf {
        self.root.join("postgres")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// Opens PostgreSQL's log to add to it. One that has grown large is kept
    /// aside first, once.
    pub(super) fn open_log(&self) -> Result<File, DatabaseError> {
        let log = self.log();
        if fs::metadata(&log).is_ok_and(|log| log.len() > LOG_LIMIT) {
            fs::rename(&log, log.with_extension("log.old")).map_err(DatabaseError::at(&log))?;
        }
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&log);
        let file = file.map_err(DatabaseError::at(&log))?;
        self.own(&log)?;
        Ok(file)
    }

    /// Writes a file only the account can read, whole or not at all.
    pub(super) fn write_secret(&self, path: &Path, content: &str) -> Result<(), DatabaseError> {
        let new = path.with_extension("new");
        self.write_new(&new, content).map_err(DatabaseError::at(path))?;
        fs::rename(&new, path).map_err(DatabaseError::at(path))
    }

    fn write_new(&self, path: &Path, content: &str) -> io::Result<()> {
        // An older one might be readable by others, and would stay so.
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        if let Some(account) = &self.account {
            account.own(path)?;
        }
        file.write_all(content.as_bytes())?;
        file.sync_all()
    }

    fn own(&self, path: &Path) -> Result<(), DatabaseError> {
        match &self.account {
            Some(account) => account.own(path).map_err(DatabaseError::at(path)),
            None => Ok(()),
        }
    }
}

/// Whether `dir` is empty or has been a Frontdesk's before.
pub(super) fn is_frontdesks(dir: &Path) -> io::Result<bool> {
    if dir.join(LOCK).exists() {
        return Ok(true);
    }
    for entry in fs::read_dir(dir)? {
        if !["lost+found", ".gitkeep", ".gitignore"]
            .iter()
            .any(|name| entry.as_ref().is_ok_and(|e| e.file_name() == *name))
        {
            return Ok(false);
        }
    }
    Ok(true)
}

fn lock(root: &Path, account: Option<&Account>) -> Result<File, DatabaseError> {
    let path = root.join(LOCK);
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
    let file = file.map_err(DatabaseError::at(&path))?;
    if let Some(account) = account {
        account.own(&path).map_err(DatabaseError::at(&path))?;
    }
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DatabaseError::AlreadyRunning(root.to_owned())),
        Err(TryLockError::Error(error)) => Err(DatabaseError::at(&path)(error)),
    }
}
