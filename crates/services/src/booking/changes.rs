//! Changing what a clinic offers and when.
//!
//! A change that leaves booked visits without their hours, their practitioner
//! or their room is made only together with a decision about each of them.

mod applying;
mod opening;
mod values;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::AppointmentId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::changing::Changer;
use super::stranding::{self, Decision, Stranded};
use crate::waitlist::openings;
use crate::{ClinicTx, Result};

pub use values::{ClockTime, LocationFields, Overbooked, PractitionerFields, RoomFields, TypeFields, WeeklyHours};

/// One change of a clinic's schedule. Without a practitioner or location, hours
/// and dates are the clinic's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ScheduleChange {
    /// These weekly hours and breaks instead of all there were.
    Hours {
        practitioner: Option<Uuid>,
        location: Option<Uuid>,
        hours: Vec<WeeklyHours>,
    },
    /// Other hours on one date; closed without any.
    Exception {
        practitioner: Option<Uuid>,
        location: Option<Uuid>,
        date: NaiveDate,
        #[serde(default)]
        hours: Vec<Open>,
        note: Option<String>,
    },
    /// The usual hours on a date again.
    EndException {
        practitioner: Option<Uuid>,
        location: Option<Uuid>,
        date: NaiveDate,
    },
    /// Leave, or without a practitioner a closure; both dates included.
    TimeOff {
        practitioner: Option<Uuid>,
        location: Option<Uuid>,
        from: NaiveDate,
        to: NaiveDate,
        note: Option<String>,
    },
    EndTimeOff {
        id: Uuid,
    },
    /// A practitioner is busy otherwise. The same `external_id` of a source
    /// again moves it.
    Busy {
        practitioner: Uuid,
        starts_at: DateTime<Utc>,
        ends_at: DateTime<Utc>,
        #[serde(default = "by_hand")]
        source: String,
        external_id: Option<String>,
        note: Option<String>,
    },
    EndBusy {
        id: Uuid,
    },
    /// A new type without an id; otherwise the fields that are given.
    AppointmentType {
        id: Option<Uuid>,
        #[serde(default)]
        fields: Box<TypeFields>,
    },
    Practitioner {
        id: Option<Uuid>,
        #[serde(default)]
        fields: PractitionerFields,
    },
    Room {
        id: Option<Uuid>,
        #[serde(default)]
        fields: RoomFields,
    },
    Location {
        id: Option<Uuid>,
        #[serde(default)]
        fields: LocationFields,
    },
}

/// A stretch of one date.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Open {
    pub from: ClockTime,
    pub to: ClockTime,
}

fn by_hand() -> String {
    "console".to_owned()
}

/// What is to become of the visits a change strands.
pub type Plan = HashMap<AppointmentId, Decision>;

/// What a change did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Changed {
    /// Of what was made or changed, where that has an id.
    pub id: Option<Uuid>,
    pub kept: usize,
    pub moved: usize,
    pub asked: usize,
    /// Times that somebody was choosing and that are no longer offered.
    pub holds_ended: usize,
}

/// Which visits a change would strand, with times each could move to. Made and
/// looked at inside the transaction, which the caller must not commit. Nobody
/// who books waits for it; [`change`] looks again.
///
/// # Errors
///
/// As [`change`].
pub async fn preview(tx: &mut ClinicTx, now: DateTime<Utc>, wanted: &ScheduleChange) -> Result<Vec<Stranded>> {
    let before = stranding::ahead(tx, now).await?;
    applying::apply(tx, now, wanted).await?;
    let stranded = stranding::newly(tx, now, &before).await?;
    stranding::with_suggestions(tx, now, stranded).await
}

/// Changes the schedule and does what was decided about every visit that this
/// strands, all or nothing.
///
/// # Errors
///
/// Rejected with `invalid` if the change makes no sense or a visit it strands
/// was not decided about, naming it; `not_found` if what it changes is not
/// there; `slot_taken` if a visit cannot move where it should.
pub async fn change(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    wanted: &ScheduleChange,
    plan: &Plan,
    changer: Changer,
) -> Result<Changed> {
    let before = stranding::before(tx, now).await?;
    let opened = opening::opened_by(tx, wanted).await?;
    let id = applying::apply(tx, now, wanted).await?;
    let stranded = stranding::newly(tx, now, &before).await?;
    let mut changed = stranding::carry_out(tx, now, &stranded, plan, changer).await?;
    changed.holds_ended = stranding::end_misfit_holds(tx, now, changer).await?;
    changed.id = id;
    opening::record(tx, now, &opened, changer).await?;
    // Longer hours, and another kind of visit, make room as well.
    openings::note(tx, now, None, None).await?;
    Ok(changed)
}
