//! The real `frontdesk`, started, and ended with the test.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::http::{self, Answer};

/// A server under way. Dropping it stops it.
pub struct Running {
    child: Child,
    pub port: u16,
    said: Arc<Mutex<String>>,
}

impl Running {
    /// Runs `command`, and waits until it serves on `port`.
    pub fn start(mut command: Command, port: u16) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        listen(child.stdout.take().unwrap(), said.clone());
        listen(child.stderr.take().unwrap(), said.clone());
        let mut server = Self { child, port, said };
        server.wait_until_ready();
        server
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

    pub fn get(&self, path: &str) -> std::io::Result<Answer> {
        http::ask(self.port, "GET", path, &[], "")
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

    /// Asks it to end, and sees that it has.
    pub fn stop(&mut self) {
        if self.is_running() {
            self.signal(Signal::SIGTERM);
            if self.ended_within(Duration::from_secs(30)).is_none() {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
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
        "ENCRYPTION_KEY",
        "ENCRYPTION_KEY_PREVIOUS",
        "TWILIO_BASE_URL",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "OPENAI_MODEL",
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

fn listen(output: impl std::io::Read + Send + 'static, said: Arc<Mutex<String>>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            said.lock().unwrap().push_str(&format!("{line}\n"));
        }
    });
}
