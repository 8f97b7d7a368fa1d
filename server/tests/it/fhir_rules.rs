//! What FHIR R4 asks of every answer, as its definitions have it: elements that
//! are required and elements that exist, closed value sets, invariants.

use serde_json::Value;

struct Shape {
    kind: &'static str,
    required: &'static [&'static str],
    allowed: &'static [&'static str],
}

/// Of each resource in use here, the elements that it must and may have; those
/// it may are no more than a clinic's book needs.
const SHAPES: &[Shape] = &[
    // https://hl7.org/fhir/R4/appointment.html
    Shape {
        kind: "Appointment",
        required: &["status", "participant"],
        allowed: &[
            "identifier",
            "cancelationReason",
            "serviceType",
            "start",
            "end",
            "minutesDuration",
            "slot",
            "created",
            "comment",
        ],
    },
    // https://hl7.org/fhir/R4/slot.html
    Shape { kind: "Slot", required: &["schedule", "status", "start", "end"], allowed: &["serviceType", "overbooked"] },
    // https://hl7.org/fhir/R4/schedule.html
    Shape { kind: "Schedule", required: &["actor"], allowed: &["active", "serviceType", "planningHorizon"] },
    // https://hl7.org/fhir/R4/practitioner.html
    Shape { kind: "Practitioner", required: &[], allowed: &["active", "name"] },
    // https://hl7.org/fhir/R4/healthcareservice.html
    Shape {
        kind: "HealthcareService",
        required: &[],
        allowed: &["identifier", "active", "type", "name", "comment", "appointmentRequired"],
    },
    // https://hl7.org/fhir/R4/location.html
    Shape {
        kind: "Location",
        required: &[],
        allowed: &["status", "name", "mode", "address", "physicalType", "partOf"],
    },
    // https://hl7.org/fhir/R4/patient.html
    Shape { kind: "Patient", required: &[], allowed: &["name", "telecom"] },
    // https://hl7.org/fhir/R4/bundle.html
    Shape { kind: "Bundle", required: &["type"], allowed: &["total", "link", "entry"] },
    // https://hl7.org/fhir/R4/operationoutcome.html
    Shape { kind: "OperationOutcome", required: &["issue"], allowed: &[] },
    // https://hl7.org/fhir/R4/capabilitystatement.html
    Shape {
        kind: "CapabilityStatement",
        required: &["status", "date", "kind", "fhirVersion", "format"],
        allowed: &["software", "implementation", "rest"],
    },
    // https://hl7.org/fhir/R4/operationdefinition.html
    Shape {
        kind: "OperationDefinition",
        required: &["name", "status", "kind", "code", "system", "type", "instance"],
        allowed: &["url", "date", "description", "affectsState", "resource", "parameter"],
    },
];

/// Closed sets: a value that is not in its set is a mistake.
const CODES: &[(&str, &[&str])] = &[
    (
        "Appointment.status",
        &[
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
        ],
    ),
    ("Appointment.participant.status", &["accepted", "declined", "tentative", "needs-action"]),
    ("Appointment.participant.required", &["required", "optional", "information-only"]),
    ("Slot.status", &["busy", "free", "busy-unavailable", "busy-tentative", "entered-in-error"]),
    ("Location.status", &["active", "suspended", "inactive"]),
    ("Location.mode", &["instance", "kind"]),
    ("Patient.telecom.system", &["phone", "fax", "email", "pager", "url", "sms", "other"]),
    ("Bundle.type", &["searchset"]),
    ("Bundle.link.relation", &["self", "first", "previous", "next", "last"]),
    ("Bundle.entry.search.mode", &["match", "include", "outcome"]),
    ("OperationOutcome.issue.severity", &["fatal", "error", "warning", "information"]),
    (
        "OperationOutcome.issue.code",
        &[
            "invalid",
            "structure",
            "required",
            "value",
            "invariant",
            "security",
            "login",
            "unknown",
            "expired",
            "forbidden",
            "suppressed",
            "processing",
            "not-supported",
            "duplicate",
            "multiple-matches",
            "not-found",
            "deleted",
            "too-long",
            "code-invalid",
            "extension",
            "too-costly",
            "business-rule",
            "conflict",
            "transient",
            "lock-error",
            "no-store",
            "exception",
            "timeout",
            "incomplete",
            "throttled",
            "informational",
        ],
    ),
    ("CapabilityStatement.status", &["draft", "active", "retired", "unknown"]),
    ("CapabilityStatement.kind", &["instance", "capability", "requirements"]),
    ("CapabilityStatement.fhirVersion", &["4.0.1"]),
    ("CapabilityStatement.rest.mode", &["client", "server"]),
    (
        "CapabilityStatement.rest.resource.interaction.code",
        &["read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type"],
    ),
    (
        "CapabilityStatement.rest.resource.searchParam.type",
        &["number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special"],
    ),
    ("OperationDefinition.status", &["draft", "active", "retired", "unknown"]),
    ("OperationDefinition.kind", &["operation", "query"]),
    ("OperationDefinition.parameter.use", &["in", "out"]),
    ("OperationDefinition.parameter.searchType", &["number", "date", "string", "token", "reference", "uri"]),
];

