//! What the receptionist can do.
//!
//! The same functions for every model. A model names a slot only by the token
//! it was shown in this conversation; who is asking comes from the line, never
//! from an argument.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};
use domain::Rejection;
use domain::appointment::{Appointment, Hold, Slot};
use domain::chat::Card;
use domain::id::{ClinicId, HoldId, PractitionerId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Line;
use super::model::{ClinicFacts, ToolCall};
use crate::booking::{self, Booking, Owner, SlotSigner, Wanted};
use crate::conversations::ToolUse;
use crate::events::Actor;
use crate::identity::{self, PatientInput};
use crate::visit_token::VisitSigner;
use crate::{ClinicTx, Error, Result};

/// The most slots shown at once.
const MOST_SLOTS: usize = 12;

/// What tools work with.
pub struct Bench {
    pub now: DateTime<Utc>,
    pub line: Line,
    pub slots: SlotSigner,
    pub facts: Arc<ClinicFacts>,
}

impl Bench {
    fn owner(&self) -> Owner {
        Owner::Session(self.line.conversation)
    }
}

/// Runs one tool.
///
/// # Errors
///
/// Rejected with `invalid` for an unknown tool or arguments that do not fit,
/// and with whatever the service behind it refuses.
pub async fn run(tx: &mut ClinicTx, bench: &Bench, call: &ToolCall) -> Result<Value> {
    match call.name.as_str() {
        "check_availability" => check_availability(tx, bench, arguments(call)?).await,
        "hold_slot" => hold_slot(tx, bench, arguments(call)?).await,
        "confirm_booking" => confirm_booking(tx, bench, arguments(call)?).await,
        "clinic_facts" => clinic_facts(bench, &arguments(call)?),
        _ => Err(Rejection::invalid("tool", "There is no such tool.").into()),
    }
}

/// What is said while a tool is at work.
pub fn status(tool: &str) -> &'static str {
    match tool {
        "check_availability" => "Looking at the calendar",
        "hold_slot" => "Holding that time",
        "confirm_booking" => "Booking your visit",
        _ => "Looking that up",
    }
}

/// A tool's output as every model reads it.
pub fn done(result: Value) -> Value {
    json!({ "outcome": "done", "result": result })
}

/// A refusal as every model reads it: that it was refused and a sentence, not
/// why something of ours failed.
pub fn rejected(rejection: &Rejection) -> Value {
    json!({ "outcome": "rejected", "code": rejection.code, "message": rejection.message })
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
        "confirm_booking" => {
            let appointment: Appointment = serde_json::from_value(result.get("appointment")?.clone()).ok()?;
            let manage_url = format!("/m/{}", visits.sign(clinic, appointment.id));
            Some(Card::Confirmation { calendar_url: format!("{manage_url}/calendar.ics"), manage_url, appointment })
        }
        _ => None,
    }
}

fn arguments<T: for<'de> Deserialize<'de>>(call: &ToolCall) -> Result<T, Rejection> {
    T::deserialize(&call.arguments)
        .map_err(|error| Rejection::invalid("arguments", format!("The arguments do not fit: {error}.")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckAvailability {
    appointment_type: String,
    #[serde(default)]
    practitioner: Option<PractitionerId>,
    from: NaiveDate,
    to: NaiveDate,
    #[serde(default)]
    earliest: Option<String>,
    #[serde(default)]
    latest: Option<String>,
    #[serde(default)]
    near: Option<String>,
    /// The first so many days that have such times.
    #[serde(default)]
    days: Option<usize>,
    #[serde(default)]
    limit: Option<usize>,
}

async fn check_availability(tx: &mut ClinicTx, bench: &Bench, asked: CheckAvailability) -> Result<Value> {
    let wanted = Wanted {
        practitioner: asked.practitioner,
        usual: booking::availability::usual_in(tx, bench.line.conversation).await?,
        earliest: minute("earliest", asked.earliest)?,
        latest: minute("latest", asked.latest)?,
        near: minute("near", asked.near)?,
        days: asked.days,
        limit: asked.limit.unwrap_or(6).clamp(1, MOST_SLOTS),
        ..Wanted::of(asked.appointment_type, bench.line.channel, asked.from, asked.to)
    };
    let found = booking::available(tx, bench.now, &wanted).await?;
    let slots: Vec<Value> = found
        .slots
        .iter()
        .map(|slot| {
            let minutes = (slot.ends_at - slot.claim.starts_at).num_minutes();
            let shown = slot.shown(&bench.slots, bench.line.clinic, bench.owner(), found.time_zone, bench.now);
            let mut shown = serde_json::to_value(shown).unwrap_or_default();
            shown["minutes"] = json!(minutes);
            shown
        })
        .collect();
    Ok(json!({ "time_zone": found.time_zone.name(), "slots": slots }))
}

fn minute(field: &str, text: Option<String>) -> Result<Option<u32>, Rejection> {
    text.map(|text| {
        NaiveTime::parse_from_str(&text, "%H:%M")
            .map(|time| time.hour() * 60 + time.minute())
            .map_err(|_| Rejection::invalid(field, "Please give a time as HH:MM."))
    })
    .transpose()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HoldSlot {
    slot: String,
}

async fn hold_slot(tx: &mut ClinicTx, bench: &Bench, asked: HoldSlot) -> Result<Value> {
    let claim = bench.slots.verify(bench.line.clinic, bench.owner(), &asked.slot, bench.now)?;
    let hold = booking::hold(tx, bench.now, bench.owner(), bench.line.channel, &claim).await?;
    let minutes = (hold.ends_at - hold.starts_at).num_minutes();
    let mut result = serde_json::to_value(hold).map_err(|_| Error::Internal("a hold did not serialise"))?;
    result["minutes"] = json!(minutes);
    Ok(result)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfirmBooking {
    hold_id: HoldId,
    name: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

async fn confirm_booking(tx: &mut ClinicTx, bench: &Bench, asked: ConfirmBooking) -> Result<Value> {
    let input = PatientInput { name: asked.name, phone: asked.phone, email: asked.email };
    let patient = identity::read_input(tx, &input).await?;
    let booking = Booking {
        hold_id: asked.hold_id,
        owner: bench.owner(),
        patient,
        note: booking::note(asked.note.as_deref())?,
        channel: bench.line.channel,
        actor: Actor::Receptionist,
        conversation_id: Some(bench.line.conversation),
    };
    let confirmed = booking::confirm(tx, bench.now, &booking).await?;
    let appointment = confirmed.appointment;
    Ok(json!({
        "appointment_id": appointment.id,
        "confirmation_code": appointment.confirmation_code,
        "local": appointment.local,
        "label": appointment.label,
        "minutes": appointment.minutes(),
        "practitioner": appointment.practitioner,
        "appointment_type": appointment.appointment_type,
        "time_zone": appointment.time_zone,
        "appointment": appointment,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Topic {
    Hours,
    Address,
    Types,
    Practitioners,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClinicFactsAbout {
    topic: Topic,
}

fn clinic_facts(bench: &Bench, asked: &ClinicFactsAbout) -> Result<Value> {
    let facts = &bench.facts;
    Ok(match asked.topic {
        Topic::Hours => json!({ "time_zone": facts.time_zone, "hours": facts.hours }),
        Topic::Address => json!({ "address": facts.address, "phone": facts.phone, "email": facts.email }),
        Topic::Types => json!({ "appointment_types": facts.appointment_types }),
        Topic::Practitioners => json!({ "practitioners": facts.practitioners }),
    })
}
