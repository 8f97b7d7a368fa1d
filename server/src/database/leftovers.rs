//! Ending the PostgreSQL that a killed server left running.
//!
//! Whoever calls this holds the lock on the data directory, so what still runs
//! there is nobody's.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::postmaster::ENDINGS;

/// Ends every PostgreSQL process on `data`, and clears away a pid file that
/// would keep the next one from starting.
pub(super) async fn end(data: &Path) {
    for (signal, patience) in ENDINGS {
        let running = running_on(data);
        if running.is_empty() {
            break;
        }
        info!(signal = signal.as_str(), processes = running.len(), "ending a PostgreSQL that was left running");
        for pid in to_be_told(running, data, signal) {
            // It fails only for one that is gone already.
            let _ = kill(pid, signal);
        }
        wait_until_gone(data, patience).await;
    }
    remove_stale_pid_file(data);
}

/// A postmaster tells its own processes how to end; only a last resort, or
/// processes that have lost theirs, need telling one by one.
fn to_be_told(running: Vec<Pid>, data: &Path, signal: Signal) -> Vec<Pid> {
    match postmaster(data).filter(|pid| running.contains(pid)) {
        Some(postmaster) if signal != Signal::SIGKILL => vec![postmaster],
        _ => running,
    }
}

async fn wait_until_gone(data: &Path, patience: Duration) {
    let deadline = Instant::now() + patience;
    while !running_on(data).is_empty() && Instant::now() < deadline {
        sleep(Duration::from_millis(50)).await;
    }
}

/// PostgreSQL will not start while its pid file names a living process, even
/// one that has nothing to do with it; in a container, where numbers are small
/// and soon used again, that is what a kill leaves behind.
fn remove_stale_pid_file(data: &Path) {
    let names_a_living = postmaster(data).is_some_and(|pid| kill(pid, None) != Err(Errno::ESRCH));
    if !names_a_living || !running_on(data).is_empty() {
        return;
    }
    if let Err(error) = fs::remove_file(data.join("postmaster.pid")) {
        warn!(%error, "a stale postmaster.pid could not be removed");
    }
}

/// The process postmaster.pid names, which may be long gone.
fn postmaster(data: &Path) -> Option<Pid> {
    let file = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let pid: i32 = file.lines().next()?.trim().parse().ok()?;
    (pid > 0).then(|| Pid::from_raw(pid))
}

// PostgreSQL's processes all work in the data directory, which also tells
// apart those whose postmaster is gone. A zombie works nowhere.
#[cfg(target_os = "linux")]
fn running_on(data: &Path) -> Vec<Pid> {
    // It may be a link to another disk, which processes do not show.
    let place = fs::canonicalize(data).unwrap_or_else(|_| data.to_owned());
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter(|process| match fs::read_link(process.path().join("cwd")) {
            Ok(cwd) => cwd == place && is_postgres(&process.path()),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => was_started_on(&process.path(), data),
            Err(_) => false,
        })
        .filter_map(|process| process.file_name().to_str()?.parse().ok().map(Pid::from_raw))
        .collect()
}

#[cfg(target_os = "linux")]
fn is_postgres(process: &Path) -> bool {
    fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim() == "postgres")
}

// Another account's process does not show where it works, but its arguments.
#[cfg(target_os = "linux")]
fn was_started_on(process: &Path, data: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt;

    let arguments = fs::read(process.join("cmdline")).unwrap_or_default();
    is_postgres(process) && arguments.split(|byte| *byte == 0).any(|argument| argument == data.as_os_str().as_bytes())
}

// Without /proc only the postmaster can be told, by its arguments. Its
// processes end by themselves when they see that it has.
#[cfg(not(target_os = "linux"))]
fn running_on(data: &Path) -> Vec<Pid> {
    let Some(pid) = postmaster(data) else {
        return Vec::new();
    };
    let said: io::Result<_> =
        std::process::Command::new("ps").args(["-ww", "-o", "command=", "-p", &pid.to_string()]).output();
    let command = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned()).unwrap_or_default();
    let ours = command.contains("postgres") && command.contains(&*data.to_string_lossy());
    if ours { vec![pid] } else { Vec::new() }
}
