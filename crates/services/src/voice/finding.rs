//! Which visit a caller may hear of, move or call off.
//!
//! A confirmation code proves a visit, and so do the full name and the phone
//! number it was booked with, together. The number a call seems to come from
//! proves nothing: anybody can make one up.

use chrono::NaiveDate;
use domain::appointment::{Appointment, AppointmentStatus};
use domain::contact::{PersonName, PhoneNumber};

use super::acts::refuse;
use super::{Arguments, Desk};
use crate::booking::appointments;
use crate::{ClinicTx, Result};

/// Every visit that is proven to be the caller's, past and cancelled ones too.
pub(super) async fn proven(tx: &mut ClinicTx, desk: &Desk, arguments: &Arguments) -> Result<Vec<Appointment>> {
    if let Some(code) = arguments.code()
        && let Some(visit) = appointments::by_code(tx, &code).await?
    {
        return Ok(vec![visit]);
    }
    let name = arguments.get(&["patientName", "name"]).and_then(|name| PersonName::parse(name).ok());
    let phone = arguments
        .get(&["patientPhone", "phone", "phoneNumber"])
        .and_then(|phone| PhoneNumber::parse(phone, &desk.country).ok());
    let (Some(name), Some(phone)) = (name, phone) else { return Ok(Vec::new()) };
    let booked = appointments::by_contact(tx, Some(phone.as_str()), None).await?;
    let is_theirs = |visit: &Appointment| visit.patient.as_ref().is_some_and(|patient| name.sounds_like(&patient.name));
    Ok(booked.into_iter().filter(is_theirs).collect())
}

/// The one visit still to come that the caller means, on a date if there is
/// one.
///
/// # Errors
///
/// Rejected, in words for the caller, if none is proven or several are meant.
pub(super) async fn one_to_come(
    tx: &mut ClinicTx,
    desk: &Desk,
    arguments: &Arguments,
    on: Option<NaiveDate>,
) -> Result<Appointment> {
    let mut meant = to_come(desk, proven(tx, desk, arguments).await?);
    if let Some(date) = on {
        meant.retain(|visit| desk.words.local(visit.starts_at).date() == date);
    }
    match meant.len() {
        0 => Err(refuse(desk.words.not_found())),
        1 => Ok(meant.remove(0)),
        _ => Err(refuse(desk.words.which(&meant))),
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
