//! What can be asked here.
//!
//! <https://hl7.org/fhir/R4/capabilitystatement.html>

use serde_json::{Value, json};

use super::outcome::{FhirResult, Outcome};
use super::resource::Resource;
use super::search::{Asked, Param};
use super::system::{Base, System};
use super::{appointment, find, healthcare_service, location, practitioner, schedule, slot};
use crate::problem::Path;

/// When what is said here last changed.
const DATE: &str = "2026-11-20";

const FIND: &str = "appointment-find";

/// `GET /metadata`
pub async fn statement(system: System, asked: Asked) -> FhirResult<Resource> {
    asked.reading()?;
    Ok(Resource(json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": DATE,
        "kind": "instance",
        "software": { "name": "Frontdesk", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": "A clinic's book, to be read", "url": system.base.url("").trim_end_matches('/') },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [{
            "mode": "server",
            "security": { "description": "Every request carries an API key, in X-Admin-Key or as Authorization: Bearer admin.<key>." },
            "resource": resources(&system.base),
        }],
    })))
}

fn resources(base: &Base) -> Vec<Value> {
    let mut appointments = searched("Appointment", appointment::PARAMS);
    let definition = base.url(format_args!("OperationDefinition/{FIND}"));
    appointments["operation"] = json!([{ "name": "find", "definition": definition }]);
    vec![
        appointments,
        searched("Slot", slot::PARAMS),
        searched("Schedule", schedule::PARAMS),
        searched("Practitioner", practitioner::PARAMS),
        searched("HealthcareService", healthcare_service::PARAMS),
        searched("Location", location::PARAMS),
        only_read("Patient"),
        only_read("OperationDefinition"),
    ]
}

fn searched(kind: &str, params: &[Param]) -> Value {
    let params = params.iter().map(|(name, kind, about)| json!({ "name": name, "type": kind, "documentation": about }));
    json!({
        "type": kind,
        "interaction": [{ "code": "read" }, { "code": "search-type" }],
        "searchParam": params.collect::<Vec<_>>(),
    })
}

fn only_read(kind: &str) -> Value {
    json!({ "type": kind, "interaction": [{ "code": "read" }] })
}

/// `GET /OperationDefinition/{id}`
pub async fn operation(system: System, Path((_, id)): Path<(String, String)>, asked: Asked) -> FhirResult<Resource> {
    asked.reading()?;
    if id != FIND {
        return Err(Outcome::not_found());
    }
    Ok(Resource(json!({
        "resourceType": "OperationDefinition",
        "id": FIND,
        "url": system.base.url(format_args!("OperationDefinition/{FIND}")),
        "name": "FindAppointments",
        "status": "active",
        "kind": "operation",
        "date": DATE,
        "description": "Visits that could be booked, each proposed and none of them held.",
        "affectsState": false,
        "code": "find",
        "resource": ["Appointment"],
        "system": false,
        "type": true,
        "instance": false,
        "parameter": parameters(),
    })))
}

/// What is searched for by is text, of a search's type.
fn parameters() -> Vec<Value> {
    let taken = find::PARAMS.iter().map(|(name, kind, about)| {
        let min = u8::from(["start", "end"].contains(name));
        let max = if ["practitioner", "schedule"].contains(name) { "*" } else { "1" };
        let search = Some(*kind).filter(|kind| *kind != "dateTime");
        let kind = if search.is_some() { "string" } else { kind };
        parameter(name, "in", (min, max), about, (kind, search))
    });
    let count = parameter("_count", "in", (0, "1"), "How many at once.", ("integer", None));
    let found = parameter("return", "out", (1, "1"), "The visits, in a searchset.", ("Bundle", None));
    taken.chain([count, found]).collect()
}

fn parameter(name: &str, usage: &str, (min, max): (u8, &str), about: &str, kind: (&str, Option<&str>)) -> Value {
    json!({
        "name": name,
        "use": usage,
        "min": min,
        "max": max,
        "documentation": about,
        "type": kind.0,
        "searchType": kind.1,
    })
}
