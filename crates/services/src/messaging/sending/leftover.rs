//! Messages that wait although it is past their time.

use chrono::{DateTime, Utc};
use domain::id::ClinicId;

use super::noting::fail;
use crate::Result;
use crate::messaging::outbox::OutboxId;
use crate::messaging::post::Post;

/// How often a message is handed to the queue again, once a minute, before it
/// is given up.
const MOST: i32 = 60;

impl Post {
    /// Hands a message that should have been sent, or looked for, before
    /// `before` to the queue again. After an hour of that staff are told.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn take_up(&self, clinic: ClinicId, id: OutboxId, before: DateTime<Utc>) -> Result<()> {
        let mut tx = self.db.clinic(clinic).await?;
        let late = sqlx::query!(
            "update outbox set revived = revived + 1
             where outbox_id = $1
               and (status = 'queued' and due_at < $2
                    or status in ('sending', 'unknown') and greatest(due_at, tried_at) < $2)
             returning status, revived",
            id,
            before
        )
        .fetch_optional(tx.conn())
        .await?;
        match late {
            None => {}
            Some(late) if late.revived <= MOST => {
                // Its place is that of its time, before what came after it.
                sqlx::query!(
                    "select enqueue('send', json_build_object('clinic_id', clinic_id, 'outbox_id', outbox_id),
                                    outbox_queue(clinic_id, channel, address), least(due_at, clock_timestamp()),
                                    'send:' || outbox_id)
                     from outbox
                     where outbox_id = $1",
                    id
                )
                .fetch_one(tx.conn())
                .await?;
            }
            Some(late) if late.status == "queued" => {
                let sentence = "The message could not be sent for an hour. Please tell the patient another way.";
                fail(&mut tx, self.now(), id, "left_behind", None, sentence).await?;
            }
            Some(_) => {
                let sentence = "Nobody could say for an hour whether the message left. We do not send it again. Please \
                                ask the patient, or tell them another way.";
                fail(&mut tx, self.now(), id, "unanswered", None, sentence).await?;
            }
        }
        tx.commit().await
    }
}
