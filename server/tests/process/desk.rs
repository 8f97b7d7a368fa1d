//! A real `frontdesk`, with a data directory and a PostgreSQL of its own.

use std::fs;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::{self, Answer};
use crate::running::{Running, free_port, frontdesk};

pub const BLOOM: &str = "00000000-0000-4000-a000-000000000001";

/// A running demonstration. Dropping it leaves nothing running.
pub struct Desk {
    server: Running,
    pub home: Arc<TempDir>,
}

impl Desk {
    /// Starts on a new data directory, and waits until it serves.
    pub fn start() -> Self {
        Self::start_in(Arc::new(TempDir::with_prefix_in("frontdesk-process-", "/tmp").unwrap()))
    }

    pub fn start_in(home: Arc<TempDir>) -> Self {
        Self::start_on(home, free_port(), &[])
    }

    /// Starts on a port, with settings of its own.
    pub fn start_on(home: Arc<TempDir>, port: u16, settings: &[(&str, &str)]) -> Self {
        let mut command = frontdesk(home.path(), port);
        command.args(["serve", "--demo"]).envs(settings.iter().copied());
        Self { server: Running::start(command, port), home }
    }

    /// The demonstration's password, as printed.
    pub fn password(&self) -> String {
        let said = self.said();
        let line = said.lines().find_map(|line| line.trim().strip_prefix("Password")).expect("a password is printed");
        line.trim().to_owned()
    }

    /// A new chat session's token.
    pub fn session(&self) -> String {
        let answer = self.post("/api/v1/auth/session", "", json!({ "clinic_id": BLOOM })).unwrap();
        answer.json()["token"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    }

    pub fn post(&self, path: &str, token: &str, body: Value) -> std::io::Result<Answer> {
        let authorization = format!("Bearer {token}");
        let headers = [("content-type", "application/json"), ("authorization", authorization.as_str())];
        http::ask(self.port, "POST", path, &headers, &body.to_string())
    }

    /// Books the first haircut of next Tuesday; the hold's id.
    pub fn book(&self, token: &str) -> String {
        let path = "availability?appointment_type=haircut&from=2026-11-24&to=2026-11-24&limit=1";
        let offered = self.ask_clinic(token, path);
        let slot = &offered.json()["slots"][0]["slot"];
        let hold = self.post(&of_clinic("holds"), token, json!({ "slot": slot })).unwrap();
        assert_eq!(hold.status, 201, "{}", hold.body);
        let hold_id = hold.json()["hold_id"].as_str().unwrap().to_owned();
        let booked = self.confirm(token, &hold_id);
        assert_eq!(booked.status, 201, "{}", booked.body);
        hold_id
    }

    /// Confirms again what was booked: 200 if it is still there.
    pub fn confirm(&self, token: &str, hold_id: &str) -> Answer {
        let patient = json!({ "name": "Ada Lovelace", "email": "ada@example.com" });
        let wanted = json!({ "hold_id": hold_id, "patient": patient });
        self.post(&of_clinic("appointments/confirm"), token, wanted).unwrap()
    }

    pub fn ask_clinic(&self, token: &str, path: &str) -> Answer {
        let authorization = format!("Bearer {token}");
        http::ask(self.port, "GET", &of_clinic(path), &[("authorization", &authorization)], "").unwrap()
    }

    /// Signs the owner in; the cookie.
    pub fn sign_in(&self) -> String {
        let form = format!("email=owner%40bloom.example&password={}", self.password());
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = http::ask(self.port, "POST", "/fn/sign_in", &headers, &form).unwrap();
        let cookie = answer.head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.unwrap_or_else(|| panic!("{answer:?}"));
        cookie.split(';').next().unwrap().to_owned()
    }

    /// The day's visits, as the console shows them to whoever has the cookie.
    pub fn day(&self, cookie: &str) -> Answer {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("cookie", cookie)];
        http::ask(self.port, "POST", "/fn/day_view", &headers, "day=2026-11-24").unwrap()
    }

    pub fn postmaster(&self) -> Option<Pid> {
        postmaster(self.home.path())
    }
}

impl Deref for Desk {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.server
    }
}

impl DerefMut for Desk {
    fn deref_mut(&mut self) -> &mut Running {
        &mut self.server
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.server.stop();
        // The data directory goes only with its last desk.
        if Arc::strong_count(&self.home) == 1
            && let Some(orphan) = self.postmaster()
            && !gone(orphan)
        {
            let _ = kill(orphan, Signal::SIGQUIT);
        }
    }
}

pub fn of_clinic(path: &str) -> String {
    format!("/api/v1/clinics/{BLOOM}/{path}")
}

/// Whether a process has ended, even if nobody has asked how.
pub fn gone(pid: Pid) -> bool {
    let zombie = || {
        fs::read(Path::new("/proc").join(pid.to_string()).join("cmdline")).is_ok_and(|arguments| arguments.is_empty())
    };
    kill(pid, None) == Err(Errno::ESRCH) || zombie()
}

fn postmaster(home: &Path) -> Option<Pid> {
    let file = fs::read_to_string(home.join("data/postgres/postmaster.pid")).ok()?;
    file.lines().next()?.trim().parse().ok().map(Pid::from_raw)
}
