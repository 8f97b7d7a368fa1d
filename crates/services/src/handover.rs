//! A person answers instead of the receptionist.
//!
//! While a hand-over is open nothing automated is said in its conversation.
//! Whoever opens or ends one, writes a message or stores an answer takes the
//! conversation's row first, so that an answer is stored before a person takes
//! over or not at all.

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, MemberId, MessageId};
use domain::language::Language;
use domain::{Rejection, RejectionCode};
use serde_json::json;
use uuid::Uuid;

use crate::booking::Channel;
use crate::events::{self, Actor, Event, EventKind};
use crate::tasks::{self, TaskKind};
use crate::{ClinicTx, Result, conversations, followups};

/// What the patient is told.
pub const fn notice(language: Language) -> &'static str {
    match language {
        Language::English => "A member of the team will answer here.",
        Language::Spanish => "Alguien del equipo le responderá aquí.",
    }
}

/// Who wanted a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Began {
    /// The receptionist, while answering this message of the patient's.
    Receptionist { asked_in: MessageId },
    /// A member of staff, who stepped in.
    Member(MemberId),
}

impl Began {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Receptionist { .. } => "receptionist",
            Self::Member(_) => "member",
        }
    }

    const fn asked_in(self) -> Option<MessageId> {
        match self {
            Self::Receptionist { asked_in } => Some(asked_in),
            Self::Member(_) => None,
        }
    }
}

/// Hands a conversation to the staff: automation ends there, follow-ups are
/// called off and a task says what it is about. While it is handed over
/// already, nothing changes. True if this call handed it over.
///
/// # Errors
///
/// Rejected with `forbidden` on a channel where what staff write would not
/// arrive.
pub async fn begin(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    by: Began,
    summary: &str,
) -> Result<bool> {
    conversations::lock(tx, conversation).await?;
    if conversations::channel(tx, conversation).await? != Channel::Web {
        return Err(Rejection::new(
            RejectionCode::Forbidden,
            "Nobody can take over on this channel. Please call the clinic, or leave a question for the team.",
        )
        .into());
    }
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
    let (actor, actor_id, channel) = match by {
        Began::Receptionist { .. } => (Actor::Receptionist, None, Channel::Web.as_str()),
        Began::Member(id) => (Actor::Member, Some(id.uuid()), "console"),
    };
    record(tx, now, EventKind::HandoverBegan, conversation, (actor, actor_id, channel)).await?;
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
    member: MemberId,
) -> Result<Option<MessageId>> {
    if !conversations::lock(tx, conversation).await? {
        return Err(Rejection::not_found().into());
    }
    if !begin(tx, now, conversation, Began::Member(member), "Staff took over.").await? {
        return Ok(None);
    }
    conversations::leave_to_staff(tx, conversation).await?;
    let notice = notice(conversations::language(tx, conversation).await?);
    conversations::note(tx, now, conversation, notice).await.map(Some)
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
    let ended = sqlx::query!(
        "update handovers set ended_at = $2, ended_by = $3 where conversation_id = $1 and ended_at is null",
        conversation.uuid(),
        now,
        by.uuid()
    )
    .execute(tx.conn())
    .await?;
    if ended.rows_affected() == 1 {
        // What was written meanwhile was for the staff, and stays so.
        conversations::leave_to_staff(tx, conversation).await?;
        let who = (Actor::Member, Some(by.uuid()), "console");
        record(tx, now, EventKind::HandoverEnded, conversation, who).await?;
        tasks::settle_handover(tx, now, conversation, by).await?;
    }
    Ok(())
}

async fn record(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    kind: EventKind,
    conversation: ConversationId,
    (actor, actor_id, channel): (Actor, Option<Uuid>, &'static str),
) -> Result<()> {
    let event = Event {
        kind,
        appointment_id: None,
        conversation_id: Some(conversation),
        actor,
        actor_id,
        channel,
        payload: json!({}),
    };
    events::record(tx, now, &event).await.map(drop)
}

/// What the staff should know of a conversation that waits for them, or that
/// they answer in; none if the receptionist does.
pub async fn summary(tx: &mut ClinicTx, conversation: ConversationId) -> Result<Option<String>> {
    let summary = sqlx::query_scalar!(
        "select summary from handovers where conversation_id = $1 and ended_at is null",
        conversation.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(summary)
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
/// Rejected with `not_found` if there is no such conversation, with `forbidden`
/// as [`begin`], and as a patient's message if there is nothing to read or too
/// much.
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
    begin(tx, now, conversation, Began::Member(member), "Staff took over.").await?;
    conversations::leave_to_staff(tx, conversation).await?;
    conversations::say_as_member(tx, now, conversation, member, text).await
}
