//! Writing messages down to be sent.

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::{AppointmentId, ConversationId, EventId, PatientId};
use domain::template::Kind;
use uuid::Uuid;

use super::ledger::Way;
use super::writing::Written;
use crate::events::EventKind;
use crate::identity::erasing::ERASED;
use crate::tasks::{self, TaskKind};
use crate::{ClinicTx, Result};

/// A message in the outbox.
pub type OutboxId = Uuid;

/// The words that patients agree to by leaving a number or an address with a
/// booking.
pub const BOOKING_CONSENT: &str = "booking/2026-11";

pub(super) fn new_id() -> OutboxId {
    domain::Id::<OutboxId>::new().uuid()
}

/// What the patient is told after an event, and under which key: what has one
/// key is one message.
fn told_after(kind: EventKind, event: EventId, appointment: AppointmentId) -> Option<(Kind, String)> {
    match kind {
        // Of a series all visits are booked at once, and told of once.
        EventKind::BookingCreated => Some((Kind::Confirmation, String::new())),
        EventKind::BookingRescheduled => Some((Kind::Change, event.to_string())),
        EventKind::BookingCancelled => Some((Kind::Cancellation, appointment.to_string())),
        _ => None,
    }
}

/// Writes down the messages that an event about a visit causes, one for each
/// way in which the patient can be reached. Nothing is written about a visit
/// that has begun, or that waits for staff to approve it. A fault in that does
/// not undo what happened: staff are told to tell the patient.
///
/// # Errors
///
/// When the database does not answer, or the work has to be done again.
pub async fn follow(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    kind: EventKind,
    event: EventId,
    appointment: AppointmentId,
) -> Result<()> {
    let Some((kind, subject)) = told_after(kind, event, appointment) else { return Ok(()) };
    sqlx::query("savepoint messages").execute(tx.conn()).await?;
    match write(tx, now, kind, &subject, event, appointment).await {
        Ok(()) => {
            sqlx::query("release savepoint messages").execute(tx.conn()).await?;
            Ok(())
        }
        Err(error) if error.is_transient() => Err(error),
        Err(error) => {
            sqlx::query("rollback to savepoint messages").execute(tx.conn()).await?;
            let source = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(appointment.id = %appointment, %error, source, "a message could not be written down");
            let sentence = "The message about this could not be written down. Please tell the patient yourself.";
            tasks::open(tx, now, TaskKind::MessageFailed, appointment, sentence).await
        }
    }
}

async fn write(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    kind: Kind,
    subject: &str,
    event: EventId,
    appointment: AppointmentId,
) -> Result<()> {
    sqlx::query!(
        "with visit as (
             select a.*,
                    -- Staff approved what the patient moved: it was told of before, at another time.
                    $3 = 'confirmation' and exists (
                        select from events e
                        where e.appointment_id = a.appointment_id and e.kind = 'BookingCreated' and e.event_id <> $10
                    ) as has_moved,
                    -- Requests for a series are approved one by one.
                    $3 = 'confirmation' and a.series_id is not null and exists (
                        select from events e
                        where e.appointment_id = a.appointment_id and e.kind = 'BookingRequested'
                    ) as is_alone
             from appointments a
             where a.appointment_id = $1 and a.starts_at > $2 and (a.status = 'booked' or $3 = 'cancellation')
         ), reached as (
             select p.patient_id, v.appointment_id, v.conversation_id, v.starts_at, v.channel as booked_on,
                    coalesce(p.language, c.languages[1]) as language, way.*,
                    case when v.has_moved then 'change' else $3 end as kind,
                    case when v.has_moved then $10::uuid::text
                         when v.is_alone then v.appointment_id::text
                         else coalesce(nullif($9, ''), v.series_id::text, v.appointment_id::text) end as subject
             from visit v
             join patients p using (clinic_id, patient_id)
             join clinics c using (clinic_id)
             left join messaging_settings s using (clinic_id)
             cross join lateral (values ($4::uuid, $5::uuid, 'sms', p.phone, coalesce(s.sms, true)),
                                        ($6, $7, 'email', p.email, coalesce(s.email, true)))
                   way (outbox_id, consent_id, channel, address, is_wanted)
             where way.address is not null
         ), agreed as (
             insert into consents (consent_id, channel, address, text_version, given_on, given_at)
             select consent_id, channel, address, $8, booked_on, $2 from reached where kind = 'confirmation'
             on conflict (clinic_id, channel, address, text_version) where withdrawn_at is null do nothing
         )
         insert into outbox (outbox_id, key, kind, channel, address, language, patient_id, appointment_id,
                             conversation_id, about, due_at, expires_at, created_at, caused_by)
         select outbox_id, kind || ':' || subject || ':' || channel,
                kind, channel, address, language, patient_id, appointment_id, conversation_id, starts_at, $2, starts_at, $2,
                (select actor from events where event_id = $10)
         from reached
         where is_wanted
         on conflict on constraint outbox_once do nothing",
        appointment.uuid(),
        now,
        kind.as_str(),
        new_id(),
        new_id(),
        new_id(),
        new_id(),
        BOOKING_CONSENT,
        subject,
        event.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A text that says all it says already.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    pub key: String,
    /// A [`Kind`]'s name, or `reply`.
    pub kind: &'static str,
    /// E.164.
    pub to: &'a str,
    pub language: domain::language::Language,
    pub body: String,
    pub patient: Option<PatientId>,
    pub conversation: Option<ConversationId>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Writes a text down to be sent; false if it was before.
pub async fn queue_text(tx: &mut ClinicTx, now: DateTime<Utc>, text: &Text<'_>) -> Result<bool> {
    let queued = sqlx::query!(
        "insert into outbox (outbox_id, key, kind, channel, address, language, patient_id, conversation_id, body, due_at,
                             expires_at, created_at)
         values ($1, $2, $3, 'sms', $4, $5, $6, $7, $8, $9, $10, $9)
         on conflict on constraint outbox_once do nothing",
        new_id(),
        text.key,
        text.kind,
        text.to,
        text.language.code(),
        text.patient.map(PatientId::uuid),
        text.conversation.map(ConversationId::uuid),
        text.body,
        now,
        text.expires_at
    )
    .execute(tx.conn())
    .await?;
    Ok(queued.rows_affected() == 1)
}

