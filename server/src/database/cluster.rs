//! PostgreSQL's data directory: making it, checking it, serving it.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::access::Access;
use super::binaries::{self, Binaries, Search};
use super::error::DatabaseError;
use super::home::Home;
use super::leftovers;
use super::postmaster::{Failure, Postmaster};

const START_ATTEMPTS: u32 = 6;
const INITDB_PATIENCE: Duration = Duration::from_secs(5 * 60);
const RESET_PATIENCE: Duration = Duration::from_secs(5 * 60);

/// A data directory and the programs that fit it.
#[derive(Debug)]
pub(super) struct Cluster {
    home: Home,
    binaries: Binaries,
}

impl Cluster {
    /// Opens the data directory in `home`, making it where there is none.
    pub(super) async fn open(home: Home, search: &Search, access: &Access) -> Result<Self, DatabaseError> {
        let made_by = made_by(&home)?;
        let binaries = binaries::find(search, &home, made_by).await?;
        let cluster = Self { home, binaries };
        if made_by.is_none() {
            cluster.make(access).await?;
        }
        Ok(cluster)
    }

    pub(super) fn version(&self) -> u32 {
        self.binaries.major
    }

    /// Starts PostgreSQL, whatever the last one left behind, and moves it to
    /// another port if someone else took its own.
    pub(super) async fn start(&self, access: &mut Access) -> Result<Postmaster, DatabaseError> {
        let mut wait = Duration::from_millis(200);
        let mut said = String::new();
        for _ in 0..START_ATTEMPTS {
            match self.try_start(access.port).await {
                Ok(postmaster) => return Ok(postmaster),
                Err(Failure::PortTaken) => {
                    said = format!("port {} is taken", access.port);
                    access.change_port(&self.home)?;
                }
                Err(Failure::Hopeless(error)) => return Err(error),
                Err(Failure::Ended(why)) => {
                    warn!(reason = why, "PostgreSQL did not start; trying again");
                    said = why;
                    sleep(wait).await;
                    wait *= 2;
                }
            }
        }
        Err(DatabaseError::Start { said, log: self.home.log() })
    }

    /// Starts PostgreSQL on `port`, once.
    pub(super) async fn try_start(&self, port: u16) -> Result<Postmaster, Failure> {
        self.end_leftovers().await;
        Postmaster::start(&self.binaries, &self.home, port).await
    }

    /// Ends what still runs on this data directory and is no child of ours.
    pub(super) async fn end_leftovers(&self) {
        leftovers::end(&self.home.data()).await;
    }

    /// Gives the superuser the password in `access`, for which PostgreSQL must
    /// not be running: in single-user mode it asks for none.
    pub(super) async fn reset_password(&self, access: &Access) -> Result<(), DatabaseError> {
        self.end_leftovers().await;
        let failed = DatabaseError::at(&self.home.data());
        let log = self.home.open_log()?;
        let mut single = self.binaries.command("postgres", &self.home);
        single.arg("--single").arg("-D").arg(self.home.data());
        single.args(["-c", "fsync=on", "-c", "log_min_error_statement=panic", "postgres"]);
        single.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).kill_on_drop(true);

        let alter = format!("alter role postgres login superuser password '{}'\n", access.superuser);
        let run = async {
            let mut single = single.spawn()?;
            if let Some(mut stdin) = single.stdin.take() {
                stdin.write_all(alter.as_bytes()).await?;
            }
            single.wait().await
        };
        match timeout(RESET_PATIENCE, run).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Err(error)) => Err(failed(error)),
            _ => Err(DatabaseError::Start {
                said: "the superuser's password could not be set".to_owned(),
                log: self.home.log(),
            }),
        }
    }

    /// Makes the data directory beside its place and moves it there complete,
    /// so one that was cut short is never mistaken for a database.
    async fn make(&self, access: &Access) -> Result<(), DatabaseError> {
        info!(postgres.version = self.binaries.major, "making a new database");
        let root = self.home.root();
        let new = root.join(format!("postgres.new-{}", std::process::id()));
        remove_unfinished(root)?;

        let password = root.join("postgres.password");
        self.home.write_secret(&password, &access.superuser)?;
        let made = self.initdb(&new, &password).await;
        fs::remove_file(&password).map_err(DatabaseError::at(&password))?;
        made?;

        make_room(&self.home.data())?;
        fs::rename(&new, self.home.data()).map_err(DatabaseError::at(&new))?;
        fs::File::open(root).and_then(|root| root.sync_all()).map_err(DatabaseError::at(root))
    }

    async fn initdb(&self, new: &Path, password: &Path) -> Result<(), DatabaseError> {
        let mut initdb = self.binaries.command("initdb", &self.home);
        initdb.arg("-D").arg(new).arg("--pwfile").arg(password);
        initdb.args([
            "-U",
            "postgres",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--data-checksums",
            "--no-instructions",
        ]);
        initdb.kill_on_drop(true);
        let output = match timeout(INITDB_PATIENCE, initdb.output()).await {
            Ok(output) => output.map_err(DatabaseError::at(new))?,
            Err(_) => {
                return Err(DatabaseError::Initdb { said: "it took longer than five minutes".to_owned() });
            }
        };
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(if said.contains("No space left on device") {
            DatabaseError::DiskFull(self.home.root().to_owned())
        } else if said.contains("Permission denied") {
            DatabaseError::NotAllowed(self.home.root().to_owned())
        } else {
            let said = said.lines().find(|line| line.contains("error:") || line.contains("FATAL:"));
            DatabaseError::Initdb { said: said.unwrap_or("initdb failed").to_owned() }
        })
    }
}

/// The major version that made the data; none where there is no data.
fn made_by(home: &Home) -> Result<Option<u32>, DatabaseError> {
    let data = home.data();
    let damaged = || DatabaseError::Damaged(data.clone());
    match fs::read_to_string(data.join("PG_VERSION")) {
        Ok(version) => version.trim().parse().map(Some).map_err(|_| damaged()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(DatabaseError::at(&data)(error)),
        // Written last by initdb, first to be missed: with it, this was a database.
        Err(_) if data.join("global/pg_control").exists() => Err(damaged()),
        Err(_) => Ok(None),
    }
}

/// Removes what was not finished when an earlier start was cut short. Nothing
/// was ever served from it.
fn remove_unfinished(root: &Path) -> Result<(), DatabaseError> {
    for entry in fs::read_dir(root).map_err(DatabaseError::at(root))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("postgres.new-") {
            warn!("removing a database that was never finished");
            fs::remove_dir_all(entry.path()).map_err(DatabaseError::at(&entry.path()))?;
        }
    }
    Ok(())
}

/// Clears the place for a new data directory. What is there holds no database,
/// and is kept aside all the same.
fn make_room(data: &Path) -> Result<(), DatabaseError> {
    match fs::remove_dir(data) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(_) => {}
    }
    let aside = (1..).map(|n| data.with_extension(format!("incomplete-{n}"))).find(|aside| !aside.exists());
    let Some(aside) = aside else { return Ok(()) };
    warn!(moved_to = %aside.display(), "the data directory held no database; keeping it aside");
    fs::rename(data, aside).map_err(DatabaseError::at(data))
}
