//! PostgreSQL as clinics meet it: first starts, restarts, and rude ends. Every
//! test runs real processes.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::account::Account;
use super::binaries::Search;
use super::{DatabaseError, EmbeddedPostgres, drop_root, home};

/// Set in the process that plays a server about to be killed.
const SERVE: &str = "FRONTDESK_TEST_SERVE";

#[tokio::test]
async fn a_first_start_makes_the_roles_the_database_and_its_extension() {
    let dir = TempDir::new().unwrap();
    let postgres = start(&dir).await;

    let mut superuser = connect(postgres.superuser()).await;
    let roles: Vec<(String, bool, bool, bool, bool, bool, bool)> = sqlx::query_as(
        "
        select rolname::text, rolcanlogin, rolinherit, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole
        from pg_roles where rolname like 'frontdesk%' order by rolname
        ",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert_eq!(
        roles,
        [
            ("frontdesk_app".to_owned(), true, false, false, false, false, false),
            ("frontdesk_clinic".to_owned(), false, false, false, false, false, false),
            ("frontdesk_owner".to_owned(), true, true, false, false, false, false),
        ]
    );
    let database = "select datdba::regrole::text || ' ' || pg_encoding_to_char(encoding) || ' ' || datctype
                    from pg_database where datname = 'frontdesk'";
    assert_eq!(ask(&mut superuser, database).await, "frontdesk_owner UTF8 C.UTF-8");
    assert_eq!(
        ask(&mut superuser, "select extname::text from pg_extension where extname = 'btree_gist'").await,
        "btree_gist"
    );
    let members = "select string_agg(roleid::regrole || ' to ' || member::regrole, ', ')
                   from pg_auth_members where member::regrole::text like 'frontdesk%'";
    assert_eq!(ask(&mut superuser, members).await, "frontdesk_clinic to frontdesk_app");
    postgres.stop().await;
}

#[tokio::test]
async fn nothing_weakens_what_a_commit_promises() {
    let dir = TempDir::new().unwrap();
    let postgres = start(&dir).await;

    let mut app = connect(postgres.app()).await;
    for setting in ["fsync", "full_page_writes", "synchronous_commit", "data_checksums"] {
        assert_eq!(show(&mut app, setting).await, "on", "{setting}");
    }
    postgres.stop().await;
}

#[tokio::test]
async fn the_app_may_only_do_what_the_clinic_role_may() {
    let dir = TempDir::new().unwrap();
    let postgres = start(&dir).await;
    let mut owner = connect(postgres.owner()).await;
    run(&mut owner, "create table notes (note text); grant select on notes to frontdesk_clinic").await;

    let mut app = connect(postgres.app()).await;
    let refused = sqlx::raw_sql("select * from notes").execute(&mut app).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "42501");
    run(&mut app, "set role frontdesk_clinic; select * from notes").await;
    sqlx::raw_sql("set role frontdesk_owner").execute(&mut app).await.unwrap_err();
    postgres.stop().await;
}

#[tokio::test]
async fn only_this_machine_and_only_with_a_password_gets_in() {
    let dir = TempDir::new().unwrap();
    let postgres = start(&dir).await;

    let mut superuser = connect(postgres.superuser()).await;
    assert_eq!(show(&mut superuser, "listen_addresses").await, "127.0.0.1");
    assert_eq!(show(&mut superuser, "unix_socket_directories").await, "");
    for role in ["postgres", "frontdesk_owner", "frontdesk_app", "frontdesk_clinic"] {
        let guess = postgres.superuser().username(role).password("postgres").connect().await.unwrap_err();
        assert_eq!(guess.as_database_error().unwrap().code().unwrap(), "28P01", "{role}");
    }
    let mode = |name: &str| fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("postgres"), mode("postgres.access"), mode("postgres.log")], [0o700, 0o600, 0o600]);
    assert!(!dir.path().join("postgres.password").exists());
    postgres.stop().await;
}

#[tokio::test]
async fn a_restart_keeps_the_data_the_port_and_the_passwords() {
    let dir = TempDir::new().unwrap();
    let first = start(&dir).await;
    write(&first).await;
    let before = first.app();
    first.stop().await;

    let again = start(&dir).await;

    assert_eq!(read(&again).await, "Ada");
    connect(before).await;
    again.stop().await;
}

