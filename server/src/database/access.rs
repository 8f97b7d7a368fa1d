//! How to reach the database: its port and its passwords, kept for next time.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::error::DatabaseError;
use super::home::Home;

/// The port PostgreSQL listens on and the passwords of those who log in.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) port: u16,
    pub(super) superuser: String,
    pub(super) owner: String,
    pub(super) app: String,
}

impl Access {
    /// Reads what an earlier start kept and makes up what is missing.
    pub(super) fn load_or_make(home: &Home) -> Result<Self, DatabaseError> {
        let path = file(home);
        let kept = match fs::read_to_string(&path) {
            Ok(kept) => kept,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(DatabaseError::at(&path)(error)),
        };
        let kept: HashMap<&str, &str> = kept.lines().filter_map(|line| line.split_once('=')).collect();
        let password = |name| {
            kept.get(name).filter(|kept| is_password(kept)).map_or_else(new_password, |kept| Ok((*kept).to_owned()))
        };
        let access = Self {
            port: match kept.get("port").and_then(|port| port.parse().ok()) {
                Some(port) => port,
                None => free_port()?,
            },
            superuser: password("superuser")?,
            owner: password("owner")?,
            app: password("app")?,
        };
        access.keep(home)?;
        Ok(access)
    }

    /// Takes another port, because someone else has the one we had.
    pub(super) fn change_port(&mut self, home: &Home) -> Result<(), DatabaseError> {
        self.port = free_port()?;
        self.keep(home)
    }

    pub(super) fn superuser(&self) -> PgConnectOptions {
        self.options("postgres", &self.superuser)
    }

    pub(super) fn options(&self, role: &str, password: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username(role)
            .password(password)
            .database("frontdesk")
            .ssl_mode(PgSslMode::Disable)
    }

    fn keep(&self, home: &Home) -> Result<(), DatabaseError> {
        let Self { port, superuser, owner, app } = self;
        let content = format!("port={port}\nsuperuser={superuser}\nowner={owner}\napp={app}\n");
        home.write_secret(&file(home), &content)
    }
}

/// How the server that has `data_dir` logs in to its PostgreSQL, for whoever
/// may read that directory; none where no server has been.
pub fn of_running(data_dir: &Path) -> Option<PgConnectOptions> {
    let kept = fs::read_to_string(data_dir.join(FILE)).ok()?;
    let kept: HashMap<&str, &str> = kept.lines().filter_map(|line| line.split_once('=')).collect();
    let kept = |name: &str| kept.get(name).map(|kept| (*kept).to_owned()).unwrap_or_default();
    let access = Access {
        port: kept("port").parse().ok()?,
        superuser: kept("superuser"),
        owner: kept("owner"),
        app: kept("app"),
    };
    Some(access.options("frontdesk_app", &access.app))
}

const FILE: &str = "postgres.access";

fn file(home: &Home) -> PathBuf {
    home.root().join(FILE)
}

// The passwords are put into SQL as they are, where nothing can be bound.
fn is_password(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn new_password() -> Result<String, DatabaseError> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| DatabaseError::at("the system's random numbers".as_ref())(io::Error::other("none to be had")))?;
    Ok(bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

fn free_port() -> Result<u16, DatabaseError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(DatabaseError::at("127.0.0.1".as_ref()))
}
