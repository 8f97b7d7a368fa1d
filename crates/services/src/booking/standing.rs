//! How a visit stands beside its status.

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::AppointmentId;
use uuid::Uuid;

use crate::{ClinicTx, Result};

/// What was decided about a visit, and what goes with it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Staff decided that it stays though it no longer fits the hours.
    pub is_kept: bool,
    /// When the patient said that they will come, at this time.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Staff asked the patient to choose another time.
    pub asked: Option<Asked>,
    /// It was asked for, and staff declined.
    pub is_declined: bool,
    pub cancel_reason: Option<String>,
    /// Visits that were booked together have this in common.
    pub series: Option<Uuid>,
    /// Rooms and machines it takes up.
    pub rooms: Vec<String>,
}

/// That the patient is to choose again.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The clinic's own words to the patient.
    pub message: Option<String>,
}

/// How the visit with this id stands.
///
/// # Errors
///
/// Rejected with `not_found` if there is none.
pub async fn of(tx: &mut ClinicTx, id: AppointmentId) -> Result<Standing> {
    let row = sqlx::query!(
        r#"
        select a.kept_at is not null as "is_kept!",
               a.asked_at is not null as "is_asked!",
               a.asked_reason,
               a.confirmed_at,
               a.cancel_reason,
               a.series_id,
               a.status = 'cancelled'
                   and exists (select from events e
                               where e.appointment_id = a.appointment_id
                                 and e.kind = 'BookingCancelled' and e.actor = 'member')
                   and coalesce((select e.kind = 'BookingRequested' or e.payload ->> 'pending' = 'true'
                                 from events e
                                 where e.appointment_id = a.appointment_id
                                   and e.kind in ('BookingRequested', 'BookingCreated', 'BookingRescheduled')
                                 order by e.event_id desc
                                 limit 1), false) as "is_declined!",
               array(select r.name
                     from occupancies o
                     join rooms r using (clinic_id, room_id)
                     where o.appointment_id = a.appointment_id
                     order by r.position, r.name) as "rooms!"
        from appointments a
        where a.appointment_id = $1
        "#,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Rejection::not_found)?;
    Ok(Standing {
        is_kept: row.is_kept,
        confirmed_at: row.confirmed_at,
        asked: row.is_asked.then_some(Asked { message: row.asked_reason }),
        is_declined: row.is_declined,
        cancel_reason: row.cancel_reason,
        series: row.series_id,
        rooms: row.rooms,
    })
}