#[tokio::test]
async fn a_postgres_killed_under_a_running_server_comes_back_with_its_data() {
    let dir = TempDir::new().unwrap();
    let postgres = start(&dir).await;
    write(&postgres).await;

    for _ in 0..2 {
        let killed = kill_postmaster(&dir);
        wait_for("another PostgreSQL", || postmaster(dir.path()).is_some_and(|pid| pid != killed)).await;
        assert_eq!(read(&postgres).await, "Ada");
    }
    postgres.stop().await;
}

#[tokio::test]
async fn a_query_that_outlives_its_postgres_does_not_keep_it_from_coming_back() {
    let dir = TempDir::new().unwrap();
    let postgres = start(&dir).await;
    write(&postgres).await;
    let busy = busy_backend(&postgres).await;

    let killed = kill_postmaster(&dir);
    wait_for("another PostgreSQL", || postmaster(dir.path()).is_some_and(|pid| pid != killed)).await;

    assert_eq!(read(&postgres).await, "Ada");
    assert!(gone(busy));
    postgres.stop().await;
}

#[tokio::test]
async fn a_postgres_whose_server_was_killed_is_taken_over() {
    let dir = TempDir::new().unwrap();
    let mut server = serve_elsewhere(&dir).await;
    let orphan = postmaster(dir.path()).unwrap();
    server.kill();
    assert!(!gone(orphan));

    let postgres = start(&dir).await;

    assert!(gone(orphan));
    assert_eq!(read(&postgres).await, "Ada");
    postgres.stop().await;
}

#[tokio::test]
async fn a_server_and_a_postgres_that_were_both_killed_recover() {
    let dir = TempDir::new().unwrap();
    let mut server = serve_elsewhere(&dir).await;
    server.kill();
    kill_postmaster(&dir);

    let postgres = start(&dir).await;

    assert_eq!(read(&postgres).await, "Ada");
    postgres.stop().await;
}

#[tokio::test]
async fn a_pid_file_that_names_a_stranger_does_not_prevent_a_start() {
    let dir = TempDir::new().unwrap();
    start(&dir).await.stop().await;
    let mut stranger = Command::new("sleep");
    stranger.arg("600");
    if let Some(account) = Account::to_run_as().unwrap() {
        stranger.uid(account.uid.as_raw()).gid(account.gid.as_raw());
    }
    let mut stranger = Other { process: stranger.spawn().unwrap(), data_dir: None };
    fs::write(dir.path().join("postgres/postmaster.pid"), format!("{}\n", stranger.process.id())).unwrap();

    let postgres = start(&dir).await;

    assert!(stranger.process.try_wait().unwrap().is_none());
    postgres.stop().await;
}

#[tokio::test]
async fn a_second_frontdesk_on_the_same_data_is_told_so_and_disturbs_nothing() {
    let dir = TempDir::new().unwrap();
    let first = start(&dir).await;
    write(&first).await;

    let refused = EmbeddedPostgres::start(dir.path()).await.unwrap_err();

    assert!(matches!(refused, DatabaseError::AlreadyRunning(_)));
    assert!(refused.to_string().starts_with("Another Frontdesk is already running on /"), "{refused}");
    assert_eq!(read(&first).await, "Ada");
    first.stop().await;
}

#[tokio::test]
async fn data_of_another_version_is_named_and_left_alone() {
    let dir = TempDir::new().unwrap();
    let first = start(&dir).await;
    write(&first).await;
    first.stop().await;
    let version = dir.path().join("postgres/PG_VERSION");
    let made_by = fs::read_to_string(&version).unwrap();
    fs::write(&version, "12\n").unwrap();

    let refused = EmbeddedPostgres::start(dir.path()).await.unwrap_err();

    let sentence = refused.to_string();
    for part in
        ["made by PostgreSQL 12", &format!("PostgreSQL {} (/", made_by.trim()), "pg_upgrade", "Nothing was changed."]
    {
        assert!(sentence.contains(part), "{part} in {sentence}");
    }
    fs::write(&version, made_by).unwrap();
    let again = start(&dir).await;
    assert_eq!(read(&again).await, "Ada");
    again.stop().await;
}

#[tokio::test]
async fn a_database_without_its_version_is_not_taken_for_an_empty_one() {
    let dir = TempDir::new().unwrap();
    start(&dir).await.stop().await;
    fs::remove_file(dir.path().join("postgres/PG_VERSION")).unwrap();

    let refused = EmbeddedPostgres::start(dir.path()).await.unwrap_err();

    assert!(matches!(refused, DatabaseError::Damaged(_)), "{refused}");
    assert!(dir.path().join("postgres/global/pg_control").exists());
}

