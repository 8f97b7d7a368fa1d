//! What a person at the clinic has to look at.

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::{AppointmentId, ConversationId, MemberId};
use serde::Serialize;
use uuid::Uuid;

use crate::{ClinicTx, Result};

/// Why somebody has to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskKind {
    /// A patient asks for a time that staff approve.
    BookingRequest,
    /// A patient wanted to move or cancel after the cut-off.
    LateChange,
    /// A visit no longer fits the clinic's hours, and the patient is to choose
    /// another time.
    Stranded,
    /// A message about a visit did not reach the patient.
    MessageFailed,
    /// A patient answered that they want something else, and a person has to
    /// see what.
    WantsChange,
    /// Somebody asked something that only a person can answer.
    Inquiry,
    /// A conversation waits for a person to answer in it.
    Handover,
}

impl TaskKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BookingRequest => "booking_request",
            Self::LateChange => "late_change",
            Self::Stranded => "stranded",
            Self::MessageFailed => "message_failed",
            Self::WantsChange => "wants_change",
            Self::Inquiry => "inquiry",
            Self::Handover => "handover",
        }
    }
}

/// Something to be done about a visit, or in a conversation.
#[derive(Clone, Debug, Serialize)]
pub struct Task {
    pub id: Uuid,
    pub kind: String,
    pub detail: String,
    pub created_at: DateTime<Utc>,
    /// Who asked and how to reach them, as they said.
    pub asked_by: Option<String>,
    pub conversation_id: Option<ConversationId>,
    pub appointment_id: Option<AppointmentId>,
    pub starts_at: Option<DateTime<Utc>>,
    pub patient: Option<String>,
    pub practitioner: Option<String>,
    pub appointment_type: Option<String>,
}

/// Opens a task about a visit. While one of its kind is open for the visit, the newer words
/// take the place of the older.
pub async fn open(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    kind: TaskKind,
    appointment: AppointmentId,
    detail: &str,
) -> Result<()> {
    sqlx::query!(
        "insert into tasks (task_id, kind, appointment_id, detail, created_at)
         values ($1, $2, $3, $4, $5)
         on conflict (clinic_id, kind, appointment_id) where done_at is null do update set detail = excluded.detail",
        domain::Id::<Task>::new().uuid(),
        kind.as_str(),
        appointment.uuid(),
        detail,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Opens a task for somebody who asked in a conversation.
pub async fn inquire(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    asked_by: &str,
    detail: &str,
) -> Result<()> {
    sqlx::query!(
        "insert into tasks (task_id, kind, conversation_id, asked_by, detail, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        domain::Id::<Task>::new().uuid(),
        TaskKind::Inquiry.as_str(),
        conversation.uuid(),
        asked_by,
        detail,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Opens a task about a conversation. Of conversations that wait for a person,
/// each has one.
pub async fn open_about(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    kind: TaskKind,
    conversation: ConversationId,
    detail: &str,
) -> Result<()> {
    sqlx::query!(
        "insert into tasks (task_id, kind, conversation_id, detail, created_at)
         values ($1, $2, $3, $4, $5)
         on conflict (clinic_id, conversation_id) where kind = 'handover' and done_at is null
         do update set detail = excluded.detail",
        domain::Id::<Task>::new().uuid(),
        kind.as_str(),
        conversation.uuid(),
        detail,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Opens a task about a message to `address` that is about no visit. While one
/// is open, the newer words take the place of the older.
pub async fn open_about_message(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: Option<ConversationId>,
    address: &str,
    detail: &str,
) -> Result<()> {
    sqlx::query!(
        "insert into tasks (task_id, kind, conversation_id, asked_by, detail, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (clinic_id, conversation_id, asked_by)
             where kind = 'message_failed' and appointment_id is null and done_at is null
         do update set detail = excluded.detail",
        domain::Id::<Task>::new().uuid(),
        TaskKind::MessageFailed.as_str(),
        conversation.map(ConversationId::uuid),
        address,
        detail,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Open tasks, the oldest first, after the one with id `after`.
pub async fn list(tx: &mut ClinicTx, after: Option<Uuid>, limit: i64) -> Result<Vec<Task>> {
    let rows = sqlx::query!(
        r#"
        select k.task_id, k.kind, k.appointment_id, k.conversation_id, k.asked_by, k.detail, k.created_at,
               a.starts_at as "starts_at?", c.name as "patient?", p.name as "practitioner?",
               t.name as "appointment_type?"
        from tasks k
        left join appointments a on a.clinic_id = k.clinic_id and a.appointment_id = k.appointment_id
        left join conversations v on v.clinic_id = k.clinic_id and v.conversation_id = k.conversation_id
        left join patients c on c.clinic_id = k.clinic_id and c.patient_id = coalesce(a.patient_id, v.patient_id)
        left join practitioners p on p.clinic_id = a.clinic_id and p.practitioner_id = a.practitioner_id
        left join appointment_types t
          on t.clinic_id = a.clinic_id and t.appointment_type_id = a.appointment_type_id
        where k.done_at is null and k.task_id > $1
        order by k.task_id
        limit $2
        "#,
        after.unwrap_or(Uuid::nil()),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Task {
            id: row.task_id,
            kind: row.kind,
            detail: row.detail,
            created_at: row.created_at,
            asked_by: row.asked_by,
            conversation_id: row.conversation_id.map(Into::into),
            appointment_id: row.appointment_id.map(Into::into),
            starts_at: row.starts_at,
            patient: row.patient,
            practitioner: row.practitioner,
            appointment_type: row.appointment_type,
        })
        .collect())
}

/// Notes that a task is done. Doing it again changes nothing.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such task.
pub async fn finish(tx: &mut ClinicTx, now: DateTime<Utc>, id: Uuid, by: Option<MemberId>) -> Result<()> {
    let done = sqlx::query!(
        "update tasks set done_at = coalesce(done_at, $2), done_by = coalesce(done_by, $3) where task_id = $1",
        id,
        now,
        by.map(MemberId::uuid)
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 { Err(Rejection::not_found().into()) } else { Ok(()) }
}

/// Ends the open tasks of one kind that a visit has: what they asked for was
/// done.
pub(crate) async fn settle(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    kinds: &[TaskKind],
    appointment: AppointmentId,
    by: Option<Uuid>,
) -> Result<()> {
    let kinds: Vec<String> = kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
    sqlx::query!(
        "update tasks set done_at = $3, done_by = (select member_id from members where member_id = $4)
         where appointment_id = $1 and kind = any($2) and done_at is null",
        appointment.uuid(),
        &kinds,
        now,
        by
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends the task of a conversation that waited for a person.
pub(crate) async fn settle_handover(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    by: MemberId,
) -> Result<()> {
    sqlx::query!(
        "update tasks set done_at = $2, done_by = $3
         where conversation_id = $1 and kind = 'handover' and done_at is null",
        conversation.uuid(),
        now,
        by.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
