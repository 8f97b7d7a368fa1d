//! What the receptionist can do.
//!
//! The same functions for every model, and one definition of each: what the
//! model is told about a tool and what is read from its call come from the
//! same struct. A model names a slot only by the token it was shown in this
//! conversation, and a visit only after the patient proved it to be theirs; who
//! is asking comes from the line, never from an argument.

mod asking;
mod booking;
mod leaving;
mod proving;
mod reading_back;
mod schema;
mod visits;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};
use domain::appointment::{Appointment, Hold, Slot};
use domain::chat::Card;
use domain::id::{ClinicId, MessageId};
use domain::language::Language;
use domain::{Rejection, RejectionCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::asking::{ClinicFactsAbout, ExplainTime, ResolveDate};
use self::booking::{CheckAvailability, ConfirmBooking, HoldSlot};
use self::leaving::{CreateInquiry, HandToHuman, JoinWaitlist, ScheduleContactFollowup};
use self::proving::{ChangeContact, ConfirmCode, SendCode};
pub use self::schema::Definition;
use self::visits::{CancelBooking, LookupBooking, RescheduleBooking};
use super::Line;
use super::model::{ClinicFacts, ToolCall};
use crate::booking::{Owner, SlotSigner};
use crate::conversations::ToolUse;
use crate::idempotency::{self, Keyed, Stored};
use crate::identity::verifying::Tried;
use crate::visit_token::VisitSigner;
use crate::{ClinicTx, Error, Result, secrets};

/// What tools work with.
pub struct Bench {
    pub now: DateTime<Utc>,
    pub line: Line,
    /// The message being answered.
    pub question: MessageId,
    pub slots: SlotSigner,
    pub facts: Arc<ClinicFacts>,
    /// How many days ahead times are looked for.
    pub far_days: u32,
    pub most_followups: i16,
    /// What is shown to the patient is in this one.
    pub language: Language,
}

impl Bench {
    fn owner(&self) -> Owner {
        Owner::Session(self.line.conversation)
    }

    /// A moment as the patient reads it: `Tue 24 Nov, 2:00 PM`.
    fn moment(&self, at: DateTime<Utc>) -> String {
        self.language.moment(at.with_timezone(&self.facts.time_zone).naive_local())
    }

    fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.facts.time_zone).date_naive()
    }
}

/// What came of a tool. Commit either: a wish that came too late has become a
/// task, and a try to prove who somebody is has been counted.
enum Outcome {
    Done(Value),
    Refused(Rejection),
}

impl Outcome {
    fn output(self) -> Value {
        match self {
            Self::Done(result) => json!({ "outcome": "done", "result": result }),
            Self::Refused(rejection) => rejected(&rejection),
        }
    }

    fn of_try<T>(tried: Tried<T>) -> Result<T, Self> {
        match tried {
            Tried::Proven(proven) => Ok(proven),
            Tried::Failed(rejection) => Err(Self::Refused(rejection)),
        }
    }
}

