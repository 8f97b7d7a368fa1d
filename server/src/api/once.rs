//! Requests that are done once, however often they are sent.
//!
//! A caller may name a request with an `Idempotency-Key`
//! (draft-ietf-httpapi-idempotency-key-header). The answer is kept under it in
//! the transaction that did the work, and given again for a day.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use domain::Rejection;
use domain::id::ClinicId;
use futures::future::BoxFuture;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use services::idempotency::{self, Keyed, Stored};
use services::secrets::sha256;
use services::{ClinicTx, Services};
use uuid::Uuid;

use crate::auth::Caller;
use crate::problem::{self, ApiResult, Problem};

/// A JSON body, and the key its caller named the request with.
#[derive(Debug)]
pub struct Once<T> {
    key: Option<Key>,
    pub body: T,
}

/// A request's key, and what it stands for.
#[derive(Clone, Debug)]
pub struct Key {
    key: String,
    fingerprint: Vec<u8>,
}

const HEADER: &str = "idempotency-key";

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequest<S> for Once<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let key = request.headers().get(HEADER).map(read).transpose()?;
        let what = format!("{} {}\n", request.method(), request.uri().path());
        let problem::Json(body) = problem::Json::<Value>::from_request(request, state).await?;
        let key = key.map(|key| Key { key, fingerprint: sha256(&[what.as_bytes(), body.to_string().as_bytes()]) });
        let body = T::deserialize(body)
            .map_err(|_| Rejection::invalid("body", "A field is missing or has the wrong type."))?;
        Ok(Self { key, body })
    }
}

fn read(value: &HeaderValue) -> Result<String, Rejection> {
    let text = value.to_str().unwrap_or_default();
    if (1..=200).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err(Rejection::invalid("Idempotency-Key", "Please use 1 to 200 plain characters."))
}

/// What a request came to.
#[derive(Debug)]
pub enum Outcome {
    Done(StatusCode, Value),
    /// Refused, but something is to be kept all the same.
    Refused(Rejection),
}

impl Key {
    /// An id that is the same whenever the request is.
    pub fn id(&self) -> Uuid {
        let digest = sha256(&[b"Idempotency-Key ", self.key.as_bytes()]);
        let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

impl<T> Once<T> {
    /// The body and the key apart, for [`run`].
    pub fn apart(self) -> (T, Option<Key>) {
        (self.body, self.key)
    }
}

/// What was answered, perhaps a while ago.
#[derive(Debug)]
pub struct Answered {
    pub status: StatusCode,
    pub body: Value,
    pub is_replay: bool,
}

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if self.is_replay {
            let replayed = HeaderValue::from_static("true");
            response.headers_mut().insert(HeaderName::from_static("idempotent-replayed"), replayed);
        }
        response
    }
}

/// Does `work` in one transaction, or gives the answer it gave before.
pub async fn run<F>(services: &Services, caller: Caller, key: Option<Key>, work: F) -> ApiResult<Response>
where
    F: for<'t> Fn(&'t mut ClinicTx) -> BoxFuture<'t, services::Result<Outcome>> + Send + Sync + 'static,
{
    let answered = run_as(services, caller.clinic, &caller.owner.to_string(), key, work).await?;
    Ok(answered.into_response())
}

/// The same, for a caller who is known by nothing but `owner`.
pub async fn run_as<F>(
    services: &Services,
    clinic: ClinicId,
    owner: &str,
    key: Option<Key>,
    work: F,
) -> ApiResult<Answered>
where
    F: for<'t> Fn(&'t mut ClinicTx) -> BoxFuture<'t, services::Result<Outcome>> + Send + Sync + 'static,
{
    let now = services.clock.now();
    let keyed = key.map(|key| Keyed { owner: owner.to_owned(), key: key.key, fingerprint: key.fingerprint });
    let work = Arc::new(work);
    let (outcome, is_replay) = services
        .db
        .transaction(clinic, move |tx| {
            let (keyed, work) = (keyed.clone(), work.clone());
            Box::pin(async move {
                let Some(keyed) = keyed else { return Ok((work(tx).await?, false)) };
                if let Some(stored) = idempotency::begin(tx, now, &keyed).await? {
                    let status = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK);
                    return Ok((Outcome::Done(status, stored.response), true));
                }
                let outcome = work(tx).await?;
                match &outcome {
                    Outcome::Done(status, response) => {
                        let answer = Stored { status: status.as_u16(), response: response.clone() };
                        idempotency::finish(tx, &keyed, &answer).await?;
                    }
                    Outcome::Refused(_) => idempotency::forget(tx, &keyed).await?,
                }
                Ok((outcome, false))
            })
        })
        .await?;
    services.feed.committed();
    match outcome {
        Outcome::Refused(rejection) => Err(rejection.into()),
        Outcome::Done(status, body) => Ok(Answered { status, body, is_replay }),
    }
}
