//! A person answers instead of the receptionist.
//!
//! While a hand-over is open nothing automated is said in its conversation.
//! Whoever opens or ends one, writes a message or stores an answer takes the
//! conversation's row first, so that an answer is stored before a person takes
//! over or not at all.

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, MemberId, MessageId};
use domain::{Rejection, RejectionCode};

use crate::tasks::{self, TaskKind};
use crate::{ClinicTx, Result, conversations, followups};

/// What the patient is told.
pub const NOTICE: &str = "A member of the team will answer here.";

/// Who wanted a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Began {
    /// The receptionist, while answering this message of the patient's.
    Receptionist { asked_in: MessageId },
    /// A member of staff stepped in.
    Member,
}

impl Began {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Receptionist { .. } => "receptionist",
            Self::Member => "member",
        }
    }

    const fn asked_in(self) -> Option<MessageId> {
        match self {
            Self::Receptionist { asked_in } => Some(asked_in),
            Self::Member => None,
        }
    }
}

/// Hands a conversation to the staff: automation ends there, follow-ups are
/// called off and a task says what it is about. While it is handed over
/// already, nothing changes. True if this call handed it over.
pub async fn begin(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    by: Began,
    summary: &str,
) -> Result<bool> {
    conversations::lock(tx, conversation).await?;
    let began = sqlx::query!(
        "insert into handovers (handover_id, conversation_id, began_by, asked_in, summary, began_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (clinic_id, conversation_id) where ended_at is null do nothing",
        domain::Id::<Began>::new().uuid(),
        conversation.uuid(),
        by.as_str(),
        by.asked_in().map(MessageId::uuid),
        summary,
        now
    )
    .execute(tx.conn())
    .await?;
    if began.rows_affected() == 0 {
        return Ok(false);
    }
    followups::stop(tx, now, conversation).await?;
    tasks::open_about(tx, now, TaskKind::Handover, conversation, summary).await?;
    Ok(true)
}

/// A member of staff steps in. What the patient wrote and nobody answered is
/// left to them, and the patient is told.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such conversation.
pub async fn take_over(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
) -> Result<Option<MessageId>> {
    if !conversations::lock(tx, conversation).await? {
        return Err(Rejection::not_found().into());
    }
    if !begin(tx, now, conversation, Began::Member, "Taken over by staff.").await? {
        return Ok(None);
    }
    conversations::leave_to_staff(tx, conversation).await?;
    conversations::note(tx, now, conversation, NOTICE).await.map(Some)
}

/// Gives a conversation back to the receptionist. Giving it back again changes
/// nothing.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such conversation.
pub async fn end(tx: &mut ClinicTx, now: DateTime<Utc>, conversation: ConversationId, by: MemberId) -> Result<()> {
    if !conversations::lock(tx, conversation).await? {
        return Err(Rejection::not_found().into());
    }
    sqlx::query!(
        "update handovers set ended_at = $2, ended_by = $3 where conversation_id = $1 and ended_at is null",
        conversation.uuid(),
        now,
        by.uuid()
    )
    .execute(tx.conn())
    .await?;
    tasks::settle_handover(tx, now, conversation, by).await
}

/// Whether a person answers there now, and nobody else may: not even the
/// receptionist the message it is answering.
pub async fn is_open(tx: &mut ClinicTx, conversation: ConversationId, answering: Option<MessageId>) -> Result<bool> {
    let open = sqlx::query_scalar!(
        r#"
        select exists (select from handovers
                       where conversation_id = $1 and ended_at is null
                         and ($2::uuid is null or asked_in is distinct from $2)) as "open!"
        "#,
        conversation.uuid(),
        answering.map(MessageId::uuid)
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(open)
}

/// Writes to the patient as a member of staff, who takes over by doing so.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such conversation, and as a
/// patient's message if there is nothing to read or too much; with `forbidden`
/// on a channel where a message would not arrive.
pub async fn reply(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    member: MemberId,
    text: &str,
) -> Result<MessageId> {
    if !conversations::lock(tx, conversation).await? {
        return Err(Rejection::not_found().into());
    }
    if conversations::channel(tx, conversation).await? != "web" {
        return Err(Rejection::new(
            RejectionCode::Forbidden,
            "This conversation is not a chat on the web, so nothing written here would arrive.",
        )
        .into());
    }
    begin(tx, now, conversation, Began::Member, "Staff are answering.").await?;
    conversations::leave_to_staff(tx, conversation).await?;
    conversations::say_as_member(tx, now, conversation, member, text).await
}
