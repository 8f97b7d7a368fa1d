//! Calls, and the record of what was done during them.

use chrono::{DateTime, Duration, Utc};
use domain::contact::PhoneNumber;
use domain::id::{AppointmentId, ClinicId, ConversationId};
use uuid::Uuid;

use super::acts::Act;
use super::{Answer, Line, Request};
use crate::secrets::sha256;
use crate::{ClinicTx, Db, Error, Result, clinics};

/// How long a call may be silent before it counts as over: its end is told
/// once, and never if the provider loses it.
pub const SILENCE: Duration = Duration::hours(2);

/// The id a call is kept under. A request without one is a call of its own.
pub(super) fn identifier(request: &Request) -> String {
    match (&request.call, &request.id) {
        (Some(call), _) => short(call),
        (None, Some(id)) => format!("request {}", short(id)),
        (None, None) => format!("request {}", domain::Id::<Request>::new()),
    }
}

/// The id that a provider's call is kept under.
pub(super) fn kept_under(call: &str) -> String {
    short(call)
}

/// An id of somebody else's as it can be kept.
fn short(id: &str) -> String {
    if id.len() <= 150 && !id.chars().any(char::is_control) {
        return id.to_owned();
    }
    sha256(&[id.as_bytes()]).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The conversation of a call, begun if this is the first that is heard of it.
/// Whatever else concerns the call waits until this transaction ends.
pub(super) async fn open(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    call: &str,
    caller: Option<&str>,
    country: &str,
) -> Result<ConversationId> {
    let caller = caller.and_then(|number| PhoneNumber::parse(number, country).ok());
    sqlx::query!(
        "with made as (
             insert into voice_calls (call_id, conversation_id, heard_at, created_at)
             values ($1, $2, $4, $4)
             on conflict do nothing
             returning conversation_id
         )
         insert into conversations (conversation_id, channel, hinted_phone, created_at)
         select conversation_id, 'voice', $3, $4 from made",
        call,
        ConversationId::new().uuid(),
        caller.as_ref().map(PhoneNumber::as_str),
        now
    )
    .execute(tx.conn())
    .await?;
    let conversation = sqlx::query_scalar!(
        "update voice_calls set heard_at = greatest(heard_at, $2) where call_id = $1 returning conversation_id",
        call,
        now
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(conversation.into())
}

/// What was answered to this very request before.
pub(super) async fn answer_to(tx: &mut ClinicTx, call: &str, request: &Request) -> Result<Option<Answer>> {
    let Some(id) = &request.id else { return Ok(None) };
    let answer = sqlx::query_scalar!(
        "select answer from voice_acts where call_id = $1 and request_id = $2 and fingerprint = $3",
        call,
        short(id),
        request.arguments.fingerprint(request.tool.name())
    )
    .fetch_optional(tx.conn())
    .await?;
    answer.map(read).transpose()
}

/// What was answered in this call to what meant the same, and the visit it was
/// about.
pub(super) async fn meant(
    tx: &mut ClinicTx,
    line: &Line,
    meaning: &[u8],
) -> Result<Option<(Answer, Option<AppointmentId>)>> {
    let row = sqlx::query!(
        "select answer, appointment_id from voice_acts where call_id = $1 and meaning = $2",
        line.call,
        meaning
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| Ok((read(row.answer)?, row.appointment_id.map(Into::into)))).transpose()
}

fn read(answer: serde_json::Value) -> Result<Answer> {
    serde_json::from_value(answer).map_err(|_| Error::Internal("a recorded answer does not read"))
}

/// Keeps an answer beside what it says was done. Of what means the same, the
/// newest stands.
pub(super) async fn keep(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    line: &Line,
    request: &Request,
    act: &Act,
) -> Result<()> {
    if let Some(meaning) = &act.meaning {
        sqlx::query!("update voice_acts set meaning = null where call_id = $1 and meaning = $2", line.call, meaning)
            .execute(tx.conn())
            .await?;
    }
    let answer = serde_json::to_value(&act.answer).map_err(|_| Error::Internal("an answer did not serialise"))?;
    sqlx::query!(
        "insert into voice_acts
                (voice_act_id, call_id, request_id, fingerprint, meaning, appointment_id, answer, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        domain::Id::<Act>::new().uuid(),
        line.call,
        request.id.as_deref().map(short),
        request.arguments.fingerprint(request.tool.name()),
        act.meaning,
        act.answer.appointment_id.map(AppointmentId::uuid) as Option<Uuid>,
        answer,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps what was done without having been asked for.
pub(super) async fn keep_unasked(tx: &mut ClinicTx, now: DateTime<Utc>, line: &Line, act: &Act) -> Result<()> {
    let answer = serde_json::to_value(&act.answer).map_err(|_| Error::Internal("an answer did not serialise"))?;
    sqlx::query!(
        "insert into voice_acts (voice_act_id, call_id, fingerprint, meaning, answer, created_at)
         values ($1, $2, ''::bytea, $3, $4, $5)",
        domain::Id::<Act>::new().uuid(),
        line.call,
        act.meaning,
        answer,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Where a call stands, in the provider's words.
#[derive(Clone, Debug)]
pub struct Progress {
    pub call: String,
    pub caller: Option<String>,
    pub status: String,
    pub ended_reason: Option<String>,
}

/// Notes where a call stands. What comes late changes nothing about a call
/// that is over.
pub async fn progress(db: &Db, now: DateTime<Utc>, clinic: ClinicId, progress: &Progress) -> Result<()> {
    let mut tx = db.clinic(clinic).await?;
    let country = clinics::profile(&mut tx).await?.country;
    let call = short(&progress.call);
    open(&mut tx, now, &call, progress.caller.as_deref(), &country).await?;
    sqlx::query!(
        "update voice_calls
         set status = $2,
             ended_reason = $3,
             ended_at = case when $2 = 'ended' then $4::timestamptz end
         where call_id = $1 and ended_at is null",
        call,
        clipped(&progress.status),
        progress.ended_reason.as_deref().map(clipped),
        now
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// Notes that a call is over and its transcript here; false if it was before.
pub(super) async fn end(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    call: &str,
    ended_at: Option<DateTime<Utc>>,
    ended_reason: Option<&str>,
) -> Result<bool> {
    let ended = sqlx::query!(
        "update voice_calls
         set status = 'ended',
             ended_reason = coalesce($3, ended_reason),
             ended_at = coalesce($4, ended_at, $2),
             reported_at = $2
         where call_id = $1 and reported_at is null",
        short(call),
        now,
        ended_reason.map(clipped),
        ended_at
    )
    .execute(tx.conn())
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// The conversation of a call that is only now heard of, or was before.
pub(super) async fn conversation(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    call: &str,
    caller: Option<&str>,
) -> Result<ConversationId> {
    let country = clinics::profile(tx).await?.country;
    open(tx, now, &short(call), caller, &country).await
}

/// Ends calls whose end nobody told; how many.
pub async fn end_silent(db: &Db, now: DateTime<Utc>, clinic: ClinicId) -> Result<u64> {
    let mut tx = db.clinic(clinic).await?;
    let ended = sqlx::query!(
        "update voice_calls
         set status = 'ended', ended_at = $1, ended_reason = 'unreported'
         where ended_at is null and heard_at <= $2",
        now,
        now - SILENCE
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(ended.rows_affected())
}

fn clipped(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(100).collect()
}
