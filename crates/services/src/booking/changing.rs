//! Moving a visit, calling it off, and noting that a patient came or did not.
//!
//! The confirmation code and the history stay with the visit through all of
//! it: it is one row, and its time is one row of the book.

use chrono::{DateTime, Duration, Utc};
use domain::appointment::{Appointment, AppointmentStatus, Named};
use domain::id::{AppointmentId, ConversationId};
use domain::{Rejection, RejectionCode, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::placing::{self, Meant, Moving, Taker};
use super::scheduling::{AppointmentType, Mode, Scheduling};
use super::{Channel, SlotClaim, appointments, holding};
use crate::events::{self, Actor, Event, EventKind};
use crate::tasks::{self, TaskKind};
use crate::{ClinicTx, Error, Result, clinics};

/// Who changes a visit, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Changer {
    pub actor: Actor,
    pub actor_id: Option<Uuid>,
    /// As events name channels.
    pub channel: &'static str,
    pub conversation_id: Option<ConversationId>,
}

impl Changer {
    /// The patient, holding the link to the visit or the session it was
    /// booked in.
    pub fn patient(channel: Channel, conversation_id: Option<ConversationId>) -> Self {
        Self { actor: Actor::Patient, actor_id: None, channel: channel.as_str(), conversation_id }
    }

    /// The receptionist, at the patient's wish. The chat in which the visit was
    /// booked is told.
    pub async fn receptionist(tx: &mut ClinicTx, channel: Channel, id: AppointmentId) -> Result<Self> {
        let conversation_id = conversation_of(tx, id).await?;
        Ok(Self { actor: Actor::Receptionist, actor_id: None, channel: channel.as_str(), conversation_id })
    }

    /// A member of staff, in the console.
    pub fn member(id: domain::id::MemberId) -> Self {
        Self { actor: Actor::Member, actor_id: Some(id.uuid()), channel: "console", conversation_id: None }
    }

    /// The clinic's own program, with an API key: bound by what binds patients.
    pub fn key(id: Uuid) -> Self {
        Self { actor: Actor::Program, actor_id: Some(id), channel: "api", conversation_id: None }
    }

    /// What goes by the clock.
    pub fn job() -> Self {
        Self { actor: Actor::Job, actor_id: None, channel: "job", conversation_id: None }
    }

    /// Staff, through a program with the clinic's API key.
    pub fn staff_key() -> Self {
        Self { actor: Actor::Member, actor_id: None, channel: "api", conversation_id: None }
    }

    /// Staff may change a visit at any time; everyone else until the cut-off.
    fn is_bound_by_cutoff(self) -> bool {
        self.actor != Actor::Member
    }

    /// How this changer's channel may book a type. Staff need nobody's approval.
    fn mode(self, kind: &AppointmentType) -> Mode {
        let modes = kind.modes;
        match (self.actor, self.channel) {
            (Actor::Member, _) => Mode::Instant,
            (_, "sms") => modes.sms,
            (_, "voice") => modes.voice,
            (_, "api") => modes.api,
            _ => modes.web,
        }
    }

    pub(super) fn telling(self, conversation_id: Option<ConversationId>) -> Self {
        Self { conversation_id, ..self }
    }
}

/// A visit that moved, and the time it had before.
#[derive(Clone, Debug)]
pub struct Rescheduled {
    pub appointment: Appointment,
    pub replaces: Replaced,
}

/// Where a visit was.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Replaced {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub practitioner: Named,
}

/// What became of a patient's wish to change a visit. Commit either: a wish
/// that came too late has become a task for the clinic's staff.
#[derive(Clone, Debug)]
#[must_use]
pub enum Change<T> {
    Made(T),
    TooLate(Rejection),
}

impl<T> Change<T> {
    /// The change, if it was made.
    ///
    /// # Errors
    ///
    /// Rejected with `cutoff_passed` if it came too late.
    pub fn made(self) -> Result<T, Rejection> {
        match self {
            Self::Made(made) => Ok(made),
            Self::TooLate(rejection) => Err(rejection),
        }
    }
}

