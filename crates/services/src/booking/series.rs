//! The same visit every week, or every few.

use chrono::{DateTime, Duration, Utc};
use domain::appointment::Appointment;
use domain::explain::Reason;
use domain::id::{AppointmentId, HoldId};
use domain::schedule::Day;
use domain::{FieldError, Rejection, RejectionCode, say};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::changing::{self, Changer};
use super::confirming::{self, Booking, Entry, Held};
use super::placing::{self, Around, Meant, Moving, Placement, Taker};
use super::scheduling::{Mode, Scheduling};
use super::{SlotClaim, appointments};
use crate::{ClinicTx, Result, identity};

/// How a visit repeats.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Repeat {
    /// 1 to 12.
    #[serde(default = "every_week")]
    pub every_weeks: i64,
    /// How many visits in all, 2 to 52.
    pub count: i64,
    #[serde(default)]
    pub take: Take,
}

/// What to do when not every date is free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// Book none.
    #[default]
    AllOrNothing,
    /// Book those that are.
    AsManyAsFit,
}

fn every_week() -> i64 {
    1
}

/// What was booked of a series.
#[derive(Clone, Debug)]
pub struct Series {
    pub id: Uuid,
    pub appointments: Vec<Appointment>,
    pub skipped: Vec<Skipped>,
    /// Whether this call booked it.
    pub is_new: bool,
}

/// A date of a series that could not be booked, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Skipped {
    /// On the clinic's wall clock, `2026-12-01T14:00`.
    pub local: String,
    pub reasons: Vec<String>,
}

/// Books a hold and the same local time with the same practitioner in the
/// weeks after it, in one transaction. The same hold again is the same series.
///
/// # Errors
///
/// As [`confirm`](super::confirm); `invalid` if the repetition makes no sense,
/// and `slot_taken`, naming the dates, if not all can be booked and all were
/// wanted.
pub async fn confirm_series(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    booking: &Booking,
    repeat: Repeat,
) -> Result<Series> {
    check(repeat)?;
    let books = books_needed(tx, booking.hold_id).await?;
    confirming::lock_hold(tx, booking.hold_id, &books).await?;
    if let Some(series) = booked_before(tx, booking).await? {
        return Ok(series);
    }
    let first = confirming::live_hold(tx, now, booking).await?;
    let claim = SlotClaim {
        practitioner_id: first.practitioner_id,
        appointment_type_id: first.appointment_type_id,
        starts_at: first.visit.start,
    };
    let scheduling = Scheduling::current(tx).await?;
    let (places, skipped) = apart(places(tx, now, &scheduling, &claim, repeat).await?);
    if repeat.take == Take::AllOrNothing && !skipped.is_empty() {
        return Err(not_all(&skipped).into());
    }
    let id = domain::Id::<Series>::new().uuid();
    let patient = identity::resolve(tx, now, &booking.patient, booking.conversation_id).await?;
    let entry = booking.entry(patient);
    let appointment = confirming::insert(tx, now, &entry, &first, Some(id)).await?;
    confirming::take_the_time(tx, booking.hold_id, appointment).await?;
    for place in places {
        let held = Held { visit: place.visit, ..first };
        write(tx, now, &entry, &held, id, &place).await?;
    }
    if let Some(conversation) = booking.conversation_id {
        identity::link_conversation(tx, conversation, patient.patient).await?;
    }
    Ok(Series { id, appointments: appointments::of_series(tx, id).await?, skipped, is_new: true })
}

/// A later visit of a series, under a hold id of its own.
async fn write(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    entry: &Entry,
    held: &Held,
    series: Uuid,
    place: &Placement,
) -> Result<()> {
    let of_its_own = Entry { hold_id: HoldId::new(), ..entry.clone() };
    let appointment = confirming::insert(tx, now, &of_its_own, held, Some(series)).await?;
    placing::take(tx, Taker::Appointment(appointment), place).await
}

/// A date of a series.
#[derive(Clone, Debug)]
pub struct Date {
    /// On the clinic's wall clock, `2026-12-01T14:00`.
    pub local: String,
    /// Why it cannot be booked; nothing if it can.
    pub reasons: Vec<Reason>,
}

