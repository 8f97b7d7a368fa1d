//! Times that patients would take if they came free.

pub mod adding;
pub mod answering;
pub mod choosing;
pub mod listing;
pub mod offer_token;
pub mod offering;
pub mod openings;
mod reach;

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::{AppointmentTypeId, ConversationId, MemberId, PatientId, PractitionerId};
use domain::{Rejection, RejectionCode};
use uuid::Uuid;

use crate::{ClinicTx, Result};

/// The words that patients agree to by asking to hear of a time that comes
/// free.
pub const CONSENT: &str = "waitlist/2026-11";

/// What a patient waits for.
#[derive(Clone, Debug)]
pub struct Wish {
    pub patient: PatientId,
    pub conversation: Option<ConversationId>,
    pub appointment_type: AppointmentTypeId,
    /// None for anyone.
    pub practitioner: Option<PractitionerId>,
    /// In the clinic's zone, both included.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Minutes of the day between which the visit starts.
    pub earliest: Option<u32>,
    pub latest: Option<u32>,
    pub note: Option<String>,
}

/// Stores a wish. Wishing the same again is the same wish.
///
/// # Errors
///
/// Rejected with `invalid` if the dates or times are the wrong way round, past
/// or more than a year away.
pub async fn join(tx: &mut ClinicTx, now: DateTime<Utc>, today: NaiveDate, wish: &Wish) -> Result<Uuid> {
    Ok(store(tx, now, today, wish, None).await?.entry)
}

/// A wish as it stands on the list.
struct Stored {
    entry: Uuid,
    /// Whether it was not there before.
    is_new: bool,
}

/// Stores a wish that a patient has, or that staff wrote down for one.
async fn store(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    today: NaiveDate,
    wish: &Wish,
    added_by: Option<MemberId>,
) -> Result<Stored> {
    let last = today.checked_add_days(chrono::Days::new(366)).unwrap_or(NaiveDate::MAX);
    if wish.from > wish.to || wish.to < today || wish.to > last {
        return Err(Rejection::invalid("to", "Please give days from today on, within a year, in order.").into());
    }
    let (earliest, latest) = (wish.earliest.unwrap_or(0), wish.latest.unwrap_or(1_440));
    if earliest >= latest {
        return Err(Rejection::invalid("latest", "Please give the earlier time first.").into());
    }
    let row = sqlx::query!(
        // A row that was there before has been updated, and says by whom.
        r#"insert into waitlist_entries
                (waitlist_entry_id, patient_id, conversation_id, appointment_type_id, practitioner_id,
                 from_date, to_date, from_minute, to_minute, note, created_at, added_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (clinic_id, patient_id, appointment_type_id, practitioner_id, from_date, to_date, from_minute, to_minute)
             where closed_at is null
         do update set note = coalesce(excluded.note, waitlist_entries.note)
         returning waitlist_entry_id, xmax = 0 as "is_new!""#,
        domain::Id::<Wish>::new().uuid(),
        wish.patient.uuid(),
        wish.conversation.map(ConversationId::uuid),
        wish.appointment_type.uuid(),
        wish.practitioner.map(PractitionerId::uuid),
        wish.from,
        wish.to,
        i32::try_from(earliest).unwrap_or(0),
        i32::try_from(latest).unwrap_or(1_440),
        wish.note,
        now,
        added_by.map(MemberId::uuid)
    )
    .fetch_one(tx.conn())
    .await
    .map_err(|error| match &error {
        sqlx::Error::Database(broken) if broken.is_foreign_key_violation() => {
            Rejection::new(RejectionCode::NotFound, "The clinic does not offer that.").into()
        }
        _ => crate::Error::from(error),
    })?;
    Ok(Stored { entry: row.waitlist_entry_id, is_new: row.is_new })
}

#[cfg(test)]
mod tests;
