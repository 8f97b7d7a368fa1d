//! Whether what a process remembers of a clinic is still so.
//!
//! A clinic's stamp changes in every transaction that changes its settings or
//! its book, and only ever grows. Whatever was read after a stamp is good for
//! as long as the stamp stays the same, in this process and every other.
//!
//! A stamp is asked for with every page, so those who ask at the same time
//! share a statement. Nobody shares one that was sent before they asked: a
//! change that was committed by then is always seen.

use std::collections::HashMap;
use std::time::Duration;

use domain::id::ClinicId;
use sqlx::{ConnectOptions, PgConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::{Db, directory};
use crate::{Error, Result};

/// What a clinic's settings and book were at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub clinic: ClinicId,
    pub version: i64,
}

impl Stamp {
    /// Whether this stamp's moment is `other`'s, or a later one of the same
    /// clinic.
    pub fn is_at_least(self, other: Self) -> bool {
        self.clinic == other.clinic && self.version >= other.version
    }
}

/// Reads stamps. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Stamps(mpsc::Sender<Question>);

#[derive(Debug)]
struct Question {
    slug: String,
    answer: oneshot::Sender<Option<Stamp>>,
}

/// How long a database may take to answer before it counts as silent.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many may wait for the statement after the one under way.
const WAITING: usize = 4096;

impl Stamps {
    /// Starts reading, on a connection of its own that is opened when first
    /// needed. It ends with the last clone of what is returned.
    pub fn start(db: Db) -> Self {
        let (ask, asked) = mpsc::channel(WAITING);
        tokio::spawn(Reader { db, connection: None }.run(asked));
        Self(ask)
    }

    /// The stamp, now, of the clinic called `slug`; none if there is no such
    /// clinic.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn read(&self, slug: &str) -> Result<Option<Stamp>> {
        let (answer, answered) = oneshot::channel();
        let silent = || Error::Internal("stamps were not answered");
        self.0.send(Question { slug: slug.to_owned(), answer }).await.map_err(|_| silent())?;
        answered.await.map_err(|_| silent())
    }
}

struct Reader {
    db: Db,
    connection: Option<PgConnection>,
}

impl Reader {
    async fn run(mut self, mut asked: mpsc::Receiver<Question>) {
        let mut questions = Vec::new();
        while asked.recv_many(&mut questions, WAITING).await > 0 {
            let mut slugs: Vec<String> = questions.iter().map(|question| question.slug.clone()).collect();
            slugs.sort_unstable();
            slugs.dedup();
            match self.read(&slugs).await {
                Ok(stamps) => {
                    for Question { slug, answer } in questions.drain(..) {
                        // Whoever asked may have gone.
                        let _ = answer.send(stamps.get(&slug).copied());
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "stamps could not be read");
                    questions.clear();
                }
            }
        }
    }

    /// Reads on the open connection or, where that has died, on a new one.
    async fn read(&mut self, slugs: &[String]) -> Result<HashMap<String, Stamp>> {
        // Out of its place while in use: a statement given up half-way leaves
        // a connection that nothing more can be read from.
        if let Some(mut open) = self.connection.take()
            && let Ok(Ok(stamps)) = timeout(PATIENCE, directory::stamps(&mut open, slugs)).await
        {
            self.connection = Some(open);
            return Ok(stamps);
        }
        let opening = async {
            let mut new = self.db.options().connect().await?;
            let stamps = directory::stamps(&mut new, slugs).await?;
            Ok::<_, Error>((new, stamps))
        };
        let (new, stamps) =
            timeout(PATIENCE, opening).await.map_err(|_| Error::Internal("the database is silent"))??;
        self.connection = Some(new);
        Ok(stamps)
    }
}

#[cfg(test)]
mod tests;
