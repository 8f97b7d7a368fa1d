//! Whose time can be booked: one schedule for each practitioner, with the
//! practitioner's id.
//!
//! <https://hl7.org/fhir/R4/schedule.html>

use axum::extract::State;
use chrono::{DateTime, Duration, SubsecRound, Utc};
use domain::schedule::Interval;
use serde_json::{Value, json};
use services::inventory::{AppointmentType, Practitioner};
use services::{Services, clinics, inventory};

use super::bundle;
use super::dates::Window;
use super::outcome::{FhirResult, Outcome};
use super::resource::{Resource, service_type_of};
use super::search::{Asked, Param};
use super::system::{Base, System, named_reference, reference};
use super::values::own_id;
use crate::problem::Path;

pub const PARAMS: &[Param] = &[
    ("_id", "token", "The schedule with this id, which is its practitioner's."),
    ("actor", "reference", "The schedules of a Practitioner, or of those who work at a Location."),
    ("active", "token", "Whether the practitioner can be booked."),
    ("service-type", "token", "Schedules of those who offer the appointment type with this id or slug."),
    ("date", "date", "Schedules that can be booked at this time: eq, ge, gt, le, lt."),
];

/// `GET /Schedule/{id}`
pub async fn read(
    system: System,
    State(services): State<Services>,
    Path((_, id)): Path<(String, String)>,
    asked: Asked,
) -> FhirResult<Resource> {
    asked.reading()?;
    let id = own_id(&id).ok_or_else(Outcome::not_found)?;
    let mut tx = services.db.clinic(system.clinic).await?;
    let types = inventory::appointment_types(&mut tx).await?;
    let all = inventory::practitioners(&mut tx).await?;
    let found = all.iter().find(|one| one.id == id).ok_or_else(Outcome::not_found)?;
    Ok(Resource(resource(&system.base, found, &types, services.clock.now())))
}

/// `GET /Schedule`
pub async fn search(system: System, State(services): State<Services>, asked: Asked) -> FhirResult<Resource> {
    let asked = asked.searching(PARAMS)?;
    let (base, now) = (&system.base, services.clock.now());
    let (ids, active) = (asked.ids("_id")?, asked.booleans("active")?);
    let actors = asked.references(base, "actor", &["Practitioner", "Location"])?;
    let mut tx = services.db.clinic(system.clinic).await?;
    let window = Window::read(&asked, "date", clinics::time_zone(&mut tx).await?)?;
    let types = inventory::appointment_types(&mut tx).await?;
    let wanted = asked.service_types(base, &types)?;
    let mut all = inventory::practitioners(&mut tx).await?;
    all.retain(|one| {
        ids.as_ref().is_none_or(|ids| ids.contains(&one.id))
            && active.as_ref().is_none_or(|active| active.contains(&one.active))
            && actors.as_ref().is_none_or(|actors| actors.iter().any(|(_, id)| is_actor(one, *id)))
            && wanted.as_ref().is_none_or(|wanted| offered(one, &types).any(|kind| wanted.contains(&kind.id)))
            && is_planned(window, horizon(one, &types, now))
    });
    let resources = all.iter().map(|one| resource(base, one, &types, now)).collect();
    bundle::few(base, "Schedule", &asked, resources)
}

fn is_actor(practitioner: &Practitioner, id: uuid::Uuid) -> bool {
    practitioner.id == id || practitioner.location_id == Some(id)
}

/// What the practitioner offers and can be booked for.
fn offered<'a>(
    practitioner: &'a Practitioner,
    types: &'a [AppointmentType],
) -> impl Iterator<Item = &'a AppointmentType> {
    let by_id = |id| types.iter().find(move |kind| kind.id == id && kind.active);
    practitioner.offers.iter().filter_map(move |id| by_id(*id))
}

/// The time that can be booked from now on: as far ahead as the furthest type.
fn horizon(practitioner: &Practitioner, types: &[AppointmentType], now: DateTime<Utc>) -> Option<Interval> {
    let furthest = offered(practitioner, types).map(|kind| kind.horizon_days).max().filter(|_| practitioner.active)?;
    let start = now.trunc_subsecs(0);
    Some(Interval { start, end: start + Duration::days(furthest.into()) })
}

fn is_planned(window: Window, horizon: Option<Interval>) -> bool {
    let meets = |horizon: Interval| {
        window.from.is_none_or(|from| horizon.end >= from) && window.to.is_none_or(|to| horizon.start < to)
    };
    window == Window::default() || horizon.is_some_and(meets)
}

fn resource(base: &Base, practitioner: &Practitioner, types: &[AppointmentType], now: DateTime<Utc>) -> Value {
    let place = practitioner.location_id.map(|id| reference("Location", id));
    let who = named_reference("Practitioner", practitioner.id, &practitioner.name);
    let horizon = horizon(practitioner, types, now);
    json!({
        "resourceType": "Schedule",
        "id": practitioner.id,
        "active": practitioner.active,
        "serviceType": offered(practitioner, types).map(|kind| service_type_of(base, kind)).collect::<Vec<_>>(),
        "actor": [who, place],
        "planningHorizon": horizon.map(|time| json!({ "start": time.start, "end": time.end })),
    })
}
