//! `Appointment/$find`: visits that could be booked. Nothing is held or booked
//! by asking.
//!
//! Shaped like IHE's operation of that name
//! (<https://profiles.ihe.net/ITI/Scheduling/OperationDefinition-appointment-find.html>).

use axum::extract::State;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::schedule::Interval;
use serde_json::{Value, json};
use services::inventory::AppointmentType;
use services::{ClinicTx, Services, clinics, inventory};
use uuid::Uuid;

use super::bundle::{self, Found};
use super::dates::{moment, unreadable};
use super::free::{self, Free, Wish};
use super::outcome::{FhirResult, Outcome};
use super::page::Page;
use super::parameters::Parameters;
use super::resource::{Resource, meta, service_type};
use super::search::{Asked, Param};
use super::system::{Base, System, named_reference, reference};

pub const PARAMS: &[Param] = &[
    ("start", "dateTime", "Visits begin at or after this. A date is a day at the clinic."),
    ("end", "dateTime", "Visits end by this, at most 62 days after the start. A date is included."),
    ("service-type", "token", "What for: the id or slug of one appointment type."),
    ("service-type-reference", "reference", "The same, as a HealthcareService."),
    ("practitioner", "reference", "With whom; without it, with anyone who offers it."),
    ("schedule", "reference", "The same, as a Schedule."),
];

/// `GET /Appointment/$find`
pub async fn asked_by_query(system: System, State(services): State<Services>, asked: Asked) -> FhirResult<Resource> {
    find(system, services, asked).await
}

/// `POST /Appointment/$find`
pub async fn asked_by_parameters(
    system: System,
    State(services): State<Services>,
    Parameters(asked): Parameters,
) -> FhirResult<Resource> {
    find(system, services, asked).await
}

async fn find(system: System, services: Services, asked: Asked) -> FhirResult<Resource> {
    let asked = asked.searching(PARAMS)?;
    let page = Page::read(&asked)?;
    let now = services.clock.now();
    let mut tx = services.db.clinic(system.clinic).await?;
    let wish = wish(&mut tx, &system.base, &asked).await?;
    let free = free::free(&mut tx, now, &wish, page.after.as_ref(), page.limit()).await?;
    let (free, next) = page.cut(free, Free::place);
    let resources = free.iter().map(|free| proposal(&system.base, free)).collect();
    let total = i64::try_from(free.len()).ok().filter(|_| page.after.is_none() && next.is_none());
    Ok(bundle::searchset(&system.base, "Appointment/$find", &asked, Found { resources, total, next }))
}

async fn wish(tx: &mut ClinicTx, base: &Base, asked: &Asked) -> FhirResult<Wish> {
    let zone = clinics::time_zone(tx).await?;
    let (start, end) = (time(asked, "start", zone)?, time(asked, "end", zone)?);
    if end <= start {
        return Err(Outcome::value("end", "Please give an end after the start."));
    }
    let within = Interval { start, end };
    free::check_length("end", within)?;
    let kind = kind(tx, base, asked).await?;
    let offers = match practitioners(tx, base, asked).await? {
        None => vec![(kind, None)],
        Some(practitioners) => practitioners.into_iter().map(|id| (kind.clone(), Some(id))).collect(),
    };
    Ok(Wish { every_practitioner: false, within, until: Some(end), offers })
}

/// A date begins with its first moment and ends with its last.
fn time(asked: &Asked, name: &str, zone: Tz) -> FhirResult<DateTime<Utc>> {
    let given = asked.one(name)?.ok_or_else(|| Outcome::required(name, "Please say when."))?;
    let given = moment(&given, zone).ok_or_else(|| unreadable(name))?;
    Ok(if name == "end" && given.is_date { given.time.end } else { given.time.start })
}

async fn kind(tx: &mut ClinicTx, base: &Base, asked: &Asked) -> FhirResult<AppointmentType> {
    let types = inventory::appointment_types(tx).await?;
    let by_code = asked.service_types(base, &types)?;
    let by_reference = ids(base, asked, "service-type-reference", "HealthcareService")?;
    let wanted = match (by_code, by_reference) {
        (None, None) => return Err(Outcome::required("service-type", "Please say what for.")),
        (Some(one), Some(other)) => one.into_iter().filter(|id| other.contains(id)).collect(),
        (one, other) => one.or(other).unwrap_or_default(),
    };
    match wanted.as_slice() {
        [one] => types.into_iter().find(|kind| kind.id == *one).ok_or_else(Outcome::not_found),
        [] => Err(Outcome::not_found()),
        _ => Err(Outcome::value("service-type", "Please give one.")),
    }
}

async fn practitioners(tx: &mut ClinicTx, base: &Base, asked: &Asked) -> FhirResult<Option<Vec<Uuid>>> {
    let by_name = ids(base, asked, "practitioner", "Practitioner")?;
    let by_schedule = ids(base, asked, "schedule", "Schedule")?;
    let wanted: Vec<Uuid> = match (by_name, by_schedule) {
        (None, None) => return Ok(None),
        (one, other) => one.into_iter().chain(other).flatten().collect(),
    };
    let known = inventory::practitioners(tx).await?;
    let all_known = !wanted.is_empty() && wanted.iter().all(|id| known.iter().any(|one| one.id == *id));
    if all_known { Ok(Some(wanted)) } else { Err(Outcome::not_found()) }
}

/// Every one mentioned: to an operation, mentions add up.
fn ids(base: &Base, asked: &Asked, name: &str, kind: &str) -> FhirResult<Option<Vec<Uuid>>> {
    let mentioned = asked.mentioned(base, name, kind)?;
    Ok(asked.has(name).then_some(mentioned))
}

fn proposal(base: &Base, free: &Free) -> Value {
    let (slot, kind) = (&free.slot, &free.kind);
    let who = named_reference("Practitioner", slot.practitioner.id, &slot.practitioner.name);
    json!({
        "resourceType": "Appointment",
        "meta": meta(kind.sensitive),
        "status": "proposed",
        "serviceType": [service_type(base, kind.id, &kind.name, kind.sensitive)],
        "start": slot.claim.starts_at,
        "end": slot.ends_at,
        "minutesDuration": (slot.ends_at - slot.claim.starts_at).num_minutes(),
        "slot": [reference("Slot", &free.id)],
        "participant": [{ "actor": who, "required": "required", "status": "needs-action" }],
    })
}
