//! Offering somebody a time that staff choose for them, whether or not the
//! clinic has times offered by themselves.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::id::{ConversationId, MemberId, MessageId, PractitionerId};
use domain::{Rejection, RejectionCode};
use uuid::Uuid;

use super::offering::{self, Entry, Looked, Why};
use super::reach;
use crate::booking::availability::OpenSlot;
use crate::booking::{self, Wanted};
use crate::messaging::ledger::Way;
use crate::messaging::links::Links;
use crate::{ClinicTx, Error, Result, clinics};

/// How long somebody has to answer at least: as long as any clinic keeps a time.
const SOONEST: Duration = Duration::minutes(5);

/// Free times that suit somebody who waits.
#[derive(Clone, Debug)]
pub struct Suiting {
    /// The days on which they would come, from today on.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Those of the first day, from the one that was asked for on, that has
    /// any.
    pub slots: Vec<OpenSlot>,
}

/// The free times of one day that suit an entry.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such entry, and with `invalid`,
/// saying why, if nothing can be offered to it now.
pub async fn suiting(tx: &mut ClinicTx, now: DateTime<Utc>, entry: Uuid, day: Option<NaiveDate>) -> Result<Suiting> {
    let entry = reachable(tx, now, entry).await?;
    let from = day.unwrap_or(entry.from).clamp(entry.from, entry.to);
    // What is left of today may be over before anybody answers.
    let wanted = Wanted { days: Some(2), every_practitioner: true, ..entry.wish(entry.practitioner, from, entry.to) };
    let mut slots = free(tx, now, &wanted).await?;
    let zone = clinics::time_zone(tx).await?;
    let day = |slot: &OpenSlot| slot.claim.starts_at.with_timezone(&zone).date_naive();
    if let Some(first) = slots.first().map(day) {
        slots.retain(|slot| day(slot) == first);
    }
    Ok(Suiting { from: entry.from, to: entry.to, slots })
}

/// A time that staff choose.
#[derive(Clone, Copy, Debug)]
pub struct Chosen {
    pub practitioner: PractitionerId,
    pub starts_at: DateTime<Utc>,
}

/// An offer that staff made.
#[derive(Clone, Debug)]
pub struct Offer {
    pub id: Uuid,
    /// By which way the message about it goes.
    pub way: Way,
    /// What was written in the patient's chat, if they have one.
    pub note: Option<(ConversationId, MessageId)>,
}

/// Keeps a time for somebody who waits and tells them, as if it had come free.
///
/// # Errors
///
/// Rejected as [`suiting`], and with `slot_taken` if the time is not free any
/// more or is none that they wait for. Nothing is kept or sent then.
pub async fn offer(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    links: &Links,
    entry: Uuid,
    chosen: Chosen,
    by: MemberId,
) -> Result<Offer> {
    offering::lock(tx).await?;
    let entry = reachable(tx, now, entry).await?;
    let zone = clinics::time_zone(tx).await?;
    let day = chosen.starts_at.with_timezone(&zone).date_naive();
    if day < entry.from || day > entry.to {
        return Err(Rejection::slot_taken().into());
    }
    let with = entry.practitioner.unwrap_or(chosen.practitioner);
    let free = free(tx, now, &entry.wish(Some(with), day, day)).await?;
    let is_chosen =
        |slot: &OpenSlot| slot.claim.practitioner_id == chosen.practitioner && slot.claim.starts_at == chosen.starts_at;
    let slot = free.into_iter().find(is_chosen).ok_or_else(Rejection::slot_taken)?;
    let way = entry.way;
    let why = Why { others: 0, chosen_by: Some(by) };
    match offering::offer(tx, now, links, &entry, &slot, why).await? {
        Looked::Offered { offer, note } => Ok(Offer { id: offer, way, note }),
        Looked::Left => Err(Rejection::slot_taken().into()),
    }
}

/// What is free, and could be taken by whoever it is offered to.
async fn free(tx: &mut ClinicTx, now: DateTime<Utc>, wanted: &Wanted) -> Result<Vec<OpenSlot>> {
    let words = match booking::available(tx, now, wanted).await {
        Ok(found) => {
            return Ok(found.slots.into_iter().filter(|slot| slot.claim.starts_at >= now + SOONEST).collect());
        }
        Err(Error::Rejected(Rejection { code: RejectionCode::Forbidden, .. })) => {
            "Such visits are not booked on the web, so they could not take it. Please agree on a time with them."
        }
        Err(Error::Rejected(Rejection { code: RejectionCode::NotFound, .. })) => {
            "The clinic does not offer that any more."
        }
        Err(error) => return Err(error),
    };
    Err(Rejection::invalid("offer", words).into())
}

/// Somebody who may be offered a time and told of it now.
async fn reachable(tx: &mut ClinicTx, now: DateTime<Utc>, entry: Uuid) -> Result<Entry> {
    reach::check(tx, entry).await?;
    let zone = clinics::time_zone(tx).await?;
    let mut found = offering::waiting(tx, now.with_timezone(&zone).date_naive(), Some(entry)).await?;
    let over = || Rejection::invalid("offer", "The days on which they would have come are over.");
    let entry = found.pop().ok_or_else(over)?;
    reach::check_hour(tx, now, &entry).await?;
    Ok(entry)
}
