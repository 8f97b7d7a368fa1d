//! Writing down what came of a message.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::sms::status::SmsStatus;

use crate::messaging::outbox::OutboxId;
use crate::tasks::{self, TaskKind};
use crate::{ClinicTx, Result};

/// How often a message that was not taken is tried in all.
const ATTEMPTS: i32 = 8;

/// Notes that the provider has the message, and what it calls it.
pub(super) async fn taken(tx: &mut ClinicTx, now: DateTime<Utc>, id: OutboxId, provider_id: &str) -> Result<()> {
    sqlx::query!(
        "update outbox set provider_id = coalesce(provider_id, $2), sent_at = coalesce(sent_at, $3)
         where outbox_id = $1",
        id,
        provider_id,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Tries again later: after 5 s, and then twice as long each time, give or take
/// a quarter. After the last try staff are told with `sentence`.
///
/// What many messages fail of at once is a provider, and its faults end here
/// and not in the queue, whose own pauses are the same for every job: those are
/// for a database that was away, and of them no process works at more than a
/// few at a time.
pub(super) async fn again(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    attempts: i32,
    reason: &'static str,
    code: Option<u32>,
    sentence: &str,
) -> Result<()> {
    if attempts >= ATTEMPTS {
        return fail(tx, now, id, reason, code, sentence).await;
    }
    let exponent = u32::try_from(attempts - 1).unwrap_or_default();
    let pause = Duration::from_secs(5) * 2_u32.saturating_pow(exponent);
    let quarter = f64::from(u32::from_le_bytes(crate::secrets::random())) / f64::from(u32::MAX) / 2.0 + 0.75;
    let due = now + TimeDelta::from_std(pause.mul_f64(quarter)).unwrap_or(TimeDelta::minutes(10));
    sqlx::query!(
        "update outbox set status = 'queued', attempts = $5, reason = $2, error_code = $3, due_at = $4
         where outbox_id = $1",
        id,
        reason,
        code.and_then(|code| i32::try_from(code).ok()),
        due,
        attempts
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn put_off(tx: &mut ClinicTx, id: OutboxId, until: DateTime<Utc>, reason: &str) -> Result<()> {
    sqlx::query!("update outbox set due_at = $2, reason = $3 where outbox_id = $1", id, until, reason)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Has the message looked at again.
pub(super) async fn look_again(tx: &mut ClinicTx, id: OutboxId, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "select enqueue('send', json_build_object('clinic_id', clinic_id, 'outbox_id', outbox_id),
                        outbox_queue(clinic_id, channel, address), $2, 'send:' || outbox_id)
         from outbox
         where outbox_id = $1",
        id,
        at
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(())
}

/// Has the message looked at again in `waits.0` seconds, and up to `waits.1`
/// more. Nothing has become of it meanwhile.
pub(super) async fn let_others_go_first(tx: &mut ClinicTx, id: OutboxId, waits: (f64, f64)) -> Result<()> {
    sqlx::query!(
        "select enqueue('send', json_build_object('clinic_id', clinic_id, 'outbox_id', outbox_id),
                        outbox_queue(clinic_id, channel, address),
                        clock_timestamp() + ($2::float8 + $3::float8 * random()) * interval '1 second',
                        'send:' || outbox_id)
         from outbox
         where outbox_id = $1",
        id,
        waits.0,
        waits.1
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(())
}

/// Ends a message without anybody having to do anything.
pub(super) async fn settle(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    status: SmsStatus,
    reason: Option<&str>,
    code: Option<u32>,
) -> Result<()> {
    set_status(tx, id, status, reason, code).await?;
    sqlx::query!("update outbox set settled_at = $2 where outbox_id = $1", id, now).execute(tx.conn()).await?;
    Ok(())
}

/// Ends a message that did not arrive, and tells staff what to do.
pub(super) async fn fail(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    reason: &str,
    code: Option<u32>,
    sentence: &str,
) -> Result<()> {
    settle(tx, now, id, SmsStatus::Failed, Some(reason), code).await?;
    tell_staff(tx, now, id, sentence).await
}

pub(super) async fn tell_staff(tx: &mut ClinicTx, now: DateTime<Utc>, id: OutboxId, sentence: &str) -> Result<()> {
    let about = sqlx::query!("select appointment_id, conversation_id, address from outbox where outbox_id = $1", id)
        .fetch_one(tx.conn())
        .await?;
    match about.appointment_id {
        Some(visit) => tasks::open(tx, now, TaskKind::MessageFailed, visit.into(), sentence).await,
        None => {
            let conversation = about.conversation_id.map(Into::into);
            tasks::open_about_message(tx, now, conversation, &about.address, sentence).await
        }
    }
}

pub(super) async fn set_status(
    tx: &mut ClinicTx,
    id: OutboxId,
    status: SmsStatus,
    reason: Option<&str>,
    code: Option<u32>,
) -> Result<()> {
    sqlx::query!(
        "update outbox set status = $2, reason = $3, error_code = coalesce($4, error_code) where outbox_id = $1",
        id,
        status.as_str(),
        reason,
        code.and_then(|code| i32::try_from(code).ok())
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
