//! A visit as a calendar file (RFC 5545).

use domain::appointment::Appointment;
use icalendar::{Calendar, Component, Event, EventLike, Property};

use crate::clinics::Profile;

/// The `.ics` text that puts `appointment` into the patient's own calendar.
/// Times are UTC, which every calendar shows in its owner's zone.
pub fn calendar_file(clinic: &Profile, appointment: &Appointment) -> String {
    let mut event = Event::new();
    event
        .uid(&format!("{}@frontdesk", appointment.id))
        .timestamp(appointment.created_at)
        .starts(appointment.starts_at)
        .ends(appointment.ends_at)
        .summary(&format!("{} at {}", appointment.appointment_type.name, clinic.name))
        .description(&format!(
            "With {}. Confirmation code {}.",
            appointment.practitioner.name, appointment.confirmation_code
        ));
    if let Some(address) = &clinic.address {
        event.location(address);
    }
    Calendar::new().append_property(Property::new("METHOD", "PUBLISH")).push(event.done()).done().to_string()
}