/// Moves a visit to the claimed time. The old time is freed if and only if the
/// new one is taken; moving it to where it already is changes nothing. Where
/// staff approve what a channel books, a visit that its patient moved waits for
/// them again.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such visit, `already_cancelled` if
/// it was called off, `cutoff_passed` if it has begun, `invalid` if the slot is
/// for another type, `forbidden` if the channel may not book such visits, and
/// `slot_taken` if the new time is not free.
pub async fn reschedule(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    claim: &SlotClaim,
    changer: Changer,
) -> Result<Change<Rescheduled>> {
    let visit = changeable(tx, id).await?;
    if visit.appointment_type_id != claim.appointment_type_id.uuid() {
        return Err(Rejection::invalid("slot", "That time is for another kind of visit.").into());
    }
    if let Some(rejection) = too_late(tx, now, &visit, changer).await? {
        let zone = clinics::time_zone(tx).await?;
        let wish = format!("Wanted to move it to {}.", say::moment(claim.starts_at, zone));
        tasks::open(tx, now, TaskKind::LateChange, id, &wish).await?;
        return Ok(Change::TooLate(rejection));
    }
    let replaces =
        Replaced { starts_at: visit.starts_at, ends_at: visit.ends_at, practitioner: visit.practitioner.clone() };
    if visit.starts_at != claim.starts_at || visit.practitioner.id != claim.practitioner_id.uuid() {
        move_to(tx, now, id, claim, &visit, changer).await?;
    }
    let appointment = appointments::by_id(tx, id).await?.ok_or(Error::Internal("a visit just moved is not there"))?;
    Ok(Change::Made(Rescheduled { appointment, replaces }))
}

/// Calls a visit off, or takes a request for one back. The row stays, its time
/// is free.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such visit, `already_cancelled` if
/// it was called off before, `cutoff_passed` if it has begun.
pub async fn cancel(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    reason: Option<&str>,
    changer: Changer,
) -> Result<Change<Appointment>> {
    let visit = changeable(tx, id).await?;
    if let Some(rejection) = too_late(tx, now, &visit, changer).await? {
        let wish = reason.map_or("Wanted to cancel it.".to_owned(), |reason| format!("Wanted to cancel it: {reason}"));
        tasks::open(tx, now, TaskKind::LateChange, id, &wish).await?;
        return Ok(Change::TooLate(rejection));
    }
    call_off(tx, now, id, reason, &visit, changer).await?;
    let cancelled = appointments::by_id(tx, id).await?.ok_or(Error::Internal("a visit just cancelled is not there"))?;
    Ok(Change::Made(cancelled))
}

/// Books what was asked for. Approving again changes nothing: of everyone who
/// decides at once, the first does.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such visit, and
/// `already_cancelled` if the request was declined or taken back.
pub async fn approve(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    changer: Changer,
) -> Result<Appointment> {
    let approved = sqlx::query!(
        "update appointments set status = 'booked' where appointment_id = $1 and status = 'pending'",
        id.uuid()
    )
    .execute(tx.conn())
    .await?;
    let appointment = appointments::by_id(tx, id).await?.ok_or_else(Rejection::not_found)?;
    if approved.rows_affected() == 1 {
        let changer = changer.telling(conversation_of(tx, id).await?);
        let payload = json!({ "appointment_id": id, "starts_at": appointment.starts_at, "approved": true });
        record(tx, now, EventKind::BookingCreated, id, changer, payload).await?;
        tasks::settle(tx, now, &[TaskKind::BookingRequest], id, changer.actor_id).await?;
    } else if appointment.status == AppointmentStatus::Cancelled {
        return Err(already_cancelled().into());
    }
    Ok(appointment)
}

/// Refuses what was asked for; its time is free.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such visit, `already_cancelled` if
/// it was declined or taken back before, and `invalid` if it is booked, which
/// is cancelled instead.
pub async fn decline(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    reason: Option<&str>,
    changer: Changer,
) -> Result<Appointment> {
    let visit = lock_visit(tx, id).await?;
    if visit.status != "pending" {
        return Err(Rejection::invalid("status", "This visit is booked already. Cancel it instead.").into());
    }
    let changer = changer.telling(conversation_of(tx, id).await?);
    call_off(tx, now, id, reason, &visit, changer).await?;
    appointments::by_id(tx, id).await?.ok_or(Error::Internal("a request just declined is not there"))
}

