//! The receptionist's answers: in time, or as a text of their own.

use chrono::TimeDelta;
use domain::chat::Message;
use domain::id::{ClinicId, ConversationId, MessageId};
use domain::sms::segments;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use uuid::Uuid;

use super::super::outbox::{self, Text};
use super::words::Place;
use super::{Inbound, Waiting, is_stopped, leftover, voice};
use crate::booking::Channel;
use crate::receptionist::Line;
use crate::{ClinicTx, Error, Result};

/// The longest text, with some room below Twilio's 1,600 characters.
const LONGEST: usize = 1_500;

/// The most texts that one answer becomes.
const MOST_PARTS: usize = 10;

/// How long an answer that comes late is still of use.
const ANSWER_LASTS: TimeDelta = TimeDelta::hours(12);

/// An answer in texts, in order.
pub fn parts(answer: &str) -> Vec<&str> {
    segments::split(answer, LONGEST, MOST_PARTS).parts
}

/// What settled how a text is answered.
struct Settled {
    state: String,
    reply: Option<String>,
}

impl Inbound {
    /// The receptionist's answer if it is there in time. If not, it is promised,
    /// and follows as a text.
    pub(super) async fn answer_in_time(&self, waiting: Waiting) -> Result<Option<String>> {
        let mut answering = self.ask_receptionist(waiting);
        match timeout(self.patience, &mut answering).await {
            Ok(Ok(Ok(answer))) => return self.answer_now(waiting, answer.as_ref()).await,
            Ok(Ok(Err(error))) => tracing::warn!(%error, "a text could not be answered yet"),
            Ok(Err(error)) => tracing::error!(%error, "answering a text broke off"),
            Err(_) => {
                let this = self.clone();
                tokio::spawn(async move { this.keep_promise_after(waiting, answering).await });
            }
        }
        let mut tx = self.post.db.clinic(waiting.line.clinic).await?;
        let settled = promise(&mut tx, waiting.id).await?;
        tx.commit().await?;
        // Whoever sent the same text at the same time may have got it.
        Ok(settled.reply.filter(|_| settled.state == "answered"))
    }

