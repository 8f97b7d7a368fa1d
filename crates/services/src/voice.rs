//! Booking by telephone.
//!
//! A voice provider talks with the caller and asks for one thing at a time to
//! be done. Each is done in one transaction together with the record of what
//! was answered, so that asking again, in the same words or in others, is
//! answered from the record. A call's requests wait for one another.

mod acts;
mod alarm;
mod arguments;
mod calls;
mod finding;
mod free;
mod report;
mod stopping;
mod wording;

use chrono::{DateTime, Utc};
use domain::code::ConfirmationCode;
use domain::id::{AppointmentId, ClinicId, ConversationId};
use domain::{Rejection, RejectionCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use alarm::{Heard, hear};
pub use arguments::Arguments;
pub use calls::{Progress, SILENCE, end_silent, progress};
pub use report::{Report, Said, report};

use crate::booking::Owner;
use crate::{ClinicTx, Db, Error, Result, audit, clinics};
use wording::Words;

/// What a caller may have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Book,
    Check,
    Hold,
    Lookup,
    Reschedule,
    Cancel,
    Inquire,
}

impl Tool {
    pub const ALL: [Self; 7] =
        [Self::Book, Self::Check, Self::Hold, Self::Lookup, Self::Reschedule, Self::Cancel, Self::Inquire];

    /// As a voice provider calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Book => "bookClinicAppointment",
            Self::Check => "checkAvailability",
            Self::Hold => "holdSlot",
            Self::Lookup => "lookupAppointment",
            Self::Reschedule => "rescheduleAppointment",
            Self::Cancel => "cancelAppointment",
            Self::Inquire => "createInquiry",
        }
    }

    pub fn called(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// What is asked for during a call.
#[derive(Clone, Debug)]
pub struct Request {
    /// The provider's id of the call; some have none.
    pub call: Option<String>,
    /// The number it seems to come from: a hint, never proof.
    pub caller: Option<String>,
    /// The provider's id of this request.
    pub id: Option<String>,
    pub tool: Tool,
    pub arguments: Arguments,
}

/// What is said to the caller, and what it stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub success: bool,
    /// One line, short enough to be said.
    pub message: String,
    pub appointment_id: Option<AppointmentId>,
    pub confirmation_code: Option<ConfirmationCode>,
    /// What became of the confirming text message; only with a booking.
    pub sms_status: Option<String>,
}

impl Answer {
    fn done(message: String) -> Self {
        Self { success: true, message, ..Self::default() }
    }

    fn refused(message: String) -> Self {
        Self { message, ..Self::default() }
    }
}

/// What every tool works with.
struct Desk {
    now: DateTime<Utc>,
    country: String,
    words: Words,
}

impl Desk {
    async fn open(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<Self> {
        let profile = clinics::profile(tx).await?;
        Ok(Self { now, words: Words::of(&profile, now), country: profile.country })
    }
}

/// A call that is going on. It holds and books as a chat does.
struct Line {
    call: String,
    conversation: ConversationId,
    /// The number it seems to come from.
    caller: Option<String>,
}

impl Line {
    fn owner(&self) -> Owner {
        Owner::Session(self.conversation)
    }
}

/// Does what is asked for and says so, or says why not. What was done before
/// for the same request is not done again.
///
/// # Errors
///
/// When the database does not answer. A refusal is an answer.
pub async fn answer(db: &Db, now: DateTime<Utc>, clinic: ClinicId, request: &Request) -> Result<Answer> {
    check_organization(db, now, clinic, request).await?;
    let call = calls::identifier(request);
    let done = db
        .transaction(clinic, |tx| {
            let (request, call) = (request.clone(), call.clone());
            Box::pin(async move { once(tx, now, call, &request).await })
        })
        .await;
    match done {
        // What was tried left nothing behind, so there is a look at what else
        // is free.
        Err(Error::Rejected(rejection)) => refuse(db, now, clinic, &call, request, &rejection).await,
        done => done,
    }
}

async fn once(tx: &mut ClinicTx, now: DateTime<Utc>, call: String, request: &Request) -> Result<Answer> {
    let desk = Desk::open(tx, now).await?;
    let conversation = calls::open(tx, now, &call, request.caller.as_deref(), &desk.country).await?;
    if let Some(known) = calls::answer_to(tx, &call, request).await? {
        return Ok(known);
    }
    let line = Line { call, conversation, caller: request.caller.clone() };
    let act = match alarm::in_arguments(&request.arguments) {
        Some((danger, words)) => alarm::raise(tx, &desk, &line, &danger, &words).await?,
        None => acts::run(tx, &desk, &line, request).await?,
    };
    if act.is_to_be_kept {
        calls::keep(tx, now, &line, request, &act).await?;
    }
    Ok(act.answer)
}

async fn refuse(
    db: &Db,
    now: DateTime<Utc>,
    clinic: ClinicId,
    call: &str,
    request: &Request,
    rejection: &Rejection,
) -> Result<Answer> {
    let mut tx = db.clinic(clinic).await?;
    let desk = Desk::open(&mut tx, now).await?;
    if rejection.code == RejectionCode::SlotTaken {
        // Nothing of this is kept.
        let conversation = calls::open(&mut tx, now, call, request.caller.as_deref(), &desk.country).await?;
        let line = Line { call: call.to_owned(), conversation, caller: request.caller.clone() };
        match free::instead(&mut tx, &desk, &line, request).await {
            Ok(message) => return Ok(Answer::refused(message)),
            Err(Error::Rejected(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Answer::refused(desk.words.refusal(rejection)))
}

/// The clinic is whose secret it is. An assistant that names another is set up
/// wrongly, which somebody may want to know.
async fn check_organization(db: &Db, now: DateTime<Utc>, clinic: ClinicId, request: &Request) -> Result<()> {
    let Some(named) = request.arguments.get(&["organizationId"]) else { return Ok(()) };
    let mut tx = db.clinic(clinic).await?;
    let slug = clinics::profile(&mut tx).await?.slug;
    if named.eq_ignore_ascii_case(&clinic.to_string()) || named.eq_ignore_ascii_case(&slug) {
        return Ok(());
    }
    let named: String = named.chars().take(100).collect();
    let detail = json!({ "organization_id": named, "call_id": request.call, "tool": request.tool.name() });
    audit::record(&mut tx, now, "voice_organization_mismatch", &detail).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests;
