//! Who can be booked.
//!
//! <https://hl7.org/fhir/R4/practitioner.html>

use axum::extract::State;
use serde_json::{Value, json};
use services::{Services, inventory};

use super::bundle;
use super::outcome::{FhirResult, Outcome};
use super::resource::{Resource, text};
use super::search::{Asked, Param};
use super::system::System;
use super::values::own_id;
use crate::problem::Path;

pub const PARAMS: &[Param] = &[
    ("_id", "token", "The practitioner with this id."),
    ("name", "string", "A practitioner one of whose names begins so."),
    ("active", "token", "Whether the practitioner can be booked."),
];

/// `GET /Practitioner/{id}`
pub async fn read(
    system: System,
    State(services): State<Services>,
    Path((_, id)): Path<(String, String)>,
    asked: Asked,
) -> FhirResult<Resource> {
    asked.reading()?;
    let id = own_id(&id).ok_or_else(Outcome::not_found)?;
    let mut tx = services.db.clinic(system.clinic).await?;
    let all = inventory::practitioners(&mut tx).await?;
    all.iter().find(|one| one.id == id).map(|one| Resource(resource(one))).ok_or_else(Outcome::not_found)
}

/// `GET /Practitioner`
pub async fn search(system: System, State(services): State<Services>, asked: Asked) -> FhirResult<Resource> {
    let asked = asked.searching(PARAMS)?;
    let (ids, active) = (asked.ids("_id")?, asked.booleans("active")?);
    let mut tx = services.db.clinic(system.clinic).await?;
    let mut all = inventory::practitioners(&mut tx).await?;
    all.retain(|one| {
        ids.as_ref().is_none_or(|ids| ids.contains(&one.id))
            && active.as_ref().is_none_or(|active| active.contains(&one.active))
            && asked.goes_by(&one.name)
    });
    bundle::few(&system.base, "Practitioner", &asked, all.iter().map(resource).collect())
}

fn resource(practitioner: &inventory::Practitioner) -> Value {
    json!({
        "resourceType": "Practitioner",
        "id": practitioner.id,
        "active": practitioner.active,
        "name": [{ "text": text(&practitioner.name) }],
    })
}