/// A message, by text or by e-mail, that says all it says already.
#[derive(Clone, Debug)]
pub struct Ready<'a> {
    pub key: String,
    pub kind: Kind,
    pub way: Way,
    pub to: &'a str,
    pub language: domain::language::Language,
    pub words: Written,
    pub patient: Option<PatientId>,
    pub conversation: Option<ConversationId>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Writes a message down to be sent; none if it was before.
pub async fn queue(tx: &mut ClinicTx, now: DateTime<Utc>, ready: &Ready<'_>) -> Result<Option<OutboxId>> {
    let queued = sqlx::query_scalar!(
        "insert into outbox (outbox_id, key, kind, channel, address, language, patient_id, conversation_id, subject, body,
                             due_at, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11)
         on conflict on constraint outbox_once do nothing
         returning outbox_id",
        new_id(),
        ready.key,
        ready.kind.as_str(),
        ready.way.as_str(),
        ready.to,
        ready.language.code(),
        ready.patient.map(PatientId::uuid),
        ready.conversation.map(ConversationId::uuid),
        ready.words.subject,
        ready.words.body,
        now,
        ready.expires_at
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(queued)
}

/// Takes what a one-time code said out of the outbox: all of them once their
/// time is over, and those of `conversation` at once.
pub async fn forget_codes(tx: &mut ClinicTx, now: DateTime<Utc>, conversation: Option<ConversationId>) -> Result<()> {
    sqlx::query!(
        "update outbox set body = '…'
         where kind = 'one_time_code' and body is not null and body <> '…'
           and status not in ('queued', 'sending', 'unknown')
           and (conversation_id = $2 or expires_at <= $1)",
        now,
        conversation.map(ConversationId::uuid)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Calls off what was written down to be sent for a conversation and has not
/// left.
pub async fn call_off(tx: &mut ClinicTx, now: DateTime<Utc>, kind: Kind, conversation: ConversationId) -> Result<()> {
    sqlx::query!(
        "update outbox set status = 'suppressed', reason = 'called_off', settled_at = $3
         where conversation_id = $1 and kind = $2 and status = 'queued'",
        conversation.uuid(),
        kind.as_str(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Queues a message that failed once more, at a person's wish: as a new one,
/// because what has ended stays so. What is about a visit is written anew.
/// Nothing having reached the address before is no reason not to try: whoever
/// asks knows better. Twice at once is one.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such message, it has not failed, it
/// would come too late, or whoever it was for was erased.
pub async fn queue_again(tx: &mut ClinicTx, now: DateTime<Utc>, id: OutboxId) -> Result<()> {
    let queued = sqlx::query!(
        "with again as (
             insert into outbox (outbox_id, key, kind, channel, address, language, patient_id, appointment_id,
                                 conversation_id, about, subject, body, due_at, expires_at, created_at)
             select $2, 'again:' || outbox_id, kind, channel, address, language, patient_id, appointment_id,
                    conversation_id, about, case when about is null then subject end,
                    case when about is null then body end, $3, expires_at, $3
             from outbox
             where outbox_id = $1 and (expires_at is null or expires_at > $3) and address <> $4
               and (status in ('failed', 'undelivered') or status = 'suppressed' and reason = 'unreachable')
             on conflict on constraint outbox_once do update set key = excluded.key
             returning outbox_id, channel, address
         ), reachable as (
             delete from unreachable u using again
             where u.channel = again.channel and u.address = again.address
         )
         select outbox_id from again",
        id,
        new_id(),
        now,
        ERASED
    )
    .fetch_optional(tx.conn())
    .await?;
    if queued.is_none() { Err(Rejection::not_found().into()) } else { Ok(()) }
}