/// The dates on which a booked visit would repeat, and which of them are free.
///
/// # Errors
///
/// As [`repeat_visit`].
pub async fn dates_for(tx: &mut ClinicTx, now: DateTime<Utc>, id: AppointmentId, repeat: Repeat) -> Result<Vec<Date>> {
    check(repeat)?;
    let visit = repeatable(tx, id).await?;
    let scheduling = Scheduling::current(tx).await?;
    if Meant::by(&scheduling, &visit.claim()).is_err() {
        return Err(not_offered().into());
    }
    let places = places(tx, now, &scheduling, &visit.claim(), repeat).await?;
    Ok(places.into_iter().map(|(date, _)| date).collect())
}

/// Books a patient's visit again in the weeks after it, at the same local time
/// with the same practitioner, as staff may: the visit and its repetitions are
/// a series from then on.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such visit; `invalid` if the
/// repetition makes no sense, or the visit is not booked, repeats already or is
/// no longer offered; and `slot_taken`, naming the dates, if not all can be
/// booked and all were wanted, or none can.
pub async fn repeat_visit(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: AppointmentId,
    repeat: Repeat,
    changer: Changer,
) -> Result<Series> {
    check(repeat)?;
    changing::lock_visit(tx, id).await?;
    let visit = repeatable(tx, id).await?;
    let claim = visit.claim();
    let scheduling = Scheduling::current(tx).await?;
    let Ok(meant) = Meant::by(&scheduling, &claim) else { return Err(not_offered().into()) };
    placing::lock(tx, &meant.resources(), Moving::Nothing, None).await?;
    let (places, skipped) = apart(places(tx, now, &scheduling, &claim, repeat).await?);
    if places.is_empty() || (repeat.take == Take::AllOrNothing && !skipped.is_empty()) {
        return Err(not_all(&skipped).into());
    }
    let series = domain::Id::<Series>::new().uuid();
    sqlx::query!("update appointments set series_id = $2 where appointment_id = $1", id.uuid(), series)
        .execute(tx.conn())
        .await?;
    let entry = Entry { by: changer.telling(visit.entry.conversation_id), ..visit.entry };
    for place in places {
        // Staff need nobody's approval.
        let held = Held {
            practitioner_id: claim.practitioner_id,
            appointment_type_id: claim.appointment_type_id,
            visit: place.visit,
            mode: Mode::Instant,
        };
        write(tx, now, &entry, &held, series, &place).await?;
    }
    Ok(Series { id: series, appointments: appointments::of_series(tx, series).await?, skipped, is_new: true })
}

/// A visit that repeats.
struct Repeated {
    practitioner_id: Uuid,
    appointment_type_id: Uuid,
    starts_at: DateTime<Utc>,
    entry: Entry,
}

impl Repeated {
    fn claim(&self) -> SlotClaim {
        SlotClaim {
            practitioner_id: self.practitioner_id.into(),
            appointment_type_id: self.appointment_type_id.into(),
            starts_at: self.starts_at,
        }
    }
}

