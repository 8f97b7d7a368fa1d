//! How FHIR says no: an OperationOutcome.
//!
//! <https://hl7.org/fhir/R4/operationoutcome.html>

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use domain::{Rejection, RejectionCode};
use http::{Method, StatusCode, header};
use serde_json::json;

use super::resource::Resource;
use crate::problem::Problem;

/// A refusal on its way out of `/fhir`.
#[derive(Debug)]
pub struct Outcome {
    status: StatusCode,
    issue: Issue,
    text: Cow<'static, str>,
    /// The parameter that is at fault.
    parameter: Option<String>,
    /// Whole seconds; only when throttled.
    retry_after: Option<u64>,
}

pub type FhirResult<T> = Result<T, Outcome>;

/// Kinds of issue, of those in <https://hl7.org/fhir/R4/valueset-issue-type.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Issue {
    Conflict,
    Forbidden,
    Login,
    NotFound,
    NotSupported,
    Required,
    Structure,
    Throttled,
    TooCostly,
    TooLong,
    Transient,
    Value,
}

impl Issue {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Forbidden => "forbidden",
            Self::Login => "login",
            Self::NotFound => "not-found",
            Self::NotSupported => "not-supported",
            Self::Required => "required",
            Self::Structure => "structure",
            Self::Throttled => "throttled",
            Self::TooCostly => "too-costly",
            Self::TooLong => "too-long",
            Self::Transient => "transient",
            Self::Value => "value",
        }
    }
}

impl Outcome {
    /// There is no such parameter, or not with that modifier.
    pub fn unknown_parameter(name: &str) -> Self {
        Self::about(name, Issue::NotSupported, format!("There is no parameter {} here.", shown(name)))
    }

    /// The parameter is there, its modifier or prefix is not.
    pub fn not_supported(name: &str, text: &'static str) -> Self {
        Self::about(name, Issue::NotSupported, format!("{}: {text}", shown(name)))
    }

    /// The parameter's value cannot be meant. Never says it back: it may
    /// identify a person.
    pub fn value(name: &str, text: &'static str) -> Self {
        Self::about(name, Issue::Value, format!("{}: {text}", shown(name)))
    }

    /// The question makes no sense without this parameter.
    pub fn required(name: &str, text: &'static str) -> Self {
        Self::about(name, Issue::Required, format!("{}: {text}", shown(name)))
    }

    /// The question is for more than one answer may hold.
    pub fn too_costly(name: &str, text: impl Into<Cow<'static, str>>) -> Self {
        Self::about(name, Issue::TooCostly, text)
    }

    /// The body is not what the address takes.
    pub fn structure(text: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Issue::Structure, text)
    }

    /// It is not there, or not yours, which is the same to you.
    pub fn not_found() -> Self {
        Rejection::not_found().into()
    }

    /// What a status alone tells, for errors that came from below the handlers.
    pub fn of_status(status: StatusCode) -> Self {
        let (issue, text) = match status {
            StatusCode::NOT_FOUND => (Issue::NotFound, "There is nothing here."),
            StatusCode::METHOD_NOT_ALLOWED => (Issue::NotSupported, "This address does not take that method."),
            StatusCode::NOT_ACCEPTABLE => (Issue::NotSupported, "Answers are in JSON only."),
            StatusCode::PAYLOAD_TOO_LARGE => (Issue::TooLong, "That is too large."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => (Issue::NotSupported, "Please send application/fhir+json."),
            status if status.is_client_error() => (Issue::Structure, "That could not be read."),
            _ => return Rejection::unavailable().into(),
        };
        Self::new(status, issue, text)
    }

    fn about(parameter: &str, issue: Issue, text: impl Into<Cow<'static, str>>) -> Self {
        let parameter = is_name(parameter).then(|| parameter.to_owned());
        Self { parameter, ..Self::new(StatusCode::BAD_REQUEST, issue, text) }
    }

    fn new(status: StatusCode, issue: Issue, text: impl Into<Cow<'static, str>>) -> Self {
        Self { status, issue, text: text.into(), parameter: None, retry_after: None }
    }
}

/// Whether it could be a parameter's name, and be said back.
fn is_name(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte))
}

fn shown(name: &str) -> &str {
    if is_name(name) { name } else { "of that name" }
}

impl From<Rejection> for Outcome {
    fn from(rejection: Rejection) -> Self {
        let issue = match rejection.code {
            RejectionCode::Unauthenticated => Issue::Login,
            RejectionCode::Forbidden
            | RejectionCode::VerificationRequired
            | RejectionCode::OriginNotAllowed
            | RejectionCode::BadSignature => Issue::Forbidden,
            RejectionCode::NotFound => Issue::NotFound,
            RejectionCode::SlotTaken
            | RejectionCode::CutoffPassed
            | RejectionCode::IdempotencyConflict
            | RejectionCode::AlreadyCancelled
            | RejectionCode::HoldExpired => Issue::Conflict,
            RejectionCode::TooLarge => Issue::TooLong,
            RejectionCode::UnsupportedMediaType => Issue::NotSupported,
            RejectionCode::Malformed => Issue::Structure,
            RejectionCode::Invalid => Issue::Value,
            RejectionCode::RateLimited => Issue::Throttled,
            RejectionCode::Unavailable => Issue::Transient,
        };
        let status = match rejection.code {
            // 422 is for resources sent to be kept, and none are.
            RejectionCode::Invalid => StatusCode::BAD_REQUEST,
            code => StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        };
        Self::new(status, issue, rejection.message)
    }
}

impl From<&Problem> for Outcome {
    fn from(problem: &Problem) -> Self {
        Self { retry_after: problem.retry_after(), ..problem.rejection().clone().into() }
    }
}

impl From<Problem> for Outcome {
    fn from(problem: Problem) -> Self {
        Self::from(&problem)
    }
}

impl From<services::Error> for Outcome {
    fn from(error: services::Error) -> Self {
        error.into_rejection().into()
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        // The specification's own failed search points at a parameter so:
        // https://hl7.org/fhir/R4/operationoutcome-example-searchfail.html
        let location = self.parameter.map(|name| format!("http.{name}"));
        let body = Resource(json!({
            "resourceType": "OperationOutcome",
            "issue": [{
                "severity": "error",
                "code": self.issue.as_str(),
                "details": { "text": self.text },
                "location": location.into_iter().collect::<Vec<_>>(),
            }],
        }));
        let mut response = (self.status, body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// An address under the clinic's that names no resource.
pub async fn no_such_resource() -> Outcome {
    Outcome::new(StatusCode::NOT_FOUND, Issue::NotSupported, "There is no such resource or operation here.")
}

/// An address that is there, asked in a way it does not take.
pub async fn wrong_method(method: Method) -> Outcome {
    match method {
        Method::POST | Method::PUT | Method::PATCH | Method::DELETE => Outcome {
            text: "This can be read, not changed.".into(),
            ..Outcome::of_status(StatusCode::METHOD_NOT_ALLOWED)
        },
        _ => Outcome::of_status(StatusCode::METHOD_NOT_ALLOWED),
    }
}
