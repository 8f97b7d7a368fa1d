//! Holds that ran out.
//!
//! Nothing waits for this: a hold that ran out takes no time from anyone, swept
//! or not. Sweeping keeps the tables small and says that it happened.

use chrono::{DateTime, Utc};
use domain::id::HoldId;
use serde_json::json;
use uuid::Uuid;

use super::changing::Changer;
use crate::events::{self, Actor, Event, EventKind};
use crate::{ClinicTx, Result};

/// Removes the clinic's holds that ran out, `limit` at most, and records that
/// they did. Returns how many.
pub async fn expire_due(tx: &mut ClinicTx, now: DateTime<Utc>, limit: i64) -> Result<usize> {
    let due = sqlx::query_scalar!(
        "select hold_id from holds where expires_at <= $1 order by expires_at, hold_id limit $2",
        now,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    sqlx::query!("select lock_books(array(select resource_id from occupancies where hold_id = any($1)))", &due)
        .execute(tx.conn())
        .await?;
    let due: Vec<HoldId> = due.into_iter().map(HoldId::from).collect();
    expire(tx, now, &due).await
}

/// Removes those of these holds that are still there and ran out.
pub(super) async fn expire(tx: &mut ClinicTx, now: DateTime<Utc>, holds: &[HoldId]) -> Result<usize> {
    remove(tx, now, holds, None).await
}

/// Removes these holds, whether or not they ran out, because somebody changed
/// the schedule under them.
pub(super) async fn end(tx: &mut ClinicTx, now: DateTime<Utc>, holds: &[HoldId], changer: Changer) -> Result<usize> {
    remove(tx, now, holds, Some(changer)).await
}

async fn remove(tx: &mut ClinicTx, now: DateTime<Utc>, holds: &[HoldId], ended_by: Option<Changer>) -> Result<usize> {
    if holds.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = holds.iter().map(|hold| hold.uuid()).collect();
    let expired = sqlx::query!(
        r#"
        with expired as (
            delete from holds where hold_id = any($1) and (expires_at <= $2 or $3)
            returning hold_id, practitioner_id, appointment_type_id, starts_at, ends_at, expires_at, owner
        )
        select e.hold_id, e.practitioner_id, e.appointment_type_id, e.starts_at, e.ends_at, e.expires_at as "expires_at!",
               c.conversation_id as "conversation_id?"
        from expired e
        left join conversations c
          on c.conversation_id = case when e.owner like 'session:%' then substr(e.owner, 9)::uuid end
        "#,
        &ids,
        now,
        ended_by.is_some()
    )
    .fetch_all(tx.conn())
    .await?;
    for hold in &expired {
        // Whose time was up anyway was ended by nobody.
        let ended_by = ended_by.filter(|_| hold.expires_at > now);
        let event = Event {
            kind: EventKind::HoldExpired,
            appointment_id: None,
            conversation_id: hold.conversation_id.map(Into::into),
            actor: ended_by.map_or(Actor::Job, |changer| changer.actor),
            actor_id: ended_by.and_then(|changer| changer.actor_id),
            channel: ended_by.map_or("job", |changer| changer.channel),
            payload: json!({
                "hold_id": hold.hold_id,
                "practitioner_id": hold.practitioner_id,
                "appointment_type_id": hold.appointment_type_id,
                "starts_at": hold.starts_at,
                "ends_at": hold.ends_at,
                "expired_at": hold.expires_at.min(now),
                "because": if ended_by.is_some() { "schedule_changed" } else { "ran_out" },
            }),
        };
        events::record(tx, now, &event).await?;
    }
    Ok(expired.len())
}