async fn repeatable(tx: &mut ClinicTx, id: AppointmentId) -> Result<Repeated> {
    let row = sqlx::query!(
        r#"
        select practitioner_id, appointment_type_id, starts_at, status, series_id, owner, patient_id, note, channel,
               conversation_id,
               coalesce(booked_as, patient_id) as "booked_as!"
        from appointments
        where appointment_id = $1
        "#,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Rejection::not_found)?;
    if !matches!(row.status.as_str(), "booked" | "arrived" | "fulfilled") {
        return Err(Rejection::invalid("repeat", "Only a visit that is booked can be repeated.").into());
    }
    if row.series_id.is_some() {
        return Err(Rejection::invalid("repeat", "This visit is part of a series already.").into());
    }
    Ok(Repeated {
        practitioner_id: row.practitioner_id,
        appointment_type_id: row.appointment_type_id,
        starts_at: row.starts_at,
        entry: Entry {
            hold_id: HoldId::new(),
            owner: row.owner,
            patient_id: row.patient_id.into(),
            booked_as: row.booked_as.into(),
            note: row.note,
            channel: row.channel,
            conversation_id: row.conversation_id.map(Into::into),
            by: Changer::job(),
        },
    })
}

fn not_offered() -> Rejection {
    Rejection::invalid("repeat", "Such a visit is no longer offered with this practitioner.")
}

fn check(repeat: Repeat) -> Result<(), Rejection> {
    if !(2..=52).contains(&repeat.count) {
        return Err(Rejection::invalid("repeat.count", "A series has 2 to 52 visits."));
    }
    if !(1..=12).contains(&repeat.every_weeks) {
        return Err(Rejection::invalid("repeat.every_weeks", "Visits repeat every 1 to 12 weeks."));
    }
    Ok(())
}

/// Every book that the visits after the first may be written in. They are
/// locked together with the hold's: two series that each had a room and wanted
/// the other's would wait for each other.
async fn books_needed(tx: &mut ClinicTx, hold_id: HoldId) -> Result<Vec<Uuid>> {
    let held = sqlx::query!(
        "select practitioner_id, appointment_type_id, starts_at from holds where hold_id = $1",
        hold_id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(held) = held else { return Ok(Vec::new()) };
    let claim = SlotClaim {
        practitioner_id: held.practitioner_id.into(),
        appointment_type_id: held.appointment_type_id.into(),
        starts_at: held.starts_at,
    };
    Ok(Meant::by(&*Scheduling::current(tx).await?, &claim)?.resources())
}

async fn booked_before(tx: &mut ClinicTx, booking: &Booking) -> Result<Option<Series>> {
    let Some(first) = appointments::by_hold(tx, booking.owner, booking.hold_id).await? else { return Ok(None) };
    confirming::check_patient(tx, booking, &first).await?;
    let series = sqlx::query_scalar!("select series_id from appointments where appointment_id = $1", first.id.uuid())
        .fetch_one(tx.conn())
        .await?;
    // A hold that was confirmed alone stays a single visit.
    let Some(id) = series else { return Err(Rejection::hold_expired().into()) };
    Ok(Some(Series { id, appointments: appointments::of_series(tx, id).await?, skipped: Vec::new(), is_new: false }))
}

/// Where each later visit would stand, if it has a place, and else why not.
async fn places(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    scheduling: &Scheduling,
    first: &SlotClaim,
    repeat: Repeat,
) -> Result<Vec<(Date, Option<Placement>)>> {
    let meant = Meant::by(scheduling, first)?;
    let fit = meant.kind.fit(now);
    let day = Day::of(scheduling.zone, first.starts_at);
    let minute = day.minute_of(first.starts_at);
    let mut places = Vec::new();
    for week in (1..repeat.count).map(|n| n * repeat.every_weeks) {
        let day = Day::new(scheduling.zone, day.date + Duration::weeks(week));
        let Some(start) = day.instant(minute) else {
            let local = day.date.and_time(chrono::NaiveTime::MIN) + Duration::minutes(minute.into());
            let local = local.format("%Y-%m-%dT%H:%M").to_string();
            places.push((Date { local, reasons: vec![Reason::ZoneGap] }, None));
            continue;
        };
        let around = Around::read(tx, now, &meant.resources(), fit.occupied(start), Moving::Nothing).await?;
        let reasons = around.reasons(scheduling, &meant, &fit, start);
        let place = around.place(scheduling, &meant, &fit, start).filter(|_| reasons.is_empty());
        places.push((Date { local: say::local(start, scheduling.zone), reasons }, place));
    }
    Ok(places)
}

fn apart(places: Vec<(Date, Option<Placement>)>) -> (Vec<Placement>, Vec<Skipped>) {
    let (mut found, mut skipped) = (Vec::new(), Vec::new());
    for (date, place) in places {
        match place {
            Some(place) => found.push(place),
            None => skipped.push(Skipped {
                local: date.local,
                reasons: date.reasons.into_iter().map(|reason| reason.for_patients().code().to_owned()).collect(),
            }),
        }
    }
    (found, skipped)
}

fn not_all(skipped: &[Skipped]) -> Rejection {
    let dates: Vec<&str> = skipped.iter().map(|skipped| skipped.local.as_str()).collect();
    let errors =
        skipped.iter().map(|skipped| FieldError { field: skipped.local.clone(), message: skipped.reasons.join(", ") });
    Rejection {
        code: RejectionCode::SlotTaken,
        message: format!("These dates cannot be booked: {}. Nothing was booked.", dates.join(", ")).into(),
        errors: errors.collect(),
    }
}
