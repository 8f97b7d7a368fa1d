//! What has to happen by itself.

use std::sync::Arc;
use std::time::Duration;

use domain::id::ClinicId;
use futures::{StreamExt, stream};
use services::booking::{Channel, changing, expiring};
use services::db::directory;
use services::jobs::Jobs;
use services::messaging::inbound::Inbound;
use services::receptionist::Line;
use services::{Services, voice};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, timeout};

use crate::limits::Limits;

/// How many holds are ended in one transaction.
const AT_ONCE: i64 = 50;

/// How long an answer is kept under its Idempotency-Key.
const ANSWERS_LAST: chrono::Duration = chrono::Duration::hours(24);

/// How often turns that broke off are looked for.
const LOOK: Duration = Duration::from_secs(2);

/// How long, in seconds, a message waits before it looks as if nobody was at it.
const LATE: f64 = 3.0;

/// How many turns are finished side by side.
const TURNS_AT_ONCE: usize = 4;

/// How long to leave a database alone that was out of reach.
const PAUSE: Duration = Duration::from_secs(2);

/// Sweeps, every minute, what has run out. Nothing depends on it running.
pub fn start(services: Services, limits: Arc<Limits>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut minute = tokio::time::interval(Duration::from_secs(60));
        loop {
            minute.tick().await;
            limits.tidy();
            if let Err(error) = sweep(&services).await {
                tracing::warn!(%error, "sweep failed, trying again in a minute");
            }
        }
    })
}

/// Finishes, every few seconds, the turns that a process left when it died.
pub fn resume(services: Services) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut often = tokio::time::interval(LOOK);
        often.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            often.tick().await;
            if let Err(error) = resume_turns(&services).await {
                tracing::warn!(%error, "turns that broke off could not be looked for");
            }
        }
    })
}

async fn resume_turns(services: &Services) -> services::Result<()> {
    let waiting = directory::with_unanswered(&services.db, LATE, AT_ONCE).await?;
    let resumed = stream::iter(waiting).for_each_concurrent(TURNS_AT_ONCE, |(clinic, conversation)| async move {
        let line = Line { clinic, conversation, channel: Channel::Web };
        match services.receptionist.resume(line).await {
            Ok(()) => tracing::info!(clinic.id = %clinic, "finished a turn that had broken off"),
            Err(error) => tracing::warn!(%error, clinic.id = %clinic, "a turn was not resumed, trying again"),
        }
    });
    resumed.await;
    Ok(())
}

/// Works at what is in the queue until told to stop, and goes on when the
/// database is back after it was gone.
pub fn work(inbound: Inbound, mut is_stopping: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while !*is_stopping.borrow() {
            let mut stopping = is_stopping.clone();
            let stopped = async move {
                let _ = stopping.wait_for(|stopping| *stopping).await;
            };
            let worked = match Jobs::start(inbound.clone()).await {
                Ok(jobs) => jobs.run(stopped).await.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = worked {
                tracing::warn!(error, "the queue is out of reach, trying again in a moment");
            }
            let _ = timeout(PAUSE, is_stopping.wait_for(|stopping| *stopping)).await;
        }
    })
}

async fn sweep(services: &Services) -> services::Result<()> {
    let now = services.clock.now();
    let mut holds = 0;
    for clinic in directory::with_expired_holds(&services.db, now).await? {
        holds += expire_holds(services, clinic).await?;
    }
    let mut visits = 0;
    for clinic in directory::with_ended_visits(&services.db, now).await? {
        visits += fulfil_visits(services, clinic).await?;
    }
    for clinic in directory::with_silent_calls(&services.db, now - voice::SILENCE).await? {
        let calls = voice::end_silent(&services.db, now, clinic).await?;
        tracing::info!(clinic.id = %clinic, calls, "ended calls whose end nobody told");
    }
    let sessions = directory::sweep_sessions(&services.db, now).await?;
    let answers = directory::sweep_idempotency_keys(&services.db, now - ANSWERS_LAST).await?;
    if sessions + answers > 0 || holds + visits > 0 {
        tracing::info!(holds, visits, sessions, answers, "swept what had run out");
    }
    Ok(())
}

/// Ends a clinic's holds that ran out, a few at a time, so that nobody who
/// books waits long.
async fn expire_holds(services: &Services, clinic: ClinicId) -> services::Result<usize> {
    let mut expired = 0;
    loop {
        let now = services.clock.now();
        let some = services
            .db
            .transaction(clinic, move |tx| Box::pin(async move { expiring::expire_due(tx, now, AT_ONCE).await }))
            .await?;
        services.feed.committed();
        expired += some;
        if some < AT_ONCE as usize {
            return Ok(expired);
        }
    }
}

/// Notes that a clinic's visits are done whose patients came, once they are
/// over.
async fn fulfil_visits(services: &Services, clinic: ClinicId) -> services::Result<usize> {
    let mut fulfilled = 0;
    loop {
        let now = services.clock.now();
        let some = services
            .db
            .transaction(clinic, move |tx| Box::pin(async move { changing::fulfil_ended(tx, now, AT_ONCE).await }))
            .await?;
        services.feed.committed();
        fulfilled += some;
        if some < AT_ONCE as usize {
            return Ok(fulfilled);
        }
    }
}
