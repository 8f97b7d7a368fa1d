//! What happens when somebody may be in danger, before any model reads it.

use domain::emergency::{self, Emergency};
use domain::id::MessageId;

use super::{Line, Receptionist};
use crate::conversations::{self, Answer, Standing};
use crate::feed::Signal;
use crate::handover::{self, Began};
use crate::tasks;
use crate::{ClinicTx, Error, Result, clinics};

impl Receptionist {
    /// Looks for danger in a message that is left to the staff, who may not be
    /// looking. One that the receptionist answers is looked at then.
    pub async fn watch_over(&self, line: Line, question: MessageId) -> Result<()> {
        let mut tx = self.db.clinic(line.clinic).await?;
        let with_staff = handover::is_open(&mut tx, line.conversation, Some(question)).await?;
        drop(tx);
        if with_staff {
            self.raise_alarm(line, question).await?;
        }
        Ok(())
    }

    /// Says whom to call and tells the staff, if a message sounds like an
    /// emergency; false if it does not.
    pub(super) async fn raise_alarm(&self, line: Line, question: MessageId) -> Result<bool> {
        let mut tx = self.db.clinic(line.clinic).await?;
        let Some(message) = conversations::message(&mut tx, line.conversation, question).await? else {
            return Ok(false);
        };
        let Some(danger) = emergency::check(&message.text) else { return Ok(false) };
        let now = self.clock.now();
        tell_staff(&mut tx, now, line, question, &danger, &message.text).await?;
        let country = clinics::settings::read(&mut tx).await?.country;
        let text = emergency::answer(&danger, Some(&country));
        let answer = Answer { id: MessageId::new(), question, text: &text, cards: &[] };
        let said = match conversations::answer(&mut tx, now, line.conversation, &answer).await? {
            Standing::Answered(answer) => answer.id,
            // A person has the conversation, and may not be looking.
            _ => {
                let noted = conversations::note(&mut tx, now, line.conversation, &text).await?;
                handover::by_text(&mut tx, now, line.conversation, noted, &text).await?;
                noted
            }
        };
        tx.commit().await?;
        tracing::warn!(kind = ?danger.kind, "a message sounds like an emergency");
        self.feed.committed();
        self.signal(line, Signal::Message { message_id: said }).await;
        Ok(true)
    }
}

async fn tell_staff(
    tx: &mut ClinicTx,
    now: chrono::DateTime<chrono::Utc>,
    line: Line,
    question: MessageId,
    danger: &Emergency,
    text: &str,
) -> Result<()> {
    let words: String = text.chars().take(300).collect();
    let summary = format!("May be an emergency ({}): {words}", danger.kind.as_str());
    match handover::begin(tx, now, line.conversation, Began::Receptionist { asked_in: question }, &summary).await {
        Ok(true) => Ok(()),
        // Somebody has it already, or cannot write there: a task of its own.
        Ok(false) | Err(Error::Rejected(_)) => tasks::inquire(tx, now, line.conversation, "", &summary).await,
        Err(error) => Err(error),
    }
}
