//! A visit as a calendar file (RFC 5545), and as an invitation (RFC 5546).

use chrono::{DateTime, Utc};
use domain::appointment::{Appointment, AppointmentStatus};
use domain::id::AppointmentId;
use domain::language::Language;
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};

use super::appointments;
use super::scheduling::Scheduling;
use crate::clinics::{self, Profile};
use crate::{ClinicTx, Result};

/// The `.ics` text that puts a visit into the patient's own calendar; none if
/// there is no such visit. Times are UTC, which every calendar shows in its
/// owner's zone.
pub async fn calendar_file(tx: &mut ClinicTx, now: DateTime<Utc>, id: AppointmentId) -> Result<Option<String>> {
    written(tx, now, id, Language::English, Purpose::Publish).await
}

/// Between whom an invitation is.
#[derive(Clone, Debug)]
pub struct Parties<'a> {
    /// The address that the invitation's e-mail is from: calendars take changes
    /// from no other.
    pub organizer: &'a str,
    /// The patient's.
    pub attendee: &'a str,
    pub patient: &'a str,
}

/// What an e-mail tells the patient's calendar to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// To show the visit, where it is now.
    Request,
    /// To take it out.
    Cancel,
}

impl Method {
    /// The method, as it stands in the file and in the type of the part.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// The `.ics` text that keeps a visit up to date in the patient's calendar;
/// none if there is no such visit. It is one visit to a calendar however often
/// it is moved: its UID stays, and its number grows with each change.
pub async fn invitation(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    language: Language,
    method: Method,
    parties: &Parties<'_>,
) -> Result<Option<String>> {
    written(tx, now, id, language, Purpose::Tell(method, parties)).await
}

/// What a file is for.
#[derive(Clone, Copy)]
enum Purpose<'a> {
    Publish,
    Tell(Method, &'a Parties<'a>),
}

async fn written(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    language: Language,
    purpose: Purpose<'_>,
) -> Result<Option<String>> {
    let Some(appointment) = appointments::by_id(tx, id).await? else { return Ok(None) };
    let scheduling = Scheduling::current(tx).await?;
    let kind = scheduling.kind(appointment.appointment_type.id);
    let is_sensitive = kind.is_some_and(|kind| kind.sensitive);
    let clinic = clinics::profile(tx).await?;
    let mut event = event(&clinic, &appointment, is_sensitive, language);
    event.timestamp(now).sequence(changes(tx, id).await?);
    let method = match purpose {
        Purpose::Publish => "PUBLISH",
        Purpose::Tell(method, parties) => {
            invite(&mut event, &clinic, method, parties);
            method.as_str()
        }
    };
    Ok(Some(Calendar::new().append_property(Property::new("METHOD", method)).push(event.done()).done().to_string()))
}

/// How often a visit was moved or called off.
async fn changes(tx: &mut ClinicTx, id: AppointmentId) -> Result<u32> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from events
           where appointment_id = $1 and kind in ('BookingRescheduled', 'BookingCancelled')"#,
        id.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A calendar is often shared, so a sensitive type's name stays out of it, and
/// so does the link that changes the visit.
fn event(clinic: &Profile, appointment: &Appointment, is_sensitive: bool, language: Language) -> Event {
    let (visit, at, with, code) = match language {
        Language::English => ("Visit", "at", "With", "Confirmation code"),
        Language::Spanish => ("Cita", "en", "Con", "Código de confirmación:"),
    };
    let what = if is_sensitive { visit } else { &appointment.appointment_type.name };
    let mut event = Event::new();
    event
        .uid(&format!("{}@frontdesk", appointment.id))
        .starts(appointment.starts_at)
        .ends(appointment.ends_at)
        .summary(&format!("{what} {at} {}", clinic.name))
        .description(&format!("{with} {}. {code} {}.", appointment.practitioner.name, appointment.confirmation_code));
    if appointment.status == AppointmentStatus::Pending {
        event.status(EventStatus::Tentative);
    }
    let place = appointment.location.as_ref().map(ToString::to_string);
    if let Some(place) = place.as_ref().or(clinic.address.as_ref()) {
        event.location(place);
    }
    event
}

/// No answer is asked for: the patient has booked, and changes the visit by
/// the link beside the invitation.
fn invite(event: &mut Event, clinic: &Profile, method: Method, parties: &Parties<'_>) {
    let organizer =
        Property::new("ORGANIZER", mailto(parties.organizer)).add_parameter("CN", &common_name(&clinic.name)).done();
    let attendee = Property::new("ATTENDEE", mailto(parties.attendee))
        .add_parameter("CN", &common_name(parties.patient))
        .add_parameter("CUTYPE", "INDIVIDUAL")
        .add_parameter("ROLE", "REQ-PARTICIPANT")
        .add_parameter("PARTSTAT", "ACCEPTED")
        .add_parameter("RSVP", "FALSE")
        .done();
    event.append_property(organizer).append_multi_property(attendee);
    event.status(match method {
        Method::Request => EventStatus::Confirmed,
        Method::Cancel => EventStatus::Cancelled,
    });
}

fn mailto(address: &str) -> String {
    format!("mailto:{address}")
}

/// A name as a parameter may hold it: a quotation mark or a line break in it
/// could not be written (RFC 5545, 3.2).
fn common_name(name: &str) -> String {
    name.chars().map(|letter| if letter.is_control() || letter == '"' { ' ' } else { letter }).collect()
}
