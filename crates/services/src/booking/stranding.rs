//! Visits that no longer fit the clinic's hours, people or rooms.

mod grounds;

use std::collections::HashMap;

use chrono::{DateTime, Timelike, Utc};
use domain::appointment::Appointment;
use domain::explain::Reason;
use domain::id::{AppointmentId, HoldId, PractitionerId};
use domain::schedule::Interval;
use domain::{FieldError, Rejection, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::availability::{OpenSlot, Wanted, available};
use super::changes::{Changed, Plan};
use super::changing::{self, Change, Changer};
use super::scheduling::Scheduling;
use super::{Channel, SlotClaim, appointments, expiring};
use crate::events::EventKind;
use crate::tasks::{self, TaskKind};
use crate::{ClinicTx, Error, Result};
use grounds::{Ground, Taken};

/// A visit that a change strands.
#[derive(Clone, Debug)]
pub struct Stranded {
    pub appointment: Appointment,
    pub reasons: Vec<Reason>,
    /// The reasons, one by one.
    grounds: Vec<Ground>,
    /// Times it could move to, the nearest to its own first.
    pub suggestions: Vec<OpenSlot>,
}

impl Stranded {
    /// As it is noted what was decided despite.
    fn despite(&self) -> Vec<String> {
        self.grounds.iter().map(ToString::to_string).collect()
    }
}

/// What to do about a stranded visit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Decision {
    /// It stays where it is, outside the new hours.
    Keep,
    Move {
        practitioner: PractitionerId,
        starts_at: DateTime<Utc>,
    },
    /// The patient chooses another time; until then it stays.
    Ask {
        message: Option<String>,
    },
}

/// How many stranded visits are given suggestions.
const MOST_SUGGESTED: usize = 60;

/// Waits for bookings under way, makes later ones wait, and notes how every
/// visit stands.
pub(crate) async fn before(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<Ahead> {
    super::placing::lock_settings(tx).await?;
    ahead(tx, now).await
}

/// Refuses a change that strands visits.
///
/// # Errors
///
/// Rejected with `invalid`, naming the visits.
pub(crate) async fn refuse_newly(tx: &mut ClinicTx, now: DateTime<Utc>, before: &Ahead) -> Result<()> {
    let stranded: Vec<FieldError> = newly(tx, now, before).await?.iter().map(to_decide).collect();
    if stranded.is_empty() { Ok(()) } else { Err(Rejection::invalid_fields(stranded).into()) }
}

/// How every visit ahead stands.
pub(crate) type Ahead = HashMap<AppointmentId, Stands>;

/// How a visit stands in the schedule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stands {
    /// What speaks against it.
    grounds: Vec<Ground>,
    /// At which location it is.
    place: Option<Uuid>,
}

