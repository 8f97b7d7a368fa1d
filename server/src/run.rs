//! Starting, serving, stopping.

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::caller::PageLimits;
use axum::serve::ListenerExt;
use chrono::{DateTime, Utc};
use domain::code::ConfirmationCode;
use leptos::config::LeptosOptions;
use secrecy::ExposeSecret;
use services::services::Settings;
use services::{Clock, Db, Services, Vault, demo, jobs, secrets};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::cli::Role;
use crate::config::{Config, ConfigError};
use crate::database::{DatabaseError, EmbeddedPostgres};
use crate::limits::Limits;
use crate::state::AppState;
use crate::{router, worker};

/// How long requests under way may take when asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How much longer than its jobs the queue may take to stop.
const MARGIN: Duration = Duration::from_secs(2);

/// Why the server could not start: sentences for whoever is at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Embedded(#[from] DatabaseError),
    #[error("DATABASE_URL is not a PostgreSQL address: {0}.")]
    Address(sqlx::Error),
    #[error("The database did not answer: {0}.")]
    Database(String),
    #[error("The database could not be migrated: {0}.")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("The queue of jobs could not be made: {0}.")]
    Queue(String),
    #[error(
        "The database lacks migrations this version needs. Run `frontdesk migrate` as the owner of the tables, \
         or set MIGRATE_DATABASE_URL."
    )]
    NotMigrated,
    #[error(transparent)]
    Role(#[from] services::db::role::UnsafeRole),
    #[error("Cannot listen on {0}: {1}.")]
    Listen(SocketAddr, std::io::Error),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("ENCRYPTION_KEY is not set, so there is no key to change.")]
    NoKey,
    #[error("FRONTDESK_NOW must be an instant such as 2026-11-20T15:00:00Z.")]
    Now,
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl From<services::Error> for StartError {
    fn from(error: services::Error) -> Self {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        Self::Database(source.unwrap_or_else(|| error.to_string()))
    }
}

/// Applies migrations and stops.
///
/// # Errors
///
/// When there is no database, or it refuses.
pub async fn migrate_only(config: &Config) -> Result<(), StartError> {
    let Some(url) = config.migrate_database_url.as_ref().or(config.database_url.as_ref()) else {
        let embedded = EmbeddedPostgres::start(&config.frontdesk_data_dir).await?;
        let migrated = migrate(embedded.owner()).await;
        embedded.stop().await;
        return migrated;
    };
    migrate(url.expose_secret().parse().map_err(StartError::Address)?).await
}

/// Wraps every clinic's key with the present master key.
///
/// # Errors
///
/// When there is no master key or no database, or a clinic's key was wrapped by
/// neither the present nor the previous one.
pub async fn rotate_keys(config: &Config) -> Result<(), StartError> {
    let (login, embedded) = database(config).await?;
    let rotated = rotate_on(login, config).await;
    if let Some(embedded) = embedded {
        embedded.stop().await;
    }
    rotated
}

async fn rotate_on(login: PgConnectOptions, config: &Config) -> Result<(), StartError> {
    let vault = vault(config)?.ok_or(StartError::NoKey)?;
    let db = Db::connect(login, 2).await?;
    let rotated = vault.rotate(&db).await;
    db.close().await;
    match rotated? {
        1 => println!("Wrapped the key of 1 clinic anew."),
        count => println!("Wrapped the keys of {count} clinics anew."),
    }
    Ok(())
}

/// The vault: under ENCRYPTION_KEY, or, with a database of the server's own,
/// under a key kept beside it for its owner alone.
pub(crate) fn vault(config: &Config) -> Result<Option<Vault>, StartError> {
    let previous: Vec<&[u8]> =
        config.encryption_key_previous.iter().map(|secret| secret.expose_secret().as_bytes()).collect();
    match (&config.encryption_key, &config.database_url) {
        (Some(key), _) => Ok(Some(Vault::new(key.expose_secret().as_bytes(), &previous))),
        (None, None) => {
            let made = || secrets::random::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
            let key = kept(&config.frontdesk_data_dir, "encryption-key", made)?;
            Ok(Some(Vault::new(key.as_bytes(), &previous)))
        }
        (None, Some(_)) => {
            tracing::warn!("without ENCRYPTION_KEY no clinic can keep credentials of its own");
            Ok(None)
        }
    }
}

