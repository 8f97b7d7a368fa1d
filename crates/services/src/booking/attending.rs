//! What a patient says about coming.

use chrono::{DateTime, Utc};
use domain::id::AppointmentId;
use domain::{Rejection, RejectionCode};
use serde_json::json;

use super::changing::{self, Changer};
use crate::events::EventKind;
use crate::{ClinicTx, Result};

/// The most visits that one telephone is asked about.
const MOST: i64 = 9;

/// A visit that somebody has before them.
#[derive(Clone, Debug)]
pub struct Ahead {
    pub id: AppointmentId,
    pub starts_at: DateTime<Utc>,
    pub patient: String,
    pub is_confirmed: bool,
    /// The patient was reminded of it as it is now.
    pub is_reminded: bool,
}

/// The next visits booked under a telephone number, soonest first.
pub async fn ahead(tx: &mut ClinicTx, now: DateTime<Utc>, phone: &str) -> Result<Vec<Ahead>> {
    let rows = sqlx::query!(
        r#"select a.appointment_id, a.starts_at, p.name as patient,
                  a.confirmed_at is not null as "is_confirmed!",
                  exists (select from outbox o
                          where o.appointment_id = a.appointment_id and o.kind = 'reminder' and o.about = a.starts_at
                            and o.status in ('sending', 'unknown', 'sent', 'delivered')) as "is_reminded!"
           from appointments a
           join patients p using (clinic_id, patient_id)
           where p.phone = $1 and a.status = 'booked' and a.starts_at > $2
           order by a.starts_at, a.appointment_id
           limit $3"#,
        phone,
        now,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    let ahead = rows.into_iter().map(|row| Ahead {
        id: row.appointment_id.into(),
        starts_at: row.starts_at,
        patient: row.patient,
        is_confirmed: row.is_confirmed,
        is_reminded: row.is_reminded,
    });
    Ok(ahead.collect())
}

/// Notes that the patient will come. Saying it again changes nothing.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such visit, and `cutoff_passed` if
/// it is not booked any more, or has begun.
pub async fn confirm(tx: &mut ClinicTx, now: DateTime<Utc>, id: AppointmentId, changer: Changer) -> Result<()> {
    let visit = sqlx::query!(
        "select status, starts_at, confirmed_at from appointments where appointment_id = $1 for no key update",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Rejection::not_found)?;
    if visit.status != "booked" || visit.starts_at <= now {
        return Err(Rejection::new(RejectionCode::CutoffPassed, "This visit can no longer be confirmed.").into());
    }
    if visit.confirmed_at.is_some() {
        return Ok(());
    }
    sqlx::query!("update appointments set confirmed_at = $2 where appointment_id = $1", id.uuid(), now)
        .execute(tx.conn())
        .await?;
    let changer = Changer { conversation_id: changing::conversation_of(tx, id).await?, ..changer };
    changing::record(tx, now, EventKind::BookingConfirmed, id, changer, json!({ "appointment_id": id })).await
}
