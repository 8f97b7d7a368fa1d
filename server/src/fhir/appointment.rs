//! Visits.
//!
//! <https://hl7.org/fhir/R4/appointment.html>

use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::code::ConfirmationCode;
use serde_json::{Value, json};
use services::booking::listing::{self, Filter, Visit};
use services::{ClinicTx, Services, clinics, inventory};
use uuid::Uuid;

use super::bundle::{self, Found};
use super::dates::Window;
use super::outcome::{FhirResult, Outcome};
use super::page::{Cursor, Page, stale};
use super::resource::{Resource, meta, service_type, text};
use super::search::{Asked, Param};
use super::system::{Base, System, named_reference};
use super::values::own_id;
use crate::problem::Path;

pub const PARAMS: &[Param] = &[
    ("_id", "token", "The visit with this id."),
    ("date", "date", "When it begins: eq, ge, gt, le, lt."),
    ("status", "token", "Where it stands: pending, booked, arrived, fulfilled, cancelled or noshow."),
    ("practitioner", "reference", "Who it is with."),
    ("patient", "reference", "Whom it is for."),
    ("location", "reference", "The room it takes."),
    ("actor", "reference", "Any of these three; an id alone is a practitioner's."),
    ("service-type", "token", "What it is for, by the appointment type's id or slug."),
    ("identifier", "token", "Its confirmation code."),
];

/// <https://hl7.org/fhir/R4/valueset-appointmentstatus.html>
const STATUSES: [&str; 10] = [
    "proposed",
    "pending",
    "booked",
    "arrived",
    "fulfilled",
    "cancelled",
    "noshow",
    "entered-in-error",
    "checked-in",
    "waitlist",
];

/// `GET /Appointment/{id}`
pub async fn read(
    system: System,
    State(services): State<Services>,
    Path((_, id)): Path<(String, String)>,
    asked: Asked,
) -> FhirResult<Resource> {
    asked.reading()?;
    let id = own_id(&id).ok_or_else(Outcome::not_found)?;
    let filter = Filter { ids: Some(vec![id]), ..Filter::default() };
    let mut tx = services.db.clinic(system.clinic).await?;
    let visit = listing::visits(&mut tx, &filter, None, 1).await?.pop().ok_or_else(Outcome::not_found)?;
    Ok(Resource(resource(&system.base, &visit)))
}

/// `GET /Appointment`
pub async fn search(system: System, State(services): State<Services>, asked: Asked) -> FhirResult<Resource> {
    let asked = asked.searching(PARAMS)?;
    let page = Page::read(&asked)?;
    let after = page.after.as_ref().map(after).transpose()?;
    let mut tx = services.db.clinic(system.clinic).await?;
    let filter = filter(&mut tx, &system.base, &asked).await?;
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX);
    let visits = listing::visits(&mut tx, &filter, after, limit).await?;
    let (visits, next) = page.cut(visits, |visit| Cursor { at: visit.starts_at, id: visit.id.to_string() });
    let total = match (&page.after, &next) {
        (None, None) => i64::try_from(visits.len()).ok(),
        (None, Some(_)) => Some(listing::count(&mut tx, &filter).await?),
        // Whoever is turning pages has been told.
        (Some(_), _) => None,
    };
    let resources = visits.iter().map(|visit| resource(&system.base, visit)).collect();
    Ok(bundle::searchset(&system.base, "Appointment", &asked, Found { resources, total, next }))
}

fn after(cursor: &Cursor) -> FhirResult<(DateTime<Utc>, Uuid)> {
    let id = own_id(&cursor.id).ok_or_else(stale)?;
    Ok((cursor.at, id))
}

async fn filter(tx: &mut ClinicTx, base: &Base, asked: &Asked) -> FhirResult<Filter> {
    let window = Window::read(asked, "date", clinics::time_zone(tx).await?)?;
    let types = inventory::appointment_types(tx).await?;
    let mut filter = Filter {
        ids: asked.ids("_id")?,
        statuses: asked.codes_of("status", "http://hl7.org/fhir/appointmentstatus", &STATUSES)?,
        practitioners: referred(base, asked, "practitioner", "Practitioner")?,
        patients: referred(base, asked, "patient", "Patient")?,
        rooms: referred(base, asked, "location", "Location")?,
        appointment_types: asked.service_types(base, &types)?,
        codes: asked.codes("identifier", &base.confirmation_codes())?.map(confirmation_codes),
        from: window.from,
        to: window.to,
    };
    for (kind, ids) in asked.actors(base)? {
        let wanted = match kind.as_str() {
            "Patient" => &mut filter.patients,
            "Location" => &mut filter.rooms,
            _ => &mut filter.practitioners,
        };
        *wanted = Some(ids.into_iter().filter(|id| wanted.as_ref().is_none_or(|wanted| wanted.contains(id))).collect());
    }
    Ok(filter)
}

fn referred(base: &Base, asked: &Asked, name: &str, kind: &str) -> FhirResult<Option<Vec<Uuid>>> {
    let referred = asked.references(base, name, &[kind])?;
    Ok(referred.map(|all| all.into_iter().map(|(_, id)| id).collect()))
}

/// As they are kept, however they were typed.
fn confirmation_codes(typed: Vec<String>) -> Vec<String> {
    typed.iter().filter_map(|code| code.parse().ok()).map(|code: ConfirmationCode| code.to_string()).collect()
}

fn resource(base: &Base, visit: &Visit) -> Value {
    let (kind, is_off) = (&visit.appointment_type, ["cancelled", "noshow"].contains(&visit.status.as_str()));
    let reason = visit.cancel_reason.as_deref().and_then(text).filter(|_| is_off);
    json!({
        "resourceType": "Appointment",
        "id": visit.id,
        "meta": meta(visit.sensitive),
        "identifier": [{ "system": base.confirmation_codes(), "value": visit.confirmation_code }],
        "status": visit.status,
        "cancelationReason": { "text": reason },
        "serviceType": [service_type(base, kind.id, &kind.name, visit.sensitive)],
        "start": visit.starts_at,
        "end": visit.ends_at,
        "minutesDuration": (visit.ends_at - visit.starts_at).num_minutes(),
        "created": visit.created_at,
        "comment": visit.note.as_deref().and_then(text),
        "participant": participants(visit),
    })
}

/// The practitioner has agreed to everything but a request.
fn participants(visit: &Visit) -> Vec<Value> {
    let agreed = if visit.status == "pending" { "needs-action" } else { "accepted" };
    let who = named_reference("Practitioner", visit.practitioner.id, &visit.practitioner.name);
    let whom = named_reference("Patient", visit.patient.id, &visit.patient.name);
    let rooms = visit.rooms.iter().map(|room| named_reference("Location", room.id, &room.name));
    let mut participants =
        vec![json!({ "actor": who, "status": agreed }), json!({ "actor": whom, "status": "accepted" })];
    participants.extend(rooms.map(|room| json!({ "actor": room, "status": "accepted" })));
    participants
}
