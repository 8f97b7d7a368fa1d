//! A PostgreSQL of the test's own, which writes to the disk and can be killed.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};
use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;

use crate::book::Book;

/// Dropping it ends it and deletes what it kept.
pub struct Postgres {
    home: TempDir,
    programs: PathBuf,
    postmaster: Child,
}

impl Postgres {
    pub fn start() -> Self {
        let home = TempDir::with_prefix_in("frontdesk-races-", "/tmp").unwrap();
        let programs = programs();
        if let Some(account) = account() {
            chown(home.path(), Some(account.uid.as_raw()), Some(account.gid.as_raw())).unwrap();
        }
        let made = unprivileged(&programs.join("initdb"))
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "-D"])
            .arg(home.path().join("data"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let postmaster = postmaster(&programs, home.path());
        let mut postgres = Self { home, programs, postmaster };
        postgres.wait_until_it_answers();
        postgres
    }

    /// Ends it and all its processes at once, as a power cut would.
    pub fn kill(&mut self) {
        let (parent, children) = (self.pid(), children_of(self.pid()));
        kill(parent, Signal::SIGKILL).unwrap();
        self.postmaster.wait().unwrap();
        for child in children {
            let _ = kill(child, Signal::SIGKILL);
        }
    }

    /// Starts it again on what it had written.
    pub fn restart(&mut self) {
        self.postmaster = postmaster(&self.programs, self.home.path());
        self.wait_until_it_answers();
    }

    pub fn url(&self, role: &str) -> String {
        format!("postgres://{role}@localhost:5432/postgres?host={}", self.home.path().display())
    }

    pub fn superuser(&self) -> PgConnectOptions {
        self.url("postgres").parse().unwrap()
    }

    /// A directory of the test's, gone with it.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.home.path().join("log")).unwrap()
    }

    fn wait_until_it_answers(&mut self) {
        let until = Instant::now() + Duration::from_secs(60);
        while Book::try_open(&self.superuser()).is_none() {
            assert!(Instant::now() < until, "{}", self.log());
            // What the one before left in memory goes a moment after it.
            if self.postmaster.try_wait().unwrap().is_some() {
                self.postmaster = postmaster(&self.programs, self.home.path());
            }
            sleep(Duration::from_millis(50));
        }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.postmaster.id().try_into().unwrap())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if matches!(self.postmaster.try_wait(), Ok(None)) {
            let _ = kill(self.pid(), Signal::SIGQUIT);
            let _ = self.postmaster.wait();
        }
    }
}

fn programs() -> PathBuf {
    let found = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/postgres-binaries")).output().unwrap();
    assert!(found.status.success(), "{found:?}");
    PathBuf::from(String::from_utf8(found.stdout).unwrap().trim())
}

fn postmaster(programs: &Path, home: &Path) -> Child {
    let log = fs::File::options().create(true).append(true).open(home.join("log")).unwrap();
    unprivileged(&programs.join("postgres"))
        .arg("-D")
        .arg(home.join("data"))
        .args(["-p", "5432", "-c", "listen_addresses=", "-c", "max_connections=200"])
        .args(["-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on"])
        .arg("-c")
        .arg(format!("unix_socket_directories={}", home.display()))
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// A program of PostgreSQL's, which refuse to run as root.
fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("LC_ALL", "C.UTF-8").current_dir("/").stdin(Stdio::null());
    if let Some(account) = account() {
        command.uid(account.uid.as_raw()).gid(account.gid.as_raw());
    }
    command
}

fn account() -> Option<User> {
    let named = |name| User::from_name(name).unwrap();
    geteuid().is_root().then(|| named("postgres").or_else(|| named("nobody")).unwrap())
}

fn children_of(parent: Pid) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| {
            let stat = fs::read_to_string(process.path().join("stat")).ok()?;
            let (pid, rest) = (stat.split(' ').next()?, stat.rsplit_once(')')?.1);
            let its_parent: i32 = rest.split_whitespace().nth(1)?.parse().ok()?;
            (its_parent == parent.as_raw()).then(|| pid.parse().ok().map(Pid::from_raw))?
        })
        .collect()
}
