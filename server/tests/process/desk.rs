//! A real `frontdesk`, with a data directory and a PostgreSQL of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::{self, Answer};

const BLOOM: &str = "00000000-0000-4000-a000-000000000001";

/// A running demonstration. Dropping it leaves nothing running.
pub struct Desk {
    child: Child,
    pub home: Arc<TempDir>,
    pub port: u16,
    said: Arc<Mutex<String>>,
}

impl Desk {
    /// Starts on a new data directory, and waits until it serves.
    pub fn start() -> Self {
        Self::start_in(Arc::new(TempDir::with_prefix_in("frontdesk-process-", "/tmp").unwrap()))
    }

    pub fn start_in(home: Arc<TempDir>) -> Self {
        let port = free_port();
        let mut command = frontdesk(home.path(), port);
        let mut child =
            command.args(["serve", "--demo"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        listen(child.stdout.take().unwrap(), said.clone());
        listen(child.stderr.take().unwrap(), said.clone());
        let mut desk = Self { child, home, port, said };
        desk.wait_until_ready();
        desk
    }

    fn wait_until_ready(&mut self) {
        let patience = Instant::now() + Duration::from_secs(120);
        while !self.get("/ready").is_ok_and(|answer| answer.status == 200) {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < patience, "{ended:?}\n{}", self.said());
            sleep(Duration::from_millis(100));
        }
    }

    /// What it has printed and logged so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// The demonstration's password, as printed.
    pub fn password(&self) -> String {
        let said = self.said();
        let line = said.lines().find_map(|line| line.trim().strip_prefix("Password")).expect("a password is printed");
        line.trim().to_owned()
    }

    pub fn get(&self, path: &str) -> std::io::Result<Answer> {
        http::ask(self.port, "GET", path, &[], "")
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

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until it has ended, for no longer than `patience`.
    pub fn ended_within(&mut self, patience: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + patience;
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) => return Some(status),
                None if Instant::now() > until => return None,
                None => sleep(Duration::from_millis(50)),
            }
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if self.is_running() {
            self.signal(Signal::SIGTERM);
            if self.ended_within(Duration::from_secs(30)).is_none() {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
        }
        // The data directory goes only with its last desk.
        if Arc::strong_count(&self.home) == 1
            && let Some(orphan) = self.postmaster()
            && !gone(orphan)
        {
            let _ = kill(orphan, Signal::SIGQUIT);
        }
    }
}

/// The binary, told nothing by the environment of the tests.
pub fn frontdesk(data_dir: &Path, port: u16) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
    for name in [
        "DATABASE_URL",
        "MIGRATE_DATABASE_URL",
        "SESSION_TOKEN_SECRET",
        "ADMIN_API_KEY",
        "FRONTDESK_CONFIG",
        "RUST_LOG",
        "LOG_FORMAT",
    ] {
        command.env_remove(name);
    }
    command
        .env("FRONTDESK_DATA_DIR", data_dir.join("data"))
        .env("FRONTDESK_NOW", "2026-11-20T15:00:00Z")
        .env("RATE_REQUESTS_PER_MINUTE", "100000")
        .env("LISTEN", format!("127.0.0.1:{port}"))
        .env("PUBLIC_URL", format!("http://127.0.0.1:{port}"))
        // The server gives up root, and may not look into our own directory then.
        .current_dir(data_dir)
        .stdin(Stdio::null());
    command
}

pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
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

fn listen(output: impl std::io::Read + Send + 'static, said: Arc<Mutex<String>>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            said.lock().unwrap().push_str(&format!("{line}\n"));
        }
    });
}
