//! Resources as they leave.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::{Value, json};
use services::inventory::AppointmentType;
use uuid::Uuid;

use super::system::Base;

/// The character set has to be said:
/// <https://hl7.org/fhir/R4/http.html#mime-type>.
pub const MEDIA_TYPE: &str = "application/fhir+json; charset=utf-8";

/// A resource, on its way out.
#[derive(Clone, Debug)]
pub struct Resource(pub Value);

impl IntoResponse for Resource {
    fn into_response(self) -> Response {
        let mut response = axum::Json(pruned(self.0)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        // Resources hold patients' names.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// The same without what is empty: FHIR has no null, and no empty list or
/// object (<https://hl7.org/fhir/R4/json.html>).
fn pruned(value: Value) -> Value {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    match value {
        Value::Array(items) => items.into_iter().map(pruned).filter(|item| !is_empty(item)).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, pruned(value)));
            Value::Object(fields.filter(|(_, value)| !is_empty(value)).collect())
        }
        value => value,
    }
}

/// A text, if it says anything: FHIR has no empty strings.
pub fn text(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// What a visit is for. The name of a sensitive type stays in its
/// HealthcareService, where it is about no patient.
pub fn service_type(base: &Base, id: Uuid, name: &str, sensitive: bool) -> Value {
    let name = text(name).filter(|_| !sensitive);
    json!({ "coding": [{ "system": base.appointment_types(), "code": id, "display": name }], "text": name })
}

/// [`service_type`] of an inventory's entry.
pub fn service_type_of(base: &Base, kind: &AppointmentType) -> Value {
    service_type(base, kind.id, &kind.name, kind.sensitive)
}

/// The label of a resource about a sensitive type, see
/// <https://hl7.org/fhir/R4/security-labels.html>.
pub fn meta(sensitive: bool) -> Value {
    let restricted = json!({
        "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
        "code": "R",
        "display": "restricted",
    });
    json!({ "security": sensitive.then_some(vec![restricted]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_empty_leaves() {
        let full = json!({ "id": "1", "meta": { "security": null }, "name": [{ "text": null }], "active": false });
        assert_eq!(pruned(full), json!({ "id": "1", "active": false }));
    }
}
