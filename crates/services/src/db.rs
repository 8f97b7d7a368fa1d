//! Access to the database, one clinic at a time.
//!
//! [`Db`] keeps its pool to itself. The way to run a query is to open a
//! [`ClinicTx`], which names the clinic, so forgetting to is a compile error
//! rather than a leak. What has to look across clinics is in [`directory`].

pub mod directory;
pub mod role;
pub mod stamps;

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use chrono_tz::Tz;
use domain::id::ClinicId;
use futures::future::BoxFuture;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Transaction, postgres::PgConnectOptions,
    postgres::PgPoolOptions,
};

use crate::memory::Memory;
use crate::{Error, Result};

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
    options: Arc<PgConnectOptions>,
    memory: Memory,
}

/// A transaction that sees and touches one clinic's rows only.
#[derive(Debug)]
pub struct ClinicTx {
    tx: Transaction<'static, Postgres>,
    clinic: ClinicId,
    memory: Memory,
    /// The clinic's time zone, once it has been read.
    pub(crate) zone: Option<Tz>,
}

/// How many times work that lost a conflict is tried in all.
const ATTEMPTS: usize = 8;

/// How long after its last use a connection is tried out before the next.
const RESTED: Duration = Duration::from_secs(1);

/// How many broken connections are put away before one that is asked for fails.
const BROKEN: usize = 3;

/// When what a transaction did is safe from a crash of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// From its commit on.
    ForGood,
    /// A moment later, or with the next that is kept for good. Until then a
    /// crash forgets it, and nothing that came after it is kept.
    Soon,
}

