//! What can be booked: an appointment type is a service the clinic offers.
//!
//! <https://hl7.org/fhir/R4/healthcareservice.html>

use axum::extract::State;
use serde_json::{Value, json};
use services::inventory::AppointmentType;
use services::{Services, inventory};

use super::bundle;
use super::outcome::{FhirResult, Outcome};
use super::resource::{Resource, service_type, text};
use super::search::{Asked, Param};
use super::system::{Base, System};
use super::values::own_id;
use crate::problem::Path;

pub const PARAMS: &[Param] = &[
    ("_id", "token", "The appointment type with this id."),
    ("name", "string", "A type whose name, or a word of it, begins so."),
    ("active", "token", "Whether the type can be booked."),
    ("service-type", "token", "The type with this id or slug."),
    ("identifier", "token", "The type with this slug."),
];

/// `GET /HealthcareService/{id}`
pub async fn read(
    system: System,
    State(services): State<Services>,
    Path((_, id)): Path<(String, String)>,
    asked: Asked,
) -> FhirResult<Resource> {
    asked.reading()?;
    let id = own_id(&id).ok_or_else(Outcome::not_found)?;
    let mut tx = services.db.clinic(system.clinic).await?;
    let all = inventory::appointment_types(&mut tx).await?;
    let found = all.iter().find(|kind| kind.id == id).ok_or_else(Outcome::not_found)?;
    Ok(Resource(resource(&system.base, found)))
}

/// `GET /HealthcareService`
pub async fn search(system: System, State(services): State<Services>, asked: Asked) -> FhirResult<Resource> {
    let asked = asked.searching(PARAMS)?;
    let base = &system.base;
    let (ids, active) = (asked.ids("_id")?, asked.booleans("active")?);
    let slugs = asked.codes("identifier", &base.slugs())?;
    let mut tx = services.db.clinic(system.clinic).await?;
    let mut all = inventory::appointment_types(&mut tx).await?;
    let types = asked.service_types(base, &all)?;
    all.retain(|kind| {
        ids.as_ref().is_none_or(|ids| ids.contains(&kind.id))
            && types.as_ref().is_none_or(|types| types.contains(&kind.id))
            && slugs.as_ref().is_none_or(|slugs| slugs.contains(&kind.slug))
            && active.as_ref().is_none_or(|active| active.contains(&kind.active))
            && asked.goes_by(&kind.name)
    });
    bundle::few(base, "HealthcareService", &asked, all.iter().map(|kind| resource(base, kind)).collect())
}

/// The one place a sensitive type's name stands in: it is the clinic's offer
/// here, and about no patient.
fn resource(base: &Base, kind: &AppointmentType) -> Value {
    json!({
        "resourceType": "HealthcareService",
        "id": kind.id,
        "identifier": [{ "system": base.slugs(), "value": kind.slug }],
        "active": kind.active,
        "type": [service_type(base, kind.id, &kind.name, false)],
        "name": text(&kind.name),
        "comment": kind.description.as_deref().and_then(text),
        "appointmentRequired": true,
    })
}
