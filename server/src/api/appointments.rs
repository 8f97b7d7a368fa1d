//! Finding, keeping and booking a time.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;
use domain::appointment::{Appointment, PatientCard, Slot};
use domain::code::ConfirmationCode;
use domain::contact::{EmailAddress, PhoneNumber};
use domain::id::{AppointmentId, ClinicId, HoldId, PatientId, PractitionerId};
use domain::{Rejection, RejectionCode};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use services::booking::{
    self, At, Booking, Change, Changer, Channel, Confirmed, Owner, Repeat, Series, Wanted, appointments, availability,
};
use services::events::Actor;
use services::identity::verifying::{self, Tried};
use services::identity::{self, PatientDetails, PatientInput};
use services::messaging::listing::sms_outlook;
use services::{ClinicTx, Services, conversations};

use crate::api::once::{self, Once, Outcome};
use crate::auth::{Caller, KeyHolder};
use crate::problem::{ApiResult, Path, Query};

/// The most slots one answer holds.
const MOST_SLOTS: usize = 2_000;

#[derive(Deserialize)]
pub struct AvailabilityQuery {
    appointment_type: String,
    practitioner: Option<PractitionerId>,
    /// With whom to stay, if they are free; keys only.
    patient: Option<PatientId>,
    /// Today without.
    from: Option<NaiveDate>,
    /// May be left out when `days` is asked for.
    to: Option<NaiveDate>,
    /// The first so many days that have free times.
    days: Option<usize>,
    /// Local times, `09:00`, between which a visit starts.
    earliest: Option<String>,
    latest: Option<String>,
    limit: Option<usize>,
}

/// `GET /availability`: free times, each signed for whoever asks.
pub async fn availability(
    caller: Caller,
    State(services): State<Services>,
    Query(query): Query<AvailabilityQuery>,
) -> ApiResult<Response> {
    let (began, now) = (Instant::now(), services.clock.now());
    let mut tx = services.db.clinic(caller.clinic).await?;
    let wanted = wanted(&mut tx, now, caller, query).await?;
    let available = booking::available(&mut tx, now, &wanted).await?;
    drop(tx);
    let slots: Vec<Slot> = available
        .slots
        .iter()
        .map(|slot| slot.shown(&services.slots, caller.clinic, caller.owner, available.time_zone, now))
        .collect();
    let answer = Found { clinic_id: caller.clinic, time_zone: available.time_zone, slots, degraded: false };
    let mut response = Json(answer).into_response();
    // Server-Timing (W3C): how long the clinic's server took, for whoever waits.
    let took = format!("app;dur={:.3}", began.elapsed().as_secs_f64() * 1e3);
    if let Ok(took) = HeaderValue::from_str(&took) {
        response.headers_mut().insert("server-timing", took);
    }
    Ok(response)
}

#[derive(Serialize)]
struct Found {
    clinic_id: ClinicId,
    time_zone: Tz,
    slots: Vec<Slot>,
    degraded: bool,
}

async fn wanted(tx: &mut ClinicTx, now: DateTime<Utc>, caller: Caller, query: AvailabilityQuery) -> ApiResult<Wanted> {
    let today = now.with_timezone(&services::clinics::time_zone(tx).await?).date_naive();
    let from = query.from.unwrap_or(today);
    let to = match (query.to, query.days) {
        (Some(to), _) => to,
        (None, Some(_)) => availability::furthest(tx, now, &query.appointment_type).await?.max(from),
        (None, None) => return Err(Rejection::invalid("to", "Please say until which day, or how many days.").into()),
    };
    if query.days == Some(0) {
        return Err(Rejection::invalid("days", "Please ask for at least one day.").into());
    }
    let usual = match (caller.owner, query.patient) {
        (Owner::Session(conversation), _) => availability::usual_in(tx, conversation).await?,
        (Owner::Key(_), Some(patient)) => availability::usual(tx, patient).await?,
        (Owner::Key(_), None) => None,
    };
    Ok(Wanted {
        practitioner: query.practitioner,
        usual,
        days: query.days,
        earliest: minute("earliest", query.earliest.as_deref())?,
        latest: minute("latest", query.latest.as_deref())?,
        limit: query.limit.unwrap_or(MOST_SLOTS).min(MOST_SLOTS),
        ..Wanted::of(query.appointment_type, caller.channel(), from, to)
    })
}

fn minute(field: &str, text: Option<&str>) -> Result<Option<u32>, Rejection> {
    let read = |text| NaiveTime::parse_from_str(text, "%H:%M").map(|time| time.hour() * 60 + time.minute());
    text.map(read).transpose().map_err(|_| Rejection::invalid(field, "Please give a time as HH:MM."))
}

