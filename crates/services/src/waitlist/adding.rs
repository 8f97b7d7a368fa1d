//! Putting somebody on the list, as staff do for whoever asks at the desk.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Rejection;
use domain::id::MemberId;
use serde_json::json;
use uuid::Uuid;

use super::{CONSENT, Stored, Wish, store};
use crate::identity::patients;
use crate::messaging::ledger::{self, Way};
use crate::{ClinicTx, Result, audit};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    New(Uuid),
    /// They wait for the very same already.
    Already(Uuid),
}

/// Stores a wish that a patient told staff, as [`super::join`] does one that
/// they told the receptionist: they asked to hear of a time, which is written
/// down as said to staff. Who said stop has still said so.
///
/// # Errors
///
/// Rejected as [`super::join`], and with `not_found` if there is no such
/// patient or they were erased.
pub async fn add(tx: &mut ClinicTx, now: DateTime<Utc>, today: NaiveDate, wish: &Wish, by: MemberId) -> Result<Added> {
    let known = patients::find(tx, wish.patient).await?.filter(|patient| patient.erased_at.is_none());
    let patient = known.ok_or_else(Rejection::not_found)?;
    let Stored { entry, is_new } = store(tx, now, today, wish, Some(by)).await?;
    if !is_new {
        return Ok(Added::Already(entry));
    }
    for (way, address) in [(Way::Sms, patient.phone), (Way::Email, patient.email)] {
        if let Some(address) = address {
            ledger::consent(tx, now, way, &address, CONSENT, "console").await?;
        }
    }
    let detail = json!({ "waitlist_entry_id": entry, "patient_id": patient.id, "member_id": by });
    audit::record(tx, now, "waitlist_joined", &detail).await?;
    Ok(Added::New(entry))
}
