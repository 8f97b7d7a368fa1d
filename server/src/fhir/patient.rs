//! Who a visit is for: a name and how to reach it.
//!
//! <https://hl7.org/fhir/R4/patient.html>

use axum::extract::State;
use domain::appointment::PatientCard;
use serde_json::{Value, json};
use services::{Services, inventory};

use super::outcome::{FhirResult, Outcome};
use super::resource::{Resource, text};
use super::search::Asked;
use super::system::System;
use super::values::own_id;
use crate::problem::Path;

/// `GET /Patient/{id}`
pub async fn read(
    system: System,
    State(services): State<Services>,
    Path((_, id)): Path<(String, String)>,
    asked: Asked,
) -> FhirResult<Resource> {
    asked.reading()?;
    let id = own_id(&id).ok_or_else(Outcome::not_found)?;
    let mut tx = services.db.clinic(system.clinic).await?;
    let patient = inventory::patient(&mut tx, id.into()).await?.ok_or_else(Outcome::not_found)?;
    Ok(Resource(resource(&patient)))
}

fn resource(patient: &PatientCard) -> Value {
    let reached = |system: &str, value: &Option<String>| {
        value.as_deref().and_then(text).map(|value| json!({ "system": system, "value": value }))
    };
    json!({
        "resourceType": "Patient",
        "id": patient.id,
        "name": [{ "text": text(&patient.name) }],
        "telecom": [reached("phone", &patient.phone), reached("email", &patient.email)],
    })
}