    /// In a task of its own, because whoever asked may hang up.
    fn ask_receptionist(&self, waiting: Waiting) -> JoinHandle<Result<Option<Message>>> {
        let receptionist = self.receptionist.clone();
        tokio::spawn(async move {
            match receptionist.answer(waiting.line, waiting.question).await {
                Ok(answer) => Ok(answer),
                // The receptionist has nothing to say to it.
                Err(Error::Rejected(rejection)) if rejection.code == domain::RejectionCode::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    /// Gives the answer to the provider, unless it was promised already; then
    /// it goes out as that was said.
    async fn answer_now(&self, waiting: Waiting, answer: Option<&Message>) -> Result<Option<String>> {
        let mut tx = self.post.db.clinic(waiting.line.clinic).await?;
        let reply = self.in_words(&mut tx, waiting, answer).await?;
        let answered = sqlx::query!(
            "update inbound_texts set state = 'answered', reply = $2 where inbound_text_id = $1 and state = 'waiting'",
            waiting.id,
            reply
        )
        .execute(tx.conn())
        .await?;
        if answered.rows_affected() == 1 {
            tx.commit().await?;
            return Ok(reply);
        }
        let settled = settled(&mut tx, waiting.id).await?;
        if settled.state == "promised" {
            self.queue(&mut tx, waiting, reply.as_deref()).await?;
        }
        tx.commit().await?;
        Ok(settled.reply.filter(|_| settled.state == "answered"))
    }

    async fn keep_promise_after(&self, waiting: Waiting, answering: JoinHandle<Result<Option<Message>>>) {
        let kept = match answering.await {
            Ok(Ok(answer)) => self.keep_promise(waiting, answer.as_ref()).await,
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::Internal("answering a text broke off")),
        };
        // Otherwise a job does.
        if let Err(error) = kept {
            tracing::warn!(%error, "an answer that was promised is late");
        }
    }

    async fn keep_promise(&self, waiting: Waiting, answer: Option<&Message>) -> Result<()> {
        let mut tx = self.post.db.clinic(waiting.line.clinic).await?;
        let settled = promise(&mut tx, waiting.id).await?;
        if settled.state == "promised" {
            let reply = self.in_words(&mut tx, waiting, answer).await?;
            self.queue(&mut tx, waiting, reply.as_deref()).await?;
        }
        tx.commit().await
    }

    /// Answers a text that was left without an answer, by a text of its own.
    /// Does nothing for one that has it.
    ///
    /// # Errors
    ///
    /// When the receptionist or the database does not answer; it is to be tried
    /// again then. Where that does not help, staff have been told.
    pub async fn catch_up(&self, clinic: ClinicId, inbound_text: Uuid) -> Result<()> {
        let mut tx = self.post.db.clinic(clinic).await?;
        let settled = promise(&mut tx, inbound_text).await?;
        let asked = asked(&mut tx, inbound_text).await?;
        tx.commit().await?;
        let Some((conversation, question)) = asked.filter(|_| settled.state == "promised") else { return Ok(()) };
        let line = Line { clinic, conversation, channel: Channel::Sms };
        let waiting = Waiting { id: inbound_text, line, question, is_new: false };
        let answered = self.ask_receptionist(waiting).await.map_err(|_| Error::Internal("answering a text broke off"));
        match answered.and_then(|answered| answered) {
            Ok(answer) => self.keep_promise(waiting, answer.as_ref()).await,
            Err(error) if error.may_pass() => Err(error),
            Err(error) => {
                let mut tx = self.post.db.clinic(clinic).await?;
                leftover::give_up(&mut tx, self.post.clock.now(), inbound_text).await?;
                tx.commit().await?;
                Err(error)
            }
        }
    }

    /// What is said; nothing to who has said stop meanwhile.
    async fn in_words(&self, tx: &mut ClinicTx, waiting: Waiting, answer: Option<&Message>) -> Result<Option<String>> {
        let Some(answer) = answer else { return Ok(None) };
        let text =
            sqlx::query!("select patient_number, postscript from inbound_texts where inbound_text_id = $1", waiting.id)
                .fetch_one(tx.conn())
                .await?;
        if is_stopped(tx, &text.patient_number).await? {
            return Ok(None);
        }
        let is_first = sqlx::query_scalar!(
            r#"select not exists (select from messages
                                  where conversation_id = $1 and role = 'receptionist' and message_id < $2) as "is!""#,
            waiting.line.conversation.uuid(),
            answer.id.uuid()
        )
        .fetch_one(tx.conn())
        .await?;
        let place = if is_first { Place::First } else { Place::Later };
        let voice = voice(tx, &text.patient_number).await?;
        Ok(Some(voice.answer(answer, place, text.postscript.as_deref())))
    }

    /// Writes the answer down to be sent, under the question's own key.
    async fn queue(&self, tx: &mut ClinicTx, waiting: Waiting, reply: Option<&str>) -> Result<()> {
        let now = self.post.clock.now();
        let number = sqlx::query_scalar!(
            "update inbound_texts set state = 'queued', reply = $2 where inbound_text_id = $1 returning patient_number",
            waiting.id,
            reply
        )
        .fetch_one(tx.conn())
        .await?;
        let language = voice(tx, &number).await?.language;
        for (part, body) in parts(reply.unwrap_or_default()).into_iter().enumerate() {
            let text = Text {
                key: format!("reply:{}:{part}", waiting.question),
                kind: "reply",
                to: &number,
                language,
                body: body.to_owned(),
                patient: None,
                conversation: Some(waiting.line.conversation),
                expires_at: Some(now + ANSWER_LASTS),
            };
            outbox::queue_text(tx, now, &text).await?;
        }
        Ok(())
    }
}

/// Has the answer follow as a text, if nothing is settled yet. The text is for
/// this transaction alone from then on.
async fn promise(tx: &mut ClinicTx, id: Uuid) -> Result<Settled> {
    sqlx::query!("update inbound_texts set state = 'promised' where inbound_text_id = $1 and state = 'waiting'", id)
        .execute(tx.conn())
        .await?;
    settled(tx, id).await
}

async fn settled(tx: &mut ClinicTx, id: Uuid) -> Result<Settled> {
    let settled =
        sqlx::query_as!(Settled, "select state, reply from inbound_texts where inbound_text_id = $1 for update", id)
            .fetch_one(tx.conn())
            .await?;
    Ok(settled)
}

/// The question that a text became, and where.
async fn asked(tx: &mut ClinicTx, id: Uuid) -> Result<Option<(ConversationId, MessageId)>> {
    let row = sqlx::query!(
        "select m.conversation_id, m.message_id
         from inbound_texts i join messages m using (clinic_id, message_id)
         where i.inbound_text_id = $1",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.conversation_id.into(), row.message_id.into())))
}