#[tokio::test]
async fn a_database_that_was_never_finished_is_made_again() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("frontdesk.lock"), "").unwrap();
    fs::create_dir_all(dir.path().join("postgres.new-7/base")).unwrap();
    fs::create_dir(dir.path().join("postgres")).unwrap();
    fs::write(dir.path().join("postgres/readme"), "keep me").unwrap();

    let postgres = start(&dir).await;

    write(&postgres).await;
    assert!(!dir.path().join("postgres.new-7").exists());
    assert_eq!(fs::read_to_string(dir.path().join("postgres.incomplete-1/readme")).unwrap(), "keep me");
    postgres.stop().await;
}

#[tokio::test]
async fn lost_passwords_are_replaced() {
    let dir = TempDir::new().unwrap();
    let first = start(&dir).await;
    write(&first).await;
    let before = first.app();
    first.stop().await;
    fs::remove_file(dir.path().join("postgres.access")).unwrap();

    let again = start(&dir).await;

    assert_eq!(read(&again).await, "Ada");
    connect(again.app()).await;
    before.port(again.access.port).connect().await.unwrap_err();
    again.stop().await;
}

#[tokio::test]
async fn a_port_someone_else_took_is_left_to_them() {
    let dir = TempDir::new().unwrap();
    let first = start(&dir).await;
    write(&first).await;
    let port = first.access.port;
    first.stop().await;
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();

    let again = start(&dir).await;

    assert_ne!(again.access.port, port);
    assert_eq!(read(&again).await, "Ada");
    again.stop().await;
}

#[tokio::test]
async fn stopping_is_clean_even_with_someone_connected() {
    let dir = TempDir::new().unwrap();
    let postgres = start(&dir).await;
    let _connected = connect(postgres.app()).await;
    let pid = postmaster(dir.path()).unwrap();

    timeout(Duration::from_secs(15), postgres.stop()).await.unwrap();

    assert!(gone(pid));
    let log = fs::read_to_string(dir.path().join("postgres.log")).unwrap();
    assert!(log.trim_end().ends_with("database system is shut down"), "{log}");
}

#[tokio::test]
async fn stopping_right_after_a_kill_leaves_nothing_running() {
    let dir = TempDir::new().unwrap();
    let postgres = start(&dir).await;
    let busy = busy_backend(&postgres).await;
    kill_postmaster(&dir);

    sleep(Duration::from_millis(150)).await;
    timeout(Duration::from_secs(35), postgres.stop()).await.unwrap();

    assert!(gone(busy));
    assert!(postmaster(dir.path()).is_none_or(gone));
}

#[tokio::test]
async fn a_server_that_forgets_to_stop_it_stops_it_all_the_same() {
    let dir = TempDir::new().unwrap();
    let postgres = start(&dir).await;
    let pid = postmaster(dir.path()).unwrap();

    drop(postgres);

    wait_for("PostgreSQL to end", || gone(pid)).await;
}

#[tokio::test]
async fn a_directory_without_programs_is_named() {
    let dir = TempDir::new().unwrap();
    let search = Search { bin: Some(PathBuf::from("/nowhere/bin")), ..Search::default() };

    let refused = EmbeddedPostgres::start_with(dir.path(), &search).await.unwrap_err();

    assert!(refused.to_string().contains("/nowhere/bin"), "{refused}");
}

#[test]
fn a_directory_of_other_peoples_files_is_not_frontdesks() {
    let dir = TempDir::new().unwrap();
    assert!(home::is_frontdesks(dir.path()).unwrap());
    fs::write(dir.path().join("passwd"), "").unwrap();
    assert!(!home::is_frontdesks(dir.path()).unwrap());
    fs::write(dir.path().join("frontdesk.lock"), "").unwrap();
    assert!(home::is_frontdesks(dir.path()).unwrap());
}

#[tokio::test]
async fn a_server_started_by_root_is_not_root_when_it_serves() {
    let dir = TempDir::new().unwrap();
    let mut server = serve_elsewhere(&dir).await;

    let owner = fs::metadata(dir.path().join("serving")).unwrap().uid();
    assert_ne!(owner, 0);
    assert_eq!(fs::metadata(dir.path().join("postgres")).unwrap().uid(), owner);
    if !geteuid().is_root() {
        assert_eq!(owner, geteuid().as_raw());
    }
    server.kill();
    start(&dir).await.stop().await;
}

