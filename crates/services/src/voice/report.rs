//! What was said in a call, once it is over.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::chat::Role;
use domain::id::{ClinicId, MessageId};

use super::{Desk, calls, stopping};
use crate::{Db, Result, conversations};

/// The longest message kept, in characters.
const LONGEST: usize = conversations::LONGEST_MESSAGE;

/// The most messages kept of one call.
const MOST: usize = 2_000;

/// The end of a call.
#[derive(Clone, Debug)]
pub struct Report {
    pub call: String,
    pub caller: Option<String>,
    pub ended_reason: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    pub said: Vec<Said>,
}

/// Something one of the two said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub role: Role,
    pub text: String,
    pub at: Option<DateTime<Utc>>,
}

/// Stores a call's transcript as a conversation. A call has one report; it may
/// come late, before the call was heard of, and again; false if it had come.
///
/// # Errors
///
/// When the database does not answer.
pub async fn report(db: &Db, now: DateTime<Utc>, clinic: ClinicId, report: &Report) -> Result<bool> {
    db.transaction(clinic, |tx| {
        let report = report.clone();
        Box::pin(async move {
            let conversation = calls::conversation(tx, now, &report.call, report.caller.as_deref()).await?;
            if !calls::end(tx, now, &report.call, report.ended_at, report.ended_reason.as_deref()).await? {
                return Ok(false);
            }
            let desk = Desk::open(tx, now).await?;
            // Without a number there is none to leave alone.
            let heard = report.said.iter().take(MOST).filter(|said| said.role == Role::Patient);
            let heard: BTreeSet<&str> =
                heard.map(|said| said.text.as_str()).filter(|_| report.caller.is_some()).collect();
            for words in heard {
                stopping::note(tx, &desk, words, [report.caller.as_deref(), None]).await?;
            }
            let mut asked: Option<MessageId> = None;
            for said in in_turns(&report.said) {
                // Each answer names what it answers, as it would in writing.
                let answers = asked.take().filter(|_| said.role == Role::Receptionist);
                let at = said.at.unwrap_or(now);
                let id = conversations::transcribe(tx, conversation, said.role, &said.text, answers, at).await?;
                asked = (said.role == Role::Patient).then_some(id);
            }
            Ok(true)
        })
    })
    .await
}

/// What each said without a break, in turns.
fn in_turns(said: &[Said]) -> Vec<Said> {
    let mut turns: Vec<Said> = Vec::new();
    for one in said.iter().take(MOST) {
        let text: String = one.text.chars().filter(|letter| !letter.is_control() || letter.is_whitespace()).collect();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match turns.last_mut().filter(|last| last.role == one.role) {
            _ if text.is_empty() => {}
            Some(last) => last.text = format!("{} {text}", last.text),
            None => turns.push(Said { text, ..one.clone() }),
        }
    }
    for turn in &mut turns {
        turn.text = turn.text.chars().take(LONGEST).collect();
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_says_without_a_break_is_one_message() {
        let said = |role, text: &str| Said { role, text: text.into(), at: None };
        let turns = in_turns(&[
            said(Role::Receptionist, "Hello."),
            said(Role::Patient, "Hi,\nI'd like"),
            said(Role::Patient, "\u{7}  "),
            said(Role::Patient, "a haircut."),
            said(Role::Receptionist, "When?"),
        ]);
        let texts: Vec<_> = turns.iter().map(|turn| turn.text.as_str()).collect();
        assert_eq!(texts, ["Hello.", "Hi, I'd like a haircut.", "When?"]);
    }
}
