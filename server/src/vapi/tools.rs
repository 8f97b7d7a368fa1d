//! Doing what the model wants done, and saying so in one line.

use axum::Json;
use axum::extract::State;
use domain::id::ClinicId;
use domain::{Rejection, spoken};
use serde_json::{Value, json};
use services::Services;
use services::feed::{Signal, Topic};
use services::voice::{self, Answer, Request, Tool};

use super::auth::VapiRequest;
use super::message::{self, Called};
use crate::problem::{ApiResult, Path};

/// The most words said at once. Vapi gives a tool's answer a hundred tokens
/// unless it is told otherwise.
const MOST_WORDS: usize = 60;

/// `POST /api/vapi/tools/{tool}`: one tool at an address of its own, asked in
/// Vapi's way or in the older one.
pub async fn run(
    State(services): State<Services>,
    Path(name): Path<String>,
    request: VapiRequest,
) -> ApiResult<Json<Value>> {
    let tool = Tool::called(&name).ok_or_else(Rejection::not_found)?;
    let nothing = Value::Null;
    let message = message::of(&request.body).unwrap_or(&nothing);
    if message::has_tool_calls(message) {
        return Ok(Json(answer_all(&services, request.clinic, message, Some(tool)).await));
    }
    let called = message::direct(&request.body);
    let answer = answer(&services, request.clinic, message, tool, &called).await?;
    Ok(Json(json!({
        "toolCallId": called.id,
        "result": {
            "success": answer.success,
            "appointmentId": answer.appointment_id,
            "confirmationCode": answer.confirmation_code,
            "smsStatus": answer.sms_status,
            "message": spoken::brief(&answer.message, MOST_WORDS),
        },
    })))
}

/// Vapi's answer to its `tool-calls`: always one for each, in order. A name
/// nobody knows is taken for `tool`, whose address was called.
pub async fn answer_all(services: &Services, clinic: ClinicId, message: &Value, tool: Option<Tool>) -> Value {
    let mut results = Vec::new();
    for called in message::tool_calls(message) {
        let named = called.name.as_deref().and_then(Tool::called).or(tool);
        let answer = match named {
            Some(tool) => answer(services, clinic, message, tool, &called).await,
            None => Err(Rejection::invalid("name", "There is no such tool.").into()),
        };
        let name = called.name.as_deref().or(named.map(Tool::name)).unwrap_or_default();
        let mut result = json!({ "toolCallId": called.id.unwrap_or_default(), "name": name });
        match answer {
            Ok(answer) => result["result"] = spoken::brief(&answer.message, MOST_WORDS).into(),
            Err(error) => result["error"] = spoken::brief(&error.into_rejection().message, MOST_WORDS).into(),
        }
        results.push(result);
    }
    json!({ "results": results })
}

async fn answer(
    services: &Services,
    clinic: ClinicId,
    message: &Value,
    tool: Tool,
    called: &Called,
) -> services::Result<Answer> {
    let unreadable = || Rejection::invalid("arguments", "The arguments could not be read. Please send them again.");
    let request = Request {
        call: message::call_id(message),
        caller: message::caller(message),
        id: called.id.clone(),
        tool,
        arguments: called.arguments.clone().ok_or_else(unreadable)?,
    };
    let answer = voice::answer(&services.db, services.clock.now(), clinic, &request).await?;
    services.feed.committed();
    if tool == Tool::Inquire && answer.success {
        // A task is no event of a visit; staff who look at what waits look
        // again.
        services.feed.send(Topic::Clinic(clinic), Signal::Resync);
    }
    Ok(answer)
}