impl Db {
    /// Connects, waiting no more than ten seconds for a connection.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn connect(options: PgConnectOptions, connections: u32) -> Result<Self> {
        // Queries are planned once a connection, not for the values of every
        // call: planning the larger ones takes longer than running them.
        let options = options
            .application_name("frontdesk")
            .options([("timezone", "UTC"), ("plan_cache_mode", "force_generic_plan")]);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(10))
            // One that worked a moment ago is not asked whether it works.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > RESTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options.clone());
        sqlx::query("select 1").execute(&pool).await?;
        Ok(Self { pool, options: Arc::new(options), memory: Memory::default() })
    }

    /// A `Db` over a pool that a test framework made.
    #[cfg(feature = "testing")]
    pub fn over(pool: PgPool) -> Self {
        let options = pool.connect_options();
        Self { pool, options, memory: Memory::default() }
    }

    /// Opens a transaction for one clinic. It is confined from its first
    /// statement on, whoever the connection logged in as.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn clinic(&self, clinic: ClinicId) -> Result<ClinicTx> {
        self.confined(clinic, Kept::ForGood).await
    }

    /// Opens a transaction for one clinic that is kept [`Soon`](Kept::Soon):
    /// for what can be done again and was told to nobody.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn passing(&self, clinic: ClinicId) -> Result<ClinicTx> {
        self.confined(clinic, Kept::Soon).await
    }

    /// In one round trip with its beginning. The id is no text of anybody's.
    async fn confined(&self, clinic: ClinicId, kept: Kept) -> Result<ClinicTx> {
        let besides = match kept {
            Kept::ForGood => "",
            Kept::Soon => ", set_config('synchronous_commit', 'off', true)",
        };
        let begin = format!(
            "begin; select set_config('role', 'frontdesk_clinic', true), \
             set_config('app.clinic_id', '{}', true){besides}",
            clinic.uuid()
        );
        let tx = self.begin(begin).await?;
        Ok(ClinicTx { tx, clinic, memory: self.memory.clone(), zone: None })
    }

    /// Runs `work` in a transaction and commits it, trying again, with growing
    /// pauses, when PostgreSQL broke off a serialization conflict or deadlock.
    ///
    /// # Errors
    ///
    /// What `work` failed with; nothing is left behind then.
    pub async fn transaction<T, F>(&self, clinic: ClinicId, work: F) -> Result<T>
    where
        T: Send,
        F: for<'t> FnMut(&'t mut ClinicTx) -> BoxFuture<'t, Result<T>> + Send,
    {
        self.transaction_kept(clinic, Kept::ForGood, work).await
    }

    /// [`transaction`](Self::transaction), waiting for the disk or not.
    ///
    /// # Errors
    ///
    /// What `work` failed with; nothing is left behind then.
    pub async fn transaction_kept<T, F>(&self, clinic: ClinicId, kept: Kept, mut work: F) -> Result<T>
    where
        T: Send,
        F: for<'t> FnMut(&'t mut ClinicTx) -> BoxFuture<'t, Result<T>> + Send,
    {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(5))
            .with_max_delay(Duration::from_millis(250))
            .with_max_times(ATTEMPTS - 1)
            .with_jitter()
            .build();
        for pause in pauses {
            match self.attempt(clinic, kept, &mut work).await {
                Err(error) if error.is_transient() => tokio::time::sleep(pause).await,
                outcome => return outcome,
            }
        }
        self.attempt(clinic, kept, &mut work).await
    }

    async fn attempt<T, F>(&self, clinic: ClinicId, kept: Kept, work: &mut F) -> Result<T>
    where
        F: for<'t> FnMut(&'t mut ClinicTx) -> BoxFuture<'t, Result<T>>,
    {
        let mut tx = self.confined(clinic, kept).await?;
        let value = work(&mut tx).await?;
        tx.commit().await?;
        Ok(value)
    }

    /// A transaction as the app role, for [`directory`] alone.
    async fn platform(&self) -> Result<Transaction<'static, Postgres>> {
        self.begin("begin; select set_config('role', 'frontdesk_app', true)".to_owned()).await
    }

    /// Begins in a task of its own, which goes on if whoever asked gives up:
    /// sqlx takes a connection back that has begun but was not waited for, and
    /// the next statement on it, the queue's say, would never be committed.
    #[expect(clippy::disallowed_methods, reason = "private to db, whose two doors confine it at once")]
    async fn begin(&self, statement: String) -> Result<Transaction<'static, Postgres>> {
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move {
            // One that broke since its last use is put away for another: nothing
            // has been done on it.
            for _ in 0..BROKEN {
                match pool.begin_with(AssertSqlSafe(statement.clone())).await {
                    Err(error) if is_broken(&error) => {}
                    begun => return begun,
                }
            }
            pool.begin_with(AssertSqlSafe(statement)).await
        })
        .await;
        Ok(begun.map_err(|_| Error::Internal("beginning a transaction panicked"))??)
    }

    /// How to open connections of one's own: the feed listens on one.
    pub(crate) fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// Where the queue of jobs works, which keeps its own schema.
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Whether the database answers and has every migration this binary knows.
    pub async fn is_ready(&self) -> bool {
        let applied =
            sqlx::query_scalar::<_, i64>("select count(*) from _sqlx_migrations where success").fetch_one(&self.pool);
        match tokio::time::timeout(Duration::from_secs(2), applied).await {
            Ok(Ok(applied)) => usize::try_from(applied).is_ok_and(|applied| applied >= crate::MIGRATOR.iter().count()),
            _ => false,
        }
    }

    /// Ends every connection, after the work on them.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

impl ClinicTx {
    /// Which clinic this transaction is for.
    pub fn clinic(&self) -> ClinicId {
        self.clinic
    }

    /// Makes what was done last.
    ///
    /// # Errors
    ///
    /// When the database does not answer, or a deferred constraint is broken.
    pub async fn commit(self) -> Result<()> {
        self.tx.commit().await.map_err(Error::from)
    }

    /// Has what was begun as [`passing`](Db::passing) kept for good after all.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn keep_for_good(&mut self) -> Result<()> {
        sqlx::query("set local synchronous_commit to default").execute(self.conn()).await?;
        Ok(())
    }

    /// What this process remembers of its clinics.
    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Where services run their queries. Not for other crates.
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }
}

/// Whether a connection has ended, by itself or by PostgreSQL (57P01).
fn is_broken(error: &sqlx::Error) -> bool {
    let ended = error.as_database_error().and_then(|error| error.code());
    matches!(error, sqlx::Error::Io(_)) || ended.as_deref() == Some("57P01")
}

#[cfg(test)]
mod tests;