async fn call_off(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    reason: Option<&str>,
    visit: &Visit,
    changer: Changer,
) -> Result<()> {
    placing::lock(tx, &[], Moving::Appointment(id), None).await?;
    sqlx::query!(
        "update appointments
         set status = 'cancelled', cancelled_at = $2, cancel_reason = $3, asked_at = null, asked_reason = null
         where appointment_id = $1",
        id.uuid(),
        now,
        reason
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from occupancies where appointment_id = $1", id.uuid()).execute(tx.conn()).await?;
    record(tx, now, EventKind::BookingCancelled, id, changer, json!({ "appointment_id": id })).await?;
    record_opened(tx, now, id, visit, changer).await?;
    let all = [TaskKind::BookingRequest, TaskKind::LateChange, TaskKind::Stranded, TaskKind::WantsChange];
    tasks::settle(tx, now, &all, id, changer.actor_id).await
}

async fn move_to(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    claim: &SlotClaim,
    visit: &Visit,
    changer: Changer,
) -> Result<()> {
    let moving = Moving::Appointment(id);
    let scheduling = Scheduling::current(tx).await?;
    placing::lock(tx, &Meant::by(&scheduling, claim)?.resources(), moving, None).await?;
    // Hours may have changed while this waited for its turn.
    let scheduling = Scheduling::current(tx).await?;
    let mode = changer.mode(Meant::by(&scheduling, claim)?.kind);
    holding::check_mode(mode)?;
    let placement = placing::find(tx, now, &scheduling, claim, moving).await?;
    sqlx::query!("delete from occupancies where appointment_id = $1", id.uuid()).execute(tx.conn()).await?;
    placing::take(tx, Taker::Appointment(id), &placement).await?;
    sqlx::query!(
        "update appointments
         set practitioner_id = $2, starts_at = $3, ends_at = $4, status = $5,
             kept_at = null, asked_at = null, asked_reason = null, decided_despite = null, confirmed_at = null
         where appointment_id = $1",
        id.uuid(),
        claim.practitioner_id.uuid(),
        placement.visit.start,
        placement.visit.end,
        if mode == Mode::Request { "pending" } else { visit.status.as_str() }
    )
    .execute(tx.conn())
    .await?;
    let payload = json!({
        "appointment_id": id,
        "from": { "starts_at": visit.starts_at, "practitioner_id": visit.practitioner.id },
        "to": { "starts_at": claim.starts_at, "practitioner_id": claim.practitioner_id },
        "pending": mode == Mode::Request,
    });
    record(tx, now, EventKind::BookingRescheduled, id, changer, payload).await?;
    record_opened(tx, now, id, visit, changer).await?;
    let done = [TaskKind::LateChange, TaskKind::Stranded, TaskKind::WantsChange];
    tasks::settle(tx, now, &done, id, changer.actor_id).await?;
    if mode == Mode::Request {
        tasks::open(tx, now, TaskKind::BookingRequest, id, "Asks for this time instead of an earlier one.").await?;
    }
    Ok(())
}

/// Notes that the patient came, or did not, or that the visit is done.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such visit, `already_cancelled` if
/// it was called off, and `invalid` if it cannot become `status` now: a visit
/// that has not begun can be neither missed nor done.
pub async fn mark(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    status: AppointmentStatus,
    changer: Changer,
) -> Result<Appointment> {
    let visit = lock_visit(tx, id).await?;
    if visit.status == "pending" {
        return Err(Rejection::invalid("status", "This visit has not been approved yet.").into());
    }
    let kind = match status {
        AppointmentStatus::Arrived => EventKind::BookingArrived,
        AppointmentStatus::Noshow if visit.starts_at <= now => EventKind::BookingNoShow,
        AppointmentStatus::Fulfilled if visit.starts_at <= now => EventKind::BookingFulfilled,
        AppointmentStatus::Noshow | AppointmentStatus::Fulfilled => {
            return Err(Rejection::invalid("status", "This visit has not begun yet.").into());
        }
        _ => return Err(Rejection::invalid("status", "A visit cannot be marked so.").into()),
    };
    if visit.status != status.as_str() {
        sqlx::query!("update appointments set status = $2 where appointment_id = $1", id.uuid(), status.as_str())
            .execute(tx.conn())
            .await?;
        record(tx, now, kind, id, changer, json!({ "appointment_id": id })).await?;
    }
    appointments::by_id(tx, id).await?.ok_or(Error::Internal("a visit just marked is not there"))
}

/// Notes of every visit whose patient came that it is done once it is over,
/// `limit` at most. Returns how many.
pub async fn fulfil_ended(tx: &mut ClinicTx, now: DateTime<Utc>, limit: i64) -> Result<usize> {
    let ended = sqlx::query_scalar!(
        "select appointment_id from appointments
         where status = 'arrived' and ends_at <= $1
         order by ends_at, appointment_id
         limit $2",
        now,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let mut fulfilled = 0;
    for id in ended.into_iter().map(AppointmentId::from) {
        // Staff may have marked it otherwise meanwhile.
        let is_still = lock_visit(tx, id).await?.status == AppointmentStatus::Arrived.as_str();
        if is_still {
            mark(tx, now, id, AppointmentStatus::Fulfilled, Changer::job()).await?;
            fulfilled += 1;
        }
    }
    Ok(fulfilled)
}

pub(super) struct Visit {
    status: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    appointment_type_id: Uuid,
    practitioner: Named,
    cutoff_minutes: i32,
    /// The clinic asked the patient to choose another time.
    was_asked: bool,
}

/// The visit, for this transaction alone, unless it was called off.
pub(super) async fn lock_visit(tx: &mut ClinicTx, id: AppointmentId) -> Result<Visit> {
    // The settings before the visit, as whoever changes them takes visits after
    // them. And the visit before it is joined: PostgreSQL checks a row it has
    // waited for against the practitioner it had before, and finds no visit if
    // that changed meanwhile.
    sqlx::query!(
        "with settings as materialized (
             select pg_advisory_xact_lock_shared(hashtextextended(current_clinic_id()::text, 2))
         )
         select a.appointment_id from appointments a, settings where a.appointment_id = $1 for no key update of a",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let row = sqlx::query!(
        "select a.status, a.starts_at, a.ends_at, a.appointment_type_id, a.asked_at, t.cutoff_minutes,
                p.practitioner_id, p.name as practitioner
         from appointments a
         join appointment_types t using (clinic_id, appointment_type_id)
         join practitioners p using (clinic_id, practitioner_id)
         where a.appointment_id = $1",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Rejection::not_found)?;
    if row.status == "cancelled" {
        return Err(already_cancelled().into());
    }
    Ok(Visit {
        status: row.status,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        appointment_type_id: row.appointment_type_id,
        practitioner: Named { id: row.practitioner_id, name: row.practitioner },
        cutoff_minutes: row.cutoff_minutes,
        was_asked: row.asked_at.is_some(),
    })
}

/// The visit, if it may still be moved or called off by anyone.
async fn changeable(tx: &mut ClinicTx, id: AppointmentId) -> Result<Visit> {
    let visit = lock_visit(tx, id).await?;
    if !matches!(visit.status.as_str(), "booked" | "pending") {
        return Err(Rejection::new(RejectionCode::CutoffPassed, "This visit can no longer be changed.").into());
    }
    Ok(visit)
}

/// What to say to a changer who comes too late; none if they do not.
async fn too_late(tx: &mut ClinicTx, now: DateTime<Utc>, visit: &Visit, changer: Changer) -> Result<Option<Rejection>> {
    let until = visit.starts_at - Duration::minutes(visit.cutoff_minutes.into());
    // Whom the clinic asked to choose again may do so until the visit.
    let until = if visit.was_asked { visit.starts_at } else { until.min(visit.starts_at) };
    if !changer.is_bound_by_cutoff() || now < until {
        return Ok(None);
    }
    let profile = clinics::profile(tx).await?;
    let reach = profile.phone.as_ref().map(|phone| domain::contact::written(phone, &profile.country));
    let reach = reach.map(|phone| format!(" Please call {phone}.")).unwrap_or_default();
    let until = say::moment(until, profile.time_zone);
    let message =
        format!("This visit could be changed here until {until}. We have told the clinic what you wished.{reach}");
    Ok(Some(Rejection::new(RejectionCode::CutoffPassed, message)))
}

fn already_cancelled() -> Rejection {
    Rejection::new(RejectionCode::AlreadyCancelled, "This visit has been cancelled.")
}

/// The chat in which a visit was booked, which is told what became of it.
pub(super) async fn conversation_of(tx: &mut ClinicTx, id: AppointmentId) -> Result<Option<ConversationId>> {
    let conversation =
        sqlx::query_scalar!("select conversation_id from appointments where appointment_id = $1", id.uuid())
            .fetch_optional(tx.conn())
            .await?;
    Ok(conversation.flatten().map(Into::into))
}

async fn record_opened(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    visit: &Visit,
    changer: Changer,
) -> Result<()> {
    let payload = json!({
        "starts_at": visit.starts_at,
        "ends_at": visit.ends_at,
        "practitioner_id": visit.practitioner.id,
        "appointment_type_id": visit.appointment_type_id,
    });
    // The time is the clinic's news, not the patient's.
    let changer = Changer { conversation_id: None, ..changer };
    record(tx, now, EventKind::SlotOpened, id, changer, payload).await
}

pub(super) async fn record(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    kind: EventKind,
    id: AppointmentId,
    changer: Changer,
    payload: Value,
) -> Result<()> {
    let event = Event {
        kind,
        appointment_id: Some(id),
        conversation_id: changer.conversation_id,
        actor: changer.actor,
        actor_id: changer.actor_id,
        channel: changer.channel,
        payload,
    };
    events::record(tx, now, &event).await.map(drop)
}
