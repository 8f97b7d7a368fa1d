//! Sending what waits behind a message, in the same queue.
//!
//! Whoever works on the queue looks for work once a second, and takes one piece
//! of it. A clinic with ten thousand reminders would wait for hours, so whoever
//! sends one message goes on with the next ones for a while. They keep their
//! own work in the queue until they are sent: a process that dies loses none.

use std::time::{Duration, Instant};

use domain::id::ClinicId;

use crate::messaging::outbox::OutboxId;
use crate::messaging::post::Post;
use crate::{ClinicTx, Result};

/// How long one clinic is written for before another has its turn.
const TURN: Duration = Duration::from_secs(2);

/// How many messages one turn looks at.
const MOST: i64 = 200;

impl Post {
    /// Sends a message, and then those that wait behind it for as long as a
    /// turn lasts. Safe to call at any time and any number of times.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), for the message itself. One behind it that
    /// fails is left to its own work in the queue.
    pub async fn send_in_turn(&self, clinic: ClinicId, id: OutboxId) -> Result<()> {
        let began = Instant::now();
        if !self.take(clinic, id).await? {
            return Ok(());
        }
        let mut tx = self.db.clinic(clinic).await?;
        let waiting = behind(&mut tx, id, self.now()).await?;
        drop(tx);
        let mut taken = Vec::new();
        for next in waiting {
            if began.elapsed() >= TURN {
                break;
            }
            match self.take(clinic, next).await {
                Ok(true) => taken.push(next),
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(outbox = %next, %error, "a message that waited behind another was not sent");
                    break;
                }
            }
        }
        if taken.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.clinic(clinic).await?;
        forget(&mut tx, &taken).await?;
        tx.commit().await
    }
}

/// What is due in the same queue, the oldest first.
async fn behind(tx: &mut ClinicTx, id: OutboxId, now: chrono::DateTime<chrono::Utc>) -> Result<Vec<OutboxId>> {
    let ids = sqlx::query_scalar!(
        "select o.outbox_id
         from outbox o
         where o.status = 'queued' and o.due_at <= $2 and o.outbox_id <> $1
           and outbox_queue(o.clinic_id, o.channel, o.address)
               = (select outbox_queue(f.clinic_id, f.channel, f.address) from outbox f where f.outbox_id = $1)
         order by o.due_at
         limit $3",
        id,
        now,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// Takes the work of those out of the queue that are done with. Their rows are
/// kept until then, so that nothing that is to be sent again loses its work.
async fn forget(tx: &mut ClinicTx, ids: &[OutboxId]) -> Result<()> {
    sqlx::query!(
        "with done as (
             select outbox_id from outbox
             where outbox_id = any($1) and status not in ('queued', 'sending', 'unknown')
             for update
         )
         select dequeue(array_agg('send:' || outbox_id)) from done",
        ids
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(())
}
