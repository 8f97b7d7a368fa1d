//! What happens when somebody may be in danger, before any model reads it.

use chrono::{DateTime, Utc};
use domain::emergency::{self, Emergency};
use domain::id::MessageId;

use super::{Line, Receptionist};
use crate::conversations::{self, Answer, Standing};
use crate::handover::{self, Began};
use crate::tasks;
use crate::{ClinicTx, Error, Result, clinics};

/// Says whom to call and tells the staff, if a message sounds like an
/// emergency; none if it does not. It waits for no turn: the answer of one that
/// is under way is not stored any more.
pub(super) async fn raise(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    line: Line,
    question: MessageId,
    text: &str,
) -> Result<Option<MessageId>> {
    let Some(danger) = emergency::check(text) else { return Ok(None) };
    tell_staff(tx, now, line, question, &danger, text).await?;
    let country = clinics::profile(tx).await?.country;
    let words = emergency::answer(&danger, Some(&country));
    let answer = Answer { id: MessageId::new(), question, text: &words, cards: &[] };
    let said = match conversations::answer(tx, now, line.conversation, &answer).await? {
        Standing::Answered(answer) => answer.id,
        // A person has the conversation, and may not be looking.
        _ => {
            let noted = conversations::note(tx, now, line.conversation, &words).await?;
            handover::by_text(tx, now, line.conversation, noted, &words).await?;
            noted
        }
    };
    tracing::warn!(kind = ?danger.kind, "a message sounds like an emergency");
    Ok(Some(said))
}

/// What was said to a message that sounded like an emergency when it was read
/// first.
pub(super) async fn raised(
    tx: &mut ClinicTx,
    line: Line,
    question: MessageId,
    text: &str,
) -> Result<Option<MessageId>> {
    let Some(danger) = emergency::check(text) else { return Ok(None) };
    let country = clinics::profile(tx).await?.country;
    let words = emergency::answer(&danger, Some(&country));
    conversations::said_after(tx, line.conversation, question, &words).await
}

impl Receptionist {
    /// Looks for danger in a text that is left to the staff, who may not be
    /// looking. One that the receptionist answers is looked at then.
    pub async fn watch_over(&self, line: Line, question: MessageId) -> Result<()> {
        let mut tx = self.db.clinic(line.clinic).await?;
        if !handover::is_open(&mut tx, line.conversation, Some(question)).await? {
            return Ok(());
        }
        let Some(message) = conversations::message(&mut tx, line.conversation, question).await? else { return Ok(()) };
        let alarm = raise(&mut tx, self.clock.now(), line, question, &message.text).await?;
        tx.commit().await?;
        if let Some(said) = alarm {
            self.announce(line.conversation, said);
        }
        Ok(())
    }
}

async fn tell_staff(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    line: Line,
    question: MessageId,
    danger: &Emergency,
    text: &str,
) -> Result<()> {
    let words: String = text.chars().filter(|letter| !letter.is_control()).take(300).collect();
    let summary = format!("May be an emergency ({}): {words}", danger.kind.as_str());
    match handover::begin(tx, now, line.conversation, Began::Receptionist { asked_in: question }, &summary).await {
        Ok(true) => Ok(()),
        // Somebody has it already, or cannot write there: a task of its own.
        Ok(false) | Err(Error::Rejected(_)) => tasks::inquire(tx, now, line.conversation, "", &summary).await,
        Err(error) => Err(error),
    }
}
