//! Everything Vapi tells a clinic. Only some of it wants an answer; what this
//! server does not know it takes, and does nothing.

use axum::Json;
use axum::extract::State;
use domain::Rejection;
use domain::id::ClinicId;
use serde_json::{Value, json};
use services::voice::{self, Heard, Progress, Report};
use services::{Services, clinics};

use super::auth::VapiRequest;
use super::{assistant, message, tools};
use crate::problem::ApiResult;

/// `POST /vapi/{clinic_id}/webhook`: every server message.
pub async fn receive(State(services): State<Services>, request: VapiRequest) -> ApiResult<Json<Value>> {
    let message = message::of(&request.body)
        .ok_or_else(|| Rejection::invalid("message", "Please send one of Vapi's server messages."))?;
    let clinic = request.clinic;
    Ok(Json(match message::kind(message) {
        "tool-calls" => tools::answer_all(&services, clinic, message, None).await,
        "assistant-request" => assistant::for_clinic(&services, clinic).await?,
        "transfer-destination-request" => destination(&services, clinic).await?,
        "knowledge-base-request" => json!({ "documents": [] }),
        "status-update" => progress(&services, clinic, message).await?,
        "transcript" => hear(&services, clinic, message).await?,
        "end-of-call-report" => report(&services, clinic, message).await?,
        _ => json!({}),
    }))
}

/// Where a call goes that needs a person: the clinic's own number.
async fn destination(services: &Services, clinic: ClinicId) -> ApiResult<Value> {
    let mut tx = services.db.clinic(clinic).await?;
    Ok(match clinics::profile(&mut tx).await?.phone {
        Some(number) => json!({ "destination": { "type": "number", "number": number } }),
        None => json!({ "error": "Nobody can take the call now. I can pass a message on to the clinic's staff." }),
    })
}

async fn progress(services: &Services, clinic: ClinicId, message: &Value) -> ApiResult<Value> {
    let status = message.get("status").and_then(Value::as_str);
    if let (Some(call), Some(status)) = (message::call_id(message), status) {
        let progress = Progress {
            call,
            caller: message::caller(message),
            status: status.to_owned(),
            ended_reason: reason(message),
        };
        voice::progress(&services.db, services.clock.now(), clinic, &progress).await?;
    }
    Ok(json!({}))
}

/// What the caller has just said, for whoever should know at once.
async fn hear(services: &Services, clinic: ClinicId, message: &Value) -> ApiResult<Value> {
    if let (Some(call), Some(text)) = (message::call_id(message), message::just_said(message)) {
        let heard = Heard { call, caller: message::caller(message), text };
        if voice::hear(&services.db, services.clock.now(), clinic, &heard).await? {
            services.feed.committed();
        }
    }
    Ok(json!({}))
}

async fn report(services: &Services, clinic: ClinicId, message: &Value) -> ApiResult<Value> {
    if let Some(call) = message::call_id(message) {
        let report = Report {
            call,
            caller: message::caller(message),
            ended_reason: reason(message),
            ended_at: message::ended_at(message),
            said: message::said(message),
        };
        voice::report(&services.db, services.clock.now(), clinic, &report).await?;
    }
    Ok(json!({}))
}

fn reason(message: &Value) -> Option<String> {
    message.get("endedReason").and_then(Value::as_str).map(str::to_owned)
}
