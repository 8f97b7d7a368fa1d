//! Times that a change of the schedule gives free again.

use chrono::{DateTime, NaiveDate, Utc};
use domain::schedule::{self, Interval};
use serde_json::json;
use uuid::Uuid;

use super::ScheduleChange;
use crate::booking::changing::Changer;
use crate::booking::scheduling::Scheduling;
use crate::events::{self, Event, EventKind};
use crate::{ClinicTx, Result};

/// A stretch of time that was taken from a practitioner; from everybody at a
/// location or in the clinic without one.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    practitioner: Option<Uuid>,
    location: Option<Uuid>,
    during: Interval,
}

/// What would be given free, asked before the change is made.
pub async fn opened_by(tx: &mut ClinicTx, change: &ScheduleChange) -> Result<Vec<Opened>> {
    match change {
        ScheduleChange::EndTimeOff { id } => {
            let off = sqlx::query!(
                "select practitioner_id, location_id, from_date, to_date from time_off where time_off_id = $1",
                id
            )
            .fetch_optional(tx.conn())
            .await?;
            let Some(off) = off else { return Ok(Vec::new()) };
            let during = days(tx, off.from_date, off.to_date).await?;
            Ok(vec![Opened { practitioner: off.practitioner_id, location: off.location_id, during }])
        }
        ScheduleChange::EndException { practitioner, location, date } => {
            let is_shut = sqlx::query_scalar!(
                r#"select exists (select from date_exceptions
                                  where practitioner_id is not distinct from $1
                                    and location_id is not distinct from $2
                                    and on_date = $3 and from_minute is null) as "is_shut!""#,
                *practitioner,
                *location,
                date
            )
            .fetch_one(tx.conn())
            .await?;
            if !is_shut {
                return Ok(Vec::new());
            }
            let during = days(tx, *date, *date).await?;
            Ok(vec![Opened { practitioner: *practitioner, location: *location, during }])
        }
        ScheduleChange::EndBusy { id } => busy(tx, Which::Id(*id), None).await,
        ScheduleChange::Busy { practitioner, starts_at, ends_at, source, external_id: Some(external_id), .. } => {
            let now_busy = Interval { start: *starts_at, end: *ends_at };
            busy(tx, Which::Event { practitioner: *practitioner, source, external_id }, Some(now_busy)).await
        }
        _ => Ok(Vec::new()),
    }
}

async fn days(tx: &mut ClinicTx, from: NaiveDate, to: NaiveDate) -> Result<Interval> {
    let zone = Scheduling::current(tx).await?.zone;
    Ok(schedule::span(zone, from, to))
}

/// Which busy time is meant.
enum Which<'a> {
    Id(Uuid),
    Event { practitioner: Uuid, source: &'a str, external_id: &'a str },
}

/// A busy time, less what stays busy.
async fn busy(tx: &mut ClinicTx, which: Which<'_>, stays: Option<Interval>) -> Result<Vec<Opened>> {
    let (id, practitioner, source, external_id) = match which {
        Which::Id(id) => (Some(id), None, None, None),
        Which::Event { practitioner, source, external_id } => {
            (None, Some(practitioner), Some(source), Some(external_id))
        }
    };
    let rows = sqlx::query!(
        r#"select practitioner_id, lower(during) as "start!", upper(during) as "end!"
           from busy_times
           where busy_time_id = $1 or (practitioner_id = $2 and source = $3 and external_id = $4)"#,
        id,
        practitioner,
        source,
        external_id
    )
    .fetch_all(tx.conn())
    .await?;
    let mut opened = Vec::new();
    for row in rows {
        let was = Interval { start: row.start, end: row.end };
        for during in without(was, stays) {
            opened.push(Opened { practitioner: Some(row.practitioner_id), location: None, during });
        }
    }
    Ok(opened)
}

/// What is left of a stretch without another.
fn without(time: Interval, taken: Option<Interval>) -> Vec<Interval> {
    let Some(taken) = taken.filter(|taken| taken.overlaps(&time)) else { return vec![time] };
    let before = Interval { start: time.start, end: taken.start };
    let after = Interval { start: taken.end, end: time.end };
    [before, after].into_iter().filter(|left| left.start < left.end).collect()
}

/// Says what was given free of the time that is still ahead.
pub async fn record(tx: &mut ClinicTx, now: DateTime<Utc>, opened: &[Opened], changer: Changer) -> Result<()> {
    for Opened { practitioner, location, during } in opened.iter().filter(|opened| opened.during.end > now) {
        let event = Event {
            kind: EventKind::SlotOpened,
            appointment_id: None,
            // The time is the clinic's news, not a patient's.
            conversation_id: None,
            actor: changer.actor,
            actor_id: changer.actor_id,
            channel: changer.channel,
            payload: json!({
                "starts_at": during.start.max(now),
                "ends_at": during.end,
                "practitioner_id": practitioner,
                "location_id": location,
                // Whatever fits there.
                "appointment_type_id": null,
            }),
        };
        events::record(tx, now, &event).await?;
    }
    Ok(())
}
