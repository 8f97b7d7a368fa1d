//! Answers in FHIR, whatever happens below.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::outcome::Outcome;
use super::resource::MEDIA_TYPE;
use crate::problem::Pending;

/// Refuses whoever cannot read JSON, and makes an outcome of every error that is
/// not one.
pub async fn speak(request: Request, next: Next) -> Response {
    if !reads_json(request.uri().query(), request.headers()) {
        return Outcome::of_status(StatusCode::NOT_ACCEPTABLE).into_response();
    }
    let response = next.run(request).await;
    let is_fhir = response.headers().get(header::CONTENT_TYPE) == Some(&HeaderValue::from_static(MEDIA_TYPE));
    let outcome = match response.extensions().get::<Pending>() {
        Some(Pending(problem)) => Outcome::from(&**problem),
        None if is_fhir || response.status().is_success() => return response,
        None => Outcome::of_status(response.status()),
    };
    let mut said = outcome.into_response();
    said.headers_mut().extend(kept(response.headers()));
    said
}

/// What the answer below said that holds for the outcome too.
fn kept(headers: &HeaderMap) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    headers.get(header::ALLOW).map(|methods| (header::ALLOW, methods.clone())).into_iter()
}

/// `_format` counts before `Accept`, see
/// <https://hl7.org/fhir/R4/http.html#parameters>.
fn reads_json(query: Option<&str>, headers: &HeaderMap) -> bool {
    let format = query.unwrap_or_default().split('&').filter_map(|pair| pair.strip_prefix("_format=")).next_back();
    match format.filter(|format| !format.is_empty()) {
        Some(format) => format.to_ascii_lowercase().contains("json"),
        None => {
            let ranges: Vec<&str> = headers.get_all(header::ACCEPT).iter().flat_map(|value| value.to_str()).collect();
            ranges.is_empty() || ranges.iter().flat_map(|ranges| ranges.split(',')).any(is_json)
        }
    }
}

fn is_json(range: &str) -> bool {
    let kind = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    ["application/fhir+json", "application/json", "text/json", "application/json+fhir", "application/*", "*/*"]
        .contains(&kind.as_str())
}
