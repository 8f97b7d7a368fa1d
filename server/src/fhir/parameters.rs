//! What an operation is asked with in a body.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::{StatusCode, header};
use serde_json::Value;

use super::outcome::{FhirResult, Outcome};
use super::search::{Asked, escaped, is_lenient};
use crate::state::AppState;

/// What a Parameters resource asks for
/// (<https://hl7.org/fhir/R4/parameters.html>).
#[derive(Debug)]
pub struct Parameters(pub Asked);

impl FromRequest<AppState> for Parameters {
    type Rejection = Outcome;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Outcome> {
        let lenient = is_lenient(request.headers());
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !["application/fhir+json", "application/json"].contains(&kind.as_str()) {
            return Err(Outcome::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|refused| Outcome::of_status(refused.status()))?;
        let body: Value = serde_json::from_slice(&body).map_err(|_| Outcome::structure("That is not valid JSON."))?;
        Ok(Self(Asked::new(pairs(&body)?, lenient)))
    }
}

fn pairs(body: &Value) -> FhirResult<Vec<(String, String)>> {
    let not_parameters = || Outcome::structure("Please send a Parameters resource.");
    if body["resourceType"] != "Parameters" {
        return Err(not_parameters());
    }
    match &body["parameter"] {
        Value::Null => Ok(Vec::new()),
        Value::Array(parameters) => parameters.iter().map(pair).collect(),
        _ => Err(not_parameters()),
    }
}

fn pair(parameter: &Value) -> FhirResult<(String, String)> {
    let name = parameter["name"].as_str().ok_or_else(|| Outcome::structure("A parameter has no name."))?;
    let mut values = parameter.as_object().into_iter().flatten().filter(|(field, _)| field.starts_with("value"));
    let value = values.next().and_then(|(_, value)| written(value));
    let value = value.ok_or_else(|| Outcome::value(name, "Please give one value of a type that fits."))?;
    Ok((name.to_owned(), escaped(&value)))
}

/// A value as an address would have it.
fn written(value: &Value) -> Option<String> {
    let coded = |coding: &Value| {
        let code = coding["code"].as_str()?;
        Some(coding["system"].as_str().map_or_else(|| code.to_owned(), |system| format!("{system}|{code}")))
    };
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        value if value["reference"].is_string() => value["reference"].as_str().map(str::to_owned),
        value if value["coding"].is_array() => coded(&value["coding"][0]),
        value => coded(value),
    }
}
