//! The server's own PostgreSQL, for a clinic that does not bring one.
//!
//! [`EmbeddedPostgres`] makes it on the first start, keeps it running while the
//! server runs, and puts right what a crash or a power cut left behind. It
//! never deletes data.
//!
//! `postgresql_embedded` downloads the binaries where none are installed, and
//! that is all it does here. It cannot start them as another account, which a
//! server started by root needs, and it starts them through `pg_ctl`, which
//! leaves no child to wait for, so nobody would notice that one died.

mod access;
mod account;
mod binaries;
mod bootstrap;
mod cluster;
mod error;
mod home;
mod leftovers;
mod postmaster;
mod supervisor;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use sqlx::postgres::PgConnectOptions;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use access::Access;
pub use access::of_running;
pub use account::drop_root;
use binaries::Search;
use bootstrap::BootstrapError;
use cluster::Cluster;
pub use error::DatabaseError;
use home::Home;
use postmaster::Postmaster;

/// A PostgreSQL that runs for as long as this server does.
///
/// Dropping it stops PostgreSQL too, without waiting until it has; [`stop`]
/// waits.
///
/// [`stop`]: EmbeddedPostgres::stop
pub struct EmbeddedPostgres {
    access: Access,
    stop: oneshot::Sender<()>,
    supervisor: JoinHandle<()>,
}

impl EmbeddedPostgres {
    /// Starts PostgreSQL on `data_dir`, making the database first if there is
    /// none, and stopping what an earlier server left running there.
    ///
    /// From then on a PostgreSQL that dies is started again on the same port.
    ///
    /// # Errors
    ///
    /// A sentence for whoever is at the terminal: see [`DatabaseError`].
    pub async fn start(data_dir: &Path) -> Result<Self, DatabaseError> {
        Self::start_with(data_dir, &Search::from_env()).await
    }

    async fn start_with(data_dir: &Path, search: &Search) -> Result<Self, DatabaseError> {
        let home = Home::open(data_dir)?;
        let mut access = Access::load_or_make(&home)?;
        let cluster = Cluster::open(home, search, &access).await?;
        let postmaster = start_and_bootstrap(&cluster, &mut access).await?;

        info!(postgres.port = access.port, postgres.version = cluster.version(), "PostgreSQL is running");
        let (stop, stopped) = oneshot::channel();
        let supervisor = tokio::spawn(supervisor::keep_running(cluster, postmaster, access.port, stopped));
        Ok(Self { access, stop, supervisor })
    }

    /// How to log in as the owner of the tables, which migrates them.
    pub fn owner(&self) -> PgConnectOptions {
        self.access.options("frontdesk_owner", &self.access.owner)
    }

    /// How the server logs in: it may become `frontdesk_clinic`, and nothing
    /// else.
    pub fn app(&self) -> PgConnectOptions {
        self.access.options("frontdesk_app", &self.access.app)
    }

    /// How to log in as the superuser, whom row-level security does not bind.
    /// For tests and tools only.
    pub fn superuser(&self) -> PgConnectOptions {
        self.access.superuser()
    }

    /// Stops PostgreSQL cleanly; within half a minute, however busy it is.
    pub async fn stop(self) {
        // The supervisor may have gone already; then there is nothing to stop.
        let _ = self.stop.send(());
        if let Err(error) = self.supervisor.await {
            warn!(%error, "PostgreSQL's supervisor did not end well");
        }
    }
}

impl fmt::Debug for EmbeddedPostgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedPostgres").field("port", &self.access.port).finish_non_exhaustive()
    }
}

async fn start_and_bootstrap(cluster: &Cluster, access: &mut Access) -> Result<Postmaster, DatabaseError> {
    let postmaster = cluster.start(access).await?;
    match bootstrap::run(access).await {
        Ok(()) => return Ok(postmaster),
        Err(BootstrapError::WrongPassword) => {}
        Err(BootstrapError::Database(error)) => {
            postmaster.stop().await;
            return Err(error);
        }
    }

    // The passwords were lost, or come from a backup of another day.
    warn!("PostgreSQL does not know the superuser's password; setting it anew");
    postmaster.stop().await;
    cluster.reset_password(access).await?;
    let postmaster = cluster.start(access).await?;
    match bootstrap::run(access).await {
        Ok(()) => Ok(postmaster),
        Err(error) => {
            postmaster.stop().await;
            Err(error.into())
        }
    }
}
