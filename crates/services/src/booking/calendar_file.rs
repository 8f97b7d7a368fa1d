//! A visit as a calendar file (RFC 5545).

use domain::appointment::{Appointment, AppointmentStatus};
use domain::id::AppointmentId;
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};

use super::appointments;
use super::scheduling::Scheduling;
use crate::clinics::{self, Profile};
use crate::{ClinicTx, Result};

/// The `.ics` text that puts a visit into the patient's own calendar; none if
/// there is no such visit. Times are UTC, which every calendar shows in its
/// owner's zone.
pub async fn calendar_file(tx: &mut ClinicTx, id: AppointmentId) -> Result<Option<String>> {
    let Some(appointment) = appointments::by_id(tx, id).await? else { return Ok(None) };
    let scheduling = Scheduling::current(tx).await?;
    let kind = scheduling.kind(appointment.appointment_type.id);
    let is_sensitive = kind.is_some_and(|kind| kind.sensitive);
    Ok(Some(written(&clinics::profile(tx).await?, &appointment, is_sensitive)))
}

/// A calendar is often shared, so a sensitive type's name stays out of it.
fn written(clinic: &Profile, appointment: &Appointment, is_sensitive: bool) -> String {
    let what = if is_sensitive { "Visit" } else { &appointment.appointment_type.name };
    let mut event = Event::new();
    event
        .uid(&format!("{}@frontdesk", appointment.id))
        .timestamp(appointment.created_at)
        .starts(appointment.starts_at)
        .ends(appointment.ends_at)
        .summary(&format!("{what} at {}", clinic.name))
        .description(&format!(
            "With {}. Confirmation code {}.",
            appointment.practitioner.name, appointment.confirmation_code
        ));
    if appointment.status == AppointmentStatus::Pending {
        event.status(EventStatus::Tentative);
    }
    if let Some(address) = &clinic.address {
        event.location(address);
    }
    Calendar::new().append_property(Property::new("METHOD", "PUBLISH")).push(event.done()).done().to_string()
}
