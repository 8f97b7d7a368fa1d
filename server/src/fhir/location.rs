//! Where visits take place: the clinic's locations, and the rooms in them.
//!
//! <https://hl7.org/fhir/R4/location.html>

use axum::extract::State;
use serde_json::{Value, json};
use services::inventory::{Place, PlaceKind};
use services::{Services, inventory};

use super::bundle;
use super::outcome::{FhirResult, Outcome};
use super::resource::{Resource, text};
use super::search::{Asked, Param};
use super::system::{System, reference};
use super::values::own_id;
use crate::problem::Path;

pub const PARAMS: &[Param] = &[
    ("_id", "token", "The location or room with this id."),
    ("name", "string", "A place whose name, or a word of it, begins so."),
    ("status", "token", "Whether the place is in use: active or inactive."),
    ("partof", "reference", "The rooms of this location."),
];

/// `GET /Location/{id}`
pub async fn read(
    system: System,
    State(services): State<Services>,
    Path((_, id)): Path<(String, String)>,
    asked: Asked,
) -> FhirResult<Resource> {
    asked.reading()?;
    let id = own_id(&id).ok_or_else(Outcome::not_found)?;
    let mut tx = services.db.clinic(system.clinic).await?;
    let all = inventory::places(&mut tx).await?;
    all.iter().find(|place| place.id == id).map(|place| Resource(resource(place))).ok_or_else(Outcome::not_found)
}

/// `GET /Location`
pub async fn search(system: System, State(services): State<Services>, asked: Asked) -> FhirResult<Resource> {
    let asked = asked.searching(PARAMS)?;
    let ids = asked.ids("_id")?;
    let statuses =
        asked.codes_of("status", "http://hl7.org/fhir/location-status", &["active", "suspended", "inactive"])?;
    let within = asked.references(&system.base, "partof", &["Location"])?;
    let mut tx = services.db.clinic(system.clinic).await?;
    let mut all = inventory::places(&mut tx).await?;
    all.retain(|place| {
        ids.as_ref().is_none_or(|ids| ids.contains(&place.id))
            && statuses.as_ref().is_none_or(|statuses| statuses.iter().any(|status| status == status_of(place)))
            && within.as_ref().is_none_or(|within| within.iter().any(|(_, id)| place.kind == in_location(*id)))
            && asked.goes_by(&place.name)
    });
    bundle::few(&system.base, "Location", &asked, all.iter().map(resource).collect())
}

fn in_location(id: uuid::Uuid) -> PlaceKind {
    PlaceKind::Room { location_id: Some(id) }
}

fn status_of(place: &Place) -> &'static str {
    if place.active { "active" } else { "inactive" }
}

fn resource(place: &Place) -> Value {
    let (code, display, within) = match place.kind {
        PlaceKind::Location => ("si", "Site", None),
        PlaceKind::Room { location_id } => ("ro", "Room", location_id),
    };
    let physical = "http://terminology.hl7.org/CodeSystem/location-physical-type";
    json!({
        "resourceType": "Location",
        "id": place.id,
        "status": status_of(place),
        "name": text(&place.name),
        "mode": "instance",
        "address": { "text": place.address.as_deref().and_then(text) },
        "physicalType": { "coding": [{ "system": physical, "code": code, "display": display }] },
        "partOf": within.map(|id| reference("Location", id)),
    })
}
