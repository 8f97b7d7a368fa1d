//! Finding, keeping and booking a time.

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::Rejection;
use domain::appointment::{Hold, Slot};
use domain::id::{ClinicId, HoldId, PractitionerId};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use services::Services;
use services::booking::{self, Booking, Channel, Owner, Wanted};
use services::events::Actor;
use services::identity::{self, PatientInput};

use crate::auth::Caller;
use crate::problem::{self, ApiResult, Path, Query};

/// The most slots one answer holds.
const MOST_SLOTS: usize = 2_000;

#[derive(Deserialize)]
pub struct AvailabilityQuery {
    appointment_type: String,
    #[serde(default)]
    practitioner: Option<PractitionerId>,
    from: NaiveDate,
    to: NaiveDate,
    #[serde(default)]
    limit: Option<usize>,
}

/// `GET /availability`: free times, each signed for whoever asks.
pub async fn availability(
    caller: Caller,
    State(services): State<Services>,
    Query(query): Query<AvailabilityQuery>,
) -> ApiResult<Json<Value>> {
    let now = services.clock.now();
    let wanted = Wanted {
        appointment_type: query.appointment_type,
        practitioner: query.practitioner,
        from: query.from,
        to: query.to,
        earliest: None,
        latest: None,
        near: None,
        limit: query.limit.unwrap_or(MOST_SLOTS).min(MOST_SLOTS),
    };
    let mut tx = services.db.clinic(caller.clinic).await?;
    let available = booking::available(&mut tx, now, &wanted).await?;
    drop(tx);
    let slots: Vec<Slot> = available
        .slots
        .iter()
        .map(|slot| slot.shown(&services.slots, caller.clinic, caller.owner, available.time_zone, now))
        .collect();
    Ok(Json(json!({
        "clinic_id": caller.clinic,
        "time_zone": available.time_zone,
        "slots": slots,
        "degraded": false,
    })))
}

#[derive(Deserialize)]
pub struct NewHold {
    slot: String,
}

/// `POST /holds`: keeps a slot for some minutes.
pub async fn hold(
    caller: Caller,
    State(services): State<Services>,
    problem::Json(new): problem::Json<NewHold>,
) -> ApiResult<(StatusCode, Json<Hold>)> {
    let now = services.clock.now();
    let claim = services.slots.verify(caller.clinic, caller.owner, &new.slot, now)?;
    let hold = services
        .db
        .transaction(caller.clinic, move |tx| {
            Box::pin(async move { booking::hold(tx, now, caller.owner, &claim).await })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(hold)))
}

/// `DELETE /holds/{hold_id}`: lets go of a slot.
pub async fn release(
    caller: Caller,
    State(services): State<Services>,
    Path((_, hold_id)): Path<(ClinicId, HoldId)>,
) -> ApiResult<StatusCode> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    let released = booking::release(&mut tx, caller.owner, hold_id).await?;
    tx.commit().await?;
    if released { Ok(StatusCode::NO_CONTENT) } else { Err(Rejection::not_found().into()) }
}

#[derive(Deserialize)]
pub struct Confirmation {
    hold_id: HoldId,
    patient: PatientInput,
    #[serde(default)]
    note: Option<String>,
}

/// `POST /appointments/confirm`: turns a hold into an appointment. 201 when it
/// did, 200 when it had been done before.
pub async fn confirm(
    caller: Caller,
    State(services): State<Services>,
    problem::Json(wanted): problem::Json<Confirmation>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let now = services.clock.now();
    let note = booking::note(wanted.note.as_deref())?;
    let confirmed = services
        .db
        .transaction(caller.clinic, move |tx| {
            let (patient, note) = (wanted.patient.clone(), note.clone());
            Box::pin(async move {
                let patient = identity::read_input(tx, &patient).await?;
                let (channel, conversation_id) = match caller.owner {
                    Owner::Session(conversation) => (Channel::Web, Some(conversation)),
                    Owner::Key(_) => (Channel::Api, None),
                };
                let booking = Booking {
                    hold_id: wanted.hold_id,
                    owner: caller.owner,
                    patient,
                    note,
                    channel,
                    actor: Actor::Patient,
                    conversation_id,
                };
                booking::confirm(tx, now, &booking).await
            })
        })
        .await?;
    services.feed.committed();
    let status = if confirmed.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((
        status,
        Json(json!({
            "confirmation_code": confirmed.appointment.confirmation_code,
            "appointment": confirmed.appointment,
            // No text message is sent until a clinic can send them.
            "sms_status": "failed_but_booked",
        })),
    ))
}
