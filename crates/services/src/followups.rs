//! Times to write again to whoever asked for it.

use chrono::{DateTime, Duration, Utc};
use domain::id::ConversationId;
use domain::{Rejection, RejectionCode};
use uuid::Uuid;

use crate::error::OnConstraint;
use crate::{ClinicTx, Result};

/// Stores that this conversation is to be written to at `due_at`, no more than
/// `most` times in all. That it is no more than twice is the database's rule.
///
/// # Errors
///
/// Rejected with `invalid` if the time is past or more than 90 days away, and
/// `forbidden` if there have been as many as there may be.
pub async fn schedule(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    due_at: DateTime<Utc>,
    about: &str,
    most: i16,
) -> Result<Uuid> {
    if due_at <= now || due_at > now + Duration::days(90) {
        return Err(Rejection::invalid("local", "Please give a time within the next 90 days.").into());
    }
    let id = sqlx::query_scalar!(
        "insert into followups (followup_id, conversation_id, attempt, about, due_at, created_at)
         select $1, $2, coalesce(max(attempt), 0) + 1, $3, $4, $5
         from followups
         where conversation_id = $2
         having coalesce(max(attempt), 0) < $6
         returning followup_id",
        domain::Id::<Uuid>::new().uuid(),
        conversation.uuid(),
        about,
        due_at,
        now,
        i32::from(most)
    )
    .fetch_optional(tx.conn())
    .await
    .on_constraint("followups_once", enough)?;
    id.ok_or_else(|| enough().into())
}

fn enough() -> Rejection {
    Rejection::new(
        RejectionCode::Forbidden,
        "We have agreed on as many follow-ups as we may make. You can write to us here at any time.",
    )
}

/// Calls off what has not been sent.
pub async fn stop(tx: &mut ClinicTx, now: DateTime<Utc>, conversation: ConversationId) -> Result<()> {
    sqlx::query!(
        "update followups set stopped_at = $2
         where conversation_id = $1 and sent_at is null and stopped_at is null",
        conversation.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
