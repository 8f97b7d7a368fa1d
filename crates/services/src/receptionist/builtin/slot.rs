//! Times on offer, held and booked, as the tools report them.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::Value;

use super::super::model::ToolCall;

/// A time the clinic offered.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    pub token: String,
    pub label: String,
    pub visit: Visit,
}

/// What, when and with whom, whether on offer, held or booked.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    pub local: NaiveDateTime,
    pub practitioner_id: String,
    pub practitioner: String,
    pub offered: String,
    pub minutes: i64,
}

/// A slot kept for the patient for some minutes.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    pub id: String,
    pub visit: Visit,
    pub expires_at: Option<DateTime<Utc>>,
}

/// A confirmed appointment, or a request for one, and whom it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Booked {
    pub code: String,
    /// Staff have to approve it first.
    pub is_request: bool,
    pub visit: Visit,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// A visit that was looked up, moved or called off.
#[derive(Clone, Debug, PartialEq)]
pub struct Existing {
    pub id: String,
    pub code: String,
    pub status: String,
    /// Of its appointment type.
    pub slug: String,
    pub visit: Visit,
}

/// Why a tool did not do what it was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub code: String,
    pub message: String,
}

/// The result of a tool, or its refusal. Anything else counts as a refusal.
pub fn outcome(output: &Value) -> Result<&Value, Refusal> {
    if text(output, "/outcome").as_deref() == Some("done")
        && let Some(result) = output.get("result")
    {
        return Ok(result);
    }
    let code = text(output, "/code").unwrap_or_else(|| "unavailable".into());
    let message = text(output, "/message").filter(|message| !message.trim().is_empty());
    Err(Refusal { code, message: message.unwrap_or_else(|| "That did not work just now.".into()) })
}

/// The slots of a `check_availability` result, leaving out any it garbled.
pub fn slots(result: &Value) -> Vec<Slot> {
    let listed = result.get("slots").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    listed.iter().take(60).filter_map(slot).collect()
}

/// Whether a call changes a visit that exists.
pub fn changes(call: &ToolCall) -> bool {
    matches!(call.name.as_str(), "cancel_booking" | "reschedule_booking")
}

/// The visits of a `lookup_booking` result.
pub fn existing(result: &Value) -> Vec<Existing> {
    let listed = result.get("visits").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    listed.iter().take(20).filter_map(existing_of).collect()
}

/// One of them, or what a tool that changed one gave.
pub fn existing_of(value: &Value) -> Option<Existing> {
    Some(Existing {
        id: text(value, "/appointment_id")?,
        code: text(value, "/confirmation_code")?,
        status: text(value, "/status")?,
        slug: text(value, "/appointment_type/slug")?,
        visit: visit(value)?,
    })
}

/// The hold of a `hold_slot` result.
pub fn hold(result: &Value) -> Option<Hold> {
    let expires_at = text(result, "/expires_at").and_then(|at| at.parse().ok());
    Some(Hold { id: text(result, "/hold_id")?, visit: visit(result)?, expires_at })
}

/// The appointment of a `confirm_booking` result, under the contact that was sent.
pub fn booked(arguments: &Value, result: &Value) -> Option<Booked> {
    Some(Booked {
        code: text(result, "/confirmation_code")?,
        is_request: text(result, "/appointment/status").as_deref() == Some("pending"),
        visit: visit(result)?,
        name: text(arguments, "/name").unwrap_or_default(),
        email: text(arguments, "/email"),
        phone: text(arguments, "/phone"),
    })
}

/// The string at a JSON pointer.
pub fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}

fn slot(value: &Value) -> Option<Slot> {
    Some(Slot { token: text(value, "/slot")?, label: text(value, "/label").unwrap_or_default(), visit: visit(value)? })
}

fn visit(value: &Value) -> Option<Visit> {
    let local = text(value, "/local")?;
    let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&local, form).ok())?;
    Some(Visit {
        local,
        practitioner_id: text(value, "/practitioner/id").unwrap_or_default(),
        practitioner: text(value, "/practitioner/name").unwrap_or_default(),
        offered: text(value, "/appointment_type/name").unwrap_or_default(),
        minutes: value.get("minutes").and_then(Value::as_i64).unwrap_or_default(),
    })
}