#[derive(Deserialize)]
pub struct ExplainQuery {
    appointment_type: String,
    practitioner: Option<PractitionerId>,
    /// An instant, or a time on the clinic's wall clock without an offset.
    at: String,
}

/// `GET /availability/explain`: why a time is not offered. A patient's session
/// hears what any patient may know, a key which practitioner and what.
pub async fn explain(
    caller: Caller,
    State(services): State<Services>,
    Query(query): Query<ExplainQuery>,
) -> ApiResult<Json<Value>> {
    let now = services.clock.now();
    let at = moment(&query.at)?;
    let mut tx = services.db.clinic(caller.clinic).await?;
    let (kind, with) = (&query.appointment_type, query.practitioner);
    let explanation = booking::explain(&mut tx, now, kind, with, caller.channel(), at).await?;
    let reasons: Vec<Value> = match caller.owner {
        Owner::Session(_) => explanation
            .for_patients()
            .into_iter()
            .map(|reason| json!({ "code": reason.code(), "detail": reason.sentence() }))
            .collect(),
        Owner::Key(_) => explanation
            .for_staff(&mut tx)
            .await?
            .into_iter()
            .map(|told| json!({ "code": told.reason.code(), "detail": told.detail, "practitioner": told.practitioner }))
            .collect(),
    };
    Ok(Json(json!({ "offered": explanation.offered, "reasons": reasons, "time_zone": explanation.time_zone })))
}

fn moment(text: &str) -> Result<At, Rejection> {
    let local = || {
        ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"].iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
    };
    let instant = text.parse::<DateTime<Utc>>().ok();
    instant.map(At::Instant).or_else(|| local().map(At::Local)).ok_or_else(|| {
        Rejection::invalid(
            "at",
            "Please give an instant such as 2026-11-24T19:00:00Z, or a local time without an offset.",
        )
    })
}

#[derive(Deserialize)]
pub struct NewHold {
    slot: String,
}

/// `POST /holds`: keeps a slot for some minutes.
pub async fn hold(caller: Caller, State(services): State<Services>, once: Once<NewHold>) -> ApiResult<Response> {
    let now = services.clock.now();
    let (new, key) = once.apart();
    let slots = services.slots.clone();
    once::run(&services, caller, key, move |tx| {
        // An answer given before is given again, even when the offer has run out.
        let claim = slots.verify(caller.clinic, caller.owner, &new.slot, now);
        Box::pin(async move {
            let hold = booking::hold(tx, now, caller.owner, caller.channel(), &claim?).await?;
            Ok(Outcome::Done(StatusCode::CREATED, json!(hold)))
        })
    })
    .await
}

/// `DELETE /holds/{hold_id}`: lets go of a slot.
pub async fn release(
    caller: Caller,
    State(services): State<Services>,
    Path((_, hold_id)): Path<(ClinicId, HoldId)>,
) -> ApiResult<StatusCode> {
    let released = services
        .db
        .transaction(caller.clinic, move |tx| {
            Box::pin(async move { booking::release(tx, caller.owner, hold_id).await })
        })
        .await?;
    if released { Ok(StatusCode::NO_CONTENT) } else { Err(Rejection::not_found().into()) }
}

#[derive(Clone, Deserialize)]
pub struct Confirmation {
    hold_id: HoldId,
    patient: PatientInput,
    note: Option<String>,
    /// Books the same time in the weeks after it too.
    repeat: Option<Repeat>,
}

/// `POST /appointments/confirm`: turns a hold into an appointment, or a series
/// of them. 201 when it did, 200 when it had been done before.
pub async fn confirm(
    caller: Caller,
    State(services): State<Services>,
    once: Once<Confirmation>,
) -> ApiResult<Response> {
    let now = services.clock.now();
    let (wanted, key) = once.apart();
    let note = booking::note(wanted.note.as_deref())?;
    once::run(&services, caller, key, move |tx| {
        let (wanted, note) = (wanted.clone(), note.clone());
        Box::pin(async move {
            let patient = identity::read_input(tx, &wanted.patient).await?;
            let given = patient.clone();
            let booking = Booking {
                hold_id: wanted.hold_id,
                owner: caller.owner,
                patient,
                note,
                channel: caller.channel(),
                actor: match caller.owner {
                    Owner::Session(_) => Actor::Patient,
                    Owner::Key(_) => Actor::Program,
                },
                conversation_id: caller.conversation(),
            };
            match wanted.repeat {
                Some(repeat) => {
                    let series = booking::confirm_series(tx, now, &booking, repeat).await?;
                    all_of(tx, caller, &given, series).await
                }
                None => {
                    let confirmed = booking::confirm(tx, now, &booking).await?;
                    one_of(tx, caller, &given, confirmed).await
                }
            }
        })
    })
    .await
}