/// Not a test by itself: the process other tests kill. It serves as the real
/// server does, from `main` on, and does nothing unless they ask it to.
#[test]
fn serves_until_killed_when_another_test_says_so() {
    let Some(dir) = std::env::var_os(SERVE).map(PathBuf::from) else {
        return;
    };
    drop_root(&dir).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let postgres = EmbeddedPostgres::start(&dir).await.unwrap();
        write(&postgres).await;
        fs::write(dir.join("serving"), "").unwrap();
        sleep(Duration::from_secs(120)).await;
        postgres.stop().await;
    });
}

/// Another process, which a test that fails leaves no trace of either.
struct Other {
    process: Child,
    data_dir: Option<PathBuf>,
}

impl Other {
    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking()
            && let Some(pid) = self.data_dir.as_deref().and_then(postmaster)
            && !gone(pid)
        {
            let _ = kill(pid, Signal::SIGQUIT);
        }
    }
}

async fn serve_elsewhere(dir: &TempDir) -> Other {
    let mut server = Command::new(std::env::current_exe().unwrap());
    let name = concat!(module_path!(), "::serves_until_killed_when_another_test_says_so");
    server.args(["--exact", name.split_once("::").unwrap().1]).env(SERVE, dir.path());
    let process = server.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let server = Other { process, data_dir: Some(dir.path().to_owned()) };
    wait_for("the other server", || dir.path().join("serving").exists()).await;
    server
}

async fn start(dir: &TempDir) -> EmbeddedPostgres {
    let started = timeout(Duration::from_secs(60), EmbeddedPostgres::start(dir.path())).await;
    started.unwrap().unwrap_or_else(|error| {
        panic!("{error}\n{}", fs::read_to_string(dir.path().join("postgres.log")).unwrap_or_default())
    })
}

async fn connect(options: PgConnectOptions) -> PgConnection {
    for _ in 0..100 {
        if let Ok(connection) = options.clone().connect().await {
            return connection;
        }
        sleep(Duration::from_millis(100)).await;
    }
    options.connect().await.unwrap()
}

async fn run(connection: &mut PgConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.unwrap();
}

async fn ask(connection: &mut PgConnection, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

async fn show(connection: &mut PgConnection, setting: &str) -> String {
    sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(connection).await.unwrap()
}

async fn write(postgres: &EmbeddedPostgres) {
    let mut owner = connect(postgres.owner()).await;
    run(&mut owner, "create table if not exists patients (name text); insert into patients values ('Ada')").await;
    owner.close().await.unwrap();
}

async fn read(postgres: &EmbeddedPostgres) -> String {
    ask(&mut connect(postgres.owner()).await, "select string_agg(name, ', ') from patients").await
}

/// A query that never looks up, so that it does not see its postmaster die.
async fn busy_backend(postgres: &EmbeddedPostgres) -> Pid {
    let mut connection = connect(postgres.owner()).await;
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut connection).await.unwrap();
    tokio::spawn(
        async move { sqlx::raw_sql("do $$ begin loop end loop; end $$").execute(&mut connection).await.map(drop) },
    );
    sleep(Duration::from_millis(300)).await;
    Pid::from_raw(pid)
}

fn postmaster(dir: &Path) -> Option<Pid> {
    let file = fs::read_to_string(dir.join("postgres/postmaster.pid")).ok()?;
    file.lines().next()?.trim().parse().ok().map(Pid::from_raw)
}

fn kill_postmaster(dir: &TempDir) -> Pid {
    let pid = postmaster(dir.path()).unwrap();
    kill(pid, Signal::SIGKILL).unwrap();
    pid
}

/// Whether a process has ended, even if nobody has asked how.
fn gone(pid: Pid) -> bool {
    let zombie = || {
        fs::read(Path::new("/proc").join(pid.to_string()).join("cmdline")).is_ok_and(|arguments| arguments.is_empty())
    };
    kill(pid, None) == Err(Errno::ESRCH) || zombie()
}

async fn wait_for(what: &str, mut happened: impl FnMut() -> bool) {
    for _ in 0..600 {
        if happened() {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("waited a minute for {what}");
}