/// How every visit ahead stands, decided about or not.
pub(super) async fn ahead(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<Ahead> {
    Ok(find(tx, now).await?.into_iter().collect())
}

/// The visits against which something speaks that did not before: one that was
/// kept outside the hours is asked about again when its practitioner is away.
pub(super) async fn newly(tx: &mut ClinicTx, now: DateTime<Utc>, before: &Ahead) -> Result<Vec<Stranded>> {
    let mut stranded = Vec::new();
    for (id, stands) in find(tx, now).await? {
        let known = before.get(&id);
        let is_new = |ground: &Ground| known.is_none_or(|known| !known.grounds.contains(ground));
        // Where a clinic names its places for the first time, nothing moves.
        let was_at = known.and_then(|known| known.place);
        let has_moved = was_at.is_some() && stands.place.is_some() && was_at != stands.place;
        if has_moved || stands.grounds.iter().any(is_new) {
            stranded.push(describe(tx, id, &stands, has_moved).await?);
        }
    }
    Ok(stranded)
}

/// Visits ahead that do not fit for a reason that nobody has decided about:
/// there are none unless the schedule was changed behind everybody's back.
pub async fn undecided(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<Vec<Stranded>> {
    let rows = sqlx::query!(
        "select appointment_id, decided_despite
         from appointments
         where status in ('booked', 'pending') and ends_at > $1 and (kept_at is not null or asked_at is not null)",
        now
    )
    .fetch_all(tx.conn())
    .await?;
    let decided: HashMap<AppointmentId, Option<Vec<String>>> =
        rows.into_iter().map(|row| (row.appointment_id.into(), row.decided_despite)).collect();
    let is_decided = |id: &AppointmentId, ground: &Ground| match decided.get(id) {
        Some(Some(despite)) => despite.contains(&ground.to_string()),
        // Decided before it was noted despite what.
        Some(None) => true,
        None => false,
    };
    let mut stranded = Vec::new();
    for (id, stands) in find(tx, now).await? {
        if !stands.grounds.iter().all(|ground| is_decided(&id, ground)) {
            stranded.push(describe(tx, id, &stands, false).await?);
        }
    }
    with_suggestions(tx, now, stranded).await
}

async fn describe(tx: &mut ClinicTx, id: AppointmentId, stands: &Stands, has_moved: bool) -> Result<Stranded> {
    let appointment = appointments::by_id(tx, id).await?.ok_or(Error::Internal("a stranded visit is not there"))?;
    let mut reasons: Vec<Reason> = Vec::new();
    for reason in stands.grounds.iter().map(|ground| ground.reason()).chain(has_moved.then_some(Reason::Location)) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    Ok(Stranded { appointment, reasons, grounds: stands.grounds.clone(), suggestions: Vec::new() })
}

/// How the visits ahead stand in the schedule as it is now, by start.
async fn find(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<Vec<(AppointmentId, Stands)>> {
    let scheduling = Scheduling::current(tx).await?;
    let rows = sqlx::query!(
        r#"
        select a.appointment_id, a.practitioner_id, a.appointment_type_id, a.starts_at, a.ends_at,
               array(select o.room_id from occupancies o
                     where o.appointment_id = a.appointment_id and o.room_id is not null
                     order by o.room_id) as "rooms!: Vec<Uuid>",
               array(select b.busy_time_id from busy_times b
                     where b.practitioner_id = a.practitioner_id
                       and b.during && tstzrange(a.starts_at, a.ends_at)
                     order by b.busy_time_id) as "busy!: Vec<Uuid>"
        from appointments a
        where a.status in ('booked', 'pending') and a.ends_at > $1
        order by a.starts_at, a.appointment_id
        "#,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    let stand = rows.into_iter().map(|row| {
        let visit = Interval { start: row.starts_at, end: row.ends_at };
        let taken = Taken { practitioner: row.practitioner_id, kind: row.appointment_type_id, visit };
        let place = scheduling.place_of(row.practitioner_id, &row.rooms);
        (row.appointment_id.into(), Stands { grounds: grounds::of(&scheduling, &taken, &row.rooms, &row.busy), place })
    });
    Ok(stand.collect())
}

/// Times each could move to: with the same practitioner if they are free, else
/// with anyone, on its own day or the next that has any.
pub(super) async fn with_suggestions(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    mut stranded: Vec<Stranded>,
) -> Result<Vec<Stranded>> {
    let zone = Scheduling::current(tx).await?.zone;
    for visit in stranded.iter_mut().take(MOST_SUGGESTED) {
        let appointment = &visit.appointment;
        let local = appointment.starts_at.with_timezone(&zone);
        let from = local.date_naive().max(now.with_timezone(&zone).date_naive());
        let wanted = Wanted {
            usual: Some(appointment.practitioner.id.into()),
            days: Some(2),
            near: Some(local.hour() * 60 + local.minute()),
            limit: 4,
            ..Wanted::of(
                appointment.appointment_type.id.to_string(),
                Channel::Api,
                from,
                from + chrono::Duration::days(60),
            )
        };
        // A type that is no longer offered has no other times.
        let minute = |at: DateTime<Utc>| at.with_timezone(&zone).num_seconds_from_midnight();
        visit.suggestions = match available(tx, now, &wanted).await {
            Ok(mut found) => {
                let off = |slot: &OpenSlot| minute(slot.claim.starts_at).abs_diff(local.num_seconds_from_midnight());
                found.slots.sort_by_key(|slot| (off(slot), slot.claim.starts_at));
                found.slots
            }
            Err(error) if error.code().is_some() => Vec::new(),
            Err(error) => return Err(error),
        };
    }
    Ok(stranded)
}

/// Does what was decided about each.
pub(super) async fn carry_out(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    stranded: &[Stranded],
    plan: &Plan,
    changer: Changer,
) -> Result<Changed> {
    let undecided: Vec<FieldError> =
        stranded.iter().filter(|visit| !plan.contains_key(&visit.appointment.id)).map(to_decide).collect();
    if !undecided.is_empty() {
        return Err(Rejection::invalid_fields(undecided).into());
    }
    let mut changed = Changed::default();
    for visit in stranded {
        let id = visit.appointment.id;
        match &plan[&id] {
            Decision::Keep => {
                keep(tx, now, visit, changer).await?;
                changed.kept += 1;
            }
            Decision::Move { practitioner, starts_at } => {
                let claim = SlotClaim {
                    practitioner_id: *practitioner,
                    appointment_type_id: visit.appointment.appointment_type.id.into(),
                    starts_at: *starts_at,
                };
                let telling = changer.telling(changing::conversation_of(tx, id).await?);
                if let Change::TooLate(rejection) = changing::reschedule(tx, now, id, &claim, telling).await? {
                    return Err(rejection.into());
                }
                changed.moved += 1;
            }
            Decision::Ask { message } => {
                ask(tx, now, visit, message.as_deref(), changer).await?;
                changed.asked += 1;
            }
        }
    }
    Ok(changed)
}

/// By its id and time, never by whose it is.
fn to_decide(visit: &Stranded) -> FieldError {
    let why: Vec<&str> = visit.reasons.iter().map(|reason| reason.code()).collect();
    FieldError {
        field: format!("plan.{}", visit.appointment.id),
        message: format!("{} ({}): keep it, move it or ask the patient.", visit.appointment.label, why.join(", ")),
    }
}

async fn keep(tx: &mut ClinicTx, now: DateTime<Utc>, visit: &Stranded, changer: Changer) -> Result<()> {
    let id = visit.appointment.id;
    sqlx::query!(
        "update appointments set kept_at = $2, decided_despite = $3 where appointment_id = $1",
        id.uuid(),
        now,
        &visit.despite()
    )
    .execute(tx.conn())
    .await?;
    changing::record(tx, now, EventKind::BookingKept, id, changer, json!({ "appointment_id": id })).await
}

async fn ask(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    visit: &Stranded,
    message: Option<&str>,
    changer: Changer,
) -> Result<()> {
    let id = visit.appointment.id;
    let message = super::note(message)?;
    sqlx::query!(
        "update appointments set asked_at = $2, asked_reason = $3, decided_despite = $4 where appointment_id = $1",
        id.uuid(),
        now,
        message,
        &visit.despite()
    )
    .execute(tx.conn())
    .await?;
    let telling = changer.telling(changing::conversation_of(tx, id).await?);
    let payload = json!({ "appointment_id": id, "message": message });
    changing::record(tx, now, EventKind::BookingAsked, id, telling, payload).await?;
    let why: Vec<&str> = visit.reasons.iter().map(|reason| reason.sentence()).collect();
    let detail = format!("The patient is to choose another time. {}", why.join(" "));
    tasks::open(tx, now, TaskKind::Stranded, id, &detail).await
}

/// Ends the holds that the schedule no longer allows, so that none becomes a
/// visit that nobody decided about. Returns how many.
pub(super) async fn end_misfit_holds(tx: &mut ClinicTx, now: DateTime<Utc>, changer: Changer) -> Result<usize> {
    let scheduling = Scheduling::current(tx).await?;
    let holds = sqlx::query!(
        r#"
        select h.hold_id, h.practitioner_id, h.appointment_type_id, h.starts_at, h.ends_at,
               array(select o.room_id from occupancies o
                     where o.hold_id = h.hold_id and o.room_id is not null) as "rooms!: Vec<Uuid>",
               array(select b.busy_time_id from busy_times b
                     where b.practitioner_id = h.practitioner_id
                       and b.during && tstzrange(h.starts_at, h.ends_at)) as "busy!: Vec<Uuid>"
        from holds h
        "#
    )
    .fetch_all(tx.conn())
    .await?;
    let misfit: Vec<HoldId> = holds
        .into_iter()
        .filter(|hold| {
            let visit = Interval { start: hold.starts_at, end: hold.ends_at };
            let taken = Taken { practitioner: hold.practitioner_id, kind: hold.appointment_type_id, visit };
            !grounds::of(&scheduling, &taken, &hold.rooms, &hold.busy).is_empty()
        })
        .map(|hold| hold.hold_id.into())
        .collect();
    expiring::end(tx, now, &misfit, changer).await
}

impl Stranded {
    /// As it stands in answers.
    pub fn told(&self, zone: chrono_tz::Tz) -> serde_json::Value {
        json!({
            "appointment": self.appointment,
            "reasons": self.reasons.iter().map(|reason| json!({ "code": reason.code(), "detail": reason.sentence() })).collect::<Vec<_>>(),
            "suggestions": self.suggestions.iter().map(|slot| json!({
                "practitioner": slot.practitioner,
                "starts_at": slot.claim.starts_at,
                "ends_at": slot.ends_at,
                "label": format!("{} with {}", say::moment(slot.claim.starts_at, zone), slot.practitioner.name),
            })).collect::<Vec<_>>(),
        })
    }
}
