//! Work that goes on after a request is answered.
//!
//! What is to be done is written into PostgreSQL in the transaction that causes
//! it (`enqueue` in the schema), and done by any process that works. The queue
//! is graphile_worker's: it tries failed work again with growing pauses, takes
//! over from processes that died, and keeps what failed for good.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::ClinicId;
use graphile_worker::runner::WorkerRuntimeError;
use graphile_worker::{
    Cron, Crontab, IntoTaskHandlerResult, TaskHandler, Worker, WorkerBuildError, WorkerContext, WorkerOptions,
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;

use crate::db::directory;
use crate::messaging::inbound::Inbound;
use crate::messaging::post::Post;
use crate::messaging::{outbox, reminding, smtp};
use crate::waitlist::offering::{self, Looked};
use crate::waitlist::{answering, openings};
use crate::{ClinicTx, Db, Error, Result, followups};

/// The schema that the queue keeps to itself.
const SCHEMA: &str = "graphile_worker";

/// How many jobs a process works at.
const AT_ONCE: usize = 8;

/// How many reminders of a clinic are written in one transaction.
const REMINDERS_AT_ONCE: usize = 200;

/// How many follow-ups of a clinic are sent at a time.
const FOLLOW_UPS_AT_ONCE: i64 = 200;

/// How many times that came free at a clinic are looked at at a time.
const OPENINGS_AT_ONCE: usize = 200;

/// When a time that could not be kept is looked at again.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(5);

/// How long something may wait beyond its time before it counts as left behind.
const LEFT_BEHIND: TimeDelta = TimeDelta::minutes(2);

/// How many messages of a clinic, and how many in all, are taken up again in
/// one minute.
const TAKEN_UP: (i64, i64) = (50, 1_000);

/// How long a process that stops waits for what was handed to a provider, who
/// would otherwise have it while we say that nobody knows.
pub const GRACE: Duration = smtp::LONGEST.saturating_add(Duration::from_secs(2));

/// Makes the queue, or brings it up to date, as the owner of the database, and
/// lets the login work with it.
///
/// # Errors
///
/// When the database refuses.
pub async fn install(owner: &PgPool) -> std::result::Result<(), WorkerBuildError> {
    WorkerOptions::default().schema(SCHEMA).pg_pool(owner.clone()).init().await?;
    sqlx::raw_sql(include_str!("jobs/grants.sql")).execute(owner).await.map_err(graphile_worker::DbError::from)?;
    Ok(())
}

/// Whether the queue is there.
///
/// # Errors
///
/// When the database does not answer.
pub async fn is_installed(db: &Db) -> Result<bool> {
    let installed = sqlx::query_scalar::<_, bool>("select to_regclass('graphile_worker._private_jobs') is not null");
    Ok(installed.fetch_one(db.pool()).await?)
}

/// A worker, ready to run.
pub struct Jobs(Worker);

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Jobs").field(self.0.worker_id()).finish()
    }
}

impl Jobs {
    /// Prepares to work on the queue that [`install`] made.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn start(inbound: Inbound) -> std::result::Result<Self, WorkerBuildError> {
        let worker = WorkerOptions::default()
            .schema(SCHEMA)
            .pg_pool(inbound.post.db.pool().clone())
            .concurrency(AT_ONCE)
            .listen_os_shutdown_signals(false)
            .shutdown_grace_period(GRACE)
            .heartbeat_interval(Duration::from_secs(10))
            .sweep_interval(Duration::from_secs(20))
            .sweep_threshold(Duration::from_secs(60))
            .recovery_delay(Duration::from_secs(1))
            .add_extension(Arc::new(inbound))
            .define_job::<Send>()
            .define_job::<AnswerText>()
            .define_job::<Remind>()
            .define_job::<Collect>()
            .define_job::<FollowUp>()
            .define_job::<OfferTimes>()
            .with_crons(each_minute())
            .init()
            .await?;
        Ok(Self(worker))
    }

    /// Works until `stopped`, and then finishes what is under way.
    ///
    /// # Errors
    ///
    /// When the database is gone for good.
    pub async fn run(
        self,
        stopped: impl Future<Output = ()> + std::marker::Send,
    ) -> std::result::Result<(), WorkerRuntimeError> {
        let stop = async {
            stopped.await;
            self.0.request_shutdown();
            std::future::pending().await
        };
        tokio::select! {
            worked = self.0.run() => worked,
            () = stop => Ok(()),
        }
    }

    /// Does all that is due, and returns.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    #[cfg(feature = "testing")]
    pub async fn run_once(&self) -> std::result::Result<(), WorkerRuntimeError> {
        self.0.run_once().await
    }
}