async fn one_of(
    tx: &mut ClinicTx,
    caller: Caller,
    given: &PatientDetails,
    confirmed: Confirmed,
) -> services::Result<Outcome> {
    let status = if confirmed.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Outcome::Done(status, booked(tx, &as_given(caller, given, confirmed.appointment)).await?))
}

async fn all_of(
    tx: &mut ClinicTx,
    caller: Caller,
    given: &PatientDetails,
    series: Series,
) -> services::Result<Outcome> {
    let status = if series.is_new { StatusCode::CREATED } else { StatusCode::OK };
    let appointments: Vec<Appointment> =
        series.appointments.into_iter().map(|visit| as_given(caller, given, visit)).collect();
    let mut body = match appointments.first() {
        Some(first) => booked(tx, first).await?,
        None => json!({}),
    };
    body["series"] = json!({ "id": series.id, "appointments": appointments, "skipped": series.skipped });
    Ok(Outcome::Done(status, body))
}

/// A visit with its patient as this session named them. They may be known to
/// the clinic by more, which is for the session to prove first.
fn as_given(caller: Caller, given: &PatientDetails, visit: Appointment) -> Appointment {
    if matches!(caller.owner, Owner::Key(_)) {
        return visit;
    }
    let patient = visit.patient.map(|card| PatientCard {
        name: given.name.as_str().to_owned(),
        phone: given.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        email: given.email.as_ref().map(|email| email.as_str().to_owned()),
        ..card
    });
    Appointment { patient, ..visit }
}

async fn booked(tx: &mut ClinicTx, appointment: &Appointment) -> services::Result<Value> {
    Ok(json!({
        "confirmation_code": appointment.confirmation_code,
        "appointment": appointment,
        "sms_status": sms_outlook(tx, appointment.id).await?.as_str(),
    }))
}

