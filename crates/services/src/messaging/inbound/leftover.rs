//! Texts that were left without an answer.

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::ClinicId;
use serde::Serialize;
use uuid::Uuid;

use super::Inbound;
use crate::tasks;
use crate::{ClinicTx, Result};

/// How often an answer is asked for again, once a minute, before it is given
/// up. Whoever wrote has long turned elsewhere by then.
const MOST: i32 = 30;

/// A text that nobody answered.
#[derive(Clone, Debug, Serialize)]
pub struct Unanswered {
    pub id: Uuid,
    pub patient_number: String,
    pub body: String,
    pub conversation_id: Option<Uuid>,
    pub received_at: DateTime<Utc>,
}

impl Inbound {
    /// Has the queue look at a text again that has no answer yet. After half an
    /// hour of that staff are told.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn take_up(&self, clinic: ClinicId, text: Uuid) -> Result<()> {
        let mut tx = self.post.db.clinic(clinic).await?;
        let revived = sqlx::query_scalar!(
            "update inbound_texts set revived = revived + 1
             where inbound_text_id = $1 and state in ('waiting', 'promised')
             returning revived",
            text
        )
        .fetch_optional(tx.conn())
        .await?;
        match revived {
            None => {}
            Some(revived) if revived <= MOST => ask_again(&mut tx, text).await?,
            Some(_) => give_up(&mut tx, self.post.clock.now(), text).await?,
        }
        tx.commit().await
    }
}

/// Notes that a text gets no answer from us, and asks staff for one.
pub(super) async fn give_up(tx: &mut ClinicTx, now: DateTime<Utc>, text: Uuid) -> Result<()> {
    let given_up = sqlx::query!(
        r#"update inbound_texts i set state = 'failed'
           from messages m
           where i.inbound_text_id = $1 and i.state in ('waiting', 'promised')
             and m.clinic_id = i.clinic_id and m.message_id = i.message_id
           returning i.patient_number, m.conversation_id"#,
        text
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(given_up) = given_up else { return Ok(()) };
    let sentence = "A text could not be answered automatically. Please answer it.";
    let conversation = Some(given_up.conversation_id.into());
    tasks::open_about_message(tx, now, conversation, &given_up.patient_number, sentence).await
}

/// Texts that were given up, newest first.
pub async fn unanswered(tx: &mut ClinicTx, limit: i64) -> Result<Vec<Unanswered>> {
    let rows = sqlx::query_as!(
        Unanswered,
        r#"select i.inbound_text_id as id, i.patient_number, i.body, i.received_at,
                  m.conversation_id as "conversation_id?"
           from inbound_texts i
           left join messages m using (clinic_id, message_id)
           where i.state = 'failed'
           order by i.received_at desc
           limit $1"#,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Asks for the answer once more, at a person's wish.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such text, or it was not given up.
pub async fn retry(tx: &mut ClinicTx, text: Uuid) -> Result<()> {
    let retried = sqlx::query!(
        "update inbound_texts set state = 'promised', revived = 0 where inbound_text_id = $1 and state = 'failed'",
        text
    )
    .execute(tx.conn())
    .await?;
    if retried.rows_affected() == 0 {
        return Err(Rejection::not_found().into());
    }
    ask_again(tx, text).await
}

/// Notes that a person has seen to a text that was given up.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such text, or it was not given up.
pub async fn dismiss(tx: &mut ClinicTx, text: Uuid) -> Result<()> {
    let dismissed = sqlx::query!(
        "update inbound_texts set state = 'answered' where inbound_text_id = $1 and state = 'failed'",
        text
    )
    .execute(tx.conn())
    .await?;
    if dismissed.rows_affected() == 0 { Err(Rejection::not_found().into()) } else { Ok(()) }
}

async fn ask_again(tx: &mut ClinicTx, text: Uuid) -> Result<()> {
    sqlx::query!(
        "select enqueue('answer_text', json_build_object('clinic_id', current_clinic_id(), 'inbound_text_id', $1::uuid),
                        null, null, 'answer_text:' || $1::uuid)",
        text
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}
