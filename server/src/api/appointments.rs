//! Finding, keeping and booking a time.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use domain::appointment::{Appointment, Hold, Slot};
use domain::contact::{EmailAddress, PhoneNumber};
use domain::id::{AppointmentId, ClinicId, HoldId, PractitionerId};
use domain::{Rejection, RejectionCode};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use services::booking::{self, Booking, Changer, Channel, Owner, Wanted, appointments, explaining};
use services::events::Actor;
use services::identity::{self, PatientInput};
use services::{ClinicTx, Services};

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
pub struct ExplainQuery {
    appointment_type: String,
    practitioner: Option<PractitionerId>,
    at: DateTime<Utc>,
}

/// `GET /availability/explain`: why a time is not offered. A patient's session
/// hears what any patient may know, a key which practitioner and what.
pub async fn explain(
    caller: Caller,
    State(services): State<Services>,
    Query(query): Query<ExplainQuery>,
) -> ApiResult<Json<Value>> {
    let now = services.clock.now();
    let mut tx = services.db.clinic(caller.clinic).await?;
    let explanation = booking::explain(&mut tx, now, &query.appointment_type, query.practitioner, query.at).await?;
    let zone = services::clinics::time_zone(&mut tx).await?;
    let reasons: Vec<Value> = match caller.owner {
        Owner::Session(_) => explanation
            .for_patients()
            .into_iter()
            .map(|reason| json!({ "code": reason.code(), "detail": reason.sentence() }))
            .collect(),
        Owner::Key(_) => explanation
            .reasons
            .iter()
            .map(|(who, reason)| {
                json!({
                    "code": reason.code(),
                    "detail": explaining::detail(who, *reason, query.at, zone),
                    "practitioner": who,
                })
            })
            .collect(),
    };
    Ok(Json(json!({ "offered": explanation.offered, "reasons": reasons, "time_zone": zone })))
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

#[derive(Deserialize)]
pub struct LookupQuery {
    code: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

/// `GET /appointments/lookup`: visits by what their patient knows. A code opens
/// its visit to anyone; an address or a number proves nothing about who asks,
/// so with those only a key is answered.
pub async fn lookup(
    caller: Caller,
    State(services): State<Services>,
    Query(query): Query<LookupQuery>,
) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    let found = match query {
        LookupQuery { code: Some(code), email: None, phone: None } => {
            let code = code.parse().map_err(|_| Rejection::invalid("code", "That is not a confirmation code."))?;
            appointments::by_code(&mut tx, &code).await?.into_iter().collect()
        }
        LookupQuery { code: None, email, phone } if email.is_some() != phone.is_some() => {
            if matches!(caller.owner, Owner::Session(_)) {
                return Err(Rejection::new(
                    RejectionCode::VerificationRequired,
                    "Please give the confirmation code of the visit.",
                )
                .into());
            }
            by_contact(&mut tx, email.as_deref(), phone.as_deref()).await?
        }
        _ => return Err(Rejection::invalid("query", "Please give one of code, email and phone.").into()),
    };
    Ok(Json(json!({ "appointments": found, "next": null })))
}

async fn by_contact(tx: &mut ClinicTx, email: Option<&str>, phone: Option<&str>) -> ApiResult<Vec<Appointment>> {
    let country = services::clinics::profile(tx).await?.country;
    let email =
        email.map(EmailAddress::parse).transpose().map_err(|error| Rejection::invalid("email", error.to_string()))?;
    let phone = phone.map(|text| PhoneNumber::parse(text, &country)).transpose();
    let phone = phone.map_err(|error| Rejection::invalid("phone", error.to_string()))?;
    let (phone, email) = (phone.as_ref().map(PhoneNumber::as_str), email.as_ref().map(EmailAddress::as_str));
    Ok(appointments::by_contact(tx, phone, email).await?)
}

#[derive(Deserialize)]
pub struct NewTime {
    slot: String,
}

/// `POST /appointments/{id}/reschedule`: moves a visit to a slot. A session
/// moves what it booked itself, a key anything.
pub async fn reschedule(
    caller: Caller,
    State(services): State<Services>,
    Path((_, id)): Path<(ClinicId, AppointmentId)>,
    problem::Json(new): problem::Json<NewTime>,
) -> ApiResult<Json<Value>> {
    let now = services.clock.now();
    let claim = services.slots.verify(caller.clinic, caller.owner, &new.slot, now)?;
    let moved = services
        .db
        .transaction(caller.clinic, move |tx| {
            Box::pin(async move {
                appointments::check_owner(tx, id, caller.owner).await?;
                booking::reschedule(tx, now, id, &claim, changer(caller.owner)).await
            })
        })
        .await?;
    services.feed.committed();
    Ok(Json(json!({ "appointment": moved.appointment, "replaces": moved.replaces })))
}

#[derive(Default, Deserialize)]
pub struct Cancellation {
    #[serde(default)]
    reason: Option<String>,
}

/// `POST /appointments/{id}/cancel`: calls a visit off.
pub async fn cancel(
    caller: Caller,
    State(services): State<Services>,
    Path((_, id)): Path<(ClinicId, AppointmentId)>,
    problem::Json(cancellation): problem::Json<Cancellation>,
) -> ApiResult<Json<Value>> {
    let now = services.clock.now();
    let reason = booking::note(cancellation.reason.as_deref())?;
    let appointment = services
        .db
        .transaction(caller.clinic, move |tx| {
            let reason = reason.clone();
            Box::pin(async move {
                appointments::check_owner(tx, id, caller.owner).await?;
                booking::cancel(tx, now, id, reason.as_deref(), changer(caller.owner)).await
            })
        })
        .await?;
    services.feed.committed();
    Ok(Json(json!({ "appointment": appointment })))
}

fn changer(owner: Owner) -> Changer {
    match owner {
        Owner::Session(conversation) => Changer::patient(Channel::Web, Some(conversation)),
        Owner::Key(_) => Changer::patient(Channel::Api, None),
    }
}