/// What is done every minute. Each says what it carries, though that is
/// nothing: without it the queue writes null, which reads as no job at all.
fn each_minute() -> [Crontab; 4] {
    fn nothing<T: TaskHandler>() -> Crontab {
        Cron::every_minute::<T>().payload_value(serde_json::json!({})).build()
    }
    [nothing::<Remind>(), nothing::<Collect>(), nothing::<FollowUp>(), nothing::<OfferTimes>()]
}

fn inbound(context: &WorkerContext) -> Result<Arc<Inbound>> {
    context.get_ext::<Arc<Inbound>>().cloned().ok_or(Error::Internal("a worker without its post"))
}

fn post(context: &WorkerContext) -> Result<Post> {
    Ok(inbound(context)?.post.clone())
}

/// Says in the queue why a job failed, without what it was about. What trying
/// again does not mend is not tried again; staff were told where it happened.
fn noted(done: Result<()>) -> std::result::Result<(), String> {
    let Err(error) = done else { return Ok(()) };
    let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
    if !error.may_pass() {
        tracing::error!(%error, source, "a job failed for good");
        return Ok(());
    }
    tracing::warn!(%error, source, "a job failed and will be tried again");
    Err(format!("{error}{source}"))
}

/// Sends one message, and those that wait behind it.
#[derive(Debug, Serialize, Deserialize)]
struct Send {
    clinic_id: ClinicId,
    outbox_id: Uuid,
}

impl TaskHandler for Send {
    const IDENTIFIER: &'static str = "send";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        noted(async { post(&context)?.send_in_turn(self.clinic_id, self.outbox_id).await }.await)
    }
}

/// Answers a text that nobody answered in time.
#[derive(Debug, Serialize, Deserialize)]
struct AnswerText {
    clinic_id: ClinicId,
    inbound_text_id: Uuid,
}

impl TaskHandler for AnswerText {
    const IDENTIFIER: &'static str = "answer_text";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        noted(async { inbound(&context)?.catch_up(self.clinic_id, self.inbound_text_id).await }.await)
    }
}

/// Writes down, for all clinics, the reminders that are due.
#[derive(Debug, Serialize, Deserialize)]
struct Remind {}

impl TaskHandler for Remind {
    const IDENTIFIER: &'static str = "remind";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        noted(async { remind_all(&post(&context)?).await }.await)
    }
}

/// Writes down the reminders of every clinic; one that cannot be read does not
/// keep the others waiting.
pub async fn remind_all(post: &Post) -> Result<()> {
    for clinic in directory::all(&post.db).await? {
        if let Err(error) = remind_one(post, clinic).await {
            tracing::warn!(%error, %clinic, "reminders could not be written");
        }
    }
    Ok(())
}

async fn remind_one(post: &Post, clinic: ClinicId) -> Result<()> {
    loop {
        let mut tx = post.db.clinic(clinic).await?;
        let limit = i64::try_from(REMINDERS_AT_ONCE).unwrap_or(i64::MAX);
        let written = reminding::remind(&mut tx, post.clock.now(), limit).await?;
        tx.commit().await?;
        if written < REMINDERS_AT_ONCE {
            return Ok(());
        }
    }
}

/// Writes again, for all clinics, to whom that was promised.
#[derive(Debug, Serialize, Deserialize)]
struct FollowUp {}

impl TaskHandler for FollowUp {
    const IDENTIFIER: &'static str = "follow_up";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        noted(async { follow_up_all(inbound(&context)?.as_ref()).await }.await)
    }
}

/// Sends the follow-ups of every clinic that are due, and forgets what
/// one-time codes said.
pub async fn follow_up_all(inbound: &Inbound) -> Result<()> {
    for clinic in directory::all(&inbound.post.db).await? {
        if let Err(error) = follow_up_one(inbound, clinic).await {
            tracing::warn!(%error, %clinic, "follow-ups could not be sent");
        }
    }
    Ok(())
}

/// Each in a transaction of its own, so that none holds more than one
/// conversation, and one that cannot be sent keeps no other waiting.
async fn follow_up_one(inbound: &Inbound, clinic: ClinicId) -> Result<()> {
    let (post, now) = (&inbound.post, inbound.post.clock.now());
    let mut tx = post.db.clinic(clinic).await?;
    outbox::forget_codes(&mut tx, now, None).await?;
    let due = followups::due(&mut tx, now, FOLLOW_UPS_AT_ONCE).await?;
    tx.commit().await?;
    for id in due {
        let tx = post.db.clinic(clinic).await?;
        match follow_up(tx, post, now, id).await {
            Ok(sent) => {
                if let Some((conversation, note)) = sent.and_then(|sent| Some((sent.conversation, sent.note?))) {
                    inbound.receptionist.announce(conversation, note).await;
                }
            }
            Err(error) if error.may_pass() => {
                tracing::warn!(%error, followup.id = %id, "a follow-up was not sent and will be tried again");
            }
            Err(error) => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(%error, source, followup.id = %id, "a follow-up cannot be sent");
                let mut tx = post.db.clinic(clinic).await?;
                followups::give_up(&mut tx, now, id).await?;
                tx.commit().await?;
            }
        }
    }
    Ok(())
}

