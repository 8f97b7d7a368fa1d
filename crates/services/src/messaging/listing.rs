//! What was sent, for staff.

use chrono::{DateTime, Utc};
use domain::id::AppointmentId;
use serde::Serialize;
use uuid::Uuid;

use super::outbox::OutboxId;
use crate::{ClinicTx, Result};

/// A message as staff see it.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    pub id: OutboxId,
    pub kind: String,
    pub channel: String,
    pub address: String,
    pub patient: Option<String>,
    pub appointment_id: Option<Uuid>,
    /// None until it is written, which is when it is sent.
    pub subject: Option<String>,
    pub body: Option<String>,
    pub status: String,
    pub reason: Option<String>,
    pub error_code: Option<i32>,
    pub provider: Option<String>,
    pub segments: Option<i32>,
    pub due_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// Staff had it sent again, as another one.
    #[serde(skip)]
    pub is_sent_again: bool,
}

/// Which messages are asked for; none of it means all.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Any of these statuses; all if there are none.
    pub states: Vec<String>,
    pub appointment: Option<AppointmentId>,
    pub after: Option<OutboxId>,
}

/// Messages, newest first.
pub async fn list(tx: &mut ClinicTx, wanted: &Wanted, limit: i64) -> Result<Vec<Listed>> {
    let rows = sqlx::query_as!(
        Listed,
        r#"select o.outbox_id as id, o.kind, o.channel, o.address, p.name as "patient?", o.appointment_id, o.subject, o.body,
                  o.status, o.reason, o.error_code, o.provider, o.segments, o.due_at, o.sent_at, o.created_at,
                  exists (select from outbox a where a.clinic_id = o.clinic_id and a.key = 'again:' || o.outbox_id)
                      as "is_sent_again!"
           from outbox o
           left join patients p using (clinic_id, patient_id)
           where (cardinality($1::text[]) = 0 or o.status = any($1))
             and ($2::uuid is null or o.appointment_id = $2)
             and ($3::uuid is null or (o.created_at, o.outbox_id) < (select b.created_at, b.outbox_id from outbox b where b.outbox_id = $3))
           order by o.created_at desc, o.outbox_id desc
           limit $4"#,
        &wanted.states,
        wanted.appointment.map(AppointmentId::uuid),
        wanted.after,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// What happened to a message and when, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    pub status: String,
    pub reason: Option<String>,
    pub error_code: Option<i32>,
    pub happened_at: DateTime<Utc>,
}

pub async fn steps(tx: &mut ClinicTx, id: OutboxId) -> Result<Vec<Step>> {
    let rows = sqlx::query_as!(
        Step,
        "select status, reason, error_code, happened_at from outbox_steps where outbox_id = $1 order by step",
        id
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// A message, and what happened to it.
#[derive(Clone, Debug, Serialize)]
pub struct Logged {
    #[serde(flatten)]
    pub message: Listed,
    pub steps: Vec<Step>,
}

/// The most messages about one visit that are listed.
const MOST_OF_ONE: i64 = 100;

/// All that a patient was written about a visit, oldest first.
pub async fn log(tx: &mut ClinicTx, appointment: AppointmentId) -> Result<Vec<Logged>> {
    let wanted = Wanted { appointment: Some(appointment), ..Wanted::default() };
    let mut logged = Vec::new();
    for message in list(tx, &wanted, MOST_OF_ONE).await?.into_iter().rev() {
        let steps = steps(tx, message.id).await?;
        logged.push(Logged { message, steps });
    }
    Ok(logged)
}

/// How a clinic's texts fared in the day before a moment, those that stayed
/// here left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    pub sent: i64,
    pub delivered: i64,
    pub failed: i64,
    pub suppressed: i64,
    pub waiting: i64,
    /// What went wrong, the most frequent first.
    pub errors: Vec<Wrong>,
}

/// Something that went wrong, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Wrong {
    pub channel: String,
    /// The provider's; none where we know without.
    pub code: Option<i32>,
    pub reason: Option<String>,
    pub count: i64,
}

impl Figures {
    /// Delivered of those whose end is known, in percent; none if there are
    /// none.
    pub fn delivery_rate(&self) -> Option<i64> {
        let ended = self.delivered + self.failed;
        (ended > 0).then(|| self.delivered * 100 / ended)
    }
}

/// Counts what left since `since`.
pub async fn figures(tx: &mut ClinicTx, since: DateTime<Utc>) -> Result<Figures> {
    let counts = sqlx::query!(
        r#"select count(*) filter (where status in ('sent', 'delivered', 'undelivered')) as "sent!",
                  count(*) filter (where status = 'delivered') as "delivered!",
                  count(*) filter (where status in ('undelivered', 'failed')) as "failed!",
                  count(*) filter (where status = 'suppressed') as "suppressed!",
                  count(*) filter (where status in ('queued', 'sending', 'unknown')) as "waiting!"
           from outbox
           where created_at >= $1 and channel = 'sms' and provider is distinct from 'local'"#,
        since
    )
    .fetch_one(tx.conn())
    .await?;
    let errors = sqlx::query_as!(
        Wrong,
        r#"select channel, error_code as code, reason, count(*) as "count!"
           from outbox
           where created_at >= $1 and (error_code is not null or status in ('failed', 'undelivered'))
           group by channel, error_code, reason
           order by count(*) desc, error_code, reason
           limit 10"#,
        since
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Figures {
        sent: counts.sent,
        delivered: counts.delivered,
        failed: counts.failed,
        suppressed: counts.suppressed,
        waiting: counts.waiting,
        errors,
    })
}

/// What a caller is told about the text that says a visit is booked
/// (`sms_status`), without waiting for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsOutlook {
    /// Written down to be sent, or will be once staff approve the visit.
    Queued,
    /// The provider has it.
    Sent,
    /// It cannot be: no number, no account, or the number opted out.
    Failed,
    /// It could not be written down, which nobody expected. Staff were told.
    Fault,
}

