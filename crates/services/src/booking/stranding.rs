//! Visits that no longer fit the clinic's hours, people or rooms.

use std::collections::HashSet;

use chrono::{DateTime, Timelike, Utc};
use domain::appointment::Appointment;
use domain::explain::{self, Reason};
use domain::id::{AppointmentId, HoldId, PractitionerId};
use domain::schedule::{Day, Interval};
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

/// A visit that a change strands.
#[derive(Clone, Debug)]
pub struct Stranded {
    pub appointment: Appointment,
    pub reasons: Vec<Reason>,
    /// Times it could move to, the nearest to its own first.
    pub suggestions: Vec<OpenSlot>,
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

/// Waits for bookings under way, makes later ones wait, and notes which visits
/// do not fit anyway.
pub(crate) async fn before(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<HashSet<AppointmentId>> {
    super::placing::lock_settings(tx).await?;
    misfits(tx, now).await
}

/// Refuses a change that strands visits which fitted before.
///
/// # Errors
///
/// Rejected with `invalid`, naming the visits.
pub(crate) async fn refuse_newly(tx: &mut ClinicTx, now: DateTime<Utc>, before: &HashSet<AppointmentId>) -> Result<()> {
    let stranded: Vec<FieldError> = newly(tx, now, before).await?.iter().map(to_decide).collect();
    if stranded.is_empty() { Ok(()) } else { Err(Rejection::invalid_fields(stranded).into()) }
}

/// The visits ahead that do not fit, decided about or not.
pub(super) async fn misfits(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<HashSet<AppointmentId>> {
    Ok(find(tx, now).await?.into_iter().map(|(id, _)| id).collect())
}

/// Those that fitted before.
pub(super) async fn newly(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    before: &HashSet<AppointmentId>,
) -> Result<Vec<Stranded>> {
    let mut stranded = Vec::new();
    for (id, reasons) in find(tx, now).await? {
        if !before.contains(&id) {
            stranded.push(describe(tx, id, reasons).await?);
        }
    }
    Ok(stranded)
}

/// Visits ahead that do not fit and nobody has decided about: there are none
/// unless the schedule was changed behind everybody's back.
pub async fn undecided(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<Vec<Stranded>> {
    let decided: HashSet<Uuid> = sqlx::query_scalar!(
        "select appointment_id from appointments where kept_at is not null or asked_at is not null"
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .collect();
    let mut stranded = Vec::new();
    for (id, reasons) in find(tx, now).await? {
        if !decided.contains(&id.uuid()) {
            stranded.push(describe(tx, id, reasons).await?);
        }
    }
    with_suggestions(tx, now, stranded).await
}

async fn describe(tx: &mut ClinicTx, id: AppointmentId, reasons: Vec<Reason>) -> Result<Stranded> {
    let appointment = appointments::by_id(tx, id).await?.ok_or(Error::Internal("a stranded visit is not there"))?;
    Ok(Stranded { appointment, reasons, suggestions: Vec::new() })
}

/// The visits ahead, by start, that do not fit the schedule as it is now, and
/// what speaks against each.
async fn find(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<Vec<(AppointmentId, Vec<Reason>)>> {
    let scheduling = Scheduling::current(tx).await?;
    let rows = sqlx::query!(
        r#"
        select a.appointment_id, a.practitioner_id, a.appointment_type_id, a.starts_at, a.ends_at,
               array(select o.room_id from occupancies o
                     where o.appointment_id = a.appointment_id and o.room_id is not null) as "rooms!: Vec<Uuid>",
               exists (select from busy_times b
                       where b.practitioner_id = a.practitioner_id
                         and b.during && tstzrange(a.starts_at, a.ends_at)) as "is_busy!"
        from appointments a
        where a.status in ('booked', 'pending') and a.ends_at > $1
        order by a.starts_at, a.appointment_id
        "#,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    let misfit = rows.into_iter().filter_map(|row| {
        let visit = Interval { start: row.starts_at, end: row.ends_at };
        let mut reasons = against(&scheduling, row.practitioner_id, row.appointment_type_id, &visit);
        if row.is_busy {
            reasons.push(Reason::ExternalBusy);
        }
        if !has_its_rooms(&scheduling, row.appointment_type_id, &row.rooms) {
            reasons.push(Reason::Room);
        }
        (!reasons.is_empty()).then(|| (AppointmentId::from(row.appointment_id), reasons))
    });
    Ok(misfit.collect())
}

fn against(scheduling: &Scheduling, practitioner: Uuid, kind: Uuid, visit: &Interval) -> Vec<Reason> {
    let is_offered = scheduling.kind(kind).is_some_and(|kind| kind.active);
    let Some(practitioner) = scheduling.offering(kind, Some(practitioner)).next().filter(|_| is_offered) else {
        return vec![Reason::NotOffered];
    };
    let day = Day::of(scheduling.zone, visit.start);
    explain::closed(&scheduling.schedule_of(practitioner), &day, visit).into_iter().collect()
}

/// Whether every need of the type is met by a room in use, each by another.
fn has_its_rooms(scheduling: &Scheduling, kind: Uuid, rooms: &[Uuid]) -> bool {
    let Some(kind) = scheduling.kind(kind) else { return true };
    let needs: Vec<Vec<Uuid>> =
        scheduling.rooms_for(kind).map(|need| need.into_iter().filter(|room| rooms.contains(room)).collect()).collect();
    meets(&needs, &mut Vec::new())
}

fn meets(needs: &[Vec<Uuid>], used: &mut Vec<Uuid>) -> bool {
    let Some(need) = needs.get(used.len()) else { return true };
    need.iter().any(|room| {
        if used.contains(room) {
            return false;
        }
        used.push(*room);
        let met = meets(needs, used);
        used.pop();
        met
    })
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
                keep(tx, now, id, changer).await?;
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

async fn keep(tx: &mut ClinicTx, now: DateTime<Utc>, id: AppointmentId, changer: Changer) -> Result<()> {
    sqlx::query!("update appointments set kept_at = $2 where appointment_id = $1", id.uuid(), now)
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
        "update appointments set asked_at = $2, asked_reason = $3 where appointment_id = $1",
        id.uuid(),
        now,
        message
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
pub(super) async fn end_misfit_holds(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<usize> {
    let scheduling = Scheduling::current(tx).await?;
    let holds = sqlx::query!(
        r#"
        select h.hold_id, h.practitioner_id, h.appointment_type_id, h.starts_at, h.ends_at,
               array(select o.room_id from occupancies o
                     where o.hold_id = h.hold_id and o.room_id is not null) as "rooms!: Vec<Uuid>",
               exists (select from busy_times b
                       where b.practitioner_id = h.practitioner_id
                         and b.during && tstzrange(h.starts_at, h.ends_at)) as "is_busy!"
        from holds h
        "#
    )
    .fetch_all(tx.conn())
    .await?;
    let misfit: Vec<HoldId> = holds
        .into_iter()
        .filter(|hold| {
            let visit = Interval { start: hold.starts_at, end: hold.ends_at };
            hold.is_busy
                || !against(&scheduling, hold.practitioner_id, hold.appointment_type_id, &visit).is_empty()
                || !has_its_rooms(&scheduling, hold.appointment_type_id, &hold.rooms)
        })
        .map(|hold| hold.hold_id.into())
        .collect();
    expiring::end(tx, now, &misfit).await
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