/// Serves until SIGTERM or SIGINT, then finishes what is under way.
///
/// # Errors
///
/// When it cannot start.
pub async fn serve(config: Config, role: Role, with_demo: bool) -> Result<(), StartError> {
    let (login, embedded) = database(&config).await?;
    let served = serve_on(login, config, role, with_demo).await;
    if let Some(embedded) = embedded {
        embedded.stop().await;
    }
    served
}

/// Where the database is, migrated, and the login to serve with.
pub(crate) async fn database(config: &Config) -> Result<(PgConnectOptions, Option<EmbeddedPostgres>), StartError> {
    let Some(url) = &config.database_url else {
        let embedded = EmbeddedPostgres::start(&config.frontdesk_data_dir).await?;
        if let Err(error) = migrate(embedded.owner()).await {
            embedded.stop().await;
            return Err(error);
        }
        return Ok((embedded.app(), Some(embedded)));
    };
    if let Some(owner) = &config.migrate_database_url {
        migrate(owner.expose_secret().parse().map_err(StartError::Address)?).await?;
    }
    Ok((url.expose_secret().parse().map_err(StartError::Address)?, None))
}

async fn migrate(owner: PgConnectOptions) -> Result<(), StartError> {
    let mut connection = owner.connect().await.map_err(|error| StartError::Database(error.to_string()))?;
    services::MIGRATOR.run(&mut connection).await?;
    drop(connection);
    let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(owner);
    let installed = jobs::install(&pool).await;
    pool.close().await;
    installed.map_err(|error| StartError::Queue(error.to_string()))
}

async fn serve_on(login: PgConnectOptions, config: Config, role: Role, with_demo: bool) -> Result<(), StartError> {
    services::db::role::check(&login).await??;
    let db = Db::connect(login, config.database_connections).await?;
    if !db.is_ready().await || !jobs::is_installed(&db).await? {
        return Err(StartError::NotMigrated);
    }
    let clock = clock(with_demo)?;
    let settings = Settings {
        session_secret: config.session_token_secret.as_ref().map(|secret| secret.expose_secret().as_bytes().to_vec()),
        session_lasts: chrono::Duration::hours(config.session_token_hours),
        vault: vault(&config)?,
        public_url: config.public_url.clone(),
        twilio_base_url: config.twilio_base_url.clone(),
        model: config.model(),
        smtp: config.smtp()?,
    };
    let (services, feed_tasks) = Services::start(db.clone(), clock, settings).await?;
    let limits = Arc::new(Limits::new(&config.rates()));
    let sweeping = (role != Role::Web).then(|| worker::start(services.clone(), limits.clone()));
    let resuming = (role != Role::Web).then(|| worker::resume(services.clone()));
    let (stop, is_stopping) = watch::channel(false);
    let working = (role != Role::Web).then(|| worker::work(services.inbound.clone(), is_stopping.clone()));
    let password = if with_demo { Some(seed(&services, &config.frontdesk_data_dir).await?) } else { None };
    let config = Arc::new(config);
    let asked = stop_signal()?;
    // Requests and jobs under way are finished side by side.
    let told = tokio::spawn(async move {
        asked.await;
        let _ = stop.send(true);
    });
    let mut stopping = is_stopping.clone();
    let stopped = async move { drop(stopping.wait_for(|stopping| *stopping).await) };
    if role == Role::Worker {
        stopped.await;
    } else {
        let state = AppState {
            services: services.clone(),
            limits,
            page_limits: Arc::new(PageLimits::new(config.rate_sign_ins_per_minute, config.rate_messages_per_minute)),
            leptos: leptos_options(config.listen),
            config: config.clone(),
        };
        listen(state, password.as_deref(), stopped).await?;
    }
    for task in [sweeping, resuming].into_iter().flatten() {
        task.abort();
    }
    if let Some(working) = working {
        // What is on its way is finished, or found by whoever works next.
        let _ = tokio::time::timeout(jobs::GRACE + MARGIN, working).await;
    }
    told.abort();
    feed_tasks.finish().await;
    db.close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn listen(
    state: AppState,
    password: Option<&str>,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    let address = state.config.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| StartError::Listen(address, error))?;
    // An answer's last piece goes out at once instead of waiting for the
    // browser to confirm the one before it.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone before it was set up");
        }
    });
    announce(&state.config.public_url, password);
    tracing::info!(%address, "listening");
    let feed = state.services.feed.clone();
    let (stopping, mut is_stopping) = watch::channel(false);
    let service = router::router(state).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        stopped.await;
        tracing::info!("stopping");
        // Open streams would keep the server waiting; closing them lets
        // browsers connect to another process, or to this one again.
        feed.close();
        let _ = stopping.send(true);
    });
    let too_long = async move {
        let _ = is_stopping.wait_for(|stopping| *stopping).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = server.into_future() => served?,
        () = too_long => tracing::warn!("some requests did not finish in time"),
    }
    Ok(())
}

