//! What happens when a caller may be in danger.
//!
//! The voice provider's model talks with the caller, so what is heard of them
//! here is what it passes on, and the words it reports while they speak.

use chrono::{DateTime, Utc};
use domain::emergency::{self, Emergency};
use domain::id::ClinicId;

use super::acts::Act;
use super::arguments::digest;
use super::{Answer, Arguments, Desk, Line, calls};
use crate::{ClinicTx, Db, Result, tasks};

/// What a caller has just said, as it was understood.
#[derive(Clone, Debug)]
pub struct Heard {
    pub call: String,
    pub caller: Option<String>,
    pub text: String,
}

/// Danger in anything that was filled in, and the words.
pub(super) fn in_arguments(arguments: &Arguments) -> Option<(Emergency, String)> {
    arguments.values().find_map(|text| Some((emergency::check(text)?, text.to_owned())))
}

/// Says whom to call instead of doing what was asked for, and tells the staff,
/// once in a call.
pub(super) async fn raise(tx: &mut ClinicTx, desk: &Desk, line: &Line, danger: &Emergency, words: &str) -> Result<Act> {
    let text = emergency::answer(danger, Some(&desk.country));
    let answer = Answer::refused(text.split_whitespace().collect::<Vec<_>>().join(" "));
    let meaning = digest(["emergency", danger.kind.as_str()]);
    if calls::meant(tx, line, &meaning).await?.is_none() {
        tell_staff(tx, desk, line, danger, words).await?;
    }
    tracing::warn!(kind = ?danger.kind, "a caller may be in danger");
    Ok(Act::done(answer).meaning(meaning))
}

async fn tell_staff(tx: &mut ClinicTx, desk: &Desk, line: &Line, danger: &Emergency, words: &str) -> Result<()> {
    let words: String = words.chars().take(300).collect();
    let detail = format!("May be an emergency, on the phone now ({}): {words}", danger.kind.as_str());
    tasks::inquire(tx, desk.now, line.conversation, "", &detail).await
}

/// Listens to what a caller says while they speak. What sounds like danger is
/// told to the staff, once in a call; true if it was now.
///
/// # Errors
///
/// When the database does not answer.
pub async fn hear(db: &Db, now: DateTime<Utc>, clinic: ClinicId, heard: &Heard) -> Result<bool> {
    let Some(danger) = emergency::check(&heard.text) else { return Ok(false) };
    db.transaction(clinic, |tx| {
        let heard = heard.clone();
        Box::pin(async move {
            let desk = Desk::open(tx, now).await?;
            let conversation = calls::conversation(tx, now, &heard.call, heard.caller.as_deref()).await?;
            let line = Line { call: calls::kept_under(&heard.call), conversation, caller: heard.caller };
            let meaning = digest(["emergency", danger.kind.as_str()]);
            if calls::meant(tx, &line, &meaning).await?.is_some() {
                return Ok(false);
            }
            tell_staff(tx, &desk, &line, &danger, &heard.text).await?;
            let answer = Answer::refused(emergency::answer(&danger, Some(&desk.country)));
            let act = Act::done(answer).meaning(meaning);
            calls::keep_unasked(tx, now, &line, &act).await?;
            Ok(true)
        })
    })
    .await
}
