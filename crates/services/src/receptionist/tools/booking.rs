//! Finding, keeping and booking a time.

use chrono::{Days, NaiveDate};
use domain::appointment::Slot;
use domain::id::{HoldId, PractitionerId};
use domain::{Rejection, say};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Bench, Outcome, minute, reading_back};
use crate::booking::{self, Booking, Wanted};
use crate::events::Actor;
use crate::identity::{self, PatientInput};
use crate::{ClinicTx, Error, Result};

/// The most slots shown at once.
const MOST_SLOTS: usize = 12;

/// Finds free times. Only times from its answer may be offered. A day that is
/// far ahead is refused first, with the words to read back to the patient.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckAvailability {
    /// The slug of the appointment type.
    appointment_type: String,
    /// The practitioner's id; null for anyone.
    #[serde(default)]
    #[schemars(with = "Option<Uuid>")]
    practitioner: Option<PractitionerId>,
    /// The first day, in the clinic's zone.
    from: NaiveDate,
    /// The last day.
    to: NaiveDate,
    /// Starts no earlier than this, as HH:MM.
    #[serde(default)]
    earliest: Option<String>,
    /// Starts no later than this, as HH:MM.
    #[serde(default)]
    latest: Option<String>,
    /// Of many times, those closest to this, as HH:MM.
    #[serde(default)]
    near: Option<String>,
    /// The first so many days that have such times.
    #[serde(default)]
    days: Option<usize>,
    /// How many times, at most 12.
    #[serde(default)]
    limit: Option<usize>,
    /// True once the patient was read back a day that is far ahead, and said
    /// yes to it.
    #[serde(default)]
    far_confirmed: Option<bool>,
}

pub async fn check_availability(tx: &mut ClinicTx, bench: &Bench, asked: CheckAvailability) -> Result<Outcome> {
    let to = as_far_as_agreed(tx, bench, &asked).await?;
    let wanted = Wanted {
        practitioner: asked.practitioner,
        usual: booking::availability::usual_in(tx, bench.line.conversation).await?,
        earliest: minute("earliest", asked.earliest.as_deref())?,
        latest: minute("latest", asked.latest.as_deref())?,
        near: minute("near", asked.near.as_deref())?,
        days: asked.days,
        limit: asked.limit.unwrap_or(6).clamp(1, MOST_SLOTS),
        ..Wanted::of(asked.appointment_type, bench.line.channel, asked.from, to)
    };
    let found = booking::available(tx, bench.now, &wanted).await?;
    let slots: Vec<Value> = found
        .slots
        .iter()
        .map(|slot| {
            let minutes = (slot.ends_at - slot.claim.starts_at).num_minutes();
            let shown = slot.shown(&bench.slots, bench.line.clinic, bench.owner(), found.time_zone, bench.now);
            let mut shown = serde_json::to_value(in_words(bench, shown)).unwrap_or_default();
            shown["minutes"] = json!(minutes);
            shown
        })
        .collect();
    Ok(Outcome::Done(json!({ "time_zone": found.time_zone.name(), "slots": slots })))
}

/// A slot in the words of whoever reads it, and presses it to say them.
fn in_words(bench: &Bench, slot: Slot) -> Slot {
    let at = slot.starts_at.with_timezone(&bench.facts.time_zone).naive_local();
    Slot {
        time: bench.language.time(at.time()),
        day: bench.language.day(at.date()),
        label: bench.language.moment_with(at, &slot.practitioner.name),
        ..slot
    }
}

/// The last day that is looked at: the last one asked for, or sooner. A first
/// day that is far ahead takes a yes, which the patient can only have given
/// after it was read back to them.
async fn as_far_as_agreed(tx: &mut ClinicTx, bench: &Bench, asked: &CheckAvailability) -> Result<NaiveDate> {
    let furthest = bench.today().checked_add_days(Days::new(bench.far_days.into())).unwrap_or(NaiveDate::MAX);
    if asked.from <= furthest {
        return Ok(asked.to.min(furthest));
    }
    if asked.far_confirmed == Some(true) && reading_back::was_answered(tx, bench, asked.from).await? {
        return Ok(asked.to);
    }
    let (day, days) = (say::long_day(asked.from), bench.far_days);
    let message = format!("{day} is more than {days} days ahead. Is that the day you mean?");
    Err(Rejection::invalid("from", message).into())
}

/// Keeps a time for some minutes while the patient gives their name and contact.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldSlot {
    /// The `slot` of a time that check_availability showed, unchanged.
    slot: String,
}

pub async fn hold_slot(tx: &mut ClinicTx, bench: &Bench, asked: &HoldSlot) -> Result<Outcome> {
    let claim = bench.slots.verify(bench.line.clinic, bench.owner(), &asked.slot, bench.now)?;
    let mut hold = booking::hold(tx, bench.now, bench.owner(), bench.line.channel, &claim).await?;
    let at = hold.starts_at.with_timezone(&bench.facts.time_zone).naive_local();
    hold.label = bench.language.moment_with(at, &hold.practitioner.name);
    let minutes = (hold.ends_at - hold.starts_at).num_minutes();
    let mut result = serde_json::to_value(hold).map_err(|_| Error::Internal("a hold did not serialise"))?;
    result["minutes"] = json!(minutes);
    Ok(Outcome::Done(result))
}

/// Books the held time. A name and a phone number or an email address are needed.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmBooking {
    /// The `hold_id` that hold_slot gave.
    #[schemars(with = "Uuid")]
    hold_id: HoldId,
    name: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    /// Only if the patient gives it; never ask for it.
    #[serde(default)]
    birth_date: Option<NaiveDate>,
    /// What the patient wants the clinic to know.
    #[serde(default)]
    note: Option<String>,
}

pub async fn confirm_booking(tx: &mut ClinicTx, bench: &Bench, asked: ConfirmBooking) -> Result<Outcome> {
    let input = PatientInput { name: asked.name, phone: asked.phone, email: asked.email };
    let patient = identity::read_input(tx, &input).await?.born(asked.birth_date, bench.today())?;
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
    let mut appointment = confirmed.appointment;
    appointment.label = bench.moment(appointment.starts_at);
    Ok(Outcome::Done(json!({
        "appointment_id": appointment.id,
        "confirmation_code": appointment.confirmation_code,
        "local": appointment.local,
        "label": appointment.label,
        "minutes": appointment.minutes(),
        "practitioner": appointment.practitioner,
        "appointment_type": appointment.appointment_type,
        "time_zone": appointment.time_zone,
        "appointment": appointment,
    })))
}