/// Fails where a resource, or one in its entries, is not as R4 wants it.
#[track_caller]
pub fn assert_r4(resource: &Value) {
    let kind = resource["resourceType"].as_str().unwrap_or_else(|| panic!("no resourceType: {resource}"));
    let shape = SHAPES.iter().find(|shape| shape.kind == kind).unwrap_or_else(|| panic!("what is a {kind}?"));
    let fields: Vec<&str> = resource.as_object().unwrap().keys().map(String::as_str).collect();
    for field in shape.required {
        assert!(fields.contains(field), "{kind} has no {field}: {resource}");
    }
    for field in &fields {
        let known = ["resourceType", "id", "meta"].contains(field)
            || shape.required.contains(field)
            || shape.allowed.contains(field);
        assert!(known, "{kind} has a {field}: {resource}");
    }
    if let Some(id) = resource.get("id") {
        assert!(id.as_str().is_some_and(is_id), "{id}");
    }
    walk(kind, resource);
    match kind {
        "Appointment" => appointment(resource),
        "Slot" => assert!(resource["start"].as_str() < resource["end"].as_str(), "{resource}"),
        "Bundle" => bundle(resource),
        "OperationOutcome" => outcome(resource),
        "CapabilityStatement" => capability(resource),
        "OperationDefinition" => operation(resource),
        _ => {}
    }
}

/// What holds for any element, by its path without indexes.
#[track_caller]
fn walk(path: &str, value: &Value) {
    match value {
        Value::Null => panic!("{path} is null"),
        Value::String(text) => string(path, text),
        Value::Array(items) => {
            assert!(!items.is_empty(), "{path} is empty");
            items.iter().for_each(|item| walk(path, item));
        }
        Value::Object(fields) => {
            assert!(!fields.is_empty(), "{path} is empty");
            for (name, value) in fields.iter().filter(|(name, _)| *name != "resource" || path != "Bundle.entry") {
                walk(&format!("{path}.{name}"), value);
            }
        }
        Value::Bool(_) | Value::Number(_) => {}
    }
}

#[track_caller]
fn string(path: &str, text: &str) {
    assert!(!text.trim().is_empty(), "{path} says nothing");
    if let Some((_, codes)) = CODES.iter().find(|(of, _)| *of == path) {
        assert!(codes.contains(&text), "{path} is {text}");
    }
    if path.ends_with(".reference") {
        let (kind, id) = text.split_once('/').unwrap_or_else(|| panic!("{path} is {text}"));
        assert!(SHAPES.iter().any(|shape| shape.kind == kind) && is_id(id), "{path} is {text}");
    }
    // An instant has seconds and a zone: https://hl7.org/fhir/R4/datatypes.html#instant
    if [".start", ".end", ".created"].iter().any(|end| path.ends_with(end)) {
        let is_instant = text.len() >= 20 && chrono::DateTime::parse_from_rfc3339(text).is_ok();
        assert!(is_instant && text.ends_with('Z'), "{path} is {text}");
    }
    if path.ends_with(".system") && path != "Patient.telecom.system" {
        assert!(text.contains("://"), "{path} is {text}");
    }
}

fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
}

/// app-1 to app-4.
#[track_caller]
fn appointment(appointment: &Value) {
    for participant in appointment["participant"].as_array().unwrap() {
        assert!(participant["actor"].is_object() && participant["status"].is_string(), "{appointment}");
    }
    assert_eq!(appointment["start"].is_string(), appointment["end"].is_string(), "{appointment}");
    let status = appointment["status"].as_str().unwrap();
    assert!(appointment["start"].is_string() || ["proposed", "cancelled"].contains(&status), "{appointment}");
    let may_say_why = ["cancelled", "noshow"].contains(&status);
    assert!(appointment["cancelationReason"].is_null() || may_say_why, "{appointment}");
    assert!(appointment["minutesDuration"].as_i64().is_none_or(|minutes| minutes > 0), "{appointment}");
}

/// bdl-1, bdl-2, bdl-7 and what a searchset's entries have.
#[track_caller]
fn bundle(bundle: &Value) {
    let links: Vec<&str> =
        bundle["link"].as_array().unwrap().iter().map(|link| link["relation"].as_str().unwrap()).collect();
    assert_eq!(links.iter().filter(|relation| **relation == "self").count(), 1, "{links:?}");
    assert!(bundle["link"].as_array().unwrap().iter().all(|link| link["url"].as_str().unwrap().contains("://")));
    let entries = bundle["entry"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut urls = Vec::new();
    for entry in entries {
        let resource = &entry["resource"];
        assert_r4(resource);
        assert_eq!(entry["search"]["mode"], "match");
        assert_eq!(entry["fullUrl"].is_string(), resource["id"].is_string(), "{entry}");
        if let (Some(url), Some(id)) = (entry["fullUrl"].as_str(), resource["id"].as_str()) {
            assert!(url.ends_with(&format!("/{}/{id}", resource["resourceType"].as_str().unwrap())), "{url}");
            urls.push(url);
        }
    }
    let all = urls.len();
    urls.sort_unstable();
    urls.dedup();
    assert_eq!(urls.len(), all, "an entry stands twice");
    assert!(bundle["total"].as_u64().is_none_or(|total| total >= entries.len() as u64), "{}", bundle["total"]);
}

#[track_caller]
fn outcome(outcome: &Value) {
    for issue in outcome["issue"].as_array().unwrap() {
        assert!(issue["severity"].is_string() && issue["code"].is_string(), "{outcome}");
        assert!(issue["details"]["text"].is_string(), "{outcome}");
    }
}

/// cpb-2, cpb-9, cpb-12 and cpb-14.
#[track_caller]
fn capability(statement: &Value) {
    assert!(statement["software"]["name"].is_string() && statement["implementation"]["description"].is_string());
    let resources = statement["rest"][0]["resource"].as_array().unwrap();
    assert_all_different(resources, "type");
    for resource in resources {
        let params = resource["searchParam"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert_all_different(params, "name");
        for operation in resource["operation"].as_array().into_iter().flatten() {
            assert!(operation["name"].is_string() && operation["definition"].is_string(), "{operation}");
        }
    }
}

/// opd-1 and opd-2.
#[track_caller]
fn operation(definition: &Value) {
    for parameter in definition["parameter"].as_array().unwrap() {
        assert!(parameter["type"].is_string(), "{parameter}");
        assert!(parameter["searchType"].is_null() || parameter["type"] == "string", "{parameter}");
        assert!(parameter["min"].is_u64() && parameter["max"].is_string(), "{parameter}");
    }
}

#[track_caller]
fn assert_all_different(items: &[Value], field: &str) {
    let mut names: Vec<&str> = items.iter().map(|item| item[field].as_str().unwrap()).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "{names:?}");
}
