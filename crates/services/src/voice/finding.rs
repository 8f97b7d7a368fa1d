//! Which visit a caller may hear of, move or call off.
//!
//! A confirmation code proves a visit; the full name and the birth date prove
//! the patient's. The number a call seems to come from proves nothing, and a
//! number that is said no more: anybody can say one.

use chrono::{DateTime, NaiveDate, Utc};
use domain::appointment::{Appointment, AppointmentStatus};
use domain::contact::{PersonName, PhoneNumber};

use super::{Arguments, Desk, Line};
use crate::booking::appointments;
use crate::identity::verifying::{self, Tried};
use crate::{ClinicTx, Result};

/// What a caller may say a birth date under.
pub(super) const BIRTH_DATE: &[&str] = &["birthDate", "dateOfBirth", "patientBirthDate"];

/// Every visit that is proven to be the caller's, past and cancelled ones too.
/// A try that fails is counted, so commit whatever comes of it.
///
/// # Errors
///
/// Rejected with `rate_limited` after too many tries that failed.
pub(super) async fn proven(
    tx: &mut ClinicTx,
    desk: &Desk,
    line: &Line,
    arguments: &Arguments,
) -> Result<Vec<Appointment>> {
    if let Some(code) = arguments.code()
        && let Tried::Proven(visit) = verifying::by_code(tx, desk.now, line.conversation, code.as_str()).await?
    {
        return Ok(vec![visit]);
    }
    let name = arguments.get(&["patientName", "name"]);
    let born = arguments.date(BIRTH_DATE).ok().flatten();
    let (Some(name), Some(born)) = (name, born) else { return Ok(Vec::new()) };
    match verifying::by_birth_date(tx, desk.now, line.conversation, name, born).await? {
        Tried::Proven(()) => verifying::visits_of(tx, line.conversation, name, born).await,
        Tried::Failed(_) => Ok(Vec::new()),
    }
}

/// The visit that is booked with this very name and number at a moment. It says
/// that a booking was made before, and proves nothing.
pub(super) async fn booked_alike(
    tx: &mut ClinicTx,
    desk: &Desk,
    arguments: &Arguments,
    starts_at: DateTime<Utc>,
) -> Result<Vec<Appointment>> {
    let name = arguments.get(&["patientName", "name"]).and_then(|name| PersonName::parse(name).ok());
    let phone = arguments
        .get(&["patientPhone", "phone", "phoneNumber"])
        .and_then(|phone| PhoneNumber::parse(phone, &desk.country).ok());
    let (Some(name), Some(phone)) = (name, phone) else { return Ok(Vec::new()) };
    let booked = appointments::by_contact(tx, Some(phone.as_str()), None).await?;
    let is_theirs = |visit: &Appointment| visit.patient.as_ref().is_some_and(|patient| name.sounds_like(&patient.name));
    Ok(booked.into_iter().filter(|visit| visit.starts_at == starts_at && is_theirs(visit)).collect())
}

/// The one visit still to come that the caller means of those that are proven,
/// on a date if there is one; else what to say.
pub(super) fn one_to_come(desk: &Desk, proven: Vec<Appointment>, on: Option<NaiveDate>) -> Result<Appointment, String> {
    let mut meant = to_come(desk, proven);
    if let Some(date) = on {
        meant.retain(|visit| desk.words.local(visit.starts_at).date() == date);
    }
    match meant.len() {
        0 => Err(desk.words.not_found()),
        1 => Ok(meant.remove(0)),
        _ => Err(desk.words.which(&meant)),
    }
}

/// Those that are still to come, the next first.
pub(super) fn to_come(desk: &Desk, mut visits: Vec<Appointment>) -> Vec<Appointment> {
    visits.retain(|visit| is_live(visit) && visit.starts_at > desk.now);
    visits.sort_by_key(|visit| visit.starts_at);
    visits
}

pub(super) fn is_live(visit: &Appointment) -> bool {
    matches!(visit.status, AppointmentStatus::Booked | AppointmentStatus::Pending)
}
