//! FHIR R4: other systems look into a clinic's book, and touch nothing.
//!
//! <https://hl7.org/fhir/R4/http.html>

mod appointment;
mod bundle;
mod capability;
mod dates;
mod find;
mod free;
mod healthcare_service;
mod location;
mod outcome;
mod page;
mod parameters;
mod patient;
mod practitioner;
mod resource;
mod schedule;
mod search;
mod slot;
mod slot_id;
mod speaking;
mod system;
mod values;

pub use outcome::no_such_resource;
pub use speaking::speak;

use axum::Router;
use axum::routing::{get, post};

use crate::state::AppState;

/// Every route under `/fhir/r4/{clinic_id}`, all of them for API keys alone.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/metadata", get(capability::statement))
        .route("/OperationDefinition/{id}", get(capability::operation))
        // Who, what and where
        .route("/Practitioner", get(practitioner::search))
        .route("/Practitioner/_search", post(practitioner::search))
        .route("/Practitioner/{id}", get(practitioner::read))
        .route("/HealthcareService", get(healthcare_service::search))
        .route("/HealthcareService/_search", post(healthcare_service::search))
        .route("/HealthcareService/{id}", get(healthcare_service::read))
        .route("/Location", get(location::search))
        .route("/Location/_search", post(location::search))
        .route("/Location/{id}", get(location::read))
        .route("/Patient/{id}", get(patient::read))
        // When
        .route("/Schedule", get(schedule::search))
        .route("/Schedule/_search", post(schedule::search))
        .route("/Schedule/{id}", get(schedule::read))
        .route("/Slot", get(slot::search))
        .route("/Slot/_search", post(slot::search))
        .route("/Slot/{id}", get(slot::read))
        .route("/Appointment", get(appointment::search))
        .route("/Appointment/_search", post(appointment::search))
        .route("/Appointment/$find", get(find::asked_by_query).post(find::asked_by_parameters))
        .route("/Appointment/{id}", get(appointment::read))
        .fallback(outcome::no_such_resource)
        .method_not_allowed_fallback(outcome::wrong_method)
}