macro_rules! tools {
    ($($tool:ident = $name:literal, $doing:literal, $in_spanish:literal;)+) => {
        /// A call that fits the tool it names.
        #[derive(Debug, Serialize, Deserialize)]
        #[serde(tag = "name", content = "arguments")]
        enum Tool { $(#[serde(rename = $name)] $tool($tool),)+ }

        /// Every tool as a model is told of it.
        pub fn definitions() -> Vec<Definition> {
            vec![$(Definition::of::<$tool>($name)),+]
        }

        /// What is said while a tool is at work.
        pub fn status(tool: &str, language: Language) -> &'static str {
            match (tool, language) {
                $(($name, Language::English) => $doing, ($name, Language::Spanish) => $in_spanish,)+
                (_, Language::English) => "Looking that up",
                (_, Language::Spanish) => "Consultándolo",
            }
        }
    };
}

tools! {
    CheckAvailability = "check_availability", "Looking at the calendar", "Mirando el calendario";
    HoldSlot = "hold_slot", "Holding that time", "Apartando esa hora";
    ConfirmBooking = "confirm_booking", "Booking your visit", "Reservando su cita";
    LookupBooking = "lookup_booking", "Looking for your visit", "Buscando su cita";
    RescheduleBooking = "reschedule_booking", "Moving your visit", "Cambiando su cita";
    CancelBooking = "cancel_booking", "Cancelling your visit", "Cancelando su cita";
    SendCode = "send_code", "Sending a code", "Enviando una clave";
    ConfirmCode = "confirm_code", "Checking the code", "Comprobando la clave";
    ChangeContact = "change_contact", "Changing your contact details", "Cambiando sus datos de contacto";
    ClinicFactsAbout = "clinic_facts", "Looking that up", "Consultándolo";
    ExplainTime = "explain_time", "Looking at the calendar", "Mirando el calendario";
    ResolveDate = "resolve_date", "Looking at the calendar", "Mirando el calendario";
    JoinWaitlist = "join_waitlist", "Noting your wish", "Anotando lo que desea";
    ScheduleContactFollowup = "schedule_contact_followup", "Making a note", "Tomando nota";
    CreateInquiry = "create_inquiry", "Leaving a note for the team", "Dejando una nota para el equipo";
    HandToHuman = "hand_to_human", "Telling the team", "Avisando al equipo";
}

impl Tool {
    fn read(call: &ToolCall) -> Result<Self, Rejection> {
        let known = definitions().iter().any(|definition| definition.name == call.name);
        if !known {
            return Err(malformed("There is no such tool.".to_owned()));
        }
        let call = json!({ "name": call.name, "arguments": call.arguments });
        Self::deserialize(call).map_err(|error| malformed(format!("The arguments do not fit: {error}.")))
    }

    /// Whether doing it twice would be twice as much. The others find by
    /// themselves that it is done: a time is held, booked or moved once.
    fn adds_up(&self) -> bool {
        matches!(self, Self::CancelBooking(_) | Self::CreateInquiry(_) | Self::ScheduleContactFollowup(_))
    }
}

/// What a model is told of a call that makes no sense. It is no patient's
/// business.
fn malformed(message: String) -> Rejection {
    Rejection::new(RejectionCode::Malformed, message)
}

/// Whether a call names a tool and has arguments that fit it.
///
/// # Errors
///
/// Rejected with `malformed` if not, saying what is wrong.
pub fn check(call: &ToolCall) -> Result<(), Rejection> {
    Tool::read(call).map(drop)
}

/// Runs one tool and gives its output. The same call again in a conversation
/// gets the same output, and nothing is done twice.
///
/// # Errors
///
/// Rejected with `malformed` for an unknown tool or arguments that do not fit,
/// and with whatever the service behind it refuses.
pub async fn run(tx: &mut ClinicTx, bench: &Bench, call: &ToolCall) -> Result<Value> {
    let tool = Tool::read(call)?;
    if !tool.adds_up() {
        return Ok(perform(tx, bench, tool).await?.output());
    }
    let meaning = serde_json::to_string(&tool).map_err(|_| Error::Internal("a tool call did not serialise"))?;
    // Capitals and spaces mean nothing.
    let meaning: Vec<String> = meaning.split_whitespace().map(str::to_lowercase).collect();
    let meaning = secrets::sha256(&[meaning.join(" ").as_bytes()]);
    let name: String = meaning.iter().map(|byte| format!("{byte:02x}")).collect();
    let keyed = Keyed { owner: bench.owner().to_string(), key: format!("tool {name}"), fingerprint: meaning };
    if let Some(stored) = idempotency::begin(tx, bench.now, &keyed).await? {
        return Ok(stored.response);
    }
    match perform(tx, bench, tool).await? {
        refused @ Outcome::Refused(_) => {
            idempotency::forget(tx, &keyed).await?;
            Ok(refused.output())
        }
        done => {
            let response = done.output();
            idempotency::finish(tx, &keyed, &Stored { status: 200, response: response.clone() }).await?;
            Ok(response)
        }
    }
}

async fn perform(tx: &mut ClinicTx, bench: &Bench, tool: Tool) -> Result<Outcome> {
    match tool {
        Tool::CheckAvailability(asked) => booking::check_availability(tx, bench, asked).await,
        Tool::HoldSlot(asked) => booking::hold_slot(tx, bench, &asked).await,
        Tool::ConfirmBooking(asked) => booking::confirm_booking(tx, bench, asked).await,
        Tool::LookupBooking(asked) => visits::lookup_booking(tx, bench, &asked).await,
        Tool::RescheduleBooking(asked) => visits::reschedule_booking(tx, bench, &asked).await,
        Tool::CancelBooking(asked) => visits::cancel_booking(tx, bench, &asked).await,
        Tool::SendCode(asked) => proving::send_code(tx, bench, &asked).await,
        Tool::ConfirmCode(asked) => proving::confirm_code(tx, bench, &asked).await,
        Tool::ChangeContact(asked) => proving::change_contact(tx, bench, &asked).await,
        Tool::ClinicFactsAbout(asked) => Ok(asking::clinic_facts(bench, &asked)),
        Tool::ExplainTime(asked) => asking::explain_time(tx, bench, &asked).await,
        Tool::ResolveDate(asked) => asking::resolve_date(bench, &asked),
        Tool::JoinWaitlist(asked) => leaving::join_waitlist(tx, bench, asked).await,
        Tool::ScheduleContactFollowup(asked) => leaving::schedule_contact_followup(tx, bench, &asked).await,
        Tool::CreateInquiry(asked) => leaving::create_inquiry(tx, bench, &asked).await,
        Tool::HandToHuman(asked) => leaving::hand_to_human(tx, bench, &asked).await,
    }
}

/// A refusal as every model reads it: that it was refused and a sentence, not
/// why something of ours failed.
pub fn rejected(rejection: &Rejection) -> Value {
    json!({ "outcome": "rejected", "code": rejection.code, "message": rejection.message })
}

/// Whether a tool only looks, and can have changed nothing.
pub fn only_looks(name: &str) -> bool {
    ["check_availability", "clinic_facts", "explain_time", "resolve_date"].contains(&name)
}

/// Whether a tool handed the conversation to a person.
pub fn handed_over(used: &ToolUse) -> bool {
    used.call.name == "hand_to_human" && used.output["outcome"] == "done"
}

/// The card that shows what a tool did, if it did something to show.
pub fn card(used: &ToolUse, clinic: ClinicId, visits: &VisitSigner) -> Option<Card> {
    let result = used.output.get("result")?;
    match used.call.name.as_str() {
        "check_availability" => {
            let slots: Vec<Slot> = serde_json::from_value(result.get("slots")?.clone()).ok()?;
            let time_zone = result.get("time_zone")?.as_str()?.to_owned();
            (!slots.is_empty()).then_some(Card::Slots { time_zone, slots })
        }
        "hold_slot" => {
            let hold: Hold = serde_json::from_value(result.clone()).ok()?;
            Some(Card::Hold { hold })
        }
        "confirm_booking" | "reschedule_booking" => {
            let appointment: Appointment = serde_json::from_value(result.get("appointment")?.clone()).ok()?;
            let manage_url = format!("/m/{}", visits.sign(clinic, appointment.id));
            Some(Card::Confirmation { calendar_url: format!("{manage_url}/calendar.ics"), manage_url, appointment })
        }
        _ => None,
    }
}

fn minute(field: &str, text: Option<&str>) -> Result<Option<u32>, Rejection> {
    text.map(|text| {
        NaiveTime::parse_from_str(text, "%H:%M")
            .map(|time| time.hour() * 60 + time.minute())
            .map_err(|_| Rejection::invalid(field, "Please give a time as HH:MM."))
    })
    .transpose()
}

#[cfg(test)]
mod tests;
