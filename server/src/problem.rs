//! How `/api` says no: `application/problem+json` (RFC 9457).

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use domain::{FieldError, Rejection, RejectionCode};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A refusal on its way out of `/api`.
#[derive(Debug)]
pub struct Problem {
    rejection: Rejection,
    /// Whole seconds; only with `rate_limited`.
    retry_after: Option<u64>,
}

pub type ApiResult<T> = Result<T, Problem>;

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: &'a str,
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// Too many requests; try again after `seconds`, at least one.
    pub fn rate_limited(seconds: u64) -> Self {
        let rejection = Rejection::new(RejectionCode::RateLimited, "That is too much at once. Please wait a moment.");
        Self { rejection, retry_after: Some(seconds.max(1)) }
    }

    /// What is refused, for edges that word it themselves.
    pub fn rejection(&self) -> &Rejection {
        &self.rejection
    }

    /// When to try again, in whole seconds; only with `rate_limited`.
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// The answer, naming the request it belongs to.
    pub fn render(&self, request_id: Option<&str>) -> Response {
        let code = self.rejection.code;
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = Body {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code: code.as_str(),
            detail: &self.rejection.message,
            request_id,
            errors: &self.rejection.errors,
        };
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// A problem that [`crate::router`] still has to put the request's id into.
#[derive(Clone, Debug)]
pub struct Pending(pub std::sync::Arc<Problem>);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.render(None);
        response.extensions_mut().insert(Pending(std::sync::Arc::new(self)));
        response
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let retry_after = (rejection.code == RejectionCode::RateLimited).then_some(1);
        Self { rejection, retry_after }
    }
}

impl From<services::Error> for Problem {
    fn from(error: services::Error) -> Self {
        error.into_rejection().into()
    }
}

/// A JSON body that answers a problem when it is not one.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(json_problem(&rejection)),
        }
    }
}

fn json_problem(rejection: &JsonRejection) -> Problem {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => Rejection::new(
            RejectionCode::UnsupportedMediaType,
            "Please send JSON, with the content type application/json.",
        ),
        JsonRejection::JsonDataError(_) => Rejection::invalid("body", "A field is missing or has the wrong type."),
        JsonRejection::BytesRejection(_) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Rejection::new(RejectionCode::TooLarge, "That is too large.")
        }
        _ => Rejection::new(RejectionCode::Malformed, "That is not valid JSON."),
    }
    .into()
}

/// Query parameters that answer a problem when they do not fit.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        axum::extract::Query::from_request_parts(parts, state).await.map(|query| Self(query.0)).map_err(
            |_: QueryRejection| Rejection::invalid("query", "A parameter is missing or has the wrong form.").into(),
        )
    }
}

/// Path parameters that name nothing when they do not fit.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|path| Self(path.0))
            .map_err(|_: PathRejection| Rejection::not_found().into())
    }
}