/// Says, to whoever started it, where it is and how to sign in.
fn announce(public_url: &str, password: Option<&str>) {
    let mut lines = format!("\nFrontdesk is at {public_url}\n");
    if let Some(password) = password {
        lines += &format!(
            "\n  Chat      {public_url}/c/bloom\n  Booking   {public_url}/c/bloom/book\n  Console   {public_url}/console\n  Email     {}\n  Password  {password}\n",
            demo::OWNER_EMAIL
        );
    }
    let mut out = std::io::stdout().lock();
    // Nobody may be reading, and that is no reason to stop.
    let _ = writeln!(out, "{lines}").and_then(|()| out.flush());
}

async fn seed(services: &Services, data_dir: &Path) -> Result<String, StartError> {
    let password = demo_password(data_dir)?;
    demo::seed(&services.db, services.clock.now(), &password).await?;
    Ok(password)
}

/// The demonstration's password.
fn demo_password(data_dir: &Path) -> Result<String, StartError> {
    let half = || ConfirmationCode::from_bits(secrets::random()).to_string().to_lowercase();
    kept(data_dir, "demo-password", || format!("{}-{}", half(), half()))
}

/// What a file holds: made once, kept for its owner alone.
fn kept(data_dir: &Path, name: &str, make: impl FnOnce() -> String) -> Result<String, StartError> {
    let file = data_dir.join(name);
    if let Ok(text) = std::fs::read_to_string(&file)
        && !text.trim().is_empty()
    {
        return Ok(text.trim().to_owned());
    }
    let text = make();
    std::fs::create_dir_all(data_dir)?;
    let mut out = std::fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(file)?;
    writeln!(out, "{text}")?;
    Ok(text)
}

/// The clock; the demonstration's can be pinned to show a particular day.
fn clock(with_demo: bool) -> Result<Clock, StartError> {
    match std::env::var("FRONTDESK_NOW") {
        Ok(at) if with_demo && !at.is_empty() => {
            Ok(Clock::fixed(at.parse::<DateTime<Utc>>().map_err(|_| StartError::Now)?))
        }
        _ => Ok(Clock::system()),
    }
}

/// Where the built pages are: where cargo-leptos put them, unless said
/// otherwise.
fn leptos_options(listen: SocketAddr) -> LeptosOptions {
    let site_root = std::env::var("LEPTOS_SITE_ROOT").unwrap_or_else(|_| "target/site".into());
    LeptosOptions::builder().output_name("frontdesk").site_root(site_root).site_addr(listen).build()
}

fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, StartError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
