//! Moving a visit, calling it off, and noting that a patient came or did not.
//!
//! The confirmation code and the history stay with the visit through all of
//! it: it is one row, and its time is one row of the book.

use chrono::{DateTime, Duration, Utc};
use domain::appointment::{Appointment, AppointmentStatus, Named};
use domain::id::{AppointmentId, ConversationId};
use domain::schedule::Interval;
use domain::{Rejection, RejectionCode, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Channel, SlotClaim, appointments, holding};
use crate::error::OnConstraint;
use crate::events::{self, Actor, Event, EventKind};
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

    /// A member of staff, in the console.
    pub fn member(id: domain::id::MemberId) -> Self {
        Self { actor: Actor::Member, actor_id: Some(id.uuid()), channel: "console", conversation_id: None }
    }

    /// Staff may change a visit at any time; everyone else until the cut-off.
    fn is_bound_by_cutoff(self) -> bool {
        self.actor != Actor::Member
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

/// Moves a visit to the claimed time. The old time is freed if and only if the
/// new one is taken; moving it to where it already is changes nothing.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such visit, `already_cancelled` if
/// it was called off, `cutoff_passed` if it is too late for a patient to move
/// it, `invalid` if the slot is for another type, and `slot_taken` if the new
/// time is not free.
pub async fn reschedule(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    claim: &SlotClaim,
    changer: Changer,
) -> Result<Rescheduled> {
    let visit = changeable(tx, now, id, changer).await?;
    if visit.appointment_type_id != claim.appointment_type_id.uuid() {
        return Err(Rejection::invalid("slot", "That time is for another kind of visit.").into());
    }
    let replaces =
        Replaced { starts_at: visit.starts_at, ends_at: visit.ends_at, practitioner: visit.practitioner.clone() };
    if visit.starts_at != claim.starts_at || visit.practitioner.id != claim.practitioner_id.uuid() {
        holding::lock_book(tx, claim.practitioner_id).await?;
        let (time, occupied) = holding::check_still_offered(tx, claim).await?;
        holding::release_expired(tx, now, claim, occupied).await?;
        take(tx, id, claim, time, occupied).await?;
        let payload = json!({
            "appointment_id": id,
            "from": { "starts_at": visit.starts_at, "practitioner_id": visit.practitioner.id },
            "to": { "starts_at": claim.starts_at, "practitioner_id": claim.practitioner_id },
        });
        record(tx, now, EventKind::BookingRescheduled, id, changer, payload).await?;
        record_opened(tx, now, id, &visit, changer).await?;
    }
    let appointment = appointments::by_id(tx, id).await?.ok_or(Error::Internal("a visit just moved is not there"))?;
    Ok(Rescheduled { appointment, replaces })
}

/// Calls a visit off. The row stays, its time is free.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such visit, `already_cancelled` if
/// it was called off before, `cutoff_passed` if it is too late for a patient.
pub async fn cancel(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    reason: Option<&str>,
    changer: Changer,
) -> Result<Appointment> {
    let visit = changeable(tx, now, id, changer).await?;
    sqlx::query!(
        "update appointments set status = 'cancelled', cancelled_at = $2, cancel_reason = $3 where appointment_id = $1",
        id.uuid(),
        now,
        reason
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from occupancies where appointment_id = $1", id.uuid()).execute(tx.conn()).await?;
    record(tx, now, EventKind::BookingCancelled, id, changer, json!({ "appointment_id": id })).await?;
    record_opened(tx, now, id, &visit, changer).await?;
    appointments::by_id(tx, id).await?.ok_or(Error::Internal("a visit just cancelled is not there"))
}

/// Notes that the patient came, or did not.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such visit, `already_cancelled` if
/// it was called off, and `invalid` if it cannot become `status` now: a visit
/// that has not begun cannot have been missed.
pub async fn mark(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    status: AppointmentStatus,
    changer: Changer,
) -> Result<Appointment> {
    let visit = lock_visit(tx, id).await?;
    let kind = match status {
        AppointmentStatus::Arrived => EventKind::BookingArrived,
        AppointmentStatus::Noshow if visit.starts_at <= now => EventKind::BookingNoShow,
        AppointmentStatus::Noshow => {
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

struct Visit {
    status: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    appointment_type_id: Uuid,
    practitioner: Named,
    cutoff_minutes: i32,
}

/// The visit, for this transaction alone, unless it was called off.
async fn lock_visit(tx: &mut ClinicTx, id: AppointmentId) -> Result<Visit> {
    let row = sqlx::query!(
        "select a.status, a.starts_at, a.ends_at, a.appointment_type_id, t.cutoff_minutes,
                p.practitioner_id, p.name as practitioner
         from appointments a
         join appointment_types t using (clinic_id, appointment_type_id)
         join practitioners p using (clinic_id, practitioner_id)
         where a.appointment_id = $1
         for no key update of a",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Rejection::not_found)?;
    if row.status == "cancelled" {
        return Err(Rejection::new(RejectionCode::AlreadyCancelled, "This visit has been cancelled.").into());
    }
    Ok(Visit {
        status: row.status,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        appointment_type_id: row.appointment_type_id,
        practitioner: Named { id: row.practitioner_id, name: row.practitioner },
        cutoff_minutes: row.cutoff_minutes,
    })
}

/// The visit, if it may still be moved or called off by this changer.
async fn changeable(tx: &mut ClinicTx, now: DateTime<Utc>, id: AppointmentId, changer: Changer) -> Result<Visit> {
    let visit = lock_visit(tx, id).await?;
    if visit.status != "booked" {
        return Err(Rejection::new(RejectionCode::CutoffPassed, "This visit can no longer be changed.").into());
    }
    let until = visit.starts_at - Duration::minutes(visit.cutoff_minutes.into());
    if changer.is_bound_by_cutoff() && now >= until.min(visit.starts_at) {
        return Err(too_late(tx, until).await?.into());
    }
    Ok(visit)
}

async fn too_late(tx: &mut ClinicTx, until: DateTime<Utc>) -> Result<Rejection> {
    let profile = clinics::profile(tx).await?;
    let reach = profile.phone.as_ref().map(|phone| domain::contact::written(phone, &profile.country));
    let reach = reach.map(|phone| format!(" Please call {phone}.")).unwrap_or_default();
    let until = say::moment(until, profile.time_zone);
    Ok(Rejection::new(RejectionCode::CutoffPassed, format!("This visit could be changed here until {until}.{reach}")))
}

async fn take(
    tx: &mut ClinicTx,
    id: AppointmentId,
    claim: &SlotClaim,
    time: Interval,
    occupied: Interval,
) -> Result<()> {
    sqlx::query!(
        "update occupancies set practitioner_id = $2, during = tstzrange($3, $4) where appointment_id = $1",
        id.uuid(),
        claim.practitioner_id.uuid(),
        occupied.start,
        occupied.end
    )
    .execute(tx.conn())
    .await
    .on_constraint("occupancies_no_overlap", Rejection::slot_taken)?;
    sqlx::query!(
        "update appointments set practitioner_id = $2, starts_at = $3, ends_at = $4 where appointment_id = $1",
        id.uuid(),
        claim.practitioner_id.uuid(),
        time.start,
        time.end
    )
    .execute(tx.conn())
    .await?;
    Ok(())
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

async fn record(
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
