//! Showing who somebody is, where no receptionist asks.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use domain::Rejection;
use domain::id::ClinicId;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use services::booking::Channel;
use services::identity::codes::{self, CodeSent};
use services::identity::verifying::{self, Level, Tried};
use services::messaging::ledger::Way;
use services::{ClinicTx, Services, conversations};

use crate::auth::ChatSession;
use crate::problem::{self, ApiResult, Path};

/// What a code goes by.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Sms,
    Email,
}

#[derive(Clone, Deserialize)]
pub struct Wanted {
    channel: By,
    /// What shows whose contact data is meant, unless this session has shown or
    /// booked that already: a visit's code, or a full name and birth date.
    confirmation_code: Option<String>,
    name: Option<String>,
    birth_date: Option<NaiveDate>,
}

/// `POST /verifications`: sends a one-time code to the phone or the address on
/// file.
pub async fn send(
    session: ChatSession,
    Path(clinic): Path<ClinicId>,
    State(services): State<Services>,
    problem::Json(wanted): problem::Json<Wanted>,
) -> ApiResult<Response> {
    let sent = tried(session, clinic, &services, move |tx, now| {
        let wanted = wanted.clone();
        Box::pin(async move { show_and_send(tx, now, session, &wanted).await })
    })
    .await?;
    let answer = json!({ "sent_to": sent.sent_to, "expires_at": sent.expires_at });
    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
}

async fn show_and_send(
    tx: &mut ClinicTx,
    now: chrono::DateTime<chrono::Utc>,
    session: ChatSession,
    wanted: &Wanted,
) -> services::Result<Tried<CodeSent>> {
    let conversation = session.conversation;
    let shown = match (&wanted.confirmation_code, &wanted.name, wanted.birth_date) {
        (Some(code), ..) => match verifying::by_code(tx, now, conversation, code).await? {
            Tried::Proven(_) => None,
            Tried::Failed(rejection) => Some(rejection),
        },
        (None, Some(name), Some(born)) => match verifying::by_birth_date(tx, now, conversation, name, born).await? {
            Tried::Proven(()) => None,
            Tried::Failed(rejection) => Some(rejection),
        },
        _ => None,
    };
    if let Some(rejection) = shown {
        return Ok(Tried::Failed(rejection));
    }
    let way = match wanted.channel {
        By::Sms => Way::Sms,
        By::Email => Way::Email,
    };
    codes::send(tx, now, conversation, way, wanted.name.as_deref()).await.map(Tried::Proven)
}

#[derive(Clone, Deserialize)]
pub struct Typed {
    code: String,
}

/// `POST /verifications/confirm`: takes the code.
pub async fn confirm(
    session: ChatSession,
    Path(clinic): Path<ClinicId>,
    State(services): State<Services>,
    problem::Json(typed): problem::Json<Typed>,
) -> ApiResult<Json<Value>> {
    tried(session, clinic, &services, move |tx, now| {
        let code = typed.code.clone();
        Box::pin(async move { codes::confirm(tx, now, session.conversation, &code).await })
    })
    .await?;
    Ok(Json(json!({ "level": Level::Contact.number() })))
}

/// Keeps what a try comes to, also when it failed.
async fn tried<T, F>(session: ChatSession, clinic: ClinicId, services: &Services, attempt: F) -> ApiResult<T>
where
    T: Send + 'static,
    F: for<'t> Fn(
            &'t mut ClinicTx,
            chrono::DateTime<chrono::Utc>,
        ) -> futures::future::BoxFuture<'t, services::Result<Tried<T>>>
        + Send
        + Sync
        + 'static,
{
    if session.clinic != clinic {
        return Err(Rejection::not_found().into());
    }
    let now = services.clock.now();
    let attempt = std::sync::Arc::new(attempt);
    let tried = services
        .db
        .transaction(clinic, move |tx| {
            let attempt = attempt.clone();
            Box::pin(async move {
                conversations::open(tx, session.conversation, Channel::Web, now).await?;
                attempt(tx, now).await
            })
        })
        .await?;
    match tried {
        Tried::Proven(proven) => Ok(proven),
        Tried::Failed(rejection) => Err(rejection.into()),
    }
}
