//! One running PostgreSQL: starting it, waiting for it, ending it.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

use super::binaries::Binaries;
use super::error::DatabaseError;
use super::home::Home;

/// How PostgreSQL is asked to end, ever less kindly: disconnect everyone and
/// write everything; stop now and recover next time; be gone.
pub(super) const ENDINGS: [(Signal, Duration); 3] = [
    (Signal::SIGINT, Duration::from_secs(20)),
    (Signal::SIGQUIT, Duration::from_secs(5)),
    (Signal::SIGKILL, Duration::from_secs(5)),
];

const RECOVERY_PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Settings PostgreSQL is started with, whatever its files say.
const SETTINGS: [&str; 13] = [
    "listen_addresses=127.0.0.1",
    // No socket file, so no lock on one that could outlive its owner, and no
    // limit on how long the data directory's path may be.
    "unix_socket_directories=",
    "fsync=on",
    "full_page_writes=on",
    "max_connections=100",
    "password_encryption=scram-sha-256",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_destination=stderr",
    "logging_collector=off",
    "lc_messages=C",
    // Details and statements quote the patients' rows.
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
];

/// A PostgreSQL that is our child. Dropping it asks it to stop.
#[derive(Debug)]
pub(super) struct Postmaster {
    child: Child,
    started_at: Instant,
}

/// Why PostgreSQL did not start.
#[derive(Debug)]
pub(super) enum Failure {
    /// Another program listens on its port.
    PortTaken,
    /// It will not start until somebody does something.
    Hopeless(DatabaseError),
    /// It ended for some reason that may pass.
    Ended(String),
}

impl Postmaster {
    /// Starts PostgreSQL and waits until it answers.
    pub(super) async fn start(binaries: &Binaries, home: &Home, port: u16) -> Result<Self, Failure> {
        let log = home.open_log().map_err(Failure::Hopeless)?;
        let log_start = log.metadata().map_or(0, |log| log.len());
        let mut postmaster = Self::spawn(binaries, home, port, log)?;
        match postmaster.ready(&home.data()).await {
            Ok(()) => Ok(postmaster),
            Err(ended) => {
                postmaster.end().await;
                Err(Failure::read(home, log_start, ended))
            }
        }
    }

    fn spawn(binaries: &Binaries, home: &Home, port: u16, log: File) -> Result<Self, Failure> {
        let mut command = binaries.command("postgres", home);
        command.arg("-D").arg(home.data()).arg("-p").arg(port.to_string());
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.args(["-c", "log_line_prefix=%m [%p] "]).stdout(std::process::Stdio::null()).stderr(log);
        let child = command.spawn().map_err(|error| Failure::Hopeless(DatabaseError::at(&binaries.bin)(error)))?;
        Ok(Self { child, started_at: Instant::now() })
    }

    /// Waits until it takes connections, or says why it never will.
    async fn ready(&mut self, data: &Path) -> Result<(), String> {
        let mut patience = Duration::from_secs(10);
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(status.to_string());
            }
            if self.pid().is_some_and(|pid| says_ready(data, pid)) {
                return Ok(());
            }
            if self.age() > RECOVERY_PATIENCE {
                return Err("it was not ready after ten minutes".to_owned());
            }
            if self.age() > patience {
                info!(seconds = self.age().as_secs(), "PostgreSQL is still recovering");
                patience *= 2;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until it ends, which it should not by itself.
    pub(super) async fn ended(&mut self) -> String {
        match self.child.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// Stops it within half a minute.
    pub(super) async fn stop(mut self) {
        self.end().await;
    }

    async fn end(&mut self) {
        for (signal, patience) in ENDINGS {
            if signal != Signal::SIGINT && self.pid().is_some() {
                warn!(signal = signal.as_str(), "PostgreSQL did not stop; insisting");
            }
            self.signal(signal);
            if timeout(patience, self.child.wait()).await.is_ok() {
                return;
            }
        }
    }

    pub(super) fn age(&self) -> Duration {
        self.started_at.elapsed()
    }

    /// Its process, until it has ended.
    pub(super) fn pid(&self) -> Option<Pid> {
        self.child.id().and_then(|pid| pid.try_into().ok()).map(Pid::from_raw)
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid() {
            // It fails only for one that is gone, which is what was wanted.
            let _ = kill(pid, signal);
        }
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        self.signal(Signal::SIGINT);
    }
}

impl Failure {
    /// What PostgreSQL wrote into its log since `log_start`, understood.
    fn read(home: &Home, log_start: u64, ended: String) -> Self {
        let said = read_log(&home.log(), log_start);
        if said.contains("could not bind") || said.contains("could not create any TCP/IP sockets") {
            return Self::PortTaken;
        }
        if said.contains("No space left on device") {
            return Self::Hopeless(DatabaseError::DiskFull(home.data()));
        }
        if said.contains("Permission denied") {
            return Self::Hopeless(DatabaseError::NotAllowed(home.data()));
        }
        let worst = said.lines().rev().find_map(|line| line.split_once("FATAL:").or_else(|| line.split_once("PANIC:")));
        Self::Ended(worst.map_or(ended, |(_, worst)| worst.trim().trim_end_matches('.').to_owned()))
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PortTaken => f.write_str("its port is taken"),
            Self::Hopeless(error) => error.fmt(f),
            Self::Ended(why) => f.write_str(why),
        }
    }
}

fn read_log(log: &Path, start: u64) -> String {
    let mut said = Vec::new();
    if let Ok(mut log) = File::open(log)
        && log.seek(SeekFrom::Start(start)).is_ok()
    {
        // What cannot be read is merely not reported.
        let _ = log.take(64 * 1024).read_to_end(&mut said);
    }
    String::from_utf8_lossy(&said).into_owned()
}

// postmaster.pid opens with the process and has the state in its eighth line.
fn says_ready(data: &Path, pid: Pid) -> bool {
    let file = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let mut lines = file.lines().map(str::trim);
    lines.next() == Some(&pid.to_string()) && lines.nth(6) == Some("ready")
}
