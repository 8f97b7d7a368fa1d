//! Visits that are booked, for whoever proves that they are theirs.

use chrono::NaiveDate;
use domain::appointment::Appointment;
use domain::id::AppointmentId;
use domain::{Rejection, RejectionCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Bench, Outcome};
use crate::booking::{self, Changer, appointments};
use crate::events::Actor;
use crate::identity::verifying;
use crate::{ClinicTx, Result};

/// Finds a patient's visits. It takes a confirmation code, or a full name and a
/// birth date, that the patient gave; without any, it finds what this
/// conversation may see already.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookupBooking {
    #[serde(default)]
    confirmation_code: Option<String>,
    /// First and last name.
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    birth_date: Option<NaiveDate>,
}

pub async fn lookup_booking(tx: &mut ClinicTx, bench: &Bench, asked: &LookupBooking) -> Result<Outcome> {
    let (now, conversation) = (bench.now, bench.line.conversation);
    let visits = match (&asked.confirmation_code, &asked.name, asked.birth_date) {
        (Some(code), ..) => match Outcome::of_try(verifying::by_code(tx, now, conversation, code).await?) {
            Ok(visit) => vec![visit],
            Err(refused) => return Ok(refused),
        },
        (None, Some(name), Some(born)) => {
            let tried = verifying::by_birth_date(tx, now, conversation, name, born).await?;
            if let Err(refused) = Outcome::of_try(tried) {
                return Ok(refused);
            }
            verifying::visits(tx, conversation, now).await?
        }
        (None, None, None) => verifying::visits(tx, conversation, now).await?,
        (None, ..) => return Err(verification_required().into()),
    };
    if visits.is_empty() && asked.birth_date.is_none() {
        return Err(verification_required().into());
    }
    let mut seen = Vec::with_capacity(visits.len());
    for visit in visits {
        seen.push(shown(tx, bench, visit).await?);
    }
    Ok(Outcome::Done(json!({ "visits": seen })))
}

fn verification_required() -> Rejection {
    Rejection::new(
        RejectionCode::VerificationRequired,
        "To find a visit I need its confirmation code, or the patient's full name and date of birth.",
    )
}

/// A visit without what identifies its patient: a code shows when it is, not
/// how to reach whose it is.
async fn shown(tx: &mut ClinicTx, bench: &Bench, visit: Appointment) -> Result<Value> {
    let may_change = appointments::may_change(tx, visit.id, bench.now).await?;
    let visit = Appointment { label: bench.moment(visit.starts_at), ..visit };
    Ok(json!({
        "appointment_id": visit.id,
        "status": visit.status,
        "local": visit.local,
        "label": visit.label,
        "minutes": visit.minutes(),
        "practitioner": visit.practitioner,
        "appointment_type": visit.appointment_type,
        "time_zone": visit.time_zone,
        "confirmation_code": visit.confirmation_code,
        "may_change": may_change,
        "appointment": Appointment { patient: None, ..visit },
    }))
}

/// Moves a visit to another time, once the patient agreed to that time.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RescheduleBooking {
    /// The `appointment_id` from lookup_booking or confirm_booking.
    #[schemars(with = "Uuid")]
    appointment_id: AppointmentId,
    /// The `slot` of a time that check_availability showed, unchanged.
    slot: String,
}

pub async fn reschedule_booking(tx: &mut ClinicTx, bench: &Bench, asked: &RescheduleBooking) -> Result<Outcome> {
    verifying::check(tx, bench.line.conversation, asked.appointment_id).await?;
    let claim = bench.slots.verify(bench.line.clinic, bench.owner(), &asked.slot, bench.now)?;
    let change = booking::reschedule(tx, bench.now, asked.appointment_id, &claim, changer(bench)).await?;
    match change {
        booking::Change::Made(moved) => {
            let mut result = shown(tx, bench, moved.appointment).await?;
            result["replaces"] = json!(moved.replaces);
            Ok(Outcome::Done(result))
        }
        booking::Change::TooLate(rejection) => Ok(Outcome::Refused(rejection)),
    }
}

/// Cancels a visit, once the patient said clearly that they want that.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelBooking {
    /// The `appointment_id` from lookup_booking or confirm_booking.
    #[schemars(with = "Uuid")]
    appointment_id: AppointmentId,
    /// If the patient gives one; never ask for it.
    #[serde(default, skip_serializing)]
    reason: Option<String>,
}

pub async fn cancel_booking(tx: &mut ClinicTx, bench: &Bench, asked: &CancelBooking) -> Result<Outcome> {
    verifying::check(tx, bench.line.conversation, asked.appointment_id).await?;
    let reason = booking::note(asked.reason.as_deref())?;
    let change = booking::cancel(tx, bench.now, asked.appointment_id, reason.as_deref(), changer(bench)).await?;
    match change {
        booking::Change::Made(visit) => Ok(Outcome::Done(shown(tx, bench, visit).await?)),
        booking::Change::TooLate(rejection) => Ok(Outcome::Refused(rejection)),
    }
}

/// The receptionist, at the patient's wish and bound by what binds patients.
fn changer(bench: &Bench) -> Changer {
    Changer { actor: Actor::Receptionist, ..Changer::patient(bench.line.channel, Some(bench.line.conversation)) }
}
