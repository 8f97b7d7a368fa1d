//! STOP, START and HELP.

use chrono::TimeDelta;
use domain::sms::keywords::{self, Keyword};
use domain::template::{Kind, Values};
use uuid::Uuid;

use super::super::ledger::{self, Stop, Via, Way};
use super::super::outbox::{self, Text};
use super::super::{templates, writing};
use super::{Reading, Taken, is_stopped};
use crate::booking::attending;
use crate::tasks::{self, TaskKind};
use crate::{ClinicTx, Result};

/// How long after a stop it may be confirmed (47 CFR 64.1200(a)(12)).
const CONFIRMED_WITHIN: TimeDelta = TimeDelta::minutes(5);

/// Does what a text says about texts. A number that has stopped is told nothing
/// until it starts again, whatever it writes.
pub async fn about_texts(tx: &mut ClinicTx, reading: &Reading<'_>) -> Result<Option<Taken>> {
    let by_provider = reading.text.opt_out_type.as_deref().map(str::to_ascii_uppercase);
    match by_provider.as_deref() {
        Some("STOP") => return stop(tx, reading, Via::Provider).await.map(Some),
        Some("START") => return start(tx, reading, Via::Provider).await.map(Some),
        Some("HELP") => return Ok(Some(Taken::quietly("help"))),
        _ => {}
    }
    if reading.revokes() {
        let via = if reading.keyword == Some(Keyword::Stop) { Via::Keyword } else { Via::Words };
        return stop(tx, reading, via).await.map(Some);
    }
    let is_stopped = is_stopped(tx, &reading.text.from).await?;
    match (is_stopped, reading.keyword) {
        (_, Some(Keyword::Start)) | (true, Some(Keyword::Yes)) => start(tx, reading, Via::Keyword).await.map(Some),
        (true, _) => Ok(Some(Taken::quietly("opted_out"))),
        (false, _) => Ok(None),
    }
}

/// Says who this is and how to reach people, unless Twilio has.
pub fn help(reading: &Reading<'_>) -> Taken {
    if keywords::answered_by_twilio(&reading.text.body, reading.line) {
        return Taken::quietly("help");
    }
    Taken::saying("help", reading.voice.help())
}

async fn stop(tx: &mut ClinicTx, reading: &Reading<'_>, via: Via) -> Result<Taken> {
    let number = &reading.text.from;
    let stop = Stop { way: Way::Sms, address: number, via, words: Some(&reading.text.body), member: None };
    let is_new = ledger::stop(tx, reading.now, &stop).await?;
    silence(tx, reading).await?;
    let is_answered = via == Via::Provider || keywords::answered_by_twilio(&reading.text.body, reading.line);
    if let Some(opt_out) = is_new.filter(|_| !is_answered) {
        confirm_stop(tx, reading, opt_out).await?;
    }
    if keywords::is_bare_cancel(&reading.text.body) {
        ask_what_was_meant(tx, reading).await?;
    }
    Ok(Taken::quietly("stop"))
}

/// Ends what waits to be sent to the number.
async fn silence(tx: &mut ClinicTx, reading: &Reading<'_>) -> Result<()> {
    sqlx::query!(
        "update outbox set status = 'suppressed', reason = 'opted_out', settled_at = $2
         where channel = 'sms' and address = $1 and status = 'queued' and kind <> $3",
        reading.text.from,
        reading.now,
        Kind::OptOutConfirmation.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The last text there is.
async fn confirm_stop(tx: &mut ClinicTx, reading: &Reading<'_>, opt_out: Uuid) -> Result<()> {
    let (kind, language) = (Kind::OptOutConfirmation, reading.voice.language);
    let values =
        Values { clinic: Some(&reading.voice.clinic), phone: reading.voice.phone.as_deref(), ..Values::default() };
    let template = templates::in_use(tx, kind, Way::Sms, language).await?;
    let written = writing::write(&template, Way::Sms, language, &values)
        .or_else(|_| writing::write(&templates::ours(kind, Way::Sms, language), Way::Sms, language, &values));
    let Ok(written) = written else { return Ok(()) };
    let text = Text {
        key: format!("opt-out:{opt_out}"),
        kind: kind.as_str(),
        to: &reading.text.from,
        language,
        body: written.body,
        patient: None,
        conversation: Some(reading.conversation),
        expires_at: Some(reading.now + CONFIRMED_WITHIN),
    };
    outbox::queue_text(tx, reading.now, &text).await.map(drop)
}

/// Who sends nothing but CANCEL may have meant the visit.
async fn ask_what_was_meant(tx: &mut ClinicTx, reading: &Reading<'_>) -> Result<()> {
    for visit in attending::ahead(tx, reading.now, &reading.text.from).await? {
        let detail = "The patient texted CANCEL, which also ends all texts to them. \
                      Please ask whether they meant the visit.";
        tasks::open(tx, reading.now, TaskKind::WantsChange, visit.id, detail).await?;
    }
    Ok(())
}

async fn start(tx: &mut ClinicTx, reading: &Reading<'_>, via: Via) -> Result<Taken> {
    ledger::start(tx, reading.now, Way::Sms, &reading.text.from, via).await?;
    if via == Via::Provider || keywords::answered_by_twilio(&reading.text.body, reading.line) {
        return Ok(Taken::quietly("start"));
    }
    Ok(Taken::saying("start", reading.voice.started()))
}