#[derive(Deserialize)]
pub struct LookupQuery {
    code: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

/// `GET /appointments/lookup`: visits by what their patient knows. To a session
/// a code opens its visit; an address or a number proves nothing about who
/// asks, so with those it sees what it may see already.
pub async fn lookup(
    caller: Caller,
    State(services): State<Services>,
    Query(query): Query<LookupQuery>,
) -> ApiResult<Json<Value>> {
    let now = services.clock.now();
    let mut tx = services.db.clinic(caller.clinic).await?;
    let asked = Asked::read(&mut tx, &query).await?;
    let found = match (caller.owner, asked) {
        (Owner::Key(_), Asked::Code(code)) => appointments::by_code(&mut tx, &code).await?.into_iter().collect(),
        (Owner::Key(_), Asked::Contact { phone, email }) => {
            appointments::by_contact(&mut tx, phone.as_deref(), email.as_deref()).await?
        }
        (Owner::Session(conversation), Asked::Code(code)) => {
            conversations::open(&mut tx, conversation, Channel::Web, now).await?;
            let tried = verifying::by_code(&mut tx, now, conversation, code.as_str()).await?;
            // A try that failed counts.
            tx.commit().await?;
            match tried {
                Tried::Proven(visit) => vec![unnamed(visit)],
                Tried::Failed(_) => Vec::new(),
            }
        }
        (Owner::Session(conversation), Asked::Contact { phone, email }) => {
            let visits = verifying::reached_at(&mut tx, conversation, now, phone.as_deref(), email.as_deref()).await?;
            if visits.is_empty() {
                let message = "Please give the confirmation code of the visit.";
                return Err(Rejection::new(RejectionCode::VerificationRequired, message).into());
            }
            visits.into_iter().map(unnamed).collect()
        }
    };
    Ok(Json(json!({ "appointments": found, "next": null })))
}

/// What visits are looked for by.
enum Asked {
    Code(ConfirmationCode),
    Contact { phone: Option<String>, email: Option<String> },
}

impl Asked {
    async fn read(tx: &mut ClinicTx, query: &LookupQuery) -> ApiResult<Self> {
        match (query.code.as_deref(), query.email.as_deref(), query.phone.as_deref()) {
            (Some(code), None, None) => {
                let code = code.parse().map_err(|_| Rejection::invalid("code", "That is not a confirmation code."))?;
                Ok(Self::Code(code))
            }
            (None, Some(email), None) => {
                let email =
                    EmailAddress::parse(email).map_err(|error| Rejection::invalid("email", error.to_string()))?;
                Ok(Self::Contact { phone: None, email: Some(email.as_str().to_owned()) })
            }
            (None, None, Some(phone)) => {
                let country = services::clinics::profile(tx).await?.country;
                let phone = PhoneNumber::parse(phone, &country)
                    .map_err(|error| Rejection::invalid("phone", error.to_string()))?;
                Ok(Self::Contact { phone: Some(phone.as_str().to_owned()), email: None })
            }
            _ => Err(Rejection::invalid("query", "Please give one of code, email and phone.").into()),
        }
    }
}

/// A visit as a session sees it, which may know its code and not whose it is.
fn unnamed(visit: Appointment) -> Appointment {
    Appointment { patient: None, ..visit }
}

/// A visit that was changed, as its caller may see it.
fn shown(caller: Caller, visit: Appointment) -> Appointment {
    match caller.owner {
        Owner::Session(_) => unnamed(visit),
        Owner::Key(_) => visit,
    }
}

#[derive(Deserialize)]
pub struct NewTime {
    slot: String,
}

/// `POST /appointments/{id}/reschedule`: moves a visit to a slot. A session
/// moves what it booked itself or proved to be theirs, a key anything.
pub async fn reschedule(
    caller: Caller,
    State(services): State<Services>,
    Path((_, id)): Path<(ClinicId, AppointmentId)>,
    once: Once<NewTime>,
) -> ApiResult<Response> {
    let now = services.clock.now();
    let (new, key) = once.apart();
    let slots = services.slots.clone();
    once::run(&services, caller, key, move |tx| {
        let claim = slots.verify(caller.clinic, caller.owner, &new.slot, now);
        Box::pin(async move {
            let claim = claim?;
            appointments::check_owner(tx, id, caller.owner).await?;
            Ok(match booking::reschedule(tx, now, id, &claim, changer(caller)).await? {
                Change::TooLate(rejection) => Outcome::Refused(rejection),
                Change::Made(moved) => Outcome::Done(
                    StatusCode::OK,
                    json!({ "appointment": shown(caller, moved.appointment), "replaces": moved.replaces }),
                ),
            })
        })
    })
    .await
}

#[derive(Default, Deserialize)]
pub struct Because {
    #[serde(default)]
    reason: Option<String>,
}

/// `POST /appointments/{id}/cancel`: calls a visit off.
pub async fn cancel(
    caller: Caller,
    State(services): State<Services>,
    Path((_, id)): Path<(ClinicId, AppointmentId)>,
    once: Once<Because>,
) -> ApiResult<Response> {
    let now = services.clock.now();
    let (because, key) = once.apart();
    let reason = booking::note(because.reason.as_deref())?;
    once::run(&services, caller, key, move |tx| {
        let reason = reason.clone();
        Box::pin(async move {
            appointments::check_owner(tx, id, caller.owner).await?;
            Ok(match booking::cancel(tx, now, id, reason.as_deref(), changer(caller)).await? {
                Change::TooLate(rejection) => Outcome::Refused(rejection),
                Change::Made(appointment) => {
                    Outcome::Done(StatusCode::OK, json!({ "appointment": shown(caller, appointment) }))
                }
            })
        })
    })
    .await
}

/// `POST /appointments/{id}/approve`: books what was asked for.
pub async fn approve(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path((_, id)): Path<(ClinicId, AppointmentId)>,
    once: Once<Because>,
) -> ApiResult<Response> {
    let now = services.clock.now();
    let (_, key) = once.apart();
    once::run(&services, caller, key, move |tx| {
        Box::pin(async move {
            let appointment = booking::approve(tx, now, id, Changer::staff_key()).await?;
            Ok(Outcome::Done(StatusCode::OK, json!({ "appointment": appointment })))
        })
    })
    .await
}

/// `POST /appointments/{id}/decline`: refuses what was asked for.
pub async fn decline(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path((_, id)): Path<(ClinicId, AppointmentId)>,
    once: Once<Because>,
) -> ApiResult<Response> {
    let now = services.clock.now();
    let (because, key) = once.apart();
    let reason = booking::note(because.reason.as_deref())?;
    once::run(&services, caller, key, move |tx| {
        let reason = reason.clone();
        Box::pin(async move {
            let appointment = booking::decline(tx, now, id, reason.as_deref(), Changer::staff_key()).await?;
            Ok(Outcome::Done(StatusCode::OK, json!({ "appointment": appointment })))
        })
    })
    .await
}

fn changer(caller: Caller) -> Changer {
    match caller.owner {
        Owner::Session(conversation) => Changer::patient(Channel::Web, Some(conversation)),
        Owner::Key(id) => Changer::key(id),
    }
}