async fn follow_up(mut tx: ClinicTx, post: &Post, now: DateTime<Utc>, id: Uuid) -> Result<Option<followups::Sent>> {
    let sent = followups::send(&mut tx, now, &post.links, id).await?;
    tx.commit().await?;
    Ok(sent)
}

/// Offers, for all clinics, times that came free to those who wait for one.
#[derive(Debug, Serialize, Deserialize)]
struct OfferTimes {}

impl TaskHandler for OfferTimes {
    const IDENTIFIER: &'static str = "offer_times";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        noted(async { offer_all(inbound(&context)?.as_ref()).await }.await)
    }
}

/// Ends the offers of every clinic that are over, and makes those that are due.
pub async fn offer_all(inbound: &Inbound) -> Result<()> {
    for clinic in directory::all(&inbound.post.db).await? {
        if let Err(error) = offer_one(inbound, clinic).await {
            tracing::warn!(%error, %clinic, "times that came free could not be offered");
        }
    }
    Ok(())
}

async fn offer_one(inbound: &Inbound, clinic: ClinicId) -> Result<()> {
    let (post, now) = (&inbound.post, inbound.post.clock.now());
    let may_offer = post
        .db
        .transaction(clinic, move |tx| {
            Box::pin(async move {
                offering::lock(tx).await?;
                answering::end_due(tx, now).await?;
                Ok(offering::is_wanted(tx).await? && offering::is_day(tx, now).await?)
            })
        })
        .await?;
    if !may_offer {
        return Ok(());
    }
    for _ in 0..OPENINGS_AT_ONCE {
        let mut tx = post.db.clinic(clinic).await?;
        let opening = openings::next(&mut tx, now).await?;
        tx.commit().await?;
        let Some(opening) = opening else { break };
        let links = post.links.clone();
        let looked = post
            .db
            .transaction(clinic, move |tx| {
                let links = links.clone();
                Box::pin(async move { offering::look(tx, now, &links, opening).await })
            })
            .await;
        match looked {
            Ok(Looked::Offered { note: Some((conversation, note)), .. }) => {
                inbound.receptionist.announce(conversation, note).await;
            }
            Ok(_) => {}
            // Somebody was quicker, or the visit is not offered like that.
            Err(Error::Rejected(rejection)) => {
                tracing::info!(code = rejection.code.as_str(), "a time could not be kept for who waits for it");
                let mut tx = post.db.clinic(clinic).await?;
                openings::put_off(&mut tx, opening.id, now + LOOK_AGAIN).await?;
                tx.commit().await?;
            }
            Err(error) => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(%error, source, opening.id = %opening.id, "a time that came free could not be offered");
                let mut tx = post.db.clinic(clinic).await?;
                if error.may_pass() {
                    openings::put_off(&mut tx, opening.id, now + LOOK_AGAIN).await?;
                } else {
                    openings::give_up(&mut tx, now, opening).await?;
                }
                tx.commit().await?;
            }
        }
    }
    inbound.receptionist.feed.committed();
    Ok(())
}

/// Takes up again what was left behind: by a process that died between an attempt and
/// writing down what came of it, or by a queue that was not there.
#[derive(Debug, Serialize, Deserialize)]
struct Collect {}

impl TaskHandler for Collect {
    const IDENTIFIER: &'static str = "collect";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        noted(async { collect(&*inbound(&context)?).await }.await)
    }
}

/// Hands to the queue again what should have been sent or answered some
/// minutes ago, and gives up what that did not help.
pub async fn collect(inbound: &Inbound) -> Result<()> {
    let post = &inbound.post;
    let before = post.clock.now() - LEFT_BEHIND;
    for (clinic, message) in directory::left_behind(&post.db, before, TAKEN_UP).await? {
        if let Err(error) = post.take_up(clinic, message, before).await {
            tracing::warn!(%error, %clinic, "a message that was left behind could not be taken up");
        }
    }
    for (clinic, text) in directory::unanswered(&post.db, before, TAKEN_UP).await? {
        if let Err(error) = inbound.take_up(clinic, text).await {
            tracing::warn!(%error, %clinic, "a text that was left behind could not be taken up");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