impl SmsOutlook {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed_but_booked",
            Self::Fault => "error_but_booked",
        }
    }
}

/// What becomes of the text that says a visit is booked, as far as is known.
pub async fn sms_outlook(tx: &mut ClinicTx, appointment: AppointmentId) -> Result<SmsOutlook> {
    let row = sqlx::query!(
        r#"select o.status,
                  exists (select from credentials where provider = 'twilio') as "has_account!",
                  exists (select from opt_outs s where s.channel = 'sms' and s.address = o.address and s.ended_at is null)
                      as "stopped!",
                  exists (select from unreachable u where u.channel = 'sms' and u.address = o.address) as "unreachable!"
           from outbox o
           where o.appointment_id = $1 and o.kind = 'confirmation' and o.channel = 'sms'
           order by o.created_at desc
           limit 1"#,
        appointment.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(match row {
        None if will_be_written(tx, appointment).await? => SmsOutlook::Queued,
        None if was_not_written(tx, appointment).await? => SmsOutlook::Fault,
        Some(row) if row.has_account && !row.stopped && !row.unreachable => match row.status.as_str() {
            "queued" | "sending" | "unknown" => SmsOutlook::Queued,
            "sent" | "delivered" => SmsOutlook::Sent,
            _ => SmsOutlook::Failed,
        },
        _ => SmsOutlook::Failed,
    })
}

/// Whether a visit waits for staff to approve it, and the text that says so
/// then can be sent.
async fn will_be_written(tx: &mut ClinicTx, appointment: AppointmentId) -> Result<bool> {
    let will_be = sqlx::query_scalar!(
        r#"select exists (
               select from appointments a
               join patients p using (clinic_id, patient_id)
               where a.appointment_id = $1 and a.status = 'pending' and p.phone is not null
                 and coalesce((select s.sms from messaging_settings s), true)
                 and exists (select from credentials where provider = 'twilio')
                 and not exists (select from opt_outs s
                                 where s.channel = 'sms' and s.address = p.phone and s.ended_at is null)
                 and not exists (select from unreachable u where u.channel = 'sms' and u.address = p.phone)
           ) as "will_be!""#,
        appointment.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(will_be)
}

/// Whether the messages about a visit that can be texted about could not be
/// written down.
async fn was_not_written(tx: &mut ClinicTx, appointment: AppointmentId) -> Result<bool> {
    let was_not = sqlx::query_scalar!(
        r#"select exists (
               select from appointments a
               join patients p using (clinic_id, patient_id)
               join tasks t using (clinic_id, appointment_id)
               where a.appointment_id = $1 and p.phone is not null and t.kind = 'message_failed'
                 and not exists (select from outbox o where o.appointment_id = a.appointment_id)
           ) as "was_not!""#,
        appointment.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(was_not)
}
