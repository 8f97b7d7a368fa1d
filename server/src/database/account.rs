//! Not being root: PostgreSQL refuses to be, and the server has no need.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::{Gid, Uid, User, geteuid};

use super::error::DatabaseError;
use super::home;

/// Makes root's process an unprivileged account's, for good; does nothing for
/// anyone else. The account is `FRONTDESK_RUN_AS`, or `postgres`, or `nobody`,
/// and is given `data_dir`, which is made if it is not there.
///
/// Call it in `main` before there are threads or open files.
///
/// # Errors
///
/// When there is no such account, or it could not work in `data_dir`.
pub fn drop_root(data_dir: &Path) -> Result<(), DatabaseError> {
    let Some(account) = Account::to_run_as()? else {
        return Ok(());
    };
    make_directory(data_dir)?;
    account.take(data_dir)?;
    let data_dir = fs::canonicalize(data_dir).map_err(DatabaseError::at(data_dir))?;
    account.reach(&data_dir)?;
    account.become_it().map_err(|source| DatabaseError::CannotBecome { name: account.name, source: source.into() })
}

/// Makes `dir` where it is missing, closed to others.
pub(super) fn make_directory(dir: &Path) -> Result<(), DatabaseError> {
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent).map_err(DatabaseError::at(parent))?;
    }
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(DatabaseError::at(dir)(error)),
        _ => Ok(()),
    }
}

/// The account that does what root should not.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: Uid,
    pub(super) gid: Gid,
}

impl Account {
    /// The account root is to give way to; none when we are not root.
    pub(super) fn to_run_as() -> Result<Option<Self>, DatabaseError> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let names = match std::env::var("FRONTDESK_RUN_AS") {
            Ok(name) if !name.is_empty() => vec![name],
            _ => vec!["postgres".to_owned(), "nobody".to_owned()],
        };
        let found =
            names.iter().find_map(|name| User::from_name(name).ok().flatten()).filter(|user| !user.uid.is_root());
        match found {
            Some(User { name, uid, gid, .. }) => Ok(Some(Self { name, uid, gid })),
            None => Err(DatabaseError::NoAccount { tried: names.join(" or ") }),
        }
    }

    /// Hands `dir` and what is in it to the account.
    ///
    /// A directory that holds other people's files stays theirs: a slip such
    /// as `--data-dir /etc` must not give the system away.
    pub(super) fn take(&self, dir: &Path) -> Result<(), DatabaseError> {
        let owner = fs::metadata(dir).map_err(DatabaseError::at(dir))?.uid();
        if owner == self.uid.as_raw() {
            return Ok(());
        }
        if !home::is_frontdesks(dir).map_err(DatabaseError::at(dir))? {
            return Err(DatabaseError::NotOurs { dir: dir.to_owned(), account: self.name.clone() });
        }
        self.take_all(dir).map_err(DatabaseError::at(dir))
    }

    /// Makes sure the account can get to `dir`, by having it go there.
    pub(super) fn reach(&self, dir: &Path) -> Result<(), DatabaseError> {
        let mut visit = Command::new("true");
        visit.uid(self.uid.as_raw()).gid(self.gid.as_raw()).current_dir(dir);
        match visit.status() {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Err(DatabaseError::OutOfReach { dir: dir.to_owned(), account: self.name.clone() })
            }
            _ => Ok(()),
        }
    }

    fn take_all(&self, path: &Path) -> io::Result<()> {
        if path.symlink_metadata()?.is_dir() {
            for entry in fs::read_dir(path)? {
                self.take_all(&entry?.path())?;
            }
        }
        self.own(path)
    }

    /// Hands one file to the account; a link is not followed.
    pub(super) fn own(&self, path: &Path) -> io::Result<()> {
        lchown(path, Some(self.uid.as_raw()), Some(self.gid.as_raw()))
    }

    #[cfg(not(target_vendor = "apple"))]
    fn become_it(&self) -> nix::Result<()> {
        nix::unistd::setgroups(&[self.gid])?;
        nix::unistd::setgid(self.gid)?;
        nix::unistd::setuid(self.uid)
    }

    // macOS has no safe way to give up root's groups.
    #[cfg(target_vendor = "apple")]
    fn become_it(&self) -> nix::Result<()> {
        Err(nix::Error::ENOSYS)
    }
}
